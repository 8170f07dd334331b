"""What does the holder receive of an assessment? The frozen decision, for a report and a letter.

The agreed grades go with it; what single reviewers wrote never does.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people.access import Actor, Right, may
from offset.projects import criteria, recusals
from offset.projects.committee_models import DecisionRoll
from offset.projects.criteria import Criteria
from offset.projects.models import (
    POSITIVE,
    Application,
    Assignment,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Organisation,
    Project,
    Recommendation,
)
from offset.projects.organisations import is_member


@dataclass(frozen=True)
class Report:
    """A decision as its holder reads it."""

    decision_id: uuid.UUID
    project_id: uuid.UUID
    assessment_id: uuid.UUID
    title: str
    organisation: str
    version: int
    content_hash: str
    outcome: DecisionOutcome
    positive: bool
    summary: str
    language: str
    decided_on: date
    expires_on: date | None
    criteria: Criteria
    grades: dict[str, tuple[str, str | None]]
    reviews: int
    recused: int
    members: int | None
    conditions: tuple[tuple[str | None, str, date | None], ...]
    recommendations: tuple[tuple[str, str | None], ...]


def of_decision(session: Session, actor: Actor, assessment_id: uuid.UUID) -> Report:
    """Read the report of a decided assessment: its holder, its seats, or the secretariat.

    Raises
    ------
    NotFound
        ``report_unknown``, also to whoever may not read it or stepped aside.
    """
    decision = session.scalars(
        select(Decision).where(Decision.assessment_id == assessment_id)
    ).first()
    if decision is None:
        raise NotFound("report_unknown")
    project = session.get_one(Project, decision.project_id)
    recusals.refuse(session, actor, project.id, "report_unknown")
    if not _may_read(session, actor, project, decision):
        raise NotFound("report_unknown")
    return _report(session, project, decision)


def latest(session: Session, project_id: uuid.UUID) -> uuid.UUID | None:
    """Return the assessment of a project's last decision."""
    return session.scalar(
        select(Decision.assessment_id)
        .where(Decision.project_id == project_id)
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
    )


def stepped_aside(session: Session, decision_id: uuid.UUID) -> tuple[int, int] | None:
    """Return (recused, members) of a decision for public pages: "2 of 9 members …".

    None for a decision from before members were counted.
    """
    roll = session.get(DecisionRoll, decision_id)
    return (roll.recused, roll.members) if roll else None


def _may_read(session: Session, actor: Actor, project: Project, decision: Decision) -> bool:
    if may(actor, Right.SEE_DESK) or is_member(session, actor.user_id, project.organisation_id):
        return True
    seat = select(Assignment.id).where(
        Assignment.assessment_id == decision.assessment_id,
        Assignment.user_id == actor.user_id,
        Assignment.removed_at.is_(None),
        Assignment.declared_at.is_not(None),
    )
    return session.scalar(seat.limit(1)) is not None


def _report(session: Session, project: Project, decision: Decision) -> Report:
    application = session.get_one(Application, decision.application_id)
    conditions = session.scalars(
        select(DecisionCondition)
        .where(DecisionCondition.decision_id == decision.id)
        .order_by(DecisionCondition.id)
    )
    advice = session.scalars(
        select(Recommendation)
        .where(Recommendation.decision_id == decision.id)
        .order_by(Recommendation.position)
    )
    roll = stepped_aside(session, decision.id)
    return Report(
        decision_id=decision.id,
        project_id=project.id,
        assessment_id=decision.assessment_id,
        title=str(application.document.get("project", {}).get("title", project.title)),
        organisation=session.get_one(Organisation, project.organisation_id).name,
        version=application.version,
        content_hash=application.content_hash or "",
        outcome=decision.outcome,
        positive=decision.outcome in POSITIVE,
        summary=decision.summary,
        language=decision.language,
        decided_on=decision.decided_on,
        expires_on=decision.expires_on,
        criteria=criteria.get(session, decision.criteria_set_id),
        grades={name: (row["grade"], row["evidence"]) for name, row in decision.scores.items()},
        reviews=decision.reviews,
        recused=decision.recusals,
        members=roll[1] if roll else None,
        conditions=tuple((one.criterion, one.text, one.closed_on) for one in conditions),
        recommendations=tuple((one.text, one.answer) for one in advice),
    )
