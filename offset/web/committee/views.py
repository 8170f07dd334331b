"""Which pages does the committee use? Seats, a declaration first, then the dossier and grades."""

import uuid
from collections.abc import Mapping
from typing import Any, Final, cast

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import assessments, dossiers, rooms
from offset.projects.assessments import Condition
from offset.projects.criteria import Score
from offset.projects.models import AssessmentStatus, DecisionOutcome, Evidence, Seat
from offset.web import answers, labels
from offset.web.committee import scores
from offset.web.committee.forms import Declaration, Grades, StepAside, Verdict
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services

blueprint: Final = Blueprint("committee", __name__, url_prefix="/committee")


@blueprint.get("")
@policy(Right.SEE_COMMITTEE)
def home() -> ResponseReturnValue:
    """List the seats somebody holds, what waits for this person first."""
    with services().database.reading() as session:
        seats = dossiers.invitations(session, current_actor())
    lines = sorted(((one, _waiting(one)) for one in seats), key=lambda line: not line[1])
    return render_template(
        "committee/home.html",
        lines=lines,
        waiting=sum(bool(act) for _seat, act in lines),
        labels=labels,
    )


@blueprint.get("/seats/<uuid:assignment_id>")
@policy(Right.SEE_COMMITTEE)
def seat(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the declaration, then show the dossier with its criteria."""
    return _seat_page(_dossier(assignment_id))


@blueprint.post("/seats/<uuid:assignment_id>/declaration")
@policy(Right.SEE_COMMITTEE)
def declare(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Take the declaration; an interest closes the project to this person for good."""
    seen = _dossier(assignment_id)
    form: Form = StepAside() if seen.declared else Declaration()
    if form.validate():
        tied = seen.declared or form["tied"].data == "yes"
        try:
            opened = services().database.run(
                assessments.declare,
                actor=current_actor(),
                at=now(),
                assignment_id=assignment_id,
                interest=form["interest"].data if tied else None,
            )
            return redirect(
                page(f"/committee/seats/{assignment_id}" if opened else "/committee"), code=303
            )
        except OffsetError as fault:
            blame(form, fault)
    return _seat_page(seen, faulty=form)


@blueprint.post("/seats/<uuid:assignment_id>/review")
@policy(Right.REVIEW)
def review(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a review, or hand it in."""
    seen = _opened(assignment_id)
    form = Grades()
    told = scores.read(seen.criteria, request.form)
    faults = dict(told.faults)
    if form.validate() and not faults:
        try:
            services().database.run(
                assessments.hand_in if "hand_in" in request.form else assessments.save_review,
                actor=current_actor(),
                at=now(),
                assignment_id=assignment_id,
                summary=form.summary.data or "",
                scores=told.scores,
            )
            return redirect(page(f"/committee/seats/{assignment_id}"), code=303)
        except OffsetError as fault:
            faults = _blame_grades(form, fault)
    return _seat_page(seen, faulty=form, faults=faults)


@blueprint.post("/seats/<uuid:assignment_id>/consensus")
@policy(Right.DECIDE)
def consensus(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the grades that were agreed on."""
    seen = _opened(assignment_id)
    form = Grades()
    told = scores.read(seen.criteria, request.form)
    if form.validate() and not told.faults:
        try:
            left = services().database.run(
                assessments.save_consensus,
                actor=current_actor(),
                at=now(),
                assessment_id=seen.line.assessment_id,
                scores=told.scores,
            )
            after = f"/committee/seats/{assignment_id}" + ("" if left else "/decision")
            return redirect(page(after), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _seat_page(seen, faulty=form, faults=told.faults)


@blueprint.route("/seats/<uuid:assignment_id>/decision", methods=["GET", "POST"])
@policy(Right.DECIDE)
def decide(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Record the committee's decision, among the outcomes that the agreed grades leave open."""
    seen = _opened(assignment_id)
    form = Verdict()
    if request.method == "POST" and form.validate():
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
            return redirect(page(f"/committee/seats/{assignment_id}"), code=303)
        except OffsetError as fault:
            _blame_verdict(form, fault)
    return _decision_page(seen, form)


@blueprint.get("/files/<uuid:attachment_id>")
@policy(Right.SEE_COMMITTEE)
def file(attachment_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out a file of an application in which one has a seat and declared no interest."""
    with services().database.reading() as session:
        found = rooms.attachment(session, current_actor(), attachment_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _dossier(assignment_id: uuid.UUID) -> dossiers.Dossier:
    with services().database.reading() as session:
        return dossiers.dossier(session, current_actor(), assignment_id)


def _opened(assignment_id: uuid.UUID) -> dossiers.Dossier:
    """Return a dossier that a declaration opened.

    Raises
    ------
    NotFound
        ``assignment_unknown`` before the declaration: nothing is there yet.
    """
    seen = _dossier(assignment_id)
    if not seen.declared:
        raise NotFound("assignment_unknown")
    return seen


def _waiting(seat: dossiers.Invitation) -> str:
    """Return what a seat waits for from its holder, or nothing."""
    if not seat.declared:
        return gettext("declare")
    match seat.line.assessment, seat.seat:
        case AssessmentStatus.IN_REVIEW, Seat.REVIEWER if not seat.submitted:
            return gettext("review")
        case AssessmentStatus.CONSENSUS, Seat.RAPPORTEUR:
            return gettext("decide")
        case _:
            return ""


def _leading(seen: dossiers.Dossier) -> bool:
    return seen.seat is Seat.RAPPORTEUR and seen.line.assessment is AssessmentStatus.CONSENSUS


def _reviewing(seen: dossiers.Dossier) -> bool:
    in_review = seen.line.assessment is AssessmentStatus.IN_REVIEW
    return seen.seat is Seat.REVIEWER and in_review and not seen.submitted


def _seat_page(
    seen: dossiers.Dossier,
    *,
    faulty: Form | None = None,
    faults: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """Draw the declaration or the dossier; ``faulty`` is a form of it that came back."""
    status = 200 if faulty is None else 422
    if not seen.declared:
        form = faulty or Declaration(formdata=None)
        return render_template("committee/declaration.html", seen=seen, form=form), status
    leading, grading = _leading(seen), isinstance(faulty, Grades)
    groups = scores.asked(
        seen.criteria,
        _own_scores(seen),
        typed=request.form if grading else None,
        others=[(one.reviewer, one.scores) for one in seen.reviews if leading or not one.own],
        faults=faults,
    )
    return render_template(
        "committee/dossier.html",
        seen=seen,
        told=answers.told(seen.document),
        groups=groups,
        grades=faulty if grading else Grades(formdata=None, data={"summary": seen.own_summary}),
        aside=faulty if isinstance(faulty, StepAside) else StepAside(formdata=None),
        faulty=faulty,
        faults=faults or {},
        evidence=tuple(Evidence),
        leading=leading,
        agreed=leading and not seen.criteria.missing(seen.consensus),
        reviewing=_reviewing(seen),
        labels=labels,
    ), status


def _own_scores(seen: dossiers.Dossier) -> Mapping[str, Score]:
    """Return what stands in the grades: the agreed ones for who leads, else one's own."""
    return seen.consensus if seen.seat is Seat.RAPPORTEUR else seen.own_scores


def _decision_page(seen: dossiers.Dossier, form: Verdict) -> ResponseReturnValue:
    """Draw the decision, or send back to the grades that are still missing."""
    if not _leading(seen) or seen.criteria.missing(seen.consensus):
        return redirect(page(f"/committee/seats/{seen.assignment_id}"), code=303)
    allowed = seen.criteria.allowed(seen.consensus)
    return render_template(
        "committee/decision.html",
        seen=seen,
        form=form,
        allowed={one.value for one in allowed},
        narrowed=len(allowed) < len(DecisionOutcome),
        conditional=sorted(seen.criteria.conditional(seen.consensus)),
        groups=scores.asked(seen.criteria, seen.consensus),
        labels=labels,
    ), 200 if request.method == "GET" else 422


def _blame_grades(form: Any, fault: OffsetError) -> dict[str, str]:
    """Put missing grades at their criteria, any other refusal where it belongs."""
    if fault.code == "scores_missing":
        return scores.absent(cast("tuple[str, ...]", fault.parameters["missing"]))
    blame(form, fault)
    return {}


def _blame_verdict(form: Verdict, fault: OffsetError) -> None:
    """Name the safeguard that a condition is missing for."""
    if fault.code == "condition_missing":
        form.conditions.errors = [
            *form.conditions.errors,
            gettext(
                "Criterion %(name)s is met only with conditions: write one that begins with "
                "“%(name)s:”.",
                name=fault.parameters["criterion"],
            ),
        ]
    else:
        blame(form, fault)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _conditions(text: str) -> list[Condition]:
    """Read conditions; ``1.2: text`` secures criterion 1.2."""
    found = []
    for line in _lines(text):
        head, colon, rest = line.partition(":")
        named = colon and rest.strip() and head.strip().replace(".", "").isdecimal()
        found.append(Condition(rest.strip(), head.strip()) if named else Condition(line))
    return found
