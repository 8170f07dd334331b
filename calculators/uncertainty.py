"""Between which values does a modelled figure lie in nine cases of ten?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def bounds(
    central: NDArray[np.float64], relative: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the 90 % ranges of modelled figures.

    Parameters
    ----------
    central : ndarray, shape (n,)
        The figures, in any unit, none below zero.
    relative : ndarray, shape (n,)
        Their relative standard uncertainties (k = 1) [1].

    Returns
    -------
    low, high : ndarray, shape (n,)
        ``central * (1 -+ 1.645 relative)``, the lower end not below zero.
    """
    spread = Z90 * relative
    return np.maximum(central * (1 - spread), 0.0), central * (1 + spread)


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
    low, high = bounds(np.array(central), np.array(relative))
    return Range(float(low), central, float(high))


def add_correlated(parts: tuple[Range, ...]) -> Range:
    """Return the sum of fully correlated figures: lows add to the low, highs to the high."""
    return Range(
        math.fsum(part.low for part in parts),
        math.fsum(part.central for part in parts),
        math.fsum(part.high for part in parts),
    )
