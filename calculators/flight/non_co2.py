"""How much do the non-CO2 effects of a flight warm, by which published relation?

A treatment is a ratio to the CO2 of combustion, with bounds where its publication gives any. It
stands on a line of its own and is added to nothing. GWP* needs a trend of emissions and the
European NEATS computes each flight from weather: neither is a ratio, so neither is offered.

The Travel Impact Model sorts trips into three buckets by the ratio of contrail warming to CO2. Its
maps are not published: a bucket is only told where somebody gives the ratio, and is "not estimated"
otherwise.

References
----------
Lee et al. 2021, doi 10.1016/j.atmosenv.2020.117834; Travel Impact Model, contrails impact update of
5 November 2025.
"""

from __future__ import annotations

import difflib
import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from calculators.errors import UnknownTreatment
from calculators.units import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calculators.flight.datasets import Dataset
    from calculators.sources import Source

NONE: Final = "none"
"""The treatment that tells no non-CO2 effects."""

DEFAULT_TREATMENT: Final = "lee2021-contrails-gwp100"

Bucket = Literal["low", "moderate", "high"]

NOT_ESTIMATED: Final = "not estimated"

_SECONDS_PER_YEAR: Final = 365 * 24 * 3600
_EARTH_M2: Final = 4 * math.pi * (EARTH_RADIUS_KM * 1000) ** 2


@dataclass(frozen=True, slots=True)
class Treatment:
    """One published relation.

    Attributes
    ----------
    id : str
        Stable id.
    low, central, high : float
        Non-CO2 effects per CO2 of combustion [kg CO2e per kg CO2].
    bounds : str
        What low and high are: "5-95 %", "flights" (the lowest and the highest flight), or "point"
        where the publication gives one number.
    source : Source
        The publication.
    """

    id: str
    low: float
    central: float
    high: float
    bounds: str
    source: Source

    def of_co2(self, co2_kg: float) -> tuple[float, float, float]:
        """Return low, central and high [kg CO2e] for CO2 of combustion [kg]."""
        return co2_kg * self.low, co2_kg * self.central, co2_kg * self.high


@functools.cache
def treatments(data: Dataset) -> dict[str, Treatment]:
    """Return every relation of a data set, by id; the default first."""
    return {
        row["treatment"]: Treatment(
            row["treatment"],
            float(row["low"]),
            float(row["central"]),
            float(row["high"]),
            row["bounds"],
            data.sources[row["source"]],
        )
        for row in data.rows("non_co2")
    }


def find_treatment(treatment_id: str, data: Dataset) -> Treatment | None:
    """Return the relation of an id; nothing for "none".

    Raises
    ------
    UnknownTreatment
        With the nearest ids as suggestions.
    """
    if treatment_id == NONE:
        return None
    known = treatments(data)
    if treatment_id not in known:
        near = difflib.get_close_matches(treatment_id, [*known, NONE], n=3, cutoff=0.3)
        raise UnknownTreatment({"given": treatment_id}, tuple(near))
    return known[treatment_id]


def bucket_of(ratio: float, data: Dataset) -> Bucket:
    """Return the bucket of a ratio of contrail warming to CO2 [kg CO2e per kg CO2]."""
    if ratio >= data.value("bucket_high_from"):
        return "high"
    return "moderate" if ratio >= data.value("bucket_moderate_from") else "low"


def trip_ratio(legs: Sequence[tuple[float, Bucket]], data: Dataset) -> float:
    """Return the ratio of a trip: the buckets' means weighted by fuel.

    Parameters
    ----------
    legs : sequence of (float, Bucket)
        Fuel [kg] and bucket of each leg.
    data : Dataset
        The data set of the means.
    """
    fuel = math.fsum(kg for kg, _ in legs)
    warmed = math.fsum(kg * data.value(f"bucket_{bucket}_mean") for kg, bucket in legs)
    return warmed / fuel


def trip_bucket(legs: Sequence[tuple[float, Bucket | None]], data: Dataset) -> str:
    """Return the bucket of a trip, or "not estimated" where a leg has none.

    Parameters
    ----------
    legs : sequence of (float, Bucket or None)
        Fuel [kg] of each leg, and its bucket where a ratio was given.
    data : Dataset
        The data set of the thresholds.
    """
    known = [(kg, bucket) for kg, bucket in legs if bucket is not None]
    if not known or len(known) < len(legs):
        return NOT_ESTIMATED
    return bucket_of(trip_ratio(known, data), data)


def ratio_of_forcing(energy_j: float, co2_kg: float, data: Dataset) -> float:
    """Return the ratio of contrail warming to CO2 over 100 years.

    Parameters
    ----------
    energy_j : float
        Energy forcing of the contrails [J].
    co2_kg : float
        CO2 of combustion [kg].
    data : Dataset
        The data set of the efficacy and of the absolute warming potential of CO2.

    Returns
    -------
    float
        efficacy × energy ÷ (AGWP100 × seconds in a year × surface of the earth × CO2) [1].
    """
    co2_j = data.value("agwp100_co2") * _SECONDS_PER_YEAR * _EARTH_M2 * co2_kg
    return data.value("contrail_efficacy") * energy_j / co2_j
