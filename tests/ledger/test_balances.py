"""What stands on an account, and what a project was given."""

import threading
import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import NotFound
from offset.ledger import balances, chart, entries, journal, queries
from offset.ledger.balances import ProjectTotals
from offset.ledger.entries import Line
from tests.builders.ledger import (
    a_bank_account,
    a_bank_line,
    a_gift,
    a_project_account,
    eur,
)

POOL, PROJECT = chart.pool("EUR"), chart.project("P0001", "EUR")


def test_a_balance_as_of_a_day_and_as_known_at_an_instant(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1, on=date(2026, 10, 31)), at=at)
    database.run(journal.post, a_gift(2, on=date(2026, 11, 1)), at=at - timedelta(days=1))
    with database.reading() as session:

        def pool(as_of: date | None = None, known_at: datetime | None = None) -> str:
            return str(balances.balance(session, POOL, as_of=as_of, known_at=known_at))

        assert pool() == "-111.70 EUR"
        assert pool(as_of=date(2026, 10, 31)) == "-55.85 EUR"
        assert pool(as_of=date(2026, 10, 30)) == "0.00 EUR"
        assert pool(known_at=at - timedelta(days=1)) == "-55.85 EUR"
        assert pool(known_at=at) == "-111.70 EUR"
        assert pool(date(2026, 10, 31), at - timedelta(days=1)) == "0.00 EUR"
        assert balances.held(session, POOL) == eur("111.70")


def test_an_account_that_opens_when_needed_is_zero_before(embedded: Database) -> None:
    with embedded.reading() as session:
        assert balances.held(session, POOL) == eur("0.00")
        with pytest.raises(NotFound, match="account_unknown"):
            balances.balance(session, "Assets:Bank:B9")


def test_the_trial_balance_is_zero_in_each_currency(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1, on=date(2026, 10, 31)), at=at)
    database.run(journal.post, a_gift(2), at=at)
    database.run(a_bank_account, at=at)
    with database.reading() as session:
        lines = balances.trial_balance(session)
        october = balances.trial_balance(session, as_of=date(2026, 10, 31))
    assert sum(line.balance.minor for line in lines) == 0
    assert {line.code: line.balance.minor for line in lines} == {
        "Assets:Bank:B1": 0,
        "Assets:Stripe:EUR": 11_770,
        "Expenses:Fees:Stripe:EUR": 230,
        "Income:FeePart:EUR": -230,
        "Income:Share:EUR": -600,
        "Liabilities:Fund:Pool:EUR": -11_170,
    }
    assert {line.code: line.balance.minor for line in october if line.balance} == {
        "Assets:Stripe:EUR": 5_885,
        "Expenses:Fees:Stripe:EUR": 115,
        "Income:FeePart:EUR": -115,
        "Income:Share:EUR": -300,
        "Liabilities:Fund:Pool:EUR": -5_585,
    }


def totals(database: Database, project_id: uuid.UUID) -> tuple[str, str, str]:
    seen: list[str] = []

    def note(_c: Connection, _cursor: object, sql: str, *_rest: object) -> None:
        seen.append(sql)

    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        found = balances.project_totals(session, [project_id], "EUR")[project_id]
        event.remove(database.engine, "before_cursor_execute", note)
    assert len([sql for sql in seen if sql.startswith(("SELECT", "WITH"))]) == 1
    return found.allocated.decimal(), found.ordered.decimal(), found.paid.decimal()


def reverse(session: Session, entry_id: uuid.UUID, on: date, at: datetime) -> None:
    first = queries.entry(session, entry_id)
    draft = entries.reversal(
        entry_id=entry_id,
        on=on,
        source_type=first.source_type,
        source_id=first.source_id,
        lines=[Line(line.account, line.amount) for line in first.lines],
        reason="it came back",
    )
    journal.post(session, draft, at=at)


def test_what_a_project_was_allocated_ordered_and_paid(books: Database, at: datetime) -> None:
    on = date(2026, 11, 15)
    project_id = books.run(a_project_account, at=at)
    books.run(a_bank_account, at=at)
    assert totals(books, project_id) == ("0.00", "0.00", "0.00")

    books.run(journal.post, a_gift(1), at=at)
    books.run(journal.post, a_gift(2), at=at)
    for donation in ("d1", "d2"):
        draft = entries.allocation(
            epoch="e1", donation_id=donation, on=on, shares={PROJECT: eur("55.85")}
        )
        books.run(journal.post, draft, at=at)
    assert totals(books, project_id) == ("111.70", "0.00", "0.00")

    withdrawn = entries.deallocation(project=PROJECT, donation_id="d2", on=on, amount=eur("11.70"))
    books.run(journal.post, withdrawn, at=at)
    assert totals(books, project_id) == ("100.00", "0.00", "0.00")

    order = entries.disbursement_ordered(
        disbursement_id="x1", on=on, project=PROJECT, amount=eur("60.00")
    )
    ordered = books.run(journal.post, order, at=at)
    assert totals(books, project_id) == ("100.00", "60.00", "0.00")

    sent = entries.disbursement_sent(a_bank_line(1), disbursement_id="x1", amount=eur("60.00"))
    books.run(journal.post, sent, at=at)
    assert totals(books, project_id) == ("100.00", "60.00", "60.00")

    back = entries.disbursement_returned(a_bank_line(2), disbursement_id="x1", amount=eur("60.00"))
    books.run(journal.post, back, at=at)
    assert totals(books, project_id) == ("100.00", "60.00", "0.00")

    books.run(reverse, ordered.entry_id, on, at)
    assert totals(books, project_id) == ("100.00", "0.00", "0.00")
    with books.reading() as session:
        assert balances.held(session, PROJECT) == eur("100.00")


def test_a_reversed_bank_booking_of_a_payment_is_not_paid(books: Database, at: datetime) -> None:
    on = date(2026, 11, 15)
    project_id = books.run(a_project_account, at=at)
    books.run(a_bank_account, at=at)
    books.run(journal.post, a_gift(), at=at)
    for draft in (
        entries.allocation(epoch="e1", donation_id="d1", on=on, shares={PROJECT: eur("55.85")}),
        entries.disbursement_ordered(
            disbursement_id="x1", on=on, project=PROJECT, amount=eur("20.00")
        ),
    ):
        books.run(journal.post, draft, at=at)
    sent = entries.disbursement_sent(a_bank_line(1), disbursement_id="x1", amount=eur("20.00"))
    wrong = books.run(journal.post, sent, at=at)
    books.run(reverse, wrong.entry_id, on, at)
    assert totals(books, project_id) == ("55.85", "20.00", "0.00")


def test_projects_do_not_mix(books: Database, at: datetime) -> None:
    on = date(2026, 11, 15)
    first = books.run(a_project_account, "P0001", at=at)
    second = books.run(a_project_account, "P0002", at=at)
    unknown = uuid.uuid4()
    books.run(journal.post, a_gift(), at=at)
    draft = entries.allocation(
        epoch="e1",
        donation_id="d1",
        on=on,
        shares={PROJECT: eur("40.00"), chart.project("P0002", "EUR"): eur("15.00")},
    )
    books.run(journal.post, draft, at=at)
    nothing = eur("0.00")
    with books.reading() as session:
        found = balances.project_totals(session, [first, second, unknown], "EUR")
    assert found == {
        first: ProjectTotals(eur("40.00"), nothing, nothing),
        second: ProjectTotals(eur("15.00"), nothing, nothing),
        unknown: ProjectTotals(nothing, nothing, nothing),
    }


@pytest.mark.postgres
def test_a_spender_waits_for_a_spender_and_a_donor_for_nobody(
    server: Database, at: datetime
) -> None:
    server.run(journal.post, a_gift(1), at=at)
    order: list[str] = []
    held = threading.Event()

    def spend(session: Session) -> None:
        balances.lock(session, [POOL])
        held.set()
        # A gift to the locked pool is booked and committed meanwhile.
        server.run(journal.post, a_gift(2), at=at)
        order.append("donor")
        waiting.start()
        waiting.join(timeout=0.3)
        order.append("first spender")

    def wait(session: Session) -> None:
        balances.lock(session, [POOL])
        order.append("second spender")

    waiting = threading.Thread(target=lambda: server.run(wait))
    server.run(spend)
    waiting.join()
    assert held.is_set()
    assert order == ["donor", "first spender", "second spender"]


def test_a_lock_on_the_one_writer_asks_nothing(embedded: Database) -> None:
    embedded.run(balances.lock, [POOL])
