"""Does each room see its own part of a project, and nothing of the others'?"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, NotFound
from offset.money import Money
from offset.people.access import Actor, Role
from offset.projects import (
    applications,
    assessments,
    attachments,
    dossiers,
    rooms,
)
from offset.projects.assessments import Condition
from offset.projects.models import (
    Assessment,
    AssessmentStatus,
    Attachment,
    DecisionOutcome,
    ProjectStatus,
    Seat,
)
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.once_built import once_built


def a_file(session: Session, way: Way, at: datetime) -> Any:
    return attachments.attach(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        name="lease.pdf",
        media_type="application/pdf",
        size=10,
        sha256="ab" * 32,
        file_key="ab" * 32 + ".pdf",
        pages=3,
    )


# stewards


def test_a_steward_sees_own_projects_and_no_others(staged: Staged, at: datetime) -> None:
    database, way = staged("admitted")
    stranger = database.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    steward = way.cast.steward
    with database.reading() as session:
        assert [one.name for one in rooms.organisations(session, steward)] == [
            "Association green-bridges"
        ]
        [line] = rooms.own_projects(session, steward)
        assert (line.code, line.status, line.assessment) == (
            "P0001",
            ProjectStatus.OPEN,
            AssessmentStatus.DECIDED,
        )
        assert rooms.organisations(session, stranger) == ()
        assert rooms.own_projects(session, stranger) == ()
        with pytest.raises(NotFound, match="project_unknown"):
            rooms.steward_project(session, stranger, way.project_id)
        for read in (rooms.organisations, rooms.own_projects):
            with pytest.raises(Forbidden):
                read(session, way.cast.clerk)


def test_a_stewards_project_says_what_is_missing_and_why_it_came_back(
    staged: Staged, at: datetime
) -> None:
    database, way = staged("a_draft")
    database.run(build.criteria_in_force, at=at)
    database.run(a_file, way, at)
    steward = way.cast.steward
    with database.reading() as session:
        draft = rooms.steward_project(session, steward, way.project_id)
    assert (draft.editable, draft.missing, draft.money) == (True, (), None)
    assert draft.returned_because is None
    assert [file.name for file in draft.files] == ["lease.pdf"]
    database.run(build.handed_in_again, way, at=at)
    with database.reading() as session:
        assert not rooms.steward_project(session, steward, way.project_id).editable
    database.run(
        assessments.send_back,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        reason="Say how many households.",
    )
    with database.reading() as session:
        again = rooms.steward_project(session, steward, way.project_id)
    assert (again.version, again.editable) == (2, True)
    assert again.returned_because == "Say how many households."


def test_a_steward_reads_the_decision_and_the_money(staged: Staged) -> None:
    database, way = staged("admitted")
    with database.reading() as session:
        seen = rooms.steward_project(session, way.cast.steward, way.project_id)
    assert seen.decision is not None
    assert (seen.decision.outcome, seen.decision.criteria_version) == ("positive", "1-draft")
    assert seen.money is not None
    assert seen.money.allocated == Money(0, "EUR")


# the committee


def test_the_file_opens_only_after_the_declaration(staged: Staged, at: datetime) -> None:
    database, way = staged("an_application")
    database.run(seat, way, way.cast.reviewer, Seat.REVIEWER, at)
    with database.reading() as session:
        [invited] = dossiers.invitations(session, way.cast.reviewer)
        assert (invited.declared, invited.submitted) == (False, False)
        closed = dossiers.dossier(session, way.cast.reviewer, invited.assignment_id)
    assert (closed.document, closed.files, closed.declared) == ({}, (), False)
    assert closed.line.title == "Green bridges: permanent cover on maize land"
    database.run(
        assessments.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=invited.assignment_id,
        interest=None,
    )
    with database.reading() as session:
        opened = dossiers.dossier(session, way.cast.reviewer, invited.assignment_id)
    assert opened.document["land"]["area_ha"] == 850
    assert len(opened.criteria.criteria) == 13


def seat(session: Session, way: Way, actor: Actor, kind: Seat, at: datetime) -> Any:
    assert actor.user_id is not None
    return assessments.assign(
        session,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        user_id=actor.user_id,
        seat=kind,
    )


def test_reviews_are_blind_until_ones_own_is_in(staged: Staged, at: datetime) -> None:
    database, way = staged("in_review")
    first, second, rapporteur = way.seats
    mine: dict[str, Any] = {"actor": way.cast.reviewer, "at": at, "assignment_id": first}
    database.run(assessments.save_review, **mine, summary="Sound.", scores=build.scores())
    database.run(assessments.submit_review, **mine)
    with database.reading() as session:
        own = dossiers.dossier(session, way.cast.reviewer, first)
        assert [(one.own, one.summary) for one in own.reviews] == [(True, "Sound.")]
        assert own.submitted
        blind = dossiers.dossier(session, way.cast.reviewer2, second)
        assert (blind.reviews, blind.own_scores, blind.submitted) == ((), {}, False)
        assert dossiers.dossier(session, way.cast.rapporteur, rapporteur).reviews == ()
    theirs: dict[str, Any] = {"actor": way.cast.reviewer2, "at": at, "assignment_id": second}
    database.run(assessments.save_review, **theirs, summary="Good.", scores=build.scores())
    with database.reading() as session:
        drafted = dossiers.dossier(session, way.cast.reviewer2, second)
        assert (drafted.own_summary, drafted.reviews) == ("Good.", ())
    database.run(assessments.submit_review, **theirs)
    with database.reading() as session:
        for actor, assignment_id in (
            (way.cast.reviewer2, second),
            (way.cast.rapporteur, rapporteur),
        ):
            seen = dossiers.dossier(session, actor, assignment_id)
            assert {one.summary for one in seen.reviews} == {"Sound.", "Good."}


def test_a_seat_is_its_holders_alone_and_ends_with_an_interest(
    staged: Staged, at: datetime
) -> None:
    database, way = staged("in_review")
    first = way.seats[0]
    with database.reading() as session:
        for actor, which, kind in (
            (way.cast.reviewer2, first, NotFound),
            (way.cast.reviewer, uuid7(at), NotFound),
            (way.cast.clerk, first, Forbidden),
        ):
            with pytest.raises(kind):
                dossiers.dossier(session, actor, which)
        with pytest.raises(Forbidden):
            dossiers.invitations(session, way.cast.clerk)
    database.run(
        assessments.declare,
        actor=way.cast.reviewer,
        at=at,
        assignment_id=first,
        interest="I advised them.",
    )
    with database.reading() as session:
        assert dossiers.invitations(session, way.cast.reviewer) == ()
        with pytest.raises(NotFound, match="assignment_unknown"):
            dossiers.dossier(session, way.cast.reviewer, first)


# the secretariat


def test_the_desk_sees_who_sits_and_no_score(staged: Staged, at: datetime) -> None:
    database, way = staged("reviewed")
    with database.reading() as session:
        [line] = rooms.desk_projects(session, way.cast.clerk)
        seen = rooms.assessment_file(session, way.cast.clerk, line.assessment_id)
        plain = rooms.assessment_file(session, way.cast.treasurer, line.assessment_id)
        for read in (rooms.desk_projects, dossiers.invitations):
            with pytest.raises(Forbidden):
                read(session, way.cast.steward)
        with pytest.raises(NotFound, match="assessment_unknown"):
            rooms.assessment_file(session, way.cast.clerk, uuid7(at))
    assert [(one.seat, one.declared, one.submitted) for one in seen.seats] == [
        (Seat.REVIEWER, True, True),
        (Seat.REVIEWER, True, True),
        (Seat.RAPPORTEUR, True, False),
    ]
    assert {one.name: one.open_seats for one in seen.candidates} == {
        "stc_member": 1,
        "reviewer2": 1,
        "rapporteur": 1,
    }
    assert plain.candidates == ()
    assert "score" not in repr(seen)


def test_a_draft_is_its_holders_alone(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    file_id = database.run(a_file, way, at)
    with database.reading() as session:
        assert rooms.desk_projects(session, way.cast.clerk) == ()
        with pytest.raises(NotFound, match="assessment_unknown"):
            rooms.assessment_file(session, way.cast.clerk, way.assessment_id)
        assert rooms.attachment(session, way.cast.steward, file_id).name == "lease.pdf"
        for actor in (way.cast.clerk, way.cast.reviewer):
            with pytest.raises(NotFound, match="file_unknown"):
                rooms.attachment(session, actor, file_id)
        with pytest.raises(NotFound, match="file_unknown"):
            rooms.attachment(session, way.cast.steward, uuid7(at))


def test_a_file_opens_to_the_desk_and_to_declared_seats(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    database.run(build.criteria_in_force, at=at)
    file_id = database.run(a_file, way, at)
    database.run(build.handed_in_again, way, at=at)
    seat_id = database.run(seat, way, way.cast.reviewer, Seat.REVIEWER, at)
    with database.reading() as session:
        assert rooms.attachment(session, way.cast.clerk, file_id)
        with pytest.raises(NotFound):
            rooms.attachment(session, way.cast.reviewer, file_id)
    database.run(
        assessments.declare, actor=way.cast.reviewer, at=at, assignment_id=seat_id, interest=None
    )
    with database.reading() as session:
        assert rooms.attachment(session, way.cast.reviewer, file_id)
        assert session.scalars(select(Attachment.name)).all() == ["lease.pdf"]


def test_conditions_and_advice_come_with_the_decision(embedded: Database, at: datetime) -> None:
    way = embedded.run(
        build.decided,
        at=at,
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
        conditions=[Condition("Show the leases.")],
        recommendations=["Sample deeper."],
    )
    with embedded.reading() as session:
        seen = rooms.assessment_file(session, way.cast.clerk, way.assessment_id)
        assert session.get_one(Assessment, way.assessment_id).status is AssessmentStatus.DECIDED
    assert seen.decision is not None
    assert [(one[1], one[2]) for one in seen.decision.conditions] == [("Show the leases.", None)]
    assert [(one[1], one[2]) for one in seen.decision.recommendations] == [("Sample deeper.", None)]


# versions


def test_lists_name_the_newest_version_and_the_latest_change_first(
    database: Database, at: datetime
) -> None:
    older = once_built(database, build.decided, at=at)
    younger = database.run(build.a_draft, at=at + timedelta(hours=1), cast=older.cast, slug="new")
    steward, clerk = older.cast.steward, older.cast.clerk
    with database.reading() as session:
        assert [line.slug for line in rooms.own_projects(session, steward)] == [
            "new",
            "green-bridges",
        ]
        # a draft that nobody handed in is not the secretariat's
        assert [line.slug for line in rooms.desk_projects(session, clerk)] == ["green-bridges"]
    begun = database.run(
        applications.begin_version,
        actor=steward,
        at=at + timedelta(hours=2),
        project_id=older.project_id,
    )
    with database.reading() as session:
        first, second = rooms.own_projects(session, steward)
        assert (first.slug, first.assessment) == ("green-bridges", AssessmentStatus.DRAFT)
        assert first.assessment_id == begun.assessment_id
        assert second.id == younger.project_id
        [desk] = rooms.desk_projects(session, clerk)
        assert desk.assessment is AssessmentStatus.DECIDED
        with pytest.raises(NotFound):
            rooms.assessment_file(session, clerk, begun.assessment_id)


def test_a_seat_opens_no_paper_of_the_next_version(embedded: Database, at: datetime) -> None:
    way = once_built(embedded, build.decided, at=at)
    later = at + timedelta(hours=1)
    embedded.run(
        applications.begin_version,
        actor=way.cast.steward,
        at=later,
        project_id=way.project_id,
    )
    paper = embedded.run(a_file, way, later)
    with embedded.reading() as session:
        assert rooms.attachment(session, way.cast.steward, paper).name == "lease.pdf"
        with pytest.raises(NotFound):
            rooms.attachment(session, way.cast.reviewer, paper)
