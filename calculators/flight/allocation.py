"""How much of a flight's fuel is the passengers', and how many seats share it?

A longer flight must not emit less. Cargo grows in steps with distance, which could make it so for
a few types around 4,000 km; there the passengers' fuel stays at the largest value of any shorter
distance. Fuel is linear between knots and the cargo share is a ratio of linear functions between
band mid-points, so that this running maximum is exact when it is taken at the knots and mid-points.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from calculators.flight import cargo
from calculators.flight.cargo import hold_bands, hold_lines, mass_fraction
from calculators.flight.fuel import FuelCurve, curves, find_aircraft, fuel_sheet
from calculators.flight.overrides import Overrides
from calculators.flight.seats import default_seats, equivalent_capacity, weights
from calculators.units import KM_PER_NM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.cargo import Lines
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft, FuelSheet
    from calculators.flight.seats import SeatMap


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Everything about one aircraft that does not depend on the distance."""

    aircraft: Aircraft
    curve: FuelCurve
    seats: SeatMap
    weights: tuple[float, float, float, float]
    capacity: float
    load_factor: float
    hold_kg: float
    passengers_kg: float
    cargo_given: float | None
    distance_factor: float
    lto_nm: float
    peaks_km: NDArray[np.float64]
    peaks_kg: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flown:
    """Aircraft over distances: distances of shape (n,), masses of the whole aircraft [kg].

    Masses are of shape (n,), or (a, n) where each of a aircraft flies each distance.
    """

    flown_km: NDArray[np.float64]
    ccd_nm: NDArray[np.float64]
    ccd_kg: NDArray[np.float64]
    fuel_kg: NDArray[np.float64]
    cargo_fraction: NDArray[np.float64]
    passenger_kg: NDArray[np.float64]


def _given_or(value: float | None, default: float) -> float:
    return default if value is None else value


def _curve(aircraft: Aircraft, data: Dataset, overrides: Overrides | None) -> FuelCurve:
    own = curves(data)[aircraft.type.icao]
    if overrides is None or (overrides.fuel_knots is None and overrides.lto_kg is None):
        lto = own.lto_kg * aircraft.fuel_factor
        return FuelCurve(own.source, own.version, lto, own.nm, own.ccd_kg * aircraft.fuel_factor)
    nm, ccd = own.nm, own.ccd_kg * aircraft.fuel_factor
    if overrides.fuel_knots is not None:
        nm = np.array([knot[0] for knot in overrides.fuel_knots], dtype=np.float64)
        ccd = np.array([knot[1] for knot in overrides.fuel_knots], dtype=np.float64)
    lto = _given_or(overrides.lto_kg, own.lto_kg * aircraft.fuel_factor)
    return FuelCurve("GIVEN", "as given", lto, nm, ccd)


@functools.lru_cache(maxsize=512)
def profile(aircraft: Aircraft, data: Dataset, overrides: Overrides | None) -> Profile:
    """Return what is constant about an aircraft, with the peaks of its passengers' fuel."""
    kind = aircraft.type
    curve = _curve(aircraft, data, overrides)
    weight = weights(kind.body, data)
    known = overrides or Overrides()
    seats = known.seats or default_seats(kind, data)
    load_factor = _given_or(known.load_factor, data.value("load_factor"))
    mass = data.value("passenger_mass")
    plain = Profile(
        aircraft,
        curve,
        seats,
        weight,
        equivalent_capacity(seats, weight),
        load_factor,
        max(kind.max_payload_kg - mass * seats.total, 0.0),
        mass * seats.total * load_factor,
        known.cargo_mass_fraction,
        _given_or(known.distance_factor, data.value("distance_factor")),
        data.value("lto_distance"),
        np.array([0.0]),
        np.array([0.0]),
    )
    corners = np.sort(np.concatenate([_knots_km(plain), hold_bands(data)[0]]))
    return replace(
        plain,
        peaks_km=np.concatenate([[0.0], corners]),
        peaks_kg=np.concatenate([[0.0], np.maximum.accumulate(_unraised_kg(plain, corners, data))]),
    )


def _knots_km(plan: Profile) -> NDArray[np.float64]:
    """Return the great-circle distances [km] at which the fuel curve has its knots."""
    return (plan.curve.nm + plan.lto_nm) * KM_PER_NM / plan.distance_factor


def _unraised_kg(
    plan: Profile, great_circle_km: NDArray[np.float64], data: Dataset
) -> NDArray[np.float64]:
    """Return the passengers' fuel [kg] before the running maximum."""
    nm = great_circle_km * plan.distance_factor / KM_PER_NM - plan.lto_nm
    fuel = plan.curve.between(nm) + plan.curve.lto_kg
    if plan.cargo_given is not None:
        return fuel * (1 - plan.cargo_given)
    return fuel * (1 - mass_fraction(great_circle_km, plan.hold_kg, plan.passengers_kg, data))


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Several aircraft over the same cells of great-circle distance, one search for all.

    What it answers for an aircraft does not depend, not even in its last bit, on the aircraft it
    shares the sheet with.

    Attributes
    ----------
    fuel : FuelSheet
        Fuel over cells [km].
    hold : Lines
        Share of the hold that is used, by cell.
    peak_kg : ndarray, shape (a c,)
        Largest passengers' fuel of any distance before the cell [kg].
    hold_kg, passengers_kg : ndarray, shape (a,)
        As in :class:`Profile`.
    cargo_given : float or None
        As in :class:`Profile`; it and what follows are the same for all aircraft.
    distance_factor, lto_nm : float
        As in :class:`Profile`.
    """

    fuel: FuelSheet
    hold: Lines
    peak_kg: NDArray[np.float64]
    hold_kg: NDArray[np.float64]
    passengers_kg: NDArray[np.float64]
    cargo_given: float | None
    distance_factor: float
    lto_nm: float

    def fly(self, number: NDArray[np.intp], great_circle_km: NDArray[np.float64]) -> Flown:
        """Return fuel, cargo share and passengers' fuel.

        Parameters
        ----------
        number : ndarray of int, shape (n,) or (a, 1)
            The aircraft of each distance, or the aircraft to fly over each distance.
        great_circle_km : ndarray, shape (n,)
            Distances [km].

        Returns
        -------
        Flown
            Masses of shape (n,) or (a, n).
        """
        cell = self.fuel.cells(great_circle_km)
        at = number * self.fuel.width + cell
        flown_km = great_circle_km * self.distance_factor
        ccd_nm = flown_km / KM_PER_NM
        ccd_nm -= self.lto_nm
        ccd_kg = self.fuel.ccd_kg(at, ccd_nm)
        fuel_kg = ccd_kg + self.fuel.lto_kg[number]
        if self.cargo_given is None:
            share = great_circle_km - self.hold.x0.take(cell)
            share *= self.hold.slope.take(cell)
            share += self.hold.y0.take(cell)
            held = cargo.fraction(share, self.hold_kg[number], self.passengers_kg[number])
        else:
            held = np.full(at.shape, self.cargo_given)
        carried = fuel_kg * (1 - held)
        return Flown(
            flown_km,
            ccd_nm,
            ccd_kg,
            fuel_kg,
            held,
            np.maximum(carried, self.peak_kg.take(at), out=carried),
        )


@functools.lru_cache(maxsize=512)
def sheet(plans: tuple[Profile, ...], data: Dataset) -> Sheet:
    """Return aircraft as one sheet; all with the same overrides."""
    middle, lines = hold_bands(data)[0], hold_lines(data)
    fuel = fuel_sheet([plan.curve for plan in plans], [_knots_km(plan) for plan in plans], [middle])
    starts = np.concatenate([[0.0], fuel.edges])
    band = np.searchsorted(middle, starts, side="right")
    peaks = [
        plan.peaks_kg[np.searchsorted(plan.peaks_km, starts, side="right") - 1] for plan in plans
    ]
    first = plans[0]
    return Sheet(
        fuel,
        cargo.Lines(lines.x0[band], lines.y0[band], lines.slope[band]),
        np.concatenate(peaks),
        np.array([plan.hold_kg for plan in plans]),
        np.array([plan.passengers_kg for plan in plans]),
        first.cargo_given,
        first.distance_factor,
        first.lto_nm,
    )


def fly_profile(plan: Profile, great_circle_km: NDArray[np.float64], data: Dataset) -> Flown:
    """Return fuel, cargo share and passengers' fuel of one aircraft.

    Parameters
    ----------
    plan : Profile
        The aircraft and what was given about it.
    great_circle_km : ndarray, shape (n,)
        Distances [km].
    data : Dataset
        The data set of the cargo shares.

    Returns
    -------
    Flown
        Arrays of shape (n,).
    """
    return sheet((plan,), data).fly(np.zeros(1, dtype=np.intp), great_circle_km)


@functools.cache
def mix_members(data: Dataset) -> tuple[tuple[Aircraft, ...], tuple[Aircraft, ...]]:
    """Return the short-haul and the long-haul types of the fleet mix."""
    rows = data.rows("mix")
    short, long = (
        tuple(find_aircraft(row["icao"], data) for row in rows if row["haul"] == haul)
        for haul in ("short", "long")
    )
    return short, long


def long_haul_share(great_circle_km: NDArray[np.float64], data: Dataset) -> NDArray[np.float64]:
    """Return the weight of the long-haul types [0-1], shape (n,), rising smoothly."""
    start, end = data.value("mix_short_until"), data.value("mix_long_from")
    x = np.clip((great_circle_km - start) / (end - start), 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The short-haul or long-haul half of the mix, one flight of each type."""

    fuel_kg: NDArray[np.float64]
    passenger_kg: NDArray[np.float64]
    capacity: float
    seats: int
    weights: NDArray[np.float64]
    load_factor: float
    distance_factor: float


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """What is constant about one half of the mix."""

    count: int
    capacity: float
    seats: int
    weights: NDArray[np.float64]
    load_factor: float
    distance_factor: float


@functools.lru_cache(maxsize=64)
def _halves(data: Dataset, overrides: Overrides | None) -> tuple[Sheet, tuple[_Half, _Half]]:
    """Return the sheet of the mix, short-haul types first, and its two halves."""
    plans = [
        [profile(member, data, overrides) for member in members] for members in mix_members(data)
    ]
    short, long = (
        _Half(
            len(half),
            sum(plan.capacity for plan in half),
            sum(plan.seats.total for plan in half),
            np.array(half[0].weights),
            half[0].load_factor,
            half[0].distance_factor,
        )
        for half in plans
    )
    return sheet((*plans[0], *plans[1]), data), (short, long)


def _group(half: _Half, fuel_kg: NDArray[np.float64], passenger_kg: NDArray[np.float64]) -> Group:
    # Added row by row: a sum along an axis may add in another order when there is one column.
    return Group(
        functools.reduce(np.add, fuel_kg) / half.count,
        functools.reduce(np.add, passenger_kg),
        half.capacity,
        half.seats,
        half.weights,
        half.load_factor,
        half.distance_factor,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """The fleet mix over distances, arrays of shape (n,)."""

    short: Group
    long: Group
    share: NDArray[np.float64]
    fuel_kg: NDArray[np.float64]
    cargo_fraction: NDArray[np.float64]

    def seat_fuel_kg(self, cabin: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return fuel per seat of the cabin [kg], shape (n,)."""
        short, long = (
            one.passenger_kg / one.capacity * one.weights[cabin] for one in (self.short, self.long)
        )
        return np.asarray((1 - self.share) * short + self.share * long)


def fly_mix(
    great_circle_km: NDArray[np.float64], data: Dataset, overrides: Overrides | None = None
) -> Mixed:
    """Return fuel and shares of the fleet mix; the weights of its halves move with distance."""
    plan, (short_haul, long_haul) = _halves(data, overrides)
    count = short_haul.count
    flown = plan.fly(np.arange(count + long_haul.count)[:, None], great_circle_km)
    short = _group(short_haul, flown.fuel_kg[:count], flown.passenger_kg[:count])
    long = _group(long_haul, flown.fuel_kg[count:], flown.passenger_kg[count:])
    share = long_haul_share(great_circle_km, data)
    rest = 1 - share
    fuel = rest * short.fuel_kg + share * long.fuel_kg
    carried = rest * short.passenger_kg / count
    carried = carried + share * long.passenger_kg / long_haul.count
    return Mixed(short, long, share, fuel, np.maximum(1 - carried / fuel, 0.0))
