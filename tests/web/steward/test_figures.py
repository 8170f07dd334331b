"""Can a steward report milestones, figures, money and losses, on pages that weigh little?"""

import gzip
import uuid
from datetime import timedelta
from typing import Any

import pytest

from offset.money import Money
from offset.people.access import Role
from offset.projects import figures, moderation, reported, reversals, running, updates
from offset.projects.life_models import FigureKind
from offset.projects.running import Running
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built
from tests.web.rooms import House, Visitor

LIGHT = 25_000


@pytest.fixture
def way(house: House) -> Way:
    return once_built(house.database, build.admitted, at=house.at(), cast=house.people)


def seen(house: House, way: Way) -> Running:
    with house.database.reading() as session:
        return running.own(session, house.people.steward, way.project_id, on=house.at().date())


def path_of(way: Way) -> str:
    return f"/steward/projects/{way.project_id}/figures"


def test_every_page_is_light_and_needs_no_script(house: House, steward: Visitor, way: Way) -> None:
    steward.post(
        f"{path_of(way)}/milestone",
        {"title": "All plots marked", "language": "en", "planned_on": "2027-03-01"},
    )
    [milestone] = seen(house, way).milestones
    indicator = seen(house, way).families[0].indicators[0]
    for page in (
        "",
        "/milestone",
        f"/milestones/{milestone.id}",
        "/plan",
        "/activity",
        "/spending",
        "/loss",
        "/way",
        "/co-funder",
        "/price",
        f"/indicators/{indicator.id}",
    ):
        found = steward.get(path_of(way) + page)
        assert len(gzip.compress(found.data)) < LIGHT, page
        assert "<script>" not in found.text
        assert "style=" not in found.text


def test_a_milestone_is_planned_moved_and_done(house: House, steward: Visitor, way: Way) -> None:
    told = {"title": "All plots marked", "language": "en", "planned_on": "2027-03-01"}
    bad = steward.post(
        f"{path_of(way)}/milestone", {**told, "title": "Neutralise all flights"}, expect=422
    )
    assert "These words are not used here" in bad.plain
    steward.post(f"{path_of(way)}/milestone", told)
    [one] = seen(house, way).milestones
    page = f"{path_of(way)}/milestones/{one.id}"
    assert (
        "State the day."
        in steward.post(page, {"step": "moved", "note": "Late rain."}, expect=422).plain
    )
    steward.post(page, {"step": "moved", "on": "2027-05-01", "note": "Late rain."})
    steward.post(page, {"step": "done", "on": "2026-11-10", "note": "Map at the office."})
    [one] = seen(house, way).milestones
    assert (one.state, one.moved, one.note) == ("done", True, "Map at the office.")
    steward.post(page, {"step": "dropped", "note": "No."}, expect=422)
    steward.post(page, {"step": "reopened", "note": "Two plots were missing."})
    steward.post(page, {"step": "dropped", "note": "The plots were sold."})
    assert "Given up" in steward.get(path_of(way)).plain
    steward.get(f"{path_of(way)}/milestones/{uuid.UUID(int=3)}", 404)


def activity(**changed: Any) -> dict[str, Any]:
    return {
        "corrects": "",
        "from_on": "2026-01-01",
        "until_on": "2026-11-01",
        "hectares": "120,5",
        "people": "54",
        "women": "29",
        "evidence": "Lists of attendance.",
        **changed,
    }


def test_the_figures_of_a_year_stand_against_its_plan(
    house: House, steward: Visitor, way: Way
) -> None:
    house.clock.advance(days=0)
    plan = {"year": "2026", "hectares": "200", "people": "60", "money": "1500"}
    steward.post(f"{path_of(way)}/plan", plan)
    again = steward.post(f"{path_of(way)}/plan", {**plan, "hectares": "150"}, expect=422)
    assert "Give the reason" in again.plain
    steward.post(f"{path_of(way)}/plan", {**plan, "hectares": "150", "reason": "Late rain."})
    page = f"{path_of(way)}/activity"
    for wrong, words in (
        ({"hectares": "many"}, "This is not a figure that can be used."),
        ({"hectares": "900"}, "This is more land than the whole project has"),
        ({"women": "55"}, "A part of the people cannot be more"),
        ({"until_on": "2025-12-01"}, "do not follow one another"),
        ({"until_on": "2026-12-24"}, "still to come"),
        ({"from_on": "2025-12-01"}, "two years"),
        ({"corrects": "nonsense"}, "There is no such report."),
        ({"hour_value": "11.50", "labour_hours": "100"}, "Name the source."),
    ):
        told = steward.post(page, activity(**wrong), expect=422).plain
        assert words.casefold() in told.casefold(), (wrong, told[:900])
    steward.post(
        page,
        activity(
            labour_hours="100", hour_value="11.50", labour_source="wage of farm work", youth="3"
        ),
    )
    [year] = seen(house, way).years
    assert (year.planned_hectares, year.hectares, year.people) == (150, 120.5, 54)
    assert year.labour is not None
    assert (year.labour.hours, year.labour.value) == (100, Money(115_000, "EUR"))
    assert year.spent is None
    shown = steward.get(path_of(way)).plain
    assert "Hours given freely: 100. They would have cost €1,150.00; that is no money." in shown
    assert "Paid to the project: €0.00. Reported as spent: €0.00." in shown
    again = steward.post(page, activity(), expect=422)
    assert "Some of these days are in a report already." in again.plain


def test_spending_above_what_was_paid_needs_a_reason(
    house: House, steward: Visitor, way: Way
) -> None:
    page = f"{path_of(way)}/spending"
    told = {
        "corrects": "",
        "from_on": "2026-10-01",
        "until_on": "2026-11-01",
        "evidence": "Invoices.",
        "line_0": "250.00",
    }
    refused = steward.post(page, told, expect=422).plain
    assert "More is reported as spent (€250.00) than was paid to the project (€0.00)" in refused
    assert "State the amount." in steward.post(page, {**told, "line_0": ""}, expect=422).plain
    steward.post(page, {**told, "above_reason": "Advanced by the cooperative."})
    with house.database.reading() as session:
        [report] = reported.own(session, house.people.steward, way.project_id, FigureKind.SPENDING)
    house.database.run(
        figures.check,
        actor=house.people.clerk,
        at=house.at(),
        report_id=report.id,
        accept=False,
        reason="Which invoices?",
    )
    assert "Which invoices?" in steward.get(path_of(way)).plain


def test_a_loss_is_public_at_once(house: House, steward: Visitor, way: Way) -> None:
    told = {
        "happened_on": "2026-11-10",
        "area_ha": "12",
        "cause": "fire",
        "told": "A fire came from the road.",
        "language": "en",
    }
    page = f"{path_of(way)}/loss"
    steward.post(page, {**told, "area_ha": "900"}, expect=422)
    steward.post(page, {**told, "happened_on": "2027-01-01"}, expect=422)
    steward.post(page, told)
    with house.database.reading() as session:
        [one] = reversals.listed(session, way.project_id)
    assert (one.area_ha, one.cause.value, one.corrected) == (12.0, "fire", False)
    assert "Fire" in steward.get(path_of(way)).plain


def test_a_price_is_told_only_where_prices_are_supported(steward: Visitor, way: Way) -> None:
    price = {
        "product": "Beans",
        "place": "Market",
        "from_on": "2026-09-01",
        "until_on": "2026-10-01",
        "off_all_pct": "20",
        "off_low_income_pct": "50",
    }
    page = f"{path_of(way)}/price"
    assert "does not support prices" in steward.post(page, price, expect=422).plain
    steward.post(f"{path_of(way)}/way", {"form": "price_support"})
    steward.post(page, {**price, "off_low_income_pct": "10"}, expect=422)
    steward.post(page, price)
    steward.post(
        f"{path_of(way)}/co-funder",
        {"funder": "A foundation", "purpose": "the difference", "since_on": "2026-01-01"},
    )
    shown = steward.get(path_of(way)).plain
    assert "20 % off for everybody, 50 % for people of low income" in shown
    assert "A foundation: the difference" in shown


def test_an_indicator_gets_a_value_and_a_published_update_a_new_version(
    house: House, steward: Visitor, way: Way
) -> None:
    one = seen(house, way).families[0].indicators[0]
    page = f"{path_of(way)}/indicators/{one.id}"
    told = {"value": "9,3", "observed_on": "2026-11-01", "evidence": "measured", "source": "S."}
    steward.post(page, told)
    assert seen(house, way).families[0].indicators[0].latest == 9.3
    steward.get(f"{path_of(way)}/indicators/{uuid.UUID(int=3)}", 404)
    update_id = house.database.run(
        updates.write,
        actor=house.people.steward,
        at=house.at(),
        project_id=way.project_id,
        title="Rain",
        body="Sixty farms.",
        language="en",
    )
    correct = f"/steward/updates/{update_id}/correct"
    assert "Only what was published" in steward.post(correct, {"reason": "x"}, expect=422).plain
    told_ = {"at": house.at(), "update_id": update_id}
    house.database.run(updates.submit, actor=house.people.steward, **told_)
    house.database.run(moderation.publish, actor=house.people.clerk, **told_)
    assert "Correct this update" in steward.get(f"/steward/updates/{update_id}").plain
    made = steward.post(correct, {"reason": "It was fifty farms."})
    assert "Sixty farms." in steward.get(made.place).plain
    assert "has been begun" in steward.post(correct, {"reason": "Again."}, expect=422).plain


def test_others_see_and_write_nothing(house: House, way: Way) -> None:
    with_role = build.an_actor
    other = house.database.run(with_role, Role.STEWARD, at=house.at(), name="other")
    visitor = house.visit(other)
    visitor.get(path_of(way), 404)
    visitor.post(f"{path_of(way)}/loss", {}, expect=404)
    visitor.get(f"/steward/updates/{uuid.UUID(int=9)}/correct", 404)
    house.visit(house.people.clerk).get(path_of(way), 403)
    house.clock.advance(days=timedelta(days=1).days)
