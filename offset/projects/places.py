"""Where is a project, as far as the public may know?"""

import math
from typing import Final

_EARTH_KM: Final = 6371.0088
_STEP_KM: Final = 10.0
_KM_PER_DEGREE: Final = math.pi * _EARTH_KM / 180
_POLAR_COSINE: Final = 0.01

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def rounded(point: Point) -> Point:
    """Round a position to 10 km, so that it names a region and no farm."""
    latitude, longitude = point
    step = _STEP_KM / _KM_PER_DEGREE
    coarse = round(latitude / step) * step
    # the step in longitude follows the rounded parallel, so that rounding twice changes nothing
    wide = step / max(math.cos(math.radians(coarse)), _POLAR_COSINE)
    return round(coarse, 3), round(round(longitude / wide) * wide, 3)


def distance_km(one: Point, other: Point) -> float:
    """Return the great-circle distance of two points [km]."""
    a, b = math.radians(one[0]), math.radians(other[0])
    turn = math.radians(other[1] - one[1])
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(h)))
