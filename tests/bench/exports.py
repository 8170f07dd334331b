"""How fast do the books leave beside a bare SELECT of the same rows written to a file?

Prints entries per second, the ratio and the peak memory of the exporting process, on both
engines; nothing here is a gate. A tenth of a million entries by default, ``FULL=1`` the million.
"""

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from offset.database import migrate
from offset.database.session import Database
from offset.database.types import uuid7
from offset.ledger import chart, periods
from offset.reports import exports
from offset.reports.rows import Span
from tests import servers
from tests.models import load_models

ENTRIES = 1_000_000 if os.environ.get("FULL") else 100_000
_PART = 5_000
_YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
_AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
_BARE = """
    SELECT {id}, e.effective_on, e.recorded_at, e.kind, e.idem_key, e.source_type, e.source_id,
           e.reverses_id, p.line, a.code, p.currency, p.amount
    FROM entry e JOIN posting p ON p.entry_id = e.id JOIN account a ON a.id = p.account_id
    WHERE e.effective_on BETWEEN '2026-01-01' AND '2026-12-31'
    ORDER BY e.effective_on, e.id, p.line
"""
KINDS = ("beancount", "hledger", "csv", "xlsx")


def exported() -> None:
    """Compare every kind with the bare SELECT, on each engine."""
    load_models()
    for name, place in (("SQLite", _file), ("PostgreSQL", _server)):
        with place() as url:
            fill(url, ENTRIES)
            _table(name, url)


def fill(url: str, count: int) -> None:
    """Write gifts over one year, each with two lines; seals are not those of a true entry."""
    database = Database(url, owner=True)
    database.run(_open)
    with database.reading() as session:
        accounts = dict(session.execute(text("SELECT code, id FROM account")).all())
    fund, bank = accounts[chart.pool("EUR")], accounts[chart.bank()]
    for first in range(0, count, _PART):
        database.run(_write, range(first, min(first + _PART, count)), count, (bank, fund))
        if first == 0:
            _analyze(database)
    _analyze(database)
    database.dispose()


def _analyze(database: Database) -> None:
    """Let the engine see that tables have grown: a guard planned on an empty one reads it whole."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    database.dispose()


def _open(session: object) -> None:
    for month in range(1, 13):
        periods.open_month(session, date(2026, month, 1))  # type: ignore[arg-type]  # run gives one
    for code in (chart.pool("EUR"), chart.bank()):
        chart.open_account(session, code, at=_AT, currency="EUR")  # type: ignore[arg-type]  # same


def _write(session: object, numbers: range, count: int, accounts: tuple[object, object]) -> None:
    rows = []
    server = session.get_bind().dialect.name == "postgresql"  # type: ignore[attr-defined]  # same
    for number in numbers:
        at = _AT + timedelta(seconds=number * 31_000_000 // count)
        key = uuid7(at)
        rows.append(
            {
                "id": key if server else key.bytes,
                "key": f"bank:line-{number}:1",
                "source": f"line-{number}",
                "day": at.date() if server else at.date().isoformat(),
                "at": at if server else at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "hash": uuid.uuid5(uuid.NAMESPACE_URL, str(number)).bytes * 2,
                "salt": key.bytes,
                "bank": accounts[0],
                "fund": accounts[1],
                "in": 1000 + number % 9000,
                "out": -1000 - number % 9000,
            }
        )
    if server:
        _copied(session.connection().connection.driver_connection, rows)  # type: ignore[attr-defined]  # same
        return
    for statement in _INSERTS:
        session.execute(text(statement), rows)  # type: ignore[attr-defined]  # same


def _copied(driver: Any, rows: list[dict[str, Any]]) -> None:
    """Load rows as a dump would: what the guards cost is timed elsewhere."""
    cursor = driver.cursor()
    cursor.execute("SET LOCAL session_replication_role = replica")
    for target, names in _COPIES:
        with cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row.get(name, name) for name in names])


_POSTING = "posting (entry_id, line, account_id, currency, amount)"
_COPIES = (
    (
        "entry (id, idem_key, idem_hash, kind, effective_on, recorded_at, source_type, source_id)",
        ("id", "key", "hash", "bank_gift", "day", "at", "bank_line", "source"),
    ),
    (_POSTING, ("id", 1, "bank", "EUR", "in")),
    (_POSTING, ("id", 2, "fund", "EUR", "out")),
    ("entry_seal (entry_id, hash, salt, canon_version)", ("id", "hash", "salt", 1)),
)
_INSERTS = (
    (
        "INSERT INTO entry (id, idem_key, idem_hash, kind, effective_on, recorded_at, source_type,"
        " source_id) VALUES (:id, :key, :hash, 'bank_gift', :day, :at, 'bank_line', :source)"
    ),
    (
        "INSERT INTO posting (entry_id, line, account_id, currency, amount)"
        " VALUES (:id, 1, :bank, 'EUR', :in)"
    ),
    (
        "INSERT INTO posting (entry_id, line, account_id, currency, amount)"
        " VALUES (:id, 2, :fund, 'EUR', :out)"
    ),
    "INSERT INTO entry_seal (entry_id, hash, salt, canon_version) VALUES (:id, :hash, :salt, 1)",
)


def _table(name: str, url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare = min(_bare(url, Path(folder) / "bare") for _ in range(2))
        print(f"{name}, {ENTRIES:,} entries{'entries/s':>24}{'of bare':>10}{'peak MB':>10}")
        print(f"{'bare SELECT to a file':<32}{ENTRIES / bare:>12,.0f}")
        for kind in KINDS:
            seconds, peak = measured(url, kind, Path(folder) / kind)
            print(f"{kind:<32}{ENTRIES / seconds:>12,.0f}{bare / seconds:>10.2f}{peak:>10.0f}")


def _bare(url: str, path: Path) -> float:
    """Write the rows of the driver, as they come, through the fastest writer there is."""
    database = Database(url)
    server = database.name == "postgresql"
    began = time.perf_counter()
    with database.engine.connect() as connection, path.open("w", newline="") as file:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor("bare") if server else driver.cursor()
        cursor.execute(_BARE.format(id="e.id::text" if server else "e.id"))
        writer = csv.writer(file)
        while part := cursor.fetchmany(_PART):
            writer.writerows(part)
        cursor.close()
    database.dispose()
    return time.perf_counter() - began


def measured(url: str, kind: str, path: Path) -> tuple[float, float]:
    """Export in a process of its own; give its seconds of exporting and its peak in MB."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.exports", url, kind, str(path)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return float(told[0]), float(told[1])


def _one(url: str, kind: str, path: Path) -> None:
    load_models()
    database = Database(url)
    began = time.perf_counter()
    exports.export(database, kind, _YEAR, path)
    seconds = time.perf_counter() - began
    database.dispose()
    # the kernel's own mark of this process; getrusage would also count who started it
    [peak] = re.findall(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    print(seconds, int(peak) / 1024)


@contextmanager
def _file() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/offset.db"
        migrate.upgrade(url)
        yield url


@contextmanager
def _server() -> Iterator[str]:
    with servers.postgres() as server:
        url = f"{server.rsplit('/', 1)[0]}/exports"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE exports")
        migrate.upgrade(url)
        yield url


if __name__ == "__main__":
    _one(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
