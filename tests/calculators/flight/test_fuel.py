"""Does the fuel table answer for every type, and is it near what is published?"""

from __future__ import annotations

import numpy as np
import pytest

from calculators.errors import UnknownAircraft
from calculators.flight.datasets import dataset
from calculators.flight.fuel import aircraft_choices, burn, curves, find_aircraft, types


@pytest.mark.parametrize("row", ["TIM0001", "TIM0002", "TIM0003", "TIM0004"])
def test_own_787_9_is_within_8_percent_of_the_printed_points(
    references: dict[str, dict[str, str]], row: str
) -> None:
    # Travel Impact Model 3.0.0, Table 1 and landing and take-off fuel of 1638 kg (EEA 2023).
    published = references[row]
    nm = float(published["distance_km"]) / 1.852
    total = float(published["value"]) + float(references["TIM0005"]["value"])
    assert burn("789", nm).total_kg == pytest.approx(total, rel=0.08)


def test_all_163_public_codes_and_their_104_types_answer() -> None:
    rows = dataset().rows("aircraft_codes")
    assert len(rows) == 163
    assert len({row["public_mapping"] for row in rows}) == 104
    for row in rows:
        aircraft = find_aircraft(row["iata"].lower())
        assert burn(aircraft.code, 400).total_kg > 0
    for icao in {row["public_mapping"] for row in rows}:
        assert find_aircraft(icao).type.icao == icao


def test_fuel_is_positive_and_rises_from_knot_to_knot() -> None:
    for icao, curve in curves(dataset()).items():
        assert curve.ccd_kg[0] > 0, icao
        assert np.all(np.diff(curve.ccd_kg) > 0), icao
        assert np.all(np.diff(curve.nm) > 0), icao
        assert icao in types(dataset())


def test_between_and_beyond_knots_fuel_is_linear_and_never_negative() -> None:
    curve = curves(dataset())["B789"]
    middle = (curve.ccd_kg[0] + curve.ccd_kg[1]) / 2
    got = curve.between(np.array([187.5, 125.0, 10_000.0, -10_000.0]))
    slope = (curve.ccd_kg[-1] - curve.ccd_kg[-2]) / (curve.nm[-1] - curve.nm[-2])
    assert got[0] == pytest.approx(middle)
    assert got[1] == pytest.approx(curve.ccd_kg[0])
    assert got[2] == pytest.approx(curve.ccd_kg[-1] + slope * (10_000 - curve.nm[-1]))
    assert got[3] == 0


def test_a_winglet_variant_burns_3_percent_less() -> None:
    assert burn("73H", 1000).total_kg == pytest.approx(0.97 * burn("738", 1000).total_kg)


def test_a_fallback_says_whose_fuel_it_is() -> None:
    aircraft = find_aircraft("AT5")
    assert aircraft.type.fuel_of == "AT43"
    assert aircraft.type.fuel_uncertainty == 0.20
    assert burn("AT5", 300).source == "FALLBACK"


def test_feat_reproduces_its_published_totals() -> None:
    # FEAT, Seymour et al. 2020, Table M.7 evaluated at 125, 250 and 500 NM for the ATR 72.
    assert [round(burn("AT72", nm).total_kg) for nm in (125, 250, 500)] == [457, 748, 1406]


def test_an_unknown_code_names_its_neighbours() -> None:
    with pytest.raises(UnknownAircraft) as caught:
        find_aircraft("B78Z")
    assert any(text.startswith("B78") for text in caught.value.suggestions)


def test_choices_hold_each_type_once_by_name() -> None:
    choices = aircraft_choices()
    names = [name for _, name in choices]
    assert names == sorted(names, key=str.casefold)
    assert len({find_aircraft(code).type.icao for code, _ in choices}) == len(choices)
    assert ("789", "Boeing 787-9") in choices


def test_a_burn_as_json() -> None:
    answer = burn("789", 5000).as_json()
    assert list(answer) == ["aircraft", "source", "lto_kg", "ccd_kg", "total_kg"]
    assert answer["aircraft"] == "B789"
    assert answer["total_kg"] == pytest.approx(57_559.0)
