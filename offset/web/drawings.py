"""How are the ground line, the horizons and the soil strips drawn?

Everything is path data made of numbers; classes of the page give the colours. What never
changes is written once to ``static/drawings/profile.svg``; a strip belongs to one project.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin
from random import Random
from typing import Final

GROUND_WIDTH: Final = 1600
GROUND_HEIGHT: Final = 150
EDGE_WIDTH: Final = 1200
EDGE_HEIGHT: Final = 30
MELT_HEIGHT: Final = 70
STRIP_WIDTH: Final = 360
_SKY: Final = 34  # of a strip, above the ground line
_DEPTH: Final = 104  # of a strip, below it
_LABELLED: Final = 16  # a layer thinner than its label is drawn this high
# Tones by organic carbon in g per kg of soil; the first is the darkest. Their figures are
# printed on the layers, so that the tone only repeats them.
_TONES: Final = (20.0, 12.0, 8.0, 5.0, 3.2)
_DARK_TONES: Final = 4  # layers up to this tone carry light text
_HEAD: Final = 30.0  # a stalk taller than this carries an ear


@dataclass(frozen=True)
class Layer:
    """One depth of a soil profile: from and to in centimetres, carbon in g per kg if known.

    ``note`` is printed on it at the end of the line; an unlabelled layer is ornament.
    """

    top_cm: int
    bottom_cm: int
    carbon_g_kg: float | None = None
    note: str = ""
    labelled: bool = True


@dataclass(frozen=True)
class Band:
    """A layer as drawn: its place in the strip, its tone and the two texts on it."""

    y: float
    height: float
    tone: int
    light_text: bool
    depth: str
    note: str
    grain: str

    @property
    def text_y(self) -> float:
        """Where the baseline of the label stands."""
        return round(self.y + self.height / 2 + 4.5, 1)


@dataclass(frozen=True)
class Strip:
    """A project's soil from the ground line down, depths to scale."""

    height: float
    ground: float
    vegetation: str
    bands: tuple[Band, ...]


def tone(carbon_g_kg: float | None, bottom_cm: int = 0) -> int:
    """Return the tone of a carbon content, 1 the darkest; unknown soil pales with its depth."""
    if carbon_g_kg is None:
        return 2 + sum(bottom_cm > limit for limit in (30, 45, 60))
    return next((i for i, limit in enumerate(_TONES, 1) if carbon_g_kg >= limit), 6)


def strip(layers: Sequence[Layer], vegetation: str, *, seed: int = 1) -> Strip:
    """Lay out a project's layers to scale under its vegetation (crops, grass, trees, none)."""
    rng = Random(seed)  # noqa: S311 - grain of a drawing, no secret
    whole = max((layer.bottom_cm for layer in layers), default=1)
    bands: list[Band] = []
    y = float(_SKY)
    for layer in layers:
        height = max(_DEPTH * (layer.bottom_cm - layer.top_cm) / whole, _LABELLED)
        shade = tone(layer.carbon_g_kg, layer.bottom_cm)
        bands.append(
            Band(
                y=round(y, 1),
                height=round(height, 1),
                tone=shade,
                light_text=shade <= _DARK_TONES,
                depth=f"{layer.top_cm}–{layer.bottom_cm} cm" if layer.labelled else "",
                note=layer.note,
                grain=_dashes(rng, STRIP_WIDTH, (y + 3, y + height - 3), round(height / 5)),
            )
        )
        y += height
    return Strip(round(y, 1), _SKY, vegetation, tuple(bands))


def vegetation_for(practice: str) -> str:
    """Choose the plants of a strip from the words of a practice."""
    words = practice.lower()
    kinds = (
        ("trees", ("agrofor", "orchard", "mangrove", "hedge", "tree", "forest")),
        ("grass", ("graz", "grass", "cover", "ley", "pasture", "range")),
    )
    return next((kind for kind, marks in kinds if any(mark in words for mark in marks)), "crops")


def profile() -> dict[str, tuple[str, str]]:
    """Return every fixed drawing: its name, how it is painted (fill or stroke), its path."""
    rng = Random(1861)  # noqa: S311 - a drawing that stays the same
    trees = ((262, 1.0), (930, 0.74), (1352, 1.18))
    line = _ground_line()
    # Clumps of tall crops stand clear of the trees; low tufts fill the rest.
    fields = ((0, 215), (515, 790), (1085, 1215), (1425, 1600))
    edges = {f"edge-{i}": ("fill", _edge(Random(40 + i))) for i in (1, 2, 3)}  # noqa: S311 - same
    return {
        "ground-trunks": ("fill", "".join(_trunk(x, line, size) for x, size in trees)),
        "ground-crowns": ("fill", "".join(_crown(rng, x, line, size) for x, size in trees)),
        "ground-stalks": ("stroke", "".join(_field(rng, line, fields))),
        "ground-tufts": ("stroke", "".join(_tufts(rng, line, GROUND_WIDTH))),
        "ground-soil": ("fill", _soil(line)),
        "ground-roots": ("stroke", _roots(rng, line)),
        **edges,
        "grain-roots": ("stroke", _rootlets(rng)),
        "grain-dashes": ("stroke", _dashes(rng, GROUND_WIDTH, (4, 22), 80)),
        "grain-stones": ("stroke", "".join(_stones(rng, GROUND_WIDTH, (8, 20), 40, (4, 9)))),
        "melt": ("fill", _melt(rng)),
        "strip-crops": ("stroke", "".join(_row(rng, STRIP_WIDTH, 11, (12, 24)))),
        "strip-grass": ("stroke", "".join(_sward(rng, STRIP_WIDTH))),
        "strip-trunks": ("fill", "".join(_trunk(x, _FLAT, 0.42) for x in _ORCHARD)),
        "strip-crowns": ("fill", "".join(_crown(rng, x, _FLAT, 0.42) for x in _ORCHARD)),
    }


_ORCHARD: Final = (34, 106, 178, 250, 322)
_FLAT: Final = ((0.0, float(_SKY)), (float(STRIP_WIDTH), float(_SKY)))


def _rooted() -> tuple[tuple[int, int], ...]:
    return ((262, 5), (930, 4), (1352, 6), (120, 2), (640, 2), (740, 2), (1150, 2), (1500, 2))


def _ground_line() -> tuple[tuple[float, float], ...]:
    """Return a calm ground: three long waves, no corner."""
    return tuple(
        (
            float(x),
            101.5 + 2.4 * sin(x / 74) + 1.5 * sin(x / 31 + 1.3) + 0.8 * sin(x / 13 + 0.4),
        )
        for x in range(0, GROUND_WIDTH + 1, 20)
    )


def _at(line: Sequence[tuple[float, float]], x: float) -> float:
    for (x1, y1), (x2, y2) in pairwise(line):
        if x1 <= x <= x2:
            return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    return line[-1][1]


def _soil(line: Sequence[tuple[float, float]]) -> str:
    edge = "L".join(f"{x:g},{y:.1f}" for x, y in line)
    return f"M0,{GROUND_HEIGHT}L{edge}L{GROUND_WIDTH},{GROUND_HEIGHT}Z"


def _trunk(x: float, line: Sequence[tuple[float, float]], size: float) -> str:
    foot = _at(line, x) + 1.5
    tall, half = 46 * size, 4.2 * size
    return (
        f"M{x - half - 2 * size:.1f},{foot:.1f}q{3 * size:.1f},{-tall * 0.45:.1f} "
        f"{1.6 * size:.1f},{-tall:.1f}h{2 * half - 0.6 * size:.1f}"
        f"q{-1.6 * size:.1f},{tall * 0.55:.1f} {4.6 * size:.1f},{tall:.1f}Z"
    )


def _crown(rng: Random, x: float, line: Sequence[tuple[float, float]], size: float) -> str:
    """Draw an umbrella crown: flat below, lumpy above."""
    top = _at(line, x) - 56 * size
    points = []
    for i in range(22):
        angle = 2 * pi * i / 22
        wide = (37 + rng.uniform(-3.5, 3.5)) * size * cos(angle)
        high = (17 if sin(angle) < 0 else 11) + rng.uniform(-2, 2)
        points.append((x + wide, top + high * size * sin(angle)))
    return _closed_curve(points)


def _closed_curve(points: Sequence[tuple[float, float]]) -> str:
    """Round a polygon: each corner becomes the control point of a quadratic curve."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise((*points, points[0]))]
    start = middles[-1]
    text = [f"M{start[0]:.1f},{start[1]:.1f}"]
    text += [
        f"Q{p[0]:.1f},{p[1]:.1f} {m[0]:.1f},{m[1]:.1f}"
        for p, m in zip(points, middles, strict=True)
    ]
    return "".join(text) + "Z"


def _field(
    rng: Random, line: Sequence[tuple[float, float]], fields: Sequence[tuple[int, int]]
) -> Iterable[str]:
    for left, right in fields:
        x = left + rng.uniform(4, 14)
        while x < right - 4:
            yield _stalk(rng, x, _at(line, x) + 2, rng.uniform(25, 46))
            x += rng.uniform(13, 27)


def _row(rng: Random, width: int, gap: int, tall: tuple[int, int]) -> Iterable[str]:
    x = rng.uniform(5, 12)
    while x < width - 4:
        if rng.random() < 0.74:  # noqa: PLR2004 - gaps in the row
            yield _stalk(rng, x, _SKY + 1, rng.uniform(*tall))
        x += rng.uniform(gap * 0.8, gap * 1.9)


def _stalk(rng: Random, x: float, foot: float, tall: float) -> str:
    """Draw one cereal: a leaning stem, leaves left and right, an ear when it is tall."""
    lean = rng.uniform(-3, 3)
    text = [f"M{x:.1f},{foot:.1f}q{lean / 5:.1f},{-tall / 2:.1f} {lean:.1f},{-tall:.1f}"]
    for i, share in enumerate((0.3, 0.52, 0.74)):
        side = (-1 if i % 2 else 1) * rng.uniform(0.2, 0.29) * tall
        at_x, at_y = x + lean * share * share, foot - tall * share
        text.append(
            f"M{at_x:.1f},{at_y:.1f}q{side * 0.45:.1f},{-tall * 0.16:.1f} "
            f"{side:.1f},{rng.uniform(-1, 1.5):.1f}"
        )
    if tall > _HEAD:
        text.append(f"M{x + lean:.1f},{foot - tall:.1f}l{lean / 8:.1f},{-tall * 0.15:.1f}")
        text.append(f"m-1.1,1l.2,{tall * 0.11:.1f}m1.9,0l.1,{-tall * 0.11:.1f}")
    return "".join(text)


def _tufts(rng: Random, line: Sequence[tuple[float, float]], width: int) -> Iterable[str]:
    x = rng.uniform(20, 40)
    while x < width:
        yield _tuft(rng, x, _at(line, x) + 1, rng.uniform(4, 8))
        x += rng.uniform(34, 76)


def _sward(rng: Random, width: int) -> Iterable[str]:
    x = 3.0
    while x < width:
        yield _tuft(rng, x, _SKY + 1, rng.uniform(6, 11))
        x += rng.uniform(8, 13)


def _tuft(rng: Random, x: float, foot: float, tall: float) -> str:
    return "".join(
        f"M{x:.0f},{foot:.0f}q{side * 0.15 * tall:.1f},{-tall * 0.6:.1f} "
        f"{side * 0.62 * tall:.1f},{-tall * rng.uniform(0.75, 1.3):.1f}"
        for side in (-1, 0.1, 1)
    )


def _roots(rng: Random, line: Sequence[tuple[float, float]]) -> str:
    return "".join("".join(_root(rng, x, _at(line, x), count)) for x, count in _rooted())


def _root(rng: Random, x: float, foot: float, count: int) -> Iterable[str]:
    for i in range(count):
        side = (i - (count - 1) / 2) * 7 + rng.uniform(-3, 3)
        deep = rng.uniform(16, 46) - abs(side) * 0.4
        yield (
            f"M{x:.1f},{foot:.1f}c{side * 0.1:.1f},{deep * 0.35:.1f} {side * 0.9:.1f},"
            f"{deep * 0.4:.1f} {side:.1f},{deep:.1f}"
            f"m{-side * 0.35:.1f},{-deep * 0.5:.1f}q{side * 0.3:.1f},{deep * 0.14:.1f} "
            f"{side * 0.7:.1f},{deep * 0.3:.1f}"
        )


def _edge(rng: Random) -> str:
    """Draw the top of a horizon: a boundary that wanders, as in a real pit face."""
    level = 15.0
    points = []
    for x in range(0, EDGE_WIDTH + 1, 20):
        level = min(24.0, max(6.0, level + rng.uniform(-6, 6)))
        points.append(f"{x},{level:.1f}")
    return f"M0,{EDGE_HEIGHT}L{'L'.join(points)}L{EDGE_WIDTH},{EDGE_HEIGHT}Z"


def _rootlets(rng: Random) -> str:
    return "".join(
        f"M{rng.uniform(0, GROUND_WIDTH):.0f},0q{rng.uniform(-5, 5):.0f},{rng.uniform(5, 10):.0f} "
        f"{rng.uniform(-7, 7):.0f},{rng.uniform(11, 24):.0f}"
        for _ in range(64)
    )


def _dashes(rng: Random, width: int, rows: tuple[float, float], count: int) -> str:
    return "".join(
        f"M{rng.uniform(0, width):.0f},{rng.uniform(*rows):.0f}h{rng.uniform(5, 15):.0f}"
        for _ in range(count)
    )


def _stones(
    rng: Random, width: int, rows: tuple[float, float], count: int, size: tuple[float, float]
) -> Iterable[str]:
    for _ in range(count):
        yield _stone(rng.uniform(0, width), rng.uniform(*rows), rng.uniform(*size))


def _stone(x: float, y: float, half: float) -> str:
    flat = half * 0.66
    return (
        f"M{x - half:.0f},{y:.0f}a{half:.1f},{flat:.1f} 0 1 0 "
        f"{2 * half:.1f},0a{half:.1f},{flat * 0.8:.1f} 0 1 0 {-2 * half:.1f},0"
    )


def _melt(rng: Random) -> str:
    """Let the last horizon break into stones that thin out downwards."""
    level = 11.0
    points = []
    for x in range(0, GROUND_WIDTH + 1, 20):
        level = min(21.0, max(3.0, level + rng.uniform(-6, 6)))
        points.append(f"{x},{level:.1f}")
    text = [f"M0,-2L{'L'.join(points)}L{GROUND_WIDTH},-2Z"]
    for _ in range(64):
        deep = rng.random() ** 1.7
        text.append(
            _stone(rng.uniform(0, GROUND_WIDTH), 16 + 50 * deep, rng.uniform(2.2, 8.6 - 5 * deep))
        )
    return "".join(text)
