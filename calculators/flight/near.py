"""How far does a place lie from the great circle of a flight?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from calculators.units import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from collections.abc import Iterable

_TINY: Final = 1e-9  # radians; about 6 mm on the ground

Point = tuple[float, float]
"""Latitude and longitude [degrees]."""

_Vector = tuple[float, float, float]


def route_km(place: Point, legs: Iterable[tuple[Point, Point]]) -> float:
    """Return the distance from a place to the nearest leg of a route.

    Parameters
    ----------
    place : (float, float)
        Latitude and longitude [degrees].
    legs : iterable of ((float, float), (float, float))
        The ends of each leg [degrees].

    Returns
    -------
    float
        Distance on the mean sphere [km].

    Raises
    ------
    ValueError
        When the route has no leg.
    """
    return min(leg_km(place, origin, destination) for origin, destination in legs)


def leg_km(place: Point, origin: Point, destination: Point) -> float:
    """Return the distance from a place to one leg: across its great circle, or to its nearer end.

    Parameters
    ----------
    place, origin, destination : (float, float)
        Latitude and longitude [degrees].

    Returns
    -------
    float
        Cross-track distance [km] where the foot of the perpendicular lies between the ends, else
        the distance to the nearer end. A leg whose ends are one place is that place. Exactly
        opposite ends, between which every great circle is shortest, are joined over the north
        pole, as a map joins them.
    """
    p, a, b = _vector(place), _vector(origin), _vector(destination)
    pole = _cross(a, b)
    length = math.hypot(*pole)
    if length < _TINY:
        if _dot(a, b) > 0:
            return EARTH_RADIUS_KM * _angle(p, a)
        over = _over_the_pole(origin)
        return min(leg_km(place, origin, over), leg_km(place, over, destination))
    normal = (pole[0] / length, pole[1] / length, pole[2] / length)
    if _dot(_cross(a, p), normal) >= 0 and _dot(_cross(p, b), normal) >= 0:
        return EARTH_RADIUS_KM * math.asin(min(1.0, abs(_dot(p, normal))))
    return EARTH_RADIUS_KM * min(_angle(p, a), _angle(p, b))


def _over_the_pole(origin: Point) -> Point:
    """Return the middle of the way between opposite ends: the pole, or a point of the equator."""
    latitude, _ = origin
    return (90.0, 0.0) if abs(latitude) < 90 - math.degrees(_TINY) else (0.0, 0.0)


def _vector(point: Point) -> _Vector:
    north, east = math.radians(point[0]), math.radians(point[1])
    ring = math.cos(north)
    return ring * math.cos(east), ring * math.sin(east), math.sin(north)


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _dot(a: _Vector, b: _Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _angle(a: _Vector, b: _Vector) -> float:
    """Return the angle between two directions, exact for small and for large ones."""
    return math.atan2(math.hypot(*_cross(a, b)), _dot(a, b))
