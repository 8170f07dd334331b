"""Does the secretariat read, ask about and publish what was measured, whatever it says?"""

import re
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.projects import measurements
from tests.builders import projects as build
from tests.builders import soil
from tests.builders.projects import Way
from tests.fakes import FrozenClock
from tests.once_built import once_built
from tests.web.rooms import House, a_house


@pytest.fixture
def house(embedded: Database, clock: FrozenClock, tmp_path: Path) -> House:
    return a_house(embedded, clock, tmp_path)


@pytest.fixture
def way(house: House) -> Way:
    """A project whose two rounds say that the soil lost carbon."""

    def handed_in(session: Session) -> Way:
        found = build.admitted(session, at=house.at(), cast=house.people)
        soil.projected(session, found, at=house.at())
        soil.two_rounds(session, found, at=house.at(), change=soil.LOSS)
        return found

    house.files.put(soil.table(soil.rows()), suffix="csv")
    return house.database.run(handed_in)


def test_a_loss_is_read_and_published_like_a_gain(house: House, way: Way) -> None:
    clerk = house.visit(house.people.clerk)
    listed = clerk.get("/secretariat/measurements")
    path = re.search(r"/secretariat/measurements/[0-9a-f-]+", listed.text)
    assert path is not None
    page = clerk.get(path[0])
    assert "loss detected:" in page.plain
    assert "Organic carbon by depth" in page.plain
    file_path = re.search(r"/secretariat/measurements/files/[0-9a-f-]+", page.text)
    assert file_path is not None
    assert clerk.get(file_path[0]).data == soil.table(soil.rows())
    clerk.post(f"{path[0]}/publish", {"supersedes_id": "", "reason": ""})
    assert "Published" in clerk.get("/secretariat/measurements").plain
    public = house.app.test_client().get(f"/projects/{way.slug}").get_data(as_text=True)
    assert "Loss measured after 5" in public
    assert "below the projected range" in public


def test_a_question_goes_back_to_the_project(house: House, way: Way) -> None:
    clerk = house.visit(house.people.clerk)
    path = re.search(
        r"/secretariat/measurements/[0-9a-f-]+", clerk.get("/secretariat/measurements").text
    )
    assert path is not None
    assert "Fill this in." in clerk.post(f"{path[0]}/ask", {"answer": ""}, expect=422).plain
    clerk.post(f"{path[0]}/ask", {"answer": "Which sieve?"})
    assert "Asked: Which sieve?" in clerk.get(path[0]).plain
    steward = house.visit(house.people.steward)
    assert "Which sieve?" in steward.get(f"/steward/projects/{way.project_id}/soil").plain
    refused = clerk.post(f"{path[0]}/ask", {"answer": "And now?"}, expect=422)
    assert "has not been handed in" in refused.plain
    assert "cannot be" not in refused.plain
    refused = clerk.post(f"{path[0]}/publish", {"supersedes_id": "x", "reason": ""}, expect=422)
    assert "There is no such outcome." in refused.plain


def test_others_may_look_and_not_publish(house: House, way: Way) -> None:
    treasurer = house.visit(house.people.treasurer)
    path = re.search(
        r"/secretariat/measurements/[0-9a-f-]+", treasurer.get("/secretariat/measurements").text
    )
    assert path is not None
    assert "Publish the result" not in treasurer.get(path[0]).plain
    treasurer.post(f"{path[0]}/publish", {"supersedes_id": ""}, expect=403)
    house.visit(house.people.steward).get("/secretariat/measurements", expect=403)
    assert way.slug


def test_stocks_without_a_table_are_shown_too(house: House) -> None:
    found = once_built(house.database, build.admitted, at=house.at(), cast=house.people)
    house.database.run(
        measurements.submit,
        actor=house.people.steward,
        at=house.at(),
        project_id=found.project_id,
        baseline_on=soil.BASELINE_DAY,
        sampled_on=soil.LATER_DAY,
        depth_cm=30,
        strata=measurements.read_strata([{"area_ha": 1, "pairs": [[44, 46], [45, 46.5]]}]),
        laboratory="Laboratory",
        laboratory_method="dry combustion",
    )
    clerk = house.visit(house.people.clerk)
    path = re.search(
        r"/secretariat/measurements/[0-9a-f-]+", clerk.get("/secretariat/measurements").text
    )
    assert path is not None
    assert "there is no table behind it" in clerk.get(path[0]).plain


def test_the_committee_reads_the_raw_tables_of_its_seats(house: House, way: Way) -> None:
    reviewer = house.visit(house.people.reviewer)
    page = reviewer.get(f"/committee/projects/{way.project_id}/soil")
    path = re.search(r"/committee/soil/files/[0-9a-f-]+", page.text)
    assert path is not None
    assert reviewer.get(path[0]).data == soil.table(soil.rows())
    house.visit(house.people.steward).get(path[0], expect=403)
