"""Which dated data set is a result computed from, and what does it hold?

A data set is a folder of tables that never changes once released. Every estimate names its data
set, so that a later release gives the same figures from the same question.
"""

from __future__ import annotations

import csv
import difflib
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calculators.errors import UnknownDataset
from calculators.sources import Category, Source

if TYPE_CHECKING:
    from calculators.sources import Factor

DATA_FOLDER: Final = Path(__file__).parent / "data"

DATASET_IDS: Final[tuple[str, ...]] = ("2026.1",)
"""Every released data set, oldest first."""

LATEST: Final = DATASET_IDS[-1]
"""The data set a new estimate uses."""

_CATEGORIES: Final[dict[str, Category]] = {
    "primary": "primary",
    "modelled": "modelled",
    "default": "default",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One constant of a data set, with its unit and source."""

    name: str
    value: float
    unit: str
    source: Source
    category: Category

    def factor(self) -> Factor:
        """Return the constant as a line of provenance."""
        return self.source.factor(self.name, self.value, self.unit, self.category)


class Dataset:
    """The tables of one data set, each read when it is first needed.

    Parameters
    ----------
    id : str
        One of `DATASET_IDS`; use :func:`dataset` to obtain one.
    """

    def __init__(self, id: str) -> None:  # noqa: A002 - the word is the public name of the field
        self.id = id
        self.folder = DATA_FOLDER / id

    def rows(self, table: str) -> list[dict[str, str]]:
        """Return the rows of one table, by its name without ending."""
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            header = next(lines)
            return [dict(zip(header, line, strict=True)) for line in lines]

    @functools.cached_property
    def sources(self) -> dict[str, Source]:
        """The publications the data set cites, by id."""
        return {row["id"]: Source(**row) for row in self.rows("sources")}

    @functools.cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The constants of the data set, by name."""
        return {
            row["name"]: Parameter(
                row["name"],
                float(row["value"]),
                row["unit"],
                self.sources[row["source"]],
                _CATEGORIES[row["category"]],
            )
            for row in self.rows("parameters")
        }

    def value(self, name: str) -> float:
        """Return the value of one constant."""
        return self.parameters[name].value


@functools.cache
def _open(id: str) -> Dataset:  # noqa: A002 - the public name of the field
    return Dataset(id)


def dataset(id: str | None = None) -> Dataset:  # noqa: A002 - the public name of the field
    """Return a data set, the latest when none is named.

    Raises
    ------
    UnknownDataset
        When this release holds no data set of that id.
    """
    chosen = LATEST if id is None else id
    if chosen not in DATASET_IDS:
        near = tuple(difflib.get_close_matches(chosen, DATASET_IDS, cutoff=0.3))
        raise UnknownDataset({"given": chosen}, near)
    return _open(chosen)
