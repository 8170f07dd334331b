"""Can nobody raise themselves, and is somebody forgotten really gone?"""

import uuid
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.people import users
from offset.people.access import SYSTEM, Actor, Role
from offset.people.models import User


def _invite(database: Database, at: datetime, name: str, *roles: Role) -> Actor:
    user_id = database.run(
        users.invite,
        actor=SYSTEM,
        at=at,
        email=f"{name}@example.org",
        name=name,
        roles=frozenset(roles),
    )
    return Actor(user_id, frozenset(roles))


def test_administrator_invites_and_others_may_not(embedded: Database, at: datetime) -> None:
    admin = _invite(embedded, at, "ada", Role.ADMINISTRATOR)
    clerk = _invite(embedded, at, "bo", Role.CLERK)
    embedded.run(users.invite, actor=admin, at=at, email="c@example.org", name="C")
    with pytest.raises(Forbidden):
        embedded.run(users.invite, actor=clerk, at=at, email="d@example.org", name="D")


def test_nobody_changes_their_own_roles(database: Database, at: datetime) -> None:
    admin = _invite(database, at, "ada", Role.ADMINISTRATOR)
    assert admin.user_id is not None
    with pytest.raises(Refused, match="own_role"):
        database.run(users.grant, actor=admin, at=at, user_id=admin.user_id, role=Role.TREASURER)
    with pytest.raises(Refused, match="own_role"):
        database.run(
            users.revoke, actor=admin, at=at, user_id=admin.user_id, role=Role.ADMINISTRATOR
        )


def test_science_and_money_are_never_one_person(embedded: Database, at: datetime) -> None:
    member = _invite(embedded, at, "mo", Role.STC_MEMBER)
    assert member.user_id is not None
    with pytest.raises(Refused, match="roles_clash"):
        embedded.run(users.grant, actor=SYSTEM, at=at, user_id=member.user_id, role=Role.CLERK)


def test_role_taken_back_is_gone(embedded: Database, at: datetime) -> None:
    admin = _invite(embedded, at, "ada", Role.ADMINISTRATOR)
    clerk = _invite(embedded, at, "bo", Role.CLERK)
    assert clerk.user_id is not None
    embedded.run(users.revoke, actor=admin, at=at, user_id=clerk.user_id, role=Role.CLERK)
    with embedded.reading() as session:
        assert users.roles_of(session, clerk.user_id) == frozenset()
    with pytest.raises(NotFound, match="role_not_held"):
        embedded.run(users.revoke, actor=admin, at=at, user_id=clerk.user_id, role=Role.CLERK)


def test_same_address_is_the_same_person(embedded: Database, at: datetime) -> None:
    first = _invite(embedded, at, "ana", Role.STEWARD)
    again = embedded.run(users.enrol, at=at, email=" ANA@example.org", name="Ana")
    assert again == first.user_id


@pytest.mark.parametrize("email", ["", "ana", "a@b", "a b@example.org", "x" * 250 + "@e.org"])
def test_unreadable_address(embedded: Database, at: datetime, email: str) -> None:
    with pytest.raises(InvalidInput, match="email_unreadable"):
        embedded.run(users.enrol, at=at, email=email, name="X")


def test_forgetting_empties_the_row_and_asks_every_room(embedded: Database, at: datetime) -> None:
    donor = _invite(embedded, at, "donor")
    assert donor.user_id is not None
    asked: list[uuid.UUID] = []

    def eraser(_session: Session, user_id: uuid.UUID, _at: datetime) -> None:
        asked.append(user_id)

    embedded.run(users.forget, user_id=donor.user_id, erasers=(eraser,), at=at)
    with embedded.reading() as session:
        row = session.get_one(User, donor.user_id)
        assert (row.email, row.name, row.disabled_at) == (None, None, at)
    assert asked == [donor.user_id]


def test_staff_is_not_erased(embedded: Database, at: datetime) -> None:
    clerk = _invite(embedded, at, "bo", Role.CLERK)
    assert clerk.user_id is not None
    with pytest.raises(Refused, match="staff_not_erased"):
        embedded.run(users.forget, user_id=clerk.user_id, erasers=(), at=at)
    with pytest.raises(NotFound, match="person_unknown"):
        embedded.run(users.forget, user_id=uuid.UUID(int=1), erasers=(), at=at)
