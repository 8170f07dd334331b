"""Which tables of laboratories may a member of the committee read? Those of one's own seats."""

import uuid

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from offset.people.access import Right
from offset.projects import sampled
from offset.web.committee.room import blueprint
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/projects/<uuid:project_id>/soil")
@policy(Right.SEE_COMMITTEE)
def soil_files(project_id: uuid.UUID) -> ResponseReturnValue:
    """List the raw tables of a project in which one has a seat and declared no interest."""
    with services().database.reading() as session:
        found = sampled.committee_files(session, current_actor(), project_id)
    return render_template("committee/soil.html", files=found)


@blueprint.get("/soil/files/<uuid:file_id>")
@policy(Right.SEE_COMMITTEE)
def soil_file(file_id: uuid.UUID) -> Response:
    """Hand out a raw table, byte for byte."""
    with services().database.reading() as session:
        found = sampled.file_of(session, current_actor(), file_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer
