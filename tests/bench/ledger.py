"""How fast do the books take entries, beside a bare insert of the same rows?

Ratios within one run, on both engines: the sides take turns, and the median of the rounds is
told. A tenth of the stated sizes by default, ``FULL=1`` runs them whole, and then installs
django-hordak in a folder that is thrown away. SQLite has one writer by nature, so hot and spread
accounts are compared on PostgreSQL alone.
"""

import multiprocessing
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import Column, Index, MetaData, Table, UniqueConstraint, insert, select, text
from sqlalchemy.orm import Session

from offset.database import migrate
from offset.database.session import Database
from offset.database.types import uuid7
from offset.ledger import balances, chart, journal, periods
from offset.ledger.entries import Draft, Line
from offset.ledger.models import ENTRY, ENTRY_SEAL, POSTING, Account
from offset.ledger.verify import verify
from offset.money import Money
from tests import servers
from tests.bench import books
from tests.models import load_models

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
ON = date(2026, 11, 14)
OCTOBER = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
STRIPE, SUSPENSE = chart.stripe("EUR"), chart.suspense("EUR")
BUSY, QUIET = chart.bank("B8"), chart.bank("B9")
FULL = bool(os.environ.get("FULL"))
ENTRIES = 2_000 if FULL else 200
ROUNDS = 5 if FULL else 3
VERIFIED = 1_000_000 if FULL else 100_000
WRITERS = 16
EACH = 100 if FULL else 40
HORDAK = "django-hordak==2.0.0"

load_models()


def ledger() -> None:
    """Time verification, balances and posting on each engine."""
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        url = f"sqlite:///{folder}/offset.db"
        migrate.upgrade(url)
        _room(url)
    with servers.postgres() as server:
        url = _fresh(server, "books")
        migrate.upgrade(url)
        rates = _room(url)
        _hot(url)
        _peer(_fresh(server, "peer"), rates)


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a name to guess


def _fresh(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server.partition('?')[0].rpartition('/')[0]}/{name}"


def _room(url: str) -> dict[int, float]:
    """Verify and close long books first, then post into them; return posts per second."""
    _verified(url)
    with _opened(url) as database:
        _standing(database)
        FREE[0].metadata.create_all(database.engine)
        database.run(periods.open_month, ON)
        return {size: _posting(database, size) for size in (1, 100)}


@contextmanager
def _opened(url: str, pool_size: int = 10) -> Iterator[Database]:
    database = Database(url, owner=True, pool_size=pool_size)
    try:
        yield database
    finally:
        database.dispose()


def _counted(database: Database) -> None:
    """Let the server count its tables, as it does by itself after a while."""
    if database.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as said:
            said.execute(text("ANALYZE"))


def _free(table: Table, metadata: MetaData) -> Table:
    """Copy a table with its keys and indexes, but without a foreign key; no trigger follows it."""
    columns = [
        Column(one.name, one.type, primary_key=one.primary_key, nullable=one.nullable)
        for one in table.columns
    ]
    strict = {"sqlite_strict": True, "sqlite_with_rowid": False}
    free = Table(f"free_{table.name}", metadata, *columns, **strict)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            free.append_constraint(UniqueConstraint(*(one.name for one in constraint.columns)))
    for index in table.indexes:
        Index(f"free_{index.name}", *(free.columns[one.name] for one in index.columns))
    return free


OURS = (ENTRY, POSTING, ENTRY_SEAL)
_APART = MetaData()
FREE = tuple(_free(table, _APART) for table in OURS)


def _draft(key: str, *, debit: str = STRIPE, credit: str = SUSPENSE, on: date = ON) -> Draft:
    lines = (Line(debit, Money(100, "EUR")), Line(credit, Money(-100, "EUR")))
    return Draft(key, "opening", on, "bench", key, lines)


def _rows(accounts: dict[str, Any], key: str) -> tuple[Any, list[Any], Any]:
    """Write what one entry's rows look like, made beforehand: a bare insert does nothing else."""
    entry_id = uuid7(AT)
    entry = {
        "id": entry_id,
        "idem_key": key,
        "idem_hash": secrets.token_bytes(32),
        "kind": "opening",
        "effective_on": ON,
        "recorded_at": AT,
        "actor_id": None,
        "memo": None,
        "reverses_id": None,
        "source_type": "bench",
        "source_id": key,
    }
    postings = [
        {
            "entry_id": entry_id,
            "line": line,
            "account_id": accounts[code],
            "currency": "EUR",
            "amount": amount,
        }
        for line, code, amount in ((1, STRIPE, 100), (2, SUSPENSE, -100))
    ]
    seal = {"entry_id": entry_id, "hash": bytes(32), "salt": bytes(16), "canon_version": 1}
    return entry, postings, seal


def _bare(
    session: Session, rows: Sequence[tuple[Any, list[Any], Any]], tables: Sequence[Table] = OURS
) -> None:
    connection = session.connection()
    entries, postings, seals = tables
    for entry, lines, seal in rows:
        connection.execute(insert(entries), entry)
        connection.execute(insert(postings), lines)
        connection.execute(insert(seals), seal)


def _bare_many(
    session: Session, rows: Sequence[tuple[Any, list[Any], Any]], tables: Sequence[Table] = OURS
) -> None:
    connection = session.connection()
    entries, postings, seals = tables
    connection.execute(insert(entries), [entry for entry, _, _ in rows])
    connection.execute(insert(postings), [one for _, lines, _ in rows for one in lines])
    connection.execute(insert(seals), [seal for _, _, seal in rows])


def _post(session: Session, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        journal.post(session, draft, at=AT)


def _post_many(session: Session, drafts: Sequence[Draft]) -> None:
    journal.post_many(session, drafts, at=AT)


def _posting(database: Database, size: int) -> float:
    """Compare, turn by turn; the guarded sides go through the same guards."""
    with database.reading() as session:
        rows = session.execute(select(Account.code, Account.id))
        accounts = {row.code: row.id for row in rows}
    sides: list[tuple[str, Callable[..., None], Callable[..., None]]] = [("post", _bare, _post)]
    if size > 1:
        sides.append(("post_many", _bare_many, _post_many))
    told = 0.0
    for name, bare, ours in sides:
        taken: dict[str, list[float]] = {"free": [], "bare": [], "ours": []}
        for turn in range(ROUNDS):
            key = f"{name}:{size}:{turn}"
            for side, verb, tables in (("free", bare, FREE), ("bare", bare, OURS)):
                made = [_rows(accounts, f"{side}:{key}:{n}") for n in range(ENTRIES)]
                taken[side].append(_timed(database, verb, made, size, tables))
            drafts = [_draft(f"{key}:{n}") for n in range(ENTRIES)]
            taken["ours"].append(_timed(database, ours, drafts, size))
        slow, fast, free = (median(taken[side]) for side in ("ours", "bare", "free"))
        told = ENTRIES / slow
        print(
            f"{database.name}: {name}, {size} a commit: {told:.0f}/s,"
            f" bare insert {ENTRIES / fast:.0f}/s, ratio {fast / slow:.2f} (0.60 wanted);"
            f" without guards {ENTRIES / free:.0f}/s, ratio {free / slow:.2f}"
        )
    return told


def _timed(
    database: Database, verb: Callable[..., None], rows: Sequence[Any], size: int, *more: Any
) -> float:
    began = time.perf_counter()
    for start in range(0, len(rows), size):
        database.run(verb, rows[start : start + size], *more)
    return time.perf_counter() - began


def _standing(database: Database) -> None:
    """Compare the balance of a long account with that of a short one, once a month is closed."""
    books.fill(database, 500, "quiet", at=OCTOBER, debit=QUIET, credit=SUSPENSE)
    _counted(database)
    [open_] = _asked(database, BUSY)
    began = time.perf_counter()
    for verb in (periods.begin_close, periods.lock):
        database.run(verb, OCTOBER.date().replace(day=1))
    closing = time.perf_counter() - began
    long_, short = _asked(database, BUSY, QUIET)
    print(
        f"{database.name}: balance over {VERIFIED // 2} postings {long_ * 1e3:.2f} ms, over 500"
        f" {short * 1e3:.2f} ms, ratio {long_ / short:.1f} (at most 3 wanted); before the close"
        f" {open_ * 1e3:.2f} ms; the close took {closing:.1f} s"
    )


def _asked(database: Database, *codes: str) -> list[float]:
    """Ask in turns, so that whatever else the machine does falls on each alike."""
    taken: dict[str, list[float]] = {code: [] for code in codes}
    for _ in range(50):
        for code, times in taken.items():
            with database.reading() as session:
                began = time.perf_counter()
                balances.balance(session, code)
                times.append(time.perf_counter() - began)
    return [median(times) for times in taken.values()]


def _verified(url: str) -> None:
    """Verify twice as much in twice the time, in a process of its own, so that memory counts."""
    told = []
    for name, debit in (("first", BUSY), ("second", STRIPE)):
        with _opened(url) as database:
            books.fill(database, VERIFIED // 2, name, at=OCTOBER, debit=debit, credit=SUSPENSE)
            _counted(database)
        told.append(_in_a_child(url))
    for entries, seconds, own, megabytes in told:
        print(
            f"{url.partition(':')[0]}: verified {entries} entries in {seconds:.1f} s,"
            f" {entries / seconds:.0f}/s, {own:.1f} s of them its own work, {megabytes} MB at most"
            " (300 wanted)"
        )


def _in_a_child(url: str) -> tuple[int, float, float, int]:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_verify_here, (url,))


def _verify_here(url: str) -> tuple[int, float, float, int]:
    with _opened(url) as database:
        began, worked = time.perf_counter(), time.process_time()
        report = verify(database)
        taken, own = time.perf_counter() - began, time.process_time() - worked
    if report.faults:
        sys.exit(f"verify: {report.faults[:3]}")
    # The kernel's own mark of this process; getrusage would also count who started it.
    marks = Path("/proc/self/status").read_text(encoding="utf-8")
    [peak] = re.findall(r"^VmHWM:\s+(\d+) kB", marks, re.MULTILINE)
    return report.entries, taken, own, int(peak) // 1024


def _hot(url: str) -> None:
    """Compare sixteen writers at one account with sixteen at an account each."""
    with _opened(url) as database:
        for number in range(WRITERS):
            database.run(chart.open_account, chart.bank(f"C{number}"), at=AT, currency="EUR")
    taken: dict[str, list[float]] = {"hot": [], "spread": []}
    for turn in range(3):
        for name, rounds in taken.items():
            rounds.append(_together(url, name, turn))
    hot, spread = median(taken["hot"]), median(taken["spread"])
    done = WRITERS * (EACH)
    print(
        f"postgresql: {WRITERS} writers, one hot account {done / hot:.0f}/s, spread"
        f" {done / spread:.0f}/s, ratio {spread / hot:.2f} (0.70 wanted)"
    )


def _together(url: str, name: str, turn: int) -> float:
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(WRITERS + 1)
    writers = [
        context.Process(target=_writer, args=(url, name, turn, number, ready))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    ready.wait()
    began = time.perf_counter()
    for writer in writers:
        writer.join()
    return time.perf_counter() - began


def _peer(url: str, ours: dict[int, float]) -> None:
    """Compare with django-hordak, in a venv that is thrown away."""
    if not FULL:
        print(f"{HORDAK}: FULL=1 installs it and compares")
        return
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        python = f"{folder}/bin/python"
        venv.create(folder, with_pip=True)
        wanted = [HORDAK, "django>=5,<6", "dj-database-url", "psycopg[binary]"]
        made = _said([python, "-m", "pip", "install", "-q", *wanted])
        if made.returncode:
            print(f"{HORDAK}: peer not installed: {made.stderr.strip().splitlines()[-1]}")
            return
        script = Path(__file__).with_name("hordak_peer.py")
        for size, rate in ours.items():
            told = _said([python, "-P", str(script), url, "1000", str(size)])
            if told.returncode:
                print(f"{HORDAK}: does not run: {told.stderr.strip().splitlines()[-1]}")
                return
            peer = float(told.stdout)
            print(
                f"postgresql: {size} a commit, {rate:.0f}/s, {HORDAK} {peer:.0f}/s,"
                f" ratio {rate / peer:.1f} (3 wanted)"
            )


def _said(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _writer(url: str, name: str, turn: int, number: int, ready: Any) -> None:
    credit = SUSPENSE if name == "hot" else chart.bank(f"C{number}")
    debit = STRIPE if name == "hot" else chart.bank(f"C{(number + 1) % WRITERS}")
    with _opened(url, pool_size=1) as database:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
        ready.wait()
        for n in range(EACH):
            draft = _draft(f"{name}:{turn}:{number}:{n}", debit=debit, credit=credit)
            database.run(journal.post, draft, at=AT)
