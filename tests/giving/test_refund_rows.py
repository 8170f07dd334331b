"""Does a refund begin with a row of ours, need whom it needs, and leave us once?"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.giving import catch_up, refund_rows, refunds
from offset.giving.models import Donation, DonationStatus, Refund, RefundState
from offset.giving.ports import RefundFacts
from offset.ledger import verify
from offset.money import Money
from offset.people.access import SYSTEM, Actor, Role
from offset.people.models import AuditEvent, OutboxMessage
from tests.builders.giving import Given, a_donation, an_open_gift, books, deliver, row_of
from tests.builders.projects import an_actor
from tests.fakes_giving import FakeProcessor
from tests.fakes_refunds import FakeRefunds

EIGHT_WEEKS = timedelta(weeks=8)


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


@pytest.fixture
def gateway(processor: FakeProcessor) -> FakeRefunds:
    return FakeRefunds(processor)


def clerk(database: Database, at: datetime) -> Actor:
    return database.run(an_actor, Role.CLERK, at=at)


def treasurer(database: Database, at: datetime) -> Actor:
    return database.run(an_actor, Role.TREASURER, at=at)


def prepared(
    database: Database, given: Given, minor: int, *, at: datetime, **more: object
) -> uuid.UUID:
    told: dict[str, object] = {"actor": clerk(database, at), "reason": "Asked by mail.", **more}
    return database.run(
        refund_rows.prepare,
        at=at,
        donation_id=given.id,
        amount=Money(minor, "EUR"),
        **told,  # type: ignore[arg-type] # named by the test
    )


def line(database: Database, refund_id: uuid.UUID) -> refund_rows.RefundLine:
    with database.reading() as session:
        return refund_rows.line(session, refund_id)


def as_debit(database: Database, given: Given) -> None:
    with database.engine.connect() as connection, connection.begin():
        connection.execute(
            update(Donation).where(Donation.id == given.id).values(method="sepa_debit")
        )


@pytest.mark.parametrize("minor", [500, 6000])
def test_a_small_refund_is_prepared_asked_for_and_sourced(
    database: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime, minor: int
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    refund_id = prepared(database, given, minor, at=at)
    assert line(database, refund_id).state is RefundState.APPROVED
    assert refund_rows.send_approved(database, gateway, at=at) == 1
    assert refund_rows.send(database, gateway, refund_id, at=at) is RefundState.SUCCEEDED
    assert gateway.asked == [str(refund_id)]
    assert books(database)["Liabilities:Refunds:EUR"] == minor
    assert refunds.source_pending(database, at=at) == 1
    assert "Liabilities:Refunds:EUR" not in books(database)
    row = row_of(database, given.id)
    assert (row.refunded, row.sourced) == (minor, minor)
    whole = DonationStatus.REFUNDED if minor == 6000 else DonationStatus.PARTLY_REFUNDED
    assert row.status is whole
    assert verify.verify(database).faults == ()
    assert database.run(refund_rows.tell_donors, at=at) == 1
    assert database.run(refund_rows.tell_donors, at=at) == 1
    with database.reading() as session:
        mails = session.scalars(
            select(OutboxMessage.recipient).where(OutboxMessage.template == "refund")
        ).all()
    assert mails == ["ada@example.org"]


def test_its_event_changes_nothing_that_the_answer_booked(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    refund_id = prepared(embedded, given, 500, at=at)
    refund_rows.send(embedded, gateway, refund_id, at=at)
    before = books(embedded)
    assert deliver(embedded, processor, processor.sent[-1], at=at).status == "done"
    assert books(embedded) == before
    with embedded.reading() as session:
        assert len(refund_rows.lines(session)) == 1


def test_an_answer_that_is_lost_is_asked_for_again_and_found(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    """The event may come first; a day later the processor has forgotten the key."""
    given = a_donation(embedded, processor, at=at)
    refund_id = prepared(embedded, given, 500, at=at)
    gateway.mood = "loses"
    with pytest.raises(OffsetError, match="processor_unreachable"):
        refund_rows.send(embedded, gateway, refund_id, at=at)
    assert line(embedded, refund_id).state is RefundState.APPROVED
    gateway.mood = ""
    later = at + timedelta(days=1)
    assert refund_rows.send(embedded, gateway, refund_id, at=later) is RefundState.SUCCEEDED
    assert gateway.asked == [str(refund_id)]
    assert books(embedded)["Liabilities:Refunds:EUR"] == 500


def test_the_event_of_a_refund_whose_answer_was_lost_names_our_row(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    refund_id = prepared(embedded, given, 500, at=at)
    gateway.mood = "loses"
    with pytest.raises(OffsetError, match="processor_unreachable"):
        refund_rows.send(embedded, gateway, refund_id, at=at)
    deliver(embedded, processor, processor.sent[-1], at=at)
    found = line(embedded, refund_id)
    assert (found.state, found.external) == (RefundState.SUCCEEDED, False)
    assert refunds.source_pending(embedded, at=at) == 1


def test_from_the_limit_on_another_person_approves(
    database: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="500.00 EUR")
    both = Actor(clerk(database, at).user_id, frozenset({Role.CLERK, Role.TREASURER}))
    refund_id = prepared(database, given, 50_000, at=at, actor=both)
    assert line(database, refund_id).state is RefundState.PREPARED
    assert refund_rows.send(database, gateway, refund_id, at=at) is RefundState.PREPARED
    with pytest.raises(Refused, match="second_person_needed"):
        database.run(refund_rows.approve, actor=both, at=at, refund_id=refund_id)
    with pytest.raises(IntegrityError, match="refund_two_people"):
        database.run(
            lambda session: session.execute(
                update(Refund)
                .where(Refund.id == refund_id)
                .values(decided_by=both.user_id, decided_at=at)
            )
        )
    other = treasurer(database, at)
    database.run(refund_rows.approve, actor=other, at=at, refund_id=refund_id)
    with pytest.raises(Conflict, match="refund_decided"):
        database.run(refund_rows.approve, actor=other, at=at, refund_id=refund_id)
    assert refund_rows.send(database, gateway, refund_id, at=at) is RefundState.SUCCEEDED
    with database.reading() as session:
        acts = session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_type == "refund")
        ).all()
    assert acts == ["refund.prepared", "refund.approved"]


def test_a_second_person_may_refuse_with_the_reason(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at, amount="500.00 EUR")
    refund_id = prepared(embedded, given, 50_000, at=at)
    other = treasurer(embedded, at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(refund_rows.refuse, actor=other, at=at, refund_id=refund_id, reason=" ")
    embedded.run(refund_rows.refuse, actor=other, at=at, refund_id=refund_id, reason="Why all?")
    found = line(embedded, refund_id)
    assert (found.state, found.note, found.decided_by) == (
        RefundState.REFUSED,
        "Why all?",
        "treasurer",
    )
    with embedded.reading() as session:
        assert refund_rows.refundable(session, given.id, at=at).left == Money(50_000, "EUR")


@pytest.mark.parametrize(
    ("minor", "fault"),
    [(0, "amount_not_positive"), (-5, "amount_not_positive"), (6001, "refund_above_gift")],
)
def test_no_more_than_the_gift_goes_back(
    embedded: Database, processor: FakeProcessor, at: datetime, minor: int, fault: str
) -> None:
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    with pytest.raises(InvalidInput, match=fault):
        prepared(embedded, given, minor, at=at)


def test_what_was_asked_for_before_counts(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    prepared(embedded, given, 4000, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    with pytest.raises(InvalidInput, match="refund_above_gift"):
        prepared(embedded, given, 1501, at=at)
    prepared(embedded, given, 1500, at=at)


def test_rights_reasons_and_states_are_held(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    approver = embedded.run(an_actor, Role.APPROVER, at=at)
    with pytest.raises(Forbidden, match="right_missing"):
        prepared(embedded, given, 500, at=at, actor=approver)
    with pytest.raises(Forbidden, match="person_needed"):
        prepared(embedded, given, 500, at=at, actor=Actor(None, frozenset({Role.CLERK})))
    with pytest.raises(InvalidInput, match="reason_missing"):
        prepared(embedded, given, 500, at=at, reason="  ")
    unpaid = an_open_gift(embedded, processor, at=at)
    with pytest.raises(Refused, match="gift_not_settled"):
        prepared(embedded, unpaid, 500, at=at)
    with pytest.raises(NotFound, match="refund_unknown"):
        embedded.run(refund_rows.approve, actor=approver, at=at, refund_id=uuid.uuid4())
    with embedded.reading() as session:
        with pytest.raises(NotFound, match="refund_unknown"):
            refund_rows.line(session, uuid.uuid4())
        with pytest.raises(NotFound, match="gift_unknown"):
            refund_rows.refundable(session, uuid.uuid4(), at=at)


def test_a_disputed_gift_is_not_refunded_as_well(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at, amount="500.00 EUR")
    refund_id = prepared(embedded, given, 50_000, at=at)
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
    with pytest.raises(Refused, match="dispute_open"):
        prepared(embedded, given, 500, at=at)
    with pytest.raises(Refused, match="dispute_open"):
        embedded.run(refund_rows.approve, actor=treasurer(embedded, at), at=at, refund_id=refund_id)


@pytest.mark.parametrize(
    ("age", "confirmation", "allowed"),
    [
        (timedelta(0), "", False),
        (EIGHT_WEEKS - timedelta(seconds=1), " ", False),
        (timedelta(0), "Bank X, letter of 3 May, folder 12", True),
        (EIGHT_WEEKS, "", True),
    ],
)
def test_a_debit_goes_back_after_the_safe_delay_or_with_a_confirmation_by_two_people(
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    age: timedelta,
    confirmation: str,
    *,
    allowed: bool,
) -> None:
    given = a_donation(embedded, processor, at=at)
    as_debit(embedded, given)
    if not allowed:
        with pytest.raises(Refused, match="debit_too_young"):
            prepared(embedded, given, 500, at=at + age, confirmation=confirmation)
        return
    refund_id = prepared(embedded, given, 500, at=at + age, confirmation=confirmation)
    found = line(embedded, refund_id)
    assert (found.state, found.two_people) == (RefundState.PREPARED, True)
    assert found.confirmation == (confirmation or None)


def test_a_gift_through_the_bank_is_not_refunded_by_the_processor(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    with embedded.engine.connect() as connection, connection.begin():
        connection.execute(update(Donation).values(charge_id=None))
    with pytest.raises(Refused, match="refund_not_by_card"):
        prepared(embedded, given, 500, at=at)


def test_a_refund_the_processor_refuses_has_failed_and_may_be_asked_anew(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    refund_id = prepared(embedded, given, 2500, at=at)
    gateway.mood = "refuses"
    assert refund_rows.send(embedded, gateway, refund_id, at=at) is RefundState.FAILED
    assert line(embedded, refund_id).fault == "charge_already_refunded"
    prepared(embedded, given, 2500, at=at)


def test_a_refund_that_waits_says_why_and_is_read_again(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    refund_id = prepared(embedded, given, 500, at=at)
    gateway.mood = "pending"
    assert refund_rows.send(embedded, gateway, refund_id, at=at) is RefundState.PENDING
    assert line(embedded, refund_id).pending_reason == "insufficient_funds"
    name = line(embedded, refund_id).processor_id or ""
    waiting = processor.things[name]
    assert isinstance(waiting, RefundFacts)
    moved = processor.move("refund", Money(-500, "EUR"), Money(0, "EUR"), name)
    processor.things[name] = replace(
        waiting, status="succeeded", pending_reason=None, movements=(moved,)
    )
    catch_up.catch_up(embedded, processor, at=at)
    found = line(embedded, refund_id)
    assert (found.state, found.pending_reason) == (RefundState.SUCCEEDED, None)


def test_a_refund_that_comes_back_is_owed_and_the_next_one_pays_it(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    """Sourced once: the second refund takes nothing from the gift again."""
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    first = prepared(embedded, given, 6000, at=at)
    refund_rows.send(embedded, gateway, first, at=at)
    refunds.source_pending(embedded, at=at)
    deliver(embedded, processor, processor.refund_fails(f"re_{given.charge_id}_1"), at=at)
    assert line(embedded, first).state is RefundState.FAILED
    assert books(embedded)["Liabilities:Refunds:EUR"] == -6000
    second = prepared(embedded, given, 6000, at=at)
    refund_rows.send(embedded, gateway, second, at=at)
    assert refunds.source_pending(embedded, at=at) == 0
    found = books(embedded)
    assert "Liabilities:Refunds:EUR" not in found
    assert found["Equity:RefundReserve:EUR"] == 6000 - 300 - 5585


def test_a_refund_made_at_the_processor_waits_for_a_person(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at)
    deliver(database, processor, processor.refund(given.charge_id, 500), at=at)
    with database.reading() as session:
        (found,) = refund_rows.lines(session)
        assert refund_rows.waiting(session) == 1
    assert (found.external, found.state, found.prepared_by) == (True, RefundState.EXTERNAL, None)
    assert refunds.source_pending(database, at=at) == 0
    with pytest.raises(Forbidden, match="right_missing"):
        database.run(
            refund_rows.accept,
            actor=clerk(database, at),
            at=at,
            refund_id=found.id,
            reason="Seen.",
        )
    other = treasurer(database, at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(refund_rows.accept, actor=other, at=at, refund_id=found.id, reason="")
    database.run(refund_rows.accept, actor=other, at=at, refund_id=found.id, reason="Seen.")
    with pytest.raises(Conflict, match="refund_decided"):
        database.run(refund_rows.accept, actor=other, at=at, refund_id=found.id, reason="Seen.")
    assert refunds.source_pending(database, at=at) == 1
    assert "Liabilities:Refunds:EUR" not in books(database)


def test_only_an_external_refund_is_accepted_and_only_a_known_one_sent(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    refund_id = prepared(embedded, given, 500, at=at)
    with pytest.raises(NotFound, match="refund_unknown"):
        embedded.run(
            refund_rows.accept,
            actor=treasurer(embedded, at),
            at=at,
            refund_id=refund_id,
            reason="x",
        )
    with pytest.raises(NotFound, match="refund_unknown"):
        refund_rows.send(embedded, gateway, uuid.uuid4(), at=at)
    with pytest.raises(NotFound, match="refund_unknown"):
        embedded.run(refunds.source, "re_nothing", actor=SYSTEM, at=at)


def test_dollars_go_back_in_dollars_and_are_booked_in_euros(
    embedded: Database, processor: FakeProcessor, gateway: FakeRefunds, at: datetime
) -> None:
    processor.rate = 90
    given = a_donation(embedded, processor, at=at, amount="100.00 USD")
    refund_id = embedded.run(
        refund_rows.prepare,
        actor=clerk(embedded, at),
        at=at,
        donation_id=given.id,
        amount=Money(5000, "USD"),
        reason="Asked.",
    )
    refund_rows.send(embedded, gateway, refund_id, at=at)
    assert books(embedded)["Liabilities:Refunds:EUR"] == 4500
    assert line(embedded, refund_id).amount == Money(5000, "USD")
