"""Can somebody give in a departure hall: a small phone, a slow line, French, six taps?"""

import re

import pytest
from playwright.sync_api import expect

from tests.walks.conftest import OUT, Open, Site

pytestmark = [pytest.mark.walk, pytest.mark.browser]

KILOBIT = 1000 / 8
SCREEN = 740


def test_departure_hall(open_page: Open, site: Site) -> None:
    page = open_page(360, SCREEN, locale="fr-FR")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 300,
            "downloadThroughput": 400 * KILOBIT,
            "uploadThroughput": 400 * KILOBIT,
        },
    )
    page.context.set_default_timeout(60_000)
    taps = 0
    page.goto("/")
    assert "/fr/" in page.url
    page.locator("#from-0").tap() if page.context.browser is None else page.locator(
        "#from-0"
    ).click()
    taps += 1
    page.keyboard.type("Paris CDG")
    page.locator("#to-0").click()
    taps += 1
    page.keyboard.type("Johannesburg")
    page.get_by_role("button", name="Estimer").click()
    taps += 1
    after_form: list[str] = []
    page.on(
        "framenavigated",
        lambda frame: after_form.append(frame.url) if frame == page.main_frame else None,
    )
    give = page.locator("form.give button[type=submit]:visible").first
    expect(give).to_be_visible()
    page.evaluate("document.fonts.ready")
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "departure-hall.png")
    for what in (
        page.locator("h1, .figure, .headline").first,
        page.get_by_text(re.compile("9 fois sur 10")).first,
        give,
    ):
        box = what.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= SCREEN
    assert page.locator("html").get_attribute("lang") == "fr"
    give.click()
    taps += 1
    page.locator("form.sheet button[type=submit]").click()
    taps += 1
    expect(page).to_have_url(re.compile(re.escape(site.stripe_url)))
    ours = [url for url in after_form if url.startswith(site.url)]
    assert len(ours) <= 2
    assert taps <= 6
    for url in ours:
        assert "name=" not in url
        assert "email=" not in url
