"""Between which values does a modelled figure lie in nine cases of ten?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COVERAGE: Final = 0.90
"""Share of cases that a modelled range is meant to contain."""

Z90: Final = 1.645
"""Standard deviations either side that hold 90 % of a normal distribution."""


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
