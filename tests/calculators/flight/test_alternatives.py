"""What else could be flown, or travelled over land, between the same ends?"""

from __future__ import annotations

import itertools
import json

import pytest

from calculators.errors import SamePlace
from calculators.flight import alternatives
from calculators.flight.airports import find
from calculators.flight.datasets import dataset
from calculators.flight.distance import great_circle_km
from calculators.flight.itinerary import Itinerary, Leg, estimate
from calculators.flight.overland import FARTHEST_KM, overland_km
from calculators.flight.seats import CABINS
from calculators.units import grams


def a_trip(*codes: str, cabin: str = "economy", travellers: int = 1) -> Itinerary:
    ends = itertools.pairwise(codes)
    return Itinerary(tuple(Leg(a, b, cabin) for a, b in ends), travellers)


def test_other_cabins_are_the_same_trip_in_each_cabin() -> None:
    found = alternatives.other_cabins(a_trip("CDG", "JNB", cabin="Business", travellers=2))
    assert [one.cabin for one in found] == list(CABINS)
    assert [one.chosen for one in found] == [False, False, True, False]
    assert [one.co2e_kg for one in found] == sorted(one.co2e_kg for one in found)
    asked = estimate(a_trip("CDG", "JNB", cabin="business", travellers=2))
    assert (found[2].co2e_kg, found[2].low_kg, found[2].high_kg) == (
        asked.co2e_kg,
        asked.low_kg,
        asked.high_kg,
    )
    mixed = Itinerary((Leg("CDG", "DOH"), Leg("DOH", "JNB", "first")))
    assert not any(one.chosen for one in alternatives.other_cabins(mixed))
    told = [one.as_json() for one in alternatives.other_cabins(a_trip("CDG", "JNB"), "ademe")]
    assert told[1]["notes"] == ["cabin_not_published"]
    assert told[1]["low_kg"] is None


def test_a_trip_with_a_stop_stands_beside_the_direct_flight() -> None:
    beside = alternatives.direct(a_trip("CDG", "DOH", "JNB", travellers=2))
    assert beside is not None
    assert beside.direct == estimate(a_trip("CDG", "JNB", travellers=2))
    assert grams(beside.difference_kg) == grams(beside.via.co2e_kg) - grams(beside.direct.co2e_kg)
    told = beside.as_json()
    assert (told["via"], told["direct"]) == (["CDG", "DOH", "JNB"], ["CDG", "JNB"])
    assert told["notes"] == []


def test_a_return_trip_turns_in_the_middle() -> None:
    beside = alternatives.direct(a_trip("CDG", "DOH", "JNB").and_back())
    assert beside is not None
    assert beside.direct == estimate(a_trip("CDG", "JNB").and_back())


def test_where_the_legs_differ_the_choice_is_told() -> None:
    legs = (Leg("CDG", "DOH", "business", "77W"), Leg("DOH", "JNB", "economy", "789"))
    beside = alternatives.direct(Itinerary(legs))
    assert beside is not None
    assert beside.direct.legs[0].cabin == "economy"  # that of the longer leg
    assert beside.direct.legs[0].aircraft == "mix"
    assert beside.notes == ("cabin_of_longest_leg", "aircraft_differ")
    alike = Itinerary(tuple(Leg(a, b, aircraft="789") for a, b in (("CDG", "DOH"), ("DOH", "JNB"))))
    same = alternatives.direct(alike)
    assert same is not None
    assert same.direct.legs[0].aircraft == "789"


@pytest.mark.parametrize(
    "codes",
    [("CDG", "JNB"), ("CDG", "JNB", "CDG"), ("CDG", "DOH", "JNB", "ADD", "CDG")],
)
def test_without_a_stop_or_without_ends_there_is_nothing_to_compare(codes: tuple[str, ...]) -> None:
    assert alternatives.direct(a_trip(*codes)) is None


def test_legs_that_do_not_meet_are_left_as_they_are() -> None:
    legs = Itinerary((Leg("CDG", "LHR"), Leg("MAN", "DUB")))
    assert alternatives.direct(legs) is None
    assert alternatives.airports_own(legs).visits == 4


# 2025: 0.00446 + 0.00117 (Eurostar), 0.02776 + 0.00656 (coach), 0.16725 + 0.04399 (car).
def test_london_to_paris_over_land_is_a_sum_that_can_be_redone() -> None:
    land = alternatives.by_land(a_trip("LHR", "CDG", travellers=2))
    assert land is not None
    assert land.missing == ()
    rail, coach, car = land.figures
    assert [one.mode for one in land.figures] == list(alternatives.MODES)
    km = rail.km
    assert km == coach.km == car.km
    assert rail.co2e_kg == pytest.approx(km * (0.00446 + 0.00117) * 2, abs=1e-3)
    assert coach.co2e_kg == pytest.approx(km * (0.02776 + 0.00656) * 2, abs=1e-3)
    assert car.co2e_kg == pytest.approx(km * (0.16725 + 0.04399), abs=1e-3)
    assert (rail.vehicles, car.vehicles) == (None, 1)
    assert rail.steps[0].numbers == f"{km} × (0.00446 + 0.00117) × 2"
    assert rail.notes == ("shortest_way",)
    assert car.notes == ("shortest_way", "whole_vehicle")
    for factor in rail.provenance:
        assert factor.source
        assert factor.unit


def test_six_people_need_two_cars() -> None:
    land = alternatives.by_land(a_trip("LHR", "EDI", travellers=6))
    assert land is not None
    assert land.figures[-1].vehicles == 2


def test_french_trains_and_coaches_have_french_factors_and_the_car_says_it_is_british() -> None:
    land = alternatives.by_land(a_trip("CDG", "TLS"))
    assert land is not None
    rail, coach, car = land.figures
    assert rail.co2e_kg == pytest.approx(rail.km * 0.0023, abs=1e-3)
    assert coach.co2e_kg == pytest.approx(coach.km * 0.03314, abs=1e-3)
    assert car.notes == ("shortest_way", "british_factor", "whole_vehicle")
    assert [factor.factor for factor in rail.provenance] == ["way_CDG_TLS", "tgv_use"]


def test_a_mode_without_a_factor_of_the_two_countries_is_named_and_left_out() -> None:
    land = alternatives.by_land(a_trip("BER", "VIE"))
    assert land is not None
    assert land.missing == ("rail",)
    told = json.loads(json.dumps(land.as_json()))
    assert [one["mode"] for one in told["figures"]] == ["coach", "car"]
    assert "british_factor" in told["figures"][0]["notes"]


def test_a_stop_is_left_out_over_land() -> None:
    via, straight = (
        alternatives.by_land(trip) for trip in (a_trip("LHR", "AMS", "CDG"), a_trip("LHR", "CDG"))
    )
    assert via == straight


def test_there_and_back_are_two_ways() -> None:
    land = alternatives.by_land(a_trip("LHR", "CDG").and_back())
    once = alternatives.by_land(a_trip("LHR", "CDG"))
    assert land is not None
    assert once is not None
    assert land.figures[0].km == 2 * once.figures[0].km
    assert len(land.figures[0].steps) == 2


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("CDG", "JNB"),  # another continent
        ("DUB", "LHR"),  # a sea between two landmasses
        ("AJA", "NCE"),  # an island
        ("ARN", "HEL"),  # all the way round the Gulf of Bothnia
        ("EDI", "OSL"),  # all the way round the North Sea
        ("LIS", "BER"),  # too far
        ("JFK", "BOS"),  # no factor at hand for the country
        ("MLN", "AGP"),  # Spanish, but in Africa
    ],
)
def test_where_no_way_over_land_is_known_nothing_is_offered(a: str, b: str) -> None:
    assert alternatives.by_land(a_trip(a, b)) is None


@pytest.mark.parametrize(
    ("a", "b", "least", "most"),
    [
        ("LHR", "CDG", 1.0, 1.15),  # by the Channel Tunnel
        ("CPH", "HAM", 1.0, 1.7),  # by the Great Belt
        ("CPH", "ARN", 1.0, 1.1),  # by the Oresund
        ("DUB", "BFS", 1.0, 1.1),
        ("BCN", "FCO", 1.25, 1.5),  # along the coast
        ("LHR", "AMS", 1.2, 1.5),
        ("CDG", "TLS", 1.0, 1.1),
    ],
)
def test_the_way_over_land_is_at_least_the_great_circle(
    a: str, b: str, least: float, most: float
) -> None:
    there, back = find(a), find(b)
    way = overland_km(there, back, dataset())
    assert way is not None
    assert least <= way / great_circle_km(there, back) <= most
    assert way <= FARTHEST_KM
    assert overland_km(back, there, dataset()) == pytest.approx(way, rel=0.01)


def test_a_metropolitan_code_stands_for_its_main_airport() -> None:
    assert alternatives.by_land(a_trip("PAR", "LON")) is not None


def test_the_airports_own_emissions_are_a_line_of_their_own() -> None:
    own = alternatives.airports_own(a_trip("CDG", "DOH", "JNB", travellers=3))
    assert own.visits == 3
    assert own.co2e_kg == pytest.approx(3 * 1.71 * 3)
    assert own.step.numbers == "3 × 1.71 × 3"
    assert own.factor.value == 1.71
    assert "Airport Carbon Accreditation" in own.factor.source
    assert estimate(a_trip("CDG", "DOH", "JNB")).co2e_kg == pytest.approx(
        sum(leg.co2e_kg for leg in estimate(a_trip("CDG", "DOH", "JNB")).legs)
    )
    assert json.dumps(own.as_json())


def test_a_leg_to_the_same_place_is_refused() -> None:
    with pytest.raises(SamePlace):
        alternatives.by_land(a_trip("CDG", "CDG"))


def test_every_ground_factor_has_source_licence_and_address() -> None:
    for factor in alternatives.ground_factors(dataset()).values():
        assert factor.total > 0
        assert factor.source
        assert factor.version
        assert factor.licence
        assert factor.url.startswith("https://")
