"""Why do two calculators disagree on a trip: what does each difference between them amount to?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from calculators.errors import FlightError
from calculators.flight.itinerary import DEFAULT, method_info
from calculators.flight.why import Reasons, Step
from offset.web.charts import Waterfall, lines_of, waterfall
from offset.web.public import blueprint, texts, trips
from offset.web.public.estimate import answer, empty_form
from offset.web.public.figures import all_said, compared
from offset.web.public.method_words import NOTES, UNITS
from offset.web.public.trips import Trip
from offset.web.public.words import because, component, figure, heading, signed
from offset.web.security import public
from offset.web.templating import number, tonnes


@dataclass(frozen=True)
class Line:
    """One step of the way as the table prints it."""

    name: str
    start: str
    end: str
    change: str
    running: float
    start_notes: str
    end_notes: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """The way between two methods: chart, its words, the table and the sentence above them."""

    told: Reasons
    chart: Waterfall
    labels: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]
    without: str
    sentence: str
    description: str


@blueprint.get("/why")
@public
def why() -> ResponseReturnValue:
    """Show the walk from one method to another on a trip, and let both be chosen."""
    told = trips.asked(request.args)
    if told is None or told.empty:
        return empty_form()
    understood = trips.understand(told)
    if understood.trip is None:
        return answer(told, understood)
    return _compare(understood.trip)


def _compare(trip: Trip) -> ResponseReturnValue:
    start, end, known = _chosen(trip, request.args if "leg" in request.args else {})
    try:
        way = _way(compared(trip, start, end))
    except FlightError as fault:
        way, known = None, False
        sentence = texts.sentence(trips.fault_of(fault))
    else:
        sentence = "" if known else gettext("There is no method of this name: here are others.")
    page = render_template(
        "public/why.html",
        trip=trip,
        words=heading(trip),
        way=way,
        start=start,
        end=end,
        fault=sentence,
        choices=[(one.info.id, texts.method_name(one.info.id)) for one in all_said(trip)],
        figure=_figure,
        method_name=texts.method_name,
    )
    return page if known else (page, 422)


def _chosen(trip: Trip, given: Mapping[str, str]) -> tuple[str, str, bool]:
    """Return the two methods of an address, and whether both exist."""
    first = texts.current(texts.first_family(trip.country))
    told = (given.get("from") or DEFAULT, given.get("to") or first)
    try:
        for method in told:
            method_info(method)
    except FlightError:
        return DEFAULT, first, False
    return *told, True


def _way(told: Reasons) -> Way:
    walk = told.walk
    shown = [step for step in walk.steps if step.difference_kg]
    ends = (texts.method_name(walk.start.id), texts.method_name(walk.end.id))
    without = [component(step.component) for step in walk.steps if not step.difference_kg]
    return Way(
        told=told,
        chart=waterfall(walk.from_kg, [step.difference_kg for step in shown]),
        labels=tuple(
            lines_of(label)
            for label in (ends[0], *(component(step.component) for step in shown), ends[1])
        ),
        lines=tuple(_line(step) for step in walk.steps),
        without=", ".join(dict.fromkeys(without)),
        sentence=because(told),
        description=_described(told, shown),
    )


def _described(told: Reasons, shown: Sequence[Step]) -> str:
    walk = told.walk
    steps = ", ".join(f"{component(s.component)} {signed(s.difference_kg)}" for s in shown)
    return gettext(
        "From %(start)s, %(first)s, to %(end)s, %(last)s: %(steps)s.",
        start=texts.method_name(walk.start.id),
        first=tonnes(walk.from_kg),
        end=texts.method_name(walk.end.id),
        last=tonnes(walk.to_kg),
        steps=steps or gettext("no difference"),
    )


def _line(step: Step) -> Line:
    unit = texts.say(UNITS, step.unit)
    return Line(
        component(step.component),
        _value(step.from_value, step.from_values, unit),
        _value(step.to_value, step.to_values, unit),
        signed_kg(step.difference_kg),
        step.running_kg,
        _noted(step.from_notes),
        _noted(step.to_notes),
        tuple(dict.fromkeys((*step.from_sources, *step.to_sources))),
    )


def _noted(codes: Sequence[str]) -> str:
    return "; ".join(texts.say(NOTES, code) % {} for code in codes)


def _value(value: float | None, by_leg: Sequence[float], unit: str) -> str:
    """Write a number of a method for the trip, or leg by leg where they differ."""
    told = [value] if value is not None else by_leg
    return f"{' · '.join(digits(one) for one in told)} {unit}".strip()


def digits(value: float) -> str:
    """Write a number with as many decimals as four significant figures need."""
    size = abs(value)
    places = next((p for limit, p in ((1000, 0), (100, 1), (10, 2), (1, 3)) if size >= limit), 4)
    text = number(round(value, places), places)
    mark = next((letter for letter in text if letter in ",."), "")
    return text.rstrip("0").rstrip(mark) if places and mark else text


def signed_kg(kilograms: float) -> str:
    """Write a difference in kilograms with its sign."""
    if not kilograms:
        return "0"
    return f"{'+' if kilograms > 0 else ''}{number(kilograms, 1)}"


def _figure(kilograms: float, change: bool) -> str:  # noqa: FBT001 - a template passes it in order
    return signed(kilograms) if change else f"{figure(kilograms)}\N{NO-BREAK SPACE}t"
