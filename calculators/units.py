"""How is one unit written in another?"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

KM_PER_NM: Final = 1.852
"""Kilometres in a nautical mile, by definition (BIPM SI brochure, 9th edition, 2019)."""

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean earth radius [km] (IUGG, GRS80 value R1; Moritz 2000, doi 10.1007/s001900050278)."""

GRAMS_PER_KG: Final = 1000
METRES_PER_KM: Final = 1000


def km_to_nm(km: float) -> float:
    """Return nautical miles for kilometres."""
    return km / KM_PER_NM


def nm_to_km(nm: float) -> float:
    """Return kilometres for nautical miles."""
    return nm * KM_PER_NM


def grams(kg: float) -> int:
    """Return a mass [kg] in whole grams, halves to even."""
    return round(kg * GRAMS_PER_KG)


def kilograms(whole_grams: int) -> float:
    """Return whole grams as kilograms."""
    return whole_grams / GRAMS_PER_KG


def half_up(value: Decimal, digits: int = 0) -> Decimal:
    """Return a decimal rounded half up, as published worked examples round."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
