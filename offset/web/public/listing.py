"""Which projects does a reader look for, and how does an address say so? The public list."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlencode

from babel import Locale
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from calculators.flight.near import Point, route_km
from offset.projects import faces
from offset.projects.organisations import folded
from offset.projects.queries import Choices, Order, Portfolio, Wanted, portfolio, words_of
from offset.web import labels, maps
from offset.web.language import language, page
from offset.web.public import blueprint, texts, trips
from offset.web.public.backdrop import Card, country_name, where
from offset.web.public.figures import tracks
from offset.web.public.trips import Asked, Trip
from offset.web.security import public
from offset.web.wiring import services

_TEXT: Final = 100
_WAY: Final = ("leg", "from", "to")
_LEGS: Final = 20
_LABELS: Final = {
    "practice": labels.PRACTICES,
    "climate": labels.CLIMATES,
    "status": labels.PROJECT_STATUSES,
}
FILTERS: Final = ("q", "country", "practice", "climate", "status", "sdg")


@dataclass(frozen=True)
class Route:
    """The visitor's flight on the list: as typed, as understood, or why it was not."""

    typed: Asked | None
    trip: Trip | None
    problem: str

    @property
    def legs(self) -> tuple[tuple[Point, Point], ...]:
        """The ends of each leg out; the way back lies on it."""
        if self.trip is None:
            return ()
        return tuple(
            ((a.latitude, a.longitude), (b.latitude, b.longitude)) for a, b in self.trip.outward
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The legs as the address carries them."""
        if self.trip is not None:
            return [("leg", f"{a.code}-{b.code}") for a, b in self.trip.outward]
        if self.typed is None:
            return []
        rows = [row for row in self.typed.rows if row.origin or row.destination]
        return [pair for row in rows for pair in (("from", row.origin), ("to", row.destination))]

    @property
    def name(self) -> str:
        """The places of the route in one line."""
        if self.trip is None:
            return ""
        return ", ".join(
            " – ".join(place.city or place.code for place in way) for way in self.trip.ways
        )


@dataclass(frozen=True)
class Chip:
    """A filter that holds: its words, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Placed:
    """A card with its number on the map and how far it lies from the visitor's route."""

    card: Card
    number: int | None
    km: int | None


@blueprint.get("/projects")
@public
def listing() -> ResponseReturnValue:
    """List the projects with a map; filters, search, order, page and route are in the address."""
    chosen = {name: request.args.get(name, "").strip()[:_TEXT] for name in FILTERS}
    route = route_of(request.args)
    order = _order(request.args.get("sort", ""), near=bool(route.legs))
    with services().database.reading() as session:
        found = portfolio(
            session,
            wanted_of(chosen, order),
            number=_number(request.args.get("page", "")),
            away=(lambda place: route_km(place, route.legs)) if route.legs else None,
        )
    answer = render_template(
        "public/projects.html",
        found=found,
        cards=_placed(found),
        map=_map(found, route, framed=False),
        narrow_map=_map(found, route, framed=True),
        chosen=chosen,
        chips=_chips(chosen, route, order),
        order=order.value,
        orders=_orders(near=bool(route.legs)),
        options=_options(found.choices),
        route=route,
        where=where,
        address=lambda number: _address(chosen, route, order, number),
    )
    return answer, 200, _links(found, chosen, route, order)


def wanted_of(chosen: Mapping[str, str], order: Order = Order.TITLE) -> Wanted:
    """Read the filters as the portfolio understands them."""
    words = words_of(chosen.get("q", ""))
    goal = chosen.get("sdg", "")
    return Wanted(
        country=chosen.get("country", "").upper(),
        practice=chosen.get("practice", ""),
        climate=chosen.get("climate", ""),
        status=chosen.get("status", ""),
        goal=_goal(goal) if goal else None,
        words=words,
        also={word: _named(word) for word in words},
        order=order,
    )


def route_of(args: MultiDict[str, str]) -> Route:
    """Read the visitor's flight; what cannot be read is said, and the list comes without it."""
    told = MultiDict((name, text) for name in _WAY for text in args.getlist(name)[:_LEGS])
    typed = trips.asked(told)
    if typed is None or typed.empty:
        return Route(None, None, "")
    understood = trips.understand(typed)
    if understood.trip is not None:
        return Route(typed, understood.trip, "")
    if understood.choice is not None:
        problem = gettext(
            "“%(name)s” may be several places: %(codes)s. Write the code of the one you mean.",
            name=understood.choice.typed,
            codes=", ".join(place.code for place in understood.choice.places[:6]),
        )
    else:
        problem = texts.sentence(next(iter(understood.faults.values())))
    return Route(typed, None, problem)


def _goal(text: str) -> int:
    """Read the number of a goal; what is none fits no project."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0  # noqa: PLR2004 - goals have two digits at most


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1  # noqa: PLR2004 - no list has so many pages


def _order(text: str, *, near: bool) -> Order:
    known = {one.value: one for one in Order if near or one is not Order.NEAR}
    return known.get(text, Order.NEAR if near else Order.NEED)


def _named(word: str) -> tuple[frozenset[str], frozenset[str]]:
    """Find the countries and practices whose name in the reader's language begins so."""
    return (
        frozenset(code for code, name in _countries(language()) if _begins(name, word)),
        frozenset(code for code, name in labels.PRACTICES.items() if _begins(str(name), word)),
    )


@cache
def _countries(code: str) -> tuple[tuple[str, str], ...]:
    """List the countries of a language with their codes; groups of countries have numbers."""
    named = Locale.parse(code).territories
    return tuple((one, name) for one, name in named.items() if one.isalpha())


def _begins(name: str, word: str) -> bool:
    return any(part.startswith(word) for part in folded(name).split())


def _options(choices: Choices) -> dict[str, list[tuple[str, str]]]:
    """Name what each filter offers, with how many projects stand behind it."""

    def named(counts: Mapping[str, int], of: labels.Labels) -> list[tuple[str, str]]:
        told = [(code, labels.label(of, code), count) for code, count in counts.items()]
        return [_counted(*one) for one in sorted(told, key=lambda one: folded(one[1]))]

    countries = [(code, country_name(code), count) for code, count in choices.countries.items()]
    return {
        "country": [_counted(*one) for one in sorted(countries, key=lambda one: folded(one[1]))],
        "practice": named(choices.practices, labels.PRACTICES),
        "climate": named(choices.climates, labels.CLIMATES),
        "status": named(choices.statuses, labels.PROJECT_STATUSES),
        "sdg": [
            _counted(str(goal), f"{goal} {labels.label(labels.GOALS, goal)}", choices.goals[goal])
            for goal in faces.ordered(choices.goals)
        ],
    }


def _counted(code: str, name: str, count: int) -> tuple[str, str]:
    return code, f"{name} ({count})"


def _orders(*, near: bool) -> list[tuple[str, str]]:
    told = [
        (Order.NEED, gettext("least funded first")),
        (Order.FUNDED, gettext("most funded first")),
        (Order.MEASURED, gettext("soil measured last first")),
        (Order.NEW, gettext("newest first")),
        (Order.TITLE, gettext("by title")),
    ]
    if near:
        told.insert(0, (Order.NEAR, gettext("nearest to your route first")))
    return [(one.value, words) for one, words in told]


def _chips(chosen: Mapping[str, str], route: Route, order: Order) -> list[Chip]:
    """Name each filter that holds, with the address that leaves it out."""
    told = [
        Chip(_said(name, value), _address({**chosen, name: ""}, route, order, 1))
        for name, value in chosen.items()
        if value
    ]
    if route.trip is not None:
        nowhere = Route(None, None, "")
        kept = Order.NEED if order is Order.NEAR else order
        told.append(Chip(route.name, _address(chosen, nowhere, kept, 1)))
    return told


def _said(name: str, value: str) -> str:
    """Say what a filter asks for, in the reader's language."""
    if name == "country":
        return country_name(value)
    if name == "sdg":
        return f"{value} {labels.label(labels.GOALS, value)}" if value in labels.GOALS else value
    known = _LABELS.get(name)
    return labels.label(known, value) if known else f"“{value}”"


def _address(chosen: Mapping[str, str], route: Route, order: Order, number: int) -> str:
    """Write the address of a list, without what is as usual."""
    pairs = [(name, value) for name, value in chosen.items() if value]
    usual = Order.NEAR if route.legs else Order.NEED
    pairs += [("sort", order.value)] if order is not usual else []
    pairs += route.pairs
    pairs += [("page", str(number))] if number > 1 else []
    return f"{page('/projects')}?{urlencode(pairs)}" if pairs else page("/projects")


def _links(
    found: Portfolio, chosen: Mapping[str, str], route: Route, order: Order
) -> dict[str, str]:
    around = (("prev", found.number - 1), ("next", found.number + 1))
    told = [
        f'<{_address(chosen, route, order, number)}>; rel="{rel}"'
        for rel, number in around
        if 1 <= number <= found.pages
    ]
    return {"Link": ", ".join(told)} if told else {}


def _placed(found: Portfolio) -> list[Placed]:
    """Give each card its number on the map, and how far it lies from the route."""
    far = {spot.project_id: spot.km for spot in found.spots}
    numbers = {
        one.project_id: number
        for number, one in enumerate((one for one in found.projects if one.position), 1)
    }
    return [
        Placed(
            Card(one),
            numbers.get(one.project_id),
            round(km) if (km := far.get(one.project_id)) is not None else None,
        )
        for one in found.projects
    ]


def _map(found: Portfolio, route: Route, *, framed: bool) -> maps.Map:
    here = {one.project_id for one in found.projects}
    return maps.world_map(
        [(one.title, one.position) for one in found.projects if one.position],
        [spot.position for spot in found.spots if spot.position and spot.project_id not in here],
        tracks(route.trip)[: len(route.trip.outward)] if route.trip else (),
        framed=framed,
    )
