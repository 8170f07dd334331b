"""Can a steward tell from the field, with a photo, and mend what came back?"""

import io
import uuid
from typing import Any

from PIL import Image

from offset.people.access import Role
from offset.projects import queries, rooms, updates
from offset.projects.rooms import UpdateLine
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.web.rooms import House, Visitor, a_photo


def told(**changed: Any) -> dict[str, Any]:
    return {
        "title": "First cover is up",
        "body": "The rye stands **ankle high**.",
        "language": "en",
        **changed,
    }


def with_photo(**changed: Any) -> dict[str, Any]:
    return told(
        photo=(io.BytesIO(a_photo()), "IMG_0001.JPG"),
        **{"alt": "Rye between maize stubble", "consent": "y", **changed},
    )


def a_running(house: House) -> Way:
    return house.database.run(build.admitted, at=house.at(), cast=house.people)


def lines(house: House, way: Way) -> tuple[UpdateLine, ...]:
    with house.database.reading() as session:
        return rooms.steward_project(session, house.people.steward, way.project_id).updates


def test_an_update_with_a_photo_waits_and_is_then_public(house: House, steward: Visitor) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}"
    assert steward.get(f"{path}/updates/new").controls()["language"] == "en"
    steward.post(f"{path}/updates/new", with_photo())
    page = steward.get(path)
    assert "First cover is up" in page.plain
    assert "Waits for the secretariat" in page.plain
    [line] = lines(house, way)
    house.database.run(updates.publish, actor=house.people.clerk, at=house.at(), update_id=line.id)
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


def test_a_photo_needs_words_and_consent_and_is_not_asked_for_twice(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}/updates/new"
    page = steward.post(path, with_photo(alt=""), expect=422)
    assert "Say in a few words what the picture shows" in page.plain
    assert "Your photo has arrived and is kept." in page.plain
    shown = page.controls()
    assert shown["title"] == "First cover is up"
    assert shown["consent"] == "y"
    shown |= {"alt": "Rye"}
    del shown["consent"]
    page = steward.post(path, shown, expect=422)
    assert "Confirm that the people in the picture agreed." in page.plain
    assert lines(house, way) == ()
    steward.post(path, {**page.controls(), "consent": "y"})
    [line] = lines(house, way)
    with house.database.reading() as session:
        assert rooms.own_update(session, house.people.steward, line.id).photos == ("Rye",)


def test_a_kept_photo_may_be_left_out_and_not_be_forged(house: House, steward: Visitor) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}/updates/new"
    shown = steward.post(path, with_photo(alt=""), expect=422).controls()
    steward.post(path, {**shown, "drop": "y"})
    steward.post(path, told(title="Second", kept=shown["kept"][:-2] + "AA"))
    with house.database.reading() as session:
        found = [
            rooms.own_update(session, house.people.steward, line.id).photos
            for line in lines(house, way)
        ]
    assert found == [(), ()]


def test_faults_of_an_update_stand_at_their_fields(house: House, steward: Visitor) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}/updates/new"
    page = steward.post(path, told(title="", body="kept words"), expect=422)
    assert 'href="#title"' in page.text
    assert page.controls()["body"] == "kept words"
    page = steward.post(path, told(title="x" * 161), expect=422)
    assert "This is longer than 160 characters." in page.plain
    page = steward.post(path, told(photo=(io.BytesIO(b"no picture"), "a.jpg")), expect=422)
    assert "cannot be read as a photo" in page.plain
    assert 'href="#photo"' in page.text
    assert lines(house, way) == ()


def test_words_that_are_not_used_are_told_before_the_secretariat_asks(
    house: House, steward: Visitor
) -> None:
    way = a_running(house)
    path = f"/steward/projects/{way.project_id}/updates/new"
    typed = told(body="This will offset flights.")
    page = steward.post(path, typed, expect=422)
    assert "The secretariat would ask about these words" in page.plain
    assert "“offset”" in page.plain
    assert page.controls()["body"] == "This will offset flights."
    steward.post(path, {**typed, "anyway": "1"})
    assert len(lines(house, way)) == 1


def test_what_comes_back_is_mended_and_handed_in_again(house: House, steward: Visitor) -> None:
    way = a_running(house)
    steward.post(f"/steward/projects/{way.project_id}/updates/new", told())
    [line] = lines(house, way)
    waiting = f"/steward/updates/{line.id}"
    assert "<form" not in steward.get(waiting).text.split("<main", 1)[1]
    late = steward.post(waiting, told(body="Too late"), expect=422)
    assert "This update was published and cannot be changed." in late.plain
    assert late.controls()["body"] == "Too late"
    house.database.run(
        updates.give_back,
        actor=house.people.clerk,
        at=house.at(),
        update_id=line.id,
        note="Which field?",
    )
    assert "Which field?" in steward.get(f"/steward/projects/{way.project_id}").plain
    page = steward.get(waiting)
    assert "Sent back by the secretariat: Which field?" in page.plain
    assert page.controls()["body"] == "The rye stands **ankle high**."
    steward.post(waiting, with_photo(body="On the north field."))
    again = lines(house, way)[0]
    assert again.status.value == "submitted"
    with house.database.reading() as session:
        seen = rooms.own_update(session, house.people.steward, line.id)
    assert seen.body == "On the north field."
    assert len(seen.photos) == 1


def test_updates_of_others_are_not_there(house: House, steward: Visitor) -> None:
    way = a_running(house)
    steward.post(f"/steward/projects/{way.project_id}/updates/new", told())
    [line] = lines(house, way)
    other = house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    stranger = house.visit(other)
    stranger.get(f"/steward/updates/{line.id}", 404)
    stranger.post(f"/steward/updates/{line.id}", told(), expect=404)
    steward.get(f"/steward/updates/{uuid.UUID(int=4)}", 404)
    house.visit(house.people.reviewer).get(f"/steward/updates/{line.id}", 403)
