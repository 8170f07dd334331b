"""Who belongs to an organisation, who asked them in, and how does somebody leave?

A colleague is invited by mail; whoever opens the link in that mail joins as the person of that
address. An organisation always keeps somebody who answers for it.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.people import audit, outbox, users
from offset.people.access import STAFF, SYSTEM, Actor, Role
from offset.people.models import User
from offset.projects import organisations
from offset.projects.application_models import OrganisationInvitation, OrganisationRole
from offset.projects.models import Organisation, OrganisationMember
from offset.projects.organisations import Duty, own_organisation

INVITATION_LIFE: Final = timedelta(days=14)
_MOST_OPEN: Final = 20
_MOST_MEMBERS: Final = 100


@dataclass(frozen=True)
class Member:
    """Somebody of an organisation, as its people see them."""

    user_id: uuid.UUID
    name: str
    email: str
    role: OrganisationRole
    added_at: datetime


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that nobody answered yet."""

    id: uuid.UUID
    email: str
    role: OrganisationRole
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class People:
    """An organisation before one of its people."""

    organisation_id: uuid.UUID
    name: str
    own_role: OrganisationRole
    members: tuple[Member, ...]
    invitations: tuple[OpenInvitation, ...]

    @property
    def leads(self) -> int:
        """How many answer for it."""
        return sum(one.role is OrganisationRole.LEAD for one in self.members)


@dataclass(frozen=True)
class Invited:
    """What somebody with a link is asked to join."""

    organisation: str
    role: OrganisationRole
    email: str


def invite(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    email: str,
    role: OrganisationRole,
    language: str,
) -> uuid.UUID:
    """Ask a colleague in by mail; a second invitation to the same address replaces the first.

    Raises
    ------
    Forbidden, NotFound
        For whoever does not lead the organisation.
    InvalidInput
        ``email_unreadable``, or ``member_already``.
    Refused
        ``too_many_invitations`` open at once, or ``too_many_members``.
    """
    organisation = own_organisation(session, actor, organisation_id, Duty.LEAD)
    address = users.check_address(email)
    members = _members(session, organisation_id)
    if address in {one.email for one in members}:
        raise InvalidInput("member_already", field="email")
    waiting = _open(session, organisation_id, at)
    if len(members) + len(waiting) >= _MOST_MEMBERS:
        raise Refused("too_many_members", highest=_MOST_MEMBERS)
    if len(waiting) >= _MOST_OPEN:
        raise Refused("too_many_invitations", highest=_MOST_OPEN)
    for before in waiting:
        if before.email == address:
            _end(before, at)
    secret = secrets.token_urlsafe(32)
    row = OrganisationInvitation(
        id=uuid7(at),
        organisation_id=organisation_id,
        email=address,
        role=role,
        secret_hash=_digest(secret),
        invited_at=at,
        invited_by=actor.user_id,
        expires_at=at + INVITATION_LIFE,
    )
    session.add(row)
    session.flush()
    names = users.names(session, [actor.user_id] if actor.user_id else [])
    outbox.enqueue(
        session,
        at=at,
        template="organisation_invitation",
        to=address,
        language=language,
        parameters={
            "organisation": organisation.name,
            "by": next(iter(names.values()), ""),
            "path": f"/steward/join/{secret}",
            "days": INVITATION_LIFE.days,
        },
        key=f"organisation-invitation:{row.id}",
    )
    _record(session, actor, at, organisation_id, "member_invited", role=role.value)
    return row.id


def withdraw_invitation(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    invitation_id: uuid.UUID,
) -> None:
    """Take an open invitation back: its link opens nothing any more.

    Raises
    ------
    Forbidden, NotFound
        ``invitation_unknown`` also for one that was answered.
    """
    own_organisation(session, actor, organisation_id, Duty.LEAD)
    row = session.get(OrganisationInvitation, invitation_id)
    if row is None or row.organisation_id != organisation_id or _ended(row):
        raise NotFound("invitation_unknown")
    _end(row, at)
    _record(session, actor, at, organisation_id, "invitation_withdrawn")


def invited(session: Session, *, secret: str, at: datetime) -> Invited:
    """Say what a link asks its holder to join.

    Raises
    ------
    Forbidden
        ``invitation_over``: answered, taken back, or too old.
    """
    row = _by_secret(session, secret, at)
    organisation = session.get_one(Organisation, row.organisation_id)
    return Invited(organisation.name, row.role, row.email or "")


def accept(session: Session, *, at: datetime, secret: str, name: str, language: str) -> str:
    """Join by a link, as the person of the address it was sent to; return that address.

    Raises
    ------
    Forbidden
        ``invitation_over``; ``staff_no_steward`` for people of the secretariat or the committee.
    InvalidInput
        ``name_missing`` of somebody who is new here.
    """
    row = _by_secret(session, secret, at)
    address = row.email or ""
    known = session.scalar(select(User).where(User.email == address))
    if known is None and not name.strip():
        raise InvalidInput("name_missing", field="name")
    user_id = users.enrol(session, at=at, email=address, name=name.strip(), language=language)
    held = users.roles_of(session, user_id)
    if held & STAFF:
        raise Forbidden("staff_no_steward")
    if Role.STEWARD not in held:
        users.grant(session, actor=SYSTEM, at=at, user_id=user_id, role=Role.STEWARD)
    taken = session.execute(
        update(OrganisationInvitation)
        .where(
            OrganisationInvitation.id == row.id,
            OrganisationInvitation.accepted_at.is_(None),
            OrganisationInvitation.withdrawn_at.is_(None),
        )
        .values(accepted_at=at, accepted_by=user_id, email=None)
        .returning(OrganisationInvitation.id)
    ).scalar_one_or_none()
    if taken is None:
        raise Forbidden("invitation_over")
    if not organisations.is_member(session, user_id, row.organisation_id):
        joining = Actor(user_id, frozenset({Role.STEWARD}))
        organisations.join(
            session, row.organisation_id, user_id, role=row.role, actor=joining, at=at
        )
    return address


def change_role(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    user_id: uuid.UUID,
    role: OrganisationRole,
) -> None:
    """Give somebody of the organisation another role.

    Raises
    ------
    Forbidden, NotFound
        For whoever does not lead it; ``member_unknown``.
    Refused
        ``last_lead``: somebody must answer for the organisation.
    """
    own_organisation(session, actor, organisation_id, Duty.LEAD)
    member = _held(session, organisation_id, user_id)
    if member.role is OrganisationRole.LEAD and role is not OrganisationRole.LEAD:
        _keep_a_lead(session, organisation_id)
    member.role = role
    session.flush()
    told = {"user": str(user_id), "role": role.value}
    _record(session, actor, at, organisation_id, "member_role_changed", **told)


def leave(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    user_id: uuid.UUID | None = None,
) -> None:
    """Leave an organisation, or let somebody go as one who leads it.

    Raises
    ------
    Forbidden, NotFound
        ``organisation_unknown`` to a stranger; ``member_unknown``.
    Refused
        ``last_person``, or ``last_lead`` of an organisation that has others.
    """
    going = user_id or actor.user_id
    duty = Duty.SEE if going == actor.user_id else Duty.LEAD
    own_organisation(session, actor, organisation_id, duty)
    if going is None:
        raise NotFound("member_unknown")
    member = _held(session, organisation_id, going)
    others = session.scalar(
        select(func.count()).where(
            OrganisationMember.organisation_id == organisation_id,
            OrganisationMember.user_id != going,
        )
    )
    if not others:
        raise Refused("last_person")
    if member.role is OrganisationRole.LEAD:
        _keep_a_lead(session, organisation_id)
    session.delete(member)
    session.flush()
    _record(session, actor, at, organisation_id, "member_left", user=str(going))


def people(session: Session, actor: Actor, organisation_id: uuid.UUID, *, at: datetime) -> People:
    """Read an organisation's people for one of them; invitations for those who lead it.

    Raises
    ------
    Forbidden, NotFound
    """
    organisation = own_organisation(session, actor, organisation_id, Duty.SEE)
    role = organisations.role_of(session, actor.user_id, organisation_id)
    leads = role is OrganisationRole.LEAD
    return People(
        organisation_id=organisation_id,
        name=organisation.name,
        own_role=role or OrganisationRole.READER,
        members=_members(session, organisation_id),
        invitations=tuple(
            OpenInvitation(row.id, row.email or "", row.role, row.invited_at, row.expires_at)
            for row in (_open(session, organisation_id, at) if leads else ())
        ),
    )


def forget_old(session: Session, *, at: datetime) -> int:
    """Take the addresses out of invitations that ran out, and return how many; a job calls this."""
    old = session.scalars(
        select(OrganisationInvitation).where(
            OrganisationInvitation.email.is_not(None),
            OrganisationInvitation.accepted_at.is_(None),
            OrganisationInvitation.expires_at <= at,
        )
    ).all()
    for row in old:
        _end(row, at)
    session.flush()
    return len(old)


def _members(session: Session, organisation_id: uuid.UUID) -> tuple[Member, ...]:
    rows = session.execute(
        select(User.id, User.name, User.email, OrganisationMember.role, OrganisationMember.added_at)
        .join(User, User.id == OrganisationMember.user_id)
        .where(OrganisationMember.organisation_id == organisation_id)
        .order_by(OrganisationMember.added_at, User.id)
    )
    return tuple(Member(row.id, row.name, row.email or "", row.role, row.added_at) for row in rows)


def _held(session: Session, organisation_id: uuid.UUID, user_id: uuid.UUID) -> OrganisationMember:
    """Return a membership; the organisation's row is locked, so that two cannot leave at once."""
    session.execute(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update()
    )
    member = session.get(OrganisationMember, (organisation_id, user_id), populate_existing=True)
    if member is None:
        raise NotFound("member_unknown")
    return member


def _keep_a_lead(session: Session, organisation_id: uuid.UUID) -> None:
    leads = session.scalar(
        select(func.count()).where(
            OrganisationMember.organisation_id == organisation_id,
            OrganisationMember.role == OrganisationRole.LEAD,
        )
    )
    if (leads or 0) < 2:  # noqa: PLR2004 - the one who goes, and one who stays
        raise Refused("last_lead")


def _open(
    session: Session, organisation_id: uuid.UUID, at: datetime
) -> tuple[OrganisationInvitation, ...]:
    rows = session.scalars(
        select(OrganisationInvitation)
        .where(
            OrganisationInvitation.organisation_id == organisation_id,
            OrganisationInvitation.accepted_at.is_(None),
            OrganisationInvitation.withdrawn_at.is_(None),
            OrganisationInvitation.expires_at > at,
        )
        .order_by(OrganisationInvitation.invited_at)
    )
    return tuple(rows)


def _by_secret(session: Session, secret: str, at: datetime) -> OrganisationInvitation:
    row = session.scalar(
        select(OrganisationInvitation).where(OrganisationInvitation.secret_hash == _digest(secret))
    )
    if row is None or _ended(row) or row.expires_at <= at or not row.email:
        raise Forbidden("invitation_over")
    return row


def _ended(row: OrganisationInvitation) -> bool:
    return row.accepted_at is not None or row.withdrawn_at is not None


def _end(row: OrganisationInvitation, at: datetime) -> None:
    row.withdrawn_at = at
    row.email = None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(
    session: Session,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    what: str,
    **details: str,
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"organisation.{what}",
        object_type="organisation",
        object_id=organisation_id,
        details=details,
    )
