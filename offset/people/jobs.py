"""When did each job last run, what came of it, and is it running somewhere now?

A job runs once at a time, whatever number of timers and machines call: ``begin`` takes its row, or
says who has it. A process that died leaves its row behind; whoever can see that it is dead takes
it over at once, and everybody does after some hours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from offset.errors import Conflict
from offset.people.models import JobRun

# Longer than any job runs; then even another machine may take over what was left behind.
STALE: Final = timedelta(hours=6)


@dataclass(frozen=True)
class LastRun:
    """The last run of one job."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None


def nobody_died(_holder: str) -> bool:
    """Answer for a process that cannot see others: none of them is known to be dead."""
    return False


def begin(
    session: Session,
    *,
    name: str,
    at: datetime,
    holder: str = "",
    dead: Callable[[str], bool] = nobody_died,
) -> None:
    """Note that a job starts, in the name of one process.

    Raises
    ------
    Conflict
        ``job_running`` with its name, the process that has it and since when.
    """
    row = session.scalar(select(JobRun).where(JobRun.name == name).with_for_update())
    if row is None:
        try:
            with session.begin_nested():
                session.add(JobRun(name=name, started_at=at, holder=holder))
        except IntegrityError:
            # two first runs at once: the key of the table lets one through
            raise Conflict("job_running", name=name, holder="", since=at) from None
        return
    running = row.finished_at is None and row.started_at + STALE > at
    if running and not dead(row.holder or ""):
        raise Conflict("job_running", name=name, holder=row.holder or "", since=row.started_at)
    row.started_at, row.finished_at, row.outcome, row.detail = at, None, None, None
    row.holder = holder


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
