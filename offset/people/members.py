"""Who belongs to the house, with which roles, since when, and is their phone set up?"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people import recovery, users
from offset.people.access import STAFF, Role
from offset.people.models import Login, RoleGrant, SecondFactor, User


@dataclass(frozen=True)
class Member:
    """A person with a role, as the list of people shows one."""

    id: uuid.UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    phone_since: datetime | None
    seen_at: datetime | None
    disabled_at: datetime | None

    @property
    def needs_phone(self) -> bool:
        """Whether a second factor is required and none is set up."""
        return self.phone_since is None and bool(frozenset(self.roles) & STAFF)


@dataclass(frozen=True)
class Grant:
    """A role that a person holds or held: from whom, since when, until when."""

    role: Role
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None
    revoked_by: str


@dataclass(frozen=True)
class MemberPage:
    """Everything an administrator looks at before changing something of a person."""

    member: Member
    created_at: datetime
    affiliation: str
    grants: tuple[Grant, ...]
    codes_left: int


def listing(session: Session) -> tuple[Member, ...]:
    """List everybody who holds or held a role, by name; closed accounts last."""
    once = select(RoleGrant.user_id)
    return _members(session, User.id.in_(once))


def page(session: Session, user_id: uuid.UUID) -> MemberPage:
    """Read one person.

    Raises
    ------
    NotFound
        ``person_unknown``, also for somebody who never had a role: givers are no members.
    """
    found = _members(session, (User.id == user_id) & User.id.in_(select(RoleGrant.user_id)))
    if not found:
        raise NotFound("person_unknown")
    row = session.get_one(User, user_id)
    return MemberPage(
        member=found[0],
        created_at=row.created_at,
        affiliation=row.affiliation or "",
        grants=_grants(session, user_id),
        codes_left=recovery.left(session, user_id=user_id),
    )


def _members(session: Session, which: ColumnElement[bool]) -> tuple[Member, ...]:
    seen = (
        select(Login.user_id, func.max(Login.seen_at).label("seen_at"))
        .group_by(Login.user_id)
        .subquery()
    )
    rows = session.execute(
        select(User, SecondFactor.confirmed_at, seen.c.seen_at)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .outerjoin(seen, seen.c.user_id == User.id)
        .where(which, User.email.is_not(None))
        .order_by(User.disabled_at.is_not(None), User.name, User.id)
    ).all()
    held: dict[uuid.UUID, list[Role]] = defaultdict(list)
    for user_id, role in session.execute(
        select(RoleGrant.user_id, RoleGrant.role)
        .where(RoleGrant.revoked_at.is_(None))
        .where(RoleGrant.user_id.in_(select(User.id).where(which)))
    ):
        held[user_id].append(role)
    order = list(Role)
    return tuple(
        Member(
            user.id,
            user.name or "",
            user.email or "",
            tuple(sorted(held[user.id], key=order.index)),
            phone,
            last,
            user.disabled_at,
        )
        for user, phone, last in rows
    )


def _grants(session: Session, user_id: uuid.UUID) -> tuple[Grant, ...]:
    rows = session.scalars(
        select(RoleGrant).where(RoleGrant.user_id == user_id).order_by(RoleGrant.id.desc())
    ).all()
    people = {one for row in rows for one in (row.granted_by, row.revoked_by) if one}
    names = users.names(session, people)
    return tuple(
        Grant(
            row.role,
            row.granted_at,
            names.get(row.granted_by, "") if row.granted_by else "",
            row.revoked_at,
            names.get(row.revoked_by, "") if row.revoked_by else "",
        )
        for row in rows
    )
