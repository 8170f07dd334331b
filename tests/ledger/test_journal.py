"""An entry gets into the books exactly once, whole, or not at all."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import LedgerRefused
from offset.ledger import balances, chart, entries, journal, periods, queries
from offset.ledger.entries import Draft, Line
from offset.ledger.journal import Posted
from offset.ledger.models import Account, Entry, EntrySeal, Posting
from offset.ledger.verify import verify
from offset.money import Money
from tests.builders.ledger import a_bank_line, a_gift, a_project_account, an_entry, eur
from tests.ledger.raw import tamper

POOL = "Liabilities:Fund:Pool:EUR"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that reaches the engine meanwhile, without BEGIN and settings."""
    seen: list[str] = []

    def note(_c: Connection, _cursor: object, sql: str, *_rest: object) -> None:
        if not sql.startswith(("BEGIN", "SET LOCAL")):
            seen.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_gift_is_posted_to_the_cent(told: dict[str, Posted]) -> None:
    """A gift of 60.00 with a fee of 1.15 and a share of 3.00; its payout; its refund.

    2026-11-14 charge stripe:txn_1
      Assets:Stripe:EUR            58.85 EUR
      Expenses:Fees:Stripe:EUR      1.15 EUR
      Liabilities:Fund:Pool:EUR   -55.85 EUR
      Income:FeePart:EUR           -1.15 EUR
      Income:Share:EUR             -3.00 EUR

    2026-11-16 payout stripe:txn_2
      Assets:InTransit:Payouts:EUR 58.85 EUR
      Assets:Stripe:EUR           -58.85 EUR

    2026-11-17 reversal of stripe:txn_2

    2026-11-15 balance Assets:Stripe:EUR 58.85 EUR
    2026-11-16 balance Assets:Stripe:EUR 0.00 EUR
    2026-11-17 balance Assets:Stripe:EUR 58.85 EUR
    2026-11-17 balance Liabilities:Fund:Pool:EUR -55.85 EUR
    2026-11-17 balance Assets:InTransit:Payouts:EUR 0.00 EUR
    """
    assert len(told) == 3
    assert all(posted.fresh for posted in told.values())


def test_a_gift_takes_three_statements(database: Database, at: datetime) -> None:
    """As many as its rows take: accounts and months that a commit has shown are not asked again."""
    database.run(journal.post, a_gift(1), at=at)
    with statements(database) as seen:
        database.run(journal.post, a_gift(2), at=at)
    assert len(seen) == 3, seen


def test_the_same_key_and_content_is_the_same_entry(database: Database, at: datetime) -> None:
    first = database.run(journal.post, a_gift(), at=at)
    with statements(database) as seen:
        again = database.run(journal.post, a_gift(), at=at + timedelta(days=1))
    assert again == replace(first, fresh=False)
    assert first.fresh
    assert len(seen) == 2, seen
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 1


def test_a_memo_and_an_actor_do_not_make_another_entry(database: Database, at: datetime) -> None:
    first = database.run(journal.post, a_gift(), at=at)
    again = database.run(
        journal.post, replace(a_gift(), memo="seen again"), at=at, actor_id=uuid.uuid4()
    )
    assert again.entry_id == first.entry_id


@pytest.mark.parametrize(
    "other",
    [
        a_gift(gross="60.01"),
        a_gift(on=date(2026, 11, 13)),
        replace(a_gift(), kind="payment"),
        replace(a_gift(), source_id="txn_9"),
        replace(a_gift(), lines=a_gift().lines[::-1]),
    ],
)
def test_the_same_key_with_other_content_is_refused(
    embedded: Database, at: datetime, other: entries.Draft
) -> None:
    embedded.run(journal.post, a_gift(), at=at)
    with pytest.raises(LedgerRefused, match="key_reused"):
        embedded.run(journal.post, other, at=at)


def test_a_replay_is_answered_after_its_month_is_locked(database: Database, at: datetime) -> None:
    first = database.run(journal.post, a_gift(), at=at)
    database.run(periods.begin_close, date(2026, 11, 1))
    database.run(periods.lock, date(2026, 11, 1))
    assert database.run(journal.post, a_gift(), at=at) == replace(first, fresh=False)
    with pytest.raises(LedgerRefused, match="period_locked"):
        database.run(journal.post, a_gift(2), at=at)


IMPOSSIBLE = (
    (an_entry((POOL, 0), ("Assets:Stripe:EUR", 0)), "amount_zero"),
    (an_entry(("Assets:Stripe:EUR", 5)), "too_few_postings"),
    (an_entry((POOL, -5), ("Assets:Stripe:EUR", 6)), "unbalanced"),
    (an_entry(("Assets:Bank:B1", 5), (POOL, -5)), "account_unknown"),
    (an_entry(("Liabilities:Project:P0001:EUR", -5), (POOL, 5)), "account_unknown"),
    (an_entry(("Assets:Cellar:EUR", 5), (POOL, -5)), "account_unknown"),
    (an_entry(("Assets:Stripe:USD", 5), (POOL, -5)), "account_unknown"),
    (an_entry((POOL, 5), ("Assets:Stripe:EUR", -5)), "floor_breached"),
)


def test_what_cannot_stand_is_refused_with_its_word(database: Database, at: datetime) -> None:
    for draft, code in IMPOSSIBLE:
        with pytest.raises(LedgerRefused, match=code):
            database.run(journal.post, draft, at=at)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 0
        assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_currencies_balance_one_by_one(database: Database, at: datetime) -> None:
    draft = replace(
        an_entry(),
        lines=(
            Line("Equity:FX:Clearing:EUR", Money(100, "EUR")),
            Line("Equity:FX:Clearing:USD", Money(-100, "USD")),
        ),
    )
    with pytest.raises(LedgerRefused, match="unbalanced"):
        database.run(journal.post, draft, at=at)


def test_an_account_keeps_its_currency(database: Database, at: datetime) -> None:
    database.run(chart.open_account, "Assets:Bank:B1", at=at, currency="USD")
    draft = entries.unidentified_gift(a_bank_line(), amount=eur("5.00"))
    with pytest.raises(LedgerRefused, match="currency_mixed"):
        database.run(journal.post, draft, at=at)


def test_a_closed_account_takes_nothing(database: Database, at: datetime) -> None:
    database.run(chart.open_account, "Assets:Bank:B1", at=at, currency="EUR")
    database.run(chart.close_account, "Assets:Bank:B1", on=date(2026, 11, 1))
    draft = entries.unidentified_gift(a_bank_line(), amount=eur("5.00"))
    with pytest.raises(LedgerRefused, match="account_closed"):
        database.run(journal.post, draft, at=at)


def test_rows_of_other_rooms_come_between_entry_and_postings(books: Database, at: datetime) -> None:
    seen: list[tuple[int, int]] = []

    def look(session: Session, entry_id: uuid.UUID) -> None:
        found = select(func.count()).select_from(Entry).where(Entry.id == entry_id)
        lines = select(func.count()).select_from(Posting).where(Posting.entry_id == entry_id)
        seen.append((session.scalar(found) or 0, session.scalar(lines) or 0))

    def verb(session: Session) -> Posted:
        a_project_account(session, at=at)
        journal.post(session, a_gift(), at=at)
        draft = entries.allocation(
            epoch="e1",
            donation_id="d1",
            on=date(2026, 11, 15),
            shares={chart.project("P0001", "EUR"): eur("55.85")},
        )
        return journal.post(
            session, draft, at=at, before_postings=lambda entry_id: look(session, entry_id)
        )

    books.run(verb)
    assert seen == [(1, 0)]
    # The same key again calls nobody.
    books.run(verb)
    assert len(seen) == 1


def test_instants_are_cut_to_milliseconds_before_they_are_hashed(
    database: Database, at: datetime
) -> None:
    fine = at.replace(microsecond=123_456)
    posted = database.run(journal.post, a_gift(), at=fine)
    with database.reading() as session:
        assert queries.entry(session, posted.entry_id).recorded_at == fine.replace(
            microsecond=123_000
        )


def test_months_are_opened_as_entries_need_them(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1, on=date(2024, 2, 29)), at=at)
    later = at + timedelta(days=45)
    database.run(journal.post, a_gift(2, on=date(2026, 12, 31)), at=later)
    with database.reading() as session:
        assert [(month.starts_on, month.ends_on) for month in periods.months(session)] == [
            (date(2026, 12, 1), date(2026, 12, 31)),
            (date(2024, 2, 1), date(2024, 2, 29)),
        ]


def test_an_entry_is_dated_at_most_a_week_ahead(database: Database, at: datetime) -> None:
    """Bank days may lie ahead of ours; more than that is a slip of the pen."""
    database.run(journal.post, a_gift(1, on=date(2026, 11, 22)), at=at)
    with pytest.raises(LedgerRefused, match="dated_ahead"):
        database.run(journal.post, a_gift(2, on=date(2026, 11, 23)), at=at)


def test_twins_at_the_same_instant_make_one_entry(database: Database) -> None:
    """Eight threads post the same gift into empty books: accounts, month and entry appear once."""
    at = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
    ready = threading.Barrier(8)
    found: list[Posted] = []

    def deliver() -> None:
        ready.wait()
        found.append(database.run(journal.post, a_gift(), at=at))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert sum(posted.fresh for posted in found) == 1
    assert len({posted.leaf_hash for posted in found}) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EntrySeal)) == 1
        assert balances.held(session, POOL) == eur("55.85")


@pytest.mark.postgres
def test_another_content_under_the_key_of_a_twin_is_refused(server: Database, at: datetime) -> None:
    """The twin commits between our look and our insert; only many writers can meet so."""
    server.run(journal.post, a_gift(2), at=at)
    looked, committed = threading.Event(), threading.Event()
    refused: list[str] = []

    def slow(session: Session) -> None:
        def wait(_c: Connection, _cursor: object, sql: str, *_rest: object) -> None:
            if sql.startswith("INSERT INTO entry "):
                looked.set()
                committed.wait()

        event.listen(session.connection(), "before_cursor_execute", wait)
        journal.post(session, a_gift(1, gross="70.00"), at=at)

    def run() -> None:
        try:
            server.run(slow)
        except LedgerRefused as refusal:
            refused.append(refusal.code)

    late = threading.Thread(target=run)
    late.start()
    looked.wait()
    server.run(journal.post, a_gift(1), at=at)
    committed.set()
    late.join()
    assert refused == ["key_reused"]


def test_a_batch_is_posted_as_one_by_one(database: Database, at: datetime) -> None:
    """What stands already, and what stands twice in the list, is the entry it was."""
    first = database.run(journal.post, a_gift(1), at=at)
    drafts = [a_gift(number) for number in (1, 2, 3, 2)]
    one, two, three, twin = database.run(journal.post_many, drafts, at=at)
    assert one == replace(first, fresh=False)
    assert (two.fresh, three.fresh, twin.fresh) == (True, True, False)
    assert twin.entry_id == two.entry_id
    assert verify(database).faults == ()
    with database.reading() as session:
        assert balances.held(session, "Liabilities:Fund:Pool:EUR").minor == 3 * 5_585
    again = database.run(journal.post_many, drafts, at=at + timedelta(days=1))
    assert [posted.fresh for posted in again] == [False] * 4
    assert database.run(journal.post_many, [], at=at) == ()


def test_a_batch_takes_few_statements(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1), at=at)
    with statements(database) as seen:
        database.run(journal.post_many, [a_gift(number) for number in range(2, 52)], at=at)
    assert len(seen) <= 8, seen


def test_one_bad_draft_leaves_nothing_of_a_batch(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(1), at=at)
    odd = an_entry(("Assets:Stripe:EUR", 1), ("Liabilities:Fund:Pool:EUR", -2), key="odd")
    spent = an_entry(("Liabilities:Fund:Pool:EUR", 10**6), ("Assets:Stripe:EUR", -(10**6)), key="s")
    other = a_gift(1, gross="61.00")
    for bad, code in ((odd, "unbalanced"), (spent, "floor_breached"), (other, "key_reused")):
        with pytest.raises(LedgerRefused, match=code):
            database.run(journal.post_many, [a_gift(2), bad, a_gift(3)], at=at)
    with pytest.raises(LedgerRefused, match="key_reused"):
        database.run(journal.post_many, [a_gift(4), a_gift(4, gross="61.00")], at=at)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 1


def test_an_account_that_was_rolled_back_is_not_remembered(
    database: Database, at: datetime
) -> None:
    """What a transaction opened itself is known to others once it is committed, not before."""

    def give_up(session: Session) -> None:
        journal.post(session, a_gift(1), at=at)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run(give_up)
    assert database.run(journal.post, a_gift(1), at=at).fresh


def test_other_books_in_the_same_place_are_read_anew(embedded: Database, at: datetime) -> None:
    """After a restore in place a first posting is refused, and the next one finds the accounts."""
    embedded.run(journal.post, a_gift(1), at=at)
    tamper(
        embedded,
        "DELETE FROM posting",
        "DELETE FROM entry_seal",
        "DELETE FROM entry",
        "UPDATE account SET id = CAST(substr(id, 9) || substr(id, 1, 8) AS BLOB)",
    )
    with pytest.raises(LedgerRefused, match="account_unknown"):
        embedded.run(journal.post, a_gift(2), at=at)
    assert embedded.run(journal.post, a_gift(2), at=at).fresh


def test_an_account_stands_in_one_currency_throughout_a_batch(
    database: Database, at: datetime
) -> None:
    bank = chart.bank("B5")
    drafts = [
        Draft(
            f"bank:{currency}",
            "opening",
            date(2026, 11, 14),
            "test",
            currency,
            (
                Line(bank, Money(100, currency)),
                Line(chart.opening(currency), Money(-100, currency)),
            ),
        )
        for currency in ("EUR", "USD")
    ]
    database.run(chart.open_account, bank, at=at, currency="EUR")
    with pytest.raises(LedgerRefused, match="currency_mixed"):
        database.run(journal.post_many, drafts, at=at)


def huge(minor: int) -> tuple[Line, ...]:
    one, other = a_gift(1).lines[:2]
    return (
        replace(one, amount=Money(minor, "EUR")),
        replace(other, amount=Money(-minor, "EUR")),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"idem_key": ""}, "key_unusable"),
        ({"idem_key": "a\0b"}, "key_unusable"),
        ({"lines": huge(2**63 - 1)}, "posting_too_large"),
        ({"lines": huge(2**70)}, "posting_too_large"),
    ],
)
def test_what_no_column_holds_is_refused_in_our_words(
    database: Database, at: datetime, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(LedgerRefused, match=code):
        database.run(journal.post, replace(a_gift(1), **changes), at=at)


def test_a_batch_keeps_the_order_of_its_drafts(embedded: Database, at: datetime) -> None:
    posted = embedded.run(journal.post_many, [a_gift(n) for n in range(1, 20)], at=at)
    ids = [one.entry_id for one in posted]
    assert ids == sorted(ids)
