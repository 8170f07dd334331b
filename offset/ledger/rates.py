"""What was a euro worth in another currency on a day? For display only, never for an entry.

The figures are the reference rates of the European Central Bank, one a working day. Entries that
convert money are made with the processor's own rate, see recipe R26.
"""

import csv
import importlib.resources
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import InvalidInput, NotFound
from offset.ledger.models import FX_RATE, FxRate
from offset.ledger.writes import insert_missing
from offset.money import EXPONENTS

SOURCE: Final = "European Central Bank, euro foreign exchange reference rates"
_BASE: Final = "EUR"
# The ECB writes this where it published none.
_ABSENT: Final = frozenset({"", "N/A"})
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What one euro was worth: the day it was published, the figure and who published it."""

    day: date
    currency: str
    rate: Decimal
    source: str


def shipped() -> str:
    """Return the text of the rates that come with the house."""
    kept = importlib.resources.files("offset.ledger").joinpath("data/eurofxref.csv")
    return kept.read_text(encoding="utf-8")


def read(lines: Iterable[str]) -> Iterator[Rate]:
    """Read the ECB's file: a line a day, a column a currency; unknown currencies are passed over.

    Raises
    ------
    InvalidInput
        ``rate_unreadable`` with the line.
    """
    rows = csv.DictReader(lines)
    if not rows.fieldnames or rows.fieldnames[0] != "Date":
        raise InvalidInput("rate_unreadable", field="file", line=",".join(rows.fieldnames or ()))
    for row in rows:
        try:
            yield from _of_day(row)
        except (ValueError, InvalidOperation, TypeError, AttributeError):
            said = ",".join(str(value) for value in row.values())[:80]
            raise InvalidInput("rate_unreadable", field="file", line=said) from None


def _of_day(row: Mapping[str, str]) -> Iterator[Rate]:
    day = date.fromisoformat(row["Date"])
    for currency in EXPONENTS.keys() & row.keys():
        told = row[currency].strip()
        if told not in _ABSENT:
            figure = Decimal(told)
            if not (figure.is_finite() and figure > 0):
                raise ValueError(told)
            yield Rate(day, currency, figure, SOURCE)


def keep(session: Session, rates: Iterable[Rate], *, at: datetime) -> int:
    """Store the rates that are not there yet; what is stored stays as it was. Return how many.

    Raises
    ------
    InvalidInput
        ``rate_unreadable``; nothing is stored then.
    """
    stored = 0
    waiting = iter(rates)
    while part := list(itertools.islice(waiting, _AT_ONCE)):
        first, last = min(one.day for one in part), max(one.day for one in part)
        stored_days = session.execute(
            select(FxRate.currency, FxRate.day).where(FxRate.day.between(first, last))
        )
        there = {(row.currency, row.day) for row in stored_days}
        rows: list[dict[str, Any]] = [
            {
                "day": one.day,
                "currency": one.currency,
                "rate": str(one.rate),
                "source": one.source,
                "imported_at": at,
            }
            for one in part
            if (one.currency, one.day) not in there
        ]
        if rows:
            insert_missing(session, FX_RATE, rows, key="currency,day")
        stored += len(rows)
    return stored


def rate_on(session: Session, currency: str, day: date) -> Rate:
    """Return the last rate published on or before a day.

    Raises
    ------
    NotFound
        ``rate_unknown``.
    """
    if currency == _BASE:
        return Rate(day, _BASE, Decimal(1), SOURCE)
    row = session.execute(
        select(FxRate.day, FxRate.rate, FxRate.source)
        .where(FxRate.currency == currency, FxRate.day <= day)
        .order_by(FxRate.day.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("rate_unknown", currency=currency, day=day)
    return Rate(row.day, currency, Decimal(row.rate), row.source)
