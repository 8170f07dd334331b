"""How old is money when it reaches a project: days from the gift to allocation and to payment?

Days are weighed by money: "half of the money was allocated within 12 days". A project's payments
count to its oldest allocations first. What still waits stands beside, with the oldest of it.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving.models import AllocationRow, Donation
from offset.money import Money
from offset.reports.listings import NUMBER, Column, Listing, Row, stream
from offset.reports.payments_sent import sent_by_project
from offset.reports.rows import Span

STAGES: Final = ("gift_to_allocation", "allocation_to_payment", "gift_to_payment")


@dataclass(slots=True)
class Ages:
    """How much money reached a stage after how many days, and what still waits for it."""

    reached: Counter[int] = field(default_factory=Counter)
    waiting: int = 0
    oldest_waiting: int | None = None

    def within(self, per_mille: int) -> int | None:
        """Return the days within which a part of the money arrived; None where none has."""
        total, so_far = sum(self.reached.values()), 0
        for days, minor in sorted(self.reached.items()):
            so_far += minor
            if so_far * 1000 >= total * per_mille:
                return days
        return None

    @property
    def oldest(self) -> int | None:
        """Return the most days any of the money needed."""
        return max(self.reached, default=None)

    def wait(self, days: int, minor: int) -> None:
        """Note money that has not reached the stage."""
        if minor > 0:
            self.waiting += minor
            self.oldest_waiting = max(days, self.oldest_waiting or 0)


def ages(session: Session, span: Span) -> dict[tuple[str, str], Ages]:
    """Return the ages of the money given in some days, by currency and stage, on the last day.

    Three statements; what is kept in memory is one number a day of age, not one a gift.
    """
    found: dict[tuple[str, str], Ages] = {}

    def at(currency: str, stage: str) -> Ages:
        return found.setdefault((currency, stage), Ages())

    for one in _waiting(session, span):
        at(one.currency, STAGES[0]).wait(one.days, one.minor)
        at(one.currency, STAGES[2]).wait(one.days, one.minor)
    for part in _parts(session, span):
        at(part.currency, STAGES[0]).reached[part.allocated] += part.minor
        for days, minor in part.paid:
            at(part.currency, STAGES[1]).reached[days] += minor
            at(part.currency, STAGES[2]).reached[days + part.allocated] += minor
        at(part.currency, STAGES[1]).wait(part.since_allocated, part.unpaid)
        at(part.currency, STAGES[2]).wait(part.since_allocated + part.allocated, part.unpaid)
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class _Waits:
    currency: str
    minor: int
    days: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What one gift gave to one project, and when it was paid: (days after allocation, minor)."""

    currency: str
    minor: int
    allocated: int
    since_allocated: int
    paid: tuple[tuple[int, int], ...]

    @property
    def unpaid(self) -> int:
        return self.minor - sum(minor for _, minor in self.paid)


def _waiting(session: Session, span: Span) -> Iterator[_Waits]:
    rows = stream(
        session,
        select(Donation.settled_currency, Donation.unallocated, Donation.settled_at).where(
            Donation.unallocated > 0, Donation.settled_at.is_not(None)
        ),
    )
    for currency, minor, settled_at in rows:
        given = utc_day(settled_at)
        if span.since <= given <= span.until:
            yield _Waits(currency, int(minor), (span.until - given).days)


def _parts(session: Session, span: Span) -> Iterator[_Part]:
    """Walk each project's allocations in their order beside its payments in theirs."""
    first = func.min(AllocationRow.created_at)
    rows = stream(
        session,
        select(
            AllocationRow.project_id,
            Donation.settled_currency,
            Donation.settled_at,
            first,
            func.sum(AllocationRow.amount),
        )
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .group_by(
            AllocationRow.project_id,
            Donation.settled_currency,
            Donation.id,
            Donation.settled_at,
        )
        .having(func.sum(AllocationRow.amount) > 0)
        .order_by(AllocationRow.project_id, Donation.settled_currency, first, Donation.id),
    )
    paid = sent_by_project(session, span.until)
    here: tuple[uuid.UUID, str] | None = None
    purse = _Purse(())
    for project_id, currency, settled_at, allocated_at, minor in rows:
        if here != (project_id, currency):
            here = (project_id, currency)
            purse = _Purse(paid.get(here, ()))
        part = _part(currency, settled_at, allocated_at, int(minor), purse, span)
        if span.since <= utc_day(settled_at) <= span.until:
            yield part


def _part(  # noqa: PLR0917 - one row of the statement above, beside its purse
    currency: str, given: datetime, allocated: datetime, minor: int, purse: "_Purse", span: Span
) -> _Part:
    on = utc_day(allocated)
    return _Part(
        currency,
        minor,
        max(0, (on - utc_day(given)).days),
        max(0, (span.until - on).days),
        tuple((max(0, (day - on).days), part) for day, part in purse.take(minor)),
    )


class _Purse:
    """A project's payments, oldest first, of which allocations take their parts."""

    def __init__(self, payments: Sequence[tuple[date, int]]) -> None:
        self._payments = payments
        self._place = self._taken = 0

    def take(self, minor: int) -> Iterator[tuple[date, int]]:
        """Take an amount from the oldest payments that are left: day by day, as far as it goes."""
        while minor > 0 and self._place < len(self._payments):
            day, whole = self._payments[self._place]
            part = min(minor, whole - self._taken)
            yield day, part
            minor, self._taken = minor - part, self._taken + part
            if self._taken == whole:
                self._place, self._taken = self._place + 1, 0


def _rows(session: Session, span: Span) -> Iterator[Row]:
    for (currency, stage), one in ages(session, span).items():
        days = (one.within(500), one.within(900), one.oldest)
        yield (
            currency,
            stage,
            *("" if day is None else str(day) for day in days),
            Money(sum(one.reached.values()), currency).decimal(),
            Money(one.waiting, currency).decimal(),
            "" if one.oldest_waiting is None else str(one.oldest_waiting),
        )


AGES: Final = Listing(
    "age-of-money",
    (
        Column("currency"),
        Column("stage", "code"),
        Column("median_days", NUMBER),
        Column("ninety_per_cent_days", NUMBER),
        Column("oldest_days", NUMBER),
        Column("reached", NUMBER),
        Column("waiting", NUMBER),
        Column("oldest_waiting_days", NUMBER),
    ),
    _rows,
)
