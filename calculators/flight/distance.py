"""How far is it from one place to another along the great circle?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from calculators.units import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TINY: Final = 1e-9  # radians; about 6 mm on the ground


class Located(Protocol):
    """Anything with a latitude and a longitude in degrees."""

    @property
    def latitude(self) -> float:
        """Degrees north."""

    @property
    def longitude(self) -> float:
        """Degrees east."""


def haversine_km(
    origin: NDArray[np.float64], destination: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return great-circle distances on the mean sphere.

    Parameters
    ----------
    origin, destination : ndarray, shape (n, 2)
        Latitude and longitude [degrees].

    Returns
    -------
    ndarray, shape (n,)
        Distances [km] for R = 6371.0088 km; within 0.56 % of the WGS84 ellipsoid.
    """
    a, b = np.radians(origin), np.radians(destination)
    half = np.sin((b - a) / 2) ** 2
    h = half[:, 0] + np.cos(a[:, 0]) * np.cos(b[:, 0]) * half[:, 1]
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0))))


def great_circle_km(a: Located, b: Located) -> float:
    """Return the great-circle distance between two places [km]."""
    origin = np.array([[a.latitude, a.longitude]])
    destination = np.array([[b.latitude, b.longitude]])
    return float(haversine_km(origin, destination)[0])


def _vector(place: Located) -> NDArray[np.float64]:
    latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
    ring = math.cos(latitude)
    return np.array([ring * math.cos(longitude), ring * math.sin(longitude), math.sin(latitude)])


def great_circle_points(a: Located, b: Located, count: int = 97) -> tuple[tuple[float, float], ...]:
    """Return points along the great circle, for a map.

    Parameters
    ----------
    a, b : Located
        The ends. Identical ends give `count` times the same point; exactly opposite ends, between
        which every great circle is shortest, are joined over the north pole.
    count : int
        Number of points, both ends included, at least 2.

    Returns
    -------
    tuple of (float, float)
        Latitude and longitude [degrees].

    Raises
    ------
    ValueError
        When `count` is below 2.
    """
    if count < 2:  # noqa: PLR2004 - a line has two ends
        raise ValueError(count)
    start, end = _vector(a), _vector(b)
    angle = math.atan2(float(np.linalg.norm(np.cross(start, end))), float(start @ end))
    if angle < _TINY:
        return ((a.latitude, a.longitude),) * count
    if math.pi - angle < _TINY:
        side = np.array([0.0, 0.0, 1.0]) - start * start[2]
        if float(np.linalg.norm(side)) < _TINY:
            side = np.array([1.0, 0.0, 0.0])
    else:
        side = end - start * math.cos(angle)
    side = side / np.linalg.norm(side)
    turn = np.linspace(0.0, angle, count)[:, None]
    x, y, z = (np.cos(turn) * start + np.sin(turn) * side).T
    latitude = np.degrees(np.arctan2(z, np.hypot(x, y)))
    longitude = np.degrees(np.arctan2(y, x))
    return tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))
