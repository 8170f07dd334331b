"""What stands on the other sides of a bank line: payouts, payments, bookings, matches, notes?"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving.models import StripeBalanceTransaction
from offset.money import Money
from offset.people.models import User
from offset.treasury.matching import Kind, Proposal, Reason, Why
from offset.treasury.models import (
    BankAccount,
    BankLine,
    Disbursement,
    DisbursementDecision,
    LineNote,
    Match,
    MatchItem,
    PaymentOutcome,
    StripePayout,
    Unmatch,
)
from offset.treasury.open_items import Booking, on_the_way, open_bookings, statuses
from offset.treasury.payout_lines import PayoutLine, payout_lines
from offset.treasury.queries import PaymentLine, PaymentState, payments


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """A note beside a bank line."""

    text: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class MatchView:
    """A match that holds: what it says, who said so, and the entry it stands on."""

    id: uuid.UUID
    kind: Kind
    subject_id: uuid.UUID | None
    entry_id: uuid.UUID
    amount: Money
    automatic: bool
    reasons: tuple[Reason, ...]
    made_at: datetime
    made_by: str


@dataclass(frozen=True)
class Sides:
    """Everything open that a line may turn out to be, by its id, and what lines were."""

    payouts: Mapping[uuid.UUID, PayoutLine]
    payments: Mapping[uuid.UUID, PaymentLine]
    bookings: Mapping[uuid.UUID, Booking]
    open_payouts: frozenset[uuid.UUID]
    # The day on which each open payment was approved.
    due: Mapping[uuid.UUID, date]

    def payout(self, one: uuid.UUID | None) -> PayoutLine | None:
        """Return a payout."""
        return self.payouts.get(one) if one else None

    def payment(self, one: uuid.UUID | None) -> PaymentLine | None:
        """Return a payment."""
        return self.payments.get(one) if one else None

    def booking(self, one: uuid.UUID | None) -> Booking | None:
        """Return a booking without a line."""
        return self.bookings.get(one) if one else None

    def booked(self, best: Proposal | None, rest: Money) -> Money | None:
        """Return what the books have for a proposal; the rules book the rest of the line."""
        if best is None:
            return None
        payout = self.payout(best.candidate_id)
        if payout is not None:
            return payout.booked if payout.itemised else payout.amount
        if best.candidate_id is None and best.reasons[0].why is Why.NO_CANDIDATE:
            return None
        return rest

    def waits(self, one: Proposal) -> bool:
        """Say whether what a line was likely to be still waits for its line."""
        match one.kind:
            case Kind.PAYOUT:
                return one.candidate_id in self.open_payouts
            case Kind.DISBURSEMENT:
                return one.candidate_id in self.due
            case Kind.ENTRY:
                return one.candidate_id in self.bookings
            case _:
                return True


def read(session: Session, account: BankAccount, *, named: Iterable[uuid.UUID | None]) -> Sides:
    """Read all that waits in the currency of an account, and the payouts and payments named."""
    wanted = {one for one in named if one is not None}
    known = payments(session, ids=_payments(account.currency, wanted))
    due = {
        line.id: utc_day(line.decided_at)
        for line in known
        if line.state is PaymentState.APPROVED
        and line.decided_at is not None
        and line.amount.currency == account.currency
    }
    found = payout_lines(session, ids=wanted, waiting_in=account.currency)
    return Sides(
        payouts={one.id: one for one in found},
        payments={line.id: line for line in known},
        bookings={booking.entry_id: booking for booking in open_bookings(session, account)},
        open_payouts=frozenset(one.id for one in found if one.made_on is not None),
        due=due,
    )


def under_way(session: Session, currency: str) -> Money:
    """Sum the payouts that have left the processor and not reached the bank."""
    status = statuses()
    collected = StripeBalanceTransaction.amount > 0
    total = session.scalar(
        select(func.sum(case((collected, -StripePayout.amount), else_=StripePayout.amount)))
        .join(status, status.c.payout_id == StripePayout.id)
        .outerjoin(StripeBalanceTransaction, StripeBalanceTransaction.id == status.c.movement_id)
        .where(
            StripePayout.currency == currency,
            on_the_way(status),
        )
    )
    return Money(int(total or 0), currency)


def matches_of(
    session: Session, line_ids: Collection[uuid.UUID]
) -> defaultdict[uuid.UUID, list[MatchView]]:
    """Return the matches that hold, by line."""
    found: defaultdict[uuid.UUID, list[MatchView]] = defaultdict(list)
    if not line_ids:
        return found
    rows = session.execute(
        select(MatchItem, Match, User.name, BankLine.currency)
        .join(Match, Match.id == MatchItem.match_id)
        .join(BankLine, BankLine.id == MatchItem.line_id)
        .outerjoin(User, User.id == Match.made_by)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(MatchItem.line_id.in_(line_ids), Unmatch.match_id.is_(None))
        .order_by(MatchItem.line_id, MatchItem.number)
    )
    for item, match, name, currency in rows:
        found[item.line_id].append(
            MatchView(
                id=match.id,
                kind=match.kind,
                subject_id=match.subject_id,
                entry_id=item.entry_id,
                amount=Money(item.amount, currency),
                automatic=match.automatic,
                reasons=tuple(Reason(Why(why), value) for why, value in match.reasons),
                made_at=match.made_at,
                made_by=name or "",
            )
        )
    return found


def notes_of(
    session: Session, line_ids: Collection[uuid.UUID]
) -> defaultdict[uuid.UUID, list[NoteView]]:
    """Return the notes beside lines, oldest first."""
    found: defaultdict[uuid.UUID, list[NoteView]] = defaultdict(list)
    if not line_ids:
        return found
    rows = session.execute(
        select(LineNote, User.name)
        .outerjoin(User, User.id == LineNote.written_by)
        .where(LineNote.line_id.in_(line_ids))
        .order_by(LineNote.written_at, LineNote.id)
    )
    for note, name in rows:
        found[note.line_id].append(NoteView(text=note.text, at=note.written_at, by=name or ""))
    return found


def _payments(currency: str, named: Collection[uuid.UUID]) -> Any:
    """Select the approved payments that have not left, and those named: for a statement's IN."""
    taken = (
        select(Match.subject_id)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(
            Match.kind == Kind.DISBURSEMENT,
            Unmatch.match_id.is_(None),
            Match.subject_id.is_not(None),
        )
    )
    waits = Disbursement.id.not_in(taken) & (Disbursement.currency == currency)
    approved = DisbursementDecision.outcome == PaymentOutcome.APPROVED
    return (
        select(Disbursement.id)
        .outerjoin(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .where(or_(waits & approved, Disbursement.id.in_(named)))
    )
