"""What does a steward see of projects, and how does a steward answer the committee?"""

import uuid
from datetime import timedelta

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import assessments, consents, drafts, queries, rooms, tombstones
from offset.projects.models import AssessmentStatus, ProjectStatus
from offset.treasury import arrivals
from offset.web import answers, labels
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import current_actor, policy
from offset.web.steward.forms import Answer, Press, Reason
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services

_RUNNING = frozenset({ProjectStatus.OPEN, ProjectStatus.FUNDED, ProjectStatus.ON_HOLD})
_SOON = timedelta(days=14)
_ENDED = frozenset({ProjectStatus.COMPLETED, ProjectStatus.WITHDRAWN})
_RETURNABLE = frozenset({AssessmentStatus.SUBMITTED, AssessmentStatus.ELIGIBILITY})
_JUDGED = frozenset({AssessmentStatus.DECIDED, AssessmentStatus.EXPIRED})


@blueprint.get("")
@policy(Right.APPLY)
def home() -> ResponseReturnValue:
    """Show what is left to do, then the steward's projects."""
    actor = current_actor()
    with services().database.reading() as session:
        projects = rooms.own_projects(session, actor)
        unfinished = drafts.unfinished(session, actor)
        payments = arrivals.to_confirm(session, actor)
        helped = consents.helped(session, actor)
    today = now().date()
    due = [
        one
        for one in projects
        if one.status in _RUNNING and one.report_due_on and one.report_due_on <= today + _SOON
    ]
    return render_template(
        "steward/home.html",
        projects=projects,
        unfinished=unfinished,
        payments=payments,
        helped=helped,
        due=due,
        today=today,
        labels=labels,
    )


@blueprint.get("/projects/<uuid:project_id>")
@policy(Right.APPLY)
def project(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show one project: what is left to answer, its files, its updates, what was decided."""
    return project_page(project_id)


@blueprint.get("/files/<uuid:attachment_id>")
@policy(Right.APPLY)
def file(attachment_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a file of one's own application out again."""
    with services().database.reading() as session:
        found = rooms.attachment(session, current_actor(), attachment_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


@blueprint.post("/projects/<uuid:project_id>/recommendations/<uuid:recommendation_id>")
@policy(Right.APPLY)
def answer(project_id: uuid.UUID, recommendation_id: uuid.UUID) -> ResponseReturnValue:
    """Answer a recommendation of the committee."""
    form = Answer()
    if form.validate():
        try:
            services().database.run(
                assessments.answer_recommendation,
                actor=current_actor(),
                at=now(),
                recommendation_id=recommendation_id,
                answer=form.answer.data or "",
            )
            return redirect(page(f"/steward/projects/{project_id}") + "#decision", code=303)
        except OffsetError as fault:
            blame(form, fault)
    return project_page(project_id, faulty=form, answering=recommendation_id, status=422)


@blueprint.post("/projects/<uuid:project_id>/withdraw")
@policy(Right.APPLY)
def withdraw(project_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw a project for good, with the reason."""
    form = Reason()
    if form.validate():
        try:
            services().database.run(
                tombstones.withdraw,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                reason=form.reason.data or "",
            )
            return redirect(page(f"/steward/projects/{project_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return project_page(project_id, faulty=form, status=422)


@blueprint.post("/projects/<uuid:project_id>/take-back")
@policy(Right.APPLY)
def take_back(project_id: uuid.UUID) -> ResponseReturnValue:
    """Take back what was handed in, to change it as a new version."""
    form = Press()
    if form.validate():
        try:
            services().database.run(
                assessments.take_back,
                actor=current_actor(),
                at=now(),
                assessment_id=seen_project(project_id).line.assessment_id,
            )
            return redirect(page(f"/steward/projects/{project_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return project_page(project_id, faulty=form, status=422)


def seen_project(project_id: uuid.UUID) -> rooms.StewardProject:
    """Read a project for the steward who is signed in."""
    with services().database.reading() as session:
        return rooms.steward_project(session, current_actor(), project_id)


def project_page(
    project_id: uuid.UUID,
    *,
    faulty: Form | None = None,
    answering: uuid.UUID | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Draw the page of a project; ``faulty`` is a form of it that came back."""
    seen = seen_project(project_id)
    today = now().date()
    return render_template(
        "steward/project.html",
        seen=seen,
        blocks=answers.STEPS,
        titles=answers.STEP_TITLES,
        left=answers.left(seen.missing),
        next_version=seen.line.assessment in _JUDGED and seen.line.status not in _ENDED,
        ended=seen.line.status in _ENDED,
        returnable=seen.line.assessment in _RETURNABLE,
        late=seen.line.report_due_on is not None and seen.line.report_due_on < today,
        overdue=queries.overdue(seen.line.report_due_on, today),
        reason=faulty if isinstance(faulty, Reason) else Reason(formdata=None),
        press=Press(formdata=None),
        reply=faulty if isinstance(faulty, Answer) else Answer(formdata=None),
        answering=answering,
        faulty=faulty,
        labels=labels,
    ), status
