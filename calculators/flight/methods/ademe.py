"""What does a flight emit by the factors of ADEME, the French agency for ecological transition?

Great-circle distance times a factor per passenger-kilometre that depends on the length of the
flight. Source: ADEME Impact CO2, incubateur-ademe/impactco2 at 8076a489 of 1 July 2026, MIT. The
factors step at 1,000, 2,000 and 5,000 km, so that 1,050 km count less than 1,000 km: shown as
published.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.methods.account import Account, Detail, Term, cited
from calculators.flight.methods.figures import (
    Explanation,
    Figures,
    LegBatch,
    MethodInfo,
    note_bits,
)
from calculators.flight.methods.inputs import great_circle
from calculators.flight.methods.numbers import by_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

_ONE_CABIN: Final = ("cabin_not_published",)
_WITH: Final = "ademe"
_WITHOUT: Final = "ademe-nocontrails"


def _info(method_id: str, name: str, scope: str) -> MethodInfo:
    return MethodInfo(
        id=method_id,
        version="2026-07-01",
        name=name,
        year=2026,
        scope=scope,
        non_co2="included" if method_id == _WITH else "not estimated",
        rounding="factors as published, result 1 g",
        licence="MIT",
        source="ADEME Impact CO2",
        url="https://impactco2.fr/outils/transport/avion",
        note="Factors step at 1,000, 2,000 and 5,000 km; cabins are not told apart.",
        jumps_km=(1000.0, 2000.0, 5000.0),
    )


INFOS: Final = (
    _info(_WITH, "ADEME, with contrails", "combustion, upstream and contrails, per passenger"),
    _info(_WITHOUT, "ADEME, without contrails", "combustion and upstream, per passenger"),
)


@functools.cache
def _bands(data: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return upper bounds [km] and (use, contrails) [kg CO2e per passenger-km], shape (k, 2)."""
    rows = data.rows("ademe")
    bounds = np.array([float(row["until_km"] or "inf") for row in rows])
    return bounds, np.array([[float(row["use"]), float(row["contrails"])] for row in rows])


def compute(
    method_id: str,
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Figures:
    """Return the figures of every leg; see :class:`Method`."""
    bounds, factors = _bands(data)
    km = legs.great_circle_km
    use, contrails = factors[np.searchsorted(bounds, km)].T
    notes = (legs.cabin > 0) * np.uint16(note_bits(_ONE_CABIN))
    if method_id == _WITH:
        return Figures(km * (use + contrails), notes=notes)
    return Figures(km * use, wtw_kg=km * use, notes=notes)


def explain(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    bounds, table = _bands(data)
    km = float(legs.great_circle_km[index])
    values = table[int(np.searchsorted(bounds, km))].tolist()
    names = ("use", "contrails") if method_id == _WITH else ("use",)
    source = data.sources["ademe"]
    unit = "kg CO2e per passenger-km"
    pairs = list(zip(names, values, strict=False))
    return Explanation(
        (
            great_circle(km, data, overrides),
            *(source.factor(name, value, unit) for name, value in pairs),
        ),
        by_distance(km, pairs),
        _ONE_CABIN if legs.cabin[index] else (),
    )


def account(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    bounds, table = _bands(data)
    km = float(legs.great_circle_km[index])
    use, contrails = table[int(np.searchsorted(bounds, km))].tolist()
    if method_id == _WITHOUT:
        contrails = 0.0
    source = cited(data.sources["ademe"])
    return Account(
        Detail.FUEL_CYCLE,
        {
            "distance": Term(km, source, ("detour_unknown",)),
            "fuel_cycle_factor": Term(use, source, ("one_factor", "average_passenger")),
            "cabin": Term(1.0, source, ("cabins_alike",)),
            "non_co2_of_cycle": Term(
                (use + contrails) / use, source, () if contrails else ("not_counted",)
            ),
            "other": Term(0.0, source, ("not_counted",)),
            "rounding": Term(0.0, source),
        },
    )
