"""When was everything last copied away, and when was a copy last brought back on trial?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.people.installation_models import BackupKind, BackupRun

__all__ = ["BackupKind", "LastArchive", "last", "note"]


@dataclass(frozen=True)
class LastArchive:
    """The newest archive that was made, or that was restored on trial."""

    made_at: datetime
    archive: str
    size: int
    row_count: int
    checkpoint: int | None


def note(
    session: Session,
    *,
    kind: BackupKind,
    at: datetime,
    archive: str,
    size: int,
    row_count: int,
    checkpoint: int | None,
    root: str | None,
) -> None:
    """Write down an archive that was made or restored on trial: its name, never its place."""
    session.add(
        BackupRun(
            id=uuid7(at),
            made_at=at,
            kind=kind,
            archive=archive,
            size=size,
            row_count=row_count,
            checkpoint=checkpoint,
            root=root,
        )
    )


def last(session: Session, kind: BackupKind) -> LastArchive | None:
    """Read the newest one of a kind."""
    found = session.scalar(
        select(BackupRun)
        .where(BackupRun.kind == kind)
        .order_by(BackupRun.made_at.desc(), BackupRun.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    return LastArchive(found.made_at, found.archive, found.size, found.row_count, found.checkpoint)
