"""Who sits in an assessment, what of their work counts, and may this person act from a seat?"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.errors import NotFound, Refused
from offset.people.access import SYSTEM, Actor, Right, require
from offset.projects import criteria, lifecycle, recusals
from offset.projects.criteria import Criteria
from offset.projects.models import Assessment, AssessmentStatus, Assignment, Review, Seat

SEATING: Final = frozenset(
    {AssessmentStatus.ELIGIBILITY, AssessmentStatus.IN_REVIEW, AssessmentStatus.CONSENSUS}
)
"""While an assessment stands here, seats are given, left and taken back."""


def assessment_of(session: Session, assessment_id: uuid.UUID) -> Assessment:
    """Return an assessment.

    Raises
    ------
    NotFound
        ``assessment_unknown``.
    """
    found = session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound("assessment_unknown")
    return found


def seated(session: Session, assessment_id: uuid.UUID) -> Sequence[Assignment]:
    """Return the seats that are taken."""
    return session.scalars(
        select(Assignment).where(
            Assignment.assessment_id == assessment_id, Assignment.removed_at.is_(None)
        )
    ).all()


def open_seat(session: Session, assignment_id: uuid.UUID) -> Assignment:
    """Return a seat that did not end.

    Raises
    ------
    NotFound
        ``assignment_unknown``.
    """
    found = session.get(Assignment, assignment_id)
    if found is None or found.removed_at is not None:
        raise NotFound("assignment_unknown")
    return found


def own_seat(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment:
    """Return somebody's own seat.

    Raises
    ------
    Forbidden
        Without the right to review.
    NotFound
        ``assignment_unknown``: somebody else's seat, one that ended, or a project from which
        this person stepped aside.
    """
    require(actor, Right.REVIEW)
    found = open_seat(session, assignment_id)
    if found.user_id != actor.user_id:
        raise NotFound("assignment_unknown")
    assessment = assessment_of(session, found.assessment_id)
    recusals.refuse(session, actor, assessment.project_id, "assignment_unknown")
    return found


def reviewing(
    session: Session, actor: Actor, assignment_id: uuid.UUID
) -> tuple[Assignment, Criteria]:
    """Return a reviewer's own seat while the review lasts, with the criteria.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``not_reviewer``, ``declaration_missing`` or ``review_closed``.
    """
    assignment = own_seat(session, actor, assignment_id)
    if assignment.seat is not Seat.REVIEWER:
        raise Refused("not_reviewer")
    if assignment.declared_at is None:
        raise Refused("declaration_missing")
    assessment = assessment_of(session, assignment.assessment_id)
    if assessment.status is not AssessmentStatus.IN_REVIEW:
        raise Refused("review_closed", status=assessment.status.value)
    return assignment, criteria.get(session, assessment.criteria_set_id)


def leading(
    session: Session, actor: Actor, assessment_id: uuid.UUID
) -> tuple[Assessment, Criteria]:
    """Return the assessment that a rapporteur leads to its decision, with the criteria.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``not_rapporteur``, ``declaration_missing`` or ``consensus_closed``.
    """
    require(actor, Right.DECIDE)
    assessment = assessment_of(session, assessment_id)
    recusals.refuse(session, actor, assessment.project_id, "assessment_unknown")
    seat = next((one for one in seated(session, assessment.id) if _leads(one, actor)), None)
    if seat is None:
        raise Refused("not_rapporteur")
    if seat.declared_at is None:
        raise Refused("declaration_missing")
    if assessment.status is not AssessmentStatus.CONSENSUS:
        raise Refused("consensus_closed", status=assessment.status.value)
    return assessment, criteria.get(session, assessment.criteria_set_id)


def _leads(assignment: Assignment, actor: Actor) -> bool:
    return assignment.seat is Seat.RAPPORTEUR and assignment.user_id == actor.user_id


def review_of(session: Session, assignment_id: uuid.UUID) -> Review | None:
    """Return the review of a seat, once it is begun."""
    return session.scalars(select(Review).where(Review.assignment_id == assignment_id)).first()


def standing(session: Session, assessment_id: uuid.UUID) -> int:
    """Count the reviews that stand: handed in from a seat that did not end."""
    found = session.scalar(
        select(func.count())
        .select_from(Review)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(
            Assignment.assessment_id == assessment_id,
            Assignment.removed_at.is_(None),
            Review.submitted_at.is_not(None),
        )
    )
    return found or 0


def complete(session: Session, assessment: Assessment) -> bool:
    """Say whether every seated reviewer has handed in and the quorum is there."""
    reviewers = sum(one.seat is Seat.REVIEWER for one in seated(session, assessment.id))
    reviews = standing(session, assessment.id)
    return reviews == reviewers and enough(session, assessment)


def enough(session: Session, assessment: Assessment) -> bool:
    """Say whether as many reviews stand as the criteria ask for."""
    known = criteria.get(session, assessment.criteria_set_id)
    return standing(session, assessment.id) >= known.quorum


def meet(session: Session, assessment: Assessment, *, at: datetime) -> None:
    """Open the consensus once the last review is in."""
    if complete(session, assessment):
        lifecycle.take(session, assessment, "meet", actor=SYSTEM, at=at)


def vacate(
    session: Session,
    assessment: Assessment,
    assignment: Assignment,
    why: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None,
) -> None:
    """End a seat, and move the assessment where the reviews that still count send it.

    Raises
    ------
    Refused
        ``too_late`` once the decision is made.
    """
    if assessment.status not in SEATING:
        raise Refused("too_late", status=assessment.status.value)
    assignment.removed_at = at
    assignment.removal = why
    session.flush()
    lifecycle.note(session, assessment, f"leave_{why}", actor=actor, at=at, reason=reason)
    if assessment.status is AssessmentStatus.IN_REVIEW:
        meet(session, assessment, at=at)
    elif assessment.status is AssessmentStatus.CONSENSUS and not enough(session, assessment):
        lifecycle.take(session, assessment, "step_back", actor=SYSTEM, at=at)


# the guards of the two steps that the house takes by itself; lifecycle names them


def guard_meet(session: Session, assessment: Assessment, _actor: Actor, _at: datetime) -> None:
    """Refuse a consensus while a review is missing.

    Raises
    ------
    Refused
        ``reviews_missing``.
    """
    if not complete(session, assessment):
        raise Refused("reviews_missing")


def guard_step_back(session: Session, assessment: Assessment, _actor: Actor, _at: datetime) -> None:
    """Refuse to take back a consensus that has its reviews.

    Raises
    ------
    Refused
        ``reviews_complete``.
    """
    if enough(session, assessment):
        raise Refused("reviews_complete")
