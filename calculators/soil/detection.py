"""Which change can a sampling plan detect, and how many cores does a wanted change need?

::

    unpaired  n = 2 (z1 + z2)² s² / d²        paired  n = 2 (1 − ρ) (z1 + z2)² s² / d²
    smallest detectable change                d = (z1 + z2) √(2 s² (1 − ρ) / n)
    cores for a mean within ±E                n = (z s / E)²
    strata                                    se² = Σ (A_k/A)² 2 s_k² (1 − ρ) / n_k

z1 is the two-sided quantile of the error of the first kind, z2 that of the power. These forms are
exact for many cores; for few, Student's t takes the place of z until the number no longer moves.
Snedecor and Cochran 1989, Statistical Methods, 8th edition; allocation by Neyman 1934
(doi:10.2307/2342192).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from calculators.soil.refusals import SoilRefused, amount, within
from calculators.soil.stock import RICHEST_TC_HA, WIDEST_HA
from calculators.soil.student import quantile

METHOD: Final = "detection"
VERSION: Final = "1"
ALPHA: Final = 0.05
"""Chance to call a change where there is none, two-sided [1]."""
POWER: Final = 0.80
"""Chance to detect a change that is there [1]."""
RULES: Final = ("proportional", "neyman")
"""Cores by area, or by area times standard deviation."""
GIVEN: Final = "given"
"""The rule of a plan whose cores somebody shared out already."""
_FEWEST: Final = 2
_MOST: Final = 1_000_000
_HALF: Final = 0.5
# One minus less than this is one, in the figures of a machine.
_SUREST: Final = 1e-9


@dataclass(frozen=True)
class PlannedStratum:
    """A part of the land to be sampled.

    Attributes
    ----------
    name : str
        What it is called.
    area_ha : float
        Its area [ha].
    sd : float
        Standard deviation of stocks between places of one round [tC/ha].
    """

    name: str
    area_ha: float
    sd: float


@dataclass(frozen=True)
class Plan:
    """How many cores a round, where, and what they can tell.

    Attributes
    ----------
    cores : int
        Cores a round.
    allocation : tuple of (str, int)
        Cores a round of each stratum.
    detectable : float
        Smallest change that is detected with the wanted power [tC/ha].
    standard_error : float
        Of the change [tC/ha].
    degrees : int
        Degrees of freedom of the comparison.
    paired : bool
        Whether the second round returns to the places of the first.
    rule : str
        One of `RULES`, or `GIVEN`.
    """

    cores: int
    allocation: tuple[tuple[str, int], ...]
    detectable: float
    standard_error: float
    degrees: int
    paired: bool
    rule: str

    def as_json(self) -> dict[str, object]:
        """Return the plan as plain values, keys in their fixed order."""
        return {
            "cores_a_round": self.cores,
            "allocation": dict(self.allocation),
            "detectable": self.detectable,
            "unit": "tC/ha",
            "standard_error": self.standard_error,
            "degrees": self.degrees,
            "paired": self.paired,
            "rule": self.rule,
        }


def many_for_change(
    sd: float,
    difference: float,
    *,
    correlation: float | None = None,
    alpha: float = ALPHA,
    power: float = POWER,
) -> float:
    """Return cores a round for a change, by the form for many cores, not rounded.

    Parameters
    ----------
    sd : float
        Standard deviation of stocks between places [tC/ha], above 0.
    difference : float
        The change to detect [tC/ha], above 0.
    correlation : float, optional
        ρ between the rounds at one place [1], −1 to below 1; none for unpaired cores.
    alpha, power : float
        Error of the first kind, two-sided, and power [1].

    Raises
    ------
    Impossible
        ``value_impossible``.
    """
    amount("standard deviation [tC/ha]", sd, RICHEST_TC_HA)
    within("difference [tC/ha]", difference, above=True)
    both = _normal(*_checked(alpha, power))
    return 2 * _unshared(correlation) * both**2 * sd**2 / difference**2


def many_detectable(
    sd: float,
    cores: int,
    *,
    correlation: float | None = None,
    alpha: float = ALPHA,
    power: float = POWER,
) -> float:
    """Return the smallest detectable change [tC/ha], by the form for many cores.

    Parameters
    ----------
    sd, correlation, alpha, power
        As in `many_for_change`.
    cores : int
        Cores a round, at least 2.

    Raises
    ------
    Impossible
        ``value_impossible``.
    """
    amount("standard deviation [tC/ha]", sd, RICHEST_TC_HA)
    within("cores", cores, least=_FEWEST)
    both = _normal(*_checked(alpha, power))
    return both * math.sqrt(2 * sd**2 * _unshared(correlation) / cores)


def many_for_mean(sd: float, half_width: float, *, alpha: float = ALPHA) -> float:
    """Return cores for a mean within ± a half width [tC/ha], by the form for many cores.

    Raises
    ------
    Impossible
        ``value_impossible``.
    """
    amount("standard deviation [tC/ha]", sd, RICHEST_TC_HA)
    within("half width [tC/ha]", half_width, above=True)
    _checked(alpha, POWER)
    return (NormalDist().inv_cdf(1 - alpha / 2) * sd / half_width) ** 2


def cores_for_mean(sd: float, half_width: float, *, alpha: float = ALPHA) -> int:
    """Return the least cores whose mean lies within ± a half width [tC/ha], by Student's t.

    Raises
    ------
    SoilRefused
        ``value_impossible``, or ``cores_too_many`` above a million.
    """
    start = max(_FEWEST, math.ceil(many_for_mean(sd, half_width, alpha=alpha)))
    return _least(start, lambda n: quantile(1 - alpha / 2, n - 1) * sd / math.sqrt(n) <= half_width)


def allocate(cores: int, strata: Sequence[PlannedStratum], rule: str) -> tuple[int, ...]:
    """Share cores among strata, two at least each, so that they sum to the whole.

    Parameters
    ----------
    cores : int
        Cores a round.
    strata : sequence of PlannedStratum, shape (k,)
        In any order.
    rule : str
        One of `RULES`.

    Returns
    -------
    tuple of int, shape (k,)
        Largest remainders decide what the shares leave over.

    Raises
    ------
    SoilRefused
        ``no_strata``; ``cores_too_few`` for fewer than two a stratum; ``word_unknown`` for a rule;
        ``value_impossible``.
    """
    weights = _weights(strata, rule)
    if cores < _FEWEST * len(strata):
        raise SoilRefused("cores_too_few", cores=cores, strata=len(strata), least=_FEWEST)
    within("cores", cores, most=_MOST)
    small: set[int] = set()
    while True:
        rest = cores - _FEWEST * len(small)
        whole = sum(w for at, w in enumerate(weights) if at not in small)
        quotas = [rest * w / whole if whole else 0.0 for w in weights]
        found = {at for at, quota in enumerate(quotas) if quota < _FEWEST} - small
        if not found:
            break
        small |= found
    shares = [_FEWEST if at in small else math.floor(quota) for at, quota in enumerate(quotas)]
    left = cores - sum(shares)
    by_remainder = sorted(
        (at for at in range(len(shares)) if at not in small),
        key=lambda at: (math.floor(quotas[at]) - quotas[at], at),
    )
    for at in by_remainder[:left]:
        shares[at] += 1
    return tuple(shares)


def plan(
    cores: int,
    strata: Sequence[PlannedStratum],
    *,
    correlation: float | None = None,
    rule: str = RULES[0],
    alpha: float = ALPHA,
    power: float = POWER,
) -> Plan:
    """Say what a number of cores can detect, by Student's t.

    Parameters
    ----------
    cores : int
        Cores a round.
    strata : sequence of PlannedStratum, shape (k,)
        One for land that is not divided.
    correlation : float, optional
        ρ between the rounds at one place [1]; none for unpaired cores.
    rule : str
        One of `RULES`.
    alpha, power : float
        Error of the first kind, two-sided, and power [1].

    Raises
    ------
    SoilRefused
        As `allocate`, and ``value_impossible``.

    Notes
    -----
    Paired: Σ n_k − k degrees of freedom. Unpaired: 2 (Σ n_k − k), as equal spreads are planned.
    """
    _checked(alpha, power)
    shares = allocate(cores, strata, rule)
    return _told(shares, strata, correlation, rule, alpha=alpha, power=power)


def plan_as_given(
    shares: Sequence[int],
    strata: Sequence[PlannedStratum],
    *,
    correlation: float | None = None,
    alpha: float = ALPHA,
    power: float = POWER,
) -> Plan:
    """Say what a plan can detect whose cores are already shared out, by Student's t.

    Parameters
    ----------
    shares : sequence of int, shape (k,)
        Cores a round of each stratum.
    strata, correlation, alpha, power
        As in `plan`.

    Raises
    ------
    SoilRefused
        ``no_strata``; ``cores_too_few`` for fewer than two in a stratum; ``value_impossible``.
    """
    _checked(alpha, power)
    _weights(strata, RULES[0])
    if min(shares) < _FEWEST:
        raise SoilRefused("cores_too_few", cores=sum(shares), strata=len(strata), least=_FEWEST)
    return _told(tuple(shares), strata, correlation, GIVEN, alpha=alpha, power=power)


def _told(
    shares: tuple[int, ...],
    strata: Sequence[PlannedStratum],
    correlation: float | None,
    rule: str,
    *,
    alpha: float,
    power: float,
) -> Plan:
    cores = sum(shares)
    whole = sum(stratum.area_ha for stratum in strata)
    squared = sum(
        (s.area_ha / whole) ** 2 * 2 * s.sd**2 * _unshared(correlation) / n
        for s, n in zip(strata, shares, strict=True)
    )
    degrees = (cores - len(strata)) * (1 if correlation is not None else 2)
    error = math.sqrt(squared)
    both = quantile(1 - alpha / 2, degrees) + quantile(power, degrees)
    return Plan(
        cores=cores,
        allocation=tuple((s.name, n) for s, n in zip(strata, shares, strict=True)),
        detectable=both * error,
        standard_error=error,
        degrees=degrees,
        paired=correlation is not None,
        rule=rule,
    )


def plan_for(
    difference: float,
    strata: Sequence[PlannedStratum],
    *,
    correlation: float | None = None,
    rule: str = RULES[0],
    alpha: float = ALPHA,
    power: float = POWER,
) -> Plan:
    """Return the plan with the least cores that detects a change.

    Parameters
    ----------
    difference : float
        The change to detect [tC/ha], above 0.
    strata, correlation, rule, alpha, power
        As in `plan`.

    Raises
    ------
    SoilRefused
        As `plan`; ``cores_too_many`` above a million.
    """
    within("difference [tC/ha]", difference, above=True)

    def made(cores: int) -> Plan:
        return plan(cores, strata, correlation=correlation, rule=rule, alpha=alpha, power=power)

    start = max(1, _FEWEST * len(strata))
    return made(_least(start, lambda cores: made(cores).detectable <= difference))


def _least(start: int, enough: Callable[[int], bool]) -> int:
    """Return the least number from a start on that is enough: by doubling, then by halving."""
    low, high = start - 1, start
    while high > _MOST or not enough(high):
        if high >= _MOST:
            raise SoilRefused("cores_too_many", most=_MOST)
        low, high = high, min(2 * high, _MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _weights(strata: Sequence[PlannedStratum], rule: str) -> list[float]:
    if not strata:
        raise SoilRefused("no_strata")
    if rule not in RULES:
        raise SoilRefused("word_unknown", column="rule", known=" or ".join(RULES), given=rule)
    for stratum in strata:
        amount("area [ha]", stratum.area_ha, WIDEST_HA)
        amount("standard deviation [tC/ha]", stratum.sd, RICHEST_TC_HA)
    if rule == RULES[0]:
        return [stratum.area_ha for stratum in strata]
    return [stratum.area_ha * stratum.sd for stratum in strata]


def _unshared(correlation: float | None) -> float:
    """Return the share of variance that two rounds do not have in common."""
    if correlation is None:
        return 1.0
    return 1 - within("correlation [1]", correlation, least=-1, most=1, below=True)


def _checked(alpha: float, power: float) -> tuple[float, float]:
    within("alpha [1]", alpha, above=True, most=_HALF, below=True)
    within("alpha [1]", alpha, least=_SUREST)
    within("power [1]", power, least=_HALF, most=1, below=True)
    return alpha, power


def _normal(alpha: float, power: float) -> float:
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
