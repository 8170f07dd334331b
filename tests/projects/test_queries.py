"""Do the public lists and pages show what may be seen, in few statements, rounded and in order?"""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import NotFound
from offset.money import Money
from offset.projects import assessments, organisations, places, queries
from offset.projects.assessments import Condition
from offset.projects.models import DecisionOutcome, Project, ProjectStatus
from tests.builders import money
from tests.builders import projects as build
from tests.builders.projects import Staged
from tests.once_built import once_built

ACCOUNT = "Liabilities:Project:P0001:EUR"


def pay_in(session: Session, way: build.Way, at: datetime, times: int) -> None:
    money.fill_pool(session, 1_000 * times, at=at, on=at.date())
    for _ in range(times):
        money.allocate(
            session,
            at=at,
            on=at.date(),
            project_id=way.project_id,
            account=ACCOUNT,
            minor=1_000,
            decision_id=way.decision_id,
            admission_id=way.admission_id,
        )


def counted(database: Database, slug: str, on: date) -> int:
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        queries.page(session, slug, on=on)
    event.remove(database.engine, "before_cursor_execute", note)
    return len([one for one in seen if one.startswith("SELECT")])


def test_a_page_costs_the_same_whatever_came_in(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    few = counted(embedded, way.slug, at.date())
    embedded.run(pay_in, way, at, 25)
    assert counted(embedded, way.slug, at.date()) == few == 10
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=at.date())
    assert page.totals.allocated == Money(25_000, "EUR")
    assert page.needed == Money(5_100_000 - 25_000, "EUR")


def test_a_page_shows_what_is_public_of_an_assessment(embedded: Database, at: datetime) -> None:
    way = embedded.run(
        build.admitted,
        at=at,
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
        recommendations=["Sample deeper.", "Ask the herders."],
        conditions=[Condition("Show the leases.")],
    )
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=at.date())
    shown = page.assessment
    assert shown is not None
    assert shown.criteria_version == "1-draft"
    assert len(shown.criteria) == 13
    assert (shown.decided_on, shown.expires_on) == (at.date(), date(2029, 11, 15))
    assert (shown.reviews, shown.recusals, shown.expired) == (2, 0, False)
    assert [one.text for one in shown.recommendations] == ["Sample deeper.", "Ask the herders."]
    assert [(one.text, one.closed_on) for one in shown.conditions] == [("Show the leases.", None)]
    assert not any("grade" in name for name in shown.__dataclass_fields__)
    assert page.admission is not None
    assert page.admission.ceiling == Money(5_100_000, "EUR")
    assert not page.accepts_gifts
    assert page.closed_because == ("conditions_open",)


def test_a_page_repeats_what_the_application_said(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=at.date())
    assert page.story_html == "<p>Maize land lies <strong>bare</strong> in winter.</p>"
    assert page.buys[0].amount == Money(3_000, "EUR")
    assert page.cost_per_ha == Money(6_000, "EUR")
    assert page.households == 60
    assert page.co_funders == ()
    assert page.starts_on == date(2021, 10, 1)
    assert [len(family.indicators) for family in page.families] == [1, 1, 1]
    assert page.position is not None
    assert page.position != (43.3, -0.4)
    assert places.distance_km(page.position, (43.3, -0.4)) < 8


def test_a_negative_decision_after_a_positive_one_is_not_public(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    later = at.replace(month=12)
    embedded.run(build.assessed_again, way, later, DecisionOutcome.REVISE)
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=later.date())
        [card] = queries.cards(session, on=later.date(), statuses={ProjectStatus.ON_HOLD})
        assert queries.cards(session, on=later.date()) == ()
        assert queries.fundable(session, later.date()) == ()
    assert page.assessment is not None
    assert page.assessment.outcome is DecisionOutcome.POSITIVE
    assert page.status is ProjectStatus.ON_HOLD
    assert "not_positive" in page.closed_because
    assert card.outcome is None
    assert not card.accepts_gifts


@pytest.mark.parametrize("reached", ["draft", "reviewed", "decided"])
def test_nobody_sees_a_project_before_its_admission(
    embedded: Database, at: datetime, reached: str
) -> None:
    make: Any = {"draft": build.a_draft, "reviewed": build.reviewed, "decided": build.decided}
    way = embedded.run(make[reached], at=at)
    with embedded.reading() as session:
        assert queries.cards(session, on=at.date(), statuses=set(ProjectStatus)) == ()
        with pytest.raises(NotFound, match="project_unknown"):
            queries.page(session, way.slug, on=at.date())
        with pytest.raises(NotFound, match="project_unknown"):
            queries.page(session, "nothing-here", on=at.date())


def test_cards_are_filtered_and_sorted(embedded: Database, at: datetime) -> None:
    first = build.a_project(embedded, at=at)
    said = build.answers(
        project={"title": "Agave rows", "country": "MX"}, practice={"practice": "agroforestry"}
    )
    once_built(embedded, build.admitted, at=at, slug="agave", cast=first.cast, said=said)
    with embedded.reading() as session:
        cards = queries.cards(session, on=at.date())
        by_country = queries.cards(session, on=at.date(), country="MX")
        by_practice = queries.cards(session, on=at.date(), practice="cover_crops")
        both = queries.cards(session, on=at.date(), practice="cover_crops", country="MX")
        fundable = queries.fundable(session, at.date())
    assert [card.slug for card in cards] == ["agave", "green-bridges"]
    assert [card.slug for card in by_country] == ["agave"]
    assert [card.slug for card in by_practice] == ["green-bridges"]
    assert both == ()
    assert [one.code for one in fundable] == ["P0001", "P0002"]
    assert cards[0].accepts_gifts
    assert cards[0].organisation == "Association agave"
    assert (cards[0].p33, cards[0].verdict) == (None, None)
    assert cards[0].criteria_version == "1-draft"


def test_a_project_without_a_place_has_no_position(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")

    def forget(session: Session) -> None:
        session.get_one(Project, way.project_id).longitude = None

    embedded.run(forget)
    with embedded.reading() as session:
        assert queries.page(session, way.slug, on=at.date()).position is None


def test_horizons_count_what_was_handed_in_and_decided(embedded: Database, at: datetime) -> None:
    with embedded.reading() as session:
        assert queries.horizon_counts(session) == queries.HorizonCounts(0, 0, 0, 0, 0, 0, 0)
    first = build.a_project(embedded, at=at)
    embedded.run(
        build.decided,
        at=at,
        slug="second",
        cast=first.cast,
        outcome=DecisionOutcome.NOT_ALIGNED,
    )
    once_built(embedded, build.in_review, at=at, slug="third", cast=first.cast)
    embedded.run(build.a_draft, at=at, slug="fourth", cast=first.cast)
    with embedded.reading() as session:
        counts = queries.horizon_counts(session)
    assert (counts.applications, counts.decided, counts.positive) == (3, 2, 1)
    assert counts.not_yet == 1


def test_a_report_is_overdue_on_the_thirtieth_day() -> None:
    due = date(2026, 1, 1)
    assert not queries.overdue(due, date(2026, 1, 30))
    assert queries.overdue(due, date(2026, 1, 31))
    assert not queries.overdue(None, date(2026, 2, 1))


# places


@given(st.floats(-85, 85), st.floats(-180, 180))
def test_a_rounded_place_is_near_and_rounding_twice_changes_nothing(
    latitude: float, longitude: float
) -> None:
    coarse = places.rounded((latitude, longitude))
    assert places.distance_km(coarse, (latitude, longitude)) <= 8
    again = places.rounded(coarse)
    assert places.distance_km(coarse, again) < 0.2


def test_distances_on_the_sphere() -> None:
    assert places.distance_km((0, 0), (0, 0)) == 0
    assert places.distance_km((0, 0), (0, 180)) == pytest.approx(20_015, abs=1)
    assert places.distance_km((49.0097, 2.5479), (-26.1392, 28.246)) == pytest.approx(8_738, abs=20)


def test_names_are_compared_without_accents_case_or_marks() -> None:
    assert organisations.folded("Água-Fund, S.A.") == "agua fund s a"


def test_the_last_day_of_a_decision_is_still_good(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    with embedded.reading() as session:
        found = assessments.latest_decision(session, way.project_id, at.date())
        assert found is not None
        assert found.id == way.decision_id
        assert assessments.latest_decision(session, way.project_id, date(2026, 1, 1)) is None
