"""Who did what, to which thing, and when? The trail that nobody can change."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
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
    actor_id: uuid.UUID | None = None


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

    Where somebody helps another organisation, the line also says on whose behalf; where somebody
    acts for people who are away, it names them.
    """
    told = {**session.info.get(ON_BEHALF, {}), **(details or {})}
    if actor.deputises:
        told["deputy_for"] = sorted({str(absent) for absent, _role in actor.deputises})
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


@dataclass(frozen=True)
class Asked:
    """Which lines of the trail somebody looks for; what is empty asks for nothing.

    ``actor`` is a part of a name or an address, or ``system``; ``action`` begins the name of an
    act, so that ``role`` finds what was granted and what was revoked; both days are included.
    """

    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None


def trail(
    session: Session,
    *,
    object_type: str | None = None,
    object_id: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 100,
) -> tuple[AuditLine, ...]:
    """Read the trail of a thing, newest first, page by page."""
    asked = Asked(object_type=object_type or "", object_id=object_id or "")
    return search(session, asked, before=before, limit=limit)


def search(
    session: Session, asked: Asked, *, before: uuid.UUID | None = None, limit: int = 100
) -> tuple[AuditLine, ...]:
    """Read what was asked for, newest first (``before`` is the last id of the page before)."""
    wanted = _wanted(asked)
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
        AuditLine(e.id, e.at, name, e.action, e.object_type, e.object_id, e.details, e.actor_id)
        for e, name in rows
    )


def words(session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the acts and the kinds of things that the trail knows, for two lists to choose from."""
    acts = session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action))
    kinds = select(AuditEvent.object_type).distinct().order_by(AuditEvent.object_type)
    return tuple(acts), tuple(session.scalars(kinds))


def _wanted(asked: Asked) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.actor.strip().lower() == "system":
        wanted.append(AuditEvent.actor_id.is_(None))
    elif asked.actor.strip():
        wanted.append(AuditEvent.actor_id.in_(_people(asked.actor.strip())))
    if asked.action.strip():
        wanted.append(AuditEvent.action.startswith(asked.action.strip(), autoescape=True))
    if asked.object_type:
        wanted.append(AuditEvent.object_type == asked.object_type)
    if asked.object_id.strip():
        wanted.append(AuditEvent.object_id == asked.object_id.strip())
    if asked.since:
        wanted.append(AuditEvent.at >= datetime.combine(asked.since, time.min, UTC))
    if asked.until:
        after = asked.until + timedelta(days=1) if asked.until < date.max else asked.until
        wanted.append(AuditEvent.at < datetime.combine(after, time.min, UTC))
    return wanted


def _people(text: str) -> Select[uuid.UUID]:
    """Find people by their id, or by a part of their name or address."""
    try:
        return select(User.id).where(User.id == uuid.UUID(text))
    except ValueError:
        pass
    return select(User.id).where(
        User.name.icontains(text, autoescape=True) | User.email.icontains(text, autoescape=True)
    )
