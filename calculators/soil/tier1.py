"""What may a mineral soil gain under a new practice? IPCC 2019 Tier 1, 0-30 cm, by simulation.

::

    SOC  = SOCref(soil, climate) × land use × management × carbon input
    rate = (SOC_project − SOC_baseline) / 20 years

What baseline and project share is drawn once: independent draws would overstate the spread.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calculators.soil import tables
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import DRAWS, Draws, Shaker, Spread
from calculators.soil.tables import Factor

METHOD: Final = "ipcc2019-tier1"
METHOD_AGROFORESTRY: Final = "ipcc2019-tier1-agroforestry"
VERSION: Final = "1"
YEARS: Final = 20
"""Years over which a stock moves to its new level, the default D of the IPCC [yr]."""
DEPTH_CM: Final = 30
"""Depth that reference stocks and factors hold for [cm]."""


# Two products, their difference, and one to sum up in.
_SUMS: Final = 4


@dataclass(frozen=True)
class Management:
    """How land is used; a factor that is not named is 1 without spread.

    Attributes
    ----------
    land_use, management, carbon_input : str or None
        Names of factors, one a kind (`tables.names`).
    """

    land_use: str | None = None
    management: str | None = None
    carbon_input: str | None = None

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return (kind, name) of the factors that are named, in the order of drawing."""
        values = (self.land_use, self.management, self.carbon_input)
        return tuple((k, v) for k, v in zip(tables.KINDS, values, strict=True) if v is not None)

    def as_json(self) -> dict[str, str | None]:
        """Return the names, None for a factor of 1."""
        return dict(
            zip(tables.KINDS, (self.land_use, self.management, self.carbon_input), strict=True)
        )


@dataclass(frozen=True)
class Question:
    """What is asked of Tier 1: a soil in a climate, and its use before and after.

    Attributes
    ----------
    soil, climate : str
        Of `tables.soils` and `tables.climates`.
    baseline, project : Management
        The land before and after.
    agroforestry : str or None
        What the trees were planted on: cropland, grassland or forest.
    """

    soil: str
    climate: str
    baseline: Management
    project: Management
    agroforestry: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the inputs as plain values."""
        return {
            "soil": self.soil,
            "climate": self.climate,
            "baseline": self.baseline.as_json(),
            "project": self.project.as_json(),
            "agroforestry": self.agroforestry,
        }


@dataclass(frozen=True)
class Answer:
    """The stocks before and after, the yearly rate and every figure it rests on.

    Attributes
    ----------
    method : str
        `METHOD`, or `METHOD_AGROFORESTRY` where trees are planted.
    reference, stock_baseline, stock_project : float
        Stocks under native vegetation, before and after, 0-30 cm [tC/ha].
    rate : Spread
        The yearly change over `YEARS` years [tC/ha/yr].
    factors : tuple of Factor
        The reference stock and each factor once, with spread and source.
    """

    method: str
    reference: float
    stock_baseline: float
    stock_project: float
    rate: Spread
    factors: tuple[Factor, ...]


def project(question: Question, *, seed: int, draws: int = DRAWS) -> Answer:
    """Answer a Tier 1 question.

    Parameters
    ----------
    question : Question
        Soil, climate, baseline and project.
    seed, draws : int
        What repeats the simulation exactly.

    Raises
    ------
    SoilRefused
        ``wet_soil``, ``no_default``, ``land_mixed`` (cropland and grassland factors on one land,
        or under trees that were planted on the other),
        ``agroforestry_unknown``, or ``nothing_changes``.

    Notes
    -----
    Normal draws clipped at 0, in the order reference stock, factors of the baseline, factors of
    the project not drawn yet, trees. IPCC 2019 Refinement, Vol. 4, Equation 2.25 and Tables 2.3,
    5.5 and 6.2; trees by Cardinael et al. 2018.
    """
    reference = tables.reference_stock(question.soil, question.climate)
    baseline = _factors(question.baseline, question.climate)
    after = _factors(question.project, question.climate) + _trees(question.agroforestry)
    _one_land(question)
    if baseline == after:
        raise SoilRefused("nothing_changes")
    shaker = Shaker(seed, draws, len({reference, *baseline, *after}) + _SUMS)
    rates = _rates(shaker, reference, baseline, after)
    central_before = stock_under(reference.value, [f.value for f in baseline])
    central_after = stock_under(reference.value, [f.value for f in after])
    return Answer(
        method=METHOD_AGROFORESTRY if question.agroforestry else METHOD,
        reference=reference.value,
        stock_baseline=central_before,
        stock_project=central_after,
        rate=shaker.spread(rates, yearly(central_before, central_after)),
        factors=(reference, *dict.fromkeys(baseline + after)),
    )


def stock_under(reference: float, factors: Sequence[float]) -> float:
    """Return a stock [tC/ha] from a reference stock [tC/ha] and its factors [1]."""
    return reference * math.prod(factors)


def yearly(before: float, after: float) -> float:
    """Return the yearly change over `YEARS` years, in the unit of the stocks per year."""
    return (after - before) / YEARS


def _rates(
    shaker: Shaker, reference: Factor, baseline: tuple[Factor, ...], after: tuple[Factor, ...]
) -> Draws:
    stock = shaker.draw(reference.name, reference.value, reference.sd)
    before = _product(shaker, baseline)
    rates = np.subtract(_product(shaker, after), before, out=shaker.row())
    rates *= stock
    rates /= YEARS
    return rates


def _factors(land: Management, climate: str) -> tuple[Factor, ...]:
    used = {name for _, name in land.named()}
    if used & tables.CROPLAND and used & tables.GRASSLAND:
        raise SoilRefused("land_mixed", factors=", ".join(sorted(used)))
    return tuple(tables.factor(kind, name, climate) for kind, name in land.named())


def _one_land(question: Question) -> None:
    """Hold trees to the land they were planted on: a factor of other land says nothing there."""
    other = {"cropland": tables.GRASSLAND, "grassland": tables.CROPLAND}.get(
        question.agroforestry or "", frozenset()
    )
    named = (*question.baseline.named(), *question.project.named())
    mixed = sorted({name for _, name in named} & other)
    if mixed:
        factors = ", ".join((f"trees on {question.agroforestry}", *mixed))
        raise SoilRefused("land_mixed", factors=factors)


def _trees(planted_on: str | None) -> tuple[Factor, ...]:
    if planted_on is None:
        return ()
    try:
        return (tables.AGROFORESTRY[planted_on],)
    except KeyError:
        raise SoilRefused("agroforestry_unknown", planted_on=planted_on) from None


def _product(shaker: Shaker, factors: tuple[Factor, ...]) -> Draws | float:
    """Multiply the draws of factors; the draws themselves are shared and stay as they are."""
    drawn = [shaker.draw(factor.name, factor.value, factor.sd) for factor in factors]
    if len(drawn) < 2:  # noqa: PLR2004 - nothing to multiply
        return drawn[0] if drawn else 1.0
    product = np.multiply(drawn[0], drawn[1], out=shaker.row())
    for more in drawn[2:]:
        product *= more
    return product
