"""Do people come and go as their organisation wants, and does each do only what the role says?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.people import users
from offset.people.access import Actor, Role
from offset.people.models import OutboxMessage, User
from offset.projects import (
    applications,
    assessments,
    attachments,
    organisation_people,
    organisations,
    rooms,
    sites,
    updates,
)
from offset.projects.application_models import OrganisationInvitation, OrganisationRole
from tests.builders import projects as build
from tests.builders.projects import Staged, Way

LEAD, WRITER, READER = OrganisationRole.LEAD, OrganisationRole.WRITER, OrganisationRole.READER


def person(session: Session, way: Way, role: OrganisationRole, at: datetime) -> Actor:
    """Somebody of the project's organisation, with a role in it."""
    actor = build.an_actor(session, Role.STEWARD, at=at, name=f"the-{role.value}")
    assert actor.user_id is not None
    organisations.add_member(
        session,
        actor=way.cast.steward,
        at=at,
        organisation_id=way.organisation_id,
        user_id=actor.user_id,
        role=role,
    )
    return actor


def invite(session: Session, way: Way, at: datetime, actor: Actor, **said: Any) -> Any:
    told: dict[str, Any] = {"email": "New@People.example", "role": WRITER, "language": "fr", **said}
    return organisation_people.invite(
        session, actor=actor, at=at, organisation_id=way.organisation_id, **told
    )


def secret_of(session: Session) -> str:
    mail = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.template == "organisation_invitation")
        .order_by(OutboxMessage.id.desc())
    ).first()
    assert mail is not None
    return str(mail.parameters["path"]).rpartition("/")[2]


def attach(session: Session, way: Way, actor: Actor, at: datetime) -> Any:
    return attachments.attach(
        session,
        actor=actor,
        at=at,
        project_id=way.project_id,
        name="a.pdf",
        media_type="application/pdf",
        size=9,
        sha256="cd" * 32,
        file_key="cd" * 32 + ".pdf",
        pages=1,
    )


ACTS: dict[str, Callable[[Session, Way, Actor, datetime], object]] = {
    "read": lambda s, way, who, _at: rooms.steward_project(s, who, way.project_id),
    "people": lambda s, way, who, at: organisation_people.people(
        s, who, way.organisation_id, at=at
    ),
    "save": lambda s, way, who, at: applications.save(
        s, actor=who, at=at, project_id=way.project_id, answers={"people": {"people_trained": 3}}
    ),
    "land": lambda s, way, who, at: sites.add(
        s, actor=who, at=at, project_id=way.project_id, text=build.a_square(10, 5, 20)
    ),
    "attach": attach,
    "begin": lambda s, way, who, at: applications.begin(
        s, actor=who, at=at, organisation_id=way.organisation_id, title="Second", language="en"
    ),
    "submit": lambda s, way, who, at: applications.submit(
        s, actor=who, at=at, project_id=way.project_id
    ),
    "withdraw": lambda s, way, who, at: assessments.change_status(
        s, actor=who, at=at, project_id=way.project_id, step="withdraw", reason="Sold."
    ),
    "invite": lambda s, way, who, at: invite(s, way, at, who),
    "change_role": lambda s, way, who, at: organisation_people.change_role(
        s,
        actor=who,
        at=at,
        organisation_id=way.organisation_id,
        user_id=way.cast.steward.user_id or who.user_id,  # type: ignore[arg-type]  # a steward has an id
        role=LEAD,
    ),
    "let_go": lambda s, way, who, at: organisation_people.leave(
        s,
        actor=who,
        at=at,
        organisation_id=way.organisation_id,
        user_id=way.cast.steward.user_id,
    ),
}
ALLOWED: dict[str, set[OrganisationRole]] = {
    "read": {LEAD, WRITER, READER},
    "people": {LEAD, WRITER, READER},
    "save": {LEAD, WRITER},
    "land": {LEAD, WRITER},
    "attach": {LEAD, WRITER},
    "begin": {LEAD, WRITER},
    "submit": {LEAD},
    "withdraw": {LEAD},
    "invite": {LEAD},
    "change_role": {LEAD},
    "let_go": {LEAD},
}


def test_the_table_of_roles_and_acts(embedded: Database, at: datetime) -> None:
    assert set(ACTS) == set(ALLOWED)
    embedded.run(build.criteria_in_force, at=at)
    way = embedded.run(build.a_draft, at=at)
    people = {role: embedded.run(person, way, role, at) for role in (LEAD, WRITER, READER)}
    stranger = embedded.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    for name, act in ACTS.items():
        for role, actor in people.items():
            assert outcome(embedded, act, way, actor, at) == (
                "done" if role in ALLOWED[name] else "organisation_role_lacks"
            ), (name, role)
        told = outcome(embedded, act, way, stranger, at)
        assert told in {"project_unknown", "organisation_unknown"}, name
        assert outcome(embedded, act, way, way.cast.clerk, at) == "right_missing", name


class _Undone(Exception):
    """Taken back after it worked, so that the next one finds the same state."""


def outcome(database: Database, act: Any, way: Way, actor: Actor, at: datetime) -> str:
    def tried(session: Session) -> None:
        act(session, way, actor, at)
        raise _Undone

    try:
        database.run(tried)
    except _Undone:
        return "done"
    except OffsetError as refusal:
        return refusal.code
    return ""


def test_a_reader_tells_nothing_from_the_field(staged: Staged, at: datetime) -> None:
    database, way = staged("admitted")
    reader = database.run(person, way, READER, at)
    with pytest.raises(Forbidden, match="organisation_role_lacks"):
        database.run(
            updates.tell,
            actor=reader,
            at=at,
            project_id=way.project_id,
            title="A day",
            body="Rain.",
            language="en",
        )


def test_a_colleague_joins_by_the_link_in_the_mail(database: Database, at: datetime) -> None:
    way = database.run(build.a_draft, at=at)
    database.run(invite, way, at, way.cast.steward)
    with database.reading() as session:
        secret = secret_of(session)
        told = organisation_people.invited(session, secret=secret, at=at)
        seen = organisation_people.people(session, way.cast.steward, way.organisation_id, at=at)
    assert (told.organisation, told.role, told.email) == (
        "Association green-bridges",
        WRITER,
        "new@people.example",
    )
    assert [one.email for one in seen.invitations] == ["new@people.example"]
    said: dict[str, Any] = {"at": at, "secret": secret, "language": "fr"}
    with pytest.raises(InvalidInput, match="name_missing"):
        database.run(organisation_people.accept, **said, name=" ")
    address = database.run(organisation_people.accept, **said, name="New Person")
    assert address == "new@people.example"
    with pytest.raises(Forbidden, match="invitation_over"):
        database.run(organisation_people.accept, **said, name="Twice")
    with database.reading() as session:
        seen = organisation_people.people(session, way.cast.steward, way.organisation_id, at=at)
        user = session.scalars(select(User).where(User.email == address)).one()
        row = session.scalars(select(OrganisationInvitation)).one()
        assert users.roles_of(session, user.id) == {Role.STEWARD}
        # the address lives in the person's own row from now on
        assert (row.email, row.accepted_by) == (None, user.id)
    assert [(one.name, one.role) for one in seen.members][1:] == [("New Person", WRITER)]
    assert seen.invitations == ()
    with pytest.raises(InvalidInput, match="member_already"):
        database.run(invite, way, at, way.cast.steward)


def test_an_invitation_ends(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    lead = way.cast.steward

    def read() -> str:
        with database.reading() as session:
            return secret_of(session)

    database.run(invite, way, at, lead)
    first = read()
    again = database.run(invite, way, at + timedelta(hours=1), lead, role=READER)
    second = read()
    late = at + timedelta(days=15)
    said: dict[str, Any] = {"actor": lead, "at": at, "organisation_id": way.organisation_id}
    for secret, on in ((first, at), (second, late), ("nonsense", at)):
        with pytest.raises(Forbidden, match="invitation_over"):
            database.run(organisation_people.accept, at=on, secret=secret, name="N", language="en")
    database.run(organisation_people.withdraw_invitation, **said, invitation_id=again)
    with pytest.raises(NotFound, match="invitation_unknown"):
        database.run(organisation_people.withdraw_invitation, **said, invitation_id=again)
    database.run(invite, way, at, lead, email="old@people.example")
    assert database.run(organisation_people.forget_old, at=at) == 0
    assert database.run(organisation_people.forget_old, at=late) == 1
    with database.reading() as session:
        held = session.scalars(select(OrganisationInvitation.email)).all()
    assert set(held) == {None}


def test_invitations_have_an_end(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")

    def many(session: Session) -> None:
        for number in range(20):
            invite(session, way, at, way.cast.steward, email=f"p{number}@people.example")

    database.run(many)
    with pytest.raises(Refused, match="too_many_invitations"):
        database.run(invite, way, at, way.cast.steward)
    with pytest.raises(InvalidInput, match="email_unreadable"):
        database.run(invite, way, at, way.cast.steward, email="nobody")


@pytest.mark.parametrize("role", [Role.CLERK, Role.STC_MEMBER])
def test_nobody_sits_on_both_sides(staged: Staged, at: datetime, role: Role) -> None:
    database, way = staged("a_draft")
    staff = database.run(build.an_actor, role, at=at, name="insider")
    database.run(invite, way, at, way.cast.steward, email="insider@people.example")
    with database.reading() as session:
        secret = secret_of(session)
    with pytest.raises(Forbidden, match="staff_no_steward"):
        database.run(organisation_people.accept, at=at, secret=secret, name="", language="en")
    with database.reading() as session:
        assert not organisations.is_member(session, staff.user_id, way.organisation_id)


def test_the_last_person_stays_and_somebody_answers(database: Database, at: datetime) -> None:
    way = database.run(build.a_draft, at=at)
    lead = way.cast.steward
    said: dict[str, Any] = {"at": at, "organisation_id": way.organisation_id}
    with pytest.raises(Refused, match="last_person"):
        database.run(organisation_people.leave, actor=lead, **said)
    writer = database.run(person, way, WRITER, at)
    with pytest.raises(Refused, match="last_lead"):
        database.run(organisation_people.leave, actor=lead, **said)
    step_down: dict[str, Any] = {"actor": lead, "user_id": lead.user_id, "role": READER, **said}
    with pytest.raises(Refused, match="last_lead"):
        database.run(organisation_people.change_role, **step_down)
    database.run(
        organisation_people.change_role, actor=lead, user_id=writer.user_id, role=LEAD, **said
    )
    database.run(organisation_people.change_role, **step_down)
    database.run(organisation_people.leave, actor=lead, **said)
    with pytest.raises(NotFound, match="organisation_unknown"):
        database.run(organisation_people.leave, actor=lead, **said)
    with pytest.raises(NotFound, match="member_unknown"):
        database.run(organisation_people.leave, actor=writer, user_id=lead.user_id, **said)
    with pytest.raises(NotFound, match="project_unknown"), database.reading() as session:
        rooms.steward_project(session, lead, way.project_id)
