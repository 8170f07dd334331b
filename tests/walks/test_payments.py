"""Can a payment be approved on a phone, and the bank be told, without a script?"""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_approver_decides_on_a_phone_and_the_bank_gets_its_file(
    open_page: Open, site: Site
) -> None:
    phone = open_page(width=360, javascript=True)
    sign_in(phone, site, "approver")
    phone.goto("/secretariat")
    expect(phone.locator("h1")).to_contain_text("Payment to approve")
    for told in ("Bank account and its history", "Balance before and after", "list of"):
        expect(phone.locator("main")).to_contain_text(told)
    assert phone.locator("ul.chk li.no").count() == 0
    _fits(phone)
    photograph(phone, "approver-phone")
    plain = open_page(width=360, javascript=False)
    sign_in(plain, site, "approver")
    plain.goto("/secretariat/approvals")
    number = plain.title().split()[0]
    plain.watch.expect("422")  # type: ignore[attr-defined]  # the watch of the fixture
    # a browser holds back an empty reason by itself; blanks reach the server
    plain.locator("form[action$='/refuse'] textarea").fill(" ")
    plain.locator("form[action$='/refuse'] button").click()
    expect(plain.locator(".error-summary")).to_be_visible()
    plain.locator("form[action$='/approve'] button").click()
    expect(plain.locator("main")).to_contain_text("Nothing waits for you")
    clerk = open_page(javascript=False)
    sign_in(clerk, site, "clerk")
    clerk.goto("/secretariat/disbursements")
    clerk.get_by_role("link", name=number).first.click()
    expect(clerk.locator("main")).to_contain_text("Decided by Ada Approver")
    expect(clerk.locator("main")).to_contain_text("Ordered")
    assert clerk.locator("form[action$='/approve']").count() == 0
    clerk.goto("/secretariat/bank-orders")
    expect(clerk.locator("main")).to_contain_text(number)
    clerk.get_by_role("button", name="Make the file", exact=True).click()
    expect(clerk.locator("main")).to_contain_text("Download B1-")
    with clerk.expect_download() as download:
        clerk.get_by_role("button", name="Download").first.click()
    assert number in download.value.path().read_text(encoding="utf-8")
    clerk.goto("/secretariat/organisations")
    clerk.get_by_role("link", name="Fikambanana").click()
    expect(clerk.locator("main")).to_contain_text("to decide")
    clerk.locator("textarea[name=reason]").fill("Born in 1979 by the register, not in 1961.")
    clerk.get_by_role("button", name="Decide").click()
    expect(clerk.locator("main")).to_contain_text("somebody else")
    phone.goto("/secretariat/away")
    expect(phone.locator("main")).to_contain_text("A second person will be missing")
    _fits(phone)
