"""Do all public pages keep their promises: nobody shut out, no stranger asked, light enough?"""

import re
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Response

from tests.browsers import faults_of
from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]

TRIP = "/?leg=CDG-JNB&leg=JNB-CDG"
WHY = "/why?leg=CDG-JNB&from=tim-3&to=ademe"
FIRST_VIEW_BYTES = 150_000
SMALLEST_TEXT_PX = 12


def public_paths(site: Site) -> list[str]:
    """The English pages of the site map, few of a kind, and the pages that need a query."""
    with urlopen(f"{site.url}/sitemap.xml") as answer:
        root = ET.fromstring(answer.read())  # noqa: S314 - our own page
    found = [
        re.sub(r"^https?://[^/]+", "", each.text or "")
        for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    english = [path for path in found if not path.startswith(("/fr", "/es"))]
    projects = [path for path in english if path.startswith("/projects/")]
    methods = [path for path in english if path.startswith("/methods/")]
    practices = [path for path in english if path.startswith("/practices/")]
    others = [path for path in english if path not in {*projects, *methods, *practices}]
    few = (*projects[:2], *methods[:1], *practices[:1])
    return [*others, *few, TRIP, WHY, "/sign-in", "/nothing-here"]


def test_axe_finds_nothing_on_any_public_page_light_and_narrow_or_dark_and_wide(
    open_page: Open, site: Site
) -> None:
    """Each page is opened once and judged twice: a phone by day, a desk by night."""
    page = open_page(390)
    page.watch.expect("404")  # type: ignore[attr-defined]  # one of the pages is missing by intent
    found = {}
    for path in public_paths(site):
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        found[path, "light"] = faults_of(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.set_viewport_size({"width": 1440, "height": 800})
        found[path, "dark"] = faults_of(page)
    assert {where: told for where, told in found.items() if told} == {}


def test_nothing_is_wider_than_a_small_phone_and_no_drawn_text_is_too_small(
    open_page: Open, site: Site
) -> None:
    page = open_page(320, 700)
    page.watch.expect("404")  # type: ignore[attr-defined]  # one of the pages is missing by intent
    for path in public_paths(site):
        page.set_viewport_size({"width": 320, "height": 700})
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.set_viewport_size({"width": 360, "height": 740})
        small = page.evaluate(
            """least => [...document.querySelectorAll('svg text')].filter(text => {
                const drawn = text.getBoundingClientRect();
                if (!drawn.width) return false;
                const scale = text.getScreenCTM().a;
                return parseFloat(getComputedStyle(text).fontSize) * scale < least;
            }).map(text => text.textContent)""",
            SMALLEST_TEXT_PX,
        )
        assert small == [], path


ROOMS = {
    "steward": (("/steward", "tbody th a"), ("/soil", "/payments", "/figures")),
    "rapporteur": (("/committee", "tbody a[href*='/seats/']"), ()),
    "clerk": (("/secretariat/projects", "tbody th a"), ("/application",)),
}


@pytest.mark.parametrize(("who", "scheme"), [*zip(ROOMS, ("light", "dark", "light"), strict=True)])
def test_rooms_of_projects_are_as_open(open_page: Open, site: Site, who: str, scheme: str) -> None:
    (home, first), deeper = ROOMS[who]
    page = open_page(320, 700, scheme=scheme)
    sign_in(page, site, who)
    page.goto(home)
    inner = page.locator(first).first.get_attribute("href") or ""
    for path in (home, inner, *(f"{inner}{end}" for end in deeper)):
        page.goto(path)
        assert faults_of(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_pages_of_a_donor_are_as_open(open_page: Open, site: Site) -> None:
    page = open_page(390)
    page.goto("/contribute?amount=60&currency=EUR")
    assert faults_of(page) == []
    page.locator("form.sheet button[type=submit]").click()
    page.locator("#email").fill("donor@demo.example")
    page.locator("#name").fill("Dora Donor")
    page.locator("#number").fill("4242 4242 4242 4242")
    page.locator("button[value=card]").click()
    page.wait_for_url(re.compile(re.escape(site.url)))
    assert faults_of(page) == []
    sign_in(page, site, "donor")
    page.goto("/account")
    assert faults_of(page) == []
    page.locator("a[href*='/gift/']").first.click()
    assert faults_of(page) == []
    photograph(page, "gift-390")
    receipt = page.get_by_role("link", name=re.compile("^Receipt"))
    for _look in range(60):
        if receipt.count():
            break
        page.wait_for_timeout(500)  # the jobs of the demonstration write it
        page.reload()
    receipt.first.click()
    assert faults_of(page) == []
    assert "no-store" in (page.request.get(page.url).headers["cache-control"])


def test_the_first_view_is_light_and_asks_nobody_else(open_page: Open) -> None:
    page = open_page(360, 740)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright binds no builtin
    page.goto("/")
    page.evaluate("document.fonts.ready")
    sizes = {one.url: int(one.headers["content-length"]) for one in answers}
    assert sum(sizes.values()) <= FIRST_VIEW_BYTES, sizes
    assert page.context.cookies() == []


def test_menus_open_and_close_by_keyboard(open_page: Open) -> None:
    page = open_page(360, 740)
    page.goto("/terms")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    menu = page.locator("details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.evaluate("menu => menu.open")
    page.keyboard.press("Escape")
    assert not menu.evaluate("menu => menu.open")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    header = page.locator("header").bounding_box()
    assert header is not None
    assert header["height"] <= 60, "mark, language and menu stand in one row"


def test_an_airport_is_chosen_by_keyboard(open_page: Open) -> None:
    page = open_page()
    page.goto("/")
    page.locator("#from-0").click()
    page.keyboard.type("par", delay=30)
    page.locator(".autocomplete__option b").first.wait_for()
    assert faults_of(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    kept = page.locator("input[type=hidden][name=from]")
    assert kept.input_value() == "PAR"
    assert page.locator("#from-0").input_value().endswith("(PAR)")
    page.locator("#from-0").fill("somewhere else")
    assert kept.input_value() == "somewhere else"


def test_signing_in_needs_no_script(open_page: Open, site: Site) -> None:
    page = open_page(390, javascript=False)
    sign_in(page, site, "donor")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account")
    assert "/sign-in" in page.url


def test_the_front_page_speaks_french_to_the_french_until_english_is_chosen(
    open_page: Open,
) -> None:
    page = open_page(360, locale="fr-FR")
    page.goto("/")
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.locator("details.lang summary").click()
    page.get_by_role("link", name="English").click()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.locator("a.brand").click()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.lang") == "en"
