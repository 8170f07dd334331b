"""Which rows does a text file hold, and how exactly do they stand there?

Each row is kept as the text it was, so that it comes back unchanged; its cells are read beside it.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from calculators.errors import BrokenEncoding, FileError, OpenQuote, RowTooLong, UnreadableFile
from calculators.flight.files import sniffing
from calculators.flight.files.coded import coded_columns
from calculators.flight.files.headings import Headings, heading_row, read_headings
from calculators.flight.files.sniffing import TITLE_ROWS, Bytes, Dialect
from calculators.flight.files.tables import CHUNK, Chunk, Kind, Reading, Style, told_style

LONGEST: Final = 1 << 20
"""Most characters of a line; a spreadsheet's longest cell has 32,767."""

_SHOWN: Final = 40  # characters of a bad row that are shown
_JUDGED: Final = 1000  # rows that decimal mark and dates are told from


class _Stopped(Exception):
    """A text that cannot be read on: after which of the lines read ahead, and why."""

    def __init__(self, lines: int, cause: UnicodeDecodeError | str) -> None:
        self.lines, self.cause = lines, cause


class _Lines:
    """The lines of a text with their ends, read ahead; those since the last `take` are kept."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._ready: list[str] = []
        self._at = self._taken = 0
        self._rest = ""
        self._ended = False

    def ahead(self, count: int) -> list[str]:
        """Return the next lines without taking them; fewer at the end."""
        while not self._ended and len(self._ready) - self._at < count:
            self._fill()
        return self._ready[self._at : self._at + count]

    def _fill(self) -> None:
        left = len(self._ready) - self._at
        try:
            block = self._stream.read(LONGEST)
        except UnicodeDecodeError as fault:
            raise _Stopped(left, fault) from fault
        lines = list(io.StringIO(self._rest + block, newline=""))
        self._ended = not block
        if self._ended or lines[-1].endswith("\n"):
            self._rest = ""
        else:
            self._rest = lines.pop()
        if len(self._rest) > LONGEST:
            raise _Stopped(left + len(lines), self._rest)
        self._ready = self._ready[self._taken :] + lines
        self._at, self._taken = self._at - self._taken, 0

    def skip(self, count: int) -> None:
        self._at += count
        self._taken = self._at

    def take(self) -> list[str]:
        lines = self._ready[self._taken : self._at]
        self._taken = self._at
        return lines

    def __iter__(self) -> Iterator[str]:
        while self.ahead(1):
            self._at += 1
            yield self._ready[self._at - 1]


def _unended(lines: list[str], text: str, newline: str) -> list[str]:
    """Return lines without their ends, at once where all end alike."""
    many = len(lines)
    found = (text.count("\r"), text.count("\n"), text.count(newline))
    if many and found == (many * ("\r" in newline), many * ("\n" in newline), many):
        return text.removesuffix(newline).split(newline)
    return [line.rstrip("\r\n") for line in lines]


def _whole(lines: list[str], records: list[list[str]], delimiter: str) -> list[str]:
    """Return the text of each record without its line end; quoted line ends stay."""
    if len(lines) == len(records):
        return [line.rstrip("\r\n") for line in lines]
    reader, texts, first = csv.reader(lines, delimiter=delimiter), [], 0
    for _ in reader:
        texts.append("".join(lines[first : reader.line_num]).rstrip("\r\n"))
        first = reader.line_num
    return texts


def _is_open(text: str, delimiter: str) -> bool:
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        return "unexpected end" in str(fault)
    return False


class TextFile:
    """A text with delimiters.

    Parameters
    ----------
    path : Path
        The file.
    raw : Bytes
        What one pass over it told.
    wanted : Reading
        What the caller says.

    Raises
    ------
    UnreadableFile, BrokenEncoding, UnknownHeading, UnknownColumns, UnknownOption
        When it cannot be used.
    """

    kind: Kind = "csv"

    def __init__(self, path: Path, raw: Bytes, wanted: Reading) -> None:
        if raw.size == 0:
            raise UnreadableFile({"path": path.name, "reason": "the file is empty"})
        self._path = path
        encoding = sniffing.told_encoding(wanted.encoding) or raw.encoding
        self._encoding = encoding
        self._dialect = self._tell(wanted)
        self._wanted: tuple[int, ...] = ()  # columns worth reading, once the headings are known
        rows = self._first_rows()
        top = heading_row(rows[:TITLE_ROWS], wanted.columns) or 0
        self._top = top
        self.headings: Headings = read_headings(rows[top], wanted.columns)
        decimal, dates = told_style(rows[top + 1 :], self.headings, wanted, self._dialect.delimiter)
        self.style = Style(
            decimal, dates, self._dialect.delimiter, self._dialect.newline, encoding, raw.mark
        )
        self.title: Sequence[str] = ()
        self.head = ""
        self.told: Mapping[str, str | int | bool] = {
            "encoding": encoding,
            "byte_order_mark": raw.mark,
            "delimiter": self._dialect.delimiter,
            "decimal": decimal,
            "dates": dates,
            "heading_row": top + 1,
            "bytes_not_of_the_encoding": raw.broken,
        }
        self._read_head()
        self._wanted = tuple(self.headings.asked.values())

    def _tell(self, wanted: Reading) -> Dialect:
        try:
            sample = sniffing.sample_of(self._path, self._encoding)
        except UnicodeDecodeError as fault:
            raise self._broken(0, fault) from fault
        return sniffing.tell_dialect(sample, sniffing.spelled(wanted.delimiter), wanted.columns)

    def _first_rows(self) -> list[list[str]]:
        chunk = next(self._read(_JUDGED), None)
        if chunk is None or not any(cell.strip() for row in chunk.records for cell in row):
            raise UnreadableFile({"path": self._path.name, "reason": "the file is empty"})
        return chunk.records

    def _read_head(self) -> None:
        """Keep the rows above and with the headings as they stand."""
        chunk = next(self._read(self._top + 1))
        self.title, self.head = chunk.kept[:-1], chunk.kept[-1]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the headings."""
        parts = self._read(CHUNK)
        first = next(parts).after(self._top + 1)
        if len(first):
            yield first
        yield from parts

    def _read(self, count: int) -> Iterator[Chunk]:
        with sniffing.open_text(self._path, self._encoding) as stream:
            lines, row = _Lines(stream), 1
            while True:
                try:
                    chunk = self._next(lines, row, count)
                except _Stopped as fault:
                    raise self._told_stop(row, fault) from fault
                if not len(chunk):
                    return
                yield chunk
                row += len(chunk)

    def _next(self, lines: _Lines, row: int, count: int) -> Chunk:
        """Return the next rows: the fast way where no cell is quoted."""
        delimiter = self._dialect.delimiter
        part = lines.ahead(count)
        text = "".join(part)
        if '"' in text:
            return self._quoted(lines, row, count)
        lines.skip(len(part))
        kept = _unended(part, text, self._dialect.newline)
        marks = set(map(str.count, kept, itertools.repeat(delimiter)))
        if len(marks) == 1 and all(kept):
            width = marks.pop() + 1
            coded = coded_columns(kept, delimiter, width, self._wanted)
            return Chunk(row, kept, delimiter=delimiter, coded=coded)
        return Chunk(row, kept, [line.split(delimiter) if line else [] for line in kept])

    def _quoted(self, lines: _Lines, row: int, count: int) -> Chunk:
        """Return the next rows, of which some have quoted cells, perhaps with line ends in them."""
        delimiter = self._dialect.delimiter
        records: list[list[str]] = []
        try:
            records.extend(itertools.islice(csv.reader(lines, delimiter=delimiter), count))
        except csv.Error as fault:
            raise OpenQuote({"row": row + len(records), "given": str(fault)}) from fault
        kept = _whole(lines.take(), records, delimiter)
        if len(records) < count and _is_open(kept[-1], delimiter):
            raise OpenQuote({"row": row + len(records) - 1, "given": kept[-1][:_SHOWN]})
        return Chunk(row, kept, records)

    def _told_stop(self, row: int, fault: _Stopped) -> FileError:
        if isinstance(fault.cause, str):
            at, given = row + fault.lines, fault.cause[:_SHOWN]
            return RowTooLong({"row": at, "most": LONGEST, "given": given})
        return self._broken(row + fault.lines - 1, fault.cause)

    def _broken(self, row: int, fault: UnicodeDecodeError) -> BrokenEncoding:
        given = repr(fault.object[fault.start : fault.start + 8])
        return BrokenEncoding({"row": row, "encoding": self._encoding, "given": given})
