"""Where do routes and soil projects lie on a map drawn by us?

Pure geometry: latitudes and longitudes go in, numbers and path data come out; templates draw
them. Labels are placed in per cent of the box and sized in CSS pixels, so they never scale.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import hypot, radians
from pathlib import Path
from typing import Final

WIDTH: Final = 1000.0  # units of the whole world at the equator
HEIGHT: Final = 520.0
_SCALE: Final = WIDTH / 5.4707697  # x of 180° is π × 0.8707 radians
_WIDE: Final = 1.45  # routes flatter than this get the wide box
_MIN_SPAN: Final = 70.0  # a short hop still shows its neighbourhood
_LOCATOR_SPAN: Final = 66.0
_HALF_TURN: Final = 180.0
_WORLD: Final = (20.0, 22.0, 960.0, 426.0)
_COVERS: Final = (2.6, 5.8)  # per cent of the world's box that a mark takes
_NORTH: Final = 0.45  # labels of the upper part stand above their mark

Position = tuple[float, float]  # latitude, longitude in degrees
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # x, y, width, height


@dataclass(frozen=True)
class Track:
    """A leg on the map: the labels of its ends and the points of its great circle."""

    origin: str
    destination: str
    points: tuple[Position, ...]


@dataclass(frozen=True)
class Mark:
    """A place on a map: where it stands in per cent and how its label leans.

    ``number`` is the one the list beside the map explains; airports have none. ``more`` counts
    the neighbours that one mark stands for.
    """

    x: float
    y: float
    label: str
    number: int | None = None
    lean: str = "start"
    below: bool = False
    more: int = 0


@dataclass(frozen=True)
class Map:
    """A drawing with one fixed shape (``tall``, ``wide`` or ``world``) and marks laid over it."""

    shape: str
    view: str
    arcs: tuple[str, ...]
    airports: tuple[Mark, ...]
    projects: tuple[Mark, ...]
    dots: str = ""


@dataclass(frozen=True)
class Locator:
    """A close view of one place: land, borders, its own country and a ring around it."""

    view: str
    land: str
    own: str
    x: float
    y: float


def natural_earth(latitude: float, longitude: float) -> Point:
    """Project degrees to map units, x to the east and y down.

    Natural Earth I, polynomial form of Šavrič, Jenny, Patterson, Petrovič and Hurni,
    "A polynomial equation for the Natural Earth projection", CaGIS 38 (4), 2011.
    """
    lam, phi = radians(longitude), radians(latitude)
    p2 = phi * phi
    p4 = p2 * p2
    p8 = p4 * p4
    x = lam * (0.8707 - 0.131979 * p2 - 0.013791 * p4 + p8 * (0.003971 * p2 - 0.001529 * p4))
    y = phi * (1.007226 + 0.015085 * p2 - 0.044475 * p4 * p2 + p8 * (0.028874 - 0.005916 * p2))
    return WIDTH / 2 + x * _SCALE, HEIGHT / 2 - y * _SCALE


def arc_paths(points: Sequence[Position]) -> tuple[str, ...]:
    """Return one SVG path a piece; a way across the date line has two."""
    pieces: list[list[Position]] = [[points[0]]]
    for before, after in pairwise(points):
        if abs(after[1] - before[1]) > _HALF_TURN:
            pieces.append([])
        pieces[-1].append(after)
    return tuple(_path(natural_earth(*p) for p in piece) for piece in pieces if len(piece) > 1)


def route_map(legs: Sequence[Track], projects: Sequence[tuple[str, Position]] = ()) -> Map:
    """Draw legs between labelled airports and number the projects beside them in order."""
    # The way back lies on the way out: one line a pair of airports.
    tracks = {frozenset((leg.origin, leg.destination)): leg.points for leg in legs}.values()
    airports = {
        label: position
        for leg in legs
        for label, position in ((leg.origin, leg.points[0]), (leg.destination, leg.points[-1]))
    }
    arcs = tuple(path for track in tracks for path in arc_paths(track))
    seen = [natural_earth(*p) for track in tracks for p in track]
    placed = [natural_earth(*p) for _, p in projects]
    shape, box = _frame([*seen, *placed])
    return Map(
        shape=shape,
        view=_view(box),
        arcs=arcs,
        airports=_leaning([(label, natural_earth(*p)) for label, p in airports.items()], box),
        projects=_numbered(projects, box),
    )


def world_map(
    projects: Sequence[tuple[str, Position]],
    others: Sequence[Position] = (),
    legs: Sequence[Track] = (),
    *,
    framed: bool = False,
) -> Map:
    """Draw the inhabited world: numbered projects, dots for the others, the visitor's route.

    Neighbours that would cover one another share a mark. The dots are one path of lines without
    a length, which round caps draw as dots of one size on every screen. ``framed`` draws no more
    of the world than what is shown needs, for a narrow screen.
    """
    tracks = {frozenset((leg.origin, leg.destination)): leg.points for leg in legs}.values()
    airports = {
        label: position
        for leg in legs
        for label, position in ((leg.origin, leg.points[0]), (leg.destination, leg.points[-1]))
    }
    dots = [natural_earth(*position) for position in others]
    shape, box = "world", _WORLD
    if framed:
        lines = [natural_earth(*p) for track in tracks for p in track]
        shown = [*lines, *dots, *(natural_earth(*p) for _, p in projects)]
        shape, box = _frame(shown) if shown else (shape, box)
    return Map(
        shape=shape,
        view=_view(box),
        arcs=tuple(path for track in tracks for path in arc_paths(track)),
        airports=_leaning([(label, natural_earth(*p)) for label, p in airports.items()], box),
        projects=_apart(_numbered(projects, box)),
        dots="".join(f"M{x:.1f},{y:.1f}h0" for x, y in dots),
    )


@lru_cache(maxsize=64)
def locator(latitude: float, longitude: float) -> Locator:
    """Draw the surroundings of a place from the finer map; its own country stands out."""
    x, y = natural_earth(latitude, longitude)
    box = (x - _LOCATOR_SPAN / 2, y - _LOCATOR_SPAN / 2, _LOCATOR_SPAN, _LOCATOR_SPAN)
    # The box may be shown a little wider than high: keep what lies beside it.
    wide = (box[0] - 20, box[1] - 2, box[2] + 40, box[3] + 4)
    land: list[str] = []
    own = ""
    for rings in _countries():
        near = [cut for ring in rings if (cut := clip(ring, wide))]
        path = "".join(_closed(ring) for ring in near)
        if not own and any(_inside((x, y), ring) for ring in near):
            own = path
        elif path:
            land.append(path)
    return Locator(_view(box), "".join(land), own, round(x, 1), round(y, 1))


def clip(ring: Sequence[Point], box: Box) -> list[Point]:
    """Cut a closed ring to a box (Sutherland and Hodgman); nothing left gives an empty list."""
    x, y, width, height = box
    kept = list(ring)
    for axis, limit, sign in ((0, x, 1), (0, x + width, -1), (1, y, 1), (1, y + height, -1)):
        kept = _half(kept, axis, limit, sign)
    return kept if len(kept) > 2 else []  # noqa: PLR2004 - two points are no area


def _half(ring: Sequence[Point], axis: int, limit: float, sign: int) -> list[Point]:
    kept: list[Point] = []
    for before, after in pairwise((*ring[-1:], *ring)):
        was, now = (sign * (p[axis] - limit) >= 0 for p in (before, after))
        if was != now:
            share = (limit - before[axis]) / (after[axis] - before[axis])
            kept.append(
                (
                    before[0] + share * (after[0] - before[0]),
                    before[1] + share * (after[1] - before[1]),
                )
            )
        if now:
            kept.append(after)
    return kept


@lru_cache(maxsize=1)
def _countries() -> tuple[tuple[tuple[Point, ...], ...], ...]:
    """Read the finer map: one tuple of rings a country, stored as steps of tenths of a unit."""
    source = Path(__file__).parent.parent / "static" / "map" / "countries-50m.json"
    return tuple(
        tuple(_walked(ring) for ring in rings) for rings in json.loads(source.read_text("utf-8"))
    )


def _walked(steps: Sequence[int]) -> tuple[Point, ...]:
    x = y = 0
    points: list[Point] = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / 10, y / 10))
    return tuple(points)


def _inside(point: Point, ring: Sequence[Point]) -> bool:
    """Say whether a point lies in a ring: an odd number of edges to its right."""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in pairwise((*ring[-1:], *ring)):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def _frame(points: Sequence[Point]) -> tuple[str, Box]:
    """Choose the shape and the box that shows all points with air around them."""
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    width, height = right - left, bottom - top
    shape, ratio = ("wide", 16 / 9) if width > _WIDE * height else ("tall", 7 / 6)
    pad = max(width, height) * 0.16
    width, height = max(width + 2 * pad, _MIN_SPAN), max(height + 2 * pad, _MIN_SPAN / ratio)
    width, height = max(width, height * ratio), max(height, width / ratio)
    if width > WIDTH:
        width, height = WIDTH, WIDTH / ratio
    x = min(max((left + right - width) / 2, 0.0), WIDTH - width)
    y = (top + bottom - height) / 2
    return shape, (x, y, width, height)


def _leaning(places: Sequence[tuple[str, Point]], box: Box) -> tuple[Mark, ...]:
    """Lean each label to the side with room, and away from a neighbour in the same corner."""
    marks: list[Mark] = []
    for label, point in places:
        x, y = _share(point, box)
        below = y > 100 * _NORTH
        crowded = [m for m in marks if hypot(m.x - x, m.y - y) < 9]  # noqa: PLR2004 - per cent of the box
        marks.append(
            Mark(
                x=x,
                y=y,
                label=label,
                lean="start" if x <= 50 else "end",  # noqa: PLR2004 - the middle of the box
                below=not crowded[-1].below if crowded else below,
            )
        )
    return tuple(marks)


def _numbered(places: Sequence[tuple[str, Position]], box: Box) -> tuple[Mark, ...]:
    return tuple(
        Mark(*_share(natural_earth(*position), box), label=label, number=number)
        for number, (label, position) in enumerate(places, 1)
    )


def _apart(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Let one mark stand for all that would lie under it; the first number is written."""
    kept: list[Mark] = []
    for mark in marks:
        place = next(
            (
                i
                for i, one in enumerate(kept)
                if abs(one.x - mark.x) < _COVERS[0] and abs(one.y - mark.y) < _COVERS[1]
            ),
            None,
        )
        if place is None:
            kept.append(mark)
        else:
            one = kept[place]
            kept[place] = replace(one, label=f"{one.label}, {mark.label}", more=one.more + 1)
    return tuple(kept)


def _share(point: Point, box: Box) -> Point:
    x, y, width, height = box
    return round(100 * (point[0] - x) / width, 2), round(100 * (point[1] - y) / height, 2)


def _view(box: Box) -> str:
    return " ".join(f"{value:.1f}" for value in box)


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _closed(ring: Sequence[Point]) -> str:
    """Write a ring with relative steps in tenths of a unit: half the bytes of absolute points."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring]
    x, y = tenths[0]
    text = [f"M{x / 10:g} {y / 10:g}l"]
    text += [
        f"{(x2 - x1) / 10:g} {(y2 - y1) / 10:g} "
        for (x1, y1), (x2, y2) in pairwise(tenths)
        if (x1, y1) != (x2, y2)
    ]
    return "".join(text).rstrip().replace(" -", "-") + "z"
