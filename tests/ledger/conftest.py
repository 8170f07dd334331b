"""What does a ledger test stand on? Empty books: with every room, or the ledger alone.

``database`` has every room; from ``books`` the triggers that other rooms put on the books were
taken away, so that no project's gate asks for allocation rows. On the server one database of each
serves all tests that leave the schema alone: the books are emptied before each.
``own_database`` is for the others.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from offset.database.session import Database
from offset.ledger.journal import Posted
from tests import journal, servers
from tests.ledger.places import emptied, named, ungated


@pytest.fixture(scope="session")
def ledger_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "offset.db"
    shutil.copy(sqlite_template, path)
    ungated(f"sqlite:///{path}")
    return path


@pytest.fixture
def books_embedded(ledger_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "books.db"
    shutil.copy(ledger_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def ledger_url(
    postgres_server: str, untold_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    name = f"books_{tmp_path_factory.getbasetemp().name}"
    for url in _served(postgres_server, untold_template, name):
        ungated(servers.as_owner(url))
        yield url


@pytest.fixture(scope="session")
def house_url(
    postgres_server: str, untold_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    name = f"house_{tmp_path_factory.getbasetemp().name}"
    yield from _served(postgres_server, untold_template, name)


@pytest.fixture
def books_server(ledger_url: str) -> Iterator[Database]:
    yield from emptied(ledger_url)


@pytest.fixture
def house_server(house_url: str) -> Iterator[Database]:
    yield from emptied(house_url)


_ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=_ENGINES)
def books(request: pytest.FixtureRequest) -> Database:
    return _chosen(request, "books_embedded", "books_server")


@pytest.fixture(params=_ENGINES)
def database(request: pytest.FixtureRequest) -> Database:
    return _chosen(request, "embedded", "house_server")


@pytest.fixture(params=_ENGINES)
def own_database(request: pytest.FixtureRequest) -> Database:
    return _chosen(request, "embedded", "server")


@pytest.fixture
def told(request: pytest.FixtureRequest, books: Database, at: datetime) -> dict[str, Posted]:
    """The journal of the test's own docstring, posted and its balances checked."""
    return journal.load(books, request.function.__doc__ or "", at=at)


def _chosen(request: pytest.FixtureRequest, embedded: str, server: str) -> Database:
    found = request.getfixturevalue(embedded if request.param == "sqlite" else server)
    assert isinstance(found, Database)
    return found


def _served(server: str, template: str, name: str) -> Iterator[str]:
    name = name.replace("-", "_")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield servers.as_application(named(server, name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
