"""How is a trip written on the command line?

Places in their order, each followed by what is special about the leg that arrives there:
``CDG DOH:business JNB:first@789``. Codes may also stand in one word: ``CDG-JNB``, ``CDG/DOH/JNB``,
``"CDG X/DOH JNB"``; ``//`` stands where the trip goes on without a flight.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from calculators.errors import RouteMissing
from calculators.flight.files.routes import coded, sections
from calculators.flight.itinerary import Itinerary, Leg

if TYPE_CHECKING:
    import argparse

    from calculators.cli.commands import Parser

_CODE: Final = r"[A-Za-z]{3}(?::\w+)?(?:@\w+)?"
_CODES: Final = re.compile(rf"{_CODE}(?:[-/]{_CODE})+")
_ARRIVAL: Final = re.compile(r"([^:@]+)(?::([^@]*))?(?:@(.+))?")
_STOP: Final = re.compile(r"^[XxOo]/(?=[A-Za-z])")
_SUFFIX: Final = re.compile(r"\w[:@]\w+$")
_GAP: Final = "//"

ROUTE_HELP: Final = (
    "ORIGIN [VIA...] DEST as codes or names, also CDG-JNB or CDG/DOH/JNB; a leg's own cabin and"
    " aircraft follow the place it arrives at: JNB:business@789"
)


def words(route: list[str]) -> list[str]:
    """Return the places of a route one by one, codes in one word taken apart; ``//`` stays."""
    return list(itertools.chain.from_iterable(map(_parted, route)))


def _parted(word: str) -> list[str]:
    bare = _STOP.sub("", word) or word
    if _CODES.fullmatch(bare):
        return re.split("[-/]", bare)
    if _SUFFIX.search(bare):
        return [bare]
    if _GAP in bare:
        parts = [itertools.chain.from_iterable(map(_parted, part)) for part in sections(bare)]
        return [_GAP, *itertools.chain.from_iterable([*part, _GAP] for part in parts)]
    return list(coded(bare)) or [bare]


def legs(route: list[str], cabin: str, aircraft: str | None) -> tuple[Leg, ...]:
    """Return the legs of a route.

    Parameters
    ----------
    route : list of str
        Words of the command line.
    cabin, aircraft : str, str or None
        Of every leg that does not say its own.

    Raises
    ------
    RouteMissing
        When it names fewer than two places with a flight between them.
    """
    found = []
    origin = _GAP
    for word in words(route):
        arrival = _ARRIVAL.fullmatch(word)
        place, own_cabin, own_aircraft = arrival.groups() if arrival else (word, None, None)
        if _GAP not in {origin, word}:
            found.append(Leg(origin, place, own_cabin or cabin, own_aircraft or aircraft))
        origin = place
    if not found:
        raise RouteMissing({"given": " ".join(route)})
    return tuple(found)


def add_trip(parser: Parser) -> None:
    """Add the route and the options of a trip to a command."""
    parser.add_argument("route", nargs="+", metavar="PLACE", help=ROUTE_HELP)
    parser.add_argument("--return", dest="back", action="store_true", help="and back")
    parser.add_argument(
        "--cabin",
        default="economy",
        help="economy, premium, business or first, of legs that do not say their own",
    )
    parser.add_argument("--aircraft", help="IATA or ICAO type code, likewise")
    parser.add_argument("--travellers", type=int, default=1, metavar="N")


def trip(arguments: argparse.Namespace) -> Itinerary:
    """Return the trip that was written."""
    there = legs(arguments.route, arguments.cabin, arguments.aircraft)
    whole = Itinerary(there, arguments.travellers)
    return whole.and_back() if arguments.back else whole
