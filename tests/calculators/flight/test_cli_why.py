"""Do why, alternatives and the routes of the command line say what was asked?"""

from __future__ import annotations

import json

import pytest

from calculators.cli import main
from calculators.cli.route import legs, words
from calculators.flight.itinerary import Itinerary, Leg, estimate


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("route", [["CDG", "JNB"], ["CDG-JNB"], ["cdg/jnb"]])
def test_why_as_json(capsys: pytest.CaptureFixture[str], route: list[str]) -> None:
    status, out, err = run(capsys, "why", "tim-3", "ademe", *route, "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert (answer["from"], answer["to"]) == ("tim-3", "ademe")
    running = round(answer["total_kg"]["from"] * 1000)
    for step in answer["steps"]:
        running += round(step["difference_kg"] * 1000)
        assert running == round(step["running_kg"] * 1000)
    assert running == round(answer["total_kg"]["to"] * 1000)


def test_why_as_text_with_all_options(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--return", "--cabin", "business", "--aircraft", "789", "--travellers", "2"]
    status, out, _ = run(capsys, "why", "tim-3", "desnz-2025", "CDG/DOH/JNB", *options)
    assert status == 0
    assert "Distance charged" in out
    assert "the method publishes one factor for these" in out
    assert "by leg" in out
    legs_there = (Leg("CDG", "DOH", "business", "789"), Leg("DOH", "JNB", "business", "789"))
    asked = estimate(Itinerary(legs_there, 2).and_back(), "desnz-2025")
    assert f"{asked.co2e_kg:,.3f} kg" in out


def test_an_unknown_method_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "why", "tim-3", "desnz", "CDG", "JNB")
    assert (status, out) == (2, "")
    assert err.startswith("calculators: No method has the id 'desnz'.")


def test_alternatives_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "alternatives", "LHR-AMS-CDG", "--travellers", "2", "--json")[1]
    answer = json.loads(out)
    assert [one["cabin"] for one in answer["cabins"]] == ["economy", "premium", "business", "first"]
    assert answer["direct"]["direct"] == ["LHR", "CDG"]
    assert [one["mode"] for one in answer["by_land"]["figures"]] == ["rail", "coach", "car"]
    assert answer["airports_own"]["visits"] == 3
    assert answer["equivalents"][0]["id"] == "car_km"
    assert answer["spread"]["figures"]
    far = json.loads(run(capsys, "alternatives", "CDG", "JNB", "--json")[1])
    assert (far["direct"], far["by_land"]) == (None, None)


def test_alternatives_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "alternatives", "LHR-AMS-CDG", "--method", "desnz-2025")[1]
    for words_of_it in ("all in first", "without stops", "by rail, at least", "not added"):
        assert words_of_it in out
    out = run(capsys, "alternatives", "CDG-JNB")[1]
    assert "by rail" not in out
    assert "without stops" not in out
    assert "this is no uncertainty" in out


def test_a_leg_has_its_own_cabin_and_aircraft(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "flight", "CDG", "DOH:business", "JNB:first@789", "--json")[1]
    told = [(leg["cabin"], leg["aircraft"]) for leg in json.loads(out)["legs"]]
    assert told == [("business", "mix"), ("first", "789")]
    assert legs(["CDG", "DOH@77W", "JNB"], "premium", "789") == (
        Leg("CDG", "DOH", "premium", "77W"),
        Leg("DOH", "JNB", "premium", "789"),
    )


def test_names_keep_their_hyphens_and_codes_in_one_word_are_taken_apart() -> None:
    assert words(["saint-denis", "CDG/DOH:business/JNB@789"]) == [
        "saint-denis",
        "CDG",
        "DOH:business",
        "JNB@789",
    ]
    for route in (["CDG X/DOH JNB"], ["CDG", "X/DOH", "JNB"], ["CDG→DOH", "to JNB"][:1] + ["JNB"]):
        assert words(route) == ["CDG", "DOH", "JNB"]
    assert words(["CDG", "o/DOH:business", "JNB"]) == ["CDG", "DOH:business", "JNB"]
    assert legs(["CDG/DOH//DXB/JNB"], "economy", None) == (Leg("CDG", "DOH"), Leg("DXB", "JNB"))
    assert legs(["CDG", "DOH", "//", "DXB", "JNB"], "economy", None)[1] == Leg("DXB", "JNB")
    assert legs(["CDG", ":business"], "economy", None) == (Leg("CDG", ":business"),)


def test_the_airports_own_emissions_are_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    plain = json.loads(run(capsys, "flight", "CDG", "JNB", "--json")[1])
    told = json.loads(run(capsys, "flight", "CDG", "JNB", "--airports", "--json")[1])
    assert told.pop("airports_own")["co2e_kg"] == 3.42
    assert told == plain
    out = run(capsys, "flight", "CDG", "JNB", "--airports")[1]
    assert "The airports themselves: 3.4 kg (2 × 1.71 × 1), not added" in out
