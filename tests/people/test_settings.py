"""Does every change of a setting leave the older version readable?"""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput
from offset.people import audit, settings, users
from offset.people.access import SYSTEM, Actor, Role


def _administrator(database: Database, at: datetime) -> Actor:
    roles = frozenset({Role.ADMINISTRATOR})
    user_id = database.run(
        users.invite, actor=SYSTEM, at=at, email="ada@example.org", name="Ada", roles=roles
    )
    return Actor(user_id, roles)


def test_versions_follow_one_another(database: Database, at: datetime) -> None:
    ada = _administrator(database, at)
    with database.reading() as session:
        assert settings.current(session, "share_bp") == settings.Current("share_bp", 0, 500)
    database.run(settings.change, "share_bp", 400, actor=ada, at=at, reason="Board of 3 May")
    database.run(settings.change, "share_bp", 300, actor=ada, at=at, reason="Board of 4 May")
    with database.reading() as session:
        assert settings.current(session, "share_bp").value == 300
        kept = [(row.version, row.value) for row in settings.history(session, "share_bp")]
        trail = audit.trail(session, object_type="setting", object_id="share_bp")
    assert kept == [(1, 400), (2, 300)]
    assert [(line.actor, line.action) for line in trail] == [("Ada", "setting.changed")] * 2


def test_refusals(embedded: Database, at: datetime) -> None:
    ada = _administrator(embedded, at)
    with pytest.raises(InvalidInput, match="setting_unknown"):
        embedded.run(settings.change, "colour", 1, actor=ada, at=at, reason="why")
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(settings.change, "share_bp", 1, actor=ada, at=at, reason=" ")
    with pytest.raises(Forbidden):
        embedded.run(settings.change, "share_bp", 1, actor=Actor(None), at=at, reason="why")


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET action = 'x'", "DELETE FROM setting"]
)
def test_trail_and_versions_cannot_be_changed(
    database: Database, at: datetime, statement: str
) -> None:
    ada = _administrator(database, at)
    database.run(settings.change, "share_bp", 400, actor=ada, at=at, reason="Board")

    def attack(session: Session) -> None:
        session.execute(text(statement))

    with pytest.raises(DBAPIError):
        database.run(attack)
