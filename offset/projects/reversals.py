"""Where is carbon that a soil held being lost again? Told at once, with area and cause."""

import math
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound
from offset.people.access import Actor, Right, may
from offset.projects import figures, lifecycle, public_words
from offset.projects.life_models import Reversal, ReversalCause
from offset.projects.models import Project
from offset.projects.organisations import own_project

_LONGEST: Final = 1_000


@dataclass(frozen=True)
class ReversalView:
    """A reversal as the page tells it; one that was corrected stays and leads to the other."""

    id: uuid.UUID
    happened_on: date
    area_ha: float
    cause: ReversalCause
    told: str
    language: str
    reported_at: datetime
    corrected: bool
    reason: str | None


def report(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    happened_on: date,
    area_ha: float,
    cause: ReversalCause,
    told: str,
    language: str,
    supersedes_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Tell of a reversal; nobody has to accept it first. The secretariat may tell of one too.

    A correction names what it corrects and why; both stay public.

    Raises
    ------
    Conflict
        ``reversal_corrected`` already.
    Forbidden, NotFound
    InvalidInput
        ``day_in_future``, ``value_unusable``, ``area_above_project``, ``answer_missing``,
        ``too_long``, ``language_unknown`` or ``reason_missing``.
    Refused
        ``phrases_found``.
    StateRefused
        ``project_not_admitted``.
    """
    project = _project(session, actor, project_id)
    figures.running(project)
    if happened_on > utc_day(at):
        raise InvalidInput("day_in_future", field="happened_on")
    if not (math.isfinite(area_ha) and area_ha > 0):
        raise InvalidInput("value_unusable", field="area_ha")
    if project.area_ha is not None and area_ha > project.area_ha:
        raise InvalidInput("area_above_project", field="area_ha", area=project.area_ha)
    words = public_words.checked(told, language, field="told", longest=_LONGEST, lines=True)
    if (supersedes_id is None) != (not (reason or "").strip()):
        raise InvalidInput("reason_missing", field="reason")
    if supersedes_id is not None:
        _correctable(session, project, supersedes_id)
    row = Reversal(
        id=uuid7(at),
        project_id=project.id,
        happened_on=happened_on,
        area_ha=float(area_ha),
        cause=cause,
        told=words,
        language=language,
        supersedes_id=supersedes_id,
        reason=_reason(reason, language) if supersedes_id is not None else None,
        reported_at=at,
        reported_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "report_reversal", actor=actor, at=at, reason=row.reason)
    return row.id


def listed(session: Session, project_id: uuid.UUID) -> tuple[ReversalView, ...]:
    """Return the reversals of a project, the latest first, corrected ones with their mark."""
    newer = aliased(Reversal)
    rows = session.execute(
        select(Reversal, select(newer.id).where(newer.supersedes_id == Reversal.id).exists())
        .where(Reversal.project_id == project_id)
        .order_by(Reversal.happened_on.desc(), Reversal.reported_at.desc(), Reversal.id.desc())
    )
    return tuple(
        ReversalView(
            id=row.id,
            happened_on=row.happened_on,
            area_ha=row.area_ha,
            cause=row.cause,
            told=row.told,
            language=row.language,
            reported_at=row.reported_at,
            corrected=bool(corrected),
            reason=row.reason,
        )
        for row, corrected in rows
    )


def _project(session: Session, actor: Actor, project_id: uuid.UUID) -> Project:
    if may(actor, Right.MODERATE):
        found = session.get(Project, project_id)
        if found is None:
            raise NotFound("project_unknown")
        return found
    return own_project(session, actor, project_id, Right.POST_UPDATE)


def _reason(reason: str | None, language: str) -> str:
    return public_words.checked(
        reason or "", language, field="reason", longest=_LONGEST, missing="reason_missing"
    )


def _correctable(session: Session, project: Project, reversal_id: uuid.UUID) -> None:
    row = session.get(Reversal, reversal_id)
    if row is None or row.project_id != project.id:
        raise NotFound("reversal_unknown")
    held = select(Reversal.id).where(Reversal.supersedes_id == reversal_id)
    if session.scalar(held) is not None:
        raise Conflict("reversal_corrected")
