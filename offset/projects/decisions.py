"""What does the committee decide? Computed from the agreed grades, frozen and sealed."""

import calendar
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.ledger import checkpoints
from offset.people import settings
from offset.people.access import SYSTEM, Actor, Right, require
from offset.projects import consensus, lifecycle, recusals, seats
from offset.projects.committee_models import DecisionRoll
from offset.projects.criteria import Criteria, Score
from offset.projects.models import (
    POSITIVE,
    Application,
    Assessment,
    AssessmentStatus,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Project,
    ProjectStatus,
    Recommendation,
)
from offset.projects.organisations import own_project


@dataclass(frozen=True)
class Condition:
    """Something to be done before money moves; ``criterion`` names the safeguard it secures."""

    text: str
    criterion: str | None = None


def decide(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    outcome: DecisionOutcome | None = None,
    summary: str,
    language: str = "en",
    conditions: Sequence[Condition] = (),
    recommendations: Sequence[str] = (),
) -> uuid.UUID:
    """Record the committee's decision, freeze it and seal it.

    The outcome follows from the agreed grades and from whether advice goes with it; ``outcome``
    is only named where the committee is stricter than they are.

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
    assessment, known = seats.leading(session, actor, assessment_id)
    scores = consensus.consensus_scores(session, assessment.id)
    absent = known.missing(scores)
    if absent:
        raise InvalidInput("scores_missing", field=absent[0], missing=absent)
    if not summary.strip():
        raise InvalidInput("summary_missing", field="summary")
    reviews = seats.standing(session, assessment.id)
    if reviews < known.quorum:
        raise Refused("quorum_missing", reviews=reviews, quorum=known.quorum)
    outcome = outcome or known.outcome(scores, advised=bool(recommendations))
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
        recusals=recusals.count(session, assessment.project_id),
        decided_on=decided_on,
        expires_on=months_later(decided_on, months) if outcome in POSITIVE else None,
        decided_by=actor.user_id,
        recorded_at=at,
    )
    session.add(decision)
    session.flush()
    session.add(
        DecisionRoll(
            decision_id=decision.id,
            members=max(recusals.members(session), decision.recusals),
            recused=decision.recusals,
        )
    )
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


def of_assessment(session: Session, assessment_id: uuid.UUID) -> Decision | None:
    """Return the decision that ended an assessment."""
    return session.scalars(select(Decision).where(Decision.assessment_id == assessment_id)).first()


# the guards of the steps that follow a decision; lifecycle names them


def guard_decide(session: Session, assessment: Assessment, actor: Actor, _at: datetime) -> None:
    """Refuse the step without the record of the decision, by the person who takes it.

    Raises
    ------
    Refused
        ``decision_missing``.
    """
    found = of_assessment(session, assessment.id)
    if found is None or found.decided_by != actor.user_id:
        raise Refused("decision_missing")


def guard_expire(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Refuse to expire before the day.

    Raises
    ------
    Refused
        ``decision_holds``.
    """
    found = of_assessment(session, assessment.id)
    if found is None or found.expires_on is None or found.expires_on >= utc_day(at):
        raise Refused("decision_holds")


def guard_negative(session: Session, project: Project, _actor: Actor, at: datetime) -> None:
    """Refuse to turn a project down without a negative decision.

    Raises
    ------
    Refused
        ``decision_missing``.
    """
    found = latest_decision(session, project.id, utc_day(at))
    if found is None or found.outcome in POSITIVE:
        raise Refused("decision_missing")


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
