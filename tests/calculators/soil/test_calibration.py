"""Is a count of kept promises told with the interval it deserves?"""

import math

import pytest

from calculators.soil import calibration
from calculators.soil.refusals import SoilRefused

# Clopper and Pearson 1934, by the beta quantiles of scipy.stats.beta.ppf and by hand at the ends:
# all of n inside leaves 0.025 ** (1 / n), none leaves 1 − 0.025 ** (1 / n)
CASES = [
    (3, 3, 0.025 ** (1 / 3), 1.0),
    (0, 3, 0.0, 1 - 0.025 ** (1 / 3)),
    (1, 1, 0.025, 1.0),
    (5, 10, 0.187086, 0.812914),
    (9, 10, 0.554984, 0.997471),
    (30, 30, 0.884297, 1.0),
    (0, 0, 0.0, 1.0),
]


@pytest.mark.parametrize(("inside", "count", "low", "high"), CASES)
def test_the_interval_is_exact(inside: int, count: int, low: float, high: float) -> None:
    found = calibration.score(inside, count)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))


@pytest.mark.parametrize(("inside", "count"), [(81, 263), (15, 148), (1, 29), (7, 9)])
def test_each_bound_leaves_a_fortieth_in_its_tail(inside: int, count: int) -> None:
    found = calibration.score(inside, count)

    def chance(share: float, held: range) -> float:
        return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in held)

    assert chance(found.low, range(inside, count + 1)) == pytest.approx(0.025, abs=1e-9)
    assert chance(found.high, range(inside + 1)) == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize(
    ("inside", "count", "says"),
    [
        (0, 0, "nothing"),
        (3, 3, "kept"),
        (0, 1, "kept"),
        (0, 3, "too_narrow"),
        (20, 40, "too_narrow"),
        (400, 400, "too_wide"),
    ],
)
def test_what_a_count_says_of_nine_in_ten(inside: int, count: int, says: str) -> None:
    assert calibration.score(inside, count).says == says


def test_the_bounds_belong_to_a_range() -> None:
    assert [calibration.place(one, 1, 2) for one in (0.99, 1, 1.5, 2, 2.01)] == [
        "below", "within", "within", "within", "above",
    ]  # fmt: skip


@pytest.mark.parametrize(("inside", "count"), [(2, 1), (-1, 1), (0, -1)])
def test_counts_that_cannot_be(inside: int, count: int) -> None:
    with pytest.raises(SoilRefused):
        calibration.score(inside, count)


def test_the_figures_leave_with_their_promise() -> None:
    told = calibration.score(9, 10).as_json()
    assert (told["promised"], told["coverage"], told["method"]) == (0.9, 0.95, "clopper-pearson")
