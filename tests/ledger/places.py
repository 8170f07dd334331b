"""Where does a module of tests get one database for all its tests?"""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

_numbers = itertools.count()


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
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def named(url: str, name: str) -> str:
    """Write the address of another database of the same server."""
    head, _, _ = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}"
