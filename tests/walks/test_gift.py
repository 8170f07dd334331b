"""Does a gift go from the form to the project and the public ledger as the same cents?"""

import json
import re
import urllib.request
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.walks.conftest import Open, Site, photograph

pytestmark = [pytest.mark.walk, pytest.mark.browser]

DECLINED = "4000 0000 0000 0002"
THREE_D_SECURE = "4000 0025 0000 3155"
PAID = "4242 4242 4242 4242"
PROJECT = "bajio-agave"
ACCOUNT = "Liabilities:Project:P0004:EUR"


def _cents(text: str) -> int:
    """Read the cents of an amount as an English page writes it: ``€55.85``."""
    [found] = re.findall(r"€([\d,]+(?:\.\d\d)?)", text)[:1]
    whole, _, decimals = found.replace(",", "").partition(".")
    return int(whole) * 100 + int(decimals or 0)


def _estimate(page: Page) -> None:
    page.goto("/")
    page.locator("#from-0").fill("CDG")
    page.locator("#to-0").fill("JNB")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("button", name=re.compile("Contribute")).first).to_be_visible()


def _pay(page: Page, site: Site, card: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(site.stripe_url)))
    page.locator("#email").fill("walker@demo.example")
    page.locator("#name").fill("Wanda Walker")
    page.locator("#number").fill(card)
    page.locator("button[value=card]").click()


def _until_paid(page: Page) -> None:
    """The notice settles, not the return page: look again until it has come."""
    for _ in range(20):
        if page.get_by_text("Your contribution has arrived").count():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError("the payment did not arrive")


def _allocated(page: Page, site: Site) -> tuple[int, list[int]]:
    """What the project's page and the public ledger say of the same moment.

    The demonstration lives on: while somebody walks, its jobs may allocate gifts of others. So
    the page is read between two equal answers of the ledger.
    """
    for _ in range(20):
        before = _ledger(site)
        page.goto(f"/projects/{PROJECT}")
        row = page.locator("ul.sums li", has_text="Allocated, not yet paid")
        said = _cents(row.inner_text())
        if _ledger(site) == before:
            return said, before
    raise AssertionError("the ledger does not come to rest")


def _ledger(site: Site) -> list[int]:
    """Return the cents of each allocation to the project, as the public ledger tells them."""
    with urllib.request.urlopen(f"{site.url}/ledger.json?project={PROJECT}") as answer:
        told = json.load(answer)["entries"]
    return [
        -round(float(posting["amount"]) * 100)
        for entry in told
        if entry["kind"] == "allocation"
        for posting in entry["postings"]
        if posting["account"] == ACCOUNT
    ]


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "without scripts"])
def test_a_gift_is_the_same_cents_everywhere(
    open_page: Open, site: Site, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    before, lines_before = _allocated(page, site)
    _estimate(page)
    page.goto(page.url.replace("/?", "/contribute?amount=60&currency=EUR&project=bajio-agave&"))
    promised = page.locator("form.sheet dl div.main dd")
    assert _cents(promised.inner_text()) == 5585
    asked = page.locator("form.sheet input[type=email]:visible, form.sheet input[name=name]")
    assert asked.count() == 0, "who pays by card is asked for nothing"
    page.locator("form.sheet button[type=submit]").click()
    _pay(page, site, DECLINED)
    expect(page.get_by_role("alert").first).to_be_visible()
    _pay(page, site, PAID)
    page.wait_for_url(re.compile(re.escape(site.url)))
    _until_paid(page)
    page.get_by_role("link", name="Follow your contribution").click()
    photograph(page, f"gift-{'scripts' if javascript else 'plain'}")
    steps = page.locator("ol.steps li")
    assert [t.split("\n")[0] for t in steps.all_inner_texts()][:2] == ["received", "allocated"]
    assert steps.count() == 5
    assert _cents(page.locator("ul.to-projects .line").inner_text()) == 5585
    after, lines = _allocated(page, site)
    new = Counter(lines) - Counter(lines_before)
    assert new[5585] == 1
    assert after - before == sum(new.elements())
    page.goto(f"/ledger?project={PROJECT}")
    if not page.get_by_text("€55.85").count():
        page.goto("/ledger")
    assert page.get_by_text("€55.85").count() >= 1


def test_three_d_secure_then_cancel_keeps_the_amount(open_page: Open, site: Site) -> None:
    page = open_page()
    page.goto("/contribute?amount=25&currency=EUR")
    page.locator("form.sheet button[type=submit]").click()
    _pay(page, site, THREE_D_SECURE)
    expect(page).to_have_url(re.compile(re.escape(site.stripe_url)))
    page.go_back()
    page.locator("a[href*='/contribute']").first.click()
    expect(page.get_by_role("heading", name="Nothing was charged")).to_be_visible()
    page.get_by_role("link", name="Try again").click()
    assert "€25.00" in page.locator("form.sheet").inner_text()


def test_public_pages_set_no_cookie_and_weigh_little(open_page: Open) -> None:
    page = open_page()
    received = 0

    def weigh(response: object) -> None:
        nonlocal received
        sizes = response.request.sizes()  # type: ignore[attr-defined]  # a playwright response
        received += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    page.on("requestfinished", lambda r: weigh(r.response()))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert page.context.cookies() == []
    assert received <= 150_000
    page.goto(f"/projects/{PROJECT}")
    assert page.context.cookies() == []


def test_an_old_link_gives_the_same_figures(site: Site) -> None:
    address = f"{site.url}/?leg=ZRH-SFO&cabin=economy&aircraft=789&method=tim-3&data=2026.1"
    with urllib.request.urlopen(address) as answer:
        text = answer.read().decode()
    figure = re.search(r"([\d.]+) t", re.sub(r"<[^>]+>|&nbsp;|\u00a0", " ", text))
    assert figure is not None


def test_airports_answer_quickly_and_may_be_kept(site: Site) -> None:
    with urllib.request.urlopen(f"{site.url}/airports.json?q=genf") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        found = json.load(answer)
    assert "GVA" in json.dumps(found)
