"""How does the committee come to a decision, and the secretariat to an admission?

Eligibility, seats, interests, blind reviews, consensus, decision, conditions, admission, expiry.
"""

import calendar
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.ledger import chart, checkpoints
from offset.money import Money
from offset.people import settings, users
from offset.people.access import SYSTEM, Actor, Right, Role, require
from offset.people.models import User
from offset.projects import applications, criteria, indicators, lifecycle
from offset.projects.criteria import Criteria, Score
from offset.projects.models import (
    POSITIVE,
    Admission,
    Application,
    Assessment,
    AssessmentStatus,
    Assignment,
    ConsensusScore,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Organisation,
    Project,
    ProjectStatus,
    Recommendation,
    Review,
    ReviewScore,
    Seat,
)
from offset.projects.organisations import folded, is_member, own_project

REPORT_DAYS: Final = 91
"""How long after one report the next is due: a quarter."""

_SEATS: Final[Mapping[Seat, frozenset[Role]]] = {
    Seat.REVIEWER: frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}),
    Seat.RAPPORTEUR: frozenset({Role.RAPPORTEUR}),
}
_SEATING: Final = frozenset(
    {AssessmentStatus.ELIGIBILITY, AssessmentStatus.IN_REVIEW, AssessmentStatus.CONSENSUS}
)


@dataclass(frozen=True)
class Condition:
    """Something to be done before money moves; ``criterion`` names the safeguard it secures."""

    text: str
    criterion: str | None = None


def receive(session: Session, *, actor: Actor, at: datetime, assessment_id: uuid.UUID) -> None:
    """Take a submitted application in for the check of eligibility.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    """
    assessment = _assessment(session, assessment_id)
    lifecycle.take(session, assessment, "receive", actor=actor, at=at)


def send_back(
    session: Session, *, actor: Actor, at: datetime, assessment_id: uuid.UUID, reason: str
) -> None:
    """Give an application back to its holder, who may correct it as a new version.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``reason_missing``.
    """
    assessment = _assessment(session, assessment_id)
    lifecycle.take(session, assessment, "send_back", actor=actor, at=at, reason=reason)
    for assignment in _seated(session, assessment.id):
        assignment.removed_at = at
        assignment.removal = "application_returned"
    applications.reopen(session, assessment, actor=actor, at=at)
    project = session.get_one(Project, assessment.project_id)
    if project.status is ProjectStatus.IN_ASSESSMENT:
        lifecycle.take(session, project, "send_back", actor=actor, at=at, reason=reason)


def assign(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    user_id: uuid.UUID,
    seat: Seat,
) -> uuid.UUID:
    """Give somebody a seat; whoever is tied to the project is refused by the house itself.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``conflict_of_interest`` (member of the organisation, or the same affiliation as the
        holder, a co-funder or a partner), ``interest_declared`` earlier for this project,
        ``seat_taken``, ``role_missing`` or ``too_late``.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    assessment = _assessment(session, assessment_id)
    if assessment.status not in _SEATING:
        raise Refused("too_late", status=assessment.status.value)
    if not _SEATS[seat] & users.roles_of(session, user_id):
        raise Refused("role_missing", field="user_id", seat=seat.value)
    _refuse_taken(session, assessment, user_id, seat)
    tie = conflict(session, assessment, user_id)
    if tie is not None:
        raise Refused("conflict_of_interest", field="user_id", tie=tie)
    assignment = Assignment(
        id=uuid7(at),
        assessment_id=assessment.id,
        user_id=user_id,
        seat=seat,
        assigned_at=at,
        assigned_by=actor.user_id,
    )
    session.add(assignment)
    session.flush()
    lifecycle.note(session, assessment, f"assign_{seat.value}", actor=actor, at=at)
    return assignment.id


def release(
    session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID, reason: str
) -> None:
    """Take a seat back; a review already handed in is kept and no longer counted.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    Refused
        ``too_late`` once the decision is made.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    assignment = _open_assignment(session, assignment_id)
    assessment = _assessment(session, assignment.assessment_id)
    _vacate(session, assessment, assignment, "released", actor=actor, at=at, reason=reason)


def open_review(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    carbon_is_primary_aim: bool,
    scope_fits: bool,
) -> None:
    """Find an application eligible and open it to its reviewers.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    Refused
        ``not_eligible`` with the reason: carbon no primary aim, scope or modality unfit, forest
        before agroforestry; ``seats_missing`` without two reviewers and a rapporteur.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    assessment = _assessment(session, assessment_id)
    application = session.get_one(Application, assessment.application_id)
    if not carbon_is_primary_aim:
        raise Refused("not_eligible", field="carbon_is_primary_aim", why="carbon_no_primary_aim")
    if not scope_fits:
        raise Refused("not_eligible", field="scope_fits", why="scope")
    if _forest_for_trees(application):
        raise Refused("not_eligible", why="forest_before")
    seated = _seated(session, assessment.id)
    reviewers = sum(one.seat is Seat.REVIEWER for one in seated)
    quorum = criteria.get(session, assessment.criteria_set_id).quorum
    if reviewers < quorum or reviewers == len(seated):
        raise Refused("seats_missing", reviewers=reviewers, quorum=quorum)
    lifecycle.take(session, assessment, "open_review", actor=actor, at=at)


def declare(
    session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID, interest: str | None
) -> bool:
    """Declare an interest, or none; return whether the application opens to this person.

    An interest ends the seat, also when it is declared late.

    Raises
    ------
    Forbidden, NotFound
    """
    assignment = _own(session, actor, assignment_id)
    assessment = _assessment(session, assignment.assessment_id)
    assignment.declared_at = at
    if not (interest or "").strip():
        lifecycle.note(session, assessment, "declare_none", actor=actor, at=at)
        return True
    _vacate(session, assessment, assignment, "interest", actor=actor, at=at, reason=None)
    assignment.declared_interest = (interest or "").strip()
    session.flush()
    return False


def save_review(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assignment_id: uuid.UUID,
    summary: str,
    scores: Mapping[str, Score],
) -> tuple[str, ...]:
    """Keep a review as a draft and return the criteria that have no score yet.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``criterion_unknown``, ``grade_unknown`` or ``evidence_missing``.
    Refused
        ``declaration_missing``, ``review_closed`` or ``review_submitted``.
    """
    assignment, known = _reviewing(session, actor, assignment_id)
    for criterion, score in scores.items():
        known.check(criterion, score)
    review = _review_of(session, assignment.id)
    if review is None:
        review = Review(id=uuid7(at), assignment_id=assignment.id, saved_at=at)
        session.add(review)
        session.flush()
    if review.submitted_at is not None:
        raise Refused("review_submitted")
    review.summary = summary.strip()
    review.saved_at = at
    for criterion, score in scores.items():
        session.merge(
            ReviewScore(
                review_id=review.id,
                criterion=criterion,
                grade=score.grade,
                evidence=score.evidence,
                reason=score.reason.strip(),
            )
        )
    session.flush()
    return known.missing(review_scores(session, review.id))


def submit_review(
    session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID
) -> None:
    """Hand a review in for good; the last one opens the consensus.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``scores_missing`` or ``summary_missing``.
    Refused
        ``declaration_missing``, ``review_closed`` or ``review_submitted``.
    """
    assignment, known = _reviewing(session, actor, assignment_id)
    review = _review_of(session, assignment.id)
    scores = review_scores(session, review.id) if review else {}
    absent = known.missing(scores)
    if review is None or absent:
        raise InvalidInput("scores_missing", field=absent[0], missing=absent)
    if review.submitted_at is not None:
        raise Refused("review_submitted")
    if not review.summary:
        raise InvalidInput("summary_missing", field="summary")
    review.submitted_at = at
    session.flush()
    assessment = _assessment(session, assignment.assessment_id)
    lifecycle.note(session, assessment, "review", actor=actor, at=at)
    _meet(session, assessment, known, at=at)


def hand_in(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assignment_id: uuid.UUID,
    summary: str,
    scores: Mapping[str, Score],
) -> None:
    """Keep the last words of a review and hand it in, together or not at all.

    Raises
    ------
    Forbidden, NotFound, InvalidInput, Refused
    """
    save_review(
        session, actor=actor, at=at, assignment_id=assignment_id, summary=summary, scores=scores
    )
    submit_review(session, actor=actor, at=at, assignment_id=assignment_id)


def save_consensus(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    scores: Mapping[str, Score],
) -> tuple[str, ...]:
    """Keep the grades agreed on and return the criteria that have none yet.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``criterion_unknown``, ``grade_unknown`` or ``evidence_missing``.
    Refused
        ``not_rapporteur``, ``declaration_missing`` or ``consensus_closed``.
    """
    assessment, known = _leading(session, actor, assessment_id)
    for criterion, score in scores.items():
        known.check(criterion, score)
    for criterion, score in scores.items():
        session.merge(
            ConsensusScore(
                assessment_id=assessment.id,
                criterion=criterion,
                grade=score.grade,
                evidence=score.evidence,
                reason=score.reason.strip(),
            )
        )
    session.flush()
    lifecycle.note(session, assessment, "agree", actor=actor, at=at)
    return known.missing(consensus_scores(session, assessment.id))


def decide(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    outcome: DecisionOutcome,
    summary: str,
    language: str = "en",
    conditions: Sequence[Condition] = (),
    recommendations: Sequence[str] = (),
) -> uuid.UUID:
    """Record the committee's decision, freeze it and seal it.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``scores_missing``, ``summary_missing``, ``condition_missing`` for a safeguard met only
        with conditions, ``recommendations_missing`` or ``recommendations_unexpected``.
    Refused
        ``outcome_not_open`` with what the scores leave open; ``quorum_missing``;
        ``not_rapporteur``, ``declaration_missing`` or ``consensus_closed``.
    """
    assessment, known = _leading(session, actor, assessment_id)
    scores = consensus_scores(session, assessment.id)
    absent = known.missing(scores)
    if absent:
        raise InvalidInput("scores_missing", field=absent[0], missing=absent)
    if not summary.strip():
        raise InvalidInput("summary_missing", field="summary")
    reviews, recusals = _counted(session, assessment.id)
    if reviews < known.quorum:
        raise Refused("quorum_missing", reviews=reviews, quorum=known.quorum)
    _check_outcome(known, scores, outcome, conditions, recommendations)
    decided_on = utc_day(at)
    months = int(settings.current(session, "assessment_months").value)
    carbon = scores[known.carbon_criterion]
    if actor.user_id is None or carbon.evidence is None:
        raise Forbidden("right_missing", right=Right.DECIDE.value)
    decision = Decision(
        id=uuid7(at),
        project_id=assessment.project_id,
        assessment_id=assessment.id,
        application_id=assessment.application_id,
        criteria_set_id=known.id,
        outcome=outcome,
        safeguards=known.safeguards(scores),
        carbon_grade=int(carbon.grade),
        carbon_evidence=carbon.evidence,
        scores={
            name: {
                "grade": score.grade,
                "evidence": score.evidence.value if score.evidence else None,
                "reason": score.reason,
            }
            for name, score in scores.items()
        },
        summary=summary.strip(),
        language=language,
        reviews=reviews,
        recusals=recusals,
        decided_on=decided_on,
        expires_on=months_later(decided_on, months) if outcome in POSITIVE else None,
        decided_by=actor.user_id,
        recorded_at=at,
    )
    session.add(decision)
    session.flush()
    _write_parts(session, decision, conditions, recommendations, at=at)
    _seal_decision(session, decision, known, conditions, recommendations, at=at)
    lifecycle.take(session, assessment, "decide", actor=actor, at=at, reason=outcome.value)
    _tell_project(session, decision, actor=actor, at=at)
    return decision.id


def close_condition(
    session: Session, *, actor: Actor, at: datetime, condition_id: uuid.UUID, evidence: str
) -> None:
    """Close a condition with its evidence, once and for good.

    Raises
    ------
    Forbidden
        Without the right to check eligibility.
    InvalidInput
        ``evidence_missing``.
    NotFound
        ``condition_unknown``.
    Refused
        ``condition_closed``.
    """
    require(actor, Right.CHECK_ELIGIBILITY)
    condition = session.get(DecisionCondition, condition_id)
    if condition is None:
        raise NotFound("condition_unknown")
    if condition.closed_on is not None:
        raise Refused("condition_closed")
    if not evidence.strip():
        raise InvalidInput("evidence_missing", field="evidence")
    condition.closed_on = utc_day(at)
    condition.closed_by = actor.user_id
    condition.evidence = evidence.strip()
    session.flush()
    decision = session.get_one(Decision, condition.decision_id)
    project = session.get_one(Project, decision.project_id)
    lifecycle.note(session, project, "close_condition", actor=actor, at=at)


def answer_recommendation(
    session: Session, *, actor: Actor, at: datetime, recommendation_id: uuid.UUID, answer: str
) -> None:
    """Answer the committee's advice in the project's name, once.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``answer_missing``.
    Refused
        ``recommendation_answered``.
    """
    row = session.get(Recommendation, recommendation_id)
    if row is None:
        raise NotFound("recommendation_unknown")
    decision = session.get_one(Decision, row.decision_id)
    project = own_project(session, actor, decision.project_id, Right.APPLY)
    if row.answer is not None:
        raise Refused("recommendation_answered")
    if not answer.strip():
        raise InvalidInput("answer_missing", field="answer")
    row.answer = answer.strip()
    row.answered_on = utc_day(at)
    row.answered_by = actor.user_id
    session.flush()
    lifecycle.note(session, project, "answer_recommendation", actor=actor, at=at)


def admit(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    ceiling: Money,
    reason: str,
) -> uuid.UUID:
    """Let money reach a project up to a ceiling: the secretariat's own decision.

    Raises
    ------
    Forbidden
        Without the right to admit.
    InvalidInput
        ``ceiling_not_positive``, ``currency_mixed`` or ``reason_missing``.
    NotFound
        ``project_unknown``.
    Refused
        ``no_positive_decision``, ``decision_expired``, or ``same_person`` who recorded the
        committee's decision.
    """
    require(actor, Right.ADMIT)
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project_unknown")
    if ceiling.minor <= 0:
        raise InvalidInput("ceiling_not_positive", field="ceiling")
    if ceiling.currency != project.currency:
        raise InvalidInput("currency_mixed", field="ceiling", one=ceiling.currency)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    decision = _admissible(session, project, actor, on=utc_day(at))
    admission = Admission(
        id=uuid7(at),
        project_id=project.id,
        decision_id=decision.id,
        ceiling_minor=ceiling.minor,
        currency=ceiling.currency,
        admitted_on=utc_day(at),
        admitted_by=actor.user_id,
        reason=reason.strip(),
        recorded_at=at,
    )
    session.add(admission)
    if project.code is None:
        project.code = _next_code(session)
    _take_over(session, project, decision, at=at)
    lifecycle.take(session, project, "admit", actor=actor, at=at, reason=reason)
    chart.open_account(
        session,
        chart.project(project.code, project.currency),
        at=at,
        currency=project.currency,
        project_id=project.id,
    )
    return admission.id


def change_status(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, step: str, reason: str
) -> None:
    """Hold, resume, complete or remove a project for the secretariat, or withdraw one's own.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``reason_missing`` or ``step_unknown``.
    """
    if step not in {"hold", "resume", "complete", "remove", "withdraw"}:
        raise InvalidInput("step_unknown", field="step", step=step)
    if step == "withdraw":
        project = own_project(session, actor, project_id, Right.APPLY)
    else:
        require(actor, Right.ADMIT)
        found = session.get(Project, project_id)
        if found is None:
            raise NotFound("project_unknown")
        project = found
    lifecycle.take(session, project, step, actor=actor, at=at, reason=reason)


def expire_due(session: Session, *, at: datetime) -> int:
    """Mark assessments whose decision has run out and return how many; a job calls this."""
    due = session.scalars(
        select(Assessment)
        .join(Decision, Decision.assessment_id == Assessment.id)
        .where(Assessment.status == AssessmentStatus.DECIDED, Decision.expires_on < utc_day(at))
    ).all()
    for assessment in due:
        lifecycle.take(session, assessment, "expire", actor=SYSTEM, at=at)
    return len(due)


def conflict(session: Session, assessment: Assessment, user_id: uuid.UUID) -> str | None:
    """Say what ties a person to a project: ``member``, ``affiliation``, or nothing."""
    project = session.get_one(Project, assessment.project_id)
    if is_member(session, user_id, project.organisation_id):
        return "member"
    own = session.scalar(select(User.affiliation).where(User.id == user_id))
    organisation = session.get_one(Organisation, project.organisation_id)
    money = session.get_one(Application, assessment.application_id).document.get("money", {})
    others = [organisation.name, *money.get("co_funders", []), *money.get("partners", [])]
    if own and folded(own) in {folded(name) for name in others}:
        return "affiliation"
    return None


def review_scores(session: Session, review_id: uuid.UUID) -> dict[str, Score]:
    """Return the scores of one review."""
    rows = session.scalars(select(ReviewScore).where(ReviewScore.review_id == review_id))
    return {row.criterion: Score(row.grade, row.evidence, row.reason) for row in rows}


def consensus_scores(session: Session, assessment_id: uuid.UUID) -> dict[str, Score]:
    """Return the scores agreed on."""
    rows = session.scalars(
        select(ConsensusScore).where(ConsensusScore.assessment_id == assessment_id)
    )
    return {row.criterion: Score(row.grade, row.evidence, row.reason) for row in rows}


def latest_decision(session: Session, project_id: uuid.UUID, on: date) -> Decision | None:
    """Return the last decision on a project made by a day."""
    return session.scalars(
        select(Decision)
        .where(Decision.project_id == project_id, Decision.decided_on <= on)
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
    ).first()


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _assessment(session: Session, assessment_id: uuid.UUID) -> Assessment:
    found = session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound("assessment_unknown")
    return found


def _seated(session: Session, assessment_id: uuid.UUID) -> Sequence[Assignment]:
    return session.scalars(
        select(Assignment).where(
            Assignment.assessment_id == assessment_id, Assignment.removed_at.is_(None)
        )
    ).all()


def _refuse_taken(session: Session, assessment: Assessment, user_id: uuid.UUID, seat: Seat) -> None:
    earlier = session.scalars(
        select(Assignment)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .where(Assessment.project_id == assessment.project_id, Assignment.user_id == user_id)
    ).all()
    # A tie to a project does not end with one version of its application.
    if any(one.declared_interest is not None for one in earlier):
        raise Refused("interest_declared", field="user_id")
    if any(one.removed_at is None and one.assessment_id == assessment.id for one in earlier):
        raise Refused("seat_taken", field="user_id")
    if seat is Seat.RAPPORTEUR and any(one.seat is seat for one in _seated(session, assessment.id)):
        raise Refused("seat_taken", field="seat")


def _open_assignment(session: Session, assignment_id: uuid.UUID) -> Assignment:
    found = session.get(Assignment, assignment_id)
    if found is None or found.removed_at is not None:
        raise NotFound("assignment_unknown")
    return found


def _own(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment:
    require(actor, Right.REVIEW)
    found = _open_assignment(session, assignment_id)
    if found.user_id != actor.user_id:
        raise NotFound("assignment_unknown")
    return found


def _reviewing(
    session: Session, actor: Actor, assignment_id: uuid.UUID
) -> tuple[Assignment, Criteria]:
    assignment = _own(session, actor, assignment_id)
    if assignment.seat is not Seat.REVIEWER:
        raise Refused("not_reviewer")
    if assignment.declared_at is None:
        raise Refused("declaration_missing")
    assessment = _assessment(session, assignment.assessment_id)
    if assessment.status is not AssessmentStatus.IN_REVIEW:
        raise Refused("review_closed", status=assessment.status.value)
    return assignment, criteria.get(session, assessment.criteria_set_id)


def _leading(
    session: Session, actor: Actor, assessment_id: uuid.UUID
) -> tuple[Assessment, Criteria]:
    require(actor, Right.DECIDE)
    assessment = _assessment(session, assessment_id)
    seat = next((one for one in _seated(session, assessment.id) if _leads(one, actor)), None)
    if seat is None:
        raise Refused("not_rapporteur")
    if seat.declared_at is None:
        raise Refused("declaration_missing")
    if assessment.status is not AssessmentStatus.CONSENSUS:
        raise Refused("consensus_closed", status=assessment.status.value)
    return assessment, criteria.get(session, assessment.criteria_set_id)


def _leads(assignment: Assignment, actor: Actor) -> bool:
    return assignment.seat is Seat.RAPPORTEUR and assignment.user_id == actor.user_id


def _review_of(session: Session, assignment_id: uuid.UUID) -> Review | None:
    return session.scalars(select(Review).where(Review.assignment_id == assignment_id)).first()


def _counted(session: Session, assessment_id: uuid.UUID) -> tuple[int, int]:
    """Count the reviews that stand and the people who stepped aside for an interest."""
    standing = session.scalar(
        select(func.count())
        .select_from(Review)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(
            Assignment.assessment_id == assessment_id,
            Assignment.removed_at.is_(None),
            Review.submitted_at.is_not(None),
        )
    )
    recused = session.scalar(
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.assessment_id == assessment_id, Assignment.declared_interest.is_not(None))
    )
    return standing or 0, recused or 0


def _meet(session: Session, assessment: Assessment, known: Criteria, *, at: datetime) -> None:
    """Open the consensus when every seated reviewer has handed in and the quorum is there."""
    seated = sum(one.seat is Seat.REVIEWER for one in _seated(session, assessment.id))
    standing, _ = _counted(session, assessment.id)
    if standing == seated and standing >= known.quorum:
        lifecycle.take(session, assessment, "meet", actor=SYSTEM, at=at)


def _vacate(
    session: Session,
    assessment: Assessment,
    assignment: Assignment,
    why: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None,
) -> None:
    if assessment.status not in _SEATING:
        raise Refused("too_late", status=assessment.status.value)
    assignment.removed_at = at
    assignment.removal = why
    session.flush()
    lifecycle.note(session, assessment, f"leave_{why}", actor=actor, at=at, reason=reason)
    known = criteria.get(session, assessment.criteria_set_id)
    if assessment.status is AssessmentStatus.CONSENSUS:
        standing, _ = _counted(session, assessment.id)
        if standing < known.quorum:
            lifecycle.take(session, assessment, "step_back", actor=SYSTEM, at=at)
    elif assessment.status is AssessmentStatus.IN_REVIEW:
        _meet(session, assessment, known, at=at)


def _forest_for_trees(application: Application) -> bool:
    said = application.document
    trees = said.get("practice", {}).get("practice") == "agroforestry"
    return trees and not said.get("land", {}).get("not_forest_before", False)


def _check_outcome(
    known: Criteria,
    scores: Mapping[str, Score],
    outcome: DecisionOutcome,
    conditions: Sequence[Condition],
    recommendations: Sequence[str],
) -> None:
    allowed = known.allowed(scores)
    if outcome not in allowed:
        raise Refused(
            "outcome_not_open", field="outcome", allowed=tuple(sorted(o.value for o in allowed))
        )
    if outcome is DecisionOutcome.POSITIVE and recommendations:
        raise InvalidInput("recommendations_unexpected", field="recommendations")
    if outcome is DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS and not recommendations:
        raise InvalidInput("recommendations_missing", field="recommendations")
    secured = {one.criterion for one in conditions if one.text.strip()}
    open_safeguards = sorted(known.conditional(scores) - secured)
    if outcome in POSITIVE and open_safeguards:
        raise InvalidInput("condition_missing", field="conditions", criterion=open_safeguards[0])


def _write_parts(
    session: Session,
    decision: Decision,
    conditions: Sequence[Condition],
    recommendations: Sequence[str],
    *,
    at: datetime,
) -> None:
    for condition in conditions:
        session.add(
            DecisionCondition(
                id=uuid7(at),
                decision_id=decision.id,
                criterion=condition.criterion,
                text=condition.text.strip(),
            )
        )
    for position, text in enumerate(recommendations, start=1):
        session.add(
            Recommendation(
                id=uuid7(at), decision_id=decision.id, position=position, text=text.strip()
            )
        )
    session.flush()


def _seal_decision(
    session: Session,
    decision: Decision,
    known: Criteria,
    conditions: Sequence[Condition],
    recommendations: Sequence[str],
    *,
    at: datetime,
) -> None:
    application = session.get_one(Application, decision.application_id)
    checkpoints.seal_fact(
        session,
        kind="decision",
        fact_id=decision.id,
        content={
            "project": str(decision.project_id),
            "application": application.content_hash,
            "criteria": known.version,
            "outcome": decision.outcome.value,
            "safeguards": decision.safeguards.value,
            "scores": {name: row["grade"] for name, row in decision.scores.items()},
            "summary": decision.summary,
            "conditions": [[one.criterion, one.text.strip()] for one in conditions],
            "recommendations": [text.strip() for text in recommendations],
            "reviews": decision.reviews,
            "recusals": decision.recusals,
            "decided_on": decision.decided_on.isoformat(),
            "expires_on": decision.expires_on.isoformat() if decision.expires_on else None,
        },
        at=at,
    )


def _tell_project(session: Session, decision: Decision, *, actor: Actor, at: datetime) -> None:
    """Move the project where a negative decision sends it; a positive one waits for admission."""
    if decision.outcome in POSITIVE:
        return
    project = session.get_one(Project, decision.project_id)
    if project.status is ProjectStatus.IN_ASSESSMENT:
        lifecycle.take(session, project, "turn_down", actor=actor, at=at)
    elif project.status in {ProjectStatus.OPEN, ProjectStatus.FUNDED}:
        lifecycle.take(session, project, "stop", actor=actor, at=at)


def _admissible(session: Session, project: Project, actor: Actor, *, on: date) -> Decision:
    decision = latest_decision(session, project.id, on)
    if decision is None or decision.outcome not in POSITIVE:
        raise Refused("no_positive_decision")
    if decision.expires_on is None or on > decision.expires_on:
        raise Refused("decision_expired", expires_on=decision.expires_on)
    if actor.user_id is None or actor.user_id == decision.decided_by:
        raise Refused("same_person")
    return decision


def _take_over(session: Session, project: Project, decision: Decision, *, at: datetime) -> None:
    """Show the admitted version from now on, with its indicators and its first report date."""
    application = session.get_one(Application, decision.application_id)
    applications.publish_facts(project, application)
    indicators.renew(session, project, application, at=at)
    if project.report_due_on is None:
        project.report_due_on = utc_day(at) + timedelta(days=REPORT_DAYS)
    session.flush()


def _next_code(session: Session) -> str:
    last = session.scalar(select(func.max(Project.code)))
    return f"P{int(last[1:]) + 1 if last else 1:04d}"
