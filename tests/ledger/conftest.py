"""What does a ledger test stand on? The ledger alone, without the rooms that guard it further.

``books`` is a database at the ledger's own migration, on each engine: no project's gate asks
for allocation rows there. ``database`` has every room.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from offset.database import migrate
from offset.database.session import Database
from offset.ledger.journal import Posted
from tests import journal
from tests.ledger.places import named

_LEDGER = "0002"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def ledger_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "offset.db"
    migrate.upgrade(f"sqlite:///{path}", _LEDGER)
    return path


@pytest.fixture(scope="session")
def ledger_template(postgres_server: str) -> str:
    name = f"ledger_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate.upgrade(named(postgres_server, name), _LEDGER)
    return name


@pytest.fixture
def books_embedded(ledger_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "books.db"
    shutil.copy(ledger_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def books_server(postgres_server: str, ledger_template: str) -> Iterator[Database]:
    name = f"books_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {ledger_template}")
    database = Database(named(postgres_server, name))
    yield database
    database.dispose()
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def books(request: pytest.FixtureRequest) -> Database:
    found = request.getfixturevalue(
        "books_embedded" if request.param == "sqlite" else "books_server"
    )
    assert isinstance(found, Database)
    return found


@pytest.fixture
def told(request: pytest.FixtureRequest, books: Database, at: datetime) -> dict[str, Posted]:
    """The journal of the test's own docstring, posted and its balances checked."""
    return journal.load(books, request.function.__doc__ or "", at=at)
