"""Does the land of an application hold what it states, and is the same land found twice?"""

import json
import uuid
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound, Refused
from offset.projects import applications, assessments, checks, overlap, sites
from offset.projects.application_drafts import latest_assessment
from offset.projects.application_models import SiteWay
from offset.projects.models import Application
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.once_built import once_built


def application_of(session: Session, way: Way) -> Application:
    return session.get_one(Application, latest_assessment(session, way.project_id).application_id)


def added(database: Database, of: Way, at: datetime, outline: str, **said: Any) -> Any:
    return database.run(
        sites.add,
        actor=of.cast.steward,
        at=at,
        project_id=of.project_id,
        text=outline,
        **said,
    )


def test_land_is_added_named_and_taken_away(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    told = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": "Hill"}, "geometry": json.loads(one)}
            for one in (build.a_square(10, 5, 20), build.a_square(11, 5, 30))
        ],
    }
    one, two = added(database, way, at, json.dumps(told), way=SiteWay.UPLOADED)
    added(database, way, at, build.a_square(12, 5, 40), name="  Low  field ")
    with database.reading() as session:
        held = sites.of_application(session, application_of(session, way).id)
        collection = sites.collection(session, application_of(session, way).id)
    assert [site.name for site in held[1:]] == ["Hill", "Hill", "Low field"]
    assert held[1].area_ha == pytest.approx(20, rel=0.01)
    assert held[1].box.meets(held[1].box)
    assert collection["features"][3]["properties"] == {"name": "Low field"}
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    database.run(sites.remove, **said, site_id=one)
    for gone in (one, uuid.UUID(int=3)):
        with pytest.raises(NotFound, match="site_unknown"):
            database.run(sites.remove, **said, site_id=gone)
    with database.reading() as session:
        left = sites.of_application(session, application_of(session, way).id)
        assert {site.id for site in left} == {held[0].id, two, held[3].id}
        assert sites.count(session, application_of(session, way).id) == 3


def test_longitude_and_latitude_exchanged_are_told(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    with pytest.raises(InvalidInput, match="outline_swapped") as refusal:
        added(database, way, at, build.a_square(-0.4, 43.5, 20))
    assert refusal.value.field == "outline"
    added(database, way, at, build.a_square(43.5, -0.4, 20))
    # far away and not exchanged: that may be so
    added(database, way, at, build.a_square(-12, 30, 20))


def test_all_of_a_file_or_nothing(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    good, bad = (json.loads(build.a_square(lat, 5, 20)) for lat in (10, 11))
    bad["coordinates"][0][1], bad["coordinates"][0][2] = (
        bad["coordinates"][0][2],
        bad["coordinates"][0][1],
    )
    both = json.dumps({"type": "FeatureCollection", "features": [good, bad]})
    with pytest.raises(InvalidInput, match="outline_crosses") as refusal:
        added(database, way, at, both)
    assert refusal.value.parameters["feature"] == 2
    with pytest.raises(InvalidInput, match="outline_known"):
        added(database, way, at, json.dumps({"type": "FeatureCollection", "features": [good] * 2}))
    with database.reading() as session:
        assert sites.count(session, application_of(session, way).id) == 1


def test_land_that_lies_over_other_land_of_the_application_would_count_twice(
    staged: Staged, at: datetime
) -> None:
    database, way = staged("a_draft")
    added(database, way, at, build.a_square(10, 5, 100), name="Hill")
    with pytest.raises(InvalidInput) as refusal:
        added(database, way, at, build.a_square(10.004, 5, 100))
    assert (refusal.value.code, refusal.value.field) == ("outline_over_site", "outline")
    assert refusal.value.parameters["feature"] == 1
    assert refusal.value.parameters["name"] == "Hill"
    both = [build.a_square(12, 5, 30), build.a_square(12.001, 5, 30)]
    file = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {}, "geometry": json.loads(one)} for one in both
        ],
    }
    with pytest.raises(InvalidInput, match="outline_over_site"):
        added(database, way, at, json.dumps(file))
    # neighbours share an edge
    added(database, way, at, build.a_square(10.008993, 5, 100), name="Next to it")


def test_there_is_an_end_to_land(staged: Staged, at: datetime) -> None:
    database, way = staged("a_draft")
    many = [json.loads(build.a_square(10 + n / 100, 5, 1)) for n in range(200)]
    with pytest.raises(Refused, match="too_many_sites"):
        added(database, way, at, json.dumps({"type": "FeatureCollection", "features": many}))


def test_the_first_land_fills_in_what_nobody_wrote(embedded: Database, at: datetime) -> None:
    said = build.answers()
    for name in ("area_ha", "latitude", "longitude"):
        said["land"].pop(name)
    way = embedded.run(build.a_draft, at=at, said=said)
    added(embedded, way, at, build.a_square(10, 5, 20))
    with embedded.reading() as session:
        land = application_of(session, way).document["land"]
    assert land["area_ha"] == pytest.approx(20, rel=0.01)
    assert (land["latitude"], land["longitude"]) == (10, 5)
    # what stands there stays
    added(embedded, way, at, build.a_square(11, 6, 20))
    with embedded.reading() as session:
        assert application_of(session, way).document["land"] == land


def test_drawn_and_stated_area_agree_or_somebody_says_why(embedded: Database, at: datetime) -> None:
    embedded.run(build.criteria_in_force, at=at)
    way = embedded.run(build.a_draft, at=at)
    said: dict[str, Any] = {"actor": way.cast.steward, "at": at, "project_id": way.project_id}
    left = embedded.run(applications.save, **said, answers={"land": {"area_ha": 900}})
    assert left == ("sites.area",)
    with pytest.raises(InvalidInput, match="application_incomplete"):
        embedded.run(applications.submit, **said)
    why = {"land": {"area_explained": "Fifty hectares of hedges lie apart."}}
    assert embedded.run(applications.save, **said, answers=why) == ()
    with embedded.reading() as session:
        found = checks.of_application(session, application_of(session, way).id)
    assert not found.area.within
    assert found.area.apart == pytest.approx(50 / 900, rel=0.05)
    # a policy has no land of its own
    with embedded.reading() as session:
        document = application_of(session, way).document
    assert sites.left((), {**document, "project": {"scope": "policy"}}) == ()
    assert sites.left((), document) == ("sites.none",)


def test_the_same_land_is_found_whoever_came_first(database: Database, at: datetime) -> None:
    first = once_built(database, build.an_application, at=at, slug="first")
    cast = first.cast
    second = database.run(build.a_draft, at=at, cast=cast, slug="second")
    third = database.run(build.a_draft, at=at, cast=cast, slug="third")
    with database.reading() as session:
        before = application_of(session, first).id
        [own] = sites.of_application(session, before)
        shape = sites.collection(session, before)["features"][0]["geometry"]["coordinates"]
    wide = (own.box.east - own.box.west) / 2
    half = [[[x + wide, y] for x, y in ring] for ring in shape]
    outline = json.dumps({"type": "Polygon", "coordinates": half})
    added(database, second, at, outline, name="Shared")
    why = {"land": {"area_explained": "Shared land."}}
    for way in (second, third):
        said: dict[str, Any] = {"actor": cast.steward, "at": at, "project_id": way.project_id}
        database.run(applications.save, **said, answers=why)
        database.run(applications.submit, **said)
    with database.reading() as session:
        later = application_of(session, second).id
        [found] = overlap.of_application(session, later).found
        [seen] = overlap.of_application(session, before).found
        other = overlap.of_application(session, application_of(session, third).id)
    assert found.site == "Shared"
    assert found.area_ha == pytest.approx(425, rel=0.01)
    assert found.share == pytest.approx(0.5, rel=0.01)
    assert (found.other_project_id, seen.other_project_id) == (first.project_id, second.project_id)
    assert (seen.other_site, seen.area_ha) == ("Shared", found.area_ha)
    # compared with one of the first and two of the second; none in common
    assert (other.compared, other.found) == (3, ())
    for statement in (
        "UPDATE site_overlap SET area_ha = 1",
        "DELETE FROM site_overlap",
        "DELETE FROM overlap_check",
        "UPDATE application_site SET area_ha = 1",
        "DELETE FROM application_site",
        "INSERT INTO application_site SELECT * FROM application_site",
    ):
        with pytest.raises(DBAPIError):
            database.run(lambda session, told=statement: session.execute(text(told)))


def test_withdrawn_projects_and_drafts_do_not_count(embedded: Database, at: datetime) -> None:
    first = once_built(embedded, build.an_application, at=at, slug="same")
    embedded.run(
        assessments.change_status,
        actor=first.cast.steward,
        at=at,
        project_id=first.project_id,
        step="withdraw",
        reason="Sold the land.",
    )
    with embedded.reading() as session:
        shape = sites.collection(session, application_of(session, first).id)
    second = embedded.run(build.a_draft, at=at, cast=first.cast, slug="again")
    added(embedded, second, at, json.dumps(shape))
    said: dict[str, Any] = {
        "actor": first.cast.steward,
        "at": at,
        "project_id": second.project_id,
    }
    embedded.run(applications.save, **said, answers={"land": {"area_explained": "Both."}})
    embedded.run(applications.submit, **said)
    with embedded.reading() as session:
        found = overlap.of_application(session, application_of(session, second).id)
    assert (found.compared, found.found) == (0, ())


def test_land_goes_along_into_the_next_version(embedded: Database, at: datetime) -> None:
    way = once_built(embedded, build.decided, at=at)
    with embedded.reading() as session:
        before = sites.of_application(session, application_of(session, way).id)
    embedded.run(
        applications.begin_version, actor=way.cast.steward, at=at, project_id=way.project_id
    )
    with embedded.reading() as session:
        after = sites.of_application(session, application_of(session, way).id)
        whole = applications.content_hash(session, application_of(session, way))
    assert [(s.name, s.sha256) for s in after] == [(s.name, s.sha256) for s in before]
    # the hash of a version knows its land
    embedded.run(
        sites.remove,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        site_id=after[0].id,
    )
    with embedded.reading() as session:
        assert applications.content_hash(session, application_of(session, way)) != whole
