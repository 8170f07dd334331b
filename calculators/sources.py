"""Where does a number come from, and of what kind is it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Category = Literal["primary", "modelled", "default"]
"""Data categories in the sense of ISO 14083: given, computed by a model, or assumed."""

CATEGORIES: Final[tuple[Category, ...]] = ("primary", "modelled", "default")


@dataclass(frozen=True, slots=True)
class Factor:
    """One number that went into a result.

    Attributes
    ----------
    factor : str
        Stable name of what the number is.
    value : float | str
        The number, or a short list of numbers written out.
    unit : str
        Its unit; "1" for a ratio.
    source : str
        Title of the source.
    version : str
        Version or year of the source.
    category : Category
        Given, modelled or assumed.
    """

    factor: str
    value: float | str
    unit: str
    source: str
    version: str
    category: Category

    def as_json(self) -> dict[str, float | str]:
        """Return the factor as plain values, keys in their fixed order."""
        return {
            "factor": self.factor,
            "value": self.value,
            "unit": self.unit,
            "source": self.source,
            "version": self.version,
            "category": self.category,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that numbers are taken from.

    Attributes
    ----------
    id : str
        Short stable name.
    title, version, licence, url : str
        What is cited, in which version or year, under which licence, and where it is found.
    """

    id: str
    title: str
    version: str
    licence: str
    url: str

    def factor(
        self,
        name: str,
        value: float | str,
        unit: str,
        category: Category = "default",
        version: str = "",
    ) -> Factor:
        """Return a number of this publication as a line of provenance."""
        return Factor(name, value, unit, self.title, version or self.version, category)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic on the way to a result.

    Attributes
    ----------
    id : str
        Stable name of the step.
    formula : str
        The rule in symbols.
    numbers : str
        The same rule with its numbers.
    value : float
        What it gives.
    unit : str
        In which unit.
    """

    id: str
    formula: str
    numbers: str
    value: float
    unit: str

    def as_json(self) -> dict[str, float | str]:
        """Return the step as plain values, keys in their fixed order."""
        return {
            "id": self.id,
            "formula": self.formula,
            "numbers": self.numbers,
            "value": self.value,
            "unit": self.unit,
        }
