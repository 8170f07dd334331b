"""What does the committee ask and tell the people of a project? Questions, report, letter."""

import uuid

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import inquiries, reports
from offset.projects.organisations import own_project
from offset.web import labels, letters
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import current_actor, policy
from offset.web.steward.forms import Answer
from offset.web.steward.room import blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services


@blueprint.get("/projects/<uuid:project_id>/assessment")
@policy(Right.APPLY)
def assessment(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show the committee's questions, and its papers once it has decided."""
    return _page(project_id)


@blueprint.post("/projects/<uuid:project_id>/assessment/<uuid:inquiry_id>")
@policy(Right.APPLY)
def answer_question(project_id: uuid.UUID, inquiry_id: uuid.UUID) -> ResponseReturnValue:
    """Answer one question of the committee."""
    form = Answer()
    if form.validate():
        try:
            services().database.run(
                inquiries.answer,
                actor=current_actor(),
                at=now(),
                inquiry_id=inquiry_id,
                text=form.answer.data or "",
            )
            return redirect(page(f"/steward/projects/{project_id}/assessment"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(project_id, faulty=form, answering=inquiry_id, status=422)


@blueprint.get("/projects/<uuid:project_id>/report.pdf")
@policy(Right.APPLY)
def report_pdf(project_id: uuid.UUID) -> Response:
    """Hand out the report of the last decision."""
    return letters.report(_report(project_id))


@blueprint.get("/projects/<uuid:project_id>/letter.pdf")
@policy(Right.APPLY)
def letter_pdf(project_id: uuid.UUID) -> Response:
    """Hand out the letter about the last decision."""
    return letters.letter(_report(project_id))


def _report(project_id: uuid.UUID) -> reports.Report:
    with services().database.reading() as session:
        own_project(session, current_actor(), project_id, Right.APPLY)
        assessment_id = reports.latest(session, project_id)
        if assessment_id is None:
            raise NotFound("report_unknown")
        return reports.of_decision(session, current_actor(), assessment_id)


def _page(
    project_id: uuid.UUID,
    *,
    faulty: Answer | None = None,
    answering: uuid.UUID | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    seen = seen_project(project_id)
    with services().database.reading() as session:
        asked = inquiries.for_holder(session, current_actor(), project_id)
    return render_template(
        "steward/assessment.html",
        seen=seen,
        asked=asked,
        reply=faulty or Answer(formdata=None),
        answering=answering,
        labels=labels,
    ), status
