"""Can nobody miss a dispute, and does it take back what it must, once, and no more?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import Refused
from offset.giving import allocations, catch_up, disputes, refunds
from offset.giving.models import Dispute, DonationStatus
from offset.giving.ports import DisputeFacts
from offset.ledger import verify
from offset.money import Money
from offset.people.access import Role
from offset.people.models import AuditEvent, OutboxMessage
from offset.treasury import disbursements
from tests.builders.giving import (
    a_donation,
    an_epoch,
    an_open_gift,
    books,
    deliver,
    row_of,
    two_people,
)
from tests.builders.projects import admitted, an_actor
from tests.builders.treasury import House, a_payment
from tests.fakes_giving import FakeProcessor, Sent
from tests.once_built import once_built


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def told(processor: FakeProcessor, dispute_id: str, **changes: object) -> Sent:
    """The processor says something new of a dispute."""
    found = processor.things[dispute_id]
    assert isinstance(found, DisputeFacts)
    processor.things[dispute_id] = replace(found, **changes)  # type: ignore[arg-type] # by name
    return processor.tell("charge.dispute.updated", dispute_id)


def kept(database: Database) -> Dispute:
    with database.reading() as session:
        row = session.scalars(select(Dispute)).one()
        session.expunge(row)
        return row


def test_an_open_dispute_is_kept_with_its_deadline_and_ends_once(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    opened = processor.dispute(given.charge_id)
    deliver(database, processor, opened, at=at)
    row = kept(database)
    assert (row.status, row.evidence_due, row.closed_at) == (
        "needs_response",
        at + timedelta(days=7),
        None,
    )
    deliver(database, processor, told(processor, row.dispute_id, status="under_review"), at=at)
    assert kept(database).status == "under_review"
    for sent in (
        processor.decide(row.dispute_id, "lost"),
        processor.tell("charge.dispute.updated", row.dispute_id),
    ):
        deliver(database, processor, sent, at=at)
    gift = row_of(database, given.id)
    assert (gift.status, gift.refunded) == (DonationStatus.LOST, 6000)
    assert kept(database).closed_at == at
    assert refunds.source_pending(database, at=at) == 1
    assert verify.verify(database).faults == ()


def test_a_part_that_is_lost_leaves_the_rest_of_the_gift(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    processor.dispute(given.charge_id)
    dispute_id = f"du_{given.charge_id}"
    found = processor.things[dispute_id]
    assert isinstance(found, DisputeFacts)
    (taken,) = found.movements
    half = Money(-2000, "EUR")
    part = replace(taken, amount=half, net=half - taken.fee)
    processor.movements[taken.id] = part
    deliver(
        database,
        processor,
        told(processor, dispute_id, movements=(part,), presented=Money(2000, "EUR")),
        at=at,
    )
    assert row_of(database, given.id).status is DonationStatus.DISPUTED
    lost = processor.decide(dispute_id, "lost")
    deliver(database, processor, lost, at=at)
    late = processor.tell("charge.dispute.funds_withdrawn", dispute_id)
    deliver(database, processor, late, at=at)
    gift = row_of(database, given.id)
    assert (gift.status, gift.refunded) == (DonationStatus.PARTLY_REFUNDED, 2000)
    assert refunds.source_pending(database, at=at) == 1
    assert "Assets:Receivable:Disputes:EUR" not in books(database)
    assert row_of(database, given.id).sourced == 2000


@pytest.mark.parametrize(
    "status", ["warning_needs_response", "warning_under_review", "warning_closed", "prevented"]
)
def test_a_warning_moves_no_money_but_stands_on_the_list(
    embedded: Database, processor: FakeProcessor, at: datetime, status: str
) -> None:
    given = a_donation(embedded, processor, at=at)
    before = books(embedded)
    processor.dispute(given.charge_id)
    sent = told(processor, f"du_{given.charge_id}", status=status, movements=())
    deliver(embedded, processor, sent, at=at)
    assert books(embedded) == before
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED
    with embedded.reading() as session:
        (line,) = disputes.lines(session)
    assert line.needs_answer is (status == "warning_needs_response")
    assert (line.closed_at is not None) is (status in disputes.CLOSED)


def test_the_secretariat_is_told_when_it_opens_and_three_days_before(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    for role in (Role.CLERK, Role.TREASURER, Role.AUDITOR):
        embedded.run(an_actor, role, at=at)
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)

    def keys() -> list[str]:
        with embedded.reading() as session:
            return [
                key.rsplit(":", 2)[0]
                for key in session.scalars(
                    select(OutboxMessage.key).where(OutboxMessage.template == "dispute")
                )
            ]

    for moment in (at, at + timedelta(days=3)):
        embedded.run(disputes.remind, at=moment)
        assert keys() == ["dispute:opened"] * 2
    for _ in range(2):
        embedded.run(disputes.remind, at=at + timedelta(days=4))
        assert sorted(keys()) == ["dispute:due"] * 2 + ["dispute:opened"] * 2
    deliver(embedded, processor, processor.decide(f"du_{given.charge_id}", "won"), at=at)
    assert embedded.run(disputes.remind, at=at + timedelta(days=6)) == 0


def test_what_a_disputed_gift_gave_is_not_paid_out_until_it_is_won(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    given = a_donation(database, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    approver = database.run(an_actor, Role.APPROVER, at=at)
    house = House(way, way.cast.clerk, way.cast.treasurer, approver)
    payment = database.run(a_payment, house, at=at, amount="25.00", approved=False)
    deliver(database, processor, processor.dispute(given.charge_id), at=at)
    with pytest.raises(Refused, match="amount_above_balance"):
        database.run(a_payment, house, at=at, amount="30.00")
    with pytest.raises(Refused, match="amount_above_balance"):
        database.run(disbursements.approve, actor=house.approver, at=at, disbursement_id=payment)
    deliver(database, processor, processor.decide(f"du_{given.charge_id}", "won"), at=at)
    database.run(a_payment, house, at=at, amount="30.00")
    database.run(disbursements.approve, actor=house.approver, at=at, disbursement_id=payment)


def test_a_gift_heard_of_with_its_dispute_reaches_its_project_and_no_other(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    """Which of the two we heard of first does not tell in the books."""
    way = once_built(embedded, admitted, at=at)
    an_epoch(embedded, two_people(embedded, at=at), {way.project_id: 1}, at=at)
    early = a_donation(embedded, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    deliver(embedded, processor, processor.dispute(early.charge_id), at=at)
    late, anywhere = (
        an_open_gift(embedded, processor, at=at, amount="60.00 EUR", project_id=one)
        for one in (way.project_id, None)
    )
    for given in (late, anywhere):
        processor.pay(given.session_id)
        processor.dispute(given.charge_id)
    processor.sent.clear()
    catch_up.catch_up(embedded, processor, at=at)
    for given in (late, anywhere):
        assert row_of(embedded, given.id).status is DonationStatus.DISPUTED
    allocations.allocate_pending(embedded, at=at)
    assert row_of(embedded, early.id).unallocated == row_of(embedded, late.id).unallocated == 0
    assert row_of(embedded, anywhere.id).unallocated > 0
    assert embedded.run(allocations.allocate_one, anywhere.id, at=at).parts == ()
    # What it gave is not paid out while it is asked about, and goes back when it is lost.
    for given in (early, late):
        processor.decide(f"du_{given.charge_id}", "lost")
    catch_up.catch_up(embedded, processor, at=at)
    assert refunds.source_pending(embedded, at=at) == len((early, late))
    assert "Liabilities:Project:P0001:EUR" not in books(embedded)


def test_a_dispute_whose_end_no_event_told_is_read_again(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
    processor.decide(f"du_{given.charge_id}", "lost")
    processor.sent.clear()
    assert catch_up.catch_up(embedded, processor, at=at).reread == 1
    assert row_of(embedded, given.id).status is DonationStatus.LOST


def test_a_payment_of_nobody_may_be_disputed_too(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    late = at + timedelta(hours=2)
    stranger = processor.stranger(2500)
    deliver(embedded, processor, stranger, at=late)
    deliver(embedded, processor, processor.dispute(stranger.subject), at=late)
    with embedded.reading() as session:
        (line,) = disputes.lines(session)
    assert (line.donation_id, line.reference) == (None, None)
    embedded.run(disputes.remind, at=late)


def test_a_won_gift_may_be_disputed_once_more(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    deliver(database, processor, processor.dispute(given.charge_id), at=at)
    deliver(database, processor, processor.decide(f"du_{given.charge_id}", "won"), at=at)
    late = processor.tell("charge.dispute.updated", f"du_{given.charge_id}")
    first = processor.things.pop(f"du_{given.charge_id}")
    again = processor.dispute(given.charge_id)
    second = processor.things.pop(again.subject)
    assert isinstance(first, DisputeFacts)
    assert isinstance(second, DisputeFacts)
    again.subject = "du_second"
    processor.things |= {
        first.dispute_id: first,
        "du_second": replace(second, dispute_id="du_second"),
    }
    deliver(database, processor, again, at=at)
    deliver(database, processor, late, at=at)
    assert row_of(database, given.id).status is DonationStatus.DISPUTED
    deliver(database, processor, processor.decide("du_second", "lost"), at=at)
    gift = row_of(database, given.id)
    assert (gift.status, gift.refunded) == (DonationStatus.LOST, 6000)
    assert refunds.source_pending(database, at=at) == 1
    assert "Assets:Receivable:Disputes:EUR" not in books(database)
    assert verify.verify(database).faults == ()


@pytest.mark.parametrize("end", ["won", "lost"])
def test_an_appeal_is_listed_and_told_and_moves_no_gift(
    embedded: Database, processor: FakeProcessor, at: datetime, end: str
) -> None:
    embedded.run(an_actor, Role.CLERK, at=at)
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
    name = f"du_{given.charge_id}"
    deliver(embedded, processor, processor.decide(name, "lost"), at=at)
    refunds.source_pending(embedded, at=at)
    for status in ("appeal_needs_response", "appeal_under_review"):
        assert deliver(embedded, processor, told(processor, name, status=status), at=at)
        with embedded.reading() as session:
            (line,) = disputes.lines(session)
            assert disputes.unfinished(session, limit=9) == (name,)
        assert (line.open, line.needs_answer) == (True, status == "appeal_needs_response")
        assert embedded.run(disputes.remind, at=at) > 0
    deliver(embedded, processor, processor.decide(name, end), at=at)
    gift = row_of(embedded, given.id)
    assert (gift.status, gift.refunded) == (DonationStatus.LOST, 2500)
    assert refunds.source_pending(embedded, at=at) == 0
    with embedded.reading() as session:
        alarms = session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("alarm.%"))
        ).all()
        assert disputes.unfinished(session, limit=9) == ()
    assert alarms == (["alarm.dispute_won_after_loss"] if end == "won" else [])


def test_a_state_nobody_knows_yet_is_taken_as_open(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    processor.dispute(given.charge_id)
    sent = told(processor, f"du_{given.charge_id}", status="mediation_2027")
    assert deliver(embedded, processor, sent, at=at).status == "done"
    assert row_of(embedded, given.id).status is DonationStatus.DISPUTED
    with embedded.reading() as session:
        (line,) = disputes.lines(session)
    assert (line.open, line.needs_answer, line.status) == (True, False, "mediation_2027")
