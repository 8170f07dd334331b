"""One project: what was funded, what came of it, and where every figure comes from?"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.clock import utc_day
from offset.giving import wording
from offset.money import Money
from offset.projects import queries
from offset.projects.models import ProjectStatus
from offset.projects.queries import AssessmentView, CriterionName, IndicatorView, ProjectPage
from offset.reports import project_money
from offset.treasury import organisation_files
from offset.web import charts, labels, maps
from offset.web.language import language, mount
from offset.web.public import blueprint, claims
from offset.web.public.backdrop import country_name, where
from offset.web.public.depths import depth_of
from offset.web.public.ledger import end_of, known_day
from offset.web.security import public
from offset.web.templating import number
from offset.web.wiring import now, services

_CHART_YEARS: Final = 10
_ROUNDS: Final = (5, 10)
_YEAR_SECONDS: Final = 31_536_000
_UPDATES: Final = 20
_PHOTO: Final = re.compile(r"[A-Za-z0-9_\-/]{8,120}\.webp", re.ASCII)


@dataclass(frozen=True)
class Next:
    """A date that is known, and what is due then; a year alone when only that is known."""

    on: date | None
    year: int | None
    what: str


@blueprint.get("/projects/<slug>")
@public
def project(slug: str) -> ResponseReturnValue:
    """Show a project: money, place, outcomes, assessment, updates.

    With ``known`` the money is what the books knew at the end of that day.
    """
    known = known_day(request.args.get("known", "").strip(), "known")
    known_at = end_of(known)
    with services().database.reading() as session:
        found = queries.page(session, slug, on=utc_day(now()), known_at=known_at)
        trail = project_money.trail(
            session, found.project_id, found.target.currency, known_at=known_at
        )
        checked_on = organisation_files.checked_project(
            session, found.project_id, on=utc_day(now())
        )
    if found.status is ProjectStatus.WITHDRAWN:
        return _tombstone(found, trail), 410
    unpaid = found.totals.allocated - found.totals.paid
    said = wording.load(language())
    return render_template(
        "public/project.html",
        p=found,
        checked_on=checked_on,
        known=known,
        trail=trail,
        where=where(found.region, found.country),
        country=country_name(found.country),
        unpaid=unpaid,
        meter_of=charts.meter(found.totals.paid.minor, unpaid.minor, found.target.minor),
        claim=claims.headline(found.claim, found.projection),
        context=claims.context(found.claim, found.projection),
        signed=claims.signed,
        chance=claims.chance,
        reversibility=said.fill("reversibility"),
        no_change=said.fill("no_change"),
        chart=_chart(found),
        chart_words=_chart_words(found),
        depth=depth_of(found),
        locator=maps.locator(*found.position) if found.position else None,
        indicators=_indicators(found),
        photo=next((photo for update in found.updates for photo in update.photos), None),
        next_dates=_next(found),
        criteria=_by_kind(found.assessment),
        label=labels.label,
        page_photo=page_photo,
        labels=labels,
    )


@blueprint.get("/projects/<slug>/updates")
@public
def updates(slug: str) -> ResponseReturnValue:
    """Show what a project told, newest first, a page at a time."""
    with services().database.reading() as session:
        found = queries.page(session, slug, on=utc_day(now()))
        told = queries.updates_page(
            session, found.project_id, limit=_UPDATES, after=request.args.get("after") or None
        )
    _gone(found)
    return render_template(
        "public/updates.html",
        p=found,
        told=told,
        paged="after" in request.args,
        label=labels.label,
        labels=labels,
        page_photo=page_photo,
    )


@blueprint.get("/projects/<slug>/updates/<uuid:update_id>")
@public
def update(slug: str, update_id: uuid.UUID) -> ResponseReturnValue:
    """Show one update at an address that stays."""
    with services().database.reading() as session:
        told = queries.update(session, slug, update_id)
    return render_template(
        "public/update.html",
        told=told,
        label=labels.label,
        labels=labels,
        page_photo=page_photo,
    )


@blueprint.get("/photos/<path:key>")
@public
def photo(key: str) -> Response:
    """Answer a picture by the name made from its content."""
    if not _PHOTO.fullmatch(key):
        abort(404)
    answer = make_response(services().files.get(key))
    answer.content_type = "image/webp"
    answer.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    return answer


def page_photo(key: str) -> str:
    """Write the address of a picture, the same in every language."""
    return f"{mount()}/photos/{key}"


def _tombstone(found: ProjectPage, trail: project_money.Trail) -> str:
    """Say what became of a project that was withdrawn, and of its money."""
    back = sum(run.amount.minor for run in trail.runs if run.back)
    return render_template(
        "public/withdrawn.html",
        p=found,
        back=Money(-back, found.target.currency),
        claim=claims.headline(found.claim, found.projection),
    )


def _gone(found: ProjectPage) -> None:
    if found.status is ProjectStatus.WITHDRAWN:
        abort(410)


def _chart(found: ProjectPage) -> charts.BandChart | None:
    """Draw what is projected over ten years, and what was measured, in tC/ha."""
    if found.projection is None:
        return None
    standing = [one for one in found.outcomes if not one.superseded]
    start = min(
        [one.baseline_on.year for one in standing]
        or [(found.starts_on or found.projection.published_at.date()).year]
    )
    end = max([start + _CHART_YEARS, *(one.sampled_on.year for one in standing)])
    years = end - start
    return charts.band_chart(
        start,
        end,
        charts.Interval(
            found.projection.p05 * years, found.projection.p33 * years, found.projection.p95 * years
        ),
        [
            charts.Round(one.sampled_on.year, charts.Interval(one.low, one.change, one.high))
            for one in sorted(standing, key=lambda one: one.sampled_on)
        ],
    )


def _chart_words(found: ProjectPage) -> str:
    """Say what the chart shows, first of all what was measured and where it lies."""
    told = [claims.headline(found.claim, found.projection)]
    told.append(claims.context(found.claim, found.projection))
    told += [
        gettext(
            "Measured in %(year)s: %(change)s tC/ha, 95 %% %(low)s to %(high)s.",
            year=one.sampled_on.year,
            change=claims.signed(one.change, 1),
            low=number(one.low, 1),
            high=number(one.high, 1),
        )
        for one in sorted(found.outcomes, key=lambda one: one.sampled_on)
        if not one.superseded
    ]
    return " ".join(part for part in told if part)


def _indicators(
    found: ProjectPage,
) -> list[tuple[str, list[tuple[IndicatorView, charts.Indicator]]]]:
    """Draw the indicators of each family."""
    return [
        (
            family.family.value,
            [
                (one, charts.indicator(one.baseline, one.latest, one.target))
                for one in family.indicators
            ],
        )
        for family in found.families
    ]


def _next(found: ProjectPage) -> list[Next]:
    """List what is known of the future: report, end of the assessment, samplings."""
    today = utc_day(now())
    told = [
        Next(day, None, what)
        for day, what in (
            (found.report_due_on, gettext("Next report due")),
            (
                found.assessment.expires_on if found.assessment else None,
                gettext("Assessment expires; a new one is asked for"),
            ),
        )
        if day is not None and day >= today
    ]
    sampled = [one.sampled_on.year for one in found.outcomes if not one.superseded]
    start = min([one.baseline_on.year for one in found.outcomes], default=None) or (
        found.starts_on.year if found.starts_on else None
    )
    told += [
        Next(None, start + years, gettext("Soil sampling, year %(number)s", number=years))
        for years in _ROUNDS
        if start is not None and start + years > max([today.year - 1, *sampled])
    ]
    return sorted(told, key=lambda one: (one.on.year if one.on else one.year or 0, str(one.on)))


def _by_kind(found: AssessmentView | None) -> list[tuple[str, Sequence[CriterionName]]]:
    """Group the criteria of a version by their type, in the order the version gives them."""
    if found is None:
        return []
    kinds: dict[str, list[CriterionName]] = {}
    for criterion in found.criteria:
        kinds.setdefault(criterion.kind, []).append(criterion)
    return list(kinds.items())
