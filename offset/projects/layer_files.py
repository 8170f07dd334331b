"""Which rows stand in a laboratory's table, CSV or XLSX, read without trusting the file?

A CSV may have any usual delimiter and encoding, a byte-order mark, and a line ``sep=;``. An XLSX is
the one archive that is taken: bounded in size, members and unpacked bytes; no macros, no links to
other workbooks, no entities, no formulas. Rows are streamed: what is held is one row, and for a
workbook its shared texts.
"""

import codecs
import csv
import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from lxml import etree

from calculators.soil.layer_rows import COLUMNS, MOST_FAULTS
from offset.errors import InvalidInput

MOST_BYTES: Final = 20_000_000
MOST_UNPACKED: Final = 200_000_000
MOST_MEMBERS: Final = 1_000
MOST_LAYERS: Final = 100_000
MOST_COLUMNS: Final = 200
SHEET: Final = "layers"
MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MOST_TEXTS: Final = 60_000_000
# a full table has some five million; a part of empty tags alone would fill the memory
_MOST_TAGS: Final = 8_000_000
# rows of a sheet, empty ones too; beyond lies no table of layers
_MOST_ROWS: Final = 3 * MOST_LAYERS
_LAST_ROW: Final = 1_048_576
# lines without a letter above the headings
_EMPTY_ABOVE: Final = 100
_PIECE: Final = 1_000_000
_LONGEST_CELL: Final = 4_000
_DELIMITERS: Final = (";", ",", "\t", "|")
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKUP: Final = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)
_ACTIVE: Final = re.compile(r"vbaProject|externalLinks/|embeddings/|activeX/", re.IGNORECASE)
_CELL: Final = re.compile(r"([A-Z]{1,3})\d+", re.ASCII)
_ROW: Final = re.compile(r"[0-9]{1,7}", re.ASCII)
_SERIAL: Final = re.compile(r"\d{1,5}(?:\.\d+)?", re.ASCII)
_DAY_ZERO: Final = date(1899, 12, 30)
_DAY_ZERO_1904: Final = date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file: a row and a column where there is one, and why, as a code."""

    code: str
    row: int | None = None
    column: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Table:
    """A table that is being read: its columns, its rows, and what the file itself does wrong.

    ``rows`` can be gone through once. ``faults`` and ``more`` grow while that is done.
    """

    kind: str
    headings: tuple[str, ...]
    rows: Iterator[tuple[int, Mapping[str, str]]]
    heading_row: int = 1
    notices: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    more: int = 0

    def fault(self, fault: Fault) -> None:
        """Keep a fault, or only count it."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)
        else:
            self.more += 1


def sha256(data: bytes) -> str:
    """Return the hash that names a file."""
    return hashlib.sha256(data).hexdigest()


def opened(data: bytes) -> Table:
    """Open a file by what it is, never by its name.

    Raises
    ------
    InvalidInput
        ``file_too_large``, ``sheet_kind_unknown``, ``sheet_old``, ``sheet_hostile``,
        ``sheet_active``, ``sheet_which``, ``sheet_broken``, ``sheet_encoding``,
        ``layers_none``; while the rows are read ``layers_too_many`` too.
    """
    if len(data) > MOST_BYTES:
        raise _refused("file_too_large", highest=MOST_BYTES)
    if data.startswith(_ZIP):
        return _workbook(data)
    if data.startswith(_OLD_EXCEL):
        raise _refused("sheet_old")
    return _csv(data)


def _refused(code: str, **told: object) -> InvalidInput:
    return InvalidInput(code, field="file", **told)


def _heading(text: str) -> str:
    """Fold the name of a column: case, spaces and hyphens say nothing."""
    return re.sub(r"[\s-]+", "_", text.replace("\ufeff", "").strip().casefold())


def _mapped(table: Table, number: int, cells: Sequence[str]) -> Mapping[str, str]:
    """Put cells under their headings; a cell under none is a fault."""
    if any(cell.strip() for cell in cells[len(table.headings) :]):
        # most often a decimal comma in a file that separates by commas
        found = {"found": len(cells), "wanted": len(table.headings)}
        table.fault(Fault("cells_too_many", row=number, parameters=found))
    return dict(zip(table.headings, cells, strict=False))


# CSV


def _csv(data: bytes) -> Table:
    encoding, notices = _encoding(data)
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    first = text.readline()
    skipped = 0
    if first.strip().lower().startswith("sep="):
        first, skipped = text.readline(), 1
    while first and not first.strip() and skipped < _EMPTY_ABOVE:
        first, skipped = text.readline(), skipped + 1
    delimiter = max(_DELIMITERS, key=lambda mark: _known(first, mark))
    lines = csv.reader(_lines(first, text), delimiter=delimiter, strict=True)
    records = _records(lines, skipped)
    heading_row, headings = next(records, (0, []))
    if not any(cell.strip() for cell in headings):
        raise _refused("layers_none", row=max(heading_row, 1))
    named = tuple(_heading(cell) for cell in headings)
    table = Table("csv", named, iter(()), heading_row, notices)
    table.rows = _csv_rows(table, records)
    return table


def _lines(first: str, text: io.TextIOWrapper) -> Iterator[str]:
    yield first
    yield from text


def _known(line: str, delimiter: str) -> tuple[int, int]:
    """Count the columns that a delimiter finds: those we know first."""
    cells = [_heading(cell.strip('"')) for cell in line.split(delimiter)]
    return sum(cell in COLUMNS for cell in cells), len(cells)


def _encoding(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Say how the letters of a file are written; refuse what is no text at all."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            _readable(data, name)
            return name, ()
    if b"\0" in data or _MARKUP.match(data) or data.startswith((b"%PDF", b"{", b"[")):
        raise _refused("sheet_kind_unknown")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        _readable(data, "cp1252")
        return "cp1252", ("encoding_guessed",)
    return "utf-8", ()


def _readable(data: bytes, encoding: str) -> None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise _refused("sheet_encoding") from None
    if "\0" in text:
        raise _refused("sheet_kind_unknown")


def _records(lines: Iterator[list[str]], skipped: int) -> Iterator[tuple[int, list[str]]]:
    number = skipped
    try:
        for cells in lines:
            number += 1
            if len(cells) > MOST_COLUMNS:
                raise _refused("sheet_broken", row=number)
            yield number, cells
    except csv.Error:
        raise _refused("sheet_broken", row=number + 1) from None


def _csv_rows(
    table: Table, records: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    count = 0
    for number, cells in records:
        if number > _MOST_ROWS:
            raise _refused("layers_too_many", most=MOST_LAYERS)
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_LAYERS:
            raise _refused("layers_too_many", most=MOST_LAYERS)
        yield number, _mapped(table, number, cells)


# XLSX

# what zip archives and their parts raise when bytes of them were damaged on the way
BROKEN: Final = (
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


@dataclass(frozen=True)
class _Book:
    archive: zipfile.ZipFile
    part: str
    texts: Sequence[str]
    day_zero: date


def _workbook(data: bytes) -> Table:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _bounded(archive)
        book = _book(archive)
        rows = _sheet_rows(book)
        headings = next(((number, cells) for number, cells, _ in rows if any(cells)), None)
    except BROKEN:
        raise _refused("sheet_broken", row=0) from None
    if headings is None:
        raise _refused("layers_none", row=1)
    table = Table("xlsx", tuple(_heading(cell) for cell in headings[1]), iter(()), headings[0])
    table.rows = _book_rows(table, rows, book.day_zero)
    return table


def _bounded(archive: zipfile.ZipFile) -> None:
    """Refuse bombs, locked archives and workbooks that could act."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise _refused("sheet_hostile")
    if any(one.flag_bits & 1 for one in members):
        raise _refused("sheet_kind_unknown")
    names = {one.filename for one in members}
    if "xl/workbook.xml" not in names:
        raise _refused("sheet_kind_unknown")
    if any(_ACTIVE.search(name) for name in names):
        raise _refused("sheet_active")


def _few_tags(archive: zipfile.ZipFile, part: str) -> None:
    """Refuse a part that holds more elements than any table: what is not read stays in memory."""
    count = 0
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            count += piece.count(b"<")
            if count > 2 * _MOST_TAGS:  # each opens and closes
                raise _refused("sheet_hostile")


def _events(archive: zipfile.ZipFile, part: str, tag: str) -> Iterator[etree._Element]:
    """Stream the closed elements of a part, each forgotten once it was looked at."""
    _few_tags(archive, part)
    with archive.open(part) as stream:
        # a member that says less than it holds is cut off there by zipfile, and then broken
        parser = etree.iterparse(
            stream,
            events=("end",),
            tag=f"{{*}}{tag}",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for _, node in parser:
            if node.getroottree().docinfo.doctype:
                raise _refused("sheet_hostile")
            yield node
            node.clear(keep_tail=False)
            while node.getprevious() is not None:
                del node.getparent()[0]


def _book(archive: zipfile.ZipFile) -> _Book:
    """Find the sheet to read, the shared texts and the first day of the calendar."""
    links = {
        str(node.get("Id")): str(node.get("Target"))
        for node in _events(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    sheets: dict[str, str] = {}
    for node in _events(archive, "xl/workbook.xml", "sheet"):
        link = next((str(v) for name, v in node.items() if str(name).endswith("}id")), "")
        if node.get("state", "visible") == "visible":
            sheets[str(node.get("name"))] = links[link]
    chosen = [name for name in sheets if name.strip().casefold() == SHEET] or list(sheets)
    if len(chosen) != 1:
        raise _refused("sheet_which", wanted=SHEET, found=", ".join(sheets)[:200])
    target = sheets[chosen[0]]
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    old = any(
        node.get("date1904") in {"1", "true"}
        for node in _events(archive, "xl/workbook.xml", "workbookPr")
    )
    zero = _DAY_ZERO_1904 if old else _DAY_ZERO
    return _Book(archive, part, _texts(archive), zero)


def _texts(archive: zipfile.ZipFile) -> list[str]:
    part = "xl/sharedStrings.xml"
    if part not in archive.namelist():
        return []
    if archive.getinfo(part).file_size > _MOST_TEXTS:
        raise _refused("sheet_hostile")
    return [_text(node) for node in _events(archive, part, "si")]


def _text(node: etree._Element) -> str:
    """Return the text of a cell, without the readings that stand above East Asian letters."""
    parts = (one for one in node.iter("{*}t") if not _within_phonetic(one))
    return "".join(part.text or "" for part in parts)[:_LONGEST_CELL]


def _within_phonetic(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and _local(parent) == "rPh"


def _sheet_rows(book: _Book) -> Iterator[tuple[int, list[str], list[int]]]:
    """Yield row numbers with their cells and the columns that hold a formula."""
    last = 0
    for count, row in enumerate(_events(book.archive, book.part, "row"), start=1):
        said = row.get("r", "")
        last = int(said) if _ROW.fullmatch(said) else last + 1
        if last > _LAST_ROW:
            raise _refused("sheet_broken", row=_LAST_ROW)
        if count > _MOST_ROWS:
            raise _refused("layers_too_many", most=MOST_LAYERS)
        cells: dict[int, str] = {}
        formulas: list[int] = []
        for place, cell in enumerate(child for child in row if _local(child) == "c"):
            found = _CELL.fullmatch(cell.get("r", ""))
            column = _column(found[1]) if found else place
            if column >= MOST_COLUMNS:
                raise _refused("sheet_broken", row=last)
            if any(_local(child) == "f" for child in cell):
                formulas.append(column)
            cells[column] = _value(cell, book.texts, last)
        yield last, [cells.get(n, "") for n in range(max(cells, default=-1) + 1)], formulas


def _value(cell: etree._Element, texts: Sequence[str], row: int) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    told = next((child.text or "" for child in cell if _local(child) == "v"), "")
    if kind == "b":
        # the word that the program shows, or a tick would be read as the number 1
        return "TRUE" if told == "1" else "FALSE"
    if kind != "s":
        return told[:_LONGEST_CELL]
    try:
        return texts[int(told)]
    except (ValueError, IndexError):
        raise _refused("sheet_broken", row=row) from None


def _book_rows(
    table: Table, rows: Iterator[tuple[int, list[str], list[int]]], day_zero: date
) -> Iterator[tuple[int, Mapping[str, str]]]:
    count = 0
    try:
        for number, cells, formulas in rows:
            for column in formulas:
                name = table.headings[column] if column < len(table.headings) else str(column + 1)
                table.fault(Fault("formula", row=number, column=name, parameters={"name": name}))
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MOST_LAYERS:
                raise _refused("layers_too_many", most=MOST_LAYERS)
            told = dict(_mapped(table, number, cells))
            told["taken_on"] = _day(told.get("taken_on", ""), day_zero)
            yield number, told
    except BROKEN:
        raise _refused("sheet_broken", row=count) from None


def _day(text: str, day_zero: date) -> str:
    """Write a workbook's day number as a date; anything else stays as it is."""
    if not _SERIAL.fullmatch(text):
        return text
    return (day_zero + timedelta(days=int(text.partition(".")[0]))).isoformat()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _local(node: etree._Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
