"""How much carbon of spread biochar is still there after a hundred years?

IPCC 2019 Refinement, Vol. 4, Appendix 4 (a basis for future development; its figures here are
unverified), for mineral cropland and grassland: ``mass × F_C × F_perm``. It is added once, at
spreading; the yearly figure is for comparison only.
"""

from collections.abc import Mapping
from typing import Final

from calculators.soil.refusals import SoilRefused, amount
from calculators.soil.simulation import DRAWS, Shaker, Spread
from calculators.soil.tables import Factor

METHOD: Final = "ipcc2019-biochar"
VERSION: Final = "1"
YEARS: Final = 20
MOST_T_HA: Final = 10_000.0
"""More than a meter of biochar on the field: a larger figure is a slip [t/ha]."""
SOURCE: Final = "IPCC 2019 Refinement, Vol. 4, Appendix 4, Tables 4AP.1 and 4AP.2 (unverified)"
# ± of the tables taken as 95 % intervals.
_Z95: Final = 1.96

# carbon share of the biochar [tC/t] and ± [%]
FEEDSTOCKS: Final[Mapping[str, tuple[float, float]]] = {"wood": (0.77, 42)}
# share left after 100 years [1] and ± [%], by pyrolysis temperature [°C]
TEMPERATURES: Final[Mapping[str, tuple[float, float]]] = {
    "above_600": (0.89, 13),
    "450_600": (0.80, 11),
    "350_450": (0.65, 15),
}


def project(
    tonnes_ha: float, feedstock: str, temperature: str, *, seed: int, draws: int = DRAWS
) -> tuple[Spread, tuple[Factor, ...]]:
    """Return the yearly average over twenty years [tC/ha/yr] and the figures it rests on.

    Parameters
    ----------
    tonnes_ha : float
        Dry biochar spread once [t/ha], above 0, at most `MOST_T_HA`.
    feedstock, temperature : str
        One of `FEEDSTOCKS` and of `TEMPERATURES`.
    seed, draws : int
        What repeats the simulation exactly.

    Raises
    ------
    SoilRefused
        ``feedstock_unknown`` (no spread is published for the others), ``temperature_unknown``,
        or ``value_impossible``.
    """
    carbon, lasting = _figures(tonnes_ha, feedstock, temperature)
    shaker = Shaker(seed, draws)
    first = shaker.draw(carbon.name, carbon.value, carbon.sd, highest=1)
    second = shaker.draw(lasting.name, lasting.value, lasting.sd, highest=1)
    rates = tonnes_ha * first * second / YEARS
    central = tonnes_ha * carbon.value * lasting.value / YEARS
    return shaker.spread(rates, central), (carbon, lasting)


def once(tonnes_ha: float, feedstock: str, temperature: str) -> float:
    """Return the carbon of spread biochar that lasts a hundred years [tC/ha], added once.

    Raises
    ------
    SoilRefused
        As `project`.
    """
    carbon, lasting = _figures(tonnes_ha, feedstock, temperature)
    return tonnes_ha * carbon.value * lasting.value


def _figures(tonnes_ha: float, feedstock: str, temperature: str) -> tuple[Factor, Factor]:
    amount("biochar [t/ha]", tonnes_ha, MOST_T_HA)
    if feedstock not in FEEDSTOCKS:
        raise SoilRefused("feedstock_unknown", feedstock=feedstock)
    if temperature not in TEMPERATURES:
        raise SoilRefused("temperature_unknown", temperature=temperature)
    return (
        _factor(f"f_c:{feedstock}", *FEEDSTOCKS[feedstock]),
        _factor(f"f_perm:{temperature}", *TEMPERATURES[temperature]),
    )


def _factor(name: str, value: float, percent: float) -> Factor:
    return Factor(name, value, value * percent / 100 / _Z95, "1", SOURCE)
