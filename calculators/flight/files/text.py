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

from calculators.errors import BrokenEncoding, OpenQuote, RowTooLong, UnreadableFile
from calculators.flight.files import sniffing
from calculators.flight.files.headings import Headings, heading_row, read_headings
from calculators.flight.files.sniffing import TITLE_ROWS, Bytes, Dialect
from calculators.flight.files.tables import CHUNK, Chunk, Kind, Reading, Style, told_style

LONGEST: Final = 1 << 20
"""Most characters of a line; a spreadsheet's longest cell has 32,767."""

_SHOWN: Final = 40  # characters of a bad row that are shown
_JUDGED: Final = 1000  # rows that decimal mark and dates are told from


class _TooLong(Exception):
    def __init__(self, text: str) -> None:
        self.text = text


class _Lines:
    """The lines of a text with their ends; those since the last `take` are remembered."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        rest = ""
        while block := self._stream.read(LONGEST):
            lines = list(io.StringIO(rest + block, newline=""))
            rest = "" if lines[-1].endswith("\n") else lines.pop()
            if len(rest) > LONGEST:
                raise _TooLong(rest)
            for line in lines:
                self._taken.append(line)
                yield line
        for line in io.StringIO(rest, newline=""):
            self._taken.append(line)
            yield line

    def take(self) -> list[str]:
        taken, self._taken = self._taken, []
        return taken


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
        for chunk in parts:
            skip = self._top + 1
            yield Chunk(chunk.row + skip, chunk.records[skip:], chunk.kept[skip:])
            break
        yield from parts

    def _read(self, count: int) -> Iterator[Chunk]:
        delimiter = self._dialect.delimiter
        with sniffing.open_text(self._path, self._encoding) as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, delimiter=delimiter)
            row = 1
            while records := self._some(reader, row, count):
                kept = _whole(lines.take(), records, delimiter)
                if len(records) < count and _is_open(kept[-1], delimiter):
                    last = row + len(records) - 1
                    raise OpenQuote({"row": last, "given": kept[-1][:_SHOWN]})
                yield Chunk(row, records, kept)
                row += len(records)

    def _some(self, reader: Iterator[list[str]], row: int, count: int) -> list[list[str]]:
        """Return the next records; what cannot be read names the row it stands in."""
        records: list[list[str]] = []
        try:
            records.extend(itertools.islice(reader, count))
        except UnicodeDecodeError as fault:
            raise self._broken(row + len(records) - 1, fault) from fault
        except _TooLong as fault:
            given = fault.text[:_SHOWN]
            at = row + len(records)
            raise RowTooLong({"row": at, "most": LONGEST, "given": given}) from None
        except csv.Error as fault:
            at = row + len(records)
            raise OpenQuote({"row": at, "given": str(fault)}) from fault
        return records

    def _broken(self, row: int, fault: UnicodeDecodeError) -> BrokenEncoding:
        given = repr(fault.object[fault.start : fault.start + 8])
        return BrokenEncoding({"row": row, "encoding": self._encoding, "given": given})
