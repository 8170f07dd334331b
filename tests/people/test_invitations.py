"""Does nothing hold before somebody says yes, and does a link say yes once, in time?"""

from datetime import UTC, datetime, timedelta

import pytest

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.people import invitations, users
from offset.people.access import SYSTEM, Actor, Role
from offset.people.member_models import Invitation
from offset.people.models import OutboxMessage, User


def person(database: Database, at: datetime, name: str, *roles: Role) -> Actor:
    held = frozenset(roles)
    mail = f"{name}@example.org"
    made = database.run(users.invite, actor=SYSTEM, at=at, email=mail, name=name, roles=held)
    return Actor(made, held)


@pytest.fixture
def ada(embedded: Database, at: datetime) -> Actor:
    return person(embedded, at, "ada", Role.ADMINISTRATOR)


def ask(database: Database, actor: Actor, at: datetime, **changed: object) -> object:
    told = {"email": "Cleo@Example.org ", "name": "Cleo", "roles": {Role.CLERK}, **changed}
    return database.run(invitations.send, actor=actor, at=at, **told)


def secrets_of(database: Database) -> list[str]:
    with database.reading() as session:
        rows = session.query(OutboxMessage).filter_by(template="invitation")
        return [str(row.parameters["path"]).rpartition("/")[2] for row in rows]


def test_nothing_is_granted_before_the_link_was_pressed(
    embedded: Database, ada: Actor, at: datetime
) -> None:
    ask(embedded, ada, at)
    [secret] = secrets_of(embedded)
    with embedded.reading() as session:
        assert session.query(User).count() == 1
        found = invitations.found(session, secret, at=at)
    assert (found.email, found.roles, found.made_by) == ("cleo@example.org", (Role.CLERK,), "ada")
    later = at + timedelta(days=6)
    assert embedded.run(invitations.accept, secret, at=later)
    with embedded.reading() as session:
        cleo = session.query(User).filter_by(email="cleo@example.org").one()
        assert users.roles_of(session, cleo.id) == {Role.CLERK}
        row = session.query(Invitation).one()
        assert (row.email, row.name, row.accepted_by) == (None, None, cleo.id)
        assert invitations.waiting(session, at=later) == ()
    with pytest.raises(NotFound, match="invitation_over"):
        embedded.run(invitations.accept, secret, at=later)


def test_an_old_link_ends_when_it_is_sent_again(
    embedded: Database, ada: Actor, at: datetime
) -> None:
    made = ask(embedded, ada, at)
    late = at + invitations.LIFE
    with pytest.raises(NotFound):
        embedded.run(invitations.accept, secrets_of(embedded)[0], at=late)
    with embedded.reading() as session:
        [waiting] = invitations.waiting(session, at=late)
    assert waiting.over
    embedded.run(invitations.send_again, actor=ada, at=late, invitation_id=made)
    first, second = secrets_of(embedded)
    with pytest.raises(NotFound):
        embedded.run(invitations.accept, first, at=late)
    assert embedded.run(invitations.accept, second, at=late)


def test_what_was_withdrawn_is_forgotten(embedded: Database, ada: Actor, at: datetime) -> None:
    made = ask(embedded, ada, at)
    embedded.run(invitations.withdraw, actor=ada, at=at, invitation_id=made)
    for verb in (invitations.withdraw, invitations.send_again):
        with pytest.raises(NotFound, match="invitation_unknown"):
            embedded.run(verb, actor=ada, at=at, invitation_id=made)
    with pytest.raises(NotFound):
        embedded.run(invitations.accept, secrets_of(embedded)[0], at=at)
    with embedded.reading() as session:
        assert session.query(Invitation).one().email is None
    ask(embedded, ada, at)


@pytest.mark.parametrize(
    ("changed", "fault", "code"),
    [
        ({"email": "nobody"}, InvalidInput, "email_unreadable"),
        ({"email": "a\r\nb@example.org"}, InvalidInput, "email_unreadable"),
        ({"name": "  "}, InvalidInput, "name_missing"),
        ({"name": "x" * 121}, InvalidInput, "name_missing"),
        ({"roles": set()}, InvalidInput, "roles_missing"),
        ({"roles": {Role.SYSTEM}}, InvalidInput, "roles_missing"),
        ({"roles": {Role.CLERK, Role.STC_MEMBER}}, Refused, "roles_clash"),
        ({"email": "ada@example.org"}, Refused, "own_role"),
        ({"email": "ben@example.org"}, Conflict, "person_here"),
    ],
)
def test_what_cannot_be_asked(
    embedded: Database, ada: Actor, changed: dict[str, object], fault: type[OffsetError], code: str
) -> None:
    at = datetime(2026, 11, 15, 10, tzinfo=UTC)
    ben = person(embedded, at, "ben", Role.CLERK)
    with pytest.raises(fault, match=code):
        ask(embedded, ada, at, **changed)
    with pytest.raises(Forbidden):
        ask(embedded, ben, at)


def test_an_address_is_asked_once(embedded: Database, ada: Actor, at: datetime) -> None:
    ask(embedded, ada, at)
    with pytest.raises(Conflict, match="invitation_waits"):
        ask(embedded, ada, at)


def test_whoever_asked_must_still_be_allowed_to(
    embedded: Database, ada: Actor, at: datetime
) -> None:
    ben = person(embedded, at, "ben", Role.ADMINISTRATOR)
    ask(embedded, ada, at)
    embedded.run(users.revoke, actor=ben, at=at, user_id=ada.user_id, role=Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="invitation_void"):
        embedded.run(invitations.accept, secrets_of(embedded)[0], at=at)


def test_a_giver_becomes_staff_and_a_closed_account_does_not_reopen(
    embedded: Database, ada: Actor, at: datetime
) -> None:
    giver = person(embedded, at, "dora")
    ask(embedded, ada, at, email="dora@example.org", name="Dora")
    embedded.run(users.disable, actor=ada, at=at, user_id=giver.user_id, reason="asked for it")
    with pytest.raises(NotFound):
        embedded.run(invitations.accept, secrets_of(embedded)[0], at=at)
    embedded.run(users.enable, actor=ada, at=at, user_id=giver.user_id, reason="came back")
    embedded.run(invitations.accept, secrets_of(embedded)[0], at=at)
    with embedded.reading() as session:
        assert users.roles_of(session, giver.user_id) == {Role.CLERK}  # type: ignore[arg-type]
