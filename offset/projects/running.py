"""What does a steward see of a project that runs: awaited, planned, reached, done, spent, lost?"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people.access import Actor, Right
from offset.projects import (
    activity,
    deadlines,
    forms_of_work,
    milestones,
    reported,
    reversals,
    spending,
)
from offset.projects.activity import YearView
from offset.projects.deadlines import Due
from offset.projects.forms_of_work import Form
from offset.projects.life_models import FigureKind
from offset.projects.milestones import MilestoneView
from offset.projects.models import ProjectUpdate
from offset.projects.organisations import own_project
from offset.projects.queries.families import FamilyView, families_of
from offset.projects.reported import ReportView
from offset.projects.reversals import ReversalView
from offset.projects.spending import Use


@dataclass(frozen=True)
class Running:
    """A running project before its own people, with reports the secretariat has not read yet."""

    project_id: uuid.UUID
    title: str
    slug: str
    language: str
    currency: str
    awaited: tuple[Due, ...]
    milestones: tuple[MilestoneView, ...]
    years: tuple[YearView, ...]
    use: Use
    families: tuple[FamilyView, ...]
    reversals: tuple[ReversalView, ...]
    form: Form
    reports: tuple[ReportView, ...]


def own(session: Session, actor: Actor, project_id: uuid.UUID, *, on: date) -> Running:
    """Read a running project for the people who run it.

    Raises
    ------
    Forbidden
        Without the right to post updates.
    NotFound
        ``project_unknown``: of others, or never admitted.
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    if project.code is None:
        raise NotFound("project_unknown")
    return Running(
        project_id=project.id,
        title=project.title,
        slug=project.slug,
        language=project.language,
        currency=project.currency,
        awaited=deadlines.awaited(session, project.id, on=on),
        milestones=milestones.listed(session, project.id, on=on),
        years=activity.years(session, project.id, accepted_only=False),
        use=spending.use(session, project.id, accepted_only=False),
        families=families_of(session, project.id),
        reversals=reversals.listed(session, project.id),
        form=forms_of_work.read(session, project.id),
        reports=(
            *reported.own(session, actor, project.id, FigureKind.ACTIVITY),
            *reported.own(session, actor, project.id, FigureKind.SPENDING),
        ),
    )


def own_update(session: Session, actor: Actor, update_id: uuid.UUID) -> tuple[uuid.UUID, str]:
    """Return the project and the title of an update, for the people who run the project.

    Raises
    ------
    Forbidden, NotFound
    """
    update = session.get(ProjectUpdate, update_id)
    if update is None:
        raise NotFound("update_unknown")
    own_project(session, actor, update.project_id, Right.POST_UPDATE)
    return update.project_id, update.title
