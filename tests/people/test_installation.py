"""Does a database keep what it was made for, and does opening it take two people?"""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, Refused
from offset.people import audit, installation, settings, users
from offset.people.access import SYSTEM, Actor, Role
from offset.people.installation import Mode


def person(database: Database, at: datetime, name: str, role: Role = Role.TREASURER) -> Actor:
    held = frozenset({role})
    mail = f"{name}@example.org"
    made = database.run(users.invite, actor=SYSTEM, at=at, email=mail, name=name, roles=held)
    return Actor(made, held)


def test_a_mode_is_for_ever(untold: Database, at: datetime) -> None:
    with untold.reading() as session:
        assert installation.mode(session) is None
    assert untold.run(installation.prepare, Mode.REHEARSAL, at=at) is Mode.REHEARSAL
    assert untold.run(installation.prepare, Mode.REHEARSAL, at=at) is Mode.REHEARSAL
    for other in (Mode.LIVE, Mode.DEMO):
        with pytest.raises(Refused, match="installation_mode"):
            untold.run(installation.prepare, other, at=at)

    def attack(session: Session, statement: str) -> None:
        session.execute(text(statement))

    for statement in (
        "UPDATE installation SET mode = 'live'",
        "DELETE FROM installation",
        "INSERT INTO installation (id, mode, made_at) VALUES (2, 'live', '2026-01-01')",
    ):
        with pytest.raises(DBAPIError):
            untold.run(attack, statement)


def test_a_database_with_people_in_it_is_no_new_installation(
    untold: Database, at: datetime
) -> None:
    person(untold, at, "ada")
    with pytest.raises(Refused, match="installation_used"):
        untold.run(installation.prepare, Mode.LIVE, at=at)


def test_opening_takes_two_people_and_closing_one(untold: Database, at: datetime) -> None:
    untold.run(installation.prepare, Mode.REHEARSAL, at=at)
    ada, ben = person(untold, at, "ada"), person(untold, at, "ben", Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="not_ready"):
        untold.run(installation.ask, actor=ada, at=at, reason="we start", red={"backup"})
    with pytest.raises(InvalidInput, match="reason_missing"):
        untold.run(installation.ask, actor=ada, at=at, reason=" ", red=())
    with pytest.raises(Refused, match="opening_not_asked"):
        untold.run(installation.confirm, actor=ben, at=at, red=())
    untold.run(installation.ask, actor=ada, at=at, reason="we start", red=())
    with pytest.raises(Refused, match="two_people_needed"):
        untold.run(installation.confirm, actor=ada, at=at, red=())
    with pytest.raises(Refused, match="not_ready"):
        untold.run(installation.confirm, actor=ben, at=at, red={"mail"})
    with untold.reading() as session:
        assert installation.standing(session).asked_by == ("ada",)
        assert not installation.accepting(session)
    untold.run(installation.confirm, actor=ben, at=at, red=())
    with pytest.raises(Refused, match="already_open"):
        untold.run(installation.ask, actor=ben, at=at, reason="again", red=())
    with untold.reading() as session:
        stands = installation.standing(session)
        trail = audit.trail(session, object_type="setting", object_id="accepting")
    assert (stands.open, stands.by, stands.asked_by) == (True, "ben", ())
    assert {line.action for line in trail} == {"opening.asked", "setting.changed"}
    untold.run(installation.close, actor=ada, at=at, reason="the bank is down")
    with pytest.raises(Refused, match="already_closed"):
        untold.run(installation.close, actor=ada, at=at, reason="the bank is down")
    # what was asked before does not count for the next opening
    with pytest.raises(Refused, match="opening_not_asked"):
        untold.run(installation.confirm, actor=ben, at=at, red=())


def test_who_has_no_right_opens_nothing(embedded: Database, at: datetime) -> None:
    clerk = person(embedded, at, "cleo", Role.CLERK)
    with pytest.raises(Forbidden):
        embedded.run(installation.ask, actor=clerk, at=at, reason="mine", red=())
    with pytest.raises(Forbidden):
        embedded.run(installation.close, actor=clerk, at=at, reason="mine")
    with pytest.raises(Forbidden):
        embedded.run(installation.confirm, actor=clerk, at=at, red=())


def test_the_database_itself_asks_for_the_second_person(untold: Database, at: datetime) -> None:
    untold.run(installation.prepare, Mode.LIVE, at=at)
    ada = person(untold, at, "ada", Role.ADMINISTRATOR)
    ben = person(untold, at, "ben")
    alone: dict[str, Any] = {"actor": ada, "at": at, "reason": "alone"}
    with pytest.raises(InvalidInput, match="setting_reserved"):
        untold.run(settings.change, "accepting", {"open": True}, **alone)
    with pytest.raises(DBAPIError, match="opening_alone"):
        untold.run(settings.write, "accepting", {"open": True}, **alone)
    untold.run(installation.ask, actor=ada, at=at, reason="we start", red=())
    with pytest.raises(DBAPIError, match="opening_alone"):
        untold.run(settings.write, "accepting", {"open": True}, **alone)
    untold.run(
        settings.write, "accepting", {"open": True}, actor=ben, at=at, reason="a second person"
    )
    with untold.reading() as session:
        assert installation.accepting(session)


def test_a_demonstration_is_open_from_its_first_day(embedded: Database) -> None:
    with embedded.reading() as session:
        assert installation.mode(session) is Mode.DEMO
        assert installation.accepting(session)
