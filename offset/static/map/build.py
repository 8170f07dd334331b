"""How are the two maps of this folder made?

Run by hand after ``npm pack world-atlas@2.0.2`` and unpacking it::

    python offset/static/map/build.py path/to/package

``land.svg`` holds the coarse land (Natural Earth 1:110 million) and the graticule;
``countries-50m.json`` the finer countries (1:50 million) that project pages crop.
"""
# ruff: noqa: INP001, T201 - a script beside its results, which says what it did

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from offset.web.maps import Point, clip, natural_earth

HERE: Final = Path(__file__).parent
SOUTH: Final = -60.0  # Antarctica is left out: nobody flies there, and it is the largest ring
STRIP: Final = (-180.0, -90.0, 360.0, 180.0)
SHIFTS: Final = (-360.0, 0.0, 360.0)
DUST: Final = 3  # points: a triangle of tenths of a unit is not worth drawing
FINE: Final = 0.3  # units: about a pixel where the finer map is shown

Ring = list[Point]


def decode(topology: dict[str, Any]) -> list[Ring]:
    """Undo the delta coding of TopoJSON arcs (TopoJSON 1.0, section 2.1.3)."""
    (kx, ky), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        points: Ring = []
        for dx, dy, *_ in arc:
            x, y = x + dx, y + dy
            points.append((x * kx + tx, y * ky + ty))
        arcs.append(points)
    return arcs


def rings(geometry: dict[str, Any], arcs: Sequence[Ring]) -> Iterator[Ring]:
    """Stitch arcs to rings; ``~i`` is arc i walked backwards."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for indices in polygon:
            ring: Ring = []
            for i in indices:
                arc = arcs[i] if i >= 0 else arcs[~i][::-1]
                ring.extend(arc[1:] if ring else arc)
            yield ring


def within(ring: Ring) -> Iterator[Ring]:
    """Unwrap a ring across the date line, then cut it at both edges of the map."""
    unwrapped = [ring[0]]
    for before, after in pairwise(ring):
        turn = 360 * round((after[0] - before[0]) / 360)
        unwrapped.append((unwrapped[-1][0] + after[0] - before[0] - turn, after[1]))
    for shift in SHIFTS:
        cut = clip([(x + shift, y) for x, y in unwrapped], STRIP)
        if cut:
            yield cut


def projected(geometry: dict[str, Any], arcs: Sequence[Ring]) -> Iterator[Ring]:
    """Give each visible ring in map units."""
    for ring in rings(geometry, arcs):
        if max(y for _, y in ring) < SOUTH:
            continue
        for cut in within(ring):
            yield [natural_earth(y, x) for x, y in cut]


def path(shapes: Iterable[Ring]) -> str:
    """Write rings as path data with relative steps in tenths of a unit."""
    return "".join(_relative(tenths(ring)) for ring in shapes if len(tenths(ring)) > DUST)


def tenths(ring: Ring) -> list[tuple[int, int]]:
    """Round to tenths of a unit and drop points that fall together."""
    kept: list[tuple[int, int]] = []
    for x, y in ring:
        near = (round(x * 10), round(y * 10))
        if not kept or kept[-1] != near:
            kept.append(near)
    return kept


def thinned(ring: Ring) -> Ring:
    """Drop points nearer than a pixel to the one before, the ends of the ring excepted."""
    kept = [ring[0]]
    for point in ring[1:-1]:
        if hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) >= FINE:
            kept.append(point)
    return [*kept, ring[-1]]


def steps(points: Sequence[tuple[int, int]]) -> list[int]:
    """Write points as steps from one to the next."""
    flat: list[int] = []
    for (x0, y0), (x1, y1) in pairwise(((0, 0), *points)):
        flat += [x1 - x0, y1 - y0]
    return flat


def _relative(points: Sequence[tuple[int, int]]) -> str:
    x, y, *moves = steps(points)
    text = f"M{x / 10:g} {y / 10:g}l"
    return text + " ".join(f"{move / 10:g}" for move in moves).replace(" -", "-") + "z"


def graticule() -> str:
    """Draw meridians and parallels every 20 degrees."""
    lines: list[Ring] = [
        [natural_earth(lat, lon) for lat in range(-80, 81, 5)] for lon in range(-180, 181, 20)
    ]
    lines += [[natural_earth(lat, -180.0), natural_earth(lat, 180.0)] for lat in range(-60, 81, 20)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in lines)


def main(package: Path) -> None:
    """Write both maps."""
    coarse = json.loads((package / "land-110m.json").read_text("utf-8"))
    arcs = decode(coarse)
    land = path(
        ring for shape in coarse["objects"]["land"]["geometries"] for ring in projected(shape, arcs)
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 520">'
        "<!-- Natural Earth, public domain; through world-atlas 2.0.2 (ISC) -->"
        f'<path id="grat" fill="none" vector-effect="non-scaling-stroke" d="{graticule()}"/>'
        f'<path id="land" fill-rule="evenodd" vector-effect="non-scaling-stroke" d="{land}"/>'
        "</svg>\n"
    )
    (HERE / "land.svg").write_text(svg, "utf-8")
    fine = json.loads((package / "countries-50m.json").read_text("utf-8"))
    arcs = decode(fine)
    countries = [
        [
            steps(points)
            for ring in projected(shape, arcs)
            if len(points := tenths(thinned(ring))) > DUST
        ]
        for shape in fine["objects"]["countries"]["geometries"]
    ]
    text = json.dumps([country for country in countries if country], separators=(",", ":"))
    (HERE / "countries-50m.json").write_text(text + "\n", "utf-8")
    print(f"land.svg {len(svg)} bytes, countries-50m.json {len(text)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
