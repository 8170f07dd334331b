from datetime import UTC, datetime, timedelta

import pytest
import stripe

from offset.sandbox.stripe import movements as moves
from offset.sandbox.stripe.control import ControlRefused
from tests.builders.monthly import a_monthly_gift
from tests.builders.stripe import Account, a_request
from tests.fakes import FrozenClock
from tests.sandbox.test_billing import kinds, movements


def held(account: Account) -> dict[str, int]:
    found = account.client.v1.balance.retrieve().to_dict()
    sums: dict[str, int] = {}
    for one in found["available"] + found["pending"]:
        sums[one["currency"]] = sums.get(one["currency"], 0) + one["amount"]
    return sums


# --- currencies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "rate", "settled"),
    [
        ("25.00 USD", "0.92", 2300),
        ("25.00 GBP", "1.1734", 2934),
        ("25.00 CHF", "1.05", 2625),
        ("500 JPY", "0.0062", 310),
    ],
)
def test_a_gift_in_another_currency_is_settled_in_euro(
    account: Account, asked: str, rate: str, settled: int
) -> None:
    code = asked.split()[1].lower()
    account.control.faults(conversions={code: ["eur", rate]})
    session = account.paid(asked)
    charge = account.charge(session)
    assert (charge.currency, charge.amount) == (code, a_request(asked).amount.minor)
    movement = charge.balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.currency, movement.amount) == ("eur", settled)
    assert movement.exchange_rate == float(rate)
    assert movement.fee == moves.card_fee(settled)
    assert held(account) == {"eur": settled - movement.fee}


def test_a_refund_comes_at_the_rate_of_its_own_day(account: Account) -> None:
    account.control.faults(conversions={"usd": ["eur", "0.92"]})
    session = account.paid("25.00 USD")
    account.control.faults(conversions={"usd": ["eur", "0.95"]})
    account.control.refund(session=session)
    assert movements(account)[-1] == ("refund", "refund", -2375, 0)


def test_a_donor_may_be_shown_another_currency_than_is_charged(account: Account) -> None:
    account.control.faults(presentment={"eur": ["usd", "1.0912"]})
    session = account.paid("25.00 EUR")
    charge = account.charge(session)
    page = account.client.v1.checkout.sessions.retrieve(session)
    for shown in (charge.presentment_details, page.presentment_details):
        assert shown is not None
        assert (shown.presentment_amount, shown.presentment_currency) == (2728, "usd")
    assert (charge.currency, charge.amount) == ("eur", 2500)
    refund = account.control.refund(session=session, amount=1250)
    assert refund["presentment_details"]["presentment_amount"] == 1364


def test_money_may_be_held_in_several_currencies(account: Account, clock: FrozenClock) -> None:
    account.paid("25.00 EUR")
    account.paid("10.00 GBP")
    clock.advance(days=2)
    account.paid("500 JPY")
    balance = account.client.v1.balance.retrieve()
    assert [(one.currency, one.amount) for one in balance.available] == [
        ("eur", 2437),
        ("gbp", 960),
    ]
    assert [(one.currency, one.amount) for one in balance.pending] == [("jpy", 467)]


def test_a_billing_fee_is_taken_in_the_currency_of_the_balance(account: Account) -> None:
    account.control.faults(conversions={"usd": ["eur", "0.9"]})
    item = {
        "quantity": 1,
        "price_data": {
            "currency": "usd",
            "unit_amount": 10_000,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Monthly contribution"},
        },
    }
    a_monthly_gift(account, line_items=[item])
    (fee, *_) = account.client.v1.balance_transactions.list({"type": "stripe_fee"}).data
    assert (fee.currency, fee.amount) == ("eur", -63)


# --- lines without a payment ------------------------------------------------------------------


def test_a_fee_may_belong_to_nothing(account: Account) -> None:
    account.control.fee(12)
    account.control.fee(3, kind="tax_fee")
    assert movements(account) == [("stripe_fee", "fee", -12, 0), ("tax_fee", "fee", -3, 0)]
    assert {m.source for m in account.client.v1.balance_transactions.list().data} == {None}


def test_a_line_may_be_of_a_category_nobody_knows(account: Account) -> None:
    account.control.movement("network_rebate", 55, fee=5)
    assert movements(account) == [("adjustment", "network_rebate", 55, 5)]


# --- payouts ----------------------------------------------------------------------------------


def test_a_payout_fails_after_it_was_paid_or_on_its_way(account: Account) -> None:
    account.paid("25.00 EUR")
    for arrives in (True, False):
        payout = account.control.payout(arrives=arrives)
        failed = account.control.fail_payout(payout["id"])
        assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
        assert movements(account)[-1] == ("payout_failure", "payout_reversal", 2437, 0)
        assert held(account) == {"eur": 2437}


@pytest.mark.parametrize("by_api", [True, False])
def test_a_payout_on_its_way_may_be_cancelled(account: Account, *, by_api: bool) -> None:
    account.paid("25.00 EUR")
    payout = account.control.payout(arrives=False)
    if by_api:
        account.client.v1.payouts.cancel(payout["id"])
    else:
        account.control.cancel_payout(payout["id"])
    assert kinds(account)[-1] == "payout.canceled"
    assert movements(account)[-1] == ("payout_cancel", "payout_reversal", 2437, 0)
    with pytest.raises(ControlRefused, match="canceled"):
        account.control.cancel_payout(payout["id"])
    with pytest.raises(ControlRefused, match="canceled"):
        account.control.fail_payout(payout["id"])


def test_a_paid_payout_is_too_late_to_cancel(account: Account) -> None:
    account.paid()
    with pytest.raises(ControlRefused, match="paid"):
        account.control.cancel_payout(account.control.payout()["id"])


def test_a_balance_below_zero_is_taken_from_our_bank(account: Account) -> None:
    session = account.paid("25.00 EUR")
    account.control.payout()
    account.control.refund(session=session)
    with pytest.raises(ControlRefused, match="-2500"):
        account.control.payout()
    payout = account.control.payout(negative=True)
    assert (payout["amount"], payout["status"]) == (-2500, "paid")
    assert movements(account)[-1] == ("payout", "payout", 2500, 0)
    assert held(account) == {"eur": 0}


def test_a_payout_ordered_by_a_person_is_never_itemised(account: Account) -> None:
    account.paid("25.00 EUR")
    payout = account.control.payout(amount=1000)
    assert (payout["automatic"], payout["reconciliation_status"]) == (False, "not_applicable")
    assert kinds(account)[-1] == "payout.paid"
    assert account.client.v1.balance_transactions.list({"payout": payout["id"]}).data == []
    assert account.control.payout()["amount"] == 1437
    with pytest.raises(ControlRefused, match="balance"):
        account.control.payout(amount=1)


def test_money_comes_in_from_our_bank_and_may_go_back(account: Account) -> None:
    account.asks_nonsense = True
    topup = account.control.top_up(5000)
    assert kinds(account) == ["topup.created", "topup.succeeded"]
    assert movements(account) == [("topup", "topup", 5000, 0)]
    account.control.reverse_topup(topup["id"])
    assert movements(account)[-1] == ("topup_reversal", "topup_reversal", -5000, 0)
    with pytest.raises(ControlRefused, match="reversed"):
        account.control.reverse_topup(topup["id"])
    ours = account.client.v1.topups.create({"amount": 700, "currency": "eur"})
    assert ours.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="source"):
        account.client.v1.topups.create({"amount": 700, "currency": "eur", "source": "src_1"})


def test_payouts_leave_each_midnight_and_arrive(account: Account, clock: FrozenClock) -> None:
    account.control.faults(auto_payout=True)
    account.control.stop_clock(clock.now())
    account.paid("25.00 EUR")
    account.paid("10.00 GBP")
    account.control.advance_clock(days=2)
    assert account.client.v1.payouts.list().data == []
    account.control.advance_clock(days=1)
    left = account.client.v1.payouts.list().data
    assert {(p.currency, p.amount, p.status) for p in left} == {
        ("eur", 2437, "in_transit"),
        ("gbp", 960, "in_transit"),
    }
    day = clock.now().replace(hour=0) + timedelta(days=3)
    assert {datetime.fromtimestamp(p.created, UTC) for p in left} == {day}
    account.control.advance_clock(days=2)
    assert {p.status for p in account.client.v1.payouts.list().data} == {"paid"}


# --- the clock --------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 5 * 366 + 1])
def test_the_clock_goes_ahead_and_not_too_far(account: Account, days: int) -> None:
    with pytest.raises(ControlRefused, match="ahead"):
        account.control.advance_clock(days=days)


def test_a_jump_lets_nothing_happen_but_pages_close(account: Account, clock: FrozenClock) -> None:
    a_monthly_gift(account)
    account.opened()
    before = len(kinds(account))
    account.control.stop_clock(clock.now() + timedelta(days=60))
    assert kinds(account, before) == ["checkout.session.expired"]
    account.control.advance_clock()
    assert "invoice.paid" in kinds(account, before)


def test_a_page_closes_while_time_passes(account: Account) -> None:
    session = account.opened().session_id
    assert account.control.advance_clock(days=1) == 1
    (event,) = account.client.v1.events.list({"type": "checkout.session.expired"}).data
    page = account.client.v1.checkout.sessions.retrieve(session)
    assert (page.status, event.created) == ("expired", page.expires_at)


def test_the_clock_follows_real_time_again(account: Account, clock: FrozenClock) -> None:
    account.control.advance_clock(days=3)
    assert account.control.state()["at"] == int((clock.now() + timedelta(days=3)).timestamp())
    account.control.run_clock()
    assert account.control.state()["at"] == int(clock.now().timestamp())
    account.control.stop_clock(clock.now() + timedelta(days=9))
    account.control.run_clock()
    assert account.control.state()["at"] == int(clock.now().timestamp())
