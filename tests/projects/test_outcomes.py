"""Are projections and measurements published once, sealed, and corrected only by superseding?"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from calculators.soil.stock_change import Stratum
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, OffsetError, Refused, StateRefused
from offset.ledger import checkpoints
from offset.people.access import Actor, Role
from offset.projects import indicators, measurements, outcomes, queries
from offset.projects.models import (
    Application,
    Evidence,
    Indicator,
    Measurement,
    Outcome,
    Project,
    Verdict,
)
from offset.projects.queries import ProjectPage
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.once_built import once_built

GAIN = Stratum(850, ((44, 46), (45, 46.5), (43, 45.5), (46, 48.2)))
LEVEL = Stratum(850, ((44, 46), (45, 43.5), (43, 45.5), (46, 44.2)))
LOSS = Stratum(850, ((46, 44), (46.5, 45), (45.5, 43), (48.2, 46)))
MUCH = Stratum(850, ((44, 61), (45, 63.5), (43, 60.5), (46, 64.2)))


def project_carbon(session: Session, way: Way, at: datetime, **said: Any) -> Any:
    return outcomes.project_carbon(
        session,
        actor=said.pop("actor", way.cast.clerk),
        at=at,
        project_id=said.pop("project_id", way.project_id),
        seed=said.pop("seed", 2),
        **said,
    )


def hand_in(session: Session, way: Way, at: datetime, stratum: Stratum, **said: Any) -> Any:
    given: dict[str, Any] = {
        "baseline_on": date(2021, 11, 1),
        "sampled_on": date(2026, 11, 1),
        "depth_cm": 30,
        "laboratory": "Laboratory of the plain",
        "laboratory_method": "dry combustion",
        **said,
    }
    return measurements.submit(
        session,
        actor=said.get("actor", way.cast.steward),
        at=at,
        project_id=way.project_id,
        strata=[stratum],
        **{name: value for name, value in given.items() if name != "actor"},
    )


def publish(session: Session, way: Way, at: datetime, measurement_id: Any, **said: Any) -> Any:
    return outcomes.publish_measurement(
        session,
        actor=said.pop("actor", way.cast.clerk),
        at=at,
        measurement_id=measurement_id,
        **said,
    )


def measured(database: Database, at: datetime, stratum: Stratum) -> Way:
    """A project with a projection and one published measurement."""
    way = build.a_project(database, at=at)
    database.run(project_carbon, way, at)
    database.run(publish, way, at, database.run(hand_in, way, at, stratum))
    return way


def page_of(database: Database, way: Way, at: datetime) -> ProjectPage:
    with database.reading() as session:
        return queries.page(session, way.slug, on=at.date())


# projections


def test_a_projection_is_published_sealed_and_superseded(database: Database, at: datetime) -> None:
    way = build.a_project(database, at=at)
    first = database.run(project_carbon, way, at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(project_carbon, way, at)
    later = at + timedelta(days=1)
    second = database.run(project_carbon, way, later, seed=3, reason="The seed was used twice.")
    page = page_of(database, way, at)
    assert page.projection is not None
    assert (page.projection.id, page.projection.seed) == (second, 3)
    assert [(one.id, one.superseded) for one in page.superseded_projections] == [(first, True)]
    assert page.projection.method == "ipcc2019-tier1"
    assert page.projection.table_version == "ipcc2019-tier1-1"
    assert page.projection.stock_tc_ha == 44.16
    assert not page.projection.includes_zero
    for statement in ("UPDATE projection SET p33 = 1", "DELETE FROM projection"):
        with pytest.raises(DBAPIError):
            database.run(raw, statement)
    database.run(checkpoints.take, at=later)
    with database.reading() as session:
        for one in (first, second):
            assert checkpoints.inclusion(session, "projection", one) is not None


def raw(session: Session, statement: str) -> None:
    session.execute(text(statement))


def carbon(**said: Any) -> dict[str, Any]:
    return build.answers(
        carbon={
            "method": said.pop("method", "tier1"),
            "buffer_pct": 15,
            "buffer_reason": "Ploughing.",
            **said,
        }
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"method": "none"}, "no_method"),
        ({"method": "biochar"}, "answer_missing"),
        ({"method": "literature", "literature_rate": 1.0}, "answer_missing"),
        (
            {"method": "literature", "literature_rate": 1.0, "literature_sd": 1.0}
            | {"literature": " "},
            "source_missing",
        ),
        ({"project_carbon_input": None}, "nothing_changes"),
        ({"project_management": "improved_grassland"}, "land_mixed"),
    ],
)
def test_what_the_method_refuses_is_refused_at_its_field(said: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        outcomes.estimate(carbon(**said), seed=1)
    assert refusal.value.code == code
    assert refusal.value.field is not None
    assert refusal.value.field.startswith("carbon.")


@pytest.mark.parametrize("land", [{"wet_or_organic": True}, {"soil": "organic_or_wet"}])
def test_wet_and_organic_land_has_no_default(land: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="wet_soil"):
        outcomes.estimate(build.answers(land=land), seed=1)


@pytest.mark.parametrize(
    ("said", "method"),
    [
        ({"agroforestry": "cropland"}, "ipcc2019-tier1-agroforestry"),
        (
            {"method": "biochar", "biochar_t_ha": 5.0, "feedstock": "wood"}
            | {"temperature": "450_600"},
            "ipcc2019-biochar",
        ),
        (
            {"method": "literature", "literature_rate": 0.4, "literature_sd": 0.2}
            | {"literature": "Somebody 2020"},
            "literature-rate",
        ),
    ],
)
def test_each_method_says_what_it_used(said: dict[str, Any], method: str) -> None:
    found = outcomes.estimate(carbon(**said), seed=1)
    assert found.method == method
    assert found.plausibility == "fine"
    assert found.factors
    assert found.inputs


def literature(rate: float) -> dict[str, Any]:
    return carbon(
        method="literature",
        literature_rate=rate,
        literature_sd=0.2,
        literature="Somebody 2020",
    )


def test_a_rate_nobody_believes_needs_evidence_or_is_blocked(
    embedded: Database, at: datetime
) -> None:
    way = once_built(embedded, build.admitted, at=at, said=literature(1.8))
    for evidence in (None, " "):
        with pytest.raises(Refused, match="evidence_needed"):
            embedded.run(project_carbon, way, at, evidence=evidence)
    embedded.run(project_carbon, way, at, evidence="Alongi 2020")
    miracle = embedded.run(
        build.admitted, at=at, said=literature(12.3), slug="miracle", cast=way.cast
    )
    with pytest.raises(Refused, match="rate_blocked"):
        embedded.run(project_carbon, miracle, at, evidence="The applicant says so.")


def test_only_the_desk_publishes_a_projection(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    with pytest.raises(Forbidden):
        embedded.run(project_carbon, way, at, actor=way.cast.steward)
    with pytest.raises(NotFound, match="project_unknown"):
        embedded.run(project_carbon, way, at, project_id=uuid7(at))


# measurements


@pytest.mark.parametrize(
    ("said", "stratum", "code"),
    [
        ({"baseline_on": date(2026, 11, 1)}, GAIN, "days_out_of_order"),
        ({"sampled_on": date(2026, 11, 16)}, GAIN, "days_out_of_order"),
        ({"depth_cm": 29}, GAIN, "too_shallow"),
        ({"laboratory": " "}, GAIN, "laboratory_missing"),
        ({"laboratory_method": " "}, GAIN, "laboratory_missing"),
        ({}, Stratum(1, ((1, 2),)), "too_few_pairs"),
        ({}, Stratum(1, ((1, 2), (2, 3))), "no_spread"),
        ({}, Stratum(0, GAIN.pairs), "value_impossible"),
    ],
)
def test_a_measurement_is_checked_when_it_is_handed_in(
    staged: Staged, at: datetime, said: dict[str, Any], stratum: Stratum, code: str
) -> None:
    embedded, way = staged("admitted")
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(hand_in, way, at, stratum, **said)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("stratum", "verdict", "overlap"),
    [
        (GAIN, Verdict.GAIN, "within"),
        (LEVEL, Verdict.NO_CHANGE, "within"),
        (LOSS, Verdict.LOSS, "below"),
        (MUCH, Verdict.GAIN, "above"),
    ],
)
def test_the_claim_follows_verdict_and_overlap(
    embedded: Database, at: datetime, stratum: Stratum, verdict: Verdict, overlap: str
) -> None:
    claim = page_of(embedded, measured(embedded, at, stratum), at).claim
    assert claim is not None
    assert (claim.verdict, claim.overlap) == (verdict, overlap)
    assert claim.low < claim.change < claim.high
    # a difference in percent only where the intervals stand apart
    assert (claim.difference_percent is None) == (overlap == "within")
    assert claim.projected is not None
    assert claim.projected_low is not None
    assert claim.projected_low < claim.projected
    assert claim.years == 5.0
    assert not claim.synthetic


def test_a_difference_is_told_against_the_central_projection(
    embedded: Database, at: datetime
) -> None:
    claim = page_of(embedded, measured(embedded, at, MUCH), at).claim
    assert claim is not None
    central = 0.2429 * 5
    assert claim.difference_percent == pytest.approx((claim.change / central - 1) * 100, rel=1e-3)


def test_without_a_projection_there_is_nothing_to_compare(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    assert page_of(embedded, way, at).claim is None
    embedded.run(publish, way, at, embedded.run(hand_in, way, at, GAIN, synthetic=True))
    claim = page_of(embedded, way, at).claim
    assert claim is not None
    assert (claim.overlap, claim.projected, claim.difference_percent) == (None, None, None)
    assert claim.synthetic


def test_an_outcome_is_sealed_and_superseded_never_edited(database: Database, at: datetime) -> None:
    way = measured(database, at, GAIN)
    [first] = page_of(database, way, at).outcomes
    again = database.run(hand_in, way, at, LEVEL)
    said: dict[str, Any] = {"supersedes_id": first.id}
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(publish, way, at, again, **said)
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(publish, way, at, again, reason="No row named.")
    with pytest.raises(NotFound, match="outcome_unknown"):
        database.run(publish, way, at, again, supersedes_id=uuid7(at), reason="Wrong row.")
    later = at + timedelta(hours=1)
    said["reason"] = "Two cores were swapped."
    second = database.run(publish, way, later, again, **said)
    page = page_of(database, way, at)
    assert {(one.id, one.superseded) for one in page.outcomes} == {
        (first.id, True),
        (second, False),
    }
    assert page.claim is not None
    assert page.claim.verdict is Verdict.NO_CHANGE
    third = database.run(hand_in, way, at, GAIN)
    with pytest.raises(Refused, match="outcome_superseded"):
        database.run(publish, way, later, third, **said)
    for statement in (
        "UPDATE outcome SET change = 9",
        "DELETE FROM outcome",
        "INSERT INTO outcome SELECT * FROM outcome",
    ):
        with pytest.raises(DBAPIError):
            database.run(raw, statement)
    database.run(checkpoints.take, at=later)
    with database.reading() as session:
        assert checkpoints.inclusion(session, "outcome", first.id) is not None
        counts = queries.horizon_counts(session)
    assert (counts.gain, counts.no_change, counts.loss, counts.not_yet) == (0, 1, 0, 0)


def test_an_outcome_of_another_project_is_not_superseded(embedded: Database, at: datetime) -> None:
    way = measured(embedded, at, GAIN)
    [first] = page_of(embedded, way, at).outcomes
    other = once_built(embedded, build.admitted, at=at, slug="another", cast=way.cast)
    foreign = embedded.run(hand_in, other, at, GAIN)
    with pytest.raises(NotFound, match="outcome_unknown"):
        embedded.run(publish, other, at, foreign, supersedes_id=first.id, reason="Not ours.")


def test_the_database_holds_the_verdict_to_its_interval(database: Database, at: datetime) -> None:
    way = measured(database, at, GAIN)
    measurement_id = database.run(hand_in, way, at, LEVEL)

    def lie(session: Session) -> None:
        row = session.scalars(select(Outcome)).one()
        values = {c.name: getattr(row, c.name) for c in Outcome.__table__.columns}
        session.add(
            Outcome(
                **{
                    **values,
                    "id": uuid7(at),
                    "measurement_id": measurement_id,
                    "verdict": Verdict.LOSS,
                }
            )
        )
        session.flush()

    with pytest.raises(DBAPIError, match="verdict_follows_interval"):
        database.run(lie)


def test_a_measurement_is_published_by_somebody_else_and_once(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    row_id = embedded.run(hand_in, way, at, GAIN)
    both = Actor(way.cast.steward.user_id, frozenset({Role.STEWARD, Role.CLERK}))
    refused: list[tuple[Actor, Any, type[OffsetError], str]] = [
        (both, row_id, Refused, "same_person"),
        (way.cast.steward, row_id, Forbidden, "right_missing"),
        (way.cast.clerk, uuid7(at), NotFound, "measurement_unknown"),
    ]
    for actor, which, kind, code in refused:
        with pytest.raises(kind, match=code):
            embedded.run(publish, way, at, which, actor=actor)
    embedded.run(publish, way, at, row_id)
    with pytest.raises(StateRefused, match="measurement_not_submitted"):
        embedded.run(publish, way, at, row_id)
    back: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "measurement_id": row_id}
    with pytest.raises(StateRefused):
        embedded.run(measurements.give_back, **back, answer="Which plots?")


def test_a_measurement_is_returned_with_a_question(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    row_id = embedded.run(hand_in, way, at, GAIN)
    back: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "measurement_id": row_id}
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(measurements.give_back, **back, answer=" ")
    with pytest.raises(NotFound):
        embedded.run(
            measurements.give_back, **{**back, "measurement_id": uuid7(at)}, answer="Which?"
        )
    embedded.run(measurements.give_back, **back, answer="Which plots?")
    with embedded.reading() as session:
        assert session.get_one(Measurement, row_id).answer == "Which plots?"
    with pytest.raises(StateRefused):
        embedded.run(publish, way, at, row_id)


# indicators


def report(session: Session, way: Way, at: datetime, indicator_id: Any, **said: Any) -> Any:
    given: dict[str, Any] = {
        "value": 9.4,
        "observed_on": date(2026, 11, 1),
        "evidence": Evidence.MEASURED,
        "source": "harvest records",
        **said,
    }
    return indicators.report(
        session,
        actor=given.pop("actor", way.cast.steward),
        at=at,
        indicator_id=indicator_id,
        **given,
    )


def an_indicator(database: Database, name: str) -> Any:
    with database.reading() as session:
        return session.scalars(select(Indicator.id).where(Indicator.name == name)).one()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"value": float("nan")}, "value_unusable"),
        ({"value": 1e16}, "value_unusable"),
        ({"source": " "}, "source_missing"),
        ({"observed_on": date(2026, 11, 16)}, "day_in_future"),
    ],
)
def test_a_value_is_checked(staged: Staged, at: datetime, said: dict[str, Any], code: str) -> None:
    embedded, way = staged("admitted")
    with pytest.raises(InvalidInput, match=code):
        embedded.run(report, way, at, an_indicator(embedded, "Maize yield"), **said)
    with pytest.raises(NotFound, match="indicator_unknown"):
        embedded.run(report, way, at, uuid7(at))


def test_the_latest_day_is_shown_and_earlier_values_stay(database: Database, at: datetime) -> None:
    way = build.a_project(database, at=at)
    indicator_id = an_indicator(database, "Maize yield")
    database.run(report, way, at, indicator_id, value=9.4)
    database.run(report, way, at, indicator_id, value=9.1, observed_on=date(2025, 11, 1))
    shown = page_of(database, way, at).families[0].indicators[0]
    assert (shown.baseline, shown.latest, shown.target) == (9, 9.4, 9.5)
    assert shown.source == "harvest records"
    with pytest.raises(DBAPIError):
        database.run(raw, "UPDATE indicator_value SET value = 1")


def test_a_new_version_keeps_retires_and_adds_indicators(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    indicator_id = an_indicator(embedded, "Maize yield")
    embedded.run(report, way, at, indicator_id)
    rows = build.answers()["benefits"]["indicators"]
    changed = [{**rows[0], "target": 10}, {**rows[1], "name": "Wells with water"}, rows[2]]
    embedded.run(renew, way, at, changed)
    families = page_of(embedded, way, at).families
    names = [one.name for family in families for one in family.indicators]
    assert names == ["Maize yield", "Wells with water", "Soil covered in winter"]
    assert (families[0].indicators[0].target, families[0].indicators[0].latest) == (10, 9.4)


def renew(session: Session, way: Way, at: datetime, rows: list[dict[str, Any]]) -> None:
    project = session.get_one(Project, way.project_id)
    indicators.renew(
        session, project, Application(document={"benefits": {"indicators": rows}}), at=at
    )
