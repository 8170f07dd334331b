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
from calculators.flight.methods.inputs import great_circle
from calculators.flight.methods.myclimate import HAULS
from calculators.flight.methods.numbers import precise, show, step
from calculators.units import KM_PER_NM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft, FuelSheet
    from calculators.flight.methods.figures import Answers
    from calculators.flight.overrides import Overrides
    from calculators.sources import Factor, Step

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
        nowhere="regions unknown: the mean load of all published pairs of regions",
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
    # The last is of legs of which only the distance is known: the mean of all published pairs.
    mean = np.mean(list(_pairs(data).values()), axis=0)
    return of_country, _Loads(
        np.array([*taken, mean[0]]), np.array([*share, mean[1]]), np.array([*missing, False])
    )


def _letters(countries: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return a number for each two-letter code, shape (n,)."""
    units = np.ascontiguousarray(countries, dtype="U2").view(np.uint32).reshape(-1, 2)
    return np.asarray(units[:, 0].astype(np.intp) % _LETTERS * _LETTERS + units[:, 1] % _LETTERS)


def _loads(legs: LegBatch, data: Dataset) -> _Loads:
    of_country, table = _load_tables(data)
    count = math.isqrt(len(table.missing))
    at = of_country[_letters(legs.origin_country)] * count
    at += of_country[_letters(legs.destination_country)]
    at[legs.origin_country == ""] = count * count
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
    overrides: Overrides | None,  # noqa: ARG001 - the signature that every method has
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


def _flown(
    aircraft: Aircraft | None, km: NDArray[np.float64], data: Dataset
) -> tuple[tuple[tuple[Aircraft, float], ...], ...]:
    """Return each aircraft of a leg with its fuel [kg]: one, or the two halves of the mix."""
    halves = mix_members(data) if aircraft is None else ((aircraft,),)
    return tuple(
        tuple(
            (one, float(_types((one,), data).flights_kg(np.zeros(1, np.intp), km, data)[0]))
            for one in half
        )
        for half in halves
    )


def _type_factors(aircraft: Aircraft, fuel: float, data: Dataset) -> tuple[Factor, ...]:
    """Return fuel and seats of one aircraft as lines of provenance."""
    kind, curve = aircraft.type, curves(data)[aircraft.type.icao]
    burnt = data.sources[curve.source_id].factor
    seats = data.sources["fleet" if kind.seats_basis == "fleet median" else "own"].factor
    winglets = data.sources["tim"].factor("winglet_factor", aircraft.fuel_factor, "1")
    return (
        burnt(f"fuel_burn_{kind.icao}", round(fuel, 3), "kg", "modelled", curve.version),
        seats(f"seats_{kind.icao}", kind.seats, "seats"),
        *((winglets,) if aircraft.fuel_factor != 1 else ()),
    )


def _seat_steps(
    flown: tuple[tuple[tuple[Aircraft, float], ...], ...],
    far: float,
    share: float,
    seat: float,
) -> tuple[Step, ...]:
    """Return the arithmetic of the fuel per seat."""
    lines = [
        step(
            f"fuel_{one.type.icao}",
            "table(type, NM)",
            f"{one.type.icao} at {precise(far)} ÷ {KM_PER_NM} − 17 NM → {precise(fuel)}",
            fuel,
            "kg",
        )
        for half in flown
        for one, fuel in half
    ]
    told, values = [], []
    for half in flown:
        fuels = " + ".join(precise(fuel) for _, fuel in half)
        seats = " + ".join(str(one.type.seats) for one, _ in half)
        told.append(f"({fuels}) ÷ ({seats})")
        values.append(sum(fuel for _, fuel in half) / sum(one.type.seats for one, _ in half))
    if len(flown) == 1:
        return (*lines, step("seat_fuel", "fuel ÷ seats, all alike", told[0], seat, "kg"))
    s = precise(share)
    return (
        *lines,
        *(
            step(f"seat_fuel_{name}", "Σ fuel ÷ Σ seats, all alike", numbers, value, "kg")
            for name, numbers, value in zip(HAULS, told, values, strict=True)
        ),
        step(
            "seat_fuel",
            "(1 − s) × short + s × long",
            f"(1 − {s}) × {precise(values[0])} + {s} × {precise(values[1])}",
            seat,
            "kg",
        ),
    )


def explain(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    km = legs.great_circle_km[index : index + 1]
    near, far = float(km[0]), float(with_detour(km)[0])
    aircraft = legs.fleet[legs.aircraft[index]]
    fuel, seat = _one(legs, index, data)
    flown, longs = _flown(aircraft, km, data), float(long_haul_share(km, data)[0])
    loads = _loads(legs, data)
    taken, share = float(loads.load_factor[index]), float(loads.passenger_share[index])
    cabin, ef = float(_cabin_factor(legs)[index]), data.value("co2_per_fuel")
    regional, icao, own = (data.sources[name].factor for name in ("icct", "icao", "own"))
    burnt = curves(data)[aircraft.type.icao].source_id if aircraft else "ps"
    mixed = own("long_haul_share", round(longs, 6), "1", "modelled")
    detour = round(far - near, 6)
    return Explanation(
        (
            great_circle(near, data, overrides),
            icao("detour", detour, "km"),
            data.parameters["lto_distance"].factor(),
            data.sources[burnt].factor("fuel_burn", round(fuel, 3), "kg", "modelled"),
            *(
                line
                for half in flown
                for one, burn in half
                for line in _type_factors(one, burn, data)
            ),
            *((mixed,) if aircraft is None else ()),
            regional("load_factor", taken, "1"),
            regional("passenger_share", share, "1"),
            icao("cabin_factor", cabin, "1", version="10, unverified"),
            data.parameters["co2_per_fuel"].factor(),
        ),
        (
            step("flown", "d + detour", f"{show(near, 3)} + {show(detour)}", far, "km"),
            *_seat_steps(flown, far, longs, seat),
            step(
                "ttw",
                "3.16 × fuel per seat × passenger share ÷ load factor × cabin",
                f"{show(ef)} × {precise(seat)} × {show(share, 6)} ÷ {show(taken, 6)}"
                f" × {show(cabin)}",
                ef * seat * share / taken * cabin,
                "kg CO2",
            ),
        ),
        _MISSING if loads.missing[index] else (),
    )


def account(
    method_id: str,  # noqa: ARG001 - the signature that every method has
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
