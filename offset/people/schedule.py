"""Which jobs run by themselves, how often, and is one missing?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from offset.people.jobs import last_runs

# name → how long after one start the next is due
JOBS: Final[Mapping[str, timedelta]] = {
    "outbox": timedelta(seconds=30),
    "allocation": timedelta(seconds=30),
    "receipts": timedelta(seconds=30),
    "annual_receipts": timedelta(hours=24),
    "guard": timedelta(seconds=30),
    "unmatched": timedelta(minutes=5),
    "returns": timedelta(minutes=5),
    "terms": timedelta(hours=1),
    "catch_up": timedelta(hours=1),
    "matching": timedelta(minutes=10),
    "checkpoints": timedelta(hours=1),
    "expiry": timedelta(hours=24),
    "rates": timedelta(hours=24),
    "pledges": timedelta(hours=24),
    "followers": timedelta(minutes=5),
    "reminders": timedelta(hours=6),
    "news": timedelta(minutes=5),
    "month_papers": timedelta(seconds=30),
    "digest": timedelta(hours=24),
    # so that the newest archive is never older than a day
    "backup": timedelta(hours=22),
    "drill": timedelta(days=30),
}
# A job that is this many times late is missed; a daily one is not given days.
_PATIENCE: Final = 3
_LEAST: Final = timedelta(minutes=15)
_MOST_LATE: Final = timedelta(hours=6)


def due(session: Session, at: datetime) -> tuple[str, ...]:
    """Name the jobs whose time has come, in the order of the table.

    One that began and never ended was killed, or still runs elsewhere: its time is now, and
    ``jobs.begin`` tells the one case from the other.
    """
    ended = {run.name: run.started_at for run in last_runs(session) if run.finished_at is not None}
    return tuple(
        name for name, every in JOBS.items() if name not in ended or ended[name] + every <= at
    )


def missed(session: Session, at: datetime) -> tuple[str, ...]:
    """Name the jobs that should have finished long ago or ended in a fault."""
    runs = {run.name: run for run in last_runs(session)}
    late = []
    for name, every in JOBS.items():
        run = runs.get(name)
        patience = max(min(every * _PATIENCE, every + _MOST_LATE), _LEAST)
        if run is None or run.outcome == "failed" or run.started_at + patience < at:
            late.append(name)
    return tuple(late)
