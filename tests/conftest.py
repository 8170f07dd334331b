"""Which places do tests run on? A fresh, migrated database a test, on both engines."""

import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule
from xdist.scheduler import LoadScopeScheduling

from offset.database import migrate, roles, session
from offset.database.session import Database
from offset.people import installation
from offset.people.installation import Mode
from tests import servers
from tests.browsers import ARGUMENTS, CHROMIUM
from tests.fakes import FrozenClock
from tests.models import load_models

load_models()

hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, max_examples=25, database=None
)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

_numbers = itertools.count()


class _KeptCode(BytecodeCache):
    """Templates are compiled once a process, not once for each test's application."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.held:
            bucket.bytecode_from_string(self.held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.held[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _KeptCode()}
_compile_builder = Rule._compile_builder  # noqa: SLF001 - see below
_builders: dict[tuple[Any, ...], Any] = {}


def _compile_builder_once(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - as Werkzeug calls it
    """Compile what builds an address once a process: it is the same for each test's application.

    Werkzeug writes such a function for each rule of each application, twice; of a test that opens
    a page that was the larger part.
    """
    key = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _compile_builder_once  # type: ignore[method-assign]  # noqa: SLF001


def _keep_statements() -> None:
    """Statements are written as SQL once a process, not once for each test's engine.

    An engine keeps what it wrote by its dialect, and forgets it with itself. Of a kind of engine
    every dialect writes the same.
    """
    kept: dict[str, Any] = {}
    make = session.create_engine

    def make_with_kept(*told: Any, **how: Any) -> Engine:
        engine = make(*told, query_cache_size=10_000, **how)
        engine._compiled_cache = kept.setdefault(engine.dialect.name, engine._compiled_cache)  # noqa: SLF001
        return engine

    session.create_engine = make_with_kept  # type: ignore[assignment]
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
        kind.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]


_keep_statements()
REQUIRED = bool(os.environ.get("CI") or os.environ.get("OFFSET_REQUIRE"))


def missing(what: str) -> None:
    """Skip by name on a bare machine; fail where everything was asked for."""
    if REQUIRED:
        pytest.fail(what)
    pytest.skip(what)


class _ByFile(LoadScopeScheduling):
    """A file's tests stay with one worker; all walks do, because they share one demonstration."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, _ = nodeid.partition("::")
        return "walks" if path.startswith("tests/walks/") else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Walks first: they are the longest row, and the other worker fills the time beside them.

    They share one demonstration, so each leaves marks for the next: their order is always the same.
    """

    def place(item: pytest.Item) -> tuple[bool, str, int]:
        if item.get_closest_marker("walk") is None:
            return (True, "", 0)
        path, line, _name = item.location
        return (False, path, line or 0)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Look for cycles seldom, and never among what was imported: a tenth of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def prepared(url: str) -> None:
    """Open an installation as the demonstration is: contributions are accepted."""
    database = Database(url)
    database.run(installation.prepare, Mode.DEMO, at=datetime(2026, 1, 1, tzinfo=UTC))
    database.dispose()


@pytest.fixture(scope="session")
def untold_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that nobody has told what it is for."""
    path = tmp_path_factory.mktemp("template") / "untold.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_template(untold_file: Path) -> Path:
    path = untold_file.with_name("offset.db")
    shutil.copy(untold_file, path)
    prepared(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    try:
        with servers.postgres() as url:
            servers.make_application(url)
            yield url
    except LookupError as fault:
        missing(str(fault))


@pytest.fixture(scope="session")
def untold_template(postgres_server: str) -> str:
    """The name of a migrated database that nobody has told what it is for."""
    name = f"untold_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate.upgrade(_named(postgres_server, name))
    roles.grant(_named(postgres_server, name), servers.APPLICATION)
    return name


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, untold_template: str) -> str:
    name = f"template_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {untold_template}")
    prepared(_named(postgres_server, name))
    return name


@pytest.fixture
def embedded(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database at head."""
    path = tmp_path / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def server(postgres_server: str, postgres_template: str) -> Iterator[Database]:
    """A fresh PostgreSQL database at head, seen by the application's role."""
    with _copied(postgres_server, postgres_template) as database:
        yield database


@pytest.fixture
def moving_target(postgres_server: str) -> Iterator[str]:
    """An empty database of a server, by its owner's address."""
    name = f"moved_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield _named(postgres_server, name)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _copied(server: str, template: str) -> Iterator[Database]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    database = Database(servers.as_application(_named(server, name)))
    yield database
    database.dispose()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def untold(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database at head that nobody has told what it is for, once on each engine."""
    if request.param == "postgresql":
        places = (request.getfixturevalue(name) for name in ("postgres_server", "untold_template"))
        with _copied(*places) as database:
            yield database
        return
    shutil.copy(request.getfixturevalue("untold_file"), tmp_path / "untold.db")
    database = Database(f"sqlite:///{tmp_path / 'untold.db'}")
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh database at head, once on each engine."""
    found = request.getfixturevalue("embedded" if request.param == "sqlite" else "server")
    assert isinstance(found, Database)
    return found


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 15, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock(at: datetime) -> FrozenClock:
    return FrozenClock(at)


def _named(url: str, name: str) -> str:
    head, _, _ = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One Playwright a process: a second one beside it cannot live."""
    if not Path(CHROMIUM).exists():
        missing(f"Chromium is missing at {CHROMIUM}; set OFFSET_CHROMIUM")
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()
