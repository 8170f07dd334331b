"""Which trip does an address describe, and how is a trip written back into one?

Reading never fails: what was typed is kept as it stands, and what cannot be understood becomes
a fault at its field, so that the form comes back with everything in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from calculators.errors import AmbiguousPlace, FlightError, UnknownCabin, UnknownPlace
from calculators.flight import airports
from calculators.flight.airports import Place
from calculators.flight.datasets import dataset
from calculators.flight.fuel import find_aircraft
from calculators.flight.itinerary import (
    DEFAULT,
    MOST_LEGS,
    MOST_TRAVELLERS,
    Itinerary,
    Leg,
    method_info,
)
from calculators.flight.seats import CABINS

_LONGEST: Final = 80  # letters of a name we look at


@dataclass(frozen=True)
class Row:
    """One line of the form as typed: where from and where to."""

    origin: str = ""
    destination: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: the code of the sentence, its values, what exists instead."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A name that means several places: the field, the name, and the places."""

    name: str
    typed: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Asked:
    """A trip as somebody typed it, nothing checked yet."""

    rows: tuple[Row, ...]
    both_ways: bool
    cabin: str = "economy"
    travellers: str = "1"
    aircraft: str = ""
    method: str = DEFAULT
    data: str = ""

    @property
    def empty(self) -> bool:
        """Nothing was typed into any line."""
        return not any(row.origin or row.destination for row in self.rows)


@dataclass(frozen=True)
class Trip:
    """A trip that was understood: directed legs, cabin, travellers, aircraft, method and data."""

    legs: tuple[tuple[Place, Place], ...]
    cabin: str
    travellers: int
    aircraft: str | None
    method: str
    data: str

    @property
    def both_ways(self) -> bool:
        """The second half of the legs is the first half backwards."""
        half = len(self.legs) // 2
        back = tuple((b, a) for a, b in reversed(self.legs[:half]))
        return len(self.legs) % 2 == 0 and half > 0 and self.legs[half:] == back

    @property
    def outward(self) -> tuple[tuple[Place, Place], ...]:
        """The legs that are not the way back."""
        return self.legs[: len(self.legs) // 2] if self.both_ways else self.legs

    @property
    def stops(self) -> tuple[Place, ...]:
        """The places of the outward way in their order, joined where one leg follows another."""
        places = [self.outward[0][0]]
        for origin, destination in self.outward:
            if origin != places[-1]:
                places.append(origin)
            places.append(destination)
        return tuple(places)

    def itinerary(self) -> Itinerary:
        """Return the trip as the calculator takes it."""
        legs = tuple(Leg(a.code, b.code, self.cabin, self.aircraft) for a, b in self.legs)
        return Itinerary(legs, self.travellers)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters that describe this trip, the same figures in every release."""
        told = [("leg", f"{a.code}-{b.code}") for a, b in self.legs]
        told += [("cabin", self.cabin), ("travellers", str(self.travellers))]
        if self.aircraft:
            told.append(("aircraft", self.aircraft))
        return [*told, ("method", self.method), ("data", self.data)]

    def query(self, **changed: str) -> str:
        """Return the query string of this trip, with single parameters changed."""
        kept = [(name, value) for name, value in self.pairs() if name not in changed]
        return urlencode([*kept, *((name, value) for name, value in changed.items() if value)])

    def asked(self) -> Asked:
        """Return what the form shows when this trip is changed."""
        return Asked(
            rows=tuple(Row(_typed(a), _typed(b)) for a, b in self.outward),
            both_ways=self.both_ways,
            cabin=self.cabin,
            travellers=str(self.travellers),
            aircraft=self.aircraft or "",
            method=self.method,
            data=self.data,
        )


@dataclass(frozen=True)
class Understanding:
    """Either a trip, or a choice to offer, or faults by field."""

    trip: Trip | None = None
    choice: Choice | None = None
    faults: Mapping[str, Fault] = field(default_factory=dict)


def _typed(place: Place) -> str:
    return f"{place.name} ({place.code})"


def asked(args: MultiDict[str, str]) -> Asked | None:
    """Read a query; None when it names no trip at all."""
    if not any(name in args for name in ("leg", "from", "to")):
        return None
    written = args.getlist("leg")
    rows = tuple(_split(leg) for leg in written) if written else _rows(args)
    return Asked(
        rows=rows[: MOST_LEGS + 1],
        both_ways=not written and args.get("return", "0") not in {"0", "", "no", "false"},
        cabin=args.get("cabin", "economy").strip().lower() or "economy",
        travellers=args.get("travellers", "1").strip() or "1",
        aircraft=args.get("aircraft", "").strip(),
        method=args.get("method", "").strip() or DEFAULT,
        data=args.get("data", "").strip(),
    )


def _split(leg: str) -> Row:
    origin, _, destination = leg.partition("-")
    return Row(origin.strip()[:_LONGEST], destination.strip()[:_LONGEST])


def _rows(args: MultiDict[str, str]) -> tuple[Row, ...]:
    """Read the lines of the form; a line without a start begins where the one before ended."""
    origins, destinations = args.getlist("from"), args.getlist("to")
    lines: list[Row] = []
    for i in range(max(len(origins), len(destinations))):
        origin, destination = (
            texts[i].strip()[:_LONGEST] if i < len(texts) else ""
            for texts in (origins, destinations)
        )
        if lines and destination and not origin:
            origin = lines[-1].destination
        if origin or destination or not lines:
            lines.append(Row(origin, destination))
    stops = [via.strip()[:_LONGEST] for via in args.getlist("via") if via.strip()]
    if stops and len(lines) == 1:
        way = [lines[0].origin, *stops, lines[0].destination]
        lines = [Row(a, b) for a, b in pairwise(way)]
    return tuple(lines)


def understand(told: Asked) -> Understanding:
    """Resolve names, check every field, and collect all faults at once."""
    faults: dict[str, Fault] = {}
    data = _known_data(told, faults)
    places = [
        (
            _place(row.origin, f"from-{i}", faults, data),
            _place(row.destination, f"to-{i}", faults, data),
        )
        for i, row in enumerate(told.rows)
    ]
    choice = next((p for pair in places for p in pair if isinstance(p, Choice)), None)
    legs = tuple((a, b) for a, b in places if isinstance(a, Place) and isinstance(b, Place))
    _check_legs(told, places, faults)
    travellers = _travellers(told.travellers, faults)
    _check_words(told, data, faults)
    if faults or choice is not None:
        return Understanding(choice=None if faults else choice, faults=faults)
    back = tuple((b, a) for a, b in reversed(legs)) if told.both_ways else ()
    return Understanding(
        trip=Trip(
            legs=legs + back,
            cabin=told.cabin,
            travellers=travellers,
            aircraft=told.aircraft.upper() or None,
            method=told.method,
            data=data,
        )
    )


def _known_data(told: Asked, faults: dict[str, Fault]) -> str:
    """Return the data set that was named, or the latest."""
    try:
        return dataset(told.data or None).id
    except FlightError as error:
        faults["data"] = _fault(error)
        return dataset().id


def _place(text: str, name: str, faults: dict[str, Fault], data: str) -> Place | Choice | None:
    if not text:
        faults[name] = Fault("place_missing")
        return None
    try:
        return airports.resolve(text, dataset(data))
    except AmbiguousPlace as error:
        return Choice(name, text, error.candidates)
    except UnknownPlace as error:
        faults[name] = _fault(error)
        return None


def _check_legs(
    told: Asked,
    places: Sequence[tuple[Place | Choice | None, Place | Choice | None]],
    faults: dict[str, Fault],
) -> None:
    if len(told.rows) * (2 if told.both_ways else 1) > MOST_LEGS:
        faults["legs"] = Fault("legs_out_of_range", {"most": MOST_LEGS})
    for i, (a, b) in enumerate(places):
        if isinstance(a, Place) and isinstance(b, Place) and a.main_airport == b.main_airport:
            faults[f"to-{i}"] = Fault("same_place", {"place": a.name})


def _travellers(text: str, faults: dict[str, Fault]) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0  # noqa: PLR2004 - more digits cannot be meant
    if not 1 <= number <= MOST_TRAVELLERS:
        faults["travellers"] = Fault("travellers_out_of_range", {"most": MOST_TRAVELLERS})
    return number


def _check_words(told: Asked, data: str, faults: dict[str, Fault]) -> None:
    if told.cabin not in CABINS:
        faults["cabin"] = _fault(UnknownCabin({"given": told.cabin}))
    try:
        if told.aircraft:
            find_aircraft(told.aircraft, dataset(data))
    except FlightError as error:
        faults["aircraft"] = _fault(error)
    try:
        method_info(told.method)
    except FlightError as error:
        faults["method"] = _fault(error)


def _fault(error: FlightError) -> Fault:
    values = {name: str(value)[:_LONGEST] for name, value in error.parameters.items()}
    return Fault(error.code, values, error.suggestions[:3])


def chosen(told: Asked, choice: Choice, code: str) -> str:
    """Return the query in which a name was replaced by the place that was meant."""
    side, _, number = choice.name.partition("-")
    rows = list(told.rows)
    row = rows[int(number)]
    rows[int(number)] = (
        replace(row, origin=code) if side == "from" else replace(row, destination=code)
    )
    return query_of(replace(told, rows=tuple(rows)))


def query_of(told: Asked) -> str:
    """Return the query string of what was typed, understood or not."""
    pairs = [pair for row in told.rows for pair in (("from", row.origin), ("to", row.destination))]
    pairs += [("return", "1" if told.both_ways else "0"), ("cabin", told.cabin)]
    pairs += [("travellers", told.travellers)]
    extra = (("aircraft", told.aircraft), ("method", told.method), ("data", told.data))
    return urlencode([*pairs, *((name, value) for name, value in extra if value)])
