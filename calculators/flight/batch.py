"""What do a million flights emit, row by row and trip by trip?

A row is one directed leg for its travellers. Columns go in, columns of the same length come out;
a row that cannot be answered carries the number of its fault and no figure, and never stops the
others. A single estimate is a batch of one: :mod:`calculators.flight.itinerary` calls the same
functions.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import (
    DistanceOutOfRange,
    FlightError,
    InvalidOverride,
    PlacesNeeded,
    RouteMissing,
    SamePlace,
    TravellersOutOfRange,
    UnknownAircraft,
    UnknownCabin,
    UnknownPlace,
)
from calculators.flight import codes
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.distance import haversine_km
from calculators.flight.methods import DEFAULT
from calculators.flight.methods import method as find_method
from calculators.flight.methods.figures import Figures, LegBatch
from calculators.uncertainty import Z90

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from calculators.flight.codes import Indices, Texts
    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

    Floats = NDArray[np.float64]

LEAST_KM: Final = 1.0
MOST_KM: Final = 20_000.0
"""A distance given in place of a route lies between these, both included [km]."""

MOST_TRAVELLERS: Final = 9_999
"""Most travellers of one row, and most of them given back by a refund."""

CHUNK: Final = 65_536
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
            (PlacesNeeded, "origin"),
            (InvalidOverride, "aircraft"),
        )
    ),
)
"""What each number in `Columns.fault` stands for; 0 is a row that is fine. In the order in which
a row is looked at: the first fault is the one that is told."""

_NUMBER: Final = {(fault.code, fault.column): number for number, fault in enumerate(FAULTS)}

NOTES: Final = (
    "aircraft_unknown",
    "seating_assumed",
    "aircraft_fallback",
    "winglet_factor",
    "beyond_fuel_table",
    "cabin_not_published",
    "region_pair_missing",
)
"""What a reader should be told; bit i of `Columns.notes` stands for the i-th of them."""


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
    low_kg, high_kg : ndarray of float
        Range of `co2e_kg`. On a refund both carry its sign, so that a refund takes away exactly
        what the booking added: there `high_kg` is the smaller number.
    fault : ndarray of uint8
        Index into `FAULTS`.
    notes : ndarray of uint16
        Bits, see `NOTES`.
    """

    great_circle_km: Floats
    flown_km: Floats
    fuel_kg: Floats
    co2e_kg: Floats
    wtt_kg: Floats
    ttw_kg: Floats
    wtw_kg: Floats
    low_kg: Floats
    high_kg: Floats
    fault: NDArray[np.uint8]
    notes: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.fault)

    def notes_of(self, row: int) -> tuple[str, ...]:
        """Return the codes of what to tell about one row."""
        bits = int(self.notes[row])
        return tuple(note for number, note in enumerate(NOTES) if bits >> number & 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows as numbers, arrays of shape (n,); see `estimate_many`."""

    origin: Indices
    destination: Indices
    distance_km: Floats
    cabin: Indices
    aircraft: Indices
    travellers: Floats

    def part(self, rows: slice) -> _Rows:
        return _Rows(*(getattr(self, field.name)[rows] for field in fields(self)))


def _empty(count: int) -> Columns:
    figures = [np.full(count, np.nan) for _ in range(9)]
    return Columns(*figures, np.zeros(count, np.uint8), np.zeros(count, np.uint16))


def _faults(rows: _Rows, main: Indices) -> NDArray[np.uint8]:
    """Return the first fault of each row that needs no computing to be seen."""
    count, given = np.abs(rows.travellers), ~np.isnan(rows.distance_km)
    a, b = rows.origin, rows.destination
    absent_a, absent_b = a == codes.MISSING, b == codes.MISSING
    alone = given & absent_a & absent_b
    checks = (
        ("travellers_out_of_range", "travellers"),
        ("route_missing", "origin"),
        ("route_missing", "destination"),
        ("unknown_place", "origin"),
        ("unknown_place", "destination"),
        ("same_place", "destination"),
        ("unknown_aircraft", "aircraft"),
        ("distance_out_of_range", "distance_km"),
        ("unknown_cabin", "cabin"),
    )
    bad = (
        ~((count >= 1) & (count <= MOST_TRAVELLERS) & (np.trunc(count) == count)),
        absent_a & ~alone,
        absent_b & ~alone,
        a == codes.UNKNOWN,
        b == codes.UNKNOWN,
        (main[a] == main[b]) & (a >= 0) & (b >= 0),
        rows.aircraft < 0,
        given & ~((rows.distance_km >= LEAST_KM) & (rows.distance_km <= MOST_KM)),
        rows.cabin < 0,
    )
    return np.select(bad, [_NUMBER[check] for check in checks], 0).astype(np.uint8)


def _legs(rows: _Rows, data: Dataset) -> LegBatch:
    """Return rows without a fault as a method takes them."""
    known = codes.places(data)
    points = np.array([(place.latitude, place.longitude) for place in known] + [(0.0, 0.0)])
    country = np.array([place.country for place in known] + [""])
    a, b = np.maximum(rows.origin, -1), np.maximum(rows.destination, -1)
    km = haversine_km(points[a], points[b])
    km = np.where(np.isnan(rows.distance_km), km, rows.distance_km)
    used, aircraft = np.unique(rows.aircraft, return_inverse=True)
    fleet = tuple(codes.aircraft(data)[number] for number in used)
    return LegBatch(km, rows.cabin, aircraft, fleet, country[a], country[b])


def _grams(kg: Floats | None, count: int) -> Floats:
    return np.full(count, np.nan) if kg is None else np.rint(kg * 1000)


def _chunk(
    rows: _Rows, method_id: str, data: Dataset, overrides: Overrides | None, main: Indices
) -> Columns:
    out = _empty(len(rows.cabin))
    out.fault[:] = _faults(rows, main)
    fine = np.flatnonzero(out.fault == 0)
    legs = _legs(rows.part(fine), data)  # type: ignore[arg-type]
    figures: Figures = find_method(method_id)[0].compute(method_id, legs, data, overrides)
    n, people = len(fine), rows.travellers[fine]
    headline = _grams(figures.headline_kg, n)
    wtt, ttw, wtw = (_grams(p, n) for p in (figures.wtt_kg, figures.ttw_kg, figures.wtw_kg))
    if figures.wtt_kg is not None and figures.ttw_kg is not None and not figures.parts_as_published:
        headline = wtw = wtt + ttw
    u = np.full(n, np.nan) if figures.uncertainty is None else Z90 * figures.uncertainty
    low = np.rint(np.maximum(figures.headline_kg * (1 - u), 0.0) * 1000)
    high = np.rint(figures.headline_kg * (1 + u) * 1000)
    out.great_circle_km[fine] = np.rint(legs.great_circle_km * 1000) / 1000
    out.flown_km[fine] = _grams(figures.flown_km, n) / 1000
    out.fuel_kg[fine] = _grams(figures.fuel_kg, n) / 1000
    for column, grams in (
        (out.co2e_kg, headline),
        (out.wtt_kg, wtt),
        (out.ttw_kg, ttw),
        (out.wtw_kg, wtw),
        (out.low_kg, low),
        (out.high_kg, high),
    ):
        column[fine] = grams * people / 1000
    return out


def _column(values: object, count: int, default: float) -> NDArray[np.float64]:
    if values is None:
        return np.full(count, default)
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (count,))


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
    ValueError
        When columns differ in length.
    """
    find_method(method)
    data = open_dataset(dataset)
    if overrides is not None and overrides.great_circle_km is not None:
        rule = "absent; distances of rows go into distance_km"
        raise InvalidOverride({"name": "great_circle_km", "rule": rule, "given": "given"})
    lengths = {
        len(column)
        for column in (origin, destination, distance_km, cabin, aircraft, travellers)
        if column is not None and not isinstance(column, str | int)
    }
    if len(lengths) != 1:
        raise ValueError(sorted(lengths))
    count = lengths.pop()
    rows = _Rows(
        _numbers(origin, count, codes.MISSING, lambda texts: codes.place_numbers(texts, data)),
        _numbers(destination, count, codes.MISSING, lambda texts: codes.place_numbers(texts, data)),
        _column(distance_km, count, np.nan),
        _numbers(cabin, count, 0, codes.cabin_numbers),
        _numbers(aircraft, count, 0, lambda texts: codes.aircraft_numbers(texts, data)),
        _column(travellers, count, 1.0),
    )
    known = {place.code: number for number, place in enumerate(codes.places(data))}
    main = np.array([known[place.main_airport] for place in codes.places(data)] + [-1, -1])
    out = _empty(count)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        done = _chunk(rows.part(part), method, data, overrides, main)
        for field in fields(Columns):
            getattr(out, field.name)[part] = getattr(done, field.name)
    return out


def _numbers(values: object, count: int, default: int, encode: object) -> Indices:
    if values is None:
        return np.full(count, default, dtype=np.intp)
    if isinstance(values, str):
        return np.broadcast_to(encode([values]), (count,))  # type: ignore[operator]
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return values.astype(np.intp, copy=False)
    return encode(values)  # type: ignore[operator,no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """What each trip emits, arrays of shape (m,): the sums of its legs' rows.

    A figure is NaN where a leg has a fault or its method does not give it: a sum that leaves a leg
    out would be too small without saying so.

    Attributes
    ----------
    great_circle_km, flown_km, fuel_kg, co2e_kg, low_kg, high_kg : ndarray of float
        As in `Columns`; within a trip lows add to the low and highs to the high.
    legs, faults : ndarray of int
        Rows of the trip, and how many of them have a fault.
    """

    great_circle_km: Floats
    flown_km: Floats
    fuel_kg: Floats
    co2e_kg: Floats
    low_kg: Floats
    high_kg: Floats
    legs: Indices
    faults: Indices


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

    Notes
    -----
    Metres and grams are added as whole numbers: the order of rows, and where a file is cut into
    parts, cannot change a sum.
    """
    size = (int(trip_index.max()) + 1 if len(trip_index) else 0) if count is None else count

    def total(column: Floats) -> Floats:
        return np.bincount(trip_index, np.rint(column * 1000), size) / 1000

    return Trips(
        total(columns.great_circle_km),
        total(columns.flown_km),
        total(columns.fuel_kg),
        total(columns.co2e_kg),
        total(columns.low_kg),
        total(columns.high_kg),
        np.bincount(trip_index, minlength=size),
        np.bincount(trip_index, columns.fault != 0, size).astype(np.intp),
    )
