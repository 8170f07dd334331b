"""Did the soil gain or lose carbon between two rounds of cores, or can nobody tell?

Stocks are compared at equivalent soil mass. The verdict follows the two-sided 95 % t interval:
"no change detected" is a normal result.

::

    paired    s²_k = (s²_1 + s²_2 − 2 cov_12) / n_k        df = Σ n_k − strata
    unpaired  s²_k = s²_1 / n_1 + s²_2 / n_2               df by Welch and Satterthwaite
    change Δ = Σ (A_k/A) Δ_k      se² = Σ (A_k/A)² s²_k
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Final

from calculators.soil.refusals import SoilRefused, amount, within
from calculators.soil.stock import RICHEST_TC_HA, WIDEST_HA
from calculators.soil.student import quantile

METHOD: Final = "paired-cores"
METHOD_UNPAIRED: Final = "independent-cores"
VERSION: Final = "1"
# Two chances in three, the exceedance idea of VT0014; unverified against its text.
POLICY: Final = "quantile-one-third"
POLICY_VERSION: Final = "1"
COVERAGE: Final = 0.95
"""Share of repeated samplings whose interval would hold the true change [1]."""
_TWO_THIRDS: Final = 2 / 3
_FEWEST: Final = 2
# Differences of equal changes differ in the last binary digits; no laboratory measures so finely.
_ALIKE: Final = 1e-9


@dataclass(frozen=True)
class Stratum:
    """A part of the land whose cores were taken twice at the same places.

    Attributes
    ----------
    area_ha : float
        Its area [ha].
    pairs : tuple of (float, float), shape (n, 2)
        Stocks before and after at equivalent soil mass [tC/ha].
    name : str
        What it is called, for messages.
    """

    area_ha: float
    pairs: tuple[tuple[float, float], ...]
    name: str = ""


@dataclass(frozen=True)
class Independent:
    """A part of the land whose cores were taken at other places in the second round.

    Attributes
    ----------
    area_ha : float
        Its area [ha].
    before, after : tuple of float, shapes (n,) and (m,)
        Stocks of each round at one equivalent soil mass [tC/ha].
    name : str
        What it is called, for messages.
    """

    area_ha: float
    before: tuple[float, ...]
    after: tuple[float, ...]
    name: str = ""


@dataclass(frozen=True)
class Change:
    """A measured change with its 95 % interval and what may be said of it.

    Attributes
    ----------
    baseline, change : float
        Stock of the first round and what was added to it, by area [tC/ha].
    standard_error : float
        Of the change [tC/ha].
    degrees : int
        Degrees of freedom.
    low, high : float
        Bounds of the two-sided 95 % t interval [tC/ha].
    conservative : float
        What the change reaches with two chances in three [tC/ha].
    verdict : str
        ``gain``, ``loss`` or ``no_change``.
    cores : int
        Pairs, or cores of both rounds where they are independent.
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

    def as_json(self) -> dict[str, float | int | str]:
        """Return the figures as plain values, keys in their fixed order."""
        return {
            "baseline": self.baseline,
            "change": self.change,
            "low": self.low,
            "high": self.high,
            "coverage": COVERAGE,
            "standard_error": self.standard_error,
            "degrees": self.degrees,
            "conservative": self.conservative,
            "verdict": self.verdict,
            "cores": self.cores,
            "unit": "tC/ha",
        }


def mean_change(strata: Sequence[Stratum]) -> tuple[float, float]:
    """Return baseline and change by area [tC/ha], without any interval.

    For strata whose spread cannot be known; a figure without an interval is no verdict.

    Raises
    ------
    SoilRefused
        ``no_strata``; ``too_few_pairs`` for a stratum without a pair; ``value_impossible``.
    """
    if not strata:
        raise SoilRefused("no_strata")
    for stratum in strata:
        _possible(stratum.area_ha, [stock for pair in stratum.pairs for stock in pair])
        if not stratum.pairs:
            raise SoilRefused("too_few_pairs", pairs=0, stratum=stratum.name)
    whole = sum(stratum.area_ha for stratum in strata)
    change = baseline = 0.0
    for stratum in strata:
        weight = stratum.area_ha / whole
        change += weight * fmean(after - before for before, after in stratum.pairs)
        baseline += weight * fmean(before for before, _ in stratum.pairs)
    return baseline, change


def paired_change(strata: Sequence[Stratum]) -> Change:
    """Compare two rounds of paired cores, weighting strata by their area.

    Parameters
    ----------
    strata : sequence of Stratum, shape (k,)
        At least one, each with two pairs or more.

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
    baseline, change = mean_change(strata)
    whole = sum(stratum.area_ha for stratum in strata)
    squared = 0.0
    for stratum in strata:
        differences = [after - before for before, after in stratum.pairs]
        # variance of the mean; the variance of differences is s1² + s2² − 2 cov
        squared += (stratum.area_ha / whole) ** 2 * variance(differences) / len(differences)
    cores = sum(len(stratum.pairs) for stratum in strata)
    return _interval(baseline, change, squared, cores - len(strata), cores)


def independent_change(strata: Sequence[Independent]) -> Change:
    """Compare two rounds of cores from different places, weighting strata by their area.

    Parameters
    ----------
    strata : sequence of Independent, shape (k,)
        At least one, each with two cores a round or more.

    Raises
    ------
    SoilRefused
        ``no_strata``; ``too_few_cores``; ``no_spread`` when a round of a stratum does not vary;
        ``value_impossible``.

    Notes
    -----
    Degrees of freedom by Satterthwaite 1946 (doi:10.2307/3002019), rounded down.
    """
    if not strata:
        raise SoilRefused("no_strata")
    whole = sum(stratum.area_ha for stratum in strata)
    change = baseline = 0.0
    parts: list[tuple[float, int]] = []
    for stratum in strata:
        _check_independent(stratum)
        weight = stratum.area_ha / whole
        change += weight * (fmean(stratum.after) - fmean(stratum.before))
        baseline += weight * fmean(stratum.before)
        parts += [
            (weight**2 * variance(stocks) / len(stocks), len(stocks) - 1)
            for stocks in (stratum.before, stratum.after)
        ]
    squared = sum(part for part, _ in parts)
    degrees = squared**2 / sum(part**2 / free for part, free in parts)
    cores = sum(len(stratum.before) + len(stratum.after) for stratum in strata)
    return _interval(baseline, change, squared, max(1, math.floor(degrees + 1e-9)), cores)


def change_of(strata: Sequence[Stratum | Independent]) -> Change:
    """Compare two rounds by whichever design their strata have.

    Raises
    ------
    SoilRefused
        As `paired_change` and `independent_change`.
    """
    apart = [one for one in strata if isinstance(one, Independent)]
    if apart:
        return independent_change(apart)
    return paired_change([one for one in strata if isinstance(one, Stratum)])


def verdict(low: float, high: float) -> str:
    """Say ``gain``, ``loss`` or ``no_change`` from the bounds of an interval."""
    if low > 0:
        return "gain"
    if high < 0:
        return "loss"
    return "no_change"


def _interval(baseline: float, change: float, squared: float, degrees: int, cores: int) -> Change:
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


def _possible(area_ha: float, stocks: Sequence[float]) -> None:
    amount("area [ha]", area_ha, WIDEST_HA)
    for stock in stocks:
        within("stock [tC/ha]", within("stock [tC/ha]", stock), most=RICHEST_TC_HA)


def _check(stratum: Stratum) -> None:
    _possible(stratum.area_ha, [stock for pair in stratum.pairs for stock in pair])
    if len(stratum.pairs) < _FEWEST:
        raise SoilRefused("too_few_pairs", pairs=len(stratum.pairs), stratum=stratum.name)
    if _alike([after - before for before, after in stratum.pairs], _largest(stratum.pairs)):
        raise SoilRefused("no_spread", stratum=stratum.name)


def _check_independent(stratum: Independent) -> None:
    _possible(stratum.area_ha, (*stratum.before, *stratum.after))
    fewest = min(len(stratum.before), len(stratum.after))
    if fewest < _FEWEST:
        raise SoilRefused("too_few_cores", cores=fewest, stratum=stratum.name)
    for stocks in (stratum.before, stratum.after):
        if _alike(stocks, max(stocks)):
            raise SoilRefused("no_spread", stratum=stratum.name)


def _largest(pairs: Sequence[tuple[float, float]]) -> float:
    return max(stock for pair in pairs for stock in pair)


def _alike(values: Sequence[float], scale: float) -> bool:
    """Say whether values differ by no more than their arithmetic rounds."""
    return max(values) - min(values) <= _ALIKE * scale
