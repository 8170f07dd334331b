"""Is a claimed yearly gain of soil carbon believable without evidence?"""

from dataclasses import dataclass
from typing import Final

from calculators.soil.refusals import within
from calculators.soil.simulation import Spread
from calculators.soil.stock import four_per_mille

VERSION: Final = "1"
# Global long-term averages are 0.2 to 0.6 tC/ha/yr (Minasny et al. 2017, as quoted by a
# secondary source); over twenty years most reports stay below 1.
EVIDENCE_ABOVE_TC_HA_YR: Final = 1.0
BLOCKED_ABOVE_TC_HA_YR: Final = 5.0
TIMES_FOUR_PER_MILLE: Final = 10.0
"""Above so many times 4 per mille of the soil a claim is told apart; set by this platform."""

FINE: Final = "fine"
EVIDENCE_NEEDED: Final = "evidence_needed"
BLOCKED: Final = "blocked"

REASONS: Final = (
    "above_blocking_limit",
    "above_evidence_limit",
    "above_projected_range",
    "below_projected_range",
    "range_includes_zero",
    "many_times_four_per_mille",
    "loss_expected",
)
"""Why the gate says what it says, as stable codes."""


@dataclass(frozen=True)
class Gate:
    """What the gate says, and why.

    Attributes
    ----------
    verdict : str
        ``fine``, ``evidence_needed`` or ``blocked``; the two limits alone decide it.
    reasons : tuple of str
        Codes of `REASONS`, in their order.
    rate : float
        The rate that was judged [tC/ha/yr].
    times_four_per_mille : float or None
        The rate as a multiple of 4 per mille of the soil, where its stock is known [1].
    """

    verdict: str
    reasons: tuple[str, ...]
    rate: float
    times_four_per_mille: float | None


def judge(rate_tc_ha_yr: float) -> str:
    """Say ``fine``, ``evidence_needed`` or ``blocked`` for a central yearly rate [tC/ha/yr]."""
    if rate_tc_ha_yr > BLOCKED_ABOVE_TC_HA_YR:
        return BLOCKED
    if rate_tc_ha_yr > EVIDENCE_ABOVE_TC_HA_YR:
        return EVIDENCE_NEEDED
    return FINE


def gate(
    rate_tc_ha_yr: float, *, projected: Spread | None = None, stock_tc_ha: float | None = None
) -> Gate:
    """Judge a rate and name every reason to look twice.

    Parameters
    ----------
    rate_tc_ha_yr : float
        A claim or a central estimate [tC/ha/yr].
    projected : Spread, optional
        The platform's own projection, to compare a claim with.
    stock_tc_ha : float, optional
        The present stock [tC/ha], above 0, for its 4 per mille.

    Raises
    ------
    Impossible
        ``value_impossible`` for a rate that is no number or a stock of nothing.
    """
    within("rate [tC/ha/yr]", rate_tc_ha_yr, least=-1e6, most=1e6)
    times = None
    if stock_tc_ha is not None:
        times = rate_tc_ha_yr / four_per_mille(within("stock [tC/ha]", stock_tc_ha, above=True))
    verdict = judge(rate_tc_ha_yr)
    told = {
        "above_blocking_limit": verdict == BLOCKED,
        "above_evidence_limit": verdict == EVIDENCE_NEEDED,
        "above_projected_range": projected is not None and rate_tc_ha_yr > projected.p95,
        "below_projected_range": projected is not None and rate_tc_ha_yr < projected.p05,
        "range_includes_zero": projected is not None and projected.p05 <= 0 <= projected.p95,
        "many_times_four_per_mille": times is not None and times > TIMES_FOUR_PER_MILLE,
        "loss_expected": rate_tc_ha_yr < 0,
    }
    reasons = tuple(code for code in REASONS if told[code])
    return Gate(verdict, reasons, rate_tc_ha_yr, times)
