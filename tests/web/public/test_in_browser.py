"""Does a phone in a departure hall show number, doubt and amount at once? In real Chromium."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from offset.database.session import Database
from offset.sandbox import demo_projects
from tests.web.public.conftest import TRIP

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("public-browser")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "/?lang=en",
    f"/?{TRIP}",
    "/?from=Parris&to=&travellers=0",
    "/?from=San+Jose&to=JNB",
    f"/how?{TRIP}",
    "/projects",
    "/projects/bearn-cover-crops",
    "/ledger",
    f"/contribute?amount=49&{TRIP}",
)
_SMALL_TEXT = """() => [...document.querySelectorAll('svg text')]
  .filter(t => t.getClientRects().length)
  .filter(t => parseFloat(getComputedStyle(t).fontSize) * Math.abs(t.getScreenCTM().a) < 12)
  .map(t => t.textContent)"""
_WATCH = """window.__csp = [];
document.addEventListener(
  'securitypolicyviolation', e => window.__csp.push(e.violatedDirective));"""
Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, app: Flask, embedded: Database, at: datetime) -> Iterator[Visit]:
    """Open a page of a served site with the twelve projects; nothing may leave it."""
    demo_projects.load_projects(embedded, start=at)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    with contextlib.ExitStack() as stack:
        foreign: list[str] = []

        def act(path: str, *, width: int = 360, height: int = 740, scheme: str = "light") -> Page:
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                base_url=base,
            )
            stack.callback(context.close)
            context.add_init_script(_WATCH)
            page = context.new_page()
            page.on("request", lambda r: None if r.url.startswith(base) else foreign.append(r.url))
            page.goto(path, wait_until="networkidle")
            return page

        yield act
        assert foreign == []
    server.shutdown()
    thread.join()


def test_the_departure_hall(visit: Visit) -> None:
    page = visit(f"/fr/?{TRIP}")
    for what in (".big", ".rng", ".non", ".axis", ".nochange", ".amounts", ".alt .btn:visible"):
        box = page.locator(what).first.bounding_box()
        assert box is not None, what
        assert box["y"] + box["height"] <= 740, what
        assert box["x"] >= 0, what
        assert box["x"] + box["width"] <= 360, what
    amount = page.locator(".amounts :checked").get_attribute("value")
    button = page.locator(".alt .btn:visible")
    assert amount is not None
    assert f"{amount} €" in button.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    page.locator("#amount-0").check()
    half = page.locator("#amount-0").get_attribute("value")
    assert half in button.inner_text()
    button.click()
    page.wait_for_url("**/fr/contribute?**")
    box = page.locator(".sheet .btn").bounding_box()
    assert box is not None
    assert box["y"] < 740
    assert page.locator("input[type=email], input[name=name]").count() == 0


def test_pages_please_axe_and_fit_narrow_screens(visit: Visit) -> None:
    for number, path in enumerate(PAGES):
        scheme = ("light", "dark")[number % 2]
        page = visit(path, width=(360, 1280)[number // 2 % 2], scheme=scheme)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
        assert page.evaluate("window.__csp") == [], path
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.evaluate(_SMALL_TEXT) == [], path


def test_the_first_view_weighs_little(visit: Visit) -> None:
    for path in ("/?lang=en", f"/?{TRIP}"):
        page = visit("about:blank")
        sizes: list[int] = []
        page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))  # noqa: B023 - the list of this page
        page.goto(path, wait_until="networkidle")
        assert 60_000 < sum(sizes) <= 150_000, path
