"""Which legs, cabins and travellers do the rows of a table name?

Texts become numbers through tables that remember every text once read. What means nothing gets a
sentence with the row, the heading and the value.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import FlightError
from calculators.flight import airports, codes
from calculators.flight.files.coded import Coded
from calculators.flight.files.dates import day
from calculators.flight.files.fares import cabin_of
from calculators.flight.files.numbers import number
from calculators.flight.files.routes import flown, sections, triples
from calculators.flight.fuel import find_aircraft
from calculators.flight.names import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.files.headings import Headings
    from calculators.flight.files.tables import Chunk, Style

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]
    Sections = tuple[tuple[int, ...], ...]
    Legs = tuple[tuple[int, int], ...]

NOTE: Final = "note: "
"""Begins a remark that is no fault: the row is answered."""

MOST_LEGS: Final = 24
"""Legs of one row, as of one itinerary."""

_REMEMBERED: Final = 200_000  # different texts of a column kept in memory
_NAMES_TOLD: Final = 500  # names of places listed in the manifest
_SHOWN: Final = 60  # characters of a cell that a sentence shows
_CODE_LETTERS: Final = 3
_SHORTER, _LONGER = 0.99, 1.25  # of the great circle, beyond which a distance contradicts a route
_BIAS: Final = 1_000_000  # travellers are kept above zero, where codes have their own meaning
_BEYOND: Final = 99_999  # a number of travellers that is refused
_WHOLE: Final = re.compile(r"(?<=\d)[.,]0{1,2}$")  # 2.0 is two travellers, 2.000 two thousand
_YES: Final = frozenset(
    [
        "yes",
        "y",
        "oui",
        "o",
        "si",
        "s",
        "x",
        "1",
        "r",
        "rt",
        "ar",
        "true",
        "vrai",
        "verdadero",
        "return",
        "returns",
        "round",
        "round_trip",
        "roundtrip",
        "a_r",
        "aller_retour",
        "ida_y_vuelta",
        "ida_vuelta",
        "retour",
        "vuelta",
    ]
)
_NO: Final = frozenset(
    [
        "no",
        "n",
        "non",
        "0",
        "ow",
        "false",
        "faux",
        "falso",
        "single",
        "one_way",
        "oneway",
        "aller",
        "aller_simple",
        "simple",
        "ida",
        "solo_ida",
    ]
)


def shown(text: str) -> str:
    """Return a cell as a sentence shows it: short, and without what does not print."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


class _Texts(dict[str, int]):
    """The number that each text of a column means; a text is read once."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read
        self.reason = functools.lru_cache(maxsize=4096)(self._reason)

    def __missing__(self, text: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        try:
            found = self._read(text) if text.strip() else codes.MISSING
        except FlightError:
            found = codes.UNKNOWN
        self[text] = found
        return found

    def _reason(self, text: str) -> str:
        fault = FlightError()
        try:
            self._read(text)
        except FlightError as found:
            fault = found
        return str(fault)

    def numbers(self, texts: Sequence[str]) -> Indices:
        if isinstance(texts, Coded):
            known = self.numbers(texts.values)
            return np.take(known, texts.which)
        return np.fromiter(map(self.__getitem__, texts), np.intp, len(texts))


@dataclass(slots=True)
class Remarks:
    """What is to be said of the rows of a chunk.

    Attributes
    ----------
    first : int
        Number of the first row.
    headings : mapping of str to str
        The heading of each column.
    faults : dict of int to str
        Why a row has no figure: the first reason found.
    notes : dict of int to str
        What should be known of a row that has figures.
    """

    first: int
    headings: Mapping[str, str]
    faults: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)

    def sentence(self, index: int, column: str, text: str, reason: str) -> str:
        """Return a sentence with row, heading and value."""
        heading = self.headings.get(column, column)
        return f"Row {self.first + index}, {heading} {shown(text)}: {reason}"

    def fault(self, index: int, column: str, text: str, reason: str) -> None:
        """Say why a row has no figure, unless something was said before."""
        if index not in self.faults:
            self.faults[index] = self.sentence(index, column, text, reason)

    def note(self, index: int, text: str) -> None:
        """Add to what should be known of a row."""
        earlier = self.notes.get(index, "")
        if text in earlier:
            return
        self.notes[index] = f"{earlier}; {text}" if earlier else NOTE + text


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """The legs of the rows of a chunk as numbers, in order.

    Attributes
    ----------
    row : ndarray of int, shape (m,)
        The row of each leg.
    origin, destination, cabin, aircraft : ndarray of int, shape (m,)
        Numbers as ``codes`` gives them.
    distance_km, travellers : ndarray of float, shape (m,)
        NaN where no distance is given.
    day : ndarray of int, shape (n,)
        Ordinal of each row's date; ``codes.MISSING`` or ``codes.UNKNOWN``.
    """

    row: Indices
    origin: Indices
    destination: Indices
    cabin: Indices
    aircraft: Indices
    distance_km: Floats
    travellers: Floats
    day: Indices


class Questions:
    """Reads the columns of one file.

    Parameters
    ----------
    headings : Headings
        Where each column stands.
    style : Style
        Decimal mark and order of dates.
    data : Dataset
        Places and aircraft.
    """

    def __init__(self, headings: Headings, style: Style, data: Dataset) -> None:
        self._headings, self._style, self._data = headings, style, data
        self.names: dict[str, str] = {}
        self._doubts: dict[str, str] = {}
        self._codes = codes.places(data).number
        self._places, self._aircraft = _Texts(self._place), _Texts(self._type)
        self._cabins, self._days = _Texts(cabin_of), _Texts(self._day)
        self._people = _Texts(self._count)
        self._backs = _Texts(self._back)

    def _place(self, text: str) -> int:
        bare = text.strip()
        if len(bare) == _CODE_LETTERS and bare.isascii():
            place = airports.find(bare, self._data)
        else:
            place = airports.resolve(bare, self._data)
            if doubt := airports.doubt(bare, place, self._data):
                self._doubts[text] = doubt
            if len(self.names) < _NAMES_TOLD:
                self.names[bare] = place.code
        return int(codes.place_numbers([place.code], self._data)[0])

    def _type(self, text: str) -> int:
        known = int(codes.aircraft_numbers([text], self._data)[0])
        if known == codes.UNKNOWN:
            find_aircraft(text, self._data)  # raises, with what is spelled alike
        return known

    def _day(self, text: str) -> int:
        found = day(text, self._style.dates)
        return codes.UNKNOWN if found is None else found.toordinal()

    def _back(self, text: str) -> int:
        said = fold(text).replace(" ", "_")
        if said in _YES or day(text, self._style.dates) is not None:  # the day of the way back
            return 1
        return 0 if said in _NO else codes.UNKNOWN

    def _count(self, text: str) -> int:
        value = number(_WHOLE.sub("", text.strip()), self._style.decimal)
        if value is None or not value.is_integer():
            return _BIAS
        return _BIAS + max(-_BEYOND, min(_BEYOND, int(value)))

    def columns(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """Return the texts of each column that an answer depends on."""
        return {column: chunk.column(place) for column, place in self._headings.asked.items()}

    def read(self, columns: Mapping[str, Sequence[str]], count: int, remarks: Remarks) -> Question:
        """Return the rows as numbers, and say what is wrong with their texts."""
        origin = self._known(self._places, columns, "origin", count, remarks)
        destination = self._known(self._places, columns, "destination", count, remarks)
        routes = self._routes(columns, origin, destination, remarks)
        aircraft = self._known(self._aircraft, columns, "aircraft", count, remarks)
        cabin = self._cabin(columns, count, remarks)
        distance = self._distance(columns, count, routes, remarks)
        self._contradicted(origin, destination, distance, remarks)
        self._doubted(columns, remarks)
        people = self._travellers(columns, count)
        days = self._known(self._days, columns, "date", count, None)
        row, start, end = _unfold(origin, destination, routes)
        row, start, end = self._and_back(columns, (row, start, end), count, remarks)
        aircraft = np.where(aircraft == codes.MISSING, 0, aircraft)
        return Question(
            row, start, end, cabin[row], aircraft[row], distance[row], people[row], days
        )

    def _known(
        self,
        table: _Texts,
        columns: Mapping[str, Sequence[str]],
        column: str,
        count: int,
        remarks: Remarks | None,
    ) -> Indices:
        texts = columns.get(column)
        if texts is None:
            return np.full(count, codes.MISSING, dtype=np.intp)
        numbers = table.numbers(texts)
        if remarks is not None:
            for index in np.flatnonzero(numbers == codes.UNKNOWN).tolist():
                remarks.fault(index, column, texts[index], table.reason(texts[index]))
        return numbers

    def _cabin(self, columns: Mapping[str, Sequence[str]], count: int, remarks: Remarks) -> Indices:
        """Return the cabin: the word, else the letter, else economy."""
        cabin = self._known(self._cabins, columns, "cabin", count, remarks)
        letter = self._known(self._cabins, columns, "class", count, None)
        unknown = np.flatnonzero((letter == codes.UNKNOWN) & (cabin == codes.MISSING))
        for index in unknown.tolist():
            text = columns["class"][index]
            remarks.fault(index, "class", text, self._cabins.reason(text))
        both = np.minimum(cabin, letter) >= 0
        for index in np.flatnonzero(both & (cabin != letter)).tolist():
            said = f"the class {shown(columns['class'][index])} is another cabin, not used"
            remarks.note(index, said)
        found = np.where(cabin == codes.MISSING, letter, cabin)
        return np.where(found == codes.MISSING, 0, found)

    def _travellers(self, columns: Mapping[str, Sequence[str]], count: int) -> Floats:
        if "travellers" not in columns:
            return np.ones(count)
        given = self._people.numbers(columns["travellers"])
        return np.where(given == codes.MISSING, 1, given - _BIAS).astype(np.float64)

    def _distance(
        self,
        columns: Mapping[str, Sequence[str]],
        count: int,
        routes: Mapping[int, Legs],
        remarks: Remarks,
    ) -> Floats:
        if "distance_km" not in columns:
            return np.full(count, np.nan)
        distance = _floats(columns["distance_km"], self._style.decimal)
        for index, route in routes.items():
            if len(route) > 1 and not np.isnan(distance[index]):
                distance[index] = np.nan
                remarks.note(index, "the distance is not used, the legs of the route are")
        return distance

    def _routes(
        self,
        columns: Mapping[str, Sequence[str]],
        origin: Indices,
        destination: Indices,
        remarks: Remarks,
    ) -> dict[int, Legs]:
        """Return the legs of each row that has a via or a routing."""
        found: dict[int, Legs] = {}
        for column in ("via", "routing"):
            for index, text in enumerate(columns.get(column, ())):
                if text and (parts := self._stops(column, index, text, remarks)):
                    ends = (int(origin[index]), int(destination[index]))
                    route = _joined(column, parts, ends)
                    if wrong := _wrong(column, route, ends):
                        remarks.fault(index, column, text, wrong)
                        continue
                    found[index] = flown(route)
                    for before, after in itertools.pairwise(route):
                        remarks.note(index, self._gap(before[-1], after[0]))
        return found

    def _contradicted(
        self, origin: Indices, destination: Indices, distance: Floats, remarks: Remarks
    ) -> None:
        """Note distances that no flight between the two places has."""
        rows = np.flatnonzero((origin >= 0) & (destination >= 0) & np.isfinite(distance))
        if not len(rows):
            return
        km = codes.places(self._data).between_km(origin[rows], destination[rows])
        odd = (distance[rows] < km * _SHORTER) | (distance[rows] > km * _LONGER)
        for index, great_circle in zip(rows[odd].tolist(), km[odd].tolist(), strict=True):
            said = f"the distance is used, but the great circle is {great_circle:.0f} km"
            remarks.note(index, said)

    def _doubted(self, columns: Mapping[str, Sequence[str]], remarks: Remarks) -> None:
        """Note what was taken where a name is that of several places."""
        for column in ("origin", "destination") if self._doubts else ():
            for index, text in enumerate(columns.get(column, ())):
                if text in self._doubts:
                    remarks.note(index, self._doubts[text])

    def _and_back(
        self,
        columns: Mapping[str, Sequence[str]],
        legs: tuple[Indices, Indices, Indices],
        count: int,
        remarks: Remarks,
    ) -> tuple[Indices, Indices, Indices]:
        """Return the legs, and those of the way back after them where a row has one."""
        row, start, end = legs
        back = self._known(self._backs, columns, "return", count, None)
        for index in np.flatnonzero(back == codes.UNKNOWN).tolist():
            reason = "The return must be yes or no, or the day of it."
            remarks.fault(index, "return", columns["return"][index], reason)
        if not (back > 0).any():
            return legs
        for index in np.flatnonzero((back > 0) & (2 * np.bincount(row) > MOST_LEGS)).tolist():
            reason = f"A row has at most {MOST_LEGS} legs."
            remarks.fault(index, "return", columns["return"][index], reason)
        again = np.flatnonzero(back[row] > 0)
        return (
            np.concatenate([row, row[again]]),
            np.concatenate([start, end[again]]),
            np.concatenate([end, start[again]]),
        )

    def _gap(self, before: int, after: int) -> str:
        known = codes.places(self._data).known
        ends = " and ".join("?" if end < 0 else known[end].code for end in (before, after))
        return f"no flight between {ends}, as the route says"

    def _stops(self, column: str, index: int, text: str, remarks: Remarks) -> Sections:
        """Return the places that a text names; none when one of them is unknown."""
        found = []
        for part in sections(text):
            pieces = tuple(itertools.chain.from_iterable(map(self._pieces, part)))
            found.append(tuple(self._places[piece] for piece in pieces))
            for piece in pieces:
                if piece in self._doubts:
                    remarks.note(index, self._doubts[piece])
            for piece, place in zip(pieces, found[-1], strict=True):
                if place == codes.UNKNOWN:
                    reason = f"The {column} cannot be read. {self._places.reason(piece)}"
                    remarks.fault(index, column, text, reason)
                    return ()
        return tuple(found)

    def _pieces(self, text: str) -> tuple[str, ...]:
        """Return a text, or the codes that are written in it without anything between them."""
        cut = triples(text)
        if cut and all(code in self._codes for code in cut):
            return (text,) if airports.is_name(text, self._data) else cut
        return (text,)


def _joined(column: str, parts: Sections, ends: tuple[int, int]) -> Sections:
    """Return the whole route: a via stands between the ends, a routing holds them."""
    alone = len(parts) == 1 and len(parts[0]) == 1
    if column == "routing" and not alone:
        return parts
    first, last = (ends[0], *parts[0]), parts[-1]
    if len(parts) == 1:
        return ((*first, ends[1]),)
    return (first, *parts[1:-1], (*last, ends[1]))


def _wrong(column: str, route: Sections, ends: tuple[int, int]) -> str:
    """Return what is wrong with a route, or nothing."""
    legs = flown(route)
    if len(legs) > MOST_LEGS:
        return f"A row has at most {MOST_LEGS} legs."
    if column == "routing" and (not legs or codes.MISSING in {*route[0], *route[-1]}):
        return "The routing cannot be read as a flight between two places."
    first, last = route[0][0], route[-1][-1]
    if ends[0] not in {first, codes.MISSING} or ends[1] not in {last, codes.MISSING}:
        return "It begins or ends elsewhere than the row."
    return ""


def _unfold(
    origin: Indices, destination: Indices, routes: Mapping[int, Legs]
) -> tuple[Indices, Indices, Indices]:
    """Return row, origin and destination of every leg."""
    count = np.ones(len(origin), dtype=np.intp)
    rows = np.array(sorted(routes), dtype=np.intp)
    ordered = [routes[index] for index in rows.tolist()]
    count[rows] = [len(route) for route in ordered]
    row = np.repeat(np.arange(len(origin)), count)
    if not len(rows):
        return row, origin, destination
    routed = np.zeros(len(origin), dtype=bool)
    routed[rows] = True
    start, end, legs = origin[row], destination[row], routed[row]
    flights = list(itertools.chain.from_iterable(ordered))
    start[legs], end[legs] = [leg[0] for leg in flights], [leg[1] for leg in flights]
    return row, start, end


def _floats(texts: Sequence[str], decimal: str) -> Floats:
    """Return distances: NaN for none, infinite for a text that is no number."""
    joined = "\n".join(texts)
    if decimal == "," and "." not in joined:
        joined = joined.replace(",", ".")
    elif decimal == ",":
        joined = ""
    try:
        return np.array([float(text) for text in joined.split("\n")]).reshape(len(texts))
    except ValueError:
        return np.array([_km(text, decimal) for text in texts])


def _km(text: str, decimal: str) -> float:
    if not text.strip():
        return np.nan
    value = number(text, decimal)
    return np.inf if value is None else value
