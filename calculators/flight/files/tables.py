"""What is a table, whichever kind of file it stands in?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from calculators.errors import UnreadableFile
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
    flat : list of str, optional
        The same in one line, where every row has `width` cells: columns come faster out of it.
    width : int
        Cells of a row of `flat`.
    """

    def __init__(
        self,
        row: int,
        kept: Any,
        records: list[list[str]] | None = None,
        *,
        flat: list[str] | None = None,
        width: int = 1,
    ) -> None:
        self.row, self.kept = row, kept
        self._records, self._flat, self._width = records, flat or [], width
        self.odd: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._flat) // self._width if self._records is None else len(self._records)

    @property
    def records(self) -> list[list[str]]:
        """The cells as text, row by row."""
        if self._records is None:
            flat, width = self._flat, self._width
            return [flat[at : at + width] for at in range(0, len(flat), width)]
        return self._records

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        if self._records is None:
            return self._flat[place :: self._width]
        return [row[place] for row in self._records]

    def cells(self, index: int) -> list[str]:
        """Return the cells of one row."""
        if self._records is None:
            return self._flat[index * self._width : (index + 1) * self._width]
        return self._records[index]

    def fit(self, width: int) -> dict[int, list[str]]:
        """Bring every row to a width, and return as they were those that had another.

        Only what is read changes; the rows as they stood do not.
        """
        if self._records is None and self._width == width:
            return {}
        self._records = records = self.records
        if not set(map(len, records)) - {width}:
            return {}
        others = {index: row for index, row in enumerate(records) if len(row) != width}
        for index, row in others.items():
            self.odd[index] = len(row)
            records[index] = (row + [""] * width)[:width]
        return others

    def after(self, skip: int) -> Chunk:
        """Return the rows without the first few."""
        return Chunk(self.row + skip, self.kept[skip:], self.records[skip:])


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
