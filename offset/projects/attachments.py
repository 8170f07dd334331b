"""Which documents belong to an application? PDF only, read before they are kept, known by hash."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people.access import Actor
from offset.projects import application_drafts as drafts
from offset.projects.application_models import PaperKind
from offset.projects.models import Attachment
from offset.projects.questions import CRITERIA, Blocks

MOST_FILES: Final = 40
MOST_BYTES: Final = 20_000_000
MOST_TOGETHER: Final = 200_000_000
MEDIA_TYPE: Final = "application/pdf"
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Paper:
    """A document of an application version, as its people see it."""

    id: uuid.UUID
    name: str
    kind: PaperKind
    size: int
    pages: int | None
    sha256: str
    added_at: datetime


def attach(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    name: str,
    media_type: str,
    size: int,
    sha256: str,
    file_key: str,
    pages: int,
    kind: PaperKind = PaperKind.OTHER,
) -> uuid.UUID:
    """Add a document to the draft; its bytes were read and kept before.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``file_type_refused``, ``file_too_large``, or ``file_known``: it is there already.
    Refused
        ``no_draft``, ``too_many_files`` or ``files_too_large`` together.
    """
    application = drafts.open_draft(session, actor, project_id).application
    if media_type != MEDIA_TYPE or pages < 1:
        raise InvalidInput("file_type_refused", field="file", media_type=media_type)
    if not 0 < size <= MOST_BYTES:
        raise InvalidInput("file_too_large", field="file", highest=MOST_BYTES // 1_000_000)
    held = session.execute(
        select(Attachment.sha256, Attachment.name, Attachment.size).where(
            Attachment.application_id == application.id
        )
    ).all()
    twin = next((row.name for row in held if row.sha256 == sha256), None)
    if twin is not None:
        raise InvalidInput("file_known", field="file", name=twin)
    if len(held) >= MOST_FILES:
        raise Refused("too_many_files", highest=MOST_FILES)
    if sum(row.size for row in held) + size > MOST_TOGETHER:
        raise Refused("files_too_large", highest=MOST_TOGETHER // 1_000_000)
    attachment = Attachment(
        id=uuid7(at),
        application_id=application.id,
        name=tidy_name(name),
        media_type=media_type,
        size=size,
        sha256=sha256,
        file_key=file_key,
        added_at=at,
        added_by=actor.user_id,
        kind=kind.value,
        pages=pages,
    )
    session.add(attachment)
    drafts.touch(session, application, actor=actor, at=at)
    return attachment.id


def detach(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, attachment_id: uuid.UUID
) -> None:
    """Take a document off the draft.

    Raises
    ------
    Forbidden, NotFound
        ``file_unknown`` also for a document of another application.
    Refused
        ``no_draft``, or ``file_is_evidence`` for criteria that name it.
    """
    application = drafts.open_draft(session, actor, project_id).application
    held = session.get(Attachment, attachment_id)
    if held is None or held.application_id != application.id:
        raise NotFound("file_unknown")
    named = tuple(
        code
        for code, said in application.document.get(CRITERIA, {}).items()
        if any(one["sha256"] == held.sha256 for one in said.get("evidence", ()))
    )
    if named:
        raise Refused("file_is_evidence", criteria=", ".join(sorted(named)))
    session.delete(held)
    drafts.touch(session, application, actor=actor, at=at)


def of_application(session: Session, application_id: uuid.UUID) -> tuple[Paper, ...]:
    """List the documents of an application version, the oldest first."""
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.application_id == application_id)
        .order_by(Attachment.added_at, Attachment.id)
    )
    return tuple(
        Paper(
            row.id,
            row.name,
            PaperKind(row.kind) if row.kind else PaperKind.OTHER,
            row.size,
            row.pages,
            row.sha256,
            row.added_at,
        )
        for row in rows
    )


def check_evidence(session: Session, application_id: uuid.UUID, document: Blocks) -> None:
    """Refuse evidence on a page that does not exist, or in a file that is not there.

    Raises
    ------
    InvalidInput
        ``evidence_file_absent`` or ``page_absent_in_file``, with the criterion and its row.
    """
    named = list(_named(document))
    if not named:
        return
    held = {
        row.sha256: row
        for row in session.execute(
            select(Attachment.sha256, Attachment.name, Attachment.pages).where(
                Attachment.application_id == application_id
            )
        )
    }
    for criterion, row, one in named:
        field = f"{CRITERIA}.{criterion}"
        file = held.get(one["sha256"])
        if file is None:
            raise InvalidInput("evidence_file_absent", field=field, criterion=criterion, row=row)
        if file.pages is not None and one["page"] > file.pages:
            raise InvalidInput(
                "page_absent_in_file",
                field=field,
                criterion=criterion,
                row=row,
                page=one["page"],
                pages=file.pages,
                name=file.name,
            )


def copy(session: Session, before: uuid.UUID, after: uuid.UUID, *, at: datetime) -> None:
    """Lay the documents of one version over to the next one."""
    for held in session.scalars(select(Attachment).where(Attachment.application_id == before)):
        told = {
            column.key: getattr(held, column.key)
            for column in Attachment.__table__.columns
            if column.key not in {"id", "application_id"}
        }
        session.add(Attachment(id=uuid7(at), application_id=after, **told))
    session.flush()


def tidy_name(name: str) -> str:
    """Return the name of an upload as a text: the last part of a path, without controls."""
    last = " ".join(name.replace("\\", "/").rpartition("/")[2].split())
    return "".join(c for c in last if c.isprintable())[:_LONGEST_NAME] or "file"


def _named(document: Blocks) -> Iterable[tuple[str, int, Any]]:
    for criterion, said in document.get(CRITERIA, {}).items():
        for row, one in enumerate(said.get("evidence", ()), start=1):
            yield criterion, row, one
