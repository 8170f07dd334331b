"""Do the platform's own checks, its questions and its bars on an application hold?"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from calculators.soil import detection
from calculators.soil.detection import PlannedStratum
from calculators.soil.refusals import SoilRefused
from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, Refused, StateRefused
from offset.money import Money
from offset.people.access import Role
from offset.people.models import OutboxMessage
from offset.projects import (
    applications,
    assessments,
    attachments,
    checks,
    information,
    organisations,
    questions,
    registrations,
    rooms,
    soil_checks,
)
from offset.projects.application_drafts import latest_assessment
from offset.projects.application_models import OrganisationRole
from offset.projects.models import Application
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.once_built import once_built

STRATA = [
    {"stratum": "Low", "area_ha": 500, "cores": 18, "sd_tc_ha": 6},
    {"stratum": "High", "area_ha": 350, "cores": 12, "sd_tc_ha": 8},
]


def version_of(session: Session, way: Way) -> Application:
    return session.get_one(Application, latest_assessment(session, way.project_id).application_id)


def test_the_projection_stands_beside_the_claim() -> None:
    said = build.answers(carbon={"claim_tc_ha_yr": 12.3})
    found = soil_checks.projection(said, seed=7)
    assert found.estimate is not None
    # cover crops on high-activity clay, warm temperate moist
    assert found.estimate.rate.central == pytest.approx(0.243, abs=0.001)
    assert found.estimate.rate.p05 < found.estimate.rate.p33 < found.estimate.rate.p95
    assert found.claim_tc_ha_yr == 12.3
    assert found.gate is not None
    assert found.gate.verdict == "blocked"
    assert found.four_per_mille == pytest.approx((found.estimate.stock_tc_ha or 0) * 0.004)
    rates = {zone.climate: zone.rate for zone in found.zones}
    assert set(rates) == {"tropical_moist", "warm_temperate_dry", "cool_temperate_moist"}
    dry = rates["warm_temperate_dry"]
    assert dry is not None
    assert dry.central == pytest.approx(0.036, abs=0.001)
    assert soil_checks.projection(said, seed=7) == found


def test_a_zone_without_values_says_so() -> None:
    said = build.answers(land={"climate": "boreal_moist"})
    zones = {zone.climate: zone for zone in soil_checks.projection(said, seed=1).zones}
    told = zones["polar_moist"]
    assert told.rate is None
    assert told.refusal is not None
    assert told.refusal.code == "no_default"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"land": {"wet_or_organic": True}}, "wet_soil"),
        ({"carbon": {"method": "none"}}, "no_method"),
        ({"carbon": {"method": "biochar"}}, "answer_missing"),
    ],
)
def test_what_cannot_be_computed_is_told(changed: dict[str, Any], code: str) -> None:
    found = soil_checks.projection(build.answers(**changed), seed=1)
    assert found.estimate is None
    assert found.refusal is not None
    assert found.refusal.code == code
    assert (found.gate, found.zones, found.four_per_mille) == (None, (), None)
    assert soil_checks.projection({}, seed=1).refusal is not None


def test_the_smallest_change_a_plan_detects() -> None:
    told = {"strata": STRATA, "same_places": True, "correlation": 0.8, "next_round_years": 5}
    said = build.answers(monitoring=told)
    rate = soil_checks.projection(said, seed=1)
    assert rate.estimate is not None
    found = soil_checks.detectable(said, rate.estimate.rate)
    assert found.plan is not None
    assert (found.plan.cores, found.plan.paired) == (30, True)
    assert found.projected_tc_ha == pytest.approx(5 * rate.estimate.rate.central)
    assert found.enough is (found.projected_tc_ha >= found.plan.detectable)
    loose = soil_checks.detectable(
        build.answers(monitoring={**told, "same_places": False}), rate.estimate.rate
    )
    assert loose.plan is not None
    assert loose.plan.detectable > found.plan.detectable
    nothing = soil_checks.detectable(build.answers(), None)
    assert nothing.refusal is not None
    assert (nothing.refusal.code, nothing.enough) == ("plan_missing", None)
    few = [{**STRATA[0], "cores": 1}]
    refused = soil_checks.detectable(build.answers(monitoring={"strata": few}), None)
    assert refused.refusal is not None
    assert refused.refusal.code == "cores_too_few"


def test_a_plan_as_given_is_the_proportional_one_where_they_agree() -> None:
    strata = [PlannedStratum("a", 60, 9), PlannedStratum("b", 40, 9)]
    ours = detection.plan(50, strata, correlation=0.5)
    given = detection.plan_as_given([30, 20], strata, correlation=0.5)
    assert given.detectable == ours.detectable
    assert given.as_json()["rule"] == detection.GIVEN
    for shares, parts, code in (([], [], "no_strata"), ([1, 20], strata, "cores_too_few")):
        with pytest.raises(SoilRefused) as refusal:
            detection.plan_as_given(shares, parts)
        assert refusal.value.code == code


def test_costs_far_from_tens_a_hectare_are_marked() -> None:
    usual = soil_checks.cost(build.answers())
    assert usual == soil_checks.CostCheck(Money(6000, "EUR"), Money(6000, "EUR"), unusual=False)
    dear = soil_checks.cost(build.answers(money={"amount_asked_minor": 85_000_000}))
    assert dear.unusual
    assert soil_checks.cost({}) == soil_checks.CostCheck(None, None, unusual=False)


def test_usual_factors_come_from_the_practices_there() -> None:
    [first, *_rest] = soil_checks.suggestions(build.answers())
    assert first.answers["method"] == "tier1"
    assert first.answers["baseline_land_use"] == "annual_crops"
    assert first.all_answers["agroforestry"] is None
    taken = questions.merged(build.answers(), {"carbon": first.all_answers})
    assert soil_checks.projection(taken, seed=1).estimate is not None
    assert soil_checks.suggestions({}) == ()
    other = build.answers(practice={"practice": "other"})
    assert soil_checks.suggestions(other) == ()
    trees = build.answers(practice={"practice": "agroforestry"})
    assert any("agroforestry" in one.answers for one in soil_checks.suggestions(trees))


def test_evidence_names_a_page_that_exists(embedded: Database, at: datetime) -> None:
    way = embedded.run(build.a_draft, at=at)
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    paper: dict[str, Any] = {
        "name": "leases.pdf",
        "media_type": "application/pdf",
        "size": 5,
        "sha256": "ab" * 32,
        "file_key": "ab" * 32 + ".pdf",
        "pages": 3,
    }
    file_id = embedded.run(attachments.attach, **said, **paper)

    def named(digest: str, page: int) -> dict[str, Any]:
        told = {"answer": "All have leases.", "evidence": [{"sha256": digest, "page": page}]}
        return {"criteria": {"1.2": told}}

    with pytest.raises(InvalidInput, match="page_absent_in_file") as refusal:
        embedded.run(applications.save, **said, answers=named("ab" * 32, 4))
    assert refusal.value.field == "criteria.1.2"
    assert (refusal.value.parameters["row"], refusal.value.parameters["pages"]) == (1, 3)
    with pytest.raises(InvalidInput, match="evidence_file_absent"):
        embedded.run(applications.save, **said, answers=named("cd" * 32, 1))
    for page in (0, -1, 1.5, "x", None, True):
        with pytest.raises(InvalidInput, match="answer_unusable"):
            embedded.run(applications.save, **said, answers=named("ab" * 32, page))  # type: ignore[arg-type]  # what a forged form sends
    embedded.run(applications.save, **said, answers=named("ab" * 32, 3))
    with embedded.reading() as session:
        told = checks.criteria_answers(session, version_of(session, way).id)
    found = next(one for one in told if one.criterion == "1.2")
    assert found.complete
    assert [(e.name, e.page, e.pages, e.attachment_id) for e in found.evidence] == [
        ("leases.pdf", 3, 3, file_id)
    ]
    assert [one.criterion for one in told][:3] == ["1.1", "1.2", "1.3"]
    with pytest.raises(Refused, match="file_is_evidence"):
        embedded.run(attachments.detach, **said, attachment_id=file_id)
    embedded.run(applications.save, **said, answers={"criteria": {"1.2": {"answer": "x"}}})
    embedded.run(attachments.detach, **said, attachment_id=file_id)
    with pytest.raises(NotFound, match="file_unknown"):
        embedded.run(attachments.detach, **said, attachment_id=file_id)
    assert checks.unanswered({"criteria": {"1.2": {"answer": "x"}}}, ["1.2"]) == ("1.2",)


def test_a_budget_comes_to_what_is_asked() -> None:
    lines = [{"label": "Seed", "amount_minor": 100}, {"label": "Work", "amount_minor": 5_099_900}]
    assert questions.missing(build.answers(money={"budget": lines})) == ()
    short = build.answers(money={"budget": lines[:1]})
    assert questions.missing(short) == ("money.budget_sum",)
    assert questions.budget_sum(short) == 100
    elsewhere = build.answers(carbon={"registered_elsewhere": True})
    assert questions.missing(elsewhere) == ("carbon.registered_where",)


def ongoing(**changed: Any) -> dict[str, Any]:
    said = build.answers(project={"modality": "ongoing"}, **changed)
    for name in ("amount_asked_minor", "cost_per_ha_minor", "budget"):
        said["money"].pop(name)
    return said


def test_a_running_project_asks_for_no_money_and_gets_none(
    database: Database, at: datetime
) -> None:
    way = once_built(database, build.decided, at=at, said=ongoing())
    said: dict[str, Any] = {"actor": way.cast.treasurer, "at": at, "project_id": way.project_id}
    with pytest.raises(Refused, match="ongoing_no_money"):
        database.run(assessments.admit, **said, ceiling=Money(100, "EUR"), reason="In the budget.")
    with pytest.raises(DBAPIError, match="ongoing_no_money"):
        database.run(admitted_by_force)


def admitted_by_force(session: Session) -> None:
    """An admission past the verb; only the ids are put in by hand."""
    session.execute(
        text(
            "INSERT INTO admission (id, project_id, decision_id, ceiling_minor, currency,"
            " admitted_on, admitted_by, reason, recorded_at)"
            " SELECT d.id, d.project_id, d.id, 100, 'EUR', d.decided_on, p.created_by, 'why',"
            " d.recorded_at FROM decision d JOIN project p ON p.id = d.project_id"
        )
    )


def test_carbon_registered_elsewhere_bars_until_somebody_says_why(
    database: Database, at: datetime
) -> None:
    where = {"registered_elsewhere": True, "registered_where": "A register, 2019 to 2024."}
    way = once_built(database, build.decided, at=at, said=build.answers(carbon=where))
    admit: dict[str, Any] = {
        "actor": way.cast.treasurer,
        "at": at,
        "project_id": way.project_id,
        "ceiling": Money(100, "EUR"),
        "reason": "In the budget.",
    }
    with pytest.raises(Refused, match="registered_elsewhere"):
        database.run(assessments.admit, **admit)
    with pytest.raises(DBAPIError, match="registered_elsewhere"):
        database.run(admitted_by_force)
    with database.reading() as session:
        version = version_of(session, way).id
        told = registrations.of_application(session, version)
    assert (told.elsewhere, told.where, told.reason) == (True, where["registered_where"], None)
    said: dict[str, Any] = {"at": at, "application_id": version}
    with pytest.raises(Forbidden):
        database.run(registrations.explain, actor=way.cast.steward, reason="It is fine.", **said)
    clerk = way.cast.clerk
    for reason, code in ((" ", "reason_missing"), ("x" * 2001, "too_long")):
        with pytest.raises(InvalidInput, match=code):
            database.run(registrations.explain, actor=clerk, reason=reason, **said)
    with pytest.raises(InvalidInput, match="language_unknown"):
        database.run(registrations.explain, actor=clerk, reason="x", language="de", **said)
    database.run(registrations.explain, actor=clerk, reason="Cancelled in 2024.", **said)
    with pytest.raises(Refused, match="reason_recorded"):
        database.run(registrations.explain, actor=clerk, reason="Again.", **said)
    with pytest.raises(DBAPIError):
        database.run(lambda s: s.execute(text("DELETE FROM registration_reason")))
    database.run(assessments.admit, **admit)
    with database.reading() as session:
        assert registrations.of_application(session, version).reason == "Cancelled in 2024."


def test_what_is_not_registered_needs_no_reason(embedded: Database, at: datetime) -> None:
    way = once_built(embedded, build.an_application, at=at)
    with embedded.reading() as session:
        version = version_of(session, way).id
    said: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "reason": "x"}
    with pytest.raises(Refused, match="nothing_registered"):
        embedded.run(registrations.explain, application_id=version, **said)
    with pytest.raises(NotFound, match="application_unknown"):
        embedded.run(registrations.explain, application_id=way.project_id, **said)


def test_more_is_asked_and_answered_once(database: Database, at: datetime) -> None:
    way = once_built(database, build.an_application, at=at)
    clerk, steward = way.cast.clerk, way.cast.steward
    ask: dict[str, Any] = {"at": at, "assessment_id": way.assessment_id}
    with pytest.raises(Forbidden):
        database.run(information.ask, actor=way.cast.treasurer, question="Which?", **ask)
    for told, code in (
        ({"question": " "}, "question_missing"),
        ({"question": "x" * 5001}, "too_long"),
        ({"question": "Which?", "days": 0}, "days_unusable"),
        ({"question": "Which?", "days": 366}, "days_unusable"),
    ):
        with pytest.raises(InvalidInput, match=code):
            database.run(information.ask, actor=clerk, **ask, **told)
    with pytest.raises(NotFound, match="assessment_unknown"):
        database.run(
            information.ask, actor=clerk, at=at, assessment_id=way.project_id, question="?"
        )
    asked = database.run(information.ask, actor=clerk, question="Which laboratory?", **ask)
    with database.reading() as session:
        mail = session.scalars(
            select(OutboxMessage).where(OutboxMessage.template == "information_asked")
        ).one()
        [seen] = rooms.steward_project(session, steward, way.project_id).asked
        assert mail.parameters["path"] == f"/steward/requests/{asked}"
    assert (seen.answer, seen.due_on) == (None, (at + timedelta(days=21)).date())
    paper = information.AnswerPaper("lab.pdf", "ef" * 32 + ".pdf", "ef" * 32, 9, 2)
    said: dict[str, Any] = {"at": at, "request_id": asked}
    writer = database.run(build.an_actor, Role.STEWARD, at=at, name="writer")
    with pytest.raises(NotFound):
        database.run(information.answer, actor=writer, text="Ours.", **said)
    database.run(
        organisations.add_member,
        actor=steward,
        at=at,
        organisation_id=way.organisation_id,
        user_id=writer.user_id,
        role=OrganisationRole.WRITER,
    )
    with pytest.raises(Forbidden, match="organisation_role_lacks"):
        database.run(information.answer, actor=writer, text="Ours.", **said)
    with pytest.raises(InvalidInput, match="answer_missing"):
        database.run(information.answer, actor=steward, text=" ", **said)
    database.run(information.answer, actor=steward, text="Ours.", paper=paper, **said)
    with pytest.raises(Refused, match="question_answered"):
        database.run(information.answer, actor=steward, text="Another.", **said)
    with database.reading() as session:
        [told] = information.of_assessment(session, way.assessment_id)
        project, again = information.own(session, steward, asked)
        assert project.id == way.project_id
    assert (told.answer, told.paper) == ("Ours.", paper)
    assert again == told
    for statement in (
        "UPDATE information_request SET question = 'x'",
        "UPDATE information_request SET answer = 'x'",
        "DELETE FROM information_request",
    ):
        with pytest.raises(DBAPIError):
            database.run(lambda session, one=statement: session.execute(text(one)))


def test_questions_end_with_the_decision(staged: Staged, at: datetime) -> None:
    database, way = staged("decided")
    said: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "question": "Which?"}
    with pytest.raises(StateRefused, match="not_in_assessment"):
        database.run(information.ask, assessment_id=way.assessment_id, **said)


def test_questions_have_an_end(embedded: Database, at: datetime) -> None:
    database, way = embedded, once_built(embedded, build.an_application, at=at)
    said: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "question": "Which?"}

    def many(session: Session) -> None:
        for _ in range(10):
            information.ask(session, assessment_id=way.assessment_id, **said)

    database.run(many)
    with pytest.raises(Refused, match="too_many_questions"):
        database.run(information.ask, assessment_id=way.assessment_id, **said)
    with pytest.raises(NotFound, match="question_gone"):
        database.run(
            information.answer,
            actor=way.cast.steward,
            at=at,
            request_id=way.project_id,
            text="x",
        )
