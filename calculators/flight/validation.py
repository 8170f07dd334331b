"""How far are our figures from the published ones?

The comparison itself is made by ``make validate``, from the published values that the tests hold;
it writes ``data/validation.json``, which this module reads, and ``docs/validation.md``. A test
makes both again and compares.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Final, Literal

from calculators.flight.datasets import DATA_FOLDER

Verdict = Literal["exact", "within", "outside", "listed", "not applicable"]
"""Equal to the printed digits; within or outside a limit; listed without one; or not comparable."""

VERDICTS: Final[tuple[Verdict, ...]] = ("exact", "within", "outside", "listed", "not applicable")

FILE: Final = DATA_FOLDER / "validation.json"


@dataclass(frozen=True, slots=True)
class Check:
    """One published value beside ours.

    Attributes
    ----------
    id : str
        Row of the published values; a sum of two rows is written "A + B".
    group : str
        Id of its group.
    method : str
        Method id that answered; "fuel", "contrails" or "" where no method did.
    asked : str
        What was compared, in short words.
    published : float
        The published value.
    ours : float or None
        Our figure; None where it is not comparable.
    unit : str
        Unit of both.
    difference : float or None
        ours / published - 1.
    limit : float or None
        Largest difference allowed, where the project set itself one.
    verdict : Verdict
        How it ended.
    reason : str
        Code in `REASONS` of why there is no limit or no comparison; "" otherwise.
    source : str
        Where the value was published.
    """

    id: str
    group: str
    method: str
    asked: str
    published: float
    ours: float | None
    unit: str
    difference: float | None
    limit: float | None
    verdict: Verdict
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """The published values of one publisher.

    Attributes
    ----------
    id, title, licence : str
        Id, publisher and terms.
    checks : tuple[Check, ...]
        Its rows in their order.
    """

    id: str
    title: str
    licence: str
    checks: tuple[Check, ...]

    def count(self, verdict: Verdict) -> int:
        """Return how many rows ended so."""
        return sum(check.verdict == verdict for check in self.checks)

    @property
    def largest_difference(self) -> float | None:
        """Largest difference without its sign, of rows that are compared at all."""
        found = [abs(check.difference) for check in self.checks if check.difference is not None]
        return max(found, default=None)


@dataclass(frozen=True, slots=True)
class Statement:
    """A comparison published elsewhere or made once, that is quoted as figures.

    Attributes
    ----------
    code, text : str
        Stable code and an English sentence.
    source : str
        What it was compared with.
    """

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every published value beside ours, and where we know ourselves to be worse.

    Attributes
    ----------
    dataset : str
        Data set the figures were computed from.
    groups : tuple[Group, ...]
        Published values by publisher.
    statements : tuple[Statement, ...]
        Comparisons in words, the weak ones among them.
    reasons : dict[str, str]
        English sentence of every reason code.
    """

    dataset: str
    groups: tuple[Group, ...]
    statements: tuple[Statement, ...]
    reasons: dict[str, str]

    @property
    def checks(self) -> tuple[Check, ...]:
        """All rows."""
        return tuple(check for group in self.groups for check in group.checks)

    def count(self, verdict: Verdict) -> int:
        """Return how many rows ended so."""
        return sum(group.count(verdict) for group in self.groups)

    def of_method(self, method_id: str) -> tuple[Check, ...]:
        """Return the rows that a method answered."""
        return tuple(check for check in self.checks if check.method == method_id)


@functools.cache
def report() -> Report:
    """Return the committed comparison."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    groups = tuple(
        Group(
            group["id"],
            group["title"],
            group["licence"],
            tuple(Check(**check) for check in group["checks"]),
        )
        for group in stored["groups"]
    )
    statements = tuple(Statement(**one) for one in stored["statements"])
    return Report(stored["dataset"], groups, statements, stored["reasons"])
