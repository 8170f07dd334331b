"""What does a process do that keeps books, month after month, until somebody kills it?"""

import os
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from offset.database.session import Database
from offset.ledger import checkpoints, journal, periods
from offset.ledger.periods import PeriodStatus
from tests.builders.ledger import a_gift
from tests.models import load_models

load_models()

# `make soak` keeps books for longer.
MONTHS = tuple(
    date(2020 + n // 12, n % 12 + 1, 1)
    for n in range(60 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 9)
)
GIFTS = 4


def keep(url: str, answered: Path) -> None:
    """Post, checkpoint and close each month; note each commit before the next begins.

    What was done before the last kill is done again and must change nothing.
    """
    database = Database(url, pool_size=1)
    known = set(answered.read_text().split())
    with answered.open("a") as told:

        def say(what: str) -> None:
            if what not in known:
                told.write(f"{what}\n")
                told.flush()
                os.fsync(told.fileno())

        for first in MONTHS:
            _keep_month(database, first, say)
    database.dispose()


def _keep_month(database: Database, first: date, say: Callable[[str], None]) -> None:
    last = monthrange(first.year, first.month)[1]
    at = datetime(first.year, first.month, last, 12, tzinfo=UTC)
    number = first.year * 10_000 + first.month * 100
    drafts = [a_gift(number + n, on=first.replace(day=last)) for n in range(GIFTS)]
    for draft in drafts[:2]:
        database.run(journal.post, draft, at=at)
        say(draft.idem_key)
    database.run(journal.post_many, drafts[2:], at=at)
    for draft in drafts[2:]:
        say(draft.idem_key)
    view = database.run(checkpoints.take, at=at)
    if view is not None:
        say(f"root:{view.n}:{view.root.hex()}")
    with database.reading() as session:
        [state] = [one.status for one in periods.months(session) if one.starts_on == first]
    if state is PeriodStatus.OPEN:
        database.run(periods.begin_close, first)
    if state is not PeriodStatus.LOCKED:
        database.run(periods.lock, first, at=at)
        say(f"locked:{first}")
