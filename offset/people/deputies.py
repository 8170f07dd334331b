"""Who acts for whom while somebody is away, and for which act will a second person be missing?

A deputy acts in their own name, with the roles at the desk of the person who is away, between two
days. The trail says for whom. Nobody becomes both sides of one act by it: neither the deputy, nor
the person who is away.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused
from offset.people import audit
from offset.people.access import (
    RIGHTS,
    STAFF,
    TWO_PEOPLE,
    Actor,
    Right,
    Role,
    clash,
    is_other,
    may,
    person,
    require,
    stands_for,
)
from offset.people.deputy_models import Absence, DeputyAct, DeputyGrant
from offset.people.models import RoleGrant, User

# What may be lent: the desk's acts, never the care for people and settings.
LENT: Final = frozenset({Role.CLERK, Role.TREASURER, Role.APPROVER})
AHEAD: Final = timedelta(days=60)
_LONGEST: Final = timedelta(days=366)
_LONGEST_REASON: Final = 300


@dataclass(frozen=True)
class Away:
    """Days on which somebody is away."""

    id: uuid.UUID
    user_id: uuid.UUID
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Deputy:
    """Who acts for whom, between which days, and whether that was ended early."""

    id: uuid.UUID
    absent_id: uuid.UUID
    absent: str
    deputy_id: uuid.UUID
    deputy: str
    starts_on: date
    ends_on: date
    reason: str
    ended: bool


@dataclass(frozen=True)
class Lack:
    """An act of two people for which, on these days, there are not two."""

    first: Right
    second: Right
    since: date
    until: date
    away: tuple[str, ...]


def lends(
    user_id: InstrumentedAttribute[uuid.UUID] | uuid.UUID, *, on: date
) -> ColumnElement[bool]:
    """Say in SQL whether a role grant is one that a person acts with as a deputy on a day."""
    return RoleGrant.role.in_(LENT) & RoleGrant.user_id.in_(
        select(DeputyGrant.absent_id)
        .where(
            DeputyGrant.deputy_id == user_id,
            DeputyGrant.starts_on <= on,
            DeputyGrant.ends_on >= on,
            DeputyGrant.ended_at.is_(None),
        )
        # it stands in the ON of a join, where correlation has to be said
        .correlate(User)
    )


def note_absence(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    user_id: uuid.UUID,
    starts_on: date,
    ends_on: date,
) -> uuid.UUID:
    """Note when a member of the desk is away: one's own days, or anybody's by an administrator.

    Raises
    ------
    Forbidden
        ``right_missing`` for the days of others.
    NotFound
        ``person_unknown``: nobody of the desk.
    InvalidInput
        ``days_backwards``, ``days_past`` or ``days_many``.
    """
    noted_by = person(actor)
    if user_id != noted_by or not may(actor, Right.SEE_DESK):
        require(actor, Right.MANAGE_PEOPLE)
    _member(session, user_id)
    _check_days(starts_on, ends_on, today=utc_day(at))
    row = Absence(
        id=uuid7(at),
        user_id=user_id,
        starts_on=starts_on,
        ends_on=ends_on,
        noted_at=at,
        noted_by=noted_by,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="absence.noted",
        object_type="user",
        object_id=user_id,
        details={"from": starts_on.isoformat(), "to": ends_on.isoformat()},
    )
    return row.id


def take_back_absence(
    session: Session, *, actor: Actor, at: datetime, absence_id: uuid.UUID
) -> None:
    """Say that somebody is here after all.

    Raises
    ------
    Forbidden
        ``right_missing`` for the days of others.
    NotFound
        ``absence_unknown``.
    """
    row = session.get(Absence, absence_id)
    if row is None or row.taken_back_at is not None:
        raise NotFound("absence_unknown")
    if row.user_id != person(actor):
        require(actor, Right.MANAGE_PEOPLE)
    row.taken_back_at = at
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="absence.taken_back",
        object_type="user",
        object_id=row.user_id,
    )


def appoint(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    absent_id: uuid.UUID,
    deputy_id: uuid.UUID,
    starts_on: date,
    ends_on: date,
    reason: str,
) -> uuid.UUID:
    """Let one person act for another between two days, as an administrator who is neither.

    Raises
    ------
    Forbidden
        Without the right to manage people; ``same_person``: nobody appoints their own deputy, nor
        themselves.
    NotFound
        ``person_unknown``: nobody of the desk.
    InvalidInput
        ``days_backwards``, ``days_past``, ``days_many``, ``reason_missing``, ``too_long`` or
        ``deputy_oneself``.
    Refused
        ``nothing_to_lend``: the absent person has no role that a deputy takes over;
        ``roles_clash``.
    Conflict
        ``deputy_there``: somebody acts for that person on some of these days already.
    """
    require(actor, Right.MANAGE_PEOPLE)
    granted_by = person(actor)
    if absent_id == deputy_id:
        raise InvalidInput("deputy_oneself", field="deputy")
    if granted_by in {absent_id, deputy_id}:
        raise Forbidden("same_person")
    said = " ".join(reason.split())
    if not said:
        raise InvalidInput("reason_missing", field="reason")
    if len(said) > _LONGEST_REASON:
        raise InvalidInput("too_long", field="reason", longest=_LONGEST_REASON)
    _check_days(starts_on, ends_on, today=utc_day(at))
    lent = _member(session, absent_id) & LENT
    if not lent:
        raise Refused("nothing_to_lend")
    if clash(_member(session, deputy_id) | lent):
        raise Refused("roles_clash")
    if _taken(session, absent_id, starts_on, ends_on):
        raise Conflict("deputy_there")
    row = DeputyGrant(
        id=uuid7(at),
        absent_id=absent_id,
        deputy_id=deputy_id,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=said,
        granted_at=at,
        granted_by=granted_by,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="deputy.appointed",
        object_type="user",
        object_id=deputy_id,
        details={
            "for": str(absent_id),
            "from": starts_on.isoformat(),
            "to": ends_on.isoformat(),
            "roles": sorted(lent),
        },
    )
    return row.id


def end(session: Session, *, actor: Actor, at: datetime, grant_id: uuid.UUID) -> None:
    """End a deputy's days early; the next request of that person is already without them.

    Raises
    ------
    Forbidden
        ``right_missing``: only an administrator, the person who is back, or the deputy may.
    NotFound
        ``deputy_unknown``.
    """
    row = session.get(DeputyGrant, grant_id)
    if row is None or row.ended_at is not None:
        raise NotFound("deputy_unknown")
    if person(actor) not in {row.absent_id, row.deputy_id}:
        require(actor, Right.MANAGE_PEOPLE)
    row.ended_at = at
    row.ended_by = person(actor)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="deputy.ended",
        object_type="user",
        object_id=row.deputy_id,
        details={"for": str(row.absent_id)},
    )


def note_act(
    session: Session, *, actor: Actor, at: datetime, right: Right, object_id: uuid.UUID
) -> None:
    """Keep for whom a deputy did something, so that the absent person is not its other side."""
    for absent in sorted(stands_for(actor, right)):
        session.add(
            DeputyAct(
                id=uuid7(at),
                object_id=object_id,
                right=right.value,
                absent_id=absent,
                deputy_id=person(actor),
                acted_at=at,
            )
        )
    session.flush()


def both_sides(
    session: Session, *, actor: Actor, right: Right, first: uuid.UUID | None, object_id: uuid.UUID
) -> bool:
    """Say whether somebody would be both sides of one act, in their own name or another's.

    ``first`` did the step before. Whoever was away while ``first`` did it in their name is that
    side too, and so is a deputy who holds the right by no other name.
    """
    if not is_other(actor, right, first):
        return True
    behind = set(
        session.scalars(
            select(DeputyAct.absent_id).where(
                DeputyAct.object_id == object_id, DeputyAct.deputy_id == first
            )
        )
    )
    standing = stands_for(actor, right)
    return actor.user_id in behind or bool(standing and standing <= behind | {first})


def require_second(
    session: Session, *, actor: Actor, right: Right, first: uuid.UUID | None, object_id: uuid.UUID
) -> None:
    """Refuse whoever would be both sides of one act.

    Raises
    ------
    Forbidden
        ``same_person``.
    """
    if both_sides(session, actor=actor, right=right, first=first, object_id=object_id):
        raise Forbidden("same_person")


def absences(session: Session, *, on: date) -> tuple[Away, ...]:
    """List who is away on a day or later, in order of the days."""
    rows = session.execute(
        select(Absence, User.name)
        .join(User, User.id == Absence.user_id)
        .where(Absence.taken_back_at.is_(None), Absence.ends_on >= on)
        .order_by(Absence.starts_on, Absence.id)
    )
    return tuple(
        Away(row.id, row.user_id, name or "", row.starts_on, row.ends_on) for row, name in rows
    )


def listed(session: Session, *, on: date) -> tuple[Deputy, ...]:
    """List the deputies of a day and later, in order of the days."""
    rows = session.scalars(
        select(DeputyGrant)
        .where(DeputyGrant.ends_on >= on)
        .order_by(DeputyGrant.starts_on, DeputyGrant.id)
    ).all()
    known = {one for row in rows for one in (row.absent_id, row.deputy_id)}
    found = session.execute(select(User.id, User.name).where(User.id.in_(known)))
    names = {user_id: name for user_id, name in found}  # noqa: C416 - a Row is no pair to dict()
    return tuple(
        Deputy(
            id=row.id,
            absent_id=row.absent_id,
            absent=names.get(row.absent_id) or "",
            deputy_id=row.deputy_id,
            deputy=names.get(row.deputy_id) or "",
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            reason=row.reason,
            ended=row.ended_at is not None,
        )
        for row in rows
    )


def desk(session: Session) -> tuple[tuple[uuid.UUID, str], ...]:
    """List the members of the desk, for a list to choose from."""
    rows = session.execute(
        select(User.id, User.name)
        .where(User.disabled_at.is_(None))
        .where(
            User.id.in_(
                select(RoleGrant.user_id).where(
                    RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(RIGHTS[Right.SEE_DESK])
                )
            )
        )
        .order_by(User.name)
    )
    return tuple((user_id, name or "") for user_id, name in rows)


def lacking_ahead(session: Session, *, on: date, ahead: timedelta = AHEAD) -> tuple[Lack, ...]:
    """Warn of the days on which an act will lack its second person, because people are away.

    A deputy who is here stands in; an act that lacks one already without anybody away is told by
    ``readiness.lacking_pairs``.
    """
    away = absences(session, on=on)
    standing = [one for one in listed(session, on=on) if not one.ended]
    held = _held(session)
    edges = {on, on + ahead}
    spans = [
        *((one.starts_on, one.ends_on) for one in away),
        *((one.starts_on, one.ends_on) for one in standing),
    ]
    for starts_on, ends_on in spans:
        edges |= {starts_on, ends_on + timedelta(days=1)}
    days = sorted(day for day in edges if on <= day <= on + ahead)
    found: list[Lack] = []
    for since, after in pairwise(days):
        gone = {one.user_id: one.name for one in away if one.starts_on <= since <= one.ends_on}
        here = _here(held, gone, [one for one in standing if one.starts_on <= since <= one.ends_on])
        names = tuple(sorted(gone.values()))
        if names:
            until = after - timedelta(days=1)
            found.extend(
                Lack(first, second, since, until, names) for first, second in _lacking(here)
            )
    return _joined(found)


def _here(
    held: Mapping[uuid.UUID, frozenset[Role]],
    gone: Mapping[uuid.UUID, str],
    standing: Iterable[Deputy],
) -> dict[uuid.UUID, frozenset[Role]]:
    """Say which roles each person who is here acts with, lent ones beside their own."""
    here = {one: roles for one, roles in held.items() if one not in gone}
    for deputy in standing:
        if deputy.deputy_id in here and deputy.absent_id in gone:
            here[deputy.deputy_id] |= held.get(deputy.absent_id, frozenset()) & LENT
    return here


def _lacking(here: Mapping[uuid.UUID, frozenset[Role]]) -> Iterable[tuple[Right, Right]]:
    def holders(right: Right) -> set[uuid.UUID]:
        return {one for one, roles in here.items() if roles & RIGHTS[right]}

    for first, second in TWO_PEOPLE:
        one, other = holders(first), holders(second)
        if not (one and other and len(one | other) > 1):
            yield first, second


def _joined(found: list[Lack]) -> tuple[Lack, ...]:
    """Join days that follow each other for the same act and the same people."""
    joined: list[Lack] = []
    for lack in sorted(found, key=lambda one: (one.first, one.second, one.since)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and (last.first, last.second, last.away) == (lack.first, lack.second, lack.away)
            and last.until + timedelta(days=1) == lack.since
        ):
            joined[-1] = Lack(last.first, last.second, last.since, lack.until, last.away)
        else:
            joined.append(lack)
    return tuple(sorted(joined, key=lambda one: (one.since, one.first)))


def _held(session: Session) -> dict[uuid.UUID, frozenset[Role]]:
    rows = session.execute(
        select(RoleGrant.user_id, RoleGrant.role)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    held: dict[uuid.UUID, frozenset[Role]] = {}
    for user_id, role in rows:
        held[user_id] = held.get(user_id, frozenset()) | {role}
    return held


def _member(session: Session, user_id: uuid.UUID) -> frozenset[Role]:
    """Return the roles of somebody of the staff.

    Raises
    ------
    NotFound
        ``person_unknown``.
    """
    roles = _held(session).get(user_id, frozenset())
    if not roles & STAFF:
        raise NotFound("person_unknown")
    return roles


def _taken(session: Session, absent_id: uuid.UUID, starts_on: date, ends_on: date) -> bool:
    found = session.scalar(
        select(DeputyGrant.id)
        .where(DeputyGrant.absent_id == absent_id, DeputyGrant.ended_at.is_(None))
        .where(DeputyGrant.starts_on <= ends_on, DeputyGrant.ends_on >= starts_on)
        .limit(1)
    )
    return found is not None


def _check_days(starts_on: date, ends_on: date, *, today: date) -> None:
    if ends_on < starts_on:
        raise InvalidInput("days_backwards", field="ends_on")
    if ends_on < today:
        raise InvalidInput("days_past", field="ends_on")
    if ends_on - starts_on > _LONGEST:
        raise InvalidInput("days_many", field="ends_on", most=_LONGEST.days)
