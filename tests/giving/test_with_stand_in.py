"""Does a whole month through the stand-in and the real reader give the books, in any order?"""

import logging
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.errors import Forbidden, TryLater
from offset.gateways.stripe_balance import StripeBalance
from offset.gateways.stripe_events import StripeEvents
from offset.giving import balance_check, catch_up, processor_events, queries, refunds
from offset.giving.donations import Pledge, to_checkout
from offset.giving.models import DonationStatus
from offset.giving.ports import Notice
from offset.ledger import verify
from offset.treasury import payouts
from tests.builders.giving import PAYOUTS, a_pledge, books, row_of
from tests.builders.stripe import ASKS_BANK, DECLINED, Account, an_account
from tests.fakes import FrozenClock

# 105.00 given; fees 0.63 + 0.40 + 0.35 + 0.85 = 2.23; shares 1.25 + 0.50 + 1.50 + 2.00 = 5.25.
EXPECTED = {
    "Assets:InTransit:Payouts:EUR": 3_777,
    "Assets:Receivable:Disputes:EUR": 4_000,
    "Expenses:Fees:Disputes:EUR": 2_000,
    "Expenses:Fees:Stripe:EUR": 223,
    "Income:FeePart:EUR": -223,
    "Income:Share:EUR": -525,
    "Liabilities:Fund:Pool:EUR": -(10_277 - 525),
    "Liabilities:Refunds:EUR": 500,
}


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def opened(database: Database, account: Account, amount: str, at: datetime) -> tuple[Pledge, str]:
    pledged = a_pledge(database, at=at, amount=amount)
    page = to_checkout(
        database,
        account.checkout,
        pledged,
        title="Contribution to soil projects",
        success_url="http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://127.0.0.1:9/cancelled",
        at=at,
    )
    return pledged, page.session_id


def a_month(database: Database, account: Account, at: datetime) -> list[Pledge]:
    """25.00, 10.00 after a declined card, 30.00 by debit, 40.00; a refund, a dispute, a payout."""
    first, card = opened(database, account, "25.00 EUR", at)
    assert account.control.pay(card) == "paid"
    second, retried = opened(database, account, "10.00 EUR", at)
    assert account.control.pay(retried, card=DECLINED) != "paid"
    assert account.control.pay(retried, card=ASKS_BANK) == "paid"
    third, debit = opened(database, account, "30.00 EUR", at)
    account.control.pay_sepa(debit)
    account.control.clear_sepa(debit)
    fourth, disputed = opened(database, account, "40.00 EUR", at)
    assert account.control.pay(disputed) == "paid"
    account.control.refund(session=card, amount=500)
    account.control.dispute(session=disputed)
    account.control.payout()
    return [first, second, third, fourth]


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_month_gives_the_same_books_in_any_order(
    embedded: Database, account: Account, at: datetime, seed: int | None
) -> None:
    pledges = a_month(embedded, account, at)
    parcels = account.control.collect(at)
    if seed is not None:
        parcels += parcels[::3]
        random.Random(seed).shuffle(parcels)  # noqa: S311 - an order, no secret
    for parcel in parcels:
        processor_events.receive(
            embedded,
            account.events,
            parcel.raw,
            parcel.signature,
            at=at,
            on_payout=payouts.on_payout,
        )
    processor_events.retry_unmatched(embedded, account.events, at=at, on_payout=payouts.on_payout)
    assert books(embedded) == EXPECTED
    assert verify.verify(embedded).faults == ()
    assert [row_of(embedded, one.donation_id).status for one in pledges] == [
        DonationStatus.PARTLY_REFUNDED,
        DonationStatus.SUCCEEDED,
        DonationStatus.SUCCEEDED,
        DonationStatus.DISPUTED,
    ]


def test_with_every_event_lost_the_catch_up_books_the_month(
    embedded: Database, account: Account, at: datetime
) -> None:
    a_month(embedded, account, at)
    for _ in range(2):
        catch_up.catch_up(embedded, account.events, since=at, at=at, payouts=PAYOUTS)
        assert books(embedded) == EXPECTED


def take_in_all(database: Database, account: Account, at: datetime) -> None:
    for parcel in account.control.collect(at):
        processor_events.receive(
            database,
            account.events,
            parcel.raw,
            parcel.signature,
            at=at,
            on_payout=payouts.on_payout,
        )


def test_a_returned_debit_goes_back_to_its_sources(
    embedded: Database, account: Account, at: datetime
) -> None:
    pledged, session_id = opened(embedded, account, "30.00 EUR", at)
    account.control.pay_sepa(session_id)
    take_in_all(embedded, account, at)
    assert row_of(embedded, pledged.donation_id).status is DonationStatus.PENDING
    account.control.clear_sepa(session_id)
    take_in_all(embedded, account, at)
    assert row_of(embedded, pledged.donation_id).status is DonationStatus.SUCCEEDED
    account.control.return_debit(session_id)
    take_in_all(embedded, account, at)
    catch_up.catch_up(embedded, account.events, since=at, at=at, payouts=PAYOUTS)
    row = row_of(embedded, pledged.donation_id)
    assert (row.status, row.refunded) == (DonationStatus.REFUNDED, 3_000)
    assert refunds.source_pending(embedded, at=at) == 1
    found = books(embedded)
    assert "Liabilities:Refunds:EUR" not in found
    assert "Liabilities:Fund:Pool:EUR" not in found
    assert verify.verify(embedded).faults == ()


def test_a_failed_debit_a_forgotten_page_and_a_lost_dispute(
    embedded: Database, account: Account, at: datetime
) -> None:
    failed, debit = opened(embedded, account, "30.00 EUR", at)
    account.control.pay_sepa(debit)
    account.control.clear_sepa(debit, fails=True)
    forgotten, page = opened(embedded, account, "20.00 EUR", at)
    account.control.expire(page)
    lost, card = opened(embedded, account, "40.00 EUR", at)
    account.control.pay(card, email="ada@example.org", name="Ada")
    dispute = account.control.dispute(session=card)
    account.control.decide_dispute(dispute["id"], "lost")
    take_in_all(embedded, account, at)
    assert [row_of(embedded, one.donation_id).status for one in (failed, forgotten, lost)] == [
        DonationStatus.FAILED,
        DonationStatus.EXPIRED,
        DonationStatus.LOST,
    ]
    assert refunds.source_pending(embedded, at=at) == 1
    assert "Assets:Receivable:Disputes:EUR" not in books(embedded)
    with embedded.reading() as session:
        (line,) = queries.donations(session, text="ada@example.org")
    assert (line.id, line.name) == (lost.donation_id, "Ada")


def test_the_logs_of_a_whole_payment_name_nobody(
    embedded: Database, account: Account, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """Paid, refused, forged, unreachable, refunded, disputed: no address, name, card or key."""
    caplog.set_level(logging.DEBUG)
    # The stand-in's own layers and the test's are not the product's log.
    _, card = opened(embedded, account, "40.00 EUR", at)
    account.control.pay(card, card=DECLINED, email="ada@example.org", name="Ada Lovelace")
    account.control.pay(card, email="ada@example.org", name="Ada Lovelace")
    account.control.refund(session=card, amount=500)
    parcels = account.control.collect(at)
    account.control.faults(api_500=3)
    with pytest.raises(TryLater):
        processor_events.receive(
            embedded, account.events, parcels[-1].raw, parcels[-1].signature, at=at
        )
    with pytest.raises(Forbidden):
        processor_events.receive(embedded, account.events, parcels[0].raw, "t=1,v1=00", at=at)
    account.control.faults(api_500=0)
    for parcel in parcels:
        processor_events.receive(embedded, account.events, parcel.raw, parcel.signature, at=at)
    catch_up.catch_up(embedded, account.events, at=at, payouts=PAYOUTS)
    refunds.source_pending(embedded, at=at)
    told = "\n".join(
        f"{one.name} {one.getMessage()} {one.exc_text or ''}" for one in caplog.records
    )
    assert "stripe: APIError" in told
    for secret in ("ada@example.org", "Lovelace", "4242", "424242", "sk_test", "whsec", "0002"):
        assert secret not in told


def test_with_every_event_lost_and_none_listed_the_movements_alone_give_the_books(
    embedded: Database, account: Account, at: datetime
) -> None:
    """Thirty days later the processor lists no event any more; returns and won disputes too."""
    pledges = a_month(embedded, account, at)
    returned, debit = opened(embedded, account, "20.00 EUR", at)
    account.control.pay_sepa(debit)
    account.control.clear_sepa(debit)
    account.control.return_debit(debit)
    won, card = opened(embedded, account, "15.00 USD", at)
    account.control.pay(card)
    account.control.decide_dispute(account.control.dispute(session=card)["id"], "won")
    silent = replace_events(account)
    found = catch_up.catch_up(embedded, silent, since=at, at=at, payouts=PAYOUTS)
    assert (found.events, found.waiting) == (0, 0)
    states = [row_of(embedded, one.donation_id).status for one in (*pledges, returned, won)]
    assert states == [
        DonationStatus.PARTLY_REFUNDED,
        DonationStatus.SUCCEEDED,
        DonationStatus.SUCCEEDED,
        DonationStatus.DISPUTED,
        DonationStatus.REFUNDED,
        DonationStatus.WON,
    ]
    told = balance_check.read(embedded, StripeBalance(account.client), silent, at=at)
    assert [one.difference.minor for one in told] == [0] * len(told)
    assert verify.verify(embedded).faults == ()


class Silent(StripeEvents):
    """A processor that lists no event any more."""

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        del since
        return iter(())


def replace_events(account: Account) -> Silent:
    return Silent(account.client, ["whsec_stand_in"])
