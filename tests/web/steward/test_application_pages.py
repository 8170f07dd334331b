"""Are land, documents, criteria and people handled without script, in every language?"""

import gzip
import hashlib
import io
import json
import re
import uuid

import pytest
from sqlalchemy import select

from offset.people.access import Role
from offset.people.models import OutboxMessage
from offset.projects import information, registrations, rooms
from offset.projects.questions import BLOCKS
from offset.sandbox.demo_application import a_pdf
from offset.web.answers import STEPS
from offset.web.language import LANGUAGES
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.web.rooms import House, Visitor

PREFIXES = ["" if code == "en" else f"/{code}" for code in LANGUAGES]
PAPER = a_pdf(["Members", "Leases"])
BOW_TIE = '{"type": "Polygon", "coordinates": [[[0,10],[0.1,10.1],[0.1,10],[0,10.1],[0,10]]]}'


@pytest.fixture
def way(house: House) -> Way:
    return house.database.run(build.a_draft, at=house.at(), cast=house.people)


def sent(name: str = "leases.pdf", data: bytes = PAPER) -> dict[str, object]:
    return {"file": (io.BytesIO(data), name), "kind": "tenure"}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_walk_through_every_step(steward: Visitor, way: Way, prefix: str) -> None:
    path = f"{prefix}/steward/projects/{way.project_id}"
    for step in STEPS:
        page = steward.get(f"{path}/{step}")
        # 25 kB with styles and the small script; the page itself is a fraction of it
        assert len(gzip.compress(page.text.encode())) < 12_000
        assert "<script>" not in page.text
    corners = "13,50; 2.10\n13.50 2.11\n13.51, 2.11"
    steward.post(f"{path}/sites", {"name": "Triangle", "outline": corners})
    page = steward.get(f"{path}/sites")
    assert "Triangle" in page.plain
    assert page.text.count('<svg class="outline') == 2
    steward.post(f"{path}/files", sent())
    page = steward.get(f"{path}/papers")
    assert hashlib.sha256(PAPER).hexdigest() in page.plain
    digest = hashlib.sha256(PAPER).hexdigest()
    told = {"answer": "All.", "evidence-0-sha256": digest, "evidence-0-page": "2"}
    after = steward.post(f"{path}/criteria/1.2", told).place
    assert after.endswith("/criteria/1.3")
    shown = steward.get(f"{path}/criteria/1.2").controls()
    assert (shown["answer"].strip(), shown["evidence-0-page"]) == ("All.", "2")
    assert shown["evidence-0-sha256"] == digest
    assert "leases.pdf" in steward.get(f"{path}/criteria").plain
    assert steward.get(f"{path}/projection").status == 200


def test_land_that_cannot_be_comes_back_with_what_was_typed(steward: Visitor, way: Way) -> None:
    path = f"/steward/projects/{way.project_id}/sites"
    page = steward.post(path, {"name": "North", "outline": BOW_TIE}, expect=422)
    assert "ring 1 crosses or touches itself near 10." in page.plain
    assert page.controls()["outline"].strip() == BOW_TIE
    assert page.controls()["name"] == "North"
    assert 'href="#outline"' in page.text
    for data, sentence in (
        (b"\xff\xfe", "This is no GeoJSON"),
        (b"x" * 4_000_001, "larger than 4 MB"),
        (BOW_TIE.encode(), "crosses or touches itself"),
    ):
        file = {"file": (io.BytesIO(data), "a.geojson")}
        assert sentence in steward.post(path, file, expect=422).plain
    assert "Write corners or paste GeoJSON first." in steward.post(path, {}, expect=422).plain
    good = build.a_square(10, 5, 20).encode()
    steward.post(path, {"file": (io.BytesIO(good), "a.geojson")})
    told = json.loads(steward.get(f"{path}.geojson").data)
    assert len(told["features"]) == 2
    [first] = re.findall(r"/sites/([0-9a-f-]{36})/remove", steward.get(path).text)[:1]
    steward.post(f"{path}/{first}/remove")
    steward.post(f"{path}/{first}/remove", expect=422)
    assert len(json.loads(steward.get(f"{path}.geojson").data)["features"]) == 1


def test_a_document_that_acts_is_refused_and_nothing_is_kept(
    house: House, steward: Visitor, way: Way
) -> None:
    path = f"/steward/projects/{way.project_id}"
    active = PAPER.replace(
        b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    )
    page = steward.post(f"{path}/files", sent(data=active), expect=422)
    assert "This PDF holds a script." in page.plain
    assert 'href="#file"' in page.text
    assert not list(house.files.root.rglob("*.*"))
    steward.post(f"{path}/files", sent("../../etc/<b>passwd.pdf"))
    page = steward.get(f"{path}/papers")
    assert "<b>passwd.pdf" in page.plain
    assert "<b>passwd" not in page.text
    twin = steward.post(f"{path}/files", sent("other.pdf"), expect=422)
    assert "on the list already" in twin.plain
    [paper] = re.findall(r"/files/([0-9a-f-]{36})/remove", page.text)
    steward.post(f"{path}/files/{paper}/remove")
    steward.post(f"{path}/files/{paper}/remove", expect=422)


def test_evidence_is_blamed_at_its_row(steward: Visitor, way: Way) -> None:
    path = f"/steward/projects/{way.project_id}"
    steward.post(f"{path}/files", sent())
    digest = hashlib.sha256(PAPER).hexdigest()
    url = f"{path}/criteria/2.2"
    for told, sentence in (
        ({"evidence-0-sha256": digest, "evidence-0-page": "3"}, "there is no page 3"),
        ({"evidence-0-sha256": digest, "evidence-0-page": "two"}, "Write the number of the page"),
        ({"evidence-0-page": "2"}, "Choose the document"),
        ({"evidence-0-sha256": "ab" * 32, "evidence-0-page": "2"}, "not on the list"),
    ):
        page = steward.post(url, {"answer": "Kept words.", **told}, expect=422)
        assert sentence in page.plain
        assert 'id="evidence-0-fault"' in page.text
        assert page.controls()["answer"].strip() == "Kept words."
    page = steward.post(url, {"answer": "x" * 20_001}, expect=422)
    assert "There is something to correct" in page.plain
    assert steward.post(url, {"answer": "Good.", "stay": "1"}).place.endswith("/2.2")
    steward.get(f"{path}/criteria/9.9", 404)
    steward.post(f"{path}/criteria/4.2", {"answer": "Last.", "without": "On a visit."})


def test_factors_are_taken_from_the_practices(house: House, steward: Visitor, way: Way) -> None:
    path = f"/steward/projects/{way.project_id}/projection"
    page = steward.get(path)
    assert "tC per hectare and year" in page.plain
    assert "One climate zone further" in page.plain
    [variant, *_] = re.findall(r"/projection/([\w-]+)\"", page.text)
    steward.post(f"{path}/{variant}")
    steward.post(f"{path}/none", expect=404)
    with house.database.reading() as session:
        seen = rooms.steward_project(session, house.people.steward, way.project_id)
    assert seen.document["carbon"]["project_carbon_input"] == "cropland_high_without_manure"


def test_a_colleague_is_invited_and_joins(house: House, steward: Visitor, way: Way) -> None:
    path = f"/steward/organisations/{way.organisation_id}"
    assert "Association green-bridges" in steward.get(path).plain
    page = steward.post(f"{path}/invitations", {"email": "x", "role": "writer"}, expect=422)
    assert 'href="#email"' in page.text
    steward.post(f"{path}/invitations", {"email": "new@people.example", "role": "reader"})
    assert "new@people.example" in steward.get(path).plain
    with house.database.reading() as session:
        told = session.scalars(
            select(OutboxMessage.parameters).where(
                OutboxMessage.template == "organisation_invitation"
            )
        ).one()
    visitor = Visitor(house.app.test_client())
    assert "new@people.example" in visitor.get(f"/es{told['path']}").plain
    visitor.post(f"{told['path']}", {"name": ""}, expect=422)
    page = visitor.post(f"{told['path']}", {"name": "New"}, expect=200)
    assert "We have sent you a link" in page.plain
    visitor.get(f"{told['path']}", 403)
    page = steward.get(path)
    [other] = set(re.findall(r"/people/([0-9a-f-]{36})/role", page.text)) - {
        str(house.people.steward.user_id)
    }
    steward.post(f"{path}/people/{other}/role", {"role": "lead"})
    own = house.people.steward.user_id
    after = steward.post(f"{path}/people/{own}/leave").place
    assert after.endswith("/steward")
    steward.get(path, 404)


def test_an_invitation_is_taken_back(house: House, steward: Visitor, way: Way) -> None:
    path = f"/steward/organisations/{way.organisation_id}"
    steward.post(f"{path}/invitations", {"email": "new@people.example", "role": "writer"})
    [one] = re.findall(r"/invitations/([0-9a-f-]{36})/withdraw", steward.get(path).text)
    steward.post(f"{path}/invitations/{one}/withdraw")
    steward.post(f"{path}/invitations/{one}/withdraw", expect=422)
    own = house.people.steward.user_id
    page = steward.post(f"{path}/people/{own}/leave", expect=422)
    assert "The last person cannot leave" in page.plain


def test_the_secretariat_asks_and_the_steward_answers(house: House, steward: Visitor) -> None:
    way = house.database.run(build.an_application, at=house.at(), cast=house.people)
    desk = house.visit(house.people.clerk)
    path = f"/secretariat/projects/{way.assessment_id}"
    page = desk.get(f"{path}/application")
    assert "Land that another project of ours names as well" in page.plain
    assert "Shown on a visit." in page.plain
    desk.post(f"{path}/ask", {"question": "", "days": "21"}, expect=422)
    desk.post(f"{path}/ask", {"question": "Which laboratory?", "days": "10"})
    page = steward.get(f"/steward/projects/{way.project_id}")
    [one] = set(re.findall(r"/steward/requests/([0-9a-f-]{36})", page.text))
    url = f"/steward/requests/{one}"
    assert "Which laboratory?" in steward.get(url).plain
    steward.post(url, {"answer": " "}, expect=422)
    broken = {"answer": "Ours.", "file": (io.BytesIO(b"%PDF-1.4"), "lab.pdf")}
    page = steward.post(url, broken, expect=422)
    assert page.controls()["answer"].strip() == "Ours."
    steward.post(url, {"answer": "Ours.", "file": (io.BytesIO(PAPER), "lab.pdf")})
    assert steward.get(f"{url}/paper").data == PAPER
    assert "Ours." in desk.get(f"{path}/application").plain
    assert desk.get(f"{path}/answers/{one}.pdf").data == PAPER
    desk.get(f"{path}/answers/{uuid.UUID(int=7)}.pdf", 404)
    other = house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    house.visit(other).get(url, 404)
    with house.database.reading() as session:
        assert len(information.of_assessment(session, way.assessment_id)) == 1


def test_registration_elsewhere_is_explained_at_the_desk(house: House) -> None:
    where = {"registered_elsewhere": True, "registered_where": "A register, 2019 to 2024."}
    said = build.answers(carbon=where)
    way = house.database.run(build.an_application, at=house.at(), cast=house.people, said=said)
    desk = house.visit(house.people.clerk)
    path = f"/secretariat/projects/{way.assessment_id}"
    assert "No admission is possible" in desk.get(f"{path}/application").plain
    desk.post(f"{path}/registration", {"reason": " "}, expect=422)
    desk.post(f"{path}/registration", {"reason": "All of it was cancelled."})
    assert "All of it was cancelled." in desk.get(f"{path}/application").plain
    desk.post(f"{path}/registration", {"reason": "Again."}, expect=422)
    with house.database.reading() as session:
        seen = rooms.assessment_file(session, house.people.clerk, way.assessment_id)
        told = registrations.of_application(session, seen.application_id)
    assert told.reason == "All of it was cancelled."


def test_what_was_handed_in_shows_no_form(house: House, steward: Visitor) -> None:
    way = house.database.run(build.an_application, at=house.at(), cast=house.people)
    path = f"/steward/projects/{way.project_id}"
    for step in ("sites", "papers", "criteria", "criteria/1.1", *BLOCKS):
        page = steward.get(f"{path}/{step}")
        assert "handed in" in page.plain
        assert "<textarea" not in page.text
    steward.post(f"{path}/sites", {"outline": build.a_square(10, 5, 20)}, expect=422)
    steward.post(f"{path}/files", sent(), expect=422)
    steward.post(f"{path}/criteria/1.1", {"answer": "x"}, expect=422)
