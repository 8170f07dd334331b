"""How does a bank's table become a statement? By the mapping that was saved for the account.

The heading is the first row that holds every mapped column; what stands above it is left alone.
A total without a day may stand under the rows, never between them. The balance column, where
there is one, or the closing that a person read at the bank makes the check that opening and lines
make the closing.
"""

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from offset.errors import InvalidInput
from offset.gateways.sheet_rows import csv_rows, is_workbook, workbook_rows
from offset.money import EXPONENTS, Money
from offset.treasury.ports import Layout, Sheet, Sign, Statement, StatementLine

_SHOWN: Final = 12
_SEARCHED: Final = 60
_MAX_TEXT: Final = 1_000
_FORMS: Final[Mapping[str, str]] = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
}
_SPACES: Final = re.compile(r"[\s'’\u00a0\u202f]")


@dataclass(frozen=True)
class _Row:
    """One row of the table with the balance that stands beside it, if any."""

    line: StatementLine
    balance: Money | None


def rows_of(data: bytes, layout: Layout) -> Iterable[tuple[str, ...]]:
    """Read the rows of a table, CSV or workbook."""
    if is_workbook(data):
        return workbook_rows(data)
    return csv_rows(data, encoding=layout.encoding, delimiter=layout.delimiter)


def first_rows(data: bytes, layout: Layout) -> tuple[tuple[str, ...], ...]:
    """Return the first rows, for the page that maps them."""
    return tuple(itertools.islice(rows_of(data, layout), _SHOWN))


def read_sheet(data: bytes, sheet: Sheet) -> tuple[Statement, ...]:
    """Read a table as one statement of its account.

    Raises
    ------
    InvalidInput
        ``statement_…`` with the row.
    """
    rows = iter(rows_of(data, sheet.layout))
    places = _heading(rows, sheet.layout)
    reader = _Reader(sheet, places)
    found = [one for one in _dated(rows, reader) if one.line.amount]
    if not found:
        raise InvalidInput("statement_none", field="file")
    # Banks list the newest first as often as last.
    if found[0].line.booked_on > found[-1].line.booked_on or _backwards(found):
        found.reverse()
    opening, closing = _balances(found, sheet)
    days = [one.line.booked_on for one in found]
    digest = hashlib.sha256(data).hexdigest()[:12]
    return (
        Statement(
            reference=f"{min(days).isoformat()} {max(days).isoformat()} {digest}",
            sequence=None,
            account=sheet.account,
            opening=opening,
            closing=closing,
            opened_on=min(days),
            closed_on=max(days),
            lines=tuple(one.line for one in found),
            form="xlsx" if is_workbook(data) else "csv",
        ),
    )


def _dated(rows: Iterable[tuple[str, ...]], reader: "_Reader") -> Iterator[_Row]:
    """Read the rows that have a day; a total may stand under them, never between them."""
    total = 0
    for number, row in enumerate(rows, start=1):
        if reader.cell(row, "booked_on"):
            if total:
                raise InvalidInput("statement_date", field="file", text="", where=total)
            yield reader.row(row, number)
        elif any(reader.cell(row, name) for name in ("amount", "money_out", "money_in")):
            total = total or number


def _heading(rows: Iterable[tuple[str, ...]], layout: Layout) -> dict[str, tuple[int, ...]]:
    """Find the row of headings and the place of each column in it."""
    wanted = {_fold(one) for told in layout.columns.values() for one in told}
    missing = wanted
    for row in itertools.islice(rows, _SEARCHED):
        known = {_fold(cell): place for place, cell in reversed(list(enumerate(row)))}
        lacks = wanted - set(known)
        if not lacks:
            return {
                name: tuple(known[_fold(one)] for one in told)
                for name, told in layout.columns.items()
            }
        missing = min(missing, lacks, key=len)
    raise InvalidInput("statement_heading", field="file", missing=", ".join(sorted(missing))[:120])


def _fold(text: str) -> str:
    return " ".join(text.replace("\ufeff", "").split()).casefold()


def _backwards(found: Sequence[_Row]) -> bool:
    """Say whether the balances of one day run from the newest to the oldest."""
    first, second = found[0], found[min(1, len(found) - 1)]
    if first.balance is None or second.balance is None or first is second:
        return False
    forwards = first.balance + second.line.amount == second.balance
    return not forwards and second.balance + first.line.amount == first.balance


def _balances(found: Sequence[_Row], sheet: Sheet) -> tuple[Money, Money]:
    first, last = found[0], found[-1]
    if first.balance is not None and last.balance is not None:
        return first.balance - first.line.amount, last.balance
    if sheet.closing is None:
        raise InvalidInput("statement_closing_missing", field="closing")
    return sheet.before, sheet.closing


class _Reader:
    """Reads cells by the mapping of one account."""

    def __init__(self, sheet: Sheet, places: Mapping[str, tuple[int, ...]]) -> None:
        self.sheet = sheet
        self.layout = sheet.layout
        self.places = places

    def cell(self, row: Sequence[str], name: str) -> str:
        """Return what stands under a heading; several are joined."""
        told = (row[place] for place in self.places.get(name, ()) if place < len(row))
        return " ".join(" ".join(told).split())

    def row(self, row: Sequence[str], number: int) -> _Row:
        """Read one row as a line."""
        currency = self.cell(row, "currency").upper() or self.sheet.currency
        if currency not in EXPONENTS:
            raise InvalidInput("statement_currency_unknown", field="file", currency=currency[:8])
        booked = self.day(self.cell(row, "booked_on"), number)
        value = self.cell(row, "value_on")
        iban = "".join(self.cell(row, "counterparty_iban").split()).upper()
        balance = self.cell(row, "balance")
        line = StatementLine(
            amount=Money(self.amount(row, currency, number), currency),
            booked_on=booked,
            value_on=self.day(value, number) if value else booked,
            bank_reference=self.cell(row, "bank_reference")[:120] or None,
            end_to_end_id=self.cell(row, "end_to_end_id")[:120] or None,
            text=self.cell(row, "text")[:_MAX_TEXT],
            counterparty=self.cell(row, "counterparty")[:140] or None,
            counterparty_iban=iban[:34] or None,
        )
        told = Money(self.minor(balance, currency, number), currency) if balance else None
        return _Row(line, told)

    def amount(self, row: Sequence[str], currency: str, number: int) -> int:
        """Return the signed amount of a row in minor units."""
        if self.layout.sign is Sign.TWO_COLUMNS:
            out, come = (self.cell(row, name) for name in ("money_out", "money_in"))
            gone = abs(self.minor(out, currency, number)) if out else 0
            return (self.minor(come, currency, number) if come else 0) - gone
        minor = self.minor(self.cell(row, "amount"), currency, number)
        if self.layout.sign is Sign.REVERSED:
            return -minor
        if self.layout.sign is Sign.WORD:
            words = {word.casefold() for word in self.layout.out_words}
            return -abs(minor) if self.cell(row, "side").casefold() in words else abs(minor)
        return minor

    def minor(self, written: str, currency: str, number: int) -> int:
        """Read a decimal exactly; a workbook's numbers always have a point."""
        mark = self.layout.decimal
        told = _SPACES.sub("", written).replace("−", "-").replace("\u2013", "-")
        told = told.upper().removesuffix(currency).removeprefix(currency).strip("€$£")
        negative = told.startswith(("-", "(")) or told.endswith("-")
        told = told.strip("-+()")
        other = "." if mark == "," else ","
        if re.fullmatch(rf"\d{{1,3}}(?:\{other}\d{{3}})+(?:\{mark}\d*)?", told):
            told = told.replace(other, "")
        found = re.fullmatch(rf"(\d{{1,13}})(?:\{mark}(\d*))?", told, flags=re.ASCII)
        if found is None and is_plain(told):
            found = re.fullmatch(r"(\d{1,13})\.(\d*)", told, flags=re.ASCII)
        if found is None:
            raise InvalidInput("statement_amount", field="file", text=written[:40], where=number)
        places = EXPONENTS[currency]
        decimals = found[2] or ""
        if decimals[places:].strip("0"):
            raise InvalidInput(
                "statement_amount_precise",
                field="file",
                text=written[:40],
                where=number,
                places=places,
            )
        minor = int(found[1] + decimals[:places].ljust(places, "0"))
        return -minor if negative else minor

    def day(self, written: str, number: int) -> date:
        """Read a day in the form that was said; a workbook's own dates are ISO."""
        told = written.partition(" ")[0].partition("T")[0]
        for form in (_FORMS[self.layout.date_form], "%Y-%m-%d"):
            try:
                return datetime.strptime(told, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        raise InvalidInput("statement_date", field="file", text=written[:40], where=number)


def is_plain(told: str) -> bool:
    """Say whether an amount is written as programs do, with a point and at most two decimals."""
    return re.fullmatch(r"\d+\.\d{1,2}", told, flags=re.ASCII) is not None
