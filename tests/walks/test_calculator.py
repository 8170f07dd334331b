"""Can somebody open the calculator to its last factor, by keyboard, on the smallest phone?"""

import re

import pytest
from playwright.sync_api import expect

from tests.browsers import faults_of
from tests.walks.conftest import Open, photograph

pytestmark = [pytest.mark.walk, pytest.mark.browser]


def test_the_calculator_from_a_name_in_any_language_to_its_last_factor(open_page: Open) -> None:
    page = open_page(320, 700, scheme="dark")
    page.goto("/?lang=en")
    for field, typed, chosen in (("#from-0", "genf", "GVA"), ("#to-0", "nueva york", "NYC")):
        page.locator(field).focus()
        page.keyboard.type(typed)
        expect(page.locator(f"{field}__option--0")).to_contain_text(chosen)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(field)).to_have_value(re.compile(chosen))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Estimate").click()
    expect(page.locator("h1")).to_contain_text("t")
    page.evaluate("document.querySelectorAll('.more details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert faults_of(page) == []
    photograph(page, "calculator-320")
    page.get_by_role("link", name="Step by step").click()
    page.locator("#end").select_option("goclimate-2023")
    page.get_by_role("button", name="Compare").press("Enter")
    expect(page).to_have_url(re.compile("to=goclimate-2023"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="Method GoClimate").click()
    expect(page.get_by_role("heading", name="Formula")).to_be_visible()
    page.get_by_role("link", name="All checks").click()
    expect(page.get_by_role("heading", name="Where we are worse")).to_be_visible()
