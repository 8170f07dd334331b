"""What does a processor's event change? It wakes us; what we book is what we read again.

Nothing is asked of the network inside a transaction. The event and its effect are stored in one;
allocation, receipt and mail follow in others, and their failure never fails the event.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, OffsetError
from offset.giving import allocations, booking, donations, receipts
from offset.giving.models import (
    Donation,
    DonationStatus,
    InboxState,
    ProcessorEvent,
)
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    CheckoutGateway,
    CheckoutState,
    DisputeFacts,
    EventReader,
    Facts,
    Notice,
    PayoutFacts,
    RefundFacts,
)
from offset.money import Money
from offset.people import contributors

PayoutHandler = Callable[[Session, PayoutFacts, datetime], object]

# An event may beat the commit of what it speaks of; after this long it did not.
TOO_EARLY: Final = timedelta(hours=1)
# What is still nobody's after this long belongs to somebody else on the same account.
_NOT_OURS: Final = timedelta(days=1)
# Events are listed from a little before the cursor: clocks differ.
_OVERLAP: Final = timedelta(minutes=10)
_OF_GIFTS: Final = frozenset(
    {"charge", "charge_failure", "refund", "refund_failure", "dispute", "dispute_reversal"}
)
_LOST: Final = frozenset({"lost"})
_WON: Final = frozenset({"won"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivered event; ``settled`` names the gift it settled, if any."""

    event_id: str
    status: str  # done, stored, unmatched, alarm, duplicate
    settled: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Woken:
    """An event with everything that was read again because of it, before any transaction."""

    notice: Notice
    charge: ChargeFacts | None = None


@dataclass(frozen=True, slots=True)
class _Effect:
    state: InboxState
    note: str | None = None
    settled: uuid.UUID | None = None


_NOBODYS: Final = "gift_unknown"
_DONE: Final = _Effect(InboxState.DONE)


def receive(
    database: Database,
    reader: EventReader,
    raw: bytes,
    signature: str,
    *,
    at: datetime,
    livemode: bool = False,
    on_payout: PayoutHandler | None = None,
) -> Received:
    """Verify an event, read its object again, store it and book its effect, once.

    Raises
    ------
    Forbidden
        ``signature_wrong``, ``signature_stale``, ``secret_missing``, ``livemode_mismatch``.
    InvalidInput
        ``event_unreadable``.
    TryLater
        ``processor_unreachable`` or ``database_busy``: nothing is stored, it is sent again.
    """
    notice = reader.read(raw, signature, at=at)
    if notice.livemode is not livemode:
        raise Forbidden("livemode_mismatch", event=notice.event_id)
    return _take_in(database, wake(reader, notice), at=at, on_payout=on_payout)


def pull(
    database: Database,
    checkout: CheckoutGateway,
    reader: EventReader,
    session_id: str,
    *,
    at: datetime,
) -> None:
    """Read a payment page's state ourselves and book it, as its event would.

    Raises
    ------
    NotFound, TryLater
    """
    state = checkout.state(session_id)
    effect = database.run(_effect_of, state, _charge_behind(reader, state), at=at, on_payout=None)
    follow_up(database, effect.settled, at=at)


def wake(reader: EventReader, notice: Notice) -> Woken:
    """Read what an event's own facts lack: the charge behind a page, a refund or a dispute.

    Whichever event comes first, the charge is booked before what is taken back from it.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    return Woken(notice, _charge_behind(reader, notice.facts))


def follow_up(database: Database, donation_id: uuid.UUID | None, *, at: datetime) -> None:
    """Allocate a settled gift and issue its receipt, each on its own; the job repeats failures."""
    if donation_id is None:
        return
    for verb in (allocations.allocate_one, receipts.bring_up_to_date):
        try:
            database.run(verb, donation_id, at=at)
        except (OffsetError, SQLAlchemyError) as fault:
            _log.warning("%s is left to the job: %s", verb.__name__, type(fault).__name__)


def retry_unmatched(
    database: Database,
    reader: EventReader,
    *,
    at: datetime,
    on_payout: PayoutHandler | None = None,
) -> int:
    """Try again the events that came before what they speak of; return how many were done.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    with database.reading() as session:
        waiting = {
            row.event_id: row.made_at
            for row in session.execute(
                select(ProcessorEvent.event_id, ProcessorEvent.made_at).where(
                    ProcessorEvent.state == InboxState.UNMATCHED
                )
            )
        }
    if not waiting:
        return 0
    done = 0
    for notice in reader.notices_since(min(waiting.values()) - _OVERLAP):
        if notice.event_id in waiting:
            effect = database.run(_again, wake(reader, notice), at=at, on_payout=on_payout)
            follow_up(database, effect.settled, at=at)
            done += effect.state is not InboxState.UNMATCHED
    return done


def catch_up(
    database: Database,
    reader: EventReader,
    *,
    since: datetime,
    at: datetime,
    livemode: bool = False,
    on_payout: PayoutHandler | None = None,
) -> int:
    """Book whatever no event told us of; return how many events and movements were missing.

    Events first, since they name gifts; then payouts with their items; then every movement.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    missing = 0
    for notice in reader.notices_since(since - _OVERLAP):
        if notice.livemode is livemode and not _known(database, notice.event_id):
            _take_in(database, wake(reader, notice), at=at, on_payout=on_payout)
            missing += 1
    if on_payout is not None:
        for payout in reader.payouts_since(since - _OVERLAP):
            database.run(on_payout, payout, at)
    for told in reader.movements_since(since - _OVERLAP):
        booked = database.run(book_alone, told, at=at)
        missing += booked.fresh
    return missing


def book_alone(session: Session, told: BalanceTransaction, *, at: datetime) -> booking.Booked:
    """Book a movement of which only the movement is known; its source may name a gift.

    What may belong to a gift waits for its event until it is too old for that.
    """
    gift = None
    if told.source_id:
        gift = donations.seek(session, Donation.charge_id == told.source_id)
    young = at - told.created < TOO_EARLY
    if gift is None and young and told.reporting_category in _OF_GIFTS:
        return booking.Booked(None, fresh=False)
    if told.reporting_category == "charge" and gift is not None and gift.settled_at is not None:
        gift = None
    return booking.book(session, told, at=at, gift=gift)


def _take_in(
    database: Database, woken: Woken, *, at: datetime, on_payout: PayoutHandler | None
) -> Received:
    event_id = woken.notice.event_id
    effect = database.run(_store, woken, at=at, on_payout=on_payout)
    if effect is None:
        return Received(event_id, "duplicate")
    follow_up(database, effect.settled, at=at)
    return Received(event_id, effect.state.value, effect.settled)


def _known(database: Database, event_id: str) -> bool:
    with database.reading() as session:
        return session.get(ProcessorEvent, event_id) is not None


def _charge_behind(reader: EventReader, facts: Facts | None) -> ChargeFacts | None:
    match facts:
        case CheckoutState(status="complete", payment_intent_id=str(intent)):
            return reader.charge_of(intent)
        case RefundFacts(payment_intent_id=str(intent)):
            return reader.charge_of(intent)
        case DisputeFacts(payment_intent_id=str(intent)):
            return reader.charge_of(intent)
    return None


def _store(
    session: Session, woken: Woken, *, at: datetime, on_payout: PayoutHandler | None
) -> _Effect | None:
    """Store an event and its effect; None when it was stored before."""
    notice = woken.notice
    row = {
        "event_id": notice.event_id,
        "kind": notice.kind,
        "api_version": notice.api_version,
        "livemode": notice.livemode,
        "made_at": notice.created,
        "received_at": at,
        "payload": dict(notice.payload),
        "state": InboxState.DONE,
        "attempts": 1,
        "done_at": at,
    }
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = upsert(ProcessorEvent).values(row).on_conflict_do_nothing()
    if session.scalar(statement.returning(ProcessorEvent.event_id)) is None:
        return None
    effect = _effect_of(session, notice.facts, woken.charge, at=at, on_payout=on_payout)
    effect = _given_up(effect, notice.created, at)
    if effect.state is not InboxState.DONE or effect.note is not None:
        _mark(session, notice.event_id, effect, at=at, attempts=1)
    return effect


def _again(
    session: Session, woken: Woken, *, at: datetime, on_payout: PayoutHandler | None
) -> _Effect:
    notice = woken.notice
    effect = _effect_of(session, notice.facts, woken.charge, at=at, on_payout=on_payout)
    effect = _given_up(effect, notice.created, at)
    _mark(session, notice.event_id, effect, at=at, attempts=ProcessorEvent.attempts + 1)
    return effect


def _given_up(effect: _Effect, made_at: datetime, at: datetime) -> _Effect:
    """Stop trying an event that names no gift of ours after a day; it stays stored."""
    waits = effect.state is InboxState.UNMATCHED and effect.note == _NOBODYS
    return _Effect(InboxState.STORED, _NOBODYS) if waits and at - made_at > _NOT_OURS else effect


def _mark(session: Session, event_id: str, effect: _Effect, *, at: datetime, attempts: Any) -> None:
    session.execute(
        update(ProcessorEvent)
        .where(ProcessorEvent.event_id == event_id)
        .values(
            state=effect.state,
            note=effect.note,
            attempts=attempts,
            done_at=None if effect.state is InboxState.UNMATCHED else at,
        )
        .execution_options(synchronize_session=False)
    )


def _effect_of(
    session: Session,
    facts: Facts | None,
    charge: ChargeFacts | None,
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> _Effect:
    """Choose what an object read again changes, by what it is."""
    match facts:
        case CheckoutState():
            effect = _checkout(session, facts, charge, at)
        case ChargeFacts():
            effect = _charge(session, facts, at)
        case RefundFacts():
            effect = _refund(session, facts, charge, at)
        case DisputeFacts():
            effect = _dispute(session, facts, charge, at)
        case PayoutFacts():
            effect = _payout(session, facts, at, on_payout)
        case _:
            effect = _Effect(InboxState.STORED)
    return effect


def _payout(
    session: Session, facts: PayoutFacts, at: datetime, on_payout: PayoutHandler | None
) -> _Effect:
    """Hand a payout to whoever keeps payouts; what it is made of is booked if it is missing."""
    if on_payout is None:
        return _Effect(InboxState.UNMATCHED, "nobody_takes_payouts")
    on_payout(session, facts, at)
    for told in (*facts.items, *filter(None, (facts.movement,))):
        # What may belong to a gift waits for the event that says to which.
        if told.reporting_category not in _OF_GIFTS:
            booking.book(session, told, at=at)
    return _DONE


def _checkout(
    session: Session, facts: CheckoutState, charge: ChargeFacts | None, at: datetime
) -> _Effect:
    """Move a gift by the state of its payment page; ``unpaid`` is never a gift received."""
    gift = _gift(session, facts.donation_id, Donation.session_id == facts.session_id)
    if gift is None:
        return _Effect(InboxState.UNMATCHED, _NOBODYS)
    cause = facts.session_id
    if facts.status == "expired":
        donations.advance(session, gift, DonationStatus.EXPIRED, at=at, cause=cause)
        return _DONE
    if facts.status != "complete":
        return _DONE
    _introduce(session, gift, facts.email, facts.name, at)
    gift.payment_intent_id = gift.payment_intent_id or facts.payment_intent_id
    if charge is None or charge.status == "failed":
        # The form was completed, so a charge that failed was a debit under way, no declined card.
        donations.advance(session, gift, DonationStatus.PENDING, at=at, cause=cause)
    return _DONE if charge is None else _charge_of_gift(session, gift, charge, at)


def _charge(session: Session, facts: ChargeFacts, at: datetime) -> _Effect:
    """Book a charge to its gift; a charge of nobody is unidentified once it is not too early."""
    gift = _gift(
        session,
        facts.donation_id,
        *_ids(Donation.charge_id, facts.charge_id),
        *_ids(Donation.payment_intent_id, facts.payment_intent_id),
    )
    if gift is not None:
        return _charge_of_gift(session, gift, facts, at)
    if facts.movement is None or facts.status != "succeeded":
        # No money moved yet; when it does, another event or the catch-up tells.
        return _Effect(InboxState.STORED, _NOBODYS)
    return _charge_of_nobody(session, facts.movement, at)


def _charge_of_nobody(session: Session, movement: BalanceTransaction, at: datetime) -> _Effect:
    if at - movement.created < TOO_EARLY:
        return _Effect(InboxState.UNMATCHED, _NOBODYS)
    return _unidentified(session, movement, _NOBODYS, at)


def _charge_of_gift(session: Session, gift: Donation, facts: ChargeFacts, at: datetime) -> _Effect:
    if facts.status != "failed":
        _introduce(session, gift, facts.email, facts.name, at)
    gift.payment_intent_id = gift.payment_intent_id or facts.payment_intent_id
    if facts.status == "failed":
        # A declined card leaves the page open; only a debit that was under way can fail.
        if gift.status is DonationStatus.PENDING:
            donations.advance(session, gift, DonationStatus.FAILED, at=at, cause=facts.charge_id)
        return _DONE
    if gift.charge_id is None:
        gift.charge_id = facts.charge_id
    if facts.movement is None or facts.status != "succeeded":
        donations.advance(session, gift, DonationStatus.PENDING, at=at, cause=facts.charge_id)
        return _DONE
    gift.method = gift.method or facts.method
    return _money_arrived(session, gift, facts, facts.movement, at)


def _money_arrived(
    session: Session,
    gift: Donation,
    facts: ChargeFacts,
    movement: BalanceTransaction,
    at: datetime,
) -> _Effect:
    """Book a gift's money, unless it is not the gift's: another amount, or paid twice."""
    if facts.presented != Money(gift.amount, gift.currency):
        return _unidentified(session, movement, "amount_mismatch", at)
    if gift.charge_id != facts.charge_id:
        return _unidentified(session, movement, "paid_twice", at)
    booked = booking.book(session, movement, at=at, gift=gift)
    return _Effect(InboxState.DONE, booked.alarm, gift.id if booked.fresh else None)


def _unidentified(
    session: Session, movement: BalanceTransaction, alarm: str, at: datetime
) -> _Effect:
    booked = booking.book(session, movement, at=at)
    if booked.fresh:
        booking.raise_alarm(session, alarm, movement.id, at=at, source=movement.source_id)
    return _Effect(InboxState.ALARM, alarm)


def _refund(
    session: Session, facts: RefundFacts, charge: ChargeFacts | None, at: datetime
) -> _Effect:
    """Book the movements of a refund; until the money leaves there is nothing to book."""
    gift = _gift_of_charge(session, facts, charge, at)
    return _book_all(session, gift, facts.movements, at)


def _dispute(
    session: Session, facts: DisputeFacts, charge: ChargeFacts | None, at: datetime
) -> _Effect:
    """Book the movements of a dispute and show its state; a mere warning moves no money."""
    gift = _gift_of_charge(session, facts, charge, at)
    effect = _book_all(session, gift, facts.movements, at)
    if gift is None or effect.state is InboxState.UNMATCHED or not facts.movements:
        return effect
    cause = facts.dispute_id
    donations.advance(session, gift, DonationStatus.DISPUTED, at=at, cause=cause)
    if facts.status in _WON:
        donations.advance(session, gift, DonationStatus.WON, at=at, cause=cause)
    if facts.status in _LOST and donations.advance(
        session, gift, DonationStatus.LOST, at=at, cause=cause
    ):
        # The money is gone: nothing of the gift moves until its sources are found.
        gift.refunded += -sum(told.amount.minor for told in facts.movements)
        gift.receipt_due = True
    return effect


def _book_all(
    session: Session,
    gift: Donation | None,
    movements: tuple[BalanceTransaction, ...],
    at: datetime,
) -> _Effect:
    if gift is None and any(at - told.created < TOO_EARLY for told in movements):
        return _Effect(InboxState.UNMATCHED, _NOBODYS)
    alarms = [
        booked.alarm
        for told in movements
        if (booked := booking.book(session, told, at=at, gift=gift)).alarm
    ]
    if alarms:
        return _Effect(InboxState.ALARM, alarms[0])
    return _DONE


def _gift_of_charge(
    session: Session, facts: RefundFacts | DisputeFacts, charge: ChargeFacts | None, at: datetime
) -> Donation | None:
    """Find the gift whose charge went back, and book the charge if its event is still on its way.

    A charge that was not booked to the gift (another amount, paid twice) is nobody's.
    """
    gift = _gift(session, None, *_ids(Donation.charge_id, facts.charge_id))
    if charge is not None and (gift is None or gift.settled_at is None):
        _charge(session, charge, at)
        session.flush()
        gift = _gift(session, None, *_ids(Donation.charge_id, facts.charge_id))
    return gift if gift is not None and gift.settled_at is not None else None


def _gift(session: Session, donation_id: str | None, *conditions: Any) -> Donation | None:
    """Find a gift by the id the processor carries for us, or by an id of its own; locked."""
    wanted = list(conditions)
    if (known := _uuid(donation_id)) is not None:
        wanted.append(Donation.id == known)
    return donations.seek(session, or_(*wanted)) if wanted else None


def _ids(column: Any, value: str | None) -> tuple[Any, ...]:
    return () if value is None else (column == value,)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _introduce(
    session: Session, gift: Donation, email: str | None, name: str | None, at: datetime
) -> None:
    """Keep the giver's address and name, the first time they are told."""
    if gift.contributor_id is None and (email or name):
        gift.contributor_id = contributors.keep(session, at=at, email=email, name=name)
        gift.receipt_due = gift.settled_at is not None
