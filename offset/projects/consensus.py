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
    # read together and held: one statement, not one for each criterion
    held = _rows(session, assessment.id)
    for criterion, score in scores.items():
        _keep(session, assessment.id, held.get(criterion), criterion, score)
    session.flush()
    lifecycle.note(session, assessment, "agree", actor=actor, at=at)
    return known.missing(consensus_scores(session, assessment.id))


def consensus_scores(session: Session, assessment_id: uuid.UUID) -> dict[str, Score]:
    """Return the scores agreed on."""
    rows = _rows(session, assessment_id)
    return {name: Score(row.grade, row.evidence, row.reason) for name, row in rows.items()}


def _rows(session: Session, assessment_id: uuid.UUID) -> dict[str, ConsensusScore]:
    found = session.scalars(
        select(ConsensusScore).where(ConsensusScore.assessment_id == assessment_id)
    )
    return {row.criterion: row for row in found}


def _keep(
    session: Session,
    assessment_id: uuid.UUID,
    held: ConsensusScore | None,
    criterion: str,
    score: Score,
) -> None:
    reason = score.reason.strip()
    if held is not None:
        held.grade, held.evidence, held.reason = score.grade, score.evidence, reason
        return
    session.add(
        ConsensusScore(
            assessment_id=assessment_id,
            criterion=criterion,
            grade=score.grade,
            evidence=score.evidence,
            reason=reason,
        )
    )
