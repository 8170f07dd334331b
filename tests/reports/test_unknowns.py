"""Does the page of what we do not know count what the books and the projects hold?"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, update

from offset.database.session import Database
from offset.ledger import checkpoints, entries, journal, queries
from offset.ledger.entries import Line
from offset.projects.models import DecisionOutcome, Project
from offset.reports import unknowns
from offset.reports.unknowns import Unknowns
from tests.builders import treasury as build
from tests.builders.ledger import eur
from tests.builders.treasury import House
from tests.once_built import once_built

START = datetime(2026, 10, 1, 9, tzinfo=UTC)
ON = date(2026, 11, 15)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith(("SELECT", "WITH")):
            seen.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def house(database: Database) -> House:
    """A project with an allocated gift of 2000.00, of which 1234.56 was ordered."""
    found = once_built(database, build.a_house, at=START)
    database.run(build.a_payment, found, at=START.replace(day=8))
    return found


def read(database: Database, known_at: datetime | None = None) -> Unknowns:
    with database.reading() as session, counted(database) as seen:
        found = unknowns.unknowns(session, on=ON, known_at=known_at)
    assert len(seen) <= 12
    return found


def test_empty_books_know_nothing_wrong(embedded: Database) -> None:
    told = read(embedded)
    assert (told.never_measured, told.corrections, told.corrected, told.totals) == ((), (), 0, {})
    assert told.decisions.median_days is None
    assert told.waiting == ()
    assert told.error.compared > 100


def test_what_is_not_known_is_counted(database: Database, house: House) -> None:
    build_gift = database.run(build.a_gift, 2, "100.00", "1.00", at=START.replace(day=5))
    assert build_gift
    with database.reading() as session:
        (order,) = queries.entries(session, queries.Filters(kind="disbursement_order")).entries
    undo = entries.reversal(
        entry_id=order.id,
        on=date(2026, 10, 12),
        source_type=order.source_type,
        source_id=order.source_id,
        lines=[Line(line.account, line.amount) for line in order.lines],
        reason="sent to the wrong account",
    )
    with database.reading() as session:
        allocated = queries.public_totals(session)["EUR"].allocated
    database.run(journal.post, undo, at=START.replace(day=12))
    taken = database.run(checkpoints.take, at=START.replace(day=13))
    assert taken is not None
    told = read(database)
    assert [one.project_id for one in told.never_measured] == [house.way.project_id]
    # what was ordered and came back is still the project's
    assert told.by_verdict["not_measured"] == {"EUR": allocated}
    assert told.by_verdict["gain"] == {}
    assert [(one.reason, one.count) for one in told.corrections] == [
        ("sent to the wrong account", 1)
    ]
    assert told.corrected == 1
    assert told.waiting is not None
    assert [(one.gifts, one.oldest_on) for one in told.waiting] == [(1, date(2026, 10, 5))]
    assert told.decisions.applications == 1
    assert told.decisions.outcomes[DecisionOutcome.POSITIVE] == 1
    assert told.decisions.undecided == 0
    assert told.decisions.median_days == 0
    assert told.overdue == ()
    assert told.checkpoint is not None
    assert told.checkpoint.n == taken.n


def test_a_report_that_is_late_is_told(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    embedded.run(
        lambda session: session.execute(
            update(Project)
            .where(Project.id == house.way.project_id)
            .values(report_due_on=date(2026, 8, 1))
        )
    )
    told = read(embedded)
    assert told.overdue is not None
    assert [one.project_id for one in told.overdue] == [house.way.project_id]
    written = unknowns.document(told)
    assert written["overdue_reports"] == {house.way.slug: "2026-08-01"}


def test_the_day_decides_what_was_known(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    embedded.run(build.a_payment, house, at=START.replace(day=8))
    before = read(embedded, START.replace(month=9))
    assert (before.decisions.applications, before.totals) == (0, {})
    assert (before.overdue, before.waiting) == (None, None)
    after = read(embedded, START.replace(day=9))
    assert after.decisions.applications == 1
    assert after.totals["EUR"].ordered == eur("1234.56")
    written = unknowns.document(after)
    assert written["overdue_reports"] is None
    assert written["waiting"] is None
    assert written["only_now"] == ["waiting", "overdue"]
