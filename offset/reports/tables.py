"""How do the books leave as plain tables, for a spreadsheet or a program?

The columns are a promise (docs/exports.md): names and order stay, new ones come at the end. No
cell can be taken for a formula, and nobody is named: who acted and free remarks stay inside.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, TextIO

from offset.reports import workbook
from offset.reports.rows import Books

# What starts a formula in a spreadsheet, also as the wide letters of East Asian keyboards.
_FORMULA: Final = frozenset("=+-@\t\r\n\0＝＋－＠")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name, what stands in it, and whether it is a number."""

    name: str
    meaning: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table: its columns and how its rows come about, texts made safe already."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Books], Iterator[Sequence[str]]]


def safe(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe goes before it."""
    return f"'{text}" if text and text[0] in _FORMULA else text


def write_csv(table: Table, books: Books, out: TextIO) -> None:
    """Write a table as CSV: commas, CR LF, a decimal point, the names first."""
    writer = csv.writer(out)
    writer.writerow([column.name for column in table.columns])
    writer.writerows(table.rows(books))


def write_xlsx(table: Table, books: Books, out: BinaryIO) -> None:
    """Write a table as a workbook; numbers are numbers, everything else is text."""
    workbook.write(
        out,
        table.name,
        [column.name for column in table.columns],
        [column.number for column in table.columns],
        table.rows(books),
    )


def _entries(books: Books) -> Iterator[Sequence[str]]:
    for one in books.records():
        head = (
            one.id, one.day, one.recorded_at, safe(one.kind), safe(one.idem_key),
            safe(one.source_type), safe(one.source_id), one.reverses_id,
        )  # fmt: skip
        for line, (place, amount) in enumerate(one.lines, start=1):
            yield (
                *head, str(line), place.code, place.currency, place.decimal(amount), place.name
            )  # fmt: skip


def _accounts(books: Books) -> Iterator[Sequence[str]]:
    for place in books.places:
        closed = "" if place.closed_on is None else str(place.closed_on)
        opened = str(place.opened_on)
        yield place.code, safe(place.name), place.type, place.currency, opened, closed


def _trial_balance(books: Books) -> Iterator[Sequence[str]]:
    before = {place.code: amount for place, amount in books.standing(books.span.eve)}
    moved = books.moved()
    for place in books.places:
        opening = before.get(place.code, 0)
        debit, credit = moved.get(place.code, (0, 0))
        amounts = (opening, debit, credit, opening + debit - credit)
        yield (
            place.code, safe(place.name), place.currency, *(place.decimal(n) for n in amounts)
        )  # fmt: skip


ENTRIES: Final = Table(
    "entries",
    (
        Column("entry_id", "the id of the entry; a receipt and a proof name it"),
        Column("effective_on", "the day the entry belongs to, YYYY-MM-DD"),
        Column("recorded_at", "when it was recorded: UTC, milliseconds, Z"),
        Column("kind", "the kind of entry, see the chart of accounts"),
        Column("idem_key", "the key that names the cause; no two entries share one"),
        Column("source_type", "what caused it: a balance transaction, a bank line, a donation …"),
        Column("source_id", "which one; a reference without personal data"),
        Column("reverses_id", "the entry that this one undoes, else empty"),
        Column("line", "the line within the entry, from 1", number=True),
        Column("account", "the code of the account"),
        Column("currency", "the currency of the amount, ISO 4217"),
        Column("amount", "debit positive, credit negative, a decimal point", number=True),
        Column("account_name", "the name of the account"),
    ),
    _entries,
)
ACCOUNTS: Final = Table(
    "accounts",
    (
        Column("account", "the code of the account"),
        Column("account_name", "its name"),
        Column("type", "A asset, L liability, E equity, I income, X expense"),
        Column("currency", "its one currency, ISO 4217"),
        Column("opened_on", "the day it was opened"),
        Column("closed_on", "the day it was closed for good, else empty"),
    ),
    _accounts,
)
TRIAL_BALANCE: Final = Table(
    "trial-balance",
    (
        Column("account", "the code of the account"),
        Column("account_name", "its name"),
        Column("currency", "its one currency, ISO 4217"),
        Column("opening", "what stood before the first day, debit positive", number=True),
        Column("debit", "the sum of the debits of the period", number=True),
        Column("credit", "the sum of the credits of the period", number=True),
        Column("closing", "opening + debit - credit", number=True),
    ),
    _trial_balance,
)
TABLES: Final = (ENTRIES, ACCOUNTS, TRIAL_BALANCE)
