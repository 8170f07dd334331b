"""Does an application fit the Initiative at all? The secretariat's check before any review."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from offset.errors import Refused
from offset.people.access import Actor, Right, require
from offset.projects import applications, criteria, lifecycle, seats
from offset.projects.models import Application, Assessment, Project, ProjectStatus, Seat
from offset.projects.organisations import Duty, own_project


def receive(session: Session, *, actor: Actor, at: datetime, assessment_id: uuid.UUID) -> None:
    """Take a submitted application in for the check of eligibility.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    """
    assessment = seats.assessment_of(session, assessment_id)
    lifecycle.take(session, assessment, "receive", actor=actor, at=at)


def send_back(
    session: Session, *, actor: Actor, at: datetime, assessment_id: uuid.UUID, reason: str
) -> None:
    """Give an application back to its holder, who may correct it as a new version.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``reason_missing``.
    """
    assessment = seats.assessment_of(session, assessment_id)
    _to_draft(session, assessment, "send_back", actor=actor, at=at, reason=reason)


def take_back(session: Session, *, actor: Actor, at: datetime, assessment_id: uuid.UUID) -> None:
    """Take back what one handed in, to change it as a new version, until reviewers read it.

    A project that runs goes on under the version that was admitted.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    """
    assessment = seats.assessment_of(session, assessment_id)
    own_project(session, actor, assessment.project_id, Right.APPLY, Duty.SPEAK)
    _to_draft(session, assessment, "take_back", actor=actor, at=at)


def _to_draft(
    session: Session,
    assessment: Assessment,
    step: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Free the seats and open a new version; what was handed in stays as it was."""
    lifecycle.take(session, assessment, step, actor=actor, at=at, reason=reason)
    for assignment in seats.seated(session, assessment.id):
        assignment.removed_at = at
        assignment.removal = "application_returned"
    applications.reopen(session, assessment, actor=actor, at=at)
    project = session.get_one(Project, assessment.project_id)
    if project.status is ProjectStatus.IN_ASSESSMENT:
        lifecycle.take(session, project, step, actor=actor, at=at, reason=reason)


def open_review(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    carbon_is_primary_aim: bool,
    scope_fits: bool,
) -> None:
    """Find an application eligible and open it to its reviewers.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    Refused
        ``not_eligible`` with the reason: carbon no primary aim, scope or modality unfit, forest
        before agroforestry; ``seats_missing`` without two reviewers and a rapporteur.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    assessment = seats.assessment_of(session, assessment_id)
    if not carbon_is_primary_aim:
        raise Refused("not_eligible", field="carbon_is_primary_aim", why="carbon_no_primary_aim")
    if not scope_fits:
        raise Refused("not_eligible", field="scope_fits", why="scope")
    lifecycle.take(session, assessment, "open_review", actor=actor, at=at)


def guard_open(session: Session, assessment: Assessment, _actor: Actor, _at: datetime) -> None:
    """Refuse to open what may not be planted, or what nobody can decide on.

    Raises
    ------
    Refused
        ``not_eligible`` for trees where forest stood; ``seats_missing``.
    """
    application = session.get_one(Application, assessment.application_id)
    if _forest_for_trees(application):
        raise Refused("not_eligible", why="forest_before")
    seated = seats.seated(session, assessment.id)
    reviewers = sum(one.seat is Seat.REVIEWER for one in seated)
    quorum = criteria.get(session, assessment.criteria_set_id).quorum
    if reviewers < quorum or reviewers == len(seated):
        raise Refused("seats_missing", reviewers=reviewers, quorum=quorum)


def _forest_for_trees(application: Application) -> bool:
    said = application.document
    trees = said.get("practice", {}).get("practice") == "agroforestry"
    return trees and not said.get("land", {}).get("not_forest_before", False)
