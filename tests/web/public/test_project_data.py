"""Do downloads and feeds hold what the pages say, with a licence, rounded, and conditional?"""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.projects import assessments
from offset.reports import project_data
from tests.builders import portfolio as many
from tests.builders import soil
from tests.builders.giving import Given
from tests.builders.projects import Way
from tests.web.public.conftest import statements
from tests.web.public.test_estimate import plain, text_of

ATOM = "{http://www.w3.org/2005/Atom}"
FILES = ("/projects.csv", "/projects.json", "/projects.geojson")
OWN = tuple(f"/projects/green-bridges{end}" for end in (".csv", ".json", ".geojson"))


def rows(client: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_the_portfolio_s_files_say_what_the_list_says(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    (row,) = rows(client, "/projects.csv")
    assert list(row) == [column.name for column in project_data.COLUMNS]
    assert (row["project"], row["allocated"], row["currency"]) == (project.slug, "55.85", "EUR")
    told = client.get("/projects.json").get_json()
    assert told["licence"] == "CC BY 4.0"
    assert told["projects"][0]["target"] == "51000.00"
    places = client.get("/projects.geojson").get_json()
    longitude, latitude = places["features"][0]["geometry"]["coordinates"]
    assert (latitude, longitude) != (43.3, -0.4)
    assert abs(latitude - 43.3) < 0.1
    assert places["features"][0]["properties"]["position_rounded_to_km"] == 10
    assert rows(client, "/projects.csv?country=KE") == []


def test_one_project_s_files_say_what_its_page_says(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    table = rows(client, f"/projects/{project.slug}.csv")
    money = {row["name"]: row["value"] for row in table if row["kind"] == "money"}
    assert money == {"target": "51000.00", "allocated": "55.85", "paid": "0.00"}
    assert sum(row["kind"] == "indicator" for row in table) == 3
    told = client.get(f"/projects/{project.slug}.json").get_json()
    assert told["money"]["needed"] == "50944.15"
    assert told["assessment"]["recusals"] == 0
    place = client.get(f"/projects/{project.slug}.geojson").get_json()
    assert (place["type"], place["licence"]) == ("Feature", "CC BY 4.0")


@pytest.mark.usefixtures("project")
def test_a_file_names_its_licence_and_is_not_sent_twice(client: FlaskClient) -> None:
    for path in (*FILES, *OWN, "/updates.atom", "/updates.json"):
        first = client.get(path)
        assert first.status_code == 200, path
        assert "public" in first.headers["Cache-Control"]
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b""), path
        assert path.startswith("/updates") or 'rel="license"' in first.headers["Link"]
        assert "Set-Cookie" not in first.headers


def test_no_file_of_a_project_that_is_not_public(
    client: FlaskClient, embedded: Database, project: Way, at: datetime
) -> None:
    embedded.run(
        assessments.change_status,
        actor=project.cast.steward,
        at=at,
        project_id=project.project_id,
        step="withdraw",
        reason="The association dissolved.",
    )
    base = f"/projects/{project.slug}"
    for path in (*OWN, f"{base}/updates.atom", f"{base}/updates.json", "/projects/nowhere.csv"):
        assert client.get(path).status_code == 404, path
    assert client.get(f"{base}/updates").status_code == 410
    assert rows(client, "/projects.csv") == []


def test_feeds_are_valid_and_their_entries_keep_their_ids(
    client: FlaskClient, embedded: Database, project: Way, at: datetime
) -> None:
    embedded.run(many.many_updates, project, 3, at=at)
    base = f"/projects/{project.slug}"
    for path in ("/updates.atom", f"{base}/updates.atom", f"/fr{base}/updates.atom"):
        feed = ET.fromstring(text_of(client, path))  # noqa: S314 - written by us
        assert feed.tag == f"{ATOM}feed"
        for name in ("id", "title", "updated", "author"):
            assert feed.find(f"{ATOM}{name}") is not None, name
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == 3
        ids = {entry.findtext(f"{ATOM}id") for entry in entries}
        assert len(ids) == 3
        assert all(one and one.startswith("tag:localhost,2026:update:") for one in ids)
        content = entries[0].findtext(f"{ATOM}content")
        assert content == "<p>Rain came.</p>"
    told = client.get(f"{base}/updates.json").get_json()
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["items"][0]["url"].startswith(f"http://localhost{base}/updates/")
    path = told["items"][0]["url"].removeprefix("http://localhost")
    assert "Rain came." in text_of(client, path)
    since = client.get("/updates.atom").headers["Last-Modified"]
    assert client.get("/updates.atom", headers={"If-Modified-Since": since}).status_code == 304


def test_feeds_tell_what_was_measured_also_when_it_is_a_loss(
    client: FlaskClient, embedded: Database, project: Way, at: datetime
) -> None:
    later = at + timedelta(days=3)
    embedded.run(soil.projected, project, at=at - timedelta(days=100))
    first = embedded.run(soil.a_loss, project, at=at)
    why = {"supersedes_id": first, "reason": "A scale of the laboratory was off."}
    embedded.run(soil.a_loss, project, at=later, **why)
    base = f"/projects/{project.slug}"
    newest, oldest = client.get(f"{base}/updates.json").get_json()["items"]
    assert newest["tags"] == oldest["tags"] == ["measurement"]
    assert newest["title"].endswith(": the soil was measured")
    assert newest["url"] == f"http://localhost{base}#outcomes-heading"
    assert "Loss measured after 5 years: -2.0 tC/ha" in newest["content_html"].replace(
        "\u2212", "-"
    )
    assert "A scale of the laboratory was off." in newest["content_html"]
    assert "Another outcome has taken the place" in oldest["content_html"]
    assert oldest["date_modified"] == newest["date_published"] == later.isoformat()
    feed = ET.fromstring(text_of(client, "/fr/updates.atom"))  # noqa: S314 - written by us
    entries = feed.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [newest["id"], oldest["id"]]
    assert feed.findtext(f"{ATOM}updated") == later.isoformat()
    assert "Perte mesurée après 5" in (entries[0].findtext(f"{ATOM}content") or "")


def test_ten_thousand_updates_and_many_cores_cost_twelve_statements_at_most(
    client: FlaskClient, embedded: Database, project: Way, at: datetime
) -> None:
    embedded.run(many.many_updates, project, 10_000, at=at)
    embedded.run(many.many_cores, project, 5_000, at=at)
    with statements(embedded) as asked:
        html = text_of(client, f"/projects/{project.slug}")
    assert len(asked) <= 12, "\n\n".join(asked)
    assert "All 10000 updates" in plain(html)
    assert html.count("Rain came.") == 10
    assert len(html) < 120_000


def test_the_timeline_is_paged_to_its_end(
    client: FlaskClient, embedded: Database, project: Way, at: datetime
) -> None:
    embedded.run(many.many_updates, project, 45, at=at)
    path, seen = f"/projects/{project.slug}/updates", []
    for _ in range(5):
        html = text_of(client, path)
        seen += [one for one in html.split("<h3>")[1:] if "Update " in one]
        if 'rel="next"' not in html:
            break
        path = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert len(seen) == 45
    for key in ("x", "2026-01-01~x", "2026-01-01T00:00:00~" + "0" * 32):
        assert client.get(f"/projects/{project.slug}/updates?after={key}").status_code == 422


def test_the_money_as_the_books_knew_it(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    base = f"/projects/{project.slug}"
    assert "€55.85" in plain(text_of(client, base))
    earlier = plain(text_of(client, f"{base}?known=2026-11-14"))
    assert "€55.85" not in earlier
    assert "as the books knew it on 14 November 2026" in earlier
    assert "€55.85" in plain(text_of(client, f"{base}?known=2026-11-15"))
    assert client.get(f"{base}?known=yesterday").status_code == 422


def test_the_page_of_open_data_explains_every_column(client: FlaskClient) -> None:
    html = text_of(client, "/data/")
    for column in (*project_data.COLUMNS, *project_data.FIGURES):
        assert f"<code>{column.name}</code>" in html
