"""Which airports of Europe can be reached from one another without crossing a sea?

Run by hand after ``npm pack world-atlas@2.0.2`` and unpacking it::

    python land.py path/to/package DATASET

It writes land.csv, a grid of a quarter of a degree on which 1 is the mainland of Europe with what
tunnels and bridges join to it and 2 is Ireland, and landmass.csv, the airports that stand on one of
the two. Outlines: Natural Earth 1:10 million, public domain. Only the countries named here are
covered, because no ground factor is at hand for others. Islands that a bridge joins, but which are
not named under LINKS, are left out: there the answer is that no way by land is known.
"""

from __future__ import annotations

import csv
import json
import pathlib
import sys

import numpy as np

DATA = pathlib.Path(__file__).parents[1]
STEP = 0.25
WEST, SOUTH, EAST, NORTH = -11.0, 35.5, 32.0, 71.5
NEAR_KM = 6.0  # airports on the shore stand outside an outline of 1:10 million

COUNTRIES = frozenset(
    [
        "AD",
        "AL",
        "AT",
        "BA",
        "BE",
        "BG",
        "CH",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MC",
        "ME",
        "MK",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "RS",
        "SE",
        "SI",
        "SK",
        "SM",
        "XK",
    ]
)

# Points inside the outlines that count as mainland: the mainland itself, and islands that a railway
# tunnel or a bridge for rail and road joins to it.
MAINLAND = {
    "Europe": (48.9, 8.0),
    "Great Britain, by the Channel Tunnel": (52.5, -1.5),
    "Zealand, by the Great Belt and the Oresund": (55.5, 11.9),
    "Amager, by the Oresund": (55.61, 12.60),
    "Funen, by the Little and the Great Belt": (55.35, 10.4),
}
IRELAND = (53.3, -7.5)

# Cells of the ways over or under water, as ends of straight lines (latitude, longitude).
LINKS = (
    ((51.10, 1.14), (50.92, 1.78)),  # Channel Tunnel
    ((55.31, 10.79), (55.35, 11.10)),  # Great Belt
    ((55.51, 9.71), (55.49, 9.80)),  # Little Belt
    ((55.63, 12.65), (55.57, 12.98)),  # Oresund
)


def rings(topology: dict) -> list[np.ndarray]:
    """Return outer rings [longitude, latitude] of a TopoJSON land layer."""
    scale, shift = (np.array(topology["transform"][name]) for name in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]
    found = []
    for shape in topology["objects"]["land"]["geometries"]:
        for polygon in shape["arcs"]:
            parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in polygon[0]]
            found.append(np.concatenate(parts))
    return found


def inside(ring: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return which points [latitude, longitude] a ring encloses, by even and odd crossings."""
    result = np.zeros(len(points), dtype=bool)
    x, y = ring[:, 0], ring[:, 1]
    low, high = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    for number, (latitude, longitude) in enumerate(points):
        at = np.flatnonzero((low <= latitude) & (latitude < high))
        cross = x[at] + (latitude - y[at]) / (y[at + 1] - y[at]) * (x[at + 1] - x[at])
        result[number] = np.count_nonzero(cross > longitude) % 2
    return result


def shore_km(ring: np.ndarray, latitude: float, longitude: float) -> float:
    """Return the distance of a point from the nearest corner of a ring [km]."""
    north = (ring[:, 1] - latitude) * 111.2
    east = (ring[:, 0] - longitude) * 111.2 * np.cos(np.radians(latitude))
    return float(np.min(np.hypot(north, east)))


def stands_on(ring: np.ndarray, at: tuple[float, float]) -> bool:
    """Return whether an airport stands inside a ring or on its shore."""
    return bool(inside(ring, np.array([at]))[0]) or shore_km(ring, *at) < NEAR_KM


def around(found: list[np.ndarray], point: tuple[float, float]) -> np.ndarray:
    """Return the ring that encloses a point."""
    return next(ring for ring in found if inside(ring, np.array([point]))[0])


def write_airports(folder: pathlib.Path, groups: dict[int, list[np.ndarray]]) -> None:
    """Write the airports that stand on one of the two landmasses, or on its shore."""
    with (folder / "airports.csv").open(encoding="utf-8", newline="") as file:
        airports = [row for row in csv.DictReader(file) if row["country"] in COUNTRIES]
    with (folder / "landmass.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "landmass"))
        for row in airports:
            at = float(row["latitude"]), float(row["longitude"])
            for number, outlines in groups.items():
                if any(stands_on(ring, at) for ring in outlines):
                    writer.writerow((row["code"], number))
                    break


def main() -> int:
    """Write the two tables."""
    atlas = pathlib.Path(sys.argv[1]) / "land-10m.json"
    folder = DATA / sys.argv[2]
    found = rings(json.loads(atlas.read_text(encoding="utf-8")))
    groups = {
        1: [around(found, point) for point in MAINLAND.values()],
        2: [around(found, IRELAND)],
    }
    latitudes = np.arange(NORTH - STEP / 2, SOUTH, -STEP)
    longitudes = np.arange(WEST + STEP / 2, EAST, STEP)
    cells = np.array([(a, b) for a in latitudes for b in longitudes])
    grid = np.zeros(len(cells), dtype=int)
    for number, outlines in groups.items():
        for ring in outlines:
            grid[inside(ring, cells)] = number
    grid = grid.reshape(len(latitudes), len(longitudes))
    for start, end in LINKS:
        for latitude, longitude in np.linspace(start, end, 20):
            grid[int((NORTH - latitude) / STEP), int((longitude - WEST) / STEP)] = 1
    with (folder / "land.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("north", "west", "step", "cells"))
        for latitude, row in zip(latitudes, grid, strict=True):
            writer.writerow((latitude + STEP / 2, WEST, STEP, "".join(map(str, row))))
    write_airports(folder, groups)
    return 0


if __name__ == "__main__":
    sys.exit(main())
