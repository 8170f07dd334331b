"""Can a steward draft, save and hand in for an own organisation only, and is it then frozen?"""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused, StateRefused
from offset.people.access import Actor, Role
from offset.projects import (
    applications,
    assessments,
    attachments,
    organisations,
    questions,
)
from offset.projects.models import (
    Application,
    Assessment,
    AssessmentStatus,
    Attachment,
    DecisionOutcome,
    OrganisationKind,
    OrganisationMember,
    Project,
    ProjectStatus,
)
from tests.builders import projects as build
from tests.builders.projects import Staged, Way


def found(session: Session, actor: Actor, at: datetime, **said: Any) -> Any:
    given: dict[str, Any] = {"name": "Terres", "kind": OrganisationKind.NGO, "country": "FR"}
    return organisations.found(session, actor=actor, at=at, **{**given, **said})


def steward(database: Database, at: datetime, name: str = "steward") -> Actor:
    return database.run(build.an_actor, Role.STEWARD, at=at, name=name)


# organisations


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"name": "  "}, "name_missing"),
        ({"name": "x" * 201}, "too_long"),
        ({"country": "fr"}, "country_unknown"),
        ({"country": "FRA"}, "country_unknown"),
    ],
)
def test_an_organisation_has_a_name_and_a_country(
    embedded: Database, at: datetime, said: dict[str, Any], code: str
) -> None:
    actor = steward(embedded, at)
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(found, actor, at, **said)
    assert refusal.value.code == code


def test_an_organisation_is_known_once(embedded: Database, at: datetime) -> None:
    actor = steward(embedded, at)
    embedded.run(found, actor, at, name=" Terres   Couvertes ", country=None)
    with pytest.raises(Conflict, match="organisation_known"):
        embedded.run(found, steward(embedded, at, "other"), at, name="Terres Couvertes")
    with pytest.raises(Forbidden):
        embedded.run(found, embedded.run(build.an_actor, Role.CLERK, at=at), at)
    # nobody becomes a member of what nobody in particular founded
    embedded.run(found, Actor(None, frozenset({Role.STEWARD})), at, name="Nobody's")
    with embedded.reading() as session:
        assert len(session.scalars(select(OrganisationMember)).all()) == 1


def test_members_let_others_in_and_strangers_do_not(staged: Staged, at: datetime) -> None:
    embedded, way = staged("a_draft")
    stranger = steward(embedded, at, "stranger")
    said: dict[str, Any] = {"at": at, "organisation_id": way.organisation_id}
    assert stranger.user_id is not None
    with pytest.raises(NotFound, match="organisation_unknown"):
        embedded.run(organisations.add_member, actor=stranger, user_id=stranger.user_id, **said)
    for actor in (way.cast.clerk, way.cast.steward):
        embedded.run(organisations.add_member, actor=actor, user_id=stranger.user_id, **said)
    with embedded.reading() as session:
        assert organisations.is_member(session, stranger.user_id, way.organisation_id)
        assert not organisations.is_member(session, None, way.organisation_id)
        assert len(session.scalars(select(OrganisationMember)).all()) == 2


# drafts


def begin(session: Session, way: Way, at: datetime, actor: Actor | None = None, **said: Any) -> Any:
    given: dict[str, Any] = {"title": "Another project", "language": "en", **said}
    return applications.begin(
        session,
        actor=actor or way.cast.steward,
        at=at,
        organisation_id=way.organisation_id,
        **given,
    )


def test_a_slug_comes_from_the_title_and_is_free(staged: Staged, at: datetime) -> None:
    embedded, way = staged("a_draft")
    titles = ["Été à l’étang", "Été, à l’étang!", "Été à l’étang", "!!!", "-"]
    slugs = [embedded.run(begin, way, at, title=title).slug for title in titles]
    assert slugs == [
        "ete-a-l-etang",
        "ete-a-l-etang-2",
        "ete-a-l-etang-3",
        "project",
        "project-2",
    ]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"title": "x" * 201}, "answer_unusable"),
        ({"language": "de"}, "answer_unusable"),
        ({"currency": "ZZZ"}, "answer_unusable"),
        ({"slug": "Not A Slug"}, "slug_unusable"),
        ({"slug": "green-bridges"}, "slug_taken"),
    ],
)
def test_a_draft_begins_with_what_it_needs(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("a_draft")
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(begin, way, at, **said)
    assert refusal.value.code == code


def test_only_members_touch_a_project(staged: Staged, at: datetime) -> None:
    embedded, way = staged("a_draft")
    stranger = steward(embedded, at, "stranger")
    said: dict[str, Any] = {"actor": stranger, "at": at, "project_id": way.project_id}
    for verb, more in (
        (applications.save, {"answers": {}}),
        (applications.submit, {}),
        (applications.begin_version, {}),
    ):
        with pytest.raises(NotFound, match="project_unknown"):
            embedded.run(verb, **said, **more)
    with pytest.raises(NotFound, match="organisation_unknown"):
        embedded.run(begin, way, at, stranger)
    with pytest.raises(Forbidden):
        embedded.run(begin, way, at, way.cast.clerk)


# answers


@pytest.mark.parametrize(
    ("block", "name", "answer"),
    [
        ("land", "area_ha", 0),
        ("land", "area_ha", "many"),
        ("land", "area_ha", float("nan")),
        ("land", "area_ha", True),
        ("land", "latitude", 90.1),
        ("land", "not_forest_before", "yes"),
        ("land", "soil", "wetland_soils"),
        ("practice", "years", 2.5),
        ("practice", "years", 31),
        ("practice", "starts_on", "soon"),
        ("project", "title", "x" * 201),
        ("project", "country", "Niger"),
        ("project", "story", "x" * 20_001),
        ("benefits", "indicators", "none"),
        ("benefits", "indicators", [{"family": "fun"}]),
        ("benefits", "indicators", [{}]),
        ("money", "budget", [{"label": "Seed", "amount_minor": 0}]),
        ("money", "budget", [{"label": " ", "amount_minor": 1}]),
        ("money", "buys", [{"amount_minor": 1}]),
        ("money", "partners", ["x"] * 61),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_at_its_field(
    block: str, name: str, answer: Any
) -> None:
    with pytest.raises(InvalidInput, match="answer_unusable") as refusal:
        questions.merged({}, {block: {name: answer}})
    assert refusal.value.field == f"{block}.{name}"


def test_a_question_nobody_asked_is_refused() -> None:
    with pytest.raises(InvalidInput, match="question_unknown"):
        questions.merged({}, {"project": {"bank_account": "FR76"}})
    with pytest.raises(InvalidInput, match="question_unknown"):
        questions.merged({}, {"nothing": {"title": "x"}})


def test_answers_are_tidied_and_taken_away() -> None:
    first = questions.merged(
        {},
        {
            "project": {"title": "  Two   words ", "story": " a\r\nb "},
            "land": {"area_ha": "12.5", "latitude": -3},
            "practice": {"years": "20", "starts_on": "2026-01-31"},
            "money": {
                "budget": [{"label": "Seed", "amount_minor": "100"}],
                "co_funders": [" A  fund "],
            },
        },
    )
    assert first == {
        "project": {"title": "Two words", "story": "a\nb"},
        "land": {"area_ha": 12.5, "latitude": -3.0},
        "practice": {"years": 20, "starts_on": "2026-01-31"},
        "money": {"budget": [{"label": "Seed", "amount_minor": 100}], "co_funders": ["A fund"]},
    }
    taken = questions.merged(
        first,
        {"project": {"title": None, "story": ""}, "money": {"budget": [], "co_funders": None}},
    )
    assert taken == {"land": first["land"], "practice": first["practice"]}


def test_what_is_missing_is_named_in_the_order_of_the_form() -> None:
    assert questions.missing(build.answers()) == ()
    nothing = questions.missing({})
    assert nothing[0] == "project.title"
    assert "benefits.indicators" in nothing
    half = build.answers(safeguards={"human_rights_commitment": False})
    half["benefits"]["indicators"] = half["benefits"]["indicators"][:1]
    assert questions.missing(half) == (
        "safeguards.human_rights_commitment",
        "benefits.indicators.water_resilience",
        "benefits.indicators.soil_carbon",
    )


# handing in


def test_what_is_incomplete_is_not_handed_in(embedded: Database, at: datetime) -> None:
    embedded.run(build.criteria_in_force, at=at)
    said = build.answers()
    said["land"].pop("area_ha")
    way = embedded.run(build.a_draft, at=at, said=said)
    with pytest.raises(InvalidInput, match="application_incomplete") as refusal:
        embedded.run(applications.submit, actor=way.cast.steward, at=at, project_id=way.project_id)
    assert refusal.value.field == "land.area_ha"
    assert refusal.value.parameters["missing"] == ("land.area_ha", "sites.none")


def test_nothing_is_handed_in_without_criteria(staged: Staged, at: datetime) -> None:
    embedded, way = staged("a_draft")
    with pytest.raises(Refused, match="no_criteria"):
        embedded.run(applications.submit, actor=way.cast.steward, at=at, project_id=way.project_id)


def attach(session: Session, way: Way, at: datetime, **said: Any) -> Any:
    given: dict[str, Any] = {
        "name": " lease  of\nall parcels.pdf",
        "media_type": "application/pdf",
        "size": 1_000,
        "sha256": "ab" * 32,
        "file_key": "ab" * 32 + ".pdf",
        "pages": 3,
        **said,
    }
    return attachments.attach(
        session, actor=way.cast.steward, at=at, project_id=way.project_id, **given
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"media_type": "application/zip"}, "file_type_refused"),
        ({"size": 0}, "file_too_large"),
        ({"size": 20_000_001}, "file_too_large"),
        ({"pages": 0}, "file_type_refused"),
    ],
)
def test_files_of_other_kinds_or_sizes_are_refused(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("a_draft")
    with pytest.raises(InvalidInput, match=code):
        embedded.run(attach, way, at, **said)


def test_there_is_an_end_to_files(staged: Staged, at: datetime) -> None:
    embedded, way = staged("a_draft")

    def many(session: Session) -> None:
        for number in range(40):
            attach(session, way, at, sha256=f"{number:064x}")

    embedded.run(many)
    with pytest.raises(Refused, match="too_many_files"):
        embedded.run(attach, way, at)


def test_what_is_handed_in_is_frozen_with_its_files(database: Database, at: datetime) -> None:
    database.run(build.criteria_in_force, at=at)
    way = database.run(build.a_draft, at=at)
    database.run(attach, way, at)
    digest = database.run(
        applications.submit, actor=way.cast.steward, at=at, project_id=way.project_id
    )
    with database.reading() as session:
        application = session.scalars(select(Application)).one()
        assert application.content_hash == digest == applications.content_hash(session, application)
        assert session.scalars(select(Attachment.name)).one() == "lease of all parcels.pdf"
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    for verb, more in ((applications.save, {"answers": {}}), (applications.submit, {})):
        with pytest.raises(Refused, match="no_draft"):
            database.run(verb, **said, **more)
    with pytest.raises(Refused, match="no_draft"):
        database.run(attach, way, at)
    for statement in (
        "UPDATE application SET document = '{}'",
        "DELETE FROM application",
        "UPDATE attachment SET sha256 = ''",
        "DELETE FROM attachment",
        "INSERT INTO attachment SELECT * FROM attachment",
    ):
        with pytest.raises(DBAPIError):
            database.run(raw, statement)


def raw(session: Session, statement: str) -> None:
    session.execute(text(statement))


def test_files_come_along_into_the_next_version(embedded: Database, at: datetime) -> None:
    embedded.run(build.criteria_in_force, at=at)
    way = embedded.run(build.a_draft, at=at)
    embedded.run(attach, way, at)
    embedded.run(build.handed_in_again, way, at=at)
    embedded.run(
        assessments.send_back,
        actor=way.cast.clerk,
        at=at,
        assessment_id=way.assessment_id,
        reason="Sign the second page.",
    )
    with embedded.reading() as session:
        assert session.scalars(select(Attachment.sha256)).all() == ["ab" * 32] * 2
        hashes = [
            applications.content_hash(session, one)
            for one in session.scalars(select(Application)).all()
        ]
    assert len(set(hashes)) == 2


def test_a_project_that_ended_hands_nothing_in(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    embedded.run(applications.begin_version, **said)
    embedded.run(assessments.change_status, **said, step="withdraw", reason="Sold the land.")
    with pytest.raises(Refused, match="no_draft"):
        embedded.run(applications.submit, **said)
    with pytest.raises(Refused, match="project_closed"):
        embedded.run(applications.begin_version, **said)


def test_a_new_version_of_an_open_project_leaves_it_open(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    begun = embedded.run(applications.begin_version, **said)
    embedded.run(applications.submit, **said)
    with embedded.reading() as session:
        assert session.get_one(Project, way.project_id).status is ProjectStatus.OPEN
        assert applications.latest_assessment(session, way.project_id).id == begun.assessment_id
        with pytest.raises(NotFound, match="assessment_unknown"):
            applications.latest_assessment(session, uuid7(at))
    # sent back, it stays open as well
    embedded.run(
        assessments.receive, actor=way.cast.clerk, at=at, assessment_id=begun.assessment_id
    )
    embedded.run(
        assessments.send_back,
        actor=way.cast.clerk,
        at=at,
        assessment_id=begun.assessment_id,
        reason="Not yet.",
    )
    with embedded.reading() as session:
        assert session.get_one(Project, way.project_id).status is ProjectStatus.OPEN


def test_what_was_handed_in_is_taken_back_until_reviewers_read_it(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    begun = embedded.run(applications.begin_version, **said)
    back = {"actor": way.cast.steward, "at": at, "assessment_id": begun.assessment_id}
    with pytest.raises(StateRefused, match="no_such_step"):
        embedded.run(assessments.take_back, **back)
    embedded.run(applications.submit, **said)
    stranger = embedded.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    with pytest.raises(NotFound):
        embedded.run(assessments.take_back, **{**back, "actor": stranger})
    with pytest.raises(Forbidden):
        embedded.run(assessments.take_back, **{**back, "actor": way.cast.clerk})
    embedded.run(assessments.take_back, **back)
    with embedded.reading() as session:
        assert session.get_one(Project, way.project_id).status is ProjectStatus.OPEN
        assessment = session.get_one(Assessment, begun.assessment_id)
        assert assessment.status is AssessmentStatus.DRAFT
        draft = session.get_one(Application, assessment.application_id)
        assert (draft.version, draft.submitted_at) == (3, None)
    # a draft again: it may be handed in once more
    embedded.run(applications.submit, **said)


def test_what_reviewers_have_before_them_stays_with_them(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    with pytest.raises(StateRefused, match="no_such_step"):
        embedded.run(
            assessments.take_back,
            actor=way.cast.steward,
            at=at,
            assessment_id=way.assessment_id,
        )


def test_a_project_on_hold_may_be_assessed_again_and_stays_on_hold_when_refused(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    embedded.run(
        assessments.change_status,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        step="hold",
        reason="A dispute.",
    )
    begun = embedded.run(
        applications.begin_version, actor=way.cast.steward, at=at, project_id=way.project_id
    )
    again = embedded.run(build.reviewed, at=at, way=build.with_assessment(way, begun.assessment_id))
    embedded.run(
        assessments.decide,
        actor=way.cast.rapporteur,
        at=at,
        assessment_id=again.assessment_id,
        outcome=DecisionOutcome.REVISE,
        summary="Not yet.",
    )
    with embedded.reading() as session:
        assert session.get_one(Project, way.project_id).status is ProjectStatus.ON_HOLD


def test_an_organisation_and_its_first_draft_come_together_or_not_at_all(
    embedded: Database, at: datetime
) -> None:
    actor = steward(embedded, at)
    said: dict[str, Any] = {
        "actor": actor,
        "at": at,
        "name": "Terres",
        "kind": OrganisationKind.NGO,
        "language": "en",
    }
    with pytest.raises(InvalidInput, match="title_missing"):
        embedded.run(applications.begin_with_organisation, **said, title=" ")
    begun = embedded.run(applications.begin_with_organisation, **said, title="Hedges")
    with embedded.reading() as session:
        assert session.get_one(Project, begun.project_id).slug == "hedges"
        assert organisations.is_member(
            session, actor.user_id, session.get_one(Project, begun.project_id).organisation_id
        )
