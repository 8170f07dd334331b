"""Whatever is recorded, in whatever order: the books balance, floors hold, and replays are nothing.

The model is a dictionary of integers. After every step it equals the balances in the database;
at the end of every life each entry is posted again, a checkpoint is taken, the books are verified.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from offset.database.session import Database
from offset.errors import LedgerRefused
from offset.ledger import balances, chart, checkpoints, entries, journal, periods, queries
from offset.ledger.entries import BankLine, Draft, Line, Movement
from offset.ledger.verify import verify
from offset.money import Money
from tests.builders.ledger import a_bank_account, a_project_account
from tests.ledger.places import ungated
from tests.ledger.test_periods import people as two_people

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
POOL = chart.pool("EUR")
PROJECTS = (chart.project("P0001", "EUR"), chart.project("P0002", "EUR"))
BANK = chart.bank()
AMOUNTS = st.integers(1, 20_000)
# An entry is dated at most a week after it is recorded.
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
DAYS = st.dates(OCTOBER, date(2026, 11, 22))
# In a short run a machine takes as many steps as tell something within seconds.
STEPS = 25


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


class Books(RuleBasedStateMachine):
    """A fund's life at random, in books of its own: what a run draws depends on no run before."""

    fresh: Callable[[], AbstractContextManager[Database]]
    people: tuple[uuid.UUID, uuid.UUID]
    reopened: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.place = ExitStack()
        self.database = self.place.enter_context(self.fresh())
        self.drafts: list[tuple[Draft, bytes]] = []
        self.orders: list[tuple[str, int]] = []
        self.reversible: list[Draft] = []
        self.at = AT
        with self.database.reading() as session:
            self.model = {line.code: line.balance.minor for line in balances.trial_balance(session)}
        self.locked = False

    def name(self) -> str:
        return f"n{len(self.drafts)}"

    def movement(self, kind: str, on: date) -> Movement:
        return Movement(f"txn_{self.name()}", on, kind)

    def line(self, on: date) -> BankLine:
        return BankLine(self.name(), on, BANK)

    def record(self, draft: Draft) -> bool:
        """Post a draft; the model says whether a locked month or a floor must refuse it."""
        if self.locked and draft.effective_on < NOVEMBER:
            with pytest.raises(LedgerRefused, match="period_locked"):
                self.database.run(journal.post, draft, at=self.at)
            # What is late belongs into the open month.
            draft = replace(draft, effective_on=NOVEMBER)
        after = dict(self.model)
        for line in draft.lines:
            after[line.account] = after.get(line.account, 0) + line.amount.minor
        debited = {line.account for line in draft.lines if line.amount.minor > 0}
        breached = any(after[one] > 0 for one in debited if one in {POOL, *PROJECTS})
        self.at += timedelta(seconds=1)
        try:
            posted = self.database.run(journal.post, draft, at=self.at)
        except LedgerRefused as refusal:
            if refusal.code != "floor_breached" or not breached:
                raise
            self.agree()
            return False
        assert posted.fresh
        assert not breached
        self.model = after
        self.drafts.append((draft, posted.leaf_hash))
        self.agree()
        return True

    def agree(self) -> None:
        with self.database.reading() as session:
            lines = balances.trial_balance(session)
        found = {line.code: line.balance.minor for line in lines}
        assert sum(found.values()) == 0
        assert {code: minor for code, minor in found.items() if minor} == {
            code: minor for code, minor in self.model.items() if minor
        }
        assert all(found.get(code, 0) <= 0 for code in (POOL, *PROJECTS))

    @rule(gross=AMOUNTS, fee=st.integers(0, 400), points=st.integers(0, 1_000), on=DAYS)
    def give(self, gross: int, fee: int, points: int, on: date) -> None:
        fee = min(fee, gross - 1)
        share = min(gross * points // 10_000, gross - fee)
        draft = entries.gift_settled(
            self.movement("charge", on), gross=eur(gross), fee=eur(fee), share=eur(share)
        )
        if self.record(draft):
            self.reversible.append(draft)

    @rule(amount=AMOUNTS, on=DAYS)
    def give_by_bank(self, amount: int, on: date) -> None:
        self.record(entries.bank_gift(self.line(on), amount=eur(amount)))

    @rule(amounts=st.tuples(AMOUNTS, AMOUNTS), on=DAYS)
    def allocate(self, amounts: tuple[int, int], on: date) -> None:
        shares = dict(zip(PROJECTS, map(eur, amounts), strict=True))
        self.record(entries.allocation(epoch="e", donation_id=self.name(), on=on, shares=shares))

    @rule(amount=AMOUNTS, on=DAYS)
    def withdraw(self, amount: int, on: date) -> None:
        draft = entries.deallocation(
            project=PROJECTS[0], donation_id=self.name(), on=on, amount=eur(amount)
        )
        self.record(draft)

    @rule(amount=AMOUNTS, on=DAYS)
    def order(self, amount: int, on: date) -> None:
        name = self.name()
        draft = entries.disbursement_ordered(
            disbursement_id=name, on=on, project=PROJECTS[1], amount=eur(amount)
        )
        if self.record(draft):
            self.orders.append((name, amount))

    @precondition(lambda self: self.orders)
    @rule(on=DAYS)
    def pay(self, on: date) -> None:
        name, amount = self.orders.pop()
        draft = entries.disbursement_sent(self.line(on), disbursement_id=name, amount=eur(amount))
        assert self.record(draft)

    @rule(amount=AMOUNTS, fee=st.integers(-100, 400), on=DAYS)
    def refund(self, amount: int, fee: int, on: date) -> None:
        sourced = entries.refund_sourced(
            cause_id=f"re_{self.name()}", on=on, sources={POOL: eur(amount)}
        )
        self.record(sourced)
        # Money that has left is booked whatever the fund holds.
        paid = entries.refund_paid(self.movement("refund", on), amount=eur(amount), fee=eur(fee))
        assert self.record(paid)

    @rule(amount=AMOUNTS, on=DAYS)
    def dispute(self, amount: int, on: date) -> None:
        opened = entries.dispute_opened(
            self.movement("dispute", on), amount=eur(amount), fee=eur(2_000)
        )
        assert self.record(opened)

    @rule(amount=AMOUNTS, on=DAYS)
    def pay_out(self, amount: int, on: date) -> None:
        sent = entries.payout_sent(self.movement("payout", on), amount=eur(amount), fee=eur(0))
        assert self.record(sent)
        assert self.record(entries.payout_arrived(self.line(on), amount=eur(amount)))

    @rule(sold=AMOUNTS, bought=AMOUNTS, on=DAYS)
    def convert(self, sold: int, bought: int, on: date) -> None:
        """Both ways, so that the model's one sum over all currencies stays zero per currency."""
        draft = entries.fx(
            conversion_id=self.name(),
            on=on,
            source=BANK,
            sold=eur(sold),
            target=chart.suspense("EUR"),
            bought=eur(bought),
        )
        assert self.record(draft)

    @precondition(lambda self: self.reversible)
    @rule(on=DAYS)
    def correct(self, on: date) -> None:
        draft = self.reversible.pop()
        with self.database.reading() as session:
            first = queries.entries_of(session, draft.source_type, draft.source_id)[0]
        undo = entries.reversal(
            entry_id=first.id,
            on=on,
            source_type=first.source_type,
            source_id=first.source_id,
            lines=[Line(line.account, line.amount) for line in first.lines],
            reason="at random",
        )
        self.record(undo)

    @precondition(lambda self: self.drafts)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        draft, leaf = data.draw(st.sampled_from(self.drafts))
        again = self.database.run(journal.post, draft, at=self.at)
        assert (again.fresh, again.leaf_hash) == (False, leaf)

    @rule()
    def checkpoint(self) -> None:
        self.database.run(checkpoints.take, at=self.at)

    @precondition(lambda self: not self.locked)
    @rule()
    def close(self) -> None:
        """Close October, which changes no balance, now or as of its last day."""
        self.database.run(periods.open_month, OCTOBER)
        before = self.standing()
        self.database.run(periods.begin_close, OCTOBER)
        self.database.run(periods.lock, OCTOBER, at=self.at)
        self.locked = True
        assert self.standing() == before
        self.agree()

    @precondition(lambda self: self.locked)
    @rule()
    def reopen(self) -> None:
        """Open October again; one person alone cannot."""
        before = self.standing()
        words = {"reason": "a fee was missed", "at": self.at, "actor_id": self.people[0]}
        asked = self.database.run(periods.ask_reopening, OCTOBER, **words)
        with pytest.raises(LedgerRefused, match="same_person"):
            self.database.run(periods.reopen, asked, at=self.at, actor_id=self.people[0])
        self.database.run(periods.reopen, asked, at=self.at, actor_id=self.people[1])
        self.locked = False
        assert self.standing() == before
        self.agree()

    def standing(self) -> dict[str, int]:
        with self.database.reading() as session:
            lines = balances.trial_balance(session, as_of=NOVEMBER - timedelta(days=1))
            held = balances.balance(session, POOL)
        assert held.minor == self.model.get(POOL, 0)
        return {line.code: line.balance.minor for line in lines}

    def teardown(self) -> None:
        with self.place:
            for draft, leaf in self.drafts:
                again = self.database.run(journal.post, draft, at=self.at)
                assert (again.fresh, again.leaf_hash) == (False, leaf)
            self.agree()
            self.database.run(checkpoints.take, at=self.at)
            report = verify(self.database)
            # The gates of other rooms were taken away, and are missed.
            assert [one for one in report.faults if not one.startswith("guard ")] == []
            assert report.entries == len(self.drafts)
            with self.database.reading() as session:
                self.reopened += [1 for one in periods.reopenings(session) if one.approved_at]


def live(url: str, copied: Callable[[], AbstractContextManager[Database]]) -> None:
    """Furnish the books at an address, then live many lives, each in a copy of them."""
    database = Database(url)
    database.run(a_bank_account, at=AT)
    for code in ("P0001", "P0002"):
        database.run(a_project_account, code, at=AT)
    people = database.run(two_people)
    database.dispose()
    reopened: list[int] = []
    told = {"fresh": staticmethod(copied), "people": people, "reopened": reopened}
    profile = settings.default
    assert profile is not None
    chosen = settings(
        profile, stateful_step_count=STEPS, max_examples=max(8, profile.max_examples // 5)
    )
    run_state_machine_as_test(type("BooksHere", (Books,), told), settings=chosen)
    assert reopened


def test_any_sequence_of_entries_keeps_the_books(untold_file: Path, tmp_path: Path) -> None:
    first = tmp_path / "books.db"
    shutil.copy(untold_file, first)
    ungated(f"sqlite:///{first}")

    @contextmanager
    def copied() -> Iterator[Database]:
        path = tmp_path / "copy.db"
        shutil.copy(first, path)
        database = Database(f"sqlite:///{path}")
        try:
            yield database
        finally:
            database.dispose()
            for left in tmp_path.glob("copy.db*"):
                left.unlink()

    live(f"sqlite:///{first}", copied)


@pytest.mark.postgres
def test_the_same_on_a_server(postgres_server: str, untold_template: str) -> None:
    """PostgreSQL without the gates of other rooms: none asks for allocation rows."""
    head, _, _ = postgres_server.partition("?")
    first, copy = (f"properties_journal_{word}" for word in ("first", "copy"))
    at = f"{head.rsplit('/', 1)[0]}/"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {first} TEMPLATE {untold_template}")
        ungated(at + first)

        @contextmanager
        def copied() -> Iterator[Database]:
            connection.execute(f"CREATE DATABASE {copy} TEMPLATE {first} STRATEGY FILE_COPY")
            database = Database(at + copy)
            try:
                yield database
            finally:
                database.dispose()
                connection.execute(f"DROP DATABASE {copy} WITH (FORCE)")

        live(at + first, copied)
        connection.execute(f"DROP DATABASE {first} WITH (FORCE)")
