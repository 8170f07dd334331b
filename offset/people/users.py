"""How does somebody become part of the house, get a role, lose it, or ask to be forgotten?"""

import re
import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people import audit, notices, signin
from offset.people.access import SYSTEM, Actor, Right, Role, clash, require
from offset.people.models import RoleGrant, User

_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+", re.ASCII)
_LONGEST: Final = 254

Eraser = Callable[[Session, uuid.UUID, datetime], None]
"""What a room does when a person asks to be forgotten: (session, user id, at)."""


def invite(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    email: str,
    name: str,
    roles: frozenset[Role] = frozenset(),
    language: str = "en",
    affiliation: str | None = None,
    password: str | None = None,
) -> uuid.UUID:
    """Create a person with roles; an address that is known gets the roles it lacks.

    Raises
    ------
    Forbidden
        Without the right to manage people; the system itself may (first administrators, demo).
    InvalidInput
        ``email_unreadable``.
    Refused
        ``roles_clash``: the same person would score projects and move their money.
    """
    if actor is not SYSTEM:
        require(actor, Right.MANAGE_PEOPLE)
    address = check_address(email)
    user = session.scalar(select(User).where(User.email == address))
    if user is None:
        user = User(
            id=uuid7(at),
            email=address,
            name=name.strip(),
            language=language,
            affiliation=affiliation,
            password_hash=signin.hash_password(password) if password else None,
            created_at=at,
        )
        session.add(user)
        session.flush()
    for role in sorted(roles - roles_of(session, user.id)):
        grant(session, actor=actor, at=at, user_id=user.id, role=role)
    return user.id


def enrol(
    session: Session, *, at: datetime, email: str, name: str, language: str = "en"
) -> uuid.UUID:
    """Return the person behind an address, made without any role when new."""
    return invite(session, actor=SYSTEM, at=at, email=email, name=name, language=language)


def grant(session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, role: Role) -> None:
    """Give a person a role, never oneself.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    Refused
        ``own_role`` or ``roles_clash``.
    """
    if actor is not SYSTEM:
        require(actor, Right.MANAGE_PEOPLE)
    if actor.user_id == user_id:
        raise Refused("own_role")
    if clash(roles_of(session, user_id) | {role}):
        raise Refused("roles_clash", role=role.value)
    session.add(
        RoleGrant(id=uuid7(at), user_id=user_id, role=role, granted_at=at, granted_by=actor.user_id)
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="role.granted",
        object_type="user",
        object_id=user_id,
        details={"role": role.value},
    )


def revoke(session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, role: Role) -> None:
    """Take a role back; the next request of that person is already without it.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``role_not_held``.
    Refused
        ``own_role``.
    """
    require(actor, Right.MANAGE_PEOPLE)
    if actor.user_id == user_id:
        raise Refused("own_role")
    held = session.scalar(
        select(RoleGrant).where(
            RoleGrant.user_id == user_id, RoleGrant.role == role, RoleGrant.revoked_at.is_(None)
        )
    )
    if held is None:
        raise NotFound("role_not_held", role=role.value)
    held.revoked_at = at
    held.revoked_by = actor.user_id
    audit.record(
        session,
        at=at,
        actor=actor,
        action="role.revoked",
        object_type="user",
        object_id=user_id,
        details={"role": role.value},
    )


def set_roles(
    session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, roles: frozenset[Role]
) -> None:
    """Give a person exactly these roles; what changed is told to them by mail.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``person_unknown``.
    Refused
        ``own_role``, ``roles_clash``.
    """
    require(actor, Right.MANAGE_PEOPLE)
    _other(session, actor, user_id)
    held = roles_of(session, user_id)
    if clash(roles):
        raise Refused("roles_clash", field="roles")
    for role in sorted(held - roles):
        revoke(session, actor=actor, at=at, user_id=user_id, role=role)
    for role in sorted(roles - held - {Role.SYSTEM}):
        grant(session, actor=actor, at=at, user_id=user_id, role=role)
    if roles != held:
        notices.tell(session, user_id=user_id, what=notices.What.ROLES_CHANGED, at=at)


def disable(
    session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, reason: str
) -> None:
    """Close a person's account: they are signed out everywhere and cannot come back in.

    Their roles stay written down, count for nothing, and hold again when the account is opened.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``person_unknown``.
    Refused
        ``own_role``; ``already_disabled``.
    InvalidInput
        ``reason_missing``.
    """
    require(actor, Right.MANAGE_PEOPLE)
    person = _other(session, actor, user_id)
    if person.disabled_at is not None:
        raise Refused("already_disabled")
    told = _reason(reason)
    person.disabled_at = at
    signin.end_all(session, user_id=user_id, at=at)
    _noted(session, "person.disabled", user_id, told, actor=actor, at=at)


def enable(
    session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, reason: str
) -> None:
    """Open a closed account again.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``person_unknown``, also for somebody who asked to be forgotten.
    Refused
        ``own_role``; ``not_disabled``.
    InvalidInput
        ``reason_missing``.
    """
    require(actor, Right.MANAGE_PEOPLE)
    person = _other(session, actor, user_id)
    if person.disabled_at is None:
        raise Refused("not_disabled")
    told = _reason(reason)
    person.disabled_at = None
    _noted(session, "person.enabled", user_id, told, actor=actor, at=at)


def _other(session: Session, actor: Actor, user_id: uuid.UUID) -> User:
    """Return another person than the one who acts."""
    if actor.user_id == user_id:
        raise Refused("own_role")
    person = session.get(User, user_id, with_for_update=True)
    if person is None or person.email is None:
        raise NotFound("person_unknown")
    return person


def _reason(text: str) -> str:
    if not text.strip():
        raise InvalidInput("reason_missing", field="reason")
    return text.strip()


def _noted(
    session: Session, action: str, user_id: uuid.UUID, reason: str, *, actor: Actor, at: datetime
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="user",
        object_id=user_id,
        details={"reason": reason},
    )


def names(session: Session, user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Read the names of people by their ids; whoever asked to be forgotten has none."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {user_id: name or "" for user_id, name in rows}


def roles_of(session: Session, user_id: uuid.UUID) -> frozenset[Role]:
    """Return the roles a person holds now."""
    return frozenset(
        session.scalars(
            select(RoleGrant.role).where(
                RoleGrant.user_id == user_id, RoleGrant.revoked_at.is_(None)
            )
        )
    )


def forget(
    session: Session, *, user_id: uuid.UUID, erasers: tuple[Eraser, ...], at: datetime
) -> None:
    """Empty a person's name and address everywhere; acts and money keep only the id.

    Raises
    ------
    NotFound
        ``person_unknown``.
    Refused
        ``staff_not_erased``: somebody with roles must hand them back first.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("person_unknown")
    if roles_of(session, user_id):
        raise Refused("staff_not_erased")
    for erase in erasers:
        erase(session, user_id, at)
    user.email = user.name = user.affiliation = user.password_hash = None
    user.disabled_at = at
    signin.end_all(session, user_id=user_id, at=at)
    audit.record(
        session, at=at, actor=SYSTEM, action="person.erased", object_type="user", object_id=user_id
    )


def acting(session: Session, email: str) -> Actor:
    """Return the person behind an address with the roles held now, for a command run for them.

    Raises
    ------
    NotFound
        ``person_unknown``.
    """
    user = session.scalar(
        select(User).where(User.email == signin.tidy(email), User.disabled_at.is_(None))
    )
    if user is None:
        raise NotFound("person_unknown")
    return Actor(user.id, roles_of(session, user.id))


def check_address(email: str) -> str:
    """Return an address as it is stored.

    Raises
    ------
    InvalidInput
        ``email_unreadable``.
    """
    address = signin.tidy(email)
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise InvalidInput("email_unreadable", field="email")
    return address
