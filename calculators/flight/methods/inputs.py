"""How is what a question brings with it listed among the numbers of a figure?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calculators.sources import Factor

if TYPE_CHECKING:
    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides


def given(name: str, value: float | str, unit: str) -> Factor:
    """Return a number that came with the question as a line of provenance."""
    return Factor(name, value, unit, "Given with the question", "as given", "primary")


def great_circle(km: float, data: Dataset, overrides: Overrides | None) -> Factor:
    """Return the distance between the two ends as a line of provenance."""
    if overrides and overrides.great_circle_km is not None:
        return given("great_circle", round(km, 3), "km")
    return data.sources["geo"].factor("great_circle", round(km, 3), "km", "modelled")
