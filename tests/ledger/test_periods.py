"""Months are opened, closed in order, and locked for good."""

import threading
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import LedgerRefused
from offset.ledger import journal, periods
from offset.ledger.models import Account, PeriodBalance, PeriodStatus
from offset.ledger.verify import verify
from tests.builders.ledger import a_gift

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def test_a_month_is_a_calendar_month() -> None:
    assert periods.month_of(date(2024, 2, 10)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert periods.month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))


def test_a_locked_month_keeps_its_closing_balances(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1, on=date(2026, 10, 31)), at=at)
    database.run(journal.post, a_gift(2, on=date(2026, 11, 1)), at=at)
    database.run(periods.begin_close, OCTOBER)
    # While its differences are explained, a month still takes entries.
    database.run(journal.post, a_gift(3, on=date(2026, 10, 30)), at=at)
    database.run(periods.lock, OCTOBER)
    with database.reading() as session:
        rows = session.execute(
            select(Account.code, PeriodBalance.balance).join(
                PeriodBalance, PeriodBalance.account_id == Account.id
            )
        )
        stored = {row.code: row.balance for row in rows}
        assert periods.months(session) == (
            periods.Month(NOVEMBER, date(2026, 11, 30), PeriodStatus.OPEN),
            periods.Month(OCTOBER, date(2026, 10, 31), PeriodStatus.LOCKED),
        )
    assert stored["Liabilities:Fund:Pool:EUR"] == -11_170
    assert sum(stored.values()) == 0
    assert verify(database).faults == ()


def test_months_are_locked_in_order(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1, on=date(2026, 10, 31)), at=at)
    database.run(journal.post, a_gift(2), at=at)
    database.run(periods.begin_close, NOVEMBER)
    with pytest.raises(LedgerRefused, match="period_out_of_order"):
        database.run(periods.lock, NOVEMBER)


def test_a_month_without_entries_is_locked_too(database: Database) -> None:
    database.run(periods.open_month, OCTOBER)
    database.run(periods.begin_close, OCTOBER)
    database.run(periods.lock, OCTOBER)
    database.run(periods.open_month, date(2026, 10, 15))
    with database.reading() as session:
        assert [month.status for month in periods.months(session)] == [PeriodStatus.LOCKED]


def test_an_open_month_is_not_locked_at_once(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(), at=at)
    with pytest.raises(LedgerRefused, match="period_not_closing"):
        database.run(periods.lock, NOVEMBER)


def test_a_month_that_is_not_there_cannot_be_closed(embedded: Database) -> None:
    with pytest.raises(LedgerRefused, match="period_missing"):
        embedded.run(periods.begin_close, NOVEMBER)
    with pytest.raises(LedgerRefused, match="period_missing"):
        embedded.run(periods.lock, NOVEMBER)


def test_nothing_is_opened_before_a_locked_month(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(), at=at)
    database.run(periods.begin_close, NOVEMBER)
    database.run(periods.lock, NOVEMBER)
    with pytest.raises(LedgerRefused, match="period_locked"):
        database.run(journal.post, a_gift(2, on=date(2026, 10, 31)), at=at)


@pytest.mark.postgres
def test_a_lock_waits_for_the_entry_under_way(server: Database, at: datetime) -> None:
    """The closing balances contain an entry that was posted, but not committed, when we began."""
    server.run(journal.post, a_gift(1), at=at)
    server.run(periods.begin_close, NOVEMBER)
    locking = threading.Thread(target=lambda: server.run(periods.lock, NOVEMBER))

    def slow(session: Session) -> None:
        journal.post(session, a_gift(2), at=at)
        locking.start()
        locking.join(timeout=0.3)
        assert locking.is_alive()

    server.run(slow)
    locking.join()
    assert verify(server).faults == ()
    with server.reading() as session:
        assert periods.months(session)[0].status is PeriodStatus.LOCKED
