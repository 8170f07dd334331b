"""Which pages does the committee use? Seats, a declaration first, then the dossier and grades."""

import uuid
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, TextAreaField

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import assessments, rooms
from offset.projects.assessments import Condition
from offset.projects.models import AssessmentStatus, DecisionOutcome, Evidence, Seat
from offset.web import labels
from offset.web.committee import scores
from offset.web.errors import blame
from offset.web.fields import Filled, Form
from offset.web.language import page
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services

blueprint: Final = Blueprint("committee", __name__, url_prefix="/committee")


class Declaration(Form):
    """Whether somebody is tied to a project; asked before anything of it is shown."""

    tied = RadioField(
        _("Are you tied to this project, its organisation, partners or funders?"),
        [Filled()],
        choices=[("no", _("No, nothing ties me to it")), ("yes", _("Yes, and I step aside"))],
    )
    interest = TextAreaField(_("What ties you to it"), render_kw={"rows": 3})


class Grades(Form):
    """The review as a whole; the grades themselves come with the criteria of its version."""

    summary = TextAreaField(_("Summary of your review"), [], render_kw={"rows": 5})


class Verdict(Form):
    """The committee's decision as the rapporteur records it."""

    outcome = SelectField(
        _("Outcome"),
        choices=[(one.value, labels.OUTCOMES[one.value]) for one in DecisionOutcome],
    )
    summary = TextAreaField(
        _("Summary"),
        [],
        description=_("Public once the outcome is positive."),
        render_kw={"rows": 5},
    )
    language = SelectField(
        _("Language of the summary"),
        choices=[("en", "English"), ("fr", "Français"), ("es", "Español")],
    )
    recommendations = TextAreaField(
        _("Recommendations"), description=_("One a line."), render_kw={"rows": 4}
    )
    conditions = TextAreaField(
        _("Conditions before money"),
        description=_("One a line; begin with the criterion it secures, such as “1.2: …”."),
        render_kw={"rows": 4},
    )


@blueprint.get("")
@policy(Right.SEE_COMMITTEE)
def home() -> ResponseReturnValue:
    """List the seats somebody holds."""
    with services().database.reading() as session:
        seats = rooms.invitations(session, current_actor())
    return render_template("committee/home.html", seats=seats, labels=labels)


@blueprint.get("/seats/<uuid:assignment_id>")
@policy(Right.SEE_COMMITTEE)
def seat(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the declaration, then show the dossier with its criteria."""
    return _page(_dossier(assignment_id))


@blueprint.post("/seats/<uuid:assignment_id>/declaration")
@policy(Right.SEE_COMMITTEE)
def declare(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Take the declaration; an interest closes the project to this person for good."""
    form = Declaration()
    if form.validate():
        interest = (form.interest.data or "").strip() or "declared"
        opened = services().database.run(
            assessments.declare,
            actor=current_actor(),
            at=now(),
            assignment_id=assignment_id,
            interest=interest if form.tied.data == "yes" else None,
        )
        return redirect(page(f"/committee/seats/{assignment_id}" if opened else "/committee"), 303)
    return _page(_dossier(assignment_id), declaration=form, status=422)


@blueprint.post("/seats/<uuid:assignment_id>/review")
@policy(Right.REVIEW)
def review(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a review, or hand it in."""
    seen = _dossier(assignment_id)
    form = Grades()
    if form.validate():
        try:
            services().database.run(
                assessments.save_review,
                actor=current_actor(),
                at=now(),
                assignment_id=assignment_id,
                summary=form.summary.data or "",
                scores=scores.read(seen.criteria, request.form),
            )
            if "hand_in" in request.form:
                services().database.run(
                    assessments.submit_review,
                    actor=current_actor(),
                    at=now(),
                    assignment_id=assignment_id,
                )
            return redirect(page(f"/committee/seats/{assignment_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(_dossier(assignment_id), grades=form, status=422)


@blueprint.post("/seats/<uuid:assignment_id>/consensus")
@policy(Right.DECIDE)
def consensus(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the grades that were agreed on."""
    seen = _dossier(assignment_id)
    form = Grades()
    if form.validate():
        try:
            services().database.run(
                assessments.save_consensus,
                actor=current_actor(),
                at=now(),
                assessment_id=seen.line.assessment_id,
                scores=scores.read(seen.criteria, request.form),
            )
            return redirect(page(f"/committee/seats/{assignment_id}") + "#decision", code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(seen, grades=form, status=422)


@blueprint.post("/seats/<uuid:assignment_id>/decision")
@policy(Right.DECIDE)
def decide(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Record the committee's decision."""
    seen = _dossier(assignment_id)
    form = Verdict()
    if form.validate():
        try:
            services().database.run(
                assessments.decide,
                actor=current_actor(),
                at=now(),
                assessment_id=seen.line.assessment_id,
                outcome=DecisionOutcome(form.outcome.data),
                summary=form.summary.data or "",
                language=form.language.data or "en",
                conditions=_conditions(form.conditions.data or ""),
                recommendations=_lines(form.recommendations.data or ""),
            )
            return redirect(page("/committee"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(seen, verdict=form, status=422)


@blueprint.get("/files/<uuid:attachment_id>")
@policy(Right.SEE_COMMITTEE)
def file(attachment_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out a file of an application in which one has a seat and declared no interest."""
    with services().database.reading() as session:
        found = rooms.attachment(session, current_actor(), attachment_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _dossier(assignment_id: uuid.UUID) -> rooms.Dossier:
    with services().database.reading() as session:
        return rooms.dossier(session, current_actor(), assignment_id)


def _page(
    seen: rooms.Dossier,
    *,
    declaration: Declaration | None = None,
    grades: Grades | None = None,
    verdict: Verdict | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    if not seen.declared:
        form = declaration or Declaration(formdata=None)
        return render_template(
            "committee/declaration.html", seen=seen, form=form, labels=labels
        ), status
    leading = seen.seat is Seat.RAPPORTEUR and seen.line.assessment is AssessmentStatus.CONSENSUS
    typed = request.form if grades is not None else None
    kept = seen.consensus if leading else seen.own_scores
    others = {one.reviewer: one.scores for one in seen.reviews if leading or not one.own}
    return render_template(
        "committee/dossier.html",
        seen=seen,
        groups=scores.asked(seen.criteria, kept, typed, others),
        grades=grades or Grades(formdata=None, data={"summary": seen.own_summary}),
        verdict=verdict or Verdict(formdata=None),
        evidence=tuple(Evidence),
        leading=leading,
        reviewing=seen.seat is Seat.REVIEWER
        and not seen.submitted
        and seen.line.assessment is AssessmentStatus.IN_REVIEW,
        labels=labels,
    ), status


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _conditions(text: str) -> list[Condition]:
    """Read conditions; ``1.2: text`` secures criterion 1.2."""
    found = []
    for line in _lines(text):
        head, colon, rest = line.partition(":")
        named = colon and head.replace(".", "").isdecimal()
        found.append(Condition(rest.strip(), head.strip()) if named else Condition(line))
    return found
