"""Can a steward plan a sampling, check a table, commit exactly it, and read what was said?"""

import io
import re
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from offset.people.access import Role
from offset.projects.measurement_models import LayerDraft, LayerFile, SoilCore
from offset.projects.models import Measurement
from tests.builders import projects as build
from tests.builders import soil
from tests.builders.projects import Way
from tests.once_built import once_built
from tests.web.rooms import House, Page, Visitor

FORM = {"laboratory": "Laboratory of the plain", "laboratory_method": "dry combustion"}
STRATA = "North; 500; 4\nSouth; 350; 3\n"


@pytest.fixture
def way(house: House) -> Way:
    found = once_built(house.database, build.admitted, at=house.at(), cast=house.people)
    house.database.run(soil.projected, found, at=house.at())
    return found


def planned(steward: Visitor, way: Way, **said: str) -> str:
    told = {
        "planned_on": "2021-11-01",
        "depth_cm": "30",
        "baseline_id": "",
        "design": "paired",
        "strata": STRATA,
        **said,
    }
    answer = steward.post(f"/steward/projects/{way.project_id}/soil", told)
    return answer.place.partition("localhost")[2] or answer.place


def checked(
    steward: Visitor, path: str, data: bytes, name: str = "l.csv", expect: int = 200
) -> Page:
    told: dict[str, Any] = {**FORM, "file": (io.BytesIO(data), name)}
    return steward.post(f"{path}/check", told, expect=expect)


def count(house: House, table: Any) -> int:
    with house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_from_a_plan_to_what_is_handed_in(house: House, steward: Visitor, way: Way) -> None:
    project = f"/steward/projects/{way.project_id}"
    assert "No sampling is planned yet" in steward.get(f"{project}/soil").plain
    assert "Soil samples" in steward.get(project).plain
    first = planned(steward, way)
    assert "due, not yet measured" in steward.get(first).plain
    base = soil.workbook(soil.rows())
    page = checked(steward, first, base, "table.xlsx")
    assert "Checked without fault; nothing counts yet" in page.plain
    assert "7 cores" in page.plain
    assert count(house, LayerFile) == 0
    digest = page.controls()["sha256"]
    steward.post(f"{first}/commit", {"sha256": digest})
    seen = steward.get(first)
    assert "table.xlsx" in seen.plain
    file_path = re.search(r"/steward/soil/files/[0-9a-f-]+", seen.text)
    assert file_path is not None
    got = steward.get(file_path[0])
    assert got.data == base
    assert got.headers["Content-Disposition"].startswith("attachment")
    second = planned(
        steward, way, planned_on="2026-11-01", strata="", baseline_id=first.rpartition("/")[2]
    )
    page = checked(steward, second, soil.table(soil.rows(soil.LATER_DAY, soil.LOSS)))
    assert "loss detected:" in page.plain
    steward.post(f"{second}/commit", {"sha256": page.controls()["sha256"]})
    assert count(house, Measurement) == 1
    listed = steward.get(f"{project}/soil").plain
    assert "Round 1, compared with round 0" in listed
    assert "Handed in for publication" in listed


def test_faults_come_with_row_column_and_reason_and_nothing_is_kept(
    house: House, steward: Visitor, way: Way
) -> None:
    first = planned(steward, way)
    lines = soil.rows()
    lines[3] = lines[3].replace("1.42", "14.2").replace("fine_earth", "dry")
    page = checked(steward, first, soil.table(lines), expect=422)
    assert "3 faults: nothing was stored" in page.plain
    assert "Row 5, bulk_density_g_cm3: bulk_density_g_cm3 must be" in page.plain
    assert "“dry” is not one of whole_soil or fine_earth." in page.plain
    assert count(house, LayerDraft) == count(house, LayerFile) == count(house, SoilCore) == 0
    assert not list(house.files.root.rglob("*.csv"))
    # what was typed stays
    assert page.controls()["laboratory"] == FORM["laboratory"]


def test_a_page_of_faults_stays_small(steward: Visitor, way: Way) -> None:
    first = planned(steward, way)
    lines = [one.replace("fine_earth", "dry") for one in soil.rows() * 60]
    page = checked(steward, first, soil.table(lines), expect=422)
    assert "and 1580 more of the same file" in page.plain
    assert len(page.data) < 60_000


def test_forms_are_told_at_their_fields(steward: Visitor, way: Way) -> None:
    project = f"/steward/projects/{way.project_id}/soil"
    told = {"planned_on": "", "depth_cm": "30", "design": "paired", "strata": STRATA}
    assert "Fill this in." in steward.post(project, told, expect=422).plain
    for strata in ("North", "North; x; 4", "North; 5"):
        said = {**told, "planned_on": "2021-11-01", "strata": strata, "baseline_id": ""}
        assert "A stratum needs a name" in steward.post(project, said, expect=422).plain
    said = {**told, "planned_on": "2021-11-01", "baseline_id": "nonsense"}
    assert "There is no such round" in steward.post(project, said, expect=422).plain
    first = planned(steward, way)
    assert "Choose a file first." in steward.post(f"{first}/check", FORM, expect=422).plain
    empty = {"laboratory": "", "laboratory_method": "", "file": (io.BytesIO(b"x"), "a.csv")}
    assert "Fill this in." in steward.post(f"{first}/check", empty, expect=422).plain
    assert "was not checked" in steward.post(f"{first}/commit", {"sha256": "0"}, expect=422).plain
    assert "Fill this in." in steward.post(f"{first}/call-off", {}, expect=422).plain
    steward.post(f"{first}/call-off", {"reason": "Flooded."})
    assert "Called off: Flooded." in steward.get(first).plain
    gone = checked(steward, first, soil.table(soil.rows()), expect=422)
    assert "This round was called off." in gone.plain
    again = steward.post(f"{first}/call-off", {"reason": "Again."}, expect=422)
    assert "This round was called off." in again.plain


def test_a_second_file_needs_its_reason(steward: Visitor, way: Way) -> None:
    first = planned(steward, way)
    page = checked(steward, first, soil.table(soil.rows()))
    steward.post(f"{first}/commit", {"sha256": page.controls()["sha256"]})
    other = soil.table(soil.rows(change=soil.GAIN))
    digest = checked(steward, first, other).controls()["sha256"]
    refused = steward.post(f"{first}/commit", {"sha256": digest}, expect=422)
    assert "Say why this file takes their place" in refused.plain
    steward.post(f"{first}/commit", {"sha256": digest, "reason": "Bags swapped."})
    seen = steward.get(first).plain
    assert "Bags swapped." in seen
    assert "replaced" in seen


def test_others_find_nothing(house: House, steward: Visitor, way: Way) -> None:
    first = planned(steward, way)
    stranger = house.visit(
        house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="stranger")
    )
    for path in (first, f"/steward/projects/{way.project_id}/soil"):
        stranger.get(path, expect=404)
    stranger.post(f"{first}/check", {**FORM, "file": (io.BytesIO(b"x"), "a.csv")}, expect=404)
    stranger.post(f"{first}/commit", {"sha256": "0"}, expect=404)
    stranger.post(f"{first}/call-off", {"reason": "x"}, expect=404)
    steward.get(f"/steward/soil/{uuid.uuid4()}", expect=404)
    steward.get(f"/steward/soil/files/{uuid.uuid4()}", expect=404)
    house.visit(house.people.clerk).get(first, expect=403)
