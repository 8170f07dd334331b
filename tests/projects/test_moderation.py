"""Does the secretariat read of an update what will stand on the page, and nobody else?"""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Forbidden, NotFound
from offset.people.access import Role
from offset.projects import moderation, rooms, updates
from offset.projects.models import UpdateStatus
from offset.projects.ports import StoredPhoto
from tests.builders import projects as build
from tests.builders.projects import Staged, Way

PHOTO = StoredPhoto("a.webp", "b.webp", "c.webp", 1600, 900)
OTHER_PHOTO = StoredPhoto("d.webp", "e.webp", "f.webp", 1600, 900)


def tell(session: Session, way: Way, at: datetime, **said: Any) -> Any:
    given: dict[str, Any] = {"title": "The cover is up", "body": "All farms.", "language": "en"}
    return updates.tell(
        session, actor=way.cast.steward, at=at, project_id=way.project_id, **{**given, **said}
    )


def test_an_update_is_told_with_its_picture_or_not_at_all(staged: Staged, at: datetime) -> None:
    database, way = staged("admitted")
    update_id = database.run(
        tell, way, at, photo=PHOTO, alt="Rye.", consent=True, no_child_faces=True
    )
    steward, clerk = way.cast.steward, way.cast.clerk
    stranger = database.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    with database.reading() as session:
        own = rooms.own_update(session, steward, update_id)
        assert (own.line.status, own.editable, own.photos) == (
            UpdateStatus.SUBMITTED,
            False,
            ("Rye.",),
        )
        assert [one.id for one in rooms.awaiting_moderation(session, clerk)] == [update_id]
        read = moderation.text(session, clerk, update_id)
        assert (read.html, read.language, read.phrases) == ("<p>All farms.</p>", "en", ())
        assert [photo.alt for photo in read.photos] == ["Rye."]
        for actor, which, kind in (
            (stranger, update_id, NotFound),
            (steward, uuid7(at), NotFound),
            (clerk, update_id, Forbidden),
        ):
            with pytest.raises(kind):
                rooms.own_update(session, actor, which)
        with pytest.raises(NotFound, match="update_unknown"):
            moderation.text(session, clerk, uuid7(at))
        with pytest.raises(Forbidden):
            moderation.text(session, steward, update_id)
        with pytest.raises(Forbidden):
            rooms.awaiting_moderation(session, steward)
    database.run(moderation.give_back, actor=clerk, at=at, update_id=update_id, note="Which farms?")
    for photo in (None, OTHER_PHOTO):
        database.run(
            updates.tell_again,
            actor=steward,
            at=at,
            update_id=update_id,
            title="The cover is up",
            body="Carbon neutral farms.",
            language="en",
            photo=photo,
            alt="More rye.",
            consent=True,
            no_child_faces=True,
        )
        with database.reading() as session:
            read = moderation.text(session, clerk, update_id)
            assert read.phrases == ("neutral",)
        database.run(moderation.give_back, actor=clerk, at=at, update_id=update_id, note="Again.")
    assert len(read.photos) == 2
    plain = database.run(tell, way, at)
    with database.reading() as session:
        assert rooms.own_update(session, steward, plain).photos == ()
