"""Is a claimed yearly gain of soil carbon believable without evidence?"""

from typing import Final

# Global long-term averages are 0.2 to 0.6 tC/ha/yr (Minasny et al. 2017, as quoted by a
# secondary source); over twenty years most reports stay below 1.
EVIDENCE_ABOVE_TC_HA_YR: Final = 1.0
BLOCKED_ABOVE_TC_HA_YR: Final = 5.0

FINE: Final = "fine"
EVIDENCE_NEEDED: Final = "evidence_needed"
BLOCKED: Final = "blocked"


def judge(rate_tc_ha_yr: float) -> str:
    """Say ``fine``, ``evidence_needed`` or ``blocked`` for a central yearly rate [tC/ha/yr]."""
    if rate_tc_ha_yr > BLOCKED_ABOVE_TC_HA_YR:
        return BLOCKED
    if rate_tc_ha_yr > EVIDENCE_ABOVE_TC_HA_YR:
        return EVIDENCE_NEEDED
    return FINE
