"""On which grades does the committee agree? The rapporteur leads, criterion by criterion."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.people.access import Actor
from offset.projects import lifecycle, seats
from offset.projects.criteria import Score
from offset.projects.models import ConsensusScore


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
    assessment, known = seats.leading(session, actor, assessment_id)
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


def consensus_scores(session: Session, assessment_id: uuid.UUID) -> dict[str, Score]:
    """Return the scores agreed on."""
    rows = session.scalars(
        select(ConsensusScore).where(ConsensusScore.assessment_id == assessment_id)
    )
    return {row.criterion: Score(row.grade, row.evidence, row.reason) for row in rows}
