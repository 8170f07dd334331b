"""Which pieces of land does a text describe: GeoJSON, or corners one a line?

Every refusal names the feature, the ring and the reason, so that the file can be mended.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from offset.errors import InvalidInput
from offset.projects import outlines
from offset.projects.outlines import UNIT, Corner, Outline, Ring

MOST_BYTES: Final = 4_000_000
MOST_VERTICES: Final = 20_000
MOST_FEATURES: Final = 200
LEAST_HA: Final = 0.01
MOST_HA: Final = 10_000_000.0
_SOUTHERNMOST: Final = -60 * UNIT
_LONGEST_NAME: Final = 120
_FEWEST_CORNERS: Final = 4
_HALF_TURN: Final = 180 * UNIT
_POLE: Final = 90 * UNIT
_LON_LAT: Final = re.compile(r"CRS84|(?<!\d)4326(?!\d)", re.ASCII | re.IGNORECASE)
_LINE: Final = re.compile(
    r"\s*(-?\d{1,3}(?:[.,]\d{1,15})?)\s*[;,\s]\s*(-?\d{1,3}(?:[.,]\d{1,15})?)\s*", re.ASCII
)


@dataclass(frozen=True)
class Drawn:
    """A piece of land as a file describes it: its name there, its outline, its area."""

    name: str
    outline: Outline
    area_ha: float


def read(text: str) -> tuple[Drawn, ...]:
    """Read GeoJSON, or corners written one a line as latitude and longitude.

    Raises
    ------
    InvalidInput
        Field ``outline``; ``outline_*`` with ``feature``, ``ring`` and more where it helps.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _refused("outline_too_large", highest=MOST_BYTES // 1_000_000)
    tidy = text.strip().removeprefix("\ufeff")
    if not tidy:
        raise _refused("outline_missing")
    features = _features(_parsed(tidy)) if tidy[0] in "{[" else [("", _typed(tidy))]
    if len(features) > MOST_FEATURES:
        raise _refused("outline_too_many", highest=MOST_FEATURES)
    corners = sum(_count(polygons) for _name, polygons in features)
    if corners > MOST_VERTICES:
        raise _refused("outline_too_fine", corners=corners, highest=MOST_VERTICES)
    return tuple(
        _drawn(place, name, polygons) for place, (name, polygons) in enumerate(features, start=1)
    )


def written(name: str, outline: Outline) -> dict[str, Any]:
    """Write an outline as a GeoJSON feature."""
    polygons = [[[[x / UNIT, y / UNIT] for x, y in ring] for ring in rings] for rings in outline]
    single = len(polygons) == 1
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {
            "type": "Polygon" if single else "MultiPolygon",
            "coordinates": polygons[0] if single else polygons,
        },
    }


def kept(document: Any) -> Outline:
    """Read an outline as a column keeps it."""
    return tuple(
        tuple(tuple((int(x), int(y)) for x, y in ring) for ring in rings) for rings in document
    )


# --- from a text to polygons ----------------------------------------------------------------------


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as fault:
        raise _refused("outline_no_json", line=fault.lineno, column=fault.colno) from None
    except (RecursionError, ValueError):
        raise _refused("outline_no_json", line=1, column=1) from None


def _no_number(word: str) -> float:
    raise ValueError(word)


def _features(document: Any) -> list[tuple[str, list[Any]]]:
    if not isinstance(document, Mapping):
        raise _refused("outline_no_geojson")
    _lon_lat(document)
    if document.get("type") != "FeatureCollection":
        return [_feature(document, 1)]
    found = document.get("features")
    if not isinstance(found, list) or not found:
        raise _refused("outline_no_feature")
    if len(found) > MOST_FEATURES:
        raise _refused("outline_too_many", highest=MOST_FEATURES)
    return [_feature(one, place) for place, one in enumerate(found, start=1)]


def _feature(told: Any, place: int) -> tuple[str, list[Any]]:
    if not isinstance(told, Mapping):
        raise _refused("outline_no_feature_here", feature=place)
    _lon_lat(told)
    name = ""
    geometry: Any = told
    if told.get("type") == "Feature":
        properties = told.get("properties")
        given = properties.get("name") if isinstance(properties, Mapping) else None
        name = _clean(given) if isinstance(given, str) else ""
        geometry = told.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        shown = kind if isinstance(kind, str) else "–"
        raise _refused("outline_no_polygon", feature=place, kind=shown[:40])
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise _refused("outline_empty", feature=place)
    return name, polygons


def _clean(name: str) -> str:
    """Return a name in one line, without what is no letter in any file or database."""
    held = "".join(one if one.isprintable() else " " for one in name)
    return " ".join(held.split())[:_LONGEST_NAME]


def _lon_lat(told: Mapping[str, Any]) -> None:
    """Refuse a file that says it counts in anything but degrees."""
    crs = told.get("crs")
    if crs is not None and not _LON_LAT.search(json.dumps(crs)[:500]):
        raise _refused("outline_other_crs")


def _typed(text: str) -> list[Any]:
    """Read corners that were typed, latitude first as a phone shows them; close the ring."""
    ring = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise _refused("outline_line", row=number)
        latitude, longitude = (float(one.replace(",", ".")) for one in found.groups())
        ring.append([longitude, latitude])
    return [[[*ring, ring[0]] if ring[0] != ring[-1] else ring]]


def _count(polygons: Sequence[Any]) -> int:
    return sum(
        len(ring)
        for rings in polygons
        if isinstance(rings, list)
        for ring in rings
        if isinstance(ring, list)
    )


# --- from polygons to an outline ------------------------------------------------------------------


def _drawn(feature: int, name: str, polygons: Sequence[Any]) -> Drawn:
    outline = tuple(_polygon(rings, feature) for rings in polygons)
    _apart(outline, feature)
    area = outlines.hectares(outline)
    if area < LEAST_HA:
        raise _refused("outline_too_small", feature=feature, least=LEAST_HA)
    if area > MOST_HA:
        raise _refused("outline_too_wide", feature=feature, highest=f"{MOST_HA:,.0f}")
    return Drawn(name, outline, round(area, 4))


def _polygon(told: Any, feature: int) -> tuple[Ring, ...]:
    if not isinstance(told, list) or not told:
        raise _refused("outline_empty", feature=feature)
    rings = [_ring(one, feature, place) for place, one in enumerate(told, start=1)]
    for place, ring in enumerate(rings, start=1):
        near = outlines.crossing([ring])
        if near is not None or outlines.flat(ring):
            raise _refused(
                "outline_crosses", feature=feature, ring=place, near=_shown(near or ring[0])
            )
    _holes(rings, feature)
    return outlines.wound(rings)


def _holes(rings: Sequence[Ring], feature: int) -> None:
    """Refuse holes that lie outside their ring, cross it, or lie in one another."""
    for place, hole in enumerate(rings[1:], start=2):
        if not outlines.inside(rings[0], hole[0]):
            raise _refused("outline_hole_outside", feature=feature, ring=place)
    near = outlines.crossing(rings)
    if near is not None:
        raise _refused("outline_rings_cross", feature=feature, near=_shown(near))
    for place, hole in enumerate(rings[1:], start=2):
        if any(other is not hole and outlines.inside(other, hole[0]) for other in rings[1:]):
            raise _refused("outline_hole_in_hole", feature=feature, ring=place)


def _apart(outline: Outline, feature: int) -> None:
    """Refuse polygons of one site that lie over one another: their ground would count twice."""
    boxes = [outlines.box((rings,)) for rings in outline]
    for here, one in enumerate(outline):
        for there in range(here + 1, len(outline)):
            if not boxes[here].meets(boxes[there]):
                continue
            both = outlines.common_hectares((one,), (outline[there],))
            smaller = min(outlines.hectares((one,)), outlines.hectares((outline[there],)))
            if both > smaller / 100:
                raise _refused(
                    "outline_parts_overlap", feature=feature, ring=here + 1, other=there + 1
                )


def _ring(told: Any, feature: int, place: int) -> Ring:
    if not isinstance(told, list) or len(told) < _FEWEST_CORNERS:
        raise _refused("outline_too_few", feature=feature, ring=place)
    corners = [_corner(one, feature, place, number) for number, one in enumerate(told, start=1)]
    if corners[0] != corners[-1]:
        raise _refused("outline_open", feature=feature, ring=place)
    tidy = [corners[0]]
    for corner in corners[1:]:
        if corner != tidy[-1]:
            if abs(corner[0] - tidy[-1][0]) > _HALF_TURN:
                raise _refused("outline_antimeridian", feature=feature, ring=place)
            tidy.append(corner)
    if len(tidy) < _FEWEST_CORNERS:
        raise _refused("outline_too_few", feature=feature, ring=place)
    return tuple(tidy)


def _corner(told: Any, feature: int, place: int, number: int) -> Corner:
    if (
        not isinstance(told, list)
        or not 2 <= len(told) <= 3  # noqa: PLR2004 - longitude, latitude, perhaps a height
        or not all(_is_number(one) for one in told)
    ):
        raise _refused("outline_no_corner", feature=feature, ring=place, corner=number)
    x, y = round(told[0] * UNIT), round(told[1] * UNIT)
    if abs(x) > _HALF_TURN or abs(y) > _POLE:
        raise _refused("outline_off_earth", feature=feature, ring=place, corner=number)
    if y < _SOUTHERNMOST:
        raise _refused("outline_antarctic", feature=feature, ring=place, corner=number)
    return x, y


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e9  # noqa: PLR2004 - far beyond any degree; a height in metres fits
        and math.isfinite(value)
    )


def _shown(corner: Corner) -> str:
    return f"{corner[1] / UNIT:.5f}, {corner[0] / UNIT:.5f}"


def _refused(code: str, **told: object) -> InvalidInput:
    return InvalidInput(code, field="outline", **told)
