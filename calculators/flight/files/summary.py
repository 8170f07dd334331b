"""What do the flights of a file add up to, value by value of one column?

Figures are added as whole grams: the order of rows cannot change a sum. Lows and highs are added
too, as if all rows erred together: fuel, load and cargo are assumed by the same model for all, so
that the widest range is the honest one. A refund takes away what its booking added, low from low:
there the columns of the answer, which put the smaller number first, are read the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import MissingColumn, TooManyValues
from calculators.flight.files.headings import COLUMNS
from calculators.flight.files.questions import NOTE
from calculators.flight.names import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.files.headings import Headings
    from calculators.flight.files.rows import Answer
    from calculators.flight.files.tables import Chunk

MOST: Final = 1_000_000
"""Different values that a summary can have."""

_SUMS: Final = slice(3, 6)  # co2e_kg, low_kg and high_kg among the figures of an answer


@dataclass(frozen=True, slots=True)
class Line:
    """What the rows with one value add up to by one method.

    Attributes
    ----------
    value, method : str
        The text of the column, and the method as chosen.
    rows, faults : int
        Rows with that value, and those of them without a figure: a sum with faults is too small.
    co2e_kg : float
        Sum of the figures [kg CO2e].
    low_kg, high_kg : float or None
        Its range; None where the method states none.
    """

    value: str
    method: str
    rows: int
    faults: int
    co2e_kg: float
    low_kg: float | None
    high_kg: float | None

    def as_json(self) -> dict[str, str | int | float | None]:
        """Return the line as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


class Summary:
    """Adds up the answers of a file by one of its columns.

    Parameters
    ----------
    by : str
        A heading of the file, or the name of a known column such as trip.
    headings : Headings
        The columns of the file.
    methods : sequence of str
        The methods, as chosen.

    Raises
    ------
    MissingColumn
        When the file has no such column.
    """

    def __init__(self, by: str, headings: Headings, methods: Sequence[str]) -> None:
        self._by, self._methods = by, tuple(methods)
        self._place = _place(by, headings)
        self._values: dict[str, int] = {}
        self._grams = np.zeros((len(methods), 3, 1024))
        self._told = np.zeros((len(methods), 3, 1024), dtype=np.int64)
        self._counts = np.zeros((len(methods), 2, 1024), dtype=np.int64)

    def add(self, chunk: Chunk, answers: Sequence[Answer]) -> None:
        """Add the answers to some rows."""
        texts = list(map(str.strip, chunk.column(self._place)))
        fresh = [text for text in dict.fromkeys(texts) if text not in self._values]
        if len(self._values) + len(fresh) > MOST:
            row = chunk.row + texts.index(fresh[0])
            raise TooManyValues(
                {"column": self._by, "most": MOST, "row": row, "given": fresh[0][:60]}
            )
        for text in fresh:
            self._values[text] = len(self._values)
        self._grow()
        values = np.array([self._values[text] for text in texts], dtype=np.intp)
        for number, answer in enumerate(answers):
            self._add(number, answer, values)

    def _grow(self) -> None:
        size = self._counts.shape[2]
        if len(self._values) > size:
            wider = ((0, 0), (0, 0), (0, max(size, len(self._values))))
            self._grams = np.pad(self._grams, wider)
            self._told = np.pad(self._told, wider)
            self._counts = np.pad(self._counts, wider)

    def _add(self, number: int, answer: Answer, values: NDArray[np.intp]) -> None:
        size = self._counts.shape[2]
        kg, low, high = answer.figures[_SUMS]
        refund = kg < 0
        for place, figures in enumerate(
            (kg, np.where(refund, high, low), np.where(refund, low, high))
        ):
            told = ~np.isnan(figures)
            grams = np.rint(figures[told] * 1000)
            self._grams[number, place] += np.bincount(values[told], grams, size)
            self._told[number, place] += np.bincount(values[told], minlength=size)
        said = answer.said.items()
        bad = [index for index, text in said if text and not text.startswith(NOTE)]
        used = np.ones(len(values), dtype=bool)
        used[[index for index, text in said if not text]] = False  # rows without a cell
        self._counts[number, 0] += np.bincount(values[used], minlength=size)
        self._counts[number, 1] += np.bincount(values[bad], minlength=size)

    def lines(self) -> list[Line]:
        """Return the totals, largest first."""
        found = []
        for value, place in self._values.items():
            for number, method in enumerate(self._methods):
                rows, faults = self._counts[number, :, place].tolist()
                kg = (self._grams[number, :, place] / 1000).tolist()
                told = self._told[number, :, place].tolist()
                low, high = (kg[i] if told[i] else None for i in (1, 2))
                if rows:
                    found.append(Line(value, method, rows, faults, kg[0], low, high))
        return sorted(found, key=lambda line: (-line.co2e_kg, line.value, line.method))


def _place(by: str, headings: Headings) -> int:
    folded = [fold(name) for name in headings.names]
    if fold(by) in folded:
        return folded.index(fold(by))
    if by in COLUMNS and by in headings.places:
        return headings.places[by]
    listed = ", ".join(map(repr, headings.names))
    raise MissingColumn({"option": "--by", "column": by, "found": listed})
