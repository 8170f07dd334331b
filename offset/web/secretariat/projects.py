"""How does the secretariat lead a project: eligibility, seats, conditions, admission, updates?"""

import uuid

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.people import access
from offset.people.access import Right
from offset.projects import assessments, moderation, rooms
from offset.projects.models import Seat as SeatKind
from offset.web import answers, labels
from offset.web.errors import blame
from offset.web.secretariat.forms import (
    Admit,
    Close,
    Eligible,
    Moderate,
    Press,
    Reason,
    Return,
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
                assessments.admit,
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


@blueprint.post("/updates/<uuid:update_id>/publish")
@policy(Right.MODERATE)
def publish(update_id: uuid.UUID) -> ResponseReturnValue:
    """Publish an update on the project's page."""
    form = Moderate()
    try:
        if form.validate():
            act(
                moderation.publish,
                update_id=update_id,
                accepted_reason=form.accepted_reason.data or None,
            )
            return back("/projects#updates")
    except OffsetError as fault:
        blame(form, fault)
    return _list(moderate=form, at_update=update_id, status=422)


@blueprint.post("/updates/<uuid:update_id>/return")
@policy(Right.MODERATE)
def give_back(update_id: uuid.UUID) -> ResponseReturnValue:
    """Send an update back to its writer."""
    form = Return()
    try:
        if form.validate():
            act(moderation.give_back, update_id=update_id, note=form.note.data or "")
            return back("/projects#updates")
    except OffsetError as fault:
        blame(form, fault)
    return _list(returned=form, at_update=update_id, status=422)


def _list(
    *,
    moderate: Moderate | None = None,
    returned: Return | None = None,
    at_update: uuid.UUID | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor = current_actor()
    with services().database.reading() as session:
        lines = rooms.desk_projects(session, actor)
        waiting = (
            rooms.awaiting_moderation(session, actor) if access.may(actor, Right.MODERATE) else ()
        )
        texts = {one.id: moderation.text(session, actor, one.id) for one in waiting}
    return render_template(
        "secretariat/projects.html",
        lines=lines,
        waiting=waiting,
        texts=texts,
        moderate=moderate or Moderate(),
        returned=returned or Return(),
        at_update=at_update,
        labels=labels,
    ), status


def _page(
    assessment_id: uuid.UUID,
    *,
    seat: Seat | None = None,
    eligible: Eligible | None = None,
    close: Close | None = None,
    admission: Admit | None = None,
    returned: Reason | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = rooms.assessment_file(session, current_actor(), assessment_id)
    seat = seat or Seat()
    seat.user_id.choices = labels.options(
        (str(one.user_id), f"{one.name}, {one.affiliation or '–'} ({one.open_seats})")
        for one in seen.candidates
    )
    return render_template(
        "secretariat/project.html",
        seen=seen,
        seat=seat,
        eligible=eligible or Eligible(),
        close=close or Close(),
        admission=admission or Admit(),
        returned=returned or Reason(),
        press=Press(),
        told=told,
        blocks=answers.told(seen.document),
        labels=labels,
    ), status


def _id(text: str | None, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise InvalidInput("person_unknown", field=field) from None
