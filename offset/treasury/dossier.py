"""What does the second person see of a payment before saying yes or no?"""

import enum
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.errors import NotFound, Refused
from offset.giving.models import AllocationRow, Donation, DonationStatus
from offset.ledger import balances, chart
from offset.money import Money
from offset.people.models import User
from offset.projects import queries as projects
from offset.projects.models import Decision, Project
from offset.projects.queries import Gate
from offset.treasury import disbursements, organisation_files, payees, sanctions
from offset.treasury.models import (
    BankAccount,
    Beneficiary,
    BeneficiaryCheck,
    CheckOutcome,
    Disbursement,
)
from offset.treasury.queries import PaymentLine, PaymentState, payment, payments

_SHOWN = 4


class Check(enum.StrEnum):
    """One thing the house checks again on the day of the decision."""

    GATE = "gate"
    REPORT = "report"
    DISPUTES = "disputes"
    PAYEE = "payee"
    BALANCE = "balance"
    SANCTIONS = "sanctions"


@dataclass(frozen=True)
class Checked:
    """The answer to one check, with the words or the day that its sentence needs."""

    check: Check
    good: bool
    value: str = ""
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PayeeView:
    """A payee's account as the desk shows it: its number only in part."""

    id: uuid.UUID
    project_id: uuid.UUID
    project_code: str
    project_title: str
    holder: str
    number: str
    bic: str | None
    bank: str | None
    country: str
    reason: str
    entered_at: datetime
    entered_by_id: uuid.UUID
    entered_by: str
    outcome: CheckOutcome | None
    note: str
    checked_at: datetime | None
    checked_by: str
    arrived: int
    returned: int
    last_paid: date | None


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Everything about one payment on one page."""

    line: PaymentLine
    payee: PayeeView
    accounts: tuple[PayeeView, ...]
    project_before: Money
    project_after: Money
    bank_before: Money
    bank_after: Money
    checks: tuple[Checked, ...]
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Payable:
    """A project that may be paid, with what it holds and to which account."""

    project_id: uuid.UUID
    code: str
    title: str
    currency: str
    held: Money
    waiting: Money
    free: Money
    payee: PayeeView | None
    unchecked: PayeeView | None
    may_pay: bool
    reasons: tuple[str, ...]


def approval(session: Session, disbursement_id: uuid.UUID, *, on: date) -> Approval:
    """Return one payment with the account's history, the balances and the checks of today.

    Raises
    ------
    NotFound
        ``payment_unknown``.
    """
    line = payment(session, disbursement_id)
    row = session.get_one(Disbursement, disbursement_id)
    project = session.get_one(Project, row.project_id)
    views = payee_views(session, project_id=project.id)
    open_ = line.state is PaymentState.PREPARED
    nothing = Money(0, row.currency)
    held = balances.held(session, chart.project(project.code or "", row.currency))
    in_bank = _in_bank(session, row.currency)
    taken = line.amount if open_ else nothing
    return Approval(
        line=line,
        payee=next(view for view in views if view.id == row.beneficiary_id),
        accounts=tuple(reversed(views)),
        project_before=held,
        project_after=held - taken,
        bank_before=in_bank,
        bank_after=in_bank - taken,
        checks=_checks(session, row, project, held, on) if open_ else (),
        waiting=len(payments(session, state=PaymentState.PREPARED)),
    )


def payee_views(
    session: Session, *, project_id: uuid.UUID | None = None, unchecked: bool = False
) -> tuple[PayeeView, ...]:
    """Return payees' accounts with who entered and who checked them, newest first."""
    enterer, checker = aliased(User), aliased(User)
    wanted = (
        select(
            Beneficiary,
            BeneficiaryCheck,
            Project.code,
            Project.title,
            enterer.name.label("enterer"),
            checker.name.label("checker"),
        )
        .join(Project, Project.id == Beneficiary.project_id)
        .join(enterer, enterer.id == Beneficiary.entered_by)
        .outerjoin(BeneficiaryCheck, BeneficiaryCheck.beneficiary_id == Beneficiary.id)
        .outerjoin(checker, checker.id == BeneficiaryCheck.checked_by)
        .order_by(Beneficiary.entered_at.desc(), Beneficiary.id.desc())
    )
    if project_id is not None:
        wanted = wanted.where(Beneficiary.project_id == project_id)
    if unchecked:
        wanted = wanted.where(BeneficiaryCheck.beneficiary_id.is_(None))
    rows = session.execute(wanted).all()
    paid = _paid(session)
    views = []
    for found in rows:
        row: Beneficiary = found.Beneficiary
        check: BeneficiaryCheck | None = found.BeneficiaryCheck
        arrived, returned, last = paid.get(row.id, (0, 0, None))
        views.append(
            PayeeView(
                id=row.id,
                project_id=row.project_id,
                project_code=found.code or "",
                project_title=found.title,
                holder=row.holder,
                number=masked(row.number),
                bic=row.bic,
                bank=row.bank,
                country=row.country,
                reason=row.reason,
                entered_at=row.entered_at,
                entered_by_id=row.entered_by,
                entered_by=found.enterer or "",
                outcome=check.outcome if check else None,
                note=check.note if check else "",
                checked_at=check.checked_at if check else None,
                checked_by=found.checker or "",
                arrived=arrived,
                returned=returned,
                last_paid=last,
            )
        )
    return tuple(views)


def payee_in_full(session: Session, beneficiary_id: uuid.UUID) -> str:
    """Return an account number in full, for the person who checks it against a document.

    Raises
    ------
    NotFound
        ``payee_unknown``.
    """
    row = session.get(Beneficiary, beneficiary_id)
    if row is None:
        raise NotFound("payee_unknown")
    return " ".join(row.number[i : i + _SHOWN] for i in range(0, len(row.number), _SHOWN))


def payable(session: Session, *, on: date) -> tuple[Payable, ...]:
    """Return every admitted project with what may be paid to it today, by code."""
    found = session.scalars(
        select(Project).where(Project.code.is_not(None)).order_by(Project.code)
    ).all()
    views: dict[uuid.UUID, list[PayeeView]] = {}
    for view in payee_views(session):
        views.setdefault(view.project_id, []).append(view)
    return tuple(
        _payable(
            session, project, views.get(project.id, []), projects.gate(session, project.id, on)
        )
        for project in found
    )


def masked(number: str) -> str:
    """Show an account number in part: its first and last four letters."""
    if len(number) <= 2 * _SHOWN:
        return f"···· {number[-_SHOWN:]}"
    return f"{number[:_SHOWN]} ···· ···· {number[-_SHOWN:]}"


def _payable(session: Session, project: Project, views: list[PayeeView], gate: Gate) -> Payable:
    allowance = disbursements.allowance(session, project, project.currency)
    verified = [view for view in views if view.outcome is CheckOutcome.VERIFIED]
    return Payable(
        project_id=project.id,
        code=project.code or "",
        title=project.title,
        currency=project.currency,
        held=allowance.held,
        waiting=allowance.waiting,
        free=allowance.free,
        payee=max(verified, key=lambda view: (view.checked_at, view.id)) if verified else None,
        unchecked=next((view for view in views if view.outcome is None), None),
        may_pay=disbursements.may_pay(gate),
        reasons=gate.reasons,
    )


def _paid(session: Session) -> dict[uuid.UUID, tuple[int, int, date | None]]:
    """Count for each account how many payments arrived and came back, and when the last left."""
    beneficiary = {
        row.id: row.beneficiary_id
        for row in session.execute(select(Disbursement.id, Disbursement.beneficiary_id))
    }
    counted: dict[uuid.UUID, tuple[int, int, date | None]] = {}
    for line in payments(session):
        if line.state not in {PaymentState.SENT, PaymentState.RETURNED}:
            continue
        arrived, returned, last = counted.get(beneficiary[line.id], (0, 0, None))
        on = line.decided_at.date() if line.decided_at else None
        back = line.state is PaymentState.RETURNED
        counted[beneficiary[line.id]] = (
            arrived + (not back),
            returned + back,
            max(filter(None, (last, on)), default=None),
        )
    return counted


def _in_bank(session: Session, currency: str) -> Money:
    codes = session.scalars(select(BankAccount.code).where(BankAccount.currency == currency))
    found = (balances.balance(session, chart.bank(code)) for code in codes)
    return sum(found, start=Money(0, currency))


def _checks(
    session: Session, row: Disbursement, project: Project, held: Money, on: date
) -> tuple[Checked, ...]:
    gate = projects.gate(session, project.id, on)
    decision = session.get(Decision, gate.decision_id) if gate.decision_id else None
    payee = payees.current(session, project.id)
    disputes = _disputes(session, project.id)
    good = disbursements.may_pay(gate)
    late = "report_overdue" in gate.reasons
    return (
        Checked(
            Check.GATE,
            good,
            value="" if good else ", ".join(gate.reasons),
            on=decision.expires_on if decision else None,
        ),
        Checked(Check.REPORT, not late, on=project.report_due_on),
        Checked(Check.DISPUTES, not disputes, value=str(disputes)),
        Checked(Check.PAYEE, payee is not None and payee.id == row.beneficiary_id),
        Checked(Check.BALANCE, held >= Money(row.amount, row.currency)),
        _screened(session, project, on),
    )


def _screened(session: Session, project: Project, on: date) -> Checked:
    """Say whether nobody of the organisation is on the newest list, and of which day that is."""
    edition = sanctions.newest(session)
    day = edition.published_on if edition else None
    noon = datetime.combine(on, time(12), UTC)
    try:
        organisation_files.require_known(session, project, at=noon)
    except Refused as fault:
        return Checked(Check.SANCTIONS, good=False, value=fault.code, on=day)
    return Checked(Check.SANCTIONS, good=True, on=day)


def _disputes(session: Session, project_id: uuid.UUID) -> int:
    """Count the disputed gifts of which a part stands with the project."""
    found = session.scalar(
        select(func.count(func.distinct(Donation.id)))
        .join(AllocationRow, AllocationRow.donation_id == Donation.id)
        .where(AllocationRow.project_id == project_id, Donation.status == DonationStatus.DISPUTED)
    )
    return int(found or 0)
