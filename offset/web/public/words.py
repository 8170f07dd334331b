"""Which sentences does the estimate page put around its figures?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from flask_babel import gettext

from calculators.flight.airports import Place
from offset.web.public import texts
from offset.web.public.backdrop import Near
from offset.web.public.figures import Offer, Sheet, Terms
from offset.web.public.trips import Trip
from offset.web.templating import locale as page_locale
from offset.web.templating import number, tonnes, write_money


@dataclass(frozen=True)
class MethodRow:
    """A method in the list that repeats the axis: name, figure, what it covers."""

    name: str
    figure: str
    scope: str


@dataclass(frozen=True)
class Words:
    """Everything the estimate page says in words."""

    route_long: str
    route_short: str
    route_plain: str
    way: str
    way_short: str
    cabin: str
    cabin_short: str
    scope_word: str
    method: str
    axis: str
    map: str
    methods: tuple[MethodRow, ...]
    legs: tuple[tuple[str, str, float], ...]
    cabins: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    flags: Mapping[str, tuple[str, str]]


def about(sheet: Sheet, near: Sequence[Near] = ()) -> Words:
    """Write the words of a trip and its figures."""
    trip = sheet.trip
    both = trip.both_ways
    return Words(
        route_long=" → ".join(place_label(place) for place in trip.stops),
        route_short=" → ".join(place.code for place in trip.stops),
        route_plain=_plain(trip),
        way=gettext("return") if both else gettext("one way"),
        way_short=gettext("return") if both else gettext("one way"),
        cabin=texts.say(texts.CABINS_INSIDE, trip.cabin),
        cabin_short=texts.say(texts.CABINS_SHORT, trip.cabin),
        scope_word=gettext("fuel"),
        method=texts.method_name(trip.method),
        axis=_axis(sheet),
        map=_map(sheet, near),
        methods=_methods(sheet),
        legs=_legs(sheet),
        cabins=tuple((code, str(word)) for code, word in texts.CABINS.items()),
        notes=tuple(str(texts.NOTES[n]) for n in sheet.estimate.notes if n in texts.NOTES),
        flags={code: (short, str(rest)) for code, (short, rest) in texts.METHODS.items()},
    )


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
    first, *middle = (place.city or place.name for place in trip.stops)
    last = middle[-1]
    if len(trip.stops) > 2:  # noqa: PLR2004 - two stops are a route without a stop between
        via = ", ".join(middle[:-1])
        told = gettext("%(first)s to %(last)s via %(via)s", first=first, last=last, via=via)
    else:
        told = gettext("%(first)s to %(last)s", first=first, last=last)
    return gettext("%(route)s and back", route=told) if trip.both_ways else told


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
    rows = [
        MethodRow(
            texts.method_name(own.method.id),
            str(tonnes(own.co2e_kg)),
            texts.say(texts.SCOPES, own.method.id),
        )
    ]
    rows += [
        MethodRow(
            texts.method_name(one.info.id),
            str(tonnes(one.kilograms)),
            texts.say(texts.SCOPES, one.info.id),
        )
        for one in sheet.others
    ]
    return tuple(rows)


def _legs(sheet: Sheet) -> tuple[tuple[str, str, float], ...]:
    return tuple(
        (leg.origin.code, leg.destination.code, leg.great_circle_km) for leg in sheet.estimate.legs
    )
