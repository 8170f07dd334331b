"""What does a flight in a private jet emit, per person on board?

CO2 = gallons per hour × hours × 3.78541 × 0.8 × 3.16, tank-to-wake CO2 only, divided by the people
on board; there is no cabin factor. Hours are the great-circle distance by the block speed of its
kind of aircraft, an assumption, because no free publication gives block speeds model by model.
Gallons per hour: private-jets (2024 Jorge Leitao, MIT), each model with the page it was read on.
The method needs a model, such as "Citation Latitude": an airliner's code or no aircraft is refused.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import AircraftNeeded, UnknownAircraft
from calculators.flight.fuel import Aircraft, AircraftType
from calculators.flight.methods.account import Account, Detail, Term, cited
from calculators.flight.methods.figures import (
    Explanation,
    Figures,
    LegBatch,
    MethodInfo,
    note_bits,
)
from calculators.flight.methods.inputs import given, great_circle
from calculators.flight.methods.numbers import precise, show, step
from calculators.units import KM_PER_NM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides

METHOD_ID: Final = "private-jet"
_NOTES: Final = ("all_on_board",)

FUEL_UNCERTAINTY: Final = 0.20
"""Relative standard uncertainty of a brochure's fuel per hour [1]."""

INFOS: Final = (
    MethodInfo(
        id=METHOD_ID,
        version="2024-03-07",
        name="Private jet, fuel per hour",
        year=2024,
        scope="CO2 of combustion only (tank-to-wake), per person on board",
        non_co2="not estimated",
        rounding="1 g, halves to even",
        licence="MIT; block speeds are an assumption",
        source="Fuel of private jets by model, private-jets",
        url="https://github.com/jorgecardleitao/private-jets",
        note="Needs a model; the flight is divided by the travellers, taken to be all on board; "
        "the empty flight that often precedes it is not counted.",
        boundary="TTW",
    ),
)


@dataclass(frozen=True, slots=True)
class Jet:
    """One model of private aircraft.

    Attributes
    ----------
    model : str
        Name that people use.
    gallons_per_hour : float
        Fuel [US gallons per hour].
    kind : str
        propeller, light jet, midsize jet or large jet.
    block_kt : float
        Great-circle distance by block time [kt].
    source, date : str
        Page of the fuel figure, and the day it was read.
    """

    model: str
    gallons_per_hour: float
    kind: str
    block_kt: float
    source: str
    date: str

    @property
    def block_km_per_hour(self) -> float:
        """Block speed [km/h]."""
        return self.block_kt * KM_PER_NM


@functools.cache
def jets(data: Dataset) -> dict[str, Jet]:
    """Return every model of a data set, by name."""
    return {
        row["model"]: Jet(
            row["model"],
            float(row["gallons_per_hour"]),
            row["kind"],
            float(row["block_kt"]),
            row["source"],
            row["date"],
        )
        for row in data.rows("private_jets")
    }


def folded(name: str) -> str:
    """Return the comparable form of a model's name: lower case, without spaces and hyphens."""
    return "".join(letter for letter in name.casefold() if letter.isalnum() or letter == "+")


@functools.cache
def _by_folded(data: Dataset) -> dict[str, Jet]:
    return {folded(model): jet for model, jet in jets(data).items()}


def find_aircraft(code: str, data: Dataset) -> Aircraft:
    """Return the aircraft of a model's name; case, spaces and hyphens do not matter.

    Raises
    ------
    UnknownAircraft
        With the models that are spelled alike as suggestions.
    """
    known = _by_folded(data)
    jet = known.get(folded(code))
    if jet is None:
        near = difflib.get_close_matches(folded(code), known, n=3, cutoff=0.5)
        raise UnknownAircraft({"given": code.strip()}, tuple(known[name].model for name in near))
    kind = AircraftType(jet.model, jet.model, "narrow", 0, "", 0.0, jet.model, FUEL_UNCERTAINTY)
    return Aircraft(jet.model, jet.model, kind, 1.0, jet.kind)


def co2_kg(gallons_per_hour: float, hours: float, data: Dataset) -> float:
    """Return the CO2 of a whole flight [kg] by fuel per hour [US gallons] and time [h]."""
    litres = gallons_per_hour * hours * data.value("litres_per_gallon")
    return litres * data.value("kerosene_density") * data.value("co2_per_fuel")


def _fuel(legs: LegBatch, data: Dataset) -> NDArray[np.float64]:
    """Return the fuel of each flight [kg], shape (n,)."""
    if None in legs.fleet:
        raise AircraftNeeded({"method": METHOD_ID}, ("Citation Latitude", "Phenom 300"))
    fleet = [jets(data)[one.code] for one in legs.fleet if one is not None]
    per_km = np.array([one.gallons_per_hour / one.block_km_per_hour for one in fleet])
    gallons = per_km[legs.aircraft] * legs.great_circle_km
    return np.asarray(gallons * data.value("litres_per_gallon") * data.value("kerosene_density"))


def _on_board(legs: LegBatch) -> NDArray[np.float64]:
    return np.ones(len(legs)) if legs.on_board is None else legs.on_board


def compute(
    method_id: str,  # noqa: ARG001 - one signature for all methods
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - the signature that every method has
) -> Figures:
    """Return the figures of every leg; see :class:`Method`.

    Raises
    ------
    AircraftNeeded
        When a leg has no aircraft.
    """
    fuel = _fuel(legs, data)
    co2 = fuel * data.value("co2_per_fuel") / _on_board(legs)
    notes = np.full(len(legs), note_bits(_NOTES), dtype=np.uint16)
    return Figures(co2, ttw_kg=co2, fuel_kg=fuel, notes=notes)


def explain(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    jet = jets(data)[legs.fleet[legs.aircraft[index]].code]
    km, people = float(legs.great_circle_km[index]), float(_on_board(legs)[index])
    fuel, ef = float(_fuel(legs, data)[index]), data.value("co2_per_fuel")
    hours = km / jet.block_km_per_hour
    litres, density = data.value("litres_per_gallon"), data.value("kerosene_density")
    brochure = data.sources["jets"].factor
    told = f"{show(jet.gallons_per_hour)} × {precise(hours)} × {show(litres, 5)} × {show(density)}"
    return Explanation(
        (
            great_circle(km, data, overrides),
            given("on_board", people, "people"),
            brochure("gallons_per_hour", jet.gallons_per_hour, "US gal/h", version=jet.date),
            data.sources["own"].factor("block_speed", jet.block_kt, "kt"),
            data.parameters["litres_per_gallon"].factor(),
            data.parameters["kerosene_density"].factor(),
            data.parameters["co2_per_fuel"].factor(),
        ),
        (
            step(
                "hours",
                "d ÷ block speed",
                f"{show(km, 3)} ÷ ({show(jet.block_kt)} × {KM_PER_NM})",
                hours,
                "h",
            ),
            step("fuel", "gal/h × h × l/gal × kg/l", told, fuel, "kg"),
            step(
                "ttw",
                "fuel × 3.16 ÷ people on board",
                f"{precise(fuel)} × {show(ef)} ÷ {show(people)}",
                fuel * ef / people,
                "kg CO2",
            ),
        ),
        _NOTES,
    )


def account(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,  # noqa: ARG001 - the signature that every method has
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    km, fuel = float(legs.great_circle_km[index]), float(_fuel(legs, data)[index])
    source, absent = cited(data.sources["jets"]), ("not_counted",)
    burnt = data.parameters["co2_per_fuel"]
    return Account(
        Detail.FUEL,
        {
            "distance": Term(km, source),
            "fuel": Term(fuel / km, source),
            "cargo": Term(1.0, source, absent),
            "seats": Term(float(_on_board(legs)[index]), "as given"),
            "load": Term(1.0, source, absent),
            "combustion": Term(burnt.value, cited(burnt.source)),
            "cabin": Term(1.0, source, absent),
            "well_to_tank": Term(0.0, source, absent),
            "non_co2": Term(1.0, source, absent),
            "other": Term(0.0, source, absent),
            "rounding": Term(0.0, source),
        },
    )
