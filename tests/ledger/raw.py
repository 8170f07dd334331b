"""How does a test speak SQL to an engine, on the application's connection or the owner's?"""

import sqlite3
import uuid
from collections.abc import Sequence
from datetime import date, datetime

import psycopg
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.database.types import written
from offset.ledger import guards
from tests import servers

Value = uuid.UUID | bytes | date | datetime | str | int | None


def literal(database: Database, value: Value) -> str:
    """Write a value as the engine's SQL."""
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    if isinstance(value, uuid.UUID):
        return f"X'{value.hex}'" if database.name == "sqlite" else f"'{value}'"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'" if database.name == "sqlite" else f"'\\x{value.hex()}'"
    return f"'{written(value) if isinstance(value, datetime) else value}'"


def insert(database: Database, table: str, verb: str = "INSERT", **values: Value) -> str:
    """Write an INSERT."""
    told = ", ".join(literal(database, value) for value in values.values())
    return f"{verb} INTO {table} ({', '.join(values)}) VALUES ({told})"


def refused(database: Database, *statements: str) -> str:
    """Say statements in one transaction on the application's connection; return the refusal.

    A guard answers with its code, anything else with the engine's own words.
    """
    try:
        with (
            database.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))
    except DBAPIError as fault:
        refusal = guards.refusal_of(fault)
        return refusal.code if refusal else str(fault.orig)
    return "nothing"


def tamper(database: Database, *statements: str) -> None:
    """Do as a superuser could: the triggers look untouched, the rows are not."""
    if database.name == "postgresql":
        with psycopg.connect(owner_url(database)) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement.encode())
        return
    owner = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    try:
        owner.execute("PRAGMA foreign_keys = OFF")
        owner.execute("PRAGMA synchronous = OFF")
        settings = [one for one in statements if one.startswith("PRAGMA")]
        for setting in settings:
            owner.execute(setting)
        owner.execute("BEGIN")
        triggers = owner.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _sql in triggers:
            owner.execute(f"DROP TRIGGER {name}")
        for statement in statements[len(settings) :]:
            owner.execute(statement)
        for _name, sql in triggers:
            owner.execute(sql)
        owner.execute("COMMIT")
    finally:
        owner.close()


def as_owner(database: Database, statements: Sequence[str]) -> None:
    """Say statements as the owner of the schema."""
    if database.name == "postgresql":
        with psycopg.connect(owner_url(database)) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        return
    owner = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    try:
        for statement in statements:
            owner.execute(statement)
    finally:
        owner.close()


def owner_url(database: Database) -> str:
    """Write the address with which the owner signs in to a server's database."""
    return servers.as_owner(database.engine.url.render_as_string(hide_password=False))
