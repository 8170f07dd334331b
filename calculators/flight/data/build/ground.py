"""What do trains, coaches, cars and heating emit, by published factors?

Run as ``python ground.py DATASET``; it needs the standard library alone and writes ground.csv.

DESNZ rows are those of the flat file of 2025 (inputs/desnz2025_land.csv, copy in
scope3emissiontest-oss/JulesProject, Open Government Licence v3.0); ADEME rows are those of
incubateur-ademe/impactco2 at 8076a489 of 2026-07-01 (MIT), src/data/categories/deplacement.ts
(entry "Carburant", which includes making fuel and electricity; building the vehicle is left out, as
it is for flights) and chauffage.ts.
"""

from __future__ import annotations

import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).parent

COLUMNS = (
    "mode", "id", "origin", "destination", "unit", "combustion", "upstream",
    "title", "version", "licence", "url",
)  # fmt: skip

DESNZ = (
    "UK Government GHG conversion factors for company reporting: travel on land",
    "2025",
    "Open Government Licence v3.0",
    "https://www.gov.uk/government/collections/government-conversion-factors-for-company-reporting",
)
ADEME = ("ADEME Impact CO2", "8076a489 of 2026-07-01", "MIT", "https://impactco2.fr")

PERSON, VEHICLE = "kg CO2e per passenger-km", "kg CO2e per vehicle-km"
SQUARE_METRE = "kg CO2e per square metre and year"

# mode, id, countries of the two ends (* any of Europe), unit, number of the factor in the flat file
FROM_DESNZ = (
    ("rail", "national-rail", "GB", "GB", PERSON, "3147_11"),
    ("rail", "international-rail", "GB", "FR", PERSON, "3148_11"),
    ("rail", "international-rail", "GB", "BE", PERSON, "3148_11"),
    ("rail", "international-rail", "GB", "NL", PERSON, "3148_11"),
    ("coach", "british-coach", "*", "*", PERSON, "3146_11"),
    ("car", "british-average-car", "*", "*", VEHICLE, "3074_4"),
)
FROM_ADEME = (
    ("rail", "tgv", "FR", "FR", PERSON, "0.0023", ""),
    ("coach", "french-coach", "FR", "FR", PERSON, "0.03314", ""),
    ("heating", "gas-boiler", "FR", "FR", SQUARE_METRE, "17.837078297821858", ""),
)


def desnz() -> dict[str, dict[str, str]]:
    """Return combustion and well-to-tank of each factor of the flat file."""
    found: dict[str, dict[str, str]] = {}
    with (HERE / "inputs" / "desnz2025_land.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            _, _, number, unit, _ = row["ID"].split("_")
            part = "upstream" if row["Level 1"].startswith("WTT") else "combustion"
            found.setdefault(f"{number}_{unit}", {})[part] = row["GHG Conversion Factor 2025"]
    return found


def main() -> int:
    """Write the table."""
    table = desnz()
    rows = [
        (*own, table[number]["combustion"], table[number]["upstream"], *DESNZ)
        for *own, number in FROM_DESNZ
    ]
    rows += [(*row, *ADEME) for row in FROM_ADEME]
    path = HERE.parent / sys.argv[1] / "ground.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
