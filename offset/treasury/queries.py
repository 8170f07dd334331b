"""What does the secretariat see of the money: payouts, payments, statements, and what is late?"""

import enum
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Subquery, case, func, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.errors import NotFound
from offset.giving.models import Donation, StripeBalanceTransaction
from offset.ledger import chart
from offset.ledger import queries as ledger
from offset.ledger.models import Account, Posting
from offset.ledger.queries import Totals
from offset.money import Money
from offset.people import jobs
from offset.people.jobs import LastRun
from offset.people.models import User
from offset.projects.life_models import ReportDue
from offset.projects.models import Project
from offset.treasury.matching import Kind
from offset.treasury.models import (
    BankAccount,
    BankFile,
    BankLine,
    BankStatement,
    Beneficiary,
    BeneficiaryCheck,
    Disbursement,
    DisbursementDecision,
    Match,
    MatchItem,
    PayoutStatus,
    StripePayout,
    Unmatch,
)
from offset.treasury.open_items import open_payments, open_payouts

PAYOUT_LATE_DAYS: Final = 7
PAYMENT_LATE_DAYS: Final = 10
_GIFT: Final = "charge"
# How many late reports the overview names; the work list has them all.
_LATE_SHOWN: Final = 200


class PaymentState(enum.StrEnum):
    """Where a payment to a project stands."""

    PREPARED = "prepared"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT = "sent"
    RETURNED = "returned"


@dataclass(frozen=True)
class AccountView:
    """One of our own bank accounts."""

    code: str
    number: str
    currency: str


@dataclass(frozen=True)
class ReceivingAccount:
    """Where somebody sends a transfer: the holder and number of one of our accounts."""

    holder: str
    number: str


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    """A payment to a project in a list."""

    id: uuid.UUID
    number: str
    state: PaymentState
    amount: Money
    purpose: str
    project_id: uuid.UUID
    project_code: str
    project_title: str
    holder: str
    prepared_at: datetime
    prepared_by_id: uuid.UUID
    prepared_by: str
    decided_at: datetime | None
    decided_by: str
    reason: str
    entry_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """An imported statement."""

    id: uuid.UUID
    account: str
    position: int
    reference: str
    opened_on: date
    closed_on: date
    opening: Money
    closing: Money
    lines: int
    open_lines: int
    file: str
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The dashboard: every figure is a balance of the ledger or a count of rows."""

    totals: Mapping[str, Totals]
    payouts_in_transit: Mapping[str, Money]
    payments_in_transit: Mapping[str, Money]
    disputes: Mapping[str, Money]
    refunds: Mapping[str, Money]
    open_lines: int
    open_amount: Mapping[str, Money]
    late_payouts: int
    late_payments: int
    waiting_payments: int
    waiting_payees: int
    late_reports: tuple[tuple[str, str, date], ...]
    last_runs: tuple[LastRun, ...]


def accounts(session: Session) -> tuple[AccountView, ...]:
    """Return our bank accounts by code."""
    rows = session.execute(
        select(BankAccount.code, BankAccount.number, BankAccount.currency).order_by(
            BankAccount.code
        )
    )
    return tuple(AccountView(code, number, currency) for code, number, currency in rows)


def receiving_account(session: Session, currency: str) -> ReceivingAccount | None:
    """Return our first bank account in a currency, to be told to whoever sends a transfer."""
    found = session.execute(
        select(BankAccount.holder, BankAccount.number)
        .where(BankAccount.currency == currency)
        .order_by(BankAccount.code)
        .limit(1)
    ).first()
    return None if found is None else ReceivingAccount(found.holder, found.number)


def desk(session: Session, *, on: date) -> Desk:
    """Return the dashboard as it stands."""
    clearing = _clearing(session)
    totals = ledger.public_totals(session)
    count, amounts = _open_lines(session)
    currencies = sorted(set(totals) | {"EUR"})
    return Desk(
        totals=totals,
        payouts_in_transit=_pick(clearing, currencies, chart.payouts_in_transit),
        payments_in_transit=_pick(clearing, currencies, chart.disbursements_in_transit),
        disputes=_pick(clearing, currencies, chart.disputes),
        refunds=_pick(clearing, currencies, chart.refunds),
        open_lines=count,
        open_amount=amounts,
        late_payouts=sum(
            (on - payout.arrival_on).days > PAYOUT_LATE_DAYS
            for currency in currencies
            for payout, _, _ in open_payouts(session, currency)
        ),
        late_payments=sum(
            (on - utc_day(decision.decided_at)).days > PAYMENT_LATE_DAYS
            for currency in currencies
            for _, decision in open_payments(session, currency)
        ),
        waiting_payments=len(payments(session, state=PaymentState.PREPARED)),
        waiting_payees=_waiting_payees(session),
        late_reports=_late_reports(session, on),
        last_runs=jobs.last_runs(session),
    )


def imported(
    session: Session, *, account_id: uuid.UUID | None = None, limit: int = 50
) -> tuple[StatementView, ...]:
    """Return the imported statements, newest first."""
    matched = matched_by_line()
    waits = BankLine.amount != func.coalesce(matched.c.total, 0)
    lines = (
        select(
            BankLine.statement_id.label("statement_id"),
            func.count().label("lines"),
            func.sum(case((waits, 1), else_=0)).label("waiting"),
        )
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .group_by(BankLine.statement_id)
        .subquery()
    )
    wanted = (
        select(
            BankStatement,
            BankAccount.code,
            BankFile.name,
            BankFile.imported_at,
            User.name,
            lines.c.lines,
            lines.c.waiting,
        )
        .join(BankAccount, BankAccount.id == BankStatement.account_id)
        .join(BankFile, BankFile.id == BankStatement.file_id)
        .outerjoin(User, User.id == BankFile.imported_by)
        .outerjoin(lines, lines.c.statement_id == BankStatement.id)
        .order_by(BankStatement.closed_on.desc(), BankStatement.position.desc())
        .limit(limit)
    )
    if account_id is not None:
        wanted = wanted.where(BankStatement.account_id == account_id)
    return tuple(
        StatementView(
            id=row.id,
            account=code,
            position=row.position,
            reference=row.reference,
            opened_on=row.opened_on,
            closed_on=row.closed_on,
            opening=Money(row.opening, row.currency),
            closing=Money(row.closing, row.currency),
            lines=int(count or 0),
            open_lines=int(waiting or 0),
            file=file,
            imported_at=at,
            imported_by=name or "",
        )
        for row, code, file, at, name, count, waiting in session.execute(wanted)
    )


def payments(
    session: Session,
    *,
    state: PaymentState | None = None,
    ids: Collection[uuid.UUID] | None = None,
) -> tuple[PaymentLine, ...]:
    """Return payments to projects, newest first."""
    preparer, decider = aliased(User), aliased(User)
    sent, returned = _subjects(Kind.DISBURSEMENT), _subjects(Kind.DISBURSEMENT_RETURN)
    wanted = (
        select(
            Disbursement,
            DisbursementDecision,
            Project.code,
            Project.title,
            Beneficiary.holder,
            preparer.name.label("preparer"),
            decider.name.label("decider"),
            sent.c.subject_id.label("sent"),
            returned.c.subject_id.label("returned"),
        )
        .join(Project, Project.id == Disbursement.project_id)
        .join(Beneficiary, Beneficiary.id == Disbursement.beneficiary_id)
        .join(preparer, preparer.id == Disbursement.prepared_by)
        .outerjoin(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .outerjoin(decider, decider.id == DisbursementDecision.approved_by)
        .outerjoin(sent, sent.c.subject_id == Disbursement.id)
        .outerjoin(returned, returned.c.subject_id == Disbursement.id)
        .order_by(Disbursement.prepared_at.desc(), Disbursement.number.desc())
    )
    if ids is not None:
        wanted = wanted.where(Disbursement.id.in_(ids))
    found = [_payment(row) for row in session.execute(wanted)]
    return tuple(line for line in found if state is None or line.state is state)


def payment(session: Session, disbursement_id: uuid.UUID) -> PaymentLine:
    """Return one payment.

    Raises
    ------
    NotFound
        ``payment_unknown``.
    """
    found = payments(session, ids=[disbursement_id])
    if not found:
        raise NotFound("payment_unknown")
    return found[0]


def matched_by_line() -> Subquery:
    """Sum what matches that hold explain of each line: line_id, total."""
    return (
        select(MatchItem.line_id.label("line_id"), func.sum(MatchItem.amount).label("total"))
        .outerjoin(Unmatch, Unmatch.match_id == MatchItem.match_id)
        .where(Unmatch.match_id.is_(None))
        .group_by(MatchItem.line_id)
        .subquery()
    )


def _payment(found: Row[Any]) -> PaymentLine:
    row: Disbursement = found.Disbursement
    decision: DisbursementDecision | None = found.DisbursementDecision
    state = PaymentState.PREPARED
    if decision is not None:
        state = PaymentState(decision.outcome.value)
    if found.sent is not None:
        state = PaymentState.SENT
    if found.returned is not None:
        state = PaymentState.RETURNED
    return PaymentLine(
        id=row.id,
        number=row.number,
        state=state,
        amount=Money(row.amount, row.currency),
        purpose=row.purpose,
        project_id=row.project_id,
        project_code=found.code or "",
        project_title=found.title,
        holder=found.holder,
        prepared_at=row.prepared_at,
        prepared_by_id=row.prepared_by,
        prepared_by=found.preparer or "",
        decided_at=decision.decided_at if decision else None,
        decided_by=found.decider or "",
        reason=decision.reason if decision else "",
        entry_id=decision.entry_id if decision else None,
    )


def _subjects(kind: Kind) -> Subquery:
    return (
        select(Match.subject_id.label("subject_id"))
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(Match.kind == kind, Unmatch.match_id.is_(None))
        .distinct()
        .subquery()
    )


def _clearing(session: Session) -> dict[str, Money]:
    rows = session.execute(
        select(Account.code, Account.currency, func.coalesce(func.sum(Posting.amount), 0))
        .outerjoin(Posting, Posting.account_id == Account.id)
        .where(
            Account.code.startswith("Assets:InTransit:")
            | Account.code.startswith("Assets:Receivable:")
            | Account.code.startswith("Liabilities:Refunds:")
        )
        .group_by(Account.code, Account.currency)
    )
    return {code: Money(int(total), currency) for code, currency, total in rows}


def _pick(sums: Mapping[str, Money], currencies: Collection[str], account: Any) -> dict[str, Money]:
    return {currency: sums.get(account(currency), Money(0, currency)) for currency in currencies}


def _open_lines(session: Session) -> tuple[int, dict[str, Money]]:
    """Count the lines that nothing explains, and sum their size whichever way they go."""
    matched = matched_by_line()
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    rows = session.execute(
        select(BankLine.currency, func.count(), func.sum(func.abs(rest)))
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(rest != 0)
        .group_by(BankLine.currency)
    ).all()
    return (
        sum(count for _, count, _ in rows),
        {currency: Money(int(total), currency) for currency, _, total in rows},
    )


def _waiting_payees(session: Session) -> int:
    found = session.scalar(
        select(func.count())
        .select_from(Beneficiary)
        .outerjoin(BeneficiaryCheck, BeneficiaryCheck.beneficiary_id == Beneficiary.id)
        .where(BeneficiaryCheck.beneficiary_id.is_(None))
    )
    return int(found or 0)


def _late_reports(session: Session, on: date) -> tuple[tuple[str, str, date], ...]:
    """Return the reports that the work list names: awaited, and due before today."""
    rows = session.execute(
        select(Project.code, Project.title, ReportDue.due_on)
        .join(ReportDue, ReportDue.project_id == Project.id)
        .where(ReportDue.met_at.is_(None), ReportDue.due_on < on)
        .where(Project.status.in_(("open", "funded", "on_hold")))
        .order_by(ReportDue.due_on, Project.code)
        .limit(_LATE_SHOWN)
    )
    return tuple((code or "", title, due) for code, title, due in rows)


def line_amount(session: Session, line_id: uuid.UUID) -> Money:
    """Return the amount of a bank line with its sign.

    Raises
    ------
    NotFound
        ``bank_line_unknown``.
    """
    line = session.get(BankLine, line_id)
    if line is None:
        raise NotFound("bank_line_unknown")
    return Money(line.amount, line.currency)


@dataclass(frozen=True)
class Cause:
    """What an entry was booked for: a gift, a payout, a payment or a bank line."""

    kind: str
    id: uuid.UUID
    name: str


def cause(session: Session, source_type: str, source_id: str) -> Cause | None:
    """Follow an entry's cause to the thing it names, where the desk has a page for it."""
    found = _CAUSES.get(source_type)
    if found is None:
        return None
    try:
        return found(session, source_id)
    except ValueError:
        return None


def _gift(session: Session, source_id: str) -> Cause | None:
    gift = session.get(Donation, uuid.UUID(source_id))
    return Cause("gift", gift.id, gift.reference) if gift else None


def _payment_of(session: Session, source_id: str) -> Cause | None:
    row = session.get(Disbursement, uuid.UUID(source_id))
    return Cause("payment", row.id, row.number) if row else None


def _line_of(session: Session, source_id: str) -> Cause | None:
    row = session.get(BankLine, uuid.UUID(source_id))
    return Cause("line", row.id, row.text or str(row.booked_on)) if row else None


def _movement_of(session: Session, source_id: str) -> Cause | None:
    row = session.execute(
        select(Donation.id, Donation.reference)
        .join(StripeBalanceTransaction, StripeBalanceTransaction.donation_id == Donation.id)
        .where(StripeBalanceTransaction.id == source_id)
    ).first()
    if row is not None:
        return Cause("gift", row[0], row[1])
    sent = session.execute(
        select(StripePayout.id, StripePayout.payout_id)
        .join(PayoutStatus, PayoutStatus.payout_id == StripePayout.id)
        .where(PayoutStatus.movement_id == source_id)
    ).first()
    return Cause("payout", sent[0], sent[1]) if sent else None


_CAUSES: Final[Mapping[str, Callable[[Session, str], Cause | None]]] = {
    "donation": _gift,
    "disbursement": _payment_of,
    "bank_line": _line_of,
    "stripe_balance_txn": _movement_of,
}
