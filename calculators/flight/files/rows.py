"""What is the answer to each row of a table, and why has a row none?

The arithmetic is :func:`calculators.flight.batch.estimate_many`; a row's legs are added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight import codes
from calculators.flight.batch import FAULTS, MOST_TRAVELLERS, estimate_many, trips
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.files.duplicates import Seen
from calculators.flight.files.questions import NOTE, Question, Questions, Remarks, shown
from calculators.flight.methods import method_info
from calculators.flight.methods.figures import NOTE_SENTENCES, NOTES, note_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.batch import Columns, Trips
    from calculators.flight.files.editions import Choice
    from calculators.flight.files.headings import Headings
    from calculators.flight.files.tables import Chunk, Style

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

FIGURES: Final = ("great_circle_km", "flown_km", "fuel_kg", "co2e_kg", "low_kg", "high_kg")
"""The columns of numbers that follow a row's own."""

ADDED: Final = ("method", "version", *FIGURES, "fault")
"""All columns that follow a row's own."""

SENTENCES: Final = {
    "travellers_out_of_range": "The number of travellers must be a whole number from 1 to"
    f" {MOST_TRAVELLERS:,}, or below zero for a refund.",
    "route_missing": "A row needs an origin and a destination, a routing, or a distance.",
    "unknown_place": "No airport or city is called so.",
    "same_place": "A leg begins and ends at the same place.",
    "unknown_aircraft": "No aircraft type has this code.",
    "aircraft_needed": "This method needs the type of a private jet as aircraft.",
    "distance_out_of_range": "The distance must be a number from 1 to 20,000 km.",
    "unknown_cabin": "No cabin is called so.",
    "invalid_override": "This aircraft does not fit what was given in place of a default.",
}
"""What is said of a row that the arithmetic refuses, by the code of the error."""

_TOLD: Final = tuple(
    (note_bits((code,)), NOTE_SENTENCES[code]) for code in NOTES if code != "aircraft_unknown"
)  # what a row is told; that it names no aircraft is no news to who wrote it

_ROUTE: Final = ("routing", "via")  # columns blamed for a leg of a route, first


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one method answers to the rows of a chunk.

    Attributes
    ----------
    labels : tuple of (str, str)
        Method ids and versions that occur.
    label : ndarray of int, shape (n,)
        Index into `labels`; -1 where no edition of the method fits, or the row is empty.
    figures : ndarray of float, shape (6, n)
        The columns of `FIGURES`; NaN where there is none.
    said : mapping of int to str
        Why a row has no figure, or a remark that begins with `NOTE`.
    """

    labels: tuple[tuple[str, str], ...]
    label: Indices
    figures: Floats
    said: Mapping[int, str]


@dataclass(slots=True)
class Counts:
    """How many rows there were, and what became of them.

    Attributes
    ----------
    rows, empty : int
        Rows below the headings, and those of them without any cell.
    answers, faults : int
        As many as rows that are not empty, times methods.
    notes, duplicates : int
        Answers with a remark, and rows that repeat an earlier one.
    """

    rows: int = 0
    empty: int = 0
    answers: int = 0
    faults: int = 0
    notes: int = 0
    duplicates: int = 0


class Rows:
    """Answers the rows of one file.

    Parameters
    ----------
    headings : Headings
        Where each column stands.
    style : Style
        Decimal mark and order of dates.
    choices : sequence of Choice
        The methods.
    dataset : str or None
        Id of a data set; the latest when absent.
    """

    def __init__(
        self,
        headings: Headings,
        style: Style,
        choices: Sequence[Choice],
        dataset: str | None = None,
    ) -> None:
        self._told, self._width = headings.told, len(headings.names)
        self._choices = tuple(choices)
        self._data = open_dataset(dataset)
        self._questions = Questions(headings, style, self._data)
        self._seen = Seen()
        self.counts = Counts()

    @property
    def names(self) -> dict[str, str]:
        """Names of places that were read, and the code each was read as."""
        return self._questions.names

    def answer(self, chunk: Chunk) -> list[Answer]:
        """Return the answer of each method to the rows of a chunk."""
        remarks = Remarks(chunk.row, self._told)
        self._fit(chunk, remarks)
        empty = chunk.empty()
        remarks.faults.update(dict.fromkeys(empty, ""))
        count = len(chunk)
        columns = self._questions.columns(chunk)
        question = self._questions.read(columns, count, remarks)
        texts = chunk.kept if isinstance(chunk.kept, list) else list(map(tuple, chunk.records))
        repeated = self._seen.among(texts, chunk.row)
        for index, earlier in repeated.items():
            remarks.note(index, f"the same as row {earlier}")
        answers = [self._one(choice, question, columns, remarks, count) for choice in self._choices]
        for each in answers:
            each.label[empty] = -1
        self._count(answers, count, len(empty), len(repeated.keys() - set(empty)))
        return answers

    def _count(self, answers: Sequence[Answer], rows: int, empty: int, repeated: int) -> None:
        counts = self.counts
        counts.rows += rows
        counts.empty += empty
        counts.duplicates += repeated
        for each in answers:
            texts = [text for text in each.said.values() if text]
            notes = sum(text.startswith(NOTE) for text in texts)
            counts.notes += notes
            counts.faults += len(texts) - notes
            counts.answers += rows - empty - (len(texts) - notes)

    def _fit(self, chunk: Chunk, remarks: Remarks) -> None:
        """Bring rows to the width of the headings, so that columns can be read.

        Cells that are missing are a fault, and so are cells beyond the headings that hold
        something. The text of the row stays as it was.
        """
        width = self._width
        for index, row in chunk.fit(width).items():
            if any(row) and (len(row) < width or any(row[width:])):
                cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                remarks.faults[index] = (
                    f"Row {remarks.first + index} begins {shown(row[0])} and has {cells}, the"
                    f" header {width}."
                )

    def _one(
        self,
        choice: Choice,
        question: Question,
        columns: Mapping[str, Sequence[str]],
        remarks: Remarks,
        count: int,
    ) -> Answer:
        own = Remarks(remarks.first, remarks.headings, dict(remarks.faults), dict(remarks.notes))
        if choice.first_days:
            label = self._editions(choice, question, columns, own)
        else:
            label = np.zeros(count, dtype=np.intp)
            self._note_dates(question, columns, own)
        figures = np.full((len(FIGURES), count), np.nan)
        leg_label = label[question.row]
        for number, method in enumerate(choice.ids):
            legs = np.flatnonzero(leg_label == number)
            if len(legs):
                bad = self._fill(figures, method, question, legs, own)
                for index, fault in bad:
                    _blame(index, fault, columns, own)
        figures[:, list(own.faults)] = np.nan
        _ordered(figures)
        said = own.notes | own.faults
        return Answer(choice.versions, label, figures, said)

    def _fill(
        self, figures: Floats, method: str, question: Question, legs: Indices, remarks: Remarks
    ) -> list[tuple[int, int]]:
        """Write the figures of some legs, added up by row, and return refused rows and why."""
        row = question.row[legs]
        answer = estimate_many(
            origin=question.origin[legs],
            destination=question.destination[legs],
            distance_km=question.distance_km[legs],
            cabin=question.cabin[legs],
            aircraft=question.aircraft[legs],
            travellers=question.travellers[legs],
            method=method,
            dataset=self._data.id,
        )
        rows, place = np.unique(row, return_inverse=True)
        total: Columns | Trips = answer
        if len(rows) < len(row):
            total = trips(answer, place, len(rows))
        for number, name in enumerate(FIGURES):
            figures[number, rows] = getattr(total, name)
        for bit, sentence in _TOLD:
            for index in row[(answer.notes & bit) > 0].tolist():
                remarks.note(index, sentence)
        if assumed := method_info(method).nowhere:
            nowhere = (question.origin[legs] == codes.MISSING) & (answer.fault == 0)
            for index in row[nowhere].tolist():
                remarks.note(index, assumed)
        bad = np.flatnonzero(answer.fault)
        return list(zip(row[bad].tolist(), answer.fault[bad].tolist(), strict=True))

    def _editions(
        self,
        choice: Choice,
        question: Question,
        columns: Mapping[str, Sequence[str]],
        remarks: Remarks,
    ) -> Indices:
        """Return the edition of each row, and say why a row has none."""
        label = np.searchsorted(choice.first_days, question.day, side="right") - 1
        label = np.where(question.day < 0, -1, label)
        texts = columns.get("date")
        for index in np.flatnonzero(label < 0).tolist():
            remarks.fault(index, "date", texts[index] if texts else "", _why(question.day[index]))
        for index in np.flatnonzero(question.day > choice.last_day).tolist():
            remarks.note(index, f"no edition of its year yet, {choice.ids[-1]} is the last")
        return label.astype(np.intp)

    def _note_dates(
        self, question: Question, columns: Mapping[str, Sequence[str]], remarks: Remarks
    ) -> None:
        for index in np.flatnonzero(question.day == codes.UNKNOWN).tolist():
            remarks.note(index, f"{shown(columns['date'][index])} is no date, none is needed")


def _ordered(figures: Floats) -> None:
    """Put the smaller end of each range first: on a refund that is the far one."""
    low, high = figures[FIGURES.index("low_kg")], figures[FIGURES.index("high_kg")]
    turned = low > high
    low[turned], high[turned] = high[turned], low[turned]


def _why(day: int) -> str:
    if day == codes.MISSING:
        return "The method by date needs the date of the flight."
    if day == codes.UNKNOWN:
        return "This is not a date."
    return "The first edition of the method is later; name one with --method."


def _blame(index: int, fault: int, columns: Mapping[str, Sequence[str]], remarks: Remarks) -> None:
    """Say why the arithmetic refused a row."""
    known = FAULTS[fault]
    column = known.column
    if column in {"origin", "destination"}:
        column = next((c for c in _ROUTE if c in columns and columns[c][index].strip()), column)
    if column not in columns:
        column = next(iter(columns))
    remarks.fault(index, column, columns[column][index], SENTENCES[known.code])
