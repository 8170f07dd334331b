"""What readers see of the books."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import Connection, event

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound
from offset.ledger import chart, entries, history, journal, queries
from offset.ledger.entries import Line
from offset.ledger.queries import Filters
from tests.builders.ledger import (
    a_bank_account,
    a_bank_line,
    a_gift,
    a_movement,
    a_project_account,
    eur,
)

POOL, PROJECT, STRIPE = chart.pool("EUR"), chart.project("P0001", "EUR"), chart.stripe("EUR")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Connection, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith(("SELECT", "WITH")):
            seen.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def month(database: Database, at: datetime) -> uuid.UUID:
    """Three gifts, an allocation, a payout and its bank line; give the project's id."""
    project_id = database.run(a_project_account, at=at)
    database.run(a_bank_account, at=at)
    drafts = [
        a_gift(1, on=date(2026, 11, 1)),
        a_gift(2, on=date(2026, 11, 2)),
        a_gift(3, on=date(2026, 11, 2)),
        entries.allocation(
            epoch="e1", donation_id="d1", on=date(2026, 11, 3), shares={PROJECT: eur("100.00")}
        ),
        entries.payout_sent(
            a_movement(4, kind="payout", on=date(2026, 11, 4)),
            amount=eur("176.55"),
            fee=eur("0.00"),
        ),
        entries.payout_arrived(a_bank_line(1, on=date(2026, 11, 6)), amount=eur("176.55")),
    ]
    for draft in drafts:
        database.run(journal.post, draft, at=at)
    return project_id


def test_an_entry_is_shown_whole(database: Database, at: datetime) -> None:
    actor = uuid.uuid4()
    posted = database.run(journal.post, a_gift(), at=at, actor_id=actor)
    with database.reading() as session:
        seen = queries.entry(session, posted.entry_id)
        with pytest.raises(NotFound, match="entry_unknown"):
            queries.entry(session, uuid.uuid4())
    assert (seen.kind, seen.idem_key, seen.actor_id) == ("charge", "stripe:txn_1", actor)
    assert (seen.hash, seen.salt) == (posted.leaf_hash, posted.salt)
    assert (seen.reverses_id, seen.reversed_by_id, seen.memo) == (None, None, None)
    assert [(line.line, line.account, str(line.amount)) for line in seen.lines] == [
        (1, "Assets:Stripe:EUR", "58.85 EUR"),
        (2, "Expenses:Fees:Stripe:EUR", "1.15 EUR"),
        (3, "Liabilities:Fund:Pool:EUR", "-55.85 EUR"),
        (4, "Income:FeePart:EUR", "-1.15 EUR"),
        (5, "Income:Share:EUR", "-3.00 EUR"),
    ]
    assert seen.lines[2].account_name == "Gifts not yet allocated (EUR)"


def test_an_entry_and_its_reversal_name_each_other(database: Database, at: datetime) -> None:
    posted = database.run(journal.post, a_gift(), at=at)
    with database.reading() as session:
        first = queries.entry(session, posted.entry_id)
    draft = entries.reversal(
        entry_id=first.id,
        on=date(2026, 11, 15),
        source_type=first.source_type,
        source_id=first.source_id,
        lines=[Line(line.account, line.amount) for line in first.lines],
        reason="booked twice",
    )
    undone = database.run(journal.post, draft, at=at)
    with database.reading() as session:
        assert queries.entry(session, first.id).reversed_by_id == undone.entry_id
        assert queries.entry(session, undone.entry_id).reverses_id == first.id
        assert queries.entry(session, undone.entry_id).memo == "booked twice"
        of_txn = queries.entries_of(session, "stripe_balance_txn", "txn_1")
        assert [one.id for one in of_txn] == [first.id, undone.entry_id]


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        (Filters(kind="payout"), ["bank:line-1:1", "stripe:txn_4"]),
        (Filters(account="Assets:Bank:B1"), ["bank:line-1:1"]),
        (Filters(since=date(2026, 11, 4)), ["bank:line-1:1", "stripe:txn_4"]),
        (Filters(until=date(2026, 11, 1)), ["stripe:txn_1"]),
        (Filters(since=date(2026, 11, 3), until=date(2026, 11, 3)), ["alloc:e1:d1"]),
        (Filters(source_type="bank_line"), ["bank:line-1:1"]),
        (Filters(source_type="donation", source_id="d1"), ["alloc:e1:d1"]),
        (Filters(kind="allocation", account=POOL), ["alloc:e1:d1"]),
        (Filters(kind="allocation", account=STRIPE), []),
    ],
)
def test_the_journal_is_filtered(
    books_embedded: Database, at: datetime, filters: Filters, keys: list[str]
) -> None:
    month(books_embedded, at)
    with books_embedded.reading() as session:
        page = queries.entries(session, filters)
    assert [one.idem_key for one in page.entries] == keys
    assert page.next_key is None


def test_the_journal_is_filtered_by_project(books: Database, at: datetime) -> None:
    project_id = month(books, at)
    with books.reading() as session, counted(books) as seen:
        page = queries.entries(session, Filters(project_id=project_id))
        assert [one.idem_key for one in page.entries] == ["alloc:e1:d1"]
        assert page.entries[0].lines[1].project_id == project_id
        assert queries.entries(session, Filters(project_id=uuid.uuid4())).entries == ()
    assert len(seen) == 3


def test_pages_of_the_journal_meet_without_gap_or_overlap(books: Database, at: datetime) -> None:
    month(books, at)
    found: list[uuid.UUID] = []
    key: str | None = None
    with books.reading() as session:
        whole = [one.id for one in queries.entries(session, Filters(), limit=99).entries]
        for size in (2, 2, 2):
            page = queries.entries(session, Filters(), key, size)
            assert len(page.entries) == size
            found += [one.id for one in page.entries]
            key = page.next_key
        assert key is None
    assert found == whole
    assert len(whole) == 6


@pytest.mark.parametrize(
    "key",
    [
        "",
        "2026-11-15",
        "2026-11-15~no",
        "2026-13-15~01930000-0000-7000-8000-000000000001",
        "2026-11-15~01930000-0000-7000-8000-00000000000-",
        "2026-11-15~01930000-0000-7000-8000-000000000001~1",
        "2026-11-15~01930000-0000-7000-8000-000000000001~99999",
        "2026-11-15~01930000-0000-7000-8000-000000000001' OR 1=1",
    ],
)
def test_a_key_that_is_none_of_ours_is_refused(embedded: Database, key: str) -> None:
    with (
        embedded.reading() as session,
        pytest.raises(InvalidInput, match="page_unreadable"),
    ):
        queries.entries(session, Filters(), key)


def test_an_account_shows_its_running_balance(books: Database, at: datetime) -> None:
    month(books, at)
    with books.reading() as session, counted(books) as seen:
        page = queries.account_postings(session, POOL)
    assert len(seen) == 3
    assert (page.name, page.balance) == ("Gifts not yet allocated (EUR)", -eur("67.55"))
    assert [(str(line.amount), str(line.balance)) for line in page.lines] == [
        ("100.00 EUR", "-67.55 EUR"),
        ("-55.85 EUR", "-167.55 EUR"),
        ("-55.85 EUR", "-111.70 EUR"),
        ("-55.85 EUR", "-55.85 EUR"),
    ]
    assert page.lines[0].source_id == "d1"
    assert page.next_key is None


@pytest.mark.parametrize("since", [date.min, date(1900, 1, 1), date(1969, 12, 31)])
def test_days_before_all_books_ask_for_the_beginning(
    books: Database, at: datetime, since: date
) -> None:
    month(books, at)
    with books.reading() as session:
        whole = queries.account_postings(session, POOL)
        page = queries.account_postings(session, POOL, since=since)
        assert (page.lines, page.balance) == (whole.lines, whole.balance)
        assert history.funds(session, since=since, until=at.date()) == history.funds(
            session, since=date(2020, 1, 1), until=at.date()
        )
        known = datetime.combine(since, time(), UTC)
        assert not any(line.balance for line in history.trial(session, known_at=known))


def test_pages_of_an_account_carry_the_balance_on(books: Database, at: datetime) -> None:
    month(books, at)
    with books.reading() as session:
        whole = queries.account_postings(session, POOL)
        first = queries.account_postings(session, POOL, limit=3)
        assert first.next_key is not None
        rest = queries.account_postings(session, POOL, after_key=first.next_key, limit=3)
        assert first.lines + rest.lines == whole.lines
        assert rest.balance == whole.balance
        assert rest.next_key is None
        with pytest.raises(InvalidInput, match="page_unreadable"):
            queries.account_postings(session, POOL, after_key="2026-11-15")


def test_an_account_that_is_not_open_has_no_page(embedded: Database) -> None:
    with (
        embedded.reading() as session,
        pytest.raises(NotFound, match="account_unknown"),
    ):
        queries.account_postings(session, "Assets:Bank:B9")


def test_an_account_without_postings_has_an_empty_page(embedded: Database, at: datetime) -> None:
    embedded.run(a_bank_account, at=at)
    with embedded.reading() as session:
        page = queries.account_postings(session, "Assets:Bank:B1")
    assert (page.balance, page.lines, page.next_key) == (eur("0.00"), (), None)


def test_the_public_totals_add_up(books: Database, at: datetime) -> None:
    month(books, at)
    for draft in (
        entries.disbursement_ordered(
            disbursement_id="x1", on=date(2026, 11, 7), project=PROJECT, amount=eur("80.00")
        ),
        entries.disbursement_ordered(
            disbursement_id="x2", on=date(2026, 11, 7), project=PROJECT, amount=eur("15.00")
        ),
        entries.disbursement_sent(
            a_bank_line(2, on=date(2026, 11, 8)), disbursement_id="x1", amount=eur("80.00")
        ),
        entries.unidentified_gift(a_bank_line(3), amount=eur("7.00")),
        entries.reserve_endowed(
            endowment_id="n1", on=date(2026, 11, 9), source=chart.share("EUR"), amount=eur("2.00")
        ),
        entries.unknown_kind(a_movement(9, kind="riddle"), net=eur("1.00")),
    ):
        books.run(journal.post, draft, at=at)
    with books.reading() as session, counted(books) as seen:
        totals = queries.public_totals(session)["EUR"]
    assert len(seen) == 2
    told = {name: getattr(totals, name).decimal() for name in totals.__slots__}
    assert told == {
        "received": "178.00",
        "fee_part": "3.45",
        "share": "7.00",
        "allocated": "100.00",
        "unallocated": "67.55",
        "ordered": "95.00",
        "paid": "80.00",
        "at_stripe": "1.00",
        "in_transit": "-15.00",
        "in_bank": "103.55",
        "unidentified": "7.00",
        "reserve": "2.00",
        "suspense": "-1.00",
        "assets": "89.55",
        "liabilities": "79.55",
    }
    assert totals.covered


def test_books_that_cannot_pay_what_they_owe_say_so(books: Database, at: datetime) -> None:
    books.run(journal.post, a_gift(1), at=at)
    books.run(
        journal.post,
        entries.dispute_opened(
            a_movement(2, kind="dispute"), amount=eur("60.00"), fee=eur("20.00")
        ),
        at=at,
    )
    with books.reading() as session:
        assert not queries.public_totals(session)["EUR"].covered
