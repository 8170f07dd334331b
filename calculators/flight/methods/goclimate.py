"""What does a flight emit by GoClimate's generic flight footprint?

(a x² + b x + c) ÷ (S PLF) · CF · CW · (EF M + P) with x the great-circle distance d and a detour
of 50 km (d below 550 km), 100 km or 125 km (above 5,500 km); short haul to d = 1,500 km, long haul
from 2,500 km, a straight line between the two ends; a leg is rounded to whole kilograms. The
service rounds a trip up to 100 kg, which is not done here. Answers of the service before 2023 fit
M = 2, later ones M = 3 (inferred from its answers).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.methods.account import Account, cited
from calculators.flight.methods.figures import Explanation, Figures, LegBatch, MethodInfo
from calculators.flight.methods.inputs import great_circle
from calculators.flight.methods.myclimate import (
    LONG_FROM_KM,
    SHORT_UNTIL_KM,
    Ends,
    Parameters,
    curve_factors,
    curve_steps,
    two_curves,
)
from calculators.flight.methods.numbers import precise, show, step
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

MULTIPLIER: Final = {"goclimate": 2.0, "goclimate-2023": 3.0}
_DETOUR_BOUNDS: Final = np.array([550.0, 5500.0])
DETOUR_KM: Final = np.array([50.0, 100.0, 125.0])


def _info(method_id: str, name: str, year: int, note: str) -> MethodInfo:
    return MethodInfo(
        id=method_id,
        version=str(year),
        name=name,
        year=year,
        scope="well-to-wake and non-CO2 effects, per passenger",
        non_co2="included",
        rounding="1 kg per leg",
        licence="facts; name used descriptively",
        source="GoClimate generic flight footprint",
        url="https://www.goclimate.com",
        note=f"{note} Its detour steps at 550 and 5,500 km.",
        jumps_km=(550.0, 5500.0),
    )


_KG: Final = "kg CO2e"

INFOS: Final = (
    _info("goclimate", "GoClimate formula, before 2023", 2021, "Combustion is counted twice."),
    _info(
        "goclimate-2023",
        "GoClimate formula, from 2023",
        2023,
        "Combustion is counted three times (inferred from answers of June 2023).",
    ),
)


@functools.cache
def parameters(data: Dataset, multiplier: float) -> tuple[Parameters, Parameters]:
    """Return the short-haul and long-haul parameters."""
    short, long = (
        Parameters(
            float(row["seats"]),
            float(row["load_factor"]),
            1 - float(row["passenger_share"]),
            float(row["a"]),
            float(row["b"]),
            float(row["c"]),
            np.array([float(row[cabin]) for cabin in CABINS]),
            float(row["ef"]),
            multiplier,
            float(row["preproduction"]),
            0.0,
            0.0,
        )
        for row in data.rows("goclimate")
    )
    return short, long


def with_detour(great_circle_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance with its detour [km], shape (n,)."""
    above = np.searchsorted(_DETOUR_BOUNDS, great_circle_km, side="left")
    middle = np.where(great_circle_km < _DETOUR_BOUNDS[0], 0, np.maximum(above, 1))
    return np.asarray(great_circle_km + DETOUR_KM[middle])


def unrounded_kg(
    hauls: tuple[Parameters, Parameters], km: NDArray[np.float64], cabin: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the footprint of each leg [kg CO2e] before it is rounded, shape (n,)."""
    short, long = hauls
    low = short.per_traveller_kg(with_detour(np.minimum(km, SHORT_UNTIL_KM)), cabin)
    high = long.per_traveller_kg(with_detour(np.maximum(km, LONG_FROM_KM)), cabin)
    t = np.clip((km - SHORT_UNTIL_KM) / (LONG_FROM_KM - SHORT_UNTIL_KM), 0.0, 1.0)
    return np.asarray((1 - t) * low + t * high)


def compute(
    method_id: str,
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Figures:
    """Return the figures of every leg; see :class:`Method`."""
    hauls = parameters(data, MULTIPLIER[method_id])
    exact = unrounded_kg(hauls, legs.great_circle_km, legs.cabin)
    return Figures(np.floor(exact + 0.5), flown_km=with_detour(legs.great_circle_km))


def explain(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    hauls, km = parameters(data, MULTIPLIER[method_id]), float(legs.great_circle_km[index])
    ends, cabin = _ends(km), int(legs.cabin[index])
    factor, detour = data.sources["goclimate"].factor, round(ends.x - km, 6)
    lines, exact = curve_steps(hauls, ends, cabin, "d")
    return Explanation(
        (
            great_circle(km, data, overrides),
            factor("detour", detour, "km"),
            *curve_factors(hauls, ends, cabin, factor),
        ),
        (
            step("flown", "d + detour", f"{show(km, 3)} + {show(detour)}", ends.x, "km"),
            *lines,
            step("rounded", "⌊E + 0.5⌋", f"⌊{precise(exact)} + 0.5⌋", math.floor(exact + 0.5), _KG),
        ),
    )


def _ends(km: float) -> Ends:
    """Return where a flight stands, by its great-circle distance [km]."""
    low, high = min(km, SHORT_UNTIL_KM), max(km, LONG_FROM_KM)
    x, short_x, long_x = with_detour(np.array([km, low, high])).tolist()
    weight = min(max((km - SHORT_UNTIL_KM) / (LONG_FROM_KM - SHORT_UNTIL_KM), 0.0), 1.0)
    return Ends(km, x, short_x, long_x, weight)


def account(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    hauls, ends = parameters(data, MULTIPLIER[method_id]), _ends(float(legs.great_circle_km[index]))
    source = cited(data.sources["goclimate"])
    told = two_curves(hauls, ends, int(legs.cabin[index]), source)
    whole_kg = float(np.floor(told.kg + 0.5))
    return told.rounded_to(whole_kg).noting("rounding", "whole_kilograms")
