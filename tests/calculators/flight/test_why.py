"""Do the steps between two methods add up, and does each side say its own number?"""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.errors import AircraftNeeded, UnknownAircraft, UnknownMethod
from calculators.flight import why
from calculators.flight.itinerary import METHOD_IDS, Itinerary, Leg, Overrides, estimate
from calculators.flight.methods.account import ORDER, UNITS, Detail
from calculators.flight.seats import CABINS
from calculators.units import grams

ROUTED = [method for method in METHOD_IDS if method != why.PRIVATE]
PAIRS = list(itertools.permutations(ROUTED, 2))

# Every haul of DESNZ, both sides of and between the curves, both sides of the steps of ADEME.
ROUTES = [("CDG", "JNB"), ("CDG", "ATH"), ("LHR", "MAN"), ("LHR", "JFK"), ("ORY", "TLS")]


def a_trip(*legs: Leg, travellers: int = 1) -> Itinerary:
    return Itinerary(legs or (Leg("CDG", "JNB"),), travellers)


def adds_up(walk: why.Walk) -> None:
    """Check that the steps lead to the gram from the one figure to the other."""
    assert grams(walk.from_kg) + sum(grams(step.difference_kg) for step in walk.steps) == grams(
        walk.to_kg
    )
    assert grams(walk.steps[-1].running_kg) == grams(walk.to_kg)
    for leg in walk.legs:
        assert leg.from_g + sum(swap.difference_g for swap in leg.swaps) == leg.to_g
        assert leg.swaps[-1].running_g == leg.to_g
        running = leg.from_g
        for swap in leg.swaps:
            running += swap.difference_g
            assert swap.running_g == running


@pytest.mark.parametrize("route", ROUTES)
def test_every_ordered_pair_of_methods_adds_up_to_the_gram(route: tuple[str, str]) -> None:
    trip = a_trip(Leg(*route, "business"))
    for start, end in PAIRS:
        walk = why.walk(trip, start, end)
        adds_up(walk)
        assert walk.from_kg == estimate(trip, start).co2e_kg
        assert walk.to_kg == estimate(trip, end).co2e_kg


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PAIRS),
    st.lists(
        st.builds(
            Leg,
            st.sampled_from(["CDG", "LHR", "ZRH", "DOH"]),
            st.sampled_from(["JNB", "MAN", "ATH", "NYC", "TLS"]),
            st.sampled_from(CABINS),
            st.sampled_from([None, "789", "320", "AT7", "75W"]),
        ),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 9),
)
def test_any_trip_adds_up_to_the_gram(
    pair: tuple[str, str], legs: list[Leg], travellers: int
) -> None:
    adds_up(why.walk(Itinerary(tuple(legs), travellers), *pair))


@pytest.mark.parametrize("method", ROUTED)
@pytest.mark.parametrize("route", ROUTES)
def test_what_a_method_is_made_of_amounts_to_its_figure(
    method: str, route: tuple[str, str]
) -> None:
    for cabin in CABINS:
        answer = estimate(a_trip(Leg(*route, cabin)), method)
        account = why.accounts(answer)[0]
        assert account.kg == pytest.approx(answer.co2e_kg, abs=1e-9)
        # Beyond rounding nothing is left over: the components are the figure.
        assert abs(account.terms["rounding"].value) < (0.5001 if "goclimate" in method else 0.0011)
        for detail in Detail:
            if detail >= account.detail:
                coarser = account.at(detail)
                assert coarser.kg == pytest.approx(answer.co2e_kg, abs=1e-9)
                assert set(coarser.terms) == set(ORDER[detail])


def test_from_the_default_to_desnz_each_number_is_the_method_s_own() -> None:
    walk = why.walk(a_trip(), "tim-3", "desnz-2025")
    steps = {step.component: step for step in walk.steps}
    assert list(steps) == list(ORDER[Detail.COMBUSTION])
    km = estimate(a_trip()).great_circle_km
    assert steps["distance"].from_value == pytest.approx(km * 1.052, rel=1e-6)
    assert steps["distance"].to_value == pytest.approx(km * 1.08, rel=1e-6)
    assert steps["combustion_factor"].to_value == pytest.approx(0.06449 / 1.08)
    assert steps["cabin"].from_value == steps["cabin"].to_value == 1
    assert steps["well_to_tank_share"].from_value == pytest.approx(0.6465 / 3.1894)
    assert steps["well_to_tank_share"].to_value == 0
    assert steps["non_co2"].from_value == 1
    assert steps["non_co2"].to_value == pytest.approx(0.10916 / 0.06449)
    assert "published factor contains this detour" in steps["distance"].note
    assert "one factor" in steps["combustion_factor"].note
    assert steps["non_co2"].to_sources == (
        "UK Government GHG conversion factors for company reporting: business travel by air, 2025",
    )


def test_between_two_parameter_sets_fuel_seats_and_load_are_apart() -> None:
    walk = why.walk(a_trip(Leg("CDG", "JNB", "business", "789")), "tim-3", "myclimate")
    steps = {step.component: step for step in walk.steps}
    assert list(steps) == list(ORDER[Detail.FUEL])
    assert steps["seats"].from_value == 418.5
    assert steps["seats"].to_value == pytest.approx(302.58)
    assert (steps["load"].from_value, steps["load"].to_value) == (0.845, pytest.approx(0.82))
    assert steps["cargo"].to_value == pytest.approx(0.74)
    assert (steps["combustion"].from_value, steps["combustion"].to_value) == (3.1894, 3.16)
    assert (steps["well_to_tank"].from_value, steps["well_to_tank"].to_value) == (0.6465, 0.538)
    assert (steps["non_co2"].from_value, steps["non_co2"].to_value) == (1, 3)
    assert (steps["cabin"].from_value, steps["cabin"].to_value) == (4, pytest.approx(4))
    assert steps["other"].to_value == pytest.approx(0.00034 * 8832.533269 + 11.68)


def test_ademe_tells_no_more_than_use_and_contrails() -> None:
    walk = why.walk(a_trip(), "ademe-nocontrails", "ademe")
    assert [step.component for step in walk.steps if step.difference_kg] == ["non_co2_of_cycle"]
    assert walk.steps[1].from_value == walk.steps[1].to_value == 0.0976


def test_a_running_maximum_is_said() -> None:
    trip = a_trip(Leg("CDG", "PDL", aircraft="A345"))
    notes = {
        note
        for km in (4100.0, 4500.0, 5000.0)
        for step in why.walk(
            trip, "tim-3", "icao-style", overrides=Overrides(great_circle_km=(km,))
        ).steps
        for note in step.from_notes
    }
    assert "running_maximum" in notes


def test_there_and_back_is_the_walk_of_each_leg_for_all_travellers() -> None:
    one = why.walk(a_trip(), "tim-3", "desnz-2025")
    both = why.walk(Itinerary((Leg("CDG", "JNB"),), 3).and_back(), "tim-3", "desnz-2025")
    for single, double in zip(one.steps, both.steps, strict=True):
        assert grams(double.difference_kg) == 6 * grams(single.difference_kg)
        assert double.to_values == (single.to_values[0],) * 2
        factor = 2 if single.component in why.SUMMED else 1
        assert double.from_value == pytest.approx(factor * (single.from_value or 0))


def test_a_value_that_differs_from_leg_to_leg_is_told_by_leg() -> None:
    walk = why.walk(a_trip(Leg("CDG", "DOH"), Leg("DOH", "JNB", "business")), "tim-3", "desnz-2025")
    cabin = next(step for step in walk.steps if step.component == "cabin")
    assert cabin.to_value is None
    assert cabin.to_values == (1, pytest.approx(0.18701 / 0.06449))
    assert cabin.as_json()["values_by_leg"] == {
        "from": list(cabin.from_values),
        "to": list(cabin.to_values),
    }


def test_the_way_back_is_a_walk_of_its_own() -> None:
    there = why.walk(a_trip(), "tim-3", "myclimate")
    back = why.walk(a_trip(), "myclimate", "tim-3")
    assert grams(back.difference_kg) == -grams(there.difference_kg)
    changes = [[grams(step.difference_kg) for step in walk.steps] for walk in (there, back)]
    assert changes[0] != [-change for change in changes[1]]


def test_a_walk_as_json_is_whole() -> None:
    told = json.loads(json.dumps(why.walk(a_trip(), "tim-3", "ademe").as_json()))
    assert (told["from"], told["to"]) == ("tim-3", "ademe")
    assert told["total_kg"]["to"] == estimate(a_trip(), "ademe").co2e_kg
    assert told["legs"] == [{"origin": "CDG", "destination": "JNB"}]
    for step in told["steps"]:
        assert list(step)[:7] == [
            "component",
            "name",
            "from_value",
            "to_value",
            "unit",
            "difference_kg",
            "running_kg",
        ]
        assert step["source"]["from"]
        assert step["source"]["to"]
        assert step["unit"] == UNITS[step["component"]]


def test_every_component_and_note_has_its_words() -> None:
    assert set(why.COMPONENTS) == set(itertools.chain.from_iterable(ORDER.values())) == set(UNITS)
    found = set()
    for route in ROUTES:
        for method in ROUTED:
            answer = estimate(a_trip(Leg(*route, "first")), method)
            for account in why.accounts(answer):
                for detail in Detail:
                    if detail >= account.detail:
                        terms = account.at(detail).terms.values()
                        found |= {note for term in terms for note in term.notes}
    assert found | {"running_maximum"} == set(why.NOTES)


def test_the_two_largest_reasons_and_the_rest_make_the_difference() -> None:
    reasons = why.main_reasons(a_trip(), "desnz-2025")
    assert [step.component for step in reasons.largest] == ["non_co2", "combustion_factor"]
    told = reasons.as_json()
    named = sum(grams(step.difference_kg) for step in reasons.largest)
    assert named + grams(reasons.rest_kg) == grams(reasons.walk.difference_kg)
    assert told["reasons"] == [
        {"component": step.component, "difference_kg": step.difference_kg}
        for step in reasons.largest
    ]
    assert (told["from"], told["to"]) == ("tim-3", "desnz-2025")
    same = why.main_reasons(a_trip(), "tim-3")
    assert (same.largest, same.rest_kg) == ((), 0)


def test_the_spread_orders_all_methods_and_says_what_they_count() -> None:
    spread = why.spread(a_trip())
    figures = [figure.co2e_kg for figure in spread.figures]
    assert figures == sorted(figures)
    assert (spread.least_kg, spread.most_kg) == (figures[0], figures[-1])
    assert {figure.method.id for figure in spread.figures} == set(ROUTED)
    assert spread.unanswered == (why.PRIVATE,)
    by_id = {figure.method.id: figure for figure in spread.figures}
    assert by_id["tim-3"].counts == ("combustion", "well_to_tank")
    assert by_id["desnz-2025"].counts == ("combustion", "non_co2")
    assert by_id["icao-style"].counts == ("combustion",)
    assert by_id["ademe"].counts == ("combustion", "well_to_tank", "non_co2")
    assert by_id["myclimate"].counts == ("combustion", "well_to_tank", "non_co2", "other")
    assert by_id["tim-3"].of_default == 1
    told = spread.as_json()
    assert "not an uncertainty" in str(told["kind"])
    assert json.dumps(told)


def test_beside_a_private_jet_the_others_fly_the_fleet_mix() -> None:
    trip = a_trip(Leg("CDG", "NCE", aircraft="citation latitude"), travellers=4)
    walk = why.walk(trip, "tim-3", why.PRIVATE)
    adds_up(walk)
    assert walk.from_kg == estimate(a_trip(Leg("CDG", "NCE"), travellers=4)).co2e_kg
    assert {step.component: step.to_value for step in walk.steps}["seats"] == 4
    spread = why.spread(trip)
    assert spread.unanswered == ()
    assert why.PRIVATE in {figure.method.id for figure in spread.figures}


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UnknownMethod):
        why.walk(a_trip(), "tim-3", "tim-4")
    with pytest.raises(AircraftNeeded):
        why.walk(a_trip(), "tim-3", why.PRIVATE)
    with pytest.raises(UnknownAircraft):
        why.walk(a_trip(Leg("CDG", "JNB", aircraft="ZZZ")), "tim-3", "ademe")
