"""What still waits for its other half: lines, payouts, payments, bookings on a bank account?"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from offset.clock import utc_day
from offset.giving.models import StripeBalanceTransaction
from offset.ledger import chart
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.treasury.matching import (
    Candidate,
    Kind,
    Line,
    disbursement_candidate,
    entry_candidate,
    payout_candidate,
    return_candidate,
)
from offset.treasury.models import (
    BankAccount,
    BankLine,
    BankNotice,
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
_ASKED: Final = 900


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


def still_open(subject: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    """Say in SQL whether a payout or a payment still waits for its bank line."""
    taken = _holding(select(MatchItem.id)).where(
        Match.subject_id == subject, Match.kind.in_((Kind.PAYOUT, Kind.DISBURSEMENT))
    )
    return ~taken.exists()


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


def lines_of(session: Session, account: BankAccount) -> tuple[Line, ...]:
    """Return the open lines of an account as matching asks for them.

    What a notification told of the parts of a line is read with its own words.
    """
    waiting = open_lines(session, account.id)
    told = _noticed(session, account, [line.bank_reference for line, _ in waiting])
    return tuple(
        Line(
            id=line.id,
            amount=Money(rest, line.currency),
            booked_on=line.booked_on,
            text=" ".join(
                part
                for part in (
                    line.text,
                    line.creditor_reference,
                    told.get(line.bank_reference or "", ""),
                )
                if part
            ),
            end_to_end_id=line.end_to_end_id,
            payer=line.counterparty or "",
            payer_iban=line.counterparty_iban or "",
            reversal=line.reversal,
        )
        for line, rest in waiting
    )


def _noticed(
    session: Session, account: BankAccount, references: Sequence[str | None]
) -> dict[str, str]:
    """Return what notifications say about lines that came in whole."""
    wanted = sorted({one for one in references if one and "/" not in one})
    told: defaultdict[str, list[str]] = defaultdict(list)
    for start in range(0, len(wanted), _ASKED):
        rows = session.execute(
            select(BankNotice.bank_reference, BankNotice.text, BankNotice.creditor_reference)
            .where(
                BankNotice.account_id == account.id,
                BankNotice.bank_reference.in_(wanted[start : start + _ASKED]),
            )
            .order_by(BankNotice.file_id, BankNotice.number)
        )
        for reference, text, creditor in rows:
            told[reference] += [text, creditor or ""]
    return {reference: " ".join(filter(None, parts)) for reference, parts in told.items()}


def open_bookings(
    session: Session, account: BankAccount, entry_id: uuid.UUID | None = None
) -> tuple[Booking, ...]:
    """Return the entries on a bank account that no line explains; only one when it is named.

    The opening balance needs no line, and an entry and its reversal explain each other.
    """
    matched = _matched(MatchItem.entry_id)
    reversing = aliased(Entry)
    booked = (
        select(Posting.entry_id, func.sum(Posting.amount).label("total"))
        .join(Account, Account.id == Posting.account_id)
        .where(Account.code == chart.bank(account.code))
        .where(*([Posting.entry_id == entry_id] if entry_id else []))
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
    found = open_bookings(session, account, entry_id)
    return found[0].amount.minor if found else None


def statuses() -> Subquery:
    """Select the newest status of every payout: payout_id, status, itemised, trace_id."""
    newest = func.row_number().over(
        partition_by=PayoutStatus.payout_id,
        order_by=PayoutStatus.number.desc(),
    )
    ranked = select(PayoutStatus, newest.label("rank")).subquery()
    return select(ranked).where(ranked.c.rank == 1).subquery()


def on_the_way(status: Subquery) -> ColumnElement[bool]:
    """Say of a payout, joined with its newest status: is it under way to the bank?"""
    return status.c.status.not_in(FAILED) & StripePayout.id.not_in(_taken(Kind.PAYOUT))


def open_payouts(
    session: Session, currency: str
) -> tuple[tuple[StripePayout, str, str | None], ...]:
    """Return the payouts on their way to the bank, with status and trace id."""
    status = statuses()
    rows = session.execute(
        select(StripePayout, status.c.status, status.c.trace_id)
        .join(status, status.c.payout_id == StripePayout.id)
        .where(StripePayout.currency == currency, on_the_way(status))
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
    waiting = open_payouts(session, account.currency)
    taken = _collected(session, [payout.id for payout, _, _ in waiting])
    for payout, _, trace in waiting:
        told = f"STRIPE {payout.descriptor}" if payout.descriptor else None
        names = (payout.payout_id, trace, told, "STRIPE")
        amount = Money(-payout.amount if payout.id in taken else payout.amount, payout.currency)
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


def payout_amount(session: Session, payout: StripePayout) -> Money:
    """Return what a payout brings to the bank; one that was collected from it takes away."""
    size = Money(payout.amount, payout.currency)
    return -size if _collected(session, [payout.id]) else size


def _collected(session: Session, payout_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Name the payouts whose own movement adds to our balance: the bank is debited for them."""
    if not payout_ids:
        return frozenset()
    status = statuses()
    rows = session.scalars(
        select(status.c.payout_id)
        .join(StripeBalanceTransaction, StripeBalanceTransaction.id == status.c.movement_id)
        .where(StripeBalanceTransaction.amount > 0)
    )
    return frozenset(rows) & frozenset(payout_ids)


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
