"""What stands on an account, now or as it was known then, and who may spend it first?

Balances are sums over postings. Where a month is closed, its stored balance stands for the
postings it holds, which nobody can add to any more, and only what is dated after it is read.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from offset.database.types import Minor
from offset.errors import NotFound
from offset.ledger import chart
from offset.ledger.models import (
    Account,
    Entry,
    Period,
    PeriodBalance,
    PeriodClosing,
    PeriodStatus,
    Posting,
)
from offset.ledger.writes import many_writers
from offset.money import Money

ORDERED: Final = ("disbursement_order", "disbursement_restored")
"""The kinds of entry by which money leaves a project for its bank."""


@dataclass(frozen=True, slots=True)
class ProjectTotals:
    """What a project was allocated, what of it was ordered for payment, and what was paid."""

    allocated: Money
    ordered: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account of the trial balance; positive is debit."""

    code: str
    name: str
    balance: Money


def balance(
    session: Session,
    code: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Money:
    """Sum an account, debit positive: dated up to ``as_of``, recorded up to ``known_at``.

    Raises
    ------
    NotFound
        ``account_unknown``: not open, and not an account that opens when first needed.
    """
    total = _standing(as_of) if known_at is None else _known(as_of, known_at)
    row = session.execute(select(Account.currency, total).where(Account.code == code)).first()
    if row is not None:
        return Money(int(row[1]), row[0])
    currency = chart.currency_of(code)
    if currency is None:
        raise NotFound("account_unknown", account=code)
    return Money(0, currency)


def _known(as_of: date | None, known_at: datetime) -> ColumnElement[int]:
    """Sum every posting of an account as it was known; no stored balance knows that."""
    total = (
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Posting.account_id == Account.id, Entry.recorded_at <= known_at)
    )
    if as_of is not None:
        total = total.where(Entry.effective_on <= as_of)
    return total.scalar_subquery()


def _standing(as_of: date | None) -> ColumnElement[int]:
    """Sum an account: its balance at the last closing, and what is dated after it.

    While nothing is closed, all of it is read.
    """
    closed = _closed(as_of)
    stored = (
        select(PeriodBalance.balance)
        .select_from(closed)
        .join(
            PeriodBalance,
            (PeriodBalance.starts_on == closed.c.starts_on) & (PeriodBalance.n == closed.c.n),
        )
        .where(PeriodBalance.account_id == Account.id)
        .scalar_subquery()
    )
    first = select(closed.c.tail_from).scalar_subquery()
    last = select(closed.c.ends_on).scalar_subquery()
    # Asked for each posting of the account, so that no engine begins with every entry instead.
    dated = select(Entry.effective_on).where(Entry.id == Posting.entry_id).scalar_subquery()
    tail = select(func.sum(Posting.amount)).where(
        Posting.account_id == Account.id, Posting.entry_id >= first, dated > last
    )
    whole = select(func.sum(Posting.amount)).where(Posting.account_id == Account.id)
    if as_of is not None:
        tail = tail.where(dated <= as_of)
        whole = whole.join(Entry, Entry.id == Posting.entry_id).where(Entry.effective_on <= as_of)
    nothing = literal(0, Minor)
    # The branch that is not taken is never read; as a condition beside the account it was, whole.
    return case(
        (
            exists(select(closed.c.n)),
            func.coalesce(stored, nothing) + func.coalesce(tail.scalar_subquery(), nothing),
        ),
        else_=func.coalesce(whole.scalar_subquery(), nothing),
    )


def _closed(as_of: date | None) -> CTE:
    """Select the newest closing of the last month that is locked, at or before a day."""
    found = (
        select(Period.starts_on, Period.ends_on, PeriodClosing.n, PeriodClosing.tail_from)
        .join(PeriodClosing, PeriodClosing.starts_on == Period.starts_on)
        .where(Period.status == PeriodStatus.LOCKED.value)
        .order_by(Period.starts_on.desc(), PeriodClosing.n.desc())
        .limit(1)
    )
    if as_of is not None:
        found = found.where(Period.ends_on <= as_of)
    return found.cte("closed")


def held(session: Session, code: str) -> Money:
    """Return the credit balance of an account: what a fund or a project still holds.

    Raises
    ------
    NotFound
        ``account_unknown``.
    """
    return -balance(session, code)


def lock(session: Session, codes: Collection[str]) -> None:
    """Make other spenders of these accounts wait until this transaction ends.

    On SQLite the one writer holds the lock already. Donors never wait: a posting's foreign key
    passes this kind of lock.
    """
    if not many_writers(session):
        return
    session.execute(
        select(Account.id)
        .where(Account.code.in_(codes))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    ).all()


def project_totals(
    session: Session, project_ids: Collection[uuid.UUID], currency: str
) -> Mapping[uuid.UUID, ProjectTotals]:
    """Sum what each project was allocated, ordered and paid, in one statement.

    A reversal counts against what it reverses. A project without an account has zeros.
    """
    return totals_by_project(session, dict.fromkeys(project_ids, currency))


def totals_by_project(
    session: Session,
    currencies: Mapping[uuid.UUID, str],
    *,
    known_at: datetime | None = None,
) -> Mapping[uuid.UUID, ProjectTotals]:
    """Sum projects of several currencies in one statement, now or as they were known then."""
    told = sorted(set(currencies.values()))
    given: dict[str, Any] = {
        "project_ids": list(currencies),
        "currencies": told,
        "transits": [chart.disbursements_in_transit(one) for one in told],
    }
    if known_at is not None:
        given["known_at"] = known_at
    rows = session.execute(_project_totals(known=known_at is not None), given)
    found = {
        (project_id, currency): ProjectTotals(
            allocated=Money(int(allocated), currency),
            ordered=Money(int(ordered), currency),
            paid=Money(int(sent), currency),
        )
        for project_id, currency, allocated, ordered, sent in rows
    }
    return {
        project_id: found.get((project_id, currency), _nothing(currency))
        for project_id, currency in currencies.items()
    }


def _nothing(currency: str) -> ProjectTotals:
    zero = Money(0, currency)
    return ProjectTotals(zero, zero, zero)


@cache
def _project_totals(*, known: bool) -> Select[Any, Any, Any, Any, Any]:
    """Build the statement once: it stands on most public pages, and building takes longest."""
    original = aliased(Entry)
    kind = func.coalesce(original.kind, Entry.kind)
    on_account = (
        select(
            Account.project_id,
            Account.currency,
            func.sum(case((kind.in_(ORDERED), 0), else_=-Posting.amount)).label("allocated"),
            func.sum(case((kind.in_(ORDERED), Posting.amount), else_=0)).label("ordered"),
        )
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(original, original.id == Entry.reverses_id)
        .where(*_of_the_projects(), *_known_then(Entry, known=known))
        .group_by(Account.project_id, Account.currency)
        .subquery()
    )
    paid = _paid(known=known).subquery()
    return select(on_account, func.coalesce(paid.c.paid, 0)).outerjoin(
        paid,
        (paid.c.project_id == on_account.c.project_id) & (paid.c.currency == on_account.c.currency),
    )


def _of_the_projects() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        Account.project_id.in_(bindparam("project_ids", expanding=True)),
        Account.currency.in_(bindparam("currencies", expanding=True)),
    )


def _known_then(entry: type[Entry], *, known: bool) -> tuple[ColumnElement[bool], ...]:
    """Keep what was recorded up to a moment, where one is asked for."""
    if not known:
        return ()
    return (entry.recorded_at <= bindparam("known_at", type_=Entry.recorded_at.type),)


def _paid(*, known: bool) -> Select[Any, Any, Any]:
    """Sum the bank's debits for disbursements that were ordered from each project's account."""
    order, movement, clearing = aliased(Entry), aliased(Entry), aliased(Posting)
    owed, transit, undone = aliased(Posting), aliased(Account), aliased(Entry)
    return (
        select(
            Account.project_id.label("project_id"),
            Account.currency.label("currency"),
            func.sum(clearing.amount).label("paid"),
        )
        .join(owed, owed.account_id == Account.id)
        .join(order, order.id == owed.entry_id)
        .join(
            movement,
            (movement.source_type == order.source_type) & (movement.source_id == order.source_id),
        )
        .outerjoin(undone, undone.id == movement.reverses_id)
        .join(clearing, clearing.entry_id == movement.id)
        .join(transit, transit.id == clearing.account_id)
        .where(
            *_of_the_projects(),
            order.kind == "disbursement_order",
            func.coalesce(undone.kind, movement.kind).in_(
                ("disbursement_sent", "disbursement_returned")
            ),
            transit.code.in_(bindparam("transits", expanding=True)),
            transit.currency == Account.currency,
            *_known_then(movement, known=known),
        )
        .group_by(Account.project_id, Account.currency)
    )


def trial_balance(session: Session, *, as_of: date | None = None) -> tuple[TrialLine, ...]:
    """Sum every account; per currency the lines add up to zero."""
    closed = _closed(as_of)
    since = select(closed.c.ends_on).scalar_subquery()
    moved = (
        select(Posting.account_id, Posting.amount)
        .select_from(Entry)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(or_(Entry.effective_on > since, ~exists(select(closed.c.n))))
    )
    if as_of is not None:
        moved = moved.where(Entry.effective_on <= as_of)
    stored = select(PeriodBalance.account_id, PeriodBalance.balance).join(
        closed, (PeriodBalance.starts_on == closed.c.starts_on) & (PeriodBalance.n == closed.c.n)
    )
    parts = union_all(moved, stored).subquery()
    totals = (
        select(parts.c.account_id, func.sum(parts.c.amount).label("total"))
        .group_by(parts.c.account_id)
        .subquery()
    )
    rows = session.execute(
        select(Account.code, Account.name, func.coalesce(totals.c.total, 0), Account.currency)
        .outerjoin(totals, totals.c.account_id == Account.id)
        .order_by(Account.code)
    )
    return tuple(
        TrialLine(code, name, Money(int(total), currency)) for code, name, total, currency in rows
    )
