"""Who stepped aside from a project? A declared interest closes it for good, by any address.

Every read and every verb of the committee and of the desk asks here; what a recused person is
refused looks like what is absent.
"""

import uuid

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people.access import Actor, Role
from offset.people.models import RoleGrant, User
from offset.projects.models import Assessment, Assignment


def projects_of(session: Session, user_id: uuid.UUID | None) -> frozenset[uuid.UUID]:
    """Return the projects in which somebody declared an interest."""
    if user_id is None:
        return frozenset()
    return frozenset(
        session.scalars(
            select(Assessment.project_id)
            .join(Assignment, Assignment.assessment_id == Assessment.id)
            .where(Assignment.user_id == user_id, Assignment.declared_interest.is_not(None))
        )
    )


def refuse(session: Session, actor: Actor, project_id: uuid.UUID, code: str) -> None:
    """Tell a recused person that there is nothing, in the words of the place that asks.

    Raises
    ------
    NotFound
        ``code``.
    """
    if project_id in projects_of(session, actor.user_id):
        raise NotFound(code)


def count(session: Session, project_id: uuid.UUID) -> int:
    """Count the people who declared an interest in a project, each of them once."""
    found = session.scalar(
        select(func.count(distinct(Assignment.user_id)))
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .where(Assessment.project_id == project_id, Assignment.declared_interest.is_not(None))
    )
    return found or 0


def members(session: Session) -> int:
    """Count the members of the committee today."""
    found = session.scalar(
        select(func.count(distinct(RoleGrant.user_id)))
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.role.in_([Role.STC_MEMBER, Role.RAPPORTEUR]))
        .where(RoleGrant.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    return found or 0
