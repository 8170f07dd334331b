"""How much carbon does a soil hold, and what would 4 per mille of it be?

::

    tC/ha = SOC [%] × bulk density [g/cm³] × depth [cm] × (1 − coarse fragments)
"""

from fractions import Fraction
from typing import Final

from calculators.soil.refusals import SoilRefused, within

# Molar masses of CO2 and C, as an exact fraction: 3.67 and 3.664 drift in sums.
CO2_PER_C: Final = Fraction(44, 12)
FOUR_PER_MILLE: Final = Fraction(4, 1000)

WHOLE_SOIL: Final = "whole_soil"
FINE_EARTH: Final = "fine_earth"
BASES: Final = (WHOLE_SOIL, FINE_EARTH)
"""What a bulk density is the mass of: everything in the core, or its fine earth alone; in both
cases per volume of the whole core."""

DENSEST: Final = 2.65
"""Density of quartz [g/cm³]: no soil is denser than the grains it is made of."""
DEEPEST_CM: Final = 1000.0
"""A depth beyond which a number is a slip [cm]."""
WIDEST_HA: Final = 1.5e10
"""Land of the whole Earth [ha]: a larger area is a slip."""
RICHEST_TC_HA: Final = 300_000.0
"""Pure carbon as dense as quartz down to `DEEPEST_CM` is less: a larger stock is a slip [tC/ha]."""
ORGANIC_ABOVE_PERCENT: Final = 20.0
"""Organic carbon above which a soil is organic whatever its clay and water [% of mass].

IPCC 2006 Guidelines, Vol. 4, Chapter 3, Annex 3A.5 (definition of FAO); unverified.
"""


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
    carbon_percent : float
        Organic carbon of the fine earth [% of mass], 0 to 100.
    bulk_density : float
        Bulk density [g/cm³], above 0, at most `DENSEST`.
    depth_cm : float
        Thickness of the layer [cm], above 0, at most `DEEPEST_CM`.
    coarse_fragments : float
        Volume share of stones [1], at least 0, below 1.
    fine_earth_per_volume : bool
        Whether the density already is fine earth per total volume; then stones are in it and
        must not be taken off a second time.

    Returns
    -------
    float
        Stock [tC/ha]: % × g/cm³ × cm is t/ha.

    Raises
    ------
    Impossible
        ``value_impossible`` with the name of the figure, its rule and its value.
    """
    within("organic carbon [%]", carbon_percent, most=100)
    density = fine_earth_density(
        bulk_density, FINE_EARTH if fine_earth_per_volume else WHOLE_SOIL, coarse_fragments
    )
    within("depth [cm]", depth_cm, above=True, most=DEEPEST_CM)
    return carbon_percent * density * depth_cm


def fine_earth_density(bulk_density: float, basis: str, coarse_fragments: float = 0.0) -> float:
    """Return the mass of fine earth per total volume [g/cm³].

    Parameters
    ----------
    bulk_density : float
        As measured [g/cm³].
    basis : str
        One of `BASES`.
    coarse_fragments : float
        Volume share of stones [1]; used with `WHOLE_SOIL` alone.

    Raises
    ------
    SoilRefused
        ``word_unknown`` for a basis that does not exist; ``value_impossible``.
    """
    if basis not in BASES:
        raise SoilRefused(
            "word_unknown", column="density basis", known=" or ".join(BASES), given=basis
        )
    within("bulk density [g/cm³]", bulk_density, above=True, most=DENSEST)
    within("coarse fragments [share of volume]", coarse_fragments, most=1, below=True)
    return bulk_density * (1 - coarse_fragments) if basis == WHOLE_SOIL else bulk_density


def to_co2(carbon: float) -> float:
    """Convert carbon to carbon dioxide: tC to tCO2, by 44/12."""
    return carbon * 44 / 12


def four_per_mille(stock: float) -> float:
    """Return 4 per mille of a stock [tC/ha/yr]: context beside a rate, never a pass mark.

    Source: https://4p1000.org, page "What is the 4 per 1000 Initiative".
    """
    return stock * 4 / 1000


def per_mille(yearly: float, stock: float) -> float:
    """Return a yearly change as a share of the stock [‰/yr]; both in the same unit of carbon.

    Raises
    ------
    Impossible
        ``value_impossible`` for a stock of nothing.
    """
    return yearly / within("stock", stock, above=True) * 1000
