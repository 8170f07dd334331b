"""What does the statement of a closed month say, and where are its papers found again?

The facts are written with the closing, in its transaction, and hashed; files are printed from them
afterwards, kept once and found by the hash of their bytes. Everything is summed by the database, so
a month of any size takes the same memory.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import case, func, insert, select
from sqlalchemy.orm import Session, aliased

from offset.clock import milliseconds
from offset.database.types import canonical, uuid7, written
from offset.errors import NotFound
from offset.ledger import checkpoints
from offset.ledger import periods as ledger
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people import users
from offset.treasury.month import BankStanding, Item, Look
from offset.treasury.month_models import MonthPaper, MonthStatement

LANGUAGES: Final = ("en", "fr", "es")
# The forms of a statement: a PDF a language, and one workbook whose names are in English.
FORMS: Final = (*(("pdf", one) for one in LANGUAGES), ("xlsx", "en"))
# What a bank sent back was not paid.
_PAID: Final[Mapping[str, int]] = {"disbursement_sent": 1, "disbursement_returned": -1}
_GIFTS: Final = ("charge", "bank_gift", "identified")


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """A file of a statement and the hash it is found by."""

    form: str
    language: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The statement of one closing, with the files that were printed of it."""

    id: uuid.UUID
    starts_on: date
    n: int
    facts: Mapping[str, Any]
    sha256: str
    papers: tuple[PaperLine, ...]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The bytes of a file of a statement."""

    name: str
    form: str
    sha256: str
    data: bytes


def keep(session: Session, found: Look, *, at: datetime, closed_by: uuid.UUID | None) -> str:
    """Write the statement of a month that was just locked; return the hash of its facts."""
    told = facts(session, found, at=at, closed_by=closed_by)
    sha256 = hashlib.sha256(canonical(told).encode()).hexdigest()
    row = {
        "id": uuid7(at),
        "starts_on": found.starts_on,
        "n": told["n"],
        "facts": told,
        "sha256": sha256,
        "made_at": at,
        "closed_by": closed_by,
    }
    session.execute(insert(MonthStatement), row)
    return sha256


def facts(
    session: Session, found: Look, *, at: datetime, closed_by: uuid.UUID | None
) -> dict[str, Any]:
    """Sum up a month that was just locked."""
    closings = ledger.closings(session, found.starts_on)
    names = users.names(session, [closed_by] if closed_by else [])
    return {
        "month": found.starts_on.isoformat(),
        "ends_on": found.ends_on.isoformat(),
        "n": closings[-1].n,
        "closed_at": written(milliseconds(at)),
        "closed_by": names.get(closed_by, "") if closed_by else "",
        "banks": [_bank(one) for one in found.banks],
        "items": [_item(one) for one in found.items],
        "explained": sum(one.words is not None for one in found.items),
        "payouts": found.counts.payouts,
        "lines": sum(one.lines for one in found.banks),
        "trial": [
            {"code": line.code, "name": line.name, "amount": _money(line.balance)}
            for line in found.trial
            if line.balance
        ],
        "checkpoint": _checkpoint(session),
        **_moved(session, found.starts_on, found.ends_on),
    }


def statements(session: Session, starts_on: date) -> tuple[Statement, ...]:
    """Read the statements of a month, the newest closing first, with their files."""
    rows = session.scalars(
        select(MonthStatement)
        .where(MonthStatement.starts_on == starts_on)
        .order_by(MonthStatement.n.desc())
    ).all()
    papers = _papers(session, [row.id for row in rows])
    return tuple(_statement(row, papers.get(row.id, ())) for row in rows)


def unprinted(session: Session) -> tuple[Statement, ...]:
    """Return the statements that lack a file, oldest first."""
    printed = (
        select(MonthPaper.statement_id, func.count().label("papers"))
        .group_by(MonthPaper.statement_id)
        .subquery()
    )
    rows = session.scalars(
        select(MonthStatement)
        .outerjoin(printed, printed.c.statement_id == MonthStatement.id)
        .where(func.coalesce(printed.c.papers, 0) < len(FORMS))
        .order_by(MonthStatement.made_at)
    ).all()
    papers = _papers(session, [row.id for row in rows])
    return tuple(_statement(row, papers.get(row.id, ())) for row in rows)


def keep_paper(
    session: Session,
    *,
    at: datetime,
    statement_id: uuid.UUID,
    form: str,
    language: str,
    data: bytes,
) -> bool:
    """Keep a file of a statement, once; a second printing is thrown away."""
    if any(
        (one.form, one.language) == (form, language)
        for one in _papers(session, [statement_id]).get(statement_id, ())
    ):
        return False
    row = {
        "id": uuid7(at),
        "statement_id": statement_id,
        "form": form,
        "language": language,
        "sha256": hashlib.sha256(data).hexdigest(),
        "data": data,
        "made_at": at,
    }
    session.execute(insert(MonthPaper), row)
    return True


def paper(session: Session, sha256: str) -> Paper:
    """Return a file of a statement by the hash of its bytes.

    Raises
    ------
    NotFound
        ``month_paper_unknown``.
    """
    row = session.execute(
        select(MonthPaper, MonthStatement.starts_on, MonthStatement.n)
        .join(MonthStatement, MonthStatement.id == MonthPaper.statement_id)
        .where(MonthPaper.sha256 == sha256)
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("month_paper_unknown")
    one, starts_on, n = row
    name = f"reconciliation-{starts_on:%Y-%m}-{n}-{one.language}.{one.form}"
    return Paper(name=name, form=one.form, sha256=one.sha256, data=bytes(one.data))


def _papers(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[PaperLine, ...]]:
    found: dict[uuid.UUID, tuple[PaperLine, ...]] = {}
    rows = session.execute(
        select(MonthPaper.statement_id, MonthPaper.form, MonthPaper.language, MonthPaper.sha256)
        .where(MonthPaper.statement_id.in_(ids))
        .order_by(MonthPaper.form, MonthPaper.language)
    )
    for owner, form, language, sha256 in rows:
        line = PaperLine(form=form, language=language, sha256=sha256)
        found[owner] = (*found.get(owner, ()), line)
    return found


def _statement(row: MonthStatement, papers: tuple[PaperLine, ...]) -> Statement:
    return Statement(
        id=row.id,
        starts_on=row.starts_on,
        n=row.n,
        facts=row.facts,
        sha256=row.sha256,
        papers=papers,
    )


def _bank(one: BankStanding) -> dict[str, Any]:
    sums = {"book": one.book, "unmatched": one.unmatched, "unbooked": one.unbooked}
    return {
        "code": one.code,
        "reached": one.reached.isoformat() if one.reached else None,
        "lines": one.lines,
        **{name: _money(value) for name, value in sums.items()},
        "stated": _money(one.stated),
        "gap": _money(one.gap),
    }


def _item(one: Item) -> dict[str, Any]:
    words = one.words
    return {
        "code": one.code,
        "name": one.name,
        "amount": None if one.code == "payouts" else _money(one.amount),
        "since": one.since.isoformat() if one.since else None,
        "age": one.age,
        "text": words.text if words else None,
        "by": words.by if words else None,
        "at": words.at.date().isoformat() if words else None,
    }


def _checkpoint(session: Session) -> dict[str, Any] | None:
    last = checkpoints.recent(session, 1)
    if not last:
        return None
    return {"n": last[0].n, "size": last[0].size, "root": last[0].root.hex()}


def _moved(session: Session, starts_on: date, ends_on: date) -> dict[str, Any]:
    """Sum what the month brought, gave to projects, paid and cost, by currency."""
    reversing = aliased(Entry)
    standing = (
        Entry.effective_on.between(starts_on, ends_on),
        Entry.reverses_id.is_(None),
        ~select(reversing.id).where(reversing.reverses_id == Entry.id).exists(),
    )
    size = case((Posting.amount > 0, Posting.amount), else_=0)
    rows = session.execute(
        select(
            Entry.kind,
            Account.currency,
            func.count(func.distinct(Entry.id)),
            func.sum(size),
            func.sum(case((Account.code.startswith("Expenses:"), Posting.amount), else_=0)),
        )
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .where(*standing)
        .group_by(Entry.kind, Account.currency)
        .order_by(Account.currency, Entry.kind)
    ).all()
    return {
        "gifts": sum(int(count) for kind, _, count, _, _ in rows if kind in _GIFTS),
        "brought": _by_currency((c, total) for k, c, _, total, _ in rows if k in _GIFTS),
        "allocated": _by_currency((c, total) for k, c, _, total, _ in rows if k == "allocation"),
        "paid": _by_currency((c, _PAID[k] * total) for k, c, _, total, _ in rows if k in _PAID),
        "fees": _by_currency((c, cost) for _, c, _, _, cost in rows),
        "kinds": [
            {"kind": kind, "entries": int(count), "amount": _money(Money(int(total), currency))}
            for kind, currency, count, total, _ in rows
        ],
    }


def _by_currency(rows: Any) -> list[dict[str, Any]]:
    sums: dict[str, int] = {}
    for currency, amount in rows:
        sums[currency] = sums.get(currency, 0) + int(amount or 0)
    return [_money(Money(total, currency)) for currency, total in sorted(sums.items()) if total]


def _money(value: Money) -> dict[str, Any]:
    return {"minor": value.minor, "currency": value.currency}
