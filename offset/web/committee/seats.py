"""What does a seat show? The declaration first, then the dossier with its criteria."""

import uuid
from collections.abc import Mapping

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import declarations, dossiers
from offset.projects.criteria import Score
from offset.projects.models import AssessmentStatus, Evidence, Seat
from offset.web import answers, labels
from offset.web.committee import scores, summary
from offset.web.committee.forms import Declaration, Grades, Press, Question, StepAside
from offset.web.committee.room import act, blueprint, checked, dossier, leads, reviews
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import policy


@blueprint.get("/seats/<uuid:assignment_id>")
@policy(Right.SEE_COMMITTEE)
def seat(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the declaration, then show the dossier with its criteria."""
    return seat_page(dossier(assignment_id))


@blueprint.post("/seats/<uuid:assignment_id>/declaration")
@policy(Right.SEE_COMMITTEE)
def declare(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Take the declaration; an interest closes the project to this person for good."""
    seen = dossier(assignment_id)
    form: Form = StepAside() if seen.declared else Declaration()
    if form.validate():
        tied = seen.declared or form["tied"].data == "yes"
        try:
            opened = act(
                declarations.declare,
                assignment_id=assignment_id,
                interest=form["interest"].data if tied else None,
            )
            return redirect(
                page(f"/committee/seats/{assignment_id}" if opened else "/committee"), code=303
            )
        except OffsetError as fault:
            blame(form, fault)
    return seat_page(seen, faulty=form)


def seat_page(
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
    leading, grading = leads(seen), isinstance(faulty, Grades)
    groups = scores.asked(
        seen.criteria,
        _own_scores(seen),
        typed=request.form if grading else None,
        others=[(one.reviewer, one.scores) for one in seen.reviews if leading or not one.own],
        faults=faults,
    )
    question = faulty if isinstance(faulty, Question) else Question(formdata=None)
    question.about((c.id, f"{c.id} {c.name}") for c in seen.criteria.criteria)
    grades = faulty if grading else Grades(formdata=None, summary=seen.own_summary)
    return render_template(
        "committee/dossier.html",
        seen=seen,
        told=answers.told(seen.document),
        beside={name: _beside(one) for name, one in seen.beside.items()},
        summary=summary.of(seen, checked(seen.assignment_id)),
        groups=groups,
        grades=grades,
        question=question,
        aside=faulty if isinstance(faulty, StepAside) else StepAside(formdata=None),
        faulty=faulty,
        faults=faults or {},
        evidence=tuple(Evidence),
        leading=leading,
        agreed=leading and not seen.criteria.missing(seen.consensus),
        reviewing=reviews(seen),
        asking=seen.line.assessment is AssessmentStatus.IN_REVIEW
        and not any(one.sent for one in seen.inquiries),
        press=Press(),
        labels=labels,
    ), status


def _own_scores(seen: dossiers.Dossier) -> Mapping[str, Score]:
    """Return what stands in the grades: the agreed ones for who leads, else one's own."""
    return seen.consensus if seen.seat is Seat.RAPPORTEUR else seen.own_scores


def _beside(one: dossiers.Beside) -> dict[str, object]:
    """Write out what stands beside a criterion."""
    related = [told for block in answers.told(one.related) for told in block.answers]
    return {
        "answer": one.answer,
        "without": one.without,
        "proofs": one.evidence,
        "related": related,
    }
