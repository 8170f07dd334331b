"""What does the page behind a monthly gift's link show?"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving import recurring
from offset.giving.models import Donation, DonationStatus, RecurringStatus
from offset.money import Money


@dataclass(frozen=True)
class Month:
    """One payment of a monthly gift."""

    token: str
    on: date
    amount: Money
    status: DonationStatus


@dataclass(frozen=True)
class MonthlyPage:
    """A monthly gift as its donor sees it; nothing on it names the giver."""

    token: str
    reference: str
    status: RecurringStatus
    amount: Money
    since: date
    next_on: date | None
    ends_on: date | None
    ended_on: date | None
    manageable: bool
    months: tuple[Month, ...]


def monthly(session: Session, token: str) -> MonthlyPage:
    """Read the page of a monthly gift behind its own link or that of one of its months.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    found = recurring.behind(session, token)
    rows = session.scalars(
        select(Donation)
        .where(Donation.recurring_gift_id == found.id)
        .order_by(Donation.created_at.desc(), Donation.id.desc())
        .limit(120)
    )
    return MonthlyPage(
        token=token,
        reference=found.reference,
        status=found.status,
        amount=Money(found.amount, found.currency),
        since=utc_day(found.started_at or found.created_at),
        next_on=found.next_on,
        ends_on=found.ends_on,
        ended_on=None if found.ended_at is None else utc_day(found.ended_at),
        manageable=found.customer_id is not None and found.status is not RecurringStatus.ENDED,
        months=tuple(
            Month(
                row.token,
                utc_day(row.settled_at or row.created_at),
                Money(row.amount, row.currency),
                row.status,
            )
            for row in rows
        ),
    )
