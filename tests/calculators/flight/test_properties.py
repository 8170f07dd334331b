"""What holds for every flight, whatever its distance, aircraft and cabin?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.flight.datasets import dataset
from calculators.flight.fuel import find_aircraft, types
from calculators.flight.itinerary import Itinerary, Leg, Overrides, estimate
from calculators.flight.methods import tim
from calculators.flight.methods.figures import LegBatch
from calculators.flight.seats import CABINS
from calculators.units import grams

NEAREST_KM, FARTHEST_KM = 50.0, 19_000.0
AIRCRAFT = (None, *sorted(types(dataset())), "73H", "75W")
GRID = np.arange(NEAREST_KM, FARTHEST_KM + 1, 10.0)

distances = st.floats(NEAREST_KM, FARTHEST_KM)
aircraft_codes = st.sampled_from(AIRCRAFT)
cabins = st.sampled_from(range(len(CABINS)))


def per_traveller(code: str | None, km: np.ndarray, cabin: int) -> np.ndarray:
    """Return well-to-wake kilograms of one traveller over distances."""
    count = len(km)
    fleet = (find_aircraft(code) if code else None,)
    zero = np.zeros(count, dtype=np.intp)
    home = np.array(["FR"] * count)
    legs = LegBatch(np.asarray(km, dtype=float), zero + cabin, zero, fleet, home, home)
    return tim.compute("tim-3", legs, dataset(), None).headline_kg


@pytest.mark.parametrize("code", AIRCRAFT)
def test_a_longer_flight_never_emits_less_and_never_jumps(code: str | None) -> None:
    for cabin in range(len(CABINS)):
        kg = per_traveller(code, GRID, cabin)
        rise = np.diff(kg)
        assert np.all(rise >= -1e-9 * kg[1:])
        assert np.max(rise) < 0.06 * np.median(kg)  # ten kilometres are never a jump


@settings(max_examples=200)
@given(aircraft_codes, cabins, distances, distances)
def test_monotone_between_any_two_distances(
    code: str | None, cabin: int, a: float, b: float
) -> None:
    low, high = per_traveller(code, np.array(sorted((a, b))), cabin)
    assert low <= high * (1 + 1e-12)


@settings(max_examples=200)
@given(aircraft_codes, cabins, distances)
def test_a_metre_more_changes_almost_nothing(code: str | None, cabin: int, km: float) -> None:
    here, there = per_traveller(code, np.array([km, km + 0.001]), cabin)
    assert there - here < 0.01


@settings(max_examples=100)
@given(aircraft_codes, distances)
def test_a_larger_seat_never_emits_less(code: str | None, km: float) -> None:
    kg = [float(per_traveller(code, np.array([km]), cabin)[0]) for cabin in range(len(CABINS))]
    assert kg == sorted(kg)


@settings(max_examples=100)
@given(aircraft_codes, cabins, distances, st.integers(1, 99))
def test_parts_add_up_to_the_gram_and_the_range_holds_the_figure(
    code: str | None, cabin: int, km: float, travellers: int
) -> None:
    trip = Itinerary((Leg("CDG", "JNB", CABINS[cabin], code),), travellers)
    answer = estimate(trip, overrides=Overrides(great_circle_km=(km,)))
    leg = answer.legs[0]
    assert leg.wtt_kg is not None
    assert leg.ttw_kg is not None
    assert leg.wtw_kg is not None
    assert grams(leg.wtt_kg) + grams(leg.ttw_kg) == grams(leg.wtw_kg) == grams(leg.co2e_kg)
    assert grams(answer.co2e_kg) == travellers * grams(leg.co2e_kg)
    assert answer.low_kg is not None
    assert answer.high_kg is not None
    assert 0 <= answer.low_kg <= answer.co2e_kg <= answer.high_kg
    assert answer.non_co2 is not None
    assert 0 < answer.non_co2.low_kg < answer.non_co2.central_kg < answer.non_co2.high_kg


CODES = st.sampled_from(["CDG", "JNB", "NYC", "SIN", "ORY", "ZRH", "AKL", "GVA"])


@settings(max_examples=50)
@given(CODES, CODES, aircraft_codes)
def test_there_and_back_emit_the_same(a: str, b: str, code: str | None) -> None:
    if a == b:
        return
    there = estimate(Itinerary((Leg(a, b, aircraft=code),)))
    back = estimate(Itinerary((Leg(b, a, aircraft=code),)))
    assert there.co2e_kg == back.co2e_kg
    assert there.great_circle_km == back.great_circle_km
