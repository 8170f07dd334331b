"""How does a steward outline the land? Written, pasted or as a file; drawn back at once."""

import json
import uuid
from collections.abc import Iterable

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right
from offset.projects import geojson, sites
from offset.projects.application_models import SiteWay
from offset.projects.outlines import UNIT, simplified
from offset.projects.outlines import Outline as Drawn
from offset.projects.questions import Blocks
from offset.web import outline_maps
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward.application_forms import Outline
from offset.web.steward.forms import Press
from offset.web.steward.room import blueprint
from offset.web.steward.steps import around
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services

UPLOAD_BYTES = 9_000_000
# what a drawing shows of the land that is there: enough to see where one is, light enough for 2G
_CORNERS = 24
_RINGS = 20


@blueprint.get("/projects/<uuid:project_id>/sites")
@policy(Right.APPLY)
def land(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show the pieces of land of an application, drawn, with their areas."""
    return _page(project_id, Outline(formdata=None))


@blueprint.post("/projects/<uuid:project_id>/sites")
@policy(Right.APPLY)
@accepts(UPLOAD_BYTES)
@limited("120 per hour")
def add_land(project_id: uuid.UUID) -> ResponseReturnValue:
    """Add what was written, pasted or uploaded; nothing is taken when any part is wrong."""
    form = Outline()
    if form.validate():
        try:
            text, way = _given(form)
            services().database.run(
                sites.add,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                text=text,
                name=form.name.data or "",
                way=way,
            )
            return redirect(page(f"/steward/projects/{project_id}/sites"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(project_id, form, status=422)


@blueprint.post("/projects/<uuid:project_id>/sites/<uuid:site_id>/remove")
@policy(Right.APPLY)
def remove_land(project_id: uuid.UUID, site_id: uuid.UUID) -> ResponseReturnValue:
    """Take a piece of land off the list."""
    form = Press()
    if form.validate():
        try:
            services().database.run(
                sites.remove,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                site_id=site_id,
            )
            return redirect(page(f"/steward/projects/{project_id}/sites"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(project_id, form, status=422)


@blueprint.get("/projects/<uuid:project_id>/sites.geojson")
@policy(Right.APPLY)
def land_file(project_id: uuid.UUID) -> ResponseReturnValue:
    """Hand the outlines out again as GeoJSON."""
    seen = seen_project(project_id)
    with services().database.reading() as session:
        told = sites.collection(session, seen.application_id)
    answer = Response(json.dumps(told), mimetype="application/geo+json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{seen.line.slug}.geojson")
    return answer


def _given(form: Outline) -> tuple[str, SiteWay]:
    """Return the text of the file, or what was written; both at once would be a riddle.

    Raises
    ------
    InvalidInput
        ``outline_*``.
    """
    upload = form.file.data
    if isinstance(upload, FileStorage) and upload.filename:
        data = upload.read(geojson.MOST_BYTES + 1)
        if len(data) > geojson.MOST_BYTES:
            highest = geojson.MOST_BYTES // 1_000_000
            raise InvalidInput("outline_too_large", field="file", highest=highest)
        try:
            return data.decode("utf-8-sig"), SiteWay.UPLOADED
        except UnicodeDecodeError:
            raise InvalidInput("outline_no_json", field="file", line=1, column=1) from None
    return form.outline.data or "", SiteWay.TYPED


def _page(
    project_id: uuid.UUID, form: Outline | Press, *, status: int = 200
) -> ResponseReturnValue:
    seen = seen_project(project_id)
    with services().database.reading() as session:
        land = sites.of_application(session, seen.application_id)
        shapes = sites.outlines_of(session, seen.application_id)
    outline = form if isinstance(form, Outline) else Outline(formdata=None)
    # a file that was sent is gone from the form; only words stay
    if isinstance(outline.outline.data, str) and len(outline.outline.data) > geojson.MOST_BYTES:
        outline.outline.data = ""
    return render_template(
        "steward/sites.html",
        seen=seen,
        around=around("sites"),
        sites=land,
        there=_corners(shapes.values()),
        middle=_middle(seen.document),
        drawings={key: outline_maps.drawn([shape]) for key, shape in shapes.items()},
        area=sites.area_check(land, seen.document),
        form=outline,
        faulty=form if form.errors else None,
        press=Press(formdata=None),
        ways={"typed": gettext("written here"), "uploaded": gettext("from a file")},
    ), status


def _corners(shapes: Iterable[Drawn]) -> str:
    """Write the land that is there for the drawing: rings of latitude and longitude."""
    rings = [
        [[round(y / UNIT, 6), round(x / UNIT, 6)] for x, y in simplified(polygon[0], _CORNERS)]
        for shape in shapes
        for polygon in shape
    ]
    return json.dumps(rings[:_RINGS], separators=(",", ":"))


def _middle(document: Blocks) -> str:
    """Write the middle of the region where the application names it, else nothing."""
    land = document.get("land", {})
    return " ".join(str(land[name]) for name in ("latitude", "longitude") if name in land)
