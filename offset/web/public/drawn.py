"""Which parts of the pages of a trip are rendered once and kept?

The same question gives the same page until the books or the settings change: what was rendered is
kept by everything that goes into it, the least used is forgotten first.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from flask import render_template, request
from markupsafe import Markup

from calculators.flight.datasets import LATEST
from offset.giving import wording
from offset.web.language import language
from offset.web.maps import route_map
from offset.web.public import otherways, step_words, texts, words
from offset.web.public.backdrop import Backdrop, near
from offset.web.public.figures import Terms, all_said, offers, reasons, sheet, tracks
from offset.web.public.method_words import TREATMENTS
from offset.web.public.otherways import other_ways
from offset.web.public.trips import Trip
from offset.web.wiring import services

_PAGES: Final = 128  # rendered parts kept in memory, about 40 kB each


@dataclass(frozen=True)
class Seen:
    """What a rendered part of a page depends on besides its figures: language and addresses."""

    language: str
    root: str
    public_url: str


def seen() -> Seen:
    """Return the language and addresses of this request."""
    return Seen(language(), request.script_root, services().settings.public_url)


@lru_cache(maxsize=_PAGES)
def ground(key: Seen, shown: Backdrop) -> Markup:  # noqa: ARG001 - part of the key
    """Draw what stands below an estimate."""
    return Markup(render_template("public/_ground.html", backdrop=shown))  # noqa: S704 - ours


@lru_cache(maxsize=_PAGES)
def estimate_of(
    key: Seen, trip: Trip, held: Terms, carried: tuple[tuple[str, str], ...], shown: Backdrop
) -> Markup:
    """Draw an estimate with the contribution card beside it and everything below."""
    made, lines, differs, ways = sheet(trip), tracks(trip), reasons(trip), other_ways(trip)
    # The way back lies on the way out.
    way_out = lines[: len(trip.outward)]
    close = near(shown.listed, [(line.points[0], line.points[-1]) for line in way_out])
    suggested = offers(made, held)
    kept = dict(carried)
    body = render_template(
        "public/_estimate.html",
        sheet=made,
        trip=trip,
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
        sentences=wording.load(key.language),
        receiver=words.receiver(held),
        arithmetic=words.arithmetic(made, held, suggested),
        other_amount=words.other_amount(trip, held, kept),
        reason=lambda code: texts.say(texts.REASONS_SHORT, code),
        kept={name: value for name, value in kept.items() if name != "currency"},
        carried="".join(f"&{urlencode([pair])}" for pair in carried),
        map=route_map(lines, [(one.title, one.position) for one in close]),
        near=close,
        under=urlencode([("leg", f"{a.code}-{b.code}") for a, b in trip.outward]),
        below=ground(key, shown),
    )
    return Markup(body)  # noqa: S704 - a template of ours, escaped by itself


@lru_cache(maxsize=_PAGES)
def how_of(key: Seen, trip: Trip) -> Markup:  # noqa: ARG001 - part of the key
    """Draw how an estimate was computed."""
    made = sheet(trip)
    body = render_template(
        "public/_how.html",
        sheet=made,
        trip=trip,
        words=words.about(made),
        ways=other_ways(trip),
        mode=lambda code: texts.say(otherways.MODES, code),
        land_note=lambda code: texts.say(otherways.LAND_NOTES, code),
        sum_name=lambda code: texts.say(otherways.SUMS, code),
        method_name=texts.method_name,
        all_methods=all_said(trip),
        scope=lambda code: texts.say(texts.SCOPES, code),
        step_name=lambda code: step_words.say(step_words.STEPS, code),
        unit=lambda code: str(step_words.UNITS.get(code, code)),
        factor_name=lambda code: step_words.say(step_words.FACTORS, code),
        category=lambda code: texts.say(texts.CATEGORIES, code),
        non_co2_word=lambda code: texts.say(texts.NON_CO2, code),
    )
    return Markup(body)  # noqa: S704 - a template of ours, escaped by itself
