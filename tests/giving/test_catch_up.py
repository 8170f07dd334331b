"""Does the catch-up read on from where it was, a page at a time, and book whatever is missing?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from offset.database.session import Database
from offset.errors import TryLater
from offset.giving import balance_check, catch_up
from offset.giving.models import DonationStatus, ProcessorCursor
from offset.giving.ports import AccountBalance, PayoutFacts
from offset.money import Money
from offset.treasury import payouts
from offset.treasury.models import PayoutStatus
from tests.builders.giving import PAYOUTS, a_donation, an_open_gift, books, deliver, row_of
from tests.fakes_giving import FakeProcessor
from tests.giving.test_processor_events import statements

LATER = timedelta(hours=2)


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


class Balance:
    """A processor that says what its movements sum up to, and ``more``."""

    def __init__(self, processor: FakeProcessor, more: int = 0) -> None:
        self.processor, self.more = processor, more

    def balances(self) -> dict[str, AccountBalance]:
        held = Money(self.processor.balance() + self.more, "EUR")
        return {"EUR": AccountBalance(available=held, pending=Money(0, "EUR"))}


def cursors(database: Database) -> dict[str, datetime]:
    with database.reading() as session:
        return {one.name: one.reached for one in session.scalars(select(ProcessorCursor))}


def test_a_second_run_reads_nothing_again(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    for _ in range(3):
        given = an_open_gift(database, processor, at=at)
        processor.pay(given.session_id)
    processor.pay_out()
    first = catch_up.catch_up(database, processor, at=at, payouts=PAYOUTS)
    assert first.missing == len(processor.sent)
    assert cursors(database) == {"events": at, "movements": at, "payouts": at}
    processor.read_count = 0
    again = catch_up.catch_up(database, processor, at=at + LATER, payouts=PAYOUTS)
    assert (again.missing, again.waiting) == (0, 0)
    # Listed events are told, their objects are not read.
    assert processor.read_count == len(processor.sent)


def test_gifts_of_a_page_are_settled_at_once_and_odd_ones_one_by_one(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    """A right one, a wrong amount, one paid twice, and a stranger: no event came for any."""
    good, wrong, twice = (an_open_gift(database, processor, at=at) for _ in range(3))
    processor.pay(good.session_id)
    processor.submit(wrong.session_id)
    processor.clear(wrong.session_id, presented=Money(2600, "EUR"))
    processor.pay(twice.session_id)
    second = processor.second_page(twice.session_id)
    processor.submit(second)
    processor.clear(second)
    processor.stranger(900)
    processor.sent.clear()
    found = catch_up.catch_up(database, processor, at=at + LATER)
    assert (found.movements, found.waiting) == (5, 0)
    assert row_of(database, good.id).status is DonationStatus.SUCCEEDED
    assert row_of(database, wrong.id).settled_at is None
    assert row_of(database, twice.id).gross == 2500
    told = books(database)
    assert told["Assets:Stripe:EUR"] == processor.balance()
    assert told["Liabilities:Fund:Pool:EUR"] == 2 * -(2500 - 63 - 125)


def test_a_page_of_gifts_costs_as_many_statements_whether_few_or_many(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    asked = []
    for number, size in enumerate((2, 2, 30)):
        processor.at = at + number * LATER
        for _ in range(size):
            processor.pay(an_open_gift(database, processor, at=processor.at).session_id)
        processor.sent.clear()
        with statements(database) as told:
            assert catch_up.catch_up(database, processor, at=processor.at).movements == size
        asked.append(len(told))
    # The first page opened accounts and the month.
    assert asked[1] == asked[2]


def test_the_cursor_stops_before_what_has_to_wait(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    processor.stranger(2500)
    processor.at = at + timedelta(minutes=30)
    given = an_open_gift(embedded, processor, at=at)
    processor.pay(given.session_id)
    processor.sent.clear()
    found = catch_up.catch_up(embedded, processor, at=processor.at)
    assert (found.movements, found.waiting) == (1, 1)
    assert cursors(embedded)["movements"] == at
    assert catch_up.catch_up(embedded, processor, at=at + LATER).movements == 1
    assert cursors(embedded)["movements"] == processor.at


def test_one_movement_that_is_refused_does_not_hold_up_the_others(
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first was made in a month that the books do not take: far ahead of its recording."""
    given = an_open_gift(embedded, processor, at=at)
    processor.pay(given.session_id)
    processor.sent.clear()
    bad = processor.move("fee", Money(-35, "EUR"), Money(0, "EUR"), None)
    processor.movements[bad.id] = replace(bad, created=at + timedelta(days=90))
    found = catch_up.catch_up(embedded, processor, at=at)
    assert (found.movements, found.waiting) == (1, 1)
    assert row_of(embedded, given.id).status is DonationStatus.SUCCEEDED
    assert f"movement {bad.id} cannot be booked" in caplog.text


def test_a_processor_that_goes_away_leaves_what_was_read(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    processor.pay(given.session_id)
    processor.down = True
    with pytest.raises(TryLater):
        catch_up.catch_up(embedded, processor, at=at)
    processor.down = False
    assert catch_up.catch_up(embedded, processor, at=at).missing == 2


def test_a_debit_that_failed_unheard_is_found(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    deliver(embedded, processor, processor.submit(given.session_id), at=at)
    processor.fail(given.session_id)
    processor.sent.clear()
    assert catch_up.catch_up(embedded, processor, at=at).reread == 1
    assert row_of(embedded, given.id).status is DonationStatus.FAILED


def test_a_payout_that_fails_is_read_again_and_comes_back(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_donation(database, processor, at=at)
    processor.pay_out()
    waits = processor.things["po_1"]
    assert isinstance(waits, PayoutFacts)
    processor.things["po_1"] = replace(waits, status="in_transit", itemised=False, items=())
    catch_up.catch_up(database, processor, at=at, payouts=PAYOUTS)
    with database.reading() as session:
        assert payouts.unfinished(session) == ("po_1",)
    back = processor.move("payout_reversal", waits.amount, Money(0, "EUR"), "po_1")
    processor.things["po_1"] = replace(waits, status="failed", returned=back)
    processor.sent.clear()
    catch_up.catch_up(database, processor, at=at, payouts=PAYOUTS)
    with database.reading() as session:
        assert payouts.unfinished(session) == ()
        said = session.scalars(select(PayoutStatus.status).order_by(PayoutStatus.number)).all()
    assert said[-1] == "failed"
    found = books(database)
    assert "Assets:InTransit:Payouts:EUR" not in found
    assert found["Assets:Stripe:EUR"] == processor.balance()


def test_the_balance_agrees_or_the_awaited_movements_explain_it_or_it_is_red(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_donation(database, processor, at=at)
    (one,) = balance_check.read(database, Balance(processor), processor, at=at)
    assert (one.difference.minor, one.unexplained.minor, one.explained) == (0, 0, ())
    waits = processor.move("fee", Money(-35, "EUR"), Money(0, "EUR"), None)
    (one,) = balance_check.read(database, Balance(processor), processor, at=at)
    assert (one.difference.minor, one.unexplained.minor) == (-35, 0)
    assert one.explained == ((waits.id, "fee", Money(-35, "EUR")),)
    (one,) = balance_check.read(database, Balance(processor, more=7), processor, at=at)
    assert one.unexplained == Money(7, "EUR")
    for _ in range(60):
        processor.move("fee", Money(-1, "EUR"), Money(0, "EUR"), None)
    (one,) = balance_check.read(database, Balance(processor), processor, at=at)
    assert one.explained[-1] == ("", "other", Money(-11, "EUR"))
    assert one.unexplained.minor == 0
    with database.reading() as session:
        assert balance_check.compared(session) == (one,)
        assert session.scalar(text("SELECT count(*) FROM processor_balance")) == 1
