import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.giving import papers, queries, receipts, recurring
from offset.giving.donations import to_checkout
from offset.ledger import checkpoints
from offset.people.access import Role
from tests.builders import giving, projects
from tests.builders.giving import Given
from tests.fakes import FrozenClock
from tests.fakes_giving import FakeProcessor


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


@pytest.fixture
def given(embedded: Database, processor: FakeProcessor, at: datetime) -> Given:
    """60.00 EUR for the pool, settled, with its receipt."""
    made = giving.a_donation(embedded, processor, at=at, amount="60.00 EUR")
    receipts.issue_pending(embedded, at=at)
    return made


def receipt_token(database: Database, given: Given) -> str:
    with database.reading() as session:
        link = queries.gift(session, given.pledge.token).receipt
    assert link is not None
    return link.token


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_a_settled_gift_shows_its_split_to_the_cent(client: FlaskClient, given: Given) -> None:
    text = text_of(client, f"/gift/{given.pledge.token}")
    # 60.00 less the fee of 1.15 less the share of 3.00 (5 %).
    for told in ("€60.00", "€55.85", "€3.00", "€1.15", "Thank you for €60.00"):
        assert told in text
    assert "The contribution does not change the emissions of your flight." in text
    assert "is not allocated yet" in text
    words = ("received", "allocated", "paid to the project", "reported", "measured")
    places = [text.index(f"<b>{word}</b>") for word in words]
    assert places == sorted(places)


def test_only_a_month_of_a_monthly_gift_says_how_to_change_or_stop_it(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, given: Given, at: datetime
) -> None:
    assert "Change or stop" not in text_of(client, f"/gift/{given.pledge.token}")
    begun = embedded.run(recurring.begin, at=at, amount=giving.money("10.00 EUR"), language="en")
    page = to_checkout(
        embedded,
        processor,
        begun,
        title="Monthly",
        success_url="https://offset.example/done",
        cancel_url="https://offset.example/cancelled",
        at=at,
    )
    giving.deliver(embedded, processor, processor.submit(page.session_id), at=at)
    for language in ("", "/fr", "/es"):
        told = text_of(client, f"{language}/gift/{begun.token}")
        assert f'href="{language}/gift/{begun.token}/manage"' in told


def test_a_directed_gift_shows_its_project(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = projects.a_project(embedded, at=at)
    made = giving.a_donation(
        embedded, processor, at=at, amount="60.00 EUR", project_id=way.project_id
    )
    text = text_of(client, f"/gift/{made.pledge.token}")
    assert 'href="/projects/green-bridges"' in text
    assert "allocated on 15 November 2026" in text
    assert "is not allocated yet" not in text


def test_the_page_is_neither_stored_nor_listed_nor_a_reason_for_a_cookie(
    client: FlaskClient, given: Given
) -> None:
    answer = client.get(f"/gift/{given.pledge.token}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in answer.headers


def test_french_amounts_are_written_the_french_way(client: FlaskClient, given: Given) -> None:
    assert "60,00\N{NO-BREAK SPACE}€" in text_of(client, f"/fr/gift/{given.pledge.token}")


def test_an_unpaid_gift_can_be_tried_again(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    made = giving.an_open_gift(embedded, processor, at=at, amount="12.50 EUR")
    text = text_of(client, f"/gift/{made.pledge.token}")
    assert "Not paid yet: €12.50" in text
    assert "/contribute?amount=12.50&amp;currency=EUR" in text
    assert "How it was split" not in text


@pytest.mark.parametrize("path", ["/gift/nobody", "/receipts/nobody", "/receipts/x/receipt.pdf"])
def test_a_guessed_address_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_receipt_shows_its_facts_and_the_evidence(
    client: FlaskClient, embedded: Database, given: Given
) -> None:
    text = text_of(client, f"/receipts/{receipt_token(embedded, given)}")
    assert "Receipt 2026-000001" in text
    assert "You contributed €60.00." in text
    assert "€55.85 of it goes to soil projects" in text
    assert "The next checkpoint" in text
    assert "Download the PDF" not in text


def published_verifier() -> dict[str, Any]:
    """The few lines that docs/ledger-proof.md gives to whoever checks from home."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "ledger-proof.md").read_text()
    names: dict[str, Any] = {"__name__": "verifier"}
    exec(page.split("```python\n")[1].split("```")[0], names)  # noqa: S102 - our own published lines
    return names


def test_the_proof_comes_with_the_next_checkpoint(
    client: FlaskClient, embedded: Database, given: Given, clock: FrozenClock
) -> None:
    path = f"/receipts/{receipt_token(embedded, given)}/receipt.json"
    assert client.get(path).status_code == 404
    embedded.run(checkpoints.take, at=clock.advance(hours=1))
    told = json.loads(text_of(client, path))
    assert told["leaf"] == told["receipt"]["leaf_hash"]
    assert told["content"]["id"] == told["receipt"]["entry_id"]
    assert "name" not in told["receipt"]
    assert published_verifier()["proved"](told)
    told["content"]["postings"][0][3] += 1
    assert not published_verifier()["proved"](told)
    page = text_of(client, path.removesuffix("/receipt.json"))
    assert "Checkpoint 1 of 15 November 2026, 11:00 UTC" in page


def test_the_pdf_is_the_stored_one(
    client: FlaskClient, embedded: Database, given: Given, at: datetime
) -> None:
    token = receipt_token(embedded, given)
    assert client.get(f"/receipts/{token}/receipt.pdf").status_code == 404
    with embedded.reading() as session:
        receipt_id = queries.receipt(session, token).receipt_id
    embedded.run(papers.keep, receipt_id, "receipt", b"%PDF-1.7 kept", at=at)
    answer = client.get(f"/receipts/{token}/receipt.pdf")
    assert answer.data == b"%PDF-1.7 kept"
    assert answer.content_type == "application/pdf"
    assert "2026-000001.pdf" in answer.headers["Content-Disposition"]
    assert "Download the PDF" in text_of(client, f"/receipts/{token}")


def test_a_cancelled_receipt_says_so_first(
    client: FlaskClient, embedded: Database, given: Given, at: datetime
) -> None:
    token = receipt_token(embedded, given)
    with embedded.reading() as session:
        receipt_id = queries.receipt(session, token).receipt_id
    embedded.run(receipts.cancel, receipt_id, reason="refunded", at=at)
    assert "cancelled on 15 November 2026" in text_of(client, f"/receipts/{token}")


def test_the_account_lists_the_gifts_of_its_own_address_only(
    client: FlaskClient,
    sign_in: Callable[..., None],
    embedded: Database,
    given: Given,
) -> None:
    sign_in(email="stranger@demo.example")
    assert f"/gift/{given.pledge.token}" not in text_of(client, "/account")
    with embedded.reading() as session:
        email = queries.donation(session, given.id).line.email
    sign_in(email=email)
    text = text_of(client, "/account")
    assert f"/gift/{given.pledge.token}" in text
    assert "€60.00" in text


def test_the_account_leads_to_the_rooms_of_its_roles(
    client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.STEWARD)
    text = text_of(client, "/account")
    assert 'href="/steward"' in text
    assert 'href="/secretariat"' not in text
    assert "project steward" in text


def test_the_account_asks_strangers_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/account").status_code == 302
