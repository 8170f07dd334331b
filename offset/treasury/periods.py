"""May a month of the books be closed, what still stands in its way, and who opens it again?"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.errors import Forbidden, Refused
from offset.ledger import balances, checkpoints
from offset.ledger import periods as ledger
from offset.ledger.models import Period, PeriodStatus
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.treasury.locks import hold
from offset.treasury.models import BankAccount, BankLine, BankStatement
from offset.treasury.queries import matched_by_line
from offset.treasury.screen import bank_identity

_SUSPENSE: Final = "Equity:Suspense:"
_UNDER_WAY: Final = (
    "Assets:InTransit:",
    "Assets:Receivable:",
    "Liabilities:Refunds:",
    "Liabilities:Unidentified:",
)


@dataclass(frozen=True)
class Obstacle:
    """One thing that keeps a month open: what it is, and how often or how much."""

    code: str
    value: str


def obstacles(session: Session, starts_on: date) -> tuple[Obstacle, ...]:
    """Return what must be explained before a month can be closed.

    ``lines_open``: lines of the month that nobody explained. ``statement_missing``: an account
    whose statements do not reach the month's end. ``gap``: an account that does not agree.
    ``suspense``: movements of an unknown kind.
    """
    _, ends_on = ledger.month_of(starts_on)
    found = []
    waiting = _open_lines(session, ends_on)
    if waiting:
        found.append(Obstacle("lines_open", str(waiting)))
    for account in session.scalars(select(BankAccount).order_by(BankAccount.code)):
        reached = session.scalar(
            select(func.max(BankStatement.closed_on)).where(BankStatement.account_id == account.id)
        )
        if reached is None or reached < ends_on:
            found.append(Obstacle("statement_missing", account.code))
        gap = bank_identity(session, account).gap
        if gap:
            found.append(Obstacle("gap", f"{account.code} {gap}"))
    found.extend(
        Obstacle("suspense", str(line.balance))
        for line in balances.trial_balance(session, as_of=ends_on)
        if line.balance and line.code.startswith(_SUSPENSE)
    )
    return tuple(found)


def checklist(session: Session, starts_on: date) -> dict[str, Any]:
    """Write down what a closing found: what stands in the way, and what is still under way.

    Money between Stripe, the banks and projects, refunds and receipts without a giver may stand at
    a month's end; the closing lists each such balance, so that the next one can be compared.
    """
    _, ends_on = ledger.month_of(starts_on)
    return {
        "obstacles": [f"{one.code} {one.value}" for one in obstacles(session, starts_on)],
        "under_way": {
            line.code: str(line.balance)
            for line in balances.trial_balance(session, as_of=ends_on)
            if line.balance and line.code.startswith(_UNDER_WAY)
        },
    }


def close(session: Session, *, actor: Actor, at: datetime, starts_on: date) -> None:
    """Close a month: checkpoint, closing balances with the checklist, lock.

    Raises
    ------
    Forbidden
        Without the right to close.
    Refused
        ``period_unexplained`` with what stands in the way.
    LedgerRefused
        ``period_missing``, ``period_out_of_order`` or what else the books say.
    """
    require(actor, Right.CLOSE_PERIOD)
    hold(session, f"period {starts_on}")
    standing = obstacles(session, starts_on)
    if standing:
        told = tuple(f"{one.code} {one.value}" for one in standing)
        raise Refused("period_unexplained", month=starts_on, reasons=told)
    status = session.scalar(select(Period.status).where(Period.starts_on == starts_on))
    if status == PeriodStatus.OPEN.value:
        ledger.begin_close(session, starts_on)
    checkpoints.take(session, at=at)
    ledger.lock(
        session,
        starts_on,
        at=at,
        actor_id=actor.user_id,
        checklist=checklist(session, starts_on),
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="period.closed",
        object_type="period",
        object_id=starts_on.isoformat(),
    )


def ask_reopening(
    session: Session, *, actor: Actor, at: datetime, starts_on: date, reason: str
) -> uuid.UUID:
    """Ask for the last locked month to be opened again, with the reason; another person decides.

    Raises
    ------
    Forbidden
        Without the right to ask.
    LedgerRefused
        ``period_not_locked`` or ``reason_missing``.
    """
    require(actor, Right.ASK_REOPENING)
    asked = ledger.ask_reopening(session, starts_on, reason=reason, at=at, actor_id=_person(actor))
    audit.record(
        session,
        at=at,
        actor=actor,
        action="period.reopening_asked",
        object_type="period",
        object_id=starts_on.isoformat(),
    )
    return asked


def reopen(session: Session, *, actor: Actor, at: datetime, reopening_id: uuid.UUID) -> None:
    """Approve what another person asked for: the month is open again, to be closed anew.

    Raises
    ------
    Forbidden
        Without the right to approve.
    LedgerRefused
        ``same_person``, ``reopening_unknown``, ``period_not_locked`` or ``period_out_of_order``.
    """
    require(actor, Right.REOPEN_PERIOD)
    starts_on = ledger.reopen(session, reopening_id, at=at, actor_id=_person(actor))
    audit.record(
        session,
        at=at,
        actor=actor,
        action="period.reopened",
        object_type="period",
        object_id=starts_on.isoformat(),
    )


def _person(actor: Actor) -> uuid.UUID:
    """Return who acts; the system neither asks nor approves."""
    if actor.user_id is None:
        raise Forbidden("right_missing", right=Right.REOPEN_PERIOD.value)
    return actor.user_id


def _open_lines(session: Session, until: date) -> int:
    matched = matched_by_line()
    found = session.scalar(
        select(func.count())
        .select_from(BankLine)
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(BankLine.booked_on <= until, BankLine.amount != func.coalesce(matched.c.total, 0))
    )
    return int(found or 0)
