"""Does a reader find, follow and question a soil project, with a script and without one?"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import faults_of
from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def _raise(page: Page, words: str) -> str:
    """Raise a concern from the project's page and return the address of its answer."""
    page.get_by_role("link", name="Raise a concern").click()
    page.locator("[name=text]").fill(words)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your concern has arrived")
    return page.locator(".secret a").get_attribute("href") or ""


@pytest.mark.parametrize("javascript", [False, True])
def test_from_the_flight_to_the_soil_and_a_question(open_page: Open, *, javascript: bool) -> None:
    page = open_page(360 if javascript else 1280, javascript=javascript)
    page.goto("/?leg=CDG-NBO")
    page.get_by_role("link", name="All soils under your flight").click()
    expect(page).to_have_url(re.compile("leg=CDG-NBO"))
    first = page.locator(".card").first
    expect(first).to_contain_text("km from your route")
    page.locator("[name=country]").select_option("KE")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("country=KE"))
    expect(page.locator(".card")).to_have_count(1)
    photograph(page, f"projects-near-{'script' if javascript else 'plain'}")
    page.locator(".card a").first.click()
    expect(page.get_by_role("heading", name="Where the money went")).to_be_visible()
    expect(page.locator("main")).to_contain_text("No change detected after 5 years")
    link = _raise(page, f"Who decided this? {javascript}")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("Who decided this?")
    page.goto("/projects/laikipia-grazing/follow")
    page.locator("[name=email]").fill(f"reader-{javascript}@demo.example".lower())
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forms_about_projects_shut_nobody_out(open_page: Open, scheme: str) -> None:
    page = open_page(320, scheme=scheme)
    for path in (
        "/projects?from=CDG&to=JNB&q=soil",
        "/projects?country=XX",
        "/projects/laikipia-grazing/concern",
        "/projects/laikipia-grazing/updates",
        "/projects/bearn-cover-crops",
        "/follow",
        "/data/",
    ):
        page.goto(path)
        assert _fits(page), path
        assert faults_of(page) == [], path


def test_a_concern_is_answered_by_two_people_at_the_desk(open_page: Open, site: Site) -> None:
    reader = open_page(javascript=False)
    reader.goto("/projects/sahel-parkland")
    link = _raise(reader, "The half-moons lie on a path we use.")
    clerk = open_page()
    sign_in(clerk, site, "clerk")
    clerk.goto("/secretariat/concerns")
    clerk.locator("tr", has_text="Parkland").locator("a").first.click()
    clerk.locator("[name=finding]").select_option("upheld")
    clerk.locator("[name=answer]").fill("The path is open again.")
    clerk.get_by_role("button", name="Propose this answer").click()
    expect(clerk.locator("main")).to_contain_text("somebody else closes")
    assert faults_of(clerk) == []
    treasurer = open_page()
    sign_in(treasurer, site, "treasurer")
    treasurer.goto(clerk.url)
    treasurer.get_by_role("button", name="Agree and close").click()
    expect(treasurer.locator("main")).to_contain_text("Upheld")
    reader.goto(link)
    expect(reader.locator("main")).to_contain_text("The path is open again.")
    reader.goto("/projects/sahel-parkland")
    expect(reader.locator("main")).to_contain_text("0 open, 1 closed")
    expect(reader.locator("main")).not_to_contain_text("path we use")


def test_land_is_drawn_where_there_are_scripts_and_written_everywhere(
    open_page: Open, site: Site
) -> None:
    page = open_page()
    sign_in(page, site, "steward")
    page.goto("/steward")
    links = page.locator("main a[href*='/steward/projects/']").evaluate_all(
        "all => all.map(e => e.href.match(/.*projects\\/[0-9a-f-]{36}/)[0])"
    )
    for address in dict.fromkeys(links):
        page.goto(f"{address}/sites")
        if page.locator("[name=outline]").count():
            break
    corners = page.locator("[name=outline]")
    corners.fill("43.6, 0.6")
    board = page.locator(".draw svg")
    for x, y in ((200, 40), (220, 150)):
        board.click(position={"x": x, "y": y})
    expect(corners).to_have_value(re.compile(r"^43\.6\d*, 0\.6\d*(\n-?[\d.]+, -?[\d.]+){2}$"))
    expect(page.locator(".draw output")).to_contain_text("hectares")
    page.get_by_role("button", name="Take the last corner back").click()
    expect(corners).to_have_value(re.compile(r"^[^\n]+\n[^\n]+$"))
    corners.fill('{"type": "Polygon"')
    expect(page.locator(".draw")).to_be_hidden()
    written = open_page(javascript=False)
    sign_in(written, site, "steward")
    written.goto(page.url)
    expect(written.locator(".draw")).to_be_hidden()
    expect(written.locator("[name=outline]")).to_be_visible()
