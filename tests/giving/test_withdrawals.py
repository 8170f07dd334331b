"""Does a withdrawn project give back exactly what was not paid, to whom it belongs?"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import LedgerRefused, Refused
from offset.giving import allocations, epochs, queries, withdrawals
from offset.giving.directives import Directive
from offset.giving.models import Donation, Overflow
from offset.ledger import chart, entries, journal
from offset.people.contributors import Contributor
from offset.people.models import OutboxMessage
from offset.projects import assessments
from offset.projects.models import Project
from tests.builders.giving import an_epoch, row_of, two_people
from tests.builders.projects import Way, admitted
from tests.builders.treasury import House, a_payment
from tests.giving.test_allocations import rows_of
from tests.giving.test_directives import build, eur, funds, give
from tests.once_built import once_built


def remove(session: Session, way: Way, *, at: datetime) -> None:
    assessments.change_status(
        session,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        step="remove",
        reason="The cooperative was dissolved.",
    )


def test_the_newest_gifts_get_theirs_back_and_what_was_paid_stays(
    database: Database, at: datetime
) -> None:
    """114.00 from two gifts, 80.00 paid: the newest gets 34.00 back, the oldest nothing."""
    ways = build(database, at)
    second, third = ways[1].project_id, ways[2].project_id
    two = two_people(database, at=at)
    an_epoch(database, two, {second: 1, third: 1}, at=at)
    old = give(database, Directive(project_id=second), at=at)
    later = at + timedelta(minutes=1)
    new = give(
        database, Directive(project_id=second, overflow_project_id=third), at=later, number=2
    )
    house = House(ways[1], ways[1].cast.clerk, ways[1].cast.treasurer, two.approver)
    database.run(a_payment, house, at=later, amount="80.00")
    database.run(leave_address, new, at=later)
    assert withdrawals.take_back_pending(database, at=later) == 0
    database.run(remove, ways[1], at=later)
    with pytest.raises(Refused, match="gate_closed"):
        database.run(a_payment, house, at=later, amount="30.00")
    assert withdrawals.take_back_pending(database, at=later) == 1
    assert withdrawals.take_back_pending(database, at=later) == 0
    assert rows_of(database, old) == {second: 5700}
    assert rows_of(database, new) == {second: 2300}
    assert funds(database) == {"Fund:Pool": 3400}
    with database.reading() as session:
        assert epochs.open_epoch(session, "EUR") is None
        (mail,) = session.execute(
            select(OutboxMessage.template, OutboxMessage.parameters).where(
                OutboxMessage.template == "taken_back"
            )
        )
        (told,) = queries.to_take_back(session)
        page = queries.gift(session, row_of(database, new).token)
    assert (mail.template, mail.parameters["amount"]["minor"]) == ("taken_back", 3400)
    assert (told.held, told.returned, told.gifts) == (eur(0), eur(3400), 1)
    (gone,) = page.returns
    assert (gone.slug, gone.amount, gone.why) == ("hedges", eur(3400), "withdrawn")
    assert [(row.slug, row.withdrawn) for row in page.rows] == [("hedges", True)]
    # It goes on where the donor said: here to the next project.
    assert allocations.allocate_pending(database, at=later) == 1
    assert rows_of(database, new) == {second: 2300, third: 3400}
    assert row_of(database, new).unallocated == 0


def leave_address(session: Session, gift: object, *, at: datetime) -> None:
    person = Contributor(id=uuid7(at), email="donor@people.example", created_at=at)
    session.add(person)
    session.flush()
    session.get_one(Donation, gift).contributor_id = person.id


def test_a_gift_that_waited_for_a_withdrawn_project_waits_no_more(
    embedded: Database, at: datetime
) -> None:
    ways = build(embedded, at)
    first, third = ways[0].project_id, ways[2].project_id
    gift = give(embedded, Directive(project_id=first, overflow=Overflow.WAIT), at=at)
    an_epoch(embedded, two_people(embedded, at=at), {third: 1}, at=at)
    assert allocations.allocate_pending(embedded, at=at) == 0
    embedded.run(remove, ways[0], at=at)
    assert withdrawals.take_back_pending(embedded, at=at) == 1
    assert allocations.allocate_pending(embedded, at=at) == 1
    assert rows_of(embedded, gift) == {first: 0, third: 5700}


def test_money_of_a_theme_goes_back_to_the_theme(embedded: Database, at: datetime) -> None:
    ways = build(embedded, at)
    ids = [way.project_id for way in ways]
    gift = give(embedded, Directive(tag="Agroforestry"), at=at)
    two = two_people(embedded, at=at)
    an_epoch(embedded, two, dict.fromkeys(ids, 1), at=at)
    epoch = embedded.run(epochs.propose_epoch, actor=two.clerk, at=at, tag="Agroforestry")
    embedded.run(epochs.approve_epoch, epoch, actor=two.approver, at=at)
    allocations.allocate_pending(embedded, at=at)
    assert rows_of(embedded, gift) == {ids[1]: 2850, ids[2]: 2850}
    embedded.run(remove, ways[2], at=at)
    assert withdrawals.take_back_pending(embedded, at=at) == 1
    assert funds(embedded) == {"Fund:Restricted:Agroforestry": 2850, "Project:P0002": 2850}


def test_more_gifts_than_one_transaction_takes(embedded: Database, at: datetime) -> None:
    ways = build(embedded, at)
    for number in range(3):
        give(embedded, Directive(project_id=ways[1].project_id), at=at, number=number)
    embedded.run(remove, ways[1], at=at)
    taken = [
        embedded.run(withdrawals.take_back, ways[1].project_id, "EUR", at=at, limit=2)
        for _ in range(3)
    ]
    assert taken == [2, 1, 0]
    assert funds(embedded) == {"Fund:Pool": 3 * 5700}


def test_a_project_that_is_not_withdrawn_gives_nothing_back(
    embedded: Database, at: datetime
) -> None:
    ways = build(embedded, at)
    give(embedded, Directive(project_id=ways[1].project_id), at=at)
    assert embedded.run(withdrawals.take_back, ways[1].project_id, "EUR", at=at) == 0


def test_a_payment_that_came_back_after_the_withdrawal_makes_a_second_part(
    embedded: Database, at: datetime
) -> None:
    ways = build(embedded, at)
    two = two_people(embedded, at=at)
    gift = give(embedded, Directive(project_id=ways[1].project_id), at=at)
    house = House(ways[1], ways[1].cast.clerk, ways[1].cast.treasurer, two.approver)
    embedded.run(a_payment, house, at=at, amount="40.00")
    embedded.run(remove, ways[1], at=at)
    assert withdrawals.take_back_pending(embedded, at=at) == 1
    assert funds(embedded) == {"Fund:Pool": 1700}
    embedded.run(undo_order, at=at)
    assert withdrawals.take_back_pending(embedded, at=at) == 1
    assert funds(embedded) == {"Fund:Pool": 5700}
    assert row_of(embedded, gift).unallocated == 5700


def undo_order(session: Session, *, at: datetime) -> None:
    """The bank gave the payment back: the order is reversed."""
    found = session.execute(
        text("SELECT id, source_type, source_id FROM entry WHERE kind = 'disbursement_order'")
    ).one()
    lines = (
        entries.Line(chart.project("P0002", "EUR"), eur(4000)),
        entries.Line(chart.disbursements_in_transit("EUR"), eur(-4000)),
    )
    draft = entries.reversal(
        entry_id=uuid.UUID(bytes=found[0]),
        on=at.date(),
        source_type=found[1],
        source_id=found[2],
        lines=lines,
        reason="The bank gave it back.",
    )
    journal.post(session, draft, at=at)


def test_the_database_wants_a_row_for_what_leaves_a_project_and_never_below_zero(
    database: Database, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    gift = give(database, Directive(project_id=way.project_id), at=at)

    def unnamed(session: Session) -> None:
        draft = entries.deallocation(
            project=chart.project("P0001", "EUR"),
            donation_id=str(gift),
            on=at.date(),
            amount=eur(100),
        )
        journal.post(session, draft, at=at)

    with pytest.raises(LedgerRefused, match="rows_differ"):
        database.run(unnamed)

    def too_much(session: Session) -> None:
        project = session.get_one(Project, way.project_id)
        withdrawals._one(session, project, gift, eur(5701), at=at)  # noqa: SLF001 - past the check

    with pytest.raises((DBAPIError, LedgerRefused), match="allocation_row_not_below_zero"):
        database.run(too_much)
