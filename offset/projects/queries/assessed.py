"""What is public of the committee's decision and the secretariat's admission?"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.money import Money
from offset.projects.models import (
    POSITIVE,
    Admission,
    CriteriaSet,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Recommendation,
    Safeguard,
)
from offset.projects.queries.gates import Standing


@dataclass(frozen=True)
class ConditionView:
    """A condition of a decision, open or closed."""

    id: uuid.UUID
    criterion: str | None
    text: str
    closed_on: date | None
    evidence: str | None


@dataclass(frozen=True)
class RecommendationView:
    """Advice of the committee and the project's answer."""

    id: uuid.UUID
    text: str
    answer: str | None
    answered_on: date | None


@dataclass(frozen=True)
class CriterionName:
    """A criterion as the page lists it; scores are never public."""

    id: str
    name: str
    kind: str
    step: int


@dataclass(frozen=True)
class AssessmentView:
    """What is public of a positive decision of the committee."""

    decision_id: uuid.UUID
    outcome: DecisionOutcome
    safeguards: Safeguard
    decided_on: date
    expires_on: date | None
    expired: bool
    criteria_version: str
    criteria: tuple[CriterionName, ...]
    reviews: int
    recusals: int
    summary: str
    language: str
    conditions: tuple[ConditionView, ...]
    recommendations: tuple[RecommendationView, ...]


@dataclass(frozen=True)
class AdmissionView:
    """The secretariat's funding decision."""

    id: uuid.UUID
    ceiling: Money
    admitted_on: date


def assessment_of(session: Session, standing: Standing, on: date) -> AssessmentView | None:
    """Return the last positive decision; a negative one is never public."""
    decision = standing.decision
    if decision is not None and decision.outcome not in POSITIVE:
        decision = _last_positive(session, standing.project.id, on)
    if decision is None:
        return None
    rows = session.execute(
        select(CriteriaSet, DecisionCondition)
        .outerjoin(DecisionCondition, DecisionCondition.decision_id == decision.id)
        .where(CriteriaSet.id == decision.criteria_set_id)
        .order_by(DecisionCondition.id)
    ).all()
    advice = session.scalars(
        select(Recommendation)
        .where(Recommendation.decision_id == decision.id)
        .order_by(Recommendation.position)
    )
    used = rows[0].CriteriaSet
    return AssessmentView(
        decision_id=decision.id,
        outcome=decision.outcome,
        safeguards=decision.safeguards,
        decided_on=decision.decided_on,
        expires_on=decision.expires_on,
        expired=decision.expires_on is not None and on > decision.expires_on,
        criteria_version=used.version,
        criteria=tuple(
            CriterionName(row["id"], row["name"], row["type"], row["step"])
            for row in used.document["criteria"]
        ),
        reviews=decision.reviews,
        recusals=decision.recusals,
        summary=decision.summary,
        language=decision.language,
        conditions=tuple(
            ConditionView(one.id, one.criterion, one.text, one.closed_on, one.evidence)
            for _, one in rows
            if one is not None
        ),
        recommendations=tuple(
            RecommendationView(one.id, one.text, one.answer, one.answered_on) for one in advice
        ),
    )


def _last_positive(session: Session, project_id: uuid.UUID, on: date) -> Decision | None:
    return session.scalars(
        select(Decision)
        .where(
            Decision.project_id == project_id,
            Decision.outcome.in_(POSITIVE),
            Decision.decided_on <= on,
        )
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
    ).first()


def admission_of(row: Admission | None) -> AdmissionView | None:
    """Return the secretariat's funding decision as the page shows it."""
    if row is None:
        return None
    return AdmissionView(row.id, Money(row.ceiling_minor, row.currency), row.admitted_on)
