"""What does a method's own page say: formula, factors, sources, oddities, checks?

Everything here is taken from the constants the method computes with, so that a page can only say
what the code does. The written pages ``docs/method-*.md`` and the pages of the site show the same
content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calculators.flight.methods.figures import MethodInfo
    from calculators.flight.validation import Check
    from calculators.sources import Source


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """One line of a formula: a stable name, the rule in symbols, and what it means in English."""

    id: str
    formula: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PaperFactor:
    """One number of a method.

    Attributes
    ----------
    name : str
        Stable name.
    of : str
        For which case it holds, such as "long, economy"; "" for all.
    value : float
        The number.
    unit : str
        Its unit; "1" for a ratio.
    source : Source
        Where it was published.
    """

    name: str
    of: str
    value: float
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class Oddity:
    """What surprises a reader of the method: a stable code and an English sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class MethodPaper:
    """The content of one method's page.

    Attributes
    ----------
    info : MethodInfo
        Name, year, boundary, non-CO2, rounding, licence, jumps.
    formula : tuple[FormulaLine, ...]
        The computation, line by line.
    factors : tuple[PaperFactor, ...]
        Every number in it; the fuel table, seats and airports are named by their source alone.
    sources : tuple[Source, ...]
        The publications behind the factors and tables, each once.
    oddities : tuple[Oddity, ...]
        What a reader should know.
    checks : tuple[Check, ...]
        Its rows of the validation report.
    """

    info: MethodInfo
    formula: tuple[FormulaLine, ...]
    factors: tuple[PaperFactor, ...]
    sources: tuple[Source, ...]
    oddities: tuple[Oddity, ...]
    checks: tuple[Check, ...]
