"""How do the rows come back, with the answer after each?

A row of a text comes back as the very text it was. Only our own cells are written anew: numbers
with three decimals (1 m, 1 g), never a cell that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
import io
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Final, Protocol

import numpy as np

from calculators.flight.files.rows import ADDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.files.rows import Answer
    from calculators.flight.files.tables import Chunk, Kind, Source, Style

_DIGITS: Final = 14  # most digits of a number, its three decimals included
_DECIMALS: Final = 3
_ZERO: Final = ord("0")
_BARE: Final = str.maketrans("łŁđĐıħŋ", "lLdDihn")  # letters that are no letter with a mark


class Target(Protocol):
    """A file that is written."""

    def begin(self, source: Source) -> None:
        """Write what stands above the rows."""

    def rows(self, chunk: Chunk, answers: Sequence[Answer]) -> None:
        """Write rows, each once for every answer."""

    def end(self) -> None:
        """Write what is left."""


def added_headings(names: Sequence[str]) -> tuple[str, ...]:
    """Return the headings of our columns; one that the file has already is numbered."""
    taken = {name.strip().casefold() for name in names}

    def free(name: str) -> str:
        others = (f"{name}_{number}" for number in itertools.count(2))
        return next(n for n in itertools.chain([name], others) if n not in taken)

    return tuple(free(name) for name in ADDED)


def fixed_point(
    figures: NDArray[np.float64], decimal: str, separator: str, quote: str
) -> list[str]:
    """Return the numbers of each row as text with three decimals; nothing for NaN.

    Parameters
    ----------
    figures : ndarray of float, shape (k, n)
        Columns of numbers, rounded to three decimals.
    decimal, separator, quote : str
        Single letters, `quote` may be empty.

    Returns
    -------
    list of str
        n texts of k numbers each.
    """
    count = figures.shape[1]
    separators = np.full((count, 1), ord(separator), dtype=np.uint8)
    quotes = [np.full((count, 1), ord(mark), dtype=np.uint8) for mark in quote]
    parts = []
    for column in figures:
        parts += [*quotes, _letters(column, ord(decimal)), *quotes, separators]
    parts[-1] = np.full((count, 1), ord("\n"), dtype=np.uint8)
    letters = np.concatenate(parts, axis=1)
    text: str = letters[letters != 0].tobytes().decode("ascii")
    return text.split("\n")[:count]


def _letters(column: NDArray[np.float64], decimal: int) -> NDArray[np.uint8]:
    """Return the letters of each number, right-aligned, 0 where there is none."""
    absent = np.isnan(column)
    whole = np.rint(np.where(absent, 0.0, column) * 10**_DECIMALS).astype(np.int64)
    rest = np.abs(whole)
    letters = np.zeros((len(column), _DIGITS + 2), dtype=np.uint8)  # with mark and sign
    place = _DIGITS + 1
    for position in range(_DIGITS):
        if position == _DECIMALS:
            letters[:, place] = decimal
            place -= 1
        elif position > _DECIMALS and not rest.any():
            break
        shorter = rest // 10
        letter = (rest - shorter * 10 + _ZERO).astype(np.uint8)
        if position > _DECIMALS:
            letter[rest == 0] = 0
        letters[:, place] = letter
        rest, place = shorter, place - 1
    below = np.flatnonzero(whole < 0)
    letters[below, np.argmax(letters[below] != 0, axis=1) - 1] = ord("-")
    letters[absent] = 0
    return letters


def _quoted(cells: Iterable[str], style: Style) -> str:
    """Return cells as one row of text."""
    line = io.StringIO()
    csv.writer(line, delimiter=style.delimiter, lineterminator="").writerow(list(cells))
    return line.getvalue()


def _fitting(text: str, encoding: str) -> str:
    """Return one of our sentences in letters that the file's encoding has: ł becomes l."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFD", text.translate(_BARE))
        marked = "".join(letter for letter in bare if not unicodedata.combining(letter))
        return marked.encode(encoding, "replace").decode(encoding)
    return text


class TextTarget:
    """Writes a text with delimiters.

    Parameters
    ----------
    file : binary file
        Where to.
    source_kind : Kind
        Kind of the file that is read: a text comes back as it stood.
    style : Style
        How it is written.
    """

    def __init__(self, file: IO[bytes], source_kind: Kind, style: Style) -> None:
        self._file, self._style = file, style
        self._as_it_stood = source_kind == "csv"
        self._errors = "surrogateescape" if style.encoding == "utf-8" else "strict"
        self._width = 0

    def begin(self, source: Source) -> None:
        """Write what stands above the rows."""
        style = self._style
        self._width = len(source.headings.names)
        added = _quoted(added_headings(source.headings.names), style)
        if self._as_it_stood:
            lines = [*source.title, f"{source.head}{style.delimiter}{added}"]
        else:
            head = _quoted(source.headings.names, style)
            lines = [f"{head}{style.delimiter}{added}"]
        self._write(["\ufeff"] if style.mark else [], "")
        self._write(lines, style.newline)

    def rows(self, chunk: Chunk, answers: Sequence[Answer]) -> None:
        """Write rows, each once for every answer."""
        bodies, after = self._bodies(chunk), {}
        if self._as_it_stood:
            after = self._reshape(chunk, bodies)
        lines = [self._lines(bodies, after, answer) for answer in answers]
        one_by_one = itertools.chain.from_iterable(zip(*lines, strict=True))
        self._write(lines[0] if len(lines) == 1 else list(one_by_one), self._style.newline)

    def end(self) -> None:
        """Write what is left: nothing."""

    def _bodies(self, chunk: Chunk) -> list[str]:
        if self._as_it_stood:
            return list(chunk.kept)
        return [_quoted(row, self._style) for row in chunk.records]

    def _reshape(self, chunk: Chunk, bodies: list[str]) -> dict[int, str]:
        """Pad rows that are too short, and return by index the cells beyond the headings."""
        mark, width, after = self._style.delimiter, self._width, {}
        for index, length in chunk.odd.items():
            if length < width:
                bodies[index] += mark * (width - max(length, 1))
            else:
                cells = next(csv.reader([bodies[index]], delimiter=mark))
                own, extra = cells[:width], cells[width:]
                bodies[index] = _quoted(own, self._style)
                after[index] = mark + _quoted(extra, self._style) if any(extra) else ""
        return after

    def _lines(self, bodies: list[str], after: dict[int, str], answer: Answer) -> list[str]:
        style = self._style
        mark = style.delimiter
        quote = '"' if style.decimal == mark else ""
        numbers = fixed_point(answer.figures, style.decimal, mark, quote)
        labels = [mark + _quoted(label, style) + mark for label in (*answer.labels, ("", ""))]
        ends = [mark] * len(bodies)
        for index, text in answer.said.items():
            if text:
                ends[index] = mark + _quoted([_fitting(text, style.encoding)], style)
        for index, text in after.items():
            ends[index] += text
        if len(answer.labels) == 1 and answer.label.min(initial=0) == 0:
            label = labels[0]
            rows = zip(bodies, numbers, ends, strict=True)
            return [f"{body}{label}{number}{end}" for body, number, end in rows]
        own = [labels[number] for number in answer.label.tolist()]
        return list(map("".join, zip(bodies, own, numbers, ends, strict=True)))

    def _write(self, lines: Sequence[str], newline: str) -> None:
        text = newline.join([*lines, ""]) if lines else ""
        self._file.write(text.encode(self._style.encoding, self._errors))
