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
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from calculators.errors import UnknownDataset
from calculators.sources import Category, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from calculators.flight.seats import SeatMap
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


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Flown per great-circle distance, by directed pairs of airports and of countries.

    Attributes
    ----------
    airports, countries : Mapping[tuple[str, str], float]
        Ratio [1] by origin and destination.
    """

    airports: Mapping[tuple[str, str], float]
    countries: Mapping[tuple[str, str], float]

    def factor(self, airports: tuple[str, str], countries: tuple[str, str]) -> float:
        """Return the ratio of one leg: of its airports, else its countries, else not a number."""
        found = self.airports.get(airports)
        return self.countries.get(countries, float("nan")) if found is None else found

    def factors(
        self, origin: list[str], destination: list[str], start: list[str], end: list[str]
    ) -> NDArray[np.float64]:
        """Return the ratio of each leg, shape (n,), NaN where none is known.

        Parameters
        ----------
        origin, destination : list[str]
            IATA codes of the airports.
        start, end : list[str]
            ISO 3166 two-letter codes of their countries.
        """
        legs = zip(origin, destination, start, end, strict=True)
        return np.array([self.factor((a, b), (c, d)) for a, b, c, d in legs], dtype=np.float64)


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
        self.pairs: Pairs | None = None
        self.seat_maps: Mapping[str, SeatMap] = {}

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


_REGISTERED: Final[dict[str, Dataset]] = {}

AnyDataset = TypeVar("AnyDataset", bound=Dataset)


def register(data: AnyDataset) -> AnyDataset:
    """Make a data set known to this process by its id, and return it."""
    _REGISTERED[data.id] = data
    return data


def dataset(id: str | None = None) -> Dataset:  # noqa: A002 - the public name of the field
    """Return a data set, the latest when none is named.

    Raises
    ------
    UnknownDataset
        When this release holds no data set of that id.
    """
    chosen = LATEST if id is None else id
    if chosen in _REGISTERED:
        return _REGISTERED[chosen]
    if chosen not in DATASET_IDS:
        near = tuple(difflib.get_close_matches(chosen, DATASET_IDS, cutoff=0.3))
        raise UnknownDataset({"given": chosen}, near)
    return _open(chosen)
