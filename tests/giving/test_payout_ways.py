"""Does a payout come out right when it is collected from our bank, cancelled, or sent back?

With events and without: the catch-up alone must say the same of each.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.giving import catch_up
from offset.ledger import verify
from offset.money import Money
from offset.people.access import Role
from offset.treasury import open_items, payout_lines, statements
from offset.treasury.matching import Kind
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.giving import PAYOUTS, books
from tests.builders.projects import an_actor
from tests.builders.recurring import take_in
from tests.builders.stripe import Account, an_account
from tests.fakes import FrozenClock
from tests.giving.test_with_stand_in import opened
from tests.treasury.test_reconciliation import match, receive

TRANSIT = "Assets:InTransit:Payouts:EUR"


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def hear(database: Database, account: Account, at: datetime, *, told: str) -> None:
    """Take in what happened, from events or from the processor's lists."""
    if told == "by events":
        take_in(database, account, at=at)
    else:
        account.control.collect(at)
        catch_up.catch_up(database, account.events, since=at, at=at, payouts=PAYOUTS)


def a_paid_gift(database: Database, account: Account, at: datetime) -> str:
    _, page = opened(database, account, "60.00 EUR", at)
    account.control.pay(page, email="ada@example.org")
    return page


def lines(database: Database) -> list[payout_lines.PayoutLine]:
    with database.reading() as session:
        return list(payout_lines.payout_lines(session))


@pytest.mark.parametrize("told", ["by events", "by lists"])
def test_a_payout_that_stripe_collects_is_matched_with_the_debit_of_our_bank(
    embedded: Database, account: Account, at: datetime, told: str
) -> None:
    """Everything was paid out, then a gift goes back: the processor takes what it lacks."""
    page = a_paid_gift(embedded, account, at)
    account.control.payout("eur")
    account.control.refund(session=page)
    account.control.payout("eur", negative=True)
    hear(embedded, account, at, told=told)
    sent, collected = sorted(lines(embedded), key=lambda one: one.amount.minor, reverse=True)
    assert (sent.amount, collected.amount) == (Money(5_885, "EUR"), Money(-6_000, "EUR"))
    for one in (sent, collected):
        assert one.itemised
        assert one.booked == one.amount
    assert books(embedded)[TRANSIT] == 5_885 - 6_000
    house = embedded.run(build.a_house, at=at, opening="100.00")
    with embedded.reading() as session:
        ours = statements.account_by_code(session, "B1")
        proposed = {
            one.amount.minor
            for one in open_items.candidates(session, ours)
            if one.kind is Kind.PAYOUT
        }
    assert proposed == {5_885, -6_000}
    first, second = receive(
        embedded, house, ("58.85", "STRIPE"), ("-60.00", "STRIPE"), at=at, opening="100.00"
    )
    match(embedded, house.clerk, first, Part(kind=Kind.PAYOUT, subject_id=sent.id), at=at)
    match(embedded, house.clerk, second, Part(kind=Kind.PAYOUT, subject_id=collected.id), at=at)
    assert TRANSIT not in books(embedded)
    with embedded.reading() as session:
        assert payout_lines.payout(session, collected.id).line.amount == Money(-6_000, "EUR")
    assert verify.verify(embedded).faults == ()


@pytest.mark.parametrize("told", ["by events", "by lists"])
@pytest.mark.parametrize("end", ["failed", "canceled"])
def test_a_payout_that_comes_back_leaves_nothing_in_transit(
    embedded: Database, account: Account, at: datetime, end: str, told: str
) -> None:
    embedded.run(an_actor, Role.CLERK, at=at)
    a_paid_gift(embedded, account, at)
    sent = account.control.payout("eur", arrives=False)
    if end == "failed":
        # Our bank sends it back after the processor called it paid.
        account.control.arrive_payout(sent["id"])
        hear(embedded, account, at, told=told)
        account.control.fail_payout(sent["id"])
    else:
        hear(embedded, account, at, told=told)
        account.control.cancel_payout(sent["id"])
    hear(embedded, account, at, told=told)
    (one,) = lines(embedded)
    assert one.status == end
    found = books(embedded)
    assert TRANSIT not in found
    assert found["Assets:Stripe:EUR"] == 5_885
    again = account.control.payout("eur")
    hear(embedded, account, at, told=told)
    assert books(embedded)[TRANSIT] == again["amount"] == 5_885
    assert verify.verify(embedded).faults == ()
