"""How does a house move from one SQLite file to a PostgreSQL server, whole or not at all?

Every row is read while the file is held against writers, and written in one transaction: a move
that stops anywhere leaves the server as empty as it was. What the guards refuse to an application
is here done by the owner of the tables, once, into tables that nobody uses yet; what arrived is
counted and compared before the transaction ends.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from offset.database.base import Base
from offset.database.copies import counted
from offset.database.session import Database
from offset.errors import Refused

# Rows of one INSERT; a receipt's PDF is the largest row we keep.
_AT_ONCE: Final = 500
_OURS: Final = "alembic_version"


def move(source_url: str, target_url: str) -> Mapping[str, int]:
    """Copy every row of an SQLite file into the fresh tables of a server; say how many.

    Raises
    ------
    Refused
        ``move_differs``: a table has other rows than its source, or other sums.
    """
    source, target = Database(source_url, owner=True), Database(target_url, owner=True)
    try:
        # A writer waits until the copy is made, and then writes to a file that nobody reads:
        # whoever moves stops the site first.
        held = source.engine.connect().execution_options(writes=True)
        with held, held.begin(), target.engine.begin() as there:
            tables = Base.metadata.sorted_tables
            _guards(there, tables, "DISABLE")
            for table in reversed(tables):
                there.execute(delete(table))
            for table in tables:
                for rows in _batches(held, table):
                    there.execute(insert(table), rows)
            # a table with deferred checks under way cannot be altered
            there.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            _guards(there, tables, "ENABLE")
            return _compared(held, there, tables)
    finally:
        source.dispose()
        target.dispose()


def _guards(connection: Connection, tables: list[Table], verb: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    for table in tables:
        connection.execute(text(f"ALTER TABLE {quote(table.name)} {verb} TRIGGER USER"))


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Read a table in the order of its key: what a row refers to came before it."""
    found = connection.execute(select(table).order_by(*table.primary_key.columns))
    for part in found.mappings().partitions(_AT_ONCE):
        yield [dict(row) for row in part]


def _compared(source: Connection, target: Connection, tables: list[Table]) -> Mapping[str, int]:
    wanted = {name: n for name, n in counted(source).items() if name != _OURS}
    found = {name: n for name, n in counted(target).items() if name != _OURS}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise Refused(
                "move_differs", table=name, wanted=wanted.get(name), found=found.get(name)
            )
    posting = next(table for table in tables if table.name == "posting")
    sums = select(
        posting.c.currency, func.sum(posting.c.amount), func.sum(func.abs(posting.c.amount))
    )
    by_currency = sums.group_by(posting.c.currency).order_by(posting.c.currency)
    ours, theirs = (
        [tuple(str(value) for value in row) for row in side.execute(by_currency)]
        for side in (source, target)
    )
    if ours != theirs:
        raise Refused("move_differs", table="posting", wanted=ours, found=theirs)
    return found
