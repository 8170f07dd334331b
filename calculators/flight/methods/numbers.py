"""How is a number written in a line of arithmetic?"""

from __future__ import annotations

import numpy as np

from calculators.sources import Step
from calculators.units import GRAMS_PER_KG

DIGITS = 8
"""Significant digits of a computed number in a line of arithmetic: enough for the gram."""


def show(value: float, digits: int = 4) -> str:
    """Return a number without trailing zeros, a point as decimal mark, no grouping."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def precise(value: float) -> str:
    """Return a computed number with `DIGITS` significant digits, never with an exponent."""
    text = f"{value:.{DIGITS}g}"
    if "e" in text:
        return np.format_float_positional(value, precision=DIGITS, fractional=False, trim="-")
    return text


def step(id: str, formula: str, numbers: str, value: float, unit: str) -> Step:  # noqa: A002 - the public name of the field
    """Return a step whose value is rounded to a millionth of its unit."""
    return Step(id, formula, numbers, round(float(value), 6), unit)


def whole_grams(kilograms: float) -> float:
    """Return a mass in whole grams [kg], halves to even, as answers hold their parts."""
    return float(np.rint(kilograms * GRAMS_PER_KG)) / GRAMS_PER_KG


def by_distance(
    km: float, factors: list[tuple[str, float]], *, split: bool = False
) -> tuple[Step, ...]:
    """Return the arithmetic of factors per kilometre, and their sum where there are several.

    Parameters
    ----------
    km : float
        Distance [km].
    factors : list of (str, float)
        Name and factor of each part.
    split : bool
        The answer holds the parts too: each in whole grams, their sum is the answer.
    """
    parts = [whole_grams(km * value) if split else km * value for _, value in factors]
    lines = [
        step(name, "d × factor", f"{show(km, 3)} × {show(value, 5)}", part, "kg CO2e")
        for (name, value), part in zip(factors, parts, strict=True)
    ]
    if len(factors) > 1:
        told = " + ".join(precise(part) for part in parts)
        lines.append(step("total", "Σ", told, sum(parts), "kg CO2e"))
    return tuple(lines)
