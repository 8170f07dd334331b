"""Who begins, commits and retries? Only this file.

``run`` gives a verb one write transaction and tries it again when an engine says "busy";
``reading`` gives queries a session that cannot commit.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from offset.database.authorizer import allow_only_the_house
from offset.errors import TryLater

P = ParamSpec("P")
R = TypeVar("R")

_TRIES: Final = 5
_BUSY_SECONDS: Final = 10
# serialization_failure, deadlock_detected, lock_not_available (PostgreSQL, appendix A)
_RETRIED: Final = frozenset({"40001", "40P01", "55P03"})


# A session for queries, by a name that the doors may say: no SQL is written there.
Reading = Session


class Database:
    """An engine and the two ways to use it.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://…``.
    owner
        The owner may change the schema; the application's connection is held by the
        authorizer on SQLite and by its role on PostgreSQL.
    """

    def __init__(self, url: str, *, owner: bool = False, pool_size: int = 10) -> None:
        self.engine = (
            _sqlite(url, owner=owner) if url.startswith("sqlite") else _server(url, pool_size)
        )
        self._writer = self.engine.execution_options(writes=True)

    @property
    def name(self) -> str:
        """The engine's name: ``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    def run(
        self, verb: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call a verb in one write transaction; commit, or roll all of it back.

        Raises
        ------
        TryLater
            When the engine stayed busy through every try; nothing was written.
        """
        for attempt in range(_TRIES):
            try:
                with (
                    Session(self._writer) as session,
                    session.begin(),
                ):
                    return verb(session, *args, **kwargs)
            except DBAPIError as fault:
                if not _busy(fault):
                    raise
                time.sleep((2**attempt) * random.uniform(0.01, 0.03))  # noqa: S311 - jitter, no secret
        raise TryLater("database_busy")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for queries; whatever it might have written is rolled back."""
        with Session(self.engine) as session:
            try:
                yield session
            finally:
                session.rollback()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Let go of every connection without closing it: another process goes on with them."""
        self.engine.dispose(close=False)


def _busy(fault: DBAPIError) -> bool:
    if getattr(fault.orig, "sqlstate", None) in _RETRIED:
        return True
    code = getattr(fault.orig, "sqlite_errorcode", 0) or 0
    return isinstance(fault, OperationalError) and code & 0xFF in {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }


def _server(url: str, pool_size: int) -> Engine:
    address = sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")
    # Prepared statements break behind a transaction pooler; None turns them off.
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_BUSY_SECONDS,
        pool_pre_ping=True,
        connect_args={"prepare_threshold": None, "connect_timeout": _BUSY_SECONDS},
    )

    @event.listens_for(engine, "begin")
    def wait_briefly(connection: sqlalchemy.Connection) -> None:
        # Compiling a statement takes the server fifty times as long as any of ours runs.
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'; SET LOCAL jit = off"
        )

    return engine


def _sqlite(url: str, *, owner: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions are off: our BEGIN is the only one.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            f"busy_timeout={_BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if not owner:
            connection.set_authorizer(allow_only_the_house)

    @event.listens_for(engine, "begin")
    def begin(connection: sqlalchemy.Connection) -> None:
        # A read that began IMMEDIATE would block every writer; a write that began DEFERRED
        # would fail with "locked" when it upgrades.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
