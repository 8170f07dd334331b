"""What does a method take, and what does it answer?"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft
    from calculators.flight.methods.account import Account
    from calculators.flight.overrides import Overrides
    from calculators.sources import Factor, Step

Boundary = Literal["TTW", "WTW"]
"""Tank-to-wake (combustion) or well-to-wake (combustion and upstream)."""

NonCo2Scope = Literal["separate", "included", "not estimated"]
"""Non-CO2 effects stand on a line of their own, inside the published figure, or nowhere."""


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """What a method is, for a reader.

    Attributes
    ----------
    id, version, name : str
        Stable id, version of its factors, and its name.
    year : int
        Year of the factors.
    scope : str
        What the figure covers, in plain words.
    non_co2 : NonCo2Scope
        How non-CO2 effects are treated.
    rounding : str
        How the figure is rounded.
    licence, source, url : str
        Terms, publication and address of the factors.
    note : str
        What a reader should know before comparing it.
    boundary : Boundary
        Which part of the fuel's life the figure covers.
    jumps_km : tuple[float, ...]
        Distances [km] at which the figure jumps, as published; empty where it never does.
    nowhere : str
        What is assumed where only a distance is given; empty where places do not matter.
    """

    id: str
    version: str
    name: str
    year: int
    scope: str
    non_co2: NonCo2Scope
    rounding: str
    licence: str
    source: str
    url: str
    note: str
    boundary: Boundary = "WTW"
    jumps_km: tuple[float, ...] = ()
    nowhere: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the description as plain values."""
        return {
            "id": self.id,
            "version": self.version,
            "name": self.name,
            "year": self.year,
            "scope": self.scope,
            "non_co2": self.non_co2,
            "rounding": self.rounding,
            "licence": self.licence,
            "source": self.source,
            "url": self.url,
            "note": self.note,
            "boundary": self.boundary,
            "jumps_km": list(self.jumps_km),
        }


@dataclass(frozen=True, slots=True, eq=False)
class LegBatch:
    """Legs as arrays; a single leg is a batch of one.

    Attributes
    ----------
    great_circle_km : ndarray of float, shape (n,)
        Distances [km].
    cabin : ndarray of int, shape (n,)
        Index into ``seats.CABINS``.
    aircraft : ndarray of int, shape (n,)
        Index into `fleet`.
    fleet : tuple[Aircraft | None, ...]
        The aircraft that occur; None stands for the fleet mix.
    origin_country, destination_country : ndarray of str, shape (n,)
        ISO 3166 two-letter codes.
    on_board : ndarray of float, shape (n,), optional
        People among whom a method divides a whole flight; one each when absent.
    distance_factor : ndarray of float, shape (n,), optional
        Flown per great-circle distance where an operator knows it for the route, else NaN.
    """

    great_circle_km: NDArray[np.float64]
    cabin: NDArray[np.intp]
    aircraft: NDArray[np.intp]
    fleet: tuple[Aircraft | None, ...]
    origin_country: NDArray[np.str_]
    destination_country: NDArray[np.str_]
    on_board: NDArray[np.float64] | None = None
    distance_factor: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.great_circle_km)

    def part(self, rows: NDArray[np.intp]) -> LegBatch:
        """Return the legs of these numbers, in this order."""
        return LegBatch(
            self.great_circle_km[rows],
            self.cabin[rows],
            self.aircraft[rows],
            self.fleet,
            self.origin_country[rows],
            self.destination_country[rows],
            None if self.on_board is None else self.on_board[rows],
            None if self.distance_factor is None else self.distance_factor[rows],
        )


Answers: TypeAlias = "tuple[NDArray[Any], ...]"
"""Arrays of shape (n,), one for each thing that is asked of every leg."""


def by_kind(
    legs: LegBatch, mix: Callable[[LegBatch], Answers], named: Callable[[LegBatch], Answers]
) -> Answers:
    """Return what one rule answers for legs of the fleet mix and another for the others.

    Parameters
    ----------
    legs : LegBatch
        The legs, in any order.
    mix, named : callable
        Take legs of one kind and answer the same arrays.
    """
    if None not in legs.fleet:
        return named(legs)
    if len(legs.fleet) == 1:
        return mix(legs)
    unknown = legs.aircraft == legs.fleet.index(None)
    nowhere = np.broadcast_to(np.array(""), len(legs))  # no rule by kind of aircraft asks where
    legs = replace(legs, origin_country=nowhere, destination_country=nowhere)
    rows = np.flatnonzero(unknown), np.flatnonzero(~unknown)
    merged = []
    for first, second in zip(mix(legs.part(rows[0])), named(legs.part(rows[1])), strict=True):
        both = np.empty(len(legs), dtype=first.dtype)
        both[rows[0]], both[rows[1]] = first, second
        merged.append(both)
    return tuple(merged)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a method answers for each leg and one traveller, arrays of shape (n,).

    Attributes
    ----------
    headline_kg : ndarray
        The method's figure [kg CO2e].
    wtt_kg, ttw_kg, wtw_kg : ndarray or None
        Well-to-tank, tank-to-wake and well-to-wake parts [kg CO2e] where the method gives them.
    flown_km : ndarray or None
        Distance flown [km] where the method gives one.
    fuel_kg : ndarray or None
        Fuel of the whole aircraft [kg] where the method gives it.
    traveller_fuel_kg : ndarray or None
        The traveller's share of the fuel [kg], which a separate non-CO2 interval is built on.
    uncertainty : ndarray or None
        Relative standard uncertainty [1] where the method is modelled here.
    parts_as_published : bool
        Parts are rounded one by one, as printed, and need not add up to the gram.
    notes : ndarray of uint16 or None
        What a reader of each leg should be told, as :func:`note_bits`.
    """

    headline_kg: NDArray[np.float64]
    wtt_kg: NDArray[np.float64] | None = None
    ttw_kg: NDArray[np.float64] | None = None
    wtw_kg: NDArray[np.float64] | None = None
    flown_km: NDArray[np.float64] | None = None
    fuel_kg: NDArray[np.float64] | None = None
    traveller_fuel_kg: NDArray[np.float64] | None = None
    uncertainty: NDArray[np.float64] | None = None
    parts_as_published: bool = False
    notes: NDArray[np.uint16] | None = None


NOTES: Final = (
    "seating_assumed",
    "aircraft_fallback",
    "winglet_factor",
    "beyond_fuel_table",
    "aircraft_unknown",
    "cabin_not_published",
    "region_pair_missing",
    "all_on_board",
)
"""Codes of what a reader of a leg may have to be told; bit i of a number stands for the i-th."""


NOTE_SENTENCES: Final = {
    "seating_assumed": "the aircraft is not usually fitted with this cabin, its seating is assumed",
    "aircraft_fallback": "no fuel figures of this type are published, the nearest type stands in",
    "winglet_factor": "the variant with winglets is taken to burn 3 % less than its type",
    "beyond_fuel_table": "longer than this type flies, its fuel is carried on in a straight line",
    "aircraft_unknown": "the aircraft is not known, a mix of common types stands in",
    "cabin_not_published": "the method gives no figure for this cabin, the nearest stands in",
    "region_pair_missing": "no load factors are published between these regions, a mean stands in",
    "all_on_board": "the travellers are taken to be alone on board and share the flight",
}
"""What each code says on a line."""


def note_bits(codes: tuple[str, ...]) -> int:
    """Return codes of `NOTES` as one number."""
    return sum(1 << NOTES.index(code) for code in codes)


@functools.cache
def note_codes(bits: int) -> tuple[str, ...]:
    """Return the codes of `NOTES` that a number stands for."""
    return tuple(code for place, code in enumerate(NOTES) if bits >> place & 1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one leg was computed: its factors, its steps, and codes of what to mention."""

    provenance: tuple[Factor, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()


class Method(Protocol):
    """The signature that every method module has."""

    INFOS: tuple[MethodInfo, ...]

    @staticmethod
    def compute(
        method_id: str, legs: LegBatch, data: Dataset, overrides: Overrides | None
    ) -> Figures:
        """Return the figures of every leg."""

    @staticmethod
    def explain(
        method_id: str, legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
    ) -> Explanation:
        """Return how the leg of that index was computed."""

    @staticmethod
    def account(
        method_id: str, legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
    ) -> Account:
        """Return what the figure of that leg is made of."""
