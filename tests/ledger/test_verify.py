"""Whatever somebody with all rights does to the books is found, and its row is named."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from string import Template

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.database.types import uuid7
from offset.ledger import checkpoints, entries, journal, leaves, periods, queries
from offset.ledger.entries import Line
from offset.ledger.merkle import Frontier
from offset.ledger.models import Account, CheckpointLeaf
from offset.ledger.verify import Report, verify
from tests.builders.ledger import a_gift
from tests.ledger.raw import as_owner, literal, tamper

POOL = "Liabilities:Fund:Pool:EUR"


@dataclass
class Case:
    """Books with a locked month, a reversal, a fact and two checkpoints."""

    database: Database
    first: uuid.UUID
    last: uuid.UUID
    reversal: uuid.UUID
    fact: uuid.UUID
    accounts: dict[str, uuid.UUID]

    @property
    def names(self) -> dict[str, uuid.UUID | bytes | int]:
        return {
            "first": self.first,
            "last": self.last,
            "reversal": self.reversal,
            "fact": self.fact,
            "pool": self.accounts[POOL],
            "share": self.accounts["Income:Share:EUR"],
            "forged": b"x" * 32,
            "last_pos": position(self, self.last),
        }

    def tamper(self, *statements: str, **further: uuid.UUID | bytes | int) -> None:
        """Do as a superuser could; ``$names`` are written as the engine's values."""
        told = {
            name: literal(self.database, value) for name, value in (self.names | further).items()
        }
        tamper(self.database, *(Template(one).substitute(told) for one in statements))

    def spoken(self, sentence: str) -> str:
        """A fault in which ``$names`` stand for the rows of this case."""
        return Template(sentence).substitute(self.names)

    def faults(self) -> set[str]:
        return set(verify(self.database).faults)


@pytest.fixture
def case(database: Database, at: datetime) -> Case:
    return a_case(database, at)


def a_case(database: Database, at: datetime) -> Case:
    first = database.run(journal.post, a_gift(1, on=date(2026, 10, 31)), at=at)
    database.run(periods.begin_close, date(2026, 10, 1))
    database.run(periods.lock, date(2026, 10, 1))
    fact = uuid7(at)
    database.run(checkpoints.seal_fact, kind="rate", fact_id=fact, content={"EUR": 5_000}, at=at)
    database.run(checkpoints.take, at=at)
    wrong = database.run(journal.post, a_gift(2), at=at)
    with database.reading() as session:
        seen = queries.entry(session, wrong.entry_id)
    undone = database.run(
        journal.post,
        entries.reversal(
            entry_id=seen.id,
            on=date(2026, 11, 15),
            source_type=seen.source_type,
            source_id=seen.source_id,
            lines=[Line(line.account, line.amount) for line in seen.lines],
            reason="booked twice",
        ),
        at=at,
    )
    last = database.run(journal.post, a_gift(3), at=at)
    database.run(checkpoints.take, at=at)
    with database.reading() as session:
        accounts = {one.code: one.id for one in session.scalars(select(Account))}
    return Case(database, first.entry_id, last.entry_id, undone.entry_id, fact, accounts)


def test_sound_books_have_no_fault(case: Case) -> None:
    report = verify(case.database)
    assert report.faults == ()
    assert report.clean
    assert (report.entries, report.postings, report.facts) == (4, 20, 1)
    assert (report.checkpoints, report.size) == (2, 5)
    with case.database.reading() as session:
        newest = checkpoints.recent(session, 1)[0]
    assert report.root == newest.root
    assert verify(case.database, published={2: newest.root}).clean


def test_empty_books_have_no_fault(database: Database) -> None:
    assert verify(database) == Report((), 0, 0, 0, 0, 0, None)


# What is done, in SQL, and what is said; `$names` stand for the rows of the case.
TAMPERINGS: dict[str, tuple[list[str], set[str]]] = {
    "a posting's amount": (
        ["UPDATE posting SET amount = amount + 1 WHERE entry_id = $last AND line = 1"],
        {
            "entry $last: unbalanced by 1 of the smallest unit of EUR",
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
        },
    ),
    "two amounts alike": (
        [
            "UPDATE posting SET amount = amount + 1 WHERE entry_id = $last AND line = 1",
            "UPDATE posting SET amount = amount - 1 WHERE entry_id = $last AND line = 3",
        ],
        {
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
        },
    ),
    "a posting's account": (
        ["UPDATE posting SET account_id = $share WHERE entry_id = $last AND line = 3"],
        {
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
        },
    ),
    "a posting's currency": (
        ["UPDATE posting SET currency = 'USD', amount = 1 WHERE entry_id = $last AND line = 1"],
        {
            "entry $last: line 1 is in USD, its account in EUR",
            "entry $last: unbalanced by 1 of the smallest unit of USD",
            "entry $last: unbalanced by -5885 of the smallest unit of EUR",
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
        },
    ),
    "a posting's account taken away": (
        ["UPDATE posting SET account_id = $fact WHERE entry_id = $last AND line = 1"],
        {
            "entry $last: line 1 is on no account",
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
        },
    ),
    "postings taken away": (
        ["DELETE FROM posting WHERE entry_id = $last"],
        {
            "entry $last: fewer than two postings",
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
        },
    ),
    "an entry's day": (
        ["UPDATE entry SET effective_on = '2026-12-24' WHERE id = $last"],
        {
            "entry $last: content does not match its seal",
            "entry $last: content does not match its key",
            "entry $last: 2026-12-24 is in no month of the books",
        },
    ),
    "the newest entry whole": (
        [
            "DELETE FROM posting WHERE entry_id = $last",
            "DELETE FROM entry WHERE id = $last",
            "DELETE FROM entry_seal WHERE entry_id = $last",
        ],
        {"leaf $last_pos: entry $last is sealed otherwise"},
    ),
    "an entry without its postings and seal": (
        ["DELETE FROM entry WHERE id = $last"],
        {
            *(f"posting $last line {line}: its entry is gone" for line in range(1, 6)),
            "seal $last: its entry is gone",
        },
    ),
    "a seal taken away": (
        ["DELETE FROM entry_seal WHERE entry_id = $last"],
        {
            "entry $last: not sealed",
            "leaf $last_pos: entry $last is sealed otherwise",
        },
    ),
    "the version of a seal": (
        ["UPDATE entry_seal SET canon_version = 9 WHERE entry_id = $last"],
        {"entry $last: content does not match its seal"},
    ),
    "two seals swapped": (
        [
            (
                "UPDATE entry_seal SET hash = (SELECT s.hash FROM entry_seal s"
                " WHERE s.entry_id = $first) WHERE entry_id = $last"
            )
        ],
        {
            "entry $last: content does not match its seal",
            "leaf $last_pos: entry $last is sealed otherwise",
        },
    ),
    "a fact": (
        ["""UPDATE sealed_fact SET content = '{"EUR":1}' WHERE fact_id = $fact"""],
        {"rate $fact: content does not match its seal"},
    ),
    "two leaves swapped": (
        [
            "UPDATE checkpoint_leaf SET pos = -1 WHERE pos = 3",
            "UPDATE checkpoint_leaf SET pos = 3 WHERE pos = 4",
            "UPDATE checkpoint_leaf SET pos = 4 WHERE pos = -1",
        ],
        {"checkpoint 2: the facts it covers give another root"},
    ),
    "a leaf's place": (
        ["UPDATE checkpoint_leaf SET pos = 9 WHERE pos = 4"],
        {"leaf 9: 4 was expected"},
    ),
    "the newest leaf taken away": (
        ["DELETE FROM checkpoint_leaf WHERE pos = 4"],
        {"checkpoint 2: covers 5 facts, 4 are there"},
    ),
    "a root": (
        ["UPDATE checkpoint SET root = prev_root WHERE n = 2"],
        {"checkpoint 2: the facts it covers give another root"},
    ),
    "an earlier root": (
        ["UPDATE checkpoint SET root = $forged WHERE n = 1"],
        {
            "checkpoint 1: the facts it covers give another root",
            "checkpoint 2: does not follow the one before",
        },
    ),
    "a checkpoint taken away": (
        ["DELETE FROM checkpoint WHERE n = 2"],
        {"leaf 2: no checkpoint covers it"},
    ),
    "the first checkpoint taken away": (
        ["DELETE FROM checkpoint WHERE n = 1"],
        {"checkpoint 2: does not follow the one before"},
    ),
    "all checkpoints taken away": (
        ["DELETE FROM checkpoint"],
        {"leaf 0: no checkpoint covers it"},
    ),
    "a closing balance": (
        ["UPDATE period_balance SET balance = balance + 1 WHERE account_id = $pool"],
        {"month 2026-10-01: the closing balance of Liabilities:Fund:Pool:EUR is another"},
    ),
    "a closing balance of no account": (
        ["UPDATE period_balance SET account_id = $fact WHERE account_id = $pool"],
        {
            "month 2026-10-01: the closing balance of Liabilities:Fund:Pool:EUR is another",
            "month 2026-10-01: the closing balance of $fact is another",
        },
    ),
}


def position(case: Case, fact_id: uuid.UUID) -> int:
    with case.database.reading() as session:
        return session.scalars(
            select(CheckpointLeaf.pos).where(CheckpointLeaf.fact_id == fact_id)
        ).one()


TABLES = (
    "posting",
    "entry",
    "entry_seal",
    "sealed_fact",
    "checkpoint",
    "checkpoint_leaf",
    "period_balance",
)


def test_every_tampering_is_named(case: Case) -> None:
    """One after the other, each undone from a copy of the rows."""
    copies = [f"CREATE TABLE kept_{table} AS SELECT * FROM {table}" for table in TABLES]  # noqa: S608 - names of this file
    back = [
        step
        for table in TABLES
        for step in (
            f"DELETE FROM {table}",  # noqa: S608 - names of this file
            f"INSERT INTO {table} SELECT * FROM kept_{table}",  # noqa: S608 - same
        )
    ]
    tamper(case.database, *copies)
    for what, (statements, sentences) in TAMPERINGS.items():
        expected = {case.spoken(sentence) for sentence in sentences}
        case.tamper(*statements)
        assert case.faults() == expected, what
        tamper(case.database, *back)
    assert case.faults() == set()
    tamper(case.database, *(f"DROP TABLE kept_{table}" for table in TABLES))


def test_a_fund_spent_below_zero_is_named(case: Case) -> None:
    case.tamper("UPDATE posting SET amount = 999999 WHERE entry_id = $last AND line = 3")
    assert f"account {POOL}: spent below zero" in case.faults()


def test_a_reversal_that_is_no_mirror_is_named(case: Case) -> None:
    named = case.spoken("entry $reversal: does not mirror what it reverses")
    assert named not in case.faults()
    case.tamper("UPDATE posting SET line = 9 WHERE entry_id = $reversal AND line = 1")
    assert named in case.faults()
    case.tamper("UPDATE posting SET line = 1 WHERE entry_id = $reversal AND line = 9")
    assert named not in case.faults()
    case.tamper("DELETE FROM posting WHERE entry_id = $reversal AND line = 1")
    assert named in case.faults()


def test_hashes_recomputed_from_the_middle_on_are_caught_by_the_published_root(
    case: Case,
) -> None:
    """Somebody rewrites a gift, its seal, the leaf and every later root: all agree with all."""
    with case.database.reading() as session:
        published = {one.n: one.root for one in checkpoints.recent(session, 9)}
        seen = queries.entry(session, case.last)
    lines = [
        (
            line.line,
            line.account,
            line.amount.currency,
            line.amount.minor + {1: 100, 3: -100}.get(line.line, 0),
        )
        for line in seen.lines
    ]
    fact = leaves.EntryFact(
        id=seen.id,
        kind=seen.kind,
        idem_key=seen.idem_key,
        effective_on=seen.effective_on,
        recorded_at=seen.recorded_at,
        reverses_id=None,
        source_type=seen.source_type,
        source_id=seen.source_id,
        postings=lines,
    )
    forged = leaves.leaf(leaves.entry_content(fact, seen.salt))
    place = position(case, case.last)
    tree = Frontier()
    with case.database.reading() as session:
        for leaf in session.scalars(select(CheckpointLeaf).order_by(CheckpointLeaf.pos)):
            tree.append(forged if leaf.pos == place else leaf.hash)
    case.tamper(
        "UPDATE posting SET amount = amount + 100 WHERE entry_id = $last AND line = 1",
        "UPDATE posting SET amount = amount - 100 WHERE entry_id = $last AND line = 3",
        "UPDATE entry_seal SET hash = $leaf WHERE entry_id = $last",
        "UPDATE entry SET idem_hash = $key WHERE id = $last",
        "UPDATE checkpoint_leaf SET hash = $leaf WHERE pos = $last_pos",
        "UPDATE checkpoint SET root = $root, frontier = $frontier WHERE n = 2",
        leaf=forged,
        key=leaves.key_hash(fact),
        root=tree.root(),
        frontier=tree.written(),
    )
    assert case.faults() == set()
    assert verify(case.database, published=published).faults == (
        "checkpoint 2: another root was published",
    )
    assert verify(case.database, published={3: b""}).faults == (
        "checkpoint 3: another root was published",
    )


def test_a_trigger_taken_away_is_named(own_database: Database, at: datetime) -> None:
    case = a_case(own_database, at)
    where = " ON posting" if case.database.name == "postgresql" else ""
    as_owner(case.database, [f"DROP TRIGGER posting_no_update{where}"])
    assert case.faults() == {"guard posting_no_update on posting is missing"}


def test_the_triggers_of_every_room_are_checked(own_database: Database) -> None:
    """What another room's migration put there, and what nobody of the house put there."""
    if own_database.name == "sqlite":
        as_owner(
            own_database,
            [
                "DROP TRIGGER bank_line_no_update",
                "CREATE TRIGGER mine AFTER INSERT ON donation BEGIN SELECT 1; END",
            ],
        )
        wanted = {
            "guard bank_line_no_update on bank_line is missing",
            "trigger mine on donation is none of ours",
        }
    else:
        as_owner(
            own_database,
            [
                "ALTER TABLE bank_line DISABLE TRIGGER bank_line_no_update",
                "ALTER TABLE posting DISABLE TRIGGER ALL",
                "ALTER TABLE posting ENABLE TRIGGER USER",
            ],
        )
        wanted = {
            "guard bank_line_no_update on bank_line was changed",
            "a constraint of posting is turned off",
        }
    assert set(verify(own_database).faults) == wanted


def test_an_account_that_lost_its_floor_is_named(embedded: Database, at: datetime) -> None:
    """The engine's own check of the file finds it too, as a row against a CHECK."""
    embedded.run(journal.post, a_gift(), at=at)
    tamper(
        embedded,
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE account SET floor = 'none' WHERE code = 'Liabilities:Fund:Pool:EUR'",
    )
    assert verify(embedded).faults == (
        "file: CHECK constraint failed in account",
        f"account {POOL}: its floor was changed",
    )


def test_a_currency_that_nobody_knows_is_told_too(case: Case) -> None:
    case.tamper("UPDATE posting SET currency = 'XXX' WHERE entry_id = $last AND line = 1")
    assert case.spoken("entry $last: line 1 is in XXX, its account in EUR") in case.faults()


def test_postings_of_a_lost_entry_are_told_wherever_it_stood(
    embedded: Database, at: datetime
) -> None:
    """The first of two entries is gone; the second one is still read with its own postings."""
    for number in (1, 2):
        embedded.run(journal.post, a_gift(number), at=at)
    tamper(embedded, "DELETE FROM entry WHERE idem_key = 'stripe:txn_1'")
    faults = verify(embedded).faults
    assert any("posting" in fault for fault in faults), faults
