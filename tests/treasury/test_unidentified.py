"""Is money of an unknown giver found, explained, sent back by two, and never explained twice?"""

import threading
import uuid
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.giving import booking, donations, pledges
from offset.giving.models import BankPledge, Donation, DonationStatus
from offset.ledger import balances, chart, periods
from offset.money import Money
from offset.people.access import SYSTEM
from offset.people.audit import trail
from offset.treasury import receipts_apart, reconciliation, screen, unidentified
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine
from offset.treasury.receipts_apart import Receipt, Search
from offset.treasury.reconciliation import Part
from offset.treasury.unidentified_models import AnswerKind, UnidentifiedDecision
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement, eur
from tests.once_built import once_built

DAY = date(2026, 11, 15)


def apart(
    database: Database, house: House, amount: str, text: str = "x", *, at: datetime
) -> Receipt:
    """Money that came and that the clerk set apart."""
    with database.reading() as session:
        held = balances.balance(session, chart.bank("B1"))
    told = a_statement(
        a_line(amount, text, on=at.date()),
        opening=str(held.decimal()),
        reference=f"S-{amount}-{text}",
        on=at.date(),
    )
    database.run(build.take_in, told, actor=house.clerk, at=at)
    with database.reading() as session:
        line = session.scalars(select(BankLine.id).where(BankLine.text == text)).one()
    part = Part(kind=Kind.UNIDENTIFIED)
    database.run(reconciliation.confirm, actor=house.clerk, at=at, line_id=line, parts=[part])
    return next(one for one in listed(database) if one.line_id == line)


def listed(database: Database, **asked: object) -> tuple[Receipt, ...]:
    with database.reading() as session:
        return receipts_apart.listed(session, Search(**asked), on=DAY).receipts  # type: ignore[arg-type]  # names of Search


def a_pledge(database: Database, amount: str, *, at: datetime) -> uuid.UUID:
    return database.run(
        pledges.promise,
        at=at,
        amount=eur(amount),
        language="en",
        email="jean@demo.example",
        name="Jean Petit",
        account=pledges.Account("4 per 1000", build.IBAN),
    ).pledge_id


def held(database: Database) -> Money:
    with database.reading() as session:
        return balances.held(session, chart.unidentified("EUR"))


def test_it_becomes_part_of_the_pledge_it_was_for_and_may_be_taken_back(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    pledge = a_pledge(database, "80.00", at=at)
    receipt = apart(database, house, "50.00", "no reference", at=at)
    told = {"actor": house.clerk, "at": at, "entry_id": receipt.entry_id}
    gift = database.run(unidentified.identify, target_id=pledge, reason="Jean wrote to us.", **told)
    with database.reading() as session:
        row = session.get_one(Donation, gift)
        assert (row.status, row.gross, row.fee) == (DonationStatus.SUCCEEDED, 5_000, 0)
        assert row.unallocated + (row.share or 0) == 5_000
        assert session.get_one(BankPledge, pledge).received == 5_000
        (answer,) = receipts_apart.answers(session, receipt.entry_id)
        assert (answer.kind, answer.approved, answer.donation_id) == (
            AnswerKind.IDENTIFIED,
            True,
            gift,
        )
    assert (held(database), listed(database)) == (eur("0.00"), ())
    assert [one.entry_id for one in listed(database, answered=True)] == [receipt.entry_id]
    with pytest.raises(Refused, match="receipt_rest"):
        database.run(unidentified.identify, target_id=pledge, reason="again", **told)
    undo = {"actor": house.clerk, "at": at, "answer_id": answer.id}
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(unidentified.undo, reason=" ", **undo)
    database.run(unidentified.undo, reason="Another Jean.", **undo)
    assert held(database) == eur("50.00")
    with database.reading() as session:
        assert session.get_one(Donation, gift).status is DonationStatus.REFUNDED
        assert session.get_one(BankPledge, pledge).received == 0
    with pytest.raises(Conflict, match="answer_undone"):
        database.run(unidentified.undo, reason="x", **undo)
    database.run(unidentified.identify, target_id=pledge, reason="It was him.", **told)
    with database.reading() as session:
        did = {line.action for line in trail(session)}
    assert {"unidentified.identified", "unidentified.answer_undone"} <= did


def test_a_part_of_it_is_enough_and_more_than_is_left_is_refused(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    gift = embedded.run(donations.pledge, at=at, amount=eur("20.00"), language="en")
    receipt = apart(embedded, house, "50.00", at=at)
    told = {"actor": house.clerk, "at": at, "entry_id": receipt.entry_id, "reason": "letter"}
    with pytest.raises(Refused, match="match_amount_differs"):
        embedded.run(unidentified.identify, target_id=gift.donation_id, **told)
    for amount, fault, code in (
        ("50.01", Refused, "receipt_rest"),
        ("-1.00", InvalidInput, "amount_not_positive"),
    ):
        with pytest.raises(fault, match=code):
            embedded.run(
                unidentified.identify, target_id=gift.donation_id, amount=eur(amount), **told
            )
    embedded.run(unidentified.identify, target_id=gift.donation_id, amount=eur("20.00"), **told)
    (row,) = listed(embedded)
    assert (row.amount, row.rest) == (eur("50.00"), eur("30.00"))
    # The giver of a gift that arrived gave once more.
    second = embedded.run(unidentified.identify, target_id=gift.donation_id, **told)
    assert second != gift.donation_id
    assert held(embedded) == eur("0.00")
    other = apart(embedded, house, "5.00", "y", at=at)
    with pytest.raises(NotFound, match="gift_unknown"):
        embedded.run(
            unidentified.identify, target_id=uuid.uuid4(), **{**told, "entry_id": other.entry_id}
        )
    with pytest.raises(NotFound, match="apart_unknown"):
        embedded.run(
            unidentified.identify, target_id=gift.donation_id, **{**told, "entry_id": uuid.uuid4()}
        )
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(unidentified.identify, target_id=gift.donation_id, **{**told, "reason": " "})
    with pytest.raises(Forbidden):
        embedded.run(
            unidentified.identify,
            target_id=gift.donation_id,
            **{**told, "actor": house.approver},
        )


def test_a_small_sum_goes_back_by_one_a_large_one_by_two(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    small = apart(embedded, house, "499.99", "small", at=at)
    large = apart(embedded, house, "500.00", "large", at=at)
    told = {"actor": house.treasurer, "at": at, "reason": "The bank asks for it."}
    with pytest.raises(Forbidden):
        embedded.run(
            unidentified.send_back, entry_id=small.entry_id, **{**told, "actor": house.approver}
        )
    embedded.run(unidentified.send_back, entry_id=small.entry_id, **told)
    assert held(embedded) == eur("500.00")
    answer = embedded.run(unidentified.send_back, entry_id=large.entry_id, **told)
    assert held(embedded) == eur("500.00")
    # What waits for a second person is spoken for.
    assert listed(embedded) == ()
    decide = {"at": at, "answer_id": answer}
    with pytest.raises(Forbidden, match="same_person"):
        embedded.run(unidentified.approve_return, actor=house.treasurer, **decide)
    with pytest.raises(Forbidden, match="same_person"):
        embedded.run(unidentified.refuse_return, actor=house.treasurer, reason="x", **decide)
    with pytest.raises(Forbidden):
        embedded.run(unidentified.approve_return, actor=house.clerk, **decide)
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(unidentified.refuse_return, actor=house.approver, reason="", **decide)
    with pytest.raises(Refused, match="answer_not_booked"):
        embedded.run(unidentified.undo, actor=house.clerk, reason="x", **decide)
    embedded.run(unidentified.refuse_return, actor=house.approver, reason="Wait.", **decide)
    assert [one.rest for one in listed(embedded)] == [eur("500.00")]
    with pytest.raises(Conflict, match="answer_decided"):
        embedded.run(unidentified.approve_return, actor=house.approver, **decide)
    again = embedded.run(unidentified.send_back, entry_id=large.entry_id, **told)
    embedded.run(unidentified.approve_return, actor=house.approver, at=at, answer_id=again)
    assert held(embedded) == eur("0.00")
    with embedded.reading() as session:
        transit = balances.balance(session, chart.disbursements_in_transit("EUR"))
    assert transit == eur("-999.99")


def test_the_database_itself_wants_a_second_person(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    receipt = apart(database, house, "600.00", at=at)
    answer = database.run(
        unidentified.send_back,
        actor=house.treasurer,
        at=at,
        entry_id=receipt.entry_id,
        reason="x",
    )
    for two in (True, False):
        row = UnidentifiedDecision(
            answer_id=answer,
            prepared_by=house.treasurer.user_id,
            two_people=two,
            approved=True,
            reason="",
            entry_id=receipt.entry_id,
            decided_at=at,
            decided_by=house.treasurer.user_id,
        )
        with pytest.raises(DBAPIError):
            database.run(lambda session, row=row: session.add(row))


def test_the_banks_line_ends_a_return(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    receipt = apart(embedded, house, "50.00", at=at)
    told = {"actor": house.clerk, "at": at}
    answer = embedded.run(
        unidentified.send_back, entry_id=receipt.entry_id, reason="not ours", **told
    )
    statement = a_statement(
        a_line("-50.00", "RETOUR", on=at.date()),
        a_line("-49.00", "OTHER", on=at.date()),
        opening="50.00",
        reference="S-9",
        on=at.date(),
    )
    embedded.run(build.take_in, statement, **told)
    with embedded.reading() as session:
        lines = {
            line.text: line.id
            for line in session.scalars(select(BankLine).where(BankLine.amount < 0))
        }
        shown = screen.open_lines_of(session, eur("-50.00"), on=DAY)
    assert [row.line_id for row in shown] == [lines["RETOUR"]]
    match = {"answer_id": answer, **told}
    with pytest.raises(Refused, match="match_amount_differs"):
        embedded.run(unidentified.match_return, line_id=lines["OTHER"], **match)
    with pytest.raises(NotFound, match="bank_line_unknown"):
        embedded.run(unidentified.match_return, line_id=uuid.uuid4(), **match)
    with pytest.raises(NotFound, match="answer_unknown"):
        embedded.run(
            unidentified.match_return, **{**match, "answer_id": uuid.uuid4()}, line_id=answer
        )
    made = embedded.run(unidentified.match_return, line_id=lines["RETOUR"], **match)
    with pytest.raises(Conflict, match="subject_matched"):
        embedded.run(unidentified.match_return, line_id=lines["RETOUR"], **match)
    with pytest.raises(Refused, match="answer_left"):
        embedded.run(unidentified.undo, reason="x", **match)
    with embedded.reading() as session:
        assert not balances.balance(session, chart.disbursements_in_transit("EUR"))
        assert not balances.balance(session, chart.bank("B1"))
        (seen,) = receipts_apart.answers(session, receipt.entry_id)
        assert seen.left
        assert screen.line(session, lines["RETOUR"], on=DAY).matches[0].id == made  # type: ignore[union-attr]  # it is there


def test_card_money_is_explained_with_its_fee_and_goes_back_at_the_processor(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    movement = build.a_movement(77, "30.00", "0.70", on=at)
    embedded.run(booking.book, movement, at=at)
    (receipt,) = listed(embedded, text="ch_T0077")
    assert (receipt.movement, receipt.line_id, receipt.rest) == (movement.id, None, eur("29.30"))
    told = {"actor": house.clerk, "at": at, "entry_id": receipt.entry_id, "reason": "x"}
    with pytest.raises(Refused, match="receipt_of_processor"):
        embedded.run(unidentified.send_back, **told)
    pledge = a_pledge(embedded, "30.00", at=at)
    gift = embedded.run(unidentified.identify, target_id=pledge, **told)
    with embedded.reading() as session:
        row = session.get_one(Donation, gift)
        assert (row.gross, row.fee, row.net) == (3_000, 70, 2_930)
    assert held(embedded) == eur("0.00")


def test_it_is_found_by_name_amount_and_reference_page_by_page(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    pledge = a_pledge(embedded, "20.00", at=at)
    first = apart(embedded, house, "20.00", "DON for soils", at=at)
    second = apart(embedded, house, "30.00", "something else", at=at)
    assert [one.entry_id for one in listed(embedded, text="for SOILS")] == [first.entry_id]
    assert [one.entry_id for one in listed(embedded, amount=3_000)] == [second.entry_id]
    assert listed(embedded, text="%") == ()
    with embedded.reading() as session:
        page = receipts_apart.listed(session, Search(limit=1), on=DAY)
        assert (page.count, page.totals) == (2, (eur("50.00"),))
        rest = receipts_apart.listed(session, Search(limit=1, after=page.following), on=DAY)
        assert [*page.receipts, *rest.receipts] == [*listed(embedded)]
        assert rest.following == ""
        (target,) = receipts_apart.proposed(session, first)
        assert (target.id, target.missing) == (pledge, eur("20.00"))
        assert receipts_apart.proposed(session, second) == ()
        assert [one.id for one in receipts_apart.looked_for(session, "petit")] == [pledge]
        assert [one.id for one in receipts_apart.looked_for(session, target.reference)] == [pledge]
        assert unidentified.named(session, target.reference.lower()) == pledge
        with pytest.raises(NotFound, match="gift_unknown"):
            unidentified.named(session, "DON-NONE")
        assert receipts_apart.looked_for(session, " ") == ()


def test_notes_are_kept_and_the_machine_explains_nothing(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    receipt = apart(embedded, house, "20.00", at=at)
    told = {"actor": house.clerk, "at": at, "entry_id": receipt.entry_id}
    embedded.run(unidentified.note, text=" Asked the bank. ", **told)
    (seen,) = listed(embedded)
    assert [one.text for one in seen.notes] == ["Asked the bank."]
    with pytest.raises(InvalidInput, match="note_missing"):
        embedded.run(unidentified.note, text=" ", **told)
    with pytest.raises(NotFound, match="apart_unknown"):
        embedded.run(unidentified.note, text="x", **{**told, "entry_id": uuid.uuid4()})
    with pytest.raises(Forbidden):
        embedded.run(unidentified.note, text="x", **{**told, "actor": SYSTEM})


def test_two_people_explain_the_same_money_once(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    pledge = a_pledge(database, "50.00", at=at)
    receipt = apart(database, house, "50.00", at=at)
    start, said = threading.Barrier(3), []

    def work() -> None:
        start.wait()
        try:
            database.run(
                unidentified.identify,
                actor=house.clerk,
                at=at,
                entry_id=receipt.entry_id,
                target_id=pledge,
                reason="x",
            )
            said.append("explained")
        except OffsetError as fault:
            said.append(fault.code)

    people = [threading.Thread(target=work) for _ in range(3)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(said) == ["explained", "receipt_rest", "receipt_rest"]
    assert held(database) == eur("0.00")


def test_a_closed_month_keeps_its_answers(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    receipt = apart(embedded, house, "20.00", at=at)
    answer = embedded.run(
        unidentified.send_back,
        actor=house.clerk,
        at=at,
        entry_id=receipt.entry_id,
        reason="x",
    )
    first = at.date().replace(day=1)
    embedded.run(periods.begin_close, first)
    embedded.run(periods.lock, first, at=at, actor_id=house.treasurer.user_id, checklist={})
    with pytest.raises(OffsetError, match="period_locked"):
        embedded.run(unidentified.undo, actor=house.clerk, at=at, answer_id=answer, reason="x")
    assert held(embedded) == eur("0.00")
