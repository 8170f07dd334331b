"""What is public of the committee's decision and the secretariat's admission?"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Text, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from offset.money import Money
from offset.projects.committee_models import DecisionRoll
from offset.projects.models import (
    Admission,
    CriteriaSet,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Recommendation,
    Safeguard,
)


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
    """What is public of a positive decision of the committee.

    ``members`` and ``recused`` count the committee of that day and those who stepped aside; both
    are None for a decision from before members were counted.
    """

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
    members: int | None
    recused: int | None
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


def assessment_of(
    session: Session,
    decision: Decision | None,
    version: CriteriaSet | None,
    roll: DecisionRoll | None,
    on: date,
) -> AssessmentView | None:
    """Return what is public of the last positive decision; a negative one is never public."""
    if decision is None or version is None:
        return None
    conditions, advice = _advice(session, decision.id)
    return AssessmentView(
        decision_id=decision.id,
        outcome=decision.outcome,
        safeguards=decision.safeguards,
        decided_on=decision.decided_on,
        expires_on=decision.expires_on,
        expired=decision.expires_on is not None and on > decision.expires_on,
        criteria_version=version.version,
        criteria=tuple(
            CriterionName(row["id"], row["name"], row["type"], row["step"])
            for row in version.document["criteria"]
        ),
        reviews=decision.reviews,
        recusals=decision.recusals,
        members=roll.members if roll else None,
        recused=roll.recused if roll else None,
        summary=decision.summary,
        language=decision.language,
        conditions=conditions,
        recommendations=advice,
    )


def _advice(
    session: Session, decision_id: uuid.UUID
) -> tuple[tuple[ConditionView, ...], tuple[RecommendationView, ...]]:
    """Read conditions and recommendations of a decision in one statement, each in its order."""
    conditions = select(
        literal(0).label("kind"),
        DecisionCondition.id.label("id"),
        literal(0).label("position"),
        DecisionCondition.criterion.label("criterion"),
        DecisionCondition.text.label("text"),
        DecisionCondition.closed_on.label("on_day"),
        DecisionCondition.evidence.label("answer"),
    ).where(DecisionCondition.decision_id == decision_id)
    advice = select(
        literal(1),
        Recommendation.id,
        Recommendation.position,
        cast(null(), Text),
        Recommendation.text,
        Recommendation.answered_on,
        Recommendation.answer,
    ).where(Recommendation.decision_id == decision_id)
    rows: Sequence[Any] = session.execute(union_all(conditions, advice)).all()
    told = sorted(rows, key=lambda row: (row.kind, row.position, row.id))
    return (
        tuple(
            ConditionView(row.id, row.criterion, row.text, row.on_day, row.answer)
            for row in told
            if not row.kind
        ),
        tuple(
            RecommendationView(row.id, row.text, row.answer, row.on_day) for row in told if row.kind
        ),
    )


def admission_of(row: Admission | None) -> AdmissionView | None:
    """Return the secretariat's funding decision as the page shows it."""
    if row is None:
        return None
    return AdmissionView(row.id, Money(row.ceiling_minor, row.currency), row.admitted_on)
