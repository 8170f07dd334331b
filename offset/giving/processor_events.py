"""What does a processor's event change? It wakes us; what we book is what we read again.

Nothing is asked of the network inside a transaction. The event and its effect are stored in one;
allocation, receipt and mail follow in others, and their failure never fails the event.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, NotFound, OffsetError, Refused
from offset.giving import (
    allocations,
    booking,
    debits,
    disputes,
    donations,
    receipts,
    recurring,
    refund_rows,
)
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
    InvoiceFacts,
    Notice,
    PayoutFacts,
    RefundFacts,
    SubscriptionFacts,
)
from offset.money import Money
from offset.people import contributors

PayoutHandler = Callable[[Session, PayoutFacts, datetime], object]

# An event may beat the commit of what it speaks of; after this long it did not.
TOO_EARLY: Final = timedelta(hours=1)
# What is still nobody's after this long belongs to somebody else on the same account.
_NOT_OURS: Final = timedelta(days=1)
OF_GIFTS: Final = frozenset(
    {"charge", "charge_failure", "refund", "refund_failure", "dispute", "dispute_reversal"}
)
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
class Effect:
    """What became of an object read again: a state of the inbox, a word, the gift it settled."""

    state: InboxState
    note: str | None = None
    settled: uuid.UUID | None = None


NOBODYS: Final = "gift_unknown"
_DONE: Final = Effect(InboxState.DONE)


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
    return take_in(database, wake(reader, notice), at=at, on_payout=on_payout)


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
    effect = database.run(effect_of, state, charge_behind(reader, state), at=at, on_payout=None)
    follow_up(database, effect.settled, at=at)


def wake(reader: EventReader, notice: Notice) -> Woken:
    """Read what an event's own facts lack: the charge behind a page, a refund or a dispute.

    Whichever event comes first, the charge is booked before what is taken back from it.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    return Woken(notice, charge_behind(reader, notice.facts))


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
    limit: int = 200,
) -> int:
    """Try again the events that came before what they speak of; return how many were done.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    with database.reading() as session:
        waiting = session.scalars(
            select(ProcessorEvent.payload)
            .where(ProcessorEvent.state == InboxState.UNMATCHED)
            .order_by(ProcessorEvent.received_at)
            .limit(limit)
        ).all()
    done = 0
    for payload in waiting:
        # An erased payload names nothing that could be read again.
        if payload.get("id"):
            woken = wake(reader, reader.again(payload))
            effect = database.run(_again, woken, at=at, on_payout=on_payout)
            follow_up(database, effect.settled, at=at)
            done += effect.state is not InboxState.UNMATCHED
    return done


def read_again(
    database: Database,
    reader: EventReader,
    event_id: str,
    *,
    at: datetime,
    on_payout: PayoutHandler | None = None,
) -> Effect:
    """Read what one stored event speaks of once more and book what follows, as the job would.

    Raises
    ------
    NotFound
        ``notice_unknown``.
    Refused
        ``notice_erased``: its payload was emptied and names nothing any more.
    TryLater
        ``processor_unreachable``.
    """
    with database.reading() as session:
        payload = session.scalar(
            select(ProcessorEvent.payload).where(ProcessorEvent.event_id == event_id)
        )
    if payload is None:
        raise NotFound("notice_unknown")
    if not payload.get("id"):
        raise Refused("notice_erased")
    woken = wake(reader, reader.again(payload))
    effect = database.run(_again, woken, at=at, on_payout=on_payout)
    follow_up(database, effect.settled, at=at)
    return effect


def settle_many(
    session: Session, page: Sequence[tuple[BalanceTransaction, ChargeFacts]], *, at: datetime
) -> frozenset[str]:
    """Settle the plain gifts of a page at once; name the movements that were booked so.

    Plain is a charge that names its pledge, of the pledge's amount, paid once, of no month.
    What else is on the page is for the one-by-one way.

    Raises
    ------
    LedgerRefused
        Nothing of the page is booked then.
    """
    named = {
        known: (told, facts)
        for told, facts in page
        if (known := _uuid(facts.donation_id)) is not None and told.net.minor > 0
    }
    gifts = session.scalars(
        select(Donation)
        .where(
            Donation.id.in_(named),
            Donation.settled_at.is_(None),
            Donation.recurring_gift_id.is_(None),
        )
        .order_by(Donation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    plain = []
    with session.no_autoflush:
        for gift in gifts:
            told, facts = named[gift.id]
            own = gift.charge_id in {None, facts.charge_id}
            if own and facts.presented == Money(gift.amount, gift.currency):
                gift.method = gift.method or facts.method
                gift.mandate_id = gift.mandate_id or facts.mandate_id
                gift.mandate_text = gift.mandate_text or facts.mandate_text
                plain.append((told, gift))
        _known_charges(session, [(gift, named[gift.id][1]) for _, gift in plain], at)
        booking.book_many(session, plain, at=at)
    return frozenset(told.id for told, _ in plain)


def book_alone(session: Session, told: BalanceTransaction, *, at: datetime) -> booking.Booked:
    """Book a movement of which only the movement is known; its source may name a gift.

    What may belong to a gift waits for its event until it is too old for that.
    """
    gift = None
    if told.source_id:
        gift = donations.seek(session, Donation.charge_id == told.source_id)
    young = at - told.created < TOO_EARLY
    if gift is None and young and told.reporting_category in OF_GIFTS:
        return booking.Booked(None, fresh=False)
    if told.reporting_category == "charge" and gift is not None and gift.settled_at is not None:
        gift = None
    return booking.book(session, told, at=at, gift=gift)


def book_reported(session: Session, facts: ChargeFacts, *, at: datetime) -> None:
    """Book a charge that only the processor's report tells of, to the gift whose mark it carries.

    A gift that was settled by another charge is not settled again: that money is unidentified.
    """
    movement = facts.movement
    if movement is None:
        return
    gift = _gift(
        session,
        facts.donation_id,
        *_ids(Donation.reference, facts.donation_id),
        *_ids(Donation.charge_id, facts.charge_id),
        *_ids(Donation.payment_intent_id, facts.payment_intent_id),
    )
    settled = gift is not None and gift.settled_at is not None
    if gift is None or (settled and gift.charge_id == facts.charge_id):
        book_alone(session, movement, at=at)
    else:
        _settled(session, gift, facts, movement, at)


def take_in(
    database: Database, woken: Woken, *, at: datetime, on_payout: PayoutHandler | None
) -> Received:
    """Store an event that was read again, with its effect; then what follows."""
    event_id = woken.notice.event_id
    effect = database.run(_store, woken, at=at, on_payout=on_payout)
    if effect is None:
        return Received(event_id, "duplicate")
    follow_up(database, effect.settled, at=at)
    return Received(event_id, effect.state.value, effect.settled)


def charge_behind(reader: EventReader, facts: Facts | None) -> ChargeFacts | None:
    """Read the charge behind a finished page, a refund or a dispute."""
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
) -> Effect | None:
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
    effect = effect_of(session, notice.facts, woken.charge, at=at, on_payout=on_payout)
    effect = _given_up(effect, notice.created, at)
    if effect.state is not InboxState.DONE or effect.note is not None:
        _mark(session, notice.event_id, effect, at=at, attempts=1)
    return effect


def _again(
    session: Session, woken: Woken, *, at: datetime, on_payout: PayoutHandler | None
) -> Effect:
    notice = woken.notice
    effect = effect_of(session, notice.facts, woken.charge, at=at, on_payout=on_payout)
    effect = _given_up(effect, notice.created, at)
    _mark(session, notice.event_id, effect, at=at, attempts=ProcessorEvent.attempts + 1)
    return effect


def _given_up(effect: Effect, made_at: datetime, at: datetime) -> Effect:
    """Stop trying an event that names no gift of ours after a day; it stays stored."""
    waits = effect.state is InboxState.UNMATCHED and effect.note == NOBODYS
    return Effect(InboxState.STORED, NOBODYS) if waits and at - made_at > _NOT_OURS else effect


def _mark(session: Session, event_id: str, effect: Effect, *, at: datetime, attempts: Any) -> None:
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


def effect_of(
    session: Session,
    facts: Facts | None,
    charge: ChargeFacts | None,
    *,
    at: datetime,
    on_payout: PayoutHandler | None,
) -> Effect:
    """Choose what an object read again changes, by what it is."""
    match facts:
        case CheckoutState():
            effect = _checkout(session, facts, charge, at)
        case ChargeFacts():
            effect = _charge(session, facts, at)
        case InvoiceFacts():
            recurring.of_invoice(session, facts, None, at=at)
            effect = _DONE
        case SubscriptionFacts():
            known = recurring.follow(session, facts, at=at)
            effect = _DONE if known else Effect(InboxState.UNMATCHED, NOBODYS)
        case RefundFacts():
            effect = _refund(session, facts, charge, at)
        case DisputeFacts():
            effect = _dispute(session, facts, charge, at)
        case PayoutFacts():
            effect = _payout(session, facts, at, on_payout)
        case _:
            effect = Effect(InboxState.STORED)
    return effect


def _payout(
    session: Session, facts: PayoutFacts, at: datetime, on_payout: PayoutHandler | None
) -> Effect:
    """Hand a payout to whoever keeps payouts; what it is made of is booked if it is missing."""
    if on_payout is None:
        return Effect(InboxState.UNMATCHED, "nobody_takes_payouts")
    on_payout(session, facts, at)
    for told in (*facts.items, *filter(None, (facts.movement,))):
        # What may belong to a gift waits for the event that says to which.
        if told.reporting_category not in OF_GIFTS:
            booking.book(session, told, at=at)
    return _DONE


def _checkout(
    session: Session, facts: CheckoutState, charge: ChargeFacts | None, at: datetime
) -> Effect:
    """Move a gift by the state of its payment page; ``unpaid`` is never a gift received."""
    gift = _gift(session, facts.donation_id, Donation.session_id == facts.session_id)
    if gift is None:
        return Effect(InboxState.UNMATCHED, NOBODYS)
    cause = facts.session_id
    if facts.status == "expired":
        donations.advance(session, gift, DonationStatus.EXPIRED, at=at, cause=cause)
        return _DONE
    if facts.status != "complete":
        return _DONE
    _introduce(session, gift, facts.email, facts.name, at)
    if gift.recurring_gift_id is not None:
        recurring.begun(session, gift, facts, at=at)
    gift.payment_intent_id = gift.payment_intent_id or facts.payment_intent_id
    if charge is None or charge.status == "failed":
        # The form was completed, so a charge that failed was a debit under way, no declined card.
        donations.advance(session, gift, DonationStatus.PENDING, at=at, cause=cause)
    if charge is not None and charge.invoice is not None:
        recurring.of_invoice(session, charge.invoice, charge, at=at, gift=gift)
    return _DONE if charge is None else _charge_of_gift(session, gift, charge, at)


def _charge(session: Session, facts: ChargeFacts, at: datetime) -> Effect:
    """Book a charge to its gift; a charge of nobody is unidentified once it is not too early."""
    gift = _gift(
        session,
        facts.donation_id,
        *_ids(Donation.charge_id, facts.charge_id),
        *_ids(Donation.payment_intent_id, facts.payment_intent_id),
        *(() if facts.invoice is None else recurring.is_month(facts.invoice)),
    )
    if facts.invoice is not None:
        # Whichever event comes first says which month the gift is.
        gift = recurring.of_invoice(session, facts.invoice, facts, at=at, gift=gift)
    if gift is not None:
        return _charge_of_gift(session, gift, facts, at)
    if facts.invoice is not None and facts.status == "failed":
        return _DONE
    if not _arrived(facts) or facts.movement is None:
        # No money moved yet; when it does, another event or the catch-up tells.
        return Effect(InboxState.STORED, NOBODYS)
    return _charge_of_nobody(session, facts.movement, at)


def _charge_of_nobody(session: Session, movement: BalanceTransaction, at: datetime) -> Effect:
    if at - movement.created < TOO_EARLY:
        return Effect(InboxState.UNMATCHED, NOBODYS)
    return _unidentified(session, movement, NOBODYS, at)


def _arrived(facts: ChargeFacts) -> bool:
    """Say whether a charge's money came, be it that a bank took it back later."""
    return facts.movement is not None and (
        facts.status == "succeeded" or facts.returned is not None
    )


def _charge_of_gift(session: Session, gift: Donation, facts: ChargeFacts, at: datetime) -> Effect:
    gift.mandate_id = gift.mandate_id or facts.mandate_id
    gift.mandate_text = gift.mandate_text or facts.mandate_text
    gift.failure_code = facts.failure_code
    if _arrived(facts) and facts.movement is not None:
        return _settled(session, gift, facts, facts.movement, at)
    if facts.status == "failed":
        # A declined card leaves the page open; only a debit that was under way can fail.
        if gift.status is DonationStatus.PENDING:
            donations.advance(session, gift, DonationStatus.FAILED, at=at, cause=facts.charge_id)
            debits.tell(session, gift, "debit_failed", at=at)
        return _DONE
    _known_charge(session, gift, facts, at)
    donations.advance(session, gift, DonationStatus.PENDING, at=at, cause=facts.charge_id)
    if gift.status is DonationStatus.PENDING and facts.mandate_id is not None:
        debits.announce(session, gift, facts, at=at)
    return _DONE


def _known_charges(
    session: Session, found: Sequence[tuple[Donation, ChargeFacts]], at: datetime
) -> None:
    """Let gifts of a page know their charges and givers, in one statement for the givers."""
    new = [
        (gift, facts)
        for gift, facts in found
        if gift.contributor_id is None and (facts.email or facts.name)
    ]
    ids = contributors.keep_many(session, [(told.email, told.name) for _, told in new], at=at)
    for (gift, _), contributor_id in zip(new, ids, strict=True):
        gift.contributor_id = contributor_id
    for gift, facts in found:
        _known_charge(session, gift, facts, at)


def _known_charge(session: Session, gift: Donation, facts: ChargeFacts, at: datetime) -> None:
    _introduce(session, gift, facts.email, facts.name, at)
    gift.payment_intent_id = gift.payment_intent_id or facts.payment_intent_id
    if gift.charge_id is None:
        gift.charge_id = facts.charge_id


def _settled(
    session: Session,
    gift: Donation,
    facts: ChargeFacts,
    movement: BalanceTransaction,
    at: datetime,
) -> Effect:
    """Book a charge's money to its gift, and what a bank took back of it since."""
    _known_charge(session, gift, facts, at)
    gift.method = gift.method or facts.method
    effect = _money_arrived(session, gift, facts, movement, at)
    if facts.returned is not None:
        of_gift = gift.charge_id == facts.charge_id and gift.settled_at is not None
        booking.book(session, facts.returned, at=at, gift=gift if of_gift else None)
        if of_gift:
            debits.tell(session, gift, "debit_returned", at=at)
    return effect


def _money_arrived(
    session: Session,
    gift: Donation,
    facts: ChargeFacts,
    movement: BalanceTransaction,
    at: datetime,
) -> Effect:
    """Book a gift's money, unless it is not the gift's: another amount, or paid twice."""
    if facts.presented != Money(gift.amount, gift.currency):
        return _unidentified(session, movement, "amount_mismatch", at)
    if gift.charge_id != facts.charge_id:
        return _unidentified(session, movement, "paid_twice", at)
    booked = booking.book(session, movement, at=at, gift=gift)
    return Effect(InboxState.DONE, booked.alarm, gift.id if booked.fresh else None)


def _unidentified(
    session: Session, movement: BalanceTransaction, alarm: str, at: datetime
) -> Effect:
    booked = booking.book(session, movement, at=at)
    if booked.fresh:
        booking.raise_alarm(session, alarm, movement.id, at=at, source=movement.source_id)
    return Effect(InboxState.ALARM, alarm)


def _refund(
    session: Session, facts: RefundFacts, charge: ChargeFacts | None, at: datetime
) -> Effect:
    """Book the movements of a refund and keep its state; one that nobody asked for is shown."""
    gift = _gift_of_charge(session, facts, charge, at)
    effect = _book_all(session, gift, facts.movements, at)
    if gift is not None:
        refund_rows.note(session, gift, facts, at=at)
    return effect


def _dispute(
    session: Session, facts: DisputeFacts, charge: ChargeFacts | None, at: datetime
) -> Effect:
    """Book the movements of a dispute and show its state; a mere warning moves no money."""
    gift = _gift_of_charge(session, facts, charge, at)
    effect = _book_all(session, gift, facts.movements, at)
    if effect.state is not InboxState.UNMATCHED:
        ended = disputes.keep(session, facts, gift, at=at)
        if gift is not None and facts.movements:
            disputes.move(session, gift, facts, ended=ended, at=at)
    return effect


def _book_all(
    session: Session,
    gift: Donation | None,
    movements: tuple[BalanceTransaction, ...],
    at: datetime,
) -> Effect:
    if gift is None and any(at - told.created < TOO_EARLY for told in movements):
        return Effect(InboxState.UNMATCHED, NOBODYS)
    alarms = [
        booked.alarm
        for told in movements
        if (booked := booking.book(session, told, at=at, gift=gift)).alarm
    ]
    if alarms:
        return Effect(InboxState.ALARM, alarms[0])
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
