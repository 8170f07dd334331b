"""What does the reconciliation show: what the bank says, what the books say, and why they match?"""

import enum
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.ledger import balances, chart
from offset.money import Money
from offset.people.models import User
from offset.treasury import reconciliation, statements
from offset.treasury.matching import Kind, Proposal, Reason, Why
from offset.treasury.models import (
    BankAccount,
    BankLine,
    BankStatement,
    LineNote,
    Match,
    MatchItem,
    Unmatch,
)
from offset.treasury.open_items import (
    Booking,
    open_bookings,
    open_payments,
    open_payouts,
    payout_amount,
)
from offset.treasury.queries import (
    PaymentLine,
    PayoutLine,
    StatementView,
    imported,
    matched_by_line,
    payments,
    payout_lines,
)

_MATCHED_SHOWN: Final = 200


class State(enum.StrEnum):
    """How far a row of the reconciliation has come."""

    CERTAIN = "certain"
    SUGGESTED = "suggested"
    TO_CHECK = "to_check"
    WAITING = "waiting"
    IN_TRANSIT = "in_transit"
    MATCHED = "matched"


TO_DO: Final = frozenset({State.CERTAIN, State.SUGGESTED, State.TO_CHECK})


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Book − unmatched + unbooked = stated; what is missing to it is the gap."""

    book: Money
    unmatched: Money
    unbooked: Money
    stated: Money
    stated_on: date | None

    @property
    def gap(self) -> Money:
        """What nothing explains; 0.00 when all is well."""
        return self.book - self.unmatched + self.unbooked - self.stated


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


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: what the bank or the processor says, and what the books say."""

    key: str
    state: State
    on: date
    age: int
    line_id: uuid.UUID | None = None
    text: str = ""
    counterparty: str = ""
    stated: Money | None = None
    booked: Money | None = None
    rest: Money | None = None
    proposals: tuple[Proposal, ...] = ()
    payout: PayoutLine | None = None
    payment: PaymentLine | None = None
    booking: Booking | None = None
    matches: tuple[MatchView, ...] = ()
    notes: tuple[NoteView, ...] = ()

    @property
    def difference(self) -> Money | None:
        """How far the two sides are apart; None where one side is not there yet."""
        if self.stated is None or self.booked is None:
            return None
        return self.stated - self.booked


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The reconciliation of one bank account."""

    account: str
    number: str
    currency: str
    statement: StatementView | None
    bank: Identity
    payouts: Identity
    rows: tuple[Row, ...]

    def count(self, *states: State) -> int:
        """Count the rows in some states."""
        return sum(row.state in states for row in self.rows)


@dataclass(frozen=True)
class _Known:
    """Everything open that a line may turn out to be, by its id."""

    payouts: Mapping[uuid.UUID, PayoutLine]
    payments: Mapping[uuid.UUID, PaymentLine]
    bookings: Mapping[uuid.UUID, Booking]

    def payout(self, one: uuid.UUID | None) -> PayoutLine | None:
        """Return an open payout."""
        return self.payouts.get(one) if one else None

    def payment(self, one: uuid.UUID | None) -> PaymentLine | None:
        """Return a payment."""
        return self.payments.get(one) if one else None

    def booking(self, one: uuid.UUID | None) -> Booking | None:
        """Return a booking without a line."""
        return self.bookings.get(one) if one else None

    def booked(self, best: Proposal, rest: Money) -> Money | None:
        """Return what the books have for a proposal; the rules book the rest of the line."""
        payout = self.payout(best.candidate_id)
        if payout is not None:
            return payout.booked if payout.itemised else payout.amount
        if best.candidate_id is None and best.reasons[0].why is Why.NO_CANDIDATE:
            return None
        return rest


def screen(session: Session, code: str, *, on: date) -> Screen:
    """Return the reconciliation of a bank account as it stands.

    Raises
    ------
    NotFound
        ``bank_account_unknown``.
    """
    account = statements.account_by_code(session, code)
    waiting = [payout.id for payout, _, _ in open_payouts(session, account.currency)]
    lines = payments(session)
    known = _Known(
        payouts=payout_lines(session, waiting),
        payments={line.id: line for line in lines},
        bookings={booking.entry_id: booking for booking in open_bookings(session, account)},
    )
    todo = _line_rows(session, account, known, on)
    linked = {row.proposals[0].candidate_id for row in todo}
    due = {
        payment.id: utc_day(d.decided_at) for payment, d in open_payments(session, account.currency)
    }
    rows = (
        *todo,
        *(_payout_row(one, on) for one in known.payouts.values() if one.id not in linked),
        *(
            _payment_row(known.payments[one], since, on)
            for one, since in due.items()
            if one not in linked
        ),
        *(_booking_row(one, on) for one in known.bookings.values() if one.entry_id not in linked),
        *_matched_rows(session, account, known, on),
    )
    last = imported(session, account_id=account.id, limit=1)
    return Screen(
        account=account.code,
        number=account.number,
        currency=account.currency,
        statement=last[0] if last else None,
        bank=bank_identity(session, account),
        payouts=payout_identity(session, account.currency),
        rows=rows,
    )


def bank_identity(session: Session, account: BankAccount) -> Identity:
    """Hold the books of a bank account against its newest statement."""
    last = session.scalar(
        select(BankStatement)
        .where(BankStatement.account_id == account.id)
        .order_by(BankStatement.position.desc())
        .limit(1)
    )
    currency = account.currency
    matched = matched_by_line()
    unbooked = session.scalar(
        select(func.coalesce(func.sum(BankLine.amount - func.coalesce(matched.c.total, 0)), 0))
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(BankLine.account_id == account.id)
    )
    return Identity(
        book=balances.balance(session, chart.bank(account.code)),
        unmatched=_sum((b.amount for b in open_bookings(session, account)), currency),
        unbooked=Money(int(unbooked or 0), currency),
        stated=Money(last.closing if last else account.opening, currency),
        stated_on=last.closed_on if last else account.opened_on,
    )


def payout_identity(session: Session, currency: str) -> Identity:
    """Hold what the books call in transit against the payouts that have not arrived."""
    on_the_way = (payout_amount(session, one) for one, _, _ in open_payouts(session, currency))
    nothing = Money(0, currency)
    return Identity(
        book=balances.balance(session, chart.payouts_in_transit(currency)),
        unmatched=nothing,
        unbooked=nothing,
        stated=_sum(on_the_way, currency),
        stated_on=None,
    )


def _line_rows(session: Session, account: BankAccount, known: _Known, on: date) -> tuple[Row, ...]:
    """Show every line that waits, with what it probably is."""
    proposals = reconciliation.proposals_of(session, account)
    lines = session.scalars(
        select(BankLine)
        .where(BankLine.id.in_(proposals))
        .order_by(BankLine.booked_on, BankLine.number, BankLine.id)
    ).all()
    ids = [line.id for line in lines]
    held, notes = _matches(session, ids), _notes(session, ids)
    rows = []
    for line in lines:
        best = proposals[line.id][0]
        rest = Money(line.amount - sum(m.amount.minor for m in held[line.id]), line.currency)
        rows.append(
            Row(
                key=f"line-{line.id}",
                state=_state(best),
                on=line.booked_on,
                age=(on - line.booked_on).days,
                line_id=line.id,
                text=line.text or line.end_to_end_id or "",
                counterparty=line.counterparty or "",
                stated=rest,
                booked=known.booked(best, rest),
                rest=rest,
                proposals=proposals[line.id],
                payout=known.payout(best.candidate_id),
                payment=known.payment(best.candidate_id),
                booking=known.booking(best.candidate_id),
                matches=tuple(held[line.id]),
                notes=tuple(notes[line.id]),
            )
        )
    return tuple(sorted(rows, key=lambda row: (_ORDER[row.state], row.on)))


_ORDER: Final = {State.CERTAIN: 0, State.TO_CHECK: 1, State.SUGGESTED: 2}


def _state(best: Proposal) -> State:
    if best.certain:
        return State.CERTAIN
    return State.SUGGESTED if best.score else State.TO_CHECK


def _payout_row(payout: PayoutLine, on: date) -> Row:
    return Row(
        key=f"payout-{payout.id}",
        state=State.IN_TRANSIT,
        on=payout.arrival_on,
        age=(on - payout.arrival_on).days,
        stated=payout.amount,
        booked=payout.booked if payout.itemised else None,
        payout=payout,
    )


def _payment_row(payment: PaymentLine, since: date, on: date) -> Row:
    return Row(
        key=f"payment-{payment.id}",
        state=State.WAITING,
        on=since,
        age=(on - since).days,
        booked=-payment.amount,
        payment=payment,
    )


def _booking_row(booking: Booking, on: date) -> Row:
    return Row(
        key=f"entry-{booking.entry_id}",
        state=State.WAITING,
        on=booking.on,
        age=(on - booking.on).days,
        booked=booking.amount,
        booking=booking,
    )


def _matched_rows(
    session: Session, account: BankAccount, known: _Known, on: date
) -> tuple[Row, ...]:
    matched = matched_by_line()
    lines = session.scalars(
        select(BankLine)
        .join(matched, matched.c.line_id == BankLine.id)
        .where(BankLine.account_id == account.id, BankLine.amount == matched.c.total)
        .order_by(BankLine.booked_on.desc(), BankLine.number.desc(), BankLine.id)
        .limit(_MATCHED_SHOWN)
    ).all()
    ids = [line.id for line in lines]
    held, notes = _matches(session, ids), _notes(session, ids)
    subjects = {match.subject_id for found in held.values() for match in found}
    payouts = payout_lines(session, [one for one in subjects if one is not None])
    rows = []
    for line in lines:
        subject = held[line.id][0].subject_id
        amount = Money(line.amount, line.currency)
        rows.append(
            Row(
                key=f"line-{line.id}",
                state=State.MATCHED,
                on=line.booked_on,
                age=(on - line.booked_on).days,
                line_id=line.id,
                text=line.text or line.end_to_end_id or "",
                counterparty=line.counterparty or "",
                stated=amount,
                booked=_sum((m.amount for m in held[line.id]), line.currency),
                rest=Money(0, line.currency),
                payout=payouts.get(subject) if subject else None,
                payment=known.payment(subject),
                matches=tuple(held[line.id]),
                notes=tuple(notes[line.id]),
            )
        )
    return tuple(rows)


def _matches(
    session: Session, line_ids: Collection[uuid.UUID]
) -> defaultdict[uuid.UUID, list[MatchView]]:
    found: defaultdict[uuid.UUID, list[MatchView]] = defaultdict(list)
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


def _notes(
    session: Session, line_ids: Collection[uuid.UUID]
) -> defaultdict[uuid.UUID, list[NoteView]]:
    found: defaultdict[uuid.UUID, list[NoteView]] = defaultdict(list)
    rows = session.execute(
        select(LineNote, User.name)
        .outerjoin(User, User.id == LineNote.written_by)
        .where(LineNote.line_id.in_(line_ids))
        .order_by(LineNote.written_at, LineNote.id)
    )
    for note, name in rows:
        found[note.line_id].append(NoteView(text=note.text, at=note.written_at, by=name or ""))
    return found


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, start=Money(0, currency))
