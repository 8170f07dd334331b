"""Does a plan say honestly what it can detect, and does every core find its stratum?"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil import detection
from calculators.soil.detection import PlannedStratum
from calculators.soil.refusals import SoilRefused

LAND = (PlannedStratum("A", 100, 10), PlannedStratum("B", 50, 20), PlannedStratum("C", 1, 5))
strata_of = st.lists(
    st.builds(PlannedStratum, st.just("x"), st.floats(0.1, 1e5), st.floats(0.1, 100)),
    min_size=1,
    max_size=8,
)


def test_shares_follow_the_area_or_the_area_times_the_spread() -> None:
    assert detection.allocate(151, LAND, "proportional") == (99, 50, 2)
    assert detection.allocate(42, LAND[:2], "neyman") == (21, 21)
    assert detection.allocate(6, LAND, "proportional") == (2, 2, 2)


@given(strata_of, st.integers(0, 500), st.sampled_from(detection.RULES))
def test_shares_sum_to_the_whole_and_none_is_left_out(
    strata: list[PlannedStratum], more: int, rule: str
) -> None:
    cores = 2 * len(strata) + more
    shares = detection.allocate(cores, strata, rule)
    assert sum(shares) == cores
    assert min(shares) >= 2


def test_neyman_detects_no_less_than_shares_by_area() -> None:
    found = {rule: detection.plan(60, LAND[:2], rule=rule) for rule in detection.RULES}
    assert found["neyman"].detectable < found["proportional"].detectable
    assert found["neyman"].allocation == (("A", 30), ("B", 30))


@given(st.integers(4, 200), st.integers(1, 200), st.floats(0, 0.95))
def test_more_cores_and_closer_pairs_detect_less(cores: int, more: int, rho: float) -> None:
    land = LAND[:1]
    few = detection.plan(cores, land, correlation=rho)
    assert detection.plan(cores + more, land, correlation=rho).detectable < few.detectable
    assert detection.plan(cores, land, correlation=rho + 0.04).detectable < few.detectable


@pytest.mark.parametrize("rho", [None, 0.8])
@pytest.mark.parametrize("rule", detection.RULES)
def test_the_least_number_is_the_least(rho: float | None, rule: str) -> None:
    found = detection.plan_for(2.4, LAND[:2], correlation=rho, rule=rule)
    assert found.detectable <= 2.4
    fewer = detection.plan(found.cores - 1, LAND[:2], correlation=rho, rule=rule)
    assert fewer.detectable > 2.4
    assert found.paired is (rho is not None)


def test_for_many_cores_the_plan_is_the_formula() -> None:
    land = (PlannedStratum("all", 1, 15),)
    for rho in (None, 0.8):
        exact = detection.plan(5_000, land, correlation=rho).detectable
        assert exact == pytest.approx(
            detection.many_detectable(15, 5_000, correlation=rho), rel=1e-3
        )
    # few cores: Student's t asks for more than the normal does
    assert detection.plan(5, land).detectable > detection.many_detectable(15, 5)
    assert detection.plan_for(2.4, land).cores == 615
    assert detection.plan(10, land).degrees == 18
    assert detection.plan(10, land, correlation=0).degrees == 9


def test_a_small_change_to_detect_is_never_fewer_than_two_cores() -> None:
    assert detection.cores_for_mean(1, 1_000) == 2
    assert detection.plan_for(1e6, LAND[:2]).cores == 4


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: detection.many_for_change(0, 1), "value_impossible"),
        (lambda: detection.many_for_change(1, 0), "value_impossible"),
        (lambda: detection.many_for_change(1, 1, correlation=1), "value_impossible"),
        (lambda: detection.many_for_change(1, 1, alpha=0), "value_impossible"),
        (lambda: detection.many_for_change(1, 1, power=1), "value_impossible"),
        (lambda: detection.many_detectable(1, 1), "value_impossible"),
        (lambda: detection.many_for_mean(1, -1), "value_impossible"),
        (lambda: detection.many_for_mean(float("nan"), 1), "value_impossible"),
        (lambda: detection.cores_for_mean(100, 1e-3), "cores_too_many"),
        (lambda: detection.plan_for(1e-4, LAND), "cores_too_many"),
        (lambda: detection.allocate(5, LAND, "neyman"), "cores_too_few"),
        (lambda: detection.allocate(5, (), "neyman"), "no_strata"),
        (lambda: detection.plan_for(1, ()), "no_strata"),
        (lambda: detection.allocate(9, LAND, "by feeling"), "word_unknown"),
        (lambda: detection.plan(9, (PlannedStratum("A", 0, 1),)), "value_impossible"),
        (lambda: detection.plan(9, (PlannedStratum("A", 1, 0),)), "value_impossible"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(work: Callable[[], object], code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        work()
    assert refusal.value.code == code
    assert "{" not in str(refusal.value)


def test_a_plan_as_plain_values() -> None:
    told = detection.plan(10, LAND[:2], correlation=0.5).as_json()
    assert told["allocation"] == {"A": 7, "B": 3}
    assert (told["cores_a_round"], told["paired"], told["unit"]) == (10, True, "tC/ha")


def test_a_plan_whose_cores_are_shared_out_detects_what_its_shares_allow() -> None:
    strata = [
        detection.PlannedStratum("A", 100, 10),
        detection.PlannedStratum("B", 50, 20),
    ]
    made = detection.plan(30, strata, correlation=0.8)
    given = detection.plan_as_given(
        [count for _, count in made.allocation], strata, correlation=0.8
    )
    assert given.detectable == pytest.approx(made.detectable)
    assert (given.cores, given.paired) == (30, True)
    assert detection.plan_as_given([28, 2], strata).detectable > made.detectable
    with pytest.raises(SoilRefused) as refusal:
        detection.plan_as_given([29, 1], strata)
    assert refusal.value.code == "cores_too_few"
