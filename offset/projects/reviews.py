"""How does a member read and grade an application? One criterion at a time, blind to others."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, Refused
from offset.people.access import Actor
from offset.projects import lifecycle, seats
from offset.projects.committee_models import Handover
from offset.projects.criteria import Criteria, Score
from offset.projects.models import Assignment, Review, ReviewScore, Seat

LONGEST_REASON: Final = 4_000


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
    review = _draft(session, assignment, at=at)
    review.summary = summary.strip()
    # read together and held: one statement, not one for each criterion
    held = _rows(session, review.id)
    for criterion, score in scores.items():
        _keep(session, review, held.get(criterion), criterion, score)
    session.flush()
    return left(session, assignment, known)


def jot(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assignment_id: uuid.UUID,
    criterion: str,
    score: Score,
) -> tuple[str, ...]:
    """Keep what stands beside one criterion, also half a thought, and return what is left to do.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``criterion_unknown``, ``grade_unknown`` or ``too_long``.
    Refused
        ``declaration_missing``, ``review_closed`` or ``review_submitted``.
    """
    assignment, known = seats.reviewing(session, actor, assignment_id)
    if len(score.reason) > LONGEST_REASON:
        raise InvalidInput("too_long", field=criterion, longest=LONGEST_REASON)
    known.check_draft(criterion, score)
    review = _draft(session, assignment, at=at)
    if score.grade or score.evidence or score.reason.strip():
        held = session.get(ReviewScore, (review.id, criterion))
        _keep(session, review, held, criterion, score)
    else:
        _clear(session, review, criterion)
    session.flush()
    return left(session, assignment, known)


def jot_summary(
    session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID, summary: str
) -> None:
    """Keep the summary of a review as it is being written.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``declaration_missing``, ``review_closed`` or ``review_submitted``.
    """
    assignment, _known = seats.reviewing(session, actor, assignment_id)
    _draft(session, assignment, at=at).summary = summary.strip()
    session.flush()


def hand_on(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assignment_id: uuid.UUID,
    criterion: str,
    to_assignment_id: uuid.UUID,
    note: str = "",
) -> None:
    """Say "not my field": another seat of the same assessment grades the criterion.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``criterion_unknown``.
    Refused
        ``declaration_missing``, ``review_closed``, ``review_submitted``; ``handover_refused``
        to oneself, to a seat elsewhere or one whose review is in; ``handed_already`` when that
        seat handed the same criterion on, or this one did.
    """
    assignment, known = seats.reviewing(session, actor, assignment_id)
    if criterion not in {one.id for one in known.criteria}:
        raise InvalidInput("criterion_unknown", field=criterion)
    review = _draft(session, assignment, at=at)
    _refuse_handover(session, assignment, criterion, to_assignment_id)
    session.add(
        Handover(
            id=uuid7(at),
            assignment_id=assignment.id,
            criterion=criterion,
            to_assignment_id=to_assignment_id,
            note=note.strip()[:LONGEST_REASON],
            handed_at=at,
        )
    )
    _clear(session, review, criterion)
    session.flush()
    assessment = seats.assessment_of(session, assignment.assessment_id)
    lifecycle.note(session, assessment, "hand_on", actor=actor, at=at, reason=criterion)


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
    absent = left(session, assignment, known)
    if absent:
        raise InvalidInput("scores_missing", field=absent[0], missing=absent)
    if review is None or not review.summary:
        raise InvalidInput("summary_missing", field="summary")
    if review.submitted_at is not None:
        raise Refused("review_submitted")
    for criterion, score in review_scores(session, review.id).items():
        known.check(criterion, score)
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
    rows = _rows(session, review_id)
    return {name: Score(row.grade, row.evidence, row.reason) for name, row in rows.items()}


def handed_on(session: Session, assignment_id: uuid.UUID) -> dict[str, Handover]:
    """Return what a seat handed on, by criterion."""
    rows = session.scalars(select(Handover).where(Handover.assignment_id == assignment_id))
    return {row.criterion: row for row in rows}


def handed_to(session: Session, assignment_id: uuid.UUID) -> dict[str, Handover]:
    """Return what was handed to a seat, by criterion."""
    rows = session.scalars(select(Handover).where(Handover.to_assignment_id == assignment_id))
    return {row.criterion: row for row in rows}


def left(session: Session, assignment: Assignment, known: Criteria) -> tuple[str, ...]:
    """Name the criteria that this seat still has to grade; what it handed on it has not."""
    review = seats.review_of(session, assignment.id)
    scores = review_scores(session, review.id) if review else {}
    graded = {name: score for name, score in scores.items() if score.grade}
    elsewhere = handed_on(session, assignment.id)
    return tuple(name for name in known.missing(graded) if name not in elsewhere)


def _draft(session: Session, assignment: Assignment, *, at: datetime) -> Review:
    review = seats.review_of(session, assignment.id)
    if review is None:
        review = Review(id=uuid7(at), assignment_id=assignment.id, saved_at=at)
        session.add(review)
        session.flush()
    if review.submitted_at is not None:
        raise Refused("review_submitted")
    review.saved_at = at
    return review


def _rows(session: Session, review_id: uuid.UUID) -> dict[str, ReviewScore]:
    found = session.scalars(select(ReviewScore).where(ReviewScore.review_id == review_id))
    return {row.criterion: row for row in found}


def _keep(
    session: Session, review: Review, held: ReviewScore | None, criterion: str, score: Score
) -> None:
    reason = score.reason.strip()
    if held is not None:
        held.grade, held.evidence, held.reason = score.grade, score.evidence, reason
        return
    session.add(
        ReviewScore(
            review_id=review.id,
            criterion=criterion,
            grade=score.grade,
            evidence=score.evidence,
            reason=reason,
        )
    )


def _clear(session: Session, review: Review, criterion: str) -> None:
    held = session.get(ReviewScore, (review.id, criterion))
    if held is not None:
        session.delete(held)


def _refuse_handover(
    session: Session, own: Assignment, criterion: str, to_assignment_id: uuid.UUID
) -> None:
    to = next(
        (one for one in seats.seated(session, own.assessment_id) if one.id == to_assignment_id),
        None,
    )
    if to is None or to.id == own.id or _is_in(session, to):
        raise Refused("handover_refused", field=criterion)
    if criterion in handed_on(session, own.id) or criterion in handed_on(session, to.id):
        raise Refused("handed_already", field=criterion)


def _is_in(session: Session, seat: Assignment) -> bool:
    """Say whether a reviewer's grades are in; a rapporteur grades in the consensus."""
    review = seats.review_of(session, seat.id)
    return seat.seat is Seat.REVIEWER and review is not None and review.submitted_at is not None
