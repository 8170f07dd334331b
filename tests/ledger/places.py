"""Where does a module of tests get one database for all its tests?"""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy.orm import Session

from offset.database import triggers
from offset.database.session import Database
from offset.ledger import guards
from tests import servers

_numbers = itertools.count()

# Everything but the currencies, which the migration brings.
BOOKS = (
    "account",
    "entry",
    "entry_seal",
    "posting",
    "sealed_fact",
    "checkpoint",
    "checkpoint_leaf",
    "period",
    "period_balance",
    "period_closing",
    "period_reopening",
    "period_reopening_approval",
    "fx_rate",
)


@contextmanager
def fresh_file(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an SQLite file at head."""
    path = folders.mktemp("module") / "offset.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite:///{path}"


@contextmanager
def fresh_server(request: pytest.FixtureRequest, _folders: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a PostgreSQL database at head."""
    server, template = (
        request.getfixturevalue(name) for name in ("postgres_server", "postgres_template")
    )
    name = f"module_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield servers.as_application(named(server, name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def named(url: str, name: str) -> str:
    """Write the address of another database of the same server."""
    head, _, _ = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}"


def emptied(url: str) -> Iterator[Database]:
    """Give a server's database with empty books, as a superuser empties them."""
    with psycopg.connect(servers.as_owner(url)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {', '.join(BOOKS)} CASCADE")
    database = Database(url)
    yield database
    database.dispose()


def ungated(url: str, *, only: str = "") -> None:
    """Take the triggers away that other rooms put on the books, or those on one kind of them."""
    ours = {guard.name for guard in guards.GUARDS}
    owner = Database(url, owner=True)
    with owner.engine.connect().execution_options(writes=True) as connection, connection.begin():
        found = triggers.installed(Session(connection))
        for name, one in found.items():
            gate = one.table in {"entry", "posting", "entry_seal"} and name not in ours
            if gate and (not only or name in only.split()):
                where = f" ON {one.table}" if owner.name == "postgresql" else ""
                connection.exec_driver_sql(f"DROP TRIGGER {name}{where}")
    owner.dispose()
