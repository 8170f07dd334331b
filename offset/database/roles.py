"""What may the application's role do on PostgreSQL, and what does it really hold?

The owner of the tables runs the migrations; the application connects as a role that only holds
what its tables promise in ``Table.info``, the same words that the authorizer reads on SQLite:

``append_only``
    SELECT and INSERT, nothing else.
``updatable``
    Columns of an append-only table that may still move; UPDATE on these alone. One is needed
    wherever rows are locked, since PostgreSQL locks only what may be updated.

Everything else of the house is ordinary: SELECT, INSERT, UPDATE, DELETE. No role of the
application may TRUNCATE, make a table, even a temporary one, or turn triggers off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy
from sqlalchemy import Connection, Table, inspect, text

from offset.database.base import Base
from offset.database.session import Database
from offset.errors import ConfigurationError

_ORDINARY: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_KEPT: Final = ("SELECT", "INSERT")
_ASKED: Final = (*_ORDINARY, "TRUNCATE", "REFERENCES", "TRIGGER")
# Written by migrations alone; the application asks it which revision it stands on.
_REVISION: Final = "alembic_version"


@dataclass(frozen=True, slots=True)
class Privileges:
    """What a role holds on one table: on the whole of it, and on single columns."""

    table: frozenset[str]
    updatable: frozenset[str]


def due(table: Table) -> Privileges:
    """Return what the application's role holds on a table."""
    if table.info.get("append_only", False):
        columns = frozenset(table.info.get("updatable", ()))
        return Privileges(frozenset(_KEPT), columns)
    return Privileges(frozenset(_ORDINARY), frozenset(column.name for column in table.columns))


def role_of(url: str) -> str:
    """Return the role that an address signs in with, or nothing where it names none."""
    return sqlalchemy.make_url(url).username or ""


def apart(owner_url: str, url: str) -> bool:
    """Say whether the application signs in to PostgreSQL as another role than the owner."""
    return url.startswith("postgresql") and role_of(owner_url) != role_of(url)


def grant(owner_url: str, role: str) -> None:
    """Give a role what the application needs, and take away whatever else it holds.

    Raises
    ------
    ConfigurationError
        When there is no such role, when it holds rights that no grant could take away, or when
        the database is not PostgreSQL.
    """
    if not owner_url.startswith("postgresql"):
        raise ConfigurationError(
            ("roles are PostgreSQL's; on SQLite the authorizer holds the same table",)
        )
    database = Database(owner_url, owner=True)
    try:
        with database.engine.begin() as connection:
            _refuse_the_unfit(connection, role)
            for statement in _statements(connection, role):
                connection.execute(text(statement))
            found = faults(connection, role)
            if found:
                raise ConfigurationError(found)
    finally:
        database.dispose()


def faults(connection: Connection, role: str) -> tuple[str, ...]:
    """Compare what a role holds with what it should; one sentence a difference."""
    said: list[str] = []
    wanted_by_table = {table.name: due(table) for table in _present(connection)}
    wanted_by_table[_REVISION] = Privileges(frozenset({"SELECT"}), frozenset())
    for name, wanted in wanted_by_table.items():
        held = _held(connection, role, name)
        said.extend(f"{role} may {verb} on {name}" for verb in sorted(held.table - wanted.table))
        said.extend(
            f"{role} may not {verb} on {name}" for verb in sorted(wanted.table - held.table)
        )
        said.extend(
            f"{role} may change {name}.{column}"
            for column in sorted(held.updatable - wanted.updatable)
        )
        said.extend(
            f"{role} may not change {name}.{column}"
            for column in sorted(wanted.updatable - held.updatable)
        )
    beyond = connection.execute(text(_BEYOND), {"role": role}).mappings().one()
    said.extend(f"{role} {what}" for what, found in beyond.items() if found)
    return tuple(said)


# What no table's grant shows: a name in the answer is how the fault is told.
_BEYOND: Final = """
    SELECT r.rolsuper AS "is a superuser",
      pg_has_role(r.oid, c.relowner, 'MEMBER') AS "owns the books",
      has_schema_privilege(r.oid, 'public', 'CREATE') AS "may make tables",
      has_database_privilege(r.oid, current_database(), 'TEMPORARY') AS "may make temporary tables",
      EXISTS (SELECT FROM pg_parameter_acl a CROSS JOIN LATERAL aclexplode(a.paracl) x
        WHERE a.parname = 'session_replication_role' AND x.grantee IN (0, r.oid))
        AS "may turn triggers off"
    FROM pg_roles r CROSS JOIN pg_class c
    WHERE r.rolname = :role AND c.oid = 'public.alembic_version'::regclass
"""


def _present(connection: Connection) -> list[Table]:
    """Return the tables that the database has: at an older revision some are missing."""
    there = set(inspect(connection).get_table_names())
    return [table for table in Base.metadata.sorted_tables if table.name in there]


def _held(connection: Connection, role: str, table: str) -> Privileges:
    place = f'public."{table}"'
    verbs = connection.execute(
        text(
            "SELECT verb FROM unnest(CAST(:verbs AS text[])) verb"
            " WHERE has_table_privilege(:role, CAST(:place AS text), verb)"
        ),
        {"verbs": list(_ASKED), "role": role, "place": place},
    ).scalars()
    columns = connection.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:place AS regclass)"
            " AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege(:role, attrelid, attnum, 'UPDATE')"
        ),
        {"role": role, "place": place},
    ).scalars()
    return Privileges(frozenset(verbs), frozenset(columns))


def _refuse_the_unfit(connection: Connection, role: str) -> None:
    row = (
        connection.execute(
            text(
                "SELECT rolsuper, rolcreaterole, rolreplication, rolbypassrls,"
                " pg_has_role(oid, current_user, 'MEMBER') AS owner FROM pg_roles"
                " WHERE rolname = :role"
            ),
            {"role": role},
        )
        .mappings()
        .first()
    )
    if row is None:
        raise ConfigurationError((f"there is no role {role}: CREATE ROLE {role} LOGIN first",))
    told = {
        "rolsuper": "is a superuser",
        "rolcreaterole": "may make roles",
        "rolreplication": "may replicate",
        "rolbypassrls": "passes row security",
        "owner": "is the owner of the tables",
    }
    found = tuple(
        f"{role} {told[what]}; give the application another role" for what in told if row[what]
    )
    if found:
        raise ConfigurationError(found)


def _statements(connection: Connection, role: str) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    to, base = quote(role), quote(connection.engine.url.database or "")
    for whom in (to, "PUBLIC"):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {whom}"
        yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {whom}"
        yield f"REVOKE CREATE ON SCHEMA public FROM {whom}"
        yield f"REVOKE CREATE, TEMPORARY ON DATABASE {base} FROM {whom}"
    yield f"GRANT CONNECT ON DATABASE {base} TO {to}"
    yield f"GRANT USAGE ON SCHEMA public TO {to}"
    yield f"GRANT SELECT ON {_REVISION} TO {to}"
    for table in _present(connection):
        wanted = due(table)
        yield f"GRANT {', '.join(sorted(wanted.table))} ON {quote(table.name)} TO {to}"
        if wanted.updatable and "UPDATE" not in wanted.table:
            columns = ", ".join(quote(column) for column in sorted(wanted.updatable))
            yield f"GRANT UPDATE ({columns}) ON {quote(table.name)} TO {to}"
