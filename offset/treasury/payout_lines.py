"""What is a payout made of, what of it stands in the books, and by which bank line did it come?"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import NotFound
from offset.giving.models import Donation, StripeBalanceTransaction
from offset.ledger.models import Account, Posting
from offset.money import Money
from offset.treasury.matching import Kind
from offset.treasury.models import (
    BankLine,
    Match,
    MatchItem,
    PayoutItem,
    PayoutStatus,
    StripePayout,
    Unmatch,
)
from offset.treasury.open_items import on_the_way, statuses

_GIFT: Final = "charge"


@dataclass(frozen=True)
class Group:
    """The movements of one category inside a payout."""

    category: str
    count: int
    amount: Money
    fee: Money
    net: Money


@dataclass(frozen=True, kw_only=True)
class PayoutLine:
    """A payout with what it is made of, and what of it stands in the books."""

    id: uuid.UUID
    payout_id: str
    status: str
    itemised: bool
    amount: Money
    arrival_on: date
    groups: tuple[Group, ...]
    booked: Money
    missing: int
    # Set while no bank line was found for it.
    made_on: date | None = None

    def days_under_way(self, on: date) -> int | None:
        """Count the days since it was made; None when it arrived, failed or was cancelled."""
        return None if self.made_on is None else (on - self.made_on).days

    @property
    def expected(self) -> Money:
        """The sum of its movements, net."""
        return sum((group.net for group in self.groups), start=Money(0, self.amount.currency))

    @property
    def gifts(self) -> int:
        """How many gifts it carries."""
        return sum(group.count for group in self.groups if group.category == _GIFT)

    @property
    def difference(self) -> Money:
        """What the books lack of the payout, once the processor has itemised it."""
        return self.amount - self.booked if self.itemised else Money(0, self.amount.currency)


@dataclass(frozen=True, kw_only=True)
class PayoutItemView:
    """One movement of a payout, with its gift and its journal entry where there are any."""

    txn_id: str
    category: str
    created_at: datetime
    source_id: str | None
    amount: Money
    fee: Money
    net: Money
    entry_id: uuid.UUID | None
    donation_id: uuid.UUID | None
    reference: str | None


@dataclass(frozen=True, kw_only=True)
class PayoutPage:
    """A payout, its movements, and the bank line it arrived by."""

    line: PayoutLine
    descriptor: str | None
    created_at: datetime
    entry_id: uuid.UUID | None
    items: tuple[PayoutItemView, ...]
    arrived_on: date | None
    arrived_text: str
    arrived_entry_id: uuid.UUID | None
    match_id: uuid.UUID | None


def payout_lines(
    session: Session, *, ids: Collection[uuid.UUID] | None = None, waiting_in: str | None = None
) -> tuple[PayoutLine, ...]:
    """Return payouts by the day of their arrival: those named, or all.

    With a currency: those on their way to the bank in it, and those named that are in it too.
    """
    status = statuses()
    waiting = on_the_way(status)
    rows = session.execute(
        select(
            StripePayout,
            status.c.status,
            status.c.itemised,
            StripeBalanceTransaction.amount,
            waiting,
        )
        .join(status, status.c.payout_id == StripePayout.id)
        .outerjoin(StripeBalanceTransaction, StripeBalanceTransaction.id == status.c.movement_id)
        .where(*_chosen(ids, waiting, waiting_in))
        .order_by(StripePayout.arrival_on, StripePayout.payout_id)
    ).all()
    parts = _parts(session, [payout.id for payout, *_ in rows])
    return tuple(_line(row, parts[row[0].id]) for row in rows)


def _chosen(
    ids: Collection[uuid.UUID] | None, waiting: ColumnElement[bool], currency: str | None
) -> tuple[ColumnElement[bool], ...]:
    named = () if ids is None else (StripePayout.id.in_(ids),)
    if currency is None:
        return named
    return (StripePayout.currency == currency, or_(waiting, *named))


def payout(session: Session, payout_id: uuid.UUID) -> PayoutPage:
    """Return a payout with every movement, its gift and its entry, and its bank line.

    Raises
    ------
    NotFound
        ``payout_unknown``.
    """
    found = payout_lines(session, ids=[payout_id])
    if not found:
        raise NotFound("payout_unknown")
    row = session.get_one(StripePayout, payout_id)
    arrived = session.execute(
        select(BankLine.booked_on, BankLine.text, MatchItem.entry_id, Match.id)
        .join(MatchItem, MatchItem.line_id == BankLine.id)
        .join(Match, Match.id == MatchItem.match_id)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(Match.kind == Kind.PAYOUT, Match.subject_id == payout_id, Unmatch.match_id.is_(None))
    ).first()
    return PayoutPage(
        line=found[0],
        descriptor=row.descriptor,
        created_at=row.created_at,
        entry_id=_own_entry(session, row),
        items=_items(session, payout_id),
        arrived_on=arrived[0] if arrived else None,
        arrived_text=arrived[1] if arrived else "",
        arrived_entry_id=arrived[2] if arrived else None,
        match_id=arrived[3] if arrived else None,
    )


def _items(session: Session, payout_id: uuid.UUID) -> tuple[PayoutItemView, ...]:
    rows = session.execute(
        select(PayoutItem, StripeBalanceTransaction.entry_id, Donation.id, Donation.reference)
        .outerjoin(StripeBalanceTransaction, StripeBalanceTransaction.id == PayoutItem.txn_id)
        .outerjoin(Donation, Donation.id == StripeBalanceTransaction.donation_id)
        .where(PayoutItem.payout_id == payout_id)
        .order_by(PayoutItem.created_at, PayoutItem.txn_id)
    )
    return tuple(
        PayoutItemView(
            txn_id=item.txn_id,
            category=item.reporting_category,
            created_at=item.created_at,
            source_id=item.source_id,
            amount=Money(item.amount, item.currency),
            fee=Money(item.fee, item.currency),
            net=Money(item.net, item.currency),
            entry_id=entry_id,
            donation_id=donation_id,
            reference=reference,
        )
        for item, entry_id, donation_id, reference in rows
    )


def _own_entry(session: Session, payout: StripePayout) -> uuid.UUID | None:
    """Find the entry by which a payout left the processor."""
    return session.scalar(
        select(StripeBalanceTransaction.entry_id)
        .join(PayoutStatus, PayoutStatus.movement_id == StripeBalanceTransaction.id)
        .where(PayoutStatus.payout_id == payout.id)
        .order_by(StripeBalanceTransaction.created_at)
        .limit(1)
    )


@dataclass(frozen=True)
class _Part:
    """The movements of one category inside a payout, and what of them the books hold."""

    group: Group
    booked: int
    missing: int


def _line(row: Any, parts: Iterable[_Part]) -> PayoutLine:
    payout: StripePayout = row[0]
    said, itemised, moved, is_open = row[1], row[2], row[3], row[4]
    parts = tuple(parts)
    return PayoutLine(
        id=payout.id,
        payout_id=payout.payout_id,
        status=said,
        itemised=bool(itemised),
        # A payout whose own movement adds to our balance was collected from our bank.
        amount=Money(-payout.amount if (moved or 0) > 0 else payout.amount, payout.currency),
        arrival_on=payout.arrival_on,
        groups=tuple(part.group for part in parts),
        booked=Money(sum(part.booked for part in parts), payout.currency),
        missing=sum(part.missing for part in parts),
        made_on=utc_day(payout.created_at) if is_open else None,
    )


def _parts(session: Session, ids: Collection[uuid.UUID]) -> defaultdict[uuid.UUID, list[_Part]]:
    """Sum the movements of payouts by category, with what the books hold of each."""
    found: defaultdict[uuid.UUID, list[_Part]] = defaultdict(list)
    if not ids:
        return found
    booked = (
        select(StripeBalanceTransaction.id, func.sum(Posting.amount).label("total"))
        .join(Posting, Posting.entry_id == StripeBalanceTransaction.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .join(PayoutItem, PayoutItem.txn_id == StripeBalanceTransaction.id)
        .where(Account.code.startswith("Assets:Stripe:"), PayoutItem.payout_id.in_(ids))
        .group_by(StripeBalanceTransaction.id)
        .subquery()
    )
    rows = session.execute(
        select(
            PayoutItem.payout_id,
            PayoutItem.reporting_category,
            PayoutItem.currency,
            func.count(),
            func.sum(PayoutItem.amount),
            func.sum(PayoutItem.fee),
            func.sum(PayoutItem.net),
            func.coalesce(func.sum(booked.c.total), 0),
            func.sum(case((booked.c.id.is_(None), 1), else_=0)),
        )
        .outerjoin(booked, booked.c.id == PayoutItem.txn_id)
        .where(PayoutItem.payout_id.in_(ids))
        .group_by(PayoutItem.payout_id, PayoutItem.reporting_category, PayoutItem.currency)
        .order_by(PayoutItem.payout_id, PayoutItem.reporting_category)
    )
    for payout_id, category, currency, count, *sums, held, missing in rows:
        amount, fee, net = (Money(int(value), currency) for value in sums)
        found[payout_id].append(
            _Part(Group(category, count, amount, fee, net), int(held), int(missing))
        )
    return found
