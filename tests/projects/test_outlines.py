"""Is an outline read, judged and measured rightly, whatever somebody draws?"""

import json
import math
import random
from itertools import combinations, pairwise
from typing import Any

import pytest

from offset.errors import InvalidInput
from offset.projects import geojson, outlines
from offset.projects.outlines import UNIT, Ring

SQUARE = [[0.0, 10.0], [0.1, 10.0], [0.1, 10.1], [0.0, 10.1], [0.0, 10.0]]


def polygon(*rings: Any) -> str:
    return json.dumps({"type": "Polygon", "coordinates": list(rings)})


def moved(ring: Any, east: float, north: float = 0, scale: float = 1) -> Any:
    return [[round(x * scale + east, 9), round((y - 10) * scale + 10 + north, 9)] for x, y in ring]


def square(west: float, south: float, east: float, north: float) -> Any:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def steps(ring: Any) -> Ring:
    return tuple((round(x * UNIT), round(y * UNIT)) for x, y in ring)


def test_areas_are_those_of_the_ellipsoid() -> None:
    whole = (steps(square(-180, -90, 180, 90)),)
    assert outlines.hectares((whole,)) == pytest.approx(51_006_562_172, rel=1e-9)
    # a degree by a degree at the equator, between parallels (WGS 84)
    cell = (steps(square(0, 0, 1, 1)),)
    assert outlines.hectares((cell,)) == pytest.approx(1_230_846.4, rel=1e-6)
    # far north the same square is small, and just as large on the other side of the equator
    north, south = (steps(square(5, lat, 6, lat + 1)) for lat in (69, -70))
    assert outlines.hectares(((north,),)) == pytest.approx(outlines.hectares(((south,),)))
    assert outlines.hectares(((north,),)) < 440_000
    # ten metres by ten
    tiny = (steps(square(2, 48, 2.000134, 48.00009)),)
    assert outlines.hectares((tiny,)) == pytest.approx(0.01, rel=0.01)


def test_a_hole_is_taken_off_and_rings_are_wound() -> None:
    hole = moved(SQUARE, 0.025, 0.025, 0.5)
    [drawn] = geojson.read(polygon(SQUARE[::-1], hole))
    [full] = geojson.read(polygon(SQUARE))
    assert drawn.area_ha == pytest.approx(full.area_ha * 0.75, rel=1e-4)
    [rings] = drawn.outline
    assert outlines.wound(rings) == rings
    assert rings[0] == full.outline[0][0][:1] + rings[0][1:]


def test_features_and_collections_are_read_with_their_names() -> None:
    one = {"type": "Polygon", "coordinates": [SQUARE]}
    two = {"type": "MultiPolygon", "coordinates": [[moved(SQUARE, 1)], [moved(SQUARE, 2)]]}
    told = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": " North \n\ud800 \0field"}, "geometry": one},
            {"type": "Feature", "properties": None, "geometry": two},
        ],
    }
    first, second = geojson.read("\ufeff" + json.dumps(told))
    assert (first.name, second.name) == ("North field", "")
    assert len(second.outline) == 2
    again = geojson.read(json.dumps(geojson.written("x", second.outline)))
    assert again[0].outline == second.outline
    assert geojson.kept(json.loads(json.dumps(second.outline))) == second.outline
    single = geojson.written("y", first.outline)
    assert single["geometry"]["type"] == "Polygon"


def test_corners_as_a_telephone_shows_them() -> None:
    [drawn] = geojson.read("13,5; 2.10\n13,5; 2.11\n\n13.51 2.11\n13.51, 2.10")
    assert outlines.box(drawn.outline).south == 13.5
    assert drawn.area_ha == pytest.approx(119.8, rel=0.01)


BOW_TIE = [[0, 10], [0.1, 10.1], [0.1, 10], [0, 10.1], [0, 10]]
TOUCHES = [[0, 10], [0.2, 10], [0.1, 10.1], [0.2, 10.2], [0, 10.2], [0.1, 10.1], [0, 10]]
SPIKE = [[0, 10], [0.1, 10], [0.2, 10], [0.1, 10], [0.1, 10.1], [0, 10]]
REFUSED: list[tuple[str, str]] = [
    ("", "outline_missing"),
    ("{", "outline_no_json"),
    ("[" * 200_000, "outline_no_json"),
    ('{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "outline_no_json"),
    ("[1]", "outline_no_geojson"),
    ('{"type": "FeatureCollection", "features": []}', "outline_no_feature"),
    ('{"type": "FeatureCollection", "features": [3]}', "outline_no_feature_here"),
    (json.dumps({"type": "FeatureCollection", "features": [{}] * 201}), "outline_too_many"),
    ('{"type": "Point", "coordinates": [1, 2]}', "outline_no_polygon"),
    ('{"type": "Feature", "geometry": null}', "outline_no_polygon"),
    ('{"type": "GeometryCollection", "geometries": []}', "outline_no_polygon"),
    ('{"type": "MultiPolygon", "coordinates": []}', "outline_empty"),
    ('{"type": "Polygon", "coordinates": [[]]}', "outline_too_few"),
    ('{"type": "MultiPolygon", "coordinates": [[]]}', "outline_empty"),
    (
        '{"type": "Polygon", "crs": {"properties": {"name": "EPSG:3857"}}, "coordinates": []}',
        "outline_other_crs",
    ),
    (polygon(SQUARE[:-1]), "outline_open"),
    (polygon([[0, 10], [0, 10], [0, 10], [0, 10]]), "outline_too_few"),
    (polygon([[0, 10], [0.1, 10], [0.2, 10], [0, 10]]), "outline_crosses"),
    (polygon(BOW_TIE), "outline_crosses"),
    (polygon(TOUCHES), "outline_crosses"),
    (polygon(SPIKE), "outline_crosses"),
    (polygon(SQUARE, moved(SQUARE, 5)), "outline_hole_outside"),
    (polygon(SQUARE, moved(SQUARE, 0.05, 0.05)), "outline_rings_cross"),
    (
        polygon(SQUARE, moved(SQUARE, 0.01, 0.01, 0.8), moved(SQUARE, 0.02, 0.02, 0.5)),
        "outline_hole_in_hole",
    ),
    (
        json.dumps(
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [moved(SQUARE, 0.05, 0.05)]]}
        ),
        "outline_parts_overlap",
    ),
    (polygon([["0", 10], [1, 10], [1, 11], ["0", 10]]), "outline_no_corner"),
    (polygon([[True, 10], [1, 10], [1, 11], [True, 10]]), "outline_no_corner"),
    (polygon([[0], [1, 10], [1, 11], [0]]), "outline_no_corner"),
    (polygon([[0, 1e400], [1, 10], [1, 11], [0, 1e400]]).replace("Infinity", "1e400"), ""),
    (polygon([[181, 10], [182, 10], [182, 11], [181, 10]]), "outline_off_earth"),
    (polygon([[500000, 4800000], [500100, 4800000], [1, 1], [500000, 4800000]]), ""),
    (polygon(square(10, -80, 11, -79)), "outline_antarctic"),
    (polygon(square(-180, -90, 180, -60)), "outline_antarctic"),
    (
        polygon([[179.9, 10], [-179.9, 10], [-179.9, 10.1], [179.9, 10.1], [179.9, 10]]),
        "outline_antimeridian",
    ),
    (polygon(square(0, 10, 0.00001, 10.00001)), "outline_too_small"),
    (polygon(square(0, 10, 20, 30)), "outline_too_wide"),
    ("13.5 2.1\nnorth\n", "outline_line"),
    ("13.5 2.1\n13.6 2.1\n", "outline_too_few"),
    ("x" * 4_000_001, "outline_too_large"),
]


@pytest.mark.parametrize(("text", "code"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_outline_is_refused_with_its_place(text: str, code: str) -> None:
    with pytest.raises(InvalidInput, match=code or "outline_(no_corner|off_earth)") as refusal:
        geojson.read(text)
    assert refusal.value.field == "outline"


def test_the_place_of_a_fault_is_named() -> None:
    told = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Polygon", "coordinates": [SQUARE]},
            {"type": "Polygon", "coordinates": [BOW_TIE]},
        ],
    }
    with pytest.raises(InvalidInput) as refusal:
        geojson.read(json.dumps(told))
    assert refusal.value.parameters["feature"] == 2
    assert refusal.value.parameters["ring"] == 1


def test_both_halves_of_land_at_the_antimeridian_are_one_site() -> None:
    west, east = square(-180, 65, -179.9, 65.1), square(179.9, 65, 180, 65.1)
    [drawn] = geojson.read(json.dumps({"type": "MultiPolygon", "coordinates": [[west], [east]]}))
    [half] = geojson.read(polygon(west))
    assert drawn.area_ha == pytest.approx(2 * half.area_ha, rel=1e-6)


def test_neighbouring_fields_share_a_line() -> None:
    both = [[SQUARE], [moved(SQUARE, 0.1)]]
    [drawn] = geojson.read(json.dumps({"type": "MultiPolygon", "coordinates": both}))
    assert outlines.common_hectares(drawn.outline[:1], drawn.outline[1:]) < 0.01


def wheel(corners: int) -> Any:
    ring = [
        [
            10 + 0.1 * math.cos(2 * math.pi * n / corners),
            45 + 0.1 * (1 + 0.001 * (n % 2)) * math.sin(2 * math.pi * n / corners),
        ]
        for n in range(corners)
    ]
    return [*ring, ring[0]]


def test_the_largest_outline_costs_few_comparisons_and_a_larger_one_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn, asked = outlines._turn, 0  # noqa: SLF001 - every comparison of the sweep asks it

    def counted(a: outlines.Corner, b: outlines.Corner, c: outlines.Corner) -> int:
        nonlocal asked
        asked += 1
        return turn(a, b, c)

    monkeypatch.setattr(outlines, "_turn", counted)
    corners = 19_999
    [drawn] = geojson.read(polygon(wheel(corners)))
    assert outlines.vertices(drawn.outline) == corners
    # side with side it would be two hundred million
    assert corners < asked < 20 * corners * math.log2(corners)
    asked = 0
    with pytest.raises(InvalidInput, match="outline_too_fine"):
        geojson.read(polygon([[round(x, 6), round(y, 6)] for x, y in wheel(100_000)]))
    assert asked == 0


def test_what_two_outlines_have_in_common() -> None:
    one = ((steps(square(0, 10, 0.1, 10.1)),),)
    half = ((steps(square(0.05, 10, 0.15, 10.1)),),)
    apart = ((steps(square(1, 10, 1.1, 10.1)),),)
    area = outlines.hectares(one)
    assert outlines.common_hectares(one, half) == pytest.approx(area / 2, rel=1e-4)
    assert outlines.common_hectares(one, one) == pytest.approx(area, rel=1e-4)
    assert outlines.common_hectares(one, apart) == 0
    ring = steps(square(0.02, 10.02, 0.08, 10.08))
    holed = ((one[0][0], ring[::-1]),)
    inner = ((ring,),)
    assert outlines.common_hectares(holed, inner) == pytest.approx(0, abs=area / 1000)
    triangle = ((steps([[0, 10], [0.1, 10], [0, 10.1], [0, 10]]),),)
    assert outlines.common_hectares(one, triangle) == pytest.approx(
        outlines.hectares(triangle), rel=2e-3
    )


def meets(a: Any, b: Any, c: Any, d: Any) -> bool:
    """Two closed sides have a point in common, by four turns."""

    def turn(p: Any, q: Any, r: Any) -> int:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    def on(p: Any, q: Any, r: Any) -> bool:
        return turn(p, q, r) == 0 and min(p, q) <= r <= max(p, q)

    if any((on(a, b, c), on(a, b, d), on(c, d, a), on(c, d, b))):
        return True
    return (turn(a, b, c) > 0) != (turn(a, b, d) > 0) and (turn(c, d, a) > 0) != (turn(c, d, b) > 0)


def crosses(ring: Ring) -> bool:
    """The same question by comparing every pair of sides."""
    sides = list(pairwise(ring))
    for (n, (a, b)), (m, (c, d)) in combinations(enumerate(sides), 2):
        if m - n in {1, len(sides) - 1}:
            shared = b if m - n == 1 else a
            near, far = (a, d) if m - n == 1 else (b, c)
            turn = (near[0] - shared[0]) * (far[1] - shared[1]) - (near[1] - shared[1]) * (
                far[0] - shared[0]
            )
            ahead = (near[0] - shared[0]) * (far[0] - shared[0]) + (near[1] - shared[1]) * (
                far[1] - shared[1]
            )
            if turn == 0 and ahead > 0:
                return True
        elif meets(a, b, c, d):
            return True
    return False


def around(corners: list[tuple[int, int]], middle: float) -> list[tuple[int, int]]:
    """The same corners, each once, in order around a middle."""
    return sorted(set(corners), key=lambda one: math.atan2(one[1] - middle, one[0] - middle))


def test_the_sweep_finds_what_all_pairs_find() -> None:
    dice = random.Random(4)  # noqa: S311 - dice, no secret
    found = 0
    for _ in range(1500):
        size = dice.choice((4, 9, 40))
        corners: list[tuple[int, int]] = []
        for _corner in range(dice.randint(3, 8)):
            point = (dice.randint(0, size), dice.randint(0, size))
            if not corners or point != corners[-1]:
                corners.append(point)
        if dice.random() < 0.5:
            corners = around(corners, size / 2)
        if len(corners) < 3 or corners[0] == corners[-1]:
            continue
        ring = (*corners, corners[0])
        assert (outlines.crossing([ring]) is not None) == crosses(ring), ring
        found += crosses(ring)
    assert 100 < found < 1400


def test_a_drawing_is_made_of_few_corners() -> None:
    ring = steps(wheel(5000))
    small = outlines.simplified(ring, 40)
    assert len(small) == 40
    assert small[0] == small[-1]
    assert outlines.simplified(small, 40) == small
