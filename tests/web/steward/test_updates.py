"""Can a steward tell from the field, piece by piece, and does nothing come twice?"""

import hashlib
import io
import re
import uuid
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from offset.people.access import Role
from offset.projects import moderation, queries, rooms
from offset.projects.life_models import PhotoWithdrawal
from offset.projects.rooms import UpdateLine
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built
from tests.web.rooms import House, Page, Visitor, a_photo

TICKS = {"consent": "y", "no_child_faces": "y"}


def told(**changed: Any) -> dict[str, Any]:
    return {
        "title": "First cover is up",
        "body": "The rye stands **ankle high**.",
        "language": "en",
        "key": "form-1",
        **changed,
    }


def a_file(data: bytes | None = None, name: str = "IMG_0001.JPG") -> tuple[io.BytesIO, str]:
    return io.BytesIO(a_photo() if data is None else data), name


def a_running(house: House) -> Way:
    return once_built(house.database, build.admitted, at=house.at(), cast=house.people)


def lines(house: House, way: Way) -> tuple[UpdateLine, ...]:
    with house.database.reading() as session:
        return rooms.steward_project(session, house.people.steward, way.project_id).updates


def begun(steward: Visitor, way: Way, **changed: Any) -> str:
    """Save the words of an update and return the path of its page."""
    path = f"/steward/projects/{way.project_id}/updates/new"
    return steward.post(path, told(**changed)).place


def photos(page: Page) -> list[str]:
    """Name the pictures that a draft's page lists, each once."""
    return list(dict.fromkeys(re.findall(r"/photos/([0-9a-f-]{36})", page.text)))


def test_an_update_with_a_photo_waits_and_is_then_public(house: House, steward: Visitor) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}"
    assert steward.get(f"{path}/updates/new").controls()["language"] == "en"
    draft = begun(steward, way)
    assert "What is left" in steward.get(draft).plain
    alt = {"alt": "Rye between maize stubble", **TICKS}
    steward.post(f"{draft}/photos/new", {"photo": a_file(), **alt})
    assert "Rye between maize stubble" in steward.get(draft).plain
    assert steward.post(f"{draft}/hand-in").place.startswith(path)
    page = steward.get(path)
    assert "First cover is up" in page.plain
    assert "Waits for the secretariat" in page.plain
    [line] = lines(house, way)
    house.database.run(
        moderation.publish, actor=house.people.clerk, at=house.at(), update_id=line.id
    )
    with house.database.reading() as session:
        public = queries.page(session, way.slug, on=house.at().date())
    [update] = public.updates
    assert "<strong>ankle high</strong>" in update.html
    [photo] = update.photos
    assert photo.alt == "Rye between maize stubble"
    kept = house.files.get(photo.key_large)
    assert Image.open(io.BytesIO(kept)).format == "WEBP"
    assert b"secret place" not in kept
    assert "Published" in steward.get(f"/steward/updates/{line.id}").plain


def test_a_photo_of_somebody_who_no_longer_agrees_is_gone_and_its_hash_stays(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    alt = {"alt": "Rye between maize stubble", **TICKS}
    steward.post(f"{draft}/photos/new", {"photo": a_file(), **alt})
    steward.post(f"{draft}/hand-in")
    [line] = lines(house, way)
    clerk = house.visit(house.people.clerk)
    clerk.post(f"/secretariat/updates/{line.id}/publish")
    with house.database.reading() as session:
        [photo] = queries.page(session, way.slug, on=house.at().date()).updates[0].photos
    keys = (photo.key_large, photo.key_medium, photo.key_small)
    page = clerk.get(f"/secretariat/updates/{line.id}")
    [path] = re.findall(r'action="(/secretariat/updates/[^"]+/take-down)"', page.text)
    steward.post(path, {"reason": "Asked to."}, expect=403)
    clerk.post(path, {"reason": " "}, expect=422)
    clerk.get(f"/photos/{photo.key_large}")
    clerk.post(path, {"reason": "A woman in it asked us to."})
    for key in keys:
        clerk.get(f"/photos/{key}", expect=404)
    assert "Rye between maize stubble" not in clerk.get(f"/projects/{way.slug}").text
    assert "Take this photo down" not in clerk.get(f"/secretariat/updates/{line.id}").plain
    clerk.post(path, {"reason": "Again."}, expect=422)
    with house.database.reading() as session:
        [kept] = session.execute(select(PhotoWithdrawal.sha256, PhotoWithdrawal.reason)).all()
    assert tuple(kept) == (hashlib.sha256(a_photo()).hexdigest(), "A woman in it asked us to.")
    another = begun(steward, way, title="Another", key="form-9")
    again = steward.post(f"{another}/photos/new", {"photo": a_file(), **alt}, expect=422)
    assert "This photo was taken down" in again.plain


def test_the_same_form_twice_is_one_update_and_keeps_the_newest_words(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    first = begun(steward, way)
    assert begun(steward, way) == first
    assert begun(steward, way, body="The rye stands knee high.") == first
    # the answer got lost, the page was opened anew and the same words were typed again
    assert begun(steward, way, body="The rye stands knee high.", key="form-2") == first
    assert begun(steward, way, title="Another", key="form-3") != first
    assert "knee high" in steward.get(first).plain
    assert len(lines(house, way)) == 2
    steward.post(f"{first}/hand-in")
    steward.post(f"{first}/hand-in")
    assert begun(steward, way, body="Too late.") == first
    assert "Too late" not in steward.get(first).plain


def test_the_same_file_twice_is_one_photo(house: House, steward: Visitor) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    same = a_photo("red")
    steward.post(f"{draft}/photos/new", {"photo": a_file(same), "alt": "Red", **TICKS})
    steward.post(f"{draft}/photos/new", {"photo": a_file(same, "copy.jpg"), "alt": "Red", **TICKS})
    steward.post(f"{draft}/photos/new", {"photo": a_file(a_photo("blue")), "alt": "Blue", **TICKS})
    assert len(photos(steward.get(draft))) == 2
    steward.post(f"{draft}/hand-in")
    [line] = lines(house, way)
    with house.database.reading() as session:
        found = rooms.own_update(session, house.people.steward, line.id).photos
    assert sorted(found) == ["Blue", "Red"]


def test_a_photo_waits_for_its_words_and_is_not_asked_for_twice(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    waiting = steward.post(f"{draft}/photos/new", {"photo": a_file()}).place
    assert "Your photo has arrived and is kept." in steward.get(waiting).plain
    picture = steward.client.get(f"{waiting}/picture")
    assert picture.mimetype == "image/webp"
    refused = steward.post(f"{draft}/hand-in", expect=422)
    assert "Something is left" in refused.plain
    page = steward.post(waiting, {"alt": "Rye", "consent": "y"}, expect=422)
    assert page.controls()["alt"] == "Rye"
    assert "No child" in page.plain
    page = steward.post(waiting, {"alt": "Rye", "no_child_faces": "y"}, expect=422)
    assert "Confirm that the people in the picture agreed." in page.plain
    steward.post(waiting, {"alt": "Rye", **TICKS})
    steward.post(waiting, {"alt": "Winter rye", **TICKS})
    assert "Winter rye" in steward.get(draft).plain
    steward.post(f"{draft}/hand-in")
    [line] = lines(house, way)
    with house.database.reading() as session:
        assert rooms.own_update(session, house.people.steward, line.id).photos == ("Winter rye",)


def test_a_photo_may_be_left_out_and_sent_again(house: House, steward: Visitor) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    steward.post(f"{draft}/photos/new", {"photo": a_file(), "alt": "Rye", **TICKS})
    [one] = photos(steward.get(draft))
    steward.post(f"{draft}/photos/{one}/drop")
    assert photos(steward.get(draft)) == []
    steward.post(f"{draft}/photos/new", {"photo": a_file(), "alt": "Rye again", **TICKS})
    assert photos(steward.get(draft)) == [one]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no picture", "cannot be read as a photo"),
        (b"%PDF-1.7 nothing", "cannot be read as a photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be read as a photo"),
        (b"", "Choose a photo"),
    ],
)
def test_what_is_no_photo_is_refused_and_the_draft_is_kept(
    house: House, steward: Visitor, data: bytes, sentence: str
) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    page = steward.post(f"{draft}/photos/new", {"photo": a_file(data), "alt": "x"}, expect=422)
    assert sentence in page.plain
    assert 'href="#photo"' in page.text
    assert photos(steward.get(draft)) == []
    assert "ankle high" in steward.get(draft).plain


def test_a_photo_of_two_hundred_megapixels_is_refused_unread(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    written = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(written, "PNG")
    page = steward.post(f"{draft}/photos/new", {"photo": a_file(written.getvalue())}, expect=422)
    assert 'href="#photo"' in page.text
    assert photos(steward.get(draft)) == []


def test_faults_of_the_words_stand_at_their_fields(house: House, steward: Visitor) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}/updates/new"
    page = steward.post(path, told(title="", body="kept words"), expect=422)
    assert 'href="#title"' in page.text
    assert page.controls()["body"] == "kept words"
    assert page.controls()["key"] == "form-1", "the key survives, so that nothing comes twice"
    page = steward.post(path, told(title="x" * 161), expect=422)
    assert "This is longer than 160 characters." in page.plain
    assert "lost its key" in steward.post(path, told(key=""), expect=422).plain
    assert lines(house, way) == ()


def test_words_that_are_not_used_are_told_before_the_secretariat_asks(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    draft = begun(steward, way, body="This will offset flights.")
    page = steward.post(f"{draft}/hand-in", expect=422)
    assert "The secretariat would ask about these words" in page.plain
    assert "“offset”" in page.plain
    assert lines(house, way)[0].status.value == "draft"
    steward.post(f"{draft}/hand-in", {"anyway": "1"})
    assert lines(house, way)[0].status.value == "submitted"


def test_what_comes_back_is_mended_and_handed_in_again(house: House, steward: Visitor) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    steward.post(f"{draft}/hand-in")
    [line] = lines(house, way)
    assert "<form" not in steward.get(draft).text.split("<main", 1)[1]
    late = steward.post(f"{draft}/words", told(body="Too late"), expect=422)
    assert late.controls()["body"] == "Too late"
    house.database.run(
        moderation.give_back,
        actor=house.people.clerk,
        at=house.at(),
        update_id=line.id,
        note="Which field?",
    )
    assert "Which field?" in steward.get(f"/steward/projects/{way.project_id}").plain
    assert "Sent back by the secretariat: Which field?" in steward.get(draft).plain
    assert "Finish “First cover is up”" in steward.get("/steward").plain
    assert steward.get(f"{draft}/words").controls()["body"] == "The rye stands **ankle high**."
    steward.post(f"{draft}/words", told(body="On the north field."))
    steward.post(f"{draft}/hand-in")
    [again] = lines(house, way)
    assert again.status.value == "submitted"
    with house.database.reading() as session:
        seen = rooms.own_update(session, house.people.steward, line.id)
    assert seen.body == "On the north field."


def test_the_script_that_tries_again_is_told_where_to_go(house: House, steward: Visitor) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}/updates/new"
    answer = steward.client.post(
        path, data={"csrf_token": steward.token(), **told()}, headers={"X-Steady": "1"}
    )
    assert answer.status_code == 204
    assert answer.headers["X-Next"].startswith("/steward/updates/")
    assert "Location" not in answer.headers


def test_updates_of_others_are_not_there(house: House, steward: Visitor) -> None:
    way = a_running(house)
    draft = begun(steward, way)
    waiting = steward.post(f"{draft}/photos/new", {"photo": a_file()}).place
    other = house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    stranger = house.visit(other)
    for path in (draft, f"{draft}/words", f"{draft}/photos/new", waiting, f"{waiting}/picture"):
        stranger.get(path, 404)
    for path, data in (
        (f"{draft}/words", told()),
        (f"{draft}/hand-in", {}),
        (f"{draft}/photos/new", {"photo": a_file()}),
        (waiting, {"alt": "x", **TICKS}),
        (f"{waiting}/drop", {}),
    ):
        stranger.post(path, data, expect=404)
    steward.get(f"/steward/updates/{uuid.UUID(int=4)}", 404)
    house.visit(house.people.reviewer).get(draft, 403)
