"""Which column of a file holds what, in whatever language its headings are written?

Headings are compared without accents, case and punctuation, in English, French and Spanish.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from calculators.errors import UnknownColumns, UnknownHeading
from calculators.flight.names import fold

COLUMNS: Final = (
    "origin", "destination", "distance_km", "via", "routing", "date", "cabin", "class", "aircraft",
    "travellers", "trip",
)  # fmt: skip
"""What a column can hold."""

# English, then French, then Spanish; folded as `fold` does.
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "origin": (
        "origin", "from", "departure", "departure airport", "origin airport", "dep", "departs from",
        "depart", "origine", "provenance", "aeroport de depart", "ville de depart", "de",
        "aeroport depart", "ville depart",
        "origen", "salida", "desde", "aeropuerto de salida", "aeropuerto de origen",
        "ciudad de origen",
    ),
    "destination": (
        "destination", "to", "arrival", "arrival airport", "destination airport", "arr",
        "arrives at", "dest",
        "arrivee", "aeroport d arrivee", "aeroport darrivee", "ville darrivee", "a", "vers",
        "aeroport arrivee", "ville arrivee",
        "destino", "llegada", "hasta", "hacia", "aeropuerto de llegada", "aeropuerto de destino",
        "ciudad de destino",
    ),
    "distance_km": (
        "distance km", "km", "distance", "kilometres", "kilometers", "distance in km",
        "distance en km", "distance kilometres", "nombre de km",
        "distancia km", "distancia", "kilometros", "distancia en km",
    ),
    "via": (
        "via", "stopover", "stopovers", "connection", "layover",
        "escale", "escales", "correspondance", "escala", "escalas", "conexion",
    ),
    "routing": (
        "routing", "route", "itinerary", "sectors", "segments",
        "itineraire", "parcours", "trajet", "routage", "trayecto", "ruta", "itinerario",
        "recorrido",
    ),
    "date": (
        "date", "flight date", "travel date", "departure date", "date of travel", "date of flight",
        "date de depart", "date du vol", "date de vol", "date depart", "date vol", "date de voyage",
        "fecha", "fecha de salida", "fecha del vuelo", "fecha de viaje", "fecha vuelo",
    ),
    "cabin": ("cabin", "cabin class", "travel class", "cabine", "cabina", "classe de voyage"),
    "class": (
        "class", "fare class", "booking class", "fare basis", "class of service", "rbd",
        "classe", "classe tarifaire", "classe de reservation", "clase", "clase tarifaria",
        "clase de reserva",
    ),
    "aircraft": (
        "aircraft", "aircraft type", "equipment", "plane", "type of aircraft",
        "avion", "appareil", "type avion", "type davion", "type dappareil",
        "aeronave", "tipo de avion", "tipo de aeronave",
    ),
    "travellers": (
        "travellers", "travelers", "passengers", "pax", "number of passengers",
        "number of travellers", "number of travelers", "nb pax",
        "voyageurs", "passagers", "nombre de voyageurs", "nombre de passagers", "nb voyageurs",
        "nb passagers",
        "viajeros", "pasajeros", "numero de pasajeros", "numero de viajeros",
    ),
    "trip": (
        "trip", "trip id", "trip number", "booking", "booking reference", "pnr", "record locator",
        "voyage", "dossier", "numero de voyage", "reference de dossier",
        "viaje", "reserva", "numero de viaje",
    ),
}  # fmt: skip

_BY_HEADING: Final = {
    heading: column for column in COLUMNS for heading in (fold(column), *_HEADINGS[column])
}


@dataclass(frozen=True, slots=True)
class Headings:
    """Where each known column stands in a file.

    Attributes
    ----------
    names : tuple[str, ...]
        Every heading as written, in the order of the file.
    places : dict[str, int]
        Index of each known column that the file has.
    """

    names: tuple[str, ...]
    places: dict[str, int]

    @property
    def asked(self) -> dict[str, int]:
        """Where the columns stand that an answer depends on: a trip only groups rows."""
        return {column: place for column, place in self.places.items() if column != "trip"}

    @property
    def told(self) -> dict[str, str]:
        """The heading read as each column, for the report."""
        return {column: self.names[place] for column, place in self.places.items()}


def heading_row(rows: Sequence[Sequence[str]], given: Mapping[str, str]) -> int | None:
    """Return the index of the row that names most columns, a route or a distance among them."""
    found = [matched(cells, given) for cells in rows]
    known = [len(places) if _enough(places) else 0 for places in found]
    return known.index(max(known)) if any(known) else None


def matched(cells: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Return the first place of each column: as assigned, else named exactly, else in words."""
    folded = [fold(cell) for cell in cells]
    places = {
        column: folded.index(fold(heading))
        for column, heading in given.items()
        if fold(heading) in folded
    }
    taken = set(places.values())
    own = {fold(column): column for column in COLUMNS}
    for words in (own, _BY_HEADING):
        for place, heading in enumerate(folded):
            column = words.get(heading)
            if column is not None and column not in places and place not in taken:
                places[column] = place
                taken.add(place)
    return {column: places[column] for column in COLUMNS if column in places}


def read_headings(cells: Sequence[str], given: Mapping[str, str]) -> Headings:
    """Return where each column stands.

    Parameters
    ----------
    cells : sequence of str
        The row of headings.
    given : mapping of str to str
        Headings that the caller assigned to columns; they come before those that are recognised.

    Raises
    ------
    UnknownHeading
        When an assigned heading is not in the file.
    UnknownColumns
        When neither a route nor a distance is found; names what was.
    """
    for column, heading in given.items():
        if fold(heading) not in {fold(cell) for cell in cells}:
            near = difflib.get_close_matches(heading, list(cells), n=3, cutoff=0.3)
            raise UnknownHeading({"column": column, "given": heading}, tuple(near))
    places = matched(cells, given)
    if not _enough(places):
        listed = ", ".join(repr(cell) for cell in cells if cell.strip()) or "an empty row"
        raise UnknownColumns({"found": listed})
    return Headings(tuple(cells), places)


def _enough(places: Mapping[str, int]) -> bool:
    return (
        {"origin", "destination"} <= places.keys() or "routing" in places or "distance_km" in places
    )
