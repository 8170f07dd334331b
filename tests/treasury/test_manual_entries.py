"""Is an entry by hand one of a few recipes, within what is there, and by two where it must be?"""

import uuid
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused
from offset.ledger import balances, chart, entries, journal, queries
from offset.ledger.queries import Filters
from offset.people.access import SYSTEM, Right, may
from offset.people.models import AuditEvent
from offset.treasury import free_money, manual_entries
from offset.treasury.manual_entries import ManualView, Wanted
from offset.treasury.models import (
    ManualEntryDecision,
    ManualRecipe,
    PaymentOutcome,
)
from tests.builders import treasury as build
from tests.builders.treasury import House, eur

START = datetime(2026, 10, 1, 9, tzinfo=UTC)
NOW = START.replace(day=20)
ON = NOW.date()
DRAW = Wanted(
    recipe=ManualRecipe.SHARE_DRAWN,
    on=ON,
    reason="share of the third quarter",
    amount=eur("40.00"),
    source="Assets:Bank:B1",
)
ENDOW = Wanted(
    recipe=ManualRecipe.RESERVE_ENDOWED,
    on=ON,
    reason="reserve for the year",
    amount=eur("25.00"),
    source=chart.share("EUR"),
)
RESTRICTED = chart.restricted("KE", "EUR")
MOVE = Wanted(
    recipe=ManualRecipe.FUND_MOVED,
    on=ON,
    reason="the project paid it back for Kenya",
    amount=eur("30.00"),
    source=chart.pool("EUR"),
    target=RESTRICTED,
)


def changed(wanted: Wanted, **told: object) -> Wanted:
    return Wanted(**{**wanted.__dict__, **told})  # type: ignore[arg-type]  # values of a test


@pytest.fixture
def house(database: Database) -> House:
    """A gift of 2000.00: 100.00 of share, and 30.00 that a project paid back to the pool."""
    return a_house(database)


def a_house(database: Database) -> House:
    found = database.run(build.a_house, at=START, opening="500.00")
    back = entries.paid_back(
        entries.BankLine("back", date(2026, 10, 2), chart.bank("B1")), amount=eur("30.00")
    )
    database.run(journal.post, back, at=START.replace(day=2))
    return found


def one(database: Database, manual_entry_id: uuid.UUID) -> ManualView:
    with database.reading() as session:
        return manual_entries.shown(session, manual_entry_id)


def stands(database: Database, code: str) -> str:
    with database.reading() as session:
        return str(balances.balance(session, code))


def test_the_share_is_drawn_by_two_people_and_never_above(database: Database, house: House) -> None:
    with database.reading() as session:
        seen = manual_entries.preview(session, DRAW)
        with pytest.raises(Refused, match="amount_above_balance"):
            manual_entries.preview(session, changed(DRAW, amount=eur("100.01")))
    assert seen.two_people
    assert [(line.account, str(line.amount)) for line in seen.lines] == [
        ("Assets:Bank:B1", "-40.00 EUR"),
        ("Equity:Operating:EUR", "40.00 EUR"),
    ]
    prepared = database.run(manual_entries.prepare, actor=house.treasurer, at=NOW, wanted=DRAW)
    assert stands(database, "Equity:Operating:EUR") == "0.00 EUR"
    with pytest.raises(Forbidden, match="same_person"):
        database.run(
            manual_entries.approve, actor=house.treasurer, at=NOW, manual_entry_id=prepared
        )
    entry_id = database.run(
        manual_entries.approve, actor=house.approver, at=NOW, manual_entry_id=prepared
    )
    seen_now = one(database, prepared)
    assert (seen_now.entry_id, seen_now.outcome) == (entry_id, PaymentOutcome.APPROVED)
    assert stands(database, "Equity:Operating:EUR") == "40.00 EUR"
    with database.reading() as session:
        assert str(free_money.undrawn_share(session, "EUR")) == "60.00 EUR"
        actions = session.scalars(select(AuditEvent.action)).all()
    assert {"manual_entry.prepared", "manual_entry.approved"} <= set(actions)
    with pytest.raises(Conflict, match="manual_entry_decided"):
        database.run(manual_entries.approve, actor=house.approver, at=NOW, manual_entry_id=prepared)


def test_the_database_refuses_one_person_too(database: Database, house: House) -> None:
    prepared = database.run(manual_entries.prepare, actor=house.treasurer, at=NOW, wanted=DRAW)
    row = {
        "manual_entry_id": prepared,
        "prepared_by": house.treasurer.user_id,
        "two_people": True,
        "outcome": PaymentOutcome.REFUSED,
        "reason": "x",
        "entry_id": None,
        "decided_at": NOW,
        "decided_by": house.treasurer.user_id,
    }
    for lie in ({}, {"prepared_by": house.clerk.user_id}, {"two_people": False}):
        with pytest.raises(DBAPIError):
            database.run(
                lambda session, told={**row, **lie}: session.execute(
                    insert(ManualEntryDecision).values(**told)
                )
            )
    with pytest.raises(DBAPIError):
        database.run(
            lambda session: session.execute(
                ManualEntryDecision.metadata.tables["manual_entry"].delete()
            )
        )


def test_below_the_limit_one_person_books(embedded: Database) -> None:
    house = a_house(embedded)
    prepared = embedded.run(manual_entries.prepare, actor=house.treasurer, at=NOW, wanted=ENDOW)
    assert not one(embedded, prepared).two_people
    embedded.run(manual_entries.approve, actor=house.treasurer, at=NOW, manual_entry_id=prepared)
    assert stands(embedded, chart.reserve("EUR")) == "-25.00 EUR"
    # a clerk prepares and does not book, not even what is small
    other = embedded.run(manual_entries.prepare, actor=house.clerk, at=NOW, wanted=ENDOW)
    assert not may(house.clerk, Right.POST_MANUAL_ENTRY)
    with pytest.raises(Forbidden, match="right_missing"):
        embedded.run(manual_entries.approve, actor=house.clerk, at=NOW, manual_entry_id=other)
    with pytest.raises(Forbidden, match="right_missing"):
        embedded.run(manual_entries.prepare, actor=house.approver, at=NOW, wanted=ENDOW)
    with pytest.raises(Forbidden):
        embedded.run(manual_entries.prepare, actor=SYSTEM, at=NOW, wanted=ENDOW)


def test_only_what_no_gift_waits_in_moves_between_funds(embedded: Database) -> None:
    house = a_house(embedded)
    embedded.run(build.a_gift, 2, "100.00", "1.00", at=START.replace(day=5))
    with embedded.reading() as session:
        assert str(free_money.free_of_gifts(session, chart.pool("EUR"), "EUR")) == "30.00 EUR"
        with pytest.raises(Refused, match="amount_above_balance"):
            manual_entries.preview(session, changed(MOVE, amount=eur("30.01")))
    prepared = embedded.run(manual_entries.prepare, actor=house.clerk, at=NOW, wanted=MOVE)
    entry_id = embedded.run(
        manual_entries.approve, actor=house.treasurer, at=NOW, manual_entry_id=prepared
    )
    assert stands(embedded, RESTRICTED) == "-30.00 EUR"
    with embedded.reading() as session:
        assert str(free_money.free_of_gifts(session, RESTRICTED, "EUR")) == "30.00 EUR"
        booked = queries.entry(session, entry_id)
    # and back again, as a reversal with its reason
    undo = Wanted(recipe=ManualRecipe.REVERSAL, on=ON, reason="wrong country", reverses_id=entry_id)
    prepared = embedded.run(manual_entries.prepare, actor=house.clerk, at=NOW, wanted=undo)
    assert one(embedded, prepared).wanted.reverses_id == entry_id
    reversal = embedded.run(
        manual_entries.approve, actor=house.treasurer, at=NOW, manual_entry_id=prepared
    )
    assert stands(embedded, RESTRICTED) == "0.00 EUR"
    with embedded.reading() as session:
        seen = queries.entry(session, reversal)
        assert (seen.memo, seen.reverses_id) == ("wrong country", booked.id)
        with pytest.raises(Refused, match="already_reversed"):
            manual_entries.preview(session, undo)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (changed(DRAW, reason=" "), "reason_missing"),
        (changed(DRAW, amount=None), "amount_not_positive"),
        (changed(DRAW, amount=eur("0.00")), "amount_not_positive"),
        (changed(DRAW, source="Assets:Bank:B9"), "account_not_offered"),
        (changed(ENDOW, source="Assets:Bank:B9"), "account_not_offered"),
        (changed(ENDOW, amount=eur("100.01")), "amount_above_balance"),
        (changed(MOVE, target="Liabilities:Project:P0001:EUR"), "account_not_offered"),
        (changed(MOVE, source="Liabilities:Fund:Pool:USD"), "account_not_offered"),
        (changed(MOVE, target=MOVE.source), "account_not_offered"),
        (Wanted(recipe=ManualRecipe.REVERSAL, on=ON, reason="x"), "entry_unknown"),
    ],
)
def test_what_cannot_be_booked_is_refused_before(
    embedded: Database, wanted: Wanted, code: str
) -> None:
    a_house(embedded)
    with (
        embedded.reading() as session,
        pytest.raises((InvalidInput, Refused, NotFound), match=code),
    ):
        manual_entries.preview(session, wanted)


def test_what_has_a_cause_of_its_own_is_not_undone_by_hand(embedded: Database) -> None:
    a_house(embedded)
    with embedded.reading() as session:
        for kind in ("charge", "allocation", "deallocation"):
            (seen, *_) = queries.entries(session, Filters(kind=kind)).entries
            undo = Wanted(recipe=ManualRecipe.REVERSAL, on=ON, reason="x", reverses_id=seen.id)
            with pytest.raises(Refused, match="reversal_elsewhere"):
                manual_entries.preview(session, undo)


def test_a_refusal_says_why(embedded: Database) -> None:
    house = a_house(embedded)
    prepared = embedded.run(manual_entries.prepare, actor=house.treasurer, at=NOW, wanted=DRAW)
    told = {"at": NOW, "manual_entry_id": prepared}
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(manual_entries.refuse, actor=house.approver, reason=" ", **told)
    with pytest.raises(Forbidden, match="same_person"):
        embedded.run(manual_entries.refuse, actor=house.treasurer, reason="x", **told)
    embedded.run(manual_entries.refuse, actor=house.approver, reason="not this quarter", **told)
    seen = one(embedded, prepared)
    assert (seen.outcome, seen.answer, seen.entry_id) == (
        PaymentOutcome.REFUSED,
        "not this quarter",
        None,
    )
    with embedded.reading() as session:
        assert [view.id for view in manual_entries.listed(session)] == [prepared]
        with pytest.raises(NotFound, match="manual_entry_unknown"):
            manual_entries.shown(session, uuid.uuid4())
    with pytest.raises(NotFound, match="manual_entry_unknown"):
        embedded.run(
            manual_entries.approve, actor=house.approver, at=NOW, manual_entry_id=uuid.uuid4()
        )
