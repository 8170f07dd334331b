"""Do routes and places stand where they are, and never across the whole map?"""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from calculators.flight import airports
from calculators.flight.distance import great_circle_points
from offset.web import maps
from offset.web.maps import Track

STATIC = Path(maps.__file__).resolve().parents[1] / "static" / "map"


def a_track(origin: str, destination: str) -> Track:
    a, b = airports.find(origin), airports.find(destination)
    return Track(f"{a.city} {a.code}", f"{b.city} {b.code}", great_circle_points(a, b))


def test_the_projection_is_natural_earth() -> None:
    # Corners of the published polynomial: the middle, the eastern edge and the north pole.
    assert maps.natural_earth(0, 0) == (500, 260)
    assert maps.natural_earth(0, 180)[0] == pytest.approx(1000, abs=0.01)
    x, y = maps.natural_earth(90, 180)
    # Flat pole: 1.4224 of 2.7354 high, and the pole line is shorter than the equator.
    assert y == pytest.approx(260 - 1.4224 / 5.47077 * 1000, abs=0.6)
    assert 700 < x < 860


def test_a_route_over_the_date_line_has_two_pieces() -> None:
    drawn = maps.route_map([a_track("SYD", "LAX")])
    assert drawn.shape == "wide"
    assert len(drawn.arcs) == 2
    for piece in drawn.arcs:
        xs = [float(point.split(",")[0]) for point in piece[1:].split("L")]
        assert max(abs(b - a) for a, b in pairwise(xs)) < 100


def test_a_return_is_drawn_once_and_labels_stay_inside() -> None:
    drawn = maps.route_map([a_track("CDG", "JNB"), a_track("JNB", "CDG")])
    assert drawn.shape == "tall"
    assert len(drawn.arcs) == 1
    assert [mark.label for mark in drawn.airports] == ["Paris CDG", "Johannesburg JNB"]
    for mark in drawn.airports:
        assert 5 < mark.x < 95
        assert 5 < mark.y < 95
        assert mark.lean == ("start" if mark.x <= 50 else "end")
    north, south = drawn.airports
    assert not north.below
    assert south.below


def test_neighbours_put_their_labels_on_different_sides() -> None:
    drawn = maps.route_map([a_track("CDG", "ORY"), a_track("ORY", "JFK")])
    paris = [mark for mark in drawn.airports if mark.label.startswith("Paris")]
    assert {mark.below for mark in paris} == {True, False}


def test_a_short_hop_still_shows_its_neighbourhood() -> None:
    _, _, width, _ = map(float, maps.route_map([a_track("LHR", "CDG")]).view.split())
    assert width >= 70


def test_projects_are_numbered_in_their_order() -> None:
    drawn = maps.world_map([("one", (43.3, -0.4)), ("two", (-19.0, 47.1))])
    assert [mark.number for mark in drawn.projects] == [1, 2]
    assert drawn.projects[0].x < drawn.projects[1].x
    assert drawn.projects[0].y < drawn.projects[1].y


def test_a_place_stands_in_its_own_country() -> None:
    niger = maps.locator(13.5, 7.1)
    assert niger.own
    assert niger.land
    at_sea = maps.locator(0.0, -30.0)
    assert not at_sea.own


def test_a_ring_is_cut_at_the_edges_of_a_box() -> None:
    square = [(-1.0, -1.0), (3.0, -1.0), (3.0, 3.0), (-1.0, 3.0)]
    assert sorted(maps.clip(square, (0, 0, 2, 2))) == [(0, 0), (0, 2), (2, 0), (2, 2)]
    assert maps.clip(square, (5, 5, 1, 1)) == []


def test_no_ring_of_the_land_crosses_the_whole_map() -> None:
    """Rings around the date line, such as Fiji's, draw a line over the map when not unwrapped."""
    text = (STATIC / "land.svg").read_text("utf-8")
    land = re.search(r'id="land"[^>]* d="([^"]+)"', text)
    assert land is not None
    for ring in land.group(1).split("z"):
        steps = [float(n) for n in re.findall(r"-?\d*\.?\d+", ring.partition("l")[2])]
        assert all(abs(step) < 120 for step in steps[::2])
    assert "style=" not in text


def test_the_finer_map_holds_no_antarctica_and_no_long_line() -> None:
    countries = json.loads((STATIC / "countries-50m.json").read_text("utf-8"))
    assert len(countries) > 200
    longest = max(abs(step) for rings in countries for ring in rings for step in ring[2::2])
    assert longest < 1200  # tenths of a unit: an edge along the cut at 180° is the longest
