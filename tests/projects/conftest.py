"""What do tests of the money gate stand on? Every room up to giving, without treasury's guards.

Treasury's own guard refuses a payment that two people did not decide; the project's guard must
refuse by itself, so ``gated`` was left without it.
"""

import functools
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from offset.database.base import Base
from offset.database.session import Database
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.conftest import prepared
from tests.ledger.places import ungated
from tests.once_built import count_on, counted

# the instant of the fixture ``at``
AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
_OF_TREASURY = "posting_two_people treasury_posting"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def gated_file(untold_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gated") / "offset.db"
    shutil.copy(untold_file, path)
    prepared(f"sqlite:///{path}")
    ungated(f"sqlite:///{path}", only=_OF_TREASURY)
    return path


@pytest.fixture(scope="session")
def gated_template(postgres_server: str, untold_template: str) -> str:
    name = f"gated_template_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {untold_template}")
    prepared(_named(postgres_server, name))
    ungated(_named(postgres_server, name), only=_OF_TREASURY)
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
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {gated_template} STRATEGY FILE_COPY")
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


@pytest.fixture(scope="session")
def stages(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, Way, tuple[int, int]]]:
    """A file for each point of a project's way, walked once and copied by every test."""
    folder = tmp_path_factory.mktemp("stages")

    @functools.cache
    def at_stage(name: str) -> tuple[Path, Way, tuple[int, int]]:
        path = folder / f"{name}.db"
        shutil.copy(sqlite_template, path)
        database = Database(f"sqlite:///{path}")
        way = database.run(getattr(build, name), at=AT)
        database.dispose()
        return path, way, counted()

    return at_stage


@pytest.fixture
def staged(
    stages: Callable[[str], tuple[Path, Way, tuple[int, int]]], tmp_path: Path
) -> Iterator[Callable[[str], tuple[Database, Way]]]:
    """Give an embedded database whose one project stands at a stage of ``tests.builders``."""
    opened: list[Database] = []

    def open_copy(name: str) -> tuple[Database, Way]:
        path, way, last = stages(name)
        copy = tmp_path / "staged.db"
        shutil.copy(path, copy)
        count_on(last)
        opened.append(Database(f"sqlite:///{copy}"))
        return opened[-1], way

    yield open_copy
    for database in opened:
        database.dispose()


def below_projects(session: Session) -> set[tuple[str, str]]:
    """Read the triggers on the tables of projects, and the two gates on the books."""
    own = {table.__tablename__ for table in models_of_projects()}
    rows = session.execute(text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"))
    gates = {"posting_gate", "posting_payable", "entry_seal_gate"}
    return {(name, table) for name, table in rows if table in own or name in gates}


def models_of_projects() -> list[type[Base]]:
    return [
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("offset.projects.")
    ]
