"""Which methods are there, and does each say what it covers?"""

from __future__ import annotations

import json

import pytest

from calculators.cli.main import main
from calculators.flight.methods import METHOD_IDS, method_info

# With radiative forcing and without well-to-tank; -norf and -wtt change that. Well-to-tank factors
# are at hand for 2025 alone.
IDS = {
    "tim-3",
    "desnz-2023",
    "desnz-2023-norf",
    "desnz-2024",
    "desnz-2024-norf",
    "desnz-2025",
    "desnz-2025-norf",
    "desnz-2025-wtt",
    "desnz-2025-norf-wtt",
    "myclimate",
    "myclimate-2019",
    "goclimate",
    "goclimate-2023",
    "ademe",
    "ademe-nocontrails",
    "icao-style",
    "private-jet",
    "distance",
}


def test_the_methods_are_the_agreed_ones() -> None:
    assert set(METHOD_IDS) == IDS
    assert METHOD_IDS[0] == "tim-3"


@pytest.mark.parametrize("method_id", METHOD_IDS)
def test_each_says_year_boundary_licence_rounding_and_jumps(method_id: str) -> None:
    info = method_info(method_id)
    assert 2018 <= info.year <= 2026
    assert info.boundary in {"TTW", "WTW"}
    assert info.non_co2 in {"separate", "included", "not estimated"}
    assert info.url.startswith("https://")
    for text in (info.version, info.name, info.scope, info.rounding, info.licence, info.source):
        assert text
    for km in info.jumps_km:
        written = f"{km:,.0f}"
        assert written in info.note, (method_id, written)


def test_the_command_prints_it_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    listed = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(listed) == IDS
    assert listed["ademe"]["jumps_km"] == [1000.0, 2000.0, 5000.0]
    assert (listed["desnz-2025"]["boundary"], listed["desnz-2025"]["non_co2"]) == (
        "TTW",
        "included",
    )
    assert listed["tim-3"] == method_info("tim-3").as_json()
