"""The projects: which are there, what was funded, and what came of it?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.clock import utc_day
from offset.giving import wording
from offset.projects import queries
from offset.projects.models import ProjectStatus
from offset.projects.queries import AssessmentView, CriterionName, IndicatorView, ProjectPage
from offset.reports import landing
from offset.reports.landing import Listed
from offset.web import charts, labels, maps
from offset.web.language import language, mount
from offset.web.public import blueprint, claims
from offset.web.public.backdrop import Card, country_name, where
from offset.web.security import public
from offset.web.wiring import now, services

_CHART_YEARS: Final = 10
_ROUNDS: Final = (5, 10)
_YEAR_SECONDS: Final = 31_536_000
_PHOTO: Final = re.compile(r"[A-Za-z0-9_\-/]{8,120}\.webp", re.ASCII)
SORTS: Final = ("need", "title", "funded")


@dataclass(frozen=True)
class Next:
    """A date that is known, and what is due then; a year alone when only that is known."""

    on: date | None
    year: int | None
    what: str


@blueprint.get("/projects")
@public
def listing() -> ResponseReturnValue:
    """List the projects that are open or funded, with filters in the address."""
    with services().database.reading() as session:
        every = landing.listed(session)
    chosen = {name: request.args.get(name, "") for name in ("country", "practice", "status")}
    shown = _sorted(
        [one for one in every if _wanted(one, chosen)], request.args.get("sort", SORTS[0])
    )
    placed = [one for one in shown if one.position is not None]
    return render_template(
        "public/projects.html",
        cards=tuple(Card(one) for one in shown),
        all_count=len(every),
        map=maps.world_map([(one.title, one.position) for one in placed if one.position]),
        placed=placed,
        where=where,
        chosen=chosen,
        sort=request.args.get("sort", SORTS[0]),
        countries=sorted(
            {(one.country, country_name(one.country)) for one in every if one.country},
            key=lambda pair: pair[1],
        ),
        practices=sorted(
            {
                (one.practice, labels.label(labels.PRACTICES, one.practice))
                for one in every
                if one.practice
            },
            key=lambda pair: pair[1],
        ),
        statuses=[
            (status, labels.label(labels.PROJECT_STATUSES, status))
            for status in sorted({one.status.value for one in every}, reverse=True)
        ],
    )


@blueprint.get("/projects/<slug>")
@public
def project(slug: str) -> ResponseReturnValue:
    """Show a project: money, place, outcomes, assessment, updates."""
    with services().database.reading() as session:
        found = queries.page(session, slug, on=utc_day(now()))
    if found.status is ProjectStatus.WITHDRAWN:
        return render_template("public/withdrawn.html", p=found), 410
    unpaid = found.totals.allocated - found.totals.paid
    said = wording.load(language())
    return render_template(
        "public/project.html",
        p=found,
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
        locator=maps.locator(*found.position) if found.position else None,
        indicators=_indicators(found),
        photo=next((photo for update in found.updates for photo in update.photos), None),
        next_dates=_next(found),
        criteria=_by_kind(found.assessment),
        label=labels.label,
        page_photo=lambda key: f"{mount()}/photos/{key}",
        labels=labels,
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


def _wanted(one: Listed, chosen: dict[str, str]) -> bool:
    told = {"country": one.country, "practice": one.practice, "status": one.status.value}
    return all(not value or told[name] == value for name, value in chosen.items())


def _sorted(found: Iterable[Listed], by: str) -> list[Listed]:
    if by == "title":
        return sorted(found, key=lambda one: one.title.casefold())
    if by == "funded":
        return sorted(found, key=lambda one: (one.missing, one.slug))
    return list(found)


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
