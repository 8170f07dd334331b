"""When did each job last run, and what came of it?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.people.models import JobRun


@dataclass(frozen=True)
class LastRun:
    """The last run of one job."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None


def begin(session: Session, *, name: str, at: datetime) -> None:
    """Note that a job starts."""
    row = session.get(JobRun, name)
    if row is None:
        session.add(JobRun(name=name, started_at=at))
        return
    row.started_at, row.finished_at, row.outcome, row.detail = at, None, None, None


def finish(session: Session, *, name: str, at: datetime, outcome: str, detail: str) -> None:
    """Note how a job ended: ``done`` or ``failed``."""
    row = session.get_one(JobRun, name)
    row.finished_at, row.outcome, row.detail = at, outcome, detail


def last_runs(session: Session) -> tuple[LastRun, ...]:
    """Read the last run of every job."""
    return tuple(
        LastRun(r.name, r.started_at, r.finished_at, r.outcome, r.detail)
        for r in session.scalars(select(JobRun).order_by(JobRun.name))
    )
