"""Does the committee's way hold: seats, interests, blind reviews, rules, decision, answers?"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.ledger import checkpoints
from offset.money import Money
from offset.people.access import Actor, Role
from offset.projects import applications, assessments, queries
from offset.projects.assessments import Condition
from offset.projects.criteria import Score
from offset.projects.models import (
    Application,
    Assessment,
    AssessmentStatus,
    Assignment,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Evidence,
    Project,
    ProjectStatus,
    Recommendation,
    Review,
    Safeguard,
    Seat,
)
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.once_built import once_built

BOTH_NEGATIVE = frozenset({DecisionOutcome.REVISE, DecisionOutcome.NOT_ALIGNED})


def refuses(code: str, database: Database, verb: Callable[..., Any], **said: Any) -> OffsetError:
    with pytest.raises(OffsetError) as refusal:
        database.run(verb, **said)
    assert refusal.value.code == code
    return refusal.value


def assess(database: Database, way: Way) -> Assessment:
    with database.reading() as session:
        found = session.get_one(Assessment, way.assessment_id)
        session.expunge_all()
        return found


def seat(database: Database, way: Way, actor: Actor, at: datetime, kind: Seat) -> Any:
    return database.run(
        assessments.assign,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        user_id=actor.user_id,
        seat=kind,
    )


# eligibility


def test_an_application_sent_back_comes_again_as_a_new_version(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("an_application")
    seat(embedded, way, way.cast.reviewer, at, Seat.REVIEWER)
    embedded.run(
        assessments.send_back,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        reason="Say how many households.",
    )
    assert assess(embedded, way).status is AssessmentStatus.DRAFT
    with embedded.reading() as session:
        versions = session.scalars(select(Application).order_by(Application.version)).all()
        assert session.get_one(Project, way.project_id).status is ProjectStatus.DRAFT
        assert session.scalars(select(Assignment.removal)).all() == ["application_returned"]
        session.expunge_all()
    assert [one.version for one in versions] == [1, 2]
    assert versions[0].content_hash is not None
    assert versions[1].submitted_at is None
    assert versions[0].document == versions[1].document
    embedded.run(build.handed_in_again, way, at=at)
    assert assess(embedded, way).status is AssessmentStatus.ELIGIBILITY


@pytest.mark.parametrize(
    ("said", "answers", "why"),
    [
        ({"carbon_is_primary_aim": False}, {}, "carbon_no_primary_aim"),
        ({"scope_fits": False}, {}, "scope"),
        (
            {},
            {"practice": {"practice": "agroforestry"}, "land": {"not_forest_before": False}},
            "forest_before",
        ),
    ],
)
def test_an_application_that_is_not_eligible_does_not_open(
    embedded: Database, at: datetime, said: dict[str, bool], answers: dict[str, Any], why: str
) -> None:
    way = once_built(embedded, build.an_application, at=at, said=build.answers(**answers))
    refusal = refuses(
        "not_eligible",
        embedded,
        assessments.open_review,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        **{"carbon_is_primary_aim": True, "scope_fits": True, **said},
    )
    assert refusal.parameters["why"] == why


@pytest.mark.parametrize("filled", [0, 1, 2, 3])
def test_a_review_opens_with_two_reviewers_and_a_rapporteur(
    staged: Staged, at: datetime, filled: int
) -> None:
    embedded, way = staged("an_application")
    people = way.cast
    seats = [(people.rapporteur, Seat.RAPPORTEUR), (people.reviewer, Seat.REVIEWER)]
    for actor, kind in [*seats, (people.reviewer2, Seat.REVIEWER)][:filled]:
        seat(embedded, way, actor, at, kind)
    said: dict[str, Any] = {
        "actor": people.clerk,
        "at": at,
        "assessment_id": way.assessment_id,
        "carbon_is_primary_aim": True,
        "scope_fits": True,
    }
    if filled < 3:
        refuses("seats_missing", embedded, assessments.open_review, **said)
    else:
        embedded.run(assessments.open_review, **said)
        assert assess(embedded, way).status is AssessmentStatus.IN_REVIEW


def test_two_reviewers_without_a_rapporteur_do_not_open_it(staged: Staged, at: datetime) -> None:
    embedded, way = staged("an_application")
    for actor in (way.cast.reviewer, way.cast.reviewer2):
        seat(embedded, way, actor, at, Seat.REVIEWER)
    refuses(
        "seats_missing",
        embedded,
        assessments.open_review,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        carbon_is_primary_aim=True,
        scope_fits=True,
    )


# seats and interests


@pytest.mark.parametrize(
    ("affiliation", "money"),
    [
        ("association GREEN-BRIDGES", {}),
        ("Água Fund", {"co_funders": ["Agua fund"]}),
        ("Institut des Sols", {"partners": ["Institut des sols."]}),
    ],
)
def test_a_shared_affiliation_bars_a_reviewer(
    embedded: Database, at: datetime, affiliation: str, money: dict[str, Any]
) -> None:
    way = once_built(embedded, build.an_application, at=at, said=build.answers(money=money))
    tied = embedded.run(
        build.an_actor, Role.STC_MEMBER, at=at, name="tied", affiliation=affiliation
    )
    with pytest.raises(Refused, match="conflict_of_interest") as refusal:
        seat(embedded, way, tied, at, Seat.REVIEWER)
    assert refusal.value.parameters["tie"] == "affiliation"


def test_a_member_of_the_organisation_is_barred(staged: Staged, at: datetime) -> None:
    embedded, way = staged("an_application")
    from_inside = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="inside")
    embedded.run(build.join, way, from_inside, at=at)
    with pytest.raises(Refused, match="conflict_of_interest") as refusal:
        seat(embedded, way, from_inside, at, Seat.REVIEWER)
    assert refusal.value.parameters["tie"] == "member"


def test_another_affiliation_is_no_conflict(staged: Staged, at: datetime) -> None:
    embedded, way = staged("an_application")
    free = embedded.run(
        build.an_actor, Role.STC_MEMBER, at=at, name="free", affiliation="Institute elsewhere"
    )
    assert seat(embedded, way, free, at, Seat.REVIEWER)


def test_a_declared_interest_ends_the_seat_for_good(staged: Staged, at: datetime) -> None:
    embedded, way = staged("an_application")
    seat_id = seat(embedded, way, way.cast.reviewer, at, Seat.REVIEWER)
    opened = embedded.run(
        assessments.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=seat_id,
        interest="I advised them.",
    )
    assert not opened
    with pytest.raises(Refused, match="interest_declared"):
        seat(embedded, way, way.cast.reviewer, at, Seat.REVIEWER)
    refuses(
        "assignment_unknown",
        embedded,
        assessments.save_review,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=seat_id,
        summary="",
        scores={},
    )


def test_seats_are_given_once_by_the_clerk_to_those_with_the_role(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("an_application")
    seat(embedded, way, way.cast.rapporteur, at, Seat.RAPPORTEUR)
    second = embedded.run(build.an_actor, Role.RAPPORTEUR, at=at, name="second")
    for actor, kind, code in (
        (way.cast.rapporteur, Seat.REVIEWER, "seat_taken"),
        (second, Seat.RAPPORTEUR, "seat_taken"),
        (way.cast.reviewer, Seat.RAPPORTEUR, "role_missing"),
        (way.cast.steward, Seat.REVIEWER, "role_missing"),
    ):
        with pytest.raises(Refused, match=code):
            seat(embedded, way, actor, at, kind)
    with pytest.raises(Forbidden):
        embedded.run(
            assessments.assign,
            actor=way.cast.rapporteur,
            at=at,
            assessment_id=way.assessment_id,
            user_id=way.cast.reviewer.user_id,  # type: ignore[arg-type]  # a person of the cast
            seat=Seat.REVIEWER,
        )


def test_no_seat_is_given_before_the_check_or_after_the_decision(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("decided")
    third = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="third")
    with pytest.raises(Refused, match="too_late"):
        seat(embedded, way, third, at, Seat.REVIEWER)
    for verb, said in (
        (assessments.release, {"actor": way.cast.clerk, "reason": "Moved on."}),
        (assessments.declare, {"actor": way.cast.reviewer, "interest": "Late."}),
    ):
        refuses("too_late", embedded, verb, at=at, assignment_id=way.seats[0], **said)


def test_a_seat_is_taken_back_with_a_reason(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    said: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "assignment_id": way.seats[0]}
    refuses("reason_missing", embedded, assessments.release, **said, reason=" ")
    embedded.run(assessments.release, **said, reason="Ill.")
    refuses("assignment_unknown", embedded, assessments.release, **said, reason="Ill.")


# reviews


def test_nobody_reviews_before_declaring(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    third = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="third")
    seat_id = seat(embedded, way, third, at, Seat.REVIEWER)
    said: dict[str, Any] = {"at": at, "assignment_id": seat_id, "summary": "", "scores": {}}
    refuses("declaration_missing", embedded, assessments.save_review, actor=third, **said)
    # nor on somebody else's seat, nor on the rapporteur's
    refuses(
        "assignment_unknown", embedded, assessments.save_review, actor=way.cast.reviewer, **said
    )
    said["assignment_id"] = way.seats[2]
    refuses("not_reviewer", embedded, assessments.save_review, actor=way.cast.rapporteur, **said)
    said["assignment_id"] = uuid7(at)
    refuses("assignment_unknown", embedded, assessments.save_review, actor=third, **said)


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ({"9.9": Score("1", Evidence.MEASURED)}, "criterion_unknown"),
        ({"2.2": Score("3", Evidence.MEASURED)}, "grade_unknown"),
        ({"1.1": Score("1")}, "grade_unknown"),
        ({"2.2": Score("1")}, "evidence_missing"),
    ],
)
def test_a_score_the_criteria_do_not_know_is_refused(
    staged: Staged, at: datetime, scores: dict[str, Score], code: str
) -> None:
    embedded, way = staged("in_review")
    refuses(
        code,
        embedded,
        assessments.save_review,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=way.seats[0],
        summary="",
        scores=scores,
    )


def test_a_review_is_handed_in_whole_and_then_never_changes(
    database: Database, at: datetime
) -> None:
    way = once_built(database, build.in_review, at=at)
    mine: dict[str, Any] = {"actor": way.cast.reviewer, "at": at, "assignment_id": way.seats[0]}
    submit = assessments.submit_review
    refuses("scores_missing", database, submit, **mine)
    partly = {"1.1": Score("met")}
    left = database.run(assessments.save_review, **mine, summary="", scores=partly)
    assert len(left) == 12
    assert refuses("scores_missing", database, submit, **mine).field == "1.2"
    left = database.run(assessments.save_review, **mine, summary=" ", scores=build.scores())
    assert left == ()
    refuses("summary_missing", database, submit, **mine)
    database.run(assessments.save_review, **mine, summary="Sound.", scores=partly)
    database.run(submit, **mine)
    refuses("review_submitted", database, submit, **mine)
    refuses("review_submitted", database, assessments.save_review, **mine, summary="", scores={})
    for statement in (
        "UPDATE review SET summary = 'other'",
        "DELETE FROM review",
        "UPDATE review_score SET grade = 'not_met'",
        "DELETE FROM review_score",
        (
            "INSERT INTO review_score (review_id, criterion, grade, reason)"
            " SELECT id, '9.9', 'met', '' FROM review"
        ),
    ):
        with pytest.raises(DBAPIError, match="review_submitted"):
            database.run(raw, statement)


def raw(session: Session, statement: str) -> None:
    session.execute(text(statement))


def test_the_last_review_opens_the_consensus(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    for actor, seat_id, after in (
        (way.cast.reviewer, way.seats[0], AssessmentStatus.IN_REVIEW),
        (way.cast.reviewer2, way.seats[1], AssessmentStatus.CONSENSUS),
    ):
        mine: dict[str, Any] = {"actor": actor, "at": at, "assignment_id": seat_id}
        embedded.run(assessments.save_review, **mine, summary="Sound.", scores=build.scores())
        embedded.run(assessments.submit_review, **mine)
        assert assess(embedded, way).status is after
    refuses(
        "review_closed",
        embedded,
        assessments.save_review,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=way.seats[0],
        summary="",
        scores={},
    )


def test_an_interest_declared_late_is_not_counted_and_asks_for_another(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("reviewed")
    embedded.run(
        assessments.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=way.seats[0],
        interest="My sister joined the cooperative.",
    )
    assert assess(embedded, way).status is AssessmentStatus.IN_REVIEW
    with embedded.reading() as session:
        # kept, and no longer counted
        assert len(session.scalars(select(Review)).all()) == 2
    third = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="third")
    seat_id = seat(embedded, way, third, at, Seat.REVIEWER)
    mine: dict[str, Any] = {"actor": third, "at": at, "assignment_id": seat_id}
    embedded.run(assessments.declare, **mine, interest="  ")
    embedded.run(assessments.save_review, **mine, summary="Sound.", scores=build.scores())
    embedded.run(assessments.submit_review, **mine)
    assert assess(embedded, way).status is AssessmentStatus.CONSENSUS
    decision_id = embedded.run(decide, way, at)
    with embedded.reading() as session:
        decision = session.get_one(Decision, decision_id)
        assert (decision.reviews, decision.recusals) == (2, 1)
        session.expunge_all()


def test_a_declared_interest_bars_from_later_versions_too(staged: Staged, at: datetime) -> None:
    embedded, way = staged("reviewed")
    embedded.run(
        assessments.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=way.seats[0],
        interest="My sister joined the cooperative.",
    )
    third = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="third")
    mine: dict[str, Any] = {"actor": third, "at": at}
    mine["assignment_id"] = seat(embedded, way, third, at, Seat.REVIEWER)
    embedded.run(assessments.declare, **mine, interest="  ")
    embedded.run(assessments.save_review, **mine, summary="Sound.", scores=build.scores())
    embedded.run(assessments.submit_review, **mine)
    embedded.run(decide, way, at, DecisionOutcome.REVISE)
    begun = embedded.run(
        applications.begin_version, actor=way.cast.steward, at=at, project_id=way.project_id
    )
    again = build.with_assessment(way, begun.assessment_id)
    embedded.run(build.handed_in_again, again, at=at)
    with pytest.raises(Refused, match="interest_declared"):
        seat(embedded, again, way.cast.reviewer, at, Seat.REVIEWER)
    seat(embedded, again, way.cast.reviewer2, at, Seat.REVIEWER)


def test_who_leaves_with_the_quorum_kept_stops_nothing(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    third = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="third")
    spare = seat(embedded, way, third, at, Seat.REVIEWER)
    for actor, seat_id in ((way.cast.reviewer, way.seats[0]), (way.cast.reviewer2, way.seats[1])):
        mine: dict[str, Any] = {"actor": actor, "at": at, "assignment_id": seat_id}
        embedded.run(assessments.save_review, **mine, summary="Sound.", scores=build.scores())
        embedded.run(assessments.submit_review, **mine)
    assert assess(embedded, way).status is AssessmentStatus.IN_REVIEW
    embedded.run(
        assessments.release, actor=way.cast.clerk, at=at, assignment_id=spare, reason="No time."
    )
    assert assess(embedded, way).status is AssessmentStatus.CONSENSUS
    rapporteur = way.seats[2]
    embedded.run(
        assessments.release,
        actor=way.cast.clerk,
        at=at,
        assignment_id=rapporteur,
        reason="Moved on.",
    )
    assert assess(embedded, way).status is AssessmentStatus.CONSENSUS
    with pytest.raises(Refused, match="not_rapporteur"):
        embedded.run(decide, way, at)
    seat(embedded, way, way.cast.rapporteur, at, Seat.RAPPORTEUR)
    with pytest.raises(Refused, match="declaration_missing"):
        embedded.run(decide, way, at)


# the decision


def decide(
    session: Session,
    way: Way,
    at: datetime,
    outcome: DecisionOutcome = DecisionOutcome.POSITIVE,
    **said: Any,
) -> Any:
    return assessments.decide(
        session,
        actor=said.pop("actor", way.cast.rapporteur),
        at=at,
        assessment_id=way.assessment_id,
        outcome=outcome,
        summary=said.pop("summary", "A sound project."),
        **said,
    )


@pytest.mark.parametrize(
    ("changed", "allowed"),
    [
        ({}, frozenset(DecisionOutcome)),
        ({"c1_2": Score("met_with_conditions")}, frozenset(DecisionOutcome)),
        ({"c1_2": Score("not_enough_information")}, BOTH_NEGATIVE),
        ({"c1_3": Score("not_met")}, frozenset({DecisionOutcome.NOT_ALIGNED})),
        (
            {"c1_1": Score("not_enough_information"), "c1_3": Score("not_met")},
            frozenset({DecisionOutcome.NOT_ALIGNED}),
        ),
        ({"c2_2": Score("0", Evidence.MEASURED)}, BOTH_NEGATIVE),
        ({"c2_2": Score("-1", Evidence.MEASURED)}, BOTH_NEGATIVE),
        ({"c2_2": Score("2", Evidence.ASSERTED)}, BOTH_NEGATIVE),
        ({"c2_2": Score("1", Evidence.LITERATURE)}, frozenset(DecisionOutcome)),
        ({"c2_3": Score("-1", Evidence.MEASURED)}, frozenset(DecisionOutcome)),
    ],
)
def test_the_scores_leave_the_outcomes_open_that_the_rules_allow(
    embedded: Database, at: datetime, changed: dict[str, Score], allowed: frozenset[Any]
) -> None:
    way = once_built(embedded, build.reviewed, at=at, given=build.scores(**changed))
    for outcome in DecisionOutcome:
        said: dict[str, Any] = {
            "outcome": outcome,
            "conditions": [Condition("Show it.", "1.2")],
            "recommendations": ["Go on."]
            if outcome is DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS
            else [],
        }
        with embedded.reading() as session:
            if outcome in allowed:
                assert decide(session, way, at, **said)
            else:
                with pytest.raises(Refused, match="outcome_not_open") as refusal:
                    decide(session, way, at, **said)
                assert set(refusal.value.parameters["allowed"]) == {o.value for o in allowed}  # type: ignore[call-overload]  # a tuple of words


@pytest.mark.parametrize(
    ("given", "said", "code"),
    [
        ({}, {"summary": " "}, "summary_missing"),
        ({}, {"recommendations": ["Do more."]}, "recommendations_unexpected"),
        (
            {},
            {"outcome": DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS},
            "recommendations_missing",
        ),
        ({"c1_2": Score("met_with_conditions")}, {}, "condition_missing"),
        (
            {"c1_2": Score("met_with_conditions")},
            {"conditions": [Condition(" ", "1.2"), Condition("Other.", "1.1")]},
            "condition_missing",
        ),
    ],
)
def test_a_decision_is_complete(
    embedded: Database, at: datetime, given: dict[str, Score], said: dict[str, Any], code: str
) -> None:
    way = once_built(embedded, build.reviewed, at=at, given=build.scores(**given))
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(decide, way, at, **said)
    assert refusal.value.code == code


def test_a_decision_is_frozen_sealed_and_expires(database: Database, at: datetime) -> None:
    way = database.run(
        build.decided,
        at=at,
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
        recommendations=["Sample deeper."],
    )
    with database.reading() as session:
        decision = session.get_one(Decision, way.decision_id)
        session.expunge_all()
    assert decision.expires_on == date(2029, 11, 15)
    assert decision.safeguards is Safeguard.MET
    assert (decision.reviews, decision.recusals) == (2, 0)
    assert decision.scores["2.2"] == {"grade": "1", "evidence": "modelled", "reason": "shown"}
    for statement in (
        "UPDATE decision SET outcome = 'revise'",
        "DELETE FROM decision",
        "UPDATE decision SET expires_on = NULL",
        "UPDATE criteria_set SET version = '2'",
        "DELETE FROM project_event",
    ):
        with pytest.raises(DBAPIError):
            database.run(raw, statement)
    database.run(checkpoints.take, at=at)
    with database.reading() as session:
        assert checkpoints.inclusion(session, "decision", decision.id) is not None


def test_a_decision_needs_the_rapporteur_of_this_assessment(staged: Staged, at: datetime) -> None:
    embedded, way = staged("reviewed")
    other = embedded.run(build.an_actor, Role.RAPPORTEUR, at=at, name="other")
    with pytest.raises(Refused, match="not_rapporteur"):
        embedded.run(decide, way, at, actor=other)
    with pytest.raises(Forbidden):
        embedded.run(decide, way, at, actor=way.cast.clerk)
    embedded.run(decide, way, at)
    with pytest.raises(Refused, match="consensus_closed"):
        embedded.run(decide, way, at)


def test_a_decision_waits_for_every_score(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    for actor, seat_id in ((way.cast.reviewer, way.seats[0]), (way.cast.reviewer2, way.seats[1])):
        mine: dict[str, Any] = {"actor": actor, "at": at, "assignment_id": seat_id}
        embedded.run(assessments.save_review, **mine, summary="Sound.", scores=build.scores())
        embedded.run(assessments.submit_review, **mine)
    with pytest.raises(InvalidInput, match="scores_missing"):
        embedded.run(decide, way, at)
    left = embedded.run(
        assessments.save_consensus,
        actor=way.cast.rapporteur,
        at=at,
        assessment_id=way.assessment_id,
        scores={"1.1": Score("met")},
    )
    assert len(left) == 12


def test_a_decision_needs_two_reviews_that_count(staged: Staged, at: datetime) -> None:
    embedded, way = staged("reviewed")

    def only_one(session: Session) -> None:
        # as if a review had been set aside by hand
        assignment = session.get_one(Assignment, way.seats[0])
        assignment.removed_at = at
        session.flush()
        decide(session, way, at)

    with pytest.raises(Refused, match="quorum_missing"):
        embedded.run(only_one)


def test_a_right_without_a_person_decides_nothing(staged: Staged, at: datetime) -> None:
    embedded, way = staged("reviewed")
    nobody = Actor(None, frozenset({Role.RAPPORTEUR}))
    with pytest.raises(Refused, match="not_rapporteur"):
        embedded.run(decide, way, at, actor=nobody)


@pytest.mark.parametrize("outcome", sorted(BOTH_NEGATIVE))
def test_a_negative_decision_sends_a_project_back_in_private(
    embedded: Database, at: datetime, outcome: DecisionOutcome
) -> None:
    way = once_built(embedded, build.decided, at=at, outcome=outcome)
    with embedded.reading() as session:
        project = session.get_one(Project, way.project_id)
        decision = session.get_one(Decision, way.decision_id)
        with pytest.raises(NotFound):
            queries.page(session, way.slug, on=at.date())
        session.expunge_all()
    assert project.status is ProjectStatus.DRAFT
    assert decision.expires_on is None


# conditions, advice, expiry


def test_a_condition_is_closed_once_with_evidence(database: Database, at: datetime) -> None:
    way = once_built(database, build.decided, at=at, conditions=[Condition("Show the leases.")])
    with database.reading() as session:
        [condition] = session.scalars(select(DecisionCondition)).all()
        session.expunge_all()
    said: dict[str, Any] = {"at": at, "condition_id": condition.id}
    close = assessments.close_condition
    refuses("evidence_missing", database, close, actor=way.cast.clerk, evidence=" ", **said)
    refuses("right_missing", database, close, actor=way.cast.rapporteur, evidence="Seen.", **said)
    with pytest.raises(DBAPIError):
        database.run(raw, "UPDATE decision_condition SET closed_on = '2026-11-15'")
    database.run(close, actor=way.cast.clerk, evidence="Leases seen.", **said)
    refuses("condition_closed", database, close, actor=way.cast.clerk, evidence="Again.", **said)
    refuses(
        "condition_unknown",
        database,
        close,
        actor=way.cast.clerk,
        at=at,
        condition_id=uuid7(at),
        evidence="Seen.",
    )
    for statement in (
        "UPDATE decision_condition SET evidence = 'other'",
        "UPDATE decision_condition SET text = 'other'",
        "UPDATE decision_condition SET closed_on = NULL, closed_by = NULL, evidence = NULL",
        "DELETE FROM decision_condition",
    ):
        with pytest.raises(DBAPIError):
            database.run(raw, statement)


def test_advice_is_answered_once_by_the_project(database: Database, at: datetime) -> None:
    way = database.run(
        build.decided,
        at=at,
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
        recommendations=["Sample deeper.", "Ask the herders."],
    )
    with database.reading() as session:
        first, _ = session.scalars(select(Recommendation).order_by(Recommendation.position)).all()
        session.expunge_all()
    said: dict[str, Any] = {"at": at, "recommendation_id": first.id}
    answer = assessments.answer_recommendation
    stranger = database.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    refuses("project_unknown", database, answer, actor=stranger, answer="Yes.", **said)
    refuses("answer_missing", database, answer, actor=way.cast.steward, answer=" ", **said)
    database.run(answer, actor=way.cast.steward, answer="Done in the second round.", **said)
    refuses(
        "recommendation_answered", database, answer, actor=way.cast.steward, answer="No.", **said
    )
    refuses(
        "recommendation_unknown",
        database,
        answer,
        actor=way.cast.steward,
        at=at,
        recommendation_id=uuid7(at),
        answer="Yes.",
    )
    with pytest.raises(DBAPIError):
        database.run(raw, "UPDATE recommendation SET text = 'other' WHERE position = 2")


def test_an_assessment_expires_the_day_after_its_last(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    last = at.replace(year=2029)
    assert embedded.run(assessments.expire_due, at=last) == 0
    assert embedded.run(assessments.expire_due, at=last + timedelta(days=1)) == 1
    assert embedded.run(assessments.expire_due, at=last + timedelta(days=2)) == 0
    assert assess(embedded, way).status is AssessmentStatus.EXPIRED


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 15), 36, date(2029, 11, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert assessments.months_later(day, months) == later


# admission


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ceiling": Money(0, "EUR")}, "ceiling_not_positive"),
        ({"ceiling": Money(1, "USD")}, "currency_mixed"),
        ({"reason": " "}, "reason_missing"),
        ({"project_id": None}, "project_unknown"),
    ],
)
def test_an_admission_is_complete(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("decided")
    given: dict[str, Any] = {
        "project_id": way.project_id,
        "ceiling": Money(1_000, "EUR"),
        "reason": "In the budget.",
        **said,
    }
    if given["project_id"] is None:
        given["project_id"] = uuid7(at)
    refuses(code, embedded, assessments.admit, actor=way.cast.treasurer, at=at, **given)


def test_projects_are_numbered_as_they_are_admitted(embedded: Database, at: datetime) -> None:
    first = build.a_project(embedded, at=at)
    once_built(embedded, build.admitted, at=at, slug="another", cast=first.cast)
    with embedded.reading() as session:
        codes = session.scalars(select(Project.code).order_by(Project.code)).all()
        session.expunge_all()
    assert codes == ["P0001", "P0002"]


def test_the_admitted_version_is_shown_and_a_new_draft_is_not(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    steward = way.cast.steward
    embedded.run(applications.begin_version, actor=steward, at=at, project_id=way.project_id)
    embedded.run(
        applications.save,
        actor=steward,
        at=at,
        project_id=way.project_id,
        answers={"project": {"title": "Another name"}},
    )
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=at.date())
    assert page.title == "Green bridges: permanent cover on maize land"
    refuses(
        "version_pending",
        embedded,
        applications.begin_version,
        actor=steward,
        at=at,
        project_id=way.project_id,
    )


def test_a_project_is_withdrawn_by_its_own_and_removed_by_the_desk(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    change = assessments.change_status
    said: dict[str, Any] = {"at": at, "project_id": way.project_id, "reason": "Agreed."}
    refuses("right_missing", embedded, change, actor=way.cast.steward, step="hold", **said)
    refuses("right_missing", embedded, change, actor=way.cast.clerk, step="withdraw", **said)
    refuses("step_unknown", embedded, change, actor=way.cast.clerk, step="admit", **said)
    refuses(
        "project_unknown",
        embedded,
        change,
        actor=way.cast.clerk,
        at=at,
        project_id=uuid7(at),
        step="hold",
        reason="x",
    )
    embedded.run(change, actor=way.cast.steward, step="withdraw", **said)
    refuses("no_such_step", embedded, change, actor=way.cast.clerk, step="resume", **said)


def test_a_review_is_saved_and_handed_in_together_or_not_at_all(
    staged: Staged, at: datetime
) -> None:
    database, way = staged("in_review")
    mine: dict[str, Any] = {"actor": way.cast.reviewer, "at": at, "assignment_id": way.seats[0]}
    partly = {"1.1": Score("met")}
    refuses(
        "scores_missing", database, assessments.hand_in, **mine, summary="Sound.", scores=partly
    )
    with database.reading() as session:
        assert session.scalars(select(Review)).all() == []
    database.run(assessments.hand_in, **mine, summary="Sound.", scores=build.scores())
    with database.reading() as session:
        assert session.scalars(select(Review.submitted_at)).all() == [at]


def test_an_assessment_nobody_knows_is_not_found(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    refuses(
        "assessment_unknown",
        database,
        assessments.receive,
        actor=way.cast.clerk,
        at=at,
        assessment_id=uuid7(at),
    )
