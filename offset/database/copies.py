"""How is a whole database copied while others write to it, and is there one at all?

The copy is one moment of the database. What stands in it is counted in the same moment, so that
whoever brings it back can tell that nothing is missing.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from offset.database.session import Database
from offset.errors import ConfigurationError, Refused

# Whatever else is in a house, one of these has a row.
_FILLED_FIRST: Final = ("installation", "user", "entry", "project")


def is_file(url: str) -> bool:
    """Say whether a database is an SQLite file."""
    return url.startswith("sqlite")


def file_of(url: str) -> Path:
    """Return the file of an SQLite database."""
    return Path(sqlalchemy.make_url(url).database or "")


def copy_file(source: Path, target: Path) -> None:
    """Copy an SQLite database page by page into a new file, one moment of it.

    Raises
    ------
    Refused
        ``backup_nothing_there``: no such file.
    """
    if not source.is_file():
        raise Refused("backup_nothing_there", place=source.name)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        # In one step: it reads one moment beside the log, so nobody who writes waits. In several,
        # every write between two of them begins the copy anew, and a busy day never ends.
        live.backup(copy, pages=-1)
        # one file, without the log beside it
        copy.execute("PRAGMA journal_mode=DELETE")


def is_there(url: str) -> bool:
    """Say whether a file database has its file; a server is asked by whoever connects."""
    return not is_file(url) or not is_empty(url)


def is_empty(url: str) -> bool:
    """Say whether a database has no table of anybody."""
    if is_file(url):
        path = file_of(url)
        return not path.exists() or path.stat().st_size == 0
    database = Database(url, owner=True)
    try:
        with database.engine.connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        database.dispose()


@contextmanager
def moment(url: str) -> Iterator[tuple[str, int, Mapping[str, int]]]:
    """Hold one moment of a PostgreSQL database: its name, the server's version, its counts.

    While the block runs, pg_dump can read that very moment by its name.
    """
    database = Database(url, owner=True)
    try:
        with database.engine.connect().execution_options(
            isolation_level="REPEATABLE READ"
        ) as connection:
            name = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            version = connection.execute(text("SHOW server_version_num")).scalar_one()
            yield str(name), int(version) // 10_000, counted(connection)
    finally:
        database.dispose()


def version(url: str) -> int:
    """Return the major version of a PostgreSQL server."""
    database = Database(url, owner=True)
    try:
        with database.engine.connect() as connection:
            told = connection.execute(text("SHOW server_version_num")).scalar_one()
            return int(told) // 10_000
    finally:
        database.dispose()


@contextmanager
def beside(url: str, name: str) -> Iterator[str]:
    """Give an empty PostgreSQL database on the same server, and take it away afterwards.

    Raises
    ------
    ConfigurationError
        When the owner may not make databases.
    """
    database = Database(url, owner=True)
    try:
        with database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            try:
                connection.execute(text(f"CREATE DATABASE {name}"))
            except ProgrammingError:
                raise ConfigurationError(
                    ("the owner of the tables may not make a database: ALTER ROLE … CREATEDB",)
                ) from None
            try:
                address = sqlalchemy.make_url(url).set(database=name)
                yield address.render_as_string(hide_password=False)
            finally:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        database.dispose()


def drop_unused(url: str, beginning: str) -> None:
    """Take away databases of ours that nobody is in: a trial that was killed left them."""
    database = Database(url, owner=True)
    try:
        with database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            left = connection.scalars(
                text(
                    "SELECT datname FROM pg_database d WHERE starts_with(datname, :beginning)"
                    " AND pg_has_role(datdba, 'MEMBER') AND NOT EXISTS"
                    " (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)"
                ),
                {"beginning": beginning},
            ).all()
            for name in left:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
    finally:
        database.dispose()


def is_untouched(url: str, revision: str) -> bool:
    """Say whether a server holds no table, or the fresh ones that a stopped move left."""
    if is_empty(url):
        return True
    database = Database(url, owner=True)
    try:
        with database.engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            if not {"alembic_version", *_FILLED_FIRST} <= names:
                return False
            stands = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            rows = [
                connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our own names
                for name in _FILLED_FIRST
            ]
            return stands == revision and not any(rows)
    finally:
        database.dispose()


def counts(url: str) -> Mapping[str, int]:
    """Count the rows of every table."""
    database = Database(url, owner=True)
    try:
        with database.engine.connect() as connection:
            return counted(connection)
    finally:
        database.dispose()


def clear(url: str) -> None:
    """Take every table, function and type out of a PostgreSQL database that was empty before."""
    database = Database(url, owner=True)
    try:
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    finally:
        database.dispose()


def counted(connection: Connection) -> Mapping[str, int]:
    """Count the rows of every table on a connection."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: int(
            connection.execute(
                text(f"SELECT count(*) FROM {quote(name)}")  # noqa: S608 - names of our own tables
            ).scalar_one()
        )
        for name in sorted(inspect(connection).get_table_names())
    }
