"""Do a reviewer and a rapporteur get their work done in a browser, with JavaScript and without?"""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.conftest import Open, Site, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]

CRITERIA = (
    "1.1",
    "1.2",
    "1.3",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "2.5",
    "3.1",
    "3.2",
    "3.3",
    "4.1",
    "4.2",
)


def open_seat(page: Page, waiting: str) -> None:
    """Open the first seat that waits for this."""
    page.goto("/committee")
    expect(page.locator("main")).to_contain_text("of work.")
    page.locator("tbody tr", has_text=waiting).first.locator("th a").click()


def grade(page: Page, criterion: str) -> None:
    """Grade one criterion as "shown"."""
    part = page.locator(f'[id="c-{criterion}"]')
    part.locator("input[type=radio]").nth(0 if criterion.startswith("1.") else 2).check()
    if not criterion.startswith("1."):
        part.locator(f'[name="evidence-{criterion}"]').select_option("literature")


def test_a_review_is_kept_while_it_is_written(open_page: Open, site: Site) -> None:
    page = open_page(360)
    sign_in(page, site, "reviewer")
    open_seat(page, "review")
    expect(page.get_by_role("heading", name="What the platform finds itself")).to_be_visible()
    part = page.locator('[id="c-2.3"]')
    part.locator("textarea").fill("Half a thought")
    expect(part.locator("output")).to_have_text("Saved.")
    part.locator("input[type=radio]").nth(2).check()
    expect(page.locator("[data-left]")).to_contain_text("criteria have no grade yet")
    expect(part.locator("output")).to_have_text("Saved.")
    page.reload()
    expect(page.locator('[id="reason-2.3"]')).to_have_value("Half a thought")
    expect(page.locator('[id="c-2.3"] input[type=radio]').nth(2)).to_be_checked()


def test_two_reviews_a_consensus_and_a_decision_without_a_script(
    open_page: Open, site: Site
) -> None:
    second = open_page(1280, javascript=False)
    sign_in(second, site, "reviewer2")
    open_seat(second, "review")
    title = second.locator("h1").inner_text()
    # one criterion by its own button, one handed on, the rest at once
    grade(second, "2.1")
    second.locator('[id="reason-2.1"]').fill("Shown.")
    second.locator('[id="c-2.1"] button', has_text="Save").click()
    expect(second.locator('[id="reason-2.1"]')).to_have_value("Shown.")
    part = second.locator('[id="c-3.1"]')
    part.locator("summary").click()
    lead_seat = part.locator("option", has_text="Rapporteur").get_attribute("value")
    part.locator("select[name='to-3.1']").select_option(lead_seat)
    part.locator("button", has_text="Hand on").click()
    expect(second.locator('[id="c-3.1"]')).to_contain_text("You handed it on to")
    for criterion in CRITERIA:
        if criterion != "3.1":
            grade(second, criterion)
    second.get_by_label("Summary of your review").fill("Plain and open to a check.")
    second.get_by_role("button", name="Hand the review in").click()
    expect(second.locator("main")).to_contain_text("Your review is in.")

    first = open_page(1280, javascript=False)
    sign_in(first, site, "reviewer")
    open_seat(first, "review")
    # blind: nothing of the other's words before one's own are in
    expect(first.locator("main")).not_to_contain_text("Plain and open to a check.")
    for criterion in CRITERIA:
        grade(first, criterion)
    first.get_by_label("Summary of your review").fill("A careful plan.")
    first.get_by_role("button", name="Hand the review in").click()
    expect(first.locator("main")).to_contain_text("Plain and open to a check.")

    lead = open_page(360, javascript=False)
    sign_in(lead, site, "rapporteur")
    lead.goto("/committee")
    lead.locator("tbody tr", has_text=title).locator("th a").click()
    expect(lead.locator('[id="c-2.2"] .others li')).to_have_count(2)
    expect(lead.locator("main")).to_contain_text("handed criterion 3.1 to you")
    for criterion in CRITERIA:
        grade(lead, criterion)
    lead.get_by_role("button", name="Keep the agreed grades").click()
    expect(lead.locator("main")).to_contain_text("As the agreed grades say: Positively assessed")
    lead.locator("textarea[name=summary]").fill("Sound, and open to a check.")
    lead.get_by_role("button", name="Record the decision of the committee").click()
    expect(lead.locator("main")).to_contain_text("The committee has decided.")
