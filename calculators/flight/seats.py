"""How many economy seats does a cabin layout amount to, and how many does each seat count for?"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from calculators.errors import InvalidOverride, UnknownCabin

if TYPE_CHECKING:
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import AircraftType, Body

Cabin = Literal["economy", "premium", "business", "first"]

CABINS: Final[tuple[Cabin, ...]] = ("economy", "premium", "business", "first")
"""Every cabin, from the smallest seat to the largest."""

PREMIUM_FROM: Final = 1
"""Index of the first cabin above economy in `CABINS`."""


def cabin_number(word: str) -> int:
    """Return the index of a cabin word in `CABINS`.

    Raises
    ------
    UnknownCabin
        When it is not exactly one of the four words, case apart.
    """
    folded = word.strip().lower()
    for number, cabin in enumerate(CABINS):
        if folded == cabin:
            return number
    near = difflib.get_close_matches(folded, CABINS, cutoff=0.4) or CABINS
    raise UnknownCabin({"given": word}, tuple(near))


@dataclass(frozen=True, slots=True)
class SeatMap:
    """Seats of each cabin of one aircraft.

    Raises
    ------
    InvalidOverride
        When a number is negative or all are zero.
    """

    economy: int
    premium: int = 0
    business: int = 0
    first: int = 0

    def __post_init__(self) -> None:
        if min(self.counts) < 0 or self.total == 0:
            raise InvalidOverride(
                {"name": "seats", "rule": "none negative and not all zero", "given": str(self)}
            )

    def __str__(self) -> str:
        return f"Y{self.economy} W{self.premium} J{self.business} F{self.first}"

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Seats in the order of `CABINS`."""
        return self.economy, self.premium, self.business, self.first

    @property
    def total(self) -> int:
        """All seats."""
        return sum(self.counts)


@functools.cache
def _cabin_rows(data: Dataset) -> dict[tuple[str, str], tuple[float, float]]:
    return {
        (row["body"], row["cabin"]): (float(row["seat_share"]), float(row["weight"]))
        for row in data.rows("cabins")
    }


def weights(body: Body, data: Dataset) -> tuple[float, float, float, float]:
    """Return what a seat of each cabin counts for, in economy seats (IATA RP 1726)."""
    rows = _cabin_rows(data)
    economy, premium, business, first = (rows[body, cabin][1] for cabin in CABINS)
    return economy, premium, business, first


@functools.cache
def default_seats(kind: AircraftType, data: Dataset) -> SeatMap:
    """Return the operator's own seat map, else the type's seats split by share, rest economy."""
    if kind.icao in data.seat_maps:
        return data.seat_maps[kind.icao]
    rows = _cabin_rows(data)
    premium, business, first = (
        round(kind.seats * rows[kind.body, cabin][0]) for cabin in CABINS[PREMIUM_FROM:]
    )
    return SeatMap(kind.seats - premium - business - first, premium, business, first)


def equivalent_capacity(seats: SeatMap, weight: tuple[float, float, float, float]) -> float:
    """Return the number of economy seats a layout amounts to."""
    return sum(count * w for count, w in zip(seats.counts, weight, strict=True))
