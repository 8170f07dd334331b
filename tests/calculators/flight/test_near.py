"""Is the distance from a flight's great circle right at ends, poles and the date line?"""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.flight.distance import great_circle_points, haversine_km
from calculators.flight.near import leg_km, route_km
from calculators.units import EARTH_RADIUS_KM

DEGREE = math.pi * EARTH_RADIUS_KM / 180
CDG, JNB = (49.0097, 2.5479), (-26.1392, 28.246)


class Place(NamedTuple):
    latitude: float
    longitude: float


points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("place", "origin", "destination", "degrees"),
    [
        ((10, 45), (0, 0), (0, 90), 10),  # beside the middle of the equator
        ((0, 45), (0, 0), (0, 90), 0),  # on the way
        ((0, 0), (0, 0), (0, 90), 0),  # on an end
        ((0, -30), (0, 0), (0, 90), 30),  # before the start, on the same circle
        ((0, 120), (0, 0), (0, 90), 30),  # beyond the end
        ((90, 0), (0, 0), (0, 90), 90),  # the pole of the leg's own circle
        ((5, 180), (0, 170), (0, -170), 5),  # across the date line
        ((5, -180), (0, 170), (0, -170), 5),
        ((0, 175), (10, 180), (-10, 180), 5),  # along the date line
        ((80, 90), (70, 0), (70, 180), 10),  # a leg over the north pole
        ((-80, -90), (-70, 0), (-70, 180), 10),  # and over the south pole
        ((20, 0), (10, 0), (10, 0), 10),  # both ends in one place
        ((60, 90), (0, 0), (0, 180), 30),  # opposite ends: joined over the north pole
        ((0, 90), (90, 0), (-90, 0), 90),  # pole to pole: joined along longitude 0
    ],
)
def test_distances_that_can_be_told_by_head(
    place: tuple[float, float],
    origin: tuple[float, float],
    destination: tuple[float, float],
    degrees: float,
) -> None:
    assert leg_km(place, origin, destination) == pytest.approx(degrees * DEGREE, abs=1e-6)
    assert leg_km(place, destination, origin) == pytest.approx(degrees * DEGREE, abs=1e-6)


@pytest.mark.parametrize("place", [(43.3, -0.4), (13.5, 7.1), (-18.9, 47.5), (37.7, -2.5)])
def test_as_near_as_the_drawn_line_sampled_finely(place: tuple[float, float]) -> None:
    line = great_circle_points(Place(*CDG), Place(*JNB), 2_001)
    here = np.tile(np.array([place]), (len(line), 1))
    sampled = float(haversine_km(here, np.array(line)).min())
    assert leg_km(place, CDG, JNB) == pytest.approx(sampled, abs=0.5)


def test_a_route_is_as_near_as_its_nearest_leg() -> None:
    legs = (((0.0, 0.0), (0.0, 20.0)), ((0.0, 20.0), (30.0, 20.0)))
    assert route_km((25.0, 22.0), legs) == leg_km((25.0, 22.0), *legs[1])
    with pytest.raises(ValueError, match=r"arg|empty"):
        route_km((0, 0), ())


@given(points, points, points)
def test_never_farther_than_an_end_nor_nearer_than_a_sampled_line_allows(
    place: tuple[float, float], origin: tuple[float, float], destination: tuple[float, float]
) -> None:
    found = leg_km(place, origin, destination)
    ends = min(leg_km(place, origin, origin), leg_km(place, destination, destination))
    assert 0 <= found <= ends + 1e-6
    assert found == pytest.approx(leg_km(place, destination, origin), abs=1e-3)
