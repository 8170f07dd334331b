"""Do gifts, refunds, disputes and allocations keep every sum, in any sequence, in the books?"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from offset.database.session import Database
from offset.giving import allocations, epochs, receipts, refunds
from offset.giving.models import AllocationRow, Donation, Overflow, Receipt, RefundSource
from offset.ledger import verify
from offset.ledger.models import Account, Entry, Posting
from tests.builders.giving import Two, a_donation, a_policy, books, deliver, two_people
from tests.builders.projects import Way, a_cast, admitted
from tests.fakes_giving import FakeProcessor

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
_copies = itertools.count()

action = some.one_of(
    some.tuples(
        some.just("give"),
        some.integers(500, 12_000),
        some.sampled_from([None, 0, 1, 2]),
        some.sampled_from(Overflow),
    ),
    some.tuples(some.just("refund"), some.integers(0, 9), some.integers(1, 100)),
    some.tuples(some.just("dispute"), some.integers(0, 9), some.sampled_from(["won", "lost"])),
    some.tuples(some.just("epoch"), some.lists(some.integers(1, 9), min_size=3, max_size=3)),
    some.tuples(some.just("run")),
)


@dataclass(frozen=True)
class Start:
    """A database with three projects, one of them small, and the people who act."""

    path: Path
    ways: tuple[Way, ...]
    two: Two


@pytest.fixture(scope="module")
def start(sqlite_template: Path) -> Iterator[Start]:
    folder = Path(tempfile.mkdtemp(prefix="offset-gifts-"))
    path = folder / "start.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    cast = database.run(a_cast, at=AT)
    ways = tuple(
        database.run(admitted, at=AT, slug=slug, ceiling=ceiling, cast=cast)
        for slug, ceiling in (("small", "60.00"), ("middle", "150.00"), ("large", "51000.00"))
    )
    two = two_people(database, at=AT)
    database.dispose()
    yield Start(path, ways, two)
    shutil.rmtree(folder)


class Run:
    """One sequence of actions on a copy of the start."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.path = start.path.with_name(f"copy{next(_copies)}.db")
        shutil.copy(start.path, self.path)
        self.database = Database(f"sqlite:///{self.path}")
        self.processor = FakeProcessor(AT)
        self.gifts: list[tuple[str, int]] = []
        self.refunded: dict[str, int] = {}
        self.disputed: set[str] = set()

    def give(self, minor: int, where: int | None, overflow: Overflow) -> None:
        project = None if where is None else self.start.ways[where].project_id
        gift = a_donation(
            self.database,
            self.processor,
            at=AT,
            amount=f"{minor // 100}.{minor % 100:02d} EUR",
            project_id=project,
            overflow=overflow,
        )
        self.gifts.append((gift.charge_id, minor))

    def refund(self, which: int, percent: int) -> None:
        if not self.gifts:
            return
        charge_id, minor = self.gifts[which % len(self.gifts)]
        already = self.refunded.get(charge_id, 0)
        part = min(max(1, minor * percent // 100), minor - already)
        if part <= 0 or charge_id in self.disputed:
            return
        self.refunded[charge_id] = already + part
        number = len(self.processor.movements)
        sent = self.processor.refund(charge_id, part, number=number)
        deliver(self.database, self.processor, sent, at=AT)
        cause = f"re_{charge_id}_{number}"
        self.database.run(refunds.source, cause, actor=self.start.two.approver, at=AT)

    def dispute(self, which: int, end: str) -> None:
        if not self.gifts:
            return
        charge_id, _ = self.gifts[which % len(self.gifts)]
        if charge_id in self.disputed or charge_id in self.refunded:
            return
        self.disputed.add(charge_id)
        for sent in (
            self.processor.dispute(charge_id),
            self.processor.decide(f"du_{charge_id}", end),
        ):
            deliver(self.database, self.processor, sent, at=AT)
        refunds.source_pending(self.database, at=AT)

    def epoch(self, weights: list[int]) -> None:
        named = {
            way.project_id: weight for way, weight in zip(self.start.ways, weights, strict=True)
        }
        a_policy(self.database, self.start.two, named, at=AT)
        epoch_id = self.database.run(epochs.propose_epoch, actor=self.start.two.clerk, at=AT)
        self.database.run(epochs.approve_epoch, epoch_id, actor=self.start.two.approver, at=AT)

    def run(self) -> None:
        allocations.allocate_pending(self.database, at=AT)
        receipts.issue_pending(self.database, at=AT)

    def finish(self) -> None:
        self.database.dispose()
        self.path.unlink()


@settings(max_examples=12)
@given(actions=some.lists(action, min_size=3, max_size=9))
def test_every_sum_holds_after_any_sequence(
    start: Start, actions: list[tuple[object, ...]]
) -> None:
    run = Run(start)
    try:
        for name, *arguments in actions:
            getattr(run, str(name))(*arguments)
        run.run()
        _gifts_add_up(run)
        _projects_add_up(run)
        _numbers_have_no_gap(run)
        assert verify.verify(run.database).faults == ()
        assert books(run.database).get("Assets:Stripe:EUR", 0) == run.processor.balance()
    finally:
        run.finish()


def _gifts_add_up(run: Run) -> None:
    """Rows, what is left and what was taken back make a gift's net; the pool is what is left."""
    with run.database.reading() as session:
        rows = dict(
            session.execute(
                select(AllocationRow.donation_id, func.sum(AllocationRow.amount)).group_by(
                    AllocationRow.donation_id
                )
            ).all()
        )
        taken = dict(
            session.execute(
                select(
                    RefundSource.donation_id,
                    func.sum(RefundSource.unallocated + RefundSource.projects),
                ).group_by(RefundSource.donation_id)
            ).all()
        )
        gifts = session.scalars(select(Donation)).all()
        for gift in gifts:
            assert gift.net is not None
            assert gift.share is not None
            parts = rows.get(gift.id, 0) + gift.unallocated + taken.get(gift.id, 0)
            assert parts == gift.net - gift.share
        left = sum(gift.unallocated for gift in gifts)
    assert -books(run.database).get("Liabilities:Fund:Pool:EUR", 0) == left


def _projects_add_up(run: Run) -> None:
    """Rows of a project are its credits; no project holds more than its ceiling, none is owed."""
    ceilings = {
        way.project_id: limit
        for way, limit in zip(run.start.ways, (6_000, 15_000, 5_100_000), strict=True)
    }
    with run.database.reading() as session:
        held = dict(
            session.execute(
                select(Account.project_id, -func.sum(Posting.amount))
                .join(Posting, Posting.account_id == Account.id)
                .join(Entry, Entry.id == Posting.entry_id)
                .where(Account.project_id.is_not(None))
                .group_by(Account.project_id)
            ).all()
        )
        rows = dict(
            session.execute(
                select(AllocationRow.project_id, func.sum(AllocationRow.amount)).group_by(
                    AllocationRow.project_id
                )
            ).all()
        )
    for project, ceiling in ceilings.items():
        assert held.get(project, 0) == rows.get(project, 0)
        assert 0 <= held.get(project, 0) <= ceiling


def _numbers_have_no_gap(run: Run) -> None:
    with run.database.reading() as session:
        numbers = sorted(session.scalars(select(Receipt.number)))
    assert numbers == list(range(1, len(numbers) + 1))
