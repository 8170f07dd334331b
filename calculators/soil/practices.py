"""Which good practices are known for a climate, a soil and a production system, with what effect?

A dated data set: practice × climate × soil gives the default factors of Tier 1, and the rates that
were published, each with its source. A practice says what usually changes; a project says what
changes on its own land.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from calculators.soil import tables, tier1
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import DRAWS
from calculators.soil.tables import Factor
from calculators.soil.tier1 import Answer, Management, Question
from calculators.sources import Source

LATEST: Final = "2026.1"
"""Name of the data set in use."""
SYSTEMS: Final = ("annual_cropland", "perennial_cropland", "grassland", "coast")
WET_SOIL: Final = "organic_or_wet"
"""Name of soils that the published defaults do not hold for."""
METHODS: Final = ("tier1", "biochar", "literature")

CAUTIONS: Final[Mapping[str, str]] = {
    "added_once": "The carbon is added once, at spreading; a yearly average is for comparison.",
    "animals_moved": "Animals taken off this land graze elsewhere; that is leakage.",
    "brought_from_elsewhere": "Compost and manure from outside move carbon, they remove none; "
    "record tonnes, carbon and origin.",
    "counted_twice": "Biochar found in a soil sample must not be counted again.",
    "degraded_must_be_shown": "The default holds for severely degraded land; that state must be "
    "shown.",
    "drought": "A drought can take the gain back.",
    "feedstock_wood_only": "A spread is published here for wood alone; other feedstocks are "
    "refused.",
    "fertiliser_emits": "Nitrogen fertiliser emits nitrous oxide, which is not counted here.",
    "methane_not_included": "Methane and the loss of shores are not included.",
    "moved_not_gained": "Without tillage carbon gathers near the surface; sample 30 cm at least "
    "and compare equal masses of soil.",
    "never_on_forest": "Where forest stood, the factor is 0.89: a loss.",
    "no_default_on_wet_soil": "The published defaults do not hold for wet or organic soils; a "
    "coastal method is needed.",
    "only_while_kept": "The gain lasts while the practice is kept; ploughing can undo it.",
    "overestimated_in_africa": "For Africa, published gains were called largely overestimated "
    "(Corbeels et al. 2020).",
    "perennial_factor": "The factor of perennial crops in the tropics is not confirmed.",
    "trees_not_counted": "Carbon in the trees themselves is not counted.",
    "water_of_next_crop": "Where it is dry, a cover crop uses water of the next crop.",
}
"""What a reader should know, in English, by code."""


@dataclass(frozen=True)
class Rate:
    """A published rate of change.

    Attributes
    ----------
    of : str
        What was measured, in English.
    value : float or None
        Mean [tC/ha/yr].
    low, high : float or None
        Ends of a published range [tC/ha/yr].
    comparisons : int or None
        Paired comparisons behind the mean.
    climates : tuple of str
        Zones it holds for; empty for all.
    source : Source
        Where it was published.
    verified : bool
        Whether the figure was read there, and not in another work that quotes it.
    """

    of: str
    value: float | None
    low: float | None
    high: float | None
    comparisons: int | None
    climates: tuple[str, ...]
    source: Source
    verified: bool


@dataclass(frozen=True)
class Variant:
    """What a practice usually changes, in factors of Tier 1; a factor without a name is 1."""

    id: str
    system: str
    baseline: Management
    project: Management
    agroforestry: str | None

    def question(self, climate: str, soil: str) -> Question:
        """Return the Tier 1 question of this change on a soil in a climate."""
        return Question(soil, climate, self.baseline, self.project, self.agroforestry)


@dataclass(frozen=True)
class Practice:
    """A practice as the data set holds it.

    Attributes
    ----------
    id : str
        Stable name.
    systems : tuple of str
        Production systems, of `SYSTEMS`.
    method : str
        How it is estimated, of `METHODS`.
    variants : tuple of Variant
        Default changes; none where Tier 1 does not answer.
    rates : tuple of Rate
        What was published; for plausibility, not for estimates.
    cautions : tuple of str
        Codes of `CAUTIONS`.
    sources : tuple of Source
        All sources, each once.
    climates : tuple of str
        Zones it is limited to; empty for all that have defaults.
    """

    id: str
    systems: tuple[str, ...]
    method: str
    variants: tuple[Variant, ...]
    rates: tuple[Rate, ...]
    cautions: tuple[str, ...]
    sources: tuple[Source, ...]
    climates: tuple[str, ...]


@dataclass(frozen=True)
class Default:
    """The default change of a practice on one soil in one climate.

    Attributes
    ----------
    variant : Variant
        What changes.
    reference : Factor
        Stock under native vegetation, 0-30 cm [tC/ha].
    stock_baseline, stock_project : float
        Stocks before and after twenty years, 0-30 cm [tC/ha].
    rate : float
        Yearly change without any range [tC/ha/yr].
    factors : tuple of Factor
        Reference stock and factors, each with its spread and source.
    rates : tuple of Rate
        Published rates that hold for the climate.
    """

    variant: Variant
    reference: Factor
    stock_baseline: float
    stock_project: float
    rate: float
    factors: tuple[Factor, ...]
    rates: tuple[Rate, ...]


@cache
def _data() -> Mapping[str, Any]:
    path = files("calculators.soil") / "data" / f"practices-{LATEST}.json"
    data: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def dated() -> str:
    """Return the day the data set was made (ISO 8601)."""
    return str(_data()["dated"])


def version() -> str:
    """Return the name of the data set and the day it was made."""
    return f"{LATEST} of {dated()}"


@cache
def practices() -> tuple[Practice, ...]:
    """Return every practice, in the order of the data set."""
    return tuple(_practice(name, row) for name, row in _data()["practices"].items())


def practice(id: str) -> Practice:  # noqa: A002 - the word of the field
    """Return a practice by its name.

    Raises
    ------
    SoilRefused
        ``practice_unknown``.
    """
    for one in practices():
        if one.id == id:
            return one
    raise SoilRefused("practice_unknown", practice=id)


def background() -> Rate:
    """Return the range that most practices lie in worldwide, to compare a rate with."""
    return _rate(_data()["background"])


def climates() -> tuple[str, ...]:
    """Return the climate zones of the reference stocks, each once."""
    return tuple(dict.fromkeys(zone for soil in tables.soils() for zone in tables.climates(soil)))


def listing(
    climate: str | None = None, soil: str | None = None, system: str | None = None
) -> tuple[Practice, ...]:
    """Return the practices that the data set knows for a climate, a soil and a system.

    Parameters
    ----------
    climate, soil, system : str, optional
        Of `climates`, `tables.soils` or `WET_SOIL`, and `SYSTEMS`; none asks for all.

    Raises
    ------
    SoilRefused
        ``climate_unknown``, ``soil_unknown`` or ``system_unknown``.
    """
    _known(climate, soil, system)
    return tuple(
        one
        for one in practices()
        if (system is None or system in one.systems) and _fits(one, climate, soil, system)
    )


def find(id: str, climate: str, soil: str) -> tuple[Default, ...]:  # noqa: A002 - as in practice()
    """Return the default changes of a practice on a soil in a climate, with their figures.

    Raises
    ------
    SoilRefused
        ``practice_unknown``, ``climate_unknown``, ``soil_unknown``; ``practice_without_default``
        where Tier 1 does not answer for the practice; ``no_default`` or ``wet_soil`` where it has
        no figure for the place: never another zone's.
    """
    one = practice(id)
    _known(climate, soil, None)
    if not one.variants:
        raise SoilRefused("practice_without_default", practice=id)
    if one.climates and climate not in one.climates:
        raise SoilRefused("no_default", practice=id, climate=climate)
    held = tuple(rate for rate in one.rates if not rate.climates or climate in rate.climates)
    return tuple(_default(variant, climate, soil, held) for variant in one.variants)


def estimate(variant: Variant, climate: str, soil: str, *, seed: int, draws: int = DRAWS) -> Answer:
    """Estimate the default change of a practice by Tier 1, with its range.

    Raises
    ------
    SoilRefused
        ``wet_soil`` or ``no_default``.
    """
    return tier1.project(variant.question(climate, _mineral(soil)), seed=seed, draws=draws)


def _default(variant: Variant, climate: str, soil: str, rates: tuple[Rate, ...]) -> Default:
    # the figures without a range need no draws worth the name
    answer = estimate(variant, climate, soil, seed=0, draws=2)
    return Default(
        variant,
        answer.factors[0],
        answer.stock_baseline,
        answer.stock_project,
        tier1.yearly(answer.stock_baseline, answer.stock_project),
        answer.factors,
        rates,
    )


def _mineral(soil: str) -> str:
    if soil == WET_SOIL:
        raise SoilRefused("wet_soil", soil=soil)
    return soil


def _known(climate: str | None, soil: str | None, system: str | None) -> None:
    if climate is not None and climate not in climates():
        raise SoilRefused("climate_unknown", climate=climate)
    if soil is not None and soil not in (*tables.soils(), WET_SOIL):
        raise SoilRefused("soil_unknown", soil=soil)
    if system is not None and system not in SYSTEMS:
        raise SoilRefused("system_unknown", system=system)


def _fits(one: Practice, climate: str | None, soil: str | None, system: str | None) -> bool:
    """Say whether a practice is known for a place; what is not asked for fits."""
    if climate is not None and one.climates and climate not in one.climates:
        return False
    if not one.variants:
        wet = one.method == "literature"
        return soil is None or (soil == WET_SOIL) == wet
    if soil == WET_SOIL:
        return False
    soils = tables.soils() if soil is None else (soil,)
    zones = climates() if climate is None else (climate,)
    asked = [v for v in one.variants if system in (None, v.system)]
    return any(_answered(v, zone, s) for v in asked for zone in zones for s in soils)


@cache
def _answered(variant: Variant, climate: str, soil: str) -> bool:
    try:
        _default(variant, climate, soil, ())
    except SoilRefused:
        return False
    return True


def _practice(name: str, row: Mapping[str, Any]) -> Practice:
    variants = tuple(
        Variant(
            one["id"],
            row["systems"][at],
            Management(**one["baseline"]),
            Management(**one["project"]),
            one.get("agroforestry"),
        )
        for at, one in enumerate(row["variants"])
    )
    rates = tuple(_rate(one) for one in row["rates"])
    cited = [rate.source for rate in rates]
    if variants:
        cited.insert(0, _source("ipcc2019"))
    if any(variant.agroforestry for variant in variants):
        cited.append(_source("cardinael2018"))
    cited += [_source(one) for one in row.get("further", ())]
    return Practice(
        name,
        tuple(row["systems"]),
        row["method"],
        variants,
        rates,
        tuple(row["cautions"]),
        tuple(dict.fromkeys(cited)),
        tuple(row.get("climates", ())),
    )


def _rate(row: Mapping[str, Any]) -> Rate:
    return Rate(
        row["of"],
        row.get("value"),
        row.get("low"),
        row.get("high"),
        row.get("comparisons"),
        tuple(row.get("climates", ())),
        _source(row["source"]),
        bool(_data()["sources"][row["source"]]["verified"]),
    )


def _source(id: str) -> Source:  # noqa: A002 - as in practice()
    row = _data()["sources"][id]
    return Source(id, row["title"], row["year"], row["licence"], row["url"])
