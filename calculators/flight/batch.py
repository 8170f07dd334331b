"""What do a million flights emit, row by row and trip by trip?

A row is one directed leg for its travellers. Columns go in, columns of the same length come out;
a row that cannot be answered carries the number of its fault and no figure, and never stops the
others. A single estimate is a batch of one: :mod:`calculators.flight.itinerary` calls the same
functions.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from calculators.errors import (
    AircraftNeeded,
    ColumnsDiffer,
    DistanceOutOfRange,
    FlightError,
    InvalidOverride,
    RouteMissing,
    SamePlace,
    TravellersOutOfRange,
    UnknownAircraft,
    UnknownCabin,
    UnknownPlace,
)
from calculators.flight import codes
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.methods import DEFAULT
from calculators.flight.methods import method as find_method
from calculators.flight.methods.figures import LegBatch, note_codes
from calculators.flight.seats import CABINS
from calculators.uncertainty import bounds
from calculators.units import GRAMS_PER_KG, METRES_PER_KM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from calculators.flight.codes import Indices, Texts
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft
    from calculators.flight.methods.figures import Figures, Method, MethodInfo
    from calculators.flight.overrides import Overrides

    Floats: TypeAlias = NDArray[np.float64]

LEAST_KM: Final = 1.0
MOST_KM: Final = 20_000.0
"""A distance given in place of a route lies between these, both included [km]."""

MOST_TRAVELLERS: Final = 9_999
"""Most travellers of one row, and most of them given back by a refund."""

CHUNK: Final = 16_384
"""Rows computed at a time, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row has no figure.

    Attributes
    ----------
    code : str
        Code of the error; empty for a row that is fine.
    error : type[FlightError] or None
        The error a single estimate raises for the same question.
    column : str
        Name of the argument that is at fault.
    """

    code: str
    error: type[FlightError] | None
    column: str


FAULTS: Final = (
    Fault("", None, ""),
    *(
        Fault(error.code, error, column)
        for error, column in (
            (TravellersOutOfRange, "travellers"),
            (RouteMissing, "origin"),
            (RouteMissing, "destination"),
            (UnknownPlace, "origin"),
            (UnknownPlace, "destination"),
            (SamePlace, "destination"),
            (UnknownAircraft, "aircraft"),
            (DistanceOutOfRange, "distance_km"),
            (UnknownCabin, "cabin"),
            (AircraftNeeded, "aircraft"),
            (InvalidOverride, "aircraft"),
        )
    ),
)
"""What each number in `Columns.fault` stands for; 0 is a row that is fine. In the order in which
a row is looked at: the first fault is the one that is told."""

_NUMBER: Final = {(fault.code, fault.column): number for number, fault in enumerate(FAULTS)}


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What each row emits, arrays of shape (n,).

    Rounded to 1 m and 1 g, halves to even. A figure is not a number (NaN) where the row has a
    fault, and in every row where the method does not give it.

    Attributes
    ----------
    great_circle_km, flown_km : ndarray of float
        Distances of one flight [km].
    fuel_kg : ndarray of float
        Fuel of the whole aircraft for one flight [kg].
    co2e_kg : ndarray of float
        The method's figure for all travellers of the row [kg CO2e]; below zero for a refund.
    wtt_kg, ttw_kg, wtw_kg : ndarray of float
        Its parts for all travellers of the row [kg CO2e]; they add up to the gram.
    exact_low_kg, exact_high_kg : ndarray of float
        Range of `co2e_kg` before it is rounded, for sums.
    fault : ndarray of uint8
        Index into `FAULTS`.
    notes : ndarray of uint16
        What to tell about the row, as ``methods.figures.note_bits``.
    """

    great_circle_km: Floats
    flown_km: Floats
    fuel_kg: Floats
    co2e_kg: Floats
    wtt_kg: Floats
    ttw_kg: Floats
    wtw_kg: Floats
    exact_low_kg: Floats
    exact_high_kg: Floats
    fault: NDArray[np.uint8]
    notes: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.fault)

    @property
    def low_kg(self) -> Floats:
        """Low end of the range of `co2e_kg` [kg CO2e], shape (n,).

        On a refund both ends carry its sign, so that it takes away what the booking added: there
        the high end is the smaller number.
        """
        return np.rint(self.exact_low_kg * GRAMS_PER_KG) / GRAMS_PER_KG

    @property
    def high_kg(self) -> Floats:
        """High end of the range of `co2e_kg` [kg CO2e], shape (n,); see `low_kg`."""
        return np.rint(self.exact_high_kg * GRAMS_PER_KG) / GRAMS_PER_KG

    def notes_of(self, row: int) -> tuple[str, ...]:
        """Return the codes of what to tell about one row."""
        return note_codes(int(self.notes[row]))


def _empty(count: int) -> Columns:
    figures = {column.name: np.full(count, np.nan) for column in fields(Columns)}
    whole = {"fault": np.zeros(count, np.uint8), "notes": np.zeros(count, np.uint16)}
    return Columns(**(figures | whole))  # type: ignore[arg-type]  # each column by its name


def _rounded(values: Floats | None, to: int, count: int) -> Floats:
    return np.full(count, np.nan) if values is None else np.rint(values * to)


def settle(figures: Figures, great_circle_km: Floats, people: Floats) -> Columns:
    """Return what a method answered as rounded columns for all travellers of each row.

    Parameters
    ----------
    figures : Figures
        For one traveller, arrays of shape (n,).
    great_circle_km : ndarray, shape (n,)
        Distances [km].
    people : ndarray, shape (n,)
        Travellers of each row.

    Notes
    -----
    Parts add up to the gram, but for the printed example, which rounds each of the three itself.
    """
    count = len(great_circle_km)
    headline, wtt, ttw, wtw = (
        _rounded(part, GRAMS_PER_KG, count)
        for part in (figures.headline_kg, figures.wtt_kg, figures.ttw_kg, figures.wtw_kg)
    )
    if figures.wtt_kg is not None and figures.ttw_kg is not None and not figures.parts_as_published:
        headline = wtw = wtt + ttw
    if figures.uncertainty is None:
        low = high = np.full(count, np.nan)
    else:
        low, high = bounds(figures.headline_kg, figures.uncertainty)
    notes = np.zeros(count, np.uint16) if figures.notes is None else figures.notes
    return Columns(
        _rounded(great_circle_km, METRES_PER_KM, count) / METRES_PER_KM,
        _rounded(figures.flown_km, METRES_PER_KM, count) / METRES_PER_KM,
        _rounded(figures.fuel_kg, GRAMS_PER_KG, count) / GRAMS_PER_KG,
        headline * people / GRAMS_PER_KG,
        wtt * people / GRAMS_PER_KG,
        ttw * people / GRAMS_PER_KG,
        wtw * people / GRAMS_PER_KG,
        low * people,
        high * people,
        np.zeros(count, np.uint8),
        notes,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Some rows as numbers, arrays of shape (n,); see `estimate_many`."""

    origin: Indices
    destination: Indices
    distance_km: Floats
    cabin: Indices
    aircraft: Indices
    travellers: Floats

    def part(self, rows: Indices) -> _Rows:
        return _Rows(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """What is the same for all rows."""

    method_id: str
    module: Method
    info: MethodInfo
    data: Dataset
    overrides: Overrides | None
    known_aircraft: Indices
    mix_fault: int = field(default=0)

    def figures(self, legs: LegBatch) -> Figures:
        return self.module.compute(self.method_id, legs, self.data, self.overrides)


def _call(method_id: str, dataset: str | None, overrides: Overrides | None) -> _Call:
    module, info = find_method(method_id)
    data = open_dataset(dataset)
    if overrides is not None and overrides.great_circle_km is not None:
        rule = "absent; distances of rows go into distance_km"
        raise InvalidOverride({"name": "great_circle_km", "rule": rule, "given": "given"})
    known = codes.of_method(method_id, data)
    return _Call(
        method_id,
        module,
        info,
        data,
        overrides,
        known,
        _mix_fault(module, method_id, data, overrides),
    )


def _mix_fault(module: Method, method_id: str, data: Dataset, overrides: Overrides | None) -> int:
    """Return the fault of every row without an aircraft, by asking the method about one."""
    zero, nowhere = np.zeros(1, dtype=np.intp), np.array(["FR"])
    leg = LegBatch(np.array([MOST_KM]), zero, zero, (None,), nowhere, nowhere)
    try:
        module.compute(method_id, leg, data, overrides)
    except FlightError as error:
        return _NUMBER[error.code, "aircraft"]
    return 0


def _faults(rows: _Rows, aircraft: Indices, call: _Call) -> NDArray[np.uint8]:
    """Return the first fault of each row."""
    people, given = np.abs(rows.travellers), ~np.isnan(rows.distance_km)
    a, b, km = rows.origin, rows.destination, rows.distance_km
    main = codes.places(call.data).main
    absent_a, absent_b = a == codes.MISSING, b == codes.MISSING
    nowhere = absent_a & absent_b
    unmeasured = ~(given & nowhere)
    checks: Iterable[tuple[str, str, NDArray[np.bool_]]] = (
        (
            "travellers_out_of_range",
            "travellers",
            ~((people >= 1) & (people <= MOST_TRAVELLERS) & (np.trunc(people) == people)),
        ),
        ("route_missing", "origin", absent_a & unmeasured),
        ("route_missing", "destination", absent_b & unmeasured),
        ("unknown_place", "origin", a == codes.UNKNOWN),
        ("unknown_place", "destination", b == codes.UNKNOWN),
        ("same_place", "destination", (main[a] == main[b]) & (a >= 0)),
        ("unknown_aircraft", "aircraft", aircraft < 0),
        ("distance_out_of_range", "distance_km", given & ~((km >= LEAST_KM) & (km <= MOST_KM))),
        ("unknown_cabin", "cabin", (rows.cabin < 0) | (rows.cabin >= len(CABINS))),
        (FAULTS[call.mix_fault].code, "aircraft", (aircraft == 0) & (call.mix_fault > 0)),
    )
    fault = np.zeros(len(a), dtype=np.uint8)
    for code, column, bad in checks:
        if bad.any():
            fault[bad & (fault == 0)] = _NUMBER[code, column]
    return fault


def fleet_of(
    numbers: Indices, known: Sequence[Aircraft | None]
) -> tuple[tuple[Aircraft | None, ...], Indices]:
    """Return the aircraft that occur among numbers, and the place of each number's among them."""
    used = np.flatnonzero(np.bincount(numbers, minlength=len(known)))
    place = np.zeros(len(known), dtype=np.intp)
    place[used] = np.arange(len(used))
    return tuple(known[number] for number in used.tolist()), place[numbers]


def legs_of(
    route: tuple[Indices, Indices],
    distance_km: Floats,
    cabin: Indices,
    flown: tuple[tuple[Aircraft | None, ...], Indices],
    *,
    people: Floats,
    data: Dataset,
) -> LegBatch:
    """Return legs as a method takes them.

    Parameters
    ----------
    route : tuple of ndarray of int, shape (n,)
        Numbers of the places, by ``codes.place_numbers``.
    distance_km : ndarray, shape (n,)
        Great-circle distances in place of the computed ones [km]; NaN where none is given.
    cabin : ndarray of int, shape (n,)
        Index into ``seats.CABINS``.
    flown : tuple
        The aircraft that occur, and the place of each leg's among them, shape (n,).
    people : ndarray, shape (n,)
        Travellers of each leg.
    data : Dataset
        The data set.
    """
    places = codes.places(data)
    km, given = places.between_km(*route), ~np.isnan(distance_km)
    if given.any():
        km = np.where(given, distance_km, km)
    # What is MISSING leads to the last entry, that of no place.
    a, b = (np.maximum(ends, codes.UNKNOWN) for ends in route)
    start, end = places.country[a], places.country[b]
    factors = None
    if data.pairs is not None:
        airports = (places.main_code[a].tolist(), places.main_code[b].tolist())
        factors = data.pairs.factors(*airports, start.tolist(), end.tolist())
    fleet, number = flown
    return LegBatch(km, cabin, number, fleet, start, end, people, factors)


def _answer(rows: _Rows, call: _Call, out: Columns, part: slice) -> None:
    """Write the answer of some rows into their part of the columns."""
    aircraft = _looked_up(call.known_aircraft, rows.aircraft)
    fault = out.fault[part] = _faults(rows, aircraft, call)
    where: slice | Indices = part
    if fault.any():
        fine = np.flatnonzero(fault == 0)
        rows, aircraft, where = rows.part(fine), aircraft[fine], fine + part.start
    if not len(rows.cabin):
        return
    legs = legs_of(
        (rows.origin, rows.destination),
        rows.distance_km,
        rows.cabin,
        fleet_of(aircraft, codes.aircraft(call.data)),
        people=np.abs(rows.travellers),
        data=call.data,
    )
    done = settle(call.figures(legs), legs.great_circle_km, rows.travellers)
    for column in fields(Columns):
        if column.name != "fault":
            getattr(out, column.name)[where] = getattr(done, column.name)


def _looked_up(known: Indices, numbers: Indices) -> Indices:
    """Return the method's number of each aircraft, `UNKNOWN` for what is no number of one."""
    return np.where(_inside(numbers, len(known)), known.take(numbers, mode="clip"), codes.UNKNOWN)


def _inside(numbers: Indices, count: int) -> NDArray[np.bool_]:
    return (numbers >= 0) & (numbers < count)


def _places(numbers: Indices, data: Dataset) -> Indices:
    """Return numbers of places, `UNKNOWN` for what is no number of one."""
    count = len(codes.places(data).known)
    return np.where(_inside(numbers, count) | (numbers == codes.MISSING), numbers, codes.UNKNOWN)


def estimate_many(
    *,
    origin: Texts | Indices | None = None,
    destination: Texts | Indices | None = None,
    distance_km: Sequence[float] | Floats | None = None,
    cabin: Texts | Indices | str = "economy",
    aircraft: Texts | Indices | str | None = None,
    travellers: Sequence[int] | NDArray[np.int_] | Floats | int = 1,
    method: str = DEFAULT,
    dataset: str | None = None,
    overrides: Overrides | None = None,
) -> Columns:
    """Return what each row emits.

    Parameters
    ----------
    origin, destination : sequence or ndarray of str, shape (n,), optional
        IATA codes of airports or cities, or their numbers by ``codes.place_numbers``. Both may be
        absent, as a whole or in a row, where a distance is given.
    distance_km : array of float, shape (n,), optional
        Great-circle distance in place of the computed one [km], 1 to 20,000; NaN where none is
        given.
    cabin : str, or sequence or ndarray of str, shape (n,)
        One cabin for all rows, or words, or numbers by ``codes.cabin_numbers``; nothing is
        economy.
    aircraft : str, or sequence or ndarray of str, shape (n,), optional
        One type for all rows, or IATA or ICAO type codes, or numbers by
        ``codes.aircraft_numbers``; nothing, or "mix", is the fleet mix.
    travellers : int, or array of int, shape (n,)
        People on the row, 1 to 9,999; below zero for a refund, which subtracts.
    method : str
        One of ``methods.METHOD_IDS``.
    dataset : str, optional
        Id of a data set; the latest when absent.
    overrides : Overrides, optional
        Values that replace defaults in all rows; its distances must be absent.

    Returns
    -------
    Columns
        Figures, faults and notes, each of shape (n,).

    Raises
    ------
    UnknownMethod, UnknownDataset, InvalidOverride
        About the call as a whole. No row raises.
    ColumnsDiffer
        When columns differ in length (names them), or none is given.
    """
    call = _call(method, dataset, overrides)
    data = call.data
    count = _length(
        {
            "origin": origin,
            "destination": destination,
            "distance_km": distance_km,
            "cabin": cabin,
            "aircraft": aircraft,
            "travellers": travellers,
        }
    )

    def place(texts: Texts) -> Indices:
        return codes.place_numbers(texts, data)

    def flown(texts: Texts) -> Indices:
        return codes.aircraft_numbers(texts, data)

    out = _empty(count)
    for start in range(0, count, CHUNK):
        part = slice(start, min(start + CHUNK, count))
        size = part.stop - start
        rows = _Rows(
            _places(_numbers(origin, part, size, codes.MISSING, place), data),
            _places(_numbers(destination, part, size, codes.MISSING, place), data),
            _column(np.nan if distance_km is None else distance_km, part, size),
            _numbers(cabin, part, size, 0, codes.cabin_numbers),
            _numbers(aircraft, part, size, 0, flown),
            _column(travellers, part, size),
        )
        _answer(rows, call, out, part)
    return out


def _length(given: Mapping[str, object]) -> int:
    """Return the length that all columns have.

    Raises
    ------
    ColumnsDiffer
        When they have several, or there is none.
    """
    lengths = {
        name: len(column)
        for name, column in given.items()
        if isinstance(column, Sized) and not isinstance(column, str) and np.ndim(column)  # type: ignore[arg-type]  # anything with a length
    }
    if len(set(lengths.values())) != 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ColumnsDiffer({"lengths": listed or "no column"})
    return next(iter(lengths.values()))


def _column(values: Sequence[float] | NDArray[np.number] | float, part: slice, size: int) -> Floats:
    if np.ndim(values) == 0:
        return np.full(size, float(values))  # type: ignore[arg-type]  # one number
    column: Floats = np.asarray(values[part], dtype=np.float64)  # type: ignore[index]  # a column
    return column


def _numbers(
    values: Texts | Indices | str | None,
    part: slice,
    size: int,
    default: int,
    encode: Callable[[Texts], Indices],
) -> Indices:
    if values is None:
        return np.full(size, default, dtype=np.intp)
    if isinstance(values, str):
        return np.repeat(encode([values]), size)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return np.asarray(values[part], dtype=np.intp)
    return encode(values[part])  # type: ignore[arg-type]  # whole numbers were told apart above


_TICKS: Final = 2.0**32
"""Steps in a kilogram that bounds are added in, as whole numbers: a quarter of a microgram."""

_SUMS: Final = {
    "great_circle_km": ("great_circle_km", METRES_PER_KM),
    "flown_km": ("flown_km", METRES_PER_KM),
    "fuel_kg": ("fuel_kg", GRAMS_PER_KG),
    "co2e_kg": ("co2e_kg", GRAMS_PER_KG),
    "low_kg": ("exact_low_kg", _TICKS),
    "high_kg": ("exact_high_kg", _TICKS),
}


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """What each trip emits: the sums of its rows, arrays of shape (m,).

    A figure is NaN where a row has a fault or its method does not give it: a sum that leaves a leg
    out would be too small without saying so. Sums are kept as whole metres and grams, and bounds
    as whole steps far below a gram, so that neither the order of rows nor where a file is cut can
    change a bit; two parts of a file are put together by ``+``.

    Attributes
    ----------
    sums, gaps : dict of str to ndarray of int64
        By figure, the sum in whole steps, and how many rows give none.
    legs, faults : ndarray of int64
        Rows of the trip, and how many of them have a fault.
    """

    sums: dict[str, NDArray[np.int64]]
    gaps: dict[str, NDArray[np.int64]]
    legs: NDArray[np.int64]
    faults: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.legs)

    def __add__(self, other: Trips) -> Trips:
        """Return the trips with the rows of both; trip i of one is trip i of the other."""
        return Trips(
            {name: _added(self.sums[name], other.sums[name]) for name in _SUMS},
            {name: _added(self.gaps[name], other.gaps[name]) for name in _SUMS},
            _added(self.legs, other.legs),
            _added(self.faults, other.faults),
        )

    def _figure(self, name: str) -> Floats:
        total = self.sums[name].astype(np.float64)
        steps = _SUMS[name][1]
        if steps == _TICKS:
            total, steps = np.rint(total * (GRAMS_PER_KG / _TICKS)), GRAMS_PER_KG
        return np.where(self.gaps[name] == 0, total / steps, np.nan)

    @property
    def great_circle_km(self) -> Floats:
        """Length of all legs [km], shape (m,)."""
        return self._figure("great_circle_km")

    @property
    def flown_km(self) -> Floats:
        """Distance flown [km], shape (m,)."""
        return self._figure("flown_km")

    @property
    def fuel_kg(self) -> Floats:
        """Fuel of the aircraft of all legs [kg], shape (m,)."""
        return self._figure("fuel_kg")

    @property
    def co2e_kg(self) -> Floats:
        """The method's figure for all travellers [kg CO2e], shape (m,)."""
        return self._figure("co2e_kg")

    @property
    def low_kg(self) -> Floats:
        """Low end of the range [kg CO2e], shape (m,): within a trip lows add."""
        return self._figure("low_kg")

    @property
    def high_kg(self) -> Floats:
        """High end of the range [kg CO2e], shape (m,): within a trip highs add."""
        return self._figure("high_kg")


def _added(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total


def trips(columns: Columns, trip_index: Indices, count: int | None = None) -> Trips:
    """Return the sums of rows by trip.

    Parameters
    ----------
    columns : Columns
        The rows.
    trip_index : ndarray of int, shape (n,)
        The trip of each row, numbered from 0.
    count : int, optional
        Number of trips; one more than the largest index when absent.
    """
    size = (int(trip_index.max()) + 1 if len(trip_index) else 0) if count is None else count
    sums, gaps = {}, {}
    for name, (column, steps) in _SUMS.items():
        values = getattr(columns, column)
        known = ~np.isnan(values)
        sums[name] = np.zeros(size, dtype=np.int64)
        whole = np.rint(values[known] * steps).astype(np.int64)
        np.add.at(sums[name], trip_index[known], whole)
        gaps[name] = np.bincount(trip_index[~known], minlength=size)
    legs = np.bincount(trip_index, minlength=size)
    return Trips(sums, gaps, legs, np.bincount(trip_index[columns.fault != 0], minlength=size))
