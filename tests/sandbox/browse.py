"""What does a browser find on the stand-in's pages? Run as a process; prints JSON.

A process of its own, because a second Playwright cannot live beside that of the walks.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from offset.clock import SystemClock
from offset.sandbox.stripe.portal_pages import FAILS_LATER
from tests.browsers import ARGUMENTS, CHROMIUM, faults_of
from tests.builders.monthly import a_monthly_page
from tests.builders.stripe import ASKS_BANK, DECLINED, PAID, Account, Silent, a_live_account

NARROW = 400
POLICY = """
window.__csp = [];
document.addEventListener('securitypolicyviolation',
  e => window.__csp.push(e.violatedDirective + ' ' + e.blockedURI));
"""


def _shop(_: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/html")])
    return [b"<!doctype html><html lang=en><title>Shop</title><h1>Back</h1>"]


class Visit:
    """One browser's visit, and everything it found wrong."""

    def __init__(self, browser: Browser, width: int, scheme: str, *, javascript: bool) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 740},
            color_scheme=scheme,  # type: ignore[arg-type] # light or dark
            java_script_enabled=javascript,
        )
        self.context.add_init_script(POLICY)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda m: self.found("console", m.text, m.type == "error"))
        self.page.on("request", lambda r: self.found("request", r.url, "127.0.0.1" not in r.url))
        self.javascript = javascript
        self.width = width
        self.faults: list[str] = []

    def found(self, kind: str, text: str, wrong: bool) -> None:  # noqa: FBT001 - one caller each
        if wrong and "410" not in text:
            self.faults.append(f"{kind}: {text}")

    def look(self, name: str) -> None:
        """Judge the page that is shown."""
        if not self.javascript:
            return
        self.page.wait_for_load_state()
        self.faults += [f"{name}: {one}" for one in faults_of(self.page)]
        self.faults += [f"{name}: {one}" for one in self.page.evaluate("window.__csp")]
        if self.page.evaluate("document.documentElement.scrollWidth") > self.width:
            self.faults.append(f"{name}: wider than the screen")


def _pay(visit: Visit, account: Account, shop: str, language: str) -> None:
    opened = account.opened(language=language, success_url=f"{shop}/paid", cancel_url=shop)
    page = visit.page
    page.goto(opened.url)
    visit.look("pay")
    for number, place in (("1", "fault"), (DECLINED, None), (ASKS_BANK, "bank")):
        page.fill("#email", "ada@example.org")
        page.fill("#number", number)
        page.click("button[value=card]")
        if place:
            visit.look(place)
    page.click("button[value=complete]")
    page.wait_for_url(f"{shop}/paid")
    page.goto(account.url)
    visit.look("panel")
    if visit.width > NARROW:
        page.goto(opened.url)
        visit.look("closed")


def _manage(visit: Visit, account: Account, shop: str, language: str) -> None:
    """Pay a first month on the page, then change, fail, pay and stop on the portal."""
    session = a_monthly_page(account, locale=language, success_url=f"{shop}/paid")
    page = visit.page
    page.goto(f"{account.url}/c/pay/{session}")
    page.fill("#email", "ada@example.org")
    page.fill("#number", PAID)
    page.click("button[value=card]")
    page.wait_for_url(f"{shop}/paid")
    found = account.client.v1.checkout.sessions.retrieve(session)
    opened = account.client.v1.billing_portal.sessions.create(
        {"customer": str(found.customer), "return_url": shop, "locale": language}  # type: ignore[typeddict-item] # one of ours
    )
    page.goto(opened.url)
    visit.look("portal")
    for name, fields in _STEPS:
        form = page.locator(f"form[action$='/{name}']")
        for field, value in fields.items():
            form.locator(f"[name={field}]").fill(value)
        form.locator("button").click()
    account.control.renew(str(found.subscription))
    page.goto(opened.url)
    page.locator("form[action$='/pay'] button").click()
    visit.look("portal, refused")
    page.locator("form[action$='/cancel'] button").click()
    gift = account.client.v1.subscriptions.retrieve(str(found.subscription))
    price = gift["items"]["data"][0]["price"]["unit_amount"]
    visit.found("portal", f"{price} {gift.status}", (price, gift.status) != (2550, "past_due"))
    visit.found("portal", "it does not end", not gift.cancel_at_period_end)


_STEPS: list[tuple[str, dict[str, str]]] = [
    ("amount", {"amount": "x"}),
    ("amount", {"amount": "25,50"}),
    ("card", {"number": FAILS_LATER}),
    ("pause", {}),
    ("resume", {}),
]


def main(folder: Path) -> None:
    """Visit wide and light, narrow and dark, and without JavaScript."""
    server = make_server("127.0.0.1", 0, _shop, request_handler=Silent)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    shop = f"http://127.0.0.1:{server.server_port}"
    faults: list[str] = []
    with a_live_account(folder, SystemClock()) as account, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width, scheme, javascript, language in (
            (1280, "light", True, "en"),
            (320, "dark", True, "fr"),
            (360, "light", False, "es"),
        ):
            visit = Visit(browser, width, scheme, javascript=javascript)
            _manage(visit, account, shop, language)
            _pay(visit, account, shop, language)
            faults += visit.faults
            visit.context.close()
        browser.close()
    server.shutdown()
    server.server_close()
    sys.stdout.write(json.dumps(faults))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
