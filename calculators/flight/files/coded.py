"""How is a column read when its texts repeat: each different text once, and its number a row?

Where pyarrow is installed it finds the columns of a text without quotes, which saves making a text
of every cell. What is read is the same either way, so the answer is the same, byte by byte.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLAIN: Final = frozenset(",;\t|")  # delimiters that are certainly one byte


class Coded(Sequence[str]):
    """A column as its different texts and the number of each row's.

    Parameters
    ----------
    values : sequence of str
        The different texts.
    which : ndarray of int, shape (n,)
        Which of them stands in each row.
    """

    def __init__(self, values: Sequence[str], which: NDArray[np.integer[Any]]) -> None:
        self.values, self.which = values, which

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, at: int) -> str:  # type: ignore[override]  # no slice is ever taken
        text: str = self.values[int(self.which[at])]
        return text

    def __iter__(self) -> Iterator[str]:
        return map(self.values.__getitem__, self.which.tolist())

    def after(self, skip: int) -> Coded:
        """Return the column without its first rows, nor the texts that stand only in them."""
        used, which = np.unique(self.which[skip:], return_inverse=True)
        return Coded([self.values[number] for number in used.tolist()], which)


@functools.cache
def _csv() -> Any:
    try:
        import pyarrow.csv  # noqa: PLC0415 - an extra, loaded when a file is read
    except ImportError:
        return None
    return pyarrow


def coded_columns(
    rows: Sequence[str], delimiter: str, width: int, wanted: Sequence[int]
) -> Mapping[int, Coded]:
    """Return the wanted columns of a text without quotes, none where it cannot be done so.

    Parameters
    ----------
    rows : sequence of str
        Rows of `width` cells each, without their line ends.
    delimiter : str
        What stands between cells.
    width : int
        Cells of a row.
    wanted : sequence of int
        Which columns.
    """
    pa = _csv()
    if pa is None or delimiter not in _PLAIN or not wanted or max(wanted) >= width:
        return {}
    try:
        data = "\n".join(rows).encode()
    except UnicodeEncodeError:  # bytes that are not of the encoding
        return {}
    names = [str(place) for place in range(width)]
    kept = [names[place] for place in wanted]
    text = pa.dictionary(pa.int32(), pa.string())
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        pa.csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
        pa.csv.ConvertOptions(
            include_columns=kept,
            column_types=dict.fromkeys(kept, text),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    columns = [column.chunk(0) for column in table.columns]
    return {
        place: Coded(column.dictionary.to_pylist(), column.indices.to_numpy())
        for place, column in zip(wanted, columns, strict=True)
    }
