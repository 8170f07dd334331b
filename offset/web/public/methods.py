"""Which methods are there, and what is inside each: formula, factors, sources, oddities, checks?

The pages are written from the constants the calculators compute with: they can only say what the
code does.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import Final

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup

from calculators.flight import airports
from calculators.flight.airports import Place
from calculators.flight.datasets import LATEST
from calculators.flight.itinerary import DEFAULT
from calculators.flight.methods import METHOD_IDS
from calculators.flight.methods.figures import MethodInfo
from calculators.flight.methods.papers import MethodPaper, paper
from calculators.flight.validation import VERDICTS, Check
from offset.errors import NotFound
from offset.web.language import language
from offset.web.public import blueprint, method_words, texts
from offset.web.public.figures import all_said
from offset.web.public.trips import Trip
from offset.web.security import public
from offset.web.templating import number

_LANGUAGES: Final = 8
_KM: Final = 1000


@dataclass(frozen=True)
class Overview:
    """A method on the list of all: name, what it covers, and its figure on the example trip."""

    info: MethodInfo
    name: str
    kilograms: float | None
    share: float


@dataclass(frozen=True)
class FactorTable:
    """All values of one number of a method, and where they were published."""

    name: str
    rows: tuple[tuple[str, float, str], ...]
    source: str


@blueprint.get("/methods")
@public
def methods() -> str:
    """List every method: what it covers, its year, its licence, and one trip by all of them."""
    return render_template("public/methods.html", body=_overview(language(), LATEST))


@blueprint.get("/methods/<id>")
@public
def method(id: str) -> str:  # noqa: A002 - the word in the address
    """Show everything one method consists of.

    Raises
    ------
    NotFound
        ``method_unknown``.
    """
    if id not in METHOD_IDS:
        raise NotFound("method_unknown")
    return render_template(
        "public/method.html",
        id=id,
        name=texts.method_name(id),
        scope=texts.say(texts.SCOPES, id),
        body=_body(id, language()),
    )


@cache
def _example(data: str) -> Trip:
    """Return the example of the Travel Impact Model: Zürich to San Francisco, economy, one way."""
    ends: tuple[Place, Place] = (airports.find("ZRH"), airports.find("SFO"))
    return Trip((ends,), ("economy",), (None,), 1, DEFAULT, data)


@lru_cache(maxsize=_LANGUAGES)
def _overview(code: str, data: str) -> Markup:  # noqa: ARG001 - a page a language
    trip = _example(data)
    said = {one.info.id: one.kilograms for one in all_said(trip)}
    most = max(said.values())
    listed = [
        Overview(
            paper(one).info,
            texts.method_name(one),
            said.get(one),
            round(100 * said.get(one, 0.0) / most, 1),
        )
        for one in METHOD_IDS
    ]
    families = [
        (texts.family_name(family), list(members))
        for family, members in groupby(listed, key=lambda one: texts.family(one.info.id))
    ]
    return Markup(  # noqa: S704 - a template of ours, escaped by itself
        render_template(
            "public/_methods.html",
            families=families,
            trip=trip,
            scope=lambda one: texts.say(texts.SCOPES, one),
            non_co2_word=lambda one: texts.say(texts.NON_CO2, one),
            boundary=lambda one: texts.say(method_words.BOUNDARIES, one),
        )
    )


@lru_cache(maxsize=_LANGUAGES * 32)
def _body(id: str, code: str) -> Markup:  # noqa: A002, ARG001 - a page a method and language
    told = paper(id)
    return Markup(  # noqa: S704 - a template of ours, escaped by itself
        render_template(
            "public/_method.html",
            paper=told,
            trip=_example(LATEST),
            factors=_tables(told),
            meaning=_in_words,
            oddity=lambda one: texts.say(method_words.ODDITIES, one) % {},
            non_co2_word=lambda one: texts.say(texts.NON_CO2, one),
            boundary=lambda one: texts.say(method_words.BOUNDARIES, one),
            jumps=", ".join(number(km, 0) for km in told.info.jumps_km),
            verdicts=verdicts(told.checks),
            checks=told.checks,
            verdict=lambda one: texts.say(method_words.VERDICTS_SHORT, one),
        )
    )


def _in_words(meaning: str) -> str:
    """Translate what a line of a formula means; the catalogues hold the sentences of papers."""
    return gettext(meaning) if meaning else ""


def _tables(told: MethodPaper) -> tuple[FactorTable, ...]:
    """Put the values of one number together."""
    found: dict[tuple[str, str], list[tuple[str, float, str]]] = {}
    for factor in told.factors:
        source = f"{factor.source.title}, {factor.source.version}"
        row = (factor.of, factor.value, "" if factor.unit == "1" else factor.unit)
        found.setdefault((factor.name, source), []).append(row)
    return tuple(
        FactorTable(texts.say(method_words.FACTORS, name), tuple(rows), source)
        for (name, source), rows in found.items()
    )


def verdicts(checks: Sequence[Check]) -> list[tuple[str, int]]:
    """Count how checks ended, in words; that nothing lies outside its limit is said too."""
    counted = Counter(check.verdict for check in checks)
    return [
        (texts.say(method_words.VERDICTS, one), counted[one])
        for one in VERDICTS
        if counted[one] or one == "outside"
    ]
