"""How is a piece of land drawn? Its outline to scale, north up, with a bar of known length."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from offset.projects import outlines
from offset.projects.outlines import UNIT, Outline

SIZE: Final = 240.0
_MARGIN: Final = 14.0
_MOST_CORNERS: Final = 160
_METRES_A_DEGREE: Final = 111_195.0
_BAR_SHARE: Final = 0.4
_KILOMETRE: Final = 1000


@dataclass(frozen=True)
class OutlineMap:
    """An outline as an SVG draws it: path data, and a bar of a round length.

    Attributes
    ----------
    view : str
        The ``viewBox``.
    path : str
        All rings; drawn with the even-odd rule, holes stay empty.
    bar : float
        Length of the bar in units of the view.
    bar_label : str
        What it stands for: metres or kilometres.
    """

    view: str
    path: str
    bar: float
    bar_label: str


def drawn(shapes: Sequence[Outline]) -> OutlineMap | None:
    """Draw outlines on one small map, or nothing where there are none."""
    if not shapes:
        return None
    boxes = [outlines.box(shape) for shape in shapes]
    west, east = min(b.west for b in boxes), max(b.east for b in boxes)
    south, north = min(b.south for b in boxes), max(b.north for b in boxes)
    squeeze = max(0.05, math.cos(math.radians((south + north) / 2)))
    wide = max((east - west) * squeeze, 1e-9)
    high = max(north - south, 1e-9)
    scale = (SIZE - 2 * _MARGIN) / max(wide, high)
    most = max(8, _MOST_CORNERS // sum(len(rings) for shape in shapes for rings in shape))

    def place(x: int, y: int) -> str:
        across = _MARGIN + (x / UNIT - west) * squeeze * scale
        down = _MARGIN + (north - y / UNIT) * scale
        return f"{across:.1f} {down:.1f}"

    rings = [ring for shape in shapes for polygon in shape for ring in polygon]
    path = "".join(
        "M" + "L".join(place(x, y) for x, y in outlines.simplified(ring, most)[:-1]) + "Z"
        for ring in rings
    )
    metres = _round_length(wide / squeeze * squeeze * _METRES_A_DEGREE * _BAR_SHARE)
    bar = metres / _METRES_A_DEGREE * scale
    width = 2 * _MARGIN + wide * scale
    height = 2 * _MARGIN + high * scale + 22
    label = f"{metres / _KILOMETRE:g} km" if metres >= _KILOMETRE else f"{metres:g} m"
    return OutlineMap(f"0 0 {width:.0f} {height:.0f}", path, round(bar, 1), label)


def _round_length(metres: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is no longer."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1.0)))
    return max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0))
