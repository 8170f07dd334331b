"""Does the check page show what will be charged, and lose nothing when something is wrong?"""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from offset.database.session import Database
from offset.giving import allocations
from offset.giving import queries as gifts
from offset.giving.directives import Directive
from offset.giving.models import Donation, Estimate, ReceiptChoice
from offset.people import phrases
from tests.builders.giving import Given, an_epoch, two_people
from tests.builders.projects import Way
from tests.fakes_giving import FakeProcessor
from tests.giving.test_directives import build, give
from tests.web.conftest import token_of
from tests.web.public.conftest import TRIP, statements
from tests.web.public.test_estimate import plain, text_of

PAGE = f"/contribute?amount=60&currency=EUR&ref=partner-1&{TRIP}"


def post(client: FlaskClient, page: str = PAGE, **changed: str) -> tuple[int, str, str]:
    token = token_of(client, page)
    form = {
        "csrf_token": token,
        "amount": "60",
        "currency": "EUR",
        "project": "",
        "overflow": "pool",
        "ref": "partner-1",
        **changed,
    }
    answer = client.post("/contribute", data=form)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def the_gift(database: Database) -> Donation:
    with database.reading() as session:
        row = session.scalars(select(Donation)).one()
        session.expunge(row)
        return row


def test_the_check_page_says_amount_split_receiver_and_refund(client: FlaskClient) -> None:
    answer = client.get(PAGE)
    told = plain(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    for words in (
        "You are about to contribute €60.00",
        "The contribution does not change the emissions of your flight.",
        "To soil projects €55.85",
        "Secretariat share, 5% €3.00",
        "Card fee, estimated €1.15",
        "Contribute €60.00",
        "Within 30 days",
        "received by",
        "Storage can be reversed",
        "Paris CDG → Johannesburg JNB",
    ):
        assert words in told, words
    assert phrases.scan(told) == ()


def test_nothing_extra_is_chosen_and_no_name_is_asked(client: FlaskClient) -> None:
    html = text_of(client, PAGE)
    assert re.findall(r'<input[^>]*type="checkbox"[^>]*>', html)
    assert " checked" not in html.split('type="checkbox"')[1].split(">")[0]
    assert not re.search(r'name="(email|name|address|tip)"', html)
    assert re.search(r'<option selected value="">Where it is needed most', html)


@pytest.mark.parametrize("typed", ["60", "60.00", "60,00", "€60", " 60 "])
def test_an_amount_is_read_as_people_write_it(client: FlaskClient, typed: str) -> None:
    assert "Contribute €60.00" in text_of(client, f"/contribute?amount={typed}")


@pytest.mark.parametrize("typed", ["4.99", "10000.01", "sixty", "60.001", "-5"])
def test_an_amount_that_cannot_be_comes_back_as_typed(client: FlaskClient, typed: str) -> None:
    html = text_of(client, f"/contribute?amount={typed}&currency=CHF&{TRIP}", 422)
    assert f'value="{typed}"' in html
    assert "<option selected>CHF" in html
    assert 'aria-describedby="amount-wrong"' in html
    assert "leg" in html
    assert 'name="csrf_token"' not in html


def test_without_an_amount_it_asks_for_one(client: FlaskClient) -> None:
    html = text_of(client, "/contribute")
    assert "How much would you like to contribute?" in html
    assert "Set-Cookie" not in client.get("/contribute").headers or "csrf" not in html


def test_an_unknown_currency_is_told(client: FlaskClient) -> None:
    assert "XXX are not offered" in text_of(client, "/contribute?amount=60&currency=XXX", 422)


def test_the_donor_leaves_for_the_hosted_page(
    client: FlaskClient, embedded: Database, processor: FakeProcessor
) -> None:
    pairs = {"leg": "CDG-JNB", "cabin": "economy", "travellers": "1"}
    status, location, _ = post(client, **pairs)
    assert status == 303
    gift = the_gift(embedded)
    request = processor.requests[str(gift.id), 1]
    assert str(gift.id) in location
    assert not location.startswith("http://localhost")
    assert (gift.amount, gift.currency, gift.ref) == (6000, "EUR", "partner-1")
    assert str(request.amount) == "60.00 EUR"
    assert request.success_url.endswith(f"/contribute/done?gift={gift.token}")
    assert "amount=60.00" in request.cancel_url
    assert "leg=CDG-JNB" in request.cancel_url


def test_the_estimate_is_kept_with_the_gift_and_recomputes(
    client: FlaskClient, embedded: Database
) -> None:
    post(client, leg="CDG-JNB", cabin="business", travellers="2", aircraft="789")
    gift = the_gift(embedded)
    with embedded.reading() as session:
        kept = session.get_one(Estimate, gift.estimate_id)
        assert (kept.method, kept.dataset) == ("tim-3", "2026.1")
        assert kept.query["travellers"] == 2
        assert kept.query["legs"][0]["cabin"] == "business"


def test_the_sentences_shown_are_kept(client: FlaskClient, embedded: Database) -> None:
    post(client)
    sentences = the_gift(embedded).sentences
    told = plain(text_of(client, PAGE))
    for key in ("no_change", "breakdown", "receiver", "refund_rule", "no_benefit", "reversibility"):
        assert sentences[key] in told


def test_a_donor_says_which_receipt_they_want(client: FlaskClient, embedded: Database) -> None:
    status, _, _ = post(client, receipts="annual")
    assert status == 303
    assert the_gift(embedded).receipt_choice is ReceiptChoice.ANNUAL
    kept = client.get(f"{PAGE}&receipts=none").get_data(as_text=True)
    assert '<option selected value="none">' in kept
    assert '<option selected value="each">' in client.get(PAGE).get_data(as_text=True)


def test_a_gift_may_name_a_project_and_what_becomes_of_the_rest(
    client: FlaskClient, embedded: Database, project: Way
) -> None:
    page = f"/contribute?amount=60&project={project.slug}"
    assert re.search(rf'<option selected value="{project.slug}"', text_of(client, page))
    status, _, _ = post(client, page, project=project.slug, overflow="wait")
    gift = the_gift(embedded)
    assert status == 303
    assert gift.project_id == project.project_id
    assert gift.overflow.value == "wait"


def test_a_project_that_is_not_open_is_said_so(client: FlaskClient) -> None:
    told = plain(text_of(client, "/contribute?amount=60&project=nowhere"))
    assert "not open for contributions" in told
    status, _, html = post(client, project="nowhere")
    assert status == 422
    assert "Contribute €60.00" in html


def test_a_posted_amount_is_checked_again(client: FlaskClient, embedded: Database) -> None:
    status, _, html = post(client, amount="1")
    assert status == 422
    assert 'value="1"' in html
    with embedded.reading() as session:
        assert session.scalars(select(Donation)).all() == []


def test_a_processor_that_is_down_charges_nothing_and_keeps_everything(
    client: FlaskClient, processor: FakeProcessor
) -> None:
    processor.down = True
    status, _, html = post(client, leg="CDG-JNB")
    assert status == 503
    told = plain(html)
    assert "Nothing was charged" in told
    again = re.search(r'href="(/contribute\?amount=60[^"]*)"', html)
    assert again is not None
    assert "leg=CDG-JNB" in again.group(1)


def test_a_form_without_its_token_is_refused(client: FlaskClient, embedded: Database) -> None:
    assert client.post("/contribute", data={"amount": "60"}).status_code == 400
    with embedded.reading() as session:
        assert session.scalars(select(Donation)).all() == []


def test_coming_back_unpaid_is_still_processing_never_failed(
    client: FlaskClient, embedded: Database
) -> None:
    post(client)
    told = plain(text_of(client, f"/contribute/done?gift={the_gift(embedded).token}"))
    assert "still being processed" in told
    assert "€60.00" in told
    assert "failed" not in told.casefold()


def test_coming_back_paid_says_thank_you(client: FlaskClient, give: Callable[..., Given]) -> None:
    given = give("60.00 EUR")
    html = text_of(client, f"/contribute/done?gift={given.pledge.token}")
    assert "has arrived" in html
    assert f"/gift/{given.pledge.token}" in html
    assert phrases.scan(plain(html)) == ()


def test_coming_back_without_paying_keeps_the_amount(client: FlaskClient) -> None:
    html = text_of(client, "/fr/contribute/cancelled?amount=60.00&currency=EUR&project=x")
    assert 'href="/fr/contribute?amount=60.00&amp;currency=EUR&amp;project=x"' in html


def test_a_gift_nobody_made_is_not_found(client: FlaskClient) -> None:
    assert client.get("/contribute/done?gift=nothing").status_code == 404


@pytest.fixture
def three(embedded: Database, at: datetime) -> tuple[Way, ...]:
    return build(embedded, at)


def test_a_gift_may_be_shared_among_several_projects(
    client: FlaskClient, embedded: Database, three: tuple[Way, ...]
) -> None:
    told = {
        "parts-0-project": "hedges",
        "parts-0-percent": "30 %",
        "parts-1-project": "sahel",
        "parts-1-percent": "70",
        "overflow": "theme:FR",
    }
    status, _, _ = post(client, **told)
    gift = the_gift(embedded)
    assert status == 303
    assert gift.split == {str(three[1].project_id): 30, str(three[2].project_id): 70}
    assert (gift.project_id, gift.overflow_tag) == (None, "FR")


def test_a_gift_may_be_for_a_theme_which_has_no_rest_to_send_on(
    client: FlaskClient, embedded: Database, three: tuple[Way, ...]
) -> None:
    assert len(three) == 3
    html = text_of(client, "/contribute?amount=60&project=theme:FR")
    assert re.search(r'<option selected value="theme:FR">Theme: projects in France', html)
    assert "only to projects of that theme" in plain(html)
    post(client, project="theme:Agroforestry", overflow="project:hedges")
    gift = the_gift(embedded)
    assert (gift.restricted_tag, gift.fund_tag, gift.overflow_project_id) == (
        "Agroforestry",
        "Agroforestry",
        None,
    )
    with embedded.reading() as session:
        assert gifts.gift(session, gift.token).theme == "Agroforestry"


def test_a_gift_may_name_a_next_project(
    client: FlaskClient, embedded: Database, three: tuple[Way, ...]
) -> None:
    post(client, project="green-bridges", overflow="project:hedges")
    assert the_gift(embedded).overflow_project_id == three[1].project_id


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"parts-0-project": "hedges", "parts-0-percent": "half"}, "whole per cent"),
        ({"parts-0-percent": "50"}, "whole per cent"),
        ({"parts-0-project": "hedges", "parts-0-percent": "100"}, "between two and 5"),
        (
            {
                "parts-0-project": "hedges",
                "parts-0-percent": "50",
                "parts-1-project": "hedges",
                "parts-1-percent": "50",
            },
            "between two and 5",
        ),
        (
            {"project": "sahel", "parts-0-project": "hedges", "parts-0-percent": "100"},
            "Choose one of these",
        ),
        ({"project": "sahel", "overflow": "project:sahel"}, "must be another one"),
        ({"overflow": "project:nowhere"}, "Not a valid choice"),
    ],
)
def test_a_word_that_cannot_be_comes_back_with_everything_typed(
    client: FlaskClient,
    embedded: Database,
    three: tuple[Way, ...],
    told: dict[str, str],
    words: str,
) -> None:
    status, _, html = post(client, **told)
    assert status == 422
    assert words in plain(html)
    assert len(three) == 3
    for name, value in told.items():
        if "percent" in name:
            assert re.search(rf'name="{name}"[^>]*value="{value}"', html)
    with embedded.reading() as session:
        assert session.scalars(select(Donation)).all() == []


def test_a_project_that_needs_less_than_this_is_named_before_paying(
    client: FlaskClient, three: tuple[Way, ...]
) -> None:
    told = plain(text_of(client, "/contribute?amount=60&project=green-bridges"))
    assert "needs only €30.00 more" in told
    assert "if a project is withdrawn" in told
    assert len(three) == 3


def test_a_change_of_the_amount_keeps_what_was_said(
    client: FlaskClient, three: tuple[Way, ...]
) -> None:
    page = "/contribute?amount=60&overflow=wait&parts-0-project=hedges&parts-0-percent=40"
    html = text_of(client, page)
    assert '<input type="hidden" name="parts-0-percent" value="40">' in html
    assert '<input type="hidden" name="overflow" value="wait">' in html
    assert len(three) == 3


def test_runs_are_published_with_who_got_what_and_why(
    client: FlaskClient, embedded: Database, three: tuple[Way, ...], at: datetime
) -> None:
    assert "No run has been opened yet" in plain(text_of(client, "/allocation"))
    ids = [way.project_id for way in three]
    give(embedded, Directive(), at=at)
    give(embedded, Directive(tag="FR"), at=at, number=2)
    an_epoch(embedded, two_people(embedded, at=at), dict.fromkeys(ids, 1), at=at)
    allocations.allocate_pending(embedded, at=at)
    told = plain(text_of(client, "/allocation"))
    assert "projects in France €57.00" in told
    assert "where it is needed most" in told
    assert "€19.00 by its weight" in told
    assert phrases.scan(told) == ()


@pytest.mark.parametrize(
    "told",
    [
        {"project": "hedges"},
        {"project": "theme:FR"},
        {"project": "hedges", "overflow": "theme:FR"},
    ],
)
def test_a_pledge_with_a_word_asks_the_database_no_more(
    client: FlaskClient,
    embedded: Database,
    three: tuple[Way, ...],
    told: dict[str, str],
) -> None:
    """Every project and theme of a word is held against the day that the page has just read."""
    assert len(three) == 3
    asked = []
    for word in ({}, told):
        form = {"csrf_token": token_of(client, PAGE), "amount": "60", "currency": "EUR"}
        form |= {"project": "", "overflow": "pool", **word}
        with statements(embedded) as found:
            assert client.post("/contribute", data=form).status_code == 303
        asked.append(len(found))
    assert asked[1] == asked[0]
