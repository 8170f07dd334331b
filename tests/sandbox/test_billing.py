from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from offset.sandbox.stripe import prices
from offset.sandbox.stripe.control import ControlRefused
from tests.builders.monthly import MONTHLY, a_monthly_gift, a_monthly_page
from tests.builders.stripe import ASKS_BANK, DECLINED, Account
from tests.fakes import FrozenClock
from tests.sandbox.test_api import ask

ASKS_ALWAYS = "4000002760003184"
FAILING_IBAN = "DE62370400440532013001"


def kinds(account: Account, since: int = 0) -> list[str]:
    return [event["type"] for event in account.control.events()[since:]]


def plain(metadata: Any) -> dict[str, str]:
    found: dict[str, str] = metadata.to_dict()
    return found


def movements(account: Account) -> list[tuple[str, str, int, int]]:
    found = list(account.client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter())
    return [(m.type, m.reporting_category, m.amount, m.fee) for m in found[::-1]]


def invoices(account: Account, gift: str) -> list[stripe.Invoice]:
    """The invoices of a gift, oldest first."""
    return account.client.v1.invoices.list({"subscription": gift, "limit": 100}).data[::-1]


def subscription(account: Account, gift: str) -> stripe.Subscription:
    return account.client.v1.subscriptions.retrieve(gift)


def state(account: Account, gift: str) -> tuple[str, list[str | None]]:
    return subscription(account, gift).status, [i.status for i in invoices(account, gift)]


def period_end(account: Account, gift: str) -> datetime:
    item = subscription(account, gift)["items"]["data"][0]
    return datetime.fromtimestamp(item["current_period_end"], UTC)


def test_the_first_month_is_paid_on_the_page(account: Account) -> None:
    session = a_monthly_page(account)
    assert account.control.pay(session, email="ada@example.org", name="Ada") == "paid"
    assert kinds(account) == [
        "payment_intent.created",
        "customer.created",
        "payment_method.attached",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]
    found = account.client.v1.checkout.sessions.retrieve(
        session, {"expand": ["subscription.latest_invoice", "customer"]}
    )
    assert found.payment_intent is None
    assert isinstance(found.customer, stripe.Customer)
    assert found.customer.email == "ada@example.org"
    assert isinstance(found.subscription, stripe.Subscription)
    assert found.subscription.status == "active"
    assert plain(found.subscription.metadata) == {"donation": "D-1"}
    assert movements(account) == [("charge", "charge", 1000, 40), ("stripe_fee", "fee", -7, 0)]


def test_a_charge_is_found_from_its_invoice_and_the_invoice_from_its_charge(
    account: Account,
) -> None:
    gift = a_monthly_gift(account)
    (bill,) = invoices(account, gift)
    assert bill.payments is None  # only on request
    whole = account.client.v1.invoices.retrieve(
        str(bill.id), {"expand": ["payments.data.payment.payment_intent"]}
    )
    assert whole.payments is not None
    (payment,) = whole.payments.data
    assert payment.status == "paid"
    intent = payment.payment.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    charge = account.client.v1.charges.retrieve(str(intent.latest_charge))
    assert plain(charge.metadata) == {}  # a subscription's metadata does not reach its charges
    back = account.client.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": str(charge.payment_intent)}}
    )
    assert [one.invoice for one in back.data] == [bill.id]
    assert bill.parent is not None
    assert bill.parent.subscription_details is not None
    assert bill.parent.subscription_details.subscription == gift
    assert plain(bill.parent.subscription_details.metadata) == {"donation": "D-1"}
    assert bill.billing_reason == "subscription_create"


def test_removed_fields_are_not_there(account: Account) -> None:
    gift = a_monthly_gift(account)
    (bill,) = account.client.v1.invoices.list({"subscription": gift}).data
    (charge,) = account.client.v1.charges.list().data
    bodies: list[dict[str, Any]] = [
        bill.to_dict(),
        subscription(account, gift).to_dict(),
        charge.to_dict(),
    ]
    gone = {"payment_intent", "charge", "subscription", "paid", "current_period_end", "invoice"}
    assert not gone & set(bodies[0])
    assert not gone & set(bodies[1])
    assert "invoice" not in bodies[2]


def test_a_month_renews_by_itself(account: Account) -> None:
    gift = a_monthly_gift(account)
    before = len(kinds(account))
    assert account.control.advance_clock_to(period_end(account, gift)) == 1
    assert kinds(account, before) == [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    assert [i.billing_reason for i in invoices(account, gift)] == [
        "subscription_create",
        "subscription_cycle",
    ]
    account.control.advance_clock(days=92)
    assert state(account, gift) == ("active", ["paid"] * 5)
    first, second = invoices(account, gift)[:2]
    assert second.created == first.lines.data[0].period.end


def test_each_renewal_is_dated_at_its_own_moment(account: Account) -> None:
    account.control.stop_clock(datetime(2026, 1, 31, 12, tzinfo=UTC))
    gift = a_monthly_gift(account)
    account.control.advance_clock_to(datetime(2026, 5, 1, tzinfo=UTC))
    days = [datetime.fromtimestamp(i.created, UTC) for i in invoices(account, gift)]
    assert [f"{day:%m-%d %H}" for day in days] == ["01-31 12", "02-28 12", "03-31 12", "04-30 12"]
    charges = account.client.v1.charges.list().data
    assert {c.created for c in charges} == {int(day.timestamp()) for day in days}


def test_a_renewal_may_be_called_up(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay(session)
    renewed = account.control.renew(session)
    assert state(account, renewed["id"]) == ("active", ["paid", "paid"])


@pytest.mark.parametrize(("count", "outcome"), [(1, "active"), (3, "active"), (4, "canceled")])
def test_a_refused_renewal_is_tried_again_three_times(
    account: Account, count: int, outcome: str
) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=count)
    account.control.advance_clock_to(period_end(account, gift))
    assert state(account, gift) == ("past_due", ["paid", "open"])
    (failed,) = [i for i in invoices(account, gift) if i.status == "open"]
    assert failed.next_payment_attempt is not None
    account.control.advance_clock(days=15)
    assert state(account, gift)[0] == outcome
    told = Counter(kinds(account))
    assert told["invoice.payment_failed"] == count
    assert told["charge.failed"] == count
    assert told["customer.subscription.deleted"] == (outcome == "canceled")
    last = invoices(account, gift)[-1]
    assert (last.status, last.attempt_count) == (
        ("open", 4) if outcome == "canceled" else ("paid", count + 1)
    )
    if outcome == "canceled":
        ended = subscription(account, gift)
        assert ended.cancellation_details is not None
        assert ended.cancellation_details.reason == "payment_failed"
        assert account.control.advance_clock(days=90) == 0


@pytest.mark.parametrize("outcome", ["unpaid", "past_due"])
def test_an_account_may_keep_what_failed_for_good(account: Account, outcome: str) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=4, after_retries=outcome)
    account.control.advance_clock_to(period_end(account, gift) + timedelta(days=16))
    assert subscription(account, gift).status == outcome
    account.control.retry(gift)
    assert state(account, gift) == ("active", ["paid", "paid"])


def test_unpaid_subscriptions_bill_no_more(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=4, after_retries="unpaid")
    account.control.advance_clock(days=100)
    assert state(account, gift) == ("unpaid", ["paid", "open"])


def test_an_expired_card_is_refused_until_another_is_used(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.use_card(gift, expires=(11, 2026))
    account.control.advance_clock_to(period_end(account, gift))
    (charge, *_) = account.client.v1.charges.list().data
    assert (charge.status, charge.failure_code) == ("failed", "expired_card")
    account.control.use_card(gift)
    account.control.advance_clock(days=3)
    assert state(account, gift) == ("active", ["paid", "paid"])


def test_a_bank_that_asks_each_time_stops_a_renewal(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay(session, card=ASKS_ALWAYS, recognised=True)
    account.control.renew(session)
    assert kinds(account)[-2:] == [
        "invoice.payment_action_required",
        "customer.subscription.updated",
    ]


def test_a_bank_that_asked_once_lets_renewals_pass(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay(session, card=ASKS_BANK, recognised=True)
    assert account.control.renew(session)["status"] == "active"


def test_a_declined_first_card_begins_nothing(account: Account) -> None:
    session = a_monthly_page(account)
    assert account.control.pay(session, card=DECLINED) == "Your card was declined."
    assert account.client.v1.subscriptions.list().data == []
    assert account.control.pay(session) == "paid"
    assert len(account.client.v1.subscriptions.list().data) == 1
    assert len(account.client.v1.payment_intents.list().data) == 1


def test_another_amount_is_asked_from_the_next_month_on(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.change_amount(gift, 2000)
    assert kinds(account)[-1] == "customer.subscription.updated"
    assert len(invoices(account, gift)) == 1
    account.control.renew(gift)
    assert [i.total for i in invoices(account, gift)] == [1000, 2000]
    with pytest.raises(ControlRefused, match="smallest"):
        account.control.change_amount(gift, 49)


def test_the_api_changes_an_amount_with_a_price_or_its_data(account: Account) -> None:
    gift = a_monthly_gift(account)
    item = subscription(account, gift)["items"]["data"][0]
    month: Any = {"interval": "month"}
    price = account.client.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 500,
            "recurring": month,
            "product_data": {"name": "Monthly contribution"},
        }
    )
    update = account.client.v1.subscriptions.update
    changed = update(
        gift, {"items": [{"id": item["id"], "price": price.id}], "proration_behavior": "none"}
    )
    assert changed["items"]["data"][0]["price"]["unit_amount"] == 500
    data: Any = {
        "currency": "eur",
        "unit_amount": 700,
        "product": str(price.product),
        "recurring": month,
    }
    update(gift, {"items": [{"id": item["id"], "price_data": data}], "proration_behavior": "none"})
    account.control.renew(gift)
    assert [i.total for i in invoices(account, gift)] == [1000, 700]


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"items": [{"price": "price_1"}]}, "items"),
        ({"items": [{"id": "si_none", "quantity": 2}]}, "items"),
        ({"trial_end": "now"}, "trial_end"),
        ({"default_payment_method": "pm_none"}, "id"),
        ({"pause_collection": {"behavior": "sleep"}}, "pause_collection[behavior]"),
    ],
)
def test_a_faulty_change_is_refused(account: Account, wish: Any, param: str) -> None:
    account.asks_nonsense = True
    gift = a_monthly_gift(account)
    with pytest.raises(stripe.InvalidRequestError) as fault:
        account.client.v1.subscriptions.update(gift, wish)
    assert fault.value.param == param


def test_what_stripe_would_bill_at_once_is_not_offered(account: Account) -> None:
    account.asks_nonsense = True
    gift = a_monthly_gift(account)
    item = subscription(account, gift)["items"]["data"][0]
    for change in ({"quantity": 2}, {"clear_usage": True}):
        wish: Any = {"items": [{"id": item["id"], **change}]}
        with pytest.raises(stripe.InvalidRequestError, match="does not offer"):
            account.client.v1.subscriptions.update(gift, wish)


@pytest.mark.parametrize(
    ("behaviour", "left"),
    [("void", "void"), ("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")],
)
def test_a_paused_gift_collects_nothing(account: Account, behaviour: Any, left: str) -> None:
    gift = a_monthly_gift(account)
    account.client.v1.subscriptions.update(gift, {"pause_collection": {"behavior": behaviour}})
    account.control.renew(gift)
    assert state(account, gift) == ("active", ["paid", left])
    account.control.resume(gift)
    account.control.renew(gift)
    assert state(account, gift) == ("active", ["paid", left, "paid"])


def test_a_pause_may_end_by_itself(account: Account, clock: FrozenClock) -> None:
    gift = a_monthly_gift(account)
    account.control.pause(gift, resumes_at=clock.now() + timedelta(days=45))
    account.control.advance_clock(days=62)
    assert state(account, gift) == ("active", ["paid", "void", "paid"])
    assert subscription(account, gift).pause_collection is None


def test_a_gift_ends_with_the_month_that_is_paid(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.cancel(gift)
    waiting = subscription(account, gift)
    assert (waiting.status, waiting.cancel_at_period_end) == ("active", True)
    assert waiting.cancel_at == int(period_end(account, gift).timestamp())
    account.control.advance_clock_to(period_end(account, gift))
    assert state(account, gift) == ("canceled", ["paid"])
    assert kinds(account)[-1] == "customer.subscription.deleted"
    assert account.client.v1.subscriptions.list().data == []
    assert len(account.client.v1.subscriptions.list({"status": "all"}).data) == 1


def test_a_planned_end_may_be_taken_back(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.cancel(gift)
    account.control.resume(gift)
    account.control.renew(gift)
    assert state(account, gift) == ("active", ["paid", "paid"])


def test_a_gift_may_end_now(account: Account) -> None:
    gift = a_monthly_gift(account)
    ended = account.client.v1.subscriptions.cancel(
        gift, {"cancellation_details": {"comment": "moved"}}
    )
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.comment == "moved"
    assert account.control.advance_clock(days=40) == 0
    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        account.client.v1.subscriptions.update(gift, {"description": "x"})
    with pytest.raises(ControlRefused, match="canceled"):
        account.control.renew(gift)


def test_one_donor_may_give_twice_a_month(account: Account) -> None:
    first = a_monthly_gift(account)
    customer = str(subscription(account, first).customer)
    second = a_monthly_gift(account, customer=customer)
    assert {str(s.customer) for s in account.client.v1.subscriptions.list().data} == {customer}
    account.control.advance_clock(days=31)
    assert state(account, first) == state(account, second) == ("active", ["paid", "paid"])
    numbers = [i.number for gift in (first, second) for i in invoices(account, gift)]
    assert len(set(numbers)) == 4
    found = account.client.v1.customers.retrieve(customer, {"expand": ["subscriptions"]})
    assert found.subscriptions is not None
    assert len(found.subscriptions.data) == 2


def test_a_monthly_debit_runs_before_its_first_month_arrives(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay_sepa(session, name="Ada")
    found = account.client.v1.checkout.sessions.retrieve(session)
    gift = str(found.subscription)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert state(account, gift) == ("active", ["open"])
    account.control.clear_sepa(session)
    assert state(account, gift) == ("active", ["paid"])
    assert account.client.v1.checkout.sessions.retrieve(session).payment_status == "paid"
    account.control.renew(gift)
    assert state(account, gift) == ("active", ["paid", "open"])
    account.control.clear_sepa(subscription=gift)
    assert state(account, gift) == ("active", ["paid", "paid"])
    assert [m[0] for m in movements(account)] == ["payment", "stripe_fee"] * 2


def test_a_monthly_debit_may_fail_and_is_tried_again(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay_sepa(session, iban=FAILING_IBAN)
    account.control.clear_sepa(session)
    assert kinds(account)[-1] == "checkout.session.async_payment_failed"
    gift = str(account.client.v1.checkout.sessions.retrieve(session).subscription)
    assert state(account, gift) == ("past_due", ["open"])
    account.control.use_card(gift)
    account.control.advance_clock(days=5)
    assert state(account, gift) == ("active", ["paid"])


def test_the_api_pays_an_open_invoice(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=2)
    account.control.renew(gift)
    bill = str(invoices(account, gift)[-1].id)
    with pytest.raises(stripe.CardError, match="declined"):
        account.client.v1.invoices.pay(bill)
    assert account.client.v1.invoices.retrieve(bill).attempt_count == 2
    assert account.client.v1.invoices.pay(bill).status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="paid"):
        account.client.v1.invoices.pay(bill)


def test_a_refused_payment_is_remembered_under_its_key(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=2)
    account.control.renew(gift)
    bill = str(invoices(account, gift)[-1].id)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            account.client.v1.invoices.pay(bill, options={"idempotency_key": "pay-1"})
    assert account.client.v1.invoices.retrieve(bill).attempt_count == 2


def test_an_open_invoice_may_be_voided(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=1)
    account.control.renew(gift)
    bill = str(invoices(account, gift)[-1].id)
    assert account.client.v1.invoices.void_invoice(bill).status == "void"
    with pytest.raises(stripe.InvalidRequestError, match="void"):
        account.client.v1.invoices.void_invoice(bill)


def test_billing_takes_its_percentage_or_none(account: Account) -> None:
    account.control.faults(billing_fee=0)
    gift = a_monthly_gift(account)
    assert [m[0] for m in movements(account)] == ["charge"]
    account.control.faults(billing_fee=100)
    account.control.renew(gift)
    assert movements(account)[-1] == ("stripe_fee", "fee", -10, 0)
    (line, *_) = account.client.v1.balance_transactions.list().data
    assert (line.source, line.description) == (None, "Billing - Usage Fee")


@pytest.mark.parametrize(
    ("interval", "day"),
    [
        ("month", "2026-02-28"),
        ("year", "2027-01-31"),
        ("week", "2026-02-07"),
        ("day", "2026-02-01"),
    ],
)
def test_a_period_ends_on_the_day_it_should(interval: str, day: str) -> None:
    anchor = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())
    end = prices.later(anchor, {"interval": interval, "interval_count": 1}, 1)
    assert f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d}" == day


def test_one_recurring_price_a_page(account: Account) -> None:
    account.asks_nonsense = True
    with pytest.raises(stripe.InvalidRequestError, match=r"line_items\[1\]"):
        a_monthly_page(account, line_items=MONTHLY["line_items"] * 2)


def test_a_customer_is_made_and_changed(account: Account) -> None:
    customers = account.client.v1.customers
    made = customers.create({"email": "ada@example.org", "metadata": {"a": "1", "b": "2"}})
    changed = customers.update(made.id, {"name": "Ada", "metadata": {"a": "", "c": "3"}})
    assert (changed.name, plain(changed.metadata)) == ("Ada", {"b": "2", "c": "3"})
    gift = a_monthly_gift(account)
    other = str(subscription(account, gift).default_payment_method)
    with pytest.raises(stripe.InvalidRequestError, match="attached"):
        customers.update(made.id, {"invoice_settings": {"default_payment_method": other}})
    assert [c.id for c in customers.list({"email": "ada@example.org"}).data][-1] == made.id


def test_an_ended_gift_is_tried_no_more(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.faults(renewal_declined=1)
    account.control.renew(gift)
    account.control.cancel(gift, now=True)
    last = invoices(account, gift)[-1]
    assert (last.status, last.auto_advance, last.next_payment_attempt) == ("open", False, None)
    assert account.control.advance_clock(days=40) == 0


@pytest.mark.parametrize("fails", [True, False])
def test_a_debit_ends_as_it_does_after_its_gift_was_stopped(
    account: Account, *, fails: bool
) -> None:
    session = a_monthly_page(account)
    account.control.pay_sepa(session)
    account.control.cancel(session, now=True)
    account.control.clear_sepa(session, fails=fails)
    gift = str(account.client.v1.checkout.sessions.retrieve(session).subscription)
    assert state(account, gift) == ("canceled", ["open" if fails else "paid"])
    assert account.control.advance_clock(days=40) == 0


def test_a_debit_under_way_is_not_asked_twice(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay_sepa(session)
    gift = str(account.client.v1.checkout.sessions.retrieve(session).subscription)
    (bill,) = invoices(account, gift)
    with pytest.raises(stripe.InvalidRequestError, match="under way"):
        account.client.v1.invoices.pay(str(bill.id))
    account.client.v1.invoices.void_invoice(str(bill.id))
    account.control.clear_sepa(session)
    assert state(account, gift) == ("active", ["void"])


def test_an_invoice_is_paid_with_a_card_of_its_donor(account: Account) -> None:
    gift = a_monthly_gift(account)
    good = str(subscription(account, gift).default_payment_method)
    account.control.use_card(gift, expires=(1, 2026))
    account.control.renew(gift)
    bill = str(invoices(account, gift)[-1].id)
    paid = account.client.v1.invoices.pay(bill, {"payment_method": good})
    assert paid.status == "paid"
    assert subscription(account, gift).default_payment_method == good


def test_an_invoice_may_be_paid_by_a_debit(account: Account) -> None:
    session = a_monthly_page(account)
    account.control.pay_sepa(session, iban=FAILING_IBAN)
    account.control.clear_sepa(session)
    gift = str(account.client.v1.checkout.sessions.retrieve(session).subscription)
    bill = str(invoices(account, gift)[0].id)
    assert account.client.v1.invoices.pay(bill).status == "open"
    account.control.clear_sepa(subscription=gift, fails=False)
    assert state(account, gift) == ("active", ["paid"])
    assert account.control.retry(gift)["status"] == "paid"


def test_a_paused_month_asks_for_no_payment(account: Account) -> None:
    gift = a_monthly_gift(account)
    account.control.pause(gift)
    account.control.renew(gift)
    with pytest.raises(ControlRefused, match="no payment"):
        account.control.clear_sepa(subscription=gift)


def test_words_and_marks_of_a_gift_may_change(account: Account) -> None:
    gift = a_monthly_gift(account)
    card = str(subscription(account, gift).default_payment_method)
    changed = account.client.v1.subscriptions.update(
        gift, {"metadata": "", "description": "Thanks", "default_payment_method": card}
    )
    assert (plain(changed.metadata), changed.description) == ({}, "Thanks")
    customer = str(changed.customer)
    told = account.client.v1.customers.update(
        customer, {"invoice_settings": {"default_payment_method": card}}
    )
    assert told.invoice_settings is not None
    assert told.invoice_settings.default_payment_method == card


def test_a_one_off_donor_may_be_a_customer(account: Account) -> None:
    price = {**MONTHLY["line_items"][0]["price_data"]}
    del price["recurring"]
    wish: Any = {
        **MONTHLY,
        "mode": "payment",
        "line_items": [{"price_data": price}],
        "customer_creation": "always",
        "locale": "fr",
        "custom_text": {"submit": {"message": "Thank you"}},
    }
    session = account.client.v1.checkout.sessions.create(wish).id
    account.control.pay(session, email="ada@example.org")
    found = account.client.v1.checkout.sessions.retrieve(session, {"expand": ["customer"]})
    assert isinstance(found.customer, stripe.Customer)
    assert found.customer.preferred_locales == ["fr"]
    assert found.subscription is None
    (charge,) = account.client.v1.charges.list({"customer": found.customer.id}).data
    assert charge.amount == 1000


@pytest.mark.parametrize(
    ("path", "wish", "param"),
    [
        ("prices", {"lookup_key": "x"}, "lookup_key"),
        ("prices", {"unit_amount": ""}, "unit_amount"),
        ("prices", {"product_data[name]": ""}, "product_data"),
        ("prices", {"recurring[interval]": "month", "recurring[meter]": "m"}, "recurring[meter]"),
        ("customers", {"phone": "1"}, "phone"),
        ("customers", {"invoice_settings[footer]": "x"}, "invoice_settings[footer]"),
        ("subscriptions/*", {"items[0][id]": "*", "items[0][plan]": "x"}, "items[0][plan]"),
        (
            "subscriptions/*",
            {
                "items[0][id]": "*",
                "items[0][price_data][currency]": "usd",
                "items[0][price_data][unit_amount]": "500",
                "items[0][price_data][product]": "prod",
                "items[0][price_data][recurring][interval]": "month",
            },
            "items[0][price_data][recurring]",
        ),
        ("invoices/*/pay", {"forgive": "true"}, "forgive"),
        ("disputes/*", {"evidence[receipt]": "f", "expand[0]": "x", "submit": "1"}, "submit"),
    ],
)
def test_what_is_not_offered_is_said(
    account: Account, path: str, wish: dict[str, str], param: str
) -> None:
    account.asks_nonsense = True
    gift = a_monthly_gift(account)
    item = subscription(account, gift)["items"]["data"][0]
    known = {
        "subscriptions": gift,
        "invoices": str(invoices(account, gift)[0].id),
        "disputes": "du_1",
    }
    full = {"currency": "eur", "unit_amount": "500", "product_data[name]": "Gift"}
    sent = {**(full if path == "prices" else {}), **wish}
    for name, value in sent.items():
        sent[name] = value.replace("*", item["id"]).replace("prod", item["price"]["product"])
    asked = {name: value for name, value in sent.items() if value}
    answer = ask(account, path.replace("*", known.get(path.partition("/")[0], "")), asked)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["param"] == param


def test_a_product_is_read_and_its_prices_listed(account: Account) -> None:
    a_monthly_gift(account)
    (product,) = account.client.v1.products.list().data
    (price,) = account.client.v1.prices.list({"product": product.id}).data
    assert (product.name, price.unit_amount) == ("Monthly contribution", 1000)


def test_a_session_needs_a_price(account: Account) -> None:
    account.asks_nonsense = True
    with pytest.raises(stripe.InvalidRequestError, match="price_data"):
        a_monthly_page(account, line_items=[{"quantity": 1}])
