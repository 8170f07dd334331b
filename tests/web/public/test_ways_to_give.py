"""Once, monthly or as an organisation, by card or transfer: is each what its donor asked for?"""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from offset.database.base import Base
from offset.database.session import Database
from offset.giving import pledge_papers
from offset.giving.models import (
    BankPledge,
    Donation,
    DonorOrganisation,
    Estimate,
    GuardedPeriod,
    RecurringGift,
)
from offset.people import phrases
from offset.people.contributors import Contributor
from offset.people.models import OutboxMessage
from tests.builders.giving import deliver
from tests.builders.projects import Way
from tests.builders.treasury import a_bank_account
from tests.fakes_giving import FakeProcessor
from tests.web.conftest import token_of
from tests.web.public.conftest import TRIP, statements
from tests.web.public.test_estimate import plain, text_of

ONCE = f"/contribute?amount=60&currency=EUR&{TRIP}"
MONTHLY = f"/contribute?frequency=monthly&amount=10&currency=EUR&{TRIP}"
ORGANISATION = "/contribute?giver=organisation&amount=500&currency=EUR"
NAMED = {
    "legal_name": "  Reisen   GmbH ",
    "registration": "HRB 12345",
    "purchase_order": "PO-7",
    "email": "bills@reisen.example",
}


def fields(client: FlaskClient, page: str, **changed: str) -> dict[str, str]:
    """What a browser would send from a page, with changes."""
    html = client.get(page).get_data(as_text=True).split('class="sheet"')[1]
    found = dict(
        re.findall(r'<input(?=[^>]*type="hidden")[^>]*name="(\w+)"[^>]*value="([^"]*)"', html)
    )
    found |= {"csrf_token": token_of(client, page), "project": "", "overflow": "pool"}
    return {**found, "way": "card", **changed}


def send(client: FlaskClient, told: dict[str, str], page: str = "/contribute") -> tuple[int, str]:
    answer = client.post(page, data=told)
    return answer.status_code, answer.headers.get("Location", "")


def count(database: Database, table: type[Base]) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def only(database: Database, table: type[Base]) -> Base:
    with database.reading() as session:
        row: Base = session.scalars(select(table)).one()
        session.expunge(row)
        return row


@pytest.fixture
def account(embedded: Database, at: datetime) -> None:
    embedded.run(a_bank_account, at=at)


@pytest.mark.parametrize("page", [ONCE, MONTHLY])
def test_a_pledge_takes_one_call_and_at_most_eight_statements(
    client: FlaskClient,
    embedded: Database,
    processor: FakeProcessor,
    project: Way,
    page: str,
) -> None:
    told = fields(client, page, project=project.slug)
    with statements(embedded) as seen:
        status, address = send(client, told)
    assert (status, address.startswith("https://pay.example/")) == (303, True)
    assert len(seen) <= 8, "\n".join(seen)
    assert len(processor.requests) == 1


def test_a_monthly_gift_goes_to_a_page_that_repeats(
    client: FlaskClient, embedded: Database, processor: FakeProcessor
) -> None:
    html = plain(text_of(client, MONTHLY))
    assert "Contribute €10.00 every month" in html
    assert phrases.scan(html) == ()
    assert send(client, fields(client, MONTHLY))[0] == 303
    monthly = only(embedded, RecurringGift)
    assert isinstance(monthly, RecurringGift)
    (request,) = processor.requests.values()
    assert request.recurring_id == str(monthly.id)
    assert request.amount.minor == monthly.amount == 1_000
    assert "frequency=monthly" in request.cancel_url
    assert monthly.terms["refund_days"] == 30


def test_a_months_amount_is_never_the_flights(client: FlaskClient) -> None:
    once = text_of(client, ONCE)
    (to_monthly,) = re.findall(r'href="([^"]*frequency=monthly[^"]*)"', once)
    assert "amount" not in to_monthly
    html = plain(text_of(client, to_monthly.replace("&amp;", "&")))
    assert "How much would you like to contribute every month?" in html
    for words in ("€10 a month", "€20 a month", "this trip in twelve parts"):
        assert words in html


def test_a_button_with_an_amount_counts_before_an_empty_field(client: FlaskClient) -> None:
    assert "€20.00 every month" in plain(
        text_of(client, "/contribute?frequency=monthly&amount=&currency=EUR&amount=20")
    )


def test_the_same_form_twice_is_one_gift_and_one_page(
    client: FlaskClient, embedded: Database, processor: FakeProcessor
) -> None:
    told = fields(client, ONCE)
    first, second = send(client, told), send(client, told)
    assert first == second
    assert first[0] == 303
    assert (count(embedded, Donation), count(embedded, Estimate)) == (1, 1)
    assert len(processor.requests) == 1
    assert send(client, {**told, "amount": "61"}) != first
    assert count(embedded, Donation) == 2


def test_a_form_sent_again_after_paying_leads_to_the_gift(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    told = fields(client, ONCE)
    send(client, told)
    gift = only(embedded, Donation)
    assert isinstance(gift, Donation)
    for sent in processor.pay(str(gift.session_id)):
        deliver(embedded, processor, sent, at=at)
    status, address = send(client, told)
    assert (status, address) == (303, f"/contribute/done?gift={gift.token}")
    assert count(embedded, Donation) == 1


def test_the_fee_is_covered_only_when_ticked(client: FlaskClient, processor: FakeProcessor) -> None:
    send(client, fields(client, ONCE))
    send(client, fields(client, ONCE, cover="y"))
    assert sorted(one.amount.minor for one in processor.requests.values()) == [6_000, 6_117]


@pytest.mark.parametrize(
    ("says", "currency"),
    [("en-GB", "GBP"), ("en-US,en", "USD"), ("de-CH", "CHF"), ("fr-FR", "EUR"), ("", "EUR")],
)
def test_the_currency_follows_the_readers_country(
    client: FlaskClient, says: str, currency: str
) -> None:
    html = client.get("/contribute", headers={"Accept-Language": says}).get_data(as_text=True)
    assert f"<option selected>{currency}" in html
    chosen = client.get("/contribute?currency=USD", headers={"Accept-Language": says})
    assert "<option selected>USD" in chosen.get_data(as_text=True)


@pytest.mark.usefixtures("account")
def test_a_transfer_is_a_pledge_with_a_reference(client: FlaskClient, embedded: Database) -> None:
    told = fields(client, ONCE, way="transfer", email="ada@example.org")
    status, address = send(client, told)
    assert send(client, told) == (status, address)
    assert count(embedded, BankPledge) == 1
    row = only(embedded, BankPledge)
    assert isinstance(row, BankPledge)
    assert (status, address) == (303, f"/pledge/{row.token}")
    assert (row.amount, row.received, row.account["iban"] != "") == (6_000, 0, True)
    mail = only(embedded, OutboxMessage)
    assert isinstance(mail, OutboxMessage)
    assert (mail.template, mail.recipient) == ("pledge", "ada@example.org")
    with embedded.reading() as session:
        paper = pledge_papers.of_pledge(session, row.token)
    assert row.reference in str(paper.code)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "nobody"}, "does not look like an e-mail address"),
        ({"email": "ada@example.org", "currency": "CHF"}, "no bank account in CHF"),
    ],
)
def test_a_transfer_that_cannot_be_comes_back(
    client: FlaskClient, embedded: Database, changed: dict[str, str], words: str
) -> None:
    told = fields(client, ONCE, way="transfer", **changed)
    answer = client.post("/contribute", data=told)
    assert answer.status_code == 422
    assert words in plain(answer.get_data(as_text=True))
    assert count(embedded, BankPledge) == count(embedded, Contributor) == 0


@pytest.mark.usefixtures("account")
def test_an_organisation_pledges_with_its_name_and_number(
    client: FlaskClient, embedded: Database
) -> None:
    assert send(client, fields(client, ORGANISATION, way="transfer", **NAMED))[0] == 303
    row = only(embedded, DonorOrganisation)
    assert isinstance(row, DonorOrganisation)
    assert (row.legal_name, row.registration, row.purchase_order) == (
        "Reisen GmbH",
        "HRB 12345",
        "PO-7",
    )
    giver = only(embedded, Contributor)
    assert isinstance(giver, Contributor)
    assert (giver.email, giver.name) == ("bills@reisen.example", "Reisen GmbH")


def test_an_organisation_pays_by_card_within_its_own_limits(
    client: FlaskClient, embedded: Database, processor: FakeProcessor
) -> None:
    page = ORGANISATION.replace("500", "50000")
    assert send(client, fields(client, page, **NAMED))[0] == 303
    gift = only(embedded, Donation)
    assert isinstance(gift, Donation)
    assert (gift.amount, gift.contributor_id is not None) == (5_000_000, True)
    (request,) = processor.requests.values()
    assert request.email == "bills@reisen.example"
    told = fields(client, page, **NAMED)
    for name, word in (("legal_name", "legal name"), ("registration", "registration number")):
        answer = client.post("/contribute", data={**told, name: " "})
        assert answer.status_code == 422
        assert word in plain(answer.get_data(as_text=True))
    assert send(client, {**told, "giver": "", "amount": "50000"})[0] == 422
    assert count(embedded, Donation) == 1


def test_small_gifts_wait_while_cards_are_tried(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    told = fields(client, "/contribute?amount=5&currency=EUR")
    embedded.run(guard, until=at + timedelta(minutes=5), at=at)
    answer = client.post("/contribute", data=told)
    assert answer.status_code == 422
    assert "stolen cards" in plain(answer.get_data(as_text=True))
    assert (count(embedded, Donation), len(processor.requests)) == (0, 0)
    assert send(client, fields(client, "/contribute?amount=20&currency=EUR"))[0] == 303


def guard(session: object, *, until: datetime, at: datetime) -> None:
    row = GuardedPeriod(id=uuid4(), began_at=at, until=until, failed=12, succeeded=0)
    session.add(row)  # type: ignore[attr-defined]  # a session


@pytest.mark.parametrize("language", ["", "/fr", "/es"])
@pytest.mark.parametrize(
    "address", ["/gift/nobody/manage", "/pledge/nobody", "/contribute/done?gift=nobody"]
)
def test_a_link_of_nobody_is_a_page_that_says_so(
    client: FlaskClient, language: str, address: str
) -> None:
    answer = client.get(f"{language}{address}")
    assert answer.status_code == 404
    assert f'lang="{language.strip("/") or "en"}"' in answer.get_data(as_text=True)


def test_a_tampered_return_address_leads_nowhere_else(client: FlaskClient) -> None:
    html = text_of(client, "/contribute/cancelled?amount=60&again=https://evil.example&//evil")
    links = re.findall(r'href="([^"]+)"', html)
    assert not [one for one in links if one.startswith(("https://evil", "//evil"))]


def test_a_monthly_gift_is_managed_by_its_link(
    client: FlaskClient,
    embedded: Database,
    at: datetime,
) -> None:
    send(client, fields(client, MONTHLY))
    gift = only(embedded, Donation)
    monthly = only(embedded, RecurringGift)
    assert isinstance(gift, Donation)
    assert isinstance(monthly, RecurringGift)
    assert "€10.00 each month" in plain(text_of(client, f"/contribute/done?gift={gift.token}"))
    for token in (gift.token, monthly.token):
        page = f"/gift/{token}/manage"
        html = text_of(client, page)
        assert "Its first payment has not arrived yet." in plain(html)
        assert "Change, pause or stop" not in html
    embedded.run(name_customer, at=at)
    page = f"/gift/{gift.token}/manage"
    answer = client.get(page)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Change, pause or stop" in answer.get_data(as_text=True)
    assert client.post(page).status_code == 400
    status, address = send(client, {"csrf_token": token_of(client, page)}, page)
    assert status == 303
    assert address == f"https://pay.example/portal/cus_1?en&http://localhost{page}"


def name_customer(session: object, *, at: datetime) -> None:
    del at
    row = session.scalars(select(RecurringGift)).one()  # type: ignore[attr-defined]  # a session
    row.customer_id = "cus_1"


def test_an_address_may_be_used_so_often_an_hour_and_no_oftener(
    client: FlaskClient, embedded: Database, processor: FakeProcessor
) -> None:
    """Whoever tries cards changes the network address; the mail address is counted beside it."""
    form = fields(client, ORGANISATION, **NAMED)
    told = [
        send(client, {**form, "form_key": f"key {number}", "email": " Bills@Reisen.example "})[0]
        for number in range(13)
    ]
    assert told == [303] * 12 + [429]
    assert send(client, {**form, "form_key": "other", "email": "other@reisen.example"})[0] == 303
    # A gift by card names no address here: it is counted by the network's alone.
    card = fields(client, ONCE)
    assert [send(client, {**card, "form_key": f"c {n}"})[0] for n in range(14)] == [303] * 14
    assert count(embedded, Donation) == 12 + 1 + 14
    assert len(processor.requests) == 12 + 1 + 14


@pytest.mark.parametrize("language", ["", "/fr", "/es"])
def test_a_currency_we_do_not_take_is_told_and_never_read_as_another(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, language: str
) -> None:
    shown = client.get(f"{language}/contribute?amount=1000&currency=JPY")
    assert shown.status_code == 422
    assert "JPY" in plain(shown.get_data(as_text=True))
    form = fields(client, f"{language}/contribute?amount=60&currency=EUR")
    answer = client.post(f"{language}/contribute", data={**form, "currency": "jpy"})
    assert answer.status_code == 422
    assert "JPY" in plain(answer.get_data(as_text=True))
    assert count(embedded, Donation) == len(processor.requests) == 0
