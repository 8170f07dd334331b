"""How long does the closing of a month take, and does ten times the gifts need more memory?

The books of a month are filled, then closed through the verb that the desk uses; the memory is the
highest that Python held during the closing alone. It may not grow with the gifts.
"""

import os
import tempfile
import time
import tracemalloc
from datetime import UTC, date, datetime

from offset.database import migrate
from offset.database.session import Database
from offset.ledger import chart
from offset.people import users
from offset.people.access import SYSTEM, Actor, Role
from offset.treasury import periods
from tests.bench import books
from tests.models import load_models

AT = datetime(2026, 10, 15, 10, tzinfo=UTC)
CLOSED = datetime(2026, 11, 2, 10, tzinfo=UTC)
MONTH = date(2026, 10, 1)
FULL = bool(os.environ.get("FULL"))
GIFTS = 20_000 if FULL else 2_000

load_models()


def month() -> None:
    """Close a month of a tenth of the gifts, and one of all."""
    closed(10)
    few, many = closed(GIFTS // 10), closed(GIFTS)
    for gifts, (seconds, peak) in ((GIFTS // 10, few), (GIFTS, many)):
        print(f"closing a month of {gifts:>6} gifts: {seconds:6.2f} s, {peak / 2**20:6.2f} MiB")
    print(f"memory x{many[1] / few[1]:.2f} for ten times the gifts")


def closed(gifts: int) -> tuple[float, int]:
    """Fill and close a month; return the seconds and the highest memory of the closing."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        url = f"sqlite:///{folder}/offset.db"
        migrate.upgrade(url)
        database = Database(url)
        try:
            roles = frozenset({Role.TREASURER})
            user_id = database.run(
                users.invite,
                actor=SYSTEM,
                at=AT,
                email="treasurer@desk.example",
                name="Treasurer",
                roles=roles,
            )
            books.fill(
                database, gifts, "month", at=AT, debit=chart.stripe("EUR"), credit=chart.pool("EUR")
            )
            return _timed(database, Actor(user_id, roles))
        finally:
            database.dispose()


def _timed(database: Database, actor: Actor) -> tuple[float, int]:
    tracemalloc.start()
    began = time.perf_counter()
    database.run(periods.close, actor=actor, at=CLOSED, starts_on=MONTH)
    seconds = time.perf_counter() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, peak
