"""Are the rooms of stewards and committee as open as public pages, also on a small phone?"""

import pytest
from playwright.sync_api import Page

from tests.browsers import faults_of
from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]


def steward_paths(page: Page) -> list[str]:
    """The rooms' pages as the demonstration holds them: a running project, blocks, an update."""
    page.goto("/steward")
    running = page.locator("tr", has_text="Post an update").first.locator("a").first
    project = running.get_attribute("href") or ""
    others = page.locator("tbody th a").evaluate_all("links => links.map(a => a.pathname)")
    blocks = [f"{project}/{name}" for name in ("land", "benefits", "money")]
    return ["/steward", "/steward/apply", *others[:4], *blocks, f"{project}/updates/new"]


def committee_paths(page: Page) -> list[str]:
    """The list of seats and the first dossiers on it."""
    page.goto("/committee")
    seats = page.locator("tbody th a").evaluate_all("links => links.map(a => a.pathname)")
    assert seats
    return ["/committee", *seats[:3]]


def test_axe_finds_nothing_and_nothing_is_too_wide(open_page: Open, site: Site) -> None:
    found: dict[str, object] = {}
    for who, paths_of, scheme, width in (
        ("steward", steward_paths, "light", 320),
        ("reviewer", committee_paths, "dark", 1280),
        ("rapporteur", committee_paths, "dark", 320),
    ):
        page = open_page(width, 740, scheme=scheme)
        sign_in(page, site, who)
        for path in paths_of(page):
            page.goto(path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            told = faults_of(page) + ([f"{wide} px wide"] if wide > width else [])
            if told:
                found[f"{who} {path}"] = told
        photograph(page, f"room-{who}-{width}")
    assert found == {}
