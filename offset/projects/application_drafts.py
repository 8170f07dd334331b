"""Which application draft may this person change? Whatever belongs to it asks here."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound, Refused
from offset.people.access import Actor, Right
from offset.projects.models import (
    Application,
    Assessment,
    AssessmentStatus,
    Project,
    ProjectStatus,
)
from offset.projects.organisations import Duty, own_project

CLOSED: Final = frozenset({ProjectStatus.COMPLETED, ProjectStatus.WITHDRAWN})


@dataclass(frozen=True)
class Draft:
    """A draft with its project and the assessment it waits for."""

    project: Project
    assessment: Assessment
    application: Application


def open_draft(
    session: Session, actor: Actor, project_id: uuid.UUID, duty: Duty = Duty.WRITE
) -> Draft:
    """Return the draft of a project for somebody who may change it.

    Raises
    ------
    Forbidden
        Without the right to apply; ``organisation_role_lacks`` for a reader.
    NotFound
        ``project_unknown``.
    Refused
        ``no_draft``: the present version is handed in, or the project has ended.
    """
    project = own_project(session, actor, project_id, Right.APPLY, duty)
    assessment = latest_assessment(session, project.id)
    if assessment.status is not AssessmentStatus.DRAFT or project.status in CLOSED:
        raise Refused("no_draft", status=assessment.status.value)
    return Draft(project, assessment, session.get_one(Application, assessment.application_id))


def latest_assessment(session: Session, project_id: uuid.UUID) -> Assessment:
    """Return the assessment of a project's newest version.

    Raises
    ------
    NotFound
        ``assessment_unknown``.
    """
    found = session.scalars(
        select(Assessment)
        .join(Application, Application.id == Assessment.application_id)
        .where(Assessment.project_id == project_id)
        .order_by(Application.version.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFound("assessment_unknown")
    return found


def touch(session: Session, application: Application, *, actor: Actor, at: datetime) -> None:
    """Note who changed a draft last, and when."""
    application.saved_at = at
    application.saved_by = actor.user_id
    session.flush()
