"""How is a row written unless it stands already, on an engine with many writers and on one?"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session


def many_writers(session: Session) -> bool:
    """Say whether others may write while this transaction is open: not so on SQLite."""
    return session.get_bind().dialect.name != "sqlite"


def insert_missing(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, key: str
) -> None:
    """Insert rows whose key the caller did not find; what another writer made meanwhile stays.

    On SQLite the caller is the only writer, and an upsert would meet the guard against REPLACE.
    """
    statement: Any = insert(table)
    if many_writers(session):
        statement = postgresql.insert(table).on_conflict_do_nothing(
            index_elements=[*key.split(",")]
        )
    session.execute(statement, rows)
