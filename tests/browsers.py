"""Which browser do the tests drive? The system's Chromium; nothing is downloaded."""

import os

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # it ships none
from playwright.sync_api import Page

CHROMIUM = os.environ.get("OFFSET_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults_of(page: Page) -> list[str]:
    """Tell what axe finds on the page as it stands; what it passed stays in the browser."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    told = page.evaluate(
        "options => axe.run(document, options).then(found => found.violations)",
        {"runOnly": RULES, "resultTypes": ["violations"]},
    )
    return [f"{one['id']} at {[node['target'] for node in one['nodes']][:3]}" for one in told]
