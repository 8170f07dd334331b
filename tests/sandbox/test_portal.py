from datetime import timedelta
from typing import Any

import pytest
import stripe
from werkzeug.test import TestResponse

from offset.sandbox.stripe.portal_pages import FAILS_LATER, read_amount
from offset.sandbox.stripe.words import WORDS
from tests.builders.monthly import a_monthly_gift
from tests.builders.stripe import DECLINED, PAID, Account
from tests.fakes import FrozenClock
from tests.sandbox.test_pages import Page

CARD = {"number": PAID, "expiry": "12 / 34", "cvc": "123"}


class Portal:
    """One visit to the portal."""

    def __init__(self, account: Account, gift: str, **more: Any) -> None:
        self.account, self.gift = account, gift
        wish = {"customer": str(self.subscription.customer), "return_url": "http://127.0.0.1:9/"}
        opened = account.client.v1.billing_portal.sessions.create({**wish, **more})  # type: ignore[arg-type] # what each test asks for
        self.session = opened.id
        self.url = opened.url

    @property
    def subscription(self) -> stripe.Subscription:
        return self.account.client.v1.subscriptions.retrieve(self.gift)

    @property
    def amount(self) -> int:
        found: int = self.subscription["items"]["data"][0]["price"]["unit_amount"]
        return found

    def show(self, query: str = "") -> TestResponse:
        with self.account.app.test_client() as client:
            return client.get(f"/p/session/{self.session}{query}")

    def page(self, query: str = "") -> Page:
        return Page(self.show(query).get_data(as_text=True))

    def press(self, name: str, gift: str | None = None, **data: str) -> TestResponse:
        with self.account.app.test_client() as client:
            return client.post(f"/p/session/{self.session}/{gift or self.gift}/{name}", data=data)

    def done(self, name: str, **data: str) -> Page:
        """Press a button that leads back to the page."""
        answer = self.press(name, **data)
        assert answer.status_code == 303
        assert answer.location.endswith(f"?done={name}")
        return self.page(f"?done={name}")


@pytest.fixture
def portal(account: Account) -> Portal:
    return Portal(account, a_monthly_gift(account))


def offered(page: Page) -> set[str]:
    return {
        word
        for word in ("Change the amount", "Pause", "Resume", "Stop", "Use this card")
        if f" {word} " in page.words
    }


def test_the_portal_says_what_it_is_and_what_is_given(portal: Portal) -> None:
    page = portal.page()
    assert portal.url.endswith(f"/p/session/{portal.session}")
    assert "no real payment is made" in page.words
    for told in ("Monthly contribution", "€10.00 each month", "Card ending in 4242", "Active"):
        assert told in page.words
    assert page.links == ["http://127.0.0.1:9/"]
    assert offered(page) == {"Change the amount", "Pause", "Stop", "Use this card"}
    assert set(page.labels) == {
        f"{name}-{portal.gift}" for name in ("amount", "number", "expiry", "cvc")
    }


@pytest.mark.parametrize(("locale", "title"), [("fr", "Vos contributions"), ("es", "Sus contrib")])
def test_the_portal_speaks_the_language_of_its_session(
    account: Account, locale: str, title: str
) -> None:
    page = Portal(account, a_monthly_gift(account), locale=locale).page()
    assert page.language == locale
    assert title in page.words
    assert WORDS[locale]["stand_in"] in page.words


@pytest.mark.parametrize("text", ["25", "25.00", "25,0", " 25 "])
def test_a_donor_changes_the_amount(portal: Portal, text: str) -> None:
    assert "from the next payment on" in portal.done("amount", amount=text).words
    assert portal.amount == 2500


@pytest.mark.parametrize("text", ["", "0.49", "-5", "ten", "1.234,00", "9999999"])
def test_a_wrong_amount_changes_nothing(portal: Portal, text: str) -> None:
    answer = portal.press("amount", amount=text)
    page = Page(answer.get_data(as_text=True))
    assert page.alerts == 1
    assert "from €0.50 on" in page.words
    assert page.fields["amount"]["aria-invalid"] == "true"
    assert portal.amount == 1000


def test_a_donor_pauses_and_resumes(portal: Portal) -> None:
    page = portal.done("pause")
    assert "Paused" in page.words
    assert offered(page) == {"Change the amount", "Resume", "Stop", "Use this card"}
    assert portal.subscription.pause_collection is not None
    portal.done("resume")
    assert portal.subscription.pause_collection is None


def test_a_pause_with_an_end_says_so(portal: Portal, clock: FrozenClock) -> None:
    portal.account.control.pause(portal.gift, resumes_at=clock.now() + timedelta(days=45))
    assert "Paused until December 30, 2026" in portal.page().words


def test_a_donor_stops_and_thinks_again(portal: Portal) -> None:
    page = portal.done("cancel")
    assert "Ends on December 15, 2026" in page.words
    assert offered(page) == {"Change the amount", "Resume", "Use this card"}
    assert portal.subscription.cancel_at_period_end
    portal.done("resume")
    assert not portal.subscription.cancel_at_period_end


def test_an_ended_gift_offers_nothing(portal: Portal) -> None:
    portal.account.control.cancel(portal.gift, now=True)
    page = portal.page()
    assert "Ended on November 15, 2026" in page.words
    assert page.buttons == []
    assert portal.press("pause").status_code == 303
    assert portal.subscription.status == "canceled"


def test_a_failed_payment_is_told_and_paid_with_another_card(portal: Portal) -> None:
    portal.done("card", **{**CARD, "number": FAILS_LATER})
    portal.account.control.renew(portal.gift)
    page = portal.page()
    assert "it is tried again on November 18, 2026" in page.words
    refused = portal.press("pay")
    assert "The payment was refused" in refused.get_data(as_text=True)
    portal.done("card", **CARD)
    assert "Paid." in portal.done("pay").words
    assert portal.subscription.status == "active"
    assert "Pay €10.00 now" not in portal.page().words


def test_a_payment_given_up_is_told(portal: Portal) -> None:
    portal.account.control.faults(renewal_declined=4, after_retries="unpaid")
    portal.account.control.renew(portal.gift)
    for _ in range(3):
        portal.account.control.retry(portal.gift)
    assert "failed for good" in portal.page().words


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("number", DECLINED, "was declined"),
        ("number", "1", "incomplete or wrong"),
        ("expiry", "01 / 20", "past"),
        ("cvc", "1", "incomplete"),
    ],
)
def test_a_faulty_card_is_not_taken(portal: Portal, name: str, value: str, sentence: str) -> None:
    before = portal.subscription.default_payment_method
    page = Page(portal.press("card", **{**CARD, name: value}).get_data(as_text=True))
    assert page.fields[name]["aria-invalid"] == "true"
    assert sentence in page.words
    assert portal.subscription.default_payment_method == before


def test_a_bank_account_is_told_by_its_last_digits(account: Account) -> None:
    gift = a_monthly_gift(account)
    session = account.client.v1.checkout.sessions.list().data[0]
    other = account.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": str(session.customer),
            "success_url": "http://127.0.0.1:9/",
            "line_items": [{"price": _price(account, gift), "quantity": 1}],
        }
    )
    account.control.pay_sepa(other.id)
    page = Portal(account, gift).page()
    assert "Account ending in 3000" in page.words
    assert "Card ending in 4242" in page.words


def _price(account: Account, gift: str) -> str:
    found = account.client.v1.subscriptions.retrieve(gift)
    return str(found["items"]["data"][0]["price"]["id"])


@pytest.mark.parametrize(
    ("kind", "buttons"),
    [
        ("subscription_cancel", {"Stop"}),
        ("subscription_pause", {"Pause"}),
        ("subscription_update", {"Change the amount"}),
        ("payment_method_update", {"Use this card"}),
    ],
)
def test_a_flow_offers_one_thing(account: Account, kind: str, buttons: set[str]) -> None:
    gift = a_monthly_gift(account)
    about = {} if kind == "payment_method_update" else {kind: {"subscription": gift}}
    portal = Portal(account, gift, flow_data={"type": kind, **about})
    assert offered(portal.page()) == buttons
    name = "amount" if kind == "subscription_pause" else "pause"
    portal.press(name, amount="20")
    assert (portal.amount, portal.subscription.pause_collection) == (1000, None) or kind == name


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"flow_data": {"type": "subscription_cancel"}}, "flow_data[subscription_cancel]"),
        ({"flow_data": {"type": "customer_update"}}, "flow_data[type]"),
        ({"on_behalf_of": "acct_1"}, "on_behalf_of"),
        ({"customer": "cus_none"}, "id"),
    ],
)
def test_a_faulty_portal_is_refused(account: Account, wish: Any, param: str) -> None:
    account.asks_nonsense = True
    with pytest.raises(stripe.InvalidRequestError) as fault:
        Portal(account, a_monthly_gift(account), **wish)
    assert fault.value.param == param


def test_a_portal_needs_a_customer(account: Account) -> None:
    account.asks_nonsense = True
    with pytest.raises(stripe.InvalidRequestError, match="customer"):
        account.client.v1.billing_portal.sessions.create({})


def test_nobody_touches_another_donors_gift(account: Account) -> None:
    mine = Portal(account, a_monthly_gift(account))
    other = a_monthly_gift(account)
    assert mine.press("cancel", gift=other).status_code == 404
    assert not account.client.v1.subscriptions.retrieve(other).cancel_at_period_end
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": other}}
    with pytest.raises(stripe.InvalidRequestError, match="another"):
        Portal(account, mine.gift, flow_data=flow)


def test_a_portal_closes_after_an_hour(portal: Portal, clock: FrozenClock) -> None:
    clock.advance(seconds=3601)
    assert portal.show().status_code == 410
    assert portal.press("cancel").status_code == 410
    assert "It was open for an hour" in portal.page().words


def test_unknown_doors_lead_nowhere(portal: Portal) -> None:
    assert portal.press("dance").status_code == 404
    portal.session = "bps_none"
    assert portal.show().status_code == 404


def test_a_customer_without_gifts_is_told(account: Account) -> None:
    made = account.client.v1.customers.create({"email": "ada@example.org"})
    opened = account.client.v1.billing_portal.sessions.create({"customer": made.id})
    with account.app.test_client() as client:
        page = Page(client.get(f"/p/session/{opened.id}").get_data(as_text=True))
    assert "There is no regular contribution here" in page.words


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("5", "jpy", 5), ("5.5", "jpy", None), ("5.5", "eur", 550), ("1\u202f250,5", "eur", 125050)],
)
def test_amounts_are_read_as_written(text: str, currency: str, amount: int | None) -> None:
    assert read_amount(text, currency) == amount
