"""Does a verb commit once, roll back whole, and try again when an engine is busy?"""

import sqlite3
from datetime import datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Refused, TryLater
from offset.people.models import User


def _add(session: Session, at: datetime, name: str) -> None:
    session.add(User(id=uuid7(at), email=f"{name}@example.org", language="en", created_at=at))
    session.flush()


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(User)) or 0


def test_a_verb_commits(database: Database, at: datetime) -> None:
    database.run(_add, at, "ana")
    assert _count(database) == 1


def test_a_verb_that_raises_leaves_nothing(database: Database, at: datetime) -> None:
    def half(session: Session) -> None:
        _add(session, at, "ana")
        raise Refused("half_way")

    with pytest.raises(Refused):
        database.run(half)
    assert _count(database) == 0


def test_reading_never_writes(database: Database, at: datetime) -> None:
    with database.reading() as session:
        _add(session, at, "ana")
    assert _count(database) == 0


def test_busy_is_tried_again_with_nothing_left_over(database: Database, at: datetime) -> None:
    tries = []

    def unlucky(session: Session) -> str:
        _add(session, at, "ana")
        tries.append(1)
        if len(tries) < 3:
            raise _busy(database)
        return "done"

    assert database.run(unlucky) == "done"
    assert _count(database) == 1


def test_busy_for_ever_books_nothing(database: Database, at: datetime) -> None:
    def never(session: Session) -> None:
        _add(session, at, "ana")
        raise _busy(database)

    with pytest.raises(TryLater, match="database_busy"):
        database.run(never)
    assert _count(database) == 0


def test_other_faults_are_not_tried_again(database: Database) -> None:
    tries = []

    def wrong(session: Session) -> None:
        tries.append(1)
        session.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DBAPIError):
        database.run(wrong)
    assert tries == [1]


def _busy(database: Database) -> OperationalError:
    if database.name == "sqlite":
        fault: Exception = sqlite3.OperationalError("database is locked")
        fault.sqlite_errorcode = sqlite3.SQLITE_BUSY  # type: ignore[attr-defined]  # as the driver sets it
    else:
        fault = Exception("could not serialize access")
        fault.sqlstate = "40001"  # type: ignore[attr-defined]  # as the driver sets it
    return OperationalError("COMMIT", {}, fault)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER audit_event_no_update",
        "DROP TABLE audit_event",
        "ALTER TABLE audit_event RENAME TO x",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "CREATE TEMP TRIGGER x BEFORE INSERT ON audit_event BEGIN SELECT 1; END",
        "CREATE VIEW x AS SELECT 1",
        "ATTACH ':memory:' AS other",
        "PRAGMA foreign_keys=OFF",
        "PRAGMA recursive_triggers=OFF",
        "PRAGMA ignore_check_constraints=ON",
        "PRAGMA writable_schema=ON",
        "DELETE FROM sqlite_master",
        "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x (y)')",
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "REINDEX",
        "ANALYZE",
    ],
)
def test_the_application_may_not(embedded: Database, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match=r"not authorized|prohibited|may not be modified"),
        embedded.engine.connect() as connection,
    ):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement", ["PRAGMA foreign_keys", "PRAGMA table_info(user)", "SELECT 1"]
)
def test_the_application_may(embedded: Database, statement: str) -> None:
    with embedded.engine.connect() as connection:
        assert connection.exec_driver_sql(statement).fetchall()
