"""Is a treatment chosen, told beside the figure and never added; are buckets the printed ones?"""

from __future__ import annotations

import math

import pytest

from calculators.errors import InvalidOverride, UnknownTreatment
from calculators.flight.datasets import dataset
from calculators.flight.itinerary import Itinerary, Leg, Overrides, estimate, replay
from calculators.flight.non_co2 import (
    DEFAULT_TREATMENT,
    NONE,
    NOT_ESTIMATED,
    bucket_of,
    find_treatment,
    ratio_of_forcing,
    treatments,
    trip_bucket,
    trip_ratio,
)

TRIP = Itinerary((Leg("CDG", "JNB"), Leg("JNB", "CDG")), 2)


@pytest.mark.parametrize("treatment", [*treatments(dataset()), NONE])
def test_a_treatment_changes_its_own_line_and_nothing_else(treatment: str) -> None:
    plain, answer = estimate(TRIP), estimate(TRIP, treatment=treatment)
    assert (answer.co2e_kg, answer.low_kg, answer.legs) == (
        plain.co2e_kg,
        plain.low_kg,
        plain.legs,
    )
    assert replay(answer.as_json()) == answer
    if treatment == NONE:
        assert (answer.non_co2, answer.non_co2_scope) == (None, NOT_ESTIMATED)
        return
    assert answer.non_co2 is not None
    assert answer.non_co2.treatment == treatment
    relation = treatments(dataset())[treatment]
    assert plain.non_co2 is not None
    # The default's central value is 0.61 times the same CO2.
    co2 = plain.non_co2.central_kg / 0.61
    assert answer.non_co2.central_kg == pytest.approx(co2 * relation.central, rel=1e-5)
    assert answer.non_co2.low_kg == pytest.approx(co2 * relation.low, rel=1e-5)
    assert answer.non_co2.high_kg == pytest.approx(co2 * relation.high, rel=1e-5)


def test_the_default_is_lee_2021_with_its_interval() -> None:
    relation = find_treatment(DEFAULT_TREATMENT, dataset())
    assert relation is not None
    assert (relation.low, relation.central, relation.high) == (0.18, 0.61, 1.04)
    assert relation.bounds == "5-95 %"
    assert next(iter(treatments(dataset()))) == DEFAULT_TREATMENT
    constants = [dataset().value(f"non_co2_{name}") for name in ("low", "central", "high")]
    assert constants == [0.18, 0.61, 1.04]


def test_the_uk_factors_imply_the_uk_treatment(references: dict[str, dict[str, str]]) -> None:
    # CO2 of 2025 with and without radiative forcing, long haul economy (flat file, OGL v3.0).
    relation = find_treatment("desnz", dataset())
    assert relation is not None
    # With RF - without RF = 0.7 x CO2; CO2 of the domestic row is 0.13395.
    with_rf, without = (float(references[f"DESNZ0{n}"]["value"]) for n in (216, 217))
    assert (with_rf - without) / 0.13395 == pytest.approx(relation.central, abs=0.001)


def test_a_method_that_includes_them_answers_its_figure_whatever_is_chosen() -> None:
    for treatment in (DEFAULT_TREATMENT, NONE, "desnz"):
        answer = estimate(TRIP, "myclimate", treatment=treatment)
        assert (answer.non_co2, answer.non_co2_scope) == (None, "included")
        assert replay(answer.as_json()) == answer


def test_an_unknown_treatment_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownTreatment) as caught:
        estimate(TRIP, treatment="lee2021")
    assert DEFAULT_TREATMENT in caught.value.suggestions


def test_a_stored_total_that_is_none_is_refused() -> None:
    stored = {**estimate(TRIP).as_json(), "total": None}
    with pytest.raises(TypeError):
        replay(stored)


@pytest.mark.parametrize(
    ("legs", "printed", "bucket"),
    [
        # Travel Impact Model 3.0.0, contrails, examples 1 and 2 (Google, CC BY 4.0).
        ([(100.0, "low"), (50.0, "high")], 0.4667, "moderate"),
        ([(50.0, "moderate"), (500.0, "high")], 1.1454, "high"),
    ],
)
def test_the_printed_buckets_of_a_trip(
    legs: list[tuple[float, str]], printed: float, bucket: str
) -> None:
    assert trip_ratio(legs, dataset()) == pytest.approx(printed, abs=0.0001)  # type: ignore[arg-type]
    assert trip_bucket(legs, dataset()) == bucket  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ratio", "bucket"),
    [(-0.28, "low"), (0.19999, "low"), (0.2, "moderate"), (0.999, "moderate"), (1.0, "high")],
)
def test_thresholds(ratio: float, bucket: str) -> None:
    assert bucket_of(ratio, dataset()) == bucket


def test_without_a_ratio_a_bucket_is_not_estimated() -> None:
    assert trip_bucket([], dataset()) == NOT_ESTIMATED
    assert trip_bucket([(100.0, None)], dataset()) == NOT_ESTIMATED
    assert trip_bucket([(100.0, "high"), (50.0, None)], dataset()) == NOT_ESTIMATED
    assert estimate(TRIP).contrail_bucket == NOT_ESTIMATED
    given = Overrides(contrail_ratio=(0.1, 1.1))
    assert estimate(TRIP, "ademe", overrides=given).contrail_bucket == NOT_ESTIMATED


def test_an_operators_ratios_give_the_trip_its_bucket_and_change_no_figure() -> None:
    plain = estimate(TRIP)
    for ratios, bucket in (((0.0, 0.1), "low"), ((0.1, 1.1), "moderate"), ((1.0, 5.0), "high")):
        answer = estimate(TRIP, overrides=Overrides(contrail_ratio=ratios))
        assert answer.contrail_bucket == answer.as_json()["contrail_bucket"] == bucket
        assert (answer.co2e_kg, answer.non_co2) == (plain.co2e_kg, plain.non_co2)
        assert replay(answer.as_json()) == answer
    for bad in ((0.1,), (0.1, math.nan)):
        with pytest.raises(InvalidOverride):
            estimate(TRIP, overrides=Overrides(contrail_ratio=bad))


def test_the_ratio_of_a_forcing_is_the_printed_formula() -> None:
    # 0.42 EF / (AGWP100 x 365 x 24 x 3600 x S_earth x m_CO2), AGWP100 = 89.5e-15 W m-2 yr kg-1.
    earth = 4 * math.pi * 6_371_008.8**2
    co2_j = 89.5e-15 * 365 * 24 * 3600 * earth * 1000.0
    assert ratio_of_forcing(co2_j, 1000.0, dataset()) == pytest.approx(0.42, rel=1e-12)
