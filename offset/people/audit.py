"""Who did what, to which thing, and when? The trail that nobody can change."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.people.access import Actor
from offset.people.models import AuditEvent, User

ON_BEHALF: Final = "on_behalf"  # where a session says for whom a helper acts


@dataclass(frozen=True)
class AuditLine:
    """One line of the trail as the desk reads it."""

    id: uuid.UUID
    at: datetime
    actor: str | None
    action: str
    object_type: str
    object_id: str
    details: Any


def record(
    session: Session,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: uuid.UUID | str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write one line of the trail in the caller's transaction.

    Where somebody helps another organisation, the line also says on whose behalf.
    """
    told = {**session.info.get(ON_BEHALF, {}), **(details or {})}
    session.add(
        AuditEvent(
            id=uuid7(at),
            at=at,
            actor_id=actor.user_id,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            details=told or None,
        )
    )


def trail(
    session: Session,
    *,
    object_type: str | None = None,
    object_id: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 100,
) -> tuple[AuditLine, ...]:
    """Read the trail, newest first, page by page (``before`` is the last id of the page)."""
    wanted: list[ColumnElement[bool]] = []
    if object_type:
        wanted.append(AuditEvent.object_type == object_type)
    if object_id:
        wanted.append(AuditEvent.object_id == object_id)
    if before:
        wanted.append(AuditEvent.id < before)
    rows = session.execute(
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(*wanted)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return tuple(
        AuditLine(e.id, e.at, name, e.action, e.object_type, e.object_id, e.details)
        for e, name in rows
    )
