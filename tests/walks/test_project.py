"""Does a project go from an application to its public page: assessed, admitted, funded, told?"""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.builders.projects import a_square, said_of_criteria
from tests.walks.conftest import Open, Site, photograph, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.browser]

TITLE = "Hedges and green manure of the walk"
ANSWERS = {
    "project": {
        "summary": "Forty farms plant hedges on 300 hectares of maize land.",
        "story": "Forty farms sow green manure between the rows and keep hedges around them.",
        "modality": "new",
        "scope": "project",
        "country": "FR",
        "region": "Gers",
    },
    "land": {
        "area_ha": "300,5",
        "latitude": "43,6",
        "longitude": "0,6",
        "land_before": "Maize every year",
        "not_forest_before": "yes",
        "wet_or_organic": "no",
        "soil": "high_activity_clay_soils",
        "climate": "warm_temperate_moist",
        "baseline_practice": "Bare soil in winter",
    },
    "practice": {
        "practice": "cover_crops",
        "starts_on": "2027-01-01",
        "years": "20",
        "maintenance_promise": "The cooperative keeps the seed fund.",
    },
    "safeguards": {
        "human_rights_commitment": "yes",
        "no_forced_or_child_labour": "yes",
        "grievance_channel": "The ombudsman of the cooperative",
        "tenure_share_pct": "100",
        "open_disputes": "0",
        "households": "40",
    },
    "benefits": {},
    "people": {"people_trained": "80"},
    "carbon": {
        "method": "tier1",
        "baseline_land_use": "annual_crops",
        "project_land_use": "annual_crops",
        "project_carbon_input": "cropland_high_without_manure",
        "registered_elsewhere": "no",
        "buffer_pct": "15",
        "buffer_reason": "Dry years",
        "reversal_risks": "Ploughing after a change of tenant",
    },
    "monitoring": {"design": "Thirty paired cores in two strata, 0-30 cm"},
    "money": {
        "currency": "EUR",
        "amount_asked_minor": "18 000,00",
        "cost_per_ha_minor": "60",
        "budget-0-label": "Seed and work",
        "budget-0-amount_minor": "18 000,00",
    },
    "declarations": {
        "no_commitment_to_fund": "yes",
        "publication": "yes",
        "open_licence": "yes",
    },
}
INDICATORS = (
    ("food_income", "Maize yield", "t/ha", "9", "9,5"),
    ("water_resilience", "Rain that soaks in", "mm/h", "14", "25"),
    ("soil_carbon", "Farms with winter cover", "%", "10", "90"),
)


def _answer(page: Page, name: str, value: str) -> None:
    control = page.locator(f"[name='{name}']").first
    kind = control.evaluate("e => e.tagName + ':' + (e.type || '')")
    if kind.startswith("SELECT"):
        control.select_option(value)
    elif kind == "INPUT:radio":
        page.locator(f"[name='{name}'][value='{value}']").check()
    else:
        control.fill(value)


def _apply(page: Page, site: Site) -> str:
    sign_in(page, site, "steward")
    page.goto("/steward/apply")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=organisation]").first.select_option(index=0)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    address = page.url
    for block, answers in ANSWERS.items():
        page.goto(f"{address}/{block}")
        for name, value in answers.items():
            _answer(page, name, value)
        if block == "benefits":
            for row, (family, name, unit, before, target) in enumerate(INDICATORS):
                page.locator(f"[name='indicators-{row}-family']").select_option(family)
                page.locator(f"[name='indicators-{row}-name']").fill(name)
                page.locator(f"[name='indicators-{row}-unit']").fill(unit)
                page.locator(f"[name='indicators-{row}-baseline']").fill(before)
                page.locator(f"[name='indicators-{row}-target']").fill(target)
                page.locator(f"[name='indicators-{row}-evidence']").select_option("measured")
                page.locator(f"[name='indicators-{row}-source']").fill("Yearly survey")
        page.locator("main form button[type=submit]").first.click()
        expect(page.locator(".error-summary")).to_have_count(0)
    _support(page, address)
    page.goto(address)
    page.get_by_role("button", name="Hand the application in").click()
    expect(page.locator("main")).to_contain_text("Handed in")
    return address


def _support(page: Page, address: str) -> None:
    """Outline the land and say something of each criterion."""
    page.goto(f"{address}/sites")
    page.locator("[name=outline]").fill(a_square(43.6, 0.6, 300.5))
    page.locator("form:has([name=outline]) button[type=submit]").click()
    expect(page.locator("svg.outline")).to_have_count(1)
    page.goto(f"{address}/criteria/1.1")
    for _ in said_of_criteria():
        page.locator("[name=answer]").fill("As the plan says.")
        page.locator("[name=without]").fill("Shown on a visit.")
        page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).not_to_contain_text("begun")


def _file(page: Page) -> None:
    page.goto("/secretariat/projects")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()


def _seat(page: Page) -> None:
    _file(page)
    page.locator("form[action$='/receive'] button").click()
    for who, seat in (
        ("Remi Reviewer", "reviewer"),
        ("Rosa Reviewer", "reviewer"),
        ("Rafael Rapporteur", "rapporteur"),
    ):
        form = page.locator("form[action$='/seats']")
        option = form.locator("[name=user_id] option", has_text=who).first
        form.locator("[name=user_id]").select_option(option.get_attribute("value") or "")
        form.locator("[name=seat]").select_option(seat)
        form.locator("button").click()
    form = page.locator("form[action$='/open']")
    for name in ("carbon_is_primary_aim", "scope_fits"):
        form.locator(f"[name={name}]").check()
    form.locator("button").click()
    expect(page.locator("main")).to_contain_text("In review")


def _open_seat(page: Page, site: Site, who: str) -> None:
    sign_in(page, site, who)
    page.goto("/committee")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    assert page.get_by_text("Ploughing after a change of tenant").count() == 0
    page.locator("[name=tied][value=no]").check()
    page.locator("main form button[type=submit]").first.click()


def _grade(page: Page) -> None:
    for group in page.locator("fieldset.criterion").all():
        grades = group.locator("input[type=radio]")
        values = [g.get_attribute("value") for g in grades.all()]
        grades.nth(values.index("met") if "met" in values else values.index("1")).check()
        rests = group.locator("select[name^='evidence-']")
        if rests.count():
            rests.first.select_option("modelled")


def _review(page: Page, site: Site, who: str) -> None:
    _open_seat(page, site, who)
    expect(page.get_by_text("Ploughing after a change of tenant").first).to_be_visible()
    _grade(page)
    page.locator("[name=summary]").fill("Sound, and modest in what it promises.")
    page.locator("button[name=hand_in]").click()
    expect(page.locator("main")).to_contain_text("Your review is in")


def _decide(page: Page, site: Site) -> None:
    _open_seat(page, site, "rapporteur")
    _grade(page)
    page.get_by_role("button", name="Keep the agreed grades").click()
    expect(page.locator("main")).to_contain_text("Positively assessed")
    form = page.locator("form[action$='/decision']")
    form.locator("[name=summary]").fill("The practice fits the land and the plan can be measured.")
    form.get_by_role("button", name="Record the decision of the committee").click()
    page.goto("/committee")
    expect(page.locator("tr", has_text=TITLE)).to_contain_text("Decided")


def _admit(page: Page) -> str:
    _file(page)
    form = page.locator("form[action$='/admit']")
    form.locator("[name=ceiling]").fill("18,000.00")
    form.locator("[name=reason]").fill("The whole target")
    form.locator("button").click()
    expect(page.locator("main")).to_contain_text("Open for funding")
    page.goto("/projects")
    return page.get_by_role("link", name=TITLE).first.get_attribute("href") or ""


def _give(page: Page, site: Site, slug: str) -> None:
    page.goto(f"/contribute?amount=100&currency=EUR&project={slug}")
    page.locator("form.sheet button[type=submit]").click()
    expect(page).to_have_url(re.compile(re.escape(site.stripe_url)))
    page.locator("#number").fill("4242 4242 4242 4242")
    page.locator("#email").fill("friend@demo.example")
    page.locator("button[value=card]").click()
    page.wait_for_url(re.compile(re.escape(site.url)))


def _picture(folder: Path) -> Path:
    path = folder / "hedge.jpg"
    written = io.BytesIO()
    Image.new("RGB", (1200, 800), "olivedrab").save(written, "JPEG")
    path.write_bytes(written.getvalue())
    return path


def _tell(page: Page, address: str, picture: Path) -> None:
    """Write an update block by block and hand it in."""
    page.goto(f"{address}/updates/new")
    page.locator("[name=title]").fill("The first hedges stand")
    page.locator("[name=body]").fill("Forty rows, **two kilometres**. <script>alert(1)</script>")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("link", name="Add a photo").click()
    page.locator("input[type=file]").set_input_files(picture)
    page.locator("[name=alt]").fill("A row of young shrubs beside maize stubble")
    for name in ("consent", "no_child_faces"):
        page.locator(f"[name={name}]").check()
    page.locator("main form button[type=submit]").first.click()
    page.watch.expect("422")  # type: ignore[attr-defined]  # the watch of the fixture
    page.get_by_role("button", name="Hand the update in").click()
    # a script is refused with its line, and nothing of the draft is lost
    expect(page.locator(".error-summary")).to_contain_text("Line 1 holds “<script”")
    page.get_by_role("link", name="The words").click()
    expect(page.locator("[name=body]")).to_have_value(re.compile("<script>alert"))
    page.locator("[name=body]").fill("Forty rows, **two kilometres**.")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("button", name="Hand the update in").click()
    expect(page.locator("main")).to_contain_text("The first hedges stand")


def test_a_project_from_application_to_public_page(
    open_page: Open, site: Site, tmp_path: Path
) -> None:
    steward = open_page(javascript=False)
    address = _apply(steward, site)
    clerk = open_page()
    sign_in(clerk, site, "clerk")
    _seat(clerk)
    for who in ("reviewer", "reviewer2"):
        _review(open_page(), site, who)
    _decide(open_page(), site)
    href = _admit(clerk)
    slug = href.rsplit("/", 1)[1]
    visitor = open_page()
    _give(visitor, site, slug)
    _tell(steward, address, _picture(tmp_path))
    clerk.goto("/secretariat/updates")
    clerk.get_by_role("link", name="The first hedges stand").click()
    clerk.locator("form[action$='/publish'] button").click()
    visitor.goto(href)
    photograph(visitor, "project-walk")
    page = visitor.locator("main")
    expect(page).to_contain_text("The first hedges stand")
    expect(page).to_contain_text("two kilometres")
    assert visitor.locator("main script").count() == 0
    expect(page).to_contain_text("€93.25")
    expect(page).to_contain_text("Positively assessed")
    picture = visitor.locator("main img[alt='A row of young shrubs beside maize stubble']").first
    assert picture.evaluate("e => e.complete && e.naturalWidth > 0")
