"""How does a house get its first project: applied for, assessed, admitted, page by page?"""

import re
from datetime import date
from html.parser import HTMLParser

from tests.builders.projects import a_square, said_of_criteria
from tests.walks.newcomer import ROOT, Browser
from tests.walks.test_project import ANSWERS, INDICATORS, TITLE
from tests.web.rooms import Page

_GRADES = ("met", "1")


class _Grades(HTMLParser):
    """Reads what a page of grades lets somebody choose."""

    def __init__(self) -> None:
        super().__init__()
        self.grades: dict[str, list[str]] = {}
        self.rests: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "input" and told.get("type") == "radio" and told["name"].startswith("grade-"):
            self.grades.setdefault(told["name"], []).append(told["value"])
        if tag == "select" and told.get("name", "").startswith("evidence-"):
            self.rests.append(told["name"])


def grades(page: Page) -> dict[str, object]:
    """Grade every criterion of a page as met, or as shown."""
    reader = _Grades()
    reader.feed(page.text)
    assert reader.grades, page.plain[:800]
    chosen: dict[str, object] = {
        name: next(one for one in _GRADES if one in values)
        for name, values in reader.grades.items()
    }
    return chosen | dict.fromkeys(reader.rests, "modelled")


def apply(steward: Browser, on: date) -> str:
    """Begin an application for a new organisation, answer every block, hand it in."""
    steward.fill(
        "/steward/apply", "/steward/apply",
        title=TITLE, organisation="new", name="The cooperative", kind="farmers",
    )  # fmt: skip
    address = re.sub(r"^https?://[^/]+", "", steward.url)
    for block, answers in ANSWERS.items():
        typed: dict[str, object] = dict(answers)
        if block == "practice":
            typed["starts_on"] = f"{on.year + 1}-01-01"
        if block == "benefits":
            for row, (family, name, unit, before, target) in enumerate(INDICATORS):
                start = f"indicators-{row}"
                typed |= {
                    f"{start}-family": family, f"{start}-name": name, f"{start}-unit": unit,
                    f"{start}-baseline": before, f"{start}-target": target,
                    f"{start}-evidence": "measured", f"{start}-source": "Yearly survey",
                }  # fmt: skip
        steward.fill(f"{address}/{block}", f"{address}/{block}", **typed)
    steward.fill(f"{address}/sites", f"{address}/sites", outline=a_square(43.6, 0.6, 300.5))
    page = steward.get(f"{address}/criteria/1.1")
    for _ in said_of_criteria():
        page = steward.press(
            page, "/criteria/", answer="As the plan says.", without="Shown on a visit."
        )
    steward.fill(address, "/submit")
    assert "Handed in" in steward.get(address).plain
    return address


def named(browser: Browser, room: str) -> str:
    """The address of our project in a room's list."""
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{TITLE}', browser.get(room).text)
    assert found is not None, browser.get(room).plain[:800]
    return found[1]


def seat(clerk: Browser, seats: dict[str, str]) -> str:
    """Receive the application, give the seats, open the review."""
    path = named(clerk, "/secretariat/projects")
    clerk.fill(path, "/receive")
    for who, what in seats.items():
        page = clerk.get(path)
        person = re.search(rf'<option value="([0-9a-f-]{{36}})"[^>]*>\s*{who}', page.text)
        assert person is not None, page.plain[:1500]
        clerk.press(page, "/seats", user_id=person[1], seat=what)
    clerk.fill(path, "/open", carbon_is_primary_aim="y", scope_fits="y")
    assert "In review" in clerk.get(path).plain
    return path


def declared(member: Browser) -> str:
    """Say that nothing ties one to the project; the seat opens."""
    path = named(member, "/committee")
    member.fill(path, "/declaration", tied="no")
    return path


def review(member: Browser) -> None:
    path = declared(member)
    page = member.get(path)
    member.press(page, "/review", summary="Sound and modest.", hand_in="y", **grades(page))
    assert "Your review is in" in member.get(path).plain


def decide(lead: Browser) -> None:
    path = declared(lead)
    page = lead.get(path)
    page = lead.press(page, "/consensus", **grades(page))
    assert "Positively assessed" in page.plain
    lead.press(page, "/decision", summary="The practice fits the land and can be measured.")


def know(clerk: Browser, on: date) -> None:
    """Take in the list of sanctions, enter the organisation's file: nobody unknown is paid."""
    written = (ROOT / "tests/data/sanctions/eu-export.xml").read_bytes()
    today = written.replace(b"2026-11-10T", f"{on.isoformat()}T".encode())
    page = clerk.get("/secretariat/organisations")
    clerk.upload(page, "/secretariat/organisations/list", "list.xml", today)
    page = clerk.get("/secretariat/organisations")
    ours = re.search(r'href="([^"]+)"[^>]*>\s*The cooperative', page.text)
    assert ours is not None, page.plain[-800:]
    clerk.fill(
        f"{ours[1]}/file", f"{ours[1]}/file",
        legal_name="The cooperative", register="Greffe du Gers", number="123 456 789",
        town="Auch", country="FR", governors="Awa Imagined, President\nCarla Imagined, Treasurer",
        registered_on="2001-05-04", evidence="Folder 12",
    )  # fmt: skip


def admit(clerk: Browser, path: str) -> None:
    clerk.fill(path, "/admit", ceiling="18,000.00", reason="The whole target")
    assert "Open for funding" in clerk.get(path).plain
