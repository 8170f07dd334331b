"""Do the books say what a slow clerk with a sheet of paper says, after every step of any history?

Histories are random, seeded by their number: gifts of every directive, refunds, lost disputes,
new weights, runs of the pool and of themes, pauses, withdrawals, payments, wider ceilings. After
each step every balance of the books is compared, and what each gift has at each project.
"""

import itertools
import os
import random
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving import allocations, booking, donations, epochs, refunds, withdrawals
from offset.giving.directives import Directive
from offset.giving.models import AllocationRow, Donation, DonationStatus, Overflow
from offset.giving.ports import BalanceTransaction
from offset.ledger import verify
from offset.money import Money
from offset.people.access import SYSTEM, Role
from offset.projects import assessments
from offset.projects.queries import gate
from offset.treasury import disbursements
from tests.builders.giving import Two, books, two_people
from tests.builders.projects import Way, a_cast, admitted, an_actor, answers
from tests.builders.treasury import House, a_bank_account, a_payee
from tests.properties.naive import Clerk, Field, Present

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
HISTORIES = 3_000 if SOAK else 12
ON_SERVER = 60 if SOAK else 1
STEPS = 40 if SOAK else 22
# slug, ceiling in cents, country, practice
PROJECTS = (
    ("small", 3_000, "FR", "cover_crops"),
    ("middle", 8_000, "FR", "agroforestry"),
    ("large", 30_000, "NE", "agroforestry"),
    ("other", 12_000, "NE", "cover_crops"),
)
TAGS = ("FR", "NE", "Agroforestry", "CoverCrops")
_copies = itertools.count()


@dataclass(frozen=True)
class World:
    """Four projects with payees, and the people who act."""

    ways: tuple[Way, ...]
    two: Two
    house: House


def build(database: Database) -> World:
    cast = database.run(a_cast, at=AT)
    ways = tuple(
        database.run(
            admitted,
            at=AT,
            slug=slug,
            ceiling=f"{limit / 100:.2f}",
            cast=cast,
            said=answers(project={"country": country}, practice={"practice": practice}),
        )
        for slug, limit, country, practice in PROJECTS
    )
    two = two_people(database, at=AT)
    approver = database.run(an_actor, Role.APPROVER, at=AT)
    house = House(ways[0], cast.clerk, cast.treasurer, approver)
    database.run(a_bank_account, at=AT)
    for way in ways:
        database.run(a_payee, House(way, cast.clerk, cast.treasurer, approver), at=AT)
    return World(ways, two, house)


@pytest.fixture(scope="module")
def start(sqlite_template: Path) -> Iterator[tuple[Path, World]]:
    folder = Path(tempfile.mkdtemp(prefix="offset-histories-"))
    path = folder / "start.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    world = build(database)
    database.dispose()
    yield path, world
    shutil.rmtree(folder)


class History:
    """One random history, told to the product and to the clerk alike."""

    def __init__(self, database: Database, world: World, seed: int) -> None:
        self.database = database
        self.world = world
        self.dice = random.Random(seed)  # noqa: S311 - a story to repeat, no secret
        self.ids = [way.project_id for way in world.ways]
        self.clerk = Clerk(
            {
                way.project_id: Field(
                    code,
                    limit,
                    frozenset({country, "".join(w.capitalize() for w in practice.split("_"))}),
                )
                for way, (_, limit, country, practice), code in zip(
                    world.ways, PROJECTS, ("P0001", "P0002", "P0003", "P0004"), strict=True
                )
            }
        )
        self.number = 0
        self.told: list[str] = []

    @property
    def at(self) -> datetime:
        return AT + timedelta(minutes=self.number)

    def play(self, steps: int) -> None:
        ways: dict[str, int] = {
            "give": 8,
            "run": 2,
            "vote": 1,
            "begin": 4,
            "refund": 3,
            "lose": 1,
            "order": 4,
            "hold": 2,
            "resume": 2,
            "widen": 1,
            "withdraw": 2,
        }
        self.vote()
        self.begin()
        for name in self.dice.choices(list(ways), list(ways.values()), k=steps):
            self.number += 1
            self.clerk.now = self.number
            said = getattr(self, name)()
            self.told.append(f"{self.number} {name} {said or ''}")
            self.compare()

    # steps

    def give(self) -> str:
        gross, fee = self.dice.randint(500, 7_000), self.dice.randint(0, 60)
        word = self.directive()
        donation_id = self.database.run(self.settle, gross, fee, word)
        share = gross * 500 // 10_000
        self.clerk.give(
            Present(
                id=donation_id,
                number=self.number,
                gross=gross,
                share=share,
                chosen={word.project_id: 1} if word.project_id else dict(word.split),
                waits=word.overflow is Overflow.WAIT,
                next_project=word.overflow_project_id,
                next_tag=word.overflow_tag,
                fund=word.tag,
                left=0,
            ),
            fee,
        )
        return f"{gross} − {fee} {word}"

    def directive(self) -> Directive:
        """Any word that the projects of the moment allow."""
        with self.database.reading() as session:
            open_ = [one for one in self.ids if gate(session, one, self.at.date()).open]
        carried = [tag for p in open_ for tag in self.clerk.fields[p].tags]
        tags = [tag for tag in TAGS if carried.count(tag) > 1]
        kind = self.dice.choice(("pool", "project", "project", "split", "theme"))
        if kind == "theme" and tags:
            return Directive(tag=self.dice.choice(tags))
        if kind == "project" and open_:
            chosen = self.dice.choice(open_)
            after = self.after([one for one in open_ if one != chosen], tags, wait=True)
            return Directive(project_id=chosen, **after)
        if kind == "split" and len(open_) > 1:
            several = self.dice.sample(open_, self.dice.randint(2, len(open_)))
            cuts = sorted(self.dice.sample(range(1, 100), len(several) - 1))
            parts = [b - a for a, b in itertools.pairwise((0, *cuts, 100))]
            rest = [one for one in open_ if one not in several]
            return Directive(
                split=dict(zip(several, parts, strict=True)), **self.after(rest, tags, wait=False)
            )
        return Directive()

    def after(self, others: list[uuid.UUID], tags: list[str], *, wait: bool) -> dict[str, object]:
        kind = self.dice.choice(("pool", "pool", "wait", "next", "theme"))
        if kind == "wait" and wait:
            return {"overflow": Overflow.WAIT}
        if kind == "next" and others:
            return {"overflow_project_id": self.dice.choice(others)}
        if kind == "theme" and tags:
            return {"overflow_tag": self.dice.choice(tags)}
        return {}

    def settle(self, session: Session, gross: int, fee: int, word: Directive) -> uuid.UUID:
        pledged = donations.pledge(
            session, at=self.at, amount=Money(gross, "EUR"), language="en", directive=word
        )
        gift = donations.locked(session, pledged.donation_id)
        booking.book(session, self.movement("charge", gross, fee), at=self.at, gift=gift)
        session.flush()
        allocations.allocate_one(session, gift.id, at=self.at)
        return gift.id

    def movement(self, category: str, amount: int, fee: int = 0) -> BalanceTransaction:
        return BalanceTransaction(
            id=f"txn_{self.number}",
            reporting_category=category,
            type=category,
            amount=Money(amount, "EUR"),
            fee=Money(fee, "EUR"),
            net=Money(amount - fee, "EUR"),
            created=self.at,
            available_on=self.at,
            source_id=f"cause_{self.number}",
            exchange_rate=None,
        )

    def run(self) -> None:
        allocations.allocate_pending(self.database, at=self.at)
        self.clerk.run()

    def vote(self) -> str:
        named = self.dice.sample(self.ids, self.dice.randint(1, len(self.ids)))
        weights = {one: self.dice.randint(1, 9) for one in named}
        policy = self.database.run(
            epochs.propose_policy,
            actor=self.world.two.clerk,
            at=self.at,
            weights=weights,
            reason="Needs.",
        )
        self.database.run(epochs.approve_policy, policy, actor=self.world.two.approver, at=self.at)
        self.clerk.vote(weights)
        return str(weights)

    def begin(self) -> str:
        tag = self.dice.choice(("", "", *TAGS))
        if not self.clerk.portfolio(tag):
            return "nothing"
        epoch = self.database.run(
            epochs.propose_epoch, actor=self.world.two.clerk, at=self.at, tag=tag
        )
        self.database.run(epochs.approve_epoch, epoch, actor=self.world.two.approver, at=self.at)
        self.clerk.begin(tag)
        return tag

    def refund(self) -> str:
        gift = self.any_gift()
        if gift is None:
            return "nothing"
        amount = self.dice.choice(
            (gift.gross - gift.gone, self.dice.randint(1, gift.gross - gift.gone))
        )
        self.database.run(self.take, gift, "refund", amount)
        self.clerk.move(amount, "Liabilities:Refunds:EUR", "Assets:Stripe:EUR")
        self.clerk.back(gift, amount, "Liabilities:Refunds:EUR")
        return f"{amount} of {gift.gross}"

    def lose(self) -> str:
        gift = self.any_gift()
        if gift is None or gift.gone:
            return "nothing"
        self.database.run(self.take, gift, "dispute", gift.gross)
        self.clerk.move(gift.gross, "Assets:Receivable:Disputes:EUR", "Assets:Stripe:EUR")
        self.clerk.move(2_000, "Expenses:Fees:Disputes:EUR", "Assets:Stripe:EUR")
        self.clerk.back(gift, gift.gross, "Assets:Receivable:Disputes:EUR")
        return str(gift.gross)

    def take(self, session: Session, told: Present, category: str, amount: int) -> None:
        gift = donations.locked(session, told.id)
        lost = category == "dispute"
        movement = self.movement(category, -amount, 2_000 if lost else 0)
        booking.book(session, movement, at=self.at, gift=gift)
        if lost:
            for state in (DonationStatus.DISPUTED, DonationStatus.LOST):
                donations.advance(session, gift, state, at=self.at, cause="dispute")
            gift.refunded += amount
        session.flush()
        actor = SYSTEM if lost else self.world.two.approver
        refunds.source(session, f"cause_{self.number}", actor=actor, at=self.at)

    def any_gift(self) -> Present | None:
        left = [one for one in self.clerk.gifts if one.gone < one.gross]
        return self.dice.choice(left) if left else None

    def order(self) -> str:
        rich = [
            one
            for one in self.ids
            if self.clerk.held(one) >= 2_500 and self.clerk.fields[one].state == "open"
        ]
        if not rich:
            return "nothing"
        chosen = self.dice.choice(rich)
        amount = self.dice.choice(
            (self.clerk.held(chosen), self.dice.randint(2_500, self.clerk.held(chosen)))
        )
        self.database.run(self.pay, chosen, amount)
        self.clerk.order(chosen, amount)
        return f"{self.clerk.fields[chosen].code} {amount}"

    def pay(self, session: Session, chosen: uuid.UUID, amount: int) -> None:
        payment = disbursements.prepare(
            session,
            actor=self.world.house.clerk,
            at=self.at,
            project_id=chosen,
            amount=Money(amount, "EUR"),
            purpose="Instalment",
        )
        disbursements.approve(
            session, actor=self.world.house.approver, at=self.at, disbursement_id=payment
        )

    def hold(self) -> str:
        return self.change("open", "held", "hold")

    def resume(self) -> str:
        return self.change("held", "open", "resume")

    def withdraw(self) -> str:
        chosen = self.change("open", "gone", "remove")
        withdrawals.take_back_pending(self.database, at=self.at)
        for one, field in self.clerk.fields.items():
            if field.code == chosen:
                self.clerk.withdraw(one)
        return chosen

    def change(self, origin: str, target: str, step: str) -> str:
        fit = [one for one in self.ids if self.clerk.fields[one].state == origin]
        if not fit or (step == "remove" and len(fit) < 3):
            return "nothing"
        chosen = self.dice.choice(fit)
        self.database.run(
            assessments.change_status,
            actor=self.world.ways[0].cast.treasurer,
            at=self.at,
            project_id=chosen,
            step=step,
            reason="Told.",
        )
        self.clerk.fields[chosen].state = target
        return self.clerk.fields[chosen].code

    def widen(self) -> str:
        fit = [one for one in self.ids if self.clerk.fields[one].state == "open"]
        if not fit:
            return "nothing"
        chosen = self.dice.choice(fit)
        limit = self.clerk.fields[chosen].limit + self.dice.randint(1, 5_000)
        self.database.run(
            assessments.admit,
            actor=self.world.ways[0].cast.treasurer,
            at=self.at,
            project_id=chosen,
            ceiling=Money(limit, "EUR"),
            reason="A wider budget.",
        )
        self.clerk.fields[chosen].limit = limit
        return f"{self.clerk.fields[chosen].code} {limit}"

    # what must hold

    def compare(self) -> None:
        story = "\n".join(self.told)
        assert books(self.database) == {k: v for k, v in self.clerk.sheet.items() if v}, story
        assert self.rows() == {
            (gift.id, one): part
            for gift in self.clerk.gifts
            for one, part in gift.rows.items()
            if part
        }, story
        with self.database.reading() as session:
            kept = {
                row.id: (row.unallocated, row.fund_tag) for row in session.scalars(select(Donation))
            }
        assert kept == {gift.id: (gift.left, gift.fund) for gift in self.clerk.gifts}, story
        self.invariants(story)

    def rows(self) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
        with self.database.reading() as session:
            found = session.execute(
                select(
                    AllocationRow.donation_id,
                    AllocationRow.project_id,
                    func.sum(AllocationRow.amount),
                ).group_by(AllocationRow.donation_id, AllocationRow.project_id)
            )
            return {(gift, one): int(total) for gift, one, total in found if total}

    def invariants(self, story: str) -> None:
        """What the rule promises of every state, whichever way led to it."""
        sheet = self.clerk.sheet
        assert sum(sheet.values()) == 0, story
        for code, value in sheet.items():
            if code.startswith(("Liabilities:Fund:", "Liabilities:Project:")):
                assert value <= 0, story
        for one, field in self.clerk.fields.items():
            assert self.clerk.held(one) + field.ordered <= field.limit, story
            rows = sum(gift.rows.get(one, 0) for gift in self.clerk.gifts)
            assert rows == self.clerk.held(one) + field.ordered, story
        for gift in self.clerk.gifts:
            if gift.fund and not gift.chosen:
                tags = [self.clerk.fields[one].tags for one, part in gift.rows.items() if part]
                assert all(gift.fund in carried for carried in tags), story


def play(database: Database, world: World, seed: int) -> None:
    history = History(database, world, seed)
    try:
        history.play(STEPS)
    except Exception as fault:
        fault.add_note(f"history {seed}:\n" + "\n".join(history.told))
        raise
    assert verify.verify(database).faults == ()


def copied(path: Path, use: Callable[[Database], None]) -> None:
    copy = path.with_name(f"copy{next(_copies)}.db")
    shutil.copy(path, copy)
    database = Database(f"sqlite:///{copy}")
    try:
        use(database)
    finally:
        database.dispose()
        copy.unlink()


def test_every_balance_is_the_clerks_after_every_step(start: tuple[Path, World]) -> None:
    path, world = start
    for seed in range(HISTORIES):
        copied(path, lambda database, seed=seed: play(database, world, seed))  # type: ignore[misc] # mypy reads no default of a lambda


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(ON_SERVER))
def test_the_server_says_the_same(server: Database, seed: int) -> None:
    play(server, build(server), 10_000 + seed)
