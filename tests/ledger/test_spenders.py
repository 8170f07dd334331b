"""Twenty-four processes spend the last 100.00 EUR of a fund: exactly one succeeds."""

import multiprocessing
import os
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from queue import Queue

import pytest
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import LedgerRefused, TryLater
from offset.ledger import balances, chart, journal
from offset.ledger.verify import verify
from tests.builders.ledger import a_gift, an_entry, eur

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
POOL, SAHEL = chart.pool("EUR"), chart.restricted("Sahel", "EUR")
SPENDERS = 24
# Those who lock and look are stopped before the guard: fewer of them show it, except in a soak.
CAREFUL = SPENDERS if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 8


def spend(session: Session, number: int, *, careful: bool) -> None:
    """Move the whole pool elsewhere; a careful spender locks and looks first."""
    if careful:
        balances.lock(session, [POOL])
        if balances.held(session, POOL) < eur("100.00"):
            raise LedgerRefused("floor_breached")
    draft = an_entry((POOL, 10_000), (SAHEL, -10_000), key=f"spend:{number}")
    journal.post(session, draft, at=AT)


def spender(
    url: str,
    number: int,
    careful: bool,  # noqa: FBT001 - a process takes its arguments by place
    ready: Barrier,
    said: "Queue[str]",
) -> None:
    database = Database(url, pool_size=1)
    ready.wait()
    try:
        database.run(spend, number, careful=careful)
        said.put("spent")
    except (LedgerRefused, TryLater) as refusal:
        said.put(refusal.code)
    finally:
        database.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("careful", [True, False], ids=["lock and look", "the guard alone"])
def test_one_of_many_spenders_succeeds(database: Database, careful: bool) -> None:  # noqa: FBT001 - a parameter of the test
    database.run(journal.post, a_gift(gross="100.00", fee="0.00", share="0.00"), at=AT)
    database.run(chart.open_account, SAHEL, at=AT, currency="EUR")
    url = database.engine.url.render_as_string(hide_password=False)
    # A fork must not share a connection with its parent.
    database.dispose()
    context = multiprocessing.get_context("fork")
    many = CAREFUL if careful else SPENDERS
    ready, said = context.Barrier(many), context.Queue()
    processes = [
        context.Process(target=spender, args=(url, number, careful, ready, said))
        for number in range(many)
    ]
    for process in processes:
        process.start()
    answers = sorted(said.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert answers == ["floor_breached"] * (many - 1) + ["spent"]
    with database.reading() as session:
        assert balances.held(session, POOL) == eur("0.00")
        assert balances.held(session, SAHEL) == eur("100.00")
    assert verify(database).faults == ()


def test_gifts_and_spenders_together_lose_nothing(database: Database) -> None:
    """What was acknowledged is stored: every gift counts, and no more was spent than given."""
    database.run(journal.post, a_gift(0), at=AT)
    url = database.engine.url.render_as_string(hide_password=False)
    database.dispose()
    context = multiprocessing.get_context("fork")
    said = context.Queue()
    processes = [
        context.Process(target=give_and_take, args=(url, number, said)) for number in range(4)
    ]
    for process in processes:
        process.start()
    given, taken = (
        sum(column) for column in zip(*(said.get(timeout=60) for _ in processes), strict=True)
    )
    for process in processes:
        process.join()
    with database.reading() as session:
        assert balances.held(session, POOL).minor == 5_585 * (given + 1) - 4_000 * taken
        assert sum(line.balance.minor for line in balances.trial_balance(session)) == 0
    report = verify(database)
    assert report.faults == ()
    assert report.entries == 1 + given + taken


def give_and_take(url: str, number: int, said: "Queue[tuple[int, int]]") -> None:
    database = Database(url, pool_size=1)
    given = taken = 0
    for turn in range(10):
        try:
            if turn % 2:
                database.run(journal.post, a_gift(100 * number + turn), at=AT)
                given += 1
            else:
                draft = an_entry((POOL, 4_000), (SAHEL, -4_000), key=f"spend:{number}:{turn}")
                database.run(journal.post, draft, at=AT)
                taken += 1
        except LedgerRefused as refusal:
            if refusal.code != "floor_breached":
                raise
    database.dispose()
    said.put((given, taken))
