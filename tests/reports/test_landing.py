"""Are the figures of the first page those of the books, on both engines?"""

from datetime import datetime, timedelta

from offset.database.session import Database
from offset.giving import queries as giving
from offset.ledger import queries as ledger
from offset.money import Money
from offset.projects import queries as projects
from offset.projects.models import ProjectStatus
from offset.reports import landing
from offset.sandbox import demo_projects
from tests.builders import giving as gifts
from tests.builders.projects import a_project
from tests.fakes_giving import FakeProcessor


def test_an_empty_house_has_zeros(database: Database, at: datetime) -> None:
    with database.reading() as session:
        told = landing.horizons(session, on=at.date())
        assert landing.listed(session) == ()
    assert told.received == told.allocated == Money(0, "EUR")
    assert (told.allocated_projects, told.applications, told.positive) == (0, 0, 0)
    assert (told.gain, told.no_change, told.loss, told.pending) == (0, 0, 0, 0)


def test_received_and_allocated_are_the_ledger_s(database: Database, at: datetime) -> None:
    way = a_project(database, at=at)
    processor = FakeProcessor(at)
    given = gifts.a_donation(
        database, processor, at=at, amount="60.00 EUR", project_id=way.project_id
    )
    gifts.allocate(database, given, at=at)
    gifts.a_donation(database, processor, at=at, amount="100.00 EUR")
    with database.reading() as session:
        told = landing.horizons(session, on=at.date())
        books = ledger.public_totals(session)["EUR"]
        (one,) = landing.listed(session)
        assert told.received == books.received
        assert told.received == giving.received_this_month(session, at)
        run = giving.last_run(session)
        next_month = landing.horizons(session, on=at.date() + timedelta(days=40))
    assert run is not None
    assert told.allocated == books.allocated == run.amount == Money(5585, "EUR")
    assert told.allocated_projects == run.projects == 1
    assert one.totals.allocated == Money(5585, "EUR")
    assert next_month.received == Money(0, "EUR")
    assert next_month.allocated == Money(5585, "EUR")


def test_assessed_and_measured_agree_with_the_projects_room(
    embedded: Database, at: datetime
) -> None:
    demo_projects.load_projects(embedded, start=at)
    with embedded.reading() as session:
        told = landing.horizons(session, on=at.date())
        counts = projects.horizon_counts(session)
        cards = {card.slug: card for card in projects.cards(session, on=at.date())}
        listed = landing.listed(session)
    assert (told.applications, told.positive) == (counts.applications, counts.positive)
    assert (told.gain, told.no_change, told.loss, told.pending) == (
        counts.gain,
        counts.no_change,
        counts.loss,
        counts.not_yet,
    )
    assert {one.slug for one in listed} == set(cards)
    for one in listed:
        card = cards[one.slug]
        assert (one.totals, one.target, one.verdict) == (card.totals, card.target, card.verdict)
        assert (one.p05, one.p95, one.position) == (card.p05, card.p95, card.position)
    assert {one.status for one in listed} == {ProjectStatus.OPEN}
