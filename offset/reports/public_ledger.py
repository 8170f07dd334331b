"""What does the public ledger hand out: sums, entries, what belongs together, and changed rules?

Nobody is named. A reader follows a gift by what its entries have in common, never by a person, and
every table here has columns that stay (docs/public-ledger.md).
"""

import csv
import io
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from offset.database.types import written
from offset.errors import NotFound
from offset.giving.models import (
    AllocationRow,
    Donation,
    RefundSource,
    StripeBalanceTransaction,
)
from offset.ledger import queries, rates
from offset.ledger.models import Entry, SealedFact
from offset.ledger.queries import EntryView, Filters, Totals
from offset.ledger.rates import Rate
from offset.money import Money, exponent
from offset.reports.landing import Named
from offset.reports.tables import Column, safe
from offset.treasury.matching import Kind
from offset.treasury.models import Match, MatchItem

BASE: Final = "EUR"
_PAYMENTS: Final = 10
_RULES: Final = 50
_RULE_KINDS: Final = ("policy", "rate", "share", "criteria", "wording")


@dataclass(frozen=True, slots=True)
class InEuro:
    """The books of all currencies in one sum, at the rates of one day, for display only."""

    totals: Totals
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An entry that belongs to another one: its id, kind and day."""

    id: uuid.UUID
    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a reader goes on from an entry.

    ``same`` are the other entries about the same gift, payment to a project or bank line, in their
    order. ``payments`` are the newest orders of payment to the projects it touches.
    """

    same: tuple[Step, ...]
    payments: tuple[Step, ...]
    run_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a rule that decides about money, as it was sealed."""

    kind: str
    recorded_at: datetime
    content: Mapping[str, Any]


COLUMNS: Final = (
    Column("entry_id", "the id of the entry; a receipt and a proof name it"),
    Column("effective_on", "the day the entry belongs to, YYYY-MM-DD"),
    Column("recorded_at", "when it was recorded: UTC, milliseconds, Z"),
    Column("kind", "the kind of entry, see the chart of accounts"),
    Column("project", "the projects it touches, by the word in their address, blanks between"),
    Column("amount", "the sum of its debits in its first currency, a decimal point", number=True),
    Column("currency", "the currency of the amount, ISO 4217"),
    Column("reverses_id", "the entry that this one undoes, else empty"),
    Column("reversed_by_id", "the entry that undoes this one, else empty"),
    Column("reason", "why it undoes another; empty for all other entries"),
    Column("proof", "the address of its proof"),
)


def in_euro(session: Session, found: Mapping[str, Totals], on: date) -> InEuro | None:
    """Add the books of all currencies in euro at the last rates published up to a day.

    None where there is nothing to convert, or no rate for a currency.
    """
    if not set(found) - {BASE}:
        return None
    try:
        told = {currency: rates.rate_on(session, currency, on) for currency in found}
    except NotFound:
        return None
    sums = {
        one.name: sum(
            (_converted(getattr(totals, one.name), told[code]) for code, totals in found.items()),
            start=Money(0, BASE),
        )
        for one in fields(Totals)
    }
    return InEuro(Totals(**sums), tuple(told[code] for code in found if code != BASE))


def _converted(amount: Money, rate: Rate) -> Money:
    """Convert for display, half-even to the cent."""
    units = Decimal(amount.minor).scaleb(-exponent(amount.currency)) / rate.rate
    cents = units.scaleb(exponent(BASE)).quantize(Decimal(1), ROUND_HALF_EVEN)
    return Money(int(cents), BASE)


def size(entry: EntryView) -> Money:
    """Return what an entry moves: the sum of its debits, in its first currency."""
    currency = entry.lines[0].amount.currency
    debits = (
        line.amount.minor
        for line in entry.lines
        if line.amount.minor > 0 and line.amount.currency == currency
    )
    return Money(sum(debits), currency)


def projects_of(entry: EntryView, known: Mapping[uuid.UUID, Named]) -> tuple[Named, ...]:
    """Return the projects that an entry touches, in the order of its lines."""
    touched = dict.fromkeys(line.project_id for line in entry.lines if line.project_id)
    return tuple(known[one] for one in touched if one in known)


def reason_of(entry: EntryView) -> str:
    """Return why an entry undoes another; what else people noted stays inside."""
    return (entry.memo or "") if entry.reverses_id else ""


def row(
    entry: EntryView, known: Mapping[uuid.UUID, Named], proof: Callable[[uuid.UUID], str]
) -> dict[str, str]:
    """Write an entry under the names of ``COLUMNS``."""
    amount = size(entry)
    return {
        "entry_id": str(entry.id),
        "effective_on": entry.effective_on.isoformat(),
        "recorded_at": written(entry.recorded_at),
        "kind": entry.kind,
        "project": " ".join(one.slug for one in projects_of(entry, known)),
        "amount": amount.decimal(),
        "currency": amount.currency,
        "reverses_id": str(entry.reverses_id or ""),
        "reversed_by_id": str(entry.reversed_by_id or ""),
        "reason": reason_of(entry),
        "proof": proof(entry.id),
    }


def document(
    entry: EntryView, known: Mapping[uuid.UUID, Named], proof: Callable[[uuid.UUID], str]
) -> dict[str, Any]:
    """Write an entry for a program, with its postings; debit positive."""
    told: dict[str, Any] = dict(row(entry, known, proof))
    told["postings"] = [
        {
            "account": line.account,
            "amount": line.amount.decimal(),
            "currency": line.amount.currency,
        }
        for line in entry.lines
    ]
    return told


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Write rows as CSV: commas, CR LF, names first; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = [column.name for column in COLUMNS]
    writer.writerow(names)
    numbers = {column.name for column in COLUMNS if column.number}
    for told in rows:
        writer.writerow([told[name] if name in numbers else safe(told[name]) for name in names])
    return out.getvalue()


def totals_document(totals: Totals) -> dict[str, str]:
    """Write the books of one currency as decimal texts."""
    return {one.name: getattr(totals, one.name).decimal() for one in fields(Totals)}


def trail(session: Session, entry: EntryView) -> Trail:
    """Read what belongs to an entry: its gift or payment, the projects' payments, the run."""
    donation_id = _gift(session, entry)
    same = _steps(session, _about(entry, donation_id), entry.id)
    payments: list[Step] = []
    run_id = None
    if entry.kind in {"allocation", "deallocation"}:
        for project_id in dict.fromkeys(one.project_id for one in entry.lines if one.project_id):
            found = queries.entries(
                session,
                Filters(project_id=project_id, kind="disbursement_order"),
                limit=_PAYMENTS,
            )
            payments.extend(Step(one.id, one.kind, one.effective_on) for one in found.entries)
        run_id = session.scalar(
            select(AllocationRow.epoch_id).where(AllocationRow.entry_id == entry.id).limit(1)
        )
    return Trail(same, tuple(payments), run_id)


def _gift(session: Session, entry: EntryView) -> uuid.UUID | None:
    """Find the gift that an entry is about."""
    if entry.source_type == "donation":
        return uuid.UUID(entry.source_id)
    wanted = _GIFT_OF.get(entry.source_type)
    if wanted is None:
        return None
    try:
        found: uuid.UUID | None = session.scalar(wanted(entry.source_id).limit(1))
    except ValueError:
        return None  # a reference of another shape, as books brought in from elsewhere have
    return found


def _of_line(line_id: str) -> Select[Any]:
    return (
        select(Match.subject_id)
        .join(MatchItem, MatchItem.match_id == Match.id)
        .where(MatchItem.line_id == uuid.UUID(line_id), Match.kind == Kind.GIFT)
        .order_by(Match.made_at.desc())
    )


_GIFT_OF: Final[Mapping[str, Callable[[str], Select[Any]]]] = {
    "stripe_balance_txn": lambda told: select(StripeBalanceTransaction.donation_id).where(
        StripeBalanceTransaction.id == told
    ),
    "refund": lambda told: select(RefundSource.donation_id).where(RefundSource.cause_id == told),
    "bank_line": _of_line,
}


def _about(entry: EntryView, donation_id: uuid.UUID | None) -> ColumnElement[bool]:
    if donation_id is None:
        return (Entry.source_id == entry.source_id) & (Entry.source_type == entry.source_type)
    movements = select(StripeBalanceTransaction.entry_id).where(
        StripeBalanceTransaction.donation_id == donation_id
    )
    refunds = select(RefundSource.entry_id).where(RefundSource.donation_id == donation_id)
    settled = select(Donation.entry_id).where(Donation.id == donation_id)
    return or_(
        (Entry.source_id == str(donation_id)) & (Entry.source_type == "donation"),
        Entry.id.in_(movements),
        Entry.id.in_(refunds),
        Entry.id.in_(settled),
    )


def _steps(session: Session, about: ColumnElement[bool], but: uuid.UUID) -> tuple[Step, ...]:
    rows = session.execute(
        select(Entry.id, Entry.kind, Entry.effective_on)
        .where(about, Entry.id != but)
        .order_by(Entry.effective_on, Entry.id)
    )
    return tuple(Step(*found) for found in rows)


def rules(session: Session, *, known_at: datetime | None = None) -> Sequence[Rule]:
    """Read the newest versions of what decides about money, in one statement."""
    wanted = (
        select(SealedFact.kind, SealedFact.recorded_at, SealedFact.content)
        .where(SealedFact.kind.in_(_RULE_KINDS))
        .order_by(SealedFact.recorded_at.desc(), SealedFact.fact_id)
        .limit(_RULES)
    )
    if known_at is not None:
        wanted = wanted.where(SealedFact.recorded_at <= known_at)
    return tuple(Rule(*found) for found in session.execute(wanted))
