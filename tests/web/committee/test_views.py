"""Does the committee see what it may and nothing else, and come to a decision on its pages?"""

import io
import uuid
from typing import Any

from offset.people.access import Actor
from offset.projects import applications, assessments, dossiers, rooms
from offset.projects.criteria import Score
from offset.projects.models import AssessmentStatus, Seat
from offset.sandbox.demo_application import a_pdf
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built
from tests.web.rooms import House, Visitor

PDF = a_pdf(["Leases"])
STORY = "Maize land lies"


def graded(**changed: str) -> dict[str, str]:
    """A grade for each of the thirteen, as a form sends it."""
    found = {}
    for name, score in build.scores().items():
        found[f"grade-{name}"] = score.grade
        found[f"reason-{name}"] = score.reason
        if score.evidence:
            found[f"evidence-{name}"] = score.evidence.value
    return {**found, "summary": "Sound.", **changed}


def seated(house: House, actor: Actor, way: Way, seat: Seat = Seat.REVIEWER) -> uuid.UUID:
    assert actor.user_id is not None
    return house.database.run(
        assessments.assign,
        actor=house.people.clerk,
        at=house.at(),
        assessment_id=way.assessment_id,
        user_id=actor.user_id,
        seat=seat,
    )


def with_a_file(house: House) -> tuple[Way, str]:
    """An application that is received, with one file; the path of the file."""
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    steward = house.visit(house.people.steward)
    steward.post(
        f"/steward/projects/{way.project_id}/files",
        {"file": (io.BytesIO(PDF), "tenure.pdf"), "kind": "tenure"},
    )
    house.database.run(
        applications.submit,
        actor=house.people.steward,
        at=house.at(),
        project_id=way.project_id,
    )
    house.database.run(
        assessments.receive,
        actor=house.people.clerk,
        at=house.at(),
        assessment_id=way.assessment_id,
    )
    with house.database.reading() as session:
        seen = rooms.steward_project(session, house.people.steward, way.project_id)
    return way, f"/committee/files/{seen.files[0].id}"


def in_review(house: House, **wanted: Any) -> Way:
    return house.database.run(build.in_review, at=house.at(), cast=house.people, **wanted)


def status(house: House, way: Way) -> AssessmentStatus:
    with house.database.reading() as session:
        return rooms.assessment_file(session, house.people.clerk, way.assessment_id).line.assessment


def test_nothing_of_an_application_opens_before_the_declaration(house: House) -> None:
    way, paper = with_a_file(house)
    member = house.visit(house.people.reviewer)
    assert "You hold no seat at present." in member.get("/committee").plain
    seat = f"/committee/seats/{seated(house, house.people.reviewer, way)}"
    assert "declare" in member.get("/committee").plain
    page = member.get(seat)
    assert "Are you tied to this project" in page.plain
    assert "Association green-bridges" in page.plain
    assert STORY not in page.plain
    assert "tenure.pdf" not in page.text
    member.get(paper, 404)
    member.post(f"{seat}/review", graded(), expect=404)
    assert "Fill this in." in member.post(f"{seat}/declaration", expect=422).plain
    member.get(paper, 404)
    member.post(f"{seat}/declaration", {"tied": "no", "interest": "not needed"})
    page = member.get(seat)
    assert STORY in page.plain
    assert "tenure.pdf" in page.text
    # in words of the form, with figures as people write them
    assert "Area, hectares 850" in page.plain
    assert "Amount asked for €51,000.00" in page.plain
    assert member.get(paper).data == PDF


def test_an_interest_closes_every_address_for_good(house: House) -> None:
    way, paper = with_a_file(house)
    member = house.visit(house.people.reviewer)
    seat = f"/committee/seats/{seated(house, house.people.reviewer, way)}"
    page = member.post(f"{seat}/declaration", {"tied": "yes", "interest": " "}, expect=422)
    assert 'href="#interest"' in page.text
    gone = member.post(f"{seat}/declaration", {"tied": "yes", "interest": "My sister's farm"})
    assert gone.place == "/committee"
    closed(member, seat, paper)
    assert "Green bridges" not in member.get("/committee").plain


def closed(member: Visitor, seat: str, paper: str) -> None:
    member.get(seat, 404)
    member.get(paper, 404)
    member.post(f"{seat}/declaration", {"tied": "no"}, expect=404)
    member.post(f"{seat}/review", graded(), expect=404)


def test_a_tie_found_late_closes_it_too(house: House) -> None:
    way, paper = with_a_file(house)
    member = house.visit(house.people.reviewer)
    seat = f"/committee/seats/{seated(house, house.people.reviewer, way)}"
    member.post(f"{seat}/declaration", {"tied": "no"})
    page = member.post(f"{seat}/declaration", {"interest": ""}, expect=422)
    assert "Fill this in." in page.plain
    assert STORY in page.plain
    member.post(f"{seat}/declaration", {"interest": "They asked me to advise them."})
    closed(member, seat, paper)


def test_a_seat_that_was_taken_back_is_not_there(house: House) -> None:
    way, paper = with_a_file(house)
    seat_id = seated(house, house.people.reviewer, way)
    member = house.visit(house.people.reviewer)
    member.post(f"/committee/seats/{seat_id}/declaration", {"tied": "no"})
    house.database.run(
        assessments.release,
        actor=house.people.clerk,
        at=house.at(),
        assignment_id=seat_id,
        reason="Too much work.",
    )
    closed(member, f"/committee/seats/{seat_id}", paper)


def test_seats_of_others_and_other_rooms_stay_closed(house: House) -> None:
    way = in_review(house)
    mine, _other, lead = way.seats
    member = house.visit(house.people.reviewer)
    member.get(f"/committee/seats/{lead}", 404)
    member.get(f"/committee/seats/{uuid.UUID(int=1)}", 404)
    member.get(f"/committee/seats/{mine}/decision", 403)
    member.post(f"/committee/seats/{mine}/consensus", graded(), expect=403)
    member.get("/steward", 403)
    house.visit(house.people.steward).get("/committee", 403)
    house.visit(house.people.clerk).get(f"/committee/seats/{mine}", 403)
    page = member.get("/committee")
    assert page.headers["Cache-Control"] == "no-store"
    member.post_without_token(f"/committee/seats/{mine}/review")


def test_what_waits_for_a_member_stands_first(house: House) -> None:
    once_built(house.database, build.decided, at=house.at(), cast=house.people, slug="done")
    member = house.visit(house.people.reviewer)
    assert "Nothing waits for you." in member.get("/committee").plain
    house.clock.advance(minutes=-5)
    in_review(house, slug="hedges")
    house.clock.advance(minutes=5)
    page = member.get("/committee")
    assert "1 seat waits for you." in page.plain
    assert page.plain.index("Association hedges") < page.plain.index("Association done")


def test_reviews_are_blind_until_ones_own_is_in(house: House) -> None:
    way = in_review(house)
    first = house.visit(house.people.reviewer)
    second = house.visit(house.people.reviewer2)
    one, two = (f"/committee/seats/{seat}" for seat in way.seats[:2])
    told = graded(summary="Only I know this.", **{"reason-2.2": "Thirty cores show it."})
    first.post(f"{one}/review", told)
    assert "Only I know this." in first.get(one).controls()["summary"]
    assert first.get(one).controls()["grade-2.2"] == "1"
    first.post(f"{one}/review", {**told, "hand_in": "1"})
    page = first.get(one)
    assert "Your review is in." in page.plain
    assert '<textarea id="summary' not in page.text
    hidden = second.get(two)
    assert "Only I know this." not in hidden.text
    assert "Thirty cores show it." not in hidden.text
    assert status(house, way) is AssessmentStatus.IN_REVIEW
    lead = house.visit(house.people.rapporteur)
    assert "Only I know this." not in lead.get(f"/committee/seats/{way.seats[2]}").text
    second.post(f"{two}/review", {**graded(summary="Me too."), "hand_in": "1"})
    assert status(house, way) is AssessmentStatus.CONSENSUS
    assert "Only I know this." in second.get(two).plain
    assert "Thirty cores show it." in second.get(two).plain
    again = first.post(f"{one}/review", told, expect=422)
    assert "Reviewing is closed." in again.plain


def test_a_review_with_faults_comes_back_whole(house: House) -> None:
    way = in_review(house)
    member = house.visit(house.people.reviewer)
    seat = f"/committee/seats/{way.seats[0]}"
    told = graded(**{"evidence-2.1": "", "grade-2.3": "", "reason-2.4": "x" * 4001})
    told |= {"evidence-2.5": "rumour", "grade-3.1": "7"}
    page = member.post(f"{seat}/review", told, expect=422)
    for name, sentence in (
        ("2.1", "Name the evidence."),
        ("2.3", "Choose a grade too, else this is not kept."),
        ("2.4", "This is longer than 4000 characters."),
        ("2.5", "There is no such evidence."),
        ("3.1", "“7” is not a grade of this scale."),
    ):
        part = page.text.split(f'id="c-{name}"', 1)[1].split("</fieldset>", 1)[0]
        assert sentence in part, name
        assert f'href="#c-{name}"' in page.text
    shown = page.controls()
    assert shown["summary"] == "Sound."
    assert shown["grade-1.1"] == "met"
    assert shown["reason-2.3"] == "shown"
    with house.database.reading() as session:
        kept = dossiers.dossier(session, house.people.reviewer, way.seats[0])
    assert kept.own_scores == {}


def test_handing_in_asks_for_every_grade_and_a_summary(house: House) -> None:
    way = in_review(house)
    member = house.visit(house.people.reviewer)
    seat = f"/committee/seats/{way.seats[0]}"
    told = graded(hand_in="1")
    for part in ("grade", "evidence", "reason"):
        told.pop(f"{part}-2.2", None)
    page = member.post(f"{seat}/review", told, expect=422)
    part = page.text.split('id="c-2.2"', 1)[1].split("</fieldset>", 1)[0]
    assert "Choose a grade." in part
    assert page.controls()["grade-3.3"] == "1"
    page = member.post(f"{seat}/review", graded(hand_in="1", summary=" "), expect=422)
    assert "Write a summary." in page.plain
    assert 'href="#summary"' in page.text


def reviewed(house: House, **changed: Score) -> tuple[Way, Visitor, str]:
    """An application that both reviewers scored alike, before its rapporteur."""
    way = house.database.run(
        build.reviewed, at=house.at(), cast=house.people, given=build.scores(**changed)
    )
    lead = house.visit(house.people.rapporteur)
    return way, lead, f"/committee/seats/{way.seats[2]}"


def test_the_rapporteur_agrees_grades_and_records_the_decision(house: House) -> None:
    way = in_review(house)
    for actor, seat_id in zip(
        (house.people.reviewer, house.people.reviewer2), way.seats, strict=False
    ):
        house.visit(actor).post(f"/committee/seats/{seat_id}/review", {**graded(), "hand_in": "1"})
    lead = house.visit(house.people.rapporteur)
    seat = f"/committee/seats/{way.seats[2]}"
    assert "decide" in lead.get("/committee").plain
    page = lead.get(seat)
    assert page.plain.count("shown") >= 26  # both reviews beside each criterion
    assert "Go on to the decision" not in page.plain
    assert lead.get(f"{seat}/decision", 303).place.endswith(seat)
    page = lead.post(f"{seat}/consensus", graded(**{"evidence-2.2": ""}), expect=422)
    assert "Name the evidence." in page.plain
    partly = graded()
    for part in ("grade", "evidence", "reason"):
        partly.pop(f"{part}-4.2", None)
    assert lead.post(f"{seat}/consensus", partly).place.endswith(seat)
    assert lead.post(f"{seat}/consensus", graded()).place.endswith("/decision")
    page = lead.get(f"{seat}/decision")
    assert "Not in line with the Initiative" in page.plain
    assert "Positively assessed" in page.plain
    lead.post(
        f"{seat}/decision",
        {
            "outcome": "computed",
            "summary": "A sound project.",
            "language": "en",
            "recommendations": "Take deeper cores.\n\nTell the neighbours.",
            "conditions": "1.2: Show the lease.\nBy spring: a map.",
        },
    )
    assert status(house, way) is AssessmentStatus.DECIDED
    with house.database.reading() as session:
        found = rooms.assessment_file(session, house.people.clerk, way.assessment_id).decision
    assert found is not None
    assert found.outcome == "positive_with_recommendations"
    assert [text for _id, text, _answer in found.recommendations] == [
        "Take deeper cores.",
        "Tell the neighbours.",
    ]
    assert {text for _id, text, _closed in found.conditions} == {
        "Show the lease.",
        "By spring: a map.",
    }
    page = lead.get(seat)
    assert "The committee has decided." in page.plain
    late = lead.post(f"{seat}/consensus", graded(), expect=422)
    assert "The consensus is closed." in late.plain
    late = lead.post(f"{seat}/declaration", {"interest": "A cousin."}, expect=422)
    assert "It is too late for this." in late.plain


def test_a_decision_that_cannot_be_comes_back_with_its_words(house: House) -> None:
    _way, lead, seat = reviewed(house, c1_2=Score("met_with_conditions", None, "no lease yet"))
    told = {"outcome": "", "summary": "", "language": "en", "recommendations": "One."}
    page = lead.post(f"{seat}/decision", told, expect=422)
    assert 'href="#outcome"' in page.text
    assert 'href="#summary"' in page.text
    assert page.controls()["recommendations"] == "One."
    assert "Met only with conditions, so a positive outcome needs one for each: 1.2." in page.plain
    told |= {"outcome": "positive", "summary": "Sound."}
    page = lead.post(f"{seat}/decision", told, expect=422)
    assert "This decision carries no recommendations." in page.plain
    told |= {"outcome": "computed", "recommendations": "", "conditions": "Something else"}
    page = lead.post(f"{seat}/decision", told, expect=422)
    assert "write one that begins with “1.2:”" in page.plain
    assert page.controls()["conditions"] == "Something else"
    assert page.controls()["outcome"] == "computed"


def test_grades_that_leave_no_positive_outcome_offer_none(house: House) -> None:
    way, lead, seat = reviewed(house, c1_1=Score("not_met", None, "forced labour"))
    page = lead.get(f"{seat}/decision")
    assert 'value="positive"' not in page.text
    assert "As the agreed grades say: Not in line with the Initiative" in page.plain
    assert 'value="revise"' not in page.text
    assert "leave no positive outcome open" in page.plain
    told = {"outcome": "positive", "summary": "Sound.", "language": "en"}
    page = lead.post(f"{seat}/decision", told, expect=422)
    assert "This outcome is not open to choose." in page.plain
    lead.post(f"{seat}/decision", told | {"outcome": "computed"})
    assert status(house, way) is AssessmentStatus.DECIDED
    steward = house.visit(house.people.steward).get(f"/steward/projects/{way.project_id}")
    assert "Not in line with the Initiative" in steward.plain
    assert "forced labour" not in steward.text  # no score reaches the holder
