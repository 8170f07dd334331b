"""How far is it from one airport to another without leaving the land?

The shortest way on a grid of a quarter of a degree over the mainland of Europe, Great Britain (by
the Channel Tunnel) and the Danish islands that bridges join, or over Ireland; the grid and the
airports that stand on it are built by ``data/build/land.py`` from Natural Earth. Roads and tracks
are longer than that way, because they bend; a bend is not guessed here. Borders, timetables and
visas are not looked at.
"""

from __future__ import annotations

import functools
import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from calculators.units import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calculators.flight.airports import Place
    from calculators.flight.datasets import Dataset

FARTHEST_KM: Final = 1500.0
"""Longest way over land that is offered: about a day by train or car (own choice)."""

_MOVES: Final = tuple(
    (down, right)
    for down in range(-2, 3)
    for right in range(-2, 3)
    if math.gcd(down, right) == 1  # sixteen directions, each once
)
_AROUND: Final = tuple(
    sorted(
        ((down, right) for down in range(-2, 3) for right in range(-2, 3)),
        key=lambda move: (move[0] ** 2 + move[1] ** 2, move),
    )
)
Cell = tuple[int, int]


def _apart_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance of two points given in degrees [km]."""
    (lat_a, lon_a), (lat_b, lon_b) = (
        (math.radians(latitude), math.radians(longitude)) for latitude, longitude in (a, b)
    )
    north, east = math.sin((lat_b - lat_a) / 2), math.sin((lon_b - lon_a) / 2)
    half = north * north + math.cos(lat_a) * math.cos(lat_b) * east * east
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one size; each holds the number of its landmass, 0 for the sea.

    Attributes
    ----------
    north, west, step : float
        Corner and size of the cells [degrees].
    rows : tuple[str, ...]
        Cells from north to south, each row from west to east.
    """

    north: float
    west: float
    step: float
    rows: tuple[str, ...]

    def is_land(self, cell: Cell, landmass: str) -> bool:
        """Return whether a cell belongs to a landmass."""
        row, column = cell
        within = 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row])
        return within and self.rows[row][column] == landmass

    def middle(self, cell: Cell) -> tuple[float, float]:
        """Return latitude and longitude of a cell's middle."""
        row, column = cell
        return self.north - (row + 0.5) * self.step, self.west + (column + 0.5) * self.step

    def nearest(self, place: Place, landmass: str) -> Cell | None:
        """Return the cell of a landmass nearest to an airport, at most two cells away."""
        row = math.floor((self.north - place.latitude) / self.step)
        column = math.floor((place.longitude - self.west) / self.step)
        cells = ((row + down, column + right) for down, right in _AROUND)
        return next((cell for cell in cells if self.is_land(cell, landmass)), None)

    def neighbours(self, cell: Cell, landmass: str) -> Iterator[Cell]:
        """Return cells that can be reached in one move over land."""
        row, column = cell
        for down, right in _MOVES:
            there = row + down, column + right
            # A move of a knight passes between two cells, which must both be land.
            between = {
                (row + math.trunc(down / 2), column + math.trunc(right / 2)),
                (row + down - math.trunc(down / 2), column + right - math.trunc(right / 2)),
            }
            if all(self.is_land(each, landmass) for each in (there, *between)):
                yield there


@functools.cache
def _grid(data: Dataset) -> Grid:
    rows = data.rows("land")
    north, west, step = (float(rows[0][name]) for name in ("north", "west", "step"))
    return Grid(north, west, step, tuple(row["cells"] for row in rows))


@functools.cache
def _landmasses(data: Dataset) -> dict[str, str]:
    return {row["code"]: row["landmass"] for row in data.rows("landmass")}


def _shortest(grid: Grid, start: Cell, goal: Cell, landmass: str) -> float | None:
    """Return the length of the shortest way between two cells [km], None beyond the limit."""
    end = grid.middle(goal)
    best = {start: 0.0}
    waiting = [(_apart_km(grid.middle(start), end), start)]
    while waiting and waiting[0][0] <= FARTHEST_KM:
        cell = heapq.heappop(waiting)[1]
        if cell == goal:
            return best[cell]
        here = grid.middle(cell)
        for other in grid.neighbours(cell, landmass):
            there = grid.middle(other)
            length = best[cell] + _apart_km(here, there)
            if length < best.get(other, math.inf):
                best[other] = length
                heapq.heappush(waiting, (length + _apart_km(there, end), other))
    return None


@functools.lru_cache(maxsize=4096)
def overland_km(origin: Place, destination: Place, data: Dataset) -> float | None:
    """Return the shortest way over land between two airports [km].

    Parameters
    ----------
    origin, destination : Place
        The two ends; a metropolitan code stands for its main airport.
    data : Dataset
        The data set of the grid.

    Returns
    -------
    float or None
        At least the great-circle distance; None where no way of at most `FARTHEST_KM` is known.
    """
    known = _landmasses(data)
    landmass = known.get(origin.main_airport)
    direct = _apart_km(
        (origin.latitude, origin.longitude), (destination.latitude, destination.longitude)
    )
    if landmass is None or landmass != known.get(destination.main_airport) or direct > FARTHEST_KM:
        return None
    grid = _grid(data)
    start, goal = (grid.nearest(place, landmass) for place in (origin, destination))
    if start is None or goal is None:
        return None
    way = _shortest(grid, start, goal, landmass)
    return None if way is None else max(direct, way)
