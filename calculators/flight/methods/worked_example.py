"""How does the printed example of the Travel Impact Model round at each of its steps?

Source: Travel Impact Model 3.0.0, worked example ZRH-SFO (Google, CC BY 4.0). It rounds half up in
decimal: distances to whole nautical miles, fuel and emissions of the flight to kilograms, figures
per seat and per passenger to grams.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from calculators.flight.methods.numbers import step
from calculators.units import KM_PER_NM, half_up

if TYPE_CHECKING:
    from calculators.sources import Step

Three = tuple[Decimal, Decimal, Decimal]
"""Well-to-tank, tank-to-wake, well-to-wake [kg CO2e]."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the example starts from; units as in :class:`Overrides`."""

    knots: tuple[tuple[float, float], ...]
    lto_kg: float
    seats: tuple[int, int, int, int]
    weights: tuple[float, float, float, float]
    load_factor: float
    cargo_mass_fraction: float
    distance_factor: float
    lto_nm: float
    wtt_factor: float
    ttw_factor: float


@dataclass(frozen=True, slots=True)
class CabinFigures:
    """One cabin, per available seat and per passenger."""

    seat: Three
    passenger: Three


@dataclass(frozen=True, slots=True)
class Chain:
    """Every number of the example, in its order."""

    great_circle_nm: Decimal
    flown_nm: Decimal
    ccd_nm: Decimal
    ccd_kg: Decimal
    lto_kg: Decimal
    fuel_kg: Decimal
    flight: Three
    cargo: Three
    passengers: Three
    capacity: Decimal
    cabins: tuple[CabinFigures, ...]


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


def interpolate(knots: tuple[tuple[float, float], ...], nm: Decimal) -> Decimal:
    """Return climb-cruise-descent fuel [kg], linear between and beyond the knots."""
    pairs = list(itertools.pairwise(knots))
    (x0, y0), (x1, y1) = next((p for p in pairs if nm <= _exact(p[1][0])), pairs[-1])
    slope = (_exact(y1) - _exact(y0)) / (_exact(x1) - _exact(x0))
    return _exact(y0) + slope * (nm - _exact(x0))


def chain(great_circle_km: float, given: Inputs) -> Chain:
    """Return the example's chain for a distance [km]."""
    gcd = half_up(_exact(great_circle_km) / _exact(KM_PER_NM), 1)
    flown = half_up(gcd * _exact(given.distance_factor), 3)
    ccd_nm = half_up(flown - _exact(given.lto_nm))
    ccd_kg = half_up(interpolate(given.knots, ccd_nm))
    return from_fuel((gcd, flown, ccd_nm, ccd_kg), given)


def from_fuel(begun: tuple[Decimal, Decimal, Decimal, Decimal], given: Inputs) -> Chain:
    """Return the chain from its distances [NM] and climb-cruise-descent fuel [kg] onwards."""
    lto = half_up(_exact(given.lto_kg))
    fuel = begun[3] + lto
    wtt, ttw = _exact(given.wtt_factor), _exact(given.ttw_factor)
    flight = (half_up(fuel * wtt), half_up(fuel * ttw), half_up(fuel * (wtt + ttw)))
    share = _exact(given.cargo_mass_fraction)
    cargo = (half_up(flight[0] * share), half_up(flight[1] * share), half_up(flight[2] * share))
    passengers = (flight[0] - cargo[0], flight[1] - cargo[1], flight[2] - cargo[2])
    capacity = sum(
        (count * _exact(w) for count, w in zip(given.seats, given.weights, strict=True)),
        Decimal(0),
    )
    economy = (half_up(passengers[0] / capacity, 3), half_up(passengers[1] / capacity, 3))
    cabins = tuple(_cabin(economy, _exact(w), _exact(given.load_factor)) for w in given.weights)
    return Chain(*begun, lto, fuel, flight, cargo, passengers, capacity, cabins)


def _cabin(economy: tuple[Decimal, Decimal], weight: Decimal, taken: Decimal) -> CabinFigures:
    wtt, ttw = half_up(economy[0] * weight, 3), half_up(economy[1] * weight, 3)
    seat = (wtt, ttw, wtt + ttw)
    passenger = (half_up(wtt / taken, 3), half_up(ttw / taken, 3), half_up((wtt + ttw) / taken, 3))
    return CabinFigures(seat, passenger)


def steps(done: Chain, cabin: int) -> tuple[Step, ...]:
    """Return the chain as lines of arithmetic for one cabin."""
    figures = done.cabins[cabin]
    rows = (
        ("great_circle", "d ÷ 1.852", done.great_circle_nm, "NM"),
        ("flown", "NM × DAF", done.flown_nm, "NM"),
        ("ccd_distance", "flown − 17", done.ccd_nm, "NM"),
        ("ccd_fuel", "table(NM)", done.ccd_kg, "kg"),
        ("fuel", "CCD + LTO", done.fuel_kg, "kg"),
        ("flight", "fuel × (WTT + TTW)", done.flight[2], "kg CO2e"),
        ("cargo", "flight × CMF", done.cargo[2], "kg CO2e"),
        ("passengers", "flight − cargo", done.passengers[2], "kg CO2e"),
        ("capacity", "Σ seats × weight", done.capacity, "economy seats"),
        ("seat", "passengers ÷ capacity × weight", figures.seat[2], "kg CO2e"),
        ("wtt", "seat WTT ÷ load factor", figures.passenger[0], "kg CO2e"),
        ("ttw", "seat TTW ÷ load factor", figures.passenger[1], "kg CO2e"),
        ("wtw", "seat WTW ÷ load factor", figures.passenger[2], "kg CO2e"),
    )
    return tuple(
        step(name, formula, f"{value}", float(value), unit) for name, formula, value, unit in rows
    )
