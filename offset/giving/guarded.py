"""Is somebody trying stolen cards on us? Then small gifts wait for an hour.

Card testers pay small sums and most of their cards are refused. When the share of refused ones
in a short window passes what the setting allows, gifts under a stated amount are not taken until
some time has passed without a new reason. The state ends by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Refused
from offset.giving import letters
from offset.giving.models import GuardedPeriod, InboxState, ProcessorEvent
from offset.money import Money
from offset.people import audit, settings
from offset.people.access import SYSTEM

# A refused card and a paid one each make one event of these kinds.
_REFUSED: Final = "charge.failed"
_PAID: Final = "charge.succeeded"
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cards were refused and how many paid in the window."""

    failed: int
    succeeded: int

    def suspicious(self, setting: Mapping[str, int]) -> bool:
        """Say whether so many were refused that it is no accident."""
        tried = self.failed + self.succeeded
        return (
            self.failed >= setting["least"] and self.failed * _WHOLE >= tried * setting["percent"]
        )


def tally(session: Session, setting: Mapping[str, int], *, at: datetime) -> Tally:
    """Count the cards of the window that ends now."""
    since = at - timedelta(minutes=setting["window"])
    failed, paid = session.execute(
        select(
            func.coalesce(func.sum(case((ProcessorEvent.kind == _REFUSED, 1), else_=0)), 0),
            func.coalesce(func.sum(case((ProcessorEvent.kind == _PAID, 1), else_=0)), 0),
        )
        # Every state is named so that the index of the inbox serves.
        .where(ProcessorEvent.state.in_(InboxState), ProcessorEvent.received_at > since)
        # The event's own time: one that comes late by the catch-up is no sign of today.
        .where(ProcessorEvent.made_at > since)
    ).one()
    return Tally(int(failed), int(paid))


def standing(session: Session, *, at: datetime) -> GuardedPeriod | None:
    """Return the guarded time that holds, if one does."""
    return session.scalars(
        select(GuardedPeriod).where(GuardedPeriod.until > at).order_by(GuardedPeriod.until.desc())
    ).first()


def check(
    session: Session,
    amount: Money,
    setting: Mapping[str, Any],
    *,
    at: datetime,
    waits: bool | None = None,
) -> None:
    """Let an amount pass, unless small ones wait just now; ``waits`` says so where it is known.

    Raises
    ------
    Refused
        ``gifts_guarded``, with the amount from which gifts are taken.
    """
    least = Money(setting["minimum"], amount.currency)
    if amount >= least:
        return
    if waits or (waits is None and standing(session, at=at) is not None):
        raise Refused("gifts_guarded", field="amount", limit=least)


def watch(session: Session, *, at: datetime) -> bool:
    """Begin or prolong a guarded time when the window says so; tell the secretariat once.

    Says whether small gifts wait now.
    """
    setting = settings.current(session, "guard").value
    counted = tally(session, setting, at=at)
    period = standing(session, at=at)
    if not counted.suspicious(setting):
        return period is not None
    until = at + timedelta(minutes=setting["minutes"])
    if period is not None:
        period.until = max(period.until, until)
        period.failed = max(period.failed, counted.failed)
        period.succeeded = max(period.succeeded, counted.succeeded)
        return True
    row = GuardedPeriod(
        id=uuid7(at),
        began_at=at,
        until=until,
        failed=counted.failed,
        succeeded=counted.succeeded,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action="alarm.cards_tried",
        object_type="guarded_period",
        object_id=row.id,
        details={"failed": row.failed, "succeeded": row.succeeded},
    )
    letters.to_secretariat(
        session,
        at=at,
        template="guarded",
        parameters={
            "failed": row.failed,
            "succeeded": row.succeeded,
            "window": setting["window"],
            "minutes": setting["minutes"],
            "minimum": setting["minimum"],
        },
        key=f"guarded:{row.id}",
    )
    return True
