"""Does a measured change carry an honest interval and verdict, or none at all?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil import equivalent_mass, stock, stock_change, student
from calculators.soil.equivalent_mass import Layer
from calculators.soil.refusals import SoilRefused
from calculators.soil.stock_change import Stratum, paired_change

LAYERS = (Layer(10, 1.4, 11), Layer(20, 1.5, 8))


@pytest.mark.parametrize(
    ("strata", "code"),
    [
        ([], "no_strata"),
        ([Stratum(0, ((1, 2), (1, 3)))], "value_impossible"),
        ([Stratum(1, ((-1, 2), (1, 3)))], "value_impossible"),
        ([Stratum(1, ((1, 2),))], "too_few_pairs"),
        ([Stratum(1, ())], "too_few_pairs"),
        ([Stratum(1, ((30, 35), (32, 37)))], "no_spread"),
    ],
)
def test_cores_that_would_claim_certainty_are_refused(strata: list[Stratum], code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        paired_change(strata)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        (((30, 33), (31, 35), (29, 32)), "gain"),
        (((33, 30), (35, 31), (32, 29)), "loss"),
        (((30, 33), (31, 29), (29, 30)), "no_change"),
    ],
)
def test_the_verdict_follows_the_interval(
    pairs: tuple[tuple[float, float], ...], verdict: str
) -> None:
    found = paired_change([Stratum(1, pairs)])
    assert found.verdict == verdict
    assert found.low < found.change < found.high
    assert found.low < found.conservative < found.change
    assert (found.cores, found.degrees) == (3, 2)


def test_strata_weigh_by_their_area() -> None:
    small, large = ((10, 11), (10, 11.2)), ((10, 15), (10, 15.2))
    found = paired_change([Stratum(1, small), Stratum(3, large)])
    assert found.change == pytest.approx((1.1 + 3 * 5.1) / 4)
    assert found.baseline == pytest.approx(10)
    # each stratum's mean has variance 0.02 / 2
    assert found.standard_error == pytest.approx(((0.01 + 9 * 0.01) / 16) ** 0.5)
    assert found.degrees == 2


@pytest.mark.parametrize(("p", "degrees"), [(0.0, 5), (1.0, 5), (0.5, 0)])
def test_a_quantile_needs_a_probability_and_a_degree(p: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="quantile"):
        student.quantile(p, degrees)


@pytest.mark.parametrize(
    ("p", "degrees", "value"),
    # Abramowitz and Stegun 1964, Table 26.10
    [(0.975, 1, 12.706), (0.95, 2, 2.920), (0.995, 10, 3.169), (0.9995, 30, 3.646)],
)
def test_quantiles_of_the_printed_table(p: float, degrees: int, value: float) -> None:
    assert student.quantile(p, degrees) == pytest.approx(value, abs=5e-4)
    assert student.quantile(1 - p, degrees) == pytest.approx(-value, abs=5e-4)


@given(st.floats(0.001, 0.999), st.integers(1, 300))
def test_quantiles_mirror_at_the_median(p: float, degrees: int) -> None:
    assert student.quantile(0.5, degrees) == pytest.approx(0, abs=1e-12)
    other = student.quantile(1 - p, degrees)
    assert student.quantile(p, degrees) == pytest.approx(-other, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("layers", "mass", "code"),
    [
        ((), 100, "no_layers"),
        ((Layer(10, 0, 11),), 100, "value_impossible"),
        ((Layer(10, 1.4, -1),), 100, "value_impossible"),
        (LAYERS, 0, "value_impossible"),
        (LAYERS, 4_401, "mass_not_reached"),
    ],
)
def test_a_profile_is_never_extended(layers: tuple[Layer, ...], mass: float, code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        equivalent_mass.stock_at(layers, mass)
    assert refusal.value.code == code


def test_at_a_sampled_mass_stands_the_sampled_stock() -> None:
    for mass, carbon in equivalent_mass.cumulative(LAYERS):
        assert equivalent_mass.stock_at(LAYERS, mass) == pytest.approx(carbon)
    assert equivalent_mass.stock_at(LAYERS, 700) == pytest.approx(15.4 / 2)


@pytest.mark.parametrize("wrong", [(-1, 1, 1, 0), (1, 1, 1, 1), (1, 1, 1, -0.1)])
def test_a_stock_of_impossible_values_is_refused(
    wrong: tuple[float, float, float, float],
) -> None:
    with pytest.raises(SoilRefused):
        stock.stock_tc_ha(*wrong)


def test_a_verdict_touching_zero_is_no_change() -> None:
    assert stock_change.verdict(0, 1) == "no_change"
    assert stock_change.verdict(-1, 0) == "no_change"
