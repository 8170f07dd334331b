"""Is every job run when its time has come, and is a missing one noticed?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from offset.database.session import Database
from offset.errors import Conflict
from offset.people import jobs, schedule


def _ran(database: Database, name: str, at: datetime, outcome: str = "done") -> None:
    database.run(jobs.begin, name=name, at=at)
    database.run(jobs.finish, name=name, at=at, outcome=outcome, detail="1 thing")


def test_a_job_runs_once_at_a_time(database: Database, at: datetime) -> None:
    database.run(jobs.begin, name="outbox", at=at, holder="here:1:7")
    later = at + timedelta(minutes=1)
    with pytest.raises(Conflict, match="job_running"):
        database.run(jobs.begin, name="outbox", at=later, holder="there:2:8")
    asked: list[str] = []

    def dead(other: str) -> bool:
        asked.append(other)
        return True

    database.run(jobs.begin, name="outbox", at=later, holder="there:2:8", dead=dead)
    assert asked == ["here:1:7"]
    with pytest.raises(Conflict):
        database.run(jobs.begin, name="outbox", at=later + jobs.STALE / 2, holder="here:3:9")
    database.run(jobs.begin, name="outbox", at=later + jobs.STALE, holder="here:3:9")
    database.run(jobs.finish, name="outbox", at=later, outcome="done", detail="")
    database.run(jobs.begin, name="outbox", at=later, holder="here:4:9")


def test_two_first_runs_at_once_are_one(database: Database, at: datetime) -> None:
    def begin(holder: str) -> str:
        try:
            database.run(jobs.begin, name="outbox", at=at, holder=holder)
        except Conflict:
            return "left alone"
        return "ran"

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(begin, "abcd"))
    assert said == ["left alone"] * 3 + ["ran"]


def test_a_new_house_has_every_job_due(embedded: Database, at: datetime) -> None:
    with embedded.reading() as session:
        assert schedule.due(session, at) == tuple(schedule.JOBS)
        assert schedule.missed(session, at) == tuple(schedule.JOBS)


def test_a_job_is_due_again_after_its_time(embedded: Database, at: datetime) -> None:
    _ran(embedded, "checkpoints", at)
    every = schedule.JOBS["checkpoints"]
    with embedded.reading() as session:
        assert "checkpoints" not in schedule.due(session, at + every - timedelta(seconds=1))
        assert "checkpoints" in schedule.due(session, at + every)


def test_a_job_that_was_killed_is_due_at_once(embedded: Database, at: datetime) -> None:
    embedded.run(jobs.begin, name="checkpoints", at=at)
    with embedded.reading() as session:
        assert "checkpoints" in schedule.due(session, at + timedelta(seconds=1))


def test_a_failed_or_late_job_is_missed(database: Database, at: datetime) -> None:
    for name in schedule.JOBS:
        _ran(database, name, at)
    with database.reading() as session:
        assert schedule.missed(session, at + timedelta(minutes=14)) == ()
        assert "outbox" in schedule.missed(session, at + timedelta(minutes=16))
        assert "expiry" not in schedule.missed(session, at + timedelta(hours=29))
        assert "expiry" in schedule.missed(session, at + timedelta(hours=31))
    _ran(database, "expiry", at, "failed")
    with database.reading() as session:
        assert schedule.missed(session, at) == ("expiry",)
        [run] = [run for run in jobs.last_runs(session) if run.name == "expiry"]
    assert (run.outcome, run.detail, run.finished_at) == ("failed", "1 thing", at)
