"""What may the application's own connection do to an SQLite file? An allow-list.

SQLite has no roles; this callback stands where PostgreSQL has GRANT. It refuses schema changes,
ATTACH, settings, and UPDATE or DELETE on append-only tables, whoever wrote the SQL. Tables say
what they are in ``Table.info``:

``append_only``
    No UPDATE, no DELETE.
``updatable``
    Columns of an append-only table that may still move (a trigger holds the direction).
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from offset.database.base import Base

_ALWAYS: Final = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
    }
)
# The reads that SQLAlchemy's reflection and our health page make.
_READABLE_PRAGMAS: Final = frozenset(
    {
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "foreign_keys",
        "recursive_triggers",
        "journal_mode",
        "synchronous",
        "integrity_check",
        "quick_check",
    }
)
_WITH_ARGUMENT: Final = frozenset(
    {
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
    }
)


def allow_only_the_house(
    action: int, first: str | None, second: str | None, _schema: str | None, _source: str | None
) -> int:
    """Answer SQLite's question "may this statement be prepared?"."""
    return sqlite3.SQLITE_OK if _allowed(action, first or "", second) else sqlite3.SQLITE_DENY


def _allowed(action: int, first: str, second: str | None) -> bool:
    if action in _ALWAYS:
        return True
    if action == sqlite3.SQLITE_PRAGMA:
        return first in _READABLE_PRAGMAS and (second is None or first in _WITH_ARGUMENT)
    if action == sqlite3.SQLITE_INSERT:
        return first in Base.metadata.tables
    if action == sqlite3.SQLITE_UPDATE:
        return _may_update(first, second or "")
    if action == sqlite3.SQLITE_DELETE:
        return first in Base.metadata.tables and not _promises(first).get("append_only", False)
    return False


def _may_update(table: str, column: str) -> bool:
    if table not in Base.metadata.tables:
        return False
    promises = _promises(table)
    return not promises.get("append_only", False) or column in promises.get("updatable", ())


def _promises(table: str) -> Mapping[str, Any]:
    return Base.metadata.tables[table].info
