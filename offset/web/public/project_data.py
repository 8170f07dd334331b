"""How does a reader take the data along? CSV, JSON and GeoJSON at addresses that stay."""

import hashlib
from typing import Any, Final

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from offset.clock import utc_day
from offset.errors import NotFound
from offset.projects import queries
from offset.projects.models import ProjectStatus
from offset.projects.queries import Portfolio, ProjectPage
from offset.reports import project_data, public_ledger
from offset.web.public import blueprint
from offset.web.public.listing import FILTERS, wanted_of
from offset.web.security import public
from offset.web.wiring import now, services

_MINUTE: Final = 60


@blueprint.get("/data/")
@public
def open_data() -> ResponseReturnValue:
    """List every file of open data, its columns and its licence."""
    return render_template(
        "public/data.html",
        projects=project_data.COLUMNS,
        figures=project_data.FIGURES,
        ledger=public_ledger.COLUMNS,
        licence_url=project_data.LICENCE_URL,
    )


@blueprint.get("/projects.csv")
@public
def projects_csv() -> ResponseReturnValue:
    """Hand out the portfolio as a table; the filters of the list hold here too."""
    rows = [project_data.row(one, _site()) for one in _everything().projects]
    return _table(project_data.as_csv(project_data.COLUMNS, rows), "projects.csv")


@blueprint.get("/projects.json")
@public
def projects_json() -> ResponseReturnValue:
    """Hand out the portfolio for programs."""
    return _document(project_data.documents(_everything(), _site()))


@blueprint.get("/projects.geojson")
@public
def projects_geojson() -> ResponseReturnValue:
    """Hand out the portfolio as places, rounded."""
    return _document(project_data.features(_everything(), _site()), "application/geo+json")


@blueprint.get("/projects/<slug>.csv")
@public
def project_csv(slug: str) -> ResponseReturnValue:
    """Hand out every figure of one project as a table."""
    told = project_data.figures(_page(slug))
    return _table(project_data.as_csv(project_data.FIGURES, told), f"{slug}.csv")


@blueprint.get("/projects/<slug>.json")
@public
def project_json(slug: str) -> ResponseReturnValue:
    """Hand out one project for programs."""
    return _document(project_data.document(_page(slug), _site()))


@blueprint.get("/projects/<slug>.geojson")
@public
def project_geojson(slug: str) -> ResponseReturnValue:
    """Hand out one project as a place, rounded."""
    found = _page(slug)
    facts = {
        name: value
        for name, value in project_data.facts(found, _site()).items()
        if name not in {"latitude", "longitude"}
    }
    told = {
        **project_data.feature(facts, found.position),
        "licence": project_data.LICENCE,
        "licence_url": project_data.LICENCE_URL,
    }
    return _document(told, "application/geo+json")


def _everything() -> Portfolio:
    chosen = {name: request.args.get(name, "").strip()[:100] for name in FILTERS}
    with services().database.reading() as session:
        return project_data.everything(session, wanted_of(chosen))


def _page(slug: str) -> ProjectPage:
    """Read one project that the public may see.

    Raises
    ------
    NotFound
        ``project_unknown``, also for a project that was withdrawn.
    """
    with services().database.reading() as session:
        found = queries.page(session, slug, on=utc_day(now()))
    if found.status is ProjectStatus.WITHDRAWN:
        raise NotFound("project_unknown", slug=slug)
    return found


def _site() -> str:
    return services().settings.public_url


def _table(text: str, name: str) -> Response:
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _kept(answer)


def _document(told: dict[str, Any], kind: str = "application/json") -> Response:
    answer = jsonify(told)
    answer.content_type = kind
    return _kept(answer)


def _kept(answer: Response) -> Response:
    """Name the licence, and answer 304 to whoever has this already."""
    answer.headers["Link"] = f'<{project_data.LICENCE_URL}>; rel="license"'
    answer.headers["Cache-Control"] = f"public, max-age={_MINUTE}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer
