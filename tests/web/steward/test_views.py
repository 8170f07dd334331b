"""What does a steward see of a project, and how is the committee answered?"""

import hashlib
import io
import re
import uuid
from datetime import timedelta

from offset.people.access import Role
from offset.projects import assessments, rooms
from offset.projects.assessments import Condition
from offset.projects.models import DecisionOutcome
from offset.sandbox.demo_application import a_pdf
from tests.builders import projects as build
from tests.once_built import once_built
from tests.web.rooms import House, Visitor

PDF = a_pdf(["Leases"])


def attached(visitor: Visitor, path: str, data: bytes, name: str, expect: int = 303) -> str:
    told = {"file": (io.BytesIO(data), name)}
    return visitor.post(f"{path}/files", told, expect=expect).plain


def test_files_are_kept_with_the_version_and_given_back(house: House, steward: Visitor) -> None:
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    path = f"/steward/projects/{way.project_id}"
    attached(steward, path, PDF, "Titre foncier n° 7.pdf")
    page = steward.get(f"{path}/papers")
    assert "Titre foncier n° 7.pdf" in page.plain
    assert hashlib.sha256(PDF).hexdigest() in page.plain
    with house.database.reading() as session:
        seen = rooms.steward_project(session, house.people.steward, way.project_id)
    [pdf] = seen.files
    answer = steward.get(f"/steward/files/{pdf.id}")
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_no_paper_is_refused_at_the_field(house: House, steward: Visitor) -> None:
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    path = f"/steward/projects/{way.project_id}"
    for data in (b"<html>", b'{"a": 1}', b"\x89PNG\r\n\x1a\n\xff", b"a\0b", b"a;b\n1;2\n"):
        plain = attached(steward, path, data, "tenure.pdf", expect=422)
        assert "This is no PDF." in plain
    assert "Choose a file first." in attached(steward, path, b"", "empty.pdf", expect=422)
    assert "Choose a file first." in steward.post(f"{path}/files", expect=422).plain
    assert not list((house.files.root).rglob("*.*"))


def test_a_file_belongs_to_its_project(house: House) -> None:
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    attached(house.visit(house.people.steward), f"/steward/projects/{way.project_id}", PDF, "a.pdf")
    with house.database.reading() as session:
        seen = rooms.steward_project(session, house.people.steward, way.project_id)
    other = house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    stranger = house.visit(other)
    stranger.get(f"/steward/files/{seen.files[0].id}", 404)
    stranger.get(f"/steward/files/{uuid.UUID(int=9)}", 404)
    attached(stranger, f"/steward/projects/{way.project_id}", a_pdf(["Other"]), "b.pdf", expect=404)
    assert len(list(house.files.root.rglob("*.pdf"))) == 1


def test_the_decision_is_read_with_its_conditions_and_answered(
    house: House, steward: Visitor
) -> None:
    way = once_built(
        house.database,
        build.decided,
        at=house.at(),
        cast=house.people,
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
        recommendations=["Take deeper cores.", "Tell the neighbours."],
        conditions=[Condition("Show the lease.")],
    )
    path = f"/steward/projects/{way.project_id}"
    page = steward.get(path)
    assert "Positively assessed, with recommendations" in page.plain
    assert "Show the lease. open: no money before it is closed" in page.plain
    with house.database.reading() as session:
        decision = rooms.steward_project(session, house.people.steward, way.project_id).decision
    assert decision is not None
    first, second = (one for one, _text, _answer in decision.recommendations)
    refused = steward.post(f"{path}/recommendations/{first}", {"answer": " "}, expect=422)
    assert "Fill this in." in refused.plain
    steward.post(f"{path}/recommendations/{first}", {"answer": "From spring on."})
    assert "Your answer: From spring on." in steward.get(path).plain
    again = steward.post(f"{path}/recommendations/{first}", {"answer": "Other words"}, expect=422)
    assert "This recommendation has been answered." in again.plain
    steward.post(f"{path}/recommendations/{second}", {"answer": "We did."})
    assert '<textarea id="answer' not in steward.get(path).text
    house.database.run(
        assessments.close_condition,
        actor=house.people.clerk,
        at=house.at(),
        condition_id=decision.conditions[0][0],
        evidence="Lease of 3 May.",
    )
    assert "Show the lease. closed" in steward.get(path).plain


def test_an_answer_that_comes_back_keeps_its_words(house: House, steward: Visitor) -> None:
    way = once_built(
        house.database,
        build.decided,
        at=house.at(),
        cast=house.people,
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
        recommendations=["Take deeper cores."],
    )
    path = f"/steward/projects/{way.project_id}/recommendations/{uuid.UUID(int=3)}"
    page = steward.post(path, {"answer": "Words of mine"}, expect=422)
    assert "There is no such recommendation." in page.plain


def test_the_money_and_the_next_report_stand_on_the_page(house: House, steward: Visitor) -> None:
    way = once_built(house.database, build.admitted, at=house.at(), cast=house.people)
    path = f"/steward/projects/{way.project_id}"
    page = steward.get(path)
    assert "Allocated to the project €0.00" in page.plain
    assert "Next report due 14 February 2027" in page.plain
    assert f'href="/projects/{way.slug}"' in page.text
    assert "Post an update" in steward.get("/steward").plain
    house.clock.advance(days=92)
    late = house.visit(house.people.steward)
    assert "Report was due" in late.get(path).plain
    assert "overdue" in late.get("/steward").plain
    assert "no new money" not in late.get(path).plain
    house.clock.at += timedelta(days=31)
    very_late = house.visit(house.people.steward)
    assert "no new money is allocated" in very_late.get(path).plain


def test_a_project_is_withdrawn_with_its_reason(house: House, steward: Visitor) -> None:
    way = once_built(house.database, build.admitted, at=house.at(), cast=house.people)
    path = f"/steward/projects/{way.project_id}"
    page = steward.post(f"{path}/withdraw", {"reason": ""}, expect=422)
    assert "Fill this in." in page.plain
    assert re.search(r'<details class="end"\s+open\s*>', page.text)
    steward.post(f"{path}/withdraw", {"reason": "The land was sold."})
    page = steward.get(path)
    assert "Withdrawn" in page.plain
    assert "Post an update" not in page.plain
    assert "Begin the next version" not in page.plain
    again = steward.post(f"{path}/withdraw", {"reason": "again"}, expect=422)
    assert "This step is not possible now." in again.plain
