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

from calculators.flight.cargo import hold_bands, mass_fraction
from calculators.flight.fuel import FuelCurve, curves, find_aircraft
from calculators.flight.overrides import Overrides
from calculators.flight.seats import default_seats, equivalent_capacity, weights
from calculators.units import KM_PER_NM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft
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
    """One aircraft over distances, arrays of shape (n,); masses of the whole aircraft [kg]."""

    flown_km: NDArray[np.float64]
    ccd_nm: NDArray[np.float64]
    ccd_kg: NDArray[np.float64]
    lto_kg: float
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
    knots_km = (curve.nm + plain.lto_nm) * KM_PER_NM / plain.distance_factor
    corners = np.sort(np.concatenate([knots_km, hold_bands(data)[0]]))
    peaks = np.maximum.accumulate(fly_profile(plain, corners, data).passenger_kg)
    return replace(
        plain,
        peaks_km=np.concatenate([[0.0], corners]),
        peaks_kg=np.concatenate([[0.0], peaks]),
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
    flown_km = great_circle_km * plan.distance_factor
    ccd_nm = flown_km / KM_PER_NM - plan.lto_nm
    ccd_kg = plan.curve.between(ccd_nm)
    fuel_kg = ccd_kg + plan.curve.lto_kg
    if plan.cargo_given is None:
        cargo = mass_fraction(great_circle_km, plan.hold_kg, plan.passengers_kg, data)
    else:
        cargo = np.full_like(great_circle_km, plan.cargo_given)
    at = np.searchsorted(plan.peaks_km, great_circle_km, side="right") - 1
    passenger_kg = np.maximum(fuel_kg * (1 - cargo), plan.peaks_kg[at])
    return Flown(flown_km, ccd_nm, ccd_kg, plan.curve.lto_kg, fuel_kg, cargo, passenger_kg)


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


def _group(
    members: tuple[Aircraft, ...],
    great_circle_km: NDArray[np.float64],
    data: Dataset,
    overrides: Overrides | None,
) -> Group:
    plans = [profile(member, data, overrides) for member in members]
    flown = [fly_profile(plan, great_circle_km, data) for plan in plans]
    return Group(
        np.sum([one.fuel_kg for one in flown], axis=0) / len(members),
        np.sum([one.passenger_kg for one in flown], axis=0),
        sum(plan.capacity for plan in plans),
        sum(plan.seats.total for plan in plans),
        np.array(plans[0].weights),
        plans[0].load_factor,
        plans[0].distance_factor,
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
    halves = mix_members(data)
    short, long = (_group(half, great_circle_km, data, overrides) for half in halves)
    share = long_haul_share(great_circle_km, data)
    fuel = (1 - share) * short.fuel_kg + share * long.fuel_kg
    carried = (1 - share) * short.passenger_kg / len(halves[0])
    carried = carried + share * long.passenger_kg / len(halves[1])
    return Mixed(short, long, share, fuel, np.maximum(1 - carried / fuel, 0.0))
