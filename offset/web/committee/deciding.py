"""How does the rapporteur lead to a decision? Agreed grades first, then the record."""

import uuid

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import consensus as agreeing
from offset.projects import decisions, dossiers
from offset.projects.decisions import Condition
from offset.projects.models import DecisionOutcome
from offset.web import labels
from offset.web.committee import scores
from offset.web.committee.forms import COMPUTED, Grades, Verdict
from offset.web.committee.room import act, blueprint, leads, opened, to_seat
from offset.web.committee.seats import seat_page
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import policy


@blueprint.post("/seats/<uuid:assignment_id>/consensus")
@policy(Right.DECIDE)
def consensus(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the grades that were agreed on."""
    seen = opened(assignment_id)
    form = Grades()
    told = scores.read(seen.criteria, request.form)
    if form.validate() and not told.faults:
        try:
            left = act(
                agreeing.save_consensus,
                assessment_id=seen.line.assessment_id,
                scores=told.scores,
            )
            return to_seat(assignment_id, "" if left else "/decision")
        except OffsetError as fault:
            blame(form, fault)
    return seat_page(seen, faulty=form, faults=told.faults)


@blueprint.route("/seats/<uuid:assignment_id>/decision", methods=["GET", "POST"])
@policy(Right.DECIDE)
def decide(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Record the committee's decision, as the agreed grades say or more strictly."""
    seen = opened(assignment_id)
    form = Verdict()
    if request.method == "POST" and form.validate():
        chosen = form.outcome.data
        try:
            act(
                decisions.decide,
                assessment_id=seen.line.assessment_id,
                outcome=None if chosen == COMPUTED else DecisionOutcome(chosen),
                summary=form.summary.data or "",
                language=form.language.data or "en",
                conditions=_conditions(form.conditions.data or ""),
                recommendations=_lines(form.recommendations.data or ""),
            )
            return to_seat(assignment_id)
        except OffsetError as fault:
            _blame_verdict(form, fault)
    return _decision_page(seen, form)


def _decision_page(seen: dossiers.Dossier, form: Verdict) -> ResponseReturnValue:
    """Draw the decision, or send back to the grades that are still missing."""
    if not leads(seen) or seen.criteria.missing(seen.consensus):
        return redirect(page(f"/committee/seats/{seen.assignment_id}"), code=303)
    allowed = seen.criteria.allowed(seen.consensus)
    computed = seen.criteria.outcome(seen.consensus, advised=bool(form.recommendations.data))
    if form.outcome.data is None:
        form.outcome.data = COMPUTED
    return render_template(
        "committee/decision.html",
        seen=seen,
        form=form,
        computed=computed,
        allowed={one.value for one in allowed} - _computed_ones(computed) | {COMPUTED},
        narrowed=len(allowed) < len(DecisionOutcome),
        conditional=sorted(seen.criteria.conditional(seen.consensus)),
        groups=scores.asked(seen.criteria, seen.consensus),
        labels=labels,
    ), 200 if request.method == "GET" else 422


def _computed_ones(computed: DecisionOutcome) -> set[str]:
    """Return what needs no button of its own: the two positive outcomes differ by advice alone."""
    if computed in {DecisionOutcome.POSITIVE, DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS}:
        return {
            DecisionOutcome.POSITIVE.value,
            DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS.value,
        }
    return {computed.value}


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
