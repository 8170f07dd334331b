"""Is the bank told of each approved payment once: in a file that stays, or on a sheet?"""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, OffsetError
from offset.gateways.pain001 import Pain001Writer
from offset.money import Money
from offset.people import settings
from offset.people.access import Role
from offset.treasury import bank_days, orders, payees, proposals
from offset.treasury.models import CheckOutcome
from offset.treasury.order_models import PaymentFileItem
from offset.treasury.orders import Agreed
from offset.treasury.payee_models import CallOutcome, SanctionsList
from offset.treasury.payee_ports import Listed
from offset.treasury.proposals import Call
from tests.builders import projects as build_projects
from tests.builders import treasury as build
from tests.builders.treasury import House, eur
from tests.gateways.test_pain001 import SCHEMA
from tests.once_built import once_built

WRITER = Pain001Writer()
AGREED = Agreed(
    currency="kes", rate="149,3127", agreed_on=date(2026, 11, 14), agreed_with="Desk of our bank"
)


def made(database: Database, house: House, at: datetime) -> uuid.UUID:
    return database.run(orders.make_file, WRITER, actor=house.clerk, at=at, account="B1")


def code_of(database: Database, verb: Any, *args: Any, **told: Any) -> str:
    with pytest.raises(OffsetError) as caught:
        database.run(verb, *args, **told)
    return caught.value.code


def test_one_file_an_account_and_day_and_the_same_bytes_again(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    told = {"actor": house.clerk, "at": at, "account": "B1"}
    assert code_of(embedded, orders.make_file, WRITER, **told) == "payment_file_empty"
    for amount in ("100.00", "200.00"):
        embedded.run(build.a_payment, house, at=at, amount=amount)
    file_id = made(embedded, house, at)
    assert code_of(embedded, orders.make_file, WRITER, **told) == "payment_file_made"
    for wrong, code in (
        ({"account": "B9"}, "bank_account_unknown"),
        ({"actor": house.approver}, "right_missing"),
    ):
        assert code_of(embedded, orders.make_file, WRITER, **{**told, **wrong}) == code
    taking = {"actor": house.clerk, "at": at, "file_id": file_id}
    name, data = embedded.run(orders.file_bytes, **taking)
    assert (name, embedded.run(orders.file_bytes, **taking)[1]) == ("B1-20261115.xml", data)
    SCHEMA.assertValid(etree.fromstring(data))
    with embedded.reading() as session:
        (file,) = orders.files(session)
        assert (file.payments, file.total, file.execute_on) == (
            2,
            eur("300.00"),
            date(2026, 11, 16),
        )
        assert not orders.waiting(session, at=at)
    assert code_of(embedded, orders.file_bytes, **{**taking, "file_id": uuid7(at)}) == (
        "payment_file_unknown"
    )
    later = embedded.run(build.a_payment, house, at=at, amount="300.00")
    tomorrow = at + timedelta(days=1)
    made(embedded, house, tomorrow)
    with embedded.reading() as session:
        found = orders.file_of(session, later)
        assert found is not None
        assert (found.message_id, found.payments) == ("B1-20261116", 1)


def test_what_is_stopped_meanwhile_stays_out_of_the_file(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payment, house, at=at)
    like = Listed(ref="EU.2.2", kind="organisation", names=("Green Bridges Association",))
    embedded.run(build.a_list, house, like, at=at, data=b"newer")
    with embedded.reading() as session:
        (only,) = orders.waiting(session, at=at)
        assert (only.sepa, only.stopped) == (True, "hit_undecided")
        assert session.query(SanctionsList).count() == 2
    told = {"actor": house.clerk, "at": at, "account": "B1"}
    assert code_of(embedded, orders.make_file, WRITER, **told) == "payment_file_empty"


def abroad(session: Session, house: House, at: datetime) -> uuid.UUID:
    """An approved payment to an account that SEPA does not reach."""
    build.known(session, house, at=at)
    payee = payees.enter(
        session,
        actor=house.clerk,
        at=at,
        project_id=house.way.project_id,
        holder="Association green-bridges",
        account=payees.read_account(number="1100 2200 33", bic="EQBLKENA", country="KE"),
    )
    payees.check(
        session,
        actor=house.treasurer,
        at=at,
        beneficiary_id=payee,
        outcome=CheckOutcome.VERIFIED,
        note="Called.",
    )
    return build.a_payment(session, house, at=at, amount="100.00")


def test_a_payment_abroad_has_its_sheet_with_the_rate_and_who_agreed_it(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    payment = embedded.run(abroad, house, at)
    told = {
        "actor": house.clerk,
        "at": at,
        "disbursement_id": payment,
        "account": "B1",
        "agreed": AGREED,
    }
    for changed, code in (
        ({"rate": "0"}, "fx_rate_unreadable"),
        ({"rate": "1e3"}, "fx_rate_unreadable"),
        ({"currency": "shilling"}, "currency_abroad_unknown"),
        ({"currency": "EUR"}, "rate_of_ones_own"),
        ({"agreed_with": " "}, "agreed_with_missing"),
        ({"agreed_with": "x" * 301}, "too_long"),
        ({"agreed_on": date(2026, 11, 16)}, "agreed_ahead"),
    ):
        wrong = {**told, "agreed": replace(AGREED, **changed)}
        assert code_of(embedded, orders.order_abroad, **wrong) == code
    embedded.run(orders.order_abroad, **told)
    assert code_of(embedded, orders.order_abroad, **told) == "payment_ordered"
    with embedded.reading() as session:
        order = orders.order(session, payment)
        assert order is not None
        assert (order.abroad, order.currency_abroad, order.rate) == ("14931.27", "KES", "149.3127")
        assert order.agreed_by == "clerk"
        facts = orders.sheet_facts(session, payment)
        assert facts["rate"] == "149.3127 KES for 1 EUR"
        assert (facts["rate agreed by"], facts["to arrive"]) == ("clerk", "14931.27 KES")
        name, data = orders.sheet_bytes(session, payment)
        assert (name, orders.sheet_bytes(session, payment)[1]) == ("DISB-2026-0001.csv", data)
        with pytest.raises(NotFound, match="payment_order_unknown"):
            orders.sheet_bytes(session, uuid7(at))


def test_a_sheet_is_for_approved_payments_beyond_sepa(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    by_sepa = database.run(build.a_payment, house, at=at, amount="100.00")
    prepared = database.run(build.a_payment, house, at=at, amount="100.00", approved=False)
    told = {"actor": house.clerk, "at": at, "account": "B1", "agreed": AGREED}
    for payment, code in ((by_sepa, "payment_by_sepa"), (prepared, "payment_not_approved")):
        assert code_of(database, orders.order_abroad, disbursement_id=payment, **told) == code
    file_id = made(database, house, at)
    # The database too: nothing that is not approved stands in a file, and nothing twice.
    for payment, why in ((prepared, "not_approved"), (by_sepa, "payment_file_item|UNIQUE")):
        raw = insert(PaymentFileItem).values(disbursement_id=payment, file_id=file_id)
        with pytest.raises(DBAPIError, match=why):
            database.run(lambda session, told=raw: session.execute(told))


def test_amounts_abroad_are_rounded_half_up_in_their_own_unit() -> None:
    assert orders.converted(Money(100, "EUR"), Decimal("655.957"), "XOF") == 656
    assert orders.converted(Money(1, "EUR"), Decimal("0.5"), "USD") == 1
    assert orders.written_abroad(656, "XOF") == "656"
    with pytest.raises(InvalidInput, match="fx_rate_unreadable"):
        orders.read_rate("-1")


@pytest.mark.parametrize(
    ("on", "days", "expected"),
    [
        (date(2026, 11, 14), (), date(2026, 11, 16)),
        (date(2027, 3, 26), (), date(2027, 3, 30)),
        (date(2026, 12, 24), (25,), date(2026, 12, 28)),
        (date(2026, 11, 6), (5, 20), date(2026, 11, 20)),
        (date(2027, 2, 2), (31,), date(2027, 3, 1)),
        (date(2026, 12, 31), (1,), date(2027, 1, 4)),
    ],
)
def test_payments_are_carried_out_on_days_of_open_banks(
    on: date, days: tuple[int, ...], expected: date
) -> None:
    assert bank_days.execution_day(on, days) == expected


def test_the_schedule_is_a_setting(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    admin = embedded.run(build_projects.an_actor, Role.ADMINISTRATOR, at=at)
    changing = {"actor": admin, "at": at, "reason": "The board"}
    with pytest.raises(InvalidInput):
        embedded.run(settings.change, "payment_days", {"days": [32]}, **changing)
    embedded.run(settings.change, "payment_days", {"days": [5, 20]}, **changing)
    embedded.run(build.a_payment, house, at=at)
    made(embedded, house, at)
    with embedded.reading() as session:
        assert orders.files(session)[0].execute_on == date(2026, 11, 20)


def test_bank_details_by_message_alone_change_nothing(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payee, house, at=at)
    steward = house.way.cast.steward
    proposing = {
        "actor": steward,
        "at": at,
        "project_id": house.way.project_id,
        "holder": "Association green-bridges",
        "account": payees.read_account(number="DE89370400440532013000"),
        "reason": "We changed our bank.",
    }
    for wrong, code in (
        ({"holder": " "}, "holder_missing"),
        ({"reason": ""}, "reason_missing"),
        ({"reason": "x" * 501}, "too_long"),
    ):
        assert code_of(embedded, proposals.propose, **{**proposing, **wrong}) == code
    proposal = embedded.run(proposals.propose, **proposing)
    assert code_of(embedded, proposals.propose, **proposing) == "proposal_waiting"

    def account() -> tuple[str, bool]:
        with embedded.reading() as session:
            now = payees.current(session, house.way.project_id)
            assert now is not None
            return now.number, payees.waiting(session, house.way.project_id) is not None

    assert account() == (build.PAYEE_IBAN, False)
    call = Call(
        outcome=CallOutcome.CONFIRMED, spoke_with="Grace Hopeful", number_called="+33 1 00 00 00 00"
    )
    calling = {"actor": house.clerk, "at": at, "proposal_id": proposal, "call": call}
    for changed, code in (
        ({"call": replace(call, spoke_with="")}, "spoke_with_missing"),
        ({"call": replace(call, number_called=" ")}, "number_called_missing"),
        ({"call": replace(call, note="x" * 501)}, "too_long"),
        ({"proposal_id": uuid7(at)}, "proposal_unknown"),
        ({"actor": house.approver}, "right_missing"),
    ):
        assert code_of(embedded, proposals.call_back, **{**calling, **changed}) == code
    entered = embedded.run(proposals.call_back, **calling)
    assert code_of(embedded, proposals.call_back, **calling) == "proposal_called"
    assert account() == (build.PAYEE_IBAN, True)
    embedded.run(
        payees.check,
        actor=house.treasurer,
        at=at,
        beneficiary_id=entered,
        outcome=CheckOutcome.VERIFIED,
        note="Called the chair on the number of the register.",
    )
    assert account() == ("DE89370400440532013000", False)
    again = embedded.run(proposals.propose, **proposing)
    denied = {**calling, "proposal_id": again, "call": replace(call, outcome=CallOutcome.DENIED)}
    assert embedded.run(proposals.call_back, **denied) is None
    with embedded.reading() as session:
        assert not proposals.waiting(session)
