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
from calculators.flight.methods.inputs import great_circle
from calculators.flight.methods.numbers import precise, show, step
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides
    from calculators.sources import Factor, Step

DETOUR_KM: Final = 95.0
SHORT_UNTIL_KM, LONG_FROM_KM = 1500.0, 2500.0
HAULS: Final = ("short", "long")

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
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    hauls = parameters(data, SETS[method_id])
    km, cabin = float(legs.great_circle_km[index]), int(legs.cabin[index])
    factor = functools.partial(data.sources["myclimate"].factor, version=SETS[method_id])
    ends = _ends(km)
    lines, _ = curve_steps(hauls, ends, cabin, "x")
    return Explanation(
        (
            great_circle(km, data, overrides),
            factor("detour", DETOUR_KM, "km"),
            *curve_factors(hauls, ends, cabin, factor),
        ),
        (step("flown", "d + 95 km", f"{show(km, 3)} + {show(DETOUR_KM)}", ends.x, "km"), *lines),
        _NOTES if _stands_in(method_id, legs.cabin)[index] else (),
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """Where on the two curves a flight stands.

    Attributes
    ----------
    great_circle_km, x : float
        Great-circle distance and the distance that is charged [km].
    short_x, long_x : float
        Where the short-haul and the long-haul curve are read [km].
    weight : float
        Weight of the long-haul curve [0-1].
    """

    great_circle_km: float
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


def _ends(km: float) -> Ends:
    """Return where a flight stands, by its great-circle distance [km]."""
    x = km + DETOUR_KM
    weight = min(max((x - SHORT_UNTIL_KM) / (LONG_FROM_KM - SHORT_UNTIL_KM), 0.0), 1.0)
    return Ends(km, x, min(x, SHORT_UNTIL_KM), max(x, LONG_FROM_KM), weight)


def curve_factors(
    hauls: tuple[Parameters, Parameters], ends: Ends, cabin: int, factor: Callable[..., Factor]
) -> tuple[Factor, ...]:
    """Return the parameters of the curves that a flight stands on.

    Parameters
    ----------
    hauls : tuple of Parameters
        Short haul and long haul.
    ends : Ends
        Where the flight stands on them.
    cabin : int
        Index into ``seats.CABINS``.
    factor : callable
        Makes a line of provenance of a name, a value and a unit.
    """
    short = hauls[0]
    shared = (
        factor("emission_factor", short.ef, "kg CO2 per kg fuel"),
        factor("multiplier", short.multiplier, "1"),
        factor("preproduction", short.preproduction, "kg CO2e per kg fuel"),
        *(
            (
                factor("aircraft_factor", short.aircraft_factor, "kg CO2e per km"),
                factor("airport", short.airport_kg, "kg CO2e"),
            )
            if short.airport_kg
            else ()
        ),
    )
    own = (
        (f"{name}_{haul}", value, unit)
        for haul, one, weight in zip(HAULS, hauls, (1 - ends.weight, ends.weight), strict=True)
        if weight
        for name, value, unit in (
            ("a", one.a, "kg fuel per km²"),
            ("b", one.b, "kg fuel per km"),
            ("c", one.c, "kg fuel"),
            ("seats", one.seats, "seats"),
            ("load_factor", one.load_factor, "1"),
            ("cargo_factor", round(one.cargo_factor, 9), "1"),
            ("cabin_weight", float(one.cabin[cabin]), "1"),
        )
    )
    return (*shared, *(factor(*parts) for parts in own))


def _curve(
    name: str, end: str, one: Parameters, x: float, cabin: int
) -> tuple[tuple[Step, ...], float]:
    """Return the arithmetic of one curve at x, and its value."""
    far, fuel = precise(x), float(one.fuel_kg(np.array(x)))
    value = float(one.per_traveller_kg(np.array([x]), np.array([cabin]))[0])
    share = f"(1 − {show(one.cargo_factor)}) × {show(float(one.cabin[cabin]))}"
    burnt = f"({show(one.ef)} × {show(one.multiplier)} + {show(one.preproduction)})"
    rule, extra = "fuel ÷ (S × PLF) × (1 − CF) × CW × (EF × M + P)", ""
    if one.airport_kg:
        rule += " + AF x + A"
        extra = f" + {show(one.aircraft_factor, 5)} × {far} + {show(one.airport_kg)}"
    return (
        step(
            f"fuel_{name}",
            "a x² + b x + c",
            f"{show(one.a, 12)} × {far}² + {show(one.b)} × {far} + {show(one.c, 3)}",
            fuel,
            "kg",
        ),
        step(
            end,
            rule,
            f"{precise(fuel)} ÷ ({show(one.seats)} × {show(one.load_factor)})"
            f" × {share} × {burnt}{extra}",
            value,
            "kg CO2e",
        ),
    ), value


def curve_steps(
    hauls: tuple[Parameters, Parameters], ends: Ends, cabin: int, of: str
) -> tuple[tuple[Step, ...], float]:
    """Return the arithmetic of a flight on one curve or between two, and its value [kg CO2e].

    Parameters
    ----------
    hauls : tuple of Parameters
        Short haul and long haul.
    ends : Ends
        Where the flight stands on them.
    cabin : int
        Index into ``seats.CABINS``.
    of : str
        What decides between the curves: x, the charged distance, or d, the great circle.
    """
    weights, xs = (1 - ends.weight, ends.weight), (ends.short_x, ends.long_x)
    lines: list[Step] = []
    values = []
    for name, one, weight, x in zip(HAULS, hauls, weights, xs, strict=True):
        end = f"{name}_end" if 0 < ends.weight < 1 else "total"
        told, value = _curve(name, end, one, x, cabin)
        lines += told if weight else ()
        values.append(value)
    t = ends.weight
    total = (1 - t) * values[0] + t * values[1]
    if 0 < t < 1:
        decides = ends.x if of == "x" else ends.great_circle_km
        span = show(LONG_FROM_KM - SHORT_UNTIL_KM)
        rule = f"({precise(decides)} − {show(SHORT_UNTIL_KM)}) ÷ {span}"
        lines.append(step("between", f"t = ({of} − 1500) ÷ 1000", rule, t, "1"))
        blend = f"(1 − {precise(t)}) × {precise(values[0])} + {precise(t)} × {precise(values[1])}"
        lines.append(step("total", "(1 − t) × short + t × long", blend, total, "kg CO2e"))
    return tuple(lines), total


def account(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    ends = _ends(float(legs.great_circle_km[index]))
    source = f"{data.sources['myclimate'].title}, {SETS[method_id]}"
    return two_curves(parameters(data, SETS[method_id]), ends, int(legs.cabin[index]), source)
