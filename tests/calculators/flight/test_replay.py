"""Do results that were stored once come again to the byte, whatever they were asked with?

The files in ``tests/data/flight/pinned`` are never written again: a release that cannot give them
has broken a promise. A later release may tell more beside what they hold, on the top level of an
answer; what they hold must come again. ``PINS`` names them; a new one is added by ``pin(name)``.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, Final

import pytest

from calculators.cli import main
from calculators.errors import UnknownDataset
from calculators.flight.datasets import DATASET_IDS, dataset
from calculators.flight.itinerary import (
    Estimate,
    Itinerary,
    Leg,
    Overrides,
    differences,
    estimate,
    replay,
)
from calculators.flight.operator_data import load
from calculators.flight.seats import SeatMap

DATA = Path(__file__).parents[2] / "data" / "flight"
PINNED, OPERATOR = DATA / "pinned", DATA / "operator"


def _trip(*places: str, cabin: str = "economy", aircraft: str | None = None) -> Itinerary:
    legs = itertools.pairwise(places)
    return Itinerary(tuple(Leg(a, b, cabin, aircraft) for a, b in legs))


def _people(trip: Itinerary, travellers: int) -> Itinerary:
    return Itinerary(trip.legs, travellers)


def _ask() -> dict[str, Estimate]:
    own = load(OPERATOR, "2026.1").id
    example = Overrides(
        great_circle_km=(9369.0,),
        load_factor=0.845,
        cargo_mass_fraction=0.08,
        distance_factor=1.0273,
        fuel_knots=((500.0, 5852.0), (1000.0, 10874.0), (5000.0, 52962.0), (5500.0, 58072.0)),
        lto_kg=1638.0,
        seats=SeatMap(188, 21, 48),
        published_rounding=True,
    )
    mixed = Itinerary(
        (Leg("CDG", "DOH", "business", "77W"), Leg("DOH", "JNB", "first", "789")), 3
    ).and_back()
    old, base = "2026.1", "2026.1"
    return {
        "mix-return": estimate(_trip("CDG", "JNB").and_back(), dataset=old),
        "via-mixed-cabins": estimate(mixed, dataset=base),
        "turboprop-four": estimate(_people(_trip("ORY", "TLS", aircraft="AT7"), 4), dataset=base),
        "printed-example": estimate(
            _trip("ZRH", "SFO", aircraft="789"), dataset=base, overrides=example
        ),
        "own-load-premium": estimate(
            _trip("LHR", "SYD", cabin="premium", aircraft="388"),
            dataset=base,
            overrides=Overrides(load_factor=0.9, contrail_ratio=(0.3,)),
        ),
        "uk-domestic": estimate(_trip("LHR", "EDI"), "desnz-2025-norf-wtt", base),
        "ademe-three-legs": estimate(_trip("BOD", "CDG", "GVA", "NCE"), "ademe", base),
        "myclimate-business": estimate(_trip("MUC", "DXB", cabin="business"), "myclimate", base),
        "goclimate-2023-first": estimate(
            _trip("ARN", "ZRH", cabin="first"), "goclimate-2023", base
        ),
        "icao-missing-pair": estimate(_trip("DEL", "GRU"), "icao-style", base),
        "private-jet-six": estimate(
            _people(_trip("GVA", "NCE", aircraft="Citation Latitude"), 6), "private-jet", base
        ),
        "distance-alone": estimate(
            _trip("ZRH", "SFO", cabin="business"),
            "distance",
            base,
            Overrides(great_circle_km=(5000.0,)),
        ),
        "other-treatment": estimate(
            _trip("MAD", "BOG", aircraft="359"), dataset=base, treatment="tim-2025-contrails-gwp100"
        ),
        "operators-own": estimate(
            _trip("SFO", "ZRH", "PMI", cabin="economy", aircraft="789"), dataset=own
        ),
    }


PINS: Final = (
    "mix-return",
    "via-mixed-cabins",
    "turboprop-four",
    "printed-example",
    "own-load-premium",
    "uk-domestic",
    "ademe-three-legs",
    "myclimate-business",
    "goclimate-2023-first",
    "icao-missing-pair",
    "private-jet-six",
    "distance-alone",
    "other-treatment",
    "operators-own",
)


KEYS: Final = (
    "method", "legs", "total", "travellers", "notes", "contrail_bucket", "overrides", "inputs",
    "tables",
)  # fmt: skip


def written(answer: Estimate) -> str:
    """Return what is pinned of an answer, as it is stored."""
    told = answer.as_json()
    kept = {key: told[key] for key in KEYS if key in told}
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def pin(name: str) -> None:
    """Store a new answer; an old one stays as it is."""
    path = PINNED / f"{name}.json"
    if not path.exists():
        path.write_text(written(_ask()[name]), encoding="utf-8")


def test_there_are_ten_and_more_and_each_is_different() -> None:
    files = sorted(PINNED.glob("*.json"))
    assert {path.stem for path in files} == set(PINS)
    stored = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    assert len({one["method"]["id"] for one in stored}) >= 7
    assert {leg["cabin"] for one in stored for leg in one["legs"]} == {
        "economy",
        "premium",
        "business",
        "first",
    }
    assert any("overrides" in one for one in stored)
    assert {one["method"]["dataset"].split("+")[0] for one in stored} <= set(DATASET_IDS)


@pytest.mark.parametrize("name", PINS)
def test_a_stored_result_comes_again_to_the_byte(name: str) -> None:
    load(OPERATOR, "2026.1")
    text = (PINNED / f"{name}.json").read_text(encoding="utf-8")
    assert written(replay(json.loads(text))) == text


def test_the_question_gives_the_stored_result_too() -> None:
    for name, answer in _ask().items():
        assert written(answer) == (PINNED / f"{name}.json").read_text(encoding="utf-8"), name


def test_every_old_data_set_stays_readable() -> None:
    for name in DATASET_IDS:
        data = dataset(name)
        assert data.rows("airports")
        assert estimate(_trip("CDG", "JNB"), dataset=name).dataset == name
        assert all(data.rows(path.stem) for path in data.folder.glob("*.csv"))


def test_a_result_on_an_operators_files_needs_these_files() -> None:
    text = (PINNED / "operators-own.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    stored["method"]["dataset"] = "2026.1+operator-00000000"
    with pytest.raises(UnknownDataset):
        replay(stored)


def stored(name: str) -> dict[str, Any]:
    load(OPERATOR, "2026.1")
    told: dict[str, Any] = json.loads((PINNED / f"{name}.json").read_text(encoding="utf-8"))
    return told


def test_the_file_of_the_site_replays_from_within() -> None:
    nested = {"page": "https://x", "inputs": [["from-0", "CDG"]], "estimate": stored("mix-return")}
    assert replay(nested) == replay(stored("mix-return"))
    assert differences(nested) == ()


def test_what_was_given_stays_as_it_was_given() -> None:
    told = estimate(Itinerary((Leg("Johannesburg", "paris"),))).as_json()
    again = replay(json.loads(json.dumps(told))).as_json()
    assert again == told
    assert again["inputs"]["given"][0] == {  # type: ignore[index]
        "origin": "Johannesburg", "destination": "paris", "cabin": "economy", "aircraft": None,
    }  # fmt: skip
    del told["inputs"]
    assert replay(json.loads(json.dumps(told))).co2e_kg == told["total"]["co2e_kg"]  # type: ignore[index]


def test_an_altered_answer_is_told_value_by_value() -> None:
    assert [differences(stored(name)) for name in PINS] == [()] * len(PINS)
    told = stored("mix-return")
    told["tables"]["fuel_burn"] = "0" * 64
    told["total"]["co2e_kg"] += 0.001
    told["legs"][0]["steps"].pop()
    told["signed"] = "x" * 100
    found = differences(told)
    assert [one.split(":")[0] for one in found] == [
        "legs[0].steps", "total.co2e_kg", "tables.fuel_burn", "signed",
    ]  # fmt: skip
    assert all(len(one) < 200 for one in found)


def test_replay_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "stored.json"
    told = stored("mix-return")
    path.write_text(json.dumps({"estimate": told}))
    assert main(["replay", str(path)]) == 0
    assert capsys.readouterr().out == "same\n"
    told["total"]["low_kg"] = 1.0
    path.write_text(json.dumps(told))
    assert main(["replay", str(path)]) == 1
    assert capsys.readouterr().out.startswith("different\n  total.low_kg: 1.0, now ")
    assert main(["replay", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["same"] is False
    path.write_text(json.dumps(stored("operators-own")))
    assert main(["replay", str(path), "--operator-data", str(OPERATOR)]) == 0
    for text, says in (("[]", "not a stored answer"), ("{}", "not a stored answer"), ("x", "JSON")):
        path.write_text(text)
        assert main(["replay", str(path)]) == 2
        assert says in capsys.readouterr().err
    assert main(["replay", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err
