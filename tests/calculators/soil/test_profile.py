"""Is carbon told by depth as the cores hold it, and only where they reach?"""

import pytest

from calculators.soil import profile
from calculators.soil.equivalent_mass import Layer
from calculators.soil.refusals import SoilRefused
from calculators.soil.samples import Core


def core(name: str, *layers: Layer, stratum: str = "A") -> Core:
    return Core(0, stratum, name, layers)


TWO = (
    core("1", Layer(10, 1.2, 20), Layer(20, 1.4, 10)),
    core("2", Layer(10, 1.2, 24), Layer(20, 1.4, 12)),
)


def test_depths_are_those_that_half_of_the_cores_share() -> None:
    odd = core("3", Layer(7, 1.2, 20), Layer(23, 1.4, 10))
    assert profile.depths([*TWO, odd]) == (0, 10, 30)
    with pytest.raises(SoilRefused, match="layer"):
        profile.depths([])


def test_a_depth_is_the_mean_of_its_cores_by_area() -> None:
    other = (core("1", Layer(30, 1.3, 5), stratum="B"), core("2", Layer(30, 1.3, 7), stratum="B"))
    top, below = profile.profile([*TWO, *other], {"A": 3, "B": 1}, (0, 10, 30))
    assert top.mean == pytest.approx(0.75 * 22 + 0.25 * 6)
    assert (top.cores, below.top_cm, below.bottom_cm) == (4, 10, 30)
    # s² of 20, 24 is 8, of 5, 7 is 2; t(.975, 2) = 4.302653
    half = 4.302653 * (0.75**2 * 8 / 2 + 0.25**2 * 2 / 2) ** 0.5
    assert top.low == pytest.approx(top.mean - half, abs=1e-4)
    assert top.high == pytest.approx(top.mean + half, abs=1e-4)


def test_a_layer_that_is_cut_counts_by_its_mass() -> None:
    cut = core("3", Layer(15, 1.0, 30), Layer(15, 2.0, 15))
    (one,) = profile.profile([cut], {"A": 1}, (10, 20))
    assert one.mean == pytest.approx((5 * 1.0 * 30 + 5 * 2.0 * 15) / (5 * 1.0 + 5 * 2.0))
    assert (one.low, one.high) == (None, None)


def test_a_depth_that_a_stratum_does_not_reach_is_left_out() -> None:
    shallow = core("9", Layer(10, 1.2, 20), stratum="B")
    found = profile.profile([*TWO, shallow], {"A": 1, "B": 1}, (0, 10, 30))
    assert [(one.top_cm, one.bottom_cm) for one in found] == [(0, 10)]
