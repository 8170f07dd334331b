"""How fast does the catch-up book what no event told, beside the bare entry of the same rows?

One run, one machine, both engines: entries posted one a transaction and a hundred a transaction,
then the catch-up over gifts of which no event came. Its memory is the kernel's own mark after a
tenth and after all. A tenth of the stated size by default, ``FULL=1`` the 100,000.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, insert

from offset.database import migrate
from offset.database.session import Database
from offset.database.types import uuid7
from offset.giving import catch_up
from offset.giving.models import Donation, DonationStatus, Overflow
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    Facts,
    Moved,
    Notice,
    PayoutFacts,
    SubscriptionFacts,
)
from offset.ledger import entries, journal
from offset.ledger.entries import Movement
from offset.money import Money
from offset.people import installation
from offset.people.installation import Mode
from tests import servers
from tests.builders.giving import an_open_gift
from tests.fakes_giving import FakeProcessor
from tests.models import load_models

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
FULL = bool(os.environ.get("FULL"))
MOVEMENTS = 100_000 if FULL else 10_000
BARE = 4_000 if FULL else 1_000
PAGE = 100
_KB = 1024

load_models()


def payments() -> None:
    """Time the catch-up on each engine, and count what a pledge asks."""
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        url = f"sqlite:///{folder}/offset.db"
        migrate.upgrade(url)
        _room(url)
    with servers.postgres() as server:
        migrate.upgrade(server)
        _room(server)


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a name to guess


def _room(url: str) -> None:
    database = Database(url, owner=True)
    database.run(installation.prepare, Mode.DEMO, at=AT)
    try:
        _pledge(database)
        single, batch = _bare(database, 1), _bare(database, PAGE)
        ids = _pledged(database)
        lists = Lists(ids)
        started, before = time.perf_counter(), _memory()
        found = catch_up.catch_up(database, lists, at=AT + timedelta(hours=2))
        rate = found.movements / (time.perf_counter() - started)
        again = time.perf_counter()
        catch_up.catch_up(database, lists, at=AT, since=AT - timedelta(days=1))
        known = MOVEMENTS / (time.perf_counter() - again)
    finally:
        database.dispose()
    print(
        f"{database.name:<11} {found.movements:>7} movements booked {rate:>7.0f}/s"
        f"  bare post {single:>6.0f}/s one a commit (x{rate / single:.2f}),"
        f" {batch:>6.0f}/s a hundred (x{rate / batch:.2f});"
        f" known ones passed over {known:>7.0f}/s;"
        f" memory {before:.0f} MB before, {lists.marks[0]:.0f} after a tenth,"
        f" {_memory():.0f} after all"
    )


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KB


def _bare(database: Database, size: int) -> float:
    """Post entries of a gift's five lines and nothing else."""
    started = time.perf_counter()
    for start in range(0, BARE, size):
        database.run(
            lambda session, first: [
                journal.post(session, _draft(f"bare {size} {n}"), at=AT)
                for n in range(first, first + size)
            ],
            start,
        )
    return BARE / (time.perf_counter() - started)


def _draft(key: str) -> entries.Draft:
    return entries.gift_settled(
        Movement(key, AT.date(), "charge"),
        gross=Money(6_000, "EUR"),
        fee=Money(115, "EUR"),
        share=Money(300, "EUR"),
    )


def _pledge(database: Database) -> None:
    """Count the statements and the calls of one pledge."""
    processor, told = FakeProcessor(AT), []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        # Each transaction begins with a word of the engine's own.
        if not statement.startswith(("BEGIN", "SET LOCAL")):
            told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    an_open_gift(database, processor, at=AT)
    event.remove(database.engine, "before_cursor_execute", note)
    print(
        f"{database.name:<11} a pledge with its page: {len(told)} statements,"
        f" {len(processor.requests)} call to the processor"
    )


def _pledged(database: Database) -> list[str]:
    """Write pledges as ``donations.pledge`` leaves them, many at once."""
    ids = []
    for start in range(0, MOVEMENTS, 1_000):
        rows = [_row(n) for n in range(start, min(start + 1_000, MOVEMENTS))]
        ids += [str(row["id"]) for row in rows]
        database.run(lambda session, some: session.execute(insert(Donation), some), rows)
    return ids


def _row(number: int) -> dict[str, object]:
    return {
        "id": uuid7(AT),
        "reference": f"BENCH-{number}",
        "token": f"bench token {number}",
        "created_at": AT,
        "status": DonationStatus.CREATED,
        "changed_at": AT,
        "language": "en",
        "currency": "EUR",
        "amount": 6_000,
        "overflow": Overflow.POOL,
        "share_bp": 500,
        "share_version": 0,
        "rate_version": 0,
        "wording_version": 1,
        "sentences": {},
    }


class Lists:
    """A processor's lists, made while they are read; nothing of them is kept."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = ids
        self.marks: list[float] = []

    def read(self, raw: bytes, signature: str, *, at: datetime) -> Notice:
        raise NotImplementedError

    def charge_of(self, payment_intent_id: str) -> ChargeFacts | None:
        raise NotImplementedError

    def again(self, payload: object) -> Notice:
        raise NotImplementedError

    def reread(self, object_id: str) -> Facts | None:
        raise NotImplementedError

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        del since
        return iter(())

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        del since
        return iter(())

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        return iter(())

    def movements_since(self, since: datetime) -> Iterator[Moved]:
        del since
        for number, donation_id in enumerate(self._ids):
            if number == len(self._ids) // 10:
                self.marks.append(_memory())
            yield _moved(number, donation_id)


def _moved(number: int, donation_id: str) -> Moved:
    charge_id = f"ch_bench_{number}"
    movement = BalanceTransaction(
        id=f"txn_bench_{number}",
        reporting_category="charge",
        type="charge",
        amount=Money(6_000, "EUR"),
        fee=Money(115, "EUR"),
        net=Money(5_885, "EUR"),
        created=AT,
        available_on=AT,
        source_id=charge_id,
        exchange_rate=None,
    )
    charge = ChargeFacts(
        charge_id=charge_id,
        payment_intent_id=f"pi_bench_{number}",
        donation_id=donation_id,
        status="succeeded",
        presented=Money(6_000, "EUR"),
        movement=movement,
        method="card",
        email=f"donor{number}@example.org",
        name="Ada",
    )
    return Moved(movement=movement, source=charge)
