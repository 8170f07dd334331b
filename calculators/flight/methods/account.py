"""What is a method's figure made of, in the same terms for every method?

One leg and one traveller, at three levels of detail; a method stands at the finest that it
publishes, and any account can be told at a coarser one, with the same sum:

- FUEL: distance × fuel per km × passengers' share ÷ (seats × load) × cabin × (combustion × non-CO2
  + well-to-tank) + other + rounding;
- COMBUSTION: fuel, cargo, seats, load and combustion are one factor per passenger-km, and
  well-to-tank is counted per kilogram burnt: distance × factor × cabin × (non-CO2 + well-to-tank) +
  other + rounding;
- FUEL_CYCLE: well-to-tank is inside the factor too: distance × factor × cabin × non-CO2 + other +
  rounding.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calculators.sources import Source


class Detail(enum.IntEnum):
    """How finely a method tells its figure apart."""

    FUEL = 0
    COMBUSTION = 1
    FUEL_CYCLE = 2


ORDER: Final[Mapping[Detail, tuple[str, ...]]] = {
    Detail.FUEL: (
        "distance",
        "fuel",
        "cargo",
        "seats",
        "load",
        "combustion",
        "cabin",
        "well_to_tank",
        "non_co2",
        "other",
        "rounding",
    ),
    Detail.COMBUSTION: (
        "distance",
        "combustion_factor",
        "cabin",
        "well_to_tank_share",
        "non_co2",
        "other",
        "rounding",
    ),
    Detail.FUEL_CYCLE: (
        "distance",
        "fuel_cycle_factor",
        "cabin",
        "non_co2_of_cycle",
        "other",
        "rounding",
    ),
}
"""The components of each level in the fixed order in which they are swapped."""

UNITS: Final[Mapping[str, str]] = {
    "distance": "km",
    "fuel": "kg fuel per km",
    "cargo": "1",
    "seats": "seats",
    "load": "1",
    "combustion": "kg CO2e per kg fuel",
    "combustion_factor": "kg CO2e per passenger-km",
    "fuel_cycle_factor": "kg CO2e per passenger-km",
    "cabin": "1",
    "well_to_tank": "kg CO2e per kg fuel",
    "well_to_tank_share": "kg CO2e per kg CO2e burnt",
    "non_co2": "1",
    "non_co2_of_cycle": "1",
    "other": "kg CO2e",
    "rounding": "kg CO2e",
}
"""Unit of each component."""


@dataclass(frozen=True, slots=True)
class Term:
    """One component of a figure.

    Attributes
    ----------
    value : float
        In the unit of `UNITS`.
    source : str
        Publication and version.
    notes : tuple[str, ...]
        Codes of what a reader should know about the number.
    """

    value: float
    source: str
    notes: tuple[str, ...] = ()


def cited(source: Source) -> str:
    """Return a publication with its version, in one line."""
    return f"{source.title}, {source.version}"


def total_kg(detail: Detail, v: Mapping[str, float]) -> float:
    """Return the figure that components amount to [kg CO2e].

    Parameters
    ----------
    detail : Detail
        The level.
    v : Mapping[str, float]
        A value for each component of that level; see `ORDER` and `UNITS`.
    """
    if detail is Detail.FUEL:
        burnt = v["distance"] * v["fuel"] * v["cargo"] / (v["seats"] * v["load"]) * v["cabin"]
        moved = burnt * (v["combustion"] * v["non_co2"] + v["well_to_tank"])
    elif detail is Detail.COMBUSTION:
        burnt = v["distance"] * v["combustion_factor"] * v["cabin"]
        moved = burnt * (v["non_co2"] + v["well_to_tank_share"])
    else:
        cycle = v["distance"] * v["fuel_cycle_factor"] * v["cabin"]
        moved = cycle * v["non_co2_of_cycle"]
    return moved + v["other"] + v["rounding"]


@dataclass(frozen=True, slots=True)
class Account:
    """A method's figure for one leg and one traveller, as components.

    Attributes
    ----------
    detail : Detail
        The finest level the method publishes.
    terms : Mapping[str, Term]
        One for each component of that level.
    """

    detail: Detail
    terms: Mapping[str, Term]

    @property
    def kg(self) -> float:
        """What the components amount to [kg CO2e]."""
        return total_kg(self.detail, {name: term.value for name, term in self.terms.items()})

    def rounded_to(self, figure_kg: float) -> Account:
        """Return the account whose rounding leads to the figure as it is shown [kg CO2e]."""
        old = self.terms["rounding"]
        rest = figure_kg - (self.kg - old.value)
        return Account(self.detail, {**self.terms, "rounding": Term(rest, old.source, old.notes)})

    def noting(self, component: str, note: str) -> Account:
        """Return the account with one more note on a component."""
        old = self.terms[component]
        more = Term(old.value, old.source, (*old.notes, note))
        return Account(self.detail, {**self.terms, component: more})

    def at(self, detail: Detail) -> Account:
        """Return the same figure at a coarser level."""
        told = self
        while told.detail < detail:
            told = _COARSER[told.detail](told.terms)
        return told


def _joined(terms: Mapping[str, Term], names: tuple[str, ...], value: float) -> Term:
    """Return one number for several, with where they all come from."""
    sources = dict.fromkeys(terms[name].source for name in names)
    notes = dict.fromkeys(note for name in names for note in terms[name].notes)
    return Term(value, "; ".join(sources), (*notes, "joined_here"))


def _combustion(terms: Mapping[str, Term]) -> Account:
    names = ("fuel", "cargo", "seats", "load", "combustion")
    fuel, cargo, seats, load, burnt = (terms[name].value for name in names)
    upstream = terms["well_to_tank"]
    kept = {name: terms[name] for name in ("distance", "cabin", "non_co2", "other", "rounding")}
    return Account(
        Detail.COMBUSTION,
        {
            **kept,
            "combustion_factor": _joined(terms, names, fuel * cargo / (seats * load) * burnt),
            "well_to_tank_share": Term(upstream.value / burnt, upstream.source, upstream.notes),
        },
    )


def _fuel_cycle(terms: Mapping[str, Term]) -> Account:
    names = ("combustion_factor", "well_to_tank_share")
    factor, upstream = (terms[name].value for name in names)
    warming = terms["non_co2"]
    kept = {name: terms[name] for name in ("distance", "cabin", "other", "rounding")}
    return Account(
        Detail.FUEL_CYCLE,
        {
            **kept,
            "fuel_cycle_factor": _joined(terms, names, factor * (1 + upstream)),
            "non_co2_of_cycle": Term(
                (warming.value + upstream) / (1 + upstream), warming.source, warming.notes
            ),
        },
    )


_COARSER: Final = {
    Detail.FUEL: _combustion,
    Detail.COMBUSTION: _fuel_cycle,
}
