"""Is a failed refund that its donor leaves with us a contribution again, once and where it was?"""

import uuid
from datetime import datetime, timedelta

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as some
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.giving import allocations, kept_refunds, refund_rows, refunds
from offset.giving.kept_refunds import Parts, put_back
from offset.giving.models import Refund, RefundKeepingDecision, RefundSource
from offset.ledger import verify
from offset.money import Money
from offset.people.access import Role
from tests.builders.giving import Given, Two, a_donation, books, deliver, row_of, two_people
from tests.builders.projects import admitted, an_actor
from tests.fakes_giving import FakeProcessor
from tests.once_built import once_built

WHY = "She wrote on 3 May that we keep it, letter 12."


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def went_back(
    database: Database,
    processor: FakeProcessor,
    given: Given,
    minor: int,
    *,
    at: datetime,
    number: int = 1,
) -> uuid.UUID:
    """A refund that somebody made at the processor, accepted and sourced; return its row."""
    sent = processor.refund(given.charge_id, minor, number=number)
    deliver(database, processor, sent, at=at)
    approver = database.run(an_actor, Role.APPROVER, at=at)
    cause = f"re_{given.charge_id}_{number}"
    with database.reading() as session:
        refund_id = session.scalars(select(Refund.id).where(Refund.processor_id == cause)).one()
    database.run(refund_rows.accept, actor=approver, at=at, refund_id=refund_id, reason="Seen.")
    refunds.source_pending(database, at=at)
    return refund_id


def fails(
    database: Database, processor: FakeProcessor, given: Given, *, at: datetime, number: int = 1
) -> None:
    sent = processor.refund_fails(f"re_{given.charge_id}_{number}")
    deliver(database, processor, sent, at=at)


def owed(database: Database, refund_id: uuid.UUID) -> int | None:
    with database.reading() as session:
        found = kept_refunds.owed(session, refund_id)
    return None if found is None else found.minor


def keep(database: Database, two: Two, refund_id: uuid.UUID, at: datetime) -> uuid.UUID:
    return database.run(
        kept_refunds.prepare, actor=two.clerk, at=at, refund_id=refund_id, reason=WHY
    )


def test_it_is_a_contribution_again_and_goes_where_the_donor_said(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    two = two_people(database, at=at)
    given = a_donation(database, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    before = books(database)
    refund_id = went_back(database, processor, given, 3000, at=at)
    assert owed(database, refund_id) is None
    fails(database, processor, given, at=at)
    assert (owed(database, refund_id), books(database)["Liabilities:Refunds:EUR"]) == (3000, -3000)
    with database.reading() as session:
        assert [row.id for row, _ in session.execute(kept_refunds.unanswered())] == [refund_id]
    keep(database, two, refund_id, at)
    row = row_of(database, given.id)
    assert (row.refunded, row.sourced, row.unallocated) == (0, 0, 2850)
    assert database.run(allocations.allocate_one, given.id, at=at).left == Money(0, "EUR")
    assert books(database) == before
    with database.reading() as session:
        (told,) = kept_refunds.of_refund(session, refund_id)
        assert (told.approved, told.reason, told.decided_by_name) == (True, WHY, "clerk")
        assert session.execute(kept_refunds.unanswered()).all() == []
    with pytest.raises(Refused, match="refund_nothing_owed"):
        keep(database, two, refund_id, at)
    # and a later refund takes its own share again
    went_back(database, processor, given, 3000, at=at, number=2)
    with database.reading() as session:
        shares = session.scalars(select(RefundSource.share).order_by(RefundSource.cause_id)).all()
    assert shares == [150, 150]
    assert verify.verify(database).faults == ()


def test_what_another_refund_paid_from_it_is_not_kept(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    two = two_people(embedded, at=at)
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    first = went_back(embedded, processor, given, 6000, at=at)
    reserve = books(embedded)["Equity:RefundReserve:EUR"]
    assert reserve == 6000 - 300 - 5585
    fails(embedded, processor, given, at=at)
    went_back(embedded, processor, given, 2000, at=at + timedelta(minutes=1), number=2)
    assert owed(embedded, first) == 4000
    keep(embedded, two, first, at + timedelta(minutes=2))
    row = row_of(embedded, given.id)
    # 20.00 stay taken: 1.00 of the share, the rest of the fund; the reserve has its own again
    assert (row.refunded, row.sourced, row.unallocated) == (2000, 2000, 4000 - 200 - reserve)
    found = books(embedded)
    assert "Equity:RefundReserve:EUR" not in found
    assert "Liabilities:Refunds:EUR" not in found
    assert found["Income:Share:EUR"] == -200


def test_a_refund_that_stands_or_took_nothing_is_not_kept(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    two = two_people(embedded, at=at)
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    stands = went_back(embedded, processor, given, 500, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 700, number=2), at=at)
    fails(embedded, processor, given, at=at, number=2)
    with embedded.reading() as session:
        early = session.scalars(select(Refund.id).where(Refund.id != stands)).one()
    assert owed(embedded, early) == 0

    def refused(refund_id: uuid.UUID, reason: str = WHY) -> str:
        with pytest.raises(OffsetError) as fault:
            embedded.run(
                kept_refunds.prepare, actor=two.clerk, at=at, refund_id=refund_id, reason=reason
            )
        return fault.value.code

    assert refused(stands) == "refund_not_failed"
    assert refused(early) == "refund_nothing_owed"
    assert refused(uuid.uuid4()) == "refund_unknown"
    assert refused(early, " ") == "reason_missing"
    with embedded.reading() as session, pytest.raises(NotFound):
        kept_refunds.owed(session, uuid.uuid4())
    fails(embedded, processor, given, at=at)
    assert owed(embedded, stands) == 500
    told = {"donation_id": given.id, "amount": Money(500, "EUR"), "reason": "Asked again."}
    embedded.run(refund_rows.prepare, actor=two.clerk, at=at, **told)
    assert refused(stands) == "refund_under_way"
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
    assert refused(stands) == "dispute_open"


def test_a_large_one_waits_for_a_second_person(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    two = two_people(database, at=at)
    given = a_donation(database, processor, at=at, amount="600.00 EUR")
    refund_id = went_back(database, processor, given, 60_000, at=at)
    fails(database, processor, given, at=at)
    keeping_id = keep(database, two, refund_id, at)
    assert owed(database, refund_id) == 60_000
    with pytest.raises(Conflict, match="keeping_waits"):
        keep(database, two, refund_id, at)
    lie = {
        "keeping_id": keeping_id, "prepared_by": two.clerk.user_id, "two_people": True,
        "approved": False, "reason": "x", "entry_id": None, "share": 0, "fund": 0, "reserve": 0,
        "decided_at": at, "decided_by": two.clerk.user_id,
    }  # fmt: skip
    with pytest.raises(DBAPIError):
        database.run(lambda session: session.execute(insert(RefundKeepingDecision).values(**lie)))
    told = {"at": at, "keeping_id": keeping_id}
    with pytest.raises(Forbidden):
        database.run(kept_refunds.approve, actor=two.clerk, **told)
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(kept_refunds.refuse, actor=two.approver, reason=" ", **told)
    database.run(kept_refunds.refuse, actor=two.approver, reason="Ask her again.", **told)
    assert row_of(database, given.id).unallocated == 0
    with pytest.raises(Conflict, match="keeping_decided"):
        database.run(kept_refunds.approve, actor=two.approver, **told)
    with pytest.raises(NotFound, match="keeping_unknown"):
        database.run(kept_refunds.approve, actor=two.approver, at=at, keeping_id=uuid.uuid4())
    again = keep(database, two, refund_id, at)
    database.run(kept_refunds.approve, actor=two.approver, at=at, keeping_id=again)
    assert owed(database, refund_id) == 0
    assert row_of(database, given.id).unallocated == row_of(database, given.id).net - 3000


@given_any(some.data(), some.integers(1, 6000), some.integers(0, 300))
def test_parts_put_back_sum_up_and_never_exceed_what_was_taken(
    data: some.DataObject, sourced: int, share: int
) -> None:
    due = share * sourced // 6000
    fund = data.draw(some.integers(0, sourced - due))
    taken = Parts(due, fund, sourced - due - fund)
    amount = data.draw(some.integers(1, sourced))
    found = put_back(amount, taken=taken, gross=6000, share=share, sourced=sourced)
    assert found.amount == amount
    assert 0 <= found.share <= taken.share
    assert 0 <= found.fund <= taken.fund
    assert 0 <= found.reserve <= taken.reserve
    assert taken.share - found.share == share * (sourced - amount) // 6000
