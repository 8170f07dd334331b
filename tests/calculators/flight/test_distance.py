"""Is the great circle as long as it should be, the same both ways, and drawn without a gap?"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.flight import airports
from calculators.flight.distance import great_circle_km, great_circle_points


@dataclass(frozen=True)
class Point:
    latitude: float
    longitude: float


POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


def test_zrh_sfo_is_within_a_thousandth_of_the_published_9369_km() -> None:
    # Travel Impact Model 3.0.0, worked example (CC BY 4.0).
    km = great_circle_km(airports.find("ZRH"), airports.find("SFO"))
    assert km == pytest.approx(9369, rel=1e-3)


@given(POINTS, POINTS)
def test_distance_is_symmetric_and_at_most_half_the_way_round(a: Point, b: Point) -> None:
    km = great_circle_km(a, b)
    assert km == pytest.approx(great_circle_km(b, a), abs=1e-6)
    assert 0 <= km <= math.pi * 6371.0088 + 1e-6


@given(POINTS, POINTS)
def test_a_line_joins_its_ends_and_its_pieces_add_up(a: Point, b: Point) -> None:
    line = [Point(*pair) for pair in great_circle_points(a, b, 33)]
    assert len(line) == 33
    assert great_circle_km(line[0], a) < 1e-3
    assert great_circle_km(line[-1], b) < 1e-3
    length = sum(great_circle_km(p, q) for p, q in itertools.pairwise(line))
    assert length == pytest.approx(great_circle_km(a, b), abs=0.05)


def test_identical_ends_give_one_point_many_times() -> None:
    assert great_circle_points(Point(10, 20), Point(10, 20), 5) == ((10, 20),) * 5


@pytest.mark.parametrize(("a", "b"), [(Point(0, 0), Point(0, 180)), (Point(90, 0), Point(-90, 0))])
def test_opposite_ends_are_joined(a: Point, b: Point) -> None:
    line = [Point(*pair) for pair in great_circle_points(a, b, 5)]
    assert great_circle_km(line[-1], b) < 1e-6
    assert great_circle_km(line[0], line[2]) == pytest.approx(math.pi / 2 * 6371.0088)


def test_opposite_ends_are_joined_over_the_north_pole() -> None:
    line = great_circle_points(Point(0, 0), Point(0, 180), 5)
    assert line[2][0] == pytest.approx(90)
    assert line[1][0] == pytest.approx(45)


def test_a_line_has_two_ends() -> None:
    with pytest.raises(ValueError, match="1"):
        great_circle_points(Point(0, 0), Point(1, 1), 1)
