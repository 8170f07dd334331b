"""How does a spreadsheet that was filled in offline become answers or an update?

In two steps: it is read and checked, and every fault told with its row; then a person commits
it. The first line says whose sheet it is and carries its key, so that committing the same sheet
twice, or a copy of it, is one update.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound
from offset.people.access import Actor, Right
from offset.projects import applications, consents, drafts
from offset.projects.field_models import DraftOrigin, SheetKind, SheetUpload
from offset.projects.organisations import own_project
from offset.projects.questions import LANGUAGES, Blocks

MARK: Final = "sheet"
UPDATE_PARTS: Final = ("done", "changed", "next")
UPDATE_KEYS: Final = ("title", *UPDATE_PARTS, "language")
_RIGHTS: Final = {SheetKind.APPLICATION: Right.APPLY, SheetKind.UPDATE: Right.POST_UPDATE}
_LONGEST_TITLE: Final = 160
_PARTS: Final = 4
_KEY, _ANSWER = 0, 2


@dataclass(frozen=True)
class Cell:
    """An answer of a sheet, with the row it stands in."""

    row: int
    text: str


@dataclass(frozen=True)
class Fault:
    """What is wrong in a sheet: the row, which question, and why."""

    row: int
    field: str
    code: str
    told: Mapping[str, object]

    @property
    def refusal(self) -> InvalidInput:
        """The same as the rules would have said it."""
        fault = InvalidInput(self.code)
        fault.parameters = self.told
        return fault


@dataclass(frozen=True)
class Filled:
    """A sheet as it was read: its key, the language it speaks, its answers, what is wrong."""

    key: str
    language: str
    cells: Mapping[str, Cell]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Upload:
    """A checked sheet before and after somebody commits it."""

    id: uuid.UUID
    project_id: uuid.UUID
    kind: SheetKind
    answers: Mapping[str, Any]
    committed_at: datetime | None
    update_id: uuid.UUID | None


def mark(kind: SheetKind, project_id: uuid.UUID, language: str, key: str) -> str:
    """Write what a sheet says of itself in its first line."""
    return f"{kind.value}/{project_id}/{language}/{key}"


def read(
    rows: Iterable[tuple[int, Sequence[str]]],
    *,
    kind: SheetKind,
    project_id: uuid.UUID,
    known: Iterable[str],
) -> Filled:
    """Read a sheet of ours that was filled in.

    Raises
    ------
    InvalidInput
        ``sheet_other``: not a sheet of this project and kind, or its first line was changed.
    """
    names = frozenset(known)
    own: tuple[str, str] | None = None
    cells: dict[str, Cell] = {}
    faults: list[Fault] = []
    for number, row in rows:
        name = row[_KEY].strip() if row else ""
        text = row[_ANSWER].strip() if len(row) > _ANSWER else ""
        if own is None:
            own = _own(name, text, kind, project_id)
            continue
        if name in cells:
            faults.append(Fault(number, name, "sheet_line_twice", {"first": cells[name].row}))
        elif name in names:
            cells[name] = Cell(number, text)
        elif name or any(cell.strip() for cell in row):
            faults.append(Fault(number, name[:60], "sheet_line_unknown", {}))
    if own is None or own == ("", ""):
        raise InvalidInput("sheet_other", field="file")
    return Filled(own[1], own[0], cells, tuple(faults))


def read_update(filled: Filled) -> tuple[dict[str, str], tuple[Fault, ...]]:
    """Make the words of an update of a sheet; every fault is told, not only the first."""
    faults = list(filled.faults)
    empty = Cell(0, "")
    told = {name: filled.cells.get(name, empty) for name in UPDATE_KEYS}
    title = " ".join(told["title"].text.split())
    if not title:
        faults.append(Fault(told["title"].row, "title", "title_missing", {}))
    if len(title) > _LONGEST_TITLE:
        faults.append(Fault(told["title"].row, "title", "too_long", {"longest": _LONGEST_TITLE}))
    body = "\n\n".join(told[part].text for part in UPDATE_PARTS if told[part].text)
    if not body:
        faults.append(Fault(told["done"].row, "done", "body_missing", {}))
    language = told["language"].text.lower() or filled.language
    if language not in LANGUAGES:
        faults.append(
            Fault(told["language"].row, "language", "language_unknown", {"language": language})
        )
    return {"title": title, "body": body, "language": language}, tuple(faults)


def keep(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    kind: SheetKind,
    sha256: str,
    answers: Mapping[str, Any],
) -> uuid.UUID:
    """Keep a checked sheet until somebody commits it; the same file again is the same one.

    Raises
    ------
    Forbidden, NotFound
    """
    own_project(session, actor, project_id, _RIGHTS[kind])
    known = session.scalars(
        select(SheetUpload).where(
            SheetUpload.project_id == project_id,
            SheetUpload.kind == kind,
            SheetUpload.sha256 == sha256,
            SheetUpload.uploaded_by == actor.user_id,
        )
    ).first()
    if known is not None:
        if known.committed_at is None:
            # What it changes may have changed since it was first looked at.
            known.answers = dict(answers)
        return known.id
    row = SheetUpload(
        id=uuid7(at),
        project_id=project_id,
        kind=kind,
        sha256=sha256,
        answers=dict(answers),
        uploaded_at=at,
        uploaded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row.id


def upload(session: Session, actor: Actor, upload_id: uuid.UUID) -> Upload:
    """Read a checked sheet for whoever sent it.

    Raises
    ------
    Forbidden
    NotFound
        ``sheet_unknown``, also for a sheet of others.
    """
    row = _row(session, actor, upload_id)
    return Upload(row.id, row.project_id, row.kind, row.answers, row.committed_at, row.update_id)


def commit(
    session: Session, *, actor: Actor, at: datetime, upload_id: uuid.UUID
) -> uuid.UUID | None:
    """Write what a checked sheet says; return the update it made. Twice is once.

    Raises
    ------
    Forbidden, NotFound, InvalidInput, StateRefused
    """
    row = _row(session, actor, upload_id)
    project = own_project(session, actor, row.project_id, _RIGHTS[row.kind])
    if row.committed_at is not None:
        return row.update_id
    if row.kind is SheetKind.UPDATE:
        words = {name: str(row.answers[name]) for name in ("title", "body", "language")}
        row.update_id = drafts.begin(
            session,
            actor=actor,
            at=at,
            project_id=row.project_id,
            key=f"sheet:{row.answers['key']}",
            origin=DraftOrigin.SHEET,
            title=words["title"],
            body=words["body"],
            language=words["language"],
        )
    else:
        answered: Blocks = row.answers["blocks"]
        applications.save(session, actor=actor, at=at, project_id=row.project_id, answers=answered)
    row.committed_at = at
    session.flush()
    consents.note(
        session,
        actor=actor,
        at=at,
        project=project,
        right=_RIGHTS[row.kind],
        action="sheet.committed",
    )
    return row.update_id


def _own(name: str, text: str, kind: SheetKind, project_id: uuid.UUID) -> tuple[str, str] | None:
    """Return language and key of our own sheet; None above its first line, empty for another."""
    if name != MARK:
        return None
    parts = text.split("/")
    if len(parts) != _PARTS or parts[:2] != [kind.value, str(project_id)]:
        return "", ""
    return (parts[2] if parts[2] in LANGUAGES else LANGUAGES[0]), parts[3][:64]


def _row(session: Session, actor: Actor, upload_id: uuid.UUID) -> SheetUpload:
    row = session.get(SheetUpload, upload_id, with_for_update=True)
    if row is None or row.uploaded_by != actor.user_id:
        raise NotFound("sheet_unknown")
    return row
