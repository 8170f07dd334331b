"""Does the page behind a gift's link tell to the cent where the money is?"""

import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import NotFound
from offset.giving import queries
from offset.giving.models import DonationStatus, Overflow
from offset.giving.queries import GiftStep, LastRun
from offset.ledger import entries, journal
from offset.ledger.entries import BankLine
from offset.money import Money
from offset.people.access import Role
from offset.projects import moderation, updates
from offset.projects.models import UpdateKind
from tests.builders.giving import (
    Given,
    a_donation,
    a_pledge,
    an_epoch,
    an_open_gift,
    deliver,
    two_people,
)
from tests.builders.ledger import a_bank_account
from tests.builders.projects import Way, a_cast, admitted, an_actor
from tests.builders.treasury import House, a_payment
from tests.fakes_giving import FakeProcessor
from tests.once_built import once_built


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def page_of(database: Database, given: Given) -> queries.GiftPage:
    with database.reading() as session:
        return queries.gift(session, given.pledge.token)


def pay(session: Session, way: Way, amount: str, on: date, *, at: datetime) -> None:
    """Order a payment by two people and book the bank's debit."""
    approver = an_actor(session, Role.APPROVER, at=at)
    house = House(way, way.cast.clerk, way.cast.treasurer, approver)
    payment_id = a_payment(session, house, at=at, amount=amount)
    line = BankLine(str(uuid.uuid4()), on, "Assets:Bank:B1")
    minor = int(amount.replace(".", ""))
    draft = entries.disbursement_sent(line, disbursement_id=str(payment_id), amount=eur(minor))
    journal.post(session, draft, at=at)


def tell(session: Session, way: Way, *, at: datetime) -> None:
    """The steward posts an update and the clerk publishes it."""
    update_id = updates.write(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        kind=UpdateKind.FIELD,
        language="en",
        title="Rain came",
        body="The cover holds.",
    )
    updates.submit(session, actor=way.cast.steward, at=at, update_id=update_id)
    moderation.publish(session, actor=way.cast.clerk, at=at, update_id=update_id)


def test_a_pledge_shows_five_open_steps(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    page = page_of(embedded, an_open_gift(embedded, processor, at=at))
    assert page.steps == tuple(GiftStep(word, "open") for word in queries.STEPS)
    assert (page.split, page.unallocated, page.refunded, page.rows, page.receipt) == (
        None,
        None,
        None,
        (),
        None,
    )
    assert (page.amount, page.status, page.settled_at) == (
        eur(2500),
        DonationStatus.CREATED,
        None,
    )


def test_a_gift_is_followed_through_its_steps(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    database.run(a_bank_account, at=at)
    given = a_donation(database, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    page = page_of(database, given)
    assert page.split is not None
    assert (page.split.gross, page.split.to_projects, page.split.fee, page.split.share) == (
        eur(6000),
        eur(5585),
        eur(115),
        eur(300),
    )
    assert [(step.word, step.state) for step in page.steps] == [
        ("received", "done"),
        ("allocated", "done"),
        ("paid", "open"),
        ("reported", "open"),
        ("measured", "open"),
    ]
    assert (page.directed_slug, page.unallocated) == (way.slug, eur(0))
    assert page.receipt is not None
    assert (page.receipt.number, page.receipt.has_pdf) == ("2026-000001", False)

    soon = at + timedelta(days=2)
    database.run(pay, way, "30.00", soon.date(), at=soon)
    (row,) = page_of(database, given).rows
    assert (row.allocated, row.paid, row.paid_on) == (eur(5585), eur(3000), soon.date())
    assert page_of(database, given).steps[2].state == "partly"

    later = at + timedelta(days=9)
    database.run(pay, way, "25.85", later.date(), at=later)
    database.run(tell, way, at=later)
    page = page_of(database, given)
    assert [(step.state, step.on) for step in page.steps] == [
        ("done", at.date()),
        ("done", at.date()),
        ("done", later.date()),
        ("done", later.date()),
        ("open", None),
    ]
    assert page.steps[2].amount == eur(5585)
    assert page.rows[0].reported_on == later.date()
    assert page.rows[0].report_due_on is not None


def test_payments_count_to_the_oldest_rows_first(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(embedded, admitted, at=at)
    embedded.run(a_bank_account, at=at)
    first, second = (
        a_donation(
            embedded,
            processor,
            at=at + timedelta(minutes=minute),
            amount="60.00 EUR",
            project_id=way.project_id,
        )
        for minute in (0, 1)
    )
    soon = at + timedelta(days=2)
    embedded.run(pay, way, "60.00", soon.date(), at=soon)
    assert page_of(embedded, first).rows[0].paid == eur(5585)
    assert page_of(embedded, second).rows[0].paid == eur(6000 - 5585)
    later = at + timedelta(days=5)
    embedded.run(pay, way, "50.00", later.date(), at=later)
    # The first was paid whole by the first payment; the second payment is not its own.
    assert page_of(embedded, first).rows[0].paid_on == soon.date()
    assert page_of(embedded, second).rows[0].paid_on == later.date()


def test_news_from_before_the_money_is_not_news_of_it(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(embedded, admitted, at=at)
    embedded.run(tell, way, at=at)
    later = at + timedelta(days=1)
    given = a_donation(embedded, processor, at=later, project_id=way.project_id)
    assert page_of(embedded, given).rows[0].reported_on is None


def test_a_gift_in_parts_says_partly_and_lists_the_largest_first(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    cast = embedded.run(a_cast, at=at)
    small = once_built(embedded, admitted, at=at, slug="small", ceiling="10.00", cast=cast)
    large = once_built(embedded, admitted, at=at, slug="large", ceiling="20.00", cast=cast)
    weights = {small.project_id: 1, large.project_id: 1}
    an_epoch(embedded, two_people(embedded, at=at), weights, at=at)
    page = page_of(embedded, a_donation(embedded, processor, at=at, amount="60.00 EUR"))
    assert [(row.slug, row.allocated) for row in page.rows] == [
        ("large", eur(2000)),
        ("small", eur(1000)),
    ]
    assert page.steps[1].state == "partly"
    assert page.unallocated == eur(2585)


def test_a_gift_page_takes_as_many_statements_for_many_gifts_as_for_one(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(embedded, admitted, at=at)
    given = a_donation(embedded, processor, at=at, project_id=way.project_id)
    few = _statements(embedded, given)
    for _ in range(5):
        a_donation(embedded, processor, at=at, project_id=way.project_id)
    assert _statements(embedded, given) == few <= 8


def test_a_wrong_link_finds_nothing(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    with embedded.reading() as session:
        assert queries.gift_of_session(session, given.session_id) == given.pledge.token
        for ask in (queries.gift, queries.gift_of_session, queries.receipt):
            with pytest.raises(NotFound):
                ask(session, "no such thing")
        with pytest.raises(NotFound, match="gift_unknown"):
            queries.donation(session, uuid.uuid4())


def test_the_horizons_count_this_month_and_the_last_run(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    with database.reading() as session:
        assert queries.received_this_month(session, at) == eur(0)
        assert queries.last_run(session) is None
    way = once_built(database, admitted, at=at - timedelta(days=60))
    old = at - timedelta(days=40)
    processor.at = old
    a_donation(database, processor, at=old, amount="10.00 EUR", project_id=way.project_id)
    processor.at = at
    a_donation(database, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    with database.reading() as session:
        assert queries.received_this_month(session, at) == eur(6000)
        assert queries.received_this_month(session, at, "USD") == Money(0, "USD")
        assert queries.last_run(session) == LastRun(at.date(), eur(5585), 1)


def test_the_desk_finds_gifts_by_what_it_knows(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    paid = a_donation(
        database, processor, at=at, project_id=way.project_id, overflow=Overflow.WAIT, ref="agency"
    )
    pool = a_donation(database, processor, at=at + timedelta(minutes=1))
    pledged = a_pledge(database, at=at + timedelta(minutes=2))
    with database.reading() as session:

        def found(**wanted: object) -> list[uuid.UUID]:
            return [one.id for one in queries.donations(session, **wanted)]  # type: ignore[arg-type]  # the filters under test

        assert found() == [pledged.donation_id, pool.id, paid.id]
        assert found(limit=1) == [pledged.donation_id]
        assert found(before=pool.id) == [paid.id]
        assert found(status=DonationStatus.CREATED) == [pledged.donation_id]
        assert found(project_id=way.project_id) == [paid.id]
        assert found(since=at + timedelta(seconds=90)) == [pledged.donation_id]
        assert found(until=at + timedelta(seconds=30)) == [paid.id]
        assert found(unallocated=True) == [pool.id]
        assert found(text=paid.pledge.reference.lower()) == [paid.id]
        assert found(text=pool.charge_id) == [pool.id]
        assert found(text=" Ada@example.org ") == [pool.id, paid.id]
        (line,) = queries.donations(session, text=paid.pledge.reference)
    assert (line.name, line.email, line.ref, line.project_title) == (
        "Ada Lovelace",
        "ada@example.org",
        "agency",
        "Green bridges: permanent cover on maize land",
    )


def test_every_figure_of_the_desk_leads_down_to_the_entry(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    deliver(database, processor, processor.refund(given.charge_id, 500), at=at)
    with database.reading() as session:
        detail = queries.donation(session, given.id)
    assert [(one.category, one.net) for one in detail.movements] == [
        ("charge", eur(5885)),
        ("refund", eur(-500)),
    ]
    assert detail.movements[0].entry_id == detail.page.entry_id
    assert (detail.line.refunded, detail.page.refunded) == (eur(500), eur(500))
    assert (detail.session_id, detail.charge_id) == (given.session_id, given.charge_id)


def _statements(database: Database, given: Given) -> int:
    told: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    page_of(database, given)
    event.remove(database.engine, "before_cursor_execute", note)
    return len([one for one in told if one.startswith("SELECT")])
