"""Does a match book what is missing, once, and does undoing it leave the books as they were?"""

import threading
import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.giving import donations
from offset.giving.models import Donation, DonationStatus
from offset.ledger import balances, chart, entries, journal, verify
from offset.money import Money
from offset.people.access import SYSTEM, Actor
from offset.people.audit import trail
from offset.treasury import payouts, queries, reconciliation, screen, suggestions
from offset.treasury.matching import Kind, Why
from offset.treasury.models import BankLine, MatchItem
from offset.treasury.queries import PaymentState
from offset.treasury.reconciliation import Part
from offset.treasury.screen import Row, State
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement, eur
from tests.once_built import once_built

DAY = date(2026, 11, 15)


def receive(
    database: Database, house: House, *lines: tuple[str, str], at: datetime, opening: str = "0.00"
) -> list[uuid.UUID]:
    """Import one statement of these lines and return their ids in order."""
    told = a_statement(
        *(a_line(amount, text, on=at.date()) for amount, text in lines),
        opening=opening,
        reference=f"S-{at.isoformat()}",
        on=at.date(),
    )
    database.run(build.take_in, told, actor=house.clerk, at=at)
    with database.reading() as session:
        return list(
            session.scalars(
                select(BankLine.id).where(BankLine.booked_on == at.date()).order_by(BankLine.number)
            )
        )[-len(lines) :]


def match(
    database: Database, actor: Actor, line_id: uuid.UUID, *parts: Part, at: datetime
) -> uuid.UUID:
    return database.run(reconciliation.confirm, actor=actor, at=at, line_id=line_id, parts=parts)[0]


def rows(database: Database) -> tuple[Row, ...]:
    suggestions.keep_fresh(database, at=datetime.combine(DAY, time(12), UTC), code="B1")
    with database.reading() as session:
        return screen.screen(session, "B1", on=DAY).rows


def bank(database: Database) -> Money:
    with database.reading() as session:
        return balances.balance(session, chart.bank("B1"))


def undo(database: Database, house: House, match_id: uuid.UUID, at: datetime) -> None:
    database.run(
        reconciliation.undo, actor=house.clerk, at=at, match_id=match_id, reason="mistaken"
    )


def test_undoing_reverses_what_was_booked_and_opens_the_line_again(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    (line,) = receive(database, house, ("-8.50", "FRAIS"), at=at)
    first = match(database, house.clerk, line, Part(kind=Kind.BANK_FEE), at=at)
    assert bank(database) == eur("-8.50")
    undo(database, house, first, at)
    assert bank(database) == eur("0.00")
    (row,) = rows(database)
    assert (row.state, row.rest) == (State.SUGGESTED, eur("-8.50"))
    with database.reading() as session:
        identity = screen.screen(session, "B1", on=DAY).bank
        assert (identity.unmatched, identity.gap) == (eur("0.00"), eur("0.00"))
    with pytest.raises(Conflict, match="match_undone"):
        undo(database, house, first, at)
    match(database, house.clerk, line, Part(kind=Kind.BANK_FEE), at=at)
    assert bank(database) == eur("-8.50")
    assert verify.verify(database).faults == ()


def test_a_line_may_be_split(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    facts = build.a_payout([], created=at, amount="30.00")
    payout = embedded.run(payouts.on_payout, facts, at)
    (line,) = receive(embedded, house, ("50.00", "STRIPE and a gift"), at=at)
    made = embedded.run(
        reconciliation.confirm,
        actor=house.clerk,
        at=at,
        line_id=line,
        parts=[
            Part(kind=Kind.PAYOUT, subject_id=payout, amount=eur("30.00")),
            Part(kind=Kind.UNIDENTIFIED),
        ],
    )
    assert len(made) == 2
    (row,) = rows(embedded)
    assert [m.amount for m in row.matches] == [eur("30.00"), eur("20.00")]
    assert row.state is State.MATCHED


def test_a_part_leaves_the_rest_open(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    (line,) = receive(embedded, house, ("50.00", "two gifts"), at=at)
    part = Part(kind=Kind.UNIDENTIFIED, amount=eur("20.00"))
    match(embedded, house.clerk, line, part, at=at)
    (row,) = rows(embedded)
    assert (row.rest, row.stated) == (eur("30.00"), eur("30.00"))
    assert len(row.matches) == 1
    match(embedded, house.clerk, line, Part(kind=Kind.UNIDENTIFIED), at=at)
    with pytest.raises(Conflict, match="line_matched"):
        match(embedded, house.clerk, line, Part(kind=Kind.UNIDENTIFIED), at=at)


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ((), "parts_missing"),
        ((None, None), "parts_missing"),
        (("50.00", None), "parts_missing"),
        (("50.01",), "parts_exceed_line"),
        (("-1.00",), "parts_exceed_line"),
        (("60.00", "-10.00"), "parts_exceed_line"),
    ],
)
def test_parts_must_fit_the_line(
    embedded: Database, at: datetime, amounts: tuple[str | None, ...], code: str
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    (line,) = receive(embedded, house, ("50.00", "x"), at=at)
    parts = [
        Part(kind=Kind.UNIDENTIFIED, amount=eur(amount) if amount else None) for amount in amounts
    ]
    with pytest.raises(InvalidInput, match=code):
        match(embedded, house.clerk, line, *parts, at=at)


@pytest.mark.parametrize(
    ("amount", "kind", "code"),
    [
        ("50.00", Kind.PAYOUT, "subject_unknown"),
        ("50.00", Kind.ENTRY, "subject_unknown"),
        ("50.00", Kind.GIFT, "subject_unknown"),
        ("-50.00", Kind.DISBURSEMENT, "subject_unknown"),
        ("50.00", Kind.BANK_FEE, "match_wrong_side"),
        ("-50.00", Kind.UNIDENTIFIED, "match_wrong_side"),
        ("-500.00", Kind.BANK_FEE, "two_people_needed"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(
    embedded: Database, at: datetime, amount: str, kind: Kind, code: str
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    (line,) = receive(embedded, house, (amount, "x"), at=at)
    with pytest.raises(Refused, match=code):
        match(embedded, house.treasurer, line, Part(kind=kind), at=at)
    if kind in {Kind.PAYOUT, Kind.DISBURSEMENT, Kind.ENTRY}:
        part = Part(kind=kind, subject_id=uuid7(at))
        with pytest.raises(Refused, match=code):
            match(embedded, house.treasurer, line, part, at=at)
    assert bank(embedded) == eur("0.00")


def test_a_large_charge_is_the_treasurers(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    (line,) = receive(embedded, house, ("-20.01", "FRAIS"), at=at)
    with pytest.raises(Forbidden):
        match(embedded, house.clerk, line, Part(kind=Kind.BANK_FEE), at=at)
    match(embedded, house.treasurer, line, Part(kind=Kind.BANK_FEE), at=at)


def test_a_payout_is_matched_once_and_only_by_its_amount(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    facts = build.a_payout([], created=at, amount="30.00")
    payout = embedded.run(payouts.on_payout, facts, at)
    one, two, three = receive(
        embedded, house, ("30.00", "x"), ("30.00", "y"), ("31.00", "z"), at=at
    )
    part = Part(kind=Kind.PAYOUT, subject_id=payout)
    with pytest.raises(Refused, match="match_amount_differs"):
        match(embedded, house.clerk, three, part, at=at)
    made = match(embedded, house.clerk, one, part, at=at)
    with pytest.raises(Conflict, match="subject_matched"):
        match(embedded, house.clerk, two, part, at=at)
    undo(embedded, house, made, at)
    match(embedded, house.clerk, two, part, at=at)
    with embedded.reading() as session:
        assert not balances.balance(session, chart.payouts_in_transit("EUR"))


def test_a_gift_by_transfer_settles_once_for_its_own_amount(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    pledged = embedded.run(donations.pledge, at=at, amount=eur("50.00"), language="en")
    one, two = receive(embedded, house, ("50.00", pledged.reference), ("40.00", "x"), at=at)
    part = Part(kind=Kind.GIFT, subject_id=pledged.donation_id)
    with pytest.raises(Refused, match="match_amount_differs"):
        match(embedded, house.clerk, two, part, at=at)
    made = match(embedded, house.clerk, one, part, at=at)
    with pytest.raises(Refused, match="gift_settled"):
        match(embedded, house.clerk, two, part, at=at)
    held = balances_of(embedded)
    undo(embedded, house, made, at)
    assert balances_of(embedded) != held
    with embedded.reading() as session:
        gift = session.get_one(Donation, pledged.donation_id)
        assert (gift.status, gift.unallocated) == (DonationStatus.REFUNDED, 0)
    assert bank(embedded) == eur("0.00")
    assert verify.verify(embedded).faults == ()


def balances_of(database: Database) -> Money:
    with database.reading() as session:
        return balances.held(session, chart.pool("EUR"))


def test_a_booking_without_a_line_is_matched_to_it(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    draft = entries.reserve_endowed(
        endowment_id="1", on=at.date(), source=chart.bank("B1"), amount=eur("100.00")
    )
    entry_id = embedded.run(journal.post, draft, at=at).entry_id
    (waiting,) = rows(embedded)
    assert (waiting.state, waiting.booked) == (State.WAITING, eur("100.00"))
    one, two = receive(embedded, house, ("100.00", "endowment"), ("-100.00", "x"), at=at)
    part = Part(kind=Kind.ENTRY, subject_id=entry_id)
    with pytest.raises(Refused, match="match_amount_differs"):
        match(embedded, house.clerk, two, part, at=at)
    found = next(row for row in rows(embedded) if row.line_id == one)
    assert found.proposals[0].kind is Kind.ENTRY
    assert found.booking is not None
    made = match(embedded, house.clerk, one, part, at=at)
    assert bank(embedded) == eur("100.00")
    undo(embedded, house, made, at)
    assert bank(embedded) == eur("100.00")


def test_a_returned_payment_is_back_with_its_project(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at, gift="100.00", opening="95.00")
    payment = database.run(build.a_payment, house, at=at, amount="95.00")
    account = chart.project("P0001", "EUR")
    part = Part(kind=Kind.DISBURSEMENT_RETURN, subject_id=payment)
    out, back, again = receive(
        database,
        house,
        ("-95.00", "DISB-2026-0001"),
        ("95.00", "RETOUR DISB-2026-0001"),
        ("95.00", "RETOUR DISB-2026-0001"),
        at=at,
        opening="95.00",
    )
    with pytest.raises(Refused, match="payment_not_sent"):
        match(database, house.clerk, back, part, at=at)
    assert database.run(reconciliation.match_certain, actor=SYSTEM, at=at) == 1
    with database.reading() as session:
        assert not balances.held(session, account)
        assert queries.payment(session, payment).state is PaymentState.SENT
        (sent,) = [row for row in screen.screen(session, "B1", on=DAY).rows if row.line_id == out]
    small = Part(kind=Kind.DISBURSEMENT_RETURN, subject_id=payment, amount=eur("1.00"))
    with pytest.raises(Refused, match="match_amount_differs"):
        match(database, house.clerk, back, small, at=at)
    match(database, house.clerk, back, part, at=at)
    with pytest.raises(Conflict, match="subject_matched"):
        match(database, house.clerk, again, part, at=at)
    with pytest.raises(Refused, match="match_not_undoable"):
        undo(database, house, sent.matches[0].id, at)
    with database.reading() as session:
        assert balances.held(session, account) == eur("95.00")
        assert not balances.balance(session, chart.disbursements_in_transit("EUR"))
        assert queries.payment(session, payment).state is PaymentState.RETURNED
    assert verify.verify(database).faults == ()


def test_undoing_a_sent_payment_leaves_it_to_be_sent(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at, gift="100.00", opening="95.00")
    payment = embedded.run(build.a_payment, house, at=at, amount="95.00")
    receive(embedded, house, ("-95.00", "DISB-2026-0001"), at=at, opening="95.00")
    embedded.run(reconciliation.match_certain, actor=house.clerk, at=at)
    (row,) = rows(embedded)
    assert row.matches[0].automatic
    assert Why.REFERENCE in {reason.why for reason in row.matches[0].reasons}
    undo(embedded, house, row.matches[0].id, at)
    with embedded.reading() as session:
        assert queries.payment(session, payment).state is PaymentState.APPROVED
        transit = balances.balance(session, chart.disbursements_in_transit("EUR"))
        assert transit == eur("-95.00")


def test_notes_are_kept_beside_the_line(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    open_line, done = receive(embedded, house, ("50.00", "x"), ("1.00", "y"), at=at)
    match(embedded, house.clerk, done, Part(kind=Kind.UNIDENTIFIED), at=at)
    told = {"actor": house.clerk, "at": at}
    for line in (open_line, done):
        embedded.run(reconciliation.note, line_id=line, text=" Ask the bank. ", **told)
    assert {row.notes[0].text for row in rows(embedded)} == {"Ask the bank."}
    with pytest.raises(InvalidInput, match="note_missing"):
        embedded.run(reconciliation.note, line_id=open_line, text="  ", **told)
    with pytest.raises(NotFound, match="bank_line_unknown"):
        embedded.run(reconciliation.note, line_id=uuid7(at), text="x", **told)


def test_what_is_unknown_or_without_reason_is_refused(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    with pytest.raises(NotFound, match="bank_line_unknown"):
        match(embedded, house.clerk, uuid7(at), Part(kind=Kind.BANK_FEE), at=at)
    with pytest.raises(NotFound, match="match_unknown"):
        undo(embedded, house, uuid7(at), at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(reconciliation.undo, actor=house.clerk, at=at, match_id=uuid7(at), reason=" ")


def test_an_approver_matches_nothing(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    (line,) = receive(embedded, house, ("50.00", "x"), at=at)
    told = {"actor": house.approver, "at": at}
    with pytest.raises(Forbidden):
        match(embedded, house.approver, line, Part(kind=Kind.UNIDENTIFIED), at=at)
    with pytest.raises(Forbidden):
        embedded.run(reconciliation.match_certain, **told)
    with pytest.raises(Forbidden):
        embedded.run(reconciliation.note, line_id=line, text="x", **told)
    with pytest.raises(Forbidden):
        embedded.run(reconciliation.undo, match_id=uuid7(at), reason="x", **told)


def test_two_clerks_at_one_line_book_it_once(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    (line,) = receive(database, house, ("50.00", "x"), at=at)
    start, said = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            match(database, house.clerk, line, Part(kind=Kind.UNIDENTIFIED), at=at)
            said.append("matched")
        except OffsetError as fault:
            said.append(fault.code)

    clerks = [threading.Thread(target=work) for _ in range(4)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert sorted(said) == ["line_matched"] * 3 + ["matched"]
    assert bank(database) == eur("50.00")


def test_the_database_itself_holds_matches_within_line_and_entry(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    one, two = receive(database, house, ("50.00", "x"), ("70.00", "y"), at=at)
    made = match(
        database, house.clerk, one, Part(kind=Kind.UNIDENTIFIED, amount=eur("40.00")), at=at
    )
    with database.reading() as session:
        item = session.scalars(select(MatchItem)).one()
        entry_id = item.entry_id

    def raw(line: uuid.UUID, minor: int) -> None:
        database.run(
            lambda session: session.execute(
                insert(MatchItem).values(
                    id=uuid7(at), match_id=made, line_id=line, entry_id=entry_id, amount=minor
                )
            )
        )

    # Above the line, the wrong way, above what the entry moved, another line's amount.
    for line, minor in ((one, 1_001), (one, -1), (one, 1_000), (two, 1)):
        with pytest.raises(DBAPIError, match="treasury: match_item_within"):
            raw(line, minor)


def test_a_line_is_never_explained_by_more_than_it_is(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    (line,) = receive(database, house, ("50.00", "x"), at=at)
    draft = entries.reserve_endowed(
        endowment_id="1", on=at.date(), source=chart.bank("B1"), amount=eur("100.00")
    )
    entry_id = database.run(journal.post, draft, at=at).entry_id
    part = Part(kind=Kind.ENTRY, subject_id=entry_id)
    made = match(database, house.clerk, line, part, at=at)
    with pytest.raises(DBAPIError, match="match_item_within_line"):
        database.run(
            lambda session: session.execute(
                insert(MatchItem).values(
                    id=uuid7(at),
                    match_id=made,
                    line_id=line,
                    number=2,
                    entry_id=entry_id,
                    amount=1,
                )
            )
        )


@pytest.mark.parametrize("days", [0, 30])
def test_a_payout_on_its_way_stands_in_transit(embedded: Database, at: datetime, days: int) -> None:
    once_built(embedded, build.a_house, at=at)
    embedded.run(payouts.on_payout, build.a_payout([], created=at, amount="5.00"), at)
    with embedded.reading() as session:
        told = screen.screen(session, "B1", on=DAY + timedelta(days=days + 1))
    (row,) = told.rows
    assert (row.state, row.age, row.difference) == (State.IN_TRANSIT, days, eur("5.00"))
    assert told.count(State.IN_TRANSIT, State.WAITING) == 1
    assert not told.payouts.gap


def test_the_trail_names_every_match(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    (line,) = receive(embedded, house, ("50.00", "x"), at=at)
    made = match(embedded, house.clerk, line, Part(kind=Kind.UNIDENTIFIED), at=at)
    undo(embedded, house, made, at)
    with embedded.reading() as session:
        told = {line.action for line in trail(session)}
    assert {"statement.imported", "bank_line.matched", "match.undone"} <= told
