"""What does a flight emit by the UK Government's conversion factors?

Great-circle distance times a factor per passenger-kilometre, which already contains 8 % for the
detour. Source: DESNZ, UK Government GHG conversion factors for company reporting, "Business travel
- air", 2023 to 2025, Open Government Licence v3.0.
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
    note_codes,
)
from calculators.flight.methods.inputs import great_circle
from calculators.flight.methods.numbers import by_distance
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

SHORT_UNTIL_KM: Final = 3700.0
"""Typical length to which the publication counts a flight to or from the UK as short haul."""

UPLIFT: Final = 1.08
"""Detour that the published factors contain, as the methodology papers state."""

_YEARS: Final = (2023, 2024, 2025)
_WTT_YEARS: Final = (2025,)
_UK: Final = "GB"
HAULS: Final = ("domestic", "short", "long", "international")
"""Classes of length, in the order of the rows of :func:`table`."""
_NOTE: Final = (
    "Averages fell by 16 to 42 % from 2024 to 2025; radiative forcing counts CO2 1.7 times; "
    "short haul ends at 3,700 km here."
)

_AVERAGE: Final = ("average_passenger",)

# Rows that stand in where the publication does not tell a cabin apart.
_STAND_IN: Final = {"premium": "economy", "first": "business"}


@dataclass(frozen=True, slots=True)
class _Variant:
    year: int
    with_rf: bool
    with_wtt: bool

    @property
    def id(self) -> str:
        return (
            f"desnz-{self.year}{'' if self.with_rf else '-norf'}{'-wtt' if self.with_wtt else ''}"
        )

    @property
    def info(self) -> MethodInfo:
        forcing = "with" if self.with_rf else "without"
        upstream = "well-to-wake" if self.with_wtt else "tank-to-wake"
        return MethodInfo(
            id=self.id,
            version=str(self.year),
            name=f"DESNZ {self.year}, {forcing} radiative forcing"
            f"{', with well-to-tank' if self.with_wtt else ''}",
            year=self.year,
            scope=f"{upstream}, {forcing} non-CO2 effects, per passenger",
            non_co2="included" if self.with_rf else "not estimated",
            rounding="factors as published, result 1 g",
            licence="Open Government Licence v3.0",
            source=f"UK Government GHG conversion factors {self.year}",
            url="https://www.gov.uk/government/collections/"
            "government-conversion-factors-for-company-reporting",
            note=_NOTE,
            boundary="WTW" if self.with_wtt else "TTW",
            jumps_km=(SHORT_UNTIL_KM,),
            nowhere="countries unknown: short or long haul by the distance alone, not domestic, not"
            " international",
        )


_VARIANTS: Final = {
    variant.id: variant
    for year in reversed(_YEARS)
    for with_wtt in ((False, True) if year in _WTT_YEARS else (False,))
    for with_rf in (True, False)
    for variant in (_Variant(year, with_rf, with_wtt),)
}

INFOS: Final = tuple(variant.info for variant in _VARIANTS.values())


@functools.cache
def table(data: Dataset, year: int, column: str) -> NDArray[np.float64]:
    """Return factors [kg CO2e per passenger-km] by haul and cabin, shape (4, 4)."""
    rows = {
        (row["haul"], row["cabin"]): float(row[column])
        for row in data.rows("desnz")
        if int(row["year"]) == year
    }
    return np.array([[_row(rows, haul, cabin) for cabin in CABINS] for haul in HAULS])


def _row(rows: dict[tuple[str, str], float], haul: str, cabin: str) -> float:
    for name in (cabin, _STAND_IN.get(cabin, cabin)):
        if (haul, name) in rows:
            return rows[haul, name]
    return rows[haul, "average"]


def _haul(legs: LegBatch) -> NDArray[np.intp]:
    origin, destination = legs.origin_country == _UK, legs.destination_country == _UK
    # Of a distance alone nobody knows that it is domestic, or that it leaves the UK aside.
    uk = origin | destination | (legs.origin_country == "")
    short = legs.great_circle_km < SHORT_UNTIL_KM
    return np.select([origin & destination, uk & short, uk], [0, 1, 2], 3).astype(np.intp)


def compute(
    method_id: str,
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Figures:
    """Return the figures of every leg; see :class:`Method`."""
    variant = _VARIANTS[method_id]
    at = (_haul(legs), legs.cabin)
    direct = legs.great_circle_km * table(data, variant.year, _column(variant))[at]
    ttw = None if variant.with_rf else direct
    notes = note_table(data, variant.year)[at]
    if not variant.with_wtt:
        return Figures(direct, ttw_kg=ttw, notes=notes)
    wtt = legs.great_circle_km * table(data, variant.year, "wtt")[at]
    both = direct + wtt
    wtw = None if variant.with_rf else both
    return Figures(both, wtt_kg=wtt, ttw_kg=ttw, wtw_kg=wtw, notes=notes)


def _column(variant: _Variant) -> str:
    return "with_rf" if variant.with_rf else "without_rf"


def explain(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    variant = _VARIANTS[method_id]
    haul, cabin = int(_haul(legs)[index]), int(legs.cabin[index])
    km = float(legs.great_circle_km[index])
    names = (_column(variant), "wtt") if variant.with_wtt else (_column(variant),)
    source = data.sources["desnz"]
    unit, year = "kg CO2e per passenger-km", str(variant.year)
    pairs = [(name, float(table(data, variant.year, name)[haul, cabin])) for name in names]
    factors = (
        great_circle(km, data, overrides),
        source.factor("haul", HAULS[haul], "class", version=year),
        *(source.factor(name, value, unit, version=year) for name, value in pairs),
    )
    notes = note_codes(int(note_table(data, variant.year)[haul, cabin]))
    split = variant.with_wtt and not variant.with_rf
    return Explanation(factors, by_distance(km, pairs, split=split), notes)


@functools.cache
def note_table(data: Dataset, year: int) -> NDArray[np.uint16]:
    """Return what to tell by haul and cabin, as bits, shape (4, 4)."""
    published = told_apart(data, year)
    missing = note_bits(("cabin_not_published",))
    return np.array(
        [[0 if (haul, cabin) in published else missing for cabin in CABINS] for haul in HAULS],
        dtype=np.uint16,
    )


@functools.cache
def told_apart(data: Dataset, year: int) -> frozenset[tuple[str, str]]:
    """Return the (haul, cabin) pairs that the publication of a year tells apart."""
    return frozenset(
        (row["haul"], row["cabin"]) for row in data.rows("desnz") if int(row["year"]) == year
    )


def account(
    method_id: str,
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - one signature for all methods
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    variant = _VARIANTS[method_id]
    haul, cabin = int(_haul(legs)[index]), int(legs.cabin[index])
    plain, forced = (table(data, variant.year, name) for name in ("without_rf", "with_rf"))
    seat, burnt = float(plain[haul, 0]), float(plain[haul, cabin])
    wtt = float(table(data, variant.year, "wtt")[haul, cabin]) if variant.with_wtt else 0.0
    source = f"{data.sources['desnz'].title}, {variant.year}"
    absent = ("not_counted",)
    told = "economy" in {name for at, name in told_apart(data, variant.year) if at == HAULS[haul]}
    return Account(
        Detail.COMBUSTION,
        {
            "distance": Term(
                float(legs.great_circle_km[index]) * UPLIFT, source, ("uplift_in_factor",)
            ),
            "combustion_factor": Term(
                seat / UPLIFT, source, ("one_factor",) if told else ("one_factor", *_AVERAGE)
            ),
            "cabin": Term(burnt / seat, source, () if told else ("cabins_alike",)),
            "well_to_tank_share": Term(wtt / burnt, source, () if wtt else absent),
            "non_co2": Term(
                float(forced[haul, cabin]) / burnt if variant.with_rf else 1.0,
                source,
                ("on_co2_alone",) if variant.with_rf else absent,
            ),
            "other": Term(0.0, source, absent),
            "rounding": Term(0.0, source),
        },
    )
