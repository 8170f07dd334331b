"""How much of an everyday thing emits as much as a flight?

A comparison for the size of the number, with a sum that a reader can redo: kilograms divided by one
published factor. It says nothing about what anybody should do, and it changes nothing about the
flight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from calculators.flight.alternatives import ground_factors
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.methods.numbers import show, step

if TYPE_CHECKING:
    from calculators.sources import Factor, Step

_THINGS: Final = (
    ("car_km", ("car", "*", "*"), "km"),
    ("heated_square_metres", ("heating", "FR", "FR"), "m² and year"),
)
"""Id, key of the factor, and unit of each thing."""

NAMES: Final = {
    "car_km": "kilometres driven in an average British car, whoever sits in it",
    "heated_square_metres": "square metres of a French home heated by gas for a year",
}
"""What each thing is, in plain English."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """So much of a thing emits as much.

    Attributes
    ----------
    id : str
        One of `NAMES`.
    amount : int
        How much of it, rounded.
    unit : str
        In which unit.
    factors : tuple[Factor, ...]
        The published numbers, with their source.
    step : Step
        The sum with its numbers.
    """

    id: str
    amount: int
    unit: str
    factors: tuple[Factor, ...]
    step: Step

    def as_json(self) -> dict[str, object]:
        """Return the equivalent as plain values."""
        return {
            "id": self.id,
            "name": NAMES[self.id],
            "amount": self.amount,
            "unit": self.unit,
            "factors": [factor.as_json() for factor in self.factors],
            "step": self.step.as_json(),
        }


def equivalents(co2e_kg: float, dataset: str | None = None) -> tuple[Equivalent, ...]:
    """Return everyday things that emit as much.

    Parameters
    ----------
    co2e_kg : float
        A figure [kg CO2e].
    dataset : str, optional
        Id of a data set; the latest when absent.

    Raises
    ------
    UnknownDataset
        When this release holds no such data set.
    """
    known = ground_factors(open_dataset(dataset))
    found = []
    for name, key, unit in _THINGS:
        factor = known[key]
        amount = co2e_kg / factor.total
        line = step(name, "figure ÷ factor", f"{show(co2e_kg, 3)} ÷ {factor.told()}", amount, unit)
        found.append(Equivalent(name, round(amount), unit, factor.factors(), line))
    return tuple(found)
