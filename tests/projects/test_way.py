"""Does a project reach its money by the real verbs, on both engines?"""

from datetime import datetime

from offset.database.session import Database
from tests.builders import projects as build


def test_a_project_that_went_the_whole_way_may_receive_money(
    database: Database, at: datetime
) -> None:
    way = build.a_project(database, at=at)
    gate = build.gate_of(database, way, at.date())
    assert gate.open
    assert gate.reasons == ()
    assert gate.decision_id == way.decision_id
    assert gate.admission_id == way.admission_id
