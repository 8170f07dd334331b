"""How does a bank's table become a statement? By the mapping that was saved for the account.

The heading is the first row that holds every mapped column; what stands above it is left alone.
A total without a day may stand under the rows, never between them. The balance column, where
there is one, or the closing that a person read at the bank makes the check that opening and lines
make the closing.
"""

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from offset.errors import InvalidInput
from offset.gateways.sheet_rows import csv_rows, is_workbook, numbered_rows
from offset.money import EXPONENTS, Money
from offset.treasury.ports import Layout, Sheet, Sign, Statement, StatementLine

_SHOWN: Final = 12
_SEARCHED: Final = 60
_MAX_TEXT: Final = 1_000
# The order of the parts is what the person said; a year of two digits is of this century.
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "YYYY-MM-DD": re.compile(r"(?P<y>\d{4})([-/.]?)(?P<m>\d\d)\2(?P<d>\d\d)", re.ASCII),
    "DD.MM.YYYY": re.compile(r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4}|\d\d)", re.ASCII),
    "DD/MM/YYYY": re.compile(r"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{4}|\d\d)", re.ASCII),
    "DD-MM-YYYY": re.compile(r"(?P<d>\d\d?)-(?P<m>\d\d?)-(?P<y>\d{4}|\d\d)", re.ASCII),
    "MM/DD/YYYY": re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4}|\d\d)", re.ASCII),
}
_ISO: Final = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", re.ASCII)
_CENTURY: Final = 2000
_SHORT: Final = 100
_SIGNS: Final[Mapping[str, str]] = {"EUR": "€", "USD": "$", "GBP": "£"}
_CODES: Final = {sign: code for code, sign in _SIGNS.items()}
# What must stand once in a table: of two amounts nobody knows which is meant.
_SINGLE: Final = ("booked_on", "amount", "money_out", "money_in", "side", "currency", "balance")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d*)?", re.ASCII)
_MARKS: Final = str.maketrans("−–’", "--'")


@dataclass(frozen=True)
class _Row:
    """One row of the table with the balance that stands beside it, if any."""

    line: StatementLine
    balance: Money | None


def rows_of(data: bytes, layout: Layout) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Read the rows of a table, CSV or workbook, with the numbers that people see beside them."""
    if is_workbook(data):
        return numbered_rows(data)
    return csv_rows(data, encoding=layout.encoding, delimiter=layout.delimiter)


def first_rows(data: bytes, layout: Layout) -> tuple[tuple[str, ...], ...]:
    """Return the first rows, for the page that maps them."""
    return tuple(row for _, row in itertools.islice(rows_of(data, layout), _SHOWN))


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
        raise InvalidInput("statement_no_rows", field="file")
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


def _dated(rows: Iterable[tuple[int, tuple[str, ...]]], reader: "_Reader") -> Iterator[_Row]:
    """Read the rows that have a day; a total may stand under them, never between them."""
    total = 0
    for number, row in rows:
        if reader.cell(row, "booked_on"):
            if total:
                raise InvalidInput("statement_date", field="file", text="", where=total)
            yield reader.row(row, number)
        elif any(reader.cell(row, name) for name in ("amount", "money_out", "money_in")):
            total = total or number


def _heading(
    rows: Iterable[tuple[int, tuple[str, ...]]], layout: Layout
) -> dict[str, tuple[int, ...]]:
    """Find the row of headings and the place of each column in it."""
    wanted = {_fold(one) for told in layout.columns.values() for one in told}
    missing = wanted
    for _, row in itertools.islice(rows, _SEARCHED):
        known = {_fold(cell): place for place, cell in reversed(list(enumerate(row)))}
        lacks = wanted - set(known)
        if not lacks:
            _check_single(row, layout)
            return {
                name: tuple(known[_fold(one)] for one in told)
                for name, told in layout.columns.items()
            }
        missing = min(missing, lacks, key=len)
    raise InvalidInput("statement_heading", field="file", missing=", ".join(sorted(missing))[:120])


def _check_single(row: Sequence[str], layout: Layout) -> None:
    """Refuse a heading of days or money that stands twice."""
    counts = Counter(map(_fold, row))
    for name in _SINGLE:
        for told in layout.columns.get(name, ()):
            if counts[_fold(told)] > 1:
                raise InvalidInput("statement_heading_twice", field="file", column=told[:40])


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
        if sheet.closing is not None and sheet.closing != last.balance:
            raise InvalidInput(
                "statement_closing_differs",
                field="closing",
                stated=sheet.closing,
                closing=last.balance,
            )
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
        told = self.cell(row, "currency").upper() or self.sheet.currency
        currency = _CODES.get(told, told)
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
        held = Money(self.minor(balance, currency, number), currency) if balance else None
        return _Row(line, held)

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
        negative, told = _unsigned(written, currency)
        other = "." if mark == "," else ","
        if re.fullmatch(rf"\d{{1,3}}(?:\{other}\d{{3}})+(?:\{mark}\d*)?", told, flags=re.ASCII):
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
        found = _FORMS[self.layout.date_form].fullmatch(told) or _ISO.fullmatch(told)
        year, month, day = (int(found[part]) for part in "ymd") if found else (0, 0, 0)
        try:
            return date(year if year >= _SHORT else year + _CENTURY, month, day)
        except ValueError:
            raise InvalidInput(
                "statement_date", field="file", text=written[:40], where=number
            ) from None


def _unsigned(written: str, currency: str) -> tuple[bool, str]:
    """Take sign, currency and grouping spaces off an amount; empty when they make no sense."""
    told = " ".join(written.split()).translate(_MARKS).upper().removeprefix("'")
    named = "|".join(re.escape(one) for one in {currency, _SIGNS.get(currency, currency)})
    found = re.fullmatch(
        rf"(\()?([-+])? ?(?:{named})? ?([-+])? ?(\d[\d.,' ]*?) ?(?:{named})? ?([-+])?(\))?"
        rf" ?(?:{named})?",
        told,
        flags=re.ASCII,
    )
    if found is None:
        return False, ""
    opened, *signs, digits, last, closed = found.groups()
    signs = [sign for sign in (*signs, last, opened and "-") if sign]
    if len(signs) > 1 or bool(opened) is not bool(closed) or (last and digits[-1] in ".,"):
        return False, ""
    if " " in digits or "'" in digits:
        digits = re.sub("[ ']", "", digits) if _GROUPED.fullmatch(digits) else ""
    return signs == ["-"], digits


def is_plain(told: str) -> bool:
    """Say whether an amount is written as programs do, with a point and at most two decimals."""
    return re.fullmatch(r"\d+\.\d{1,2}", told, flags=re.ASCII) is not None
