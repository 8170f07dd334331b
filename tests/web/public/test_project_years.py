"""Does a reader see each year of a project, planned beside reported, and who else carries it?"""

from pathlib import Path

import pytest

from offset.database.session import Database
from offset.money import Money
from offset.projects import activity, figures, forms_of_work
from offset.projects.activity import Done, Labour
from offset.projects.forms_of_work import Price
from offset.projects.life_models import ProjectForm
from tests.builders import projects as build
from tests.fakes import FrozenClock
from tests.once_built import once_built
from tests.web.rooms import House, Visitor, a_house


@pytest.fixture
def house(embedded: Database, clock: FrozenClock, tmp_path: Path) -> House:
    return a_house(embedded, clock, tmp_path)


def test_a_year_shows_what_was_accepted_and_hours_apart_from_money(house: House) -> None:
    database, at, people = house.database, house.at(), house.people
    way = once_built(database, build.admitted, at=at, cast=people)
    visitor = Visitor(house.app.test_client())
    path = f"/projects/{way.slug}/years"
    assert "No year was planned or reported yet." in visitor.get(path).plain
    told = {"actor": people.steward, "at": at, "project_id": way.project_id}
    day = at.date()
    report_id = database.run(
        activity.report,
        **told,
        from_on=day.replace(month=1, day=1),
        until_on=day,
        done=Done(120.5, 54, 29),
        evidence="Lists of attendance.",
        labour=Labour(100, 7, Money(1_150, "EUR"), "wage of farm work"),
    )
    assert "120.5" not in visitor.get(path).plain
    database.run(figures.check, actor=people.clerk, at=at, report_id=report_id, accept=True)
    database.run(forms_of_work.choose, **told, form=ProjectForm.PRICE_SUPPORT)
    database.run(
        forms_of_work.support_price,
        **told,
        price=Price("Beans", "Wednesday market", day, day, 20, 50, 85),
    )
    database.run(
        forms_of_work.co_fund,
        **told,
        funder="A foundation",
        amount=Money(900, "EUR"),
        purpose="the difference",
        since_on=day,
    )
    shown = visitor.get(path).plain
    for words in (
        "Hectares treated 120.5",
        "Of them women: 29.",
        "Hours given freely: 100. Days of visitors: 7.",
        "They would have cost €1,150.00; that is no money. wage of farm work",
        "What shows it: Lists of attendance.",
        "20 % off for everybody, 50 % for people of low income, 85 households",
        "A foundation: the difference",
        "Money spent not reported yet",
    ):
        assert words in shown, words
    visitor.get("/projects/nowhere/years", 404)
