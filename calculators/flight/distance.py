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


# Rational approximation of (arcsin x - x) / x³ in x² up to x = 0.5, as in the Sun Microsystems
# mathematics library (fdlibm 5.3, e_asin.c, freely distributable): error below one unit in the
# last place. Written out here because the arcsine of an array may differ in its last bit from one
# machine, and from one place in the array, to another; sums, products, quotients and square roots
# may not (IEEE 754). So a row of a batch has the bits of the same flight estimated alone.
_ASIN_P: Final = (
    3.47933107596021167570e-05,
    7.91534994289814532176e-04,
    -4.00555345006794114027e-02,
    2.01212532134862925881e-01,
    -3.25565818622400915405e-01,
    1.66666666666666657415e-01,
)
_ASIN_Q: Final = (
    7.70381505559019352791e-02,
    -6.88283971605453293030e-01,
    2.02094576023350569471e00,
    -2.40339491173441421878e00,
    1.0,
)
_QUARTER: Final = 0.25


def unit_vectors(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points on the unit sphere.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Latitude and longitude [degrees].

    Returns
    -------
    ndarray, shape (3, n)
        Cartesian coordinates [1].
    """
    return np.array(
        [_xyz(latitude, longitude) for latitude, longitude in points.tolist()], dtype=np.float64
    ).T.reshape(3, -1)


def _xyz(latitude: float, longitude: float) -> tuple[float, float, float]:
    north, east = math.radians(latitude), math.radians(longitude)
    ring = math.cos(north)
    return ring * math.cos(east), ring * math.sin(east), math.sin(north)


def _polynomial(z: NDArray[np.float64], coefficients: tuple[float, ...]) -> NDArray[np.float64]:
    total = z * coefficients[0]
    for coefficient in coefficients[1:-1]:
        total += coefficient
        total *= z
    total += coefficients[-1]
    return total


def between_km(
    origin: NDArray[np.float64], destination: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return great-circle distances between points on the unit sphere.

    Parameters
    ----------
    origin, destination : ndarray, shape (3, n)
        As of :func:`unit_vectors`.

    Returns
    -------
    ndarray, shape (n,)
        Distances [km] for R = 6371.0088 km: 2R asin(half the chord).
    """
    chord = origin - destination
    chord *= chord
    h = chord[0] + chord[1]
    h += chord[2]
    h *= _QUARTER
    near = h <= _QUARTER
    # Beyond 60 degrees by asin x = π/2 - 2 asin √((1 - x)/2), where the approximation holds.
    z = np.where(near, h, np.maximum((1 - np.sqrt(h)) / 2, 0.0))
    root = np.sqrt(z)
    angle = root + root * (z * _polynomial(z, _ASIN_P) / _polynomial(z, _ASIN_Q))
    return np.asarray(np.where(near, angle, math.pi / 2 - 2 * angle) * (2 * EARTH_RADIUS_KM))


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
    return between_km(unit_vectors(origin), unit_vectors(destination))


def great_circle_km(a: Located, b: Located) -> float:
    """Return the great-circle distance between two places [km]."""
    origin = np.array([[a.latitude, a.longitude]])
    destination = np.array([[b.latitude, b.longitude]])
    return float(haversine_km(origin, destination)[0])


def _vector(place: Located) -> NDArray[np.float64]:
    return np.array(_xyz(place.latitude, place.longitude))


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
