"""Does a private jet emit what its formula says, and who is refused?"""

from __future__ import annotations

import pytest

from calculators.errors import AircraftNeeded, UnknownAircraft
from calculators.flight.datasets import dataset
from calculators.flight.itinerary import Itinerary, Leg, Overrides, estimate, method_info, replay
from calculators.flight.methods import METHOD_IDS, ROUTE_METHOD_IDS, private_jet
from calculators.flight.why import accounts


def trip(aircraft: str | None, travellers: int = 1) -> Itinerary:
    return Itinerary((Leg("GVA", "NCE", aircraft=aircraft),), travellers)


def test_the_printed_example_of_the_formula(references: dict[str, dict[str, str]]) -> None:
    # jorgecardleitao/private-jets, src/emissions.rs: 280 gal/h for two hours, MIT.
    printed = float(references["PJET0468"]["value"])
    assert private_jet.co2_kg(280, 2, dataset()) == pytest.approx(printed, rel=1e-14)


def test_a_flight_is_its_hours_times_fuel_divided_by_the_people_on_board() -> None:
    jet = private_jet.jets(dataset())["Falcon 2000LX"]
    assert (jet.gallons_per_hour, jet.block_kt, jet.kind) == (280, 420, "midsize jet")
    km = 2 * 420 * 1.852
    given = Overrides(great_circle_km=(km,))
    alone = estimate(trip("Falcon 2000LX"), "private-jet", overrides=given)
    four = estimate(trip("Falcon 2000LX", 4), "private-jet", overrides=given)
    assert alone.co2e_kg == pytest.approx(5358.929, abs=0.001)
    assert four.legs[0].co2e_kg == pytest.approx(5358.929 / 4, abs=0.001)
    assert four.co2e_kg == pytest.approx(alone.co2e_kg, abs=0.004)
    assert four.legs[0].fuel_kg == alone.legs[0].fuel_kg
    assert alone.legs[0].ttw_kg == alone.co2e_kg
    assert (alone.legs[0].wtw_kg, alone.non_co2, alone.low_kg) == (None, None, None)
    assert [step.id for step in four.legs[0].steps][:1] == ["hours"]
    assert four.notes == ("all_on_board",)
    assert accounts(four)[0].kg == pytest.approx(four.legs[0].co2e_kg, abs=1e-6)
    assert replay(four.as_json()) == four
    plain = estimate(trip("Falcon 2000LX", 4), "private-jet")
    assert replay(plain.as_json()) == plain


@pytest.mark.parametrize("name", ["Citation Latitude", "citation latitude", "CITATION-LATITUDE"])
def test_models_are_found_by_name(name: str) -> None:
    assert estimate(trip(name), "private-jet").legs[0].aircraft == "Citation Latitude"


def test_a_plus_tells_two_models_apart() -> None:
    older = private_jet.find_aircraft("citation cj2", dataset())
    newer = private_jet.find_aircraft("Citation CJ2+", dataset())
    assert (older.code, newer.code) == ("Citation CJ2", "Citation CJ2+")


def test_without_a_model_or_with_an_airliner_it_is_refused() -> None:
    with pytest.raises(AircraftNeeded) as needed:
        estimate(trip(None), "private-jet")
    assert needed.value.parameters == {"method": "private-jet"}
    assert "Citation Latitude" in str(needed.value)
    with pytest.raises(UnknownAircraft):
        estimate(trip("789"), "private-jet")
    with pytest.raises(UnknownAircraft) as near:
        estimate(trip("Citation Latitud"), "private-jet")
    assert near.value.suggestions[0] == "Citation Latitude"


def test_an_airline_method_knows_no_private_jet() -> None:
    for method in ("tim-3", "icao-style"):
        with pytest.raises(UnknownAircraft):
            estimate(trip("Citation Latitude"), method)


def test_every_model_answers_and_the_list_is_whole() -> None:
    jets = private_jet.jets(dataset())
    # private-jets lists 114 rows; those that say the same model twice are one.
    assert len(jets) == 104
    assert {jet.kind for jet in jets.values()} == {
        "propeller",
        "light jet",
        "midsize jet",
        "large jet",
    }
    for jet in jets.values():
        assert jet.source.startswith("https://")
        assert estimate(trip(jet.model), "private-jet").co2e_kg > 0
    # Figures of the public list, read there.
    assert jets["Gulfstream G650"].gallons_per_hour == 500
    assert jets["PC-12"].gallons_per_hour == 76
    assert jets["Vision SF50"].gallons_per_hour == 78
    assert jets["Challenger 601-3A"].gallons_per_hour == 265


def test_it_is_the_one_method_that_cannot_answer_any_route() -> None:
    assert set(METHOD_IDS) - set(ROUTE_METHOD_IDS) == {"private-jet"}
    assert method_info("private-jet").boundary == "TTW"
