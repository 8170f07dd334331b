"""Does the processor hold for us what the books say? If not, which movements explain it?

A difference that is no movement under way is shown red on the desk: somebody must look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving.models import ProcessorBalance, ProcessorCursor, StripeBalanceTransaction
from offset.giving.ports import AccountBalance, BalanceReader, EventReader, Moved
from offset.ledger import balances
from offset.money import Money

# What is not booked can only stand behind the cursor, or a little before it.
_BEFORE: Final = timedelta(hours=1)
_LISTED: Final = 50
_STRIPE: Final = "Assets:Stripe:"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One currency: the processor's word, ours, and the movements we still await."""

    currency: str
    available: Money
    pending: Money
    booked: Money
    explained: tuple[tuple[str, str, Money], ...]  # movement, category, net
    read_at: datetime

    @property
    def difference(self) -> Money:
        """What the processor holds beyond what the books say."""
        return self.available + self.pending - self.booked

    @property
    def unexplained(self) -> Money:
        """What is left of the difference when the awaited movements are counted; red unless 0."""
        return self.difference - sum(
            (net for _, _, net in self.explained), start=Money(0, self.currency)
        )


def read(
    database: Database, reader: BalanceReader, events: EventReader, *, at: datetime
) -> tuple[Compared, ...]:
    """Read the processor's balance beside ours and keep both.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    told = reader.balances()
    with database.reading() as session:
        booked = _booked(session)
        since = session.scalar(
            select(ProcessorCursor.reached).where(ProcessorCursor.name == "movements")
        )
        differs = any(
            _held(told, code) != booked.get(code, Money(0, code)) for code in {*told, *booked}
        )
        awaited = _awaited(session, events, since or at) if differs else ()
    database.run(_keep, told, booked, awaited, at=at)
    with database.reading() as session:
        return compared(session)


def compared(session: Session) -> tuple[Compared, ...]:
    """Return the last reading, one row a currency."""
    rows = session.scalars(select(ProcessorBalance).order_by(ProcessorBalance.currency))
    return tuple(
        Compared(
            currency=row.currency,
            available=Money(row.available, row.currency),
            pending=Money(row.pending, row.currency),
            booked=Money(row.booked, row.currency),
            explained=tuple(
                (txn, category, Money(net, row.currency)) for txn, category, net in row.explained
            ),
            read_at=row.read_at,
        )
        for row in rows
    )


def _held(told: Mapping[str, AccountBalance], code: str) -> Money:
    found = told.get(code)
    return Money(0, code) if found is None else found.available + found.pending


def _booked(session: Session) -> dict[str, Money]:
    return {
        line.balance.currency: line.balance
        for line in balances.trial_balance(session)
        if line.code.startswith(_STRIPE)
    }


def _awaited(session: Session, events: EventReader, since: datetime) -> tuple[Moved, ...]:
    """List the movements that the books do not have, from the cursor of the catch-up on."""
    found = list(events.movements_since(since - _BEFORE))
    ids = [one.movement.id for one in found]
    known: set[str] = set()
    for start in range(0, len(ids), 1000):
        part = ids[start : start + 1000]
        known |= set(
            session.scalars(
                select(StripeBalanceTransaction.id).where(StripeBalanceTransaction.id.in_(part))
            )
        )
    return tuple(one for one in found if one.movement.id not in known)


def _keep(
    session: Session,
    told: Mapping[str, AccountBalance],
    booked: Mapping[str, Money],
    awaited: tuple[Moved, ...],
    *,
    at: datetime,
) -> None:
    for code in sorted({*told, *booked}):
        row = session.get(ProcessorBalance, code) or ProcessorBalance(currency=code)
        found = told.get(code)
        row.available = found.available.minor if found else 0
        row.pending = found.pending.minor if found else 0
        row.booked = booked.get(code, Money(0, code)).minor
        row.explained = _explained(awaited, code)
        row.read_at = at
        session.add(row)
    session.flush()


def _explained(awaited: tuple[Moved, ...], code: str) -> list[list[Any]]:
    """Write the awaited movements; beyond some they count as one line."""
    mine = [one.movement for one in awaited if one.movement.net.currency == code]
    listed = [[one.id, one.reporting_category, one.net.minor] for one in mine[:_LISTED]]
    rest = sum(one.net.minor for one in mine[_LISTED:])
    return [*listed, ["", "other", rest]] if rest else listed
