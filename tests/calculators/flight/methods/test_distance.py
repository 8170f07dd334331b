"""Does a distance alone give the published factors, whatever the route?"""

from __future__ import annotations

import pytest

from calculators.flight.batch import estimate_many
from calculators.flight.itinerary import Itinerary, Leg, Overrides, estimate, method_info
from calculators.flight.why import accounts


def one(km: float, cabin: str = "economy", ends: tuple[str, str] = ("ZRH", "SFO")) -> float:
    trip = Itinerary((Leg(*ends, cabin),))
    return estimate(trip, "distance", overrides=Overrides(great_circle_km=(km,))).co2e_kg


@pytest.mark.parametrize(
    ("km", "cabin", "factor"),
    [
        # UK Government GHG conversion factors 2025: without radiative forcing plus well-to-tank.
        (1000, "economy", 0.07435 + 0.02249),
        (1000, "business", 0.11152 + 0.03373),
        (1000, "premium", 0.07435 + 0.02249),
        (1000, "first", 0.11152 + 0.03373),
        (3699.9, "economy", 0.07435 + 0.02249),
        (3700, "economy", 0.06926 + 0.02461),
        (9000, "premium", 0.11081 + 0.03937),
        (9000, "business", 0.20083 + 0.07137),
        (9000, "first", 0.27701 + 0.09844),
    ],
)
def test_the_factors_are_the_published_ones(km: float, cabin: str, factor: float) -> None:
    assert one(km, cabin) == pytest.approx(km * factor, abs=0.001)


def test_neither_route_nor_aircraft_matters() -> None:
    assert one(5000, ends=("LHR", "EDI")) == one(5000, ends=("ZRH", "SFO"))
    columns = estimate_many(distance_km=[5000.0, 5000.0], aircraft=["", "789"], method="distance")
    assert columns.co2e_kg.tolist() == [one(5000)] * 2


def test_parts_notes_and_components() -> None:
    answer = estimate(Itinerary((Leg("CDG", "JFK", "business"),), 2), "distance")
    leg = answer.legs[0]
    assert leg.wtt_kg is not None
    assert leg.ttw_kg is not None
    assert leg.wtw_kg == pytest.approx(leg.wtt_kg + leg.ttw_kg)
    assert leg.co2e_kg == leg.wtw_kg
    assert answer.co2e_kg == pytest.approx(2 * leg.co2e_kg)
    assert answer.non_co2 is None
    assert answer.notes == ()
    assert accounts(answer)[0].kg == pytest.approx(leg.co2e_kg, abs=1e-9)
    premium = estimate(Itinerary((Leg("CDG", "FCO", "premium"),)), "distance")
    assert premium.notes == ("cabin_not_published",)


def test_it_says_that_it_jumps_and_what_it_covers() -> None:
    info = method_info("distance")
    assert (info.boundary, info.non_co2, info.jumps_km) == ("WTW", "not estimated", (3700.0,))
    assert "3,700 km" in info.note
