"""Is what counts of a change told by a named rule, never more than what was found?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil import deduction, leakage, plausibility, simulation, stock_change, student
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import Shaker
from calculators.soil.stock_change import Stratum

SPREAD = Shaker(1, 2_000).spread(Shaker(1, 2_000).normal(0.4, 0.1), 0.4)


def test_the_default_counts_what_two_chances_in_three_reach() -> None:
    found = stock_change.paired_change([Stratum(1, ((30, 33), (31, 35), (29, 32)))])
    counted = deduction.measured(found.change, found.standard_error, found.degrees)
    assert counted.counted == pytest.approx(found.conservative)
    assert (counted.policy, counted.version) == (stock_change.POLICY, stock_change.POLICY_VERSION)
    assert deduction.simulated(SPREAD).counted == SPREAD.p33
    assert deduction.DEFAULT.id == simulation.POLICY


def test_a_threshold_costs_nothing_while_the_change_is_sure() -> None:
    rule = deduction.policy("threshold-15")
    sure = deduction.measured(10, 1, 5, rule)
    assert (sure.deducted, sure.counted) == (0, 10)
    unsure = deduction.measured(1, 1, 5, rule)
    assert unsure.deducted == pytest.approx(student.quantile(0.667, 5) - 0.15)
    assert deduction.simulated(SPREAD, rule).deducted == 0
    half = deduction.simulated(replace(SPREAD, central=0.0), rule)
    # z(0.667) = 0.431644
    assert half.deducted == pytest.approx(0.431644 * SPREAD.sd, abs=1e-6)


@given(
    st.floats(-50, 50), st.floats(0, 20), st.integers(1, 60), st.sampled_from(deduction.POLICIES)
)
def test_a_deduction_never_adds(
    change: float, error: float, degrees: int, rule: deduction.Policy
) -> None:
    found = deduction.measured(change, error, degrees, rule)
    assert found.deducted >= 0
    assert found.counted <= change
    assert found.as_json()["policy"] == rule.id


def test_policies_are_named_versioned_and_dated() -> None:
    assert len({(one.id, one.version) for one in deduction.POLICIES}) == len(deduction.POLICIES)
    for one in deduction.POLICIES:
        assert deduction.policy(one.id, one.version) is one
        assert len(one.dated) == 10
        assert one.as_json()["source"] == one.source
    for wrong in (("offset", None), (deduction.DEFAULT.id, "99")):
        with pytest.raises(SoilRefused) as refusal:
            deduction.policy(*wrong)
        assert refusal.value.code == "policy_unknown"


@pytest.mark.parametrize(("error", "degrees"), [(-1, 5), (1, 0), (float("inf"), 5)])
def test_an_error_that_cannot_be_is_refused(error: float, degrees: int) -> None:
    with pytest.raises(SoilRefused):
        deduction.measured(1, error, degrees)


def account(
    reductions: float, removals: float, lost: float, percent: float = 10, reason: str = "drought"
) -> leakage.Account:
    return leakage.account(reductions, removals, lost, buffer_percent=percent, buffer_reason=reason)


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ((0, 0, 1), "leakage_unshared"),
        ((-1, 1, 0), "value_impossible"),
        ((1, -1, 0), "value_impossible"),
        ((1, 1, -1), "value_impossible"),
        ((1, 1, 1, 101), "value_impossible"),
        ((1, 1, 1, 10, "  "), "bare_buffer"),
    ],
)
def test_an_account_that_cannot_be_is_refused(given_: tuple[float, ...], code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        account(*given_)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_nothing_gained_and_nothing_lost_is_nothing() -> None:
    found = account(0, 0, 0)
    assert (found.net, found.buffer, found.conservative, found.leakage_of_removals) == (0, 0, 0, 0)


@given(st.floats(0, 1e6), st.floats(0.1, 1e6), st.floats(0, 1e6), st.floats(0, 100))
def test_the_shares_of_leakage_sum_to_it(
    reductions: float, removals: float, lost: float, percent: float
) -> None:
    found = account(reductions, removals, lost, percent)
    assert found.leakage_of_reductions + found.leakage_of_removals == pytest.approx(lost)
    assert found.conservative <= found.net


def test_the_gate_names_its_reasons() -> None:
    fantasy = plausibility.gate(12.273, projected=SPREAD, stock_tc_ha=9)
    assert fantasy.verdict == plausibility.BLOCKED
    assert fantasy.reasons == (
        "above_blocking_limit",
        "above_projected_range",
        "many_times_four_per_mille",
    )
    # 4 per mille of 9 tC/ha is 0.036 tC/ha/yr
    assert fantasy.times_four_per_mille == pytest.approx(12.273 / 0.036)
    assert plausibility.gate(1.5).reasons == ("above_evidence_limit",)
    assert plausibility.gate(0.4, projected=SPREAD).reasons == ()
    unsure = replace(SPREAD, p05=-0.1)
    assert plausibility.gate(-0.2, projected=unsure).reasons == (
        "below_projected_range",
        "range_includes_zero",
        "loss_expected",
    )
    for rate, stock in ((float("nan"), None), (0.1, 0.0)):
        with pytest.raises(SoilRefused):
            plausibility.gate(rate, stock_tc_ha=stock)
