"""Are the quantiles those of numpy, whatever the values look like?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil.quantiles import quantiles
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import MOST_DRAWS, QUANTILES, Shaker

finite = st.floats(-1e9, 1e9)


@given(st.lists(finite, min_size=1, max_size=60), st.lists(st.floats(0, 1), max_size=6))
def test_the_quantiles_are_numpys(values: list[float], shares: list[float]) -> None:
    array = np.array(values)
    expected = np.quantile(array, shares) if shares else []
    assert quantiles(array, shares) == pytest.approx(list(expected), rel=1e-12, abs=1e-6)


@pytest.mark.parametrize("made", ["normal", "cauchy", "steps"])
def test_many_draws_to_the_last_digit(made: str) -> None:
    chance = np.random.default_rng(5)
    drawn = {
        "normal": chance.normal(0.4, 0.1, 100_001),
        "cauchy": chance.standard_cauchy(100_000),
        "steps": chance.integers(0, 3, 100_000).astype(float),
    }[made]
    before = drawn.copy()
    assert quantiles(drawn, QUANTILES) == tuple(np.quantile(drawn, QUANTILES))
    assert np.array_equal(drawn, before)


def test_a_spread_is_in_order_and_as_numpy_says() -> None:
    shaker = Shaker(3, 5_000)
    rates = shaker.normal(0.2, 0.3)
    told = shaker.spread(rates, 0.2)
    assert told.p05 <= told.p33 <= told.p50 <= told.p95
    assert told.sd == pytest.approx(rates.std(ddof=1), abs=1e-6)
    assert told.p_gain == pytest.approx((rates > 0).mean())
    assert told.as_json()["generator"] == "numpy.random.default_rng"


@pytest.mark.parametrize(
    ("seed", "draws", "code"),
    [
        (-1, 10, "value_impossible"),
        (1, 1, "value_impossible"),
        (1, MOST_DRAWS + 1, "draws_too_many"),
    ],
)
def test_draws_that_cannot_be_are_refused(seed: int, draws: int, code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        Shaker(seed, draws)
    assert refusal.value.code == code
