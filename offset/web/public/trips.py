"""Which trip does an address describe, and how is a trip written back into one?

Reading never fails: what was typed is kept as it stands, and what cannot be understood becomes
a fault at its field, so that the form comes back with everything in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from calculators.errors import AmbiguousPlace, FlightError, UnknownCabin, UnknownPlace
from calculators.flight import airports
from calculators.flight.airports import Place
from calculators.flight.datasets import dataset
from calculators.flight.fuel import MIX
from calculators.flight.itinerary import (
    DEFAULT,
    MOST_LEGS,
    MOST_TRAVELLERS,
    Itinerary,
    Leg,
    method_info,
)
from calculators.flight.methods import METHOD_IDS, ROUTE_METHOD_IDS, find_aircraft
from calculators.flight.non_co2 import DEFAULT_TREATMENT, find_treatment
from calculators.flight.seats import CABINS

_LONGEST: Final = 80  # letters of a name we look at
_OFFERED: Final = 8


@dataclass(frozen=True)
class Row:
    """One line of the form as typed: where from, where to, in which cabin and aircraft."""

    origin: str = ""
    destination: str = ""
    cabin: str = CABINS[0]
    aircraft: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: the code of the sentence, its values, what exists instead."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A name that means several places, or is spelled like several: the field, the name, they."""

    name: str
    typed: str
    places: tuple[Place, ...]
    alike: bool = False


@dataclass(frozen=True)
class Asked:
    """A trip as somebody typed it, nothing checked yet."""

    rows: tuple[Row, ...]
    both_ways: bool
    travellers: str = "1"
    method: str = DEFAULT
    data: str = ""
    treatment: str = ""
    airports: bool = False

    @property
    def empty(self) -> bool:
        """Nothing was typed into any line."""
        return not any(row.origin or row.destination for row in self.rows)


@dataclass(frozen=True)
class Trip:
    """A trip that was understood: directed legs with cabins and aircraft, and how it is counted.

    ``treatment`` names how non-CO2 effects are counted ("" is the default); ``airports`` asks for
    the airports' own emissions as a line of their own.
    """

    legs: tuple[tuple[Place, Place], ...]
    cabins: tuple[str, ...]
    types: tuple[str | None, ...]
    travellers: int
    method: str
    data: str
    treatment: str = ""
    airports: bool = False

    @property
    def cabin(self) -> str | None:
        """The cabin of all legs; None when they differ."""
        return self.cabins[0] if len(set(self.cabins)) == 1 else None

    @property
    def aircraft(self) -> str | None:
        """The aircraft of all legs; None when it is not known or they differ."""
        return self.types[0] if len(set(self.types)) == 1 else None

    @property
    def both_ways(self) -> bool:
        """The second half of the legs is the first half backwards, in the same cabins."""
        half = len(self.legs) // 2
        if len(self.legs) % 2 or not half:
            return False
        way = list(zip(self.legs, self.cabins, self.types, strict=True))
        back = [((b, a), cabin, kind) for (a, b), cabin, kind in reversed(way[:half])]
        return way[half:] == back

    @property
    def outward(self) -> tuple[tuple[Place, Place], ...]:
        """The legs that are not the way back."""
        return self.legs[: len(self.legs) // 2] if self.both_ways else self.legs

    @property
    def ways(self) -> tuple[tuple[Place, ...], ...]:
        """The places of the outward way; a leg that begins elsewhere begins another way."""
        ways: list[list[Place]] = []
        for origin, destination in self.outward:
            if not ways or origin.code != ways[-1][-1].code:
                ways.append([origin])
            ways[-1].append(destination)
        return tuple(tuple(way) for way in ways)

    @property
    def country(self) -> str:
        """The code of the country the trip begins in."""
        return self.legs[0][0].country

    def itinerary(self) -> Itinerary:
        """Return the trip as the calculator takes it."""
        legs = zip(self.legs, self.cabins, self.types, strict=True)
        return Itinerary(
            tuple(Leg(a.code, b.code, cabin, kind) for (a, b), cabin, kind in legs),
            self.travellers,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters that describe this trip, the same figures in every release."""
        told = [("leg", f"{a.code}-{b.code}") for a, b in self.legs]
        told += [("cabin", cabin) for cabin in _once(self.cabins)]
        told.append(("travellers", str(self.travellers)))
        if any(self.types):
            told += [("aircraft", kind) for kind in _once([t or MIX for t in self.types])]
        told += [("method", self.method), ("data", self.data)]
        extra = (("non_co2", self.treatment), ("airports", "1" if self.airports else ""))
        return [*told, *((name, value) for name, value in extra if value)]

    def query(self, **changed: str) -> str:
        """Return the query string of this trip, with single parameters changed."""
        kept = [(name, value) for name, value in self.pairs() if name not in changed]
        return urlencode([*kept, *((name, value) for name, value in changed.items() if value)])

    def asked(self) -> Asked:
        """Return what the form shows when this trip is changed."""
        rows = zip(self.outward, self.cabins, self.types, strict=False)
        return Asked(
            rows=tuple(
                Row(_typed(a), _typed(b), cabin, kind or "") for (a, b), cabin, kind in rows
            ),
            both_ways=self.both_ways,
            travellers=str(self.travellers),
            method=self.method,
            data=self.data,
            treatment=self.treatment,
            airports=self.airports,
        )


def _once(values: Sequence[str]) -> Sequence[str]:
    """Return the one value that all legs share, or the value of each leg."""
    return values[:1] if len(set(values)) == 1 else values


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
    rows = _seated([_split(leg) for leg in written], args) if written else _rows(args)
    return Asked(
        rows=tuple(rows[: MOST_LEGS + 1]),
        both_ways=not written and _yes(args.get("return", "0")),
        travellers=args.get("travellers", "1").strip() or "1",
        method=args.get("method", "").strip() or DEFAULT,
        data=args.get("data", "").strip(),
        treatment=args.get("non_co2", "").strip()[:_LONGEST],
        airports=_yes(args.get("airports", "0")),
    )


def _yes(text: str) -> bool:
    return text not in {"0", "", "no", "false"}


def _split(leg: str) -> Row:
    origin, _, destination = leg.partition("-")
    return Row(origin.strip()[:_LONGEST], destination.strip()[:_LONGEST])


def _seated(rows: Sequence[Row], args: MultiDict[str, str]) -> list[Row]:
    """Give each line its cabin and aircraft: one for all, or one each in the order of lines."""
    cabins = [cabin.strip().lower()[:_LONGEST] for cabin in args.getlist("cabin")]
    types = [kind.strip()[:_LONGEST] for kind in args.getlist("aircraft")]
    return [
        replace(row, cabin=_each(cabins, i, "") or CABINS[0], aircraft=_known(_each(types, i, "")))
        for i, row in enumerate(rows)
    ]


def _each(values: Sequence[str], number: int, otherwise: str) -> str:
    if len(values) == 1:
        return values[0]
    return values[number] if number < len(values) else otherwise


def _known(kind: str) -> str:
    return "" if kind.lower() == MIX else kind


def _rows(args: MultiDict[str, str]) -> list[Row]:
    """Read the lines of the form; a line without a start begins where the one before ended."""
    origins, destinations = args.getlist("from"), args.getlist("to")
    typed = [
        Row(
            *(
                texts[i].strip()[:_LONGEST] if i < len(texts) else ""
                for texts in (origins, destinations)
            )
        )
        for i in range(max(len(origins), len(destinations)))
    ]
    lines: list[Row] = []
    for row in _seated(typed, args):
        follows = lines and row.destination and not row.origin
        told = replace(row, origin=lines[-1].destination) if follows else row
        if told.origin or told.destination or not lines:
            lines.append(told)
    stops = [via.strip()[:_LONGEST] for via in args.getlist("via") if via.strip()]
    if stops and len(lines) == 1:
        way = [lines[0].origin, *stops, lines[0].destination]
        lines = [replace(lines[0], origin=a, destination=b) for a, b in pairwise(way)]
    return lines


def with_leg(told: Asked) -> Asked:
    """Return the form with one more empty line, in the cabin of the last."""
    last = told.rows[-1]
    return replace(told, rows=(*told.rows, Row(cabin=last.cabin)))


def with_stop(told: Asked, number: int) -> Asked:
    """Return the form with a line broken in two, the place between still open."""
    rows = list(told.rows)
    if 0 <= number < len(rows):
        row = rows[number]
        rows[number : number + 1] = [replace(row, destination=""), replace(row, origin="")]
    return replace(told, rows=tuple(rows))


def without_leg(told: Asked, number: int) -> Asked:
    """Return the form without a line; where it followed the one before, the two become one."""
    rows = list(told.rows)
    if 0 < number < len(rows):
        before, gone = rows[number - 1], rows.pop(number)
        if gone.origin in {"", before.destination} and gone.destination:
            rows[number - 1] = replace(before, destination=gone.destination)
    return replace(told, rows=tuple(rows))


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
    if faults:
        return _mistyped(told, faults, data)
    if choice is not None:
        return Understanding(choice=choice)
    back = tuple((b, a) for a, b in reversed(legs)) if told.both_ways else ()
    cabins = tuple(row.cabin for row in told.rows)
    types = tuple(row.aircraft.upper() or None for row in told.rows)
    return Understanding(
        trip=Trip(
            legs=legs + back,
            cabins=cabins + cabins[::-1] if told.both_ways else cabins,
            types=types + types[::-1] if told.both_ways else types,
            travellers=travellers,
            method=told.method,
            data=data,
            treatment=told.treatment if told.treatment != DEFAULT_TREATMENT else "",
            airports=told.airports,
        )
    )


def _mistyped(told: Asked, faults: dict[str, Fault], data: str) -> Understanding:
    """Offer places that are spelled alike where nothing but a name is wrong."""
    name = next(iter(faults))
    if {fault.code for fault in faults.values()} == {UnknownPlace.code}:
        side, _, number = name.partition("-")
        row = told.rows[int(number)]
        typed = row.origin if side == "from" else row.destination
        alike = airports.search(typed, _OFFERED, dataset(data))
        if alike:
            return Understanding(choice=Choice(name, typed, alike, alike=True))
    return Understanding(faults=faults)


def _known_data(told: Asked, faults: dict[str, Fault]) -> str:
    """Return the data set that was named, or the latest."""
    try:
        return dataset(told.data or None).id
    except FlightError as error:
        faults["data"] = fault_of(error)
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
        faults[name] = fault_of(error)
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
    for i, row in enumerate(told.rows):
        at = f"-{i}" if i else ""
        if row.cabin not in CABINS:
            faults[f"cabin{at}"] = fault_of(UnknownCabin({"given": row.cabin}))
        if row.aircraft:
            _check(faults, f"aircraft{at}", find_aircraft, told.method, row.aircraft, dataset(data))
    _check(faults, "method", method_info, told.method)
    needs_model = told.method in METHOD_IDS and told.method not in ROUTE_METHOD_IDS
    if needs_model and not all(row.aircraft for row in told.rows):
        faults.setdefault("aircraft", Fault("aircraft_needed"))
    if told.treatment:
        _check(faults, "non_co2", find_treatment, told.treatment, dataset(data))


def _check(
    faults: dict[str, Fault], name: str, find: Callable[..., object], *given: object
) -> None:
    """Look a code up, and note the fault at its field when there is none of that name."""
    try:
        find(*given)
    except FlightError as error:
        faults[name] = fault_of(error)


def fault_of(error: FlightError) -> Fault:
    """Return what a calculator's error means for a field."""
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
    pairs += [("cabin", row.cabin) for row in told.rows]
    if any(row.aircraft for row in told.rows):
        pairs += [("aircraft", row.aircraft or MIX) for row in told.rows]
    pairs += [("return", "1" if told.both_ways else "0"), ("travellers", told.travellers)]
    extra = (
        ("method", told.method),
        ("data", told.data),
        ("non_co2", told.treatment),
        ("airports", "1" if told.airports else ""),
    )
    return urlencode([*pairs, *((name, value) for name, value in extra if value)])
