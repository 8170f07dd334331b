"""Which books do the exports of the tests read? Two years of every recipe, on both engines."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.reports.rows import Span
from tests import servers
from tests.ledger.places import ungated
from tests.reports import year

YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="session")
def told_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years in a file: December and January locked, February and March open."""
    path = tmp_path_factory.mktemp("exports") / "offset.db"
    shutil.copy(sqlite_template, path)
    ungated(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    year.tell(database, lock_until=date(2026, 1, 31))
    year.set_rates(database, year.instant(date(2026, 1, 1)))
    database.dispose()
    return path


@pytest.fixture
def told(told_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "told.db"
    shutil.copy(told_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def told_server(server: Database) -> Database:
    """The same two years on PostgreSQL."""
    ungated(servers.as_owner(server.engine.url.render_as_string(hide_password=False)))
    year.tell(server, lock_until=date(2026, 1, 31))
    year.set_rates(server, year.instant(date(2026, 1, 1)))
    return server
