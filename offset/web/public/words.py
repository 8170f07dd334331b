"""Which sentences does the estimate page put around its figures?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from flask_babel import gettext, ngettext

from calculators.flight.airports import Place
from calculators.flight.equivalents import Equivalent
from calculators.flight.why import Reasons
from offset.web.public import step_words, texts
from offset.web.public.backdrop import Near
from offset.web.public.figures import Offer, Sheet, Terms
from offset.web.public.method_words import COMPONENTS
from offset.web.public.otherways import EQUIVALENTS
from offset.web.public.trips import Trip
from offset.web.templating import locale as page_locale
from offset.web.templating import number, tonnes, write_money


@dataclass(frozen=True)
class MethodRow:
    """A method in the list that repeats the axis: name, figure, what it covers."""

    id: str
    name: str
    figure: str
    scope: str
    x: float


@dataclass(frozen=True)
class Heading:
    """A trip in words: route, way and cabin."""

    route_long: str
    route_short: str
    route_plain: str
    way: str
    way_short: str
    cabin: str
    cabin_short: str


@dataclass(frozen=True)
class Words(Heading):
    """Everything the estimate page says in words."""

    scope_word: str
    method: str
    axis: str
    map: str
    methods: tuple[MethodRow, ...]
    spread: str
    legs: tuple[tuple[str, str, float], ...]
    cabins: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    families: Mapping[str, str]
    names: Mapping[str, str]


def heading(trip: Trip) -> Heading:
    """Write a trip in words."""
    way = gettext("return") if trip.both_ways else gettext("one way")
    return Heading(
        route_long=" · ".join(" → ".join(map(place_label, way)) for way in trip.ways),
        route_short=" · ".join(" → ".join(place.code for place in way) for way in trip.ways),
        route_plain=_plain(trip),
        way=way,
        way_short=way,
        cabin=texts.say(texts.CABINS_INSIDE, trip.cabin) if trip.cabin else gettext("mixed cabins"),
        cabin_short=texts.say(texts.CABINS_SHORT, trip.cabin) if trip.cabin else gettext("mixed"),
    )


def about(sheet: Sheet, near: Sequence[Near] = ()) -> Words:
    """Write the words of a trip and its figures."""
    trip = sheet.trip
    return Words(
        **vars(heading(trip)),
        scope_word=gettext("fuel") if sheet.non_co2 is not None else gettext("all that it counts"),
        method=texts.method_name(trip.method),
        axis=_axis(sheet),
        map=_map(sheet, near),
        methods=_methods(sheet),
        spread=_spread(sheet),
        legs=_legs(sheet),
        cabins=tuple((code, str(word)) for code, word in texts.CABINS.items()),
        # That the aircraft is not known is no news to who did not name one; /how says it.
        notes=tuple(
            step_words.say(step_words.NOTES, code)
            for code in sheet.estimate.notes
            if code != "aircraft_unknown"
        ),
        families={row.key: texts.family_name(row.key) for row in sheet.axis.rows},
        names={one.info.id: texts.method_name(one.info.id) for one in sheet.others},
    )


def because(told: Reasons) -> str:
    """Write in one sentence what two methods say and the two largest reasons between them."""
    walk = told.walk
    said = gettext(
        "%(end)s: %(to)s; %(start)s: %(from)s.",
        **{
            "end": texts.method_name(walk.end.id),
            "to": tonnes(walk.to_kg),
            "start": texts.method_name(walk.start.id),
            "from": tonnes(walk.from_kg),
        },
    )
    named = [f"{component(step.component)} ({signed(step.difference_kg)})" for step in told.largest]
    if not named:
        return said
    why = gettext(" and ").join(named)
    return (
        said
        + " "
        + ngettext(
            "The largest reason: %(why)s.", "The two largest reasons: %(why)s.", len(named), why=why
        )
    )


def equal(told: Equivalent) -> str:
    """Write how much of an everyday thing emits as much."""
    return str(EQUIVALENTS[told.id]) % {"amount": number(told.amount, 0)}


def component(code: str) -> str:
    """Write what two methods differ in."""
    return texts.say(COMPONENTS, code)


def signed(kilograms: float) -> str:
    """Write a difference in tonnes with its sign."""
    sign = "+" if kilograms > 0 else "\N{MINUS SIGN}" if kilograms < 0 else ""
    return f"{sign}{tonnes(abs(kilograms))}"


def receiver(terms: Terms) -> str:
    """Write who receives a contribution."""
    return ", ".join(part for part in (terms.receiver, terms.country) if part)


def arithmetic(sheet: Sheet, terms: Terms, offers: Sequence[Offer]) -> str:
    """Write how the suggested amounts follow from the printed figures."""
    rate = write_money(terms.rate, page_locale(), whole=True)
    fuel = number(sheet.fuel.central, sheet.fuel.places)
    if sheet.non_co2 is not None and any(
        offer.suggestion.basis.value == "fuel_and_non_co2" for offer in offers
    ):
        return gettext(
            "Suggested: %(fuel)s t × %(rate)s; with contrails (%(fuel)s + %(apart)s) t × %(rate)s; "
            "whole units, at least %(least)s.",
            fuel=fuel,
            rate=rate,
            apart=number(sheet.non_co2.central, sheet.non_co2.places),
            least=write_money(terms.minimum, page_locale(), whole=True),
        )
    return gettext("Suggested: %(fuel)s t × %(rate)s, in whole units.", fuel=fuel, rate=rate)


def other_amount(trip: Trip, terms: Terms, kept: Mapping[str, str]) -> str:
    """Return the query of the check page with the amount left open."""
    others = [(name, value) for name, value in kept.items() if name != "currency"]
    return urlencode([("currency", terms.currency), *trip.pairs(), *others])


def place_label(place: Place) -> str:
    """Write a place as the route line and the map do: city and code."""
    return f"{place.city or place.name} {place.code}"


def figure(kilograms: float) -> str:
    """Write a flag's figure in tonnes without its unit."""
    return str(tonnes(kilograms, unit=False))


def _plain(trip: Trip) -> str:
    told = ", ".join(_plain_way(way) for way in trip.ways)
    return gettext("%(route)s and back", route=told) if trip.both_ways else told


def _plain_way(way: Sequence[Place]) -> str:
    first, *middle, last = (place.city or place.name for place in way)
    if not middle:
        return gettext("%(first)s to %(last)s", first=first, last=last)
    via = ", ".join(middle)
    return gettext("%(first)s to %(last)s via %(via)s", first=first, last=last, via=via)


def _span(low: Decimal | None, high: Decimal | None, places: int) -> str:
    if low is None or high is None:
        return ""
    return gettext(
        ", range %(low)s to %(high)s", low=number(low, places), high=number(high, places)
    )


def _axis(sheet: Sheet) -> str:
    fuel, apart = sheet.fuel, sheet.non_co2
    told = [
        gettext("Fuel %(value)s", value=number(fuel.central, fuel.places))
        + _span(fuel.low, fuel.high, fuel.places)
        + "."
    ]
    if apart is not None:
        told.append(
            gettext("Non-CO2 effects %(value)s", value=number(apart.central, apart.places))
            + _span(apart.low, apart.high, apart.places)
            + gettext(", added to nothing")
            + "."
        )
    others = ", ".join(
        f"{texts.method_name(one.info.id)} {figure(one.kilograms)}" for one in sheet.others
    )
    if others:
        told.append(gettext("Other methods for the same trip: %(others)s.", others=others))
    return " ".join(told)


def _map(sheet: Sheet, near: Sequence[Near]) -> str:
    told = gettext(
        "Great circle, %(route)s, %(km)s km in all.",
        route=_plain(sheet.trip),
        km=number(sheet.estimate.great_circle_km, 0),
    )
    if near:
        listed = ", ".join(
            gettext("%(number)s %(title)s, %(km)s km", number=i, title=one.title, km=number(one.km))
            for i, one in enumerate(near, 1)
        )
        told += " " + gettext("Soil projects near it: %(projects)s.", projects=listed)
    return told


def _methods(sheet: Sheet) -> tuple[MethodRow, ...]:
    own = sheet.estimate
    told = [(own.method.id, own.co2e_kg), *((one.info.id, one.kilograms) for one in sheet.others)]
    return tuple(
        MethodRow(
            method,
            texts.method_name(method),
            str(tonnes(kilograms)),
            texts.say(texts.SCOPES, method),
            min(100.0, round(100 * kilograms / sheet.axis.top, 2)),
        )
        for method, kilograms in told
    )


def _spread(sheet: Sheet) -> str:
    every = [sheet.estimate.co2e_kg, *(one.kilograms for one in sheet.others)]
    return gettext(
        "%(count)s published ways to count give %(low)s to %(high)s t. That is a spread between "
        "methods, which count different things; it is no uncertainty of one of them.",
        count=number(len(every)),
        low=figure(min(every)),
        high=figure(max(every)),
    )


def _legs(sheet: Sheet) -> tuple[tuple[str, str, float], ...]:
    return tuple(
        (leg.origin.code, leg.destination.code, leg.great_circle_km) for leg in sheet.estimate.legs
    )
