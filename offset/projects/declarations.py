"""Is somebody tied to a project? Asked before anything of it opens, and answered at any time."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from offset.errors import Refused
from offset.people.access import Actor
from offset.projects import assignments, lifecycle, seats


def declare(
    session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID, interest: str | None
) -> bool:
    """Declare an interest, or none; return whether the application opens to this person.

    An interest ends the seat, also when it is declared late.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``conflict_of_interest``: the house itself sees a tie that was not there, or not known,
        when the seat was given; ``too_late`` once the decision is made.
    """
    assignment = seats.own_seat(session, actor, assignment_id)
    assessment = seats.assessment_of(session, assignment.assessment_id)
    if not (interest or "").strip():
        tie = assignments.conflict(session, assessment, assignment.user_id)
        if tie is not None:
            raise Refused("conflict_of_interest", tie=tie)
        assignment.declared_at = at
        lifecycle.note(session, assessment, "declare_none", actor=actor, at=at)
        return True
    assignment.declared_at = at
    seats.vacate(session, assessment, assignment, "interest", actor=actor, at=at, reason=None)
    assignment.declared_interest = (interest or "").strip()
    session.flush()
    return False
