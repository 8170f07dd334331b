"""Which multiple of the standard error bounds a mean of few samples? Student's t."""

import math
from typing import Final

_TINY: Final = 1e-300
_CLOSE: Final = 1e-15
_TERMS: Final = 500


def quantile(probability: float, degrees: int) -> float:
    """Return the quantile of Student's t distribution.

    Parameters
    ----------
    probability
        Probability below the quantile, between 0 and 1 [1].
    degrees
        Degrees of freedom, at least 1 [1].

    Raises
    ------
    ValueError
        Outside these bounds.

    Notes
    -----
    The distribution function comes from the regularised incomplete beta function by its continued
    fraction (Abramowitz and Stegun 1964, 26.5.8 and 26.7.1); bisection inverts it.
    """
    if not 0 < probability < 1 or degrees < 1:
        raise ValueError("a quantile needs 0 < probability < 1 and a degree of freedom")
    if probability < 0.5:  # noqa: PLR2004 - the distribution is symmetric about its median
        return -quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while _below(high, degrees) < probability:
        high *= 2
    # until no number lies between the two bounds
    while low < (middle := (low + high) / 2) < high:
        if _below(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(t: float, degrees: int) -> float:
    """Return P(T < t) for t >= 0."""
    return 1 - 0.5 * incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), for x in 0 to 1 and a, b > 0."""
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value, before, m = d, 0.0, 0
    while abs(value - before) > _CLOSE * abs(value) and m < _TERMS:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
    return value


def _away_from_zero(value: float) -> float:
    """Keep a divisor from vanishing."""
    return value if abs(value) > _TINY else _TINY
