from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from stripe.params.checkout import SessionCreateParams

from offset.errors import Conflict, InvalidInput, NotFound, TryLater
from offset.gateways import stripe_client
from offset.gateways.stripe_checkout import StripeCheckout, session_parameters
from offset.giving.ports import CheckoutGateway
from offset.money import Money
from offset.sandbox.stripe import contract
from offset.sandbox.stripe.server import SECRET_KEY
from tests.builders.stripe import DECLINED, Account, a_live_account, a_request, an_account
from tests.fakes import FrozenClock


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


@pytest.fixture
def live(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with a_live_account(tmp_path, clock) as found:
        yield found


def sessions(account: Account) -> int:
    return len(account.client.v1.checkout.sessions.list().data)


def test_a_page_is_opened_for_one_donation(account: Account, clock: FrozenClock) -> None:
    gateway: CheckoutGateway = account.checkout
    request = a_request("25.00 EUR", donation_id="D-1", language="fr", email="ada@example.org")
    opened = gateway.open(request)
    assert opened.expires_at == clock.now() + timedelta(hours=24)
    session = account.client.v1.checkout.sessions.retrieve(
        opened.session_id, {"expand": ["line_items"]}
    )
    assert session.url == opened.url
    assert (session.mode, session.submit_type, session.locale) == ("payment", "donate", "fr")
    assert (session.client_reference_id, session.customer_email) == ("D-1", "ada@example.org")
    assert (session.success_url, session.cancel_url) == (request.success_url, request.cancel_url)
    assert session.line_items is not None
    (item,) = session.line_items.data
    assert (item.description, item.amount_total, item.currency) == (request.title, 2500, "eur")


@pytest.mark.parametrize("email", [None, "ada@example.org"])
def test_what_we_send_is_what_the_package_declares(email: str | None) -> None:
    wish = session_parameters(a_request(email=email))
    assert contract.check_request(SessionCreateParams, wish) == ()
    assert "payment_method_types" not in wish


def test_the_donation_is_known_to_the_charge(account: Account) -> None:
    assert account.charge(account.paid(donation_id="D-1")).metadata.to_dict() == {"donation": "D-1"}


@pytest.mark.parametrize("amount", ["5.00 EUR", "10000.00 USD", "7.50 GBP", "60.00 CHF"])
def test_every_offered_currency_can_be_paid(account: Account, amount: str) -> None:
    session = account.paid(amount)
    assert str(account.checkout.state(session).amount) == amount


def test_the_same_attempt_opens_the_same_page(account: Account) -> None:
    request = a_request()
    assert account.checkout.open(request) == account.checkout.open(request)
    assert sessions(account) == 1


def test_another_attempt_opens_another_page(account: Account) -> None:
    first = account.opened(donation_id="D-1", attempt=1)
    assert account.opened(donation_id="D-1", attempt=2) != first


def test_the_same_attempt_with_another_amount_is_a_conflict(account: Account) -> None:
    account.opened("5.00 EUR", donation_id="D-1")
    with pytest.raises(Conflict, match="processor_key_reused"):
        account.opened("6.00 EUR", donation_id="D-1")


def test_a_refusal_names_the_parameter(account: Account) -> None:
    with pytest.raises(InvalidInput, match="amount_too_small"):
        account.checkout.open(a_request("0.49 EUR"))


def test_the_state_follows_the_donor(account: Account) -> None:
    session = account.opened("25.00 EUR", donation_id="D-1").session_id
    fresh = account.checkout.state(session)
    assert (fresh.status, fresh.payment_status, fresh.payment_intent_id) == ("open", "unpaid", None)
    account.control.pay(session, card=DECLINED, email="ada@example.org", name="Ada")
    declined = account.checkout.state(session)
    assert (declined.status, declined.payment_status) == ("open", "unpaid")
    assert declined.payment_intent_id is not None
    account.control.pay(session, email="ada@example.org", name="Ada")
    paid = account.checkout.state(session)
    assert (paid.session_id, paid.donation_id) == (session, "D-1")
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert paid.amount == Money(2500, "EUR")
    assert (paid.email, paid.name) == ("ada@example.org", "Ada")
    assert paid.payment_intent_id == declined.payment_intent_id


def test_a_page_may_expire(account: Account, clock: FrozenClock) -> None:
    session = account.opened().session_id
    clock.advance(days=1)
    assert account.checkout.state(session).status == "expired"


def test_an_unknown_page_is_not_found(account: Account) -> None:
    with pytest.raises(NotFound, match="processor_object_unknown"):
        account.checkout.state("cs_test_none")


@pytest.mark.parametrize("fault", ["api_500", "api_429"])
def test_a_fault_of_theirs_is_said_and_another_attempt_succeeds(
    account: Account, fault: str
) -> None:
    account.control.faults(**{fault: 1})
    with pytest.raises(TryLater, match="processor_unreachable"):
        account.opened(donation_id="D-1", attempt=1)
    account.opened(donation_id="D-1", attempt=2)
    assert sessions(account) == 1


def test_a_lost_answer_is_asked_for_again_with_the_same_key(live: Account) -> None:
    live.control.faults(api_reset=1)
    opened = live.opened()
    assert sessions(live) == 1
    assert live.checkout.state(opened.session_id).status == "open"


@pytest.mark.slow
def test_a_line_that_stays_broken_opens_one_page_at_most(live: Account) -> None:
    live.control.faults(api_reset=3)
    with pytest.raises(TryLater, match="processor_unreachable"):
        live.opened(donation_id="D-1")
    assert live.control.state()["settings"]["api_reset"] == 0
    found = live.opened(donation_id="D-1")
    assert sessions(live) == 1
    assert live.checkout.state(found.session_id).status == "open"


@pytest.mark.slow
def test_nobody_there_is_try_later() -> None:
    transport = stripe_client.transport()
    try:
        client = stripe_client.connect(SECRET_KEY, "http://127.0.0.1:9", http_client=transport)
        with pytest.raises(TryLater, match="processor_unreachable"):
            StripeCheckout(client).open(a_request())
    finally:
        transport.close()
