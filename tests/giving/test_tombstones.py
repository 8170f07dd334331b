"""Does the page of a withdrawn project say where every cent went, and do the parts add up?"""

from datetime import datetime, timedelta

from offset.database.session import Database
from offset.giving import withdrawals
from offset.giving.directives import Directive
from offset.projects import spending, tombstones
from offset.projects.models import Project
from tests.builders.giving import an_epoch, two_people
from tests.builders.treasury import House, a_payment
from tests.giving.test_directives import build, eur, give


def test_what_was_allocated_is_paid_returned_or_under_way(database: Database, at: datetime) -> None:
    ways = build(database, at)
    way, third = ways[1], ways[2].project_id
    two = two_people(database, at=at)
    an_epoch(database, two, {way.project_id: 1, third: 1}, at=at)
    give(database, Directive(project_id=way.project_id), at=at)
    later = at + timedelta(minutes=1)
    give(
        database,
        Directive(project_id=way.project_id, overflow_project_id=third),
        at=later,
        number=2,
    )
    house = House(way, way.cast.clerk, way.cast.treasurer, two.approver)
    database.run(a_payment, house, at=later, amount="80.00")
    with database.reading() as session:
        before = tombstones.trail(session, session.get_one(Project, way.project_id))
    assert before.returned == eur(0)
    assert before.allocated == before.paid + before.under_way + before.unpaid
    database.run(
        tombstones.change,
        actor=way.cast.treasurer,
        at=later,
        project_id=way.project_id,
        step="remove",
        reason="Dissolved.",
        told="The cooperative was dissolved.",
        language="en",
    )
    withdrawals.take_back_pending(database, at=later)
    with database.reading() as session:
        stone = tombstones.read(session, way.slug)
        assert spending.use(session, way.project_id).paid == stone.money.paid
    money = stone.money
    assert money.allocated == before.allocated == eur(11_400)
    assert (money.returned, money.under_way, money.unpaid) == (
        eur(3_400),
        eur(8_000),
        eur(0),
    )
    assert money.allocated == money.paid + money.returned + money.under_way + money.unpaid
    assert stone.steps[-1].told == "The cooperative was dissolved."
