"""Does money leave for a project only by two people, to a checked account, within its balance?"""

import threading
import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, LedgerRefused, NotFound, Refused
from offset.ledger import balances, chart, entries, journal, verify
from offset.money import Money
from offset.people.access import SYSTEM, Actor, Role, person
from offset.projects import lifecycle
from offset.projects.models import Project
from offset.treasury import disbursements, payees, queries
from offset.treasury.models import (
    BeneficiaryCheck,
    CheckOutcome,
    DisbursementDecision,
    PaymentOutcome,
    Scheme,
)
from offset.treasury.queries import PaymentState
from tests.builders import projects as build_projects
from tests.builders import treasury as build
from tests.builders.treasury import House, eur
from tests.once_built import once_built

ACCOUNT = chart.project("P0001", "EUR")
LATER = timedelta(days=10)


def both(house: House) -> Actor:
    """Somebody who may prepare and approve."""
    return Actor(house.clerk.user_id, frozenset({Role.CLERK, Role.TREASURER}))


def held(database: Database) -> Money:
    with database.reading() as session:
        return balances.held(session, ACCOUNT)


def payment(database: Database, payment_id: uuid.UUID) -> queries.PaymentLine:
    with database.reading() as session:
        return queries.payment(session, payment_id)


def test_a_payment_takes_two_people_and_is_booked_at_the_second(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    before = held(database)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    assert payment(database, prepared).state is PaymentState.PREPARED
    assert held(database) == before
    entry_id = database.run(
        disbursements.approve, actor=house.approver, at=at, disbursement_id=prepared
    )
    told = payment(database, prepared)
    assert (told.state, told.entry_id, told.number) == (
        PaymentState.APPROVED,
        entry_id,
        "DISB-2026-0001",
    )
    assert (told.prepared_by, told.decided_by) == ("clerk", "approver")
    assert held(database) == before - eur("1234.56")
    with database.reading() as session:
        transit = balances.balance(session, chart.disbursements_in_transit("EUR"))
    assert transit == eur("-1234.56")
    with pytest.raises(Conflict, match="payment_decided"):
        database.run(disbursements.approve, actor=house.approver, at=at, disbursement_id=prepared)
    assert verify.verify(database).faults == ()


def test_the_same_person_never_approves_what_they_prepared(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    told = {"at": at, "disbursement_id": prepared}
    with pytest.raises(Forbidden, match="same_person"):
        database.run(disbursements.approve, actor=both(house), **told)
    with pytest.raises(Forbidden, match="same_person"):
        database.run(disbursements.refuse, actor=both(house), reason="no", **told)
    with pytest.raises(Forbidden, match="right_missing"):
        database.run(disbursements.approve, actor=house.clerk, **told)
    with pytest.raises(Forbidden, match="right_missing"):
        database.run(disbursements.approve, actor=SYSTEM, **told)
    assert payment(database, prepared).state is PaymentState.PREPARED


def a_decision(house: House, prepared: uuid.UUID, at: datetime, **changed: object) -> object:
    told: dict[str, object] = {
        "disbursement_id": prepared,
        "project_id": house.way.project_id,
        "prepared_by": house.clerk.user_id,
        "outcome": PaymentOutcome.REFUSED,
        "reason": "no",
        "decided_at": at,
        "approved_by": house.approver.user_id,
    }
    return insert(DisbursementDecision).values(**{**told, **changed})


def test_the_database_itself_wants_a_second_person(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    own = a_decision(house, prepared, at, approved_by=house.clerk.user_id)
    with pytest.raises(DBAPIError, match="two_people"):
        database.run(lambda session: session.execute(own))
    # A lie about who prepared it does not help.
    lie = a_decision(
        house,
        prepared,
        at,
        approved_by=house.clerk.user_id,
        prepared_by=house.approver.user_id,
    )
    with pytest.raises(DBAPIError, match=r"two_people|FOREIGN KEY|foreign key"):
        database.run(lambda session: session.execute(lie))
    yes = a_decision(house, prepared, at, outcome=PaymentOutcome.APPROVED)
    with pytest.raises(DBAPIError):
        database.run(lambda session: session.execute(yes))


def test_no_entry_pays_a_project_without_the_second_person(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    draft = entries.disbursement_ordered(
        disbursement_id=str(prepared), on=at.date(), project=ACCOUNT, amount=eur("1234.56")
    )
    with pytest.raises((DBAPIError, LedgerRefused), match=r"posting_two_people|disbursement"):
        database.run(journal.post, draft, at=at)
    assert held(database) == eur("1900.00")


def test_a_refusal_keeps_its_reason_and_the_money_stays(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    prepared = embedded.run(build.a_payment, house, at=at, approved=False)
    told = {"actor": house.approver, "at": at, "disbursement_id": prepared}
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(disbursements.refuse, reason=" ", **told)
    embedded.run(disbursements.refuse, reason="The report is missing.", **told)
    line = payment(embedded, prepared)
    assert (line.state, line.reason) == (PaymentState.REFUSED, "The report is missing.")
    with pytest.raises(Conflict, match="payment_decided"):
        embedded.run(disbursements.refuse, reason="again", **told)
    assert held(embedded) == eur("1900.00")


@pytest.mark.parametrize(
    ("amount", "purpose", "fault", "code"),
    [
        ("0.00", "x", InvalidInput, "amount_not_positive"),
        ("-5.00", "x", InvalidInput, "amount_not_positive"),
        ("24.99", "x", InvalidInput, "amount_below_minimum"),
        ("1900.01", "x", Refused, "amount_above_balance"),
        ("30.00", " ", InvalidInput, "purpose_missing"),
    ],
)
def test_what_cannot_be_paid_is_refused_at_its_field(
    embedded: Database, *, at: datetime, amount: str, purpose: str, fault: type, code: str
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payee, house, at=at)
    with pytest.raises(fault, match=code):
        embedded.run(
            disbursements.prepare,
            actor=house.clerk,
            at=at,
            project_id=house.way.project_id,
            amount=eur(amount),
            purpose=purpose,
        )


def test_what_waits_counts_against_the_balance(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payment, house, at=at, amount="1000.00", approved=False)
    with pytest.raises(Refused, match="amount_above_balance") as caught:
        embedded.run(build.a_payment, house, at=at, amount="900.01")
    assert caught.value.parameters["available"] == eur("900.00")
    embedded.run(build.a_payment, house, at=at, amount="900.00")
    with embedded.reading() as session:
        project = session.get_one(Project, house.way.project_id)
        assert not disbursements.allowance(session, project, "EUR").free


def test_nothing_is_prepared_without_a_checked_payee_or_project(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    told = {"actor": house.clerk, "at": at, "amount": eur("30.00"), "purpose": "x"}
    with pytest.raises(Refused, match="payee_missing"):
        embedded.run(disbursements.prepare, project_id=house.way.project_id, **told)
    with pytest.raises(NotFound, match="project_unknown"):
        embedded.run(disbursements.prepare, project_id=uuid7(at), **told)
    with pytest.raises(NotFound, match="payment_unknown"):
        embedded.run(disbursements.approve, actor=house.approver, at=at, disbursement_id=uuid7(at))
    with embedded.reading() as session, pytest.raises(NotFound, match="payment_unknown"):
        queries.payment(session, uuid7(at))


def test_the_gate_is_asked_again_at_approval(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    prepared = embedded.run(build.a_payment, house, at=at, approved=False)
    told = {"actor": house.approver, "disbursement_id": prepared}
    expired = at + timedelta(days=366 * 4)
    with pytest.raises(Refused, match="gate_closed") as caught:
        embedded.run(disbursements.approve, at=expired, **told)
    assert "expired" in caught.value.parameters["reasons"]

    def pause(session: Session) -> None:
        project = session.get_one(Project, house.way.project_id)
        lifecycle.take(session, project, "hold", actor=house.treasurer, at=at, reason="x")

    embedded.run(pause)
    with pytest.raises(Refused, match="gate_closed"):
        embedded.run(disbursements.approve, at=at, **told)
    assert not disbursements.may_pay(build_projects.gate_of(embedded, house.way, at.date()))


def test_a_changed_payee_stops_what_was_prepared_for_the_old_one(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    prepared = embedded.run(build.a_payment, house, at=at, approved=False)
    embedded.run(
        build.a_payee, house, at=at + LATER, number="DE89370400440532013000", reason="New bank."
    )
    with pytest.raises(Refused, match="payee_changed"):
        embedded.run(
            disbursements.approve, actor=house.approver, at=at + LATER, disbursement_id=prepared
        )


def test_two_approvers_at_once_order_it_once(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    start, said = threading.Barrier(2), []

    def work(actor: Actor) -> None:
        start.wait()
        try:
            database.run(disbursements.approve, actor=actor, at=at, disbursement_id=prepared)
            said.append("approved")
        except Conflict as fault:
            said.append(fault.code)

    people = [
        threading.Thread(target=work, args=(actor,)) for actor in (house.approver, house.treasurer)
    ]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(said) == ["approved", "payment_decided"]
    assert held(database) == eur("665.44")


def test_two_payments_prepared_at_once_never_exceed_the_balance(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    database.run(build.a_payee, house, at=at)
    start, said = threading.Barrier(3), []

    def work() -> None:
        start.wait()
        try:
            database.run(
                disbursements.prepare,
                actor=house.clerk,
                at=at,
                project_id=house.way.project_id,
                amount=eur("1000.00"),
                purpose="x",
            )
            said.append("prepared")
        except Refused as fault:
            said.append(fault.code)

    people = [threading.Thread(target=work) for _ in range(3)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(said) == ["amount_above_balance", "amount_above_balance", "prepared"]


def test_a_payee_is_entered_by_one_and_checked_by_another(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    database.run(build.known, house, at=at)
    account = payees.read_account(number=build.PAYEE_IBAN)
    told = {"at": at, "project_id": house.way.project_id, "account": account}
    with pytest.raises(InvalidInput, match="holder_missing"):
        database.run(payees.enter, actor=house.clerk, holder=" ", **told)
    with pytest.raises(NotFound, match="project_unknown"):
        database.run(
            payees.enter, actor=house.clerk, holder="x", **{**told, "project_id": uuid7(at)}
        )
    entered = database.run(
        payees.enter, actor=house.clerk, holder="Association green-bridges", **told
    )
    with pytest.raises(Refused, match="payee_waiting"):
        database.run(payees.enter, actor=house.clerk, holder="Association green-bridges", **told)
    checking = {
        "at": at,
        "beneficiary_id": entered,
        "outcome": CheckOutcome.VERIFIED,
        "note": "called",
    }
    with pytest.raises(Forbidden, match="same_person"):
        database.run(payees.check, actor=both(house), **checking)
    with pytest.raises(InvalidInput, match="note_missing"):
        database.run(payees.check, actor=house.approver, **{**checking, "note": ""})
    with pytest.raises(NotFound, match="payee_unknown"):
        database.run(
            payees.check, actor=house.approver, **{**checking, "beneficiary_id": uuid7(at)}
        )
    with pytest.raises(Forbidden, match="person_needed"):
        person(SYSTEM)
    raw = insert(BeneficiaryCheck).values(
        beneficiary_id=entered,
        entered_by=house.clerk.user_id,
        outcome=CheckOutcome.VERIFIED,
        note="x",
        checked_at=at,
        checked_by=house.clerk.user_id,
    )
    with pytest.raises(DBAPIError, match="two_people"):
        database.run(lambda session: session.execute(raw))
    with database.reading() as session:
        assert payees.current(session, house.way.project_id) is None
    database.run(payees.check, actor=house.approver, **checking)
    with pytest.raises(Conflict, match="payee_checked"):
        database.run(payees.check, actor=house.approver, **checking)
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(payees.enter, actor=house.clerk, holder="Association green-bridges", **told)


def test_a_refused_payee_is_never_current(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.known, house, at=at)
    entered = embedded.run(
        payees.enter,
        actor=house.clerk,
        at=at,
        project_id=house.way.project_id,
        holder="Somebody else",
        account=payees.read_account(number=build.PAYEE_IBAN),
        explanation="They said so on the phone.",
    )
    embedded.run(
        payees.check,
        actor=house.approver,
        at=at,
        beneficiary_id=entered,
        outcome=CheckOutcome.REFUSED,
        note="Not their name.",
    )
    with embedded.reading() as session:
        assert payees.current(session, house.way.project_id) is None
        assert payees.waiting(session, house.way.project_id) is None


@pytest.mark.parametrize(
    ("number", "bic", "country", "code"),
    [
        ("FR14 2004 1010 0505 0001 3M02 607", "", "", "iban_wrong"),
        ("FR14", "", "", "iban_wrong"),
        ("XX14 2004 1010", "", "", "iban_wrong"),
        ("12", "BCEEKENA", "KE", "account_number_wrong"),
        ("1100 2200 33", "", "KE", "bic_missing"),
        ("1100 2200 33", "EQBLKENA", "", "country_missing"),
        ("1100 2200 33", "NOPE", "KE", "bic_wrong"),
        (build.PAYEE_IBAN, "NOPE", "", "bic_wrong"),
    ],
)
def test_an_account_number_that_cannot_be_is_refused(
    number: str, bic: str, country: str, code: str
) -> None:
    with pytest.raises(InvalidInput, match=code):
        payees.read_account(number=number, bic=bic, country=country)


def test_an_account_is_read_with_its_bank_where_that_is_known() -> None:
    iban = payees.read_account(number="DE89 3704 0044 0532 0130 00")
    assert (iban.scheme, iban.country, iban.bic) == (Scheme.IBAN, "DE", "COBADEFFXXX")
    other = payees.read_account(number="1100 2200-33", bic="eqbl ke na", country="ke")
    assert (other.scheme, other.number, other.bic) == (Scheme.OTHER, "1100220033", "EQBLKENA")
    own = payees.read_account(number=build.PAYEE_IBAN, bic="PSSTFRPPXXX")
    assert own.bic == "PSSTFRPPXXX"


def test_evidence_never_changes(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    database.run(build.a_payment, house, at=at)
    for statement in (
        "UPDATE disbursement SET amount = 1",
        "DELETE FROM disbursement_decision",
        "UPDATE beneficiary SET number = 'x'",
        "DELETE FROM beneficiary_check",
    ):
        with pytest.raises(DBAPIError):
            database.run(lambda session, told=statement: session.connection().exec_driver_sql(told))


def test_projects_know_what_was_paid(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payment, house, at=at)
    with embedded.reading() as session:
        totals = balances.project_totals(session, [house.way.project_id], "EUR")
    found = totals[house.way.project_id]
    assert (found.allocated, found.ordered, found.paid) == (
        eur("1900.00"),
        eur("1234.56"),
        eur("0.00"),
    )
