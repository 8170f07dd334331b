"""What does a flight emit of which only the distance and the cabin are known?

Great-circle distance times a factor per passenger-kilometre by cabin and by haul, where the
distance alone decides the haul: short to 3,700 km, long from there. The factors are those of the
UK Government for 2025, combustion without radiative forcing plus well-to-tank, so that the figure
has the same boundary as the headline: well-to-wake CO2e without non-CO2 effects. They already
contain 8 % for the detour. Neither route nor aircraft matters; a route is only measured. The
published table is made for flights to and from the United Kingdom: elsewhere it is an
approximation, and it jumps at 3,700 km as published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.methods import desnz
from calculators.flight.methods.account import Account, Detail, Term
from calculators.flight.methods.figures import (
    Explanation,
    Figures,
    LegBatch,
    MethodInfo,
    note_codes,
)
from calculators.flight.methods.inputs import great_circle
from calculators.flight.methods.numbers import by_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

METHOD_ID: Final = "distance"
YEAR: Final = 2025
_UNIT: Final = "kg CO2e per passenger-km"

INFOS: Final = (
    MethodInfo(
        id=METHOD_ID,
        version=str(YEAR),
        name="Distance only, DESNZ 2025 factors",
        year=YEAR,
        scope="well-to-wake, without non-CO2 effects, per passenger",
        non_co2="not estimated",
        rounding="factors as published, result 1 g",
        licence="Open Government Licence v3.0",
        source=f"UK Government GHG conversion factors {YEAR}",
        url="https://www.gov.uk/government/collections/"
        "government-conversion-factors-for-company-reporting",
        note="For a flight of which only the length is known: haul by distance alone, made for "
        "flights to and from the UK; jumps at 3,700 km as published.",
        boundary="WTW",
        jumps_km=(desnz.SHORT_UNTIL_KM,),
    ),
)


def _haul(legs: LegBatch) -> NDArray[np.intp]:
    long = legs.great_circle_km >= desnz.SHORT_UNTIL_KM
    return np.where(long, desnz.HAULS.index("long"), desnz.HAULS.index("short"))


def compute(
    method_id: str,  # noqa: ARG001 - one signature for all methods
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - the signature that every method has
) -> Figures:
    """Return the figures of every leg; see :class:`Method`."""
    at = (_haul(legs), legs.cabin)
    ttw = legs.great_circle_km * desnz.table(data, YEAR, "without_rf")[at]
    wtt = legs.great_circle_km * desnz.table(data, YEAR, "wtt")[at]
    notes = desnz.note_table(data, YEAR)[at]
    return Figures(ttw + wtt, wtt_kg=wtt, ttw_kg=ttw, wtw_kg=ttw + wtt, notes=notes)


def explain(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    haul, cabin = int(_haul(legs)[index]), int(legs.cabin[index])
    km, source = float(legs.great_circle_km[index]), data.sources["desnz"]
    names, year = ("without_rf", "wtt"), str(YEAR)
    pairs = [(name, float(desnz.table(data, YEAR, name)[haul, cabin])) for name in names]
    factors = (
        great_circle(km, data, overrides),
        source.factor("haul", desnz.HAULS[haul], "class", version=year),
        *(source.factor(name, value, _UNIT, version=year) for name, value in pairs),
    )
    notes = note_codes(int(desnz.note_table(data, YEAR)[haul, cabin]))
    return Explanation(factors, by_distance(km, pairs, split=True), notes)


def account(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - the signature that every method has
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    haul, cabin = int(_haul(legs)[index]), int(legs.cabin[index])
    burnt, wtt = (
        float(desnz.table(data, YEAR, name)[haul, cabin]) for name in ("without_rf", "wtt")
    )
    seat = float(desnz.table(data, YEAR, "without_rf")[haul, 0])
    source, absent = f"{data.sources['desnz'].title}, {YEAR}", ("not_counted",)
    far = float(legs.great_circle_km[index]) * desnz.UPLIFT
    return Account(
        Detail.COMBUSTION,
        {
            "distance": Term(far, source, ("uplift_in_factor",)),
            "combustion_factor": Term(seat / desnz.UPLIFT, source, ("one_factor",)),
            "cabin": Term(burnt / seat, source),
            "well_to_tank_share": Term(wtt / burnt, source),
            "non_co2": Term(1.0, source, absent),
            "other": Term(0.0, source, absent),
            "rounding": Term(0.0, source),
        },
    )
