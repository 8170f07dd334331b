"""Do the tables go up, match the models, go down and up again, on both engines?"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import inspect

from offset.database import migrate
from offset.database.session import Database

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = str(request.getfixturevalue("postgres_server"))
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{server.partition('?')[0].rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tables(url: str) -> set[str]:
    database = Database(url, owner=True)
    try:
        return set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    finally:
        database.dispose()


def test_up_check_down_up(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
    all_tables = _tables(empty_url)
    assert {"entry", "posting", "donation", "project", "bank_line", "user"} <= all_tables
    migrate.downgrade(empty_url, "base")
    assert _tables(empty_url) == set()
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
    assert _tables(empty_url) == all_tables


def test_migrations_never_import_the_application() -> None:
    for path in migrate.migrations_folder().rglob("*.py"):
        assert "import offset" not in path.read_text(), path
        assert "from offset" not in path.read_text(), path


def test_every_migration_has_a_way_back() -> None:
    for path in (migrate.migrations_folder() / "versions").glob("*.py"):
        forth, _, back = path.read_text().partition("def downgrade() -> None:")
        nothing_to_undo = forth.rstrip().endswith("def upgrade() -> None:\n    pass")
        assert nothing_to_undo or "drop" in back.lower(), path
