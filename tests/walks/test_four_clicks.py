"""Could an accountant from outside follow any figure to its documents in at most four clicks?

Without a script: from the trial balance, the statement of a month, a project's page and the total
on the first page, down to the entry, the processor's row, the bank's own file or the decision.
"""

import re
import sqlite3
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.walks.conftest import Open, Site

pytestmark = [pytest.mark.walk, pytest.mark.browser]

ENTRY = "/secretariat/journal/"
ROW = "/secretariat/trail/movement/"
DECISION = "/secretariat/trail/decision/"
FILE = r"/secretariat/statements/[0-9a-f-]{36}/file"
TRAIL = "/secretariat/trail/entry/"


class Walk:
    """An accountant with a mouse; every link that is followed is a click."""

    def __init__(self, page: Page, start: str) -> None:
        self.page, self.clicks = page, 0
        page.goto(start)

    def click(self, pattern: str, *, last: bool = False) -> "Walk":
        """Follow the first, or the last, link whose address meets a pattern."""
        links = [
            one
            for one in self.page.locator("main a[href]").evaluate_all(
                "all => all.map(one => one.getAttribute('href'))"
            )
            if re.search(pattern, one)
        ]
        assert links, f"{urlsplit(self.page.url).path} leads nowhere like {pattern}"
        self.page.goto(links[-1 if last else 0])
        self.clicks += 1
        return self

    def opens(self, pattern: str) -> bool:
        """Say whether a document is one more click away, and that this makes four at most."""
        links = self.page.locator("main a[href]").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        found = next((one for one in links if re.search(pattern, one)), None)
        if found is None:
            return False
        answer = self.page.request.get(found)
        assert answer.ok, (found, answer.status)
        assert answer.body()
        assert self.clicks + 1 <= 4, f"{self.clicks + 1} clicks to {found}"
        return True


def sign_in(page: Page, site: Site) -> None:
    page.goto("/sign-in")
    form = page.locator("form", has=page.locator("input[name=password]"))
    form.locator("input[name=email]").fill("auditor@demo.example")
    form.locator("input[name=password]").fill(site.password)
    form.locator("button").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def an_entry(site: Site, kind: str) -> str:
    """Ask the demonstration's books for the account of a kind of entry."""
    with sqlite3.connect(f"file:{site.data_dir / 'offset.db'}?mode=ro", uri=True) as books:
        (code,) = books.execute(
            "SELECT account.code FROM entry JOIN posting ON posting.entry_id = entry.id"
            " JOIN account ON account.id = posting.account_id"
            " WHERE entry.kind = ? ORDER BY entry.effective_on DESC, posting.line LIMIT 1",
            (kind,),
        ).fetchone()
    books.close()
    return str(code)


def test_any_figure_is_four_clicks_from_its_document(open_page: Open, site: Site) -> None:
    page = open_page(javascript=False)
    sign_in(page, site)

    # The trial balance: a bank account → its newest entry → its trail → the bank's own file.
    walk = Walk(page, "/secretariat/trial-balance")
    walk.click(r"/secretariat/accounts/Assets:Bank:B1$").click(ENTRY).click(TRAIL)
    assert walk.opens(FILE)

    # The card processor's account → entry → trail → the processor's row.
    walk = Walk(page, "/secretariat/trial-balance")
    walk.click(r"/secretariat/accounts/Assets:Stripe:EUR$").click(ENTRY).click(TRAIL)
    assert walk.opens(ROW)

    # What a project holds → an entry → trail → the decision that let the money in.
    walk = Walk(page, "/secretariat/trial-balance")
    walk.click(r"/secretariat/accounts/Liabilities:Project:").click(ENTRY).click(TRAIL)
    assert walk.opens(DECISION)

    # The statement of a month → its entries → one → trail → a document of it.
    walk = Walk(page, "/secretariat/periods").click(r"/secretariat/periods/\d{4}-\d\d$", last=True)
    walk = Walk(page, page.url)
    walk.click(r"/secretariat/journal\?since=").click(ENTRY + r"[0-9a-f-]{36}").click(TRAIL)
    assert walk.opens(f"{ROW}|{FILE}|{DECISION}")

    # The same month in the report of months.
    walk = Walk(page, "/secretariat/reports/months")
    walk.click(r"/secretariat/journal\?since=").click(ENTRY + r"[0-9a-f-]{36}").click(TRAIL)
    assert walk.opens(f"{ROW}|{FILE}|{DECISION}")

    # A project's own page → its entries → one → trail → the decision.
    walk = Walk(page, "/projects")
    walk.click(r"^/projects/[a-z-]+$")
    walk = Walk(page, page.url)
    walk.click(r"/ledger\?project=").click("/ledger/entries/").click(TRAIL)
    assert walk.opens(DECISION)

    # The total on the first page → the public ledger → an entry → trail → a document.
    walk = Walk(page, "/")
    walk.click(r"/ledger").click("/ledger/entries/[0-9a-f-]{36}$").click(TRAIL)
    assert walk.opens(f"{ROW}|{FILE}|{DECISION}")


def test_the_box_leads_an_accountant_who_has_only_a_number(open_page: Open, site: Site) -> None:
    page = open_page(360, 740, javascript=False)
    sign_in(page, site)
    page.goto("/secretariat/trial-balance")
    page.fill("#find-q", an_entry(site, "allocation"))
    page.locator("search button").click()
    assert "/secretariat/accounts/" in page.content() or "/find?" in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
