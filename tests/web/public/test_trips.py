"""Is a trip understood as it was meant, and written back so that it stays the same?"""

import re
from collections.abc import Mapping
from itertools import product

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from calculators.errors import UnknownAircraft
from calculators.flight.itinerary import METHOD_IDS, Itinerary, Leg, estimate, method_info
from calculators.flight.methods.figures import NOTES as TOLD_BY_CALCULATOR
from offset.web.public import trips
from offset.web.public.step_words import FACTORS, NOTES, STEPS, say
from offset.web.public.trips import Asked, Trip, Understanding


def read(query: str) -> Asked:
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    told = trips.asked(MultiDict((name, value.replace("+", " ")) for name, value in pairs))
    assert told is not None
    return told


def understood(query: str) -> Understanding:
    return trips.understand(read(query))


def trip(query: str) -> Trip:
    found = understood(query).trip
    assert found is not None
    return found


def codes(query: str) -> list[tuple[str, str]]:
    return [(a.code, b.code) for a, b in trip(query).legs]


def test_legs_and_the_shorthand_mean_the_same() -> None:
    written = trip("leg=CDG-JNB&leg=JNB-CDG&cabin=economy&travellers=1")
    short = trip("from=CDG&to=JNB&return=1")
    assert written == short
    assert written.both_ways
    assert [[place.code for place in way] for way in written.ways] == [["CDG", "JNB"]]


def test_one_way_is_the_default_of_the_shorthand() -> None:
    assert codes("from=CDG&to=JNB") == [("CDG", "JNB")]


def test_a_stop_on_the_way_is_flown_back_too() -> None:
    assert codes("from=CDG&to=JNB&via=DOH&return=1") == [
        ("CDG", "DOH"),
        ("DOH", "JNB"),
        ("JNB", "DOH"),
        ("DOH", "CDG"),
    ]


def test_more_lines_of_the_form_follow_one_another() -> None:
    assert codes("from=ZRH&to=SFO&from=&to=LAX&return=0") == [("ZRH", "SFO"), ("SFO", "LAX")]


def test_an_empty_line_of_the_form_is_no_leg() -> None:
    assert codes("from=ZRH&to=SFO&from=&to=") == [("ZRH", "SFO")]


def test_names_are_resolved_and_a_city_code_is_an_answer() -> None:
    assert codes("from=PAR&to=Johannesburg")[0][0] == "PAR"
    assert codes("from=Genf&to=zürich") == [("GVA", "ZRH")]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=&to=JNB", "from-0", "place_missing"),
        ("from=Xyzzyx&to=JNB", "from-0", "unknown_place"),
        ("from=CDG&to=CDG", "to-0", "same_place"),
        ("from=PAR&to=CDG", "to-0", "same_place"),
        ("from=CDG&to=JNB&cabin=deck", "cabin", "unknown_cabin"),
        ("from=CDG&to=JNB&travellers=0", "travellers", "travellers_out_of_range"),
        ("from=CDG&to=JNB&travellers=many", "travellers", "travellers_out_of_range"),
        ("from=CDG&to=JNB&travellers=100", "travellers", "travellers_out_of_range"),
        ("from=CDG&to=JNB&aircraft=ZZZ", "aircraft", "unknown_aircraft"),
        ("from=CDG&to=JNB&method=guess", "method", "unknown_method"),
        ("from=CDG&to=JNB&data=1066.1", "data", "unknown_dataset"),
        ("&".join(["leg=CDG-JNB"] * 25), "legs", "legs_out_of_range"),
    ],
)
def test_each_fault_stands_at_its_field(query: str, field: str, code: str) -> None:
    found = understood(query)
    assert found.trip is None
    assert found.faults[field].code == code


def test_all_faults_are_told_together_with_what_is_nearest() -> None:
    faults = understood("from=Parris&to=&travellers=0&cabin=x").faults
    assert set(faults) == {"from-0", "to-0", "travellers", "cabin"}
    assert "Paris" in " ".join(faults["from-0"].nearest)


def test_a_name_of_several_places_asks_which() -> None:
    found = understood("from=San+Jose&to=JNB&cabin=first")
    assert found.choice is not None
    assert {place.code for place in found.choice.places} >= {"SJC", "SJO"}
    query = trips.chosen(read("from=San+Jose&to=JNB&cabin=first"), found.choice, "SJO")
    assert trip(query).legs[0][0].code == "SJO"
    assert trip(query).cabin == "first"


def test_a_trip_written_back_is_the_same_trip() -> None:
    made = trip("from=Paris&to=JNB&via=DOH&return=1&cabin=business&travellers=3&aircraft=789")
    assert trip(made.query()) == made
    assert "method=tim-3" in made.query()
    assert f"data={made.data}" in made.query()
    assert trip(iri_to_uri(made.query(cabin="economy"))).cabin == "economy"


def test_a_trip_comes_back_into_the_form() -> None:
    made = trip("leg=CDG-JNB&leg=JNB-CDG&travellers=2&aircraft=789")
    told = made.asked()
    assert len(told.rows) == 1
    assert told.both_ways
    again = trips.understand(told).trip
    assert again == made


def test_no_trip_in_an_address_is_no_trip() -> None:
    assert trips.asked(MultiDict({"lang": "en"})) is None


def test_whatever_a_method_tells_has_words(app: Flask) -> None:
    """Steps, factors, units and remarks of every method, for types of all three sources."""
    told: set[str] = set()
    for method, info in ((one, method_info(one)) for one in METHOD_IDS):
        types = ("Gulfstream G550",) if info.id == "private-jet" else (None, "789", "AT7", "A7E")
        for kind, cabin in product(types, ("economy", "first")):
            for ends in (("CDG", "JNB"), ("LHR", "EDI"), ("CDG", "FCO")):
                try:
                    leg = estimate(Itinerary((Leg(*ends, cabin, kind),)), method).legs[0]
                except UnknownAircraft:
                    continue
                told |= {step.id for step in leg.steps if not known(STEPS, step.id)}
                told |= {one.factor for one in leg.provenance if not known(FACTORS, one.factor)}
    assert told == set()
    assert set(TOLD_BY_CALCULATOR) == set(NOTES)
    with app.test_request_context("/fr/", base_url="http://localhost"):
        assert say(FACTORS, "fuel_burn_A333").endswith(", A333")
        assert say(FACTORS, "some_new_factor") == "some new factor"


def known(words: Mapping[str, object], code: str) -> bool:
    return code in words or re.sub(r"_[A-Z][A-Z0-9]{2,3}$", "", code) in words
