"""Who is asked to read which application? Seats given, declined and taken back.

A tie that the house can see refuses the seat: membership, or an affiliation with the holder, a
co-funder or a partner. Whoever once declared an interest in a project gets no seat in it again.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, Refused
from offset.people import users
from offset.people.access import Actor, Right, Role, require
from offset.projects import invitations, lifecycle, members, recusals, seats
from offset.projects.models import (
    Application,
    Assessment,
    Assignment,
    Organisation,
    Project,
    Seat,
)
from offset.projects.organisations import folded, is_member

_SEATS: Final[Mapping[Seat, frozenset[Role]]] = {
    Seat.REVIEWER: frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}),
    Seat.RAPPORTEUR: frozenset({Role.RAPPORTEUR}),
}


def assign(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    user_id: uuid.UUID,
    seat: Seat,
) -> uuid.UUID:
    """Give somebody a seat; whoever is tied to the project is refused by the house itself.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``conflict_of_interest`` (member of the organisation, or the same affiliation as the
        holder, a co-funder or a partner), ``interest_declared`` earlier for this project,
        ``seat_taken``, ``role_missing`` or ``too_late``.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    assessment = seats.assessment_of(session, assessment_id)
    if assessment.status not in seats.SEATING:
        raise Refused("too_late", status=assessment.status.value)
    if not _SEATS[seat] & users.roles_of(session, user_id):
        raise Refused("role_missing", field="user_id", seat=seat.value)
    _refuse_taken(session, assessment, user_id, seat)
    tie = conflict(session, assessment, user_id)
    if tie is not None:
        raise Refused("conflict_of_interest", field="user_id", tie=tie)
    assignment = Assignment(
        id=uuid7(at),
        assessment_id=assessment.id,
        user_id=user_id,
        seat=seat,
        assigned_at=at,
        assigned_by=actor.user_id,
    )
    session.add(assignment)
    session.flush()
    lifecycle.note(session, assessment, f"assign_{seat.value}", actor=actor, at=at)
    invitations.send(session, assignment, at=at)
    return assignment.id


def release(
    session: Session, *, actor: Actor, at: datetime, assignment_id: uuid.UUID, reason: str
) -> None:
    """Take a seat back; a review already handed in is kept and no longer counted.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    Refused
        ``too_late`` once the decision is made.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    assignment = seats.open_seat(session, assignment_id)
    assessment = seats.assessment_of(session, assignment.assessment_id)
    seats.vacate(session, assessment, assignment, "released", actor=actor, at=at, reason=reason)


def conflict(session: Session, assessment: Assessment, user_id: uuid.UUID) -> str | None:
    """Say what ties a person to a project: ``member``, ``affiliation``, or nothing."""
    project = session.get_one(Project, assessment.project_id)
    if is_member(session, user_id, project.organisation_id):
        return "member"
    organisation = session.get_one(Organisation, project.organisation_id)
    money = session.get_one(Application, assessment.application_id).document.get("money", {})
    others = [organisation.name, *money.get("co_funders", []), *money.get("partners", [])]
    if members.belongs_to(session, user_id) & {folded(name) for name in others}:
        return "affiliation"
    return None


def _refuse_taken(session: Session, assessment: Assessment, user_id: uuid.UUID, seat: Seat) -> None:
    earlier = session.scalars(
        select(Assignment)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .where(Assessment.project_id == assessment.project_id, Assignment.user_id == user_id)
    ).all()
    # A tie to a project does not end with one version of its application.
    if assessment.project_id in recusals.projects_of(session, user_id):
        raise Refused("interest_declared", field="user_id")
    if any(one.removed_at is None and one.assessment_id == assessment.id for one in earlier):
        raise Refused("seat_taken", field="user_id")
    if seat is Seat.RAPPORTEUR and any(
        one.seat is seat for one in seats.seated(session, assessment.id)
    ):
        raise Refused("seat_taken", field="seat")
