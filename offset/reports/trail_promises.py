"""What promises stand before a gift: a pledge by bank transfer, a gift of every month?

A promise is found before any money came, by the number its donor holds in hand. Nobody who gives
is named.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from offset.clock import utc_day
from offset.giving.models import BankPledge, Donation, RecurringGift
from offset.money import Money
from offset.reports.trail_steps import MOST, Step, named


def pledges(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read pledges, each with the gifts that came for it."""
    return _promises(session, "pledge", BankPledge, Donation.bank_pledge_id, *wanted)


def monthly(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read gifts of every month, each with the payments that came of it."""
    return _promises(session, "monthly", RecurringGift, Donation.recurring_gift_id, *wanted)


def _promises(
    session: Session,
    kind: str,
    promise: Any,
    of_gift: InstrumentedAttribute[uuid.UUID | None],
    *wanted: ColumnElement[bool],
) -> list[Step]:
    rows = session.execute(
        select(promise, Donation.id)
        .outerjoin(Donation, of_gift == promise.id)
        .where(*wanted)
        .order_by(promise.id, Donation.id)
        .limit(MOST)
    ).all()
    came: dict[uuid.UUID, list[str]] = {}
    for row, gift_id in rows:
        came.setdefault(row.id, []).extend(named(gift_id))
    return [
        Step(
            kind=kind,
            id=str(row.id),
            name=row.reference,
            on=utc_day(row.created_at),
            amount=Money(row.amount, row.currency),
            note=row.status.value,
            leads=tuple(came.pop(row.id)),
        )
        for row, _ in rows
        if row.id in came
    ]
