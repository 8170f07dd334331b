"""Which project gets which cent of a gift, by which rule, and who decided it?

A directed gift goes to its project up to its room; the rest follows the donor's word. Pooled
money is spread by the weights of a policy that two people set, in epochs that two people open.
Everything that spends a currency's pool waits for the lock on the pool's account.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import NotFound, Refused
from offset.giving import donations
from offset.giving.apportionment import Cut, award, pooled
from offset.giving.epochs import (
    Room,
    close,
    hold_pool,
    open_epoch,
    renew,
    rooms_for,
    standing_policy,
)
from offset.giving.models import (
    AllocationEpoch,
    AllocationRow,
    Donation,
    DonationStatus,
    Overflow,
)
from offset.ledger import chart, entries, journal
from offset.money import Money

# A gift in another state, or one with a refund whose source is not found yet, stays still.
SPENDABLE: Final = frozenset(
    {
        DonationStatus.SUCCEEDED,
        DonationStatus.PARTLY_REFUNDED,
        DonationStatus.WON,
        DonationStatus.LOST,
    }
)
_DIRECTED: Final = "directed"


@dataclass(frozen=True, slots=True)
class Part:
    """What one gift gives to one project in one run."""

    project_id: uuid.UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Allocated:
    """What a run did with one gift: its parts, and what stays unallocated."""

    parts: tuple[Part, ...]
    left: Money | None


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a project would get if the epoch opened now, and why not more.

    ``why`` is ``by_weight``, ``cap_reached``, ``no_weight`` or ``not_open``.
    """

    project_id: uuid.UUID
    code: str
    title: str
    weight: int
    cap: Money
    directed: Money
    amount: Money
    room: Money
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What the next run would do: the rows, the money it spreads and what stays behind."""

    currency: str
    policy_version: int | None
    epoch_id: uuid.UUID | None
    waiting: Money
    rows: tuple[PreviewRow, ...]
    leftover: Money


def allocate_pending(database: Database, *, at: datetime, limit: int = 200) -> int:
    """Allocate gifts with money left, one transaction each; return how many gave something."""
    with database.reading() as session:
        waiting = _can_go_on(session, at, limit)
    return sum(bool(database.run(allocate_one, one, at=at).parts) for one in waiting)


def allocate_one(session: Session, donation_id: uuid.UUID, *, at: datetime) -> Allocated:
    """Allocate what is left of one gift: to its project first, then by the open epoch.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    LedgerRefused
        What the books say; for instance a project that the database's own gate refuses.
    """
    gift = session.get(Donation, donation_id)
    if gift is None:
        raise NotFound("gift_unknown")
    currency = gift.settled_currency
    if currency is None:
        return Allocated((), None)
    hold_pool(session, currency, at=at)
    # Read again under the lock: whoever held it may have spent the gift.
    gift = donations.locked(session, donation_id)
    parts: list[Part] = []
    if _may_spend(gift):
        if gift.project_id is not None:
            parts += _directed(session, gift, gift.project_id, at)
        if gift.unallocated and (gift.project_id is None or gift.overflow is Overflow.POOL):
            parts += _pooled(session, gift, at)
    return Allocated(tuple(parts), Money(gift.unallocated, currency))


def preview(session: Session, *, at: datetime, currency: str = "EUR") -> Preview:
    """Say what a fresh epoch would do with everything that waits, without doing it."""
    policy = standing_policy(session)
    epoch = open_epoch(session, currency)
    rooms = rooms_for(session, currency, at)
    directed, waiting = _waiting(session, currency, rooms)
    gaps = {one: room.gap - directed.get(one, 0) for one, room in rooms.items()}
    weights = {
        one: policy.weights[str(one)]
        for one in rooms
        if policy is not None and str(one) in policy.weights
    }
    cut = pooled(0, waiting, weights, {one: gaps[one] for one in weights})
    rows = tuple(
        _preview_row(
            room,
            cut,
            weight=weights.get(one, 0),
            directed=directed.get(one, 0),
            currency=currency,
        )
        for one, room in rooms.items()
    )
    return Preview(
        currency=currency,
        policy_version=None if policy is None else policy.version,
        epoch_id=None if epoch is None else epoch.id,
        waiting=Money(waiting, currency),
        rows=rows,
        leftover=Money(cut.leftover, currency),
    )


def _can_go_on(session: Session, at: datetime, limit: int) -> tuple[uuid.UUID, ...]:
    """Find gifts that something can be done for; those that must wait hold up nobody behind."""
    currencies = session.scalars(
        select(Donation.settled_currency).where(Donation.unallocated > 0, *_spendable()).distinct()
    )
    ways: list[ColumnElement[bool]] = []
    for currency in filter(None, currencies.all()):
        open_ = [one for one, room in rooms_for(session, currency, at).items() if room.gap]
        ours = Donation.settled_currency == currency
        ways.append(and_(ours, Donation.project_id.in_(open_)))
        epoch = open_epoch(session, currency)
        if epoch is not None and _has_room(session, epoch):
            pooled_too = or_(Donation.project_id.is_(None), Donation.overflow == Overflow.POOL)
            ways.append(and_(ours, pooled_too))
    if not ways:
        return ()
    return tuple(
        session.scalars(
            select(Donation.id)
            .where(Donation.unallocated > 0, *_spendable(), or_(*ways))
            .order_by(Donation.settled_at, Donation.id)
            .limit(limit)
        )
    )


def _has_room(session: Session, epoch: AllocationEpoch) -> bool:
    awarded = session.scalar(
        select(func.coalesce(func.sum(AllocationRow.amount), 0)).where(
            AllocationRow.epoch_id == epoch.id
        )
    )
    return int(awarded or 0) < sum(int(cap) for cap in epoch.caps.values())


def _directed(session: Session, gift: Donation, project_id: uuid.UUID, at: datetime) -> list[Part]:
    """Give a directed gift to its project as far as the project has room."""
    rooms = rooms_for(session, gift.settled_currency or gift.currency, at)
    room = rooms.get(project_id)
    if room is None or room.gap <= 0:
        return []
    amount = min(gift.unallocated, room.gap)
    return _write(session, gift, {room.project.project_id: amount}, rooms, epoch=None, at=at)


def _pooled(session: Session, gift: Donation, at: datetime) -> list[Part]:
    """Give what is left of a gift by the open epoch, renewing it when shared caps ran out."""
    currency = gift.settled_currency or gift.currency
    epoch = open_epoch(session, currency)
    if epoch is None:
        return []
    rooms = rooms_for(session, currency, at)
    if any(
        rooms.get(one) is None or rooms[one].limit != limit for one, limit in _ints(epoch.limits)
    ):
        close(session, epoch, "portfolio_changed", at=at)
        return []
    cut = _next_cut(session, epoch, gift.unallocated)
    if any(part > rooms[one].gap for one, part in cut.parts.items()):
        epoch = renew(session, epoch, rooms, at)
        cut = _next_cut(session, epoch, gift.unallocated)
    parts = {one: part for one, part in cut.parts.items() if part}
    return _write(session, gift, parts, rooms, epoch=epoch.id, at=at) if parts else []


def _next_cut(session: Session, epoch: AllocationEpoch, amount: int) -> Cut:
    """Cut the next amount of an epoch; what it holds must be what the rule says it holds."""
    weights, caps = dict(_ints(epoch.weights)), dict(_ints(epoch.caps))
    held = dict.fromkeys(weights, 0) | {
        project: int(total)
        for project, total in session.execute(
            select(AllocationRow.project_id, func.sum(AllocationRow.amount))
            .where(AllocationRow.epoch_id == epoch.id)
            .group_by(AllocationRow.project_id)
        )
    }
    before = sum(held.values())
    if award(before, weights, dict(caps)) != held:
        raise Refused("epoch_inconsistent", epoch=str(epoch.id))
    return pooled(before, amount, weights, dict(caps))


def _write(
    session: Session,
    gift: Donation,
    amounts: Mapping[uuid.UUID, int],
    rooms: Mapping[uuid.UUID, Room],
    *,
    epoch: uuid.UUID | None,
    at: datetime,
) -> list[Part]:
    """Book one gift's rows: entry, rows, postings, and what is left of the gift."""
    currency = gift.settled_currency or gift.currency
    for one in amounts:
        code = chart.project(rooms[one].project.code, currency)
        chart.open_account(session, code, at=at, currency=currency, project_id=one)
    draft = entries.allocation(
        epoch=_run_name(session, gift, epoch),
        donation_id=str(gift.id),
        on=utc_day(at),
        shares={
            chart.project(rooms[one].project.code, currency): Money(amount, currency)
            for one, amount in amounts.items()
        },
    )

    def rows(entry_id: uuid.UUID) -> None:
        session.add_all(
            AllocationRow(
                id=uuid7(at),
                entry_id=entry_id,
                donation_id=gift.id,
                project_id=one,
                epoch_id=epoch,
                amount=amount,
                decision_id=rooms[one].project.decision_id,
                admission_id=rooms[one].project.admission_id,
                created_at=at,
            )
            for one, amount in amounts.items()
        )

    journal.post(session, draft, at=at, before_postings=rows)
    gift.unallocated -= sum(amounts.values())
    session.flush()
    return [Part(one, Money(amount, currency)) for one, amount in amounts.items()]


def _run_name(session: Session, gift: Donation, epoch: uuid.UUID | None) -> str:
    """Name a run for one gift; a gift that comes back to the same run gets a number."""
    same = AllocationRow.epoch_id == epoch if epoch else AllocationRow.epoch_id.is_(None)
    earlier = session.scalar(
        select(func.count(func.distinct(AllocationRow.entry_id))).where(
            AllocationRow.donation_id == gift.id, AllocationRow.amount > 0, same
        )
    )
    run = str(epoch) if epoch else _DIRECTED
    return f"{run}.{earlier}" if earlier else run


def _waiting(
    session: Session, currency: str, rooms: Mapping[uuid.UUID, Room]
) -> tuple[dict[uuid.UUID, int], int]:
    """Sum what waits: for each project what is directed to it and fits, and the rest."""
    rows = session.execute(
        select(Donation.project_id, Donation.overflow, func.sum(Donation.unallocated))
        .where(Donation.unallocated > 0, Donation.settled_currency == currency, *_spendable())
        .group_by(Donation.project_id, Donation.overflow)
        .order_by(Donation.overflow.desc())
    )
    directed: dict[uuid.UUID, int] = {}
    rest = 0
    for project_id, overflow, total in rows:
        room = rooms.get(project_id) if project_id else None
        taken = directed.get(project_id, 0) if project_id else 0
        fits = min(int(total), max(0, room.gap - taken)) if room else 0
        if project_id and fits:
            directed[project_id] = taken + fits
        if project_id is None or overflow is Overflow.POOL:
            rest += int(total) - fits
    return directed, rest


def _preview_row(room: Room, cut: Cut, *, weight: int, directed: int, currency: str) -> PreviewRow:
    gap = room.gap - directed
    amount = cut.parts.get(room.project.project_id, 0)
    why = "no_weight" if not weight else "cap_reached" if amount == gap else "by_weight"
    return PreviewRow(
        project_id=room.project.project_id,
        code=room.project.code,
        title=room.project.title,
        weight=weight,
        cap=Money(room.gap, currency),
        directed=Money(directed, currency),
        amount=Money(amount, currency),
        room=Money(gap - amount, currency),
        why=why,
    )


def _spendable() -> tuple[ColumnElement[bool], ...]:
    return (Donation.status.in_(SPENDABLE), Donation.refunded == Donation.sourced)


def _may_spend(gift: Donation) -> bool:
    return gift.unallocated > 0 and gift.status in SPENDABLE and gift.refunded == gift.sourced


def _ints(document: Mapping[str, int]) -> list[tuple[uuid.UUID, int]]:
    return [(uuid.UUID(one), number) for one, number in document.items()]
