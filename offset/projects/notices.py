"""Whom does the house write to when an assessment moves? Its seats, the holder, the secretariat."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.people import outbox
from offset.people.access import Actor, Role
from offset.people.models import RoleGrant, User
from offset.projects import members, seats
from offset.projects.committee_models import InquiryRound
from offset.projects.models import (
    Assessment,
    Assignment,
    Decision,
    Organisation,
    OrganisationMember,
    Project,
    Seat,
)


def seat_offered(
    session: Session, assignment: Assignment, *, decline_path: str, at: datetime
) -> None:
    """Ask a member to take a seat."""
    _to_seat(session, assignment, "offered", at=at, decline_path=decline_path)


def seat_declined(session: Session, assignment: Assignment, *, at: datetime) -> None:
    """Tell the secretariat that somebody else must be asked."""
    assessment = session.get_one(Assessment, assignment.assessment_id)
    told = {**_about(session, assessment.project_id), "what": "declined"}
    told["path"] = f"/secretariat/projects/{assessment.id}"
    _to_desk(session, told, key=f"seat-declined:{assignment.id}", at=at)


def review_opens(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Tell the reviewers that the dossier is open."""
    for assignment in seats.seated(session, assessment.id):
        if assignment.seat is Seat.REVIEWER:
            _to_seat(session, assignment, "opened", at=at)


def consensus_opens(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Tell the rapporteur that every review is in."""
    for assignment in seats.seated(session, assessment.id):
        if assignment.seat is Seat.RAPPORTEUR:
            _to_seat(session, assignment, "consensus", at=at)


def decided(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Tell the holder that report and letter are there."""
    told = {**_about(session, assessment.project_id), "what": "decided", "day": None}
    told["path"] = f"/steward/projects/{assessment.project_id}/assessment"
    _to_holder(
        session, assessment.project_id, "assessment_told", told, f"decided:{assessment.id}", at=at
    )


def expired(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Tell holder and secretariat that a decision has run out; a newer one makes it needless."""
    _ends(session, assessment, "expired", f"expired:{assessment.id}", at=at)


def expires(session: Session, assessment: Assessment, days: int, *, at: datetime) -> None:
    """Tell holder and secretariat in time that a decision will run out."""
    _ends(session, assessment, "expires", f"expires:{assessment.id}:{days}", at=at)


def questions_sent(session: Session, sent: InquiryRound, *, count: int, at: datetime) -> None:
    """Send the holder to the committee's questions, all at once."""
    project_id = session.get_one(Assessment, sent.assessment_id).project_id
    told = {
        **_about(session, project_id),
        "what": "questions",
        "count": count,
        "day": sent.due_on.isoformat(),
        "path": f"/steward/projects/{project_id}/assessment",
    }
    _to_holder(session, project_id, "assessment_told", told, f"questions:{sent.id}", at=at)


def _ends(session: Session, assessment: Assessment, what: str, key: str, *, at: datetime) -> None:
    decision = session.scalars(
        select(Decision)
        .where(Decision.project_id == assessment.project_id)
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
    ).one()
    if decision.assessment_id != assessment.id or decision.expires_on is None:
        return
    told: dict[str, Any] = {**_about(session, assessment.project_id), "what": what}
    told["day"] = decision.expires_on.isoformat()
    own = {**told, "path": f"/steward/projects/{assessment.project_id}"}
    _to_holder(session, assessment.project_id, "assessment_told", own, key, at=at)
    desk = {**told, "path": f"/secretariat/projects/{assessment.id}"}
    _to_desk(session, desk, key=f"{key}:desk", at=at)


def _about(session: Session, project_id: uuid.UUID) -> dict[str, Any]:
    project = session.get_one(Project, project_id)
    organisation = session.get_one(Organisation, project.organisation_id)
    return {"title": project.title, "organisation": organisation.name}


def _to_seat(
    session: Session,
    assignment: Assignment,
    what: str,
    *,
    at: datetime,
    decline_path: str | None = None,
) -> None:
    assessment = session.get_one(Assessment, assignment.assessment_id)
    user = session.get_one(User, assignment.user_id)
    leads = assignment.seat is Seat.RAPPORTEUR
    told = {
        **_about(session, assessment.project_id),
        "what": what,
        "seat": assignment.seat.value,
        "minutes": members.READING + members.AGREEING if leads else members.REVIEWING,
        "path": f"/committee/seats/{assignment.id}",
        "decline_path": decline_path,
    }
    _write(session, [user], "committee_seat", told, f"seat:{what}:{assignment.id}", at=at)


def _to_holder(
    session: Session,
    project_id: uuid.UUID,
    template: str,
    told: Mapping[str, object],
    key: str,
    *,
    at: datetime,
) -> None:
    people = session.scalars(
        select(User)
        .join(OrganisationMember, OrganisationMember.user_id == User.id)
        .join(Project, Project.organisation_id == OrganisationMember.organisation_id)
        .where(Project.id == project_id)
        .order_by(User.id)
    )
    _write(session, people.all(), template, told, key, at=at)


def _to_desk(session: Session, told: Mapping[str, object], *, key: str, at: datetime) -> None:
    people = session.scalars(
        select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == Role.CLERK, RoleGrant.revoked_at.is_(None))
        .order_by(User.id)
    )
    _write(session, people.unique().all(), "assessment_desk", told, key, at=at)


def _write(
    session: Session,
    people: Iterable[User],
    template: str,
    told: Mapping[str, object],
    key: str,
    *,
    at: datetime,
) -> None:
    for user in people:
        if user.email and user.disabled_at is None:
            outbox.enqueue(
                session,
                at=at,
                template=template,
                to=user.email,
                language=user.language,
                parameters=told,
                key=f"{key}:{user.id}",
            )
