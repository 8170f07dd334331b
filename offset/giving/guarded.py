"""Is somebody trying stolen cards on us? Then small gifts wait for an hour.

Card testers pay small sums and most of their cards are refused. When the share of refused ones
in a short window passes what the setting allows, gifts under a stated amount are not taken until
some time has passed without a new reason. The state ends by itself, or by a word of the
secretariat: then only what is refused afterwards counts.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, Refused, StateRefused
from offset.giving import letters
from offset.giving.models import GuardedEnding, GuardedPeriod, InboxState, ProcessorEvent
from offset.money import Money
from offset.people import audit, settings
from offset.people.access import SYSTEM, Actor, Right, require
from offset.people.models import User

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
    ended = session.scalar(select(func.max(GuardedEnding.ended_at)))
    since = since if ended is None else max(since, ended)
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


@dataclass(frozen=True, slots=True)
class Standing:
    """A guarded time as the desk reads it; ``minimum`` is the amount that still passes."""

    period_id: uuid.UUID
    began_at: datetime
    until: datetime
    failed: int
    succeeded: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Past:
    """A guarded time that is over; who ended it and why, where somebody did."""

    began_at: datetime
    until: datetime
    failed: int
    succeeded: int
    ended_by: str | None
    reason: str | None


def held(session: Session, *, at: datetime) -> Standing | None:
    """Read the guarded time that holds, if one does."""
    row = standing(session, at=at)
    if row is None:
        return None
    minimum = settings.current(session, "guard").value["minimum"]
    return Standing(row.id, row.began_at, row.until, row.failed, row.succeeded, minimum=minimum)


def past(session: Session, *, at: datetime, limit: int = 20) -> tuple[Past, ...]:
    """Read the guarded times that are over, newest first."""
    rows = session.execute(
        select(GuardedPeriod, GuardedEnding.reason, User.name)
        .outerjoin(GuardedEnding, GuardedEnding.period_id == GuardedPeriod.id)
        .outerjoin(User, User.id == GuardedEnding.ended_by)
        .where(GuardedPeriod.until <= at)
        .order_by(GuardedPeriod.began_at.desc())
        .limit(limit)
    )
    return tuple(
        Past(row.began_at, row.until, row.failed, row.succeeded, ended_by=name, reason=reason)
        for row, reason, name in rows
    )


def end(session: Session, *, actor: Actor, at: datetime, reason: str) -> None:
    """End the guarded time that holds: small gifts are taken again.

    Raises
    ------
    Forbidden
        Without the right to end it; ``person_needed``.
    InvalidInput
        ``reason_missing``.
    StateRefused
        ``not_guarded``: none holds, or somebody has just ended it.
    """
    require(actor, Right.END_GUARD)
    if actor.user_id is None:
        raise Forbidden("person_needed")
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    period = session.scalars(
        select(GuardedPeriod).where(GuardedPeriod.until > at).with_for_update()
    ).first()
    if period is None:
        raise StateRefused("not_guarded")
    period.until = at
    session.add(
        GuardedEnding(
            period_id=period.id, ended_at=at, ended_by=actor.user_id, reason=reason.strip()
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="guard.ended",
        object_type="guarded_period",
        object_id=period.id,
        details={"reason": reason.strip()},
    )


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
