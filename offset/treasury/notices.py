"""Which notices of the processor wait for a person or stand as alarm, and what was found out?"""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound
from offset.giving import processor_events
from offset.giving.models import InboxState, ProcessorEvent
from offset.giving.ports import EventReader
from offset.giving.processor_events import PayoutHandler
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.people.models import User
from offset.treasury.sides import NoteView
from offset.treasury.unidentified_models import NoticeNote

PAGE: Final = 50
_LONGEST: Final = 1_000
_WAITING: Final = (InboxState.UNMATCHED, InboxState.ALARM)
_UNKNOWN: Final = "movement_unknown"


@dataclass(frozen=True, kw_only=True)
class NoticeView:
    """A notice that could not be booked: its kind, why, since when, and what was found out."""

    event_id: str
    kind: str
    alarm: bool
    reason: str
    received_at: datetime
    age: int
    attempts: int
    # The id of what it speaks of, where erasure left it.
    about: str
    notes: tuple[NoteView, ...]


def listed(
    session: Session, *, at: datetime, after: str = "", limit: int = PAGE
) -> tuple[tuple[NoticeView, ...], str]:
    """Return a page of the notices that wait for a person, oldest first, and the next key."""
    wanted = (
        select(ProcessorEvent)
        .where(*waits())
        .order_by(ProcessorEvent.received_at, ProcessorEvent.event_id)
        .limit(limit + 1)
    )
    begin = session.get(ProcessorEvent, after) if after else None
    if begin is not None:
        wanted = wanted.where(
            (ProcessorEvent.received_at > begin.received_at)
            | (
                (ProcessorEvent.received_at == begin.received_at)
                & (ProcessorEvent.event_id > begin.event_id)
            )
        )
    rows = session.scalars(wanted).all()
    notes = _notes(session, [row.event_id for row in rows])
    shown = tuple(_view(row, notes[row.event_id], at) for row in rows[:limit])
    return shown, shown[-1].event_id if len(rows) > limit else ""


def waits() -> tuple[ColumnElement[bool], ...]:
    """Say in SQL which notices wait for a person."""
    return (ProcessorEvent.state.in_(_WAITING), ~_explained())


def waiting(session: Session) -> int:
    """Count the notices that wait for a person."""
    found = session.scalar(select(func.count()).select_from(ProcessorEvent).where(*waits()))
    return int(found or 0)


def read_again(
    database: Database,
    reader: EventReader,
    *,
    actor: Actor,
    at: datetime,
    event_id: str,
    on_payout: PayoutHandler,
) -> bool:
    """Ask the processor for what a notice speaks of, book what follows; say whether that helped.

    Raises
    ------
    Forbidden
        Without the right to match.
    NotFound
        ``notice_unknown``.
    Refused
        ``notice_erased``: nothing is left of it that could be read again.
    TryLater
        ``processor_unreachable``.
    """
    require(actor, Right.MATCH)
    effect = processor_events.read_again(database, reader, event_id, at=at, on_payout=on_payout)
    database.run(_trail, actor=actor, at=at, did="read_again", event_id=event_id)
    return effect.state not in _WAITING


def note(
    session: Session, *, actor: Actor, at: datetime, event_id: str, text: str, explains: bool
) -> None:
    """Write what was found out; one that explains takes the notice off the list.

    Raises
    ------
    Forbidden
        Without the right to match; ``person_needed``.
    InvalidInput
        ``note_missing``.
    NotFound
        ``notice_unknown``.
    """
    require(actor, Right.MATCH)
    if actor.user_id is None:
        raise Forbidden("person_needed")
    told = text.strip()[:_LONGEST]
    if not told:
        raise InvalidInput("note_missing", field="text")
    if session.get(ProcessorEvent, event_id) is None:
        raise NotFound("notice_unknown")
    session.add(
        NoticeNote(
            id=uuid7(at),
            event_id=event_id,
            explains=explains,
            text=told,
            written_at=at,
            written_by=actor.user_id,
        )
    )
    session.flush()
    _trail(session, actor=actor, at=at, did="explained" if explains else "noted", event_id=event_id)


def explain_about(session: Session, about: str, *, by: uuid.UUID, at: datetime, text: str) -> None:
    """Take the alarms about a thing off the list: its movement of an unknown kind has its place."""
    waiting = session.scalars(
        select(ProcessorEvent).where(*waits(), ProcessorEvent.note == _UNKNOWN)
    )
    for row in waiting.all():
        if _about(row) == about:
            session.add(
                NoticeNote(
                    id=uuid7(at),
                    event_id=row.event_id,
                    explains=True,
                    text=text[:_LONGEST],
                    written_at=at,
                    written_by=by,
                )
            )
    session.flush()


def _trail(session: Session, *, actor: Actor, at: datetime, did: str, event_id: str) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"notice.{did}",
        object_type="processor_event",
        object_id=event_id,
    )


def _explained() -> ColumnElement[bool]:
    return exists(
        select(NoticeNote.id).where(
            NoticeNote.event_id == ProcessorEvent.event_id, NoticeNote.explains
        )
    )


def _view(row: ProcessorEvent, notes: list[NoteView], at: datetime) -> NoticeView:
    return NoticeView(
        event_id=row.event_id,
        kind=row.kind,
        alarm=row.state is InboxState.ALARM,
        reason=row.note or "",
        received_at=row.received_at,
        age=(at - row.received_at).days,
        attempts=row.attempts,
        about=_about(row),
        notes=tuple(notes),
    )


def _about(row: ProcessorEvent) -> str:
    about = (row.payload or {}).get("data", {}).get("object", {})
    return str(about.get("id", "")) if isinstance(about, dict) else ""


def _notes(session: Session, event_ids: Collection[str]) -> defaultdict[str, list[NoteView]]:
    found: defaultdict[str, list[NoteView]] = defaultdict(list)
    rows = session.execute(
        select(NoticeNote, User.name)
        .outerjoin(User, User.id == NoticeNote.written_by)
        .where(NoticeNote.event_id.in_(event_ids))
        .order_by(NoticeNote.written_at, NoticeNote.id)
    )
    for one, name in rows:
        found[one.event_id].append(NoteView(text=one.text, at=one.written_at, by=name or ""))
    return found
