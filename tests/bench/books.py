"""How are books of any length made for a test of time? Sealed, so that they verify.

The rows are made here and written past the guards, as a dump would be read; what the guards cost
is timed apart.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final

import psycopg

from offset.database.session import Database
from offset.database.types import uuid7, written
from offset.ledger import chart, known, leaves

_PART: Final = 20_000
_COLUMNS: Final = {
    "entry": (
        "id",
        "idem_key",
        "idem_hash",
        "kind",
        "effective_on",
        "recorded_at",
        "source_type",
        "source_id",
    ),
    "posting": ("entry_id", "line", "account_id", "currency", "amount"),
    "entry_seal": ("entry_id", "hash", "salt", "canon_version"),
}


def fill(
    database: Database,
    entries: int,
    name: str,
    *,
    at: datetime,
    debit: str,
    credit: str,
) -> None:
    """Write entries of two lines, a millisecond apart, all dated on the day of ``at``."""
    codes = {debit: "EUR", credit: "EUR"}
    for code in codes:
        database.run(chart.open_account, code, at=at, currency="EUR")
    database.run(known.open_month, at.date())
    accounts = database.run(known.accounts, codes, at=at, on=at.date())
    rows = _rows(entries, name, at, (debit, credit), accounts)
    write = _into_file if database.name == "sqlite" else _into_server
    while part := list(islice(rows, _PART)):
        write(database, part)


def _rows(
    entries: int,
    name: str,
    at: datetime,
    lines: tuple[str, str],
    accounts: Any,
) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    postings = [(1, lines[0], "EUR", 100), (2, lines[1], "EUR", -100)]
    for number in range(entries):
        # The hours of one day, so that every id and every date fit one another.
        moment = at + timedelta(milliseconds=number % 36_000_000)
        fact = leaves.EntryFact(
            id=uuid7(moment),
            kind="opening",
            idem_key=f"{name}:{number}",
            effective_on=at.date(),
            recorded_at=moment,
            reverses_id=None,
            source_type="bench",
            source_id=f"{name}:{number}",
            postings=postings,
        )
        salt = leaves.new_salt()
        yield {
            "entry": [
                (
                    fact.id,
                    fact.idem_key,
                    leaves.key_hash(fact),
                    fact.kind,
                    fact.effective_on,
                    moment,
                    fact.source_type,
                    fact.source_id,
                )
            ],
            "posting": [
                (fact.id, line, accounts[code], currency, amount)
                for line, code, currency, amount in postings
            ],
            "entry_seal": [
                (
                    fact.id,
                    leaves.leaf(leaves.entry_content(fact, salt)),
                    salt,
                    leaves.VERSION,
                )
            ],
        }


def _into_server(database: Database, part: list[dict[str, list[tuple[Any, ...]]]]) -> None:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for table, columns in _COLUMNS.items():
            with connection.cursor().copy(
                f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()
            ) as copy:
                for rows in part:
                    for row in rows[table]:
                        copy.write_row(row)


def _into_file(database: Database, part: list[dict[str, list[tuple[Any, ...]]]]) -> None:
    owner = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    owner.execute("BEGIN IMMEDIATE")
    guards = owner.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        " AND tbl_name IN ('entry', 'posting', 'entry_seal')"
    ).fetchall()
    for name, _sql in guards:
        owner.execute(f'DROP TRIGGER "{name}"')
    for table, columns in _COLUMNS.items():
        marks = ", ".join("?" * len(columns))
        owner.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - names of ours
            ([_plain(value) for value in row] for rows in part for row in rows[table]),
        )
    for _name, sql in guards:
        owner.execute(sql)
    owner.execute("COMMIT")
    owner.close()


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, datetime):
        return written(value)
    return value.isoformat() if isinstance(value, date) else value
