"""Which places may a typed text mean, in the reader's language?"""

from typing import Final

from flask import Response, jsonify, request
from flask_babel import gettext

from calculators.flight import airports
from calculators.flight.airports import Place
from offset.web.public import blueprint
from offset.web.public.backdrop import country_name
from offset.web.security import limited, public

_SUGGESTED: Final = 8
_LONGEST: Final = 80
_A_DAY: Final = 86_400
_TYPING: Final = "300 per minute"  # several people behind one address, each typing fast


@blueprint.get("/airports.json")
@public
@limited(_TYPING, method="GET")
def airports_json() -> Response:
    """Answer the places a typed text may mean, at most eight, best first."""
    found = airports.search(request.args.get("q", "")[:_LONGEST], limit=_SUGGESTED)
    answer = jsonify([{"code": place.code, "label": _label(place)} for place in found])
    answer.headers["Cache-Control"] = f"public, max-age={_A_DAY}"
    return answer


def country(place: Place) -> str:
    """Write the country of a place in the reader's language."""
    return country_name(place.country) or place.country_name


def _label(place: Place) -> str:
    """Write a place for the list of suggestions in the reader's language."""
    if place.kind == "city":
        return gettext(
            "%(city)s, all airports, %(country)s", city=place.name, country=country(place)
        )
    name = place.name if place.city in place.name else f"{place.city}, {place.name}"
    return f"{name}, {country(place)}"
