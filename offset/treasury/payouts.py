"""What did the processor send to our bank, and what is it made of?"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.giving import booking, processor_events
from offset.giving.ports import BalanceTransaction, PayoutFacts
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.treasury.locks import hold
from offset.treasury.models import PayoutItem, PayoutStatus, StripePayout
from offset.treasury.open_items import statuses

# How many open payouts are read again in one run of the catch-up.
_OPEN: Final = 100


@dataclass(frozen=True)
class ReportTaken:
    """What a report of past payouts added."""

    payouts: int
    booked: int


def on_payout(session: Session, facts: PayoutFacts, at: datetime) -> uuid.UUID:
    """Store what the processor says about a payout and book its own movement, once.

    The same facts again change nothing. Its items arrive when the processor has itemised it;
    whether they add up to the payout is shown on the desk, never corrected here.
    """
    hold(session, f"payout {facts.payout_id}")
    payout = session.scalar(select(StripePayout).where(StripePayout.payout_id == facts.payout_id))
    if payout is None:
        payout = StripePayout(
            id=uuid7(at),
            payout_id=facts.payout_id,
            amount=abs(facts.amount.minor),
            currency=facts.amount.currency,
            created_at=facts.created,
            arrival_on=utc_day(facts.arrival),
            descriptor=facts.descriptor,
            recorded_at=at,
        )
        session.add(payout)
        session.flush()
        audit.record(
            session,
            at=at,
            actor=SYSTEM,
            action="payout.recorded",
            object_type="payout",
            object_id=payout.id,
            details={"payout": facts.payout_id},
        )
    _note_status(session, payout.id, facts, at)
    _keep_items(session, payout.id, facts.items, at)
    for told in filter(None, (facts.movement, facts.returned)):
        # R11 when it left, R12 when it came back: giving keeps the one table of movements.
        booking.book(session, told, at=at)
    return payout.id


def unfinished(session: Session) -> tuple[str, ...]:
    """Name the payouts that may still change: not ended, or not yet itemised; oldest first.

    A payout that was sent may still fail for some days, which its own movement tells.
    """
    status = statuses()
    ended = status.c.status.in_(("failed", "canceled"))
    whole = (status.c.status == "paid") & status.c.itemised
    return tuple(
        session.scalars(
            select(StripePayout.payout_id)
            .join(status, status.c.payout_id == StripePayout.id)
            .where(~ended, ~whole)
            .order_by(StripePayout.arrival_on, StripePayout.payout_id)
            .limit(_OPEN)
        )
    )


def _note_status(session: Session, payout_id: uuid.UUID, facts: PayoutFacts, at: datetime) -> None:
    last = session.scalar(
        select(PayoutStatus)
        .where(PayoutStatus.payout_id == payout_id)
        .order_by(PayoutStatus.number.desc())
        .limit(1)
    )
    movement_id = facts.movement.id if facts.movement else None
    now = (facts.status, facts.itemised, facts.trace_id, movement_id)
    if last is not None:
        known = (last.status, last.itemised, last.trace_id, last.movement_id)
        if known == now:
            return
    session.add(
        PayoutStatus(
            id=uuid7(at),
            payout_id=payout_id,
            number=last.number + 1 if last else 1,
            status=facts.status,
            itemised=facts.itemised,
            trace_id=facts.trace_id,
            movement_id=movement_id,
            recorded_at=at,
        )
    )
    session.flush()


def _keep_items(
    session: Session, payout_id: uuid.UUID, items: Sequence[BalanceTransaction], at: datetime
) -> None:
    known = set(session.scalars(select(PayoutItem.txn_id).where(PayoutItem.payout_id == payout_id)))
    for item in items:
        if item.id in known:
            continue
        session.add(
            PayoutItem(
                id=uuid7(at),
                payout_id=payout_id,
                txn_id=item.id,
                reporting_category=item.reporting_category,
                amount=item.amount.minor,
                fee=item.fee.minor,
                net=item.net.minor,
                currency=item.net.currency,
                source_id=item.source_id,
                created_at=item.created,
            )
        )
    session.flush()


def from_report(
    session: Session, told: Sequence[PayoutFacts], *, actor: Actor, at: datetime
) -> ReportTaken:
    """Store past payouts from the processor's report, and book what no event and no list told.

    A charge that carries the mark of a gift settles it, be its own id unknown to us. What is
    known already changes nothing, so that the same report may be read again.

    Raises
    ------
    Forbidden
        Without the right to import statements; the installation itself may.
    LedgerRefused
        What the books say, for instance ``period_locked``.
    """
    if actor is not SYSTEM:
        require(actor, Right.IMPORT_STATEMENT)
    booked = 0
    for facts in told:
        charges = {one.movement.id: one for one in facts.charges if one.movement is not None}
        for item in facts.items:
            if booking.standing(session, item.id) is not None:
                continue
            if item.id in charges:
                processor_events.book_reported(session, charges[item.id], at=at)
            else:
                processor_events.book_alone(session, item, at=at)
            booked += booking.standing(session, item.id) is not None
        on_payout(session, facts, at)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="payout.report_read",
        object_type="payout",
        object_id=told[0].payout_id if told else "",
        details={"payouts": len(told), "booked": booked},
    )
    return ReportTaken(payouts=len(told), booked=booked)
