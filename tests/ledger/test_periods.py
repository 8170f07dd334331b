"""Months are opened, closed in order, and locked for good."""

import sqlite3
import threading
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import LedgerRefused
from offset.ledger import balances, journal, periods
from offset.ledger.models import Account, PeriodBalance, PeriodStatus
from offset.ledger.verify import verify
from offset.people import users
from offset.people.access import SYSTEM, Role
from tests.builders.ledger import a_gift
from tests.ledger.raw import Value, insert, refused

POOL = "Liabilities:Fund:Pool:EUR"
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


def people(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    """Two different people of the secretariat."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    first, second = (
        users.invite(
            session,
            actor=SYSTEM,
            at=at,
            email=f"{name}@example.org",
            name=name,
            roles=frozenset({role}),
            language="en",
        )
        for name, role in (("anna", Role.TREASURER), ("ben", Role.APPROVER))
    )
    return first, second


@pytest.fixture
def closed(own_database: Database, at: datetime) -> Database:
    """October is locked, November open."""
    own_database.run(journal.post, a_gift(1, on=date(2026, 10, 31)), at=at)
    own_database.run(journal.post, a_gift(2), at=at)
    own_database.run(periods.begin_close, OCTOBER)
    own_database.run(periods.lock, OCTOBER, at=at, checklist={"lines_open": 0})
    return own_database


def test_two_people_open_a_month_again_and_it_is_closed_anew(
    closed: Database, at: datetime
) -> None:
    anna, ben = closed.run(people)
    asked = closed.run(
        periods.ask_reopening, OCTOBER, reason="a fee was missed", at=at, actor_id=anna
    )
    with pytest.raises(LedgerRefused, match="same_person"):
        closed.run(periods.reopen, asked, at=at, actor_id=anna)
    with pytest.raises(LedgerRefused, match="period_locked"):
        closed.run(journal.post, a_gift(3, on=date(2026, 10, 30)), at=at)
    assert closed.run(periods.reopen, asked, at=at, actor_id=ben) == OCTOBER
    closed.run(journal.post, a_gift(3, on=date(2026, 10, 30)), at=at)
    with closed.reading() as session:
        # The stored balances of the closing that was undone are not read any more.
        assert balances.held(session, POOL).minor == 3 * 5_585
        (said,) = periods.reopenings(session)
    assert (said.reason, said.asked_by, said.approved_by) == ("a fee was missed", anna, ben)
    closed.run(periods.begin_close, OCTOBER)
    closed.run(periods.lock, OCTOBER, at=at)
    with closed.reading() as session:
        assert balances.held(session, POOL).minor == 3 * 5_585
        assert balances.balance(session, POOL, as_of=date(2026, 10, 31)).minor == -2 * 5_585
        first, second = periods.closings(session, OCTOBER)
    assert (first.n, first.checklist, second.n) == (1, {"lines_open": 0}, 2)
    # An approval is used up by the closing it undid.
    with pytest.raises(LedgerRefused, match="period_not_locked"):
        closed.run(periods.reopen, asked, at=at, actor_id=ben)
    assert verify(closed).faults == ()


def test_what_cannot_be_opened_again(closed: Database, at: datetime) -> None:
    anna, ben = closed.run(people)
    ask = periods.ask_reopening
    with pytest.raises(LedgerRefused, match="period_not_locked"):
        closed.run(ask, NOVEMBER, reason="why not", at=at, actor_id=anna)
    with pytest.raises(LedgerRefused, match="reason_missing"):
        closed.run(ask, OCTOBER, reason="  ", at=at, actor_id=anna)
    with pytest.raises(LedgerRefused, match="reopening_unknown"):
        closed.run(periods.reopen, uuid.uuid4(), at=at, actor_id=ben)
    asked = closed.run(ask, OCTOBER, reason="a fee was missed", at=at, actor_id=anna)
    closed.run(periods.begin_close, NOVEMBER)
    closed.run(periods.lock, NOVEMBER, at=at)
    with pytest.raises(LedgerRefused, match="period_out_of_order"):
        closed.run(periods.reopen, asked, at=at, actor_id=ben)


def test_raw_sql_opens_no_month_alone(closed: Database, at: datetime) -> None:
    anna, ben = closed.run(people)
    opened = "UPDATE period SET status = 'open' WHERE starts_on = '2026-10-01'"
    assert refused(closed, opened) == "period_not_forward"
    asked = closed.run(periods.ask_reopening, OCTOBER, reason="why", at=at, actor_id=anna)
    assert refused(closed, opened) == "period_not_forward"
    row: dict[str, Value] = {
        "reopening_id": asked,
        "starts_on": OCTOBER,
        "n": 1,
        "asked_by": anna,
        "approved_at": at,
        "approved_by": anna,
    }
    table = "period_reopening_approval"
    assert refused(closed, insert(closed, table, **row)) == "same_person"
    # Naming another asker does not help: the request says who asked.
    assert refused(closed, insert(closed, table, **(row | {"asked_by": ben}))) == "same_person"
    said = refused(closed, insert(closed, table, **(row | {"approved_by": ben, "n": 2})))
    assert said == "period_not_locked"
    approved = insert(closed, table, **(row | {"approved_by": ben}))
    assert refused(closed, approved, opened) == "nothing"
    # Once closed anew, the same approval opens nothing.
    closed.run(periods.begin_close, OCTOBER)
    closed.run(periods.lock, OCTOBER, at=at)
    assert refused(closed, opened) == "period_not_forward"


def test_a_closing_cannot_lie(closed: Database, at: datetime) -> None:
    """A stored balance that the postings do not give would let a fund be spent below zero."""
    closed.run(periods.begin_close, NOVEMBER)
    with closed.reading() as session:
        pool = session.scalars(select(Account.id).where(Account.code == POOL)).one()
    lock = "UPDATE period SET status = 'locked' WHERE starts_on = '2026-11-01'"
    assert refused(closed, lock) == "period_unclosed"
    row: dict[str, Value] = {
        "starts_on": NOVEMBER,
        "n": 1,
        "tail_from": periods.tail_from(NOVEMBER),
        "closed_at": at,
    }
    right = insert(closed, "period_closing", **row)
    for wrong in ({"n": 2}, {"tail_from": periods.tail_from(OCTOBER)}):
        said = refused(closed, insert(closed, "period_closing", **(row | wrong)))
        assert said == "closing_out_of_order", wrong
    forged = insert(
        closed, "period_balance", starts_on=NOVEMBER, n=1, account_id=pool, balance=-(10**9)
    )
    assert refused(closed, right, forged, lock) == "closing_balances_differ"
    assert refused(closed, right, lock) == "closing_balances_differ"
    late = insert(closed, "period_balance", starts_on=OCTOBER, n=1, account_id=pool, balance=1)
    assert refused(closed, late) in {"period_not_closing", "row_exists"}


def test_a_balance_after_a_close_reads_the_tail_alone(embedded: Database, at: datetime) -> None:
    """Rows read, not seconds: what the closed month holds is not touched any more."""
    for number in range(40):
        embedded.run(journal.post, a_gift(number, on=date(2026, 10, 5)), at=at - timedelta(days=35))
    embedded.run(journal.post, a_gift(99), at=at)
    before = _steps(embedded)
    embedded.run(periods.begin_close, OCTOBER)
    embedded.run(periods.lock, OCTOBER)
    after = _steps(embedded)
    with embedded.reading() as session:
        assert balances.held(session, POOL).minor == 41 * 5_585
    embedded.run(journal.post, a_gift(100), at=at)
    assert after < before
    # One more posting costs the same few steps, however much the closed month holds.
    assert _steps(embedded) - after < 60


def _steps(database: Database) -> int:
    """Count the steps of SQLite's machine that one balance takes."""
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += 1
        return 0

    with database.reading() as session:
        raw = session.connection().connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(step, 1)
        try:
            balances.held(session, POOL)
        finally:
            raw.set_progress_handler(None, 1)
    return counted
