"""Does every event book exactly what the processor states, once, in any order?"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, insert, select

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, TryLater
from offset.giving import catch_up, processor_events, queries, receipts
from offset.giving.models import DonationStatus, ProcessorEvent
from offset.giving.ports import ChargeFacts, DisputeFacts, RefundFacts
from offset.ledger import verify
from offset.money import Money
from offset.people.models import AuditEvent, OutboxMessage, Setting
from offset.treasury import payouts
from tests.builders.giving import (
    PAYOUTS,
    a_donation,
    an_open_gift,
    books,
    deliver,
    row_of,
)
from tests.fakes_giving import SIGNED, FakeProcessor, Sent

LATER = timedelta(hours=2)


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement until the first commit."""
    told: list[str] = []
    done: list[bool] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if not done:
            told.append(statement)

    def finish(_c: object) -> None:
        if told:
            done.append(True)

    event.listen(database.engine, "before_cursor_execute", note)
    event.listen(database.engine, "commit", finish)
    yield told
    event.remove(database.engine, "before_cursor_execute", note)
    event.remove(database.engine, "commit", finish)


def test_a_paid_gift_is_booked_to_the_cent(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    """60.00 paid, 1.15 card fee, 3.00 share: 55.85 for the projects."""
    given = a_donation(database, processor, at=at, amount="60.00 EUR")
    assert books(database) == {
        "Assets:Stripe:EUR": 5885,
        "Expenses:Fees:Stripe:EUR": 115,
        "Income:FeePart:EUR": -115,
        "Income:Share:EUR": -300,
        "Liabilities:Fund:Pool:EUR": -5585,
    }
    row = row_of(database, given.id)
    assert (row.status, row.gross, row.fee, row.net, row.share, row.unallocated) == (
        DonationStatus.SUCCEEDED,
        6000,
        115,
        5885,
        300,
        5585,
    )
    assert row.settled_at == at
    assert verify.verify(database).faults == ()


def test_an_event_takes_at_most_sixteen_statements_in_one_transaction(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    """The first event of a month opens the month in the books as well."""
    a_donation(database, processor, at=at)
    for processor.at in (at, datetime(2026, 12, 1, tzinfo=UTC)):
        given = an_open_gift(database, processor, at=processor.at)
        for sent in reversed(processor.pay(given.session_id)):
            with statements(database) as told:
                deliver(database, processor, sent, at=processor.at)
            assert len(told) <= 16, told
        assert row_of(database, given.id).status is DonationStatus.SUCCEEDED


@pytest.mark.parametrize("kind", ["refund", "dispute", "lost"])
def test_what_takes_money_back_takes_no_more_statements(
    database: Database, processor: FakeProcessor, at: datetime, kind: str
) -> None:
    """Its charge is booked; the reads of its object and of its charge are made before."""
    given = a_donation(database, processor, at=at)
    if kind == "refund":
        sent = processor.refund(given.charge_id, 500)
    else:
        sent = processor.dispute(given.charge_id)
    if kind == "lost":
        deliver(database, processor, sent, at=at)
        sent = processor.decide(sent.subject, "lost")
    with statements(database) as told:
        deliver(database, processor, sent, at=at)
    assert len(told) <= 16, told


def test_a_duplicate_changes_nothing(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(database, processor, at=at)
    charge, page = processor.pay(given.session_id)
    first = deliver(database, processor, charge, at=at)
    before = books(database)
    assert (first.status, first.settled) == ("done", given.id)
    assert deliver(database, processor, charge, at=at).status == "duplicate"
    second = deliver(database, processor, page, at=at)
    assert (second.status, second.settled) == ("done", None)
    assert books(database) == before


@pytest.mark.parametrize("first", [0, 1])
def test_either_event_alone_settles_a_gift(
    embedded: Database, processor: FakeProcessor, at: datetime, first: int
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    sent = processor.pay(given.session_id)[first]
    assert deliver(embedded, processor, sent, at=at).settled == given.id


def test_the_return_page_may_pull_the_same_facts(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    sent = processor.pay(given.session_id)
    processor_events.pull(embedded, processor, processor, given.session_id, at=at)
    before = books(embedded)
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED
    for one in sent:
        deliver(embedded, processor, one, at=at)
    assert books(embedded) == before


def test_a_forged_a_strange_and_a_live_event_leave_no_trace(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    charge, _ = processor.pay(given.session_id)
    with pytest.raises(Forbidden, match="signature_wrong"):
        processor_events.receive(embedded, processor, charge.raw, "forged", at=at)
    with pytest.raises(InvalidInput, match="event_unreadable"):
        processor_events.receive(embedded, processor, b"evt_none", SIGNED, at=at)
    charge.livemode = True
    with pytest.raises(Forbidden, match="livemode_mismatch"):
        deliver(embedded, processor, charge, at=at)
    with embedded.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProcessorEvent)) == 0
    assert books(embedded) == {}


def test_an_unreachable_processor_books_nothing(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    charge, _ = processor.pay(given.session_id)
    processor.down = True
    with pytest.raises(TryLater):
        deliver(embedded, processor, charge, at=at)
    processor.down = False
    assert deliver(embedded, processor, charge, at=at).status == "done"


def test_a_kind_we_do_not_use_is_stored_and_acknowledged(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    sent = processor.tell("customer.updated", "cus_1")
    assert deliver(embedded, processor, sent, at=at).status == "stored"
    assert deliver(embedded, processor, sent, at=at).status == "duplicate"


def test_a_debit_is_pending_until_it_clears(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    deliver(embedded, processor, processor.submit(given.session_id), at=at)
    assert row_of(embedded, given.id).status is DonationStatus.PENDING
    assert books(embedded) == {}
    assert deliver(embedded, processor, processor.clear(given.session_id), at=at).settled
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED


def test_a_debit_that_fails_is_no_gift(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    deliver(embedded, processor, processor.submit(given.session_id), at=at)
    deliver(embedded, processor, processor.fail(given.session_id), at=at)
    assert row_of(embedded, given.id).status is DonationStatus.FAILED
    assert books(embedded) == {}


def test_a_declined_card_leaves_the_page_open(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    deliver(
        embedded, processor, processor.tell("checkout.session.created", given.session_id), at=at
    )
    page = processor.submit(given.session_id)
    processor.fail(given.session_id)
    declined = processor.tell("charge.failed", given.charge_id)
    deliver(embedded, processor, declined, at=at)
    assert row_of(embedded, given.id).status is DonationStatus.CREATED
    processor.clear(given.session_id)
    deliver(embedded, processor, page, at=at)
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED


def test_a_forgotten_page_expires_but_money_that_comes_still_counts(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    deliver(embedded, processor, processor.forget(given.session_id), at=at)
    assert row_of(embedded, given.id).status is DonationStatus.EXPIRED
    for sent in processor.pay(given.session_id):
        deliver(embedded, processor, sent, at=at)
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED


@pytest.mark.parametrize("presented", [Money(6001, "EUR"), Money(6000, "USD")])
def test_another_amount_or_currency_is_never_the_gift(
    embedded: Database, processor: FakeProcessor, at: datetime, presented: Money
) -> None:
    given = an_open_gift(embedded, processor, at=at, amount="60.00 EUR")
    processor.submit(given.session_id)
    sent = processor.clear(given.session_id, presented=presented)
    assert deliver(embedded, processor, sent, at=at).status == "alarm"
    row = row_of(embedded, given.id)
    assert (row.settled_at, row.unallocated) == (None, 0)
    assert books(embedded)["Liabilities:Unidentified:EUR"] < 0
    assert alarms(embedded) == ["alarm.amount_mismatch"]
    with embedded.reading() as session:
        assert [one.note for one in queries.inbox_to_check(session)] == ["amount_mismatch"]


def test_a_gift_paid_twice_is_one_gift_and_an_alarm(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    second = processor.second_page(given.session_id)
    processor.submit(second)
    assert deliver(embedded, processor, processor.clear(second), at=at).status == "alarm"
    assert row_of(embedded, given.id).gross == 2500
    assert books(embedded)["Liabilities:Unidentified:EUR"] == -2437
    assert alarms(embedded) == ["alarm.paid_twice"]


def test_an_event_that_comes_too_early_waits_and_is_tried_again(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    assert deliver(embedded, processor, processor.stranger(2500), at=at).status == "unmatched"
    assert books(embedded) == {}
    assert processor_events.retry_unmatched(embedded, processor, at=at) == 0
    assert processor_events.retry_unmatched(embedded, processor, at=at + LATER) == 1
    assert books(embedded)["Liabilities:Unidentified:EUR"] == -2437
    assert alarms(embedded) == ["alarm.gift_unknown"]
    assert processor_events.retry_unmatched(embedded, processor, at=at + LATER) == 0


def test_a_page_of_nobody_waits_for_a_day_and_is_then_left_alone(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    page = processor.state(given.session_id)
    processor.things["cs_x"] = replace(page, session_id="cs_x", donation_id="no id of ours")
    sent = processor.tell("checkout.session.completed", "cs_x")
    assert deliver(embedded, processor, sent, at=at).status == "unmatched"
    assert processor_events.retry_unmatched(embedded, processor, at=at + LATER) == 0
    assert processor_events.retry_unmatched(embedded, processor, at=at + 13 * LATER) == 1
    with embedded.reading() as session:
        assert queries.inbox_to_check(session) == ()


def test_a_charge_of_nobody_that_moved_nothing_is_only_stored(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    sent = processor.stranger(2500)
    charge = processor.things[sent.subject]
    assert isinstance(charge, ChargeFacts)
    processor.things[sent.subject] = replace(charge, status="failed", movement=None)
    assert deliver(embedded, processor, sent, at=at).status == "stored"


def test_a_finished_page_before_its_charge_is_on_its_way(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    page = processor.submit(given.session_id)
    del processor.things[given.charge_id]
    assert deliver(embedded, processor, page, at=at).status == "done"
    assert row_of(embedded, given.id).status is DonationStatus.PENDING


def test_a_wrong_amount_told_twice_is_one_alarm(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    page = processor.submit(given.session_id)
    charge = processor.clear(given.session_id, presented=Money(2600, "EUR"))
    for sent in (charge, page):
        assert deliver(embedded, processor, sent, at=at).status == "alarm"
    assert alarms(embedded) == ["alarm.amount_mismatch"]


def test_a_charge_whose_movement_is_owed_is_booked_by_the_catch_up(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    processor.submit(given.session_id)
    deliver(embedded, processor, processor.clear(given.session_id, owed=True), at=at)
    assert row_of(embedded, given.id).status is DonationStatus.PENDING
    assert books(embedded) == {}
    processor.sent.clear()
    assert catch_up.catch_up(embedded, processor, since=at, at=at).missing == 1
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("minor", "status"),
    [(500, DonationStatus.PARTLY_REFUNDED), (2500, DonationStatus.REFUNDED)],
)
def test_a_refund_leaves_the_balance_and_shows(
    embedded: Database, processor: FakeProcessor, at: datetime, minor: int, status: DonationStatus
) -> None:
    given = a_donation(embedded, processor, at=at)
    sent = processor.refund(given.charge_id, minor)
    assert deliver(embedded, processor, sent, at=at).status == "done"
    assert books(embedded)["Liabilities:Refunds:EUR"] == minor
    row = row_of(embedded, given.id)
    assert (row.status, row.refunded) == (status, minor)


def test_a_refund_that_fails_is_owed_again(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    failed = processor.refund_fails(f"re_{given.charge_id}_1")
    deliver(embedded, processor, failed, at=at)
    assert "Liabilities:Refunds:EUR" not in books(embedded)
    row = row_of(embedded, given.id)
    assert (row.status, row.refunded) == (DonationStatus.SUCCEEDED, 0)
    with embedded.reading() as session:
        trail = session.scalars(select(AuditEvent.action)).all()
    assert trail.count("alarm.refund_came_back") == 1


def test_one_of_two_refunds_that_fails_leaves_the_other(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    for number, minor in ((1, 500), (2, 2000)):
        sent = processor.refund(given.charge_id, minor, number=number)
        deliver(embedded, processor, sent, at=at)
    assert row_of(embedded, given.id).status is DonationStatus.REFUNDED
    deliver(embedded, processor, processor.refund_fails(f"re_{given.charge_id}_2"), at=at)
    row = row_of(embedded, given.id)
    assert (row.status, row.refunded) == (DonationStatus.PARTLY_REFUNDED, 500)


@pytest.mark.parametrize(
    ("end", "left"),
    [
        ("", (DonationStatus.DISPUTED, 2500, 2000)),
        ("won", (DonationStatus.WON, 0, 0)),
        ("lost", (DonationStatus.LOST, 2500, 2000)),
    ],
)
def test_a_dispute_takes_money_and_shows(
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    end: str,
    left: tuple[DonationStatus, int, int],
) -> None:
    status, disputed, fee = left
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
    if end:
        deliver(embedded, processor, processor.decide(f"du_{given.charge_id}", end), at=at)
    found = books(embedded)
    assert found.get("Assets:Receivable:Disputes:EUR", 0) == disputed
    assert found.get("Expenses:Fees:Disputes:EUR", 0) == fee
    assert row_of(embedded, given.id).status is status


def test_a_warning_moves_nothing(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    processor.dispute(given.charge_id)
    warned = processor.things[f"du_{given.charge_id}"]
    assert isinstance(warned, DisputeFacts)
    processor.things["du_w"] = replace(warned, status="warning_needs_response", movements=())
    deliver(embedded, processor, processor.tell("charge.dispute.created", "du_w"), at=at)
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED


def test_a_dispute_of_nobody_waits_and_is_booked_without_a_gift(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    processor.stranger(2500)
    dispute = processor.dispute("ch_stranger_0")
    assert deliver(embedded, processor, dispute, at=at).status == "unmatched"
    assert processor_events.retry_unmatched(embedded, processor, at=at + LATER) == 1
    assert books(embedded)["Assets:Receivable:Disputes:EUR"] == 2500


def test_an_unknown_movement_goes_to_suspense_with_an_alarm(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    none = Money(0, "EUR")
    processor.move("climate_order_purchase", Money(-700, "EUR"), none, None)
    processor.move("fee", Money(-35, "EUR"), none, None)
    processor.move("fee", none, none, None)
    processor.move("charge", Money(-100, "EUR"), none, "ch_backwards")
    later = at + LATER
    assert catch_up.catch_up(embedded, processor, since=at, at=later).missing == 3
    assert books(embedded) == {
        "Assets:Stripe:EUR": -835,
        "Equity:Suspense:EUR": 800,
        "Expenses:Fees:Stripe:EUR": 35,
    }
    assert alarms(embedded) == ["alarm.movement_unknown"] * 2


def test_a_foreign_refund_with_an_unknown_category_is_an_alarm_of_its_event(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    refund = processor.things[f"re_{given.charge_id}_1"]
    assert isinstance(refund, RefundFacts)
    odd = processor.move("refund_of_tomorrow", Money(-1, "EUR"), Money(0, "EUR"), "re_odd")
    processor.things["re_odd"] = replace(refund, refund_id="re_odd", movements=(odd,))
    sent = processor.tell("refund.updated", "re_odd")
    assert deliver(embedded, processor, sent, at=at).status == "alarm"


def test_a_payout_is_handed_on_and_what_it_is_made_of_is_booked(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_donation(embedded, processor, at=at, amount="60.00 EUR")
    processor.move("fee", Money(-35, "EUR"), Money(0, "EUR"), None)
    sent = processor.pay_out()
    assert deliver(embedded, processor, sent, at=at).status == "unmatched"
    done = processor_events.retry_unmatched(embedded, processor, at=at, on_payout=payouts.on_payout)
    assert done == 1
    found = books(embedded)
    assert found["Assets:InTransit:Payouts:EUR"] == 5850
    assert "Assets:Stripe:EUR" not in found
    assert processor.balance() == 0


def test_a_gift_in_another_currency_keeps_both_amounts(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    processor.rate = 92
    given = a_donation(embedded, processor, at=at, amount="50.00 USD")
    row = row_of(embedded, given.id)
    assert (row.amount, row.currency, row.gross, row.settled_currency, row.exchange_rate) == (
        5000,
        "USD",
        4600,
        "EUR",
        "92",
    )


def a_busy_day(database: Database, processor: FakeProcessor, at: datetime) -> list[Sent]:
    """Four gifts, one of them by debit, a refund, a dispute with its fee, one payout."""
    card = an_open_gift(database, processor, at=at, amount="25.00 EUR")
    second = an_open_gift(database, processor, at=at, amount="10.00 EUR")
    debit = an_open_gift(database, processor, at=at, amount="30.00 EUR")
    disputed = an_open_gift(database, processor, at=at, amount="40.00 EUR")
    processor.pay(card.session_id)
    processor.pay(second.session_id)
    processor.submit(debit.session_id)
    processor.clear(debit.session_id)
    processor.pay(disputed.session_id)
    processor.refund(card.charge_id, 500)
    processor.dispute(disputed.charge_id)
    processor.pay_out()
    return list(processor.sent)


def expected(processor: FakeProcessor) -> dict[str, int]:
    """The books that follow from the processor's movements alone."""
    fees = sum(
        m.fee.minor for m in processor.movements.values() if m.reporting_category == "charge"
    )
    paid = sum(
        m.amount.minor for m in processor.movements.values() if m.reporting_category == "charge"
    )
    payout = -sum(
        m.net.minor for m in processor.movements.values() if m.reporting_category == "payout"
    )
    share = 125 + 50 + 150 + 200
    return {
        "Assets:InTransit:Payouts:EUR": payout,
        "Assets:Receivable:Disputes:EUR": 4000,
        "Expenses:Fees:Disputes:EUR": 2000,
        "Expenses:Fees:Stripe:EUR": fees,
        "Income:FeePart:EUR": -fees,
        "Income:Share:EUR": -share,
        "Liabilities:Fund:Pool:EUR": -(paid - fees - share),
        "Liabilities:Refunds:EUR": 500,
    }


@pytest.mark.parametrize("seed", range(5))
def test_any_order_with_duplicates_gives_the_same_books(
    embedded: Database, processor: FakeProcessor, at: datetime, seed: int
) -> None:
    sent = a_busy_day(embedded, processor, at)
    shuffled = sent + sent[::2]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, no secret
    for one in shuffled:
        processor_events.receive(
            embedded, processor, one.raw, SIGNED, at=at, on_payout=payouts.on_payout
        )
    processor_events.retry_unmatched(embedded, processor, at=at, on_payout=payouts.on_payout)
    assert books(embedded) == expected(processor)
    assert verify.verify(embedded).faults == ()


def test_with_every_event_lost_the_catch_up_alone_gives_the_same_books(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_busy_day(database, processor, at)
    missing = catch_up.catch_up(database, processor, since=at, at=at, payouts=PAYOUTS)
    assert missing.missing == len(processor.sent)
    assert books(database) == expected(processor)
    again = catch_up.catch_up(database, processor, since=at, at=at, payouts=PAYOUTS)
    assert again.missing == 0
    assert books(database) == expected(processor)


def test_the_catch_up_leaves_a_fresh_charge_of_nobody_to_its_event(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    processor.stranger(2500)
    processor.sent.clear()
    assert catch_up.catch_up(embedded, processor, since=at, at=at).missing == 0
    assert catch_up.catch_up(embedded, processor, since=at, at=at + LATER).missing == 1
    assert books(embedded)["Liabilities:Unidentified:EUR"] == -2437


def test_states_are_noted_once_and_the_mail_follows(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at, language="fr")
    receipts.issue_pending(embedded, at=at)
    with embedded.reading() as session:
        page = queries.donation(session, given.id)
        mails = [
            (one.template, one.language, one.recipient)
            for one in session.scalars(select(OutboxMessage))
        ]
    assert [one.status for one in page.events] == [
        DonationStatus.CREATED,
        DonationStatus.SUCCEEDED,
    ]
    assert mails == [("receipt", "fr", "ada@example.org")]


def test_what_follows_a_settlement_may_fail_without_failing_the_event(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    """A tax regime without a text stops the receipt; the gift is booked all the same."""
    with embedded.engine.begin() as connection:
        connection.execute(
            insert(Setting).values(
                id=uuid7(at),
                name="issuer",
                version=1,
                value={"legal_name": "Body", "country": "FR", "address": "", "regime": "FR_200"},
                set_at=at,
                reason="test",
            )
        )
    given = a_donation(embedded, processor, at=at)
    row = row_of(embedded, given.id)
    assert (row.status, row.receipt_due) == (DonationStatus.SUCCEEDED, True)


def alarms(database: Database) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("alarm.")))
        )
