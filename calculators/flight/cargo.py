"""Which share of a passenger flight's load is cargo?

Cargo shares the fuel by mass, a passenger with luggage counting 100 kg. The hold is filled by the
share of its capacity that 2019 traffic used at that distance (Dray et al. 2024).
"""

from __future__ import annotations

import functools
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


def hold_load_factor(great_circle_km: NDArray[np.float64], data: Dataset) -> NDArray[np.float64]:
    """Return the share of hold capacity used, shape (n,): linear between mid-points."""
    middle, share = hold_bands(data)
    return np.interp(great_circle_km, middle, share)


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
    cargo = hold_load_factor(great_circle_km, data) * hold_kg
    return np.asarray(cargo / (cargo + passengers_kg))
