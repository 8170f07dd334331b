"""Which months of the books are open, and how is one closed, or by two people opened again?"""

import calendar
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import LedgerRefused
from offset.ledger.guards import refusals
from offset.ledger.models import (
    PERIOD,
    PERIOD_BALANCE,
    PERIOD_CLOSING,
    PERIOD_REOPENING,
    PERIOD_REOPENING_APPROVAL,
    Entry,
    Period,
    PeriodBalance,
    PeriodClosing,
    PeriodReopening,
    PeriodReopeningApproval,
    PeriodStatus,
    Posting,
)
from offset.ledger.writes import insert_missing

# How many days after it is recorded an entry may be dated; the migration holds the same number.
AHEAD_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the books and its state."""

    starts_on: date
    ends_on: date
    status: PeriodStatus


@dataclass(frozen=True, slots=True)
class Closing:
    """One closing of a month: the n-th, who closed it, and what was checked."""

    starts_on: date
    n: int
    closed_at: datetime | None
    closed_by: uuid.UUID | None
    checklist: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Reopening:
    """A request to open a month again, and the second person's approval once it is there."""

    id: uuid.UUID
    starts_on: date
    n: int
    reason: str
    asked_at: datetime
    asked_by: uuid.UUID
    approved_at: datetime | None
    approved_by: uuid.UUID | None


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's month."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def open_day(session: Session, day: date) -> date:
    """Return a day, or where its month is locked the first day on which the books take it."""
    locked_until = session.scalar(
        select(func.max(Period.ends_on)).where(
            Period.status == PeriodStatus.LOCKED.value, Period.ends_on >= day
        )
    )
    return day if locked_until is None else locked_until + timedelta(days=1)


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


def lock(
    session: Session,
    starts_on: date,
    *,
    at: datetime | None = None,
    actor_id: uuid.UUID | None = None,
    checklist: Mapping[str, Any] | None = None,
) -> None:
    """Write the closing balances of a month and lock it; from then on it refuses every entry.

    The database compares the balances with the postings before it lets the month be locked.

    Parameters
    ----------
    session
        The transaction of the caller.
    starts_on
        The month, by its first day.
    at, actor_id
        When, and by whom.
    checklist
        What was looked at before the month was closed, kept with the closing.

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
    closing = {
        "starts_on": starts_on,
        "n": 1 + (_last_closing(session, starts_on) or 0),
        "tail_from": tail_from(starts_on),
        "closed_at": at,
        "closed_by": actor_id,
        "checklist": None if checklist is None else dict(checklist),
    }
    with refusals():
        session.execute(insert(PERIOD_CLOSING), closing)
        rows = [
            {"starts_on": starts_on, "n": closing["n"], "account_id": account_id, "balance": found}
            for account_id, found in _closing_balances(session, starts_on, month[0]).items()
        ]
        if rows:
            session.execute(insert(PERIOD_BALANCE), rows)
    _move(session, starts_on, PeriodStatus.LOCKED)


def tail_from(starts_on: date) -> uuid.UUID:
    """Return the smallest id that an entry dated after a month can have.

    An id begins with the moment its entry is recorded, and an entry is dated at most
    ``AHEAD_DAYS`` after it is recorded; the database holds both.
    """
    first = month_of(starts_on)[1] + timedelta(days=1 - AHEAD_DAYS)
    seconds = (first - date(1970, 1, 1)).days * 86_400
    return uuid.UUID(int=seconds * 1000 << 80)


def ask_reopening(
    session: Session, starts_on: date, *, reason: str, at: datetime, actor_id: uuid.UUID
) -> uuid.UUID:
    """Ask for the last locked month to be opened again; another person must approve it.

    Raises
    ------
    LedgerRefused
        ``period_not_locked`` or ``reason_missing``.
    """
    closing = _last_closing(session, starts_on)
    if closing is None:
        raise LedgerRefused("period_not_locked", month=starts_on)
    row = {
        "id": uuid7(at),
        "starts_on": starts_on,
        "n": closing,
        "reason": reason.strip(),
        "asked_at": at,
        "asked_by": actor_id,
    }
    with refusals():
        session.execute(insert(PERIOD_REOPENING), row)
    return uuid.UUID(str(row["id"]))


def reopen(session: Session, reopening_id: uuid.UUID, *, at: datetime, actor_id: uuid.UUID) -> date:
    """Approve a reopening and open the month again; return the month.

    Its closing balances are kept but hold no more; the month is closed anew under the next
    number.

    Raises
    ------
    LedgerRefused
        ``reopening_unknown``, ``same_person``, ``period_not_locked`` or ``period_out_of_order``:
        only the last locked month is opened again.
    """
    asked = session.get(PeriodReopening, reopening_id)
    if asked is None:
        raise LedgerRefused("reopening_unknown")
    row = {
        "reopening_id": reopening_id,
        "starts_on": asked.starts_on,
        "n": asked.n,
        "asked_by": asked.asked_by,
        "approved_at": at,
        "approved_by": actor_id,
    }
    with refusals():
        session.execute(insert(PERIOD_REOPENING_APPROVAL), row)
    _move(session, asked.starts_on, PeriodStatus.OPEN)
    return asked.starts_on


def reopenings(session: Session) -> tuple[Reopening, ...]:
    """Read every request to open a month again, newest first, with the answer it got."""
    asked, said = PeriodReopening, PeriodReopeningApproval
    rows = session.execute(
        select(asked, said.approved_at, said.approved_by)
        .outerjoin(said, said.reopening_id == asked.id)
        .order_by(asked.asked_at.desc(), asked.id)
    )
    return tuple(
        Reopening(
            one.id, one.starts_on, one.n, one.reason, one.asked_at, one.asked_by, approved, by
        )
        for one, approved, by in rows
    )


def closings(session: Session, starts_on: date) -> tuple[Closing, ...]:
    """Read every closing of a month in order, with what was checked."""
    rows = session.scalars(
        select(PeriodClosing).where(PeriodClosing.starts_on == starts_on).order_by(PeriodClosing.n)
    )
    return tuple(
        Closing(row.starts_on, row.n, row.closed_at, row.closed_by, row.checklist) for row in rows
    )


def months(session: Session) -> tuple[Month, ...]:
    """Read every month of the books, newest first."""
    rows = session.execute(
        select(Period.starts_on, Period.ends_on, Period.status).order_by(Period.starts_on.desc())
    )
    return tuple(Month(first, last, PeriodStatus(status)) for first, last, status in rows)


def month(session: Session, starts_on: date) -> Month | None:
    """Read one month of the books; None when it never began."""
    row = session.get(Period, starts_on)
    return None if row is None else Month(row.starts_on, row.ends_on, PeriodStatus(row.status))


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


def _last_closing(session: Session, starts_on: date) -> int | None:
    found = session.scalar(
        select(func.max(PeriodClosing.n)).where(PeriodClosing.starts_on == starts_on)
    )
    return None if found is None else int(found)


def _closing_balances(session: Session, starts_on: date, ends_on: date) -> dict[uuid.UUID, int]:
    """Add what moved since the last locked month to its balances."""
    before = session.execute(
        select(Period.ends_on, Period.starts_on, func.max(PeriodClosing.n))
        .join(PeriodClosing, PeriodClosing.starts_on == Period.starts_on)
        .where(Period.starts_on < starts_on, Period.status == PeriodStatus.LOCKED.value)
        .group_by(Period.starts_on, Period.ends_on)
        .order_by(Period.starts_on.desc())
        .limit(1)
    ).first()
    moved = (
        select(Posting.account_id, func.sum(Posting.amount))
        .select_from(Entry)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Entry.effective_on <= ends_on)
        .group_by(Posting.account_id)
    )
    found: dict[uuid.UUID, int] = {}
    if before is not None:
        moved = moved.where(Entry.effective_on > before[0])
        stored = select(PeriodBalance.account_id, PeriodBalance.balance).where(
            PeriodBalance.starts_on == before[1], PeriodBalance.n == before[2]
        )
        found.update((row.account_id, row.balance) for row in session.execute(stored))
    for account_id, amount in session.execute(moved):
        found[account_id] = found.get(account_id, 0) + int(amount)
    return found
