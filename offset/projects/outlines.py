"""Does an outline on the ground make sense, how large is it, and what do two have in common?

Corners are whole ten-millionths of a degree (about a centimetre), so that every test of sides is
exact. Areas are those of the WGS 84 ellipsoid between straight lines of longitude and latitude, as
RFC 7946 draws them:

    area = ∮ S(φ) dλ,   S(φ) = b²/2 · [ sin φ / (1 − e² sin² φ) + artanh(e sin φ) / e ]
"""

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

UNIT: Final = 10_000_000
"""Steps of a degree."""
_SEMI_MINOR_M: Final = 6_356_752.314245
_ECCENTRICITY: Final = 0.0818191908426215
_SQUARE_METRES: Final = 10_000.0
_LINES: Final = 2048
_FEWEST: Final = 4

Corner = tuple[int, int]
"""Longitude and latitude, in steps of a ten-millionth of a degree."""
Ring = tuple[Corner, ...]
"""Corners in order; the last is the first."""
Outline = tuple[tuple[Ring, ...], ...]
"""Polygons of one site: each a ring around it, then its holes."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """The bounds of an outline, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, other: "Box") -> bool:
        """Say whether two boxes have ground in common."""
        return (
            self.west < other.east
            and other.west < self.east
            and self.south < other.north
            and other.south < self.north
        )


def box(outline: Outline) -> Box:
    """Return the bounds of an outline."""
    xs = [x for rings in outline for x, _ in rings[0]]
    ys = [y for rings in outline for _, y in rings[0]]
    return Box(min(xs) / UNIT, min(ys) / UNIT, max(xs) / UNIT, max(ys) / UNIT)


def vertices(outline: Outline) -> int:
    """Count the corners of an outline, each ring's last one not twice."""
    return sum(len(ring) - 1 for rings in outline for ring in rings)


def hectares(outline: Outline) -> float:
    """Return the area on the ellipsoid, holes taken off [ha]."""
    whole = sum(
        abs(_ring_area(rings[0])) - sum(abs(_ring_area(hole)) for hole in rings[1:])
        for rings in outline
    )
    return whole / _SQUARE_METRES


def wound(rings: Sequence[Ring]) -> tuple[Ring, ...]:
    """Turn the outer ring counterclockwise and the holes clockwise (RFC 7946, 3.1.6)."""
    return tuple(
        ring if (_doubled(ring) > 0) == (place == 0) else ring[::-1]
        for place, ring in enumerate(rings)
    )


def flat(ring: Ring) -> bool:
    """Say whether a ring has no inside at all."""
    return len(ring) < _FEWEST or _doubled(ring) == 0


def crossing(rings: Iterable[Ring]) -> Corner | None:
    """Return a corner near which the lines of rings cross or touch, or nothing.

    Neighbours in a ring share their corner and nothing else; a hole may not touch its ring.

    Notes
    -----
    Shamos and Hoey 1976: a line sweeps from west to east, and only neighbours along it are
    compared. Everything is whole numbers, so that no rounding hides a crossing.
    """
    every = tuple(rings)
    # corners met twice: where one side ends and another begins the sweep sees no neighbours
    seen: set[Corner] = set()
    for corner in (corner for ring in every for corner in ring[:-1]):
        if corner in seen:
            return corner
        seen.add(corner)
    sides = _sides(every)
    events = sorted(
        [(a, 1, n) for n, (a, _b, _r, _p) in enumerate(sides)]
        + [(b, 0, n) for n, (_a, b, _r, _p) in enumerate(sides)]
    )
    sweep = _Sweep(sides)
    for point, opens, number in events:
        if sweep.found(number, opens=bool(opens)):
            return point
    return None


def inside(ring: Ring, corner: Corner) -> bool:
    """Say whether a corner lies within a ring; on its line counts as outside."""
    x, y = corner
    within = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return False
        if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
            within = not within
    return within


def common_hectares(one: Outline, other: Outline) -> float:
    """Return the ground that two outlines have in common [ha].

    Notes
    -----
    The band of latitudes that both span is cut into 2,048 strips; in the middle of each the
    stretches within both are measured. Strips have their true area on the ellipsoid, so that the
    error is that of the slanted ends alone: below a thousandth of the smaller outline for fields.
    """
    here, there = box(one), box(other)
    if not here.meets(there):
        return 0.0
    south, north = max(here.south, there.south), min(here.north, there.north)
    edges = np.linspace(south, north, _LINES + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    heights = np.diff(_primitive(edges))
    lengths = np.array(
        [
            _shared(a, b)
            for a, b in zip(_stretches(one, middles), _stretches(other, middles), strict=True)
        ]
    )
    return float((lengths * heights).sum()) / _SQUARE_METRES


def simplified(ring: Ring, most: int) -> Ring:
    """Return a ring of at most so many corners, for a drawing; never for a figure."""
    if len(ring) <= most:
        return ring
    step = (len(ring) - 1) / (most - 1)
    return (*(ring[round(step * n)] for n in range(most - 1)), ring[0])


# --- areas ----------------------------------------------------------------------------------------


def _primitive(degrees: Numbers) -> Numbers:
    """Return S(φ) in square metres per degree of longitude."""
    sine = np.sin(np.radians(degrees))
    e = _ECCENTRICITY
    told: Numbers = (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e) * (
        _SEMI_MINOR_M**2 / 2 * math.pi / 180
    )
    return told


def _ring_area(ring: Ring) -> float:
    """Integrate along straight lines by Simpson's rule, in pieces of a tenth of a degree."""
    points = np.array(ring, dtype=np.float64) / UNIT
    # counted from the first corner, so that small fields lose no digits
    start, end = points[:-1], points[1:]
    longest = float(np.abs(end[:, 1] - start[:, 1]).max())
    pieces = max(1, math.ceil(longest * 10))
    whole = 0.0
    base = float(_primitive(points[:1, 1])[0])
    for piece in range(pieces):
        low = start + (end - start) * (piece / pieces)
        high = start + (end - start) * ((piece + 1) / pieces)
        mean = (
            _primitive(low[:, 1])
            + 4 * _primitive((low[:, 1] + high[:, 1]) / 2)
            + _primitive(high[:, 1])
        ) / 6
        whole += float(((high[:, 0] - low[:, 0]) * (mean - base)).sum())
    return whole


def _doubled(ring: Ring) -> int:
    """Return twice the signed area in square steps: above zero for counterclockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


# --- what two have in common ----------------------------------------------------------------------


def _stretches(outline: Outline, latitudes: Numbers) -> list[list[tuple[float, float]]]:
    """Return, for each latitude, the stretches of longitude within an outline, in order."""
    found: list[list[float]] = [[] for _ in latitudes]
    for rings in outline:
        for ring in rings:
            points = np.array(ring, dtype=np.float64) / UNIT
            for (x1, y1), (x2, y2) in pairwise(points):
                low, high = (y1, y2) if y1 < y2 else (y2, y1)
                first = int(np.searchsorted(latitudes, low, "left"))
                last = int(np.searchsorted(latitudes, high, "left"))
                for n in range(first, last):
                    share = (latitudes[n] - y1) / (y2 - y1)
                    found[n].append(float(x1 + share * (x2 - x1)))
    return [list(zip(line[::2], line[1::2], strict=False)) for line in (sorted(xs) for xs in found)]


def _shared(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> float:
    """Return the length that two ordered lists of stretches have in common."""
    total, here, there = 0.0, 0, 0
    while here < len(one) and there < len(other):
        low = max(one[here][0], other[there][0])
        high = min(one[here][1], other[there][1])
        total += max(0.0, high - low)
        if one[here][1] < other[there][1]:
            here += 1
        else:
            there += 1
    return total


# --- crossings ------------------------------------------------------------------------------------

_Side = tuple[Corner, Corner, int, int]
"""West end, east end, the ring's number, the place in its ring."""


def _sides(rings: Iterable[Ring]) -> list[_Side]:
    return [
        (min(a, b), max(a, b), number, place)
        for number, ring in enumerate(rings)
        for place, (a, b) in enumerate(pairwise(ring))
    ]


class _Sweep:
    """The sides that a line from south to north meets, in order, as it moves from west to east."""

    def __init__(self, sides: Sequence[_Side]) -> None:
        self.sides = sides
        self.lengths: dict[int, int] = {}
        for _a, _b, ring, _place in sides:
            self.lengths[ring] = self.lengths.get(ring, 0) + 1
        self.order: list[int] = []

    def found(self, number: int, *, opens: bool) -> bool:
        """Take a side in or out; say whether neighbours collide."""
        at = self._place(number)
        if opens:
            beside = self.order[max(0, at - 1) : at + 1]
            self.order.insert(at, number)
            return any(self._collide(number, other) for other in beside)
        if at >= len(self.order) or self.order[at] != number:
            at = self.order.index(number)
        del self.order[at]
        pair = self.order[max(0, at - 1) : at + 1]
        return len(pair) > 1 and self._collide(*pair)

    def _place(self, number: int) -> int:
        return bisect.bisect_left(self.order, 0, key=lambda other: self._above(number, other))

    def _above(self, number: int, other: int) -> int:
        """Return −1 while another side lies below this one, else 0 or 1."""
        if number == other:
            return 0
        (a, b, *_), (c, d, *_) = self.sides[number], self.sides[other]
        # compared where the later of the two begins
        if a >= c:
            turn = _turn(c, d, a) or _turn(c, d, b)
            return -1 if turn > 0 else 1
        turn = _turn(a, b, c) or _turn(a, b, d)
        return -1 if turn < 0 else 1

    def _collide(self, one: int, other: int) -> bool:
        (a, b, ring, place), (c, d, ring2, place2) = self.sides[one], self.sides[other]
        if ring == ring2 and (place - place2) % self.lengths[ring] in {1, self.lengths[ring] - 1}:
            return _fold_back(a, b, c, d)
        return _meet(a, b, c, d)


def _turn(a: Corner, b: Corner, c: Corner) -> int:
    """Return above zero where c lies to the left of the line from a to b."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _meet(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    """Say whether two closed sides have any point in common."""
    one, two, three, four = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if (one > 0) != (two > 0) and (three > 0) != (four > 0) and one and two and three and four:
        return True
    return any(
        turn == 0 and low <= point <= high
        for turn, point, low, high in (
            (one, c, a, b),
            (two, d, a, b),
            (three, a, c, d),
            (four, b, c, d),
        )
    )


def _fold_back(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    """Say whether two neighbours of a ring run back over one another."""
    if _turn(a, b, c) or _turn(a, b, d):
        return False
    # on one line: they share more than the corner when both lie on the same side of it
    return not (b <= c or d <= a)
