"""How are columns of Apache Parquet read and written?

Columns keep their types; ours are texts and numbers. Needs
``pip install offset-platform[parquet]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from calculators.errors import MissingExtra, UnreadableFile
from calculators.flight.files.headings import Headings, read_headings
from calculators.flight.files.tables import Chunk, Kind, Reading, Source, Style, told_style
from calculators.flight.files.workbook import as_text
from calculators.flight.files.writing import added_headings

if TYPE_CHECKING:
    from types import ModuleType

    from calculators.flight.files.rows import Answer

CHUNK: Final = 32_768
"""Rows in memory at a time."""


def _pyarrow() -> ModuleType:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, loaded when such a file is opened
        import pyarrow.parquet  # noqa: PLC0415 - loaded where it is used
    except ImportError as fault:
        raise MissingExtra({"kind": "parquet"}) from fault
    return pa  # type: ignore[no-any-return,unused-ignore]


class ParquetFile:
    """A file of columns.

    Parameters
    ----------
    path : Path
        The file.
    wanted : Reading
        What the caller says.

    Raises
    ------
    MissingExtra, UnreadableFile, UnknownHeading, UnknownColumns
        When it cannot be used.
    """

    kind: Kind = "parquet"

    def __init__(self, path: Path, wanted: Reading) -> None:
        self._pa = _pyarrow()
        try:
            self._file = self._pa.parquet.ParquetFile(path)
        except self._pa.ArrowInvalid as fault:
            raise UnreadableFile({"path": path.name, "reason": "it is not Parquet"}) from fault
        self.schema = self._file.schema_arrow
        self.headings: Headings = read_headings(self.schema.names, wanted.columns)
        first = next(self._file.iter_batches(1_000), None)
        rows = [] if first is None else self._records(first)
        decimal, dates = told_style(rows, self.headings, wanted, "")
        self.style = Style(decimal, dates)
        self.title: Sequence[Any] = ()
        self.head = self.schema
        self.told: Mapping[str, str | int | bool] = {"decimal": decimal, "dates": dates}

    def _records(self, batch: Any) -> list[list[str]]:
        columns = [map(as_text, column.to_pylist()) for column in batch.columns]
        return list(map(list, zip(*columns, strict=True)))

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows; the first has number 2, as below a row of headings."""
        row = 2
        for batch in self._file.iter_batches(CHUNK):
            yield Chunk(row, batch, self._records(batch))
            row += batch.num_rows


class ParquetTarget:
    """Writes columns.

    Parameters
    ----------
    file : binary file
        Where to.
    source_kind : Kind
        Columns keep their types from a file of columns; other rows come as text.
    """

    def __init__(self, file: IO[bytes], source_kind: Kind) -> None:
        self._file, self._as_it_stood = file, source_kind == "parquet"
        self._pa = _pyarrow()
        self._writer: Any = None
        self._own: Any = None
        self._width = 0

    def begin(self, source: Source) -> None:
        """Set the columns."""
        pa, names = self._pa, source.headings.names
        own = (
            source.head
            if self._as_it_stood
            else pa.schema(
                [(name or f"column_{place + 1}", pa.string()) for place, name in enumerate(names)]
            )
        )
        method, version, *figures, fault = added_headings(names)
        added = [(method, pa.string()), (version, pa.string())]
        added += [(name, pa.float64()) for name in figures]
        fields = [*own, *pa.schema([*added, (fault, pa.string())])]
        self._own, self._width = own, len(names)
        self._writer = pa.parquet.ParquetWriter(self._file, pa.schema(fields, own.metadata))

    def rows(self, chunk: Chunk, answers: Sequence[Answer]) -> None:
        """Write rows, each once for every answer."""
        pa, count = self._pa, len(chunk)
        if self._as_it_stood:
            own = chunk.kept.columns
        else:
            texts = zip(*chunk.records, strict=True)
            own = [pa.array(map(_printable, column), pa.string()) for column in texts]
        tables = []
        for answer in answers:
            labels = [(*answer.labels, (None, None))[number] for number in answer.label.tolist()]
            added = [pa.array([label[part] for label in labels], pa.string()) for part in (0, 1)]
            added += [pa.array(column, pa.float64(), from_pandas=True) for column in answer.figures]
            said = [answer.said.get(index) or None for index in range(count)]
            arrays = [*own, *added, pa.array(said, pa.string())]
            tables.append(pa.Table.from_arrays(arrays, schema=self._writer.schema))
        one_by_one = np.arange(count * len(answers)).reshape(len(answers), count).T.ravel()
        self._writer.write_table(pa.concat_tables(tables).take(one_by_one))

    def end(self) -> None:
        """Write what is left."""
        self._writer.close()


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
