"""Where do walks walk? In real Chromium, on what ``offset demo`` starts."""

import contextlib
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsers import ARGUMENTS, CHROMIUM

__all__ = ["ARGUMENTS", "CHROMIUM"]
OUT = Path(__file__).resolve().parents[2] / "out"
PASSWORD = "demo-only-password"
# A page may be slow where the machine is: a walk asks what comes, not how soon.
PATIENCE_MS = 20_000
LONGEST_FIRST_ROUND = 90
expect.set_options(timeout=PATIENCE_MS)
_WATCH_POLICY = """
window.__csp = window.__csp || [];
document.addEventListener('securitypolicyviolation',
  e => window.__csp.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@dataclass(frozen=True)
class Site:
    """A running demonstration."""

    url: str
    stripe_url: str
    data_dir: Path
    password: str = PASSWORD


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start_demo(data_dir: Path, *, seconds: float = 180) -> tuple[subprocess.Popen[str], Site]:
    """Start ``offset demo`` on free ports and wait for its line ``ready:``."""
    port, stripe_port = _free_port(), _free_port()
    environment = {name: value for name, value in os.environ.items() if "OFFSET" not in name}
    environment |= {
        "OFFSET_DATA_DIR": str(data_dir),
        "PORT": str(port),
        "STRIPE_PORT": str(stripe_port),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "offset", "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    told: list[str] = []
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        until = time.monotonic() + seconds
        while time.monotonic() < until and process.poll() is None:
            if ready.select(timeout=0.5):
                told.append(process.stdout.readline())
                if told[-1].startswith("ready:"):
                    site = Site(
                        f"http://127.0.0.1:{port}", f"http://127.0.0.1:{stripe_port}", data_dir
                    )
                    return process, site
    stop_demo(process)
    pytest.fail("offset demo did not start:\n" + "".join(told))


def stop_demo(process: subprocess.Popen[str]) -> int:
    """Ask it to stop and return how it ended."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=30)
    if process.poll() is None:
        process.kill()
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()


def _until_at_rest(site: Site) -> None:
    """Wait until every job ran once: what they do at first would happen in the middle of a walk."""
    until = time.monotonic() + LONGEST_FIRST_ROUND
    while time.monotonic() < until:
        with (
            contextlib.suppress(urllib.error.URLError),
            urllib.request.urlopen(f"{site.url}/readyz", timeout=10),
        ):
            return
        time.sleep(0.5)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    process, found = start_demo(tmp_path_factory.mktemp("demo"))
    _until_at_rest(found)
    yield found
    assert stop_demo(process) == 0


@dataclass
class Watch:
    """What a browser did besides showing pages; a walk fails on anything it did not announce."""

    allowed: tuple[str, ...]
    expected: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Announce a console error that belongs to the walk, such as a refused form."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [e for e in self.errors if not any(re.search(p, e) for p in self.expected)]


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Open]:
    """Open a fresh browser context: ``open_page(width=360, javascript=False, locale="fr-FR")``."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(
        width: int = 1280,
        height: int = 800,
        *,
        javascript: bool = True,
        locale: str = "en-GB",
        scheme: str = "light",
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale=locale,
            color_scheme="dark" if scheme == "dark" else "light",
            base_url=site.url,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch((site.url, site.stripe_url, "data:", "blob:"))
        context.add_init_script(_WATCH_POLICY)
        page = context.new_page()
        page.on("request", lambda r: _note(watch.foreign, r.url, watch.allowed))
        page.on("console", lambda m: watch.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: watch.errors.append(str(e)))
        page.watch = watch  # type: ignore[attr-defined]  # a walk announces errors on it
        opened.append((context, watch))
        return page

    yield make
    for context, watch in opened:
        for page in context.pages:
            with contextlib.suppress(Exception):
                watch.violations += page.evaluate("window.__csp || []")
        context.close()
        assert watch.foreign == []
        assert watch.violations == []
        assert watch.unexpected() == []


def _note(foreign: list[str], url: str, allowed: tuple[str, ...]) -> None:
    if not url.startswith(allowed):
        foreign.append(url)


def sign_in(page: Page, site: Site, who: str) -> None:
    """Sign a demo account in by its password."""
    page.goto(f"{site.url}/sign-in")
    form = page.locator("form:has(input[name=password])")
    form.locator("input[name=email]").fill(f"{who}@demo.example")
    form.locator("input[name=password]").fill(site.password)
    form.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def photograph(page: Page, name: str) -> None:
    """Write a picture for a person to look at."""
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / f"{name}.png", full_page=True)
