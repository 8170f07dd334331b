from collections import Counter
from datetime import UTC, datetime

import pytest
import stripe

from offset.sandbox.stripe.control import ControlRefused
from offset.sandbox.stripe.movements import card_fee
from tests.builders.stripe import ASKS_BANK, DECLINED, Account
from tests.fakes import FrozenClock


def kinds(account: Account, skip: int = 0) -> list[str]:
    return [event["type"] for event in account.control.events()[skip:]]


def movements(account: Account) -> list[tuple[str, str, int, int, int]]:
    found = account.client.v1.balance_transactions.list({"limit": 100}).data[::-1]
    return [(m.type, m.reporting_category, m.amount, m.fee, m.net) for m in found]


@pytest.mark.parametrize(
    ("amount", "fee"), [(2500, 63), (1000, 40), (4000, 85), (50, 26), (500, 33)]
)
def test_a_card_costs_one_and_a_half_percent_and_a_quarter(amount: int, fee: int) -> None:
    assert card_fee(amount) == fee


def test_a_card_pays_at_once(account: Account) -> None:
    session = account.paid("25.00 EUR", donation_id="D-1")
    assert kinds(account) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    found = account.client.v1.checkout.sessions.retrieve(session)
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    charge = account.charge(session)
    assert charge.metadata["donation"] == "D-1"
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"
    assert movements(account) == [("charge", "charge", 2500, 63, 2437)]


def test_the_card_number_is_never_kept(account: Account) -> None:
    account.paid()
    account.control.pay(account.opened().session_id, card=DECLINED)
    path = account.app.extensions["stand_in"].store.path
    assert b"4242424242424242" not in path.read_bytes()
    assert DECLINED.encode() not in path.read_bytes()


def test_a_declined_card_leaves_the_page_open_for_another(account: Account) -> None:
    session = account.opened().session_id
    assert account.control.pay(session, card=DECLINED) == "Your card was declined."
    assert account.client.v1.checkout.sessions.retrieve(session).status == "open"
    assert kinds(account)[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert movements(account) == []
    assert account.control.pay(session) == "paid"
    intents = account.client.v1.payment_intents.list().data
    assert [intent.status for intent in intents] == ["succeeded"]
    assert Counter(c.status for c in account.client.v1.charges.list().data) == {
        "failed": 1,
        "succeeded": 1,
    }


@pytest.mark.parametrize("recognised", [True, False])
def test_three_d_secure_ends_as_the_bank_says(account: Account, *, recognised: bool) -> None:
    session = account.opened().session_id
    outcome = account.control.pay(session, card=ASKS_BANK, recognised=recognised)
    assert outcome == ("paid" if recognised else "failed")
    state = account.client.v1.checkout.sessions.retrieve(session)
    assert state.status == ("complete" if recognised else "open")
    assert "payment_intent.requires_action" in kinds(account)


def test_a_sepa_debit_is_complete_long_before_it_is_paid(account: Account) -> None:
    session = account.opened("30.00 EUR").session_id
    account.control.pay_sepa(session, name="Ada")
    found = account.client.v1.checkout.sessions.retrieve(session, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert isinstance(found.payment_intent, stripe.PaymentIntent)
    assert found.payment_intent.status == "processing"
    assert movements(account) == []
    before = len(kinds(account))
    account.control.clear_sepa(session)
    assert kinds(account, before) == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    assert account.client.v1.checkout.sessions.retrieve(session).payment_status == "paid"
    assert movements(account) == [("payment", "charge", 3000, 35, 2965)]
    with pytest.raises(ControlRefused, match="succeeded"):
        account.control.clear_sepa(session)


@pytest.mark.parametrize(("iban", "told"), [("DE62370400440532013001", None), (None, True)])
def test_a_sepa_debit_may_fail(account: Account, *, iban: str | None, told: bool | None) -> None:
    session = account.opened().session_id
    account.control.pay_sepa(session, iban=iban)
    before = len(kinds(account))
    account.control.clear_sepa(session, fails=told)
    assert kinds(account, before) == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    assert movements(account) == []


def test_an_arrived_sepa_debit_may_be_returned(account: Account) -> None:
    session = account.opened("30.00 EUR").session_id
    account.control.pay_sepa(session)
    account.control.clear_sepa(session)
    returned = account.control.return_debit(session)
    assert returned["status"] == "failed"
    assert movements(account)[-1] == (
        "payment_failure_refund",
        "charge_failure",
        -3000,
        0,
        -3000,
    )
    with pytest.raises(ControlRefused):
        account.control.return_debit(session)


def test_sepa_debits_are_in_euro_only(account: Account) -> None:
    session = account.opened("30.00 USD").session_id
    with pytest.raises(ControlRefused, match="euro"):
        account.control.pay_sepa(session)


def test_a_page_closes_after_a_day(account: Account, clock: FrozenClock) -> None:
    session = account.opened().session_id
    clock.advance(hours=24)
    assert account.client.v1.checkout.sessions.retrieve(session).status == "expired"
    assert kinds(account) == ["checkout.session.expired"]
    with pytest.raises(ControlRefused, match="expired"):
        account.control.pay(session)


def test_the_test_clock_expires_what_it_passes(account: Account) -> None:
    account.opened()
    account.control.advance_clock(86_399)
    assert kinds(account) == []
    account.control.advance_clock(1)
    assert kinds(account) == ["checkout.session.expired"]
    account.control.run_clock()


def test_we_may_close_a_page_ourselves(account: Account) -> None:
    session = account.opened().session_id
    assert account.client.v1.checkout.sessions.expire(session).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        account.client.v1.checkout.sessions.expire(session)


def test_refunds_add_up_to_the_charge_and_never_beyond(account: Account) -> None:
    charge = account.charge(account.paid("25.00 EUR"))
    refunds = account.client.v1.refunds
    before = len(kinds(account))
    refunds.create({"charge": charge.id, "amount": 500})
    assert kinds(account, before) == ["refund.created", "charge.refunded"]
    assert movements(account)[-1] == ("refund", "refund", -500, 0, -500)
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        refunds.create({"charge": charge.id, "amount": 2001})
    refunds.create({"payment_intent": str(charge.payment_intent)})
    found = account.client.v1.charges.retrieve(charge.id)
    assert (found.amount_refunded, found.refunded) == (2500, True)
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        refunds.create({"charge": charge.id})
    assert len(refunds.list({"charge": charge.id}).data) == 2


def test_the_same_refund_twice_is_one_refund(account: Account) -> None:
    charge = account.charge(account.paid())
    refunds = account.client.v1.refunds
    wish: stripe.params.RefundCreateParams = {"charge": charge.id, "amount": 500}
    first = refunds.create(wish, {"idempotency_key": "refund-1"})
    assert refunds.create(wish, {"idempotency_key": "refund-1"}).id == first.id
    assert refunds.create(wish, {"idempotency_key": "refund-2"}).id != first.id


def test_a_refund_needs_a_charge_that_succeeded(account: Account) -> None:
    account.asks_nonsense = True
    session = account.opened().session_id
    account.control.pay(session, card=DECLINED)
    intent = account.client.v1.checkout.sessions.retrieve(session).payment_intent
    (failed,) = account.client.v1.charges.list().data
    refunds = account.client.v1.refunds
    for wish in ({}, {"payment_intent": intent}, {"charge": failed.id}, {"charge": "ch_none"}):
        with pytest.raises(stripe.InvalidRequestError):
            refunds.create(wish)  # type: ignore[arg-type] # faulty on purpose


def test_a_refund_may_come_back(account: Account) -> None:
    session = account.paid("25.00 EUR")
    refund = account.control.refund(session=session, amount=500)
    failed = account.control.fail_refund(refund["id"])
    assert failed["status"] == "failed"
    assert kinds(account)[-2:] == ["refund.updated", "refund.failed"]
    assert movements(account)[-1] == ("refund_failure", "refund_failure", 500, 0, 500)
    assert account.charge(session).amount_refunded == 0
    with pytest.raises(ControlRefused):
        account.control.fail_refund(refund["id"])


def test_a_sepa_refund_is_a_payment_refund(account: Account) -> None:
    session = account.opened("30.00 EUR").session_id
    account.control.pay_sepa(session)
    account.control.clear_sepa(session)
    account.control.refund(session=session)
    assert movements(account)[-1] == ("payment_refund", "refund", -3000, 0, -3000)


def test_a_dispute_takes_the_gift_and_a_fee(account: Account) -> None:
    session = account.paid("40.00 EUR")
    before = len(kinds(account))
    dispute = account.control.dispute(session=session)
    assert dispute["status"] == "needs_response"
    assert kinds(account, before) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert movements(account)[-1] == ("adjustment", "dispute", -4000, 2000, -6000)
    assert account.charge(session).disputed
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        account.client.v1.refunds.create({"charge": dispute["charge"]})
    with pytest.raises(ControlRefused):
        account.control.dispute(session=session)


def test_a_dispute_may_be_won(account: Account) -> None:
    dispute = account.control.dispute(session=account.paid("40.00 EUR"), amount=1000)
    won = account.control.decide_dispute(dispute["id"], "won")
    assert won["status"] == "won"
    assert len(won["balance_transactions"]) == 2
    assert kinds(account)[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert movements(account)[-1] == ("adjustment", "dispute_reversal", 1000, 0, 1000)
    with pytest.raises(ControlRefused, match="won"):
        account.control.decide_dispute(dispute["id"], "lost")


def test_a_dispute_may_be_lost_or_given_up(account: Account) -> None:
    first = account.control.dispute(session=account.paid())
    assert account.control.decide_dispute(first["id"], "lost")["status"] == "lost"
    second = account.control.dispute(session=account.paid())
    assert account.client.v1.disputes.close(second["id"]).status == "lost"
    assert kinds(account)[-1] == "charge.dispute.closed"
    with pytest.raises(ControlRefused, match="does not become"):
        account.control.decide_dispute(first["id"], "maybe")


def test_a_payout_is_made_of_everything_until_then(account: Account) -> None:
    """The month of the notes: 25.00, 10.00, 30.00 SEPA, 40.00; refund 5.00; dispute on 40.00."""
    first = account.paid("25.00 EUR")
    second = account.opened("10.00 EUR").session_id
    account.control.pay(second, card=DECLINED)
    account.control.pay(second, card=ASKS_BANK)
    third = account.opened("30.00 EUR").session_id
    account.control.pay_sepa(third)
    account.control.clear_sepa(third)
    fourth = account.paid("40.00 EUR")
    account.control.refund(session=first, amount=500)
    account.control.dispute(session=fourth)
    payout = account.control.payout()
    assert payout["amount"] == 3777
    found = account.client.v1.payouts.retrieve(payout["id"])
    assert (found.automatic, found.status, found.reconciliation_status) == (
        True,
        "paid",
        "completed",
    )
    items = account.client.v1.balance_transactions.list({"payout": payout["id"], "limit": 2})
    every = list(items.auto_paging_iter())
    assert sum(m.net for m in every if m.type != "payout") == 3777
    assert [m.net for m in every if m.type == "payout"] == [-3777]
    assert len(every) == 7
    assert sum(m.fee for m in every) == 223 + 2000
    assert kinds(account)[-3:] == [
        "payout.created",
        "payout.paid",
        "payout.reconciliation_completed",
    ]
    with pytest.raises(ControlRefused, match="0 eur"):
        account.control.payout()


def test_a_payout_arrives_once(account: Account) -> None:
    account.paid()
    payout = account.control.payout(arrives=False)
    assert (payout["status"], kinds(account)[-1]) == ("in_transit", "payout.created")
    assert account.control.arrive_payout(payout["id"])["status"] == "paid"
    with pytest.raises(ControlRefused, match="paid"):
        account.control.arrive_payout(payout["id"])


def test_a_payout_takes_one_currency(account: Account) -> None:
    account.paid("25.00 EUR")
    account.paid("10.00 GBP")
    assert account.control.payout("gbp")["amount"] == 960
    assert account.control.payout("eur")["amount"] == 2437


def test_a_payout_may_wait_for_what_is_available(account: Account, clock: FrozenClock) -> None:
    account.paid("25.00 EUR")
    with pytest.raises(ControlRefused):
        account.control.payout(only_available=True)
    clock.advance(days=2)
    account.paid("10.00 EUR")
    assert account.control.payout(only_available=True)["amount"] == 2437


def test_a_payout_may_fail_and_its_money_leaves_with_the_next(account: Account) -> None:
    account.paid("25.00 EUR")
    payout = account.control.payout()
    failed = account.control.fail_payout(payout["id"])
    assert (failed["status"], kinds(account)[-1]) == ("failed", "payout.failed")
    assert movements(account)[-1] == ("payout_failure", "payout_reversal", 2437, 0, 2437)
    assert account.control.payout()["amount"] == 2437
    with pytest.raises(ControlRefused, match="failed"):
        account.control.fail_payout(payout["id"])


def test_another_currency_is_settled_at_the_rate(account: Account) -> None:
    account.control.faults(conversions={"usd": ["eur", "0.92"]})
    account.paid("25.00 USD")
    (movement,) = account.client.v1.balance_transactions.list().data
    assert (movement.currency, movement.amount, movement.exchange_rate) == ("eur", 2300, 0.92)
    assert movement.fee == card_fee(2300)
    (charge,) = account.client.v1.charges.list().data
    assert (charge.currency, charge.amount) == ("usd", 2500)


def test_the_movement_of_a_charge_may_come_late(account: Account) -> None:
    account.control.faults(late_movement=1)
    session = account.paid()
    assert account.charge(session).balance_transaction is None
    account.control.settle_late()
    assert isinstance(account.charge(session).balance_transaction, stripe.BalanceTransaction)
    assert kinds(account)[-1] == "charge.updated"
    account.control.settle_late()
    assert len(movements(account)) == 1


def test_history_can_be_dated(account: Account) -> None:
    spring = datetime(2026, 3, 1, 12, tzinfo=UTC)
    account.control.stop_clock(spring)
    session = account.paid()
    account.control.payout()
    account.control.run_clock()
    charge = account.charge(session)
    assert charge.created == int(spring.timestamp())
    later = datetime(2026, 4, 1, 12, tzinfo=UTC)
    refund = account.control.refund(session=account.paid(), created=later)
    assert refund["created"] == int(later.timestamp())


def test_the_same_seed_gives_the_same_ids(account: Account) -> None:
    first = [account.paid(), account.paid()]
    account.control.reset()
    assert [account.paid(), account.paid()] == first
    account.control.reset(seed="other")
    assert account.paid() not in first
