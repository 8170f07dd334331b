"""Which movements of the processor does no rule know, and where may a person book them?

A movement of an unknown kind stands in suspense, so that the books agree with the processor. Once
somebody knows what it was, two people book it where it belongs, whole or in parts; it leaves the
list when all of it has its place, and comes back when such an entry is reversed.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session, aliased

from offset.errors import InvalidInput, NotFound, Refused
from offset.giving.models import StripeBalanceTransaction
from offset.ledger import balances, chart, entries, queries
from offset.ledger.entries import Draft
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.treasury import free_money, notices
from offset.treasury.locks import hold
from offset.treasury.models import (
    BankAccount,
    ManualEntry,
    ManualEntryDecision,
    PaymentOutcome,
)

PAGE: Final = 50
_SUSPENSE: Final = "Equity:Suspense:"
_EXPLAINED: Final = "explained"


@dataclass(frozen=True, kw_only=True)
class Unexplained:
    """A movement in suspense: how much came or left, and how much of it has no place yet."""

    entry_id: uuid.UUID
    on: date
    age: int
    amount: Money
    rest: Money
    # What entries by hand that wait for a second person would explain.
    waiting: Money
    movement: str
    category: str
    source_id: str


@dataclass(frozen=True)
class Explanation:
    """An entry by hand that explains a movement or a part of it; not booked while it waits."""

    manual_entry_id: uuid.UUID
    target: str
    amount: Money
    outcome: PaymentOutcome | None


def unexplained(session: Session, *, on: date, limit: int = PAGE) -> tuple[Unexplained, ...]:
    """Return the movements of which something is not explained, oldest first."""
    wanted, rest, _ = _movements()
    rows = session.execute(wanted.where(rest > 0).limit(limit))
    return tuple(_told(row, on) for row in rows)


def nobodys(session: Session, *, on: date) -> Iterator[Unexplained]:
    """Yield the movements that nobody prepared an entry for, or not for all of them."""
    wanted, rest, waiting = _movements()
    for row in session.execute(wanted.where(rest > waiting)):
        yield _told(row, on)


def one(session: Session, entry_id: uuid.UUID, *, on: date | None = None) -> Unexplained:
    """Return one movement that went into suspense, explained or not.

    Raises
    ------
    NotFound
        ``movement_not_in_suspense``.
    """
    row = session.execute(_movements()[0].where(Entry.id == entry_id)).first()
    if row is None:
        raise NotFound("movement_not_in_suspense", field="movement")
    return _told(row, on or row.effective_on)


def explanations(session: Session, entry_id: uuid.UUID) -> tuple[Explanation, ...]:
    """Return what was prepared to explain a movement, refused or not, in that order."""
    rows = session.execute(
        select(ManualEntry, ManualEntryDecision.outcome)
        .outerjoin(ManualEntryDecision, ManualEntryDecision.manual_entry_id == ManualEntry.id)
        .where(ManualEntry.explains_id == entry_id)
        .order_by(ManualEntry.prepared_at, ManualEntry.id)
    )
    return tuple(
        Explanation(row.id, row.target, Money(row.amount, row.currency), outcome)
        for row, outcome in rows
    )


def places(session: Session, currency: str) -> tuple[str, ...]:
    """Name the accounts to which a movement in a currency may go.

    Costs, the refund reserve, the secretariat's own, a fund, and a bank account of ours to which
    the processor sent the money by another way than a payout. No project: its money comes from
    gifts by the allocation alone. No gift: what a donor paid is found on the processor's side.
    """
    banks = session.scalars(
        select(BankAccount.code).where(BankAccount.currency == currency).order_by(BankAccount.code)
    )
    restricted = (
        code
        for code, _ in queries.account_names(session)
        if code.startswith(free_money.RESTRICTED) and chart.currency_of(code) == currency
    )
    return (
        chart.stripe_fees(currency),
        chart.dispute_fees(currency),
        chart.reserve(currency),
        chart.operating(currency),
        chart.pool(currency),
        *restricted,
        *(chart.bank(code) for code in banks),
    )


def draft(
    session: Session,
    *,
    entry_id: uuid.UUID | None,
    told: str,
    on: date,
    amount: Money,
    target: str,
) -> Draft:
    """Draft the entry that takes a movement, or a part of it, to its place.

    Raises
    ------
    NotFound
        ``movement_not_in_suspense``.
    InvalidInput
        ``account_not_offered``; ``explained_too_early``: before the movement itself.
    Refused
        ``movement_explained`` already; ``explained_above_rest``; ``amount_above_balance`` where a
        fund or the share would pay more than is free.
    """
    if entry_id is None:
        raise NotFound("movement_not_in_suspense", field="movement")
    hold(session, f"suspense {entry_id}")
    found = one(session, entry_id)
    rest = abs_of(found.rest)
    if amount.currency != rest.currency or target not in places(session, rest.currency):
        raise InvalidInput("account_not_offered", field="target", account=target)
    if not rest:
        raise Refused("movement_explained", field="movement")
    if amount > rest:
        raise Refused("explained_above_rest", field="amount", rest=rest)
    if on < found.on:
        raise InvalidInput("explained_too_early", field="on", day=found.on)
    came = found.rest.minor > 0
    if not came:
        _there(session, target, amount)
    return entries.suspense_explained(
        explanation_id=told, on=on, target=target, amount=amount if came else -amount
    )


def require_unprepared(session: Session, entry_id: uuid.UUID | None, amount: Money) -> None:
    """Refuse to prepare what another prepared entry would explain already.

    Raises
    ------
    Refused
        ``explained_waits``.
    """
    if entry_id is None:
        return
    found = one(session, entry_id)
    if amount > abs_of(found.rest) - found.waiting:
        raise Refused("explained_waits", field="movement")


def close_notices(
    session: Session, entry_id: uuid.UUID, *, by: uuid.UUID, at: datetime, text: str
) -> None:
    """Take the processor's notices about a movement off their list once all of it has its place."""
    found = one(session, entry_id)
    if not found.rest and found.source_id:
        notices.explain_about(session, found.source_id, by=by, at=at, text=text)


def abs_of(amount: Money) -> Money:
    """Return the size of an amount."""
    return -amount if amount.minor < 0 else amount


def _there(session: Session, target: str, amount: Money) -> None:
    """Hold what pays for money that left against what is free: no gift pays for it."""
    currency = amount.currency
    if target.startswith((free_money.POOL, free_money.RESTRICTED)):
        balances.lock(session, [target])
        free_money.within(amount, free_money.free_of_gifts(session, target, currency))
    if target == chart.operating(currency):
        balances.lock(session, [chart.share(currency)])
        free_money.within(amount, free_money.undrawn_share(session, currency))


def _movements() -> tuple[Select[Any], ColumnElement[int], ColumnElement[int]]:
    """Select what went into suspense and was not reversed; how much is left, and how much waits."""
    stands = (
        select(Posting.entry_id, Posting.currency, (-func.sum(Posting.amount)).label("amount"))
        .join(Account, Account.id == Posting.account_id)
        .where(Account.code.startswith(_SUSPENSE))
        .group_by(Posting.entry_id, Posting.currency)
        .subquery()
    )
    reversing, booked = aliased(Entry), _taken(booked=True)
    prepared = _taken(booked=False)
    taken = func.coalesce(booked.c.total, 0)
    waiting = func.coalesce(prepared.c.total, 0)
    wanted = (
        select(
            Entry.id.label("entry_id"),
            Entry.effective_on,
            stands.c.currency,
            stands.c.amount,
            taken.label("taken"),
            waiting.label("waiting"),
            StripeBalanceTransaction.id.label("movement"),
            StripeBalanceTransaction.reporting_category,
            StripeBalanceTransaction.source_id,
        )
        .join(stands, stands.c.entry_id == Entry.id)
        .outerjoin(booked, booked.c.entry_id == Entry.id)
        .outerjoin(prepared, prepared.c.entry_id == Entry.id)
        .outerjoin(reversing, reversing.reverses_id == Entry.id)
        .outerjoin(StripeBalanceTransaction, StripeBalanceTransaction.entry_id == Entry.id)
        .where(
            Entry.kind != _EXPLAINED,
            Entry.reverses_id.is_(None),
            reversing.id.is_(None),
            stands.c.amount != 0,
        )
        .order_by(Entry.effective_on, Entry.id)
    )
    return wanted, func.abs(stands.c.amount) - taken, waiting


def _taken(*, booked: bool) -> Subquery:
    """Sum what entries by hand explain of each movement: those that hold, or those that wait."""
    wanted = (
        select(
            ManualEntry.explains_id.label("entry_id"), func.sum(ManualEntry.amount).label("total")
        )
        .outerjoin(ManualEntryDecision, ManualEntryDecision.manual_entry_id == ManualEntry.id)
        .where(ManualEntry.explains_id.is_not(None))
        .group_by(ManualEntry.explains_id)
    )
    if not booked:
        return wanted.where(ManualEntryDecision.manual_entry_id.is_(None)).subquery()
    undone = aliased(Entry)
    return (
        wanted.outerjoin(undone, undone.reverses_id == ManualEntryDecision.entry_id)
        .where(ManualEntryDecision.entry_id.is_not(None), undone.id.is_(None))
        .subquery()
    )


def _told(row: Any, on: date) -> Unexplained:
    amount, taken = Money(int(row.amount), row.currency), Money(int(row.taken), row.currency)
    return Unexplained(
        entry_id=row.entry_id,
        on=row.effective_on,
        age=(on - row.effective_on).days,
        amount=amount,
        rest=amount - taken if amount.minor > 0 else amount + taken,
        waiting=Money(int(row.waiting), row.currency),
        movement=row.movement or "",
        category=row.reporting_category or "",
        source_id=row.source_id or "",
    )
