"""Which files does the committee get? Those of an application, the dossier and the report."""

import uuid

from flask import Response

from offset.people.access import Right
from offset.projects import reports, rooms
from offset.web import letters
from offset.web.committee import summary
from offset.web.committee.room import blueprint, checked, opened
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/files/<uuid:attachment_id>")
@policy(Right.SEE_COMMITTEE)
def file(attachment_id: uuid.UUID) -> Response:
    """Hand out a file of an application in which one has a seat and declared no interest."""
    with services().database.reading() as session:
        found = rooms.attachment(session, current_actor(), attachment_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


@blueprint.get("/seats/<uuid:assignment_id>/report.pdf")
@policy(Right.SEE_COMMITTEE)
def report(assignment_id: uuid.UUID) -> Response:
    """Hand out the report of a decision to those who sat in its assessment."""
    seen = opened(assignment_id)
    with services().database.reading() as session:
        found = reports.of_decision(session, current_actor(), seen.line.assessment_id)
    return letters.report(found)


@blueprint.get("/seats/<uuid:assignment_id>/dossier.pdf")
@policy(Right.SEE_COMMITTEE)
def dossier(assignment_id: uuid.UUID) -> Response:
    """Hand out the dossier as one document: summary, checks, criteria, the application."""
    seen = opened(assignment_id)
    return letters.dossier(seen, summary.of(seen, checked(assignment_id)))
