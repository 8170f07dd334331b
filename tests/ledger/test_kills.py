"""Is anything left half-written when a process that keeps books is killed?"""

import multiprocessing
import random
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.ledger import periods
from offset.ledger.models import Checkpoint, Entry
from offset.ledger.periods import PeriodStatus
from offset.ledger.verify import verify
from tests.ledger.closer import GIFTS, MONTHS, keep

KILLS = len(MONTHS) // 3
# Facts between two kills: within posting, a checkpoint and a close alike.
APART = (5, 14)


@pytest.mark.slow
def test_a_killed_bookkeeper_leaves_whole_entries_whole_months_and_whole_roots(
    database: Database, tmp_path: Path
) -> None:
    answered = tmp_path / "answered"
    answered.touch()
    url = database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.closer"])
    chance = random.Random(11)  # noqa: S311 - a moment, no secret
    for _ in range(KILLS):
        wanted = len(answered.read_text().split()) + chance.randint(*APART)
        child = context.Process(target=keep, args=(url, answered))
        child.start()
        while child.is_alive() and len(answered.read_text().split()) < wanted:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.01))
        child.kill()
        child.join()
        assert child.exitcode != 0, "nothing was killed: the bookkeeper had finished"
        _nothing_half(database, set(answered.read_text().split()))
    keep(url, answered)
    with database.reading() as session:
        assert len(session.scalars(select(Entry.idem_key)).all()) == GIFTS * len(MONTHS)
        assert {one.status for one in periods.months(session)} == {PeriodStatus.LOCKED}
    assert verify(database).faults == ()


def _nothing_half(database: Database, acknowledged: set[str]) -> None:
    """Everything that was acknowledged stands, and whatever stands is whole."""
    report = verify(database)
    assert report.faults == ()
    with database.reading() as session:
        stored = set(session.scalars(select(Entry.idem_key)))
        stored |= {f"root:{one.n}:{one.root.hex()}" for one in session.scalars(select(Checkpoint))}
        for month in periods.months(session):
            if month.status is PeriodStatus.LOCKED:
                stored.add(f"locked:{month.starts_on}")
                assert len(periods.closings(session, month.starts_on)) == 1
    assert acknowledged <= stored
    assert report.entries == len({key for key in stored if key.startswith("stripe:")})
