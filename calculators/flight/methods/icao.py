"""What does a flight emit by a formula in the style of ICAO's calculator, on our own fuel table?

CO2 = 3.16 × fuel × passenger share ÷ (seats × load factor), tank-to-wake CO2 only. The distance is
the great circle and 50 km (below 550 km), 100 km, or 125 km (above 5,500 km); load factor and
passenger share depend on the two regions; cabins above economy count twice beyond 3,000 km. The
formula is ICAO's published one; fuel, seats and regional values are not ICAO's own tables, so the
figure is not that of its calculator.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.allocation import long_haul_share, mix_members
from calculators.flight.fuel import curves, fuel_sheet
from calculators.flight.methods.account import Account, Detail, Term, cited
from calculators.flight.methods.figures import (
    Explanation,
    Figures,
    LegBatch,
    MethodInfo,
    by_kind,
    note_bits,
)
from calculators.flight.methods.goclimate import with_detour
from calculators.flight.methods.numbers import show, step
from calculators.units import KM_PER_NM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft, FuelSheet
    from calculators.flight.methods.figures import Answers
    from calculators.flight.overrides import Overrides

PREMIUM_FROM_KM: Final = 3000.0
PREMIUM_FACTOR: Final = 2.0

_MISSING: Final = ("region_pair_missing",)
_LETTERS: Final = 32  # letters of the alphabet keep apart when divided by it

INFOS: Final = (
    MethodInfo(
        id="icao-style",
        version="10",
        name="ICAO-style formula, own fuel table",
        year=2018,
        scope="CO2 of combustion only (tank-to-wake), per passenger",
        non_co2="not estimated",
        rounding="1 g, halves to even",
        licence="formula and facts; regional values MIT",
        source="ICAO Carbon Emissions Calculator Methodology; ICCT 2018 regional values",
        url="https://www.icao.int/environmental-protection/Carbonoffset",
        note="Not ICAO's calculator: own fuel and seats. Steps at 550, 3,000 and 5,500 km; "
        "the factor of premium cabins is unverified.",
        boundary="TTW",
        jumps_km=(550.0, PREMIUM_FROM_KM, 5500.0),
        needs_places=True,
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Loads:
    """Load factor and passenger share of each leg, and whether the pair of regions is missing."""

    load_factor: NDArray[np.float64]
    passenger_share: NDArray[np.float64]
    missing: NDArray[np.bool_]


@functools.cache
def _regions(data: Dataset) -> dict[str, str]:
    return {row["country"]: row["region"] for row in data.rows("icao_regions")}


@functools.cache
def _pairs(data: Dataset) -> dict[tuple[str, str], tuple[float, float]]:
    return {
        (row["origin"], row["destination"]): (
            float(row["load_factor"]),
            float(row["passenger_share"]),
        )
        for row in data.rows("icao_loads")
    }


@functools.cache
def _pair(data: Dataset, origin: str, destination: str) -> tuple[float, float, bool]:
    """Return load factor, passenger share, and whether both are the mean of the two regions."""
    table, region = _pairs(data), _regions(data)
    a, b = region[origin], region[destination]
    for key in ((a, b), (b, a)):
        if key in table:
            return *table[key], False
    (taken_a, share_a), (taken_b, share_b) = table[a, a], table[b, b]
    return (taken_a + taken_b) / 2, (share_a + share_b) / 2, True


@functools.cache
def _load_tables(data: Dataset) -> tuple[NDArray[np.intp], _Loads]:
    """Return the region of each pair of letters, and the loads of each pair of regions."""
    regions = _regions(data)
    names = sorted(set(regions.values()))
    of_country = np.zeros(_LETTERS**2, dtype=np.intp)
    for country, region in regions.items():
        of_country[_letters(np.array([country]))] = names.index(region)
    one = {region: country for country, region in regions.items()}
    taken, share, missing = zip(
        *(_pair(data, one[a], one[b]) for a in names for b in names), strict=True
    )
    return of_country, _Loads(np.array(taken), np.array(share), np.array(missing))


def _letters(countries: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return a number for each two-letter code, shape (n,)."""
    units = np.ascontiguousarray(countries, dtype="U2").view(np.uint32).reshape(-1, 2)
    return np.asarray(units[:, 0].astype(np.intp) % _LETTERS * _LETTERS + units[:, 1] % _LETTERS)


def _loads(legs: LegBatch, data: Dataset) -> _Loads:
    of_country, table = _load_tables(data)
    count = math.isqrt(len(table.missing))
    at = of_country[_letters(legs.origin_country)] * count
    at += of_country[_letters(legs.destination_country)]
    return _Loads(table.load_factor[at], table.passenger_share[at], table.missing[at])


@dataclass(frozen=True, slots=True, eq=False)
class _Types:
    """Fuel and seats of several aircraft, arrays of shape (a,) but the sheet."""

    sheet: FuelSheet
    fuel_factor: NDArray[np.float64]
    seats: NDArray[np.float64]

    def flights_kg(
        self, number: NDArray[np.intp], km: NDArray[np.float64], data: Dataset
    ) -> NDArray[np.float64]:
        """Return fuel of flights [kg] over the detour distance, of shape (n,) or (a, n)."""
        nm = with_detour(km) / KM_PER_NM - data.value("lto_distance")
        ccd = self.sheet.ccd_kg(number * self.sheet.width + self.sheet.cells(nm), nm)
        return (ccd + self.sheet.lto_kg[number]) * self.fuel_factor[number]


@functools.lru_cache(maxsize=64)
def _types(fleet: tuple[Aircraft | None, ...], data: Dataset) -> _Types:
    """Return the aircraft of a batch; the fleet mix keeps its place, so that numbers stay true."""
    named = next(one for one in fleet if one is not None)
    known = [one or named for one in fleet]
    own = [curves(data)[one.type.icao] for one in known]
    return _Types(
        fuel_sheet(own, [curve.nm for curve in own]),
        np.array([one.fuel_factor for one in known]),
        np.array([float(one.type.seats) for one in known]),
    )


def _named_fuel(legs: LegBatch, data: Dataset) -> Answers:
    fleet = _types(legs.fleet, data)
    fuel = fleet.flights_kg(legs.aircraft, legs.great_circle_km, data)
    return fuel, fuel / fleet.seats[legs.aircraft]


def _mix_fuel(legs: LegBatch, data: Dataset) -> Answers:
    members = mix_members(data)
    fleet, count = _types((*members[0], *members[1]), data), len(members[0])
    every = np.arange(len(fleet.seats))[:, None]
    flights = fleet.flights_kg(every, legs.great_circle_km, data)
    # Added row by row: a sum along an axis may add in another order when there is one column.
    short, long = (functools.reduce(np.add, half) for half in (flights[:count], flights[count:]))
    share = long_haul_share(legs.great_circle_km, data)
    return (
        (1 - share) * (short / count) + share * (long / (len(every) - count)),
        (1 - share) * (short / fleet.seats[:count].sum())
        + share * (long / fleet.seats[count:].sum()),
    )


def _fuel(legs: LegBatch, data: Dataset) -> Answers:
    """Return fuel of the flight and fuel per seat [kg], shape (n,)."""
    rules = (functools.partial(rule, data=data) for rule in (_mix_fuel, _named_fuel))
    return by_kind(legs, *rules)


def _one(legs: LegBatch, index: int, data: Dataset) -> tuple[float, float]:
    """Return fuel of the flight and fuel per seat of one leg [kg]."""
    fuel, seat = _fuel(legs.part(np.array([index])), data)
    return float(fuel[0]), float(seat[0])


def _cabin_factor(legs: LegBatch) -> NDArray[np.float64]:
    premium = (legs.cabin > 0) & (legs.great_circle_km > PREMIUM_FROM_KM)
    return np.where(premium, PREMIUM_FACTOR, 1.0)


def compute(
    method_id: str,  # noqa: ARG001 - one signature for all methods
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001
) -> Figures:
    """Return the figures of every leg; see :class:`Method`."""
    fuel, seat = _fuel(legs, data)
    loads = _loads(legs, data)
    co2 = data.value("co2_per_fuel") * seat * loads.passenger_share / loads.load_factor
    co2 = co2 * _cabin_factor(legs)
    return Figures(
        co2,
        ttw_kg=co2,
        flown_km=with_detour(legs.great_circle_km),
        fuel_kg=fuel,
        notes=loads.missing * np.uint16(note_bits(_MISSING)),
    )


def explain(
    method_id: str,  # noqa: ARG001
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    km = legs.great_circle_km[index : index + 1]
    aircraft = legs.fleet[legs.aircraft[index]]
    fuel, seat = _one(legs, index, data)
    burnt = curves(data)[aircraft.type.icao].source_id if aircraft else "ps"
    loads = _loads(legs, data)
    taken, share = float(loads.load_factor[index]), float(loads.passenger_share[index])
    cabin, ef = float(_cabin_factor(legs)[index]), data.value("co2_per_fuel")
    far = float(with_detour(km)[0])
    regional, icao = data.sources["icct"].factor, data.sources["icao"].factor
    told = f"{show(ef)} × {show(seat)} × {show(share)} ÷ {show(taken)} × {show(cabin)}"
    return Explanation(
        (
            data.sources[burnt].factor("fuel_burn", round(fuel, 3), "kg", "modelled"),
            regional("load_factor", taken, "1"),
            regional("passenger_share", share, "1"),
            icao("cabin_factor", cabin, "1", version="10, unverified"),
            data.parameters["co2_per_fuel"].factor(),
        ),
        (
            step("flown", "d + detour", f"{show(float(km[0]), 3)} + detour", far, "km"),
            step("fuel", "table(type, NM)", f"at {show(far, 3)} km", fuel, "kg"),
            step("seat_fuel", "fuel ÷ seats", "all seats economy", seat, "kg"),
            step(
                "ttw",
                "3.16 × fuel per seat × passenger share ÷ load factor × cabin",
                told,
                ef * seat * share / taken * cabin,
                "kg CO2",
            ),
        ),
        _MISSING if loads.missing[index] else (),
    )


def account(
    method_id: str,  # noqa: ARG001
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    km = legs.great_circle_km[index : index + 1]
    aircraft = legs.fleet[legs.aircraft[index]]
    fuel, seat = _one(legs, index, data)
    loads, far = _loads(legs, data), float(with_detour(km)[0])
    burnt = data.sources[curves(data)[aircraft.type.icao].source_id if aircraft else "ps"]
    regional, formula = cited(data.sources["icct"]), cited(data.sources["icao"])
    fleet = cited(data.sources["fleet"])
    blended, absent = () if aircraft else ("fleet_mix",), ("not_counted",)
    return Account(
        Detail.FUEL,
        {
            "distance": Term(far, formula),
            "fuel": Term(fuel / far, cited(burnt), blended),
            "cargo": Term(float(loads.passenger_share[index]), regional),
            "seats": Term(fuel / seat, fleet, (*blended, "seats_alike")),
            "load": Term(float(loads.load_factor[index]), regional),
            "combustion": Term(data.value("co2_per_fuel"), formula, ("co2_alone",)),
            "cabin": Term(float(_cabin_factor(legs)[index]), formula),
            "well_to_tank": Term(0.0, formula, absent),
            "non_co2": Term(1.0, formula, absent),
            "other": Term(0.0, formula, absent),
            "rounding": Term(0.0, formula),
        },
    )
