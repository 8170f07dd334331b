"""How does the secretariat lead a project: eligibility, seats, conditions, admission?"""

import uuid

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from offset.errors import InvalidInput, OffsetError
from offset.people import access
from offset.people.access import Right
from offset.projects import assessments, figures, inquiries, members, reports, rooms
from offset.projects.models import Seat as SeatKind
from offset.treasury import organisation_files
from offset.web import answers, labels, letters
from offset.web.errors import blame
from offset.web.secretariat.committee_forms import Release, SendQuestions
from offset.web.secretariat.forms import (
    Admit,
    Close,
    Eligible,
    Press,
    Reason,
    Seat,
)
from offset.web.secretariat.room import act, back, blueprint, press
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/projects")
@policy(Right.SEE_DESK)
def project_list() -> ResponseReturnValue:
    """List every project that was handed in, and the updates that wait."""
    return _list()


@blueprint.get("/projects/<uuid:assessment_id>")
@policy(Right.SEE_DESK)
def project(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Show one project as the secretariat handles it: no scores, only who sits and what is due."""
    return _page(assessment_id)


@blueprint.post("/projects/<uuid:assessment_id>/receive")
@policy(Right.CHECK_ELIGIBILITY)
def receive(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Take an application in for the check of eligibility."""
    return press(
        assessments.receive,
        f"/projects/{assessment_id}",
        lambda told, status: _page(assessment_id, told=told, status=status),
        assessment_id=assessment_id,
    )


@blueprint.post("/projects/<uuid:assessment_id>/return")
@policy(Right.CHECK_ELIGIBILITY)
def send_back(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Send an application back to its holder, with the reason."""
    form = Reason()
    try:
        if form.validate():
            act(
                assessments.send_back,
                assessment_id=assessment_id,
                reason=form.reason.data or "",
            )
            return back("/projects")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, returned=form, status=422)


@blueprint.post("/projects/<uuid:assessment_id>/seats")
@policy(Right.ASSIGN_REVIEWERS)
def assign(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody a seat in the assessment."""
    form = Seat()
    try:
        if form.validate():
            act(
                assessments.assign,
                assessment_id=assessment_id,
                user_id=_id(form.user_id.data, "user_id"),
                seat=SeatKind(form.seat.data),
            )
            return back(f"/projects/{assessment_id}#seats")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, seat=form, status=422)


@blueprint.post("/projects/<uuid:assessment_id>/seats/<uuid:assignment_id>/release")
@policy(Right.ASSIGN_REVIEWERS)
def release(assessment_id: uuid.UUID, assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Take a seat back, with the reason."""
    form = Release()
    try:
        if form.validate():
            act(
                assessments.release,
                assignment_id=assignment_id,
                reason=form.reason.data or "",
            )
            return back(f"/projects/{assessment_id}#seats")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, released=form, status=422)


@blueprint.post("/projects/<uuid:assessment_id>/questions")
@policy(Right.ASSIGN_REVIEWERS)
def send_questions(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Send the questions of all reviewers to the applicant, once."""
    form = SendQuestions()
    try:
        if form.validate():
            act(inquiries.send, assessment_id=assessment_id, due_on=form.due_on.data)
            return back(f"/projects/{assessment_id}#questions")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, asking=form, status=422)


@blueprint.get("/projects/<uuid:assessment_id>/report.pdf")
@policy(Right.SEE_DESK)
def report_pdf(assessment_id: uuid.UUID) -> Response:
    """Hand out the report of a decision."""
    with services().database.reading() as session:
        found = reports.of_decision(session, current_actor(), assessment_id)
    return letters.report(found)


@blueprint.get("/projects/<uuid:assessment_id>/letter.pdf")
@policy(Right.SEE_DESK)
def letter_pdf(assessment_id: uuid.UUID) -> Response:
    """Hand out the letter about a decision."""
    with services().database.reading() as session:
        found = reports.of_decision(session, current_actor(), assessment_id)
    return letters.letter(found)


@blueprint.post("/projects/<uuid:assessment_id>/open")
@policy(Right.ASSIGN_REVIEWERS)
def open_review(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Find an application eligible and open it to its reviewers."""
    form = Eligible()
    try:
        if form.validate():
            act(
                assessments.open_review,
                assessment_id=assessment_id,
                carbon_is_primary_aim=form.carbon_is_primary_aim.data,
                scope_fits=form.scope_fits.data,
            )
            return back(f"/projects/{assessment_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, eligible=form, status=422)


@blueprint.post("/projects/<uuid:assessment_id>/conditions/<uuid:condition_id>")
@policy(Right.CHECK_ELIGIBILITY)
def close_condition(assessment_id: uuid.UUID, condition_id: uuid.UUID) -> ResponseReturnValue:
    """Close a condition of the committee, with its evidence."""
    form = Close()
    try:
        if form.validate():
            act(
                assessments.close_condition,
                condition_id=condition_id,
                evidence=form.evidence.data or "",
            )
            return back(f"/projects/{assessment_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, close=form, status=422)


@blueprint.post("/projects/<uuid:assessment_id>/admit")
@policy(Right.ADMIT)
def admit(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Let money reach the project up to a ceiling."""
    form = Admit()
    try:
        if form.validate() and form.ceiling.money is not None:
            with services().database.reading() as session:
                line = rooms.assessment_file(session, current_actor(), assessment_id).line
            act(
                organisation_files.admit,
                project_id=line.id,
                ceiling=form.ceiling.money,
                reason=form.reason.data or "",
            )
            return back(f"/projects/{assessment_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, admission=form, status=422)


@blueprint.get("/files/<uuid:attachment_id>")
@policy(Right.SEE_DESK)
def attachment(attachment_id: uuid.UUID) -> Response:
    """Hand out a file of an application."""
    with services().database.reading() as session:
        found = rooms.attachment(session, current_actor(), attachment_id)
    answer = Response(services().files.get(found.key), content_type=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _list() -> ResponseReturnValue:
    actor = current_actor()
    with services().database.reading() as session:
        lines = rooms.desk_projects(session, actor)
        waiting = (
            len(rooms.awaiting_moderation(session, actor)) + len(figures.waiting(session, actor))
            if access.may(actor, Right.MODERATE)
            else 0
        )
    return render_template("secretariat/projects.html", lines=lines, waiting=waiting, labels=labels)


def _page(
    assessment_id: uuid.UUID,
    *,
    seat: Seat | None = None,
    eligible: Eligible | None = None,
    close: Close | None = None,
    admission: Admit | None = None,
    returned: Reason | None = None,
    released: Release | None = None,
    asking: SendQuestions | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = rooms.assessment_file(session, current_actor(), assessment_id)
    seat = seat or Seat()
    seat.user_id.choices = labels.options(
        (str(one.user_id), _candidate(one)) for one in seen.candidates
    )
    return render_template(
        "secretariat/project.html",
        seen=seen,
        seat=seat,
        eligible=eligible or Eligible(),
        close=close or Close(),
        admission=admission or Admit(),
        returned=returned or Reason(),
        released=released or Release(),
        asking=asking or SendQuestions(),
        press=Press(),
        told=told,
        blocks=answers.told(seen.document),
        labels=labels,
    ), status


def _candidate(one: members.Candidate) -> str:
    """Name a candidate with what they know and what they carry."""
    known = ", ".join(labels.label(labels.EXPERTISE, field) for field in one.expertise)
    carried = ngettext(
        "%(num)s open seat, about %(minutes)s minutes",
        "%(num)s open seats, about %(minutes)s minutes",
        one.open_seats,
        minutes=one.minutes,
    )
    said = f"{one.name}, {one.affiliation or '–'} ({carried})"
    return f"{said}: {known}" if known else said


def _id(text: str | None, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise InvalidInput("person_unknown", field=field) from None
