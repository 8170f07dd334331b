"""What do soils, projects and books look like around an estimate?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from babel import Locale
from flask import current_app
from flask_babel import gettext

from calculators.flight.near import Point, route_km
from offset.clock import utc_day
from offset.money import Money
from offset.projects.queries import Listed
from offset.reports import landing
from offset.reports.landing import Horizons
from offset.web.charts import Meter, meter
from offset.web.drawings import Layer, Strip, strip, vegetation_for
from offset.web.labels import PRACTICES, label
from offset.web.language import language
from offset.web.templating import number
from offset.web.wiring import now, services

CARDS: Final = 3
NEAR: Final = 3
_ROUND_YEARS: Final = 5  # soils are sampled at the start, after five and after ten years
_LAST_ROUND: Final = 10
_LAST_READ: Final = "offset_backdrop"
_FRESH: Final = timedelta(seconds=5)


@dataclass(frozen=True)
class Card:
    """A project as a card shows it: soil, people, money, verdict; no tonnes."""

    listed: Listed

    @property
    def slug(self) -> str:
        """The last part of its address."""
        return self.listed.slug

    @property
    def title(self) -> str:
        """The title as its people wrote it."""
        return self.listed.title

    @property
    def language(self) -> str:
        """The language of the title."""
        return self.listed.language

    @property
    def where(self) -> str:
        """Region and country."""
        return where(self.listed.region, self.listed.country)

    @property
    def practice(self) -> str:
        """What is done there."""
        return label(PRACTICES, self.listed.practice) if self.listed.practice else ""

    @property
    def area_ha(self) -> float | None:
        """Hectares."""
        return self.listed.area_ha

    @property
    def target(self) -> Money:
        """What it asks for."""
        return self.listed.target

    @property
    def paid(self) -> Money:
        """What was paid to it."""
        return self.listed.totals.paid

    @property
    def allocated(self) -> Money:
        """What was allocated, paid or not."""
        return self.listed.totals.allocated

    @property
    def unpaid(self) -> Money:
        """What is allocated and not yet paid."""
        return self.allocated - self.paid

    @property
    def meter(self) -> Meter:
        """The three parts of the target."""
        return meter(self.paid.minor, self.unpaid.minor, self.target.minor)

    @property
    def verdict(self) -> str | None:
        """What the latest measurement says."""
        return self.listed.verdict.value if self.listed.verdict else None

    @property
    def verdict_years(self) -> int:
        """After how many years it was measured."""
        return round(self.listed.verdict_years or 0)

    @property
    def next_sampling(self) -> int | None:
        """The year of the next sampling, while there is one to come."""
        start = self.listed.starts_year
        if start is None:
            return None
        if self.listed.sampled_year is None:
            return start + _ROUND_YEARS
        last = start + _LAST_ROUND
        return last if last > self.listed.sampled_year else None

    @property
    def strip_words(self) -> str:
        """What the drawing of the soil says."""
        return _expected(self.listed) or gettext("Soil under the project, no figure yet")

    @cached_property
    def strip(self) -> Strip:
        """The soil under its plants, with what is expected of its first 30 cm."""
        layers = (
            Layer(0, 30, note=_short_range(self.listed)),
            Layer(30, 60, labelled=False),
            Layer(60, 85, labelled=False),
        )
        seed = sum(map(ord, self.slug))
        return strip(layers, vegetation_for(self.listed.practice or ""), seed=seed)


@dataclass(frozen=True)
class Near:
    """A project near a route: its number on the map, and how far it lies from the line."""

    slug: str
    title: str
    language: str
    where: str
    position: tuple[float, float]
    km: int


@dataclass(frozen=True)
class Backdrop:
    """What stands below the estimate: horizons and the cards of projects open for funding."""

    horizons: Horizons
    listed: tuple[Listed, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards: projects that are open, the least funded first."""
        open_ones = [one for one in self.listed if one.status.value == "open"]
        return tuple(Card(one) for one in open_ones[:CARDS])


@dataclass(frozen=True)
class _Read:
    """A backdrop and when it was read."""

    at: datetime
    shown: Backdrop


def backdrop() -> Backdrop:
    """Read what stands below the estimate; the most read page asks once in five seconds."""
    at = now()
    kept: _Read | None = current_app.extensions.get(_LAST_READ)
    if kept is not None and timedelta(0) < at - kept.at < _FRESH and _same_day(at, kept.at):
        return kept.shown
    with services().database.reading() as session:
        shown = Backdrop(landing.horizons(session, on=utc_day(at)), landing.listed(session))
    current_app.extensions[_LAST_READ] = _Read(at, shown)
    return shown


def _same_day(a: datetime, b: datetime) -> bool:
    return utc_day(a) == utc_day(b)


def near(listed: Sequence[Listed], legs: Sequence[tuple[Point, Point]]) -> tuple[Near, ...]:
    """Return the projects nearest to a route, nearest first, from their rounded positions."""
    found = [
        Near(
            one.slug,
            one.title,
            one.language,
            where(one.region, one.country),
            one.position,
            round(route_km(one.position, legs)),
        )
        for one in listed
        if one.position is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.km, one.slug))[:NEAR])


def where(region: str | None, country: str | None) -> str:
    """Write a place: region, then the country in the reader's language."""
    return ", ".join(part for part in (region, country_name(country)) if part)


def country_name(code: str | None) -> str:
    """Write a country in the reader's language; a name that is no code stands as it is."""
    if not code:
        return ""
    return str(Locale.parse(language()).territories.get(code.upper(), code))


def _short_range(one: Listed) -> str:
    if one.p05 is None or one.p95 is None:
        return ""
    return gettext(
        "projected %(low)s to %(high)s tC/ha/yr", low=number(one.p05, 2), high=number(one.p95, 2)
    )


def _expected(one: Listed) -> str:
    if one.p05 is None or one.p95 is None:
        return ""
    return gettext(
        "Soil under the project. Projected for the first 30 cm: %(low)s to %(high)s tonnes of "
        "carbon per hectare and year, 9 in 10",
        low=number(one.p05, 2),
        high=number(one.p95, 2),
    )
