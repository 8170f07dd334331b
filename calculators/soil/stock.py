"""How much carbon does a soil hold, and what would 4 per mille of it be?"""

from fractions import Fraction
from typing import Final

from calculators.soil.refusals import SoilRefused

# Molar masses of CO2 and C, as an exact fraction: 3.67 and 3.664 drift in sums.
CO2_PER_C: Final = Fraction(44, 12)
FOUR_PER_MILLE: Final = Fraction(4, 1000)


def stock_tc_ha(
    carbon_percent: float,
    bulk_density: float,
    depth_cm: float,
    coarse_fragments: float = 0.0,
    *,
    fine_earth_per_volume: bool = False,
) -> float:
    """Return the organic carbon stock of a layer [tC/ha].

    Parameters
    ----------
    carbon_percent
        Organic carbon of the fine earth [% of mass].
    bulk_density
        Bulk density [g/cm³].
    depth_cm
        Thickness of the layer [cm].
    coarse_fragments
        Volume share of stones [1], at least 0, below 1.
    fine_earth_per_volume
        Whether the density already is fine earth per total volume; then stones are in it and
        must not be taken off a second time.

    Raises
    ------
    SoilRefused
        ``value_impossible`` for a negative value or a share of stones of 1 or more.
    """
    if min(carbon_percent, bulk_density, depth_cm, coarse_fragments) < 0 or coarse_fragments >= 1:
        raise SoilRefused("value_impossible")
    stones = 0.0 if fine_earth_per_volume else coarse_fragments
    return carbon_percent * bulk_density * depth_cm * (1 - stones)


def to_co2(carbon: float) -> float:
    """Convert carbon to carbon dioxide: tC to tCO2, by 44/12."""
    return carbon * 44 / 12


def four_per_mille(stock: float) -> float:
    """Return 4 per mille of a stock [tC/ha/yr]: context beside a rate, never a pass mark.

    Source: https://4p1000.org, page "What is the 4 per 1000 Initiative".
    """
    return stock * 4 / 1000
