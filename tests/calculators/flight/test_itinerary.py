"""Does a trip add up, replay, and refuse what cannot be?"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from calculators.errors import (
    FlightError,
    InvalidOverride,
    LegsOutOfRange,
    SamePlace,
    TravellersOutOfRange,
    UnknownAircraft,
    UnknownCabin,
    UnknownDataset,
    UnknownMethod,
    UnknownPlace,
)
from calculators.flight.itinerary import (
    Itinerary,
    Leg,
    Overrides,
    estimate,
    method_info,
    replay,
)
from calculators.flight.methods import ROUTE_METHOD_IDS
from calculators.flight.seats import SeatMap
from calculators.units import grams

STORED = Path(__file__).parents[2] / "data" / "flight" / "stored.json"


def a_trip(*codes: str, travellers: int = 1, **leg: Any) -> Itinerary:
    pairs = itertools.pairwise(codes)
    return Itinerary(tuple(Leg(a, b, **leg) for a, b in pairs), travellers)


def test_the_json_has_exactly_the_fixed_names() -> None:
    answer = estimate(a_trip("CDG", "JNB", aircraft="789")).as_json()
    assert list(answer)[:3] == ["method", "legs", "total"]
    assert answer["method"] == {"id": "tim-3", "version": "3.0.0", "dataset": "2026.1"}
    leg: Any = answer["legs"][0]  # type: ignore[index]
    assert list(leg)[:8] == [
        "origin",
        "destination",
        "great_circle_km",
        "flown_km",
        "aircraft",
        "cabin",
        "fuel_kg",
        "co2e_kg",
    ]
    assert list(leg["co2e_kg"]) == ["wtt", "ttw", "wtw"]
    for factor in leg["provenance"]:
        assert list(factor) == ["factor", "value", "unit", "source", "version", "category"]
        assert factor["category"] in {"primary", "modelled", "default"}
    total: Any = answer["total"]
    assert list(total)[:5] == ["co2e_kg", "low_kg", "high_kg", "coverage", "non_co2_kg"]
    assert list(total["non_co2_kg"]) == ["low", "central", "high", "treatment"]
    assert total["coverage"] == 0.90
    assert total["non_co2_kg"]["treatment"] == "lee2021-contrails-gwp100"
    json.dumps(answer, allow_nan=False)


def test_legs_sum_to_the_total_for_all_travellers_to_the_gram() -> None:
    one = estimate(a_trip("CDG", "DOH", "JNB", cabin="business"))
    three = estimate(a_trip("CDG", "DOH", "JNB", cabin="business", travellers=3))
    per_traveller = sum(grams(leg.co2e_kg) for leg in one.legs)
    assert grams(one.co2e_kg) == per_traveller
    assert grams(three.co2e_kg) == 3 * per_traveller
    assert three.legs == one.legs
    assert one.great_circle_km == pytest.approx(sum(leg.great_circle_km for leg in one.legs))


def test_a_return_is_two_directed_legs() -> None:
    there = a_trip("CDG", "DOH", "JNB")
    back = there.and_back()
    assert [(leg.origin, leg.destination) for leg in back.legs] == [
        ("CDG", "DOH"),
        ("DOH", "JNB"),
        ("JNB", "DOH"),
        ("DOH", "CDG"),
    ]
    assert estimate(back).co2e_kg == pytest.approx(2 * estimate(there).co2e_kg)


def test_lows_and_highs_of_legs_add() -> None:
    both = estimate(a_trip("CDG", "DOH", "JNB"))
    parts = [estimate(a_trip("CDG", "DOH")), estimate(a_trip("DOH", "JNB"))]
    assert both.low_kg == pytest.approx(sum(part.low_kg or 0 for part in parts), abs=0.002)
    assert both.high_kg == pytest.approx(sum(part.high_kg or 0 for part in parts), abs=0.002)


def test_the_range_is_central_times_one_and_1645_u() -> None:
    # u of the 787-9 with given cargo and load: fuel 10 %, cargo .05, load .04, seats 8 %.
    given = Overrides(cargo_mass_fraction=0.08, load_factor=0.845)
    answer = estimate(a_trip("ZRH", "SFO", aircraft="789"), overrides=given)
    u = (0.10**2 + (0.05 / 0.92) ** 2 + (0.04 / 0.845) ** 2 + 0.08**2) ** 0.5
    assert answer.low_kg == pytest.approx(answer.co2e_kg * (1 - 1.645 * u), abs=0.002)
    assert answer.high_kg == pytest.approx(answer.co2e_kg * (1 + 1.645 * u), abs=0.002)


def test_given_seats_leave_no_doubt_about_seats() -> None:
    given = Overrides(seats=SeatMap(228, 23, 39))
    plain = estimate(a_trip("ZRH", "SFO", aircraft="789"))
    surer = estimate(a_trip("ZRH", "SFO", aircraft="789"), overrides=given)
    assert surer.co2e_kg == plain.co2e_kg
    assert surer.low_kg is not None
    assert plain.low_kg is not None
    assert surer.low_kg > plain.low_kg


def test_non_co2_stands_apart_as_an_interval_on_the_travellers_fuel() -> None:
    answer = estimate(a_trip("CDG", "JNB"))
    fuel = answer.co2e_kg / 3.8359
    assert answer.non_co2 is not None
    assert answer.non_co2.low_kg == pytest.approx(0.18 * 3.16 * fuel, rel=1e-4)
    assert answer.non_co2.central_kg == pytest.approx(0.61 * 3.16 * fuel, rel=1e-4)
    assert answer.non_co2.high_kg == pytest.approx(1.04 * 3.16 * fuel, rel=1e-4)
    assert answer.non_co2_scope == "separate"


def test_a_method_that_includes_non_co2_says_so_and_gives_no_interval() -> None:
    answer = estimate(a_trip("CDG", "JNB"), "ademe")
    assert answer.non_co2 is None
    assert answer.as_json()["total"] == {
        "co2e_kg": answer.co2e_kg,
        "low_kg": None,
        "high_kg": None,
        "coverage": None,
        "non_co2_kg": None,
        "non_co2_scope": "included",
    }


@pytest.mark.parametrize("method", ROUTE_METHOD_IDS)
def test_every_method_answers_explains_and_describes_itself(method: str) -> None:
    for codes in (("LHR", "EDI"), ("LHR", "FCO"), ("CDG", "LHR"), ("SIN", "LHR"), ("CDG", "IST")):
        for cabin in ("economy", "premium", "business", "first"):
            answer = estimate(a_trip(*codes, cabin=cabin), method)
            assert answer.co2e_kg > 0
            assert answer.legs[0].provenance
            assert answer.legs[0].steps
            assert list(answer.legs[0].steps[0].as_json()) == [
                "id",
                "formula",
                "numbers",
                "value",
                "unit",
            ]
            assert replay(json.loads(json.dumps(answer.as_json()))) == answer
    info = method_info(method)
    assert info.id == method
    assert all(str(value) for value in info.as_json().values())


def told_by_the_first_release(answer: dict[str, Any]) -> str:
    """Return all of an answer but its account, which later releases tell in more detail."""
    legs = [
        {name: value for name, value in leg.items() if name not in {"provenance", "steps"}}
        for leg in answer["legs"]
    ]
    names = ("method", "total", "travellers", "notes")
    return json.dumps({"legs": legs, **{name: answer[name] for name in names}}, sort_keys=True)


def test_stored_answers_come_again_to_the_byte() -> None:
    for stored in json.loads(STORED.read_text(encoding="utf-8")):
        again = replay(stored).as_json()
        assert told_by_the_first_release(again) == told_by_the_first_release(stored)


@pytest.mark.parametrize(
    "stored",
    [
        {"method": [], "legs": []},
        {"method": {}, "legs": {}},
        {"method": {}, "legs": [], "travellers": "1"},
    ],
)
def test_what_is_not_a_stored_answer_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        replay(stored)


def test_city_codes_and_names_are_places_of_a_leg() -> None:
    answer = estimate(a_trip("PAR", "New York"))
    assert [answer.legs[0].origin.code, answer.legs[0].destination.code] == ["PAR", "NYC"]
    assert answer.co2e_kg == estimate(a_trip("CDG", "JFK")).co2e_kg


@pytest.mark.parametrize("aircraft", [None, "", "mix", " MIX "])
def test_no_aircraft_is_the_mix(aircraft: str | None) -> None:
    leg = estimate(a_trip("CDG", "JNB", aircraft=aircraft)).legs[0]
    assert leg.aircraft == "mix"
    assert leg.notes == ("aircraft_unknown",)


def test_mixed_cabins_and_aircraft_are_computed_leg_by_leg() -> None:
    legs = (
        Leg("CDG", "DOH", "first", "77W"),
        Leg("DOH", "JNB", "economy"),
        Leg("JNB", "CPT", "business", "73H"),
    )
    together = estimate(Itinerary(legs))
    for leg, alone in zip(together.legs, legs, strict=True):
        assert leg == estimate(Itinerary((alone,))).legs[0]
    assert together.notes == ("seating_assumed", "aircraft_unknown", "winglet_factor")


@pytest.mark.parametrize(
    ("leg", "note"),
    [
        (Leg("ORY", "TLS", "business", "AT7"), "seating_assumed"),
        (Leg("ORY", "TLS", "economy", "AT5"), "aircraft_fallback"),
        (Leg("CDG", "JFK", "economy", "AT7"), "beyond_fuel_table"),
    ],
)
def test_what_a_reader_must_know_is_noted(leg: Leg, note: str) -> None:
    assert note in estimate(Itinerary((leg,))).notes


@pytest.mark.parametrize(
    ("trip", "options", "error"),
    [
        (a_trip("ZZZ", "JNB"), {}, UnknownPlace),
        (a_trip("CDG", "CDG"), {}, SamePlace),
        (a_trip("CDG", "PAR"), {}, SamePlace),
        (a_trip("CDG", "JNB", cabin="couchette"), {}, UnknownCabin),
        (a_trip("CDG", "JNB", cabin="zzzzz"), {}, UnknownCabin),
        (a_trip("CDG", "JNB", aircraft="ZZZ"), {}, UnknownAircraft),
        (a_trip("CDG", "JNB", travellers=0), {}, TravellersOutOfRange),
        (a_trip("CDG", "JNB", travellers=100), {}, TravellersOutOfRange),
        (a_trip("CDG"), {}, LegsOutOfRange),
        (a_trip(*["CDG", "JNB"] * 13), {}, LegsOutOfRange),
        (a_trip("CDG", "JNB"), {"method": "tim-4"}, UnknownMethod),
        (a_trip("CDG", "JNB"), {"dataset": "1999.1"}, UnknownDataset),
        (
            a_trip("CDG", "JNB"),
            {"overrides": Overrides(great_circle_km=(1.0, 2.0))},
            InvalidOverride,
        ),
        (a_trip("CDG", "JNB"), {"overrides": Overrides(seats=SeatMap(1))}, InvalidOverride),
        (a_trip("CDG", "JNB"), {"overrides": Overrides(lto_kg=1.0)}, InvalidOverride),
        (a_trip("CDG", "JNB"), {"overrides": Overrides(published_rounding=True)}, InvalidOverride),
    ],
)
def test_impossible_questions_are_refused_with_a_code(
    trip: Itinerary, options: dict[str, Any], error: type[FlightError]
) -> None:
    with pytest.raises(error) as caught:
        estimate(trip, **options)
    assert caught.value.code == error.code
    assert "\n" not in str(caught.value)
    assert "{" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("load_factor", 0.0),
        ("load_factor", 1.01),
        ("load_factor", float("nan")),
        ("cargo_mass_fraction", 1.0),
        ("distance_factor", 0.9),
        ("lto_kg", -1.0),
        ("great_circle_km", (0.0,)),
        ("great_circle_km", (30_000.0,)),
        ("fuel_knots", ((1.0, 1.0),)),
        ("fuel_knots", ((1.0, 1.0), (2.0, 1.0))),
        ("fuel_knots", ((1.0, 1.0), (2.0, float("inf")))),
    ],
)
def test_an_override_outside_its_limits_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidOverride):
        Overrides(**{name: value})


def test_seats_must_be_some_and_none_negative() -> None:
    for counts in ((0, 0, 0, 0), (10, -1, 0, 0)):
        with pytest.raises(InvalidOverride):
            SeatMap(*counts)


def test_given_values_change_the_mix_too() -> None:
    given = Overrides(load_factor=1.0, cargo_mass_fraction=0.0, distance_factor=1.0)
    leg = estimate(a_trip("CDG", "JNB"), overrides=given).legs[0]
    assert leg.flown_km == leg.great_circle_km
    told = {factor.factor: factor.category for factor in leg.provenance}
    assert told["load_factor"] == told["cargo_mass_fraction"] == "primary"
    assert told["distance_factor"] == "primary"
