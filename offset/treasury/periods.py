"""May a month of the books be closed, what still stands in its way, and who opens it again?"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, LedgerRefused, NotFound, Refused
from offset.ledger import checkpoints
from offset.ledger import periods as ledger
from offset.ledger.models import Period, PeriodReopening, PeriodStatus
from offset.people import audit, deputies
from offset.people.access import Actor, Right, require
from offset.treasury import month, month_statement
from offset.treasury.locks import hold
from offset.treasury.month import Look
from offset.treasury.month_models import MonthExplanation

_UNDER_WAY: Final = (
    "Assets:InTransit:",
    "Assets:Receivable:",
    "Liabilities:Refunds:",
    "Liabilities:Unidentified:",
)
_LONGEST: Final = 2_000


@dataclass(frozen=True)
class Obstacle:
    """One thing that keeps a month open: what it is, and how often or how much."""

    code: str
    value: str


def obstacles(session: Session, starts_on: date) -> tuple[Obstacle, ...]:
    """Return what must be explained before a month can be closed.

    ``lines_open``: lines of the month that nobody explained. ``statement_missing``: an account
    whose statements do not reach the month's end. ``gap``: an account that does not agree.
    ``suspense``: movements of an unknown kind. ``aged``: money that stands between two places for
    longer than it should. ``payouts_unread``: payouts whose movements are not known. Lines,
    suspense, aged money and payouts may be explained in writing instead. ``trial_balance``: the
    books of a currency do not add up to nothing.
    """
    return standing_in_the_way(month.look(session, starts_on, on=ledger.month_of(starts_on)[1]))


def standing_in_the_way(found: Look) -> tuple[Obstacle, ...]:
    """Say what of a month as it was found keeps it open."""
    named = {"suspense": "suspense", "clearing": "aged", "payouts": "payouts_unread"}
    waiting = found.unexplained_lines
    return (
        *([Obstacle("lines_open", str(waiting))] if waiting else ()),
        *(
            obstacle
            for bank in found.banks
            for obstacle in (
                *([] if bank.complete else [Obstacle("statement_missing", bank.code)]),
                *([Obstacle("gap", f"{bank.code} {bank.gap}")] if bank.gap else []),
            )
        ),
        *(Obstacle(named[one.code], _told(one)) for one in found.of(*named) if one.open),
        *(Obstacle("trial_balance", str(total)) for total in found.unbalanced.values()),
    )


def _told(one: month.Item) -> str:
    if one.code == "suspense":
        return str(one.amount)
    return one.name if one.code == "payouts" else f"{one.name} {one.amount}"


def checklist(session: Session, starts_on: date) -> dict[str, Any]:
    """Write down what a closing found: what stands in the way, and what is still under way.

    Money between Stripe, the banks and projects, refunds and receipts without a giver may stand at
    a month's end; the closing lists each such balance, so that the next one can be compared.
    """
    return _checklist(month.look(session, starts_on, on=ledger.month_of(starts_on)[1]))


def _checklist(found: Look) -> dict[str, Any]:
    return {
        "obstacles": [f"{one.code} {one.value}" for one in standing_in_the_way(found)],
        "under_way": {
            line.code: str(line.balance)
            for line in found.trial
            if line.balance and line.code.startswith(_UNDER_WAY)
        },
    }


def explain(
    session: Session, *, actor: Actor, at: datetime, starts_on: date, item: str, text: str
) -> uuid.UUID:
    """Write down why something stays open over a month's end; it counts while its amount stands.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``explanation_missing`` or ``explanation_too_long``.
    LedgerRefused
        ``period_missing`` or ``period_closed_already``.
    NotFound
        ``month_item_unknown``: nothing of that name is open at the month's end.
    """
    require(actor, Right.MATCH)
    hold(session, f"period {starts_on}")
    _still_open(session, starts_on)
    told = text.strip()
    if not told:
        raise InvalidInput("explanation_missing", field="text")
    if len(told) > _LONGEST:
        raise InvalidInput("explanation_too_long", field="text", limit=_LONGEST)
    found = month.look(session, starts_on, on=ledger.month_of(starts_on)[1])
    one = next((one for one in found.items if one.key == item), None)
    if one is None:
        raise NotFound("month_item_unknown")
    row = {
        "id": uuid7(at),
        "starts_on": starts_on,
        "item": item,
        "amount": one.amount.minor,
        "currency": one.amount.currency,
        "text": told,
        "written_at": at,
        "written_by": _person(actor, Right.MATCH),
    }
    session.execute(insert(MonthExplanation), row)
    _note(session, actor, at, "period.explained", starts_on, item=item)
    return uuid.UUID(str(row["id"]))


def close(session: Session, *, actor: Actor, at: datetime, starts_on: date) -> None:
    """Close a month: checkpoint, closing balances with the checklist, lock, statement.

    Raises
    ------
    Forbidden
        Without the right to close.
    Refused
        ``period_not_over``, or ``period_unexplained`` with what stands in the way.
    LedgerRefused
        ``period_closed_already``, ``period_missing``, ``period_out_of_order`` or what else the
        books say.
    """
    require(actor, Right.CLOSE_PERIOD)
    hold(session, f"period {starts_on}")
    status = _still_open(session, starts_on)
    _, ends_on = ledger.month_of(starts_on)
    if utc_day(at) < ends_on:
        raise Refused("period_not_over", month=starts_on)
    found = month.look(session, starts_on, on=ends_on)
    standing = standing_in_the_way(found)
    if standing:
        told = tuple(f"{one.code} {one.value}" for one in standing)
        raise Refused("period_unexplained", month=starts_on, reasons=told)
    if status is PeriodStatus.OPEN:
        ledger.begin_close(session, starts_on)
    checkpoints.take(session, at=at)
    ledger.lock(session, starts_on, at=at, actor_id=actor.user_id, checklist=_checklist(found))
    sha256 = month_statement.keep(session, found, at=at, closed_by=actor.user_id)
    _note(session, actor, at, "period.closed", starts_on, statement=sha256)


def _still_open(session: Session, starts_on: date) -> PeriodStatus:
    status = session.scalar(select(Period.status).where(Period.starts_on == starts_on))
    if status is None:
        raise LedgerRefused("period_missing", month=starts_on)
    if status == PeriodStatus.LOCKED.value:
        raise LedgerRefused("period_closed_already", month=starts_on)
    return PeriodStatus(status)


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
    right = Right.ASK_REOPENING
    deputies.note_act(session, actor=actor, at=at, right=right, object_id=asked)
    _note(session, actor, at, "period.reopening_asked", starts_on)
    return asked


def reopen(session: Session, *, actor: Actor, at: datetime, reopening_id: uuid.UUID) -> None:
    """Approve what another person asked for: the month is open again, to be closed anew.

    Raises
    ------
    Forbidden
        Without the right to approve.
    LedgerRefused
        ``same_person``, also by a deputy; ``reopening_unknown``, ``period_not_locked`` or
        ``period_out_of_order``.
    """
    require(actor, Right.REOPEN_PERIOD)
    asked = session.get(PeriodReopening, reopening_id)
    if asked is not None:
        right, first = Right.REOPEN_PERIOD, asked.asked_by
        if deputies.both_sides(
            session, actor=actor, right=right, first=first, object_id=reopening_id
        ):
            raise LedgerRefused("same_person")
    starts_on = ledger.reopen(session, reopening_id, at=at, actor_id=_person(actor))
    _note(session, actor, at, "period.reopened", starts_on)


def _person(actor: Actor, right: Right = Right.REOPEN_PERIOD) -> uuid.UUID:
    """Return who acts; the system neither explains, asks nor approves."""
    if actor.user_id is None:
        raise Forbidden("right_missing", right=right.value)
    return actor.user_id


def _note(
    session: Session, actor: Actor, at: datetime, action: str, starts_on: date, **details: object
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="period",
        object_id=starts_on.isoformat(),
        details=details,
    )
