"""How is a member asked, and how do they say no? By mail, on a page with one button.

The address in the mail is a secret of its own: it opens a page, and nothing happens before
somebody presses the button on it.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people.access import Actor
from offset.people.models import User
from offset.projects import members, notices, recusals, seats
from offset.projects.committee_models import AssignmentLink
from offset.projects.models import Assessment, Assignment, Organisation, Project, Seat


@dataclass(frozen=True)
class Asked:
    """What the page behind the mail tells: which seat in which application, and if it is open."""

    assignment_id: uuid.UUID
    seat: Seat
    title: str
    organisation: str
    assigned_at: datetime
    minutes: int
    open: bool


def send(session: Session, assignment: Assignment, *, at: datetime) -> None:
    """Ask a member by mail; the mail carries the address on which they can say no."""
    secret = secrets.token_urlsafe(24)
    session.add(
        AssignmentLink(assignment_id=assignment.id, secret_hash=_digest(secret), created_at=at)
    )
    session.flush()
    notices.seat_offered(session, assignment, decline_path=f"/committee/asked/{secret}", at=at)


def asked(session: Session, *, secret: str) -> Asked:
    """Read what a mail's address is about; once somebody stepped aside it says nothing more.

    Raises
    ------
    NotFound
        ``assignment_unknown``.
    """
    assignment = _behind(session, secret)
    assessment = session.get_one(Assessment, assignment.assessment_id)
    project = session.get_one(Project, assessment.project_id)
    organisation = session.get_one(Organisation, project.organisation_id)
    return Asked(
        assignment_id=assignment.id,
        seat=assignment.seat,
        title=project.title,
        organisation=organisation.name,
        assigned_at=assignment.assigned_at,
        minutes=members.REVIEWING,
        open=assignment.removed_at is None and assessment.status in seats.SEATING,
    )


def decline_by_link(session: Session, *, secret: str, at: datetime) -> None:
    """Say no with the address of the mail: the seat ends, and nobody is asked why.

    Raises
    ------
    NotFound
        ``assignment_unknown``.
    Refused
        ``too_late`` once the decision is made.
    """
    assignment = _behind(session, secret)
    if assignment.removed_at is None:
        _end(session, assignment, actor=Actor(assignment.user_id), at=at)


def decline(session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID) -> None:
    """Say no from the list of one's seats.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``too_late`` once the decision is made.
    """
    _end(session, seats.own_seat(session, actor, assignment_id), actor=actor, at=at)


def _end(session: Session, assignment: Assignment, *, actor: Actor, at: datetime) -> None:
    assessment = session.get_one(Assessment, assignment.assessment_id)
    seats.vacate(session, assessment, assignment, "declined", actor=actor, at=at, reason=None)
    notices.seat_declined(session, assignment, at=at)


def _behind(session: Session, secret: str) -> Assignment:
    found = session.execute(
        select(Assignment, Assessment.project_id)
        .join(AssignmentLink, AssignmentLink.assignment_id == Assignment.id)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .join(User, User.id == Assignment.user_id)
        .where(AssignmentLink.secret_hash == _digest(secret), User.disabled_at.is_(None))
    ).first()
    if found is None:
        raise NotFound("assignment_unknown")
    assignment, project_id = found
    if project_id in recusals.projects_of(session, assignment.user_id):
        raise NotFound("assignment_unknown")
    return assignment


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
