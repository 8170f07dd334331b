"""What does a flight emit by the published parameters of myclimate's flight calculator?

E(x) = (a x² + b x + c) ÷ (S PLF) · (1 − CF) · CW · (EF M + P) + AF x + A, with x the great-circle
distance and 95 km; short haul to 1,500 km, long haul from 2,500 km, a straight line between the
two ends. Parameters are facts of the published calculation principles; the name is used to say
whose they are.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.methods.account import Account, Detail, Term
from calculators.flight.methods.figures import (
    Explanation,
    Figures,
    LegBatch,
    MethodInfo,
    note_bits,
)
from calculators.flight.methods.numbers import show, step
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

DETOUR_KM: Final = 95.0
SHORT_UNTIL_KM, LONG_FROM_KM = 1500.0, 2500.0

_NOTES: Final = ("cabin_not_published",)
SETS: Final = {"myclimate": "current", "myclimate-2019": "2019"}


def _info(method_id: str, name: str, year: int, multiplier: int) -> MethodInfo:
    return MethodInfo(
        id=method_id,
        version=SETS[method_id],
        name=name,
        year=year,
        scope="well-to-wake, non-CO2 effects, aircraft and airport, per passenger",
        non_co2="included",
        rounding="1 g, halves to even",
        licence="facts; name used descriptively",
        source="myclimate flight calculator, calculation principles",
        url="https://www.myclimate.org",
        note=f"Combustion is counted {multiplier} times; the year of the set is inferred.",
    )


INFOS: Final = (
    _info("myclimate", "myclimate parameters, current", 2023, 3),
    _info("myclimate-2019", "myclimate parameters of 2019", 2019, 2),
)


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """One haul of one parameter set; symbols as in the published formula."""

    seats: float
    load_factor: float
    cargo_factor: float
    a: float
    b: float
    c: float
    cabin: NDArray[np.float64]
    ef: float
    multiplier: float
    preproduction: float
    aircraft_factor: float
    airport_kg: float

    def fuel_kg(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return fuel of the flight [kg] for x [km]."""
        return np.asarray(self.a * x * x + self.b * x + self.c)

    def per_traveller_kg(
        self, x: NDArray[np.float64], cabin: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return E(x) [kg CO2e] for x [km] and cabins as indices of ``seats.CABINS``."""
        share = (1 - self.cargo_factor) * self.cabin[cabin] / (self.seats * self.load_factor)
        burnt = self.ef * self.multiplier + self.preproduction
        return np.asarray(
            self.fuel_kg(x) * share * burnt + self.aircraft_factor * x + self.airport_kg
        )


@functools.cache
def parameters(data: Dataset, name: str) -> tuple[Parameters, Parameters]:
    """Return the short-haul and long-haul parameters of a set."""
    short, long = (row for row in data.rows("myclimate") if row["set"] == name)
    return _read(short), _read(long)


def _read(row: dict[str, str]) -> Parameters:
    return Parameters(
        seats=float(row["seats"]),
        load_factor=float(row["load_factor"]),
        cargo_factor=float(row["cargo_factor"]),
        a=float(row["a"]),
        b=float(row["b"]),
        c=float(row["c"]),
        cabin=np.array([float(row[cabin] or row["economy"]) for cabin in CABINS]),
        ef=float(row["ef"]),
        multiplier=float(row["multiplier"]),
        preproduction=float(row["preproduction"]),
        aircraft_factor=float(row["aircraft_factor"]),
        airport_kg=float(row["airport_kg"]),
    )


def between(
    hauls: tuple[Parameters, Parameters], x: NDArray[np.float64], cabin: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return E(x) [kg CO2e]: the short curve, the long curve, a straight line between.

    Parameters
    ----------
    hauls : tuple of Parameters
        Short haul and long haul.
    x : ndarray, shape (n,)
        Distance with the detour [km].
    cabin : ndarray of int, shape (n,)
        Index into ``seats.CABINS``.
    """
    short, long = hauls
    low = short.per_traveller_kg(np.minimum(x, SHORT_UNTIL_KM), cabin)
    high = long.per_traveller_kg(np.maximum(x, LONG_FROM_KM), cabin)
    t = np.clip((x - SHORT_UNTIL_KM) / (LONG_FROM_KM - SHORT_UNTIL_KM), 0.0, 1.0)
    return np.asarray((1 - t) * low + t * high)


def compute(
    method_id: str,
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Figures:
    """Return the figures of every leg; see :class:`Method`."""
    x = legs.great_circle_km + DETOUR_KM
    hauls = parameters(data, SETS[method_id])
    notes = _stands_in(method_id, legs.cabin) * np.uint16(note_bits(_NOTES))
    return Figures(between(hauls, x, legs.cabin), flown_km=x, notes=notes)


def _stands_in(method_id: str, cabin: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return where another cabin stands in for one that the set does not hold, shape (n,)."""
    premium = np.asarray(cabin == CABINS.index("premium"))
    return premium if method_id == "myclimate-2019" else premium & False


def explain(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    hauls = parameters(data, SETS[method_id])
    km, cabin = float(legs.great_circle_km[index]), legs.cabin[index : index + 1]
    x = np.array([km + DETOUR_KM])
    factor = functools.partial(data.sources["myclimate"].factor, version=SETS[method_id])
    short, long = hauls
    ends = [
        float(one.per_traveller_kg(np.array([far]), cabin)[0])
        for one, far in ((short, SHORT_UNTIL_KM), (long, LONG_FROM_KM))
    ]
    steps = [step("flown", "d + 95 km", f"{show(km, 3)} + 95", float(x[0]), "km")]
    if SHORT_UNTIL_KM < x[0] < LONG_FROM_KM:
        steps += [
            step("short_end", "E_short(1500 km)", "x = 1500", ends[0], "kg CO2e"),
            step("long_end", "E_long(2500 km)", "x = 2500", ends[1], "kg CO2e"),
        ]
    total = float(between(hauls, x, cabin)[0])
    steps.append(step("total", "E(x)", f"x = {show(float(x[0]), 3)}", total, "kg CO2e"))
    factors = [
        factor("detour", DETOUR_KM, "km"),
        factor("emission_factor", short.ef, "kg CO2 per kg fuel"),
        factor("multiplier", short.multiplier, "1"),
        factor("preproduction", short.preproduction, "kg CO2e per kg fuel"),
        factor("cabin_weight_short", float(short.cabin[cabin[0]]), "1"),
        factor("cabin_weight_long", float(long.cabin[cabin[0]]), "1"),
    ]
    missing = bool(_stands_in(method_id, cabin)[0])
    return Explanation(tuple(factors), tuple(steps), _NOTES if missing else ())


@dataclass(frozen=True, slots=True)
class Ends:
    """Where on the two curves a flight stands.

    Attributes
    ----------
    x : float
        Distance that is charged [km].
    short_x, long_x : float
        Where the short-haul and the long-haul curve are read [km].
    weight : float
        Weight of the long-haul curve [0-1].
    """

    x: float
    short_x: float
    long_x: float
    weight: float


def two_curves(
    hauls: tuple[Parameters, Parameters], ends: Ends, cabin: int, source: str
) -> Account:
    """Return the components of a flight that stands on two curves or between them."""
    short, long = hauls
    parts = ((1 - ends.weight, short, ends.short_x), (ends.weight, long, ends.long_x))
    fuel = carried = load = seat = weighted = 0.0
    for weight, one, x in parts:
        burnt = weight * float(one.fuel_kg(np.array(x)))
        here = burnt * (1 - one.cargo_factor)
        fuel, carried, load = fuel + burnt, carried + here, load + weight * one.load_factor
        seat += here / (one.seats * one.load_factor)
        weighted += here / (one.seats * one.load_factor) * float(one.cabin[cabin])
    blended = ("between_curves",) if 0 < ends.weight < 1 else ()
    extra = short.aircraft_factor * ends.x + short.airport_kg
    return Account(
        Detail.FUEL,
        {
            "distance": Term(ends.x, source),
            "fuel": Term(fuel / ends.x, source, blended),
            "cargo": Term(carried / fuel, source, blended),
            "seats": Term(carried / (seat * load), source, blended),
            "load": Term(load, source, blended),
            "combustion": Term(short.ef, source, ("co2_alone",)),
            "cabin": Term(weighted / seat, source, blended),
            "well_to_tank": Term(short.preproduction, source),
            "non_co2": Term(short.multiplier, source),
            "other": Term(extra, source, ("aircraft_and_airport",) if extra else ("not_counted",)),
            "rounding": Term(0.0, source),
        },
    )


def account(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    x = float(legs.great_circle_km[index]) + DETOUR_KM
    span = LONG_FROM_KM - SHORT_UNTIL_KM
    weight = min(max((x - SHORT_UNTIL_KM) / span, 0.0), 1.0)
    ends = Ends(x, min(x, SHORT_UNTIL_KM), max(x, LONG_FROM_KM), weight)
    source = f"{data.sources['myclimate'].title}, {SETS[method_id]}"
    return two_curves(parameters(data, SETS[method_id]), ends, int(legs.cabin[index]), source)
