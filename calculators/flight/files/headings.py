"""Which column of a file holds what, in whatever language its headings are written?

Headings are compared without accents, case and punctuation, in English, French and Spanish: as a
whole, else word by word: one word that tells what stands in the column, beside words that only say
how it is written ("Departure airport code", "origin_iata").
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from calculators.errors import UnknownColumns, UnknownHeading
from calculators.flight.names import fold

COLUMNS: Final = (
    "origin", "destination", "distance_km", "via", "routing", "date", "cabin", "class", "aircraft",
    "travellers", "return", "trip",
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
        "recorrido", "o d", "od",
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
    "return": (
        "round trip", "roundtrip", "return trip", "return flight", "one way or return", "trip type",
        "journey type", "return y n",
        "aller retour", "retour", "aller simple ou retour", "type de trajet", "type de voyage",
        "ida y vuelta", "ida vuelta", "tipo de viaje", "tipo de trayecto",
    ),
    "trip": (
        "trip", "trip id", "trip number", "booking", "booking reference", "pnr", "record locator",
        "voyage", "dossier", "numero de voyage", "reference de dossier",
        "viaje", "reserva", "numero de viaje",
    ),
}  # fmt: skip

_FORM: Final = frozenset(
    [
        "code",
        "codes",
        "codigo",
        "codigos",
        "iata",
        "icao",
        "airport",
        "airports",
        "aeroport",
        "aeroports",
        "aeropuerto",
        "city",
        "ville",
        "ciudad",
        "station",
        "name",
        "nom",
        "nombre",
        "point",
        "apt",
        "port",
        "of",
        "the",
        "at",
        "de",
        "du",
        "del",
        "des",
        "d",
        "la",
        "le",
        "l",
        "en",
        "in",
        "el",
    ]
)  # words that say how a place is written

# One of the first words must stand there, and nothing but those and the second ones.
_TOKENS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    column: (frozenset(own.split()), frozenset(beside.split()) | more)
    for column, own, beside, more in (
        (
            "origin",
            (
                "origin orig from departure departing departs depart dep origine provenance origen"
                " salida desde partida ddepart"
            ),
            "",
            _FORM,
        ),
        (
            "destination",
            (
                "destination dest to arrival arriving arrives arrive arr arrivee darrivee vers"
                " destino llegada hasta hacia"
            ),
            "",
            _FORM,
        ),
        (
            "distance_km",
            (
                "distance distances km kms kilometres kilometers kilometre kilometer kilometros"
                " distancia"
            ),
            "in en flight vol vuelo total great circle gcd nombre de d of the",
            frozenset(),
        ),
        (
            "via",
            (
                "via stopover stopovers connection connections layover escale escales escala"
                " escalas correspondance conexion"
            ),
            "",
            _FORM,
        ),
        (
            "routing",
            "routing route itinerary itineraire routage trayecto ruta itinerario recorrido",
            "flight full of complete de du del vol vuelo code codes iata",
            frozenset(),
        ),
        (
            "date",
            "date fecha",
            (
                "flight travel departure outbound dep of the de du del la vol voyage depart salida"
                " vuelo viaje fly"
            ),
            frozenset(),
        ),
        (
            "cabin",
            "cabin cabine cabina",
            "class classe clase type travel service of de voyage viaje name code",
            frozenset(),
        ),
        (
            "class",
            "class classe clase rbd basis",
            (
                "fare booking basis code tarifaire tarifaria de of reservation reserva service"
                " ticket letter travel flight vol vuelo"
            ),
            frozenset(),
        ),
        (
            "aircraft",
            "aircraft equipment plane airplane aeroplane avion davion appareil dappareil aeronave",
            "type code iata icao of de d tipo model modele modelo",
            frozenset(),
        ),
        (
            "travellers",
            (
                "travellers travelers passengers pax voyageurs passagers viajeros pasajeros persons"
                " people personnes personas"
            ),
            "count number no nb nbre n num numero nombre total qty quantity of de des d the",
            frozenset(),
        ),
        ("return", "roundtrip return round", "trip flight journey y n yes no", frozenset()),
        (
            "trip",
            "trip booking pnr dossier reserva viaje voyage",
            "id no number ref reference code numero n de",
            frozenset(),
        ),
    )
}
_SINGLE: Final = frozenset(
    ["traveller", "traveler", "passenger", "voyageur", "passager", "viajero", "pasajero"]
)
_APOSTROPHE: Final = re.compile("['\u2019]")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CODES: Final = frozenset(["iata", "icao", "code", "codigo"])
_AIRPORT: Final = frozenset(["airport", "aeroport", "aeropuerto"])

_BY_HEADING: Final = {
    heading: column for column in COLUMNS for heading in (fold(column), *_HEADINGS[column])
}


def _spaced(heading: str) -> str:
    """Return a heading folded, with its words apart: DepartureCity, l'aéroport."""
    return fold(_APOSTROPHE.sub(" ", _CAMEL.sub(" ", heading)))


def column_of(heading: str) -> str | None:
    """Return what a column holds by its heading, or nothing."""
    folded = _spaced(heading)
    known = _BY_HEADING.get(fold(heading)) or _BY_HEADING.get(folded)
    return known or _by_tokens(frozenset(folded.split()))


def _by_tokens(tokens: frozenset[str]) -> str | None:
    (start, form), (end, _) = _TOKENS["origin"], _TOKENS["destination"]
    if tokens & start and tokens & end:
        return "routing" if tokens <= start | end | form else None  # Orig/Dest
    if tokens & _SINGLE and "count" in tokens and len(tokens) == 2:  # noqa: PLR2004 - two words
        return "travellers"  # a passenger alone is a name
    return next(
        (
            column
            for column, (own, beside) in _TOKENS.items()
            if tokens & own and tokens <= own | beside
        ),
        None,
    )


def _exactness(heading: str) -> int:
    """Return how well a heading promises a code rather than a name."""
    tokens = set(_spaced(heading).split())
    return 2 if tokens & _CODES else 1 if tokens & _AIRPORT else 0


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

    @property
    def unused(self) -> tuple[str, ...]:
        """The headings of columns that are not read, and what a second one would have been."""
        used = set(self.places.values())
        return tuple(
            f"{name} (a second {column})" if (column := column_of(name)) else name
            for place, name in enumerate(self.names)
            if place not in used and name.strip()
        )


def heading_row(rows: Sequence[Sequence[str]], given: Mapping[str, str]) -> int | None:
    """Return the index of the row that names most columns, a route or a distance among them."""
    found = [matched(cells, given) for cells in rows]
    known = [len(places) if _enough(places) else 0 for places in found]
    return known.index(max(known)) if any(known) else None


def matched(cells: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each column: as assigned, else named exactly, else in words.

    Among several in words one that promises codes comes first, then the first.
    """
    folded = [fold(cell) for cell in cells]
    places = {
        column: folded.index(fold(heading))
        for column, heading in given.items()
        if fold(heading) in folded
    }
    taken = set(places.values())
    own = {fold(column): column for column in COLUMNS}
    for place, heading in enumerate(folded):
        column = own.get(heading)
        if column is not None and column not in places and place not in taken:
            places[column] = place
            taken.add(place)
    for place in sorted(range(len(cells)), key=lambda at: -_exactness(cells[at])):
        column = None if place in taken else column_of(cells[place])
        if column is not None:
            places.setdefault(column, place)
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
