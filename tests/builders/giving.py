"""How does a test get a gift, at whatever point of its way it needs one? The real verbs."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from offset.database.session import Database
from offset.giving import allocations, donations, epochs, processor_events
from offset.giving.catch_up import PayoutDesk
from offset.giving.donations import Pledge
from offset.giving.models import Donation, Overflow
from offset.ledger import balances
from offset.money import Money, parse_money
from offset.people.access import Actor, Role
from offset.treasury import payouts
from tests.builders import projects
from tests.fakes_giving import SIGNED, FakeProcessor, Sent

PAYOUTS = PayoutDesk(payouts.on_payout, payouts.unfinished)


@dataclass(frozen=True)
class Given:
    """A gift somebody went to pay, and the ids the processor gave it."""

    pledge: Pledge
    session_id: str

    @property
    def id(self) -> uuid.UUID:
        return self.pledge.donation_id

    @property
    def charge_id(self) -> str:
        return f"ch_{self.session_id.removeprefix('cs_')}"


def money(text: str) -> Money:
    """``"25.00 EUR"``."""
    amount, currency = text.split()
    return parse_money(amount, currency)


def a_pledge(
    database: Database,
    *,
    at: datetime,
    amount: str = "25.00 EUR",
    project_id: uuid.UUID | None = None,
    overflow: Overflow = Overflow.POOL,
    language: str = "en",
    ref: str | None = None,
) -> Pledge:
    """A gift before the donor leaves for the payment page."""
    return database.run(
        donations.pledge,
        at=at,
        amount=money(amount),
        language=language,
        project_id=project_id,
        overflow=overflow,
        ref=ref,
    )


def an_open_gift(
    database: Database,
    processor: FakeProcessor,
    *,
    at: datetime,
    amount: str = "25.00 EUR",
    project_id: uuid.UUID | None = None,
    overflow: Overflow = Overflow.POOL,
    language: str = "en",
    ref: str | None = None,
) -> Given:
    """A gift whose payment page is open."""
    pledged = a_pledge(
        database,
        at=at,
        amount=amount,
        project_id=project_id,
        overflow=overflow,
        language=language,
        ref=ref,
    )
    page = donations.to_checkout(
        database,
        processor,
        pledged,
        title="Contribution",
        success_url="https://offset.example/contribute/done",
        cancel_url="https://offset.example/contribute/cancelled",
        at=at,
    )
    return Given(pledged, page.session_id)


def a_donation(
    database: Database,
    processor: FakeProcessor,
    *,
    at: datetime,
    amount: str = "25.00 EUR",
    project_id: uuid.UUID | None = None,
    overflow: Overflow = Overflow.POOL,
    language: str = "en",
    ref: str | None = None,
) -> Given:
    """A gift that was paid and settled; what can be allocated is."""
    given = an_open_gift(
        database,
        processor,
        at=at,
        amount=amount,
        project_id=project_id,
        overflow=overflow,
        language=language,
        ref=ref,
    )
    for sent in processor.pay(given.session_id):
        deliver(database, processor, sent, at=at)
    return given


def deliver(
    database: Database, processor: FakeProcessor, sent: Sent, *, at: datetime
) -> processor_events.Received:
    """Deliver one event as the processor would."""
    return processor_events.receive(database, processor, sent.raw, SIGNED, at=at)


def row_of(database: Database, donation_id: uuid.UUID) -> Donation:
    """The stored gift, detached."""
    with database.reading() as session:
        row = session.get_one(Donation, donation_id)
        session.expunge(row)
        return row


def books(database: Database) -> dict[str, int]:
    """The trial balance without its zeros; positive is debit."""
    with database.reading() as session:
        lines = balances.trial_balance(session)
    return {line.code: line.balance.minor for line in lines if line.balance.minor}


@dataclass(frozen=True)
class Two:
    """The two people that weights and epochs need."""

    clerk: Actor
    approver: Actor


def two_people(database: Database, *, at: datetime) -> Two:
    """One who prepares, another who approves."""
    return Two(
        database.run(projects.an_actor, Role.CLERK, at=at),
        database.run(projects.an_actor, Role.APPROVER, at=at),
    )


def a_policy(
    database: Database, two: Two, weights: Mapping[uuid.UUID, int], *, at: datetime
) -> uuid.UUID:
    """Weights that two people set."""
    policy_id = database.run(
        epochs.propose_policy, actor=two.clerk, at=at, weights=weights, reason="Needs."
    )
    database.run(epochs.approve_policy, policy_id, actor=two.approver, at=at)
    return policy_id


def an_epoch(
    database: Database, two: Two, weights: Mapping[uuid.UUID, int], *, at: datetime
) -> uuid.UUID:
    """An open epoch."""
    a_policy(database, two, weights, at=at)
    epoch_id = database.run(epochs.propose_epoch, actor=two.clerk, at=at)
    database.run(epochs.approve_epoch, epoch_id, actor=two.approver, at=at)
    return epoch_id


def allocate(database: Database, given: Given, *, at: datetime) -> allocations.Allocated:
    """Allocate one gift."""
    return database.run(allocations.allocate_one, given.id, at=at)
