"""Is a payout kept as the processor tells it, booked once, and shown with what it lacks?"""

import dataclasses
import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from offset.database.session import Database
from offset.errors import Forbidden, NotFound
from offset.giving import donations
from offset.giving.models import Donation, DonationStatus
from offset.giving.ports import ChargeFacts
from offset.ledger import balances, chart
from offset.ledger import queries as ledger
from offset.money import Money, parse_money
from offset.people.access import SYSTEM, Role
from offset.treasury import payout_lines, payouts, queries
from offset.treasury.models import BankLine, PayoutItem, PayoutStatus, StripePayout
from tests.builders import projects
from tests.builders import treasury as build
from tests.builders.treasury import a_gift, a_movement, a_payout, eur


def counts(database: Database) -> tuple[int | None, ...]:
    with database.reading() as session:
        tables = (StripePayout, PayoutStatus, PayoutItem)
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in tables)


def page(database: Database, payout_id: uuid.UUID) -> payout_lines.PayoutPage:
    with database.reading() as session:
        return payout_lines.payout(session, payout_id)


def test_the_same_facts_twice_change_nothing(database: Database, at: datetime) -> None:
    facts = a_payout([database.run(a_gift, 1, "30.00", "0.35", at=at)], created=at)
    first = database.run(payouts.on_payout, facts, at)
    assert database.run(payouts.on_payout, facts, at + timedelta(days=1)) == first
    assert counts(database) == (1, 1, 1)
    with database.reading() as session:
        assert balances.balance(session, chart.payouts_in_transit("EUR")) == eur("29.65")


def test_items_and_states_come_as_they_come(embedded: Database, at: datetime) -> None:
    gift = embedded.run(a_gift, 1, "30.00", "0.35", at=at)
    early = dataclasses.replace(
        a_payout([gift], created=at, status="in_transit", itemised=False), items=(), movement=None
    )
    payout_id = embedded.run(payouts.on_payout, early, at)
    seen = page(embedded, payout_id)
    assert (seen.entry_id, seen.items, seen.line.itemised) == (None, (), False)
    assert not seen.line.difference
    embedded.run(payouts.on_payout, a_payout([gift], created=at), at + timedelta(hours=1))
    seen = page(embedded, payout_id)
    assert counts(embedded) == (1, 2, 1)
    assert (seen.line.status, seen.line.itemised, seen.line.gifts) == ("paid", True, 1)
    assert (seen.line.expected, seen.line.booked) == (eur("29.65"), eur("29.65"))
    (item,) = seen.items
    assert item.reference is not None
    with embedded.reading() as session:
        assert seen.entry_id is not None
        assert ledger.entry(session, seen.entry_id).kind == "payout"


def test_a_movement_that_the_books_lack_is_shown(embedded: Database, at: datetime) -> None:
    gift = embedded.run(a_gift, 1, "30.00", "0.35", at=at)
    lost = a_movement(2, "10.00", on=at)
    payout_id = embedded.run(payouts.on_payout, a_payout([gift, lost], created=at), at)
    line = page(embedded, payout_id).line
    assert (line.missing, line.difference) == (1, eur("10.00"))
    assert [item.entry_id is None for item in page(embedded, payout_id).items] == [False, True]


def test_a_payout_that_failed_is_back_at_the_processor(embedded: Database, at: datetime) -> None:
    facts = a_payout([], created=at, amount="50.00")
    payout_id = embedded.run(payouts.on_payout, facts, at)
    assert facts.movement is not None
    back = dataclasses.replace(
        facts.movement,
        id="txn_BACK",
        reporting_category="payout_reversal",
        amount=eur("50.00"),
        net=eur("50.00"),
    )
    embedded.run(payouts.on_payout, dataclasses.replace(facts, status="failed", movement=back), at)
    with embedded.reading() as session:
        assert not balances.balance(session, chart.payouts_in_transit("EUR"))
        assert balances.balance(session, chart.stripe("EUR")) == eur("0.00")
        desk = queries.desk(session, on=at.date() + timedelta(days=30))
    assert desk.late_payouts == 0
    assert page(embedded, payout_id).line.status == "failed"


def test_an_unknown_payout_has_no_page(embedded: Database) -> None:
    with pytest.raises(NotFound, match="payout_unknown"):
        page(embedded, uuid.uuid4())


def test_every_entry_names_its_cause_where_there_is_a_page(
    embedded: Database, at: datetime
) -> None:
    house = embedded.run(build.a_house, at=at)
    payment_id = embedded.run(build.a_payment, house, at=at, amount="30.00")
    facts = a_payout([], created=at, amount="5.00")
    payout_id = embedded.run(payouts.on_payout, facts, at)
    embedded.run(
        build.take_in,
        build.a_statement(build.a_line("5.00", "hello", on=at.date()), on=at.date()),
        actor=house.clerk,
        at=at,
    )
    with embedded.reading() as session:
        line_id = session.scalars(select(BankLine.id)).one()
        gift = ledger.entries(session, ledger.Filters(kind="allocation")).entries[0]
        found = {
            told: queries.cause(session, kind, told)
            for kind, told in (
                ("disbursement", str(payment_id)),
                ("donation", gift.source_id),
                ("stripe_balance_txn", "txn_T0001"),
                ("stripe_balance_txn", "txn_P0001"),
                ("bank_line", str(line_id)),
            )
        }
        kinds = [one.kind for one in found.values() if one is not None]
        assert kinds == ["payment", "gift", "gift", "payout", "line"]
        assert found["txn_P0001"] == queries.Cause("payout", payout_id, "po_T0001")
        for kind, told in (
            ("opening", "bank-B1"),
            ("donation", "x"),
            ("donation", str(uuid.uuid4())),
            ("disbursement", str(uuid.uuid4())),
            ("bank_line", str(uuid.uuid4())),
            ("stripe_balance_txn", "txn_NONE"),
        ):
            assert queries.cause(session, kind, told) is None
        assert queries.line_amount(session, line_id) == Money(500, "EUR")
        with pytest.raises(NotFound, match="bank_line_unknown"):
            queries.line_amount(session, uuid.uuid4())


def a_report(database: Database, at: datetime, *marks: str, presented: str = "30.00 EUR") -> int:
    """Read the report of a payout whose charges carry these marks; say how many were booked."""
    amount, currency = presented.split()
    items = [a_movement(70 + n, "30.00", "0.35", on=at) for n, _ in enumerate(marks)]
    charges = tuple(
        ChargeFacts(
            charge_id=item.source_id or "",
            payment_intent_id=None,
            donation_id=mark or None,
            status="succeeded",
            presented=parse_money(amount, currency),
            movement=item,
            method="card",
        )
        for item, mark in zip(items, marks, strict=True)
    )
    told = dataclasses.replace(a_payout(items, created=at), charges=charges)
    later = at + timedelta(days=40)
    return database.run(payouts.from_report, [told], actor=SYSTEM, at=later).booked


@pytest.mark.parametrize("by", ["reference", "donation_id"])
def test_a_reported_charge_settles_the_gift_whose_mark_it_carries(
    embedded: Database, at: datetime, by: str
) -> None:
    pledged = embedded.run(donations.pledge, at=at, amount=eur("30.00"), language="en")
    mark = str(getattr(pledged, by))
    assert a_report(embedded, at, mark) == 1
    assert a_report(embedded, at, mark) == 0
    with embedded.reading() as session:
        gift = session.get_one(Donation, pledged.donation_id)
        assert (gift.status, gift.gross, gift.charge_id) == (
            DonationStatus.SUCCEEDED,
            3_000,
            "ch_T0070",
        )
        assert balances.held(session, chart.pool("EUR")) == Money(gift.unallocated, "EUR")
        assert not balances.balance(session, chart.unidentified("EUR"))


def test_what_a_report_cannot_lay_at_one_gift_is_unidentified(
    embedded: Database, at: datetime
) -> None:
    pledged = embedded.run(donations.pledge, at=at, amount=eur("30.00"), language="en")
    # Twice for one gift, for a gift nobody knows, and without any mark.
    marks = (pledged.reference, pledged.reference, "DON-2345678", "")
    assert a_report(embedded, at, *marks) == 4
    with embedded.reading() as session:
        assert session.get_one(Donation, pledged.donation_id).charge_id == "ch_T0070"
        assert balances.held(session, chart.unidentified("EUR")) == eur("88.95")


def test_a_reported_charge_of_another_amount_settles_nothing(
    embedded: Database, at: datetime
) -> None:
    pledged = embedded.run(donations.pledge, at=at, amount=eur("30.00"), language="en")
    assert a_report(embedded, at, pledged.reference, presented="33.00 USD") == 1
    with embedded.reading() as session:
        gift = session.get_one(Donation, pledged.donation_id)
        assert (gift.settled_at, gift.gross) == (None, None)


def test_a_report_is_read_by_who_imports(embedded: Database, at: datetime) -> None:
    auditor = embedded.run(projects.an_actor, Role.AUDITOR, at=at)
    with pytest.raises(Forbidden):
        embedded.run(payouts.from_report, [], actor=auditor, at=at)
    clerk = embedded.run(projects.an_actor, Role.CLERK, at=at)
    assert embedded.run(payouts.from_report, [], actor=clerk, at=at).payouts == 0
