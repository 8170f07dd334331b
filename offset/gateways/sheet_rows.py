"""Which rows are in a table that a bank gives, CSV or XLSX, read without trusting the file?

An XLSX is the one archive that is accepted: bounded in size, members and unpacked bytes, no
formulas, no entities; dates come out as ISO dates and numbers as they are stored.
"""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from lxml import etree

from offset.errors import InvalidInput

MAX_XLSX: Final = 20_000_000
MAX_UNPACKED: Final = 200_000_000
MAX_MEMBERS: Final = 1_000
MAX_ROWS: Final = 200_500
MAX_COLUMNS: Final = 200
MAX_TAGS: Final = 16_000_000
_MAX_CELL: Final = 4_000
_LONG_NUMBER: Final = 9
_DAY_ZERO: Final = date(1899, 12, 30)
# Workbooks of old Macs count from here, and say so.
_DAY_ZERO_1904: Final = date(1904, 1, 1)
# Number formats that mean a date without saying so, of the standard's list.
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_CELL: Final = re.compile(r"([A-Z]{1,3})\d+")
# what zip archives and their parts raise when bytes of them were damaged on the way
_BROKEN: Final = (
    zipfile.BadZipFile,
    etree.XMLSyntaxError,
    KeyError,
    ValueError,
    NotImplementedError,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)


def is_workbook(data: bytes) -> bool:
    """Say whether a file is a zip archive, as workbooks are."""
    return data[:4] == b"PK\x03\x04"


def csv_rows(
    data: bytes, *, encoding: str, delimiter: str
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Read the rows of a CSV file with the numbers of their lines; empty rows are left out.

    Raises
    ------
    InvalidInput
        ``statement_encoding``: other letters than were said; ``statement_table``: broken quotes
        or too many rows.
    """
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        raise InvalidInput("statement_encoding", field="file", encoding=encoding) from None
    if "\0" in text:
        raise InvalidInput("statement_encoding", field="file", encoding=encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            _bounded(number, len(row))
            if any(cell.strip() for cell in row):
                yield reader.line_num, tuple(cell.strip()[:_MAX_CELL] for cell in row)
    except csv.Error:
        raise InvalidInput("statement_table", field="file", row=reader.line_num) from None


def numbered_rows(data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Read the rows of the first sheet with the numbers that people see beside them.

    Raises
    ------
    InvalidInput
        ``statement_too_large``, ``statement_hostile``, ``statement_table`` or
        ``statement_formula``.
    """
    if len(data) > MAX_XLSX:
        raise InvalidInput("statement_too_large", field="file", megabytes=MAX_XLSX // 10**6)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive)
            yield from _sheet(archive)
    except _BROKEN:
        raise InvalidInput("statement_table", field="file", row=0) from None


def _bounded(rows: int, columns: int) -> None:
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise InvalidInput("statement_too_many_lines", field="file", lines=MAX_ROWS)


def _check(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_UNPACKED:
        raise InvalidInput("statement_hostile", field="file")
    if any(one.flag_bits & 1 for one in members):
        raise InvalidInput("statement_table", field="file", row=0)


def _events(archive: zipfile.ZipFile, name: str, *tags: str) -> Iterator[etree._Element]:
    """Stream the closed elements of one member; no DTD, no entities."""
    # What a member says of its size may be a lie: never read more than the bound.
    with archive.open(name) as stream:
        held = stream.read(MAX_UNPACKED + 1)
    # what is never looked at stays in memory: no table of rows has so many elements
    if len(held) > MAX_UNPACKED or held.count(b"<") > MAX_TAGS or b"<!DOCTYPE" in held[:4096]:
        raise InvalidInput("statement_hostile", field="file")
    for _, node in etree.iterparse(
        io.BytesIO(held),
        events=("end",),
        tag=tuple(f"{{*}}{tag}" for tag in tags),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    ):
        yield node
        node.clear(keep_tail=False)


def _sheet(archive: zipfile.ZipFile) -> Iterator[tuple[int, tuple[str, ...]]]:
    names = set(archive.namelist())
    sheet, zero = _shown_first(archive, names)
    if not sheet:
        raise InvalidInput("statement_table", field="file", row=0)
    words = _words(archive) if "xl/sharedStrings.xml" in names else []
    dates = _date_styles(archive) if "xl/styles.xml" in names else frozenset[int]()
    for count, row in enumerate(_events(archive, sheet, "row"), start=1):
        # rows without a cell are often left out of the file
        told = row.get("r", "")
        number = int(told) if told.isdecimal() and len(told) < _LONG_NUMBER else count
        cells: dict[int, str] = {}
        for place, cell in enumerate(child for child in row if _local(child) == "c"):
            found = _CELL.fullmatch(cell.get("r", ""))
            column = _column(found[1]) if found else place
            _bounded(number, column)
            cells[column] = _value(cell, words, dates, number, zero)
        held = tuple(cells.get(n, "") for n in range(max(cells, default=-1) + 1))
        if any(held):
            yield number, held


def _shown_first(archive: zipfile.ZipFile, names: set[str]) -> tuple[str, date]:
    """Find the sheet that stands first to a person who opens the workbook, and its first day.

    The names of the files inside say nothing of the order of the sheets, nor which are hidden.
    """
    zero, listed = _DAY_ZERO, list[str]()
    if "xl/workbook.xml" in names:
        for node in _events(archive, "xl/workbook.xml", "workbookPr", "sheet"):
            if node.get("date1904") in {"1", "true"}:
                zero = _DAY_ZERO_1904
            if _local(node) == "sheet" and node.get("state", "visible") == "visible":
                listed.extend(str(told) for name, told in node.items() if str(name).endswith("}id"))
    places: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for node in _events(archive, "xl/_rels/workbook.xml.rels", "Relationship"):
            target = node.get("Target", "")
            places[node.get("Id", "")] = (
                target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            )
    numbered = sorted(
        (name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
        key=lambda name: int("".join(filter(str.isdigit, name))),
    )
    found = (places[one] for one in listed if places.get(one) in names)
    return next(found, next(iter(numbered), "")), zero


def _words(archive: zipfile.ZipFile) -> list[str]:
    return [
        "".join(part.text or "" for part in node.iter("{*}t"))[:_MAX_CELL]
        for node in _events(archive, "xl/sharedStrings.xml", "si")
    ]


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Find the cell styles that show a number as a date."""
    custom: set[int] = set()
    found: frozenset[int] = frozenset()
    for node in _events(archive, "xl/styles.xml", "numFmt", "cellXfs"):
        if _local(node) == "numFmt":
            code = re.sub(r'"[^"]*"|\[[^\]]*\]', "", node.get("formatCode", "")).lower()
            if re.search(r"[dy]", code):
                custom.add(int(node.get("numFmtId", "0")))
            continue
        known = _DATE_FORMATS | custom
        found = frozenset(
            place for place, style in enumerate(node) if int(style.get("numFmtId", "0")) in known
        )
    return found


def _value(
    cell: etree._Element, words: list[str], dates: frozenset[int], row: int, zero: date
) -> str:
    if any(_local(child) == "f" for child in cell):
        raise InvalidInput("statement_formula", field="file", row=row)
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter("{*}t")).strip()[:_MAX_CELL]
    told = next((child.text or "" for child in cell if _local(child) == "v"), "").strip()
    try:
        if kind == "s":
            return words[int(told)].strip()
        if kind == "n" and told and int(cell.get("s", "0")) in dates:
            return (zero + timedelta(days=int(told.partition(".")[0]))).isoformat()
    except (ValueError, IndexError, OverflowError):
        raise InvalidInput("statement_table", field="file", row=row) from None
    return _plain(told) if kind == "n" else told[:_MAX_CELL]


def _plain(told: str) -> str:
    """Write a stored number as people do: workbooks keep 1234.56 as a binary fraction."""
    if not re.fullmatch(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", told):
        return told[:_MAX_CELL]
    return f"{round(float(told), 6):.6f}".rstrip("0").rstrip(".")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _local(node: etree._Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
