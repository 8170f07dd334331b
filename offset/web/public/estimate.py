"""The first page, the estimate and how it was computed: what does a flight emit?"""

from urllib.parse import urlencode

from flask import jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from calculators.flight.fuel import aircraft_choices
from offset.people import settings
from offset.web.language import page
from offset.web.public import blueprint, currency, texts, trips, words
from offset.web.public.backdrop import backdrop
from offset.web.public.drawn import estimate_of, ground, how_of, seen
from offset.web.public.figures import SETTINGS, Treated, sheet, terms
from offset.web.public.otherways import OtherWays, other_ways
from offset.web.public.search import country
from offset.web.public.trips import Asked, Choice, Row, Trip, Understanding
from offset.web.security import public
from offset.web.wiring import services

_EMPTY = Asked(rows=(Row(),), both_ways=True)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show the form, or what a flight emits and what could be contributed."""
    told = trips.asked(request.args)
    if told is None:
        return empty_form()
    changed = _changed(told)
    if changed is not None or told.empty:
        return _form(changed or told)
    understood = trips.understand(told)
    if "edit" in request.args and understood.trip is not None:
        return _form(understood.trip.asked())
    return answer(told, understood)


def _changed(told: Asked) -> Asked | None:
    """Return the form as a button asks for it: a leg more, a stop more, a leg less."""
    if "add" in request.args:
        return trips.with_leg(told)
    for name, change in (("stop", trips.with_stop), ("remove", trips.without_leg)):
        number = request.args.get(name, "")
        if number.isdecimal() and number.isascii():
            return change(told, int(number[:2]))
    return None


@blueprint.get("/how")
@public
def how() -> ResponseReturnValue:
    """Show every input, factor, source and step of an estimate."""
    told = trips.asked(request.args)
    if told is None or told.empty:
        return empty_form()
    understood = trips.understand(told)
    if understood.trip is None:
        return answer(told, understood)
    return render_template(
        "public/how.html", trip=understood.trip, body=how_of(seen(), understood.trip)
    )


@blueprint.get("/estimate.json")
@public
def estimate_json() -> ResponseReturnValue:
    """Give an estimate as a file: every input, factor, source and step, and all methods."""
    told = trips.asked(request.args)
    understood = trips.understand(told) if told is not None else None
    if understood is None or understood.trip is None:
        codes = [fault.code for fault in understood.faults.values()] if understood else []
        return jsonify({"faults": codes or ["place_ambiguous" if understood else "no_trip"]}), 422
    trip = understood.trip
    made = sheet(trip)
    file = jsonify(
        {
            "page": f"{services().settings.public_url}{page('/')}?{trip.query()}",
            "inputs": trip.pairs(),
            "estimate": made.estimate.as_json(),
            "method": made.estimate.method.as_json(),
            "non_co2_kg": [_as_json(one) for one in made.treatments],
            "other_ways": _ways_as_json(other_ways(trip)),
            "other_methods": [
                {"method": one.info.id, "name": one.info.name, "co2e_kg": one.kilograms}
                for one in made.others
            ],
        }
    )
    name = "_".join("-".join(place.code for place in way) for way in trip.ways)
    file.headers["Content-Disposition"] = f'attachment; filename="estimate-{name}.json"'
    return file


def _ways_as_json(ways: OtherWays) -> dict[str, object]:
    return {
        "cabins": [one.as_json() for one in ways.cabins],
        "direct": ways.direct.as_json() if ways.direct else None,
        "over_land": ways.land.as_json() if ways.land else None,
        "airports": ways.airports.as_json(),
        "equivalents": [one.as_json() for one in ways.equivalents],
    }


def _as_json(one: Treated) -> dict[str, object]:
    told = one.kilograms
    return {
        "treatment": one.id,
        "low": told.low if told else None,
        "central": told.central if told else None,
        "high": told.high if told else None,
        "bounds": one.bounds,
        "source": one.source,
        "chosen": one.chosen,
    }


def answer(told: Asked, understood: Understanding) -> ResponseReturnValue:
    """Show the estimate, the places to choose from, or the form with its faults."""
    if understood.trip is not None:
        return _estimate(understood.trip)
    if understood.choice is not None:
        return _choose(told, understood.choice)
    wrong = {name: texts.sentence(fault) for name, fault in understood.faults.items()}
    return _form(told, wrong), 422


def empty_form() -> str:
    """Show the form as a first visit sees it."""
    return _form(_EMPTY)


def _form(told: Asked, wrong: dict[str, str] | None = None) -> str:
    return render_template(
        "public/home.html",
        asked=told,
        wrong=wrong or {},
        cabins=texts.CABINS,
        aircraft=aircraft_choices(),
        below=ground(seen(), backdrop()),
        kept=_kept(),
    )


def _choose(told: Asked, choice: Choice) -> str:
    return render_template(
        "public/choose_place.html",
        choice=choice,
        options=[(place, trips.chosen(told, choice, place.code)) for place in choice.places],
        back=trips.query_of(told),
        carried="".join(f"&{urlencode([pair])}" for pair in _kept().items()),
        country=country,
    )


def _estimate(trip: Trip) -> ResponseReturnValue:
    """Show an estimate: four statements at most, no cookie, nothing stored."""
    wanted = request.args.get("currency", "").upper() or currency.of_the_reader()
    with services().database.reading() as session:
        held = terms(settings.several(session, *SETTINGS), wanted)
    shown = make_response(
        render_template(
            "public/estimate.html",
            trip=trip,
            route=words.heading(trip).route_plain,
            body=estimate_of(seen(), trip, held, tuple(_kept().items()), backdrop()),
        )
    )
    # Which currency the amounts are in may be what the browser says of its reader's country.
    shown.vary.add("Accept-Language")
    return shown


def _kept() -> dict[str, str]:
    """Return what a partner's or a project's link carries besides the trip, to hand it on."""
    carried = ("currency", "project", "ref")
    return {name: request.args[name][:64] for name in carried if request.args.get(name)}
