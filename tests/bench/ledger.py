"""How fast do the books take entries, beside a bare insert of the same rows?

Ratios within one run, on both engines: the two sides take turns, and the median of the rounds is
told. A tenth of the stated sizes by default, ``FULL=1`` runs them whole. SQLite has one writer by
nature, so hot and spread accounts are compared on PostgreSQL alone.
"""

import multiprocessing
import os
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from statistics import median
from typing import Any

from sqlalchemy import insert, select, text
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
from tests.models import load_models

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
ON = date(2026, 11, 14)
STRIPE, SUSPENSE = chart.stripe("EUR"), chart.suspense("EUR")
FULL = bool(os.environ.get("FULL"))
ENTRIES = 2_000 if FULL else 400
ROUNDS = 5
HELD = 500_000 if FULL else 50_000
VERIFIED = 1_000_000 if FULL else 100_000
WRITERS = 16
_WORD_MB = 1024

load_models()


def ledger() -> None:
    """Time posting, balances and verification on each engine."""
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        url = f"sqlite:///{folder}/offset.db"
        migrate.upgrade(url)
        _room(url)
    with servers.postgres() as server:
        migrate.upgrade(server)
        _room(server)
        _hot(server)
    print("django-hordak: peer not installed, not compared")


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a name to guess


def _room(url: str) -> None:
    with _opened(url) as database:
        _warm(database)
        for size in (1, 100):
            _posting(database, size)
        _standing(database)
    _verified(url)


@contextmanager
def _opened(url: str, pool_size: int = 10) -> Iterator[Database]:
    database = Database(url, owner=True, pool_size=pool_size)
    try:
        yield database
    finally:
        database.dispose()


def _warm(database: Database) -> None:
    """Fill a little and let the server count it: its plans are then those of real books."""
    _load(database, 1_000, "warm")
    if database.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as said:
            said.execute(text("ANALYZE"))


def _draft(key: str, *, debit: str = STRIPE, credit: str = SUSPENSE, on: date = ON) -> Draft:
    lines = (Line(debit, Money(100, "EUR")), Line(credit, Money(-100, "EUR")))
    return Draft(key, "opening", on, "bench", key, lines)


def _load(database: Database, entries: int, name: str, *, at: datetime = AT, **said: Any) -> None:
    for start in range(0, entries, 1_000):
        batch = [_draft(f"{name}:{n}", **said) for n in range(start, min(start + 1_000, entries))]
        database.run(journal.post_many, batch, at=at)


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


def _bare(session: Session, rows: Sequence[tuple[Any, list[Any], Any]]) -> None:
    connection = session.connection()
    for entry, postings, seal in rows:
        connection.execute(insert(ENTRY), entry)
        connection.execute(insert(POSTING), postings)
        connection.execute(insert(ENTRY_SEAL), seal)


def _bare_many(session: Session, rows: Sequence[tuple[Any, list[Any], Any]]) -> None:
    connection = session.connection()
    connection.execute(insert(ENTRY), [entry for entry, _, _ in rows])
    connection.execute(insert(POSTING), [one for _, postings, _ in rows for one in postings])
    connection.execute(insert(ENTRY_SEAL), [seal for _, _, seal in rows])


def _post(session: Session, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        journal.post(session, draft, at=AT)


def _post_many(session: Session, drafts: Sequence[Draft]) -> None:
    journal.post_many(session, drafts, at=AT)


def _posting(database: Database, size: int) -> None:
    """Compare, turn by turn; the rows of both sides go through the same guards."""
    with database.reading() as session:
        rows = session.execute(select(Account.code, Account.id))
        accounts = {row.code: row.id for row in rows}
    sides: list[tuple[str, Callable[..., None], Callable[..., None]]] = [("post", _bare, _post)]
    if size > 1:
        sides.append(("post_many", _bare_many, _post_many))
    for name, bare, ours in sides:
        taken: dict[str, list[float]] = {"bare": [], "ours": []}
        for turn in range(ROUNDS):
            key = f"{name}:{size}:{turn}"
            made = [_rows(accounts, f"bare:{key}:{n}") for n in range(ENTRIES)]
            drafts = [_draft(f"{key}:{n}") for n in range(ENTRIES)]
            taken["bare"].append(_timed(database, bare, made, size))
            taken["ours"].append(_timed(database, ours, drafts, size))
        slow, fast = median(taken["ours"]), median(taken["bare"])
        print(
            f"{database.name}: {name}, {size} an entry's commit: {ENTRIES / slow:.0f}/s,"
            f" bare insert {ENTRIES / fast:.0f}/s, ratio {fast / slow:.2f} (0.60 wanted)"
        )


def _timed(database: Database, verb: Callable[..., None], rows: Sequence[Any], size: int) -> float:
    began = time.perf_counter()
    for start in range(0, len(rows), size):
        database.run(verb, rows[start : start + size])
    return time.perf_counter() - began


def _standing(database: Database) -> None:
    """Compare the balance of a long account with that of a short one, once a month is closed."""
    busy, quiet = chart.bank("B8"), chart.bank("B9")
    for code in (busy, quiet):
        database.run(chart.open_account, code, at=AT, currency="EUR")
    october = {"at": datetime(2026, 10, 5, tzinfo=UTC), "on": date(2026, 10, 5)}
    _load(database, HELD, "busy", debit=busy, **october)
    _load(database, 500, "quiet", debit=quiet, **october)
    open_ = _asked(database, busy)
    for verb in (periods.begin_close, periods.lock):
        database.run(verb, date(2026, 10, 1))
    long_, short = _asked(database, busy), _asked(database, quiet)
    print(
        f"{database.name}: balance over {HELD} postings {long_ * 1e3:.2f} ms, over 500"
        f" {short * 1e3:.2f} ms, ratio {long_ / short:.1f} (3 wanted); before the close"
        f" {open_ * 1e3:.2f} ms"
    )


def _asked(database: Database, code: str) -> float:
    taken = []
    for _ in range(30):
        with database.reading() as session:
            began = time.perf_counter()
            balances.balance(session, code)
            taken.append(time.perf_counter() - began)
    return median(taken)


def _verified(url: str) -> None:
    """Verify twice as much in twice the time, in a process of its own, so that memory counts."""
    told = []
    with _opened(url) as database:
        with database.reading() as session:
            there = sum(1 for _ in session.execute(select(ENTRY.c.id)))
        for size in (VERIFIED // 2, VERIFIED):
            _load(database, max(0, size - there), f"verified:{size}")
            there = max(there, size)
            told.append((there, *_in_a_child(url)))
    for entries, seconds, megabytes in told:
        print(
            f"{url.partition(':')[0]}: verified {entries} entries in {seconds:.1f} s,"
            f" {entries / seconds:.0f}/s, {megabytes} MB at most (300 wanted)"
        )


def _in_a_child(url: str) -> tuple[float, int]:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_verify_here, (url,))


def _verify_here(url: str) -> tuple[float, int]:
    load_models()
    with _opened(url) as database:
        began = time.perf_counter()
        report = verify(database)
        taken = time.perf_counter() - began
    # The bare rows of this bench carry no true seal; nothing else may be wrong.
    wrong = [fault for fault in report.faults if "does not match" not in fault]
    if wrong:
        sys.exit(f"verify: {wrong[:3]}")
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _WORD_MB


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
    done = WRITERS * (ENTRIES // 8)
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


def _writer(url: str, name: str, turn: int, number: int, ready: Any) -> None:
    credit = SUSPENSE if name == "hot" else chart.bank(f"C{number}")
    debit = STRIPE if name == "hot" else chart.bank(f"C{(number + 1) % WRITERS}")
    with _opened(url, pool_size=1) as database:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
        ready.wait()
        for n in range(ENTRIES // 8):
            draft = _draft(f"{name}:{turn}:{number}:{n}", debit=debit, credit=credit)
            database.run(journal.post, draft, at=AT)
