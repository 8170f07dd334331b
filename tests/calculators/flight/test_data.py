"""Are the committed tables whole, small, cited and the released ones?"""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest

from calculators.errors import UnknownDataset
from calculators.flight.allocation import fly_mix, fly_profile, profile
from calculators.flight.cargo import hold_load_factor, mass_fraction
from calculators.flight.datasets import DATA_FOLDER, DATASET_IDS, LATEST, dataset
from calculators.flight.fuel import find_aircraft, types
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


@pytest.mark.parametrize("name", DATASET_IDS)
def test_every_table_is_listed_with_its_checksum(name: str) -> None:
    section = SOURCES.split(f"## Data set {name}\n")[1].split("\n## ")[0]
    listed = dict(re.findall(r"^\| (\S+\.csv) \|.*`([0-9a-f]{64})` \|$", section, re.MULTILINE))
    tables = {path.name: path.read_bytes() for path in (DATA_FOLDER / name).glob("*.csv")}
    assert listed == {n: hashlib.sha256(table).hexdigest() for n, table in tables.items()}


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
