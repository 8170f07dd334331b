"""Are several lines matched and taken back as a whole, and never in a closed month or twice?"""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, LedgerRefused, NotFound, OffsetError, Refused
from offset.giving import pledges
from offset.ledger import balances, chart, entries, journal, verify
from offset.ledger import periods as ledger_periods
from offset.ledger.models import Entry
from offset.money import Money
from offset.people.access import SYSTEM
from offset.reports import project_money
from offset.treasury import payouts, queries, reconciliation
from offset.treasury.matching import Kind
from offset.treasury.models import BankAccount, BankLine, Match, MatchItem
from offset.treasury.queries import PaymentState
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement, eur
from tests.once_built import once_built

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
DAY = AT.date()


def receive(
    database: Database, house: House, *lines: tuple[str, str], opening: str = "0.00"
) -> list[uuid.UUID]:
    """Import one statement of these lines and return their ids in order."""
    told = a_statement(
        *(a_line(amount, text, on=DAY) for amount, text in lines), opening=opening, on=DAY
    )
    database.run(build.take_in, told, actor=house.clerk, at=AT)
    with database.reading() as session:
        return list(session.scalars(select(BankLine.id).order_by(BankLine.number)))


def together(
    database: Database, house: House, line_ids: list[uuid.UUID], *parts: Part
) -> tuple[uuid.UUID, ...]:
    return database.run(
        reconciliation.confirm_together,
        actor=house.clerk,
        at=AT,
        line_ids=line_ids,
        parts=list(parts),
    )


def undo(database: Database, house: House, match_id: uuid.UUID) -> None:
    database.run(
        reconciliation.undo, actor=house.clerk, at=AT, match_id=match_id, reason="mistaken"
    )


def balance(database: Database, code: str) -> Money:
    with database.reading() as session:
        return balances.balance(session, code)


def a_payout(database: Database, amount: str, number: int = 1) -> uuid.UUID:
    facts = build.a_payout([], created=AT, amount=amount, number=number)
    return database.run(payouts.on_payout, facts, AT)


def test_two_lines_make_one_payout_and_are_taken_back_as_one(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=AT)
    payout = a_payout(embedded, "300.00")
    one, two, other = receive(
        embedded, house, ("100.00", "STRIPE"), ("200.00", "STRIPE"), ("7.00", "x")
    )
    part = Part(kind=Kind.PAYOUT, subject_id=payout)
    (made,) = together(embedded, house, [one, two], part)
    assert not balance(embedded, chart.payouts_in_transit("EUR"))
    assert balance(embedded, chart.bank("B1")) == eur("300.00")
    with embedded.reading() as session:
        items = session.scalars(select(MatchItem).where(MatchItem.match_id == made)).all()
        assert {(item.line_id, item.amount) for item in items} == {(one, 10_000), (two, 20_000)}
    for lines in ([one, other], [one], [other, one]):
        with pytest.raises(Conflict, match="line_matched"):
            together(embedded, house, lines, part)
    undo(embedded, house, made)
    assert balance(embedded, chart.payouts_in_transit("EUR")) == eur("300.00")
    assert not balance(embedded, chart.bank("B1"))
    # Both lines are open again, in another order too.
    (again,) = together(embedded, house, [two, one], part)
    assert again != made
    assert balance(embedded, chart.bank("B1")) == eur("300.00")
    assert verify.verify(embedded).faults == ()


def test_what_does_not_add_up_together_books_nothing(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=AT)
    payout = a_payout(embedded, "300.00")
    one, two, debit = receive(
        embedded, house, ("100.00", "x"), ("199.99", "x"), ("-5.00", "x"), opening="0.00"
    )
    part = Part(kind=Kind.PAYOUT, subject_id=payout)
    with pytest.raises(Refused, match="match_amount_differs"):
        together(embedded, house, [one, two], part)
    for lines, parts in (
        ([one, one], [part]),
        ([one, two], [part, part]),
        ([one, two], []),
        ([], [part]),
        ([one, debit], [part]),
        ([one, two], [Part(kind=Kind.UNIDENTIFIED)]),
        ([one, two], [Part(kind=Kind.BANK_FEE)]),
    ):
        with pytest.raises(InvalidInput, match="parts_missing"):
            together(embedded, house, lines, *parts)
    with pytest.raises(NotFound, match="bank_line_unknown"):
        together(embedded, house, [one, uuid7(AT)], part)
    assert not balance(embedded, chart.bank("B1"))


def test_two_lines_make_one_booking_and_one_payment(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=AT, gift="100.00", opening="95.00")
    payment = embedded.run(build.a_payment, house, at=AT, amount="95.00")
    draft = entries.reserve_endowed(
        endowment_id="1", on=DAY, source=chart.bank("B1"), amount=eur("50.00")
    )
    entry_id = embedded.run(journal.post, draft, at=AT).entry_id
    first, second, third, fourth = receive(
        embedded,
        house,
        ("20.00", "gift of the town"),
        ("30.00", "gift of the town"),
        ("-45.00", "REMISE"),
        ("-50.00", "REMISE"),
        opening="95.00",
    )
    (endowed,) = together(
        embedded, house, [first, second], Part(kind=Kind.ENTRY, subject_id=entry_id)
    )
    together(embedded, house, [third, fourth], Part(kind=Kind.DISBURSEMENT, subject_id=payment))
    with embedded.reading() as session:
        assert queries.payment(session, payment).state is PaymentState.SENT
    assert balance(embedded, chart.bank("B1")) == eur("50.00")
    # The booking was there before its lines and stays when they are taken off it.
    undo(embedded, house, endowed)
    assert balance(embedded, chart.bank("B1")) == eur("50.00")


def test_nothing_of_a_closed_month_is_taken_back(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=AT)
    (line,) = receive(embedded, house, ("-8.50", "FRAIS"))
    (made,) = together(embedded, house, [line], Part(kind=Kind.BANK_FEE))
    month = date(2026, 11, 1)
    embedded.run(ledger_periods.begin_close, month)
    embedded.run(ledger_periods.lock, month)
    with pytest.raises(Refused, match="match_period_closed"):
        undo(embedded, house, made)
    assert balance(embedded, chart.bank("B1")) == eur("-8.50")
    with embedded.reading() as session:
        assert session.scalars(select(reconciliation.Unmatch)).all() == []


@pytest.mark.parametrize(("locked", "booked_on"), [(10, date(2026, 11, 1)), (11, None)])
def test_a_line_of_a_closed_month_is_booked_on_the_first_open_day_or_waits(
    embedded: Database, locked: int, booked_on: date | None
) -> None:
    """The bank brings a line of the closed month late: its file comes in whole all the same."""
    house = once_built(embedded, build.a_house, at=AT)
    promised = embedded.run(
        pledges.promise,
        at=AT - timedelta(days=20),
        amount=eur("50.00"),
        language="fr",
        account=pledges.Account("4 per 1000", build.IBAN),
        email="giver@example.org",
    )
    month = date(2026, locked, 1)
    for step in (ledger_periods.open_month, ledger_periods.begin_close, ledger_periods.lock):
        embedded.run(step, month)
    late = a_line("50.00", promised.reference, on=date(2026, locked, 10 if locked == 11 else 31))
    told = a_statement(late, on=DAY)
    done = embedded.run(
        reconciliation.import_statement,
        actor=house.clerk,
        at=AT,
        data=b"late",
        name="late.xml",
        read=[told],
    )
    assert done.lines == 1
    with embedded.reading() as session:
        days = session.scalars(
            select(Entry.effective_on).join(MatchItem, MatchItem.entry_id == Entry.id)
        ).all()
        assert days == ([booked_on] if booked_on else [])
        # months further ahead than the books take wait for a person
        assert len(reconciliation.proposals_of(session, account(session))) == (booked_on is None)
    assert verify.verify(embedded).faults == ()


def account(session: Session) -> BankAccount:
    return session.scalars(select(BankAccount)).one()


def test_a_mistaken_return_is_taken_back_and_its_order_stands_again(database: Database) -> None:
    """Two people gave the order; it takes the place of the one that the return had undone."""
    house = once_built(database, build.a_house, at=AT, gift="100.00", opening="95.00")
    payment = database.run(build.a_payment, house, at=AT, amount="95.00")
    _, back, same = receive(
        database,
        house,
        ("-95.00", "DISB-2026-0001"),
        ("95.00", "RETOUR"),
        ("95.00", "RETOUR"),
        opening="95.00",
    )
    database.run(reconciliation.match_certain, actor=SYSTEM, at=AT)
    before = stand(database, house, payment)
    assert before[:2] == (PaymentState.SENT, ["sent"])
    part = Part(kind=Kind.DISBURSEMENT_RETURN, subject_id=payment)
    for line in (back, same, back):
        (made,) = together(database, house, [line], part)
        with database.reading() as session:
            sent = session.scalars(select(Match.id).where(Match.kind == Kind.DISBURSEMENT)).one()
        with pytest.raises(Refused, match="match_not_undoable"):
            undo(database, house, sent)
        with pytest.raises(Conflict, match="subject_matched"):
            together(database, house, [back if line == same else same], part)
        returned = stand(database, house, payment)
        assert returned[:2] == (PaymentState.RETURNED, ["returned"])
        assert returned[2].paid == eur("0.00") == returned[2].ordered
        assert -balance(database, chart.project("P0001", "EUR")) == eur("95.00")
        undo(database, house, made)
        assert stand(database, house, payment) == before
        assert not balance(database, chart.project("P0001", "EUR"))
        assert not balance(database, chart.disbursements_in_transit("EUR"))
    assert verify.verify(database).faults == ()
    with pytest.raises(Conflict, match="match_undone"):
        undo(database, house, made)

    def order_again(session: Session) -> None:
        draft = entries.disbursement_restored(
            match_id="m", disbursement_id=str(payment), on=AT.date(),
            project=chart.project("P0001", "EUR"), amount=eur("1.00"),
        )  # fmt: skip
        journal.post(session, draft, at=AT)

    # the database takes no such entry while an order stands, nor one of another amount
    database.run(build.a_gift, 7, "100.00", at=AT, project_id=house.way.project_id)
    with pytest.raises(DBAPIError, match="posting_two_people"):
        database.run(order_again)


def stand(
    database: Database, house: House, payment: uuid.UUID
) -> tuple[PaymentState, list[str], balances.ProjectTotals]:
    """What the desk, the public page and the books say of a payment."""
    project_id = house.way.project_id
    with database.reading() as session:
        told = project_money.trail(session, project_id, "EUR").payments
        words = ["returned" if one.returned_on else "sent" if one.sent_on else "" for one in told]
        totals = balances.project_totals(session, [project_id], "EUR")[project_id]
        return queries.payment(session, payment).state, words, totals


def test_a_return_whose_money_was_spent_since_is_not_taken_back(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=AT, gift="100.00", opening="95.00")
    payment = embedded.run(build.a_payment, house, at=AT, amount="95.00")
    lines = (("-95.00", "DISB-2026-0001"), ("95.00", "RETOUR"))
    _, back = receive(embedded, house, *lines, opening="95.00")
    embedded.run(reconciliation.match_certain, actor=SYSTEM, at=AT)
    part = Part(kind=Kind.DISBURSEMENT_RETURN, subject_id=payment)
    (made,) = together(embedded, house, [back], part)
    embedded.run(build.a_payment, house, at=AT, amount="95.00")
    with pytest.raises(LedgerRefused, match="floor_breached"):
        undo(embedded, house, made)
    with embedded.reading() as session:
        assert queries.payment(session, payment).state is PaymentState.RETURNED


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do several things in the same moment; say what each was told."""
    start, said = threading.Barrier(len(acts)), []

    def work(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            said.append("done")
        except OffsetError as fault:
            said.append(fault.code)

    people = [threading.Thread(target=work, args=(act,)) for act in acts]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return sorted(said)


def test_people_and_the_machine_at_one_line_settle_its_gift_once(database: Database) -> None:
    house = once_built(database, build.a_house, at=AT)
    promised = database.run(
        pledges.promise,
        at=AT,
        amount=eur("50.00"),
        language="fr",
        account=pledges.Account("4 per 1000", build.IBAN),
        email="lucie@example.org",
    )
    (line,) = receive(database, house, ("50.00", promised.reference))
    gift = Part(kind=Kind.GIFT, subject_id=promised.pledge_id)

    def confirm(part: Part) -> Callable[[], object]:
        return lambda: database.run(
            reconciliation.confirm, actor=house.clerk, at=AT, line_id=line, parts=[part]
        )

    said = at_once(
        confirm(gift),
        confirm(Part(kind=Kind.UNIDENTIFIED)),
        confirm(gift),
        lambda: database.run(reconciliation.match_certain, actor=SYSTEM, at=AT),
    )
    # The machine finds nothing left where a person was first, and says so by doing nothing.
    assert set(said) <= {"done", "line_matched"}
    assert said.count("line_matched") >= 2
    assert balance(database, chart.bank("B1")) == eur("50.00")
    with database.reading() as session:
        assert len(session.scalars(select(MatchItem)).all()) == 1
    assert verify.verify(database).faults == ()


def test_two_lines_for_one_payout_at_once_book_it_once(database: Database) -> None:
    house = once_built(database, build.a_house, at=AT)
    payout = a_payout(database, "30.00")
    one, two = receive(database, house, ("30.00", "x"), ("30.00", "y"))
    part = Part(kind=Kind.PAYOUT, subject_id=payout)
    said = at_once(
        *(
            lambda line=line: database.run(  # type: ignore[misc] # mypy sees no default in a lambda
                reconciliation.confirm, actor=house.clerk, at=AT, line_id=line, parts=[part]
            )
            for line in (one, two)
        )
    )
    assert said == ["done", "subject_matched"]
    assert not balance(database, chart.payouts_in_transit("EUR"))


def test_two_people_take_one_match_back_once(database: Database) -> None:
    house = once_built(database, build.a_house, at=AT)
    (line,) = receive(database, house, ("-8.50", "FRAIS"))
    (made,) = together(database, house, [line], Part(kind=Kind.BANK_FEE))
    said = at_once(*(lambda: undo(database, house, made) for _ in range(3)))
    assert said == ["done", "match_undone", "match_undone"]
    assert not balance(database, chart.bank("B1"))
