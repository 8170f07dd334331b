"""Is every page of the stewards' room light enough for 2G: page, styles, script, mark together?"""

import re
from http import HTTPStatus
from typing import Any

from offset.projects.questions import BLOCKS
from tests.builders import projects as build
from tests.builders import treasury
from tests.web.rooms import House, Visitor
from tests.web.steward.test_by_sheet import an_update, written
from tests.web.steward.test_updates import a_file, begun

MOST = 25_000
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
# files and pictures that a steward asks for by name, and pages of others' rows
_NO_PAGES = re.compile(r"\.xlsx$|/picture$|\.pdf$|\.csv$|/files/|\.geojson$")


def weigh(visitor: Visitor, path: str) -> int:
    return len(visitor.client.get(path, headers={"Accept-Encoding": "gzip"}).data)


def paths(house: House, known: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Every page a steward can open with what there is, and the routes left out."""
    adapter = house.app.url_map.bind("localhost")
    made, left = [], []
    for rule in house.app.url_map.iter_rules():
        if not rule.endpoint.startswith("steward.") or "GET" not in (rule.methods or ()):
            continue
        if _NO_PAGES.search(rule.rule) or not rule.arguments <= known.keys():
            left.append(rule.rule)
            continue
        told = {name: known[name] for name in rule.arguments}
        made.append(adapter.build(rule.endpoint, told))
    return sorted(set(made)), left


def test_every_page_weighs_at_most_25_kilobytes_and_fetches_no_font(
    house: House, steward: Visitor
) -> None:
    money = house.database.run(treasury.a_house, at=house.at())
    way = money.way
    payment = house.database.run(treasury.a_payment, money, at=house.at())
    draft = house.database.run(build.a_draft, at=house.at(), cast=house.people, slug="hedges")
    update = begun(steward, way).rpartition("/")[2]
    photo = steward.post(f"/steward/updates/{update}/photos/new", {"photo": a_file()}).place
    sheet = steward.post(
        f"/steward/projects/{way.project_id}/updates/sheet",
        {"file": written(an_update(steward, way))},
    ).place
    known = {
        "project_id": way.project_id,
        "update_id": update,
        "arrival_id": photo.rpartition("/")[2],
        "payment_id": payment,
        "upload_id": sheet.rpartition("/")[2],
        "organisation_id": way.organisation_id,
    }
    found, left = paths(house, known)
    found += [f"/steward/projects/{draft.project_id}/{block}" for block in BLOCKS]
    found += [f"/steward/projects/{draft.project_id}", "/sign-in/code"]
    for mine in ("/payments", "/updates/new", "/photos/new", "/words", "/sheet", "/mail"):
        assert any(mine in path for path in found), mine
    assert not [rule for rule in left if "updates" in rule and not _NO_PAGES.search(rule)]
    heavy = {}
    opened = 0
    for path in found:
        answer = steward.client.get(path)
        if answer.status_code != HTTPStatus.OK:
            # a block that this application does not have, or an address that leads on
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, path
            continue
        text = answer.get_data(as_text=True)
        opened += 1
        linked = set(_LINKED.findall(text))
        assert not [one for one in linked if one.endswith(".woff2")], path
        total = sum(weigh(steward, one) for one in (path, *linked))
        if total > MOST:
            heavy[path] = total
    assert heavy == {}
    assert opened > len(BLOCKS) + 12


def test_the_fonts_of_the_phone_are_used(steward: Visitor) -> None:
    text = steward.get("/steward").text
    sheets = [one for one in _LINKED.findall(text) if one.endswith(".css")]
    last = steward.client.get(sheets[-1]).get_data(as_text=True)
    for name in ("--serif", "--sans"):
        fonts = re.search(rf"{name}: ([^;]+);", last)
        assert fonts
        assert "Source" not in fonts[1], "a font of ours would be fetched"
