"""Who stepped aside from a project? A declared interest closes it for good, by any address.

Every read and every verb of the committee and of the desk asks here; what a recused person is
refused looks like what is absent.
"""

import uuid
from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import Select, Table, distinct, exists, func, literal, select
from sqlalchemy.orm import Session

from offset.database.base import Base
from offset.database.types import Id
from offset.errors import NotFound
from offset.people.access import Actor, Role
from offset.people.models import RoleGrant, User
from offset.projects.models import Assessment, Assignment, Project

_STEPS: Final = 2


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


def touches(session: Session, user_id: uuid.UUID | None, ids: Collection[uuid.UUID]) -> bool:
    """Say whether one of these ids belongs to a project from which somebody stepped aside.

    Asked for every address that carries an id, so that a page nobody thought of stays shut as
    well. Which rows belong to a project is read from the tables themselves.
    """
    tied = projects_of(session, user_id)
    if not tied or not ids:
        return False
    return any(
        session.scalar(select(literal(1)).where(exists(owned)).limit(1)) is not None
        for owned in _owned(tied, ids)
    )


def _owned(tied: Collection[uuid.UUID], ids: Collection[uuid.UUID]) -> Iterator[Select[uuid.UUID]]:
    """Build, for each table whose rows belong to a project, the question whether one is meant."""
    projects = select(Project.id).where(Project.id.in_(tied))
    yield projects.where(Project.id.in_(ids))
    ways = {"project_id": projects}
    # from the project to what hangs on it, and once more to what hangs on that
    for _step in range(_STEPS):
        for table in Base.metadata.tables.values():
            parent = next((name for name in ways if name in table.columns), None)
            if parent is None or not _has_id(table):
                continue
            mine = select(table.c.id).where(table.c[parent].in_(ways[parent]))
            yield mine.where(table.c.id.in_(ids))
            ways.setdefault(f"{table.name}_id", mine)


def _has_id(table: Table) -> bool:
    """Say whether rows of a table are known by an id of the house's own kind."""
    return "id" in table.columns and isinstance(table.c.id.type, Id)


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
