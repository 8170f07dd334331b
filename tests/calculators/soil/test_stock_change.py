"""Does a measured change carry an honest interval and verdict, or none at all?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil import equivalent_mass, stock, stock_change, student
from calculators.soil.equivalent_mass import Layer
from calculators.soil.refusals import SoilRefused
from calculators.soil.stock_change import (
    Independent,
    Stratum,
    independent_change,
    mean_change,
    paired_change,
)

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
        # 5.1 each time, but for the last binary digit
        ([Stratum(1, ((30.1, 35.2), (32.3, 37.4), (28.7, 33.8)))], "no_spread"),
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
        ((Layer(10, 2.7, 11),), 100, "value_impossible"),
        ((Layer(10, 1.4, 1_001),), 100, "value_impossible"),
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


@pytest.mark.parametrize(
    ("strata", "code"),
    [
        ([], "no_strata"),
        ([Stratum(1, ())], "too_few_pairs"),
        ([Stratum(-1, ((1, 2),))], "value_impossible"),
        ([Stratum(1, ((float("nan"), 2),))], "value_impossible"),
    ],
)
def test_a_mean_needs_a_pair_and_an_area(strata: list[Stratum], code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        mean_change(strata)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("strata", "code"),
    [
        ([], "no_strata"),
        ([Independent(0, (1, 2), (3, 4))], "value_impossible"),
        ([Independent(1, (1, 2), (3, -4))], "value_impossible"),
        ([Independent(1, (1, 2), (3,), "A")], "too_few_cores"),
        ([Independent(1, (1, 1), (3, 3), "A")], "no_spread"),
    ],
)
def test_independent_cores_that_would_claim_certainty_are_refused(
    strata: list[Independent], code: str
) -> None:
    with pytest.raises(SoilRefused) as refusal:
        independent_change(strata)
    assert refusal.value.code == code
    assert "{" not in str(refusal.value)


def test_independent_cores_follow_welch() -> None:
    # Student's own form where both rounds vary alike: 2 (n − 1) degrees
    alike = independent_change([Independent(1, (30, 32, 34), (35, 37, 39))])
    assert (alike.change, alike.degrees, alike.cores) == (5, 4, 6)
    assert alike.standard_error == pytest.approx((4 / 3 + 4 / 3) ** 0.5)
    # a round in which all cores are alike would hide its part of the error
    for before, after in (((30, 30, 30), (35, 37, 39)), ((35, 37, 39), (30, 30, 30))):
        with pytest.raises(SoilRefused, match="changed alike"):
            independent_change([Independent(1, before, after)])
    both = independent_change(
        [Independent(1, (30, 32, 34), (35, 37, 39)), Independent(3, (10, 11, 12), (9, 11, 13))]
    )
    assert both.change == pytest.approx(5 / 4)
    assert both.as_json()["unit"] == "tC/ha"


stocks = st.lists(st.floats(1, 200), min_size=3, max_size=12)


@given(stocks, st.floats(0.01, 20))
def test_more_carbon_is_more_stock(carbon: list[float], more: float) -> None:
    before = [Layer(10, 1.3, one) for one in carbon]
    after = [Layer(10, 1.3, one + more) for one in carbon]
    mass = sum(layer.mass_t_ha for layer in before)
    assert equivalent_mass.stock_at(after, mass) > equivalent_mass.stock_at(before, mass)
    assert stock.stock_tc_ha(1 + more, 1.3, 30) > stock.stock_tc_ha(1, 1.3, 30)


@given(
    st.lists(
        st.builds(Layer, st.floats(1, 30), st.floats(0.3, 2.6), st.floats(0, 200)),
        min_size=1,
        max_size=6,
    ),
    st.floats(0.05, 1),
)
def test_identical_profiles_changed_by_nothing(layers: list[Layer], part: float) -> None:
    depth = sum(layer.thickness_cm for layer in layers) * part
    assert equivalent_mass.change(layers, layers, depth) == 0


@given(st.integers(2, 40), st.integers(1, 40), st.floats(0.1, 10))
def test_the_interval_narrows_with_more_cores(pairs: int, more: int, spread: float) -> None:
    def width(count: int) -> float:
        # half the cores one way, half the other: the same spread for any number
        two = [(20.0, 22.0 - spread), (20.0, 22.0 + spread)] * count
        found = paired_change([Stratum(1, tuple(two))])
        return found.high - found.low

    assert width(pairs + more) < width(pairs)


@given(st.floats(0.1, 100), st.floats(0.1, 10))
def test_areas_in_another_unit_change_nothing(area: float, unit: float) -> None:
    def found(scale: float) -> stock_change.Change:
        return paired_change(
            [
                Stratum(area * scale, ((30, 33), (31, 35), (29, 32))),
                Stratum(7 * scale, ((20, 19), (21, 22), (22, 20))),
            ]
        )

    one, other = found(1), found(unit)
    assert (other.change, other.low, other.high) == pytest.approx((one.change, one.low, one.high))


def test_a_profile_is_cut_at_a_depth() -> None:
    assert equivalent_mass.to_depth(LAYERS, 10) == (Layer(10, 1.4, 11),)
    assert equivalent_mass.to_depth(LAYERS, 12)[-1] == Layer(2, 1.5, 8)
    assert equivalent_mass.mass_to(LAYERS, 30) == pytest.approx(4_400)
    with pytest.raises(SoilRefused) as refusal:
        equivalent_mass.to_depth(LAYERS, 31)
    assert refusal.value.parameters == {"reached": 30, "depth": 31}


def test_rounding_of_a_sum_is_no_missing_soil() -> None:
    thirds = (Layer(0.1, 1.1, 10),) * 3
    whole = sum(layer.mass_t_ha for layer in thirds)
    found = equivalent_mass.stock_at(thirds, whole * (1 + 1e-12))
    assert found == pytest.approx(whole * 10 / 1000)


@pytest.mark.parametrize(
    ("density", "basis", "stones", "code"),
    [
        (1.3, "wet", 0.1, "word_unknown"),
        (2.7, stock.WHOLE_SOIL, 0.1, "value_impossible"),
        (1.3, stock.FINE_EARTH, 1.0, "value_impossible"),
    ],
)
def test_a_density_names_its_basis(density: float, basis: str, stones: float, code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        stock.fine_earth_density(density, basis, stones)
    assert refusal.value.code == code


def test_stones_leave_a_whole_density_alone_and_a_fine_one_as_it_is() -> None:
    assert stock.fine_earth_density(1.5, stock.WHOLE_SOIL, 0.2) == pytest.approx(1.2)
    assert stock.fine_earth_density(1.5, stock.FINE_EARTH, 0.2) == 1.5
    with pytest.raises(SoilRefused):
        stock.per_mille(1, 0)
