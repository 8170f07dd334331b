"""Which share of a passenger flight's load is cargo?

Cargo shares the fuel by mass, a passenger with luggage counting 100 kg. The hold is filled by the
share of its capacity that 2019 traffic used at that distance (Dray et al. 2024).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset


@functools.cache
def hold_bands(data: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the band mid-points [km] and the share of hold capacity used there [0-1]."""
    rows = data.rows("cargo")
    middle = np.array([float(row["distance_km"]) for row in rows])
    return middle, np.array([float(row["hold_load_factor"]) for row in rows])


@functools.cache
def hold_lines(data: Dataset) -> Lines:
    """Return the share of hold capacity as lines: flat before and after all mid-points."""
    middle, share = hold_bands(data)
    rise = np.diff(share) / np.diff(middle)
    return Lines(
        np.concatenate([middle[:1], middle]),
        np.concatenate([share[:1], share]),
        np.concatenate([[0.0], rise, [0.0]]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Straight pieces, arrays of shape (k,): y = y0 + slope (x - x0) on each."""

    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    slope: NDArray[np.float64]


def hold_load_factor(great_circle_km: NDArray[np.float64], data: Dataset) -> NDArray[np.float64]:
    """Return the share of hold capacity used, shape (n,): linear between mid-points."""
    lines = hold_lines(data)
    at = np.searchsorted(hold_bands(data)[0], great_circle_km, side="right")
    return lines.y0[at] + lines.slope[at] * (great_circle_km - lines.x0[at])


def fraction(
    share: NDArray[np.float64],
    hold_kg: float | NDArray[np.float64],
    passengers_kg: float | NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the cargo mass fraction for a share of the hold that is used; all broadcast."""
    cargo = share * hold_kg
    return np.asarray(cargo / (cargo + passengers_kg))


def mass_fraction(
    great_circle_km: NDArray[np.float64], hold_kg: float, passengers_kg: float, data: Dataset
) -> NDArray[np.float64]:
    """Return the cargo mass fraction.

    Parameters
    ----------
    great_circle_km : ndarray, shape (n,)
        Distances [km].
    hold_kg : float
        Payload left when every seat is taken [kg].
    passengers_kg : float
        Mass of the passengers on board with their luggage [kg].
    data : Dataset
        The data set of the bands.

    Returns
    -------
    ndarray, shape (n,)
        cargo / (cargo + passengers) [0-1].
    """
    return fraction(hold_load_factor(great_circle_km, data), hold_kg, passengers_kg)
