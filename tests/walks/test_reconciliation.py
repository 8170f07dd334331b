"""Does a clerk reconcile by the keyboard alone, and the same by forms without JavaScript?"""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]

SCREEN = "/secretariat/reconciliation"


def _split_lines(page: Page) -> int:
    page.goto(f"{SCREEN}?show=split")
    return page.locator("tr[data-row]").count()


def test_the_keyboard_is_enough(open_page: Open, site: Site) -> None:
    page = open_page()
    sign_in(page, site, "clerk")
    page.goto(f"{SCREEN}?show=matched")
    rows = page.locator("tr[data-row] [data-open]")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    outline = rows.nth(0).evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline != "none"
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("next line")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("n")
    note = page.locator(".parts textarea")
    expect(note).to_be_focused()
    # Inside a field the keys type.
    page.keyboard.type("jmsn by the keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("jmsn by the keyboard")
    page.wait_for_load_state()
    # Undo a match by tabs and Enter, then match the line again by M.
    page.goto(f"{SCREEN}?show=matched&kind=unidentified")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    undo = page.locator("tr.work a", has_text="Undo").first
    expect(undo).to_be_visible()
    text = page.locator("tr.sel [data-open]").inner_text()
    undo.focus()
    page.keyboard.press("Enter")
    reason = page.locator("tr.work textarea")
    reason.focus()
    page.keyboard.type("Tried by the keyboard.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    opened = page.locator("tr.rev [data-open], tr.sel [data-open]").first
    expect(opened).to_have_text(text)
    photograph(page, "reconciliation")
    with page.expect_navigation():
        page.keyboard.press("m")
    page.goto(f"{SCREEN}?show=matched&kind=unidentified")
    expect(page.get_by_text(text).first).to_be_visible()


def test_forms_do_the_same_without_javascript(open_page: Open, site: Site) -> None:
    page = open_page(360, 740, javascript=False)
    sign_in(page, site, "clerk")
    before = _split_lines(page)
    page.goto(f"{SCREEN}?show=matched&kind=unidentified")
    row = page.locator("tr[data-row]").filter(has_text="COLLECTE")
    row.locator("[data-open]").first.click()
    page.locator("tr.work a", has_text="Undo").first.click()
    page.locator("tr.work textarea").fill("Two people gave it.")
    page.get_by_role("button", name="Undo the match").click()
    page.locator("tr.work a", has_text="Split").first.click()
    page.locator("select[name=choice1]").select_option("unidentified:")
    page.locator("input[name=amount1]").fill("1.00")
    page.locator("select[name=choice2]").select_option("unidentified:")
    page.get_by_role("button", name="Book the parts").click()
    assert _split_lines(page) == before
    for gap in page.locator("td.gap b").all_inner_texts():
        assert gap.strip() == "0.00"
    page.goto("/secretariat/unidentified")
    page.locator("main table.rec a").first.click()
    expect(page.locator("main")).to_contain_text("Look for the giver")
    page.locator("textarea[name=text]").fill("Looked for without a script.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("main")).to_contain_text("Looked for without a script.")
