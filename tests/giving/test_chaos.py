"""Does a month come out the same whatever happens to its events, its API and its people's luck?"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.ledger import verify
from tests.builders.stripe import an_account
from tests.fakes import FrozenClock
from tests.giving.month import CALM, SILENCE, STORM, Month, Trouble

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
# The figures of the issue take hours; ``OFFSET_CHAOS_SEEDS=200`` asks for them.
SEEDS = int(os.environ.get("OFFSET_CHAOS_SEEDS", "20")) if SOAK else 3
FIRST = int(os.environ.get("OFFSET_CHAOS_FIRST", "0")) if SOAK else 0
SIZE = 24 if SOAK else 10
LARGE = 400


@contextmanager
def a_month(
    database: Database, folder: Path, at: datetime, *, seed: int, size: int, trouble: Trouble
) -> Iterator[Month]:
    clock = FrozenClock(at)
    folder.mkdir(exist_ok=True)
    with an_account(folder, clock) as account:
        month = Month(database, account, clock, seed, size, trouble)
        month.live()
        yield month


def settled(month: Month) -> None:
    """Whatever the weather: the account agrees, nothing is unexplained, receipts are right."""
    found = month.books()
    assert [one.unexplained.minor for one in month.compared()] == [0] * len(month.compared())
    assert not [code for code in found if code.startswith("Equity:Suspense:")]
    assert not [code for code in found if code.startswith("Liabilities:Unidentified:")]
    under_way = sum(
        gross if gross is not None else 0
        for kind, _, gross, *_ in month.outcomes()
        if kind == "dispute_open"
    )
    assert found.get("Assets:Receivable:Disputes:EUR", 0) == under_way
    # A refund that came back is owed until somebody pays it otherwise: only what was sourced.
    owed = sum(sourced - refunded for _, _, _, refunded, sourced, _ in month.outcomes())
    assert -found.get("Liabilities:Refunds:EUR", 0) == owed
    assert month.receipts_owed() == []
    assert verify.verify(month.database).faults == ()


@pytest.fixture
def other(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A second fresh SQLite database beside ``embedded``."""
    path = tmp_path / "other.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


# Three small months by default, one of them on PostgreSQL; as many as asked for in a soak. The
# middle one of each three hears of nothing but what the processor's lists of money say.
CASES = [
    pytest.param(seed, engine, marks=[pytest.mark.postgres] if engine == "server" else [])
    for seed in range(FIRST, FIRST + SEEDS)
    for engine in ("other", "server")
    if SOAK or (engine == "server") is (seed == SEEDS - 1)
]


@pytest.mark.parametrize(("seed", "engine"), CASES)
def test_a_stormy_month_ends_as_the_calm_one(  # noqa: PLR0917 - fixtures come by name
    request: pytest.FixtureRequest,
    embedded: Database,
    tmp_path: Path,
    at: datetime,
    seed: int,
    engine: str,
) -> None:
    trouble = SILENCE if seed % 3 == 1 else STORM
    with a_month(embedded, tmp_path / "calm", at, seed=seed, size=SIZE, trouble=CALM) as calm:
        settled(calm)
        books, outcomes, promises = calm.books(), calm.outcomes(), calm.promises()
    stormy = request.getfixturevalue(engine)
    with a_month(stormy, tmp_path / "storm", at, seed=seed, size=SIZE, trouble=trouble) as storm:
        settled(storm)
        assert storm.outcomes() == outcomes
        assert storm.promises() == promises
        assert storm.books() == books


if SOAK:

    def test_a_month_of_several_hundred_gifts(
        embedded: Database, other: Database, tmp_path: Path, at: datetime
    ) -> None:
        with a_month(embedded, tmp_path / "calm", at, seed=7, size=LARGE, trouble=CALM) as calm:
            settled(calm)
            books, outcomes = calm.books(), calm.outcomes()
        with a_month(other, tmp_path / "storm", at, seed=7, size=LARGE, trouble=STORM) as storm:
            settled(storm)
            assert (storm.outcomes(), storm.books()) == (outcomes, books)
