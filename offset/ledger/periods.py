"""Which months of the books are open, and how is one closed for good?"""

import calendar
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from offset.errors import LedgerRefused
from offset.ledger.guards import refusals
from offset.ledger.models import PERIOD, PERIOD_BALANCE, Entry, Period, PeriodStatus, Posting
from offset.ledger.writes import insert_missing


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the books and its state."""

    starts_on: date
    ends_on: date
    status: PeriodStatus


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's month."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def open_month(session: Session, day: date) -> None:
    """Open the month of a day, unless it is there already.

    Raises
    ------
    LedgerRefused
        ``period_locked``: a later month is locked, so the books up to there stand.
    """
    starts_on, ends_on = month_of(day)
    row = {"starts_on": starts_on, "ends_on": ends_on, "status": PeriodStatus.OPEN.value}
    if session.get(Period, starts_on) is None:
        with refusals():
            insert_missing(session, PERIOD, [row], key="starts_on")


def begin_close(session: Session, starts_on: date) -> None:
    """Begin to close a month; entries are still taken while its differences are explained.

    Raises
    ------
    LedgerRefused
        ``period_missing`` or ``period_not_forward``.
    """
    _move(session, starts_on, PeriodStatus.CLOSING)


def lock(session: Session, starts_on: date) -> None:
    """Write the closing balances of a month and lock it; from then on it refuses every entry.

    Raises
    ------
    LedgerRefused
        ``period_missing``, ``period_not_closing``, ``period_not_forward`` or
        ``period_out_of_order``.
    """
    month = session.execute(
        select(Period.ends_on).where(Period.starts_on == starts_on).with_for_update()
    ).first()
    if month is None:
        raise LedgerRefused("period_missing", month=starts_on)
    balances = (
        select(Posting.account_id, func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.effective_on <= month[0])
        .group_by(Posting.account_id)
        .order_by(Posting.account_id)
    )
    rows = [
        {"starts_on": starts_on, "account_id": account_id, "balance": int(balance)}
        for account_id, balance in session.execute(balances)
    ]
    with refusals():
        if rows:
            session.execute(insert(PERIOD_BALANCE), rows)
    _move(session, starts_on, PeriodStatus.LOCKED)


def months(session: Session) -> tuple[Month, ...]:
    """Read every month of the books, newest first."""
    rows = session.execute(
        select(Period.starts_on, Period.ends_on, Period.status).order_by(Period.starts_on.desc())
    )
    return tuple(Month(first, last, PeriodStatus(status)) for first, last, status in rows)


def _move(session: Session, starts_on: date, status: PeriodStatus) -> None:
    with refusals():
        moved = session.execute(
            PERIOD.update()
            .where(PERIOD.c.starts_on == starts_on)
            .values(status=status.value)
            .returning(PERIOD.c.starts_on)
        ).first()
    if moved is None:
        raise LedgerRefused("period_missing", month=starts_on)
