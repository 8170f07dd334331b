"""Does a donor get every paper by its link, with or without a printer, and nobody else's?"""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.giving import annual, papers, pledges, queries, receipts
from offset.giving.models import ReceiptChoice
from offset.money import Money
from offset.people import contributors
from offset.people.access import Role
from tests.builders import giving
from tests.builders.giving import Given
from tests.builders.receipts import FRENCH, an_issuer
from tests.fakes import FrozenClock
from tests.fakes_giving import FakeProcessor
from tests.fakes_papers import Printer
from tests.web.conftest import build, settings_with

JANUARY = datetime(2027, 1, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


@pytest.fixture
def given(embedded: Database, processor: FakeProcessor, at: datetime) -> Given:
    made = giving.a_donation(embedded, processor, at=at, amount="60.00 EUR")
    receipts.issue_pending(embedded, at=at)
    return made


@pytest.fixture
def paperless(embedded: Database, clock: FrozenClock) -> FlaskClient:
    """A client of a site whose machine lacks Pango."""
    printer = Printer(fault="pdf_unavailable")
    application = build(settings_with(), embedded, clock, documents=printer, beside=True)
    return application.test_client()


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def token_of(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text_of(client, path))
    assert found is not None
    return found[1]


def link_of(database: Database, given: Given, which: int = 0) -> str:
    with database.reading() as session:
        return f"/receipts/{queries.gift(session, given.pledge.token).receipts[which].token}"


def test_without_pango_the_page_is_the_receipt_and_says_what_is_missing(
    paperless: FlaskClient, embedded: Database, given: Given, at: datetime
) -> None:
    path = link_of(embedded, given)
    papers.render_pending(embedded, Printer(fault="pdf_unavailable"), at=at)
    text = text_of(paperless, path)
    assert "This page is the receipt." in text
    assert "the system library Pango is missing" in text
    assert "You contributed €60.00." in text
    thanks = text_of(paperless, f"/gift/{given.pledge.token}/certificate")
    assert "Pango is missing" in thanks
    assert "certificate.pdf" not in thanks
    answer = paperless.get(f"/gift/{given.pledge.token}/certificate.pdf")
    assert answer.status_code == 409
    assert "PDF files cannot be made on this machine." in answer.get_data(as_text=True)


def test_a_receipt_that_is_being_printed_says_so(
    client: FlaskClient, embedded: Database, given: Given
) -> None:
    assert "is being made" in text_of(client, link_of(embedded, given))


def test_the_certificate_thanks_and_leaves_out_what_its_donor_leaves_out(
    client: FlaskClient, given: Given
) -> None:
    path = f"/gift/{given.pledge.token}/certificate"
    text = text_of(client, path)
    for told in ("Acknowledgement of contribution", "€60.00", "Ada Lovelace"):
        assert told in text
    assert not re.search(r"\d\s?t\b|CO2", text)
    less = text_of(client, f"{path}?name=no&amount=no")
    assert "Ada Lovelace" not in less
    assert "€60.00" not in less
    drawn = client.get(f"{path}.pdf?name=no")
    assert drawn.content_type == "application/pdf"
    assert drawn.data.endswith(b"None")


def test_a_cancelled_receipt_leads_to_its_note_and_to_the_one_in_its_place(
    client: FlaskClient,
    embedded: Database,
    processor: FakeProcessor,
    given: Given,
    at: datetime,
) -> None:
    giving.deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    receipts.issue_pending(embedded, at=at)
    papers.render_pending(embedded, Printer(), at=at)
    new, old = link_of(embedded, given), link_of(embedded, given, 1)
    text = text_of(client, old)
    assert "is no longer valid" in text
    assert f'href="{new}"' in text
    note = client.get(f"{old}/cancellation.pdf")
    assert note.data == b"cancellation en 2026-000001 None"
    assert client.get(f"{new}/cancellation.pdf").status_code == 404


def test_a_donor_chooses_which_receipt_and_january_brings_it(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    made = giving.an_open_gift(embedded, processor, at=at)
    path = f"/gift/{made.pledge.token}/receipts"
    answer = client.post(path, data={"csrf_token": token_of(client, path), "receipts": "annual"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/gift/{made.pledge.token}")
    for sent in processor.pay(made.session_id):
        giving.deliver(embedded, processor, sent, at=at)
    assert "it comes in January" in text_of(client, f"/gift/{made.pledge.token}")
    wrong = client.post(path, data={"csrf_token": token_of(client, path), "receipts": "weekly"})
    assert wrong.status_code == 422
    annual.issue_due(embedded, at=JANUARY)
    found = re.search(
        r'href="(/receipts/annual/[^"]+)"', text_of(client, f"/gift/{made.pledge.token}")
    )
    assert found is not None
    text = text_of(client, found[1])
    assert "for the year 2026" in text
    assert "In 2026 you contributed €25.00." in text
    assert client.get(f"{found[1]}/receipt.pdf").status_code == 404
    papers.render_pending(embedded, Printer(), at=JANUARY)
    assert client.get(f"{found[1]}/receipt.pdf").data.startswith(b"annual en 2027-000001")
    told = client.get(f"{found[1]}/receipt.json").get_json()
    assert (told["cancelled_on"], len(told["receipt"]["gifts"])) == (None, 1)
    assert client.get(f"{found[1]}/cancellation.pdf").status_code == 404
    giving.deliver(embedded, processor, processor.refund(made.charge_id, 2500), at=JANUARY)
    receipts.issue_pending(embedded, at=JANUARY)
    papers.render_pending(embedded, Printer(), at=JANUARY)
    assert "is no longer valid" in text_of(client, found[1])
    assert client.get(f"{found[1]}/receipt.json").get_json()["cancelled_on"] is not None
    assert client.get(f"{found[1]}/cancellation.pdf").status_code == 200


def test_no_receipt_is_a_choice_too(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    made = giving.an_open_gift(embedded, processor, at=at)
    embedded.run(receipts.choose, made.pledge.token, ReceiptChoice.NONE, at=at)
    for sent in processor.pay(made.session_id):
        giving.deliver(embedded, processor, sent, at=at)
    assert "You asked for no receipt." in text_of(client, f"/gift/{made.pledge.token}")


def test_an_address_is_asked_only_where_a_tax_receipt_needs_it(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    plain = giving.a_donation(embedded, processor, at=at)
    assert client.get(f"/gift/{plain.pledge.token}/address").status_code == 303
    an_issuer(embedded, FRENCH, at=at)
    made = giving.a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    path = f"/gift/{made.pledge.token}/address"
    assert f'href="{path}"' in text_of(client, f"/gift/{made.pledge.token}")
    token = token_of(client, path)
    half = client.post(path, data={"csrf_token": token, "name": "Zoé Œuvré", "address": " "})
    assert half.status_code == 422
    long = client.post(path, data={"csrf_token": token, "name": "Z" * 201, "address": "x"})
    assert long.status_code == 422
    whole = {"csrf_token": token, "name": "Zoé Œuvré", "address": "3 allée des Chênes"}
    assert client.post(path, data=whole).status_code == 303
    receipts.issue_pending(embedded, at=at)
    text = text_of(client, link_of(embedded, made))
    for told in ('lang="fr"', "***25,00***", "3 allée des Chênes", "732 829 320"):
        assert told in text
    assert "It is not a tax receipt" not in text


def test_whoever_was_forgotten_is_named_by_no_link(
    client: FlaskClient, embedded: Database, given: Given, at: datetime
) -> None:
    papers.render_pending(embedded, Printer(), at=at)
    path = link_of(embedded, given)
    assert client.get(f"{path}/receipt.pdf").data.endswith(b"Ada Lovelace")
    embedded.run(contributors.erase, "ada@example.org", at=at)
    assert client.get(f"{path}/receipt.pdf").status_code == 404
    assert "asked to be forgotten" in text_of(client, path)
    papers.render_pending(embedded, Printer(), at=at)
    assert client.get(f"{path}/receipt.pdf").data.endswith(b"None")


def test_the_page_of_a_pledge_shows_the_account_and_the_code(
    client: FlaskClient, paperless: FlaskClient, embedded: Database, at: datetime
) -> None:
    promised = embedded.run(
        pledges.promise,
        at=at,
        amount=Money(500_000, "EUR"),
        language="en",
        account=pledges.Account("Living Soils", "FR7630006000011234567890189", "AGRIFRPP"),
        email="ada@example.org",
    )
    path = f"/pledge/{promised.token}"
    text = text_of(client, path)
    for told in ("FR76 3000 6000 0112 3456 7890 189", "AGRIFRPP", promised.reference, "€5,000.00"):
        assert told in text
    assert 'class="transfer-square"' in text
    drawn = client.get(f"{path}/letter.pdf")
    assert drawn.data == f"transfer en {promised.reference} None".encode()
    assert "Pango is missing" in text_of(paperless, path)


@pytest.mark.parametrize(
    "path",
    [
        "/receipts/annual/nobody",
        "/receipts/annual/nobody/receipt.pdf",
        "/receipts/annual/nobody/receipt.json",
        "/receipts/annual/nobody/cancellation.pdf",
        "/receipts/nobody/cancellation.pdf",
        "/gift/nobody/certificate",
        "/gift/nobody/certificate.pdf",
        "/gift/nobody/receipts",
        "/gift/nobody/address",
        "/pledge/nobody",
        "/pledge/nobody/letter.pdf",
    ],
)
def test_a_guessed_address_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_desk_sends_again_and_only_the_law_s_readers_see_an_original(
    client: FlaskClient,
    embedded: Database,
    sign_in: Callable[..., None],
    given: Given,
    at: datetime,
) -> None:
    papers.render_pending(embedded, Printer(), at=at)
    with embedded.reading() as session:
        receipt_id = queries.gift(session, given.pledge.token).receipts[0].receipt_id
    sign_in(Role.CLERK)
    page = f"/secretariat/gifts/{given.id}"
    send = f"/secretariat/receipts/{receipt_id}/send-again"
    answer = client.post(send, data={"csrf_token": token_of(client, page)})
    assert answer.headers["Location"] == f"{page}?sent=again"
    assert "on its way again" in text_of(client, f"{page}?sent=again")
    assert client.get(f"/secretariat/receipts/{receipt_id}/original.pdf").status_code == 403
    assert client.post(f"/secretariat/receipts/{uuid.uuid4()}/send-again").status_code == 400
    embedded.run(contributors.erase, "ada@example.org", at=at)
    sign_in(Role.TREASURER, email="treasurer@demo.example")
    assert "Kept original" in text_of(client, page)
    kept = client.get(f"/secretariat/receipts/{receipt_id}/original.pdf")
    assert kept.data.endswith(b"Ada Lovelace")
