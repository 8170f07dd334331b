"""What still waits for its other half: lines, payouts, payments, bookings on a bank account?"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.ledger import chart
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.treasury.matching import (
    Candidate,
    Kind,
    disbursement_candidate,
    entry_candidate,
    payout_candidate,
    return_candidate,
)
from offset.treasury.models import (
    BankAccount,
    BankLine,
    Disbursement,
    DisbursementDecision,
    Match,
    MatchItem,
    PaymentOutcome,
    PayoutStatus,
    StripePayout,
    Unmatch,
)

FAILED: Final = frozenset({"failed", "canceled"})


@dataclass(frozen=True)
class Booking:
    """An entry on a bank account that no bank line explains, or not wholly."""

    entry_id: uuid.UUID
    kind: str
    on: date
    amount: Money


def active_items(
    session: Session, *, kind: Kind, subject_id: uuid.UUID | None
) -> Sequence[MatchItem]:
    """Return the items of the matches of one payout or payment that hold."""
    return session.scalars(
        _holding(select(MatchItem)).where(Match.kind == kind, Match.subject_id == subject_id)
    ).all()


def is_open(session: Session, subject_id: uuid.UUID | None) -> bool:
    """Say whether a payout or a payment still waits for its bank line."""
    taken = _holding(select(MatchItem.id)).where(
        Match.subject_id == subject_id, Match.kind.in_((Kind.PAYOUT, Kind.DISBURSEMENT))
    )
    return session.scalar(taken.limit(1)) is None


def rest_of(session: Session, line: BankLine) -> int:
    """Return what no match explains of a line, in minor units with its sign."""
    matched = session.scalar(
        _holding(select(func.coalesce(func.sum(MatchItem.amount), 0))).where(
            MatchItem.line_id == line.id
        )
    )
    return line.amount - int(matched or 0)


def open_lines(session: Session, account_id: uuid.UUID) -> tuple[tuple[BankLine, int], ...]:
    """Return the lines of an account that are not wholly explained, with what is left of each."""
    matched = _matched(MatchItem.line_id)
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    rows = session.execute(
        select(BankLine, rest)
        .outerjoin(matched, matched.c.key == BankLine.id)
        .where(BankLine.account_id == account_id, rest != 0)
        .order_by(BankLine.booked_on, BankLine.number, BankLine.id)
    )
    return tuple((line, int(left)) for line, left in rows)


def open_bookings(session: Session, account: BankAccount) -> tuple[Booking, ...]:
    """Return the entries on a bank account that no line explains.

    The opening balance needs no line, and an entry and its reversal explain each other.
    """
    matched = _matched(MatchItem.entry_id)
    reversing = aliased(Entry)
    booked = (
        select(Posting.entry_id, func.sum(Posting.amount).label("total"))
        .join(Account, Account.id == Posting.account_id)
        .where(Account.code == chart.bank(account.code))
        .group_by(Posting.entry_id)
        .subquery()
    )
    rest = booked.c.total - func.coalesce(matched.c.total, 0)
    rows = session.execute(
        select(Entry.id, Entry.kind, Entry.effective_on, rest)
        .join(booked, booked.c.entry_id == Entry.id)
        .outerjoin(matched, matched.c.key == Entry.id)
        .outerjoin(reversing, reversing.reverses_id == Entry.id)
        .where(rest != 0, Entry.reverses_id.is_(None), reversing.id.is_(None))
        .where(Entry.id != (account.opening_entry_id or uuid.UUID(int=0)))
        .order_by(Entry.effective_on, Entry.id)
    )
    return tuple(
        Booking(entry_id, kind, on, Money(int(amount), account.currency))
        for entry_id, kind, on, amount in rows
    )


def unmatched_booking(session: Session, account: BankAccount, entry_id: uuid.UUID) -> int | None:
    """Return what no line explains of one entry on a bank account, or None."""
    for booking in open_bookings(session, account):
        if booking.entry_id == entry_id:
            return booking.amount.minor
    return None


def statuses() -> Subquery:
    """Select the newest status of every payout: payout_id, status, itemised, trace_id."""
    newest = func.row_number().over(
        partition_by=PayoutStatus.payout_id,
        order_by=PayoutStatus.number.desc(),
    )
    ranked = select(PayoutStatus, newest.label("rank")).subquery()
    return select(ranked).where(ranked.c.rank == 1).subquery()


def open_payouts(
    session: Session, currency: str
) -> tuple[tuple[StripePayout, str, str | None], ...]:
    """Return the payouts on their way to the bank, with status and trace id."""
    status = statuses()
    rows = session.execute(
        select(StripePayout, status.c.status, status.c.trace_id)
        .join(status, status.c.payout_id == StripePayout.id)
        .where(
            StripePayout.currency == currency,
            status.c.status.not_in(FAILED),
            StripePayout.id.not_in(_taken(Kind.PAYOUT)),
        )
        .order_by(StripePayout.arrival_on, StripePayout.payout_id)
    )
    return tuple((payout, said, trace) for payout, said, trace in rows)


def open_payments(
    session: Session, currency: str
) -> tuple[tuple[Disbursement, DisbursementDecision], ...]:
    """Return the approved payments that the bank has not debited yet."""
    return _payments(session, currency, sent=False)


def candidates(session: Session, account: BankAccount) -> tuple[Candidate, ...]:
    """Return everything that an open line of an account may turn out to be."""
    found: list[Candidate] = []
    for payout, _, trace in open_payouts(session, account.currency):
        told = f"STRIPE {payout.descriptor}" if payout.descriptor else None
        names = (payout.payout_id, trace, told, "STRIPE")
        amount = Money(payout.amount, payout.currency)
        found.append(payout_candidate(payout.id, amount, payout.arrival_on, names=names))
    for payment, decision in open_payments(session, account.currency):
        amount = Money(payment.amount, payment.currency)
        on = utc_day(decision.decided_at)
        found.append(disbursement_candidate(payment.id, amount, on, number=payment.number))
    for payment, decision in _payments(session, account.currency, sent=True):
        amount = Money(payment.amount, payment.currency)
        on = utc_day(decision.decided_at)
        found.append(return_candidate(payment.id, amount, on, number=payment.number))
    found.extend(
        entry_candidate(booking.entry_id, booking.amount, booking.on)
        for booking in open_bookings(session, account)
    )
    return tuple(found)


def _payments(
    session: Session, currency: str, *, sent: bool
) -> tuple[tuple[Disbursement, DisbursementDecision], ...]:
    """Return the approved payments that did or did not leave, without those that came back."""
    left = Disbursement.id.in_(_taken(Kind.DISBURSEMENT))
    rows = session.execute(
        select(Disbursement, DisbursementDecision)
        .join(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .where(
            Disbursement.currency == currency,
            DisbursementDecision.outcome == PaymentOutcome.APPROVED,
            left if sent else ~left,
            Disbursement.id.not_in(_taken(Kind.DISBURSEMENT_RETURN)),
        )
        .order_by(Disbursement.number)
    )
    return tuple((payment, decision) for payment, decision in rows)


def _taken(kind: Kind) -> Select[Any]:
    return (
        select(Match.subject_id)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(Match.kind == kind, Unmatch.match_id.is_(None), Match.subject_id.is_not(None))
    )


def _holding(items: Select[Any]) -> Select[Any]:
    """Narrow a selection of match items to those whose match was not undone."""
    return (
        items.join(Match, Match.id == MatchItem.match_id)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(Unmatch.match_id.is_(None))
    )


def _matched(key: Any) -> Subquery:
    """Sum the match items that hold by line or by entry: key, total."""
    return (
        _holding(select(key.label("key"), func.sum(MatchItem.amount).label("total")))
        .group_by(key)
        .subquery()
    )
