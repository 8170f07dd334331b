"""Which load factors and freight shares hold between two ICAO regions, and where is a country?

Run as ``python icao.py DATASET``; it writes icao_loads.csv and icao_regions.csv. Values: ICCT 2018
by ICAO region pair, copy in tmrowco/northapp-contrib at 2ca1654, MIT. Countries are put into
regions by continent (GeoNames) and the lists below.
"""

from __future__ import annotations

import csv
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
BY_CONTINENT = {
    "AF": "ARSSAS",
    "AN": "LACRSAS",
    "AS": "APRPSEA",
    "EU": "ERES",
    "NA": "LACRCACS",
    "OC": "APRPSEA",
    "SA": "LACRSAS",
}
LISTED = {
    "ARNAS": "DZ EG EH LY MA SD TN",
    "NARNAS": "BM CA PM US",
    "MERMER": "AE BH IL IQ IR JO KW LB OM PS QA SA SY YE",
    "ERES": "AM AZ CY GE GL TR",
    "APRCSWA": "AF BD BT IN KG KZ LK MV NP PK TJ TM UZ",
    "APRNA": "CN HK JP KP KR MN MO TW",
}


def write(path: pathlib.Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Write a CSV file with plain line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main() -> int:
    """Write the two tables."""
    folder = HERE.parent / sys.argv[1]
    text = (HERE / "inputs" / "icct2018_load_factors_by_region.json").read_text(encoding="utf-8")
    loads = [
        (origin, destination, f"{taken / 100:.4f}", f"{share / 100:.4f}")
        for origin, region in json.loads(text).items()
        for destination, taken in region["passenger_load_factors"].items()
        for share in [region["passenger_to_freight_ratio"][destination]]
    ]
    columns = ("origin", "destination", "load_factor", "passenger_share")
    write(folder / "icao_loads.csv", columns, loads)
    listed = {country: region for region, names in LISTED.items() for country in names.split()}
    with (folder / "countries.csv").open(encoding="utf-8", newline="") as file:
        regions = [
            (row["country"], listed.get(row["country"], BY_CONTINENT[row["continent"]]))
            for row in csv.DictReader(file)
        ]
    write(folder / "icao_regions.csv", ("country", "region"), regions)
    print(f"{len(loads)} pairs, {len(regions)} countries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
