"""What did no event tell us? The processor's own lists are read and what is missing is booked.

Three lists, each from where it was last read to its end, a page at a time: events, payouts, and
the movements of our balance with their sources. What is known costs one question a page. With
every event lost the movements alone give the same books; what changed without moving money
(a debit that failed, a dispute that was lost) is read again object by object, for those that are
still open on our side. Monthly gifts are one list: what is not in it any more has ended.
"""

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import OffsetError, TryLater
from offset.giving import booking, disputes, processor_events, recurring, refund_rows
from offset.giving.models import (
    Donation,
    DonationStatus,
    ProcessorCursor,
    ProcessorEvent,
    StripeBalanceTransaction,
)
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    DisputeFacts,
    EventReader,
    Facts,
    Moved,
    Notice,
    PayoutFacts,
    RefundFacts,
    SubscriptionFacts,
)
from offset.giving.processor_events import PayoutHandler

T = TypeVar("T")

# Lists are read from a little before the cursor: clocks differ, and lists are not instantaneous.
OVERLAP: Final = timedelta(minutes=10)
# As far back as the processor lists events; an older account is read with ``--since``.
FIRST: Final = timedelta(days=30)
PAGE: Final = 100
# How many open objects are read again in one run.
_OPEN: Final = 200
_EVENTS, _MOVEMENTS, _PAYOUTS = "events", "movements", "payouts"
_SENT: Final = frozenset({"payout", "payout_reversal"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PayoutDesk:
    """What the treasury does with payouts, and which ones it still waits for."""

    take: PayoutHandler
    unfinished: Callable[[Session], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a catch-up found missing, what it had to leave for later, and what it read again."""

    events: int
    movements: int
    waiting: int
    reread: int

    @property
    def missing(self) -> int:
        """How many facts no event had told."""
        return self.events + self.movements


def catch_up(
    database: Database,
    reader: EventReader,
    *,
    at: datetime,
    since: datetime | None = None,
    livemode: bool = False,
    payouts: PayoutDesk | None = None,
) -> Found:
    """Read every list from its cursor, or from ``since``, and book whatever is missing.

    Events first, since they name gifts; then movements, payouts and what is still open.

    Raises
    ------
    TryLater
        ``processor_unreachable``: what was read so far is booked, the cursors say how far.
    """
    handler = None if payouts is None else payouts.take
    begin = _beginnings(database, since, at)
    events = _events(database, reader, begin[_EVENTS], at=at, livemode=livemode, on_payout=handler)
    movements, waiting = _movements(database, reader, begin[_MOVEMENTS], at=at, on_payout=handler)
    if payouts is not None:
        _payouts(database, reader, begin[_PAYOUTS], at=at, take=payouts.take)
    reread = _open_objects(database, reader, at=at, payouts=payouts)
    reread += _monthly_gifts(database, reader, at=at)
    return Found(events, movements, waiting, reread)


# --- the three lists ---------------------------------------------------------------------------


def _events(
    database: Database,
    reader: EventReader,
    begin: datetime,
    *,
    at: datetime,
    livemode: bool,
    on_payout: PayoutHandler | None,
) -> int:
    missing = 0
    for page in _pages(reader.announced_since(begin - OVERLAP)):
        known = _known(database, ProcessorEvent.event_id, [one.event_id for one in page])
        for notice in page:
            if notice.event_id not in known and notice.livemode is livemode:
                _take_event(database, reader, notice, at=at, on_payout=on_payout)
                missing += 1
        database.run(_reach, _EVENTS, page[-1].created, at=at)
    return missing


def _take_event(
    database: Database,
    reader: EventReader,
    notice: Notice,
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> None:
    woken = processor_events.wake(reader, reader.again(notice.payload))
    processor_events.take_in(database, woken, at=at, on_payout=on_payout)


def _movements(
    database: Database,
    reader: EventReader,
    begin: datetime,
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> tuple[int, int]:
    """Book what is missing; the cursor stops before the first movement that has to wait."""
    fresh = left = 0
    held_up = False
    for page in _pages(reader.movements_since(begin - OVERLAP)):
        known = _known(database, StripeBalanceTransaction.id, [one.movement.id for one in page])
        missing = [one for one in page if one.movement.id not in known]
        whole = [_whole(reader, one) for one in missing]
        done = _book_page(database, whole, at, on_payout)
        fresh += sum(one.fresh for one in done)
        waits = [
            one.movement.created for one, booked in zip(missing, done, strict=True) if booked.waits
        ]
        left += len(waits)
        if not held_up:
            reached = min(waits) if waits else page[-1].movement.created
            database.run(_reach, _MOVEMENTS, reached, at=at)
        held_up = held_up or bool(waits)
    return fresh, left


def _payouts(
    database: Database, reader: EventReader, begin: datetime, *, at: datetime, take: PayoutHandler
) -> None:
    for facts in reader.payouts_since(begin - OVERLAP):
        database.run(take, facts, at)
        database.run(_reach, _PAYOUTS, facts.created, at=at)


def _open_objects(
    database: Database, reader: EventReader, *, at: datetime, payouts: PayoutDesk | None
) -> int:
    """Read again what has not ended on our side."""
    with database.reading() as session:
        waiting = [
            *disputes.unfinished(session, limit=_OPEN),
            *refund_rows.unfinished(session, limit=_OPEN),
            *_pending_pages(session, at),
            *(payouts.unfinished(session) if payouts is not None else ()),
        ]
    handler = None if payouts is None else payouts.take
    for object_id in waiting:
        _read_again(database, reader, object_id, at=at, on_payout=handler)
    return len(waiting)


def _read_again(
    database: Database,
    reader: EventReader,
    object_id: str,
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> None:
    facts = reader.reread(object_id)
    charge = processor_events.charge_behind(reader, facts)
    effect = database.run(processor_events.effect_of, facts, charge, at=at, on_payout=on_payout)
    processor_events.follow_up(database, effect.settled, at=at)


def _pending_pages(session: Session, at: datetime) -> Sequence[str]:
    """Name the pages, or months, of gifts whose money is on its way, and pages that have closed.

    A page that closed says once whether its form was completed.
    """
    closed = and_(Donation.status == DonationStatus.CREATED, Donation.session_expires_at <= at)
    found = session.scalars(
        select(func.coalesce(Donation.session_id, Donation.invoice_id))
        .where(or_(Donation.status == DonationStatus.PENDING, closed))
        .order_by(Donation.changed_at)
        .limit(_OPEN)
    )
    return [one for one in found if one]


def _monthly_gifts(database: Database, reader: EventReader, *, at: datetime) -> int:
    """Let every monthly gift say what the processor says; return how many were read one by one.

    A month that waits for its money is read with its charge: its donor is told when it fails.
    """
    with database.reading() as session:
        left = recurring.living(session)
    waiting: list[str] = []
    for page in _pages(reader.subscriptions()):
        database.run(_follow, page, at=at)
        left -= {one.subscription_id for one in page}
        waiting += [one.unpaid_invoice_id for one in page if one.unpaid_invoice_id]
    waiting += sorted(left)
    for object_id in waiting:
        _read_again(database, reader, object_id, at=at, on_payout=None)
    return len(waiting)


def _follow(session: Session, page: Sequence[SubscriptionFacts], *, at: datetime) -> None:
    for facts in page:
        recurring.follow(session, facts, at=at)


# --- one page of movements ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Done:
    fresh: bool
    waits: bool


def _book_page(
    database: Database,
    page: Sequence[Moved],
    at: datetime,
    on_payout: PayoutHandler | None,
) -> Sequence[_Done]:
    """Book a page in one transaction; when one movement is refused, each in its own."""
    if not page:
        return ()
    try:
        return database.run(_book_all, page, at=at, on_payout=on_payout)
    except TryLater:
        raise
    except (OffsetError, SQLAlchemyError):
        return [_book_alone(database, one, at, on_payout) for one in page]


def _book_alone(
    database: Database,
    one: Moved,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> _Done:
    try:
        return database.run(_book_all, [one], at=at, on_payout=on_payout)[0]
    except (OffsetError, SQLAlchemyError) as fault:
        _log.error(
            "movement %s cannot be booked: %s",
            one.movement.id,
            fault.code if isinstance(fault, OffsetError) else type(fault).__name__,
        )
        return _Done(fresh=False, waits=True)


def _book_all(
    session: Session,
    page: Iterable[Moved],
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> list[_Done]:
    found = list(page)
    plain = processor_events.settle_many(session, _plain(found), at=at)
    return [
        _Done(fresh=True, waits=False)
        if one.movement.id in plain
        else _book_one(session, one, at=at, on_payout=on_payout)
        for one in found
    ]


def _plain(page: Sequence[Moved]) -> list[tuple[BalanceTransaction, ChargeFacts]]:
    """Pick the charges that name their pledge; of two for one pledge neither."""
    found = [
        (one.movement, one.source)
        for one in page
        if isinstance(one.source, ChargeFacts)
        and one.movement.reporting_category == "charge"
        and one.source.invoice is None
        and one.source.donation_id is not None
    ]
    times = Counter(charge.donation_id for _, charge in found)
    return [(told, charge) for told, charge in found if times[charge.donation_id] == 1]


def _book_one(
    session: Session,
    moved: Moved,
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> _Done:
    told = moved.movement
    facts = _with_movement(moved)
    if facts is not None and (on_payout is not None or not isinstance(facts, PayoutFacts)):
        processor_events.effect_of(session, facts, None, at=at, on_payout=on_payout)
    if _stands(session, told.id):
        return _Done(fresh=True, waits=False)
    booked = processor_events.book_alone(session, told, at=at)
    nothing = not told.net and not told.fee
    return _Done(fresh=booked.fresh, waits=booked.entry_id is None and not nothing)


def _with_movement(moved: Moved) -> Facts | None:
    """Put the movement into what caused it, as an event would have told it."""
    told = moved.movement
    match moved.source:
        case ChargeFacts() as charge if told.reporting_category == "charge":
            return replace(charge, status="succeeded", movement=told, returned=None)
        case RefundFacts() as refund:
            return replace(refund, movements=(told,))
        case DisputeFacts() | PayoutFacts() as other:
            return other
    return None


def _whole(reader: EventReader, moved: Moved) -> Moved:
    """Read again what the list alone does not say: a payout's items, the month a charge pays."""
    told, source = moved.movement, moved.source
    ours = isinstance(source, ChargeFacts) and source.donation_id is not None
    of_nobody = isinstance(source, ChargeFacts) and not ours
    if told.source_id is None or not (of_nobody or told.reporting_category in _SENT):
        return moved
    return replace(moved, source=reader.reread(told.source_id) or source)


def _stands(session: Session, txn_id: str) -> bool:
    return booking.standing(session, txn_id) is not None


# --- cursors -----------------------------------------------------------------------------------


def _beginnings(database: Database, since: datetime | None, at: datetime) -> dict[str, datetime]:
    with database.reading() as session:
        kept = {one.name: one.reached for one in session.scalars(select(ProcessorCursor))}
    return {name: since or kept.get(name, at - FIRST) for name in (_EVENTS, _MOVEMENTS, _PAYOUTS)}


def _reach(session: Session, name: str, reached: datetime, *, at: datetime) -> None:
    """Move a cursor on; it never goes back."""
    row = session.get(ProcessorCursor, name)
    if row is None:
        session.add(ProcessorCursor(name=name, reached=reached, moved_at=at))
    elif row.reached < reached:
        row.reached, row.moved_at = reached, at
    session.flush()


def _known(database: Database, column: Any, ids: Sequence[str]) -> frozenset[str]:
    with database.reading() as session:
        return frozenset(session.scalars(select(column).where(column.in_(ids))))


def _pages(found: Iterable[T]) -> Iterator[list[T]]:
    source = iter(found)
    while page := list(itertools.islice(source, PAGE)):
        yield page
