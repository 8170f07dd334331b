"""What does a published rate say where no default applies, with its stated spread?"""

from typing import Final

from calculators.soil.refusals import SoilRefused, within
from calculators.soil.simulation import DRAWS, Shaker, Spread
from calculators.soil.tables import Factor

METHOD: Final = "literature-rate"
VERSION: Final = "1"


def project(
    rate_tc_ha_yr: float, relative_sd: float, source: str, *, seed: int, draws: int = DRAWS
) -> tuple[Spread, tuple[Factor, ...]]:
    """Return a published rate with its spread [tC/ha/yr]; the source must be named.

    Parameters
    ----------
    rate_tc_ha_yr : float
        The published rate [tC/ha/yr], above 0.
    relative_sd : float
        Its stated standard deviation as a share of the rate [1], above 0.
    source : str
        Author, year and where it was published.
    seed, draws : int
        What repeats the simulation exactly.

    Raises
    ------
    SoilRefused
        ``source_missing``, or ``value_impossible``.
    """
    if not source.strip():
        raise SoilRefused("source_missing")
    within("rate [tC/ha/yr]", rate_tc_ha_yr, above=True)
    within("relative standard deviation [1]", relative_sd, above=True)
    figure = Factor(
        "literature_rate", rate_tc_ha_yr, rate_tc_ha_yr * relative_sd, "tC/ha/yr", source
    )
    shaker = Shaker(seed, draws)
    rates = shaker.normal(figure.value, figure.sd)
    return shaker.spread(rates, figure.value), (figure,)
