"""How does a list become a page, a CSV file and a workbook from one description?

A list is columns and a stream of rows. Texts are made safe for spreadsheets on their way into a
file; a page escapes them itself. Rows are read in batches, so that a list of any length costs the
memory of one.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, BinaryIO, Final

from sqlalchemy import ColumnElement, Executable, Text, cast, func, type_coerce
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.money import Money
from offset.reports import workbook
from offset.reports.rows import BATCH, Span
from offset.reports.tables import safe

ON_A_PAGE: Final = 200
FORMS: Final = ("csv", "xlsx")
# How a cell is written: as text, as a number, or as the id of a thing that has a page.
TEXT: Final = "text"
NUMBER: Final = "number"
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name it has in files, and what stands in it.

    ``kind`` is text, number, or the kind of thing whose id stands there: a page links it.
    """

    name: str
    kind: str = TEXT


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its name, its columns, and how its rows come about for some days."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Session, Span], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Shown:
    """The first rows of a list as a page shows them, and whether there are more."""

    listing: Listing
    rows: tuple[Row, ...]
    more: bool


def shown(session: Session, listing: Listing, span: Span, *, most: int = ON_A_PAGE) -> Shown:
    """Read the first rows of a list."""
    rows = tuple(islice(listing.rows(session, span), most + 1))
    return Shown(listing, rows[:most], len(rows) > most)


def write(session: Session, listing: Listing, span: Span, form: str, out: BinaryIO) -> None:
    """Write a list as a file, row by row.

    Raises
    ------
    NotFound
        ``form_unknown``: the file is asked for as something else than CSV or a workbook.
    """
    names = [one.name for one in listing.columns]
    numbers = [one.kind == NUMBER for one in listing.columns]
    rows = (harmless(row, numbers) for row in listing.rows(session, span))
    if form == "xlsx":
        workbook.write(out, listing.name, names, numbers, rows)
    elif form == "csv":
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        try:
            writer = csv.writer(text)
            writer.writerow(names)
            writer.writerows(rows)
            text.flush()
        finally:
            text.detach()
    else:
        raise NotFound("form_unknown", form=form[:10])


def harmless(row: Row, numbers: Sequence[bool]) -> Row:
    """Keep a spreadsheet from taking a text for a formula; numbers are as we wrote them."""
    return [cell if number else safe(cell) for cell, number in zip(row, numbers, strict=True)]


def stream(session: Session, wanted: Executable) -> Iterator[Any]:
    """Read rows of a statement a batch at a time."""
    result = session.execute(wanted, execution_options={"stream_results": True, "yield_per": BATCH})
    with result:
        yield from result


def day_of(session: Session, instant: Any) -> ColumnElement[str]:
    """Write the UTC day of an instant as the engine's own text, to group and compare by."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", instant), "YYYY-MM-DD")
    return func.substr(type_coerce(instant, Text()), 1, 10)


def month_of(day: Any) -> ColumnElement[str]:
    """Write the month of a day of the books, 2026-09."""
    return func.substr(cast(day, Text()), 1, 7)


def amount(minor: int | None, currency: str | None) -> str:
    """Write an amount with a decimal point; nothing where there is none."""
    return "" if minor is None or not currency else Money(int(minor), currency).decimal()


def told(value: object) -> str:
    """Write a value as text; nothing for None, a day or an instant in ISO form."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
