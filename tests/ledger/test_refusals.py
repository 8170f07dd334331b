"""Is each refusal the same to an object, to a statement and to plain SQL, on both engines?

Every attempt is made on the application's own connection and in a transaction of its own. What is
refused leaves no trace, so one database an engine serves them all.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Cursor
from sqlalchemy import Connection, Table, delete, insert, literal_column, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database import roles
from offset.database.base import Base
from offset.database.session import Database
from offset.ledger import chart, guards
from offset.ledger.models import Account, Entry
from tests import servers
from tests.builders.ledger import a_bank_account
from tests.ledger import raw
from tests.ledger.places import BOOKS, fresh_file, fresh_server
from tests.ledger.raw import Value
from tests.ledger.test_guards import Ground, a_ground

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
STRIPE, POOL, CLOSED = chart.stripe("EUR"), chart.pool("EUR"), chart.bank("B7")
MODELS: Mapping[str, type[Base]] = {
    str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers
}
# How an engine says that the connection may not do this at all.
FORBIDDEN = re.compile(
    "not authorized|prohibited|permission denied|must be (owner|superuser)|may not be modified"
)
Row = tuple[str, Mapping[str, Value]]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Books with a row in each table that an attempt is aimed at."""
    place = fresh_file if request.param == "sqlite" else fresh_server
    with place(request, tmp_path_factory) as url:
        if url.startswith("postgresql"):
            # What a role may do in a database as a whole is not copied with a template.
            roles.grant(servers.as_owner(url), servers.APPLICATION)
        database = Database(url)
        found = a_ground(database, AT)
        database.run(a_bank_account, "B7", at=AT)
        database.run(_close, CLOSED)
        found.refresh()
        yield found
        database.dispose()


def _close(session: Session, code: str) -> None:
    session.execute(update(Account).where(Account.code == code).values(closed_on=AT.date()))


# The three ways to say one thing.


def as_objects(session: Session, rows: Sequence[Row]) -> None:
    for table, values in rows:
        session.add(MODELS[table](**values))
        session.flush()


def as_statements(session: Session, rows: Sequence[Row]) -> None:
    for table, values in rows:
        session.connection().execute(insert(Base.metadata.tables[table]), dict(values))


def as_sql(session: Session, rows: Sequence[Row]) -> None:
    database = Database.__new__(Database)
    database.engine = session.get_bind().engine
    for table, values in rows:
        session.connection().exec_driver_sql(raw.insert(database, table, **values))


WAYS = {"ORM": as_objects, "Core": as_statements, "SQL": as_sql}


def answer(database: Database, act: Callable[[Session], object]) -> str:
    """Do something in a write transaction; return the guard's code or the engine's words."""
    try:
        database.run(act)
    except DBAPIError as fault:
        refusal = guards.refusal_of(fault)
        return refusal.code if refusal else str(fault.orig)
    return "nothing"


@dataclass(frozen=True)
class Attempt:
    """Rows that somebody tries to write, and the code of the refusal."""

    code: str
    write: Callable[[Ground], Sequence[Row]]


def entry(ground: Ground, entry_id: uuid.UUID, **other: Value) -> Row:
    values: dict[str, Value] = {
        "id": entry_id,
        "idem_key": f"refused:{entry_id}",
        "idem_hash": b"\x00",
        "kind": "opening",
        "effective_on": date(2026, 11, 15),
        "recorded_at": ground.at,
        "reverses_id": None,
        "source_type": "test",
        "source_id": "refused",
    }
    return "entry", values | other


def line(ground: Ground, entry_id: uuid.UUID, number: int, code: str, amount: int) -> Row:
    return "posting", {
        "entry_id": entry_id,
        "line": number,
        "account_id": ground.accounts.get(code, uuid.UUID(int=7)),
        "currency": code.rpartition(":")[2] if "USD" in code else "EUR",
        "amount": amount,
    }


def whole(
    ground: Ground, *lines: tuple[str, int], sealed: bool = True, **other: Value
) -> Sequence[Row]:
    """Write an entry with its postings, and its seal unless said."""
    entry_id = ground.id()
    rows = [entry(ground, entry_id, **other)]
    rows.extend(line(ground, entry_id, n, *one) for n, one in enumerate(lines, start=1))
    seal = {"entry_id": entry_id, "hash": b"h" * 32, "salt": b"s" * 16, "canon_version": 1}
    return [*rows, ("entry_seal", seal)] if sealed else rows


def mixed(ground: Ground) -> Sequence[Row]:
    rows = list(whole(ground, (STRIPE, 100), (POOL, -100)))
    rows[1] = ("posting", {**rows[1][1], "currency": "USD"})
    return rows


def shifted(ground: Ground) -> Sequence[Row]:
    entry_id = ground.id()
    return [entry(ground, entry_id, recorded_at=ground.at + timedelta(seconds=1))]


BALANCED = ((STRIPE, 100), (POOL, -100))
ATTEMPTS = {
    "unsealed": Attempt("entry_unsealed", lambda g: whole(g, *BALANCED, sealed=False)),
    "unbalanced": Attempt("unbalanced", lambda g: whole(g, (STRIPE, 100), (POOL, -99))),
    "no posting": Attempt("too_few_postings", whole),
    "one posting": Attempt("too_few_postings", lambda g: whole(g, (STRIPE, 100))),
    "zero": Attempt("amount_zero", lambda g: whole(g, (STRIPE, 0), (POOL, 0))),
    "wrong currency": Attempt("currency_mixed", mixed),
    "no account": Attempt("account_unknown", lambda g: whole(g, ("Nowhere", 1), (POOL, -1))),
    "late posting": Attempt("entry_sealed", lambda g: [line(g, g.posted, 9, STRIPE, 100)]),
    "closed account": Attempt("account_closed", lambda g: whole(g, (CLOSED, 1), (POOL, -1))),
    "floor": Attempt("floor_breached", lambda g: whole(g, (POOL, 10**9), (STRIPE, -(10**9)))),
    "locked month": Attempt(
        "period_locked", lambda g: whole(g, *BALANCED, effective_on=date(2026, 9, 30))
    ),
    "no month": Attempt(
        "period_missing", lambda g: whole(g, *BALANCED, effective_on=date(2026, 10, 1))
    ),
    "far ahead": Attempt(
        "dated_ahead", lambda g: whole(g, *BALANCED, effective_on=date(2026, 11, 23))
    ),
    "an id of another time": Attempt("id_of_another_time", shifted),
    "no mirror": Attempt(
        "not_a_mirror", lambda g: whole(g, *BALANCED, kind="reversal", reverses_id=g.posted)
    ),
    "a reversal of nothing": Attempt(
        "reversal_unnamed", lambda g: whole(g, *BALANCED, kind="reversal")
    ),
    "a month between": Attempt(
        "period_locked",
        lambda _: [
            (
                "period",
                {
                    "starts_on": date(2026, 8, 1),
                    "ends_on": date(2026, 8, 31),
                    "status": "open",
                },
            )
        ],
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_the_books_do_not_take(ground: Ground, attempt: str, way: str) -> None:
    rows = ATTEMPTS[attempt].write(ground)
    said = answer(ground.database, lambda session: WAYS[way](session, rows))
    # SQLite does not say which foreign key an entry without a seal breaks at commit.
    unnamed = attempt == "unsealed" and ground.database.name == "sqlite"
    assert said == ("FOREIGN KEY constraint failed" if unnamed else ATTEMPTS[attempt].code)


@pytest.mark.parametrize("way", WAYS)
def test_a_key_is_used_once(ground: Ground, way: str) -> None:
    rows = whole(ground, *BALANCED, idem_key="stripe:txn_1")
    said = answer(ground.database, lambda session: WAYS[way](session, rows))
    assert said in {"key_reused", "row_exists"}


# Rows that stand are neither changed nor taken away, by no way of saying so.

FIXED = {
    table: [
        column.name
        for column in Base.metadata.tables[table].columns
        if column.name not in Base.metadata.tables[table].info.get("updatable", ())
    ]
    for table in BOOKS
}


def changed_object(session: Session, table: str) -> None:
    one = _first(session, table)
    column = FIXED[table][-1]
    # The same value, said to be another.
    setattr(one, column, literal_column(f'"{column}"'))
    session.flush()


def removed_object(session: Session, table: str) -> None:
    session.delete(_first(session, table))
    session.flush()


def _first(session: Session, table: str) -> Any:
    found = session.scalars(select(MODELS[table]).limit(1)).first()
    return found if found is not None else pytest.skip(f"no row of {table} here")


def _core(table: str) -> Table:
    return Base.metadata.tables[table]


CHANGES: Mapping[str, Callable[[Session, str], object]] = {
    "ORM change": changed_object,
    "ORM removal": removed_object,
    "Core change": lambda session, table: session.connection().execute(
        update(_core(table)).values({FIXED[table][-1]: literal_column(f'"{FIXED[table][-1]}"')})
    ),
    "Core removal": lambda session, table: session.connection().execute(delete(_core(table))),
    "SQL change": lambda session, table: session.connection().exec_driver_sql(
        f'UPDATE "{table}" SET "{FIXED[table][0]}" = "{FIXED[table][0]}"'  # noqa: S608 - names of ours
    ),
    "SQL removal": lambda session, table: session.connection().exec_driver_sql(
        f'DELETE FROM "{table}"'  # noqa: S608 - names of ours
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_row_of_the_books_changes_or_goes(ground: Ground, change: str) -> None:
    tables = [table for table in BOOKS if not change.startswith("ORM") or _rows(ground, table)]
    assert len(tables) >= 9
    for table in tables:
        said = answer(ground.database, lambda session, one=table: CHANGES[change](session, one))
        assert FORBIDDEN.search(said), (table, said)


def _rows(ground: Ground, table: str) -> int:
    with ground.database.reading() as session:
        return len(session.execute(select(_core(table)).limit(1)).all())


# A row that stands is refused as itself, or by what holds for any new row in its place.
TAKEN = {"row_exists", "entry_sealed", "leaf_out_of_order", "period_locked"}


def test_no_row_is_put_in_the_place_of_another(ground: Ground) -> None:
    """REPLACE and upserts, in the engine's own words and in those of its dialect."""
    on_server = ground.database.name == "postgresql"
    for table in ("entry", "posting", "entry_seal", "account", "checkpoint_leaf"):
        core = _core(table)
        keys = [column.name for column in core.primary_key]
        with ground.database.reading() as session:
            row = dict(session.execute(select(core).limit(1)).mappings().one())
        upserts: Any = (postgresql if on_server else sqlite).insert(core).values(**row)
        same = {keys[0]: row[keys[0]]}
        attempts = [upserts.on_conflict_do_update(index_elements=keys, set_=same)]
        if not on_server:
            attempts.append(insert(core).prefix_with("OR REPLACE").values(**row))
        for statement in attempts:
            said = answer(ground.database, lambda session, one=statement: session.execute(one))
            assert said in TAKEN or FORBIDDEN.search(said), (table, said)


SAID: Mapping[str, Callable[[Session, str], object]] = {
    "session": lambda session, words: session.execute(text(words)),
    "connection": lambda session, words: session.connection().execute(text(words)),
    "driver": lambda session, words: session.connection().exec_driver_sql(words),
}
SETTINGS = {
    "sqlite": (
        "PRAGMA foreign_keys = OFF",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA ignore_check_constraints = ON",
        "PRAGMA writable_schema = ON",
        "PRAGMA defer_foreign_keys = ON",
        "ATTACH DATABASE ':memory:' AS other",
        "CREATE TABLE mine (id INTEGER)",
        "CREATE TEMP TABLE posting (id INTEGER)",
        "CREATE TEMP TRIGGER mine BEFORE INSERT ON posting BEGIN SELECT RAISE(IGNORE); END",
        "CREATE VIEW mine AS SELECT 1",
        "DROP TABLE posting",
        "DROP TRIGGER posting_no_update",
        "DROP INDEX ix_posting_account_id",
        "ALTER TABLE posting RENAME TO lost",
        "ALTER TABLE posting ADD COLUMN mine INTEGER",
        "UPDATE sqlite_master SET sql = ''",
    ),
    "postgresql": (
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', false)",
        "ALTER TABLE posting DISABLE TRIGGER ALL",
        "ALTER TABLE posting DISABLE TRIGGER posting_no_update",
        "DROP TRIGGER posting_no_update ON posting",
        (
            "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END'"
        ),
        "CREATE TABLE mine (id integer)",
        "CREATE TEMP TABLE posting (id integer)",
        "CREATE SCHEMA mine",
        "DROP TABLE posting",
        "ALTER TABLE posting ADD COLUMN mine integer",
        "ALTER TABLE entry DROP CONSTRAINT fk_entry_id_entry_seal",
        "TRUNCATE posting",
        "TRUNCATE entry CASCADE",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "COPY posting FROM PROGRAM 'true'",
        "COPY entry TO '/tmp/entries'",
        "LOCK TABLE posting IN ACCESS EXCLUSIVE MODE",
    ),
}


@pytest.mark.parametrize("way", SAID)
def test_no_setting_and_no_schema_is_the_applications(ground: Ground, way: str) -> None:
    for words in SETTINGS[ground.database.name]:
        said = answer(ground.database, lambda session, one=words: SAID[way](session, one))
        assert FORBIDDEN.search(said), (words, said)


def copied(connection: Connection, table: str, rows: Sequence[Mapping[str, Value]]) -> None:
    """Send rows past every statement, as a load would."""
    driver: Any = connection.connection.driver_connection
    cursor: Cursor[Any] = driver.cursor()
    names = ", ".join(rows[0])
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(list(row.values()))


@pytest.mark.parametrize("attempt", ["unbalanced", "late posting", "floor", "locked month"])
def test_what_is_copied_in_meets_the_same_guards(ground: Ground, attempt: str) -> None:
    if ground.database.name != "postgresql":
        assert "COPY" in answer(ground.database, lambda s: s.execute(text("COPY posting FROM 1")))
        return
    wanted = ATTEMPTS[attempt]

    def copy(session: Session) -> None:
        for table, values in wanted.write(ground):
            try:
                copied(session.connection(), table, [values])
            except Exception as fault:
                raise DBAPIError("COPY", {}, fault) from fault

    assert answer(ground.database, copy) == wanted.code


def test_all_of_it_left_no_trace(ground: Ground) -> None:
    with ground.database.reading() as session:
        keys = set(session.scalars(select(Entry.idem_key)))
    assert {key for key in keys if key.startswith("refused:")} == set()


def test_the_same_rows_without_the_fault_are_taken(ground: Ground) -> None:
    """Or else every refusal above could be for another reason."""
    for way in WAYS.values():
        rows = whole(ground, *BALANCED, idem_key=f"taken:{ground.id()}")
        assert answer(ground.database, lambda session, say=way, all_=rows: say(session, all_)) == (
            "nothing"
        )
