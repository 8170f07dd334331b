"""Does the default method reproduce the printed example of the Travel Impact Model step by step?

Source of every number: Google, Travel Impact Model 3.0.0, worked example ZRH-SFO and Table 1,
CC BY 4.0. The fuel points are those printed there (EEA 2023) and serve tests only.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from calculators.flight.itinerary import Itinerary, Leg, Overrides, estimate
from calculators.flight.methods.worked_example import interpolate
from calculators.flight.seats import SeatMap

KNOTS = ((500.0, 5852.0), (1000.0, 10874.0), (5000.0, 52962.0), (5500.0, 58072.0))
PUBLISHED = Overrides(
    great_circle_km=(9369.0,),
    fuel_knots=KNOTS,
    lto_kg=1638.0,
    seats=SeatMap(188, 21, 48, 0),
    load_factor=0.845,
    cargo_mass_fraction=0.08,
    distance_factor=1.0273,
    published_rounding=True,
)
CABINS = {
    "economy": ("ECONOMY", 28),
    "premium": ("PREMIUM_ECONOMY", 34),
    "business": ("BUSINESS", 40),
    "first": ("FIRST", 46),
}


def zrh_sfo(cabin: str, overrides: Overrides) -> Itinerary:
    assert overrides.great_circle_km
    return Itinerary((Leg("ZRH", "SFO", cabin, "B789"),))


def test_every_step_of_the_flight_is_the_printed_one(
    references: dict[str, dict[str, str]],
) -> None:
    leg = estimate(zrh_sfo("economy", PUBLISHED), overrides=PUBLISHED).legs[0]
    steps = {step.id: step.value for step in leg.steps}
    printed = {
        "ccd_distance": "TIM0016",
        "ccd_fuel": "TIM0017",
        "fuel": "TIM0018",
        "flight": "TIM0021",
        "cargo": "TIM0024",
        "passengers": "TIM0027",
    }
    for name, row in printed.items():
        assert steps[name] == float(references[row]["value"]), name
    assert steps["great_circle"] == 5058.9
    assert steps["flown"] == 5197.008
    assert steps["capacity"] == 411.5
    assert leg.fuel_kg == 56440


@pytest.mark.parametrize("cabin", CABINS)
def test_every_cabin_is_the_printed_one_per_seat_and_passenger(
    references: dict[str, dict[str, str]], cabin: str
) -> None:
    printed_cabin, first = CABINS[cabin]
    answer = estimate(zrh_sfo(cabin, PUBLISHED), overrides=PUBLISHED)
    leg = answer.legs[0]
    steps = {step.id: step.value for step in leg.steps}
    for offset, value in (
        (2, steps["seat"]),
        (3, leg.wtt_kg),
        (4, leg.ttw_kg),
        (5, leg.wtw_kg),
        (5, answer.co2e_kg),
    ):
        row = references[f"TIM{first + offset:04d}"]
        assert row["cabin"] == printed_cabin
        assert value == float(row["value"])


def test_flight_and_cargo_parts_are_the_printed_ones(
    references: dict[str, dict[str, str]],
) -> None:
    from calculators.flight.methods.worked_example import Inputs, chain  # noqa: PLC0415 - loaded where it is used

    done = chain(
        9369.0,
        Inputs(
            KNOTS, 1638.0, (188, 21, 48, 0), (1, 1.5, 4, 5), 0.845, 0.08, 1.0273, 17, 0.6465, 3.1894
        ),
    )
    for part, first in ((done.flight, 19), (done.cargo, 22), (done.passengers, 25)):
        for offset, value in enumerate(part):
            assert value == Decimal(references[f"TIM{first + offset:04d}"]["value"])
    for cabin, (_, first) in zip(done.cabins, CABINS.values(), strict=True):
        for offset, value in enumerate((*cabin.seat, *cabin.passenger)):
            assert value == Decimal(references[f"TIM{first + offset:04d}"]["value"])


def test_interpolation_example_and_both_ends(references: dict[str, dict[str, str]]) -> None:
    assert interpolate(KNOTS, Decimal(5250)) == Decimal(references["TIM0006"]["value"])
    assert interpolate(KNOTS, Decimal(6000)) == 58072 + 5110
    assert interpolate(KNOTS, Decimal(0)) == 5852 - 5022


def test_without_rounding_the_chain_is_within_a_gram_in_a_kilogram() -> None:
    plain = Overrides(
        great_circle_km=(9369.0,),
        fuel_knots=KNOTS,
        lto_kg=1638.0,
        seats=SeatMap(188, 21, 48, 0),
        load_factor=0.845,
        cargo_mass_fraction=0.08,
        distance_factor=1.0273,
    )
    answer = estimate(zrh_sfo("economy", plain), overrides=plain)
    assert answer.co2e_kg == pytest.approx(572.815, rel=1e-3)
    told = {factor.factor: factor.category for factor in answer.legs[0].provenance}
    assert told["fuel_burn"] == told["seats"] == told["load_factor"] == "primary"


def test_default_787_9_economy_is_within_5_percent_of_the_example() -> None:
    # Own fuel and own seats; distance, load, cargo and detour as in the example.
    same = Overrides(
        great_circle_km=(9369.0,),
        load_factor=0.845,
        cargo_mass_fraction=0.08,
        distance_factor=1.0273,
    )
    answer = estimate(zrh_sfo("economy", same), overrides=same)
    assert answer.co2e_kg == pytest.approx(572.815, rel=0.05)
    assert answer.legs[0].fuel_kg == pytest.approx(56440, rel=0.07)


def test_default_787_9_seats_alone_are_within_5_percent_of_the_example() -> None:
    same = Overrides(
        great_circle_km=(9369.0,),
        fuel_knots=KNOTS,
        lto_kg=1638.0,
        load_factor=0.845,
        cargo_mass_fraction=0.08,
        distance_factor=1.0273,
    )
    answer = estimate(zrh_sfo("economy", same), overrides=same)
    assert answer.co2e_kg == pytest.approx(572.815, rel=0.05)


def test_rounding_as_published_works_on_our_own_table_too() -> None:
    rounded = Overrides(published_rounding=True)
    answer = estimate(Itinerary((Leg("ZRH", "SFO", "economy", "789"),)), overrides=rounded)
    plain = estimate(Itinerary((Leg("ZRH", "SFO", "economy", "789"),)))
    assert answer.co2e_kg == pytest.approx(plain.co2e_kg, rel=1e-3)


def test_given_lto_alone_keeps_our_own_knots() -> None:
    plain = estimate(Itinerary((Leg("ZRH", "SFO", "economy", "789"),)))
    given = estimate(
        Itinerary((Leg("ZRH", "SFO", "economy", "789"),)), overrides=Overrides(lto_kg=2773.4)
    )
    assert plain.legs[0].fuel_kg is not None
    assert given.legs[0].fuel_kg == pytest.approx(plain.legs[0].fuel_kg + 1000)
