"""Who was asked to join the house, who answered, and who may still be asked again?

An invitation holds roles in store: nothing is granted until its link was pressed, and then in the
name of whoever asked, if that person may still give roles.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.people import audit, outbox, signin, users
from offset.people.access import Actor, Right, Role, clash, may, require
from offset.people.member_models import Invitation
from offset.people.models import User

LIFE: Final = timedelta(days=7)
_LONGEST_NAME: Final = 120
# The system's own role is nobody's.
OFFERED: Final = tuple(role for role in Role if role is not Role.SYSTEM)


@dataclass(frozen=True)
class Waiting:
    """An invitation that nobody has answered."""

    id: uuid.UUID
    email: str
    name: str
    roles: tuple[Role, ...]
    sent_at: datetime
    expires_at: datetime
    made_by: str
    over: bool


def send(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    email: str,
    name: str,
    roles: Collection[Role],
    language: str = "en",
) -> uuid.UUID:
    """Ask somebody to join with certain roles; a mail carries the link that says yes.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    InvalidInput
        ``email_unreadable``, ``name_missing``, ``roles_missing``.
    Refused
        ``roles_clash``; ``own_role``: nobody invites themselves.
    Conflict
        ``person_here``: somebody with roles has this address; ``invitation_waits``.
    """
    require(actor, Right.MANAGE_PEOPLE)
    address = users.check_address(email)
    wanted = _checked(name, frozenset(roles))
    here = session.scalar(select(User).where(User.email == address))
    if here is not None:
        if here.id == actor.user_id:
            raise Refused("own_role")
        if here.disabled_at is not None or users.roles_of(session, here.id):
            raise Conflict("person_here", field="email")
    if session.scalar(_open().where(Invitation.email == address)) is not None:
        raise Conflict("invitation_waits", field="email")
    row = Invitation(
        id=uuid7(at),
        email=address,
        name=name.strip(),
        language=language,
        roles=sorted(role.value for role in wanted),
        secret_hash=b"",
        made_at=at,
        made_by=actor.user_id,
        sent_at=at,
        expires_at=at + LIFE,
    )
    _mail(session, row, at)
    session.add(row)
    session.flush()
    _note(session, "invitation.sent", row, actor=actor, at=at)
    return row.id


def send_again(session: Session, *, actor: Actor, at: datetime, invitation_id: uuid.UUID) -> None:
    """Send a new link, good for as long as the first one was; the old link ends.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``invitation_unknown``, also once it was answered or withdrawn.
    """
    require(actor, Right.MANAGE_PEOPLE)
    row = _waiting_row(session, invitation_id)
    row.sent_at, row.expires_at = at, at + LIFE
    _mail(session, row, at)
    _note(session, "invitation.sent_again", row, actor=actor, at=at)


def withdraw(session: Session, *, actor: Actor, at: datetime, invitation_id: uuid.UUID) -> None:
    """Take an invitation back: its link ends, and its address is forgotten.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``invitation_unknown``, also once it was answered or withdrawn.
    """
    require(actor, Right.MANAGE_PEOPLE)
    row = _waiting_row(session, invitation_id)
    row.withdrawn_at, row.withdrawn_by = at, actor.user_id
    row.email = row.name = None
    _note(session, "invitation.withdrawn", row, actor=actor, at=at)


def found(session: Session, secret: str, *, at: datetime) -> Waiting:
    """Read the invitation behind a link, without answering it.

    Raises
    ------
    NotFound
        ``invitation_over``: no such link, or it was used, withdrawn or is too old.
    """
    row = session.scalar(_open().where(Invitation.secret_hash == _digest(secret)))
    if row is None or row.expires_at <= at:
        raise NotFound("invitation_over")
    return _told(row, users.names(session, [row.made_by]), at)


def accept(session: Session, secret: str, *, at: datetime) -> str:
    """Say yes: the person is made, gets the roles, and this browser is signed in.

    Returns the secret of the browser.

    Raises
    ------
    NotFound
        ``invitation_over``.
    Refused
        ``invitation_void``: whoever asked may no longer give roles; ``roles_clash``.
    """
    row = session.scalar(_open().where(Invitation.secret_hash == _digest(secret)).with_for_update())
    if row is None or row.expires_at <= at:
        raise NotFound("invitation_over")
    asker = session.get_one(User, row.made_by)
    giver = Actor(asker.id, users.roles_of(session, asker.id))
    if asker.disabled_at is not None or not may(giver, Right.MANAGE_PEOPLE):
        raise Refused("invitation_void")
    user_id = users.invite(
        session,
        actor=giver,
        at=at,
        email=row.email or "",
        name=row.name or "",
        roles=frozenset(Role(one) for one in row.roles),
        language=row.language,
    )
    person = session.get_one(User, user_id)
    if person.disabled_at is not None:
        raise NotFound("invitation_over")
    person.name = person.name or row.name
    row.accepted_at, row.accepted_by = at, user_id
    row.email = row.name = None
    _note(session, "invitation.accepted", row, actor=Actor(user_id), at=at)
    return signin.begin(session, user_id, at)


def waiting(session: Session, *, at: datetime) -> tuple[Waiting, ...]:
    """List the invitations nobody has answered, the newest first."""
    rows = session.scalars(_open().order_by(Invitation.sent_at.desc(), Invitation.id.desc())).all()
    names = users.names(session, [row.made_by for row in rows])
    return tuple(_told(row, names, at) for row in rows)


def _checked(name: str, roles: frozenset[Role]) -> frozenset[Role]:
    if not name.strip() or len(name.strip()) > _LONGEST_NAME:
        raise InvalidInput("name_missing", field="name")
    if not roles or Role.SYSTEM in roles:
        raise InvalidInput("roles_missing", field="roles")
    if clash(roles):
        raise Refused("roles_clash", field="roles")
    return roles


def _open() -> Select[Invitation]:
    return select(Invitation).where(
        Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)
    )


def _waiting_row(session: Session, invitation_id: uuid.UUID) -> Invitation:
    row = session.scalar(_open().where(Invitation.id == invitation_id).with_for_update())
    if row is None:
        raise NotFound("invitation_unknown")
    return row


def _told(row: Invitation, names: dict[uuid.UUID, str], at: datetime) -> Waiting:
    return Waiting(
        row.id,
        row.email or "",
        row.name or "",
        tuple(Role(one) for one in row.roles),
        row.sent_at,
        row.expires_at,
        names.get(row.made_by, ""),
        row.expires_at <= at,
    )


def _mail(session: Session, row: Invitation, at: datetime) -> None:
    """Give the invitation a new secret and send its link."""
    secret = secrets.token_urlsafe(32)
    row.secret_hash = _digest(secret)
    outbox.enqueue(
        session,
        at=at,
        template="invitation",
        to=row.email or "",
        language=row.language,
        parameters={
            "name": row.name or "",
            "by": users.names(session, [row.made_by]).get(row.made_by, ""),
            "roles": list(row.roles),
            "path": f"/welcome/{secret}",
            "days": LIFE.days,
        },
        key=f"invitation:{uuid7(at)}",
    )


def _note(session: Session, action: str, row: Invitation, *, actor: Actor, at: datetime) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="invitation",
        object_id=row.id,
        details={"roles": ", ".join(row.roles)},
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
