import re
from html import unescape
from html.parser import HTMLParser

import pytest
import requests
from werkzeug.test import TestResponse

from offset.sandbox.stripe.pages import amount_text, is_card_number, is_future, is_iban
from offset.sandbox.stripe.words import WORDS
from tests.builders.stripe import ASKS_BANK, DECLINED, PAID, Account

TYPED = {
    "email": "ada@example.org",
    "name": "Ada",
    "number": PAID,
    "expiry": "12 / 34",
    "cvc": "123",
    "iban": "DE89 3704 0044 0532 0130 00",
}


class Page(HTMLParser):
    """What a page says and offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fields: dict[str, dict[str, str | None]] = {}
        self.buttons: list[str | None] = []
        self.labels: set[str | None] = set()
        self.language: str | None = None
        self.alerts = 0
        self.words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self.links.append(told["href"] or "")
        elif tag == "input":
            self.fields[told["name"] or ""] = told
        elif tag == "button":
            self.buttons.append(told.get("value"))
        elif tag == "label":
            self.labels.add(told["for"])
        elif tag == "html":
            self.language = told["lang"]
        self.alerts += told.get("role") == "alert"


def show(account: Account, session: str, path: str = "", accept: str = "") -> TestResponse:
    with account.app.test_client() as client:
        headers = {"Accept-Language": accept} if accept else {}
        return client.get(f"/c/pay/{session}{path}", headers=headers)


def submit(
    account: Account, session: str, method: str = "card", path: str = "", **more: str
) -> TestResponse:
    with account.app.test_client() as client:
        return client.post(f"/c/pay/{session}{path}", data={**TYPED, "method": method, **more})


def read(answer: TestResponse) -> Page:
    return Page(answer.get_data(as_text=True))


def test_the_page_says_what_it_is_what_it_costs_and_how_to_go_back(account: Account) -> None:
    page = read(show(account, account.opened("25.00 EUR").session_id))
    assert "no real payment is made" in page.words
    assert "€25.00" in page.words
    assert "Contribution to soil projects" in page.words
    assert page.links == ["http://127.0.0.1:9/cancelled"]
    assert page.buttons == ["card", "sepa_debit"]
    assert set(page.fields) == page.labels == {"email", "name", "number", "expiry", "cvc", "iban"}
    assert page.alerts == 0


@pytest.mark.parametrize(
    ("locale", "accept", "language", "amount"),
    [
        ("en", "fr", "en", "€1,250.00"),
        ("fr", "", "fr", "1\u202f250,00\xa0€"),
        ("es", "", "es", "1.250,00\xa0€"),
        ("auto", "es-MX, es;q=0.9", "es", "1.250,00\xa0€"),
        ("auto", "de", "en", "€1,250.00"),
        ("de", "fr", "en", "€1,250.00"),
    ],
)
def test_the_page_speaks_the_language_of_the_session(
    account: Account, locale: str, accept: str, language: str, amount: str
) -> None:
    session = account.opened("1250.00 EUR", language=locale).session_id
    answer = show(account, session, accept=accept)
    page = read(answer)
    assert page.language == language
    assert WORDS[language]["stand_in"] in page.words
    assert amount in answer.get_data(as_text=True)


def test_every_language_says_everything() -> None:
    assert set(WORDS["fr"]) == set(WORDS["es"]) == set(WORDS["en"])
    for words in WORDS.values():
        for key, sentence in words.items():
            assert ("{amount}" in sentence) == ("{amount}" in WORDS["en"][key])


def test_a_good_card_leads_back_with_the_session_filled_in(account: Account) -> None:
    session = account.opened().session_id
    answer = submit(account, session, number="4242 4242-4242 4242")
    assert answer.status_code == 303
    assert answer.location == f"http://127.0.0.1:9/paid?session={session}"
    state = account.checkout.state(session)
    assert (state.status, state.email, state.name) == ("complete", "ada@example.org", "Ada")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Your card was declined."),
        ("fr", "Votre carte a été refusée."),
        ("es", "Su tarjeta ha sido rechazada."),
    ],
)
def test_a_declined_card_is_said_and_another_may_be_tried(
    account: Account, language: str, sentence: str
) -> None:
    session = account.opened(language=language).session_id
    answer = submit(account, session, number=DECLINED)
    page = read(answer)
    assert answer.status_code == 200
    assert sentence in page.words
    assert page.alerts == 1
    assert page.fields["email"]["value"] == "ada@example.org"
    assert page.fields["number"]["value"] == ""
    assert submit(account, session).status_code == 303


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("4000000000009995", "Your card has insufficient funds."),
        ("4000000000000069", "Your card has expired."),
    ],
)
def test_some_cards_say_why(account: Account, number: str, sentence: str) -> None:
    assert sentence in read(submit(account, account.opened().session_id, number=number)).words


def test_the_bank_is_asked_and_may_refuse(account: Account) -> None:
    session = account.opened("25.00 EUR").session_id
    answer = submit(account, session, number=ASKS_BANK)
    assert (answer.status_code, answer.location) == (303, f"/c/pay/{session}/bank")
    bank = read(show(account, session, "/bank"))
    assert bank.buttons == ["complete", "fail"]
    assert "€25.00" in bank.words
    back = submit(account, session, path="/bank", answer="fail")
    assert (back.status_code, back.location) == (303, f"/c/pay/{session}?bank=refused")
    page = read(show(account, session, "?bank=refused"))
    assert "could not recognise you" in page.words
    assert page.alerts == 1
    submit(account, session, number=ASKS_BANK)
    done = submit(account, session, path="/bank", answer="complete")
    assert done.location == f"http://127.0.0.1:9/paid?session={session}"


def test_no_bank_answers_before_it_was_asked(account: Account) -> None:
    session = account.opened().session_id
    assert submit(account, session, path="/bank", answer="complete").status_code == 410
    assert account.checkout.state(session).status == "open"


def test_a_sepa_debit_leads_back_unpaid(account: Account) -> None:
    session = account.opened(language="fr").session_id
    answer = submit(account, session, "sepa_debit")
    assert answer.status_code == 303
    state = account.checkout.state(session)
    assert (state.status, state.payment_status) == ("complete", "unpaid")


def test_enter_in_the_iban_field_means_the_debit(account: Account) -> None:
    session = account.opened().session_id
    assert submit(account, session, number="").status_code == 303
    assert account.checkout.state(session).payment_status == "unpaid"


def test_a_mandate_is_shown_where_a_debit_is_offered(account: Account) -> None:
    euro = read(show(account, account.opened("25.00 EUR").session_id))
    dollar = read(show(account, account.opened("25.00 USD").session_id))
    assert "8 weeks" in euro.words
    assert "8 weeks" not in dollar.words
    assert dollar.buttons == ["card"]


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("card", "email", "ada"),
        ("card", "number", "4242 4242 4242 4241"),
        ("card", "expiry", "10 / 26"),
        ("card", "expiry", "13 / 34"),
        ("card", "cvc", "12"),
        ("sepa_debit", "iban", "DE89370400440532013001"),
        ("sepa_debit", "iban", ""),
        ("sepa_debit", "name", ""),
    ],
)
def test_a_faulty_field_is_named_and_nothing_is_tried(
    account: Account, method: str, name: str, value: str
) -> None:
    session = account.opened().session_id
    page = read(submit(account, session, method, **{name: value}))
    assert page.alerts == 1
    assert page.links[1:] == [f"#{name}"]
    assert page.fields[name]["aria-invalid"] == "true"
    assert page.fields[name]["aria-describedby"] == f"{name}-fault"
    assert WORDS["en"][f"{name}_wrong"] in page.words
    assert account.control.events() == []


def test_an_address_we_know_is_not_asked_again(account: Account) -> None:
    session = account.opened(email="ada@example.org").session_id
    page = read(show(account, session))
    assert "email" not in page.fields
    assert "ada@example.org" in page.words
    assert submit(account, session, email="eve@example.org").status_code == 303
    assert account.checkout.state(session).email == "ada@example.org"


def test_a_closed_page_is_gone(account: Account) -> None:
    session = account.paid()
    for answer in (
        show(account, session),
        show(account, session, "/bank"),
        submit(account, session),
        submit(account, session, path="/bank", answer="complete"),
    ):
        assert answer.status_code == 410
        assert "http://127.0.0.1:9/cancelled" in read(answer).links


def test_an_unknown_page_is_not_found(account: Account) -> None:
    answer = show(account, "cs_test_none")
    assert answer.status_code == 404
    assert "no real payment is made" in read(answer).words


def test_the_policy_allows_our_style_and_the_way_back_only(account: Account) -> None:
    answer = show(account, account.opened().session_id)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9" in policy
    assert "script-src" not in policy
    assert "X-Form-Target" not in answer.headers
    text = answer.get_data(as_text=True)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", text)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_title_cannot_become_markup(account: Account) -> None:
    text = show(account, account.opened(title="<b>Soil</b>").session_id).get_data(as_text=True)
    assert "<b>Soil</b>" not in text
    assert "&lt;b&gt;Soil&lt;/b&gt;" in text


def test_the_whole_page_works_over_http(live: Account) -> None:
    opened = live.opened("25.00 EUR", language="es")
    assert opened.url.startswith(live.url)
    shown = requests.get(opened.url, timeout=10)
    assert Page(shown.text).language == "es"
    assert requests.get(f"{live.url}/stand-in/stand-in.css", timeout=10).status_code == 200
    paid = requests.post(opened.url, {**TYPED, "method": "card"}, timeout=10, allow_redirects=False)
    assert (paid.status_code, live.checkout.state(opened.session_id).status) == (303, "complete")


@pytest.mark.parametrize(
    ("digits", "good"),
    [(PAID, True), ("4242424242424241", False), ("42", False), ("", False), ("٤" * 16, False)],
)
def test_card_numbers_carry_a_sum(digits: str, *, good: bool) -> None:
    assert is_card_number(digits) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("DE89370400440532013000", True),
        ("DE62370400440532013001", True),
        ("FR1420041010050500013M02606", True),
        ("DE00370400440532013000", False),
        ("DE89", False),
    ],
)
def test_ibans_carry_a_sum(text: str, *, good: bool) -> None:
    assert is_iban(text) is good


@pytest.mark.parametrize(
    ("expiry", "good"),
    [("11/26", True), ("11 / 2026", True), ("1226", True), ("10/26", False), ("26/11", False)],
)
def test_a_card_is_good_until_the_end_of_its_month(expiry: str, *, good: bool) -> None:
    assert is_future(expiry, 1_795_000_000) is good  # November 2026


def test_yen_have_no_cents() -> None:
    assert amount_text(500, "jpy", "en") == "¥500"
