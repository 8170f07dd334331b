"""Did the soil gain or lose carbon between two rounds of paired cores, or can nobody tell?

Stocks are compared at equivalent soil mass. The verdict follows the two-sided 95 % t interval:
"no change detected" is a normal result.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Final

from calculators.soil.refusals import SoilRefused
from calculators.soil.student import quantile

METHOD: Final = "paired-cores"
VERSION: Final = "1"
# Two chances in three, the exceedance idea of VT0014; unverified against its text.
POLICY: Final = "quantile-one-third"
POLICY_VERSION: Final = "1"
COVERAGE: Final = 0.95
_TWO_THIRDS: Final = 2 / 3
_FEWEST: Final = 2


@dataclass(frozen=True)
class Stratum:
    """A part of the land with its area [ha] and its pairs of stocks, before and after [tC/ha]."""

    area_ha: float
    pairs: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Change:
    """A measured change [tC/ha] with its 95 % interval and what may be said of it.

    ``conservative`` is what the change reaches with two chances in three.
    """

    baseline: float
    change: float
    standard_error: float
    degrees: int
    low: float
    high: float
    conservative: float
    verdict: str
    cores: int


def paired_change(strata: Sequence[Stratum]) -> Change:
    """Compare two rounds of paired cores, weighting strata by their area.

    Raises
    ------
    SoilRefused
        ``no_strata``; ``too_few_pairs`` for a stratum of fewer than two pairs;
        ``no_spread`` when every pair of a stratum changed by the same amount, which would claim
        certainty; ``value_impossible`` for an area or a stock that cannot be.
    """
    if not strata:
        raise SoilRefused("no_strata")
    for stratum in strata:
        _check(stratum)
    whole = sum(stratum.area_ha for stratum in strata)
    change = baseline = squared = 0.0
    for stratum in strata:
        weight = stratum.area_ha / whole
        differences = [after - before for before, after in stratum.pairs]
        change += weight * fmean(differences)
        baseline += weight * fmean(before for before, _ in stratum.pairs)
        # variance of the mean; the variance of differences is s1² + s2² − 2 cov
        squared += weight**2 * variance(differences) / len(differences)
    cores = sum(len(stratum.pairs) for stratum in strata)
    degrees = cores - len(strata)
    error = math.sqrt(squared)
    half = quantile((1 + COVERAGE) / 2, degrees) * error
    low, high = change - half, change + half
    return Change(
        baseline=baseline,
        change=change,
        standard_error=error,
        degrees=degrees,
        low=low,
        high=high,
        conservative=change - quantile(_TWO_THIRDS, degrees) * error,
        verdict=verdict(low, high),
        cores=cores,
    )


def verdict(low: float, high: float) -> str:
    """Say ``gain``, ``loss`` or ``no_change`` from the bounds of an interval."""
    if low > 0:
        return "gain"
    if high < 0:
        return "loss"
    return "no_change"


def _check(stratum: Stratum) -> None:
    if stratum.area_ha <= 0 or any(min(pair) < 0 for pair in stratum.pairs):
        raise SoilRefused("value_impossible")
    if len(stratum.pairs) < _FEWEST:
        raise SoilRefused("too_few_pairs", pairs=len(stratum.pairs))
    if variance(after - before for before, after in stratum.pairs) == 0:
        raise SoilRefused("no_spread")
