"""Which project gets which cent of a gift, by which rule, and who decided it?

A gift goes first to the projects its donor chose, up to their room; the rest follows the donor's
word. Money of a fund, the pool or a theme's, is spread by the weights of a policy that two people
set, in epochs that two people open. Everything that spends a currency's gifts waits for the lock
on the pool's account, since projects' caps are shared by all of it.

A gift in dispute reaches the projects it names and nothing else: whether we heard of the gift or
of its dispute first must not tell in the books. What it gave there is not paid out meanwhile.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import NotFound, Refused
from offset.giving import donations
from offset.giving.apportionment import Cut, award, pooled, split
from offset.giving.directives import fund, fund_of, weights_of
from offset.giving.epochs import (
    Room,
    close_changed,
    hold_pool,
    open_epoch,
    open_epochs,
    renew,
    rooms_for,
    standing_policy,
    still_holds,
    weighted,
)
from offset.giving.models import (
    AllocationEpoch,
    AllocationRow,
    Donation,
    DonationStatus,
    Overflow,
)
from offset.ledger import chart, entries, journal, known
from offset.money import Money
from offset.projects.models import Project, ProjectStatus

# A gift in another state, or one with a refund whose source is not found yet, stays still. One
# that went back whole has nothing left, unless a project gives back what the reserve had paid.
SPENDABLE: Final = frozenset(
    {
        DonationStatus.SUCCEEDED,
        DonationStatus.PARTLY_REFUNDED,
        DonationStatus.REFUNDED,
        DonationStatus.WON,
        DonationStatus.LOST,
    }
)
# What its donor named gets a gift even while its payment is in dispute; no fund spends it.
_NAMED: Final = SPENDABLE | {DonationStatus.DISPUTED}
# A project in these states takes nothing more; whoever waits for it waits in vain.
ENDED: Final = frozenset({ProjectStatus.WITHDRAWN, ProjectStatus.COMPLETED})
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
    tag: str
    policy_version: int | None
    epoch_id: uuid.UUID | None
    waiting: Money
    rows: tuple[PreviewRow, ...]
    leftover: Money


def allocate_pending(database: Database, *, at: datetime, limit: int = 200) -> int:
    """Allocate gifts with money left, one transaction each; return how many gave something.

    Runs whose projects or limits changed meanwhile are closed first.
    """
    with database.reading() as session:
        currencies = {one.currency for one in open_epochs(session)}
    for currency in sorted(currencies):
        database.run(close_changed, currency, at=at)
    with database.reading() as session:
        waiting = _can_go_on(session, at, limit)
    return sum(bool(database.run(allocate_one, one, at=at).parts) for one in waiting)


def allocate_one(session: Session, donation_id: uuid.UUID, *, at: datetime) -> Allocated:
    """Allocate what is left of one gift: as its donor said first, then by the open epoch.

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
    hold_pool(session, currency, at=at, tag=gift.fund_tag or gift.overflow_tag)
    # Read again under the lock: whoever held it may have spent the gift.
    gift = donations.locked(session, donation_id)
    parts: list[Part] = []
    for step in (_to_chosen, _to_next_project, _to_theme, _by_epoch):
        if _may_spend(gift, _NAMED if step is _to_chosen else SPENDABLE):
            parts += step(session, gift, currency, at)
    return Allocated(tuple(parts), Money(gift.unallocated, currency))


def preview(session: Session, *, at: datetime, currency: str = "EUR", tag: str = "") -> Preview:
    """Say what a fresh epoch of a fund would do with everything that waits, without doing it.

    Split gifts are looked at together, so that a project may get some cents more or less.
    """
    policy = standing_policy(session)
    epoch = open_epoch(session, currency, tag)
    rooms = rooms_for(session, currency, at)
    directed, waiting = _waiting(session, currency, rooms)
    gaps = {one: room.gap - directed.get(one, 0) for one, room in rooms.items()}
    weights = {
        one: policy.weights[str(one)]
        for one in (weighted(policy, rooms, tag) if policy is not None else ())
        if policy is not None
    }
    cut = pooled(0, waiting.get(tag, 0), weights, {one: gaps[one] for one in weights})
    rows = tuple(
        _preview_row(
            room,
            cut,
            weight=weights.get(one, 0),
            directed=directed.get(one, 0),
            currency=currency,
        )
        for one, room in rooms.items()
        if not tag or tag in room.tags
    )
    return Preview(
        currency=currency,
        tag=tag,
        policy_version=None if policy is None else policy.version,
        epoch_id=None if epoch is None else epoch.id,
        waiting=Money(waiting.get(tag, 0), currency),
        rows=rows,
        leftover=Money(cut.leftover, currency),
    )


def _can_go_on(session: Session, at: datetime, limit: int) -> tuple[uuid.UUID, ...]:
    """Find gifts that something can be done for; those that must wait hold up nobody behind."""
    waits = (Donation.unallocated > 0, *_spendable(_NAMED))
    currencies = session.scalars(select(Donation.settled_currency).where(*waits).distinct())
    ways: list[ColumnElement[bool]] = []
    for currency in filter(None, currencies.all()):
        ours = Donation.settled_currency == currency
        open_ = [one for one, room in rooms_for(session, currency, at).items() if room.gap]
        ways += [and_(ours, way) for way in _named(open_)]
        ours = and_(ours, Donation.status.in_(SPENDABLE))
        ways += [and_(ours, way) for way in _onward(session, currency, open_)]
    if not ways:
        return ()
    return tuple(
        session.scalars(
            select(Donation.id)
            .where(*waits, or_(*ways))
            .order_by(Donation.settled_at, Donation.id)
            .limit(limit)
        )
    )


def _named(open_: Sequence[uuid.UUID]) -> list[ColumnElement[bool]]:
    """Say which gifts name one of these projects as the one, or one of several, to receive them."""
    in_pool = Donation.fund_tag == ""
    several = type_coerce(Donation.split, Text)
    return [
        and_(in_pool, Donation.project_id.in_(open_)),
        *(and_(in_pool, several.contains(str(one))) for one in open_),
    ]


def _onward(
    session: Session, currency: str, open_: Sequence[uuid.UUID]
) -> list[ColumnElement[bool]]:
    """Say of which gifts of a currency the rest has somewhere to go now."""
    in_pool = Donation.fund_tag == ""
    flows = _flows()
    ways = [
        and_(in_pool, flows, Donation.overflow_project_id.in_(open_)),
        and_(in_pool, flows, Donation.overflow_tag != ""),
    ]
    for epoch in open_epochs(session):
        if epoch.currency == currency and _has_room(session, epoch):
            here = Donation.fund_tag == epoch.tag
            ways.append(here if epoch.tag else and_(here, flows))
    return ways


def _flows() -> ColumnElement[bool]:
    """Say of which gifts the rest goes on: nothing chosen, not asked to wait, or in vain."""
    ended = select(Project.id).where(Project.status.in_(ENDED))
    return or_(
        Donation.project_id.is_(None),
        Donation.overflow == Overflow.POOL,
        Donation.project_id.in_(ended),
    )


def _has_room(session: Session, epoch: AllocationEpoch) -> bool:
    awarded = session.scalar(
        select(func.coalesce(func.sum(AllocationRow.amount), 0)).where(
            AllocationRow.epoch_id == epoch.id
        )
    )
    return int(awarded or 0) < sum(int(cap) for cap in epoch.caps.values())


def _to_chosen(session: Session, gift: Donation, currency: str, at: datetime) -> list[Part]:
    """Give a gift to the projects its donor chose, as far as they have room.

    What has moved to a theme's fund stays there.
    """
    weights = weights_of(gift)
    if not weights or gift.fund_tag:
        return []
    return _cut_once(session, gift, weights, currency, at)


def _to_next_project(session: Session, gift: Donation, currency: str, at: datetime) -> list[Part]:
    """Give what no chosen project could take to the project the donor named next."""
    if gift.overflow_project_id is None or gift.fund_tag:
        return []
    return _cut_once(session, gift, {gift.overflow_project_id: 1}, currency, at)


def _cut_once(
    session: Session, gift: Donation, weights: Mapping[uuid.UUID, int], currency: str, at: datetime
) -> list[Part]:
    rooms = rooms_for(session, currency, at)
    caps = {one: rooms[one].gap if one in rooms else 0 for one in weights}
    cut = split(gift.unallocated, weights, caps)
    amounts = {one: part for one, part in cut.parts.items() if part}
    return _write(session, gift, amounts, rooms, epoch=None, at=at) if amounts else []


def _to_theme(session: Session, gift: Donation, currency: str, at: datetime) -> list[Part]:
    """Move what no chosen project could take into the fund of the theme the donor named."""
    if not gift.overflow_tag or gift.fund_tag:
        return []
    draft = entries.earmarked(
        donation_id=str(gift.id),
        on=utc_day(at),
        source=fund_of(gift, currency),
        target=fund(gift.overflow_tag, currency),
        amount=Money(gift.unallocated, currency),
    )
    journal.post(session, draft, at=at)
    gift.fund_tag = gift.overflow_tag
    session.flush()
    return []


def _by_epoch(session: Session, gift: Donation, currency: str, at: datetime) -> list[Part]:
    """Give what is left by the open epoch of its fund, renewed when shared caps ran out."""
    if _waits(session, gift):
        return []
    epoch = open_epoch(session, currency, gift.fund_tag)
    if epoch is None:
        return []
    rooms = rooms_for(session, currency, at)
    if not still_holds(session, epoch, rooms, at):
        return []
    cut = _next_cut(session, epoch, gift.unallocated)
    if any(part > rooms[one].gap for one, part in cut.parts.items()):
        epoch = renew(session, epoch, rooms, at)
        cut = _next_cut(session, epoch, gift.unallocated)
    parts = {one: part for one, part in cut.parts.items() if part}
    return _write(session, gift, parts, rooms, epoch=epoch.id, at=at) if parts else []


def _waits(session: Session, gift: Donation) -> bool:
    """Say whether a gift waits for its project; one that came to its end is waited for no more."""
    if gift.project_id is None or gift.overflow is Overflow.POOL:
        return False
    return session.get_one(Project, gift.project_id, populate_existing=True).status not in ENDED


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
        if not known.is_open(session, code):
            chart.open_account(session, code, at=at, currency=currency, project_id=one)
    draft = entries.allocation(
        epoch=_run_name(session, gift, epoch),
        donation_id=str(gift.id),
        on=utc_day(at),
        shares={
            chart.project(rooms[one].project.code, currency): Money(amount, currency)
            for one, amount in amounts.items()
        },
        fund=fund_of(gift, currency),
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
) -> tuple[dict[uuid.UUID, int], dict[str, int]]:
    """Sum what waits: for each project what its donors chose and fits, for each fund the rest."""
    words = (
        Donation.project_id,
        Donation.split,
        Donation.overflow,
        Donation.overflow_project_id,
        Donation.overflow_tag,
        Donation.fund_tag,
    )
    groups = session.execute(
        select(*words, func.sum(Donation.unallocated), _flows())
        .where(Donation.unallocated > 0, Donation.settled_currency == currency, *_spendable())
        .group_by(*words, _flows())
        .order_by(Donation.overflow.desc(), func.min(Donation.settled_at))
    )
    gaps = {one: room.gap for one, room in rooms.items()}
    rest: dict[str, int] = {}
    for project_id, parts, _overflow, next_id, next_tag, standing, total, flows in groups:
        left = int(total)
        if not standing:
            first = {project_id: 1} if project_id else dict(_ints(parts or {}))
            for weights in (first, {next_id: 1} if next_id and flows else {}):
                cut = split(left, weights, {one: gaps.get(one, 0) for one in weights})
                left = cut.leftover
                gaps |= {one: gaps.get(one, 0) - part for one, part in cut.parts.items()}
        if flows:
            tag = standing or next_tag
            rest[tag] = rest.get(tag, 0) + left
    directed = {one: room.gap - gaps[one] for one, room in rooms.items() if room.gap != gaps[one]}
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


def _spendable(
    states: frozenset[DonationStatus] = SPENDABLE,
) -> tuple[ColumnElement[bool], ...]:
    return (Donation.status.in_(states), Donation.refunded == Donation.sourced)


def _may_spend(gift: Donation, states: frozenset[DonationStatus]) -> bool:
    return gift.unallocated > 0 and gift.status in states and gift.refunded == gift.sourced


def _ints(document: Mapping[str, int]) -> list[tuple[uuid.UUID, int]]:
    return [(uuid.UUID(one), number) for one, number in document.items()]
