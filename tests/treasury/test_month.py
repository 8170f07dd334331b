"""Does a whole month reconcile: payout, gift, unknown receipt, payment, charge, gap 0.00?"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.errors import Refused
from offset.gateways.camt053 import Camt053Reader
from offset.giving import donations
from offset.giving.models import Donation, DonationStatus
from offset.ledger import balances, chart, verify
from offset.money import Money
from offset.treasury import (
    payout_lines,
    payouts,
    queries,
    reconciliation,
    screen,
    statements,
    suggestions,
)
from offset.treasury.matching import Kind
from offset.treasury.reconciliation import Part
from offset.treasury.screen import Row, State
from tests.builders import treasury as build
from tests.once_built import once_built

FILE = Path(__file__).parents[1] / "data" / "bank" / "camt053-v8-month.xml"
BEFORE = datetime(2026, 10, 1, 9, tzinfo=UTC)
AFTER = datetime(2026, 10, 10, 9, tzinfo=UTC)
ON = date(2026, 10, 10)


def seen(database: Database) -> screen.Screen:
    suggestions.keep_fresh(database, at=datetime(2026, 10, 10, 12, tzinfo=UTC), code="B1")
    with database.reading() as session:
        return screen.screen(session, "B1", on=ON)


def row_of(told: screen.Screen, text: str) -> Row:
    (found,) = [row for row in told.rows if text in row.text]
    return found


def test_the_month_end_to_end(database: Database) -> None:
    house = once_built(database, build.a_house, at=BEFORE, opening="10000.00")
    payment_id = database.run(build.a_payment, house, at=AFTER.replace(day=8))
    facts = database.run(build.the_month)
    database.run(payouts.on_payout, facts, AFTER)
    with database.reading() as session:
        assert queries.payment(session, payment_id).number == "DISB-2026-0001"
    pledged = database.run(donations.pledge, at=BEFORE, amount=Money(5_000, "EUR"), language="fr")
    data = FILE.read_bytes().replace(b"DON-5T6YQ2", pledged.reference.encode())
    read = Camt053Reader().read(data)

    told = database.run(
        statements.take_in,
        actor=house.clerk,
        at=AFTER,
        data=data,
        name=FILE.name,
        statements=read,
    )
    assert (told.statements, told.lines) == (1, 5)
    with pytest.raises(Refused, match="statement_known"):
        database.run(
            statements.take_in,
            actor=house.clerk,
            at=AFTER,
            data=data,
            name=FILE.name,
            statements=read,
        )

    first = seen(database)
    assert [row.state for row in first.rows].count(State.CERTAIN) == 3
    gift, payout = row_of(first, "don sols vivants"), row_of(first, "STRIPE")
    assert gift.proposals[0].kind is Kind.GIFT
    assert (payout.proposals[0].kind, payout.difference) == (Kind.PAYOUT, Money(0, "EUR"))
    assert payout.payout is not None
    assert (payout.payout.expected, payout.payout.missing) == (Money(11_240, "EUR"), 0)
    assert row_of(first, "4 pour mille").state is State.TO_CHECK
    fee = row_of(first, "FRAIS")
    assert (fee.state, fee.proposals[0].kind) == (State.SUGGESTED, Kind.BANK_FEE)
    assert first.bank.gap == Money(0, "EUR")
    assert first.bank.unbooked == Money(-106_066, "EUR")

    assert database.run(reconciliation.match_certain, actor=house.clerk, at=AFTER) == 3
    assert database.run(reconciliation.match_certain, actor=house.clerk, at=AFTER) == 0
    for text, kind in (("4 pour mille", Kind.UNIDENTIFIED), ("FRAIS", Kind.BANK_FEE)):
        row = row_of(seen(database), text)
        assert row.line_id is not None
        database.run(
            reconciliation.confirm,
            actor=house.clerk,
            at=AFTER,
            line_id=row.line_id,
            parts=[Part(kind=kind)],
        )

    done = seen(database)
    assert {row.state for row in done.rows} == {State.MATCHED}
    assert (done.bank.book, done.bank.stated) == (Money(893_934, "EUR"), Money(893_934, "EUR"))
    for nothing in (done.bank.unmatched, done.bank.unbooked, done.bank.gap, done.payouts.gap):
        assert nothing == Money(0, "EUR")
    with database.reading() as session:
        for clearing in (chart.payouts_in_transit("EUR"), chart.disbursements_in_transit("EUR")):
            assert balances.balance(session, clearing) == Money(0, "EUR")
        assert balances.held(session, chart.unidentified("EUR")) == Money(2_000, "EUR")
        settled = session.get_one(Donation, pledged.donation_id)
        assert (settled.status, settled.share) == (DonationStatus.SUCCEEDED, 250)
        assert queries.payment(session, payment_id).state is queries.PaymentState.SENT
        page = payout_lines.payout(session, payout.payout.id)
        assert (len(page.items), page.arrived_on) == (7, date(2026, 10, 8))
        assert all(item.entry_id for item in page.items)
        assert sum(item.reference is not None for item in page.items) == 3
    assert verify.verify(database).faults == ()


def test_the_desk_says_what_the_ledger_says(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at, gift="100.00", opening="50.00")
    pooled = embedded.run(build.a_gift, 2, "40.00", "1.00", at=at)
    facts = build.a_payout([pooled], created=at)
    embedded.run(payouts.on_payout, facts, at)
    embedded.run(build.a_payment, house, at=at, amount="95.00")
    embedded.run(
        build.take_in,
        build.a_statement(
            build.a_line("-3.00", "something", on=at.date()), opening="50.00", on=at.date()
        ),
        actor=house.clerk,
        at=at,
    )
    with embedded.reading() as session:
        desk = queries.desk(session, on=at.date())
        totals = desk.totals["EUR"]
        assert totals.unallocated == balances.held(session, chart.pool("EUR"))
        assert totals.in_bank == balances.balance(session, chart.bank("B1"))
        assert desk.payouts_in_transit["EUR"] == balances.balance(
            session, chart.payouts_in_transit("EUR")
        )
        assert desk.payments_in_transit["EUR"] == balances.balance(
            session, chart.disbursements_in_transit("EUR")
        )
    assert totals.unallocated == Money(3_700, "EUR")
    assert desk.payouts_in_transit["EUR"] == Money(3_900, "EUR")
    assert desk.payments_in_transit["EUR"] == Money(-9_500, "EUR")
    assert (desk.open_lines, desk.open_amount["EUR"]) == (1, Money(300, "EUR"))
    assert (desk.late_payouts, desk.late_payments, desk.waiting_payments) == (0, 0, 0)


def test_what_is_late_is_counted(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at, gift="100.00")
    embedded.run(payouts.on_payout, build.a_payout([], created=at, amount="5.00"), at)
    embedded.run(build.a_payment, house, at=at, amount="40.00")
    embedded.run(build.a_payment, house, at=at, amount="40.00", approved=False)
    with embedded.reading() as session:
        day = date(2027, 6, 1)
        desk = queries.desk(session, on=day)
    assert (desk.late_payouts, desk.late_payments) == (1, 1)
    assert (desk.waiting_payments, desk.waiting_payees) == (1, 0)
    assert {code for code, _, _ in desk.late_reports} == {"P0001"}
