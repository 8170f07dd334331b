"""What does the secretariat read of an application, what does it ask, and what must it explain?"""

import uuid

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, TextAreaField

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import attachments, checks, information, registrations, rooms, sites
from offset.web import checks_words, labels, outline_maps
from offset.web.errors import blame
from offset.web.fields import Between, Filled, Form
from offset.web.language import language
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import services


class Ask(Form):
    """A question to the people of a project, and how many days they have."""

    question = TextAreaField(_("What is missing?"), [Filled()], render_kw={"rows": 4})
    days = IntegerField(_("Days to answer"), [Between(1, 365)], default=information.DAYS)


class Explain(Form):
    """Why a project may be admitted although its carbon is registered elsewhere."""

    reason = TextAreaField(
        _("Why may it be admitted all the same?"),
        [Filled()],
        description=_("Public, beside the applicant's own answer. It cannot be changed later."),
        render_kw={"rows": 4},
    )


@blueprint.get("/projects/<uuid:assessment_id>/application")
@policy(Right.SEE_DESK)
def application(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Show what the platform itself finds about an application, its land and its evidence."""
    return _page(assessment_id)


@blueprint.post("/projects/<uuid:assessment_id>/ask")
@policy(Right.CHECK_ELIGIBILITY)
def ask_for_information(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the people of a project for something that is missing."""
    form = Ask()
    try:
        if form.validate():
            act(
                information.ask,
                assessment_id=assessment_id,
                question=form.question.data or "",
                days=form.days.data or information.DAYS,
            )
            return back(f"/projects/{assessment_id}/application#asked")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, ask=form, status=422)


@blueprint.post("/projects/<uuid:assessment_id>/registration")
@policy(Right.ADMIT)
def explain_registration(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Record why a project may be admitted although its carbon is registered elsewhere."""
    form = Explain()
    try:
        if form.validate():
            with services().database.reading() as session:
                seen = rooms.assessment_file(session, current_actor(), assessment_id)
            act(
                registrations.explain,
                application_id=seen.application_id,
                reason=form.reason.data or "",
                language=language(),
            )
            return back(f"/projects/{assessment_id}/application#registration")
    except OffsetError as fault:
        blame(form, fault)
    return _page(assessment_id, explain=form, status=422)


@blueprint.get("/projects/<uuid:assessment_id>/answers/<uuid:request_id>.pdf")
@policy(Right.SEE_DESK)
def answer_paper(assessment_id: uuid.UUID, request_id: uuid.UUID) -> Response:
    """Hand out the document that came with an answer."""
    with services().database.reading() as session:
        rooms.assessment_file(session, current_actor(), assessment_id)
        told = information.of_assessment(session, assessment_id)
    paper = next((one.paper for one in told if one.id == request_id), None)
    if paper is None:
        raise NotFound("file_unknown")
    answer = Response(services().files.get(paper.key), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=paper.name)
    return answer


def _page(
    assessment_id: uuid.UUID,
    *,
    ask: Ask | None = None,
    explain: Explain | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = rooms.assessment_file(session, current_actor(), assessment_id)
        found = checks.of_application(session, seen.application_id)
        shapes = sites.outlines_of(session, seen.application_id)
        asked = information.of_assessment(session, assessment_id)
        papers = attachments.of_application(session, seen.application_id)
        names = {one.id: one.name for one in checks.criteria_asked(session, today())}
    return render_template(
        "secretariat/application.html",
        seen=seen,
        found=found,
        drawings={key: outline_maps.drawn([shape]) for key, shape in shapes.items()},
        asked=asked,
        papers=papers,
        names=names,
        ask=ask or Ask(formdata=None),
        explain=explain or Explain(formdata=None),
        words=checks_words,
        labels=labels,
    ), status
