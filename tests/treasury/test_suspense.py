"""Is a movement of an unknown kind booked where it belongs by two people, and off every list?"""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused
from offset.giving import booking
from offset.giving.models import InboxState, ProcessorEvent
from offset.ledger import balances, chart, queries
from offset.money import Money
from offset.reports import trails
from offset.treasury import manual_entries, month, notices, reconciliation, suspense, work_of_money
from offset.treasury.manual_entries import Wanted
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine, ManualEntry, ManualRecipe
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.treasury import House, eur

START = datetime(2026, 10, 1, 9, tzinfo=UTC)
MOVED = START.replace(day=5)
NOW = START.replace(day=20)
ON = NOW.date()
FEES = chart.stripe_fees("EUR")


@pytest.fixture
def house(database: Database) -> House:
    """A gift of 2000.00 with 100.00 of share."""
    return database.run(build.a_house, at=START, opening="500.00")


def moved(database: Database, amount: str, number: int = 88) -> uuid.UUID:
    """Book a movement of a kind that no rule knows, and return its entry."""
    told = build.a_movement(number, amount, category="climate_order_purchase", on=MOVED)
    entry_id = database.run(booking.book, told, at=MOVED).entry_id
    assert entry_id is not None
    return entry_id


def wanted(entry_id: uuid.UUID, amount: str, target: str = FEES) -> Wanted:
    return Wanted(
        recipe=ManualRecipe.SUSPENSE_EXPLAINED,
        on=ON,
        reason="order of the climate programme, ended today",
        amount=eur(amount),
        target=target,
        explains_id=entry_id,
    )


def book(database: Database, house: House, told: Wanted) -> uuid.UUID:
    prepared = database.run(manual_entries.prepare, actor=house.clerk, at=NOW, wanted=told)
    return database.run(
        manual_entries.approve, actor=house.approver, at=NOW, manual_entry_id=prepared
    )


def stands(database: Database, code: str) -> str:
    with database.reading() as session:
        return str(balances.balance(session, code))


def left(database: Database) -> list[str]:
    with database.reading() as session:
        return [str(one.rest) for one in suspense.unexplained(session, on=ON)]


def refused(database: Database, told: Wanted) -> str:
    with (
        database.reading() as session,
        pytest.raises((InvalidInput, Refused, NotFound)) as fault,
    ):
        manual_entries.preview(session, told)
    return fault.value.code


def test_a_movement_is_booked_where_it_belongs_by_two_and_leaves_every_list(
    database: Database, house: House
) -> None:
    entry_id = moved(database, "-7.00")
    database.run(
        lambda session: session.add(
            ProcessorEvent(
                event_id="evt_odd", kind="refund.updated", state=InboxState.ALARM,
                note="movement_unknown", made_at=MOVED, received_at=MOVED, attempts=1,
                livemode=False, payload={"data": {"object": {"id": "ch_T0088"}}},
            )
        )
    )  # fmt: skip
    with database.reading() as session:
        (one,) = suspense.unexplained(session, on=ON)
        works = [work.amount for work in work_of_money.unexplained(session, NOW)]
        (item,) = month.look(session, date(2026, 10, 1), on=ON).of("suspense")
        assert notices.waiting(session) == 1
    assert (one.movement, one.category, one.age) == ("txn_T0088", "climate_order_purchase", 15)
    assert (str(one.amount), one.rest, item.open) == ("-7.00 EUR", one.amount, True)
    assert works == [None, one.amount]

    told = wanted(entry_id, "7.00")
    prepared = database.run(manual_entries.prepare, actor=house.treasurer, at=NOW, wanted=told)
    with database.reading() as session:
        # it waits for the second person, no more for the first
        assert [str(one.waiting) for one in suspense.unexplained(session, on=ON)] == ["7.00 EUR"]
        assert list(suspense.nobodys(session, on=ON)) == []
    with pytest.raises(Refused, match="explained_waits"):
        database.run(manual_entries.prepare, actor=house.clerk, at=NOW, wanted=told)
    with pytest.raises(Forbidden, match="same_person"):
        database.run(
            manual_entries.approve, actor=house.treasurer, at=NOW, manual_entry_id=prepared
        )
    booked = database.run(
        manual_entries.approve, actor=house.approver, at=NOW, manual_entry_id=prepared
    )
    assert (stands(database, FEES), stands(database, chart.suspense("EUR"))) == (
        "7.00 EUR",
        "0.00 EUR",
    )
    with database.reading() as session:
        assert suspense.unexplained(session, on=ON) == ()
        assert list(work_of_money.unexplained(session, NOW)) == []
        assert notices.waiting(session) == 0
        assert month.look(session, date(2026, 10, 1), on=ON).of("suspense") == ()
        assert suspense.explanations(session, entry_id)[0].manual_entry_id == prepared
        assert queries.entry(session, booked).kind == "explained"
        for kind, key in (("movement", "txn_T0088"), ("entry", str(booked))):
            on_the_way = {step.id for step in trails.trail(session, kind, key).steps}
            assert {str(entry_id), str(booked)} <= on_the_way
    assert refused(database, told) == "movement_explained"
    with pytest.raises(Conflict, match="manual_entry_decided"):
        database.run(manual_entries.approve, actor=house.approver, at=NOW, manual_entry_id=prepared)

    # a mistake is undone by hand, and the movement is on the list again
    undo = Wanted(recipe=ManualRecipe.REVERSAL, on=ON, reason="no cost", reverses_id=booked)
    book(database, house, undo)
    assert left(database) == ["-7.00 EUR"]


def test_it_goes_in_parts_to_what_may_pay_for_it(embedded: Database) -> None:
    house = embedded.run(build.a_house, at=START, opening="500.00")
    entry_id = moved(embedded, "-300.00")
    own, pool = chart.operating("EUR"), chart.pool("EUR")
    # the secretariat pays what it earned and did not draw; no gift pays
    assert refused(embedded, wanted(entry_id, "100.01", own)) == "amount_above_balance"
    assert refused(embedded, wanted(entry_id, "0.01", pool)) == "amount_above_balance"
    book(embedded, house, wanted(entry_id, "100.00", own))
    assert (stands(embedded, own), left(embedded)) == ("100.00 EUR", ["-200.00 EUR"])
    assert refused(embedded, wanted(entry_id, "200.01")) == "explained_above_rest"
    book(embedded, house, wanted(entry_id, "200.00", chart.reserve("EUR")))
    assert left(embedded) == []
    # what came may go to a fund, where it waits beyond the gifts
    came = moved(embedded, "30.00", 89)
    before = stands(embedded, pool)
    book(embedded, house, wanted(came, "30.00", pool))
    assert stands(embedded, pool) == str(eur(before.split()[0]) - eur("30.00"))


def test_what_cannot_be_is_refused_before(embedded: Database) -> None:
    embedded.run(build.a_house, at=START, opening="500.00")
    right = wanted(moved(embedded, "-7.00"), "7.00")
    for told, code in (
        ({"target": "Liabilities:Project:P0001:EUR"}, "account_not_offered"),
        ({"target": chart.stripe_fees("USD")}, "account_not_offered"),
        ({"target": chart.suspense("EUR")}, "account_not_offered"),
        ({"amount": eur("0.00")}, "amount_not_positive"),
        ({"amount": None}, "amount_not_positive"),
        ({"amount": Money(700, "USD")}, "account_not_offered"),
        ({"amount": eur("7.01")}, "explained_above_rest"),
        ({"on": date(2026, 10, 4)}, "explained_too_early"),
        ({"explains_id": None}, "movement_not_in_suspense"),
        ({"explains_id": uuid.UUID(int=7)}, "movement_not_in_suspense"),
        ({"reason": " "}, "reason_missing"),
    ):
        assert refused(embedded, replace(right, **told)) == code


def test_money_that_came_to_the_bank_another_way_is_matched_with_its_line(
    embedded: Database,
) -> None:
    house = embedded.run(build.a_house, at=START, opening="500.00")
    entry_id = book(embedded, house, wanted(moved(embedded, "-40.00"), "40.00", chart.bank("B1")))
    line = build.a_line("40.00", "processor", on=ON)
    statement = build.a_statement(line, opening="500.00", on=ON)
    embedded.run(build.take_in, statement, actor=house.clerk, at=NOW)
    with embedded.reading() as session:
        line_id = session.scalars(select(BankLine.id).order_by(BankLine.id.desc())).first()
    assert line_id is not None
    part = Part(kind=Kind.ENTRY, subject_id=entry_id)
    embedded.run(reconciliation.confirm, actor=house.clerk, at=NOW, line_id=line_id, parts=[part])
    undo = Wanted(recipe=ManualRecipe.REVERSAL, on=ON, reason="wrong", reverses_id=entry_id)
    assert refused(embedded, undo) == "entry_matched"


def test_the_database_asks_for_two_and_for_the_movement(database: Database, house: House) -> None:
    entry_id = moved(database, "-7.00")
    row = {
        "id": uuid.uuid4(), "recipe": ManualRecipe.SUSPENSE_EXPLAINED, "effective_on": ON,
        "amount": 700, "currency": "EUR", "source": "", "target": FEES, "reverses_id": None,
        "explains_id": entry_id, "reason": "x", "two_people": True, "prepared_at": NOW,
        "prepared_by": house.clerk.user_id,
    }  # fmt: skip

    def keep(session: Session, /, **told: object) -> None:
        session.execute(insert(ManualEntry).values(**{**row, **told}))

    for lie in ({"two_people": False}, {"explains_id": None}, {"explains_id": uuid.uuid4()}):
        with pytest.raises(DBAPIError):
            database.run(keep, **lie)
    database.run(keep)
