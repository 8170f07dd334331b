"""Which kind of file did the bank give, and who reads it? One door for all of them."""

from typing import Final

from offset.errors import InvalidInput
from offset.gateways import bank_sheet, mt940
from offset.gateways.camt053 import MAX_BYTES, MAX_ENTRIES, Camt053Reader
from offset.gateways.sheet_rows import is_workbook
from offset.treasury.ports import DELIMITERS, Layout, Sheet, Statement

_SAMPLE: Final = 4_096
# What people pick by mistake: PDF, pictures, the old workbook, a packed file.
_FOREIGN: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")

# Columns that both of Stripe's reports of payouts have, and no bank.
_OF_PROCESSOR: Final = (b"balance_transaction_id", b"reporting_category")


class BankFileReader:
    """Reads CAMT.053, CAMT.054, MT940, CSV and XLSX; the port is ``StatementReader``."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES) -> None:
        self.max_bytes = max_bytes
        self.max_entries = max_entries

    def read(self, data: bytes, sheet: Sheet | None = None) -> tuple[Statement, ...]:
        """Read every statement of a file.

        Raises
        ------
        InvalidInput
            ``statement_…`` with what is wrong and where.
        """
        kind = self._kind(data)
        if kind == "xml":
            reader = Camt053Reader(max_bytes=self.max_bytes, max_entries=self.max_entries)
            return reader.read(data)
        if kind == "mt940":
            return mt940.read_mt940(decoded(data), max_lines=self.max_entries)
        if _of_processor(data):
            raise InvalidInput("statement_of_processor", field="file")
        if sheet is None:
            raise InvalidInput("statement_needs_mapping", field="file")
        return bank_sheet.read_sheet(data, sheet)

    def headings(self, data: bytes, layout: Layout | None = None) -> tuple[tuple[str, ...], ...]:
        """Return the first rows of a table.

        Raises
        ------
        InvalidInput
            ``statement_not_a_table`` or as ``read``.
        """
        if self._kind(data) != "table":
            raise InvalidInput("statement_not_a_table", field="file")
        return bank_sheet.first_rows(data, layout or guessed(data))

    def _kind(self, data: bytes) -> str:
        if len(data) > self.max_bytes:
            megabytes = self.max_bytes // 10**6
            raise InvalidInput("statement_too_large", field="file", megabytes=megabytes)
        start = data[:_SAMPLE].lstrip(b"\xef\xbb\xbf \t\r\n")
        if not data.strip():
            raise InvalidInput("statement_empty", field="file")
        if start.startswith((b"<", b"\x00<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
            return "xml"
        if is_workbook(data):
            return "table"
        if mt940.looks_like(decoded(data[:_SAMPLE])) and not start.startswith(b"%"):
            return "mt940"
        foreign = start.startswith(_FOREIGN)
        if foreign or not any(mark.encode() in data[:_SAMPLE] for mark in DELIMITERS):
            raise InvalidInput("statement_kind_unknown", field="file")
        return "table"


def _of_processor(data: bytes) -> bool:
    """Recognise a report of the processor by its columns: it is no statement of a bank."""
    return all(name in data[:_SAMPLE].partition(b"\n")[0] for name in _OF_PROCESSOR)


def decoded(data: bytes) -> str:
    """Read text of a bank: UTF-8, else the letters of Western Windows; UTF-16 says so itself."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1252", errors="replace")


def guessed(data: bytes) -> Layout:
    """Guess encoding, delimiter and decimal mark of a CSV file, to begin a mapping with."""
    encoding = "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        try:
            data.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = "windows-1252"
    head = data[:_SAMPLE].decode(encoding, errors="replace")
    counts = {mark: head.count(mark) for mark in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda mark: counts[mark])
    return Layout(
        columns={"booked_on": ("?",), "amount": ("?",)}, encoding=encoding, delimiter=delimiter
    )
