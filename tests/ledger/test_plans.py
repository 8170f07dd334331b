"""Do the guards find rows by their keys, whatever the tables looked like when they were planned?"""

from collections.abc import Mapping
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.ledger import chart, journal
from offset.ledger.entries import Draft, Line
from offset.money import Money
from tests.ledger.raw import as_owner

STRIPE, SUSPENSE = chart.stripe("EUR"), chart.suspense("EUR")
ENTRIES = 100
# How often the server went through a whole table in this transaction.
SCANS = text(
    "SELECT relname, seq_scan FROM pg_stat_xact_user_tables"
    " WHERE relname IN ('entry', 'posting', 'entry_seal', 'allocation_row')"
)


def _post(session: Session, first: int, at: datetime) -> Mapping[str, int]:
    lines = (Line(STRIPE, Money(100, "EUR")), Line(SUSPENSE, Money(-100, "EUR")))
    drafts = [
        Draft(f"plans:{n}", "opening", at.date(), "test", str(n), lines)
        for n in range(first, first + ENTRIES)
    ]
    journal.post_many(session, drafts, at=at)
    return {row.relname: row.seq_scan for row in session.execute(SCANS)}


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("counted", "own"),
    [
        pytest.param(False, 0, id="new books"),
        # The server's own check of a posting's entry keeps a plan that no setting of ours reaches:
        # one reading a posting, until the server counts the table again by itself.
        pytest.param(True, 2 * ENTRIES, id="books counted while empty"),
    ],
)
def test_no_guard_reads_a_whole_table_at_each_row(
    house_server: Database, at: datetime, *, counted: bool, own: int
) -> None:
    if counted:
        as_owner(house_server, ["ANALYZE"])
    early = house_server.run(_post, 0, at)
    both = house_server.run(lambda session: [_post(session, n, at) for n in (ENTRIES, 2 * ENTRIES)])
    late = {table: both[1][table] - both[0][table] for table in early}
    # What a batch itself asks, to find the keys that stand already.
    assert late["entry_seal"] <= 2
    assert late["entry"] <= own + 2
    assert (late["posting"], late["allocation_row"]) == (0, 0)
