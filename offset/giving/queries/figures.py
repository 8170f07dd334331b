"""What was received and allocated lately, in all?"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving.models import (
    AllocationRow,
    Donation,
)
from offset.money import Money


@dataclass(frozen=True)
class LastRun:
    """What was allocated on the last day on which anything was, and to how many projects."""

    on: date
    amount: Money
    projects: int


def received_this_month(session: Session, at: datetime, currency: str = "EUR") -> Money:
    """Sum the gifts that settled in the UTC month of an instant, as they were given."""
    day = utc_day(at)
    first = datetime(day.year, day.month, 1, tzinfo=UTC)
    total = session.scalar(
        select(func.coalesce(func.sum(Donation.gross), 0)).where(
            Donation.settled_at >= first,
            Donation.settled_at <= at,
            Donation.settled_currency == currency,
        )
    )
    return Money(int(total or 0), currency)


def last_run(session: Session, currency: str = "EUR") -> LastRun | None:
    """Sum the last day on which money was allocated; None when nothing ever was."""
    ours = and_(AllocationRow.amount > 0, Donation.settled_currency == currency)
    given = Donation.id == AllocationRow.donation_id
    newest = session.scalar(
        select(AllocationRow.created_at)
        .join(Donation, given)
        .where(ours)
        .order_by(AllocationRow.created_at.desc())
        .limit(1)
    )
    if newest is None:
        return None
    day = utc_day(newest)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    total, count = session.execute(
        select(func.sum(AllocationRow.amount), func.count(func.distinct(AllocationRow.project_id)))
        .join(Donation, given)
        .where(ours, AllocationRow.created_at >= midnight)
    ).one()
    return LastRun(day, Money(int(total), currency), int(count))
