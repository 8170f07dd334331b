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


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows in a run.

    Attributes
    ----------
    row : int
        Number of the first as a spreadsheet counts; the first row of the file is 1.
    records : list of list of str
        Their cells as text.
    kept : sequence
        The rows as they stood, for a file of the same kind: text, workbook cells, or a record
        batch.
    odd : dict of int to int
        Cells of each row that has not as many as there are headings.
    """

    row: int
    records: list[list[str]]
    kept: Any
    odd: dict[int, int] = field(default_factory=dict)


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
