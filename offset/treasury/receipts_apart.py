"""Which money stands apart because nobody knows the giver, since when, and who may it be?"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, Subquery, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from offset.database.types import Id
from offset.errors import NotFound
from offset.giving import pledges
from offset.giving.models import BankPledge, Donation, StripeBalanceTransaction
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people.contributors import Contributor
from offset.people.models import User
from offset.treasury import bank_gifts, matching
from offset.treasury.matching import Kind, Line, Reason
from offset.treasury.models import BankLine, MatchItem
from offset.treasury.sides import NoteView
from offset.treasury.unidentified_models import (
    AnswerKind,
    UnidentifiedAnswer,
    UnidentifiedDecision,
    UnidentifiedNote,
    UnidentifiedUndone,
)

PAGE: Final = 50
_FOUND: Final = 20
_APART: Final = "Liabilities:Unidentified:"
_FAR: Final = date(2000, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Money that stands apart: how much came, how much is left, and what is known of it."""

    entry_id: uuid.UUID
    on: date
    amount: Money
    rest: Money
    age: int = 0
    payer: str = ""
    payer_iban: str = ""
    text: str = ""
    reference: str = ""
    line_id: uuid.UUID | None = None
    # The processor's movement, for money of a card.
    movement: str | None = None
    notes: tuple[NoteView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """What somebody said a receipt is, and what became of it."""

    id: uuid.UUID
    entry_id: uuid.UUID
    kind: AnswerKind
    amount: Money
    reason: str
    two_people: bool
    prepared_at: datetime
    prepared_by: uuid.UUID
    prepared_by_name: str
    approved: bool | None
    answer: str
    decided_by_name: str
    booked_id: uuid.UUID | None
    donation_id: uuid.UUID | None
    reference: str
    undone_by_name: str
    undone_why: str
    left: bool


@dataclass(frozen=True, kw_only=True)
class Target:
    """A pledge or a gift that a receipt may be for, and why it is proposed."""

    id: uuid.UUID
    reference: str
    name: str
    missing: Money | None
    on: date
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a person looks for, and after which receipt the page begins."""

    text: str = ""
    amount: int | None = None
    answered: bool = False
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True)
class Listing:
    """A page of receipts, and what all of them are together."""

    receipts: tuple[Receipt, ...]
    following: str
    count: int
    totals: tuple[Money, ...] = ()
    decisions: tuple[AnswerView, ...] = field(default=())


def listed(session: Session, search: Search, *, on: date) -> Listing:
    """Return a page of the money that stands apart, oldest first."""
    apart, taken = _apart(), _taken()
    rest = apart.c.amount - func.coalesce(taken.c.total, 0)
    wanted = _receipts(apart, taken).where(rest == 0 if search.answered else rest != 0)
    if search.text:
        wanted = wanted.where(
            or_(*(column.icontains(search.text, autoescape=True) for column in _READABLE))
        )
    if search.amount is not None:
        wanted = wanted.where(or_(apart.c.amount == search.amount, rest == search.amount))
    day, key = _place(search.after)
    if key is not None:
        later = and_(Entry.effective_on == day, Entry.id > literal(key, Id))
        wanted = wanted.where(or_(Entry.effective_on > day, later))
    rows = session.execute(
        wanted.order_by(Entry.effective_on, Entry.id).limit(search.limit + 1)
    ).all()
    notes = _notes(session, [row.entry_id for row in rows])
    receipts = tuple(_receipt(row, on, notes[row.entry_id]) for row in rows[: search.limit])
    told = _receipts(apart, taken).where(rest != 0).subquery()
    totals = session.execute(
        select(told.c.currency, func.count(), func.sum(told.c.rest))
        .group_by(told.c.currency)
        .order_by(told.c.currency)
    ).all()
    more = len(rows) > len(receipts)
    return Listing(
        receipts,
        f"{receipts[-1].on.isoformat()}.{receipts[-1].entry_id}" if more else "",
        sum(int(count) for _, count, _ in totals),
        tuple(Money(int(total), currency) for currency, _, total in totals),
        answers(session, waiting=True),
    )


def waiting(*, before: date) -> Select[Any]:
    """Select the money that came before a day and stands apart, oldest first."""
    apart, taken = _apart(), _taken()
    return (
        _receipts(apart, taken)
        .where(apart.c.amount != func.coalesce(taken.c.total, 0), Entry.effective_on < before)
        .order_by(Entry.effective_on, Entry.id)
    )


def one(session: Session, entry_id: uuid.UUID, *, on: date | None = None) -> Receipt:
    """Return one receipt, answered or not.

    Raises
    ------
    NotFound
        ``apart_unknown``.
    """
    row = session.execute(_receipts(_apart(), _taken()).where(Entry.id == entry_id)).first()
    if row is None:
        raise NotFound("apart_unknown")
    return _receipt(row, on or row.effective_on, _notes(session, [entry_id])[entry_id])


def answers(
    session: Session, entry_id: uuid.UUID | None = None, *, waiting: bool = False
) -> tuple[AnswerView, ...]:
    """Return the answers to a receipt, or all those that wait for a second person."""
    preparer, decider, undoer = aliased(User), aliased(User), aliased(User)
    wanted = (
        select(
            UnidentifiedAnswer,
            UnidentifiedDecision,
            UnidentifiedUndone,
            preparer.name,
            decider.name,
            undoer.name,
            Donation.reference,
        )
        .join(preparer, preparer.id == UnidentifiedAnswer.prepared_by)
        .outerjoin(UnidentifiedDecision, UnidentifiedDecision.answer_id == UnidentifiedAnswer.id)
        .outerjoin(decider, decider.id == UnidentifiedDecision.decided_by)
        .outerjoin(Donation, Donation.id == UnidentifiedDecision.donation_id)
        .outerjoin(UnidentifiedUndone, UnidentifiedUndone.answer_id == UnidentifiedAnswer.id)
        .outerjoin(undoer, undoer.id == UnidentifiedUndone.made_by)
        .order_by(UnidentifiedAnswer.prepared_at, UnidentifiedAnswer.id)
    )
    if entry_id is not None:
        wanted = wanted.where(UnidentifiedAnswer.entry_id == entry_id)
    if waiting:
        wanted = wanted.where(UnidentifiedDecision.answer_id.is_(None))
    rows = session.execute(wanted).all()
    gone_ids = set(
        session.scalars(
            gone()
            .with_only_columns(Entry.source_id)
            .where(Entry.source_id.in_([str(row[0].id) for row in rows]))
        )
    )
    return tuple(_answer(row, gone_ids) for row in rows)


def gone() -> Select[Any]:
    """Select the entries by which money was sent back and that were not undone."""
    reversing = aliased(Entry)
    return (
        select(Entry.id)
        .outerjoin(reversing, reversing.reverses_id == Entry.id)
        .where(
            Entry.source_type == "unidentified_return",
            Entry.reverses_id.is_(None),
            reversing.id.is_(None),
        )
    )


def proposed(session: Session, receipt: Receipt) -> tuple[Target, ...]:
    """Return the pledges and unpaid gifts that matching would propose for a receipt today."""
    told = Line(
        id=receipt.line_id or receipt.entry_id,
        amount=receipt.rest,
        booked_on=receipt.on,
        text=receipt.text,
        payer=receipt.payer,
        payer_iban=receipt.payer_iban,
    )
    if not receipt.rest:
        return ()
    nothing = Money(0, receipt.rest.currency)
    found = matching.propose([told], bank_gifts.expected(session, [told]), fee_ceiling=nothing)
    reasons = {
        one.candidate_id: one.reasons
        for one in found[told.id]
        if one.kind is Kind.GIFT and one.candidate_id is not None
    }
    if not reasons:
        return ()
    known = {target.id: target for target in _targets(session, ids=set(reasons))}
    return tuple(
        Target(**{**vars(known[key]), "reasons": why})
        for key, why in reasons.items()
        if key in known
    )


def looked_for(session: Session, text: str) -> tuple[Target, ...]:
    """Find pledges and gifts by reference, name or address."""
    told = text.strip()
    return _targets(session, text=told) if told else ()


def _targets(
    session: Session, *, ids: Collection[uuid.UUID] = (), text: str = ""
) -> tuple[Target, ...]:
    """Read pledges first, then gifts: by id, or by what is written about their givers."""
    found: list[Target] = []
    tables: tuple[type[BankPledge | Donation], ...] = (BankPledge, Donation)
    for table in tables:
        wanted: Any = (
            select(table, Contributor.name, Contributor.email)
            .outerjoin(Contributor, Contributor.id == table.contributor_id)
            .order_by(table.created_at.desc(), table.id)
            .limit(_FOUND)
        )
        if ids:
            wanted = wanted.where(table.id.in_(ids))
        else:
            columns = (table.reference, Contributor.name, Contributor.email)
            wanted = wanted.where(
                or_(*(column.icontains(text, autoescape=True) for column in columns))
            )
        found += [_target(row, name, email) for row, name, email in session.execute(wanted)]
    return tuple(found)


def _target(row: BankPledge | Donation, name: str | None, email: str | None) -> Target:
    missing = None
    if isinstance(row, BankPledge):
        waits = row.status in pledges.WAITING
        missing = Money(max(row.amount - row.received, 0), row.currency) if waits else None
    elif row.settled_at is None:
        missing = Money(row.amount, row.currency)
    return Target(
        id=row.id,
        reference=row.reference,
        name=name or email or "",
        missing=missing,
        on=row.created_at.date(),
    )


_READABLE: Final = (
    BankLine.text,
    BankLine.counterparty,
    BankLine.counterparty_iban,
    BankLine.end_to_end_id,
    BankLine.bank_reference,
    BankLine.creditor_reference,
    StripeBalanceTransaction.id,
    StripeBalanceTransaction.source_id,
)


def _apart() -> Subquery:
    """Sum what each entry set apart; reversals and what was reversed set nothing apart."""
    return (
        select(Posting.entry_id, Posting.currency, (-func.sum(Posting.amount)).label("amount"))
        .join(Account, Account.id == Posting.account_id)
        .where(Account.code.startswith(_APART))
        .group_by(Posting.entry_id, Posting.currency)
        .having(func.sum(Posting.amount) < 0)
        .subquery()
    )


def _taken() -> Subquery:
    """Sum the answers that hold, or wait for a second person, by receipt."""
    return (
        select(UnidentifiedAnswer.entry_id, func.sum(UnidentifiedAnswer.amount).label("total"))
        .outerjoin(UnidentifiedDecision, UnidentifiedDecision.answer_id == UnidentifiedAnswer.id)
        .outerjoin(UnidentifiedUndone, UnidentifiedUndone.answer_id == UnidentifiedAnswer.id)
        .where(
            or_(UnidentifiedDecision.answer_id.is_(None), UnidentifiedDecision.approved),
            UnidentifiedUndone.answer_id.is_(None),
        )
        .group_by(UnidentifiedAnswer.entry_id)
        .subquery()
    )


_OF_LINE: Final = (
    BankLine.id.label("line_id"),
    BankLine.text,
    BankLine.counterparty,
    BankLine.counterparty_iban,
    BankLine.bank_reference,
    BankLine.end_to_end_id,
)


def _receipts(apart: Subquery, taken: Subquery) -> Select[Any]:
    reversing = aliased(Entry)
    return (
        select(
            Entry.id.label("entry_id"),
            Entry.effective_on,
            apart.c.currency,
            apart.c.amount,
            (apart.c.amount - func.coalesce(taken.c.total, 0)).label("rest"),
            *_OF_LINE,
            StripeBalanceTransaction.id.label("movement"),
            StripeBalanceTransaction.source_id,
        )
        .join(apart, apart.c.entry_id == Entry.id)
        .outerjoin(taken, taken.c.entry_id == Entry.id)
        .outerjoin(reversing, reversing.reverses_id == Entry.id)
        .outerjoin(MatchItem, MatchItem.entry_id == Entry.id)
        .outerjoin(BankLine, BankLine.id == MatchItem.line_id)
        .outerjoin(StripeBalanceTransaction, StripeBalanceTransaction.entry_id == Entry.id)
        .where(Entry.reverses_id.is_(None), reversing.id.is_(None))
    )


def _receipt(row: Any, on: date, notes: Sequence[NoteView]) -> Receipt:
    reference = row.source_id or row.movement or ""
    if row.line_id is not None:
        reference = row.bank_reference or row.end_to_end_id or ""
    return Receipt(
        entry_id=row.entry_id,
        on=row.effective_on,
        age=(on - row.effective_on).days,
        amount=Money(int(row.amount), row.currency),
        rest=Money(int(row.rest), row.currency),
        payer=row.counterparty or "",
        payer_iban=row.counterparty_iban or "",
        text=row.text or "",
        reference=reference,
        line_id=row.line_id,
        movement=row.movement,
        notes=tuple(notes),
    )


def _notes(
    session: Session, entry_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, list[NoteView]]:
    found: defaultdict[uuid.UUID, list[NoteView]] = defaultdict(list)
    rows = session.execute(
        select(UnidentifiedNote, User.name)
        .outerjoin(User, User.id == UnidentifiedNote.written_by)
        .where(UnidentifiedNote.entry_id.in_(entry_ids))
        .order_by(UnidentifiedNote.written_at, UnidentifiedNote.id)
    )
    for note, name in rows:
        found[note.entry_id].append(NoteView(text=note.text, at=note.written_at, by=name or ""))
    return found


def _answer(row: Any, gone_ids: Collection[str]) -> AnswerView:
    told, decision, undone, preparer, decider, undoer, reference = row
    return AnswerView(
        id=told.id,
        entry_id=told.entry_id,
        kind=told.kind,
        amount=Money(told.amount, told.currency),
        reason=told.reason,
        two_people=told.two_people,
        prepared_at=told.prepared_at,
        prepared_by=told.prepared_by,
        prepared_by_name=preparer or "",
        approved=None if decision is None else decision.approved,
        answer=decision.reason if decision is not None else "",
        decided_by_name=decider or "",
        booked_id=decision.entry_id if decision is not None else None,
        donation_id=decision.donation_id if decision is not None else None,
        reference=reference or "",
        undone_by_name=undoer or "",
        undone_why=undone.reason if undone is not None else "",
        left=str(told.id) in gone_ids,
    )


def _place(told: str) -> tuple[date, uuid.UUID | None]:
    day, _, key = told.partition(".")
    try:
        return date.fromisoformat(day), uuid.UUID(key)
    except ValueError:
        return _FAR, None
