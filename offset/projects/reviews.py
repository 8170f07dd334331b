"""How does a member read and grade an application? One criterion at a time, blind to others."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, Refused
from offset.people.access import Actor
from offset.projects import lifecycle, seats
from offset.projects.criteria import Score
from offset.projects.models import Review, ReviewScore


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
    assignment, known = seats.reviewing(session, actor, assignment_id)
    for criterion, score in scores.items():
        known.check(criterion, score)
    review = seats.review_of(session, assignment.id)
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
    assignment, known = seats.reviewing(session, actor, assignment_id)
    review = seats.review_of(session, assignment.id)
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
    assessment = seats.assessment_of(session, assignment.assessment_id)
    lifecycle.note(session, assessment, "review", actor=actor, at=at)
    seats.meet(session, assessment, at=at)


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


def review_scores(session: Session, review_id: uuid.UUID) -> dict[str, Score]:
    """Return the scores of one review."""
    rows = session.scalars(select(ReviewScore).where(ReviewScore.review_id == review_id))
    return {row.criterion: Score(row.grade, row.evidence, row.reason) for row in rows}
