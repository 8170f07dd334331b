"""What do tests of the money gate stand on? Every room up to giving, without treasury's guards.

Treasury's own guard refuses a payment that two people did not decide; the project's guard must
refuse by itself, so ``gated`` has only the migrations below it.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from offset.database import migrate
from offset.database.session import Database

_GIVING = "0004"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def gated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gated") / "offset.db"
    migrate.upgrade(f"sqlite:///{path}", _GIVING)
    return path


@pytest.fixture(scope="session")
def gated_template(postgres_server: str) -> str:
    name = f"gated_template_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate.upgrade(_named(postgres_server, name), _GIVING)
    return name


@pytest.fixture
def gated_embedded(gated_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "gated.db"
    shutil.copy(gated_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def gated_server(postgres_server: str, gated_template: str) -> Iterator[Database]:
    name = f"gated_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {gated_template}")
    database = Database(_named(postgres_server, name))
    yield database
    database.dispose()
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def gated(request: pytest.FixtureRequest) -> Database:
    """A fresh database below treasury, once on each engine."""
    found = request.getfixturevalue(
        "gated_embedded" if request.param == "sqlite" else "gated_server"
    )
    assert isinstance(found, Database)
    return found


def _named(url: str, name: str) -> str:
    head, _, _ = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}"
