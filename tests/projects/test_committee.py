"""Does the committee's work hold: calls, ties, handing on, questions, thanks, renewals, counts?"""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.people.access import Actor, Role
from offset.people.models import OutboxMessage, User
from offset.projects import (
    applications,
    assessments,
    assignments,
    calls,
    criteria,
    declarations,
    dossiers,
    inquiries,
    invitations,
    members,
    recusals,
    renewals,
    reports,
    reviews,
    rooms,
    thanks,
)
from offset.projects.committee_models import CallEntry, DecisionRoll
from offset.projects.criteria import Score
from offset.projects.models import Assessment, Decision, DecisionOutcome, Evidence, Seat
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.ledger.raw import insert, refused
from tests.once_built import once_built

DAY = timedelta(days=1)


def refuses(code: str, database: Database, verb: Callable[..., Any], **said: Any) -> OffsetError:
    with pytest.raises(OffsetError) as refusal:
        database.run(verb, **said)
    assert refusal.value.code == code
    return refusal.value


def seat_of(database: Database, way: Way, actor: Actor, at: datetime) -> uuid.UUID:
    assert actor.user_id is not None
    return database.run(
        assignments.assign,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        user_id=actor.user_id,
        seat=Seat.REVIEWER,
    )


def person(actor: Actor) -> uuid.UUID:
    assert actor.user_id is not None
    return actor.user_id


def mails(database: Database, template: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.template == template)
            .order_by(OutboxMessage.created_at, OutboxMessage.id)
        )
        return [{**row.parameters, "to": row.recipient} for row in rows]


# calls


def announced(
    database: Database, clerk: Actor, at: datetime, name: str, days: tuple[int, int]
) -> uuid.UUID:
    return database.run(
        calls.announce,
        actor=clerk,
        at=at,
        name=name,
        opens_at=at + days[0] * DAY,
        closes_at=at + days[1] * DAY,
    )


def test_an_application_belongs_to_the_open_call_and_late_ones_to_the_next(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("a_draft")
    embedded.run(build.criteria_in_force, at=at)
    clerk = way.cast.clerk
    announced(embedded, clerk, at, "Sixth call", (-20, -10))
    following = announced(embedded, clerk, at, "Seventh call", (5, 40))
    embedded.run(applications.submit, actor=way.cast.steward, at=at, project_id=way.project_id)
    with embedded.reading() as session:
        entry = session.scalars(select(CallEntry)).one()
        assert entry.call_id == following
        assert [one.entries for one in calls.listed(session)] == [1, 0]
        session.expunge_all()
    received: dict[str, Any] = {"actor": clerk, "assessment_id": way.assessment_id}
    refuses("call_not_open", embedded, assessments.receive, at=at + 4 * DAY, **received)
    embedded.run(assessments.receive, at=at + 5 * DAY, **received)


def test_after_the_last_call_an_application_is_refused_and_its_draft_kept(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("a_draft")
    embedded.run(build.criteria_in_force, at=at)
    call = announced(embedded, way.cast.clerk, at, "Sixth call", (-20, -10))
    told: dict[str, Any] = {"actor": way.cast.steward, "project_id": way.project_id}
    refuses("calls_closed", embedded, applications.submit, at=at, **told)
    with embedded.reading() as session:
        assert session.get_one(Assessment, way.assessment_id).status.value == "draft"
    embedded.run(calls.extend, actor=way.cast.clerk, at=at, call_id=call, closes_at=at + DAY)
    embedded.run(applications.submit, at=at, **told)
    with embedded.reading() as session:
        assert [one.stands(at) for one in calls.listed(session)] == ["open"]


def test_calls_have_two_days_in_order_and_stand_apart(embedded: Database, at: datetime) -> None:
    clerk = embedded.run(build.an_actor, Role.CLERK, at=at)
    call = announced(embedded, clerk, at, "Sixth  call", (0, 10))
    tried: dict[str, Any] = {"actor": clerk, "at": at}
    later = {"opens_at": at + 20 * DAY, "closes_at": at + 30 * DAY}
    refuses("call_known", embedded, calls.announce, name="Sixth call", **later, **tried)
    refuses("name_missing", embedded, calls.announce, name=" ", **later, **tried)
    refuses("too_long", embedded, calls.announce, name="x" * 121, **later, **tried)
    backwards = {"opens_at": at + DAY, "closes_at": at}
    refuses("closes_before_opening", embedded, calls.announce, name="B", **backwards, **tried)
    crossing: dict[str, Any] = {"opens_at": at + 9 * DAY, "closes_at": at + 12 * DAY}
    refuses("calls_overlap", embedded, calls.announce, name="C", **crossing, **tried)
    earlier: dict[str, Any] = {"call_id": call, "closes_at": at + 9 * DAY}
    refuses("call_shortened", embedded, calls.extend, **earlier, **tried)
    refuses("call_unknown", embedded, calls.extend, call_id=uuid7(at), closes_at=at, **tried)
    announced(embedded, clerk, at, "Next", (10, 12))
    crossing = {"call_id": call, "closes_at": at + 11 * DAY}
    refuses("calls_overlap", embedded, calls.extend, **crossing, **tried)
    with pytest.raises(Forbidden):
        announced(embedded, Actor(None, frozenset({Role.TREASURER})), at, "D", (50, 60))


# ties


def test_every_affiliation_of_a_member_bars_the_seat(staged: Staged, at: datetime) -> None:
    embedded, way = staged("an_application")
    embedded.run(
        members.save_profile,
        actor=way.cast.reviewer,
        at=at,
        user_id=person(way.cast.reviewer),
        expertise=["soil_carbon"],
        affiliations=["  association  GREEN-bridges"],
    )
    with pytest.raises(Refused, match="conflict_of_interest"):
        seat_of(embedded, way, way.cast.reviewer, at)
    seat_of(embedded, way, way.cast.reviewer2, at)


def test_a_tie_found_after_the_seat_was_given_refuses_the_declaration_of_none(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("an_application")
    assignment_id = seat_of(embedded, way, way.cast.reviewer, at)
    embedded.run(
        members.save_profile,
        actor=way.cast.clerk,
        at=at,
        user_id=person(way.cast.reviewer),
        expertise=(),
        affiliations=["Association green-bridges"],
    )
    told: dict[str, Any] = {
        "actor": way.cast.reviewer,
        "at": at,
        "assignment_id": assignment_id,
    }
    refuses("conflict_of_interest", embedded, declarations.declare, interest=None, **told)
    assert not embedded.run(declarations.declare, interest="They pay me.", **told)


def test_a_profile_holds_known_fields_only(embedded: Database, at: datetime) -> None:
    member = embedded.run(build.an_actor, Role.STC_MEMBER, at=at)
    clerk = embedded.run(build.an_actor, Role.CLERK, at=at)
    steward = embedded.run(build.an_actor, Role.STEWARD, at=at)
    told: dict[str, Any] = {"actor": member, "at": at, "user_id": member.user_id}
    for code, wrong in {
        "expertise_unknown": {"expertise": ["alchemy"], "affiliations": []},
        "too_long": {"expertise": [], "affiliations": ["x" * 201]},
        "too_many": {"expertise": [], "affiliations": ["x"] * 13},
    }.items():
        refuses(code, embedded, members.save_profile, **told, **wrong)
    refuses(
        "person_unknown",
        embedded,
        members.save_profile,
        **{**told, "actor": clerk, "user_id": steward.user_id},
        expertise=[],
        affiliations=[],
    )
    refuses(
        "right_missing",
        embedded,
        members.save_profile,
        **{**told, "user_id": clerk.user_id},
        expertise=[],
        affiliations=[],
    )
    embedded.run(members.save_profile, **told, expertise=["water"], affiliations=["", "One "])
    with embedded.reading() as session:
        held = members.profile(session, member, member.user_id or uuid7(at))
        assert (held.expertise, held.affiliations) == (("water",), ("One",))
        assert [one.expertise for one in members.candidates(session)] == [("water",)]
        with pytest.raises(NotFound):
            members.profile(session, clerk, clerk.user_id or uuid7(at))
        with pytest.raises(Forbidden):
            members.profile(session, member, clerk.user_id or uuid7(at))


def test_the_secretariat_sees_what_each_member_carries(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    with embedded.reading() as session:
        before = {one.user_id: one for one in members.candidates(session)}
    reviewer, lead = way.cast.reviewer.user_id, way.cast.rapporteur.user_id
    assert reviewer is not None
    assert lead is not None
    assert (before[reviewer].open_seats, before[reviewer].minutes) == (1, members.REVIEWING)
    assert before[lead].minutes == members.READING + members.AGREEING
    assert members.REVIEWING <= 40
    embedded.run(
        assessments.hand_in,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=way.seats[0],
        summary="Sound.",
        scores=build.scores(),
    )
    with embedded.reading() as session:
        after = {one.user_id: one for one in members.candidates(session)}
    assert (after[reviewer].open_seats, after[reviewer].minutes) == (1, 0)


# saying no


def secret_of(database: Database) -> str:
    [told, *_] = mails(database, "committee_seat")
    return str(told["decline_path"]).rpartition("/")[2]


def test_no_mail_acts_by_itself_and_its_page_declines_in_one_press(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("an_application")
    assignment_id = seat_of(embedded, way, way.cast.reviewer, at)
    secret = secret_of(embedded)
    with embedded.reading() as session:
        assert invitations.asked(session, secret=secret).open
        assert invitations.asked(session, secret=secret).assignment_id == assignment_id
        with pytest.raises(NotFound):
            invitations.asked(session, secret=secret[:-1])
    embedded.run(invitations.decline_by_link, secret=secret, at=at)
    embedded.run(invitations.decline_by_link, secret=secret, at=at)
    with embedded.reading() as session:
        assert not invitations.asked(session, secret=secret).open
        assert dossiers.invitations(session, way.cast.reviewer) == ()
    assert [one["what"] for one in mails(embedded, "assessment_desk")] == ["declined"]
    # somebody who had no time may be asked again; that is no tie
    seat_of(embedded, way, way.cast.reviewer, at + DAY)


def test_the_page_of_a_mail_says_nothing_more_after_a_recusal(staged: Staged, at: datetime) -> None:
    embedded, way = staged("an_application")
    assignment_id = seat_of(embedded, way, way.cast.reviewer, at)
    secret = secret_of(embedded)
    embedded.run(
        declarations.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=assignment_id,
        interest="My sister runs it.",
    )
    with embedded.reading() as session, pytest.raises(NotFound):
        invitations.asked(session, secret=secret)
    refuses("assignment_unknown", embedded, invitations.decline_by_link, secret=secret, at=at)


# recusal reaches every version and is counted in public


def test_a_tie_declared_late_closes_older_versions_too(embedded: Database, at: datetime) -> None:
    way = once_built(embedded, build.decided, at=at, outcome=DecisionOutcome.REVISE)
    later = at + 30 * DAY
    begun = embedded.run(
        applications.begin_version,
        actor=way.cast.steward,
        at=later,
        project_id=way.project_id,
    )
    again = build.with_assessment(way, begun.assessment_id)
    again = once_built(embedded, build.in_review, at=later, way=again)
    embedded.run(
        declarations.declare,
        actor=way.cast.reviewer,
        at=later,
        assignment_id=again.seats[0],
        interest="They have offered me a post.",
    )
    desk_too = Actor(way.cast.reviewer.user_id, frozenset({Role.STC_MEMBER, Role.AUDITOR}))
    with embedded.reading() as session:
        assert dossiers.invitations(session, way.cast.reviewer) == ()
        assert rooms.desk_projects(session, desk_too) == ()
        assert len(rooms.desk_projects(session, way.cast.clerk)) == 1
        for assessment_id in (way.assessment_id, again.assessment_id):
            with pytest.raises(NotFound):
                rooms.assessment_file(session, desk_too, assessment_id)
        with pytest.raises(NotFound):
            reports.of_decision(session, desk_too, way.assessment_id)
        for assignment_id in (*way.seats[:1], *again.seats[:1]):
            with pytest.raises(NotFound):
                dossiers.dossier(session, way.cast.reviewer, assignment_id)
            with pytest.raises(NotFound):
                dossiers.checked(session, way.cast.reviewer, assignment_id)
        assert recusals.count(session, way.project_id) == 1


def test_the_database_itself_gives_no_seat_after_a_tie_and_takes_no_word_without_one(
    database: Database, at: datetime
) -> None:
    way = once_built(database, build.an_application, at=at)
    assignment_id = seat_of(database, way, way.cast.reviewer, at)
    review: dict[str, Any] = {"id": uuid7(at), "assignment_id": assignment_id, "summary": "x"}
    assert (
        refused(database, insert(database, "review", **review, saved_at=at))
        == "declaration_missing"
    )
    database.run(
        declarations.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=assignment_id,
        interest="A tie.",
    )
    assert (
        refused(database, insert(database, "review", **review, saved_at=at))
        == "declaration_missing"
    )
    row: dict[str, Any] = {"id": uuid7(at), "assessment_id": way.assessment_id}
    row |= {"user_id": way.cast.reviewer.user_id, "seat": "reviewer", "assigned_at": at}
    assert refused(database, insert(database, "assignment", **row)) == "interest_declared"
    row["user_id"] = way.cast.reviewer2.user_id
    assert refused(database, insert(database, "assignment", **row)) == "nothing"


def test_the_decision_keeps_how_many_of_how_many_stepped_aside(
    embedded: Database, at: datetime
) -> None:
    way = once_built(embedded, build.an_application, at=at)
    third = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="third")
    assignment_id = seat_of(embedded, way, third, at)
    embedded.run(
        declarations.declare, actor=third, at=at, assignment_id=assignment_id, interest="A tie."
    )
    decision_id = embedded.run(decide_received, way, at=at)
    embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="fourth")
    with embedded.reading() as session:
        assert reports.stepped_aside(session, decision_id) == (1, 4)
        assert session.get_one(Decision, decision_id).recusals == 1
        assert session.get_one(DecisionRoll, decision_id).members == 4
        told = reports.of_decision(session, way.cast.steward, way.assessment_id)
        assert (told.recused, told.members, told.reviews) == (1, 4, 2)
        with pytest.raises(NotFound):
            reports.of_decision(session, third, way.assessment_id)


def decide_received(session: Session, way: Way, *, at: datetime) -> uuid.UUID:
    """Seat, review and decide an application that was received."""
    people = way.cast
    for actor, seat in (
        (people.reviewer, Seat.REVIEWER),
        (people.reviewer2, Seat.REVIEWER),
        (people.rapporteur, Seat.RAPPORTEUR),
    ):
        assert actor.user_id is not None
        assignment_id = assignments.assign(
            session,
            actor=people.clerk,
            at=at,
            assessment_id=way.assessment_id,
            user_id=actor.user_id,
            seat=seat,
        )
        declarations.declare(
            session, actor=actor, at=at, assignment_id=assignment_id, interest=None
        )
    assessments.open_review(
        session,
        actor=people.clerk,
        at=at,
        assessment_id=way.assessment_id,
        carbon_is_primary_aim=True,
        scope_fits=True,
    )
    for one in (people.reviewer, people.reviewer2):
        [seat_line] = dossiers.invitations(session, one)
        assessments.hand_in(
            session,
            actor=one,
            at=at,
            assignment_id=seat_line.assignment_id,
            summary="Sound.",
            scores=build.scores(),
        )
    said: dict[str, Any] = {
        "actor": people.rapporteur,
        "at": at,
        "assessment_id": way.assessment_id,
    }
    assessments.save_consensus(session, scores=build.scores(), **said)
    return assessments.decide(session, summary="A sound project.", **said)


# the outcome is computed


@pytest.mark.parametrize(
    ("given", "advice", "outcome"),
    [
        ({}, (), DecisionOutcome.POSITIVE),
        ({}, ("Publish the plan.",), DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS),
        ({"c1_1": Score("not_met")}, (), DecisionOutcome.NOT_ALIGNED),
        ({"c1_2": Score("not_enough_information")}, (), DecisionOutcome.REVISE),
        ({"c2_2": Score("0", Evidence.MEASURED)}, (), DecisionOutcome.REVISE),
        ({"c2_2": Score("2", Evidence.ASSERTED)}, (), DecisionOutcome.REVISE),
    ],
)
def test_nobody_types_the_outcome(
    embedded: Database,
    at: datetime,
    given: dict[str, Score],
    advice: tuple[str, ...],
    outcome: DecisionOutcome,
) -> None:
    way = once_built(embedded, build.reviewed, at=at, given=build.scores(**given))
    decision_id = embedded.run(
        assessments.decide,
        actor=way.cast.rapporteur,
        at=at,
        assessment_id=way.assessment_id,
        summary="As the grades say.",
        recommendations=advice,
    )
    with embedded.reading() as session:
        assert session.get_one(Decision, decision_id).outcome is outcome


# one criterion at a time


@pytest.fixture
def reading(staged: Staged, at: datetime) -> tuple[Database, Way, dict[str, Any]]:
    embedded, way = staged("in_review")
    return embedded, way, {"actor": way.cast.reviewer, "at": at, "assignment_id": way.seats[0]}


def test_half_a_thought_is_kept_and_not_handed_in(
    reading: tuple[Database, Way, dict[str, Any]],
) -> None:
    embedded, way, said = reading
    left = embedded.run(reviews.jot, criterion="2.2", score=Score("", None, "Ask for"), **said)
    assert "2.2" in left
    assert len(left) == 13
    left = embedded.run(reviews.jot, criterion="2.2", score=Score("1", None, "Ask for"), **said)
    assert len(left) == 12
    embedded.run(reviews.jot_summary, summary="So far.", **said)
    with embedded.reading() as session:
        seen = dossiers.dossier(session, way.cast.reviewer, way.seats[0])
    assert seen.own_scores == {"2.2": Score("1", None, "Ask for")}
    assert seen.own_summary == "So far."
    embedded.run(reviews.jot, criterion="2.2", score=Score("", None, " "), **said)
    with embedded.reading() as session:
        assert dossiers.dossier(session, way.cast.reviewer, way.seats[0]).own_scores == {}
    refuses("criterion_unknown", embedded, reviews.jot, criterion="9.9", score=Score("1"), **said)
    refuses("grade_unknown", embedded, reviews.jot, criterion="2.2", score=Score("9"), **said)
    long = Score("1", None, "x" * (reviews.LONGEST_REASON + 1))
    refuses("too_long", embedded, reviews.jot, criterion="2.2", score=long, **said)
    # a grade whose evidence is still open is no review
    whole = {**build.scores()}
    embedded.run(assessments.save_review, summary="Sound.", scores=whole, **said)
    embedded.run(reviews.jot, criterion="2.2", score=Score("1", None, "why"), **said)
    refuses("evidence_missing", embedded, assessments.submit_review, **said)


def test_a_criterion_outside_ones_field_goes_to_another_seat(
    reading: tuple[Database, Way, dict[str, Any]],
) -> None:
    embedded, way, said = reading
    other, lead = way.seats[1], way.seats[2]
    embedded.run(reviews.jot, criterion="3.1", score=Score("1", None, "?"), **said)
    embedded.run(reviews.hand_on, criterion="3.1", to_assignment_id=other, note="Birds.", **said)
    embedded.run(reviews.hand_on, criterion="3.3", to_assignment_id=lead, **said)
    with embedded.reading() as session:
        mine = dossiers.dossier(session, way.cast.reviewer, way.seats[0])
        theirs = dossiers.dossier(session, way.cast.reviewer2, other)
    assert set(mine.handed_on) == {"3.1", "3.3"}
    assert "3.1" not in mine.own_scores
    assert not {"3.1", "3.3"} & set(mine.left)
    assert [(one.criterion, one.note) for one in theirs.handed_to] == [("3.1", "Birds.")]
    for code, criterion, to in (
        ("handed_already", "3.1", other),
        ("handover_refused", "2.1", way.seats[0]),
        ("handover_refused", "2.1", uuid7(said["at"])),
        ("criterion_unknown", "9.9", other),
    ):
        refuses(code, embedded, reviews.hand_on, criterion=criterion, to_assignment_id=to, **said)
    second = {**said, "actor": way.cast.reviewer2, "assignment_id": other}
    back: dict[str, Any] = {"criterion": "3.1", "to_assignment_id": way.seats[0]}
    refuses("handed_already", embedded, reviews.hand_on, **back, **second)
    scores = {name: one for name, one in build.scores().items() if name not in {"3.1", "3.3"}}
    embedded.run(assessments.hand_in, summary="Sound.", scores=scores, **said)
    refuses("handover_refused", embedded, reviews.hand_on, **{**back, "criterion": "2.1"}, **second)
    refuses("review_submitted", embedded, reviews.jot, criterion="2.1", score=Score("1"), **said)
    embedded.run(assessments.hand_in, summary="Sound.", scores=build.scores(), **second)
    with embedded.reading() as session:
        assert session.get_one(Assessment, way.assessment_id).status.value == "consensus"
        lead_sees = dossiers.dossier(session, way.cast.rapporteur, lead)
    assert [one.criterion for one in lead_sees.handed_to] == ["3.3"]


# questions


def test_questions_are_collected_sent_once_and_answered_before_everybody(
    reading: tuple[Database, Way, dict[str, Any]], at: datetime
) -> None:
    embedded, way, said = reading
    second = {**said, "actor": way.cast.reviewer2, "assignment_id": way.seats[1]}
    first = embedded.run(inquiries.ask, text="Which leases?", criterion="1.2", **said)
    gone = embedded.run(inquiries.ask, text="Never mind.", **said)
    embedded.run(inquiries.withdraw, actor=way.cast.reviewer, at=at, inquiry_id=gone)
    embedded.run(inquiries.ask, text="How deep?", **second)
    with embedded.reading() as session:
        mine = dossiers.dossier(session, way.cast.reviewer, way.seats[0]).inquiries
        assert [one.text for one in mine] == ["Which leases?"]
        assert inquiries.for_holder(session, way.cast.steward, way.project_id) == []
        file = rooms.assessment_file(session, way.cast.clerk, way.assessment_id)
        assert [one.text for one in file.inquiries] == ["Which leases?", "How deep?"]
    answer: dict[str, Any] = {"actor": way.cast.steward, "at": at, "inquiry_id": first}
    refuses("question_unknown", embedded, inquiries.answer, text="These.", **answer)
    send: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "assessment_id": way.assessment_id}
    refuses("due_in_the_past", embedded, inquiries.send, due_on=at.date(), **send)
    embedded.run(inquiries.send, **send)
    refuses("questions_sent", embedded, inquiries.send, **send)
    refuses("questions_sent", embedded, inquiries.ask, text="One more?", **second)
    refuses(
        "questions_sent",
        embedded,
        inquiries.withdraw,
        actor=way.cast.reviewer,
        at=at,
        inquiry_id=first,
    )
    [told] = [one for one in mails(embedded, "assessment_told") if one["what"] == "questions"]
    assert (told["count"], told["day"]) == (2, (at + 21 * DAY).date().isoformat())
    embedded.run(inquiries.answer, text="Those of all sixty farms.", **answer)
    refuses("question_answered", embedded, inquiries.answer, text="Others.", **answer)
    with embedded.reading() as session:
        theirs = dossiers.dossier(session, way.cast.reviewer2, way.seats[1]).inquiries
        lead = dossiers.dossier(session, way.cast.rapporteur, way.seats[2]).inquiries
        assert [(one.answer, one.own) for one in theirs] == [
            ("Those of all sixty farms.", False),
            (None, True),
        ]
        assert [one.text for one in lead] == ["Which leases?", "How deep?"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("question_missing", {"text": " "}),
        ("too_long", {"text": "x" * 2_001}),
        ("criterion_unknown", {"text": "Why?", "criterion": "9.9"}),
    ],
)
def test_a_question_has_words_about_a_criterion_there_is(
    reading: tuple[Database, Way, dict[str, Any]], code: str, told: dict[str, str]
) -> None:
    embedded, _way, said = reading
    refuses(code, embedded, inquiries.ask, **told, **said)


def test_without_questions_nothing_is_sent_and_the_desk_alone_sends(
    reading: tuple[Database, Way, dict[str, Any]], at: datetime
) -> None:
    embedded, way, said = reading
    send: dict[str, Any] = {"at": at, "assessment_id": way.assessment_id}
    refuses("no_questions", embedded, inquiries.send, actor=way.cast.clerk, **send)
    embedded.run(inquiries.ask, text="Which leases?", **said)
    for actor in (way.cast.reviewer, way.cast.steward, way.cast.treasurer):
        refuses("right_missing", embedded, inquiries.send, actor=actor, **send)
    # whoever steps aside takes the question along
    embedded.run(declarations.declare, interest="A tie.", **said)
    refuses("no_questions", embedded, inquiries.send, actor=way.cast.clerk, **send)


# thanks


def test_a_years_thanks_count_dossiers_and_name_no_project(
    embedded: Database, at: datetime
) -> None:
    way = once_built(embedded, build.decided, at=at)
    next_year = at.replace(year=at.year + 1)
    write: dict[str, Any] = {"actor": way.cast.clerk, "user_id": way.cast.reviewer.user_id}
    refuses("year_not_over", embedded, thanks.write, at=at, year=at.year, **write)
    refuses("institution_missing", embedded, thanks.write, at=next_year, year=at.year, **write)
    refuses("person_unknown", embedded, thanks.write, at=next_year, year=at.year - 1, **write)
    embedded.run(set_affiliation, way.cast.reviewer, "Institute of Soils")
    letter_id = embedded.run(thanks.write, at=next_year, year=at.year, **write)
    assert embedded.run(thanks.write, at=next_year, year=at.year, **write) == letter_id
    with embedded.reading() as session:
        letter = thanks.letter(session, way.cast.reviewer, letter_id)
        lead = next(
            one
            for one in thanks.of_year(session, way.cast.clerk, at.year)
            if one.user_id == way.cast.rapporteur.user_id
        )
        assert thanks.own(session, way.cast.reviewer) == ((at.year, letter_id),)
        with pytest.raises(Forbidden):
            thanks.letter(session, way.cast.reviewer2, letter_id)
        with pytest.raises(NotFound):
            thanks.letter(session, way.cast.clerk, uuid7(at))
    assert (letter.dossiers, letter.minutes) == (1, members.REVIEWING)
    assert letter.institution == "Institute of Soils"
    assert lead.minutes == members.READING + members.AGREEING
    assert "Green bridges" not in str(letter)


def set_affiliation(session: Session, actor: Actor, name: str) -> None:
    person = session.get_one(User, actor.user_id)
    person.affiliation = name


# renewal before the end


def test_holder_and_desk_are_told_before_a_decision_ends_and_a_new_one_may_come(
    embedded: Database, at: datetime
) -> None:
    way = once_built(embedded, build.admitted, at=at)
    with embedded.reading() as session:
        expires = session.get_one(Decision, way.decision_id).expires_on
    assert expires == date(2029, 11, 15)
    end = at.replace(year=2029)
    assert embedded.run(renewals.remind, at=end - 181 * DAY) == 0
    for days in (180, 179, 90, 30, 29, 0):
        assert embedded.run(renewals.remind, at=end - days * DAY) == 1
    assert [one["what"] for one in mails(embedded, "assessment_told")].count("expires") == 3
    assert len(mails(embedded, "assessment_desk")) == 3
    # assessed again in time: the old one stays quiet
    embedded.run(build.assessed_again, way, end - 40 * DAY, DecisionOutcome.POSITIVE)
    assert embedded.run(assessments.expire_due, at=end + DAY) == 1
    assert "expired" not in [one["what"] for one in mails(embedded, "assessment_told")]
    assert build.gate_of(embedded, way, (end + DAY).date()).reasons[0] == "not_admitted"


def test_an_end_without_a_new_assessment_is_told(embedded: Database, at: datetime) -> None:
    way = once_built(embedded, build.admitted, at=at)
    end = at.replace(year=2029)
    assert embedded.run(assessments.expire_due, at=end) == 0
    assert embedded.run(assessments.expire_due, at=end + DAY) == 1
    assert [one["what"] for one in mails(embedded, "assessment_told")] == ["decided", "expired"]
    assert [one["what"] for one in mails(embedded, "assessment_desk")] == ["expired"]
    assert way.decision_id


# criteria


def test_a_version_in_use_is_kept_by_its_assessments_and_never_changed(
    database: Database, at: datetime
) -> None:
    way = once_built(database, build.in_review, at=at)
    clerk = way.cast.clerk
    document = {**criteria.draft_document(), "version": "2"}
    document["criteria"][0]["name"] = "Human rights and dignity"
    database.run(criteria.adopt, actor=clerk, at=at, document=document, valid_from=at.date())
    with database.reading() as session:
        new, old = criteria.versions(session, at.date())
        assert (new.version, new.current, new.assessments) == ("2", True, 0)
        assert (old.current, old.assessments) == (False, 1)
        seen = dossiers.dossier(session, way.cast.reviewer, way.seats[0])
        assert seen.criteria.criteria[0].name == "Human rights"
        assert criteria.last_document(session)["version"] == "2"
    for statement in ("UPDATE criteria_set SET version = 'x'", "DELETE FROM criteria_set"):
        assert refused(database, statement) != "nothing"


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["criteria"][0].update(name=" "),
        lambda d: d["criteria"][0].update(question=7),
        lambda d: d["criteria"][0].update(indicators="one"),
        lambda d: d["criteria"][3].update(sdg=[18]),
        lambda d: d["criteria"][3].update(sdg=["2"]),
        lambda d: d["criteria"][3].update(id="x"),
        lambda d: d["scale"].update(impact=["good", "bad"]),
        lambda d: d["scale"].update(impact=[]),
        lambda d: d.update(version="  "),
        lambda d: d.update(criteria={"1.1": {}}),
    ],
)
def test_a_document_nobody_could_assess_by_is_refused(
    embedded: Database, at: datetime, change: Callable[[dict[str, Any]], object]
) -> None:
    clerk = embedded.run(build.an_actor, Role.CLERK, at=at)
    document = criteria.draft_document()
    change(document)
    with pytest.raises(InvalidInput, match="criteria_unusable"):
        embedded.run(criteria.adopt, actor=clerk, at=at, document=document, valid_from=at.date())


def test_a_version_is_named_once(embedded: Database, at: datetime) -> None:
    clerk = embedded.run(build.an_actor, Role.CLERK, at=at)
    document = criteria.draft_document()
    told: dict[str, Any] = {"actor": clerk, "at": at, "valid_from": at.date()}
    embedded.run(criteria.adopt, document=document, **told)
    with pytest.raises(Conflict):
        embedded.run(
            criteria.adopt, document={**document, "version": f" {document['version']} "}, **told
        )
