"""Does an event book once when it comes many times at once, or when the process is killed?"""

import multiprocessing
import pickle
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from offset.database.session import Database
from offset.giving.models import ProcessorEvent
from offset.ledger import verify
from tests.builders.giving import an_open_gift, books, deliver
from tests.fakes_giving import FakeProcessor, Sent
from tests.giving.receiver import take_in

GIFTS = 100
KILLS = 4


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Run every act in a thread of its own, all at the same moment."""
    start = threading.Barrier(len(acts))
    answers: list[object] = []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers


def test_an_event_delivered_eight_times_at_once_is_booked_once(
    database: Database, at: datetime
) -> None:
    processor = FakeProcessor(at)
    given = an_open_gift(database, processor, at=at, amount="60.00 EUR")
    charge, _ = processor.pay(given.session_id)
    answers = together([_delivery(database, processor, charge, at)] * 8)
    assert sorted(map(str, answers)) == ["done"] + ["duplicate"] * 7
    assert books(database)["Liabilities:Fund:Pool:EUR"] == -5585
    assert verify.verify(database).faults == ()


def test_two_events_of_one_payment_at_once_are_one_gift(database: Database, at: datetime) -> None:
    processor = FakeProcessor(at)
    given = an_open_gift(database, processor, at=at, amount="60.00 EUR")
    sent = processor.pay(given.session_id)
    answers = together([_delivery(database, processor, one, at) for one in sent])
    assert answers == ["done", "done"]
    assert books(database)["Liabilities:Fund:Pool:EUR"] == -5585


@pytest.mark.slow
def test_a_process_killed_while_it_takes_in_two_hundred_events_loses_and_doubles_nothing(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    processor = FakeProcessor(at)
    for number in range(GIFTS):
        given = an_open_gift(database, processor, at=at, amount=f"{10 + number}.00 EUR")
        processor.pay(given.session_id)
    kept, answered = tmp_path / "processor", tmp_path / "answered"
    kept.write_bytes(pickle.dumps(processor))
    answered.touch()
    url = database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.giving.receiver"])
    chance = random.Random(7)  # noqa: S311 - a moment, no secret
    for _ in range(KILLS):
        child = context.Process(target=take_in, args=(url, kept, answered, at))
        child.start()
        wanted = len(answered.read_text().split()) + chance.randint(10, 30)
        while child.is_alive() and len(answered.read_text().split()) < wanted:
            time.sleep(0.002)
        child.kill()
        child.join()
    acknowledged = set(answered.read_text().split())
    with database.reading() as session:
        stored = set(session.scalars(select(ProcessorEvent.event_id)))
    assert acknowledged <= stored
    take_in(url, kept, answered, at)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProcessorEvent)) == 2 * GIFTS
    assert books(database)["Assets:Stripe:EUR"] == processor.balance()
    assert verify.verify(database).faults == ()


def _delivery(
    database: Database, processor: FakeProcessor, sent: Sent, at: datetime
) -> Callable[[], object]:
    return lambda: deliver(database, processor, sent, at=at).status
