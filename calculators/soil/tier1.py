"""What may a mineral soil gain under a new practice? IPCC 2019 Tier 1, 0-30 cm, by simulation.

::

    SOC  = SOCref(soil, climate) × land use × management × carbon input
    rate = (SOC_project − SOC_baseline) / 20 years

What baseline and project share is drawn once: independent draws would overstate the spread.
"""

import math
from dataclasses import dataclass
from typing import Final

from calculators.soil import tables
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import DRAWS, Draws, Shaker, Spread
from calculators.soil.tables import Factor

METHOD: Final = "ipcc2019-tier1"
METHOD_AGROFORESTRY: Final = "ipcc2019-tier1-agroforestry"
VERSION: Final = "1"
YEARS: Final = 20
DEPTH_CM: Final = 30


@dataclass(frozen=True)
class Management:
    """How land is used; a factor that is not named is 1 without spread."""

    land_use: str | None = None
    management: str | None = None
    carbon_input: str | None = None

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return (kind, name) of the factors that are named, in the order of drawing."""
        values = (self.land_use, self.management, self.carbon_input)
        return tuple((k, v) for k, v in zip(tables.KINDS, values, strict=True) if v is not None)


@dataclass(frozen=True)
class Question:
    """What is asked of Tier 1: a soil in a climate, and its use before and after.

    ``agroforestry`` names what the trees were planted on: cropland, grassland or forest.
    """

    soil: str
    climate: str
    baseline: Management
    project: Management
    agroforestry: str | None = None


@dataclass(frozen=True)
class Answer:
    """The stocks before and after [tC/ha], the rate [tC/ha/yr] and every figure it rests on."""

    method: str
    reference: float
    stock_baseline: float
    stock_project: float
    rate: Spread
    factors: tuple[Factor, ...]


def project(question: Question, *, seed: int, draws: int = DRAWS) -> Answer:
    """Answer a Tier 1 question.

    Raises
    ------
    SoilRefused
        ``wet_soil``, ``no_default``, ``land_mixed`` (cropland and grassland factors on one land),
        ``agroforestry_unknown``, or ``nothing_changes``.
    """
    reference = tables.reference_stock(question.soil, question.climate)
    baseline = _factors(question.baseline, question.climate)
    after = _factors(question.project, question.climate) + _trees(question.agroforestry)
    if baseline == after:
        raise SoilRefused("nothing_changes")
    shaker = Shaker(seed, draws)
    stock = shaker.draw(reference.name, reference.value, reference.sd)
    before_draws = _product(shaker, baseline)
    rates = (_product(shaker, after) - before_draws) * stock / YEARS
    central_before = reference.value * math.prod(f.value for f in baseline)
    central_after = reference.value * math.prod(f.value for f in after)
    return Answer(
        method=METHOD_AGROFORESTRY if question.agroforestry else METHOD,
        reference=reference.value,
        stock_baseline=central_before,
        stock_project=central_after,
        rate=shaker.spread(rates, (central_after - central_before) / YEARS),
        factors=(reference, *dict.fromkeys(baseline + after)),
    )


def _factors(land: Management, climate: str) -> tuple[Factor, ...]:
    used = {name for _, name in land.named()}
    if used & tables.CROPLAND and used & tables.GRASSLAND:
        raise SoilRefused("land_mixed", factors=", ".join(sorted(used)))
    return tuple(tables.factor(kind, name, climate) for kind, name in land.named())


def _trees(planted_on: str | None) -> tuple[Factor, ...]:
    if planted_on is None:
        return ()
    try:
        return (tables.AGROFORESTRY[planted_on],)
    except KeyError:
        raise SoilRefused("agroforestry_unknown", planted_on=planted_on) from None


def _product(shaker: Shaker, factors: tuple[Factor, ...]) -> Draws | float:
    product: Draws | float = 1.0
    for factor in factors:
        product = product * shaker.draw(factor.name, factor.value, factor.sd)
    return product
