"""What does a match book? One rule a kind, each on a line of the bank."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from offset.errors import Conflict, Refused
from offset.ledger import balances, chart, entries, journal, periods
from offset.ledger import queries as ledger
from offset.ledger.entries import Draft
from offset.ledger.models import Entry
from offset.money import Money
from offset.people import settings
from offset.people.access import SYSTEM, Actor, Right, require
from offset.projects.models import Project
from offset.treasury import bank_gifts, bank_rules
from offset.treasury.locks import hold
from offset.treasury.matching import Kind
from offset.treasury.models import (
    BankAccount,
    BankLine,
    BankRule,
    Disbursement,
    DisbursementDecision,
    Match,
    PaymentOutcome,
    StripePayout,
)
from offset.treasury.open_items import active_items, is_open, payout_amount, unmatched_booking

FEE_CEILING: Final = 2_000
"""Minor units up to which a clerk books a bank charge; above it the treasurer does."""


@dataclass(frozen=True)
class Booking:
    """Everything a rule needs to book one part of a line."""

    session: Session
    line: BankLine
    account: BankAccount
    subject_id: uuid.UUID | None
    amount: Money
    number: int
    actor: Actor
    at: datetime
    rule_id: uuid.UUID | None = None
    # How much of the payout or payment several lines explain together, this one among them.
    together: Money | None = None

    @property
    def on(self) -> date:
        """Return the day it is booked on: the bank's, or the first after the closed months.

        The statement that closed such a month did not hold the line either.
        """
        return periods.open_day(self.session, self.line.booked_on)

    @property
    def bank_line(self) -> entries.BankLine:
        """Return the line as the recipes of the books name it."""
        return entries.BankLine(
            id=str(self.line.id),
            on=self.on,
            account=chart.bank(self.account.code),
            part=self.number,
        )

    def post(self, draft: Draft) -> uuid.UUID:
        """Post an entry in the name of whoever matches."""
        posted = journal.post(self.session, draft, at=self.at, actor_id=self.actor.user_id)
        return posted.entry_id


def _book_payout(booking: Booking) -> uuid.UUID:
    payout = booking.session.get(StripePayout, _subject(booking))
    if payout is None:
        raise Refused("subject_unknown", field="kind")
    _whole(booking, payout_amount(booking.session, payout))
    return booking.post(entries.payout_arrived(booking.bank_line, amount=booking.amount))


def _book_disbursement(booking: Booking) -> uuid.UUID:
    payment, _ = _payment(booking)
    _whole(booking, Money(-payment.amount, payment.currency))
    return booking.post(
        entries.disbursement_sent(
            booking.bank_line, disbursement_id=str(payment.id), amount=-booking.amount
        )
    )


def _book_return(booking: Booking) -> uuid.UUID:
    payment, order_id = _payment(booking)
    if booking.amount != Money(payment.amount, payment.currency):
        raise Refused("match_amount_differs", field="kind", wanted=str(payment.amount))
    if not active_items(booking.session, kind=Kind.DISBURSEMENT, subject_id=payment.id):
        raise Refused("payment_not_sent", field="kind", number=payment.number)
    if active_items(booking.session, kind=Kind.DISBURSEMENT_RETURN, subject_id=payment.id):
        raise Conflict("subject_matched", field="kind")
    returned = booking.post(
        entries.disbursement_returned(
            booking.bank_line, disbursement_id=str(payment.id), amount=booking.amount
        )
    )
    # The order is undone: the money stands with the project again, and may be paid anew.
    reason = f"returned by the bank: {payment.number}"
    booking.post(mirror(booking.session, order_id, on=booking.on, reason=reason))
    return returned


def _book_gift(booking: Booking) -> uuid.UUID:
    return bank_gifts.settle(
        booking.session,
        _subject(booking),
        line=booking.bank_line,
        amount=booking.amount,
        at=booking.at,
        actor_id=booking.actor.user_id,
    )


def _book_unidentified(booking: Booking) -> uuid.UUID:
    if booking.amount.minor < 0:
        raise Refused("match_wrong_side", field="kind")
    return booking.post(entries.unidentified_gift(booking.bank_line, amount=booking.amount))


def _book_fee(booking: Booking) -> uuid.UUID:
    rule = _rule_of(booking)
    if booking.amount.minor > 0:
        if rule is None or rule.books != "interest":
            raise Refused("match_wrong_side", field="kind")
        return booking.post(entries.bank_interest(booking.bank_line, amount=booking.amount))
    size = -booking.amount.minor
    if rule is None and size > FEE_CEILING and booking.actor is not SYSTEM:
        require(booking.actor, Right.POST_MANUAL_ENTRY)
    from_here = settings.current(booking.session, "two_people_from").value
    if size >= from_here.get(booking.amount.currency, 0):
        raise Refused("two_people_needed", field="kind")
    return booking.post(entries.bank_fee(booking.bank_line, amount=-booking.amount))


def _rule_of(booking: Booking) -> BankRule | None:
    """Return the rule that a person confirms; it must hold, and take this very line."""
    if booking.rule_id is None:
        return None
    row = booking.session.get(BankRule, booking.rule_id)
    holding = {one.id for one in bank_rules.rules(booking.session)}
    if (
        row is None
        or row.id not in holding
        or not bank_rules.takes(row, booking.line, booking.amount)
    ):
        raise Refused("rule_does_not_take", field="kind")
    return row


def _book_entry(booking: Booking) -> uuid.UUID:
    entry_id = _subject(booking)
    booked = unmatched_booking(booking.session, booking.account, entry_id)
    if booked is None:
        raise Refused("subject_unknown", field="kind")
    if booked * booking.amount.minor <= 0 or abs(booking.amount.minor) > abs(booked):
        wanted = Money(booked, booking.amount.currency)
        raise Refused("match_amount_differs", field="kind", wanted=wanted)
    return entry_id


BOOK: Final[Mapping[Kind, Callable[[Booking], uuid.UUID]]] = {
    Kind.PAYOUT: _book_payout,
    Kind.DISBURSEMENT: _book_disbursement,
    Kind.DISBURSEMENT_RETURN: _book_return,
    Kind.GIFT: _book_gift,
    Kind.UNIDENTIFIED: _book_unidentified,
    Kind.BANK_FEE: _book_fee,
    Kind.ENTRY: _book_entry,
}
# What several lines may make together.
JOINED: Final = frozenset({Kind.PAYOUT, Kind.DISBURSEMENT, Kind.ENTRY})


def _subject(booking: Booking) -> uuid.UUID:
    if booking.subject_id is None:
        raise Refused("subject_unknown", field="kind")
    hold(booking.session, f"matched {booking.subject_id}")
    return booking.subject_id


def _whole(booking: Booking, wanted: Money) -> None:
    """Hold a payout or payment against the line: the exact amount, and not matched before."""
    if (booking.together or booking.amount) != wanted:
        raise Refused("match_amount_differs", field="kind", wanted=wanted)
    if not is_open(booking.session, booking.subject_id):
        raise Conflict("subject_matched", field="kind")


def _payment(booking: Booking) -> tuple[Disbursement, uuid.UUID]:
    subject = _subject(booking)
    payment = booking.session.get(Disbursement, subject)
    decision = booking.session.get(DisbursementDecision, subject)
    approved = decision is not None and decision.outcome is PaymentOutcome.APPROVED
    if payment is None or decision is None or not approved or decision.entry_id is None:
        raise Refused("subject_unknown", field="kind")
    return payment, _standing_order(booking.session, payment, decision.entry_id)


def _standing_order(session: Session, payment: Disbursement, first: uuid.UUID) -> uuid.UUID:
    """Find the order of a payment that stands: the first, or the one that took its place."""
    undone = aliased(Entry)
    found = session.scalar(
        select(Entry.id)
        .outerjoin(undone, undone.reverses_id == Entry.id)
        .where(
            Entry.source_type == "disbursement",
            Entry.source_id == str(payment.id),
            Entry.kind.in_(balances.ORDERED),
            undone.id.is_(None),
        )
    )
    return found or first


def restore_order(
    session: Session, match: Match, *, on: date, actor: Actor, at: datetime
) -> uuid.UUID:
    """Let the order of a payment stand again whose return was mistaken, and return its entry.

    Raises
    ------
    LedgerRefused
        ``floor_breached``: what came back was spent since.
    """
    payment = session.get_one(Disbursement, match.subject_id)
    project = session.get_one(Project, payment.project_id)
    account = chart.project(project.code or "", payment.currency)
    balances.lock(session, [account])
    draft = entries.disbursement_restored(
        match_id=str(match.id),
        disbursement_id=str(payment.id),
        on=on,
        project=account,
        amount=Money(payment.amount, payment.currency),
    )
    return journal.post(session, draft, at=at, actor_id=actor.user_id).entry_id


def mirror(session: Session, entry_id: uuid.UUID, *, on: date, reason: str) -> Draft:
    """Draft the reversal of an entry from its postings."""
    entry = ledger.entry(session, entry_id)
    return entries.reversal(
        entry_id=entry_id,
        on=on,
        source_type=entry.source_type,
        source_id=entry.source_id,
        lines=[entries.Line(line.account, line.amount) for line in entry.lines],
        reason=reason,
    )
