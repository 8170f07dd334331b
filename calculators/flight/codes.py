"""Which number stands for an airport, a cabin or an aircraft in a column of codes?

A batch computes with whole numbers; texts become numbers once, at its edge. A text that names
nothing is `UNKNOWN`, an absent one `MISSING`: both are numbers too, so that a bad row is a row.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from calculators.flight import airports
from calculators.flight.fuel import MIX, known_aircraft
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from calculators.flight.airports import Place
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft

    Texts: TypeAlias = Sequence[str | None] | NDArray[np.str_] | NDArray[np.bytes_]
    Indices: TypeAlias = NDArray[np.intp]

UNKNOWN: Final = -1
"""Stands for a text that names nothing."""

MISSING: Final = -2
"""Stands for an empty text, or none."""


@functools.cache
def places(data: Dataset) -> tuple[Place, ...]:
    """Return every airport and city of a data set, in the order of their numbers."""
    return tuple(airports.by_code(data).values())


@functools.cache
def aircraft(data: Dataset) -> tuple[Aircraft | None, ...]:
    """Return every aircraft in the order of their numbers; the fleet mix is number 0."""
    return None, *known_aircraft(data).values()


@functools.cache
def _place_numbers(data: Dataset) -> dict[str, int]:
    return {place.code: number for number, place in enumerate(places(data))}


@functools.cache
def _aircraft_numbers(data: Dataset) -> dict[str, int]:
    numbers = {code: number for number, code in enumerate(known_aircraft(data), start=1)}
    return numbers | {MIX.upper(): 0, "": 0}


_CABIN_NUMBERS: Final = {cabin.upper(): number for number, cabin in enumerate(CABINS)}


def _numbers(values: Texts, known: Mapping[str, int]) -> Indices:
    """Return the number of each text, whatever its case and the space around it."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    found: dict[str | bytes | None, int] = {None: MISSING}
    for text in set(listed) - {None}:
        plain = text.decode("latin-1") if isinstance(text, bytes) else str(text)
        key = plain.strip().upper()
        found[text] = known.get(key, UNKNOWN if key else MISSING)
    return np.array([found[text] for text in listed], dtype=np.intp)


def place_numbers(codes: Texts, data: Dataset) -> Indices:
    """Return the number of each IATA code of an airport or city, shape (n,)."""
    return _numbers(codes, _place_numbers(data))


def cabin_numbers(words: Texts) -> Indices:
    """Return the number of each cabin word, shape (n,); nothing is economy."""
    numbers = _numbers(words, _CABIN_NUMBERS)
    return np.where(numbers == MISSING, 0, numbers)


def aircraft_numbers(codes: Texts, data: Dataset) -> Indices:
    """Return the number of each IATA or ICAO type code, shape (n,); nothing is the fleet mix."""
    numbers = _numbers(codes, _aircraft_numbers(data))
    return np.where(numbers == MISSING, 0, numbers)
