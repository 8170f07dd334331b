"""Is what goes back taken from the right places, once, and never from paid money?"""

import uuid
from datetime import datetime, timedelta

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as some
from sqlalchemy import func, select

from offset.database.session import Database
from offset.errors import Forbidden, NotFound
from offset.giving import catch_up, refunds
from offset.giving.models import AllocationRow, DonationStatus
from offset.giving.refunds import Sources, find_sources
from offset.ledger import verify
from offset.money import Money
from offset.people.access import SYSTEM, Role
from tests.builders.giving import a_donation, books, deliver, row_of, two_people
from tests.builders.projects import admitted, an_actor
from tests.builders.treasury import House, a_payment
from tests.fakes_giving import FakeProcessor
from tests.once_built import once_built

A, B = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


@pytest.mark.parametrize(
    ("amount", "unallocated", "held", "expected"),
    [
        (500, 5585, {A: 0, B: 0}, Sources(25, 475, {}, 0)),
        (6000, 0, {A: 5000, B: 5000}, Sources(300, 0, {A: 3000, B: 2585}, 115)),
        (6000, 0, {A: 1000, B: 9000}, Sources(300, 0, {A: 1000, B: 2585}, 2115)),
        (6000, 0, {A: 0, B: 0}, Sources(300, 0, {}, 5700)),
        (1, 5585, {A: 0, B: 0}, Sources(0, 1, {}, 0)),
    ],
)
def test_share_first_then_the_pool_then_unpaid_rows_then_the_reserve(
    amount: int, unallocated: int, held: dict[uuid.UUID, int], expected: Sources
) -> None:
    rows = {} if unallocated else {A: 3000, B: 2585}
    found = find_sources(
        amount,
        gross=6000,
        share=300,
        share_taken=0,
        unallocated=unallocated,
        rows=rows,
        held=held,
    )
    assert found == expected
    assert found.amount == amount


@given_any(
    some.integers(1, 6000),
    some.integers(0, 300),
    some.dictionaries(some.sampled_from([A, B]), some.integers(1, 2700)),
    some.integers(0, 3000),
)
def test_sources_always_sum_to_what_went_back(
    amount: int, taken: int, rows: dict[uuid.UUID, int], held: int
) -> None:
    found = find_sources(
        amount,
        gross=6000,
        share=300,
        share_taken=taken,
        unallocated=5585 - sum(rows.values()),
        rows=rows,
        held=dict.fromkeys(rows, held),
    )
    assert found.amount == amount
    assert found.share <= 300 - taken
    assert all(part <= min(rows[one], held) for one, part in found.projects.items())
    assert found.reserve >= 0


def test_a_refund_made_at_the_processor_waits_for_a_person(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    given = a_donation(database, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    deliver(database, processor, processor.refund(given.charge_id, 3000), at=at)
    assert refunds.source_pending(database, at=at) == 0
    with database.reading() as session:
        (one,) = refunds.unsourced(session)
    assert (one.kind, one.amount) == ("refund", Money(3000, "EUR"))
    two = two_people(database, at=at)
    with pytest.raises(Forbidden):
        database.run(refunds.source, one.cause_id, actor=two.clerk, at=at)
    found = database.run(refunds.source, one.cause_id, actor=two.approver, at=at)
    assert found == Sources(150, 0, {way.project_id: 2850}, 0)
    assert books(database)["Liabilities:Project:P0001:EUR"] == -(5585 - 2850)
    assert "Liabilities:Refunds:EUR" not in books(database)
    row = row_of(database, given.id)
    assert (row.refunded, row.sourced, row.unallocated) == (3000, 3000, 0)
    with database.reading() as session:
        assert refunds.unsourced(session) == ()
        total = session.scalar(select(func.sum(AllocationRow.amount)))
    assert total == 5585 - 2850
    with pytest.raises(NotFound, match="refund_unknown"):
        database.run(refunds.source, one.cause_id, actor=two.approver, at=at)
    assert verify.verify(database).faults == ()


def test_refunds_in_parts_take_the_whole_share_when_the_whole_gift_went_back(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    approver = embedded.run(an_actor, Role.APPROVER, at=at)
    shares = []
    for number, minor in enumerate((2999, 3001), start=1):
        sent = processor.refund(given.charge_id, minor, number=number)
        deliver(embedded, processor, sent, at=at)
        cause = f"re_{given.charge_id}_{number}"
        shares.append(embedded.run(refunds.source, cause, actor=approver, at=at).share)
    assert shares == [149, 151]
    assert books(embedded)["Equity:RefundReserve:EUR"] == 6000 - 300 - 5585
    assert row_of(embedded, given.id).status is DonationStatus.REFUNDED


def test_a_lost_dispute_is_sourced_by_the_job_and_an_open_one_is_not(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    deliver(database, processor, processor.dispute(given.charge_id), at=at)
    assert refunds.source_pending(database, at=at) == 0
    deliver(database, processor, processor.decide(f"du_{given.charge_id}", "lost"), at=at)
    assert refunds.source_pending(database, at=at) == 1
    assert refunds.source_pending(database, at=at) == 0
    found = books(database)
    assert "Assets:Receivable:Disputes:EUR" not in found
    assert "Liabilities:Fund:Pool:EUR" not in found
    assert found["Equity:RefundReserve:EUR"] == 115
    assert verify.verify(database).faults == ()


def test_a_returned_debit_is_sourced_by_the_job(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    processor.at = at + timedelta(days=3)
    processor.move("charge_failure", Money(-2500, "EUR"), Money(350, "EUR"), given.charge_id)
    catch_up.catch_up(embedded, processor, since=at, at=processor.at)
    assert row_of(embedded, given.id).status is DonationStatus.REFUNDED
    assert refunds.source_pending(embedded, at=processor.at) == 1
    assert "Liabilities:Refunds:EUR" not in books(embedded)


def test_money_a_project_was_paid_is_never_taken_back(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(embedded, admitted, at=at)
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    approver = embedded.run(an_actor, Role.APPROVER, at=at)
    house = House(way, way.cast.clerk, way.cast.treasurer, approver)
    embedded.run(a_payment, house, at=at, amount="50.00")
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
    deliver(embedded, processor, processor.decide(f"du_{given.charge_id}", "lost"), at=at)
    refunds.source_pending(embedded, at=at)
    found = books(embedded)
    assert "Liabilities:Project:P0001:EUR" not in found
    assert found["Equity:RefundReserve:EUR"] == 6000 - 300 - 585


def test_nothing_went_back_under_an_unknown_id(embedded: Database, at: datetime) -> None:
    with pytest.raises(NotFound, match="refund_unknown"):
        embedded.run(refunds.source, "re_nothing", actor=SYSTEM, at=at)
