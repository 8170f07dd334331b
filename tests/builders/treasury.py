"""How does a test get gifts, payouts, statements, payees and payments? By the real verbs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving import allocations, booking, donations
from offset.giving.ports import BalanceTransaction, PayoutFacts
from offset.money import Money, parse_money
from offset.people.access import SYSTEM, Actor, Role
from offset.projects.models import Project
from offset.treasury import (
    disbursements,
    organisation_files,
    payees,
    payouts,
    sanctions,
    statements,
)
from offset.treasury.models import CheckOutcome
from offset.treasury.organisation_files import Governor, Registration
from offset.treasury.payee_ports import Edition, Listed
from offset.treasury.ports import Statement, StatementLine
from tests.builders import projects
from tests.builders.projects import Way

IBAN = "FR7630006000011234567890189"
PAYEE_IBAN = "FR1420041010050500013M02606"


def eur(text: str) -> Money:
    """An amount in euros, written as people do; a minus may stand before it."""
    money = parse_money(text.removeprefix("-"), "EUR")
    return -money if text.startswith("-") else money


def a_movement(
    number: int,
    gross: str,
    fee: str = "0.00",
    *,
    category: str = "charge",
    on: datetime,
) -> BalanceTransaction:
    """A balance transaction as the processor states it."""
    amount, taken = eur(gross), eur(fee)
    return BalanceTransaction(
        id=f"txn_T{number:04d}",
        reporting_category=category,
        type=category,
        amount=amount,
        fee=taken,
        net=amount - taken,
        created=on,
        available_on=on + timedelta(days=2),
        source_id=f"ch_T{number:04d}",
        exchange_rate=None,
    )


def a_gift(
    session: Session,
    number: int,
    gross: str,
    fee: str = "0.00",
    *,
    at: datetime,
    project_id: uuid.UUID | None = None,
) -> BalanceTransaction:
    """A settled gift; one that names a project is allocated to it at once."""
    movement = a_movement(number, gross, fee, on=at)
    pledged = donations.pledge(
        session, at=at, amount=eur(gross), language="en", project_id=project_id
    )
    gift = donations.locked(session, pledged.donation_id)
    gift.charge_id = movement.source_id
    booking.book(session, movement, at=at, gift=gift)
    session.flush()
    if project_id is not None:
        allocations.allocate_one(session, pledged.donation_id, at=at)
    return movement


def a_payout(
    items: Sequence[BalanceTransaction],
    *,
    created: datetime,
    number: int = 1,
    amount: str | None = None,
    status: str = "paid",
    itemised: bool = True,
    arrival: datetime | None = None,
) -> PayoutFacts:
    """A payout of these movements, as the processor states it."""
    total = eur(amount) if amount else sum((i.net for i in items), start=Money(0, "EUR"))
    return PayoutFacts(
        payout_id=f"po_T{number:04d}",
        status=status,
        amount=total,
        created=created,
        arrival=arrival or created + timedelta(days=1),
        itemised=itemised,
        descriptor=None,
        trace_id=None,
        movement=BalanceTransaction(
            id=f"txn_P{number:04d}",
            reporting_category="payout",
            type="payout",
            amount=-total,
            fee=Money(0, "EUR"),
            net=-total,
            created=created,
            available_on=created,
            source_id=f"po_T{number:04d}",
            exchange_rate=None,
        ),
        items=tuple(items),
    )


def a_line(
    amount: str,
    text: str = "",
    *,
    on: date,
    reference: str | None = None,
    end_to_end: str | None = None,
) -> StatementLine:
    """A booked line of a statement."""
    return StatementLine(
        amount=eur(amount),
        booked_on=on,
        value_on=on,
        bank_reference=reference,
        end_to_end_id=end_to_end,
        text=text,
    )


def a_statement(
    *lines: StatementLine,
    opening: str = "0.00",
    closing: str | None = None,
    reference: str = "S-1",
    on: date,
    account: str = IBAN,
) -> Statement:
    """A statement whose closing follows from its lines unless said."""
    start = eur(opening)
    end = eur(closing) if closing else sum((line.amount for line in lines), start=start)
    return Statement(
        reference=reference,
        sequence=None,
        account=account,
        opening=start,
        closing=end,
        opened_on=on,
        closed_on=on,
        lines=tuple(lines),
    )


def a_bank_account(session: Session, *, at: datetime, opening: str = "0.00") -> uuid.UUID:
    """Our bank account B1, with what it held when the books began."""
    return statements.register_account(
        session,
        actor=SYSTEM,
        at=at,
        code="B1",
        number=IBAN,
        holder="4 per 1000",
        opened_on=at.date(),
        opening=eur(opening),
    )


def take_in(
    session: Session, *told: Statement, actor: Actor, at: datetime, data: bytes | None = None
) -> statements.Imported:
    """Import statements as if they had come in one file."""
    return statements.take_in(
        session,
        actor=actor,
        at=at,
        data=data or repr(told).encode(),
        name="statement.xml",
        statements=told,
    )


@dataclass(frozen=True)
class House:
    """A project that holds money, our bank account, and the people of the secretariat."""

    way: Way
    clerk: Actor
    treasurer: Actor
    approver: Actor


def a_house(
    session: Session,
    *,
    at: datetime,
    gift: str = "2000.00",
    opening: str = "0.00",
    slug: str = "green-bridges",
) -> House:
    """A house with one admitted project that received one gift."""
    way = projects.admitted(session, at=at, slug=slug)
    a_bank_account(session, at=at, opening=opening)
    a_gift(session, 1, gift, at=at, project_id=way.project_id)
    return House(
        way,
        way.cast.clerk,
        way.cast.treasurer,
        projects.an_actor(session, Role.APPROVER, at=at),
    )


LISTED = Listed(
    ref="EU.1.1", kind="person", names=("Otto Invented", "Ottone Inventato"), born="1961-02-03"
)


def a_list(
    session: Session,
    house: House,
    *listed: Listed,
    at: datetime,
    on: date | None = None,
    data: bytes | None = None,
) -> uuid.UUID:
    """An edition of the sanctions list, uploaded by the clerk."""
    edition = Edition(published_on=on or at.date(), form="xml", entries=listed or (LISTED,))
    return sanctions.take_in(
        session,
        actor=house.clerk,
        at=at,
        data=data or repr(edition).encode(),
        name="list.xml",
        edition=edition,
    )


def a_registration(**changed: Any) -> Registration:
    """What a register says of the association, unless said otherwise."""
    told: dict[str, Any] = {
        "legal_name": "Association green-bridges",
        "register": "RNA",
        "number": "W751234567",
        "street": "1 rue des Haies",
        "postcode": "34000",
        "town": "Montpellier",
        "country": "FR",
        "evidence": "Extract of the register, 3 March",
    }
    return Registration(**{**told, **changed})


def a_file(
    session: Session,
    house: House,
    *governors: Governor,
    at: datetime,
    **changed: Any,
) -> uuid.UUID:
    """The file of the project's organisation, entered by the clerk."""
    project = session.get_one(Project, house.way.project_id)
    return organisation_files.enter(
        session,
        actor=house.clerk,
        at=at,
        organisation_id=project.organisation_id,
        registration=a_registration(**changed),
        governors=governors or (Governor(name="Grace Hopeful", office="President"),),
    )


def known(session: Session, house: House, *, at: datetime) -> None:
    """A list here, and the project's organisation held against it, unless that is so already."""
    project = session.get_one(Project, house.way.project_id)
    if sanctions.newest(session) is None:
        a_list(session, house, at=at)
    if organisation_files.current(session, project.organisation_id) is None:
        a_file(session, house, at=at)


def a_payee(
    session: Session, house: House, *, at: datetime, number: str = PAYEE_IBAN, reason: str = ""
) -> uuid.UUID:
    """The project's bank account, entered by the clerk and checked by the treasurer."""
    known(session, house, at=at)
    payee_id = payees.enter(
        session,
        actor=house.clerk,
        at=at,
        project_id=house.way.project_id,
        holder="Association green-bridges",
        account=payees.read_account(number=number),
        reason=reason,
    )
    payees.check(
        session,
        actor=house.treasurer,
        at=at,
        beneficiary_id=payee_id,
        outcome=CheckOutcome.VERIFIED,
        note="Called the treasurer of the association.",
    )
    return payee_id


def a_payment(
    session: Session, house: House, *, at: datetime, amount: str = "1234.56", approved: bool = True
) -> uuid.UUID:
    """A payment prepared by the clerk and, unless said, approved by the approver."""
    if payees.current(session, house.way.project_id) is None:
        a_payee(session, house, at=at)
    payment_id = disbursements.prepare(
        session,
        actor=house.clerk,
        at=at,
        project_id=house.way.project_id,
        amount=eur(amount),
        purpose="First instalment",
    )
    if approved:
        disbursements.approve(session, actor=house.approver, at=at, disbursement_id=payment_id)
    return payment_id


def the_month(session: Session) -> PayoutFacts:
    """The payout of the month: seven movements, 112.40 net."""
    day = datetime(2026, 10, 5, 9, tzinfo=UTC)
    gifts = [
        a_gift(session, 11, "25.00", "0.63", at=day),
        a_gift(session, 12, "88.51", "3.13", at=day),
        a_gift(session, 13, "30.00", "0.35", at=day),
    ]
    others = [
        a_movement(14, "-5.00", category="refund", on=day),
        a_movement(15, "-40.00", "20.00", category="dispute", on=day),
        a_movement(16, "40.00", category="dispute_reversal", on=day),
        a_movement(17, "-2.00", category="fee", on=day),
    ]
    for movement in others:
        booking.book(session, movement, at=day)
    return a_payout([*gifts, *others], created=datetime(2026, 10, 7, 8, tzinfo=UTC))


def a_payout_in(database: Database, facts: PayoutFacts, *, at: datetime) -> uuid.UUID:
    """A payout that the processor told us of."""
    return database.run(payouts.on_payout, facts, at)
