"""How is a number written in a line of arithmetic?"""

from __future__ import annotations

from calculators.sources import Step


def show(value: float, digits: int = 4) -> str:
    """Return a number without trailing zeros, a point as decimal mark, no grouping."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def step(id: str, formula: str, numbers: str, value: float, unit: str) -> Step:  # noqa: A002 - the public name of the field
    """Return a step whose value is rounded to a millionth of its unit."""
    return Step(id, formula, numbers, round(float(value), 6), unit)
