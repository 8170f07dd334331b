"""Can twenty-four processes spend the last 100.00 EUR more than once?"""

import multiprocessing
import uuid
from collections.abc import Sequence
from datetime import datetime

import pytest

from offset.database.session import Database
from offset.ledger import verify
from tests.builders.giving import Given, a_donation, an_epoch, books, row_of, two_people
from tests.builders.projects import admitted
from tests.fakes_giving import FakeProcessor
from tests.giving.spender import spend

SPENDERS = 24
GIFTS = 8


def race(database: Database, gifts: Sequence[uuid.UUID], at: datetime) -> list[int | str]:
    """Let every spender begin at the same moment and collect what each says."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.giving.spender"])
    together, told = context.Barrier(len(gifts)), context.Queue()
    url = database.engine.url.render_as_string(hide_password=False)
    spenders = [
        context.Process(target=spend, args=(url, gift, at, together, told)) for gift in gifts
    ]
    for one in spenders:
        one.start()
    answers: list[int | str] = [told.get(timeout=180) for _ in spenders]
    for one in spenders:
        one.join(timeout=30)
    return answers


def once(answers: list[int | str]) -> bool:
    """Exactly one spender moved the hundred, and nobody failed."""
    return sorted(answers, key=str) == sorted([0] * (len(answers) - 1) + [10_000], key=str)


@pytest.mark.slow
def test_the_last_hundred_euros_of_a_pool_are_spent_once(database: Database, at: datetime) -> None:
    way = database.run(admitted, at=at)
    given = a_hundred(database, FakeProcessor(at), at)
    assert books(database)["Liabilities:Fund:Pool:EUR"] == -10_000
    an_epoch(database, two_people(database, at=at), {way.project_id: 1}, at=at)
    answers = race(database, [given.id] * SPENDERS, at)
    assert once(answers), answers
    found = books(database)
    assert found["Liabilities:Project:P0001:EUR"] == -10_000
    assert "Liabilities:Fund:Pool:EUR" not in found
    assert row_of(database, given.id).unallocated == 0
    assert verify.verify(database).faults == ()


@pytest.mark.slow
@pytest.mark.postgres
def test_the_last_room_of_a_project_is_filled_once(server: Database, at: datetime) -> None:
    """Eight gifts want a project with room for 100.00; only the pool's lock orders them.

    On PostgreSQL alone: SQLite has one writer by nature, as the test above shows.
    """
    processor = FakeProcessor(at)
    way = server.run(admitted, at=at, ceiling="100.00")
    gifts = [a_hundred(server, processor, at) for _ in range(GIFTS)]
    an_epoch(server, two_people(server, at=at), {way.project_id: 1}, at=at)
    answers = race(server, [one.id for one in gifts], at)
    assert once(answers), answers
    found = books(server)
    assert found["Liabilities:Project:P0001:EUR"] == -10_000
    assert found["Liabilities:Fund:Pool:EUR"] == -10_000 * (GIFTS - 1)
    assert verify.verify(server).faults == ()


def a_hundred(database: Database, processor: FakeProcessor, at: datetime) -> Given:
    """A gift of which exactly 100.00 is for projects: 107.22 less 1.86 fee and 5.36 share."""
    return a_donation(database, processor, at=at, amount="107.22 EUR")
