"""Between which values does a modelled figure lie in nine cases of ten?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

COVERAGE: Final = 0.90
"""Share of cases that a modelled range is meant to contain."""

Z90: Final = 1.645
"""Standard deviations either side that hold 90 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with the values it lies between.

    Attributes
    ----------
    low, central, high : float
        Bounds and central value, in the unit of the figure.
    coverage : float
        Share of cases between the bounds [0-1].
    """

    low: float
    central: float
    high: float
    coverage: float = COVERAGE


def combine(*relative: float) -> float:
    """Return the root of the sum of squares of independent relative uncertainties (k = 1)."""
    return math.hypot(*relative)


def modelled_range(central: float, relative: float) -> Range:
    """Return the 90 % range of a modelled figure.

    Parameters
    ----------
    central : float
        The figure, in any unit.
    relative : float
        Its relative standard uncertainty (k = 1) [1].

    Returns
    -------
    Range
        ``central * (1 -+ 1.645 relative)``, the lower bound not below zero.
    """
    spread = Z90 * relative
    return Range(max(0.0, central * (1 - spread)), central, central * (1 + spread))


def add_correlated(parts: tuple[Range, ...]) -> Range:
    """Return the sum of fully correlated figures: lows add to the low, highs to the high."""
    return Range(
        math.fsum(part.low for part in parts),
        math.fsum(part.central for part in parts),
        math.fsum(part.high for part in parts),
    )
