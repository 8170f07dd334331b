"""Who set the weights, which stretch of time do they hold for, and what room has a project?

One person proposes, another approves; the database holds that too. An epoch fixes policy,
projects and caps of one fund, the pool or a theme's; any change of them closes it. The weights
are the same for every fund; a theme's epoch weighs only the projects that carry the theme.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.giving import themes
from offset.giving.directives import fund
from offset.giving.models import AllocationEpoch, AllocationPolicy
from offset.ledger import balances, chart, checkpoints, known
from offset.people import audit, deputies
from offset.people.access import SYSTEM, Actor, Right, require
from offset.projects import queries as projects
from offset.projects.queries import Fundable

RULE: Final = "webster-capped"


@dataclass(frozen=True, slots=True)
class Room:
    """A project that may receive money, how much more it may hold, and the themes it carries."""

    project: Fundable
    limit: int
    gap: int
    tags: frozenset[str] = frozenset()


def propose_policy(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    weights: Mapping[uuid.UUID, int],
    reason: str,
) -> uuid.UUID:
    """Write the next version of the weights, for another person to approve.

    Raises
    ------
    Forbidden
        Without the right to prepare allocations.
    InvalidInput
        ``weights_missing``, ``weight_not_positive``, ``reason_missing``.
    """
    require(actor, Right.PREPARE_ALLOCATION)
    if not weights:
        raise InvalidInput("weights_missing", field="weights")
    if any(weight <= 0 for weight in weights.values()):
        raise InvalidInput("weight_not_positive", field="weights")
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    last = session.scalar(select(func.max(AllocationPolicy.version))) or 0
    row = AllocationPolicy(
        id=uuid7(at),
        version=last + 1,
        rule=RULE,
        weights={str(project): weight for project, weight in weights.items()},
        reason=reason.strip(),
        proposed_by=_person(actor),
        proposed_at=at,
    )
    session.add(row)
    session.flush()
    right = Right.PREPARE_ALLOCATION
    deputies.note_act(session, actor=actor, at=at, right=right, object_id=row.id)
    _trail(session, actor, at, "allocation_policy.proposed", row.id, version=row.version)
    return row.id


def approve_policy(session: Session, policy_id: uuid.UUID, *, actor: Actor, at: datetime) -> None:
    """Approve a policy as the second person: a sealed fact, and the end of every open epoch.

    Raises
    ------
    Forbidden
        Without the right to approve allocations.
    NotFound
        ``policy_unknown``.
    Refused
        ``second_person_needed``, ``already_approved``.
    """
    require(actor, Right.APPROVE_ALLOCATION)
    row = session.get(AllocationPolicy, policy_id, with_for_update=True)
    if row is None:
        raise NotFound("policy_unknown")
    _second(session, actor, row)
    row.approved_by, row.approved_at = actor.user_id, at
    session.flush()
    for epoch in open_epochs(session):
        hold_pool(session, epoch.currency, at=at)
        session.refresh(epoch)
        if epoch.closed_at is None:
            close(session, epoch, "policy_changed", at=at)
    content = {"version": row.version, "rule": row.rule, "weights": row.weights}
    checkpoints.seal_fact(session, kind="policy", fact_id=row.id, content=content, at=at)
    _trail(session, actor, at, "allocation_policy.approved", row.id, version=row.version)


def standing_policy(session: Session) -> AllocationPolicy | None:
    """Return the approved policy with the highest version."""
    return session.scalars(
        select(AllocationPolicy)
        .where(AllocationPolicy.approved_by.is_not(None))
        .order_by(AllocationPolicy.version.desc())
        .limit(1)
    ).first()


def propose_epoch(
    session: Session, *, actor: Actor, at: datetime, currency: str = "EUR", tag: str = ""
) -> uuid.UUID:
    """Prepare an epoch of a fund from the standing policy and the projects that may receive.

    Raises
    ------
    Forbidden
        Without the right to prepare allocations.
    Refused
        ``policy_missing``, ``nothing_to_fund``.
    """
    require(actor, Right.PREPARE_ALLOCATION)
    policy = standing_policy(session)
    if policy is None:
        raise Refused("policy_missing")
    rooms = weighted(policy, rooms_for(session, currency, at), tag)
    if not rooms:
        raise Refused("nothing_to_fund", currency=currency)
    row = AllocationEpoch(
        id=uuid7(at),
        policy_id=policy.id,
        currency=currency,
        tag=tag,
        weights={str(one): policy.weights[str(one)] for one in rooms},
        limits={str(one): room.limit for one, room in rooms.items()},
        caps={str(one): room.gap for one, room in rooms.items()},
        proposed_by=_person(actor),
        proposed_at=at,
    )
    session.add(row)
    session.flush()
    right = Right.PREPARE_ALLOCATION
    deputies.note_act(session, actor=actor, at=at, right=right, object_id=row.id)
    _trail(session, actor, at, "allocation_epoch.proposed", row.id, policy=policy.version, tag=tag)
    return row.id


def approve_epoch(session: Session, epoch_id: uuid.UUID, *, actor: Actor, at: datetime) -> None:
    """Open an epoch as the second person, with fresh caps; the one before it closes.

    Raises
    ------
    Forbidden
        Without the right to approve allocations.
    NotFound
        ``epoch_unknown``.
    Refused
        ``second_person_needed``, ``already_approved``, ``epoch_stale`` when projects, targets or
        the policy changed since it was prepared.
    """
    require(actor, Right.APPROVE_ALLOCATION)
    row = session.get(AllocationEpoch, epoch_id)
    if row is None:
        raise NotFound("epoch_unknown")
    hold_pool(session, row.currency, at=at)
    session.refresh(row)
    _second(session, actor, row)
    policy = standing_policy(session)
    if policy is None or policy.id != row.policy_id or row.closed_at is not None:
        raise Refused("epoch_stale")
    rooms = weighted(policy, rooms_for(session, row.currency, at), row.tag)
    if {str(one): room.limit for one, room in rooms.items()} != row.limits:
        raise Refused("epoch_stale")
    before = open_epoch(session, row.currency, row.tag)
    if before is not None:
        close(session, before, "superseded", at=at)
    row.caps = {str(one): room.gap for one, room in rooms.items()}
    row.approved_by, row.opened_at = actor.user_id, at
    session.flush()
    _trail(session, actor, at, "allocation_epoch.opened", row.id, policy=policy.version)


def open_epoch(session: Session, currency: str, tag: str = "") -> AllocationEpoch | None:
    """Return the epoch that is open for a fund."""
    return session.scalars(
        select(AllocationEpoch).where(
            AllocationEpoch.currency == currency,
            AllocationEpoch.tag == tag,
            AllocationEpoch.opened_at.is_not(None),
            AllocationEpoch.closed_at.is_(None),
        )
    ).first()


def open_epochs(session: Session) -> tuple[AllocationEpoch, ...]:
    """Return every epoch that is open, in the order in which they began."""
    return tuple(
        session.scalars(
            select(AllocationEpoch)
            .where(AllocationEpoch.opened_at.is_not(None), AllocationEpoch.closed_at.is_(None))
            .order_by(AllocationEpoch.id)
        )
    )


def hold_pool(session: Session, currency: str, *, at: datetime, tag: str = "") -> None:
    """Make every other spender of a currency's gifts wait for this transaction.

    Projects' caps are shared by all funds of a currency, so one lock serves them all.
    """
    codes = sorted({chart.pool(currency), fund(tag, currency)})
    for code in codes:
        if not known.is_open(session, code):
            chart.open_account(session, code, at=at, currency=currency)
    balances.lock(session, codes)


def rooms_for(session: Session, currency: str, at: datetime) -> dict[uuid.UUID, Room]:
    """Find every project that may receive money in a currency, and its room."""
    open_ = {
        one.project_id: one
        for one in projects.fundable(session, utc_day(at))
        if one.target.currency == currency == one.ceiling.currency
    }
    totals = balances.project_totals(session, list(open_), currency) if open_ else {}
    rooms = {}
    for one, project in open_.items():
        limit = min(project.target.minor, project.ceiling.minor)
        gap = max(0, limit - totals[one].allocated.minor)
        rooms[one] = Room(project, limit, gap, themes.carried(project))
    return rooms


def weighted(
    policy: AllocationPolicy, rooms: Mapping[uuid.UUID, Room], tag: str = ""
) -> dict[uuid.UUID, Room]:
    """Keep the rooms of the projects that a policy weighs and a fund may go to."""
    return {
        one: room
        for one, room in rooms.items()
        if str(one) in policy.weights and (not tag or tag in room.tags)
    }


def still_holds(
    session: Session, epoch: AllocationEpoch, rooms: Mapping[uuid.UUID, Room], at: datetime
) -> bool:
    """Say whether an epoch's projects and limits are those of today; if not, close it."""
    policy = session.get_one(AllocationPolicy, epoch.policy_id)
    today = weighted(policy, rooms, epoch.tag)
    if {str(one): room.limit for one, room in today.items()} == epoch.limits:
        return True
    close(session, epoch, "portfolio_changed", at=at)
    return False


def close_changed(session: Session, currency: str, *, at: datetime) -> int:
    """Close every epoch of a currency whose projects or limits changed; return how many."""
    hold_pool(session, currency, at=at)
    ours = [one for one in open_epochs(session) if one.currency == currency]
    if not ours:
        return 0
    rooms = rooms_for(session, currency, at)
    return sum(not still_holds(session, one, rooms, at) for one in ours)


def renew(
    session: Session, epoch: AllocationEpoch, rooms: Mapping[uuid.UUID, Room], at: datetime
) -> AllocationEpoch:
    """Begin again with fresh caps: same policy, same projects, so the same two people answer."""
    close(session, epoch, "caps_shared", at=at)
    row = AllocationEpoch(
        id=uuid7(at),
        policy_id=epoch.policy_id,
        currency=epoch.currency,
        tag=epoch.tag,
        weights=epoch.weights,
        limits=epoch.limits,
        caps={one: rooms[uuid.UUID(one)].gap for one in epoch.weights},
        renews_id=epoch.id,
        proposed_by=epoch.proposed_by,
        proposed_at=at,
        approved_by=epoch.approved_by,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    _trail(session, SYSTEM, at, "allocation_epoch.renewed", row.id, renews=str(epoch.id))
    return row


def close(session: Session, epoch: AllocationEpoch, reason: str, *, at: datetime) -> None:
    """Close an epoch for good, with the reason."""
    epoch.closed_at, epoch.close_reason = at, reason
    session.flush()
    _trail(session, SYSTEM, at, "allocation_epoch.closed", epoch.id, reason=reason)


def _person(actor: Actor) -> uuid.UUID:
    if actor.user_id is None:
        raise Refused("person_needed")
    return actor.user_id


def _second(session: Session, actor: Actor, row: AllocationPolicy | AllocationEpoch) -> None:
    if row.approved_by is not None:
        raise Refused("already_approved")
    _person(actor)
    right, first = Right.APPROVE_ALLOCATION, row.proposed_by
    if deputies.both_sides(session, actor=actor, right=right, first=first, object_id=row.id):
        raise Refused("second_person_needed")


def _trail(
    session: Session, actor: Actor, at: datetime, action: str, thing: uuid.UUID, **details: object
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type=action.partition(".")[0],
        object_id=thing,
        details=details,
    )
