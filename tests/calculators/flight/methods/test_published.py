"""Do the published methods give their published figures, to the printed digits?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from calculators.flight.datasets import dataset
from calculators.flight.fuel import burn
from calculators.flight.itinerary import Itinerary, Leg, Overrides, estimate
from calculators.flight.methods import goclimate, myclimate
from calculators.flight.methods.figures import LegBatch

HAULS = {
    "Domestic, to/from UK": ("LHR", "EDI", 534.0),
    "Short-haul, to/from UK": ("LHR", "FCO", 1000.0),
    "Long-haul, to/from UK": ("LHR", "SIN", 10_000.0),
    "International, to/from non-UK": ("ZRH", "SFO", 9369.0),
}
CABINS = {
    "Economy class": "economy",
    "Premium economy class": "premium",
    "Business class": "business",
    "First class": "first",
}
SCOPES = {"TTW with RF": "", "TTW without RF": "-norf"}


def one(origin: str, destination: str, km: float, method: str, cabin: str = "economy") -> float:
    leg = Leg(origin, destination, cabin)
    return estimate(Itinerary((leg,)), method, overrides=Overrides(great_circle_km=(km,))).co2e_kg


def test_every_desnz_factor_of_2023_to_2025_is_the_published_one(
    references: dict[str, dict[str, str]],
) -> None:
    # UK Government GHG conversion factors 2023, 2024, 2025, Open Government Licence v3.0.
    compared = 0
    for row in references.values():
        if not row["id"].startswith("DESNZ") or row["scope"] not in SCOPES:
            continue
        cabin = CABINS.get(row["cabin"], "economy" if row["note"].startswith("Domestic") else None)
        if row["method"] == "DESNZ 2020" or cabin is None:
            continue
        origin, destination, km = HAULS[row["note"]]
        method = f"desnz-{row['method'][-4:]}{SCOPES[row['scope']]}"
        got = one(origin, destination, km, method, cabin)
        assert got == pytest.approx(km * float(row["value"]), abs=0.0006), row["id"]
        compared += 1
    assert compared == 66


def test_desnz_well_to_tank_of_2025_is_added(references: dict[str, dict[str, str]]) -> None:
    leg = Itinerary((Leg("ZRH", "SFO", "first"),))
    km = Overrides(great_circle_km=(10_000.0,))
    with_wtt = estimate(leg, "desnz-2025-norf-wtt", overrides=km)
    wtt = float(references["DESNZ0257"]["value"])
    assert with_wtt.legs[0].wtt_kg == pytest.approx(10_000 * wtt)
    assert with_wtt.co2e_kg == pytest.approx(10_000 * (wtt + 0.25794))
    assert estimate(leg, "desnz-2025-wtt", overrides=km).legs[0].wtw_kg is None


def test_desnz_cabins_it_does_not_tell_apart_are_noted() -> None:
    answer = estimate(Itinerary((Leg("LHR", "FCO", "first"),)), "desnz-2025")
    assert answer.notes == ("cabin_not_published",)
    business = estimate(Itinerary((Leg("LHR", "FCO", "business"),)), "desnz-2025")
    assert answer.co2e_kg == business.co2e_kg
    economy = estimate(Itinerary((Leg("LHR", "EDI"),)), "desnz-2025")
    assert estimate(Itinerary((Leg("LHR", "EDI", "first"),)), "desnz-2025").co2e_kg == (
        economy.co2e_kg
    )


@pytest.mark.parametrize(
    ("method", "row"), [("ademe", "ADEME0367"), ("ademe-nocontrails", "ADEME0368")]
)
def test_ademe_gives_the_values_of_its_own_interface_tests(
    references: dict[str, dict[str, str]], method: str, row: str
) -> None:
    # incubateur-ademe/impactco2 at 8076a489, testa/transport.test.ts, MIT.
    assert one("CDG", "LHR", 100.0, method) == float(references[row]["value"])


def test_ademe_steps_at_its_bounds_as_published() -> None:
    assert one("CDG", "LHR", 1000.0, "ademe") == pytest.approx(224.2)
    assert one("CDG", "LHR", 1050.0, "ademe") == pytest.approx(1050 * 0.1843)
    assert one("CDG", "LHR", 3000.0, "ademe") == pytest.approx(3000 * 0.1665)
    assert one("CDG", "LHR", 9000.0, "ademe") == pytest.approx(9000 * 0.1776)


def test_myclimate_2019_gives_the_published_test_value(
    references: dict[str, dict[str, str]],
) -> None:
    # tmrowco/northapp-contrib at 2ca1654, co2eq/flights/index.test.js, MIT; no detour added.
    hauls = myclimate.parameters(dataset(), "2019")
    got = myclimate.between(hauls, np.array([2000.0]), np.array([0]))
    assert got[0] == pytest.approx(float(references["MYC0271"]["value"]), rel=1e-12)
    assert 2 * got[0] == pytest.approx(float(references["MYC0273"]["value"]), rel=1e-12)


@pytest.mark.parametrize(
    ("km", "kg"), [(500, 183.8), (1000, 266.2), (2500, 437.7), (5555, 974.2), (9369, 1871.0)]
)
def test_myclimate_current_parameters(km: float, kg: float) -> None:
    # The published formula and parameters evaluated by hand.
    assert one("ZRH", "SFO", km, "myclimate") == pytest.approx(kg, abs=0.05)


def test_myclimate_2019_has_no_premium_cabin_and_says_so() -> None:
    trip = Itinerary((Leg("ZRH", "SFO", "premium"),))
    answer = estimate(trip, "myclimate-2019")
    assert answer.notes == ("cabin_not_published",)
    assert answer.co2e_kg == estimate(Itinerary((Leg("ZRH", "SFO"),)), "myclimate-2019").co2e_kg


def test_between_the_hauls_both_ends_are_told() -> None:
    given = Overrides(great_circle_km=(2000.0,))
    answer = estimate(Itinerary((Leg("CDG", "IST"),)), "myclimate", overrides=given)
    assert [step.id for step in answer.legs[0].steps] == [
        "flown",
        "fuel_short",
        "short_end",
        "fuel_long",
        "long_end",
        "between",
        "total",
    ]


@pytest.mark.parametrize("row", ["GOC0278", "GOC0280", "GOC0282"])
def test_goclimate_gives_its_own_specification(
    references: dict[str, dict[str, str]], row: str
) -> None:
    # netlight-johannadagfalk/goclimate, generic_flight_footprint_spec.rb.
    published = references[row]
    got = one("ARN", "ZRH", float(published["distance_km"]), "goclimate", published["cabin"])
    assert got == float(published["value"])


def test_goclimate_answers_of_2021_and_2022_are_ours_rounded_up_to_100_kg(
    references: dict[str, dict[str, str]],
) -> None:
    # mglt/co2eq at 6caa964, answers of the GoClimate service kept in its cache.
    rows = [row for row in references.values() if row["method"] == "GoClimate API"]
    assert len(rows) > 30
    for row in rows:
        got = one("ZRH", "SFO", float(row["distance_km"]), "goclimate", row["cabin"].lower())
        assert math.ceil(got / 100) * 100 == float(row["value"]), row["id"]


@pytest.mark.parametrize(("km", "detour"), [(549.9, 50), (550, 100), (5500, 100), (5500.1, 125)])
def test_goclimate_detours(km: float, detour: float) -> None:
    assert goclimate.with_detour(np.array([km]))[0] == pytest.approx(km + detour)


def test_icao_style_is_its_formula_on_our_fuel() -> None:
    # ICAO methodology: 3.16 x fuel x passenger share / (seats x load factor); ICCT 2018 within
    # Europe: load factor and passenger share of the pair ERES-ERES.
    pair = next(
        row for row in dataset().rows("icao_loads") if row["origin"] == row["destination"] == "ERES"
    )
    km = 1000.0
    fuel = burn("738", (km + 100) / 1.852 - 17).total_kg
    share, taken = float(pair["passenger_share"]), float(pair["load_factor"])
    leg = Leg("CDG", "LHR", "business", "738")
    given = Overrides(great_circle_km=(km,))
    answer = estimate(Itinerary((leg,)), "icao-style", overrides=given)
    assert answer.co2e_kg == pytest.approx(3.16 * fuel * share / (176 * taken), abs=0.001)
    assert answer.legs[0].fuel_kg == pytest.approx(fuel, abs=0.001)
    assert answer.legs[0].ttw_kg == answer.co2e_kg
    assert answer.legs[0].wtw_kg is None


def test_icao_style_counts_premium_cabins_twice_on_long_flights() -> None:
    cabins = [one("CDG", "JFK", 5833.0, "icao-style", cabin) for cabin in ("economy", "first")]
    assert cabins[1] == pytest.approx(2 * cabins[0], abs=0.002)


def test_icao_style_says_when_a_pair_of_regions_is_missing() -> None:
    missing = estimate(Itinerary((Leg("DEL", "GRU"),)), "icao-style")
    assert missing.notes == ("region_pair_missing",)
    assert estimate(Itinerary((Leg("GRU", "CDG"),)), "icao-style").notes == ()


def test_every_country_with_an_airport_has_a_region() -> None:
    regions = {row["country"]: row["region"] for row in dataset().rows("icao_regions")}
    loads = {row["origin"] for row in dataset().rows("icao_loads")}
    assert {row["country"] for row in dataset().rows("airports")} <= set(regions)
    assert set(regions.values()) <= loads


def test_a_batch_answers_as_its_legs_do_one_by_one() -> None:
    from calculators.flight.fuel import find_aircraft  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.methods import ROUTE_METHOD_IDS, method  # noqa: PLC0415 - loaded where it is used

    km = np.array([120.0, 900.0, 1800.0, 4200.0, 7600.0, 13_000.0])
    cabin = np.array([0, 1, 2, 3, 0, 2])
    fleet = (None, find_aircraft("789"), find_aircraft("73H"))
    aircraft = np.array([0, 2, 1, 0, 1, 1])
    here, there = np.array(["GB"] * 6), np.array(["GB", "FR", "GB", "GB", "US", "US"])
    for method_id in ROUTE_METHOD_IDS:
        module, _ = method(method_id)
        whole = LegBatch(km, cabin, aircraft, fleet, here, there)
        together: Any = module.compute(method_id, whole, dataset(), None).headline_kg
        for i in range(len(km)):
            part = slice(i, i + 1)
            alone = LegBatch(km[part], cabin[part], aircraft[part], fleet, here[part], there[part])
            got = module.compute(method_id, alone, dataset(), None).headline_kg
            assert got[0] == together[i]
