"""Which question, as it was given and as it was understood, and which tables are behind an answer?

A stored answer carries this, so that a reader years later can tell what was asked, what the words
were taken to mean, and whether the tables are still the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Final

from calculators.flight.allocation import mix_members
from calculators.flight.fuel import MIX
from calculators.flight.methods import find_aircraft

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calculators.flight.airports import Place
    from calculators.flight.datasets import Dataset
    from calculators.flight.itinerary import Leg, LegEstimate

_ALWAYS: Final = ("airports", "parameters")
_FUEL: Final = ("fuel_burn", "aircraft", "aircraft_codes", "mix")
_TABLES: Final = {
    "tim": (*_FUEL, "cargo", "cabins"),
    "icao": (*_FUEL, "icao_loads", "icao_regions"),
    "desnz": ("desnz",),
    "distance": ("desnz",),
    "ademe": ("ademe",),
    "myclimate": ("myclimate",),
    "goclimate": ("goclimate",),
    "private": ("private_jets",),
}
"""Tables of each family of methods, by the first word of its ids."""


@functools.cache
def _checksum(data: Dataset, table: str) -> str:
    return hashlib.sha256((data.folder / f"{table}.csv").read_bytes()).hexdigest()


def tables(method_id: str, data: Dataset) -> dict[str, str]:
    """Return the SHA-256 of each table that a method reads, as SOURCES.md lists it.

    Parameters
    ----------
    method_id : str
        One of the method ids.
    data : Dataset
        The data set.

    Returns
    -------
    dict[str, str]
        Checksum by table. Tables that an operator puts over a shipped one are named by the id of
        the data set, which holds their own checksum.
    """
    names = (*_ALWAYS, *_TABLES[method_id.split("-", maxsplit=1)[0]])
    return {name: _checksum(data, name) for name in names}


def _place(place: Place) -> dict[str, object]:
    return {
        "code": place.code,
        "airport": place.main_airport,
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


def _aircraft(method_id: str, leg: LegEstimate, data: Dataset) -> list[str]:
    if leg.aircraft != MIX:
        return [find_aircraft(method_id, leg.aircraft, data).type.icao]
    return [member.type.icao for half in mix_members(data) for member in half]


def inputs(
    method_id: str, asked: Iterable[Leg], legs: Iterable[LegEstimate], data: Dataset
) -> dict[str, object]:
    """Return the legs of a question as they were given and as they were understood.

    Parameters
    ----------
    method_id : str
        The method that answered.
    asked : iterable of Leg
        The legs as given.
    legs : iterable of LegEstimate
        The legs as computed.
    data : Dataset
        The data set.
    """
    return {
        "given": [
            {
                "origin": leg.origin,
                "destination": leg.destination,
                "cabin": leg.cabin,
                "aircraft": leg.aircraft,
            }
            for leg in asked
        ],
        "resolved": [
            {
                "origin": _place(leg.origin),
                "destination": _place(leg.destination),
                "cabin": leg.cabin,
                "aircraft": _aircraft(method_id, leg, data),
            }
            for leg in legs
        ],
    }
