"""What does a published rate say where no default applies, with its stated spread?"""

from typing import Final

from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import DRAWS, Shaker, Spread
from calculators.soil.tables import Factor

METHOD: Final = "literature-rate"
VERSION: Final = "1"


def project(
    rate_tc_ha_yr: float, relative_sd: float, source: str, *, seed: int, draws: int = DRAWS
) -> tuple[Spread, tuple[Factor, ...]]:
    """Return a published rate with its spread [tC/ha/yr]; the source must be named.

    Raises
    ------
    SoilRefused
        ``source_missing``, or ``value_impossible``.
    """
    if not source.strip():
        raise SoilRefused("source_missing")
    if rate_tc_ha_yr <= 0 or relative_sd <= 0:
        raise SoilRefused("value_impossible")
    figure = Factor(
        "literature_rate", rate_tc_ha_yr, rate_tc_ha_yr * relative_sd, "tC/ha/yr", source
    )
    shaker = Shaker(seed, draws)
    rates = shaker.normal(figure.value, figure.sd)
    return shaker.spread(rates, figure.value), (figure,)
