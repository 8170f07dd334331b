"""What is a table, whichever kind of file it stands in?"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from calculators.errors import UnreadableFile
from calculators.flight.files.coded import Coded
from calculators.flight.files.dates import tell_order
from calculators.flight.files.headings import Headings
from calculators.flight.files.numbers import tell_decimal

Kind = Literal["csv", "xlsx", "parquet"]
"""A text with delimiters, a workbook, or columns of Apache Parquet."""

CHUNK: Final = 65_536
"""Rows in memory at a time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a caller wants a file to be read; what is None is looked for.

    Attributes
    ----------
    delimiter, encoding : str or None
        Of a text file.
    decimal : str or None
        A point or a comma.
    dates : str or None
        One of ``dates.ORDERS``.
    columns : mapping of str to str
        Headings assigned to columns.
    sheet : str or None
        Name of a workbook's sheet; the first that has headings when absent.
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    dates: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None


class Chunk:
    """Some rows in a run.

    Parameters
    ----------
    row : int
        Number of the first as a spreadsheet counts; the first row of the file is 1.
    kept : sequence
        The rows as they stood, for a file of the same kind: text, workbook cells, or a record
        batch.
    records : list of list of str, optional
        Their cells as text, row by row.
    delimiter : str, optional
        What stands between the cells of `kept`, where these are texts without quotes and all of
        one width; instead of `records`, and faster.
    coded : mapping of int to Coded
        Columns that were read already.
    """

    def __init__(
        self,
        row: int,
        kept: Any,
        records: list[list[str]] | None = None,
        *,
        delimiter: str = "",
        coded: Mapping[int, Coded] | None = None,
    ) -> None:
        self.row, self.kept = row, kept
        self._records, self._delimiter, self._coded = records, delimiter, coded or {}
        self.odd: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.kept) if self._records is None else len(self._records)

    @functools.cached_property
    def _flat(self) -> list[str]:
        """The cells of all rows in one line: columns come fast out of it."""
        cells: list[str] = self._delimiter.join(self.kept).split(self._delimiter)
        return cells

    @property
    def _width(self) -> int:
        marks: int = self.kept[0].count(self._delimiter)
        return marks + 1

    @property
    def records(self) -> list[list[str]]:
        """The cells as text, row by row."""
        if self._records is None:
            flat, width = self._flat, self._width
            return [flat[at : at + width] for at in range(0, len(flat), width)]
        return self._records

    def column(self, place: int) -> Sequence[str]:
        """Return the cells of one column."""
        if place in self._coded:
            return self._coded[place]
        if self._records is None:
            return self._flat[place :: self._width]
        return [row[place] for row in self._records]

    def empty(self) -> list[int]:
        """Return the rows without anything in any cell."""
        if self._records is None:
            nothing = self._delimiter * (self._width - 1)
            if nothing not in self.kept:
                return []
            return [index for index, text in enumerate(self.kept) if text == nothing]
        return [index for index, row in enumerate(self._records) if not any(row)]

    def fit(self, width: int) -> dict[int, list[str]]:
        """Bring every row to a width, and return as they were those that had another.

        Only what is read changes; the rows as they stood do not.
        """
        if self._records is None and self._width == width:
            return {}
        self._records, self._coded = self.records, {}
        records = self._records
        if not set(map(len, records)) - {width}:
            return {}
        others = {index: row for index, row in enumerate(records) if len(row) != width}
        for index, row in others.items():
            self.odd[index] = len(row)
            records[index] = (row + [""] * width)[:width]
        return others

    def after(self, skip: int) -> Chunk:
        """Return the rows without the first few."""
        records = None if self._records is None else self._records[skip:]
        coded = {place: column.after(skip) for place, column in self._coded.items()}
        kept = self.kept[skip:]
        return Chunk(self.row + skip, kept, records, delimiter=self._delimiter, coded=coded)


@dataclass(frozen=True, slots=True)
class Style:
    """How the numbers and texts of a file are written.

    Attributes
    ----------
    decimal, dates : str
        Decimal mark, and order of day and month.
    delimiter, newline, encoding : str
        Of a text file; what a text is written with where the source is none.
    mark : bool
        A byte order mark stands at the start.
    """

    decimal: str = "."
    dates: str = "dmy"
    delimiter: str = ","
    newline: str = "\r\n"
    encoding: str = "utf-8"
    mark: bool = True


class Source(Protocol):
    """A file that is read.

    Attributes
    ----------
    kind : Kind
        Which kind of file.
    headings : Headings
        Its columns.
    title : sequence
        Rows above the headings, as they stood.
    style : Style
        How it is written.
    told : mapping
        What was found out about it, for the report.
    """

    kind: Kind
    headings: Headings
    head: Any
    title: Sequence[Any]
    style: Style
    told: Mapping[str, str | int | bool]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the headings."""


def told_style(
    records: Sequence[Sequence[str]], headings: Headings, wanted: Reading, delimiter: str
) -> tuple[str, str]:
    """Return decimal mark and order of dates: as the caller says, else as the first rows show."""

    def texts(*columns: str) -> list[str]:
        places = [headings.places[column] for column in columns if column in headings.places]
        return [row[place] for row in records for place in places if place < len(row)]

    decimal = wanted.decimal or tell_decimal(texts("distance_km", "travellers"), delimiter)
    return decimal, wanted.dates or tell_order(texts("date"))


def kind_of(name: str) -> Kind:
    """Return the kind of a file by the ending of its name; anything unknown is a text.

    Raises
    ------
    UnreadableFile
        For the old binary workbooks.
    """
    ending = name.lower().rpartition(".")[2]
    if ending in {"xls", "xlsb", "ods"}:
        raise UnreadableFile({"path": name, "reason": f"save the .{ending} file as .xlsx or CSV"})
    if ending in {"xlsx", "xlsm"}:
        return "xlsx"
    return "parquet" if ending in {"parquet", "pq"} else "csv"
