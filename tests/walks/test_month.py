"""Does a month end with nothing unexplained: payout, statement, match, and figures to the gift?"""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]


def _todo(page: Page) -> int:
    page.goto("/secretariat/reconciliation")
    [count] = re.findall(r"To do (\d+)", page.locator("nav.flt").last.inner_text())
    return int(count)


def test_a_month_ends_with_nothing_unexplained(open_page: Open, site: Site, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, site, "clerk")
    statement = tmp_path / "statement.xml"
    statement.write_bytes(page.request.get(f"{site.url}/demo/statement").body())
    page.goto("/secretariat/statements")
    page.locator("input[type=file]").set_input_files(statement)
    page.locator("button[value=import]").first.click()
    expect(page).to_have_url(re.compile("/secretariat/"))
    page.goto("/secretariat/reconciliation")
    photograph(page, "month-before")
    # What is certain was matched by the import itself; a person explains the rest.
    expect(page.get_by_text("automatic").first).to_be_visible()
    assert _todo(page) > 0
    for _ in range(6):
        if _todo(page) == 0:
            break
        page.goto("/secretariat/reconciliation?show=todo")
        page.locator("tr.work button.btn:not(.ghost), tr.work form button.btn").first.click()
    assert _todo(page) == 0
    photograph(page, "month-after")
    for gap in page.locator("td.gap b").all_inner_texts():
        assert gap.strip() == "0.00"
    unbooked = page.locator("table.eq tr").first.locator("td.f").nth(2).inner_text()
    assert unbooked.split()[-1] == "0.00"
    page.watch.expect("422")  # type: ignore[attr-defined]  # the watch of the fixture
    page.goto("/secretariat/statements")
    page.locator("input[type=file]").set_input_files(statement)
    page.locator("button[value=import]").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    _close(open_page(javascript=False), site)


def _close(page: Page, site: Site) -> None:
    """Close the demonstration's last whole month as its treasurer, without a script."""
    sign_in(page, site, "treasurer")
    page.goto("/secretariat")
    expect(page.locator("h1")).to_have_text(re.compile(r"^Month \d{4}-\d\d$"))
    month = page.locator("h1").inner_text().split()[-1]
    expect(page.locator("table.steps tbody tr")).to_have_count(8)
    waiting = page.locator("tr", has=page.get_by_text("to explain", exact=True))
    for _ in range(waiting.count()):
        row = waiting.first
        row.locator("summary").click()
        row.locator("textarea").fill("We wrote to the bank and wait for its answer")
        row.locator("button").click()
    photograph(page, "month-to-close")
    # The first paper of a process waits for the drawing library to be loaded.
    page.locator("form[action$='/close'] button").click(timeout=60_000)
    expect(page.get_by_role("heading", name="Reconciliation statement")).to_be_visible()
    assert page.url.endswith(f"/secretariat/periods/{month}")
    expect(page.locator("li[lang=fr]").first).to_contain_text("Tout est expliqué")
    photograph(page, "month-closed")
    paper = page.locator("main a[href*='/periods/papers/']").first.get_attribute("href") or ""
    data = page.request.get(f"{site.url}{paper}").body()
    assert hashlib.sha256(data).hexdigest() == paper.rsplit("/", 1)[-1]
    # The next month is the treasurer's home now.
    page.goto("/secretariat")
    expect(page.locator("h1")).not_to_contain_text(month)


def test_a_figure_leads_down_to_the_gift(open_page: Open, site: Site) -> None:
    page = open_page()
    sign_in(page, site, "auditor")
    page.goto("/secretariat/payouts")
    page.locator("table.rec tbody tr").first.locator("a").first.click()
    gifts = page.locator("main a[href*='/secretariat/gifts/']")
    books = page.locator("main a[href*='/secretariat/journal/']")
    (gifts if gifts.count() else books).first.click()
    clicks = 2
    while "/gifts/" not in page.url:
        page.locator("main a[href*='/secretariat/gifts/']").first.click()
        clicks += 1
    assert clicks <= 4
    expect(page.locator("main")).to_contain_text("DON-")
