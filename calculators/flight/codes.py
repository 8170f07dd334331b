"""Which number stands for an airport, a cabin or an aircraft in a column of codes?

A batch computes with whole numbers; texts become numbers once, at its edge. A text that names
nothing is `UNKNOWN`, an absent one `MISSING`: both are numbers too, so that a bad row is a row.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from calculators.flight import airports
from calculators.flight.distance import between_km, unit_vectors
from calculators.flight.fuel import MIX, known_aircraft
from calculators.flight.methods import private_jet
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from calculators.flight.airports import Place
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft

    Texts: TypeAlias = Sequence[str | None] | NDArray[np.str_] | NDArray[np.bytes_]
    Indices: TypeAlias = NDArray[np.intp]
    Floats: TypeAlias = NDArray[np.float64]

UNKNOWN: Final = -1
"""Stands for a text that names nothing."""

MISSING: Final = -2
"""Stands for an empty text, or none."""

# Letters in either case are 1 to 26, digits 27 to 36, everything else is 0 and read slowly.
_BASE: Final = 37
_DIGIT_OF: Final = np.zeros(256, dtype=np.uint8)
_DIGIT_OF[ord("A") : ord("Z") + 1] = _DIGIT_OF[ord("a") : ord("z") + 1] = np.arange(1, 27)
_DIGIT_OF[ord("0") : ord("9") + 1] = np.arange(27, 37)

_PLACE_LETTERS, _AIRCRAFT_LETTERS = 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Every airport and city of a data set, in the order of their numbers.

    Each array ends with one entry more, which `MISSING` and `UNKNOWN` lead to.

    Attributes
    ----------
    known : tuple[Place, ...]
        The places.
    number : dict[str, int]
        Their numbers by code.
    vectors : ndarray, shape (3, n + 1)
        Points on the unit sphere.
    country : ndarray of str, shape (n + 1,)
        ISO 3166 two-letter codes.
    main : ndarray of int, shape (n + 1,)
        Number of the airport that a place is computed from.
    main_code : ndarray of str, shape (n + 1,)
        Its IATA code.
    """

    known: tuple[Place, ...]
    number: dict[str, int]
    vectors: Floats
    country: NDArray[np.str_]
    main: Indices
    main_code: NDArray[np.str_]

    def between_km(self, origin: Indices, destination: Indices) -> Floats:
        """Return great-circle distances between places by their numbers [km], shape (n,)."""
        return between_km(
            self.vectors.take(origin, axis=1, mode="clip"),
            self.vectors.take(destination, axis=1, mode="clip"),
        )


@functools.cache
def places(data: Dataset) -> Places:
    """Return every airport and city of a data set."""
    known = tuple(airports.by_code(data).values())
    number = {place.code: index for index, place in enumerate(known)}
    points = np.array([(place.latitude, place.longitude) for place in known] + [(0.0, 0.0)])
    return Places(
        known,
        number,
        np.ascontiguousarray(unit_vectors(points)),
        np.array([place.country for place in known] + [""]),
        np.array([number[place.main_airport] for place in known] + [UNKNOWN]),
        np.array([place.main_airport for place in known] + [""]),
    )


@functools.cache
def aircraft(data: Dataset) -> tuple[Aircraft | None, ...]:
    """Return every aircraft in the order of their numbers: the fleet mix, types, private jets."""
    jets = (private_jet.find_aircraft(model, data) for model in private_jet.jets(data))
    return None, *known_aircraft(data).values(), *jets


@functools.cache
def _jet_numbers(data: Dataset) -> dict[str, int]:
    first = 1 + len(known_aircraft(data))
    models = enumerate(private_jet.jets(data), start=first)
    return {private_jet.folded(model): number for number, model in models}


@functools.cache
def _type_numbers(data: Dataset) -> dict[str, int]:
    return {MIX.upper(): 0} | {code: at for at, code in enumerate(known_aircraft(data), start=1)}


@functools.cache
def of_method(method_id: str, data: Dataset) -> Indices:
    """Return the number by which a method knows each aircraft, `UNKNOWN` where it does not.

    A private jet is known to its own method only, and an airliner to the others only.
    """
    types, jets = _type_numbers(data), _jet_numbers(data)
    if method_id != private_jet.METHOD_ID:
        return np.array([*range(len(types)), *[UNKNOWN] * len(jets)])
    # A code may be that of a type and the name of a jet.
    meant = (jets.get(private_jet.folded(code), UNKNOWN) for code in known_aircraft(data))
    return np.array([0, *meant, *jets.values()])


_CABIN_NUMBERS: Final = {cabin.upper(): number for number, cabin in enumerate(CABINS)}


@functools.cache
def _place_table(data: Dataset) -> NDArray[np.int16]:
    return _table(places(data).number, _PLACE_LETTERS)


@functools.cache
def _aircraft_table(data: Dataset) -> NDArray[np.int16]:
    # Where a type and a jet share a code the type comes last and stays.
    return _table({**_jet_numbers(data), **_type_numbers(data)}, _AIRCRAFT_LETTERS)


def _table(numbers: dict[str, int], letters: int) -> NDArray[np.int16]:
    """Return the number of every text of so many letters and digits, by its value in base 37."""
    table = np.full(_BASE**letters, UNKNOWN, dtype=np.int16)
    table[0] = MISSING
    short = [code for code in numbers if len(code) <= letters and code.isalnum()]
    values, _ = _values(np.array(short), letters)
    table[values] = [numbers[code] for code in short]
    return table


def _values(
    texts: NDArray[np.str_] | NDArray[np.bytes_], letters: int
) -> tuple[Indices, NDArray[np.bool_]]:
    """Return texts as numbers in base 37, and where they hold anything else, shape (n,)."""
    unit = np.dtype(np.uint8 if texts.dtype.kind == "S" else np.uint32)
    width = texts.dtype.itemsize // unit.itemsize
    units = np.ascontiguousarray(texts).view(unit).reshape(len(texts), width)
    value = np.zeros(len(texts), dtype=np.intp)
    odd: NDArray[np.bool_] = np.asarray(units[:, letters:].any(axis=1))
    for place in range(letters):
        value *= _BASE
        if place < width:
            letter = units[:, place]
            digit = _DIGIT_OF.take(letter, mode="clip")  # the last entry, 255, is no letter
            odd |= (digit == 0) & (letter != 0)
            value += digit
    return value, odd


def _quickly(
    texts: NDArray[np.str_] | NDArray[np.bytes_],
    table: NDArray[np.int16],
    letters: int,
    number_of: Callable[[str], int],
) -> Indices:
    value, odd = _values(texts, letters)
    numbers = table.take(value).astype(np.intp)
    rows = np.flatnonzero(odd)
    if len(rows):
        numbers[rows] = _slowly(_listed(texts[rows]), number_of)
    return numbers


def _slowly(texts: Sequence[str | None], number_of: Callable[[str], int]) -> Indices:
    """Return the number of each text; each different one is looked up once."""
    found = {text: number_of(text.strip()) if text else MISSING for text in set(texts)}
    return np.fromiter(map(found.__getitem__, texts), dtype=np.intp, count=len(texts))


def _listed(values: Texts) -> Sequence[str | None]:
    if not isinstance(values, np.ndarray):
        return values
    if values.dtype.kind == "S":
        return [text.decode("latin-1") for text in values.tolist()]
    return list(values.tolist())


def place_numbers(codes: Texts, data: Dataset) -> Indices:
    """Return the number of each code, IATA of an airport or city or ICAO, shape (n,).

    Case and space around a code do not matter.
    """
    known, icao = places(data).number, airports.by_icao(data)

    def number_of(text: str) -> int:
        code = text.upper()
        return known.get(icao.get(code, code), UNKNOWN) if text else MISSING

    if isinstance(codes, np.ndarray) and codes.dtype.kind in "SU":
        return _quickly(codes, _place_table(data), _PLACE_LETTERS, number_of)
    return _slowly(_listed(codes), number_of)


def cabin_numbers(words: Texts) -> Indices:
    """Return the number of each cabin word, shape (n,); nothing is economy."""

    def number_of(text: str) -> int:
        return _CABIN_NUMBERS.get(text.upper(), UNKNOWN) if text else 0

    if not (isinstance(words, np.ndarray) and words.dtype.kind in "SU"):
        numbers = _slowly(_listed(words), number_of)
        return np.where(numbers == MISSING, 0, numbers)
    # No two cabins begin alike: the first letter says which one to compare with.
    first = np.zeros(256, dtype=np.intp)
    first[[ord(cabin[0]) for cabin in CABINS]] = np.arange(len(CABINS))
    unit = np.dtype(np.uint8 if words.dtype.kind == "S" else np.uint32)
    width = words.dtype.itemsize // unit.itemsize
    letters = np.ascontiguousarray(words).view(unit).reshape(len(words), width)
    numbers = first.take(letters[:, 0], mode="clip")
    known = np.array(CABINS, dtype=words.dtype.kind)
    rows = np.flatnonzero(words != known[numbers])
    if len(rows):
        numbers[rows] = cabin_numbers(_listed(words[rows]))
    return numbers


def aircraft_numbers(codes: Texts, data: Dataset) -> Indices:
    """Return the number of each aircraft, shape (n,); nothing is the fleet mix.

    IATA or ICAO type codes, or names of private jets as ``methods.private_jet`` reads them.
    """
    types, jets = _type_numbers(data), _jet_numbers(data)

    def number_of(text: str) -> int:
        if not text:
            return 0
        return types.get(text.upper(), jets.get(private_jet.folded(text), UNKNOWN))

    if isinstance(codes, np.ndarray) and codes.dtype.kind in "SU":
        numbers = _quickly(codes, _aircraft_table(data), _AIRCRAFT_LETTERS, number_of)
    else:
        numbers = _slowly(_listed(codes), number_of)
    return np.where(numbers == MISSING, 0, numbers)
