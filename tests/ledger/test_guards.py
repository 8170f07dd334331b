"""The database itself refuses, even to raw SQL on the application's own connection."""

import itertools
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from offset.database import triggers
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import LedgerRefused
from offset.ledger import balances, chart, checkpoints, entries, guards, journal, periods, queries
from offset.ledger.entries import Line
from offset.ledger.models import Account, EntrySeal
from tests.builders.ledger import a_gift
from tests.ledger.places import fresh_file, fresh_server
from tests.ledger.raw import Value, as_owner, insert, literal, refused

_gifts = itertools.count(100)
FIRST_COLUMN = {
    "currency": "code",
    "account": "name",
    "entry": "memo",
    "posting": "amount",
    "entry_seal": "hash",
    "sealed_fact": "content",
    "checkpoint": "anchor",
    "checkpoint_leaf": "kind",
    "period": "ends_on",
    "period_balance": "balance",
}


@dataclass
class Ground:
    """Books with something in every table, and the words to write into them."""

    database: Database
    at: datetime
    posted: uuid.UUID
    accounts: dict[str, uuid.UUID]

    def entry(self, entry_id: uuid.UUID, **other: Value) -> str:
        values: dict[str, Value] = {
            "id": entry_id,
            "idem_key": f"raw:{entry_id}",
            "idem_hash": b"\x00",
            "kind": "opening",
            "effective_on": date(2026, 11, 15),
            "recorded_at": self.at,
            "reverses_id": None,
            "source_type": "test",
            "source_id": "raw",
        }
        return insert(self.database, "entry", **(values | other))

    def posting(self, entry_id: uuid.UUID, line: int, code: str, amount: int | str) -> str:
        return insert(
            self.database,
            "posting",
            entry_id=entry_id,
            line=line,
            account_id=self.accounts[code],
            currency="EUR",
            amount=amount,
        )

    def seal(self, entry_id: uuid.UUID) -> str:
        form: dict[str, Value] = {"hash": b"h" * 32, "salt": b"s" * 16, "canon_version": 1}
        return insert(self.database, "entry_seal", entry_id=entry_id, **form)

    def refused(self, *statements: str) -> str:
        return refused(self.database, *statements)

    def id(self) -> uuid.UUID:
        return uuid7(self.at)

    def gift(self) -> uuid.UUID:
        """One more gift, for a test that changes something."""
        return self.database.run(journal.post, a_gift(next(_gifts)), at=self.at).entry_id

    def refresh(self) -> None:
        with self.database.reading() as session:
            self.accounts = {one.code: one.id for one in session.scalars(select(Account))}

    def held(self) -> int:
        with self.database.reading() as session:
            return balances.held(session, POOL).minor


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """One database an engine serves the whole module: what is refused leaves no trace in it."""
    place = fresh_file if request.param == "sqlite" else fresh_server
    with place(request, tmp_path_factory) as url:
        database = Database(url)
        yield a_ground(database, datetime(2026, 11, 15, 10, 0, tzinfo=UTC))
        database.dispose()


def a_ground(database: Database, at: datetime) -> Ground:
    """Books with a locked month, an open one, a fact and a checkpoint."""
    database.run(periods.open_month, date(2026, 9, 1))
    database.run(journal.post, a_gift(9, on=date(2026, 9, 30)), at=at)
    database.run(periods.begin_close, date(2026, 9, 1))
    database.run(periods.lock, date(2026, 9, 1))
    posted = database.run(journal.post, a_gift(), at=at)
    database.run(
        checkpoints.seal_fact, kind="rate", fact_id=uuid7(at), content={"EUR": 5000}, at=at
    )
    database.run(checkpoints.take, at=at)
    with database.reading() as session:
        accounts = {one.code: one.id for one in session.scalars(select(Account))}
    return Ground(database, at, posted.entry_id, accounts)


STRIPE, POOL, SHARE = "Assets:Stripe:EUR", "Liabilities:Fund:Pool:EUR", "Income:Share:EUR"


def test_a_whole_entry_passes(ground: Ground) -> None:
    """The other tests mean something: the same words, in order and balanced, are accepted."""
    new = ground.id()
    assert (
        ground.refused(
            ground.entry(new),
            ground.posting(new, 1, STRIPE, 100),
            ground.posting(new, 2, POOL, -100),
            ground.seal(new),
        )
        == "nothing"
    )


def test_an_unbalanced_entry_is_refused(ground: Ground) -> None:
    new = ground.id()
    assert (
        ground.refused(
            ground.entry(new),
            ground.posting(new, 1, STRIPE, 100),
            ground.posting(new, 2, POOL, -99),
            ground.seal(new),
        )
        == "unbalanced"
    )


def test_an_empty_or_one_sided_entry_is_refused(ground: Ground) -> None:
    new = ground.id()
    assert ground.refused(ground.entry(new), ground.seal(new)) == "too_few_postings"
    one = ground.posting(new, 1, STRIPE, 100)
    assert ground.refused(ground.entry(new), one, ground.seal(new)) == "too_few_postings"


def test_an_unsealed_entry_is_refused_at_commit(ground: Ground) -> None:
    new = ground.id()
    said = ground.refused(
        ground.entry(new),
        ground.posting(new, 1, STRIPE, 100),
        ground.posting(new, 2, POOL, -100),
    )
    assert said in {"entry_unsealed", "FOREIGN KEY constraint failed"}


def test_nothing_is_added_to_a_sealed_entry(ground: Ground) -> None:
    assert ground.refused(ground.posting(ground.posted, 6, STRIPE, 100)) == "entry_sealed"


def test_a_seal_in_the_same_transaction_closes_the_entry(ground: Ground) -> None:
    new = ground.id()
    assert (
        ground.refused(
            ground.entry(new),
            ground.posting(new, 1, STRIPE, 100),
            ground.posting(new, 2, POOL, -100),
            ground.seal(new),
            ground.posting(new, 3, STRIPE, 100),
        )
        == "entry_sealed"
    )


def test_a_posting_in_another_currency_than_its_account_is_refused(ground: Ground) -> None:
    new = ground.id()
    dollars = ground.posting(new, 1, STRIPE, 100).replace("'EUR'", "'USD'")
    assert ground.refused(ground.entry(new), dollars) == "currency_mixed"


def test_a_posting_on_no_account_is_refused(ground: Ground) -> None:
    new = ground.id()
    ground.accounts["nowhere"] = uuid.uuid4()
    assert (
        ground.refused(ground.entry(new), ground.posting(new, 1, "nowhere", 1)) == "account_unknown"
    )


def test_zero_and_fractions_are_no_amounts(ground: Ground) -> None:
    new = ground.id()
    assert ground.refused(ground.entry(new), ground.posting(new, 1, POOL, 0)) == "amount_zero"
    said = ground.refused(ground.entry(new), ground.posting(new, 1, POOL, "half"))
    assert "half" in said or "INTEGER" in said


def test_a_fund_is_never_spent_below_zero(ground: Ground) -> None:
    ground.gift()
    held = ground.held()
    new = ground.id()
    too_much = (
        ground.entry(new),
        ground.posting(new, 1, POOL, held + 1),
        ground.posting(new, 2, STRIPE, -held - 1),
        ground.seal(new),
    )
    assert ground.refused(*too_much) == "floor_breached"
    new = ground.id()
    all_of_it = (
        ground.entry(new),
        ground.posting(new, 1, POOL, held),
        ground.posting(new, 2, STRIPE, -held),
        ground.seal(new),
    )
    assert ground.refused(*all_of_it) == "nothing"


def test_an_account_without_a_floor_may_go_either_way(ground: Ground) -> None:
    new = ground.id()
    assert (
        ground.refused(
            ground.entry(new),
            ground.posting(new, 1, SHARE, 1_000_000),
            ground.posting(new, 2, STRIPE, -1_000_000),
            ground.seal(new),
        )
        == "nothing"
    )


def test_a_locked_month_refuses_late_entries(ground: Ground) -> None:
    late = ground.entry(ground.id(), effective_on=date(2026, 9, 30))
    assert ground.refused(late) == "period_locked"


def test_a_month_that_is_not_open_yet_refuses_entries(ground: Ground) -> None:
    assert ground.refused(ground.entry(ground.id(), effective_on=date(2026, 8, 1))) == (
        "period_missing"
    )


def test_an_id_begins_with_the_moment_of_recording(ground: Ground) -> None:
    """Closed months rely on it: what is dated after them is a range of ids."""
    of_another_time = uuid7(ground.at - timedelta(milliseconds=1))
    assert ground.refused(ground.entry(of_another_time)) == "id_of_another_time"
    assert ground.refused(ground.entry(uuid.uuid4())) == "id_of_another_time"


def test_no_entry_is_dated_more_than_a_week_ahead(ground: Ground) -> None:
    assert ground.refused(ground.entry(ground.id(), effective_on=date(2026, 11, 23))) == (
        "dated_ahead"
    )


def test_a_month_before_a_locked_one_is_never_opened(ground: Ground) -> None:
    row = insert(
        ground.database,
        "period",
        starts_on=date(2026, 8, 1),
        ends_on=date(2026, 8, 31),
        status="open",
    )
    assert ground.refused(row) == "period_locked"


def test_a_period_is_a_new_calendar_month(ground: Ground) -> None:
    for starts_on, ends_on, status, code in (
        ("2026-12-02", "2026-12-31", "open", "period_not_a_month"),
        ("2026-12-01", "2026-12-30", "open", "period_not_a_month"),
        ("2026-12-01", "2026-12-31", "locked", "period_not_open"),
    ):
        row = insert(ground.database, "period", starts_on=starts_on, ends_on=ends_on, status=status)
        assert ground.refused(row) == code


def test_a_month_only_moves_forward(ground: Ground) -> None:
    for month, status in (
        ("2026-09-01", "open"),
        ("2026-09-01", "closing"),
        ("2026-11-01", "locked"),
        ("2026-11-01", "open"),
    ):
        move = f"UPDATE period SET status = '{status}' WHERE starts_on = '{month}'"  # noqa: S608 - words of this test
        assert ground.refused(move) == "period_not_forward"


def test_a_closing_balance_is_written_while_its_month_closes(ground: Ground) -> None:
    for month in (date(2026, 9, 1), date(2026, 11, 1)):
        row = insert(
            ground.database,
            "period_balance",
            starts_on=month,
            account_id=ground.accounts[STRIPE] if month.month > 9 else uuid.uuid4(),
            balance=1,
        )
        assert ground.refused(row) == "period_not_closing"


def test_no_row_changes_or_goes_away(ground: Ground) -> None:
    for table, column in FIRST_COLUMN.items():
        steps = [change(table, column), removal(table)]
        if ground.database.name == "postgresql":
            steps.append(f"TRUNCATE {table} CASCADE")
        for step in steps:
            said = ground.refused(step)
            assert said == "append_only" or re.search("not authorized|permission denied", said), (
                step
            )


def test_the_triggers_hold_without_the_authorizer(embedded: Database, at: datetime) -> None:
    """The owner's connection has no authorizer; the triggers refuse all the same."""
    owner = Database(str(embedded.engine.url), owner=True)
    try:
        fill(owner, at)
        for table, column in FIRST_COLUMN.items():
            assert refused(owner, change(table, column)) == "append_only", table
            assert refused(owner, removal(table)) == "append_only", table
            assert refused(owner, replacement(table)) in REPLACING[table], table
    finally:
        owner.dispose()


# What refuses a REPLACE of the rows that stand: the guard against it, or a rule that comes first.
REPLACING = {table: {"row_exists"} for table in FIRST_COLUMN} | {
    "entry": {"row_exists", "period_locked", "already_reversed", "reversal_of_reversal"},
    "posting": {"row_exists", "entry_sealed"},
    "checkpoint": {"row_exists", "checkpoint_out_of_order"},
    "checkpoint_leaf": {"row_exists", "leaf_out_of_order"},
    "period": {"row_exists", "period_not_open", "period_locked"},
    "period_balance": {"row_exists", "period_not_closing"},
}


def change(table: str, column: str) -> str:
    return f"UPDATE {table} SET {column} = {column}"  # noqa: S608 - names of this file


def removal(table: str) -> str:
    return f"DELETE FROM {table}"  # noqa: S608 - names of this file


def replacement(table: str) -> str:
    return f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"  # noqa: S608 - same


def fill(database: Database, at: datetime) -> None:
    """Put a row into every table of the books."""
    database.run(journal.post, a_gift(), at=at)
    database.run(
        checkpoints.seal_fact, kind="rate", fact_id=uuid7(at), content={"EUR": 5000}, at=at
    )
    database.run(checkpoints.take, at=at)
    database.run(periods.begin_close, date(2026, 11, 1))
    database.run(periods.lock, date(2026, 11, 1))


def test_no_row_is_replaced(ground: Ground) -> None:
    if ground.database.name == "postgresql":
        assert "syntax error" in ground.refused(replacement("posting"))
        return
    for table in FIRST_COLUMN:
        assert ground.refused(replacement(table)) in REPLACING[table], table
    new = ground.id()
    line = ground.posting(new, 1, STRIPE, 100)
    again = line.replace("INSERT", "INSERT OR REPLACE")
    assert ground.refused(ground.entry(new), line, again) == "row_exists"
    assert ground.refused(ground.entry(new), ground.entry(new)) == "row_exists"


def test_a_second_row_under_a_key_is_refused(ground: Ground) -> None:
    twin = ground.entry(ground.id(), idem_key="stripe:txn_1")
    assert ground.refused(twin) in {"row_exists", "key_reused"}


def test_an_account_is_what_its_code_says(ground: Ground) -> None:
    values: dict[str, Value] = {
        "id": uuid.uuid4(),
        "code": "Liabilities:Fund:Restricted:Own:EUR",
        "name": "own",
        "type": "L",
        "currency": "EUR",
        "floor": "non_negative_credit",
        "opened_on": date(2026, 11, 1),
    }
    wrong: tuple[dict[str, Value], ...] = (
        {"floor": "none"},
        {"type": "A"},
        {"code": "Nowhere:Own:EUR"},
        {"code": "Liabilities:Project:P0009:EUR"},
        {"project_id": uuid.uuid4()},
        {"currency": "XXX"},
    )
    for other in wrong:
        said = ground.refused(insert(ground.database, "account", **(values | other)))
        assert said != "nothing", other
    assert ground.refused(insert(ground.database, "account", **values)) == "nothing"


def test_an_account_with_money_is_not_closed(ground: Ground) -> None:
    close = "UPDATE account SET closed_on = '2026-11-15' WHERE code = "
    assert ground.refused(f"{close}'{STRIPE}'") == "account_not_empty"


def test_a_closed_account_takes_no_posting_and_stays_closed(ground: Ground) -> None:
    ground.database.run(chart.open_account, "Assets:Bank:B7", at=ground.at, currency="EUR")
    ground.refresh()
    close = "UPDATE account SET closed_on = '2026-11-15' WHERE code = 'Assets:Bank:B7'"
    assert ground.refused(close) == "nothing"
    new = ground.id()
    late = ground.posting(new, 1, "Assets:Bank:B7", 100)
    assert ground.refused(ground.entry(new), late) == "account_closed"
    assert ground.refused(close) == "account_closed"
    assert ground.refused(close.replace("'2026-11-15'", "NULL")) == "account_closed"


def test_a_day_is_a_day_of_the_calendar(ground: Ground) -> None:
    said = ground.refused(ground.entry(ground.id(), effective_on="2026-11-31"))
    assert said == "day_unreadable" or "out of range" in said
    ground.database.run(chart.open_account, "Assets:Bank:B8", at=ground.at, currency="EUR")
    close = "UPDATE account SET closed_on = '2026-11-31' WHERE code = 'Assets:Bank:B8'"
    said = ground.refused(close)
    assert said == "day_unreadable" or "out of range" in said


def test_months_are_locked_one_after_the_other(ground: Ground) -> None:
    ground.database.run(periods.open_month, date(2027, 1, 1))
    ground.database.run(periods.open_month, date(2027, 2, 1))
    move = "UPDATE period SET status = 'closing' WHERE starts_on = '2027-02-01'"
    assert ground.refused(move, move.replace("closing", "locked")) == "period_out_of_order"


def test_a_reversal_is_a_mirror(ground: Ground) -> None:
    new = ground.id()
    undoing = ground.entry(new, kind="reversal", reverses_id=ground.gift())
    other_amount = (
        ground.posting(new, 1, STRIPE, -100),
        ground.posting(new, 2, POOL, 100),
    )
    assert ground.refused(undoing, *other_amount, ground.seal(new)) == "not_a_mirror"
    longer = (
        ground.posting(new, 1, STRIPE, -5_885),
        ground.posting(new, 2, "Expenses:Fees:Stripe:EUR", -115),
        ground.posting(new, 3, POOL, 5_585),
        ground.posting(new, 4, "Income:FeePart:EUR", 115),
        ground.posting(new, 5, SHARE, 300),
        ground.posting(new, 6, SHARE, -1),
        ground.posting(new, 7, SHARE, 1),
    )
    assert ground.refused(undoing, *longer, ground.seal(new)) == "not_a_mirror"
    assert ground.refused(undoing, *longer[:5], ground.seal(new)) == "nothing"


def test_a_reversal_happens_once_and_is_not_reversed(ground: Ground) -> None:
    posted = ground.gift()
    with ground.database.reading() as session:
        first = queries.entry(session, posted)
    draft = entries.reversal(
        entry_id=first.id,
        on=date(2026, 11, 15),
        source_type=first.source_type,
        source_id=first.source_id,
        lines=[Line(line.account, line.amount) for line in first.lines],
        reason="booked twice",
    )
    undone = ground.database.run(journal.post, draft, at=ground.at)
    with pytest.raises(LedgerRefused, match="already_reversed"):
        ground.database.run(journal.post, replace(draft, idem_key="again"), at=ground.at)
    back = replace(
        draft,
        idem_key=f"reverse:{undone.entry_id}",
        reverses_id=undone.entry_id,
        lines=tuple(Line(line.account, -line.amount) for line in draft.lines),
    )
    with pytest.raises(LedgerRefused, match="reversal_of_reversal"):
        ground.database.run(journal.post, back, at=ground.at)


def test_only_a_reversal_names_another_entry(ground: Ground) -> None:
    assert ground.refused(ground.entry(ground.id(), kind="reversal")) == "reversal_unnamed"
    assert (
        ground.refused(ground.entry(ground.id(), reverses_id=ground.posted)) == "reversal_unnamed"
    )


def test_leaves_and_checkpoints_follow_one_another(ground: Ground) -> None:
    with ground.database.reading() as session:
        leaf = session.scalar(select(EntrySeal.hash).where(EntrySeal.entry_id == ground.posted))
    row: dict[str, Value] = {"kind": "entry", "fact_id": ground.posted, "hash": leaf}
    far = insert(ground.database, "checkpoint_leaf", pos=7, **row)
    assert ground.refused(far) == "leaf_out_of_order"
    for values in ({"n": 3}, {"n": 2, "size": 2}, {"n": 2, "size": 3}, {"n": 2, "size": 4}):
        told: dict[str, Value] = {
            "size": 4,
            "root": b"r",
            "prev_root": None,
            "made_at": ground.at,
            "frontier": b"",
        }
        row = insert(ground.database, "checkpoint", **(told | values))
        assert ground.refused(row) == "checkpoint_out_of_order"


def test_the_authorizer_keeps_the_schema_and_the_settings(embedded: Database) -> None:
    for statement in (
        "PRAGMA foreign_keys = OFF",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA ignore_check_constraints = ON",
        "PRAGMA writable_schema = ON",
        "PRAGMA defer_foreign_keys = ON",
        "ATTACH DATABASE ':memory:' AS other",
        "DROP TRIGGER posting_no_update",
        "DROP TABLE posting",
        "ALTER TABLE posting RENAME TO lost",
        "CREATE TABLE mine (id INTEGER)",
        "CREATE TEMP TABLE posting (id INTEGER)",
        "CREATE TEMP TRIGGER mine BEFORE INSERT ON posting BEGIN SELECT RAISE(IGNORE); END",
        "CREATE INDEX mine ON posting (amount)",
        "DELETE FROM sqlite_master",
        "REINDEX posting",
    ):
        said = refused(embedded, statement)
        assert re.search("not authorized|prohibited|may not be modified", said), statement


@pytest.mark.postgres
def test_a_spender_with_an_old_snapshot_is_refused(server: Database, at: datetime) -> None:
    """A lock taken after the snapshot cannot show who spent meanwhile."""
    server.run(journal.post, a_gift(), at=at)
    with server.reading() as session:
        accounts = {one.code: one.id for one in session.scalars(select(Account))}
    ground = Ground(server, at, uuid.uuid4(), accounts)
    new = ground.id()
    said = ground.refused(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        ground.entry(new),
        ground.posting(new, 1, POOL, 100),
        ground.posting(new, 2, STRIPE, -100),
        ground.seal(new),
    )
    assert said == "isolation_unfit"


@pytest.mark.postgres
def test_a_temporary_table_does_not_stand_in_for_the_books(server: Database, at: datetime) -> None:
    posted = server.run(journal.post, a_gift(), at=at)
    with server.reading() as session:
        accounts = {one.code: one.id for one in session.scalars(select(Account))}
    ground = Ground(server, at, posted.entry_id, accounts)
    row = ground.posting(ground.posted, 6, STRIPE, 100)
    said = ground.refused(
        "CREATE TEMP TABLE entry_seal (LIKE public.entry_seal)",
        row.replace("INTO posting", "INTO public.posting"),
    )
    assert said == "entry_sealed"


def test_every_trigger_is_there_and_reads_as_recorded(database: Database) -> None:
    """After a change of a migration: ``python -m tests.ledger.triggers`` records it again."""
    with database.reading() as session:
        assert triggers.faults(session) == ()


def test_every_trigger_on_the_books_is_in_the_table(books: Database) -> None:
    """Without the gates of other rooms, the tables of the ledger have our guards and no other."""
    with books.reading() as session:
        found = triggers.installed(session).items()
    tables = {guard.table for guard in guards.GUARDS}
    present = {name for name, one in found if one.table in tables}
    ours = {guard.name for guard in guards.GUARDS if guard.name in triggers.recorded(books.name)}
    assert present == ours
    assert len({guard.name for guard in guards.GUARDS}) == len(guards.GUARDS)


def test_a_missing_guard_and_a_changed_one_are_named(own_database: Database) -> None:
    if own_database.name == "sqlite":
        steps = [
            "DROP TRIGGER posting_no_delete",
            "DROP TRIGGER entry_seal_balanced",
            "CREATE TRIGGER entry_seal_balanced BEFORE INSERT ON entry_seal BEGIN SELECT 1; END",
        ]
    else:
        steps = [
            "DROP TRIGGER posting_no_delete ON posting",
            "ALTER TABLE entry_seal DISABLE TRIGGER entry_seal_balanced",
            (
                "CREATE OR REPLACE FUNCTION ledger_posting_allowed() RETURNS trigger"
                " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            ),
        ]
    as_owner(own_database, steps)
    with own_database.reading() as session:
        found = set(triggers.faults(session))
    wanted = {
        "guard posting_no_delete on posting is missing",
        "guard entry_seal_balanced on entry_seal was changed",
    }
    if own_database.name == "postgresql":
        wanted.add("guard posting_allowed on posting was changed")
    assert found == wanted


def test_other_faults_of_a_database_pass_unchanged(embedded: Database) -> None:
    with embedded.reading() as session, pytest.raises(DBAPIError), guards.refusals():
        session.connection().exec_driver_sql("SELECT * FROM nowhere")


def test_values_are_written_as_the_engine_reads_them(embedded: Database) -> None:
    assert literal(embedded, None) == "NULL"
    assert literal(embedded, b"\x01") == "X'01'"
