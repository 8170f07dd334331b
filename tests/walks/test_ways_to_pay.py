"""Monthly, by debit, by transfer, as an organisation: does each go its whole way in a browser?"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from offset.clock import SystemClock
from offset.database.session import Database
from offset.money import Money
from offset.people.access import SYSTEM
from offset.sandbox.demo_bank import write_statement
from offset.sandbox.stripe.control import Control
from offset.treasury import statements
from offset.treasury.ports import StatementLine
from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]

PAID = "4242 4242 4242 4242"
DECLINED = "4000000000000002"
ASKS_BANK = "4000002500003155"
FRANCS = "CH5604835012345678009"


def _go_to_pay(page: Page, site: Site) -> str:
    """Press the button and return the name of the payment page that opens."""
    page.locator("form.sheet button[type=submit]").click()
    expect(page).to_have_url(re.compile(re.escape(site.stripe_url)))
    return page.url.rstrip("/").rpartition("/")[2]


def _pay_by_card(page: Page, site: Site) -> None:
    page.locator("#email").fill("monthly@demo.example")
    page.locator("#name").fill("Mona Monthly")
    page.locator("#number").fill(PAID)
    page.locator("button[value=card]").click()
    page.wait_for_url(re.compile(re.escape(site.url)))


def _until(page: Page, words: str) -> None:
    """The notice settles, not the page: look again until it has come."""
    for _ in range(40):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"never came: {words}\n{page.locator('main').inner_text()}")


def _months(page: Page, number: int) -> None:
    for _ in range(40):
        if page.locator("ul.to-projects li").count() >= number:
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"not {number} months:\n{page.locator('main').inner_text()}")


def test_a_monthly_gift_renews_fails_recovers_and_is_stopped(open_page: Open, site: Site) -> None:
    page = open_page(width=360, height=800)
    control = Control.over_http(site.stripe_url)
    page.goto("/contribute?frequency=monthly&currency=EUR")
    page.get_by_role("button", name="€10 a month").click()
    name = _go_to_pay(page, site)
    _pay_by_card(page, site)
    _until(page, "Your contribution has arrived")
    gift = page.get_by_role("link", name="Follow your contribution").get_attribute("href")
    page.goto(f"{gift}/manage")
    _until(page, "The next payment is on")
    control.renew(name)
    control.renew(name)
    _months(page, 3)
    photograph(page, "monthly-manage")
    control.use_card(name, DECLINED)
    control.renew(name)
    _until(page, "the last payment failed")
    control.use_card(name)
    control.retry(name)
    _months(page, 4)
    page.get_by_role("button", name="Change, pause or stop").click()
    expect(page).to_have_url(re.compile(re.escape(site.stripe_url)))
    page.locator("form[action$='/cancel'] button").click()
    page.locator("a[href*='/manage']").first.click()
    _until(page, "You asked it to stop")
    control.cancel(name, now=True)
    _until(page, "Nothing more is charged")
    assert page.get_by_role("button", name="Change, pause or stop").count() == 0


def test_a_declined_card_then_one_that_asks_the_bank(open_page: Open, site: Site) -> None:
    page = open_page(javascript=False)
    page.goto("/contribute?amount=10&currency=EUR")
    _go_to_pay(page, site)
    page.locator("#email").fill("secure@demo.example")
    page.locator("#number").fill(DECLINED)
    page.locator("button[value=card]").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.locator("#number").fill(ASKS_BANK)
    page.locator("button[value=card]").click()
    page.locator("button[value=complete]").click()
    page.wait_for_url(re.compile(re.escape(site.url)))
    _until(page, "Your contribution has arrived")


@pytest.mark.parametrize("fails", [False, True], ids=["clears", "returns"])
def test_a_debit_is_nothing_until_it_clears(open_page: Open, site: Site, *, fails: bool) -> None:
    page = open_page(javascript=False)
    control = Control.over_http(site.stripe_url)
    page.goto("/contribute?amount=30&currency=EUR")
    name = _go_to_pay(page, site)
    page.locator("#email").fill("sepa@demo.example")
    page.locator("#name").fill("Sepp Sepa")
    page.locator("#iban").fill("DE89 3704 0044 0532 0130 00")
    page.locator("button[value=sepa_debit]").click()
    page.wait_for_url(re.compile(re.escape(site.url)))
    _until(page, "Your bank is being asked")
    expect(page.locator("main")).to_contain_text("up to 14 days")
    assert "failed" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Follow your contribution").click()
    control.clear_sepa(name)
    _until(page, "To the cent")
    if fails:
        control.return_debit(name)
        _until(page, "returned")


def test_a_transfer_is_told_with_a_square_code(open_page: Open, site: Site) -> None:
    page = open_page(width=360, height=800, javascript=False)
    page.goto("/fr/contribute?amount=50&currency=EUR")
    page.locator("input[name=way][value=transfer]").check()
    page.locator("#email").fill("virement@demo.example")
    page.locator("form.sheet button[type=submit]").click()
    expect(page).to_have_url(re.compile(f"{re.escape(site.url)}/fr/pledge/"))
    assert re.search(r"DON-[2-9A-Z]{8}", page.locator("main").inner_text())
    assert page.locator("svg.transfer-square").count() == 1
    assert "IBAN" in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    photograph(page, "transfer")


def test_an_organisation_pays_its_pledge_in_two_parts(
    open_page: Open, site: Site, tmp_path: Path
) -> None:
    """In francs, on an account of its own, so that the month of the euro account stays whole."""
    _register_francs(site)
    page = open_page()
    page.goto("/contribute?giver=organisation&amount=500&currency=CHF")
    page.locator("#legal_name").fill("Reisebüro Beispiel GmbH")
    page.locator("#registration").fill("CHE-123.456.789")
    page.locator("#purchase_order").fill("PO-2026-7")
    page.locator("#email").fill("bills@demo.example")
    page.locator("input[name=way][value=transfer]").check()
    page.locator("form.sheet button[type=submit]").click()
    expect(page).to_have_url(re.compile("/pledge/"))
    pledge, text = page.url, page.locator("main").inner_text()
    for words in ("Reisebüro Beispiel GmbH", "CHE-123.456.789", "PO-2026-7", "CH93", "CHF"):
        assert words in text
    [reference] = set(re.findall(r"DON-[2-9A-Z]{8}", text))
    photograph(page, "pledge")
    clerk = open_page()
    sign_in(clerk, site, "clerk")
    spaced = f"{reference[:7]} {reference[7:]}"
    for number, amount, named in ((1, 30_000, reference), (2, 20_000, spaced)):
        _import_line(clerk, tmp_path, number, Money(amount, "CHF"), named)
        page.goto(pledge)
        assert page.locator("ul.to-projects li a").count() == number
    text = page.locator("dl.split").last.inner_text()
    assert re.findall(r"CHF\s?([\d.]+)", text) == ["500.00", "500.00", "0.00"]
    page.locator("ul.to-projects li a").first.click()
    expect(page.locator("main")).to_contain_text("To the cent")


def _register_francs(site: Site) -> None:
    database = Database(f"sqlite:///{site.data_dir / 'offset.db'}")
    at = SystemClock().now()
    database.run(
        statements.register_account,
        actor=SYSTEM,
        at=at,
        code="B9",
        number=FRANCS,
        holder="4 per 1000",
        opened_on=at.date(),
        opening=Money(0, "CHF"),
    )
    database.dispose()


def _import_line(page: Page, folder: Path, number: int, amount: Money, text: str) -> None:
    """The bank writes a statement with one line, and the clerk imports it."""
    at = SystemClock().now()
    opening = Money(0 if number == 1 else 30_000, "CHF")
    line = StatementLine(
        amount=amount,
        booked_on=at.date(),
        value_on=at.date(),
        bank_reference=f"L{number}",
        end_to_end_id=None,
        text=f"Invoice {text}",
    )
    file = folder / f"francs-{number}.xml"
    file.write_bytes(
        write_statement(
            account=FRANCS,
            sequence=number,
            opening=opening,
            closing=opening + amount,
            lines=[line],
            at=at,
        )
    )
    page.goto("/secretariat/statements")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("button[value=import]").first.click()
    expect(page).to_have_url(re.compile("/secretariat/"))
    expect(page.locator(".error-summary")).to_have_count(0)
