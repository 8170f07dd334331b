"""How much fuel does an aircraft of a type burn over a distance?"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from calculators.errors import UnknownAircraft
from calculators.flight.datasets import dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset

MIX: Final = "mix"
"""The aircraft of a leg whose type is unknown: the distance-dependent fleet mix."""

Body = Literal["narrow", "wide"]

_EXACT: Final = frozenset({"Direct match", "own row"})


@dataclass(frozen=True, slots=True, eq=False)
class FuelCurve:
    """Fuel of one type over distance.

    Attributes
    ----------
    source : str
        PS (Poll-Schumann), FEAT, FALLBACK (the nearest type of the two), OPERATOR (an operator's
        own table) or GIVEN (an override).
    version : str
        Model and parameter version.
    lto_kg : float
        Fuel of the landing and take-off cycle [kg].
    nm, ccd_kg : ndarray, shape (k,)
        Climb-cruise-descent distance [NM] and fuel [kg] at the knots, both rising.
    """

    source: str
    version: str
    lto_kg: float
    nm: NDArray[np.float64]
    ccd_kg: NDArray[np.float64]

    @property
    def source_id(self) -> str:
        """Id of the publication behind the figures, a fallback's being that of its neighbour."""
        if self.source == "OPERATOR":
            return "operator"
        return "ps" if self.version.startswith("pycontrails") else "feat"

    def between(self, nm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return climb-cruise-descent fuel.

        Parameters
        ----------
        nm : ndarray, shape (n,)
            Distances [NM].

        Returns
        -------
        ndarray, shape (n,)
            Fuel [kg]: linear between knots and beyond both ends, never below zero.
        """
        sheet = fuel_sheet((self,), (self.nm,))
        return sheet.ccd_kg(sheet.cells(nm), nm)


@dataclass(frozen=True, slots=True, eq=False)
class FuelSheet:
    """Fuel curves of several aircraft, cut into the same cells of distance.

    One search then finds the piece of every curve. A cell keeps the piece of the aircraft's own
    curve as it is, so that fuel has the same bits whatever other aircraft stand on the sheet.

    Attributes
    ----------
    edges : ndarray, shape (c - 1,)
        Where one cell ends and the next begins.
    width : int
        Number of cells c.
    start_nm, start_kg, slope : ndarray, shape (a c,)
        The pieces, aircraft after aircraft: climb-cruise-descent fuel is
        ``start_kg + slope (nm - start_nm)`` [kg].
    lto_kg : ndarray, shape (a,)
        Fuel of the landing and take-off cycle [kg].
    """

    edges: NDArray[np.float64]
    width: int
    start_nm: NDArray[np.float64]
    start_kg: NDArray[np.float64]
    slope: NDArray[np.float64]
    lto_kg: NDArray[np.float64]

    def cells(self, distance: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the cell of each distance, in the unit of the edges, shape (n,)."""
        return np.searchsorted(self.edges, distance, side="right")

    def ccd_kg(self, at: NDArray[np.intp], nm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return climb-cruise-descent fuel [kg], never below zero.

        Parameters
        ----------
        at : ndarray of int
            Number of the aircraft times `width`, and the cell.
        nm : ndarray
            Climb-cruise-descent distance [NM].
        """
        fuel = nm - self.start_nm.take(at)
        fuel *= self.slope.take(at)
        fuel += self.start_kg.take(at)
        return np.maximum(fuel, 0.0, out=fuel)


def fuel_sheet(
    own: Sequence[FuelCurve],
    knots: Sequence[NDArray[np.float64]],
    also: Sequence[NDArray[np.float64]] = (),
) -> FuelSheet:
    """Return curves as one sheet.

    Parameters
    ----------
    own : sequence of FuelCurve
        The curves, one for each aircraft.
    knots : sequence of ndarray
        Where the knots of each curve lie, in the unit distances will be looked up by.
    also : sequence of ndarray
        More edges to cut cells at.
    """
    edges = np.unique(np.concatenate([*knots, *also]))
    starts = np.concatenate([[-np.inf], edges])
    pieces = [
        np.clip(np.searchsorted(where, starts, side="right") - 1, 0, len(where) - 2)
        for where in knots
    ]
    pairs = list(zip(own, pieces, strict=True))
    return FuelSheet(
        edges,
        len(starts),
        np.concatenate([curve.nm[at] for curve, at in pairs]),
        np.concatenate([curve.ccd_kg[at] for curve, at in pairs]),
        np.concatenate([(np.diff(curve.ccd_kg) / np.diff(curve.nm))[at] for curve, at in pairs]),
        np.array([curve.lto_kg for curve in own]),
    )


@dataclass(frozen=True, slots=True)
class AircraftType:
    """One ICAO type of the data set.

    Attributes
    ----------
    icao, name : str
        Type designator and name.
    body : "narrow" or "wide"
        One aisle or two; decides cabin weights and default seating.
    seats : int
        Total seats of the default layout.
    seats_basis : str
        Fleet median or maker's layout.
    max_payload_kg : float
        Maximum payload [kg]; 0 where no source states it, so that no cargo is allocated.
    fuel_of : str
        Type whose fuel figures are used; another type for a flagged fallback.
    fuel_uncertainty : float
        Relative standard uncertainty of the fuel [1].
    """

    icao: str
    name: str
    body: Body
    seats: int
    seats_basis: str
    max_payload_kg: float
    fuel_of: str
    fuel_uncertainty: float


@dataclass(frozen=True, slots=True)
class Aircraft:
    """An aircraft as a traveller names it: a type, perhaps with winglets.

    Attributes
    ----------
    code : str
        The code as given, in capitals.
    name : str
        Its name.
    type : AircraftType
        The type it is computed as.
    fuel_factor : float
        Factor on the type's fuel [1]; 0.97 for a winglet variant without figures of its own.
    match : str
        How the code leads to the type.
    """

    code: str
    name: str
    type: AircraftType
    fuel_factor: float
    match: str


@dataclass(frozen=True, slots=True)
class FuelBurn:
    """Fuel of one flight [kg], landing and take-off cycle apart."""

    aircraft: str
    source: str
    lto_kg: float
    ccd_kg: float

    @property
    def total_kg(self) -> float:
        """Fuel of the whole flight [kg]."""
        return self.lto_kg + self.ccd_kg

    def as_json(self) -> dict[str, str | float]:
        """Return the burn as plain values, rounded to a gram."""
        return {
            "aircraft": self.aircraft,
            "source": self.source,
            "lto_kg": round(self.lto_kg, 3),
            "ccd_kg": round(self.ccd_kg, 3),
            "total_kg": round(self.total_kg, 3),
        }


@functools.cache
def curves(data: Dataset) -> dict[str, FuelCurve]:
    """Return the fuel curve of every ICAO type of a data set."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in data.rows("fuel_burn"):
        rows.setdefault(row["icao"], []).append(row)
    return {
        icao: FuelCurve(
            knots[0]["source"],
            knots[0]["model_version"],
            float(knots[0]["lto_kg"]),
            np.array([float(knot["nm"]) for knot in knots]),
            np.array([float(knot["ccd_kg"]) for knot in knots]),
        )
        for icao, knots in rows.items()
    }


@functools.cache
def types(data: Dataset) -> dict[str, AircraftType]:
    """Return every ICAO type of a data set."""
    return {
        row["icao"]: AircraftType(
            row["icao"],
            row["name"],
            "wide" if row["body"] == "wide" else "narrow",
            int(row["seats"]),
            row["seats_basis"],
            float(row["max_payload_kg"] or 0),
            row["fuel_of"],
            float(row["u_fuel"]),
        )
        for row in data.rows("aircraft")
    }


@functools.cache
def known_aircraft(data: Dataset) -> dict[str, Aircraft]:
    """Return every aircraft of a data set by its IATA or ICAO code, types before variants."""
    known = types(data)
    found = {icao: Aircraft(icao, kind.name, kind, 1.0, "own code") for icao, kind in known.items()}
    for row in data.rows("aircraft_codes"):
        code, kind = row["iata"], known[row["icao"]]
        aircraft = Aircraft(code, row["name"], kind, float(row["fuel_factor"]), row["match"])
        found.setdefault(code, aircraft)
    return found


def find_aircraft(code: str, data: Dataset | None = None) -> Aircraft:
    """Return the aircraft of an IATA or ICAO type code, in any case of letters.

    Raises
    ------
    UnknownAircraft
        With the codes that are spelled alike as suggestions.
    """
    known = known_aircraft(data or dataset())
    aircraft = known.get(code.strip().upper())
    if aircraft is None:
        near = difflib.get_close_matches(code.strip().upper(), known, n=3, cutoff=0.5)
        names = tuple(f"{other} ({known[other].name})" for other in near)
        raise UnknownAircraft({"given": code.strip()}, names)
    return aircraft


def aircraft_choices(data: Dataset | None = None) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the aircraft a traveller may pick, by name.

    Each type appears once, under its IATA code where it has one of its own, and under its ICAO
    code otherwise.
    """
    data = data or dataset()
    own: dict[str, tuple[str, str]] = {}
    for row in data.rows("aircraft_codes"):
        if row["match"] in _EXACT:
            own.setdefault(row["icao"], (row["iata"], types(data)[row["icao"]].name))
    for icao, kind in types(data).items():
        own.setdefault(icao, (icao, kind.name))
    return tuple(sorted(own.values(), key=lambda choice: (choice[1].casefold(), choice[0])))


def burn(code: str, nm: float, data: Dataset | None = None) -> FuelBurn:
    """Return the fuel of one flight.

    Parameters
    ----------
    code : str
        IATA or ICAO type code.
    nm : float
        Climb-cruise-descent distance [NM].
    data : Dataset, optional
        The data set; the latest when absent.

    Raises
    ------
    UnknownAircraft
        When the data set does not hold the code.

    Notes
    -----
    FEAT gives fuel for whole flights, so its landing and take-off part is not told apart (0).
    """
    data = data or dataset()
    aircraft = find_aircraft(code, data)
    curve = curves(data)[aircraft.type.icao]
    ccd = float(curve.between(np.array([nm]))[0])
    factor = aircraft.fuel_factor
    return FuelBurn(aircraft.type.icao, curve.source, curve.lto_kg * factor, ccd * factor)
