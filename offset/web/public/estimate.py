"""The first page, the estimate and how it was computed: what does a flight emit?"""

from urllib.parse import urlencode

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from calculators.flight import airports
from calculators.flight.airports import Place
from calculators.flight.datasets import LATEST
from calculators.flight.fuel import aircraft_choices
from offset.clock import utc_day
from offset.giving import wording
from offset.people import settings
from offset.reports import landing
from offset.web.language import language, page
from offset.web.maps import route_map
from offset.web.public import blueprint, otherways, texts, trips, words
from offset.web.public.backdrop import Backdrop, backdrop, country_name, near
from offset.web.public.figures import (
    SETTINGS,
    Treated,
    all_said,
    offers,
    reasons,
    sheet,
    terms,
    tracks,
)
from offset.web.public.method_words import TREATMENTS
from offset.web.public.otherways import OtherWays, other_ways
from offset.web.public.trips import Asked, Choice, Row, Trip, Understanding
from offset.web.security import public
from offset.web.wiring import now, services

_EMPTY = Asked(rows=(Row(),), both_ways=True)
_SUGGESTED = 8
_A_DAY = 86_400


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show the form, or what a flight emits and what could be contributed."""
    told = trips.asked(request.args)
    if told is None or told.empty:
        return _form(_EMPTY if told is None else told)
    changed = _changed(told)
    if changed is not None:
        return _form(changed)
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
    made = sheet(understood.trip)
    return render_template(
        "public/how.html",
        sheet=made,
        words=words.about(made),
        ways=other_ways(understood.trip),
        mode=lambda code: texts.say(otherways.MODES, code),
        land_note=lambda code: texts.say(otherways.LAND_NOTES, code),
        sum_name=lambda code: texts.say(otherways.SUMS, code),
        method_name=texts.method_name,
        all_methods=all_said(understood.trip),
        scope=lambda code: texts.say(texts.SCOPES, code),
        step_name=lambda code: texts.say(texts.STEPS, code),
        factor_name=lambda code: texts.say(texts.FACTORS, code),
        category=lambda code: texts.say(texts.CATEGORIES, code),
        non_co2_word=lambda code: texts.say(texts.NON_CO2, code),
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
    name = "-".join(place.code for place in trip.stops)
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


@blueprint.get("/airports.json")
@public
def airports_json() -> Response:
    """Answer the places a typed text may mean, at most eight, best first."""
    found = airports.search(request.args.get("q", "")[:80], limit=_SUGGESTED)
    answer = jsonify([{"code": place.code, "label": _label(place)} for place in found])
    answer.headers["Cache-Control"] = f"public, max-age={_A_DAY}"
    return answer


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
    with services().database.reading() as session:
        shown = backdrop(landing.horizons(session, on=utc_day(now())), landing.listed(session))
    return render_template(
        "public/home.html",
        asked=told,
        wrong=wrong or {},
        cabins=texts.CABINS,
        aircraft=aircraft_choices(),
        backdrop=shown,
        kept=_kept(),
    )


def _choose(told: Asked, choice: Choice) -> str:
    return render_template(
        "public/choose_place.html",
        choice=choice,
        options=[(place, trips.chosen(told, choice, place.code)) for place in choice.places],
        back=trips.query_of(told),
        carried="".join(f"&{urlencode([pair])}" for pair in _kept().items()),
        country=_country,
    )


def _estimate(trip: Trip) -> str:
    """Compute and render: four statements, no cookie, nothing stored."""
    made, lines, differs, ways = sheet(trip), tracks(trip), reasons(trip), other_ways(trip)
    with services().database.reading() as session:
        held = terms(settings.several(session, *SETTINGS), request.args.get("currency", "").upper())
        listed = landing.listed(session)
        shown: Backdrop = backdrop(landing.horizons(session, on=utc_day(now())), listed)
    # The way back lies on the way out.
    way_out = lines[: len(trip.outward)]
    close = near(listed, [point for line in way_out for point in line.points])
    suggested = offers(made, held)
    kept = _kept()
    return render_template(
        "public/estimate.html",
        sheet=made,
        words=words.about(made, close),
        because=words.because(differs) if differs is not None else "",
        differs=differs,
        treatment=lambda code: texts.say(TREATMENTS, code),
        ways=ways,
        cabin_names=texts.CABINS,
        mode=lambda code: texts.say(otherways.MODES, code),
        land_note=lambda code: texts.say(otherways.LAND_NOTES, code),
        equal=words.equal(ways.equivalents[0]),
        newer=LATEST if trip.data != LATEST else None,
        figure=words.figure,
        terms=held,
        offers=suggested,
        sentences=wording.load(language()),
        receiver=words.receiver(held),
        arithmetic=words.arithmetic(made, held, suggested),
        other_amount=words.other_amount(trip, held, kept),
        reason=lambda code: texts.say(texts.REASONS_SHORT, code),
        kept={name: value for name, value in kept.items() if name != "currency"},
        carried="".join(f"&{urlencode([pair])}" for pair in kept.items()),
        map=route_map(lines, [(one.title, one.position) for one in close]),
        near=close,
        backdrop=shown,
    )


def _kept() -> dict[str, str]:
    """Return what a partner's or a project's link carries besides the trip, to hand it on."""
    carried = ("currency", "project", "ref")
    return {name: request.args[name][:64] for name in carried if request.args.get(name)}


def _country(place: Place) -> str:
    return country_name(place.country) or place.country_name


def _label(place: Place) -> str:
    """Write a place for the list of suggestions in the reader's language."""
    if place.kind == "city":
        return gettext(
            "%(city)s, all airports, %(country)s", city=place.name, country=_country(place)
        )
    name = place.name if place.city in place.name else f"{place.city}, {place.name}"
    return f"{name}, {_country(place)}"
