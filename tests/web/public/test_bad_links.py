"""Do expired pages, forms sent again and links that somebody changed end well, in each language?"""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from offset.database.session import Database
from offset.giving.models import Donation, DonationStatus
from tests.builders.giving import an_open_gift, deliver, row_of
from tests.fakes_giving import FakeProcessor
from tests.web.conftest import token_of
from tests.web.public.test_estimate import plain, text_of

PREFIXES = {"en": "", "fr": "/fr", "es": "/es"}
NOTHING_CHARGED = {
    "en": "Nothing was charged",
    "fr": "Rien n’a été débité",
    "es": "No se cobró nada",
}
STRANGE = ("nothing", "..%2F..%2Fetc", "%3Cscript%3Ealert(1)%3C/script%3E", "x" * 300, "%00", "")


def only_gift(database: Database) -> Donation:
    with database.reading() as session:
        (found,) = session.scalars(select(Donation))
        session.expunge(found)
        return found


@pytest.mark.parametrize("language", PREFIXES)
def test_a_payment_page_that_expired_charged_nothing_and_says_so(
    client: FlaskClient,
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    language: str,
) -> None:
    given = an_open_gift(embedded, processor, at=at, amount="60.00 EUR", language=language)
    deliver(embedded, processor, processor.forget(given.session_id), at=at)
    assert row_of(embedded, given.id).status is DonationStatus.EXPIRED
    prefix = PREFIXES[language]
    html = text_of(client, f"{prefix}/contribute/done?gift={given.pledge.token}")
    told = plain(html)
    assert NOTHING_CHARGED[language].replace("’", "'") in told.replace("’", "'")
    assert f'href="{prefix}/contribute?amount=60.00&amp;currency=EUR"' in html
    assert 'lang="' + language in html
    page = plain(text_of(client, f"{prefix}/gift/{given.pledge.token}"))
    assert NOTHING_CHARGED[language].replace("’", "'") in page.replace("’", "'")


@pytest.mark.parametrize("language", PREFIXES)
def test_a_form_sent_again_is_the_same_gift_whatever_became_of_it(
    client: FlaskClient,
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    language: str,
) -> None:
    prefix = PREFIXES[language]
    html = text_of(client, f"{prefix}/contribute?amount=60&currency=EUR")
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', html)
    form = {
        name[1]: value[1]
        for one in hidden
        if (name := re.search(r'name="([^"]+)"', one))
        and (value := re.search(r'value="([^"]*)"', one))
    }
    form |= {"amount": "60", "currency": "EUR", "overflow": "pool"}
    first = client.post(f"{prefix}/contribute", data=form)
    assert first.status_code == 303
    again = client.post(f"{prefix}/contribute", data=form)
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    gift = only_gift(embedded)
    assert gift.session_id is not None
    deliver(embedded, processor, processor.forget(gift.session_id), at=at)
    late = client.post(f"{prefix}/contribute", data=form)
    assert late.status_code == 303
    assert f"{prefix}/contribute/done?gift={gift.token}" in late.headers["Location"]
    with embedded.reading() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 1


@pytest.mark.parametrize("prefix", PREFIXES.values())
def test_a_return_address_that_somebody_changed_shows_nobodys_gift(
    client: FlaskClient, prefix: str
) -> None:
    for token in STRANGE:
        answer = client.get(f"{prefix}/contribute/done?gift={token}")
        assert answer.status_code == 404, token
        assert "<script>alert" not in answer.get_data(as_text=True)
    assert client.get(f"{prefix}/contribute/done").status_code == 404
    evil = 'amount="><script>alert(1)</script>&next=//evil.example'
    html = text_of(client, f"{prefix}/contribute/cancelled?{evil}")
    assert "<script>alert" not in html
    assert 'href="//evil' not in html
    # What came back with it is read as strictly as what is typed.
    for amount in ("-60", "0", "1e9", "60;drop", "999999999"):
        told = client.get(f"{prefix}/contribute?amount={amount}&currency=EUR")
        assert told.status_code == 422, amount
    assert client.get(f"{prefix}/contribute?amount=60&currency=XXX").status_code < 500


LINKS = (
    "/gift/{}",
    "/gift/{}/manage",
    "/gift/{}/certificate",
    "/gift/{}/certificate.pdf",
    "/gift/{}/receipts",
    "/gift/{}/address",
    "/pledge/{}",
    "/pledge/{}/letter.pdf",
    "/receipts/{}",
    "/receipts/{}/receipt.pdf",
    "/receipts/{}/receipt.json",
    "/receipts/{}/proof",
    "/receipts/{}/cancellation.pdf",
    "/receipts/annual/{}",
    "/receipts/annual/{}/receipt.pdf",
    "/news/{}",
)


@pytest.mark.parametrize("language", PREFIXES)
def test_a_link_of_an_unknown_donor_is_not_found_in_words(
    client: FlaskClient, language: str
) -> None:
    for link in LINKS:
        for token in ("nobody", "x" * 300, "%3Cb%3E"):
            answer = client.get(f"{PREFIXES[language]}{link.format(token)}")
            assert answer.status_code == 404, link
            text = answer.get_data(as_text=True)
            assert f'lang="{language}' in text, link
            assert "/<b>" not in text
            assert "Traceback" not in text


def test_a_link_of_nobody_changes_nothing(client: FlaskClient, embedded: Database) -> None:
    token = token_of(client, "/contribute?amount=60&currency=EUR")
    for link in ("/gift/nobody/manage", "/gift/nobody/receipts", "/news/nobody/stop"):
        answer = client.post(link, data={"csrf_token": token})
        assert answer.status_code == 404, link
        assert client.post(link, data={}).status_code in {400, 404, 422}, link
    with embedded.reading() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 0
