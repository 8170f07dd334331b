"""Are the papers of an assessment tagged, repeatable, and silent about what is private?"""

import io
import re
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pypdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.gateways.pdf import PrintedDocuments
from offset.people.access import Actor
from offset.people.models import OutboxMessage, User
from offset.projects import assessments, thanks
from offset.projects.models import DecisionOutcome, Seat
from offset.web import wiring
from offset.web.templating import environment_for
from tests import archivable
from tests.builders import projects as build
from tests.once_built import once_built
from tests.web.conftest import services_with, settings_with
from tests.web.rooms import House

# the drawing library leaves its colour profile open
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")


@pytest.fixture
def printing(house: House) -> House:
    """The house with the real drawer of documents."""
    drawer = PrintedDocuments(environment_for, public_url="http://localhost")
    services = services_with(settings_with(), house.database, house.clock, documents=drawer)
    wiring.install(house.app, replace(services, files=house.files))
    return house


def words_of(pdf: bytes) -> str:
    found = pypdf.PdfReader(io.BytesIO(pdf))
    assert "/StructTreeRoot" in found.root_object, "tagged"
    return re.sub(r"\s+", " ", " ".join(one.extract_text() for one in found.pages))


def test_the_dossier_is_one_document_that_repeats(printing: House) -> None:
    way = printing.database.run(build.in_review, at=printing.at(), cast=printing.people)
    member = printing.visit(printing.people.reviewer)
    path = f"/committee/seats/{way.seats[0]}/dossier.pdf"
    first = member.get(path).data
    assert first == member.get(path).data
    assert archivable.faults(first, "en") == []
    text = words_of(first)
    assert "Green bridges: permanent cover on maize land" in text
    for said in ("Our projection", "One climate zone further", "4 per mille of this soil"):
        assert said in text
    assert text.index("What the platform finds itself") < text.index("1.1 Human rights")
    for page in pypdf.PdfReader(io.BytesIO(first)).pages[2:]:
        assert "Plausibility gate" not in page.extract_text(), "the summary is two pages"
    printing.visit(printing.people.clerk).get(path, 403)


def test_report_and_letter_reach_the_holder_without_a_single_review(printing: House) -> None:
    way = once_built(
        printing.database,
        build.decided,
        at=printing.at(),
        cast=printing.people,
        recommendations=["Take deeper cores."],
        outcome=DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS,
    )
    steward = printing.visit(printing.people.steward)
    report = steward.get(f"/steward/projects/{way.project_id}/report.pdf").data
    assert report == steward.get(f"/steward/projects/{way.project_id}/report.pdf").data
    assert archivable.faults(report, "en") == []
    text = words_of(report)
    assert "Positively assessed, with recommendations" in text
    assert "Take deeper cores." in text
    assert "0 of 3 members declared an interest" in text
    assert "no certificate and no label" in text
    for name in ("reviewer2", "stc_member", "rapporteur", "shown"):
        assert name not in text.split("The agreed grades")[0]
    sent = steward.get(f"/steward/projects/{way.project_id}/letter.pdf").data
    assert archivable.faults(sent, "en") == []
    letter = words_of(sent)
    assert "The committee supports the project" in letter
    desk = printing.visit(printing.people.clerk)
    for paper in ("report", "letter"):
        desk.get(f"/secretariat/projects/{way.assessment_id}/{paper}.pdf")
    lead = printing.visit(printing.people.rapporteur)
    assert lead.get(f"/committee/seats/{way.seats[2]}/report.pdf").data == report
    lead.get(f"/steward/projects/{way.project_id}/report.pdf", 403)


def test_thanks_name_the_institution_and_no_project(printing: House) -> None:
    way = once_built(printing.database, build.decided, at=printing.at(), cast=printing.people)
    later = printing.at() + timedelta(days=365)
    letter_id = printing.database.run(thanked, printing.people.reviewer, way.cast.clerk, at=later)
    member = printing.visit(printing.people.reviewer)
    page = member.get("/committee")
    assert f"/committee/thanks/{letter_id}.pdf" in page.text
    text = words_of(member.get(f"/committee/thanks/{letter_id}.pdf").data)
    assert "Institute of Soils" in text
    assert "1 dossier" in text
    assert "Green bridges" not in text
    printing.visit(printing.people.reviewer2).get(f"/committee/thanks/{letter_id}.pdf", 403)
    printing.visit(printing.people.clerk).get(f"/secretariat/committee/thanks/{letter_id}.pdf")


def thanked(session: Session, member: Actor, clerk: Actor, *, at: datetime) -> uuid.UUID:
    session.get_one(User, member.user_id).affiliation = "Institute of Soils"
    session.flush()
    assert member.user_id is not None
    return thanks.write(
        session,
        actor=clerk,
        at=at,
        user_id=member.user_id,
        year=at.year - 1,
    )


def test_a_review_is_saved_one_criterion_at_a_time_for_the_script(house: House) -> None:
    way = house.database.run(build.in_review, at=house.at(), cast=house.people)
    member = house.visit(house.people.reviewer)
    seat = f"/committee/seats/{way.seats[0]}"
    told = {"csrf_token": member.token(), "grade-2.2": "1", "reason-2.2": "Half"}
    answer = member.client.post(
        f"{seat}/criteria/2.2", data=told, headers={"Accept": "application/json"}
    )
    assert answer.json == {"said": "Saved.", "left": "12 criteria have no grade yet."}
    wrong = {**told, "grade-2.2": "9"}
    answer = member.client.post(
        f"{seat}/criteria/2.2", data=wrong, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert "Half" in member.get(seat).text
    assert member.post(f"{seat}/criteria/2.3", {"grade-2.3": "1"}).place.endswith("#c-2.3")


def test_a_mails_address_shows_a_button_and_only_the_button_declines(house: House) -> None:
    way = house.database.run(build.an_application, at=house.at(), cast=house.people)
    house.database.run(
        assessments.assign,
        actor=house.people.clerk,
        at=house.at(),
        assessment_id=way.assessment_id,
        user_id=house.people.reviewer.user_id,  # type: ignore[arg-type]  # a person of the cast
        seat=Seat.REVIEWER,
    )
    with house.database.reading() as session:
        path = next(
            str(one.parameters["decline_path"])
            for one in session.scalars(select(OutboxMessage))
            if one.template == "committee_seat"
        )
    stranger = house.visit(house.people.steward)
    for _twice in range(2):
        page = stranger.get(path)
        assert "Decline" in page.plain
    stranger.post(f"{path}/decline")
    assert "no longer yours to fill" in stranger.get(path).plain
    stranger.get("/committee/asked/unknown", 404)
