"""What is in the bank, whose is it, and how much of it could leave today? One line a currency."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from offset.giving.models import AllocationRow, Donation, DonationStatus
from offset.ledger import balances, chart
from offset.ledger.balances import TrialLine
from offset.money import Money
from offset.people import settings
from offset.projects.models import Project
from offset.projects.queries.gates import Standing, gate_of, standings
from offset.treasury.disbursements import may_pay
from offset.treasury.models import Disbursement, DisbursementDecision

_BANK = "Assets:Bank:"
_PROJECT = "Liabilities:Project:"


@dataclass(frozen=True, kw_only=True)
class CashLine:
    """One currency: in our banks, owed to projects, payable today, in the reserve.

    ``payable`` is what the projects that may be paid could get now, never more than the banks
    hold; what waits for an approval or hangs on a dispute is not in it.
    """

    currency: str
    in_bank: Money
    owed: Money
    payable: Money
    reserve: Money


def lines(session: Session, *, on: date) -> tuple[CashLine, ...]:
    """Return the cash line of every currency, from the ledger, in at most five statements."""
    trial = balances.trial_balance(session)
    payable = _payable(session, on, trial)
    currencies = sorted(
        {line.balance.currency for line in trial if line.code.startswith((_BANK, _PROJECT))}
    )
    return tuple(
        CashLine(
            currency=currency,
            in_bank=(bank := _sum(trial, _BANK, currency)),
            owed=-_sum(trial, _PROJECT, currency),
            payable=max(Money(0, currency), min(payable.get(currency, Money(0, currency)), bank)),
            reserve=-_sum(trial, chart.reserve(currency), currency),
        )
        for currency in currencies
    )


def _sum(trial: Sequence[TrialLine], start: str, currency: str) -> Money:
    return sum(
        (
            line.balance
            for line in trial
            if line.balance.currency == currency and line.code.startswith(start)
        ),
        start=Money(0, currency),
    )


def _payable(session: Session, on: date, trial: Sequence[TrialLine]) -> dict[str, Money]:
    """Sum what may go out today, project by project, as the page of payments would say."""
    held = {line.code: -line.balance for line in trial if line.code.startswith(_PROJECT)}
    kept = _kept_back(session)
    lowest = settings.current(session, "minimum_disbursement").value
    free: list[tuple[str, Money]] = []
    for one in standings(session, on, Project.code.is_not(None)):
        project = one.project
        code = chart.project(project.code or "", project.currency)
        left = held.get(code, Money(0, project.currency)).minor
        left -= kept.get((project.id, project.currency), 0)
        if left > 0 and _may_pay(one, on):
            free.append((code, Money(left, project.currency)))
    small = {code for code, one in free if one.minor < int(lowest.get(one.currency, 0))}
    waits = small - _stood(session, on) if small else small
    sums: dict[str, Money] = {}
    for code, amount in free:
        if code not in waits:
            currency = amount.currency
            sums[currency] = sums.get(currency, Money(0, currency)) + amount
    return sums


def _may_pay(one: Standing, on: date) -> bool:
    return may_pay(gate_of(one, on))


def _stood(session: Session, on: date) -> set[str]:
    """Name the accounts that held something as the month before this one ended."""
    last = on.replace(day=1) - timedelta(days=1)
    return {
        line.code
        for line in balances.trial_balance(session, as_of=last)
        if line.code.startswith(_PROJECT) and line.balance.minor < 0
    }


def _kept_back(session: Session) -> Mapping[tuple[uuid.UUID, str], int]:
    """Sum what of each project waits for an approval or came by gifts that are in dispute."""
    waiting = (
        select(
            Disbursement.project_id.label("project_id"),
            Disbursement.currency.label("currency"),
            Disbursement.amount.label("amount"),
        )
        .outerjoin(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .where(DisbursementDecision.disbursement_id.is_(None))
    )
    disputed = (
        select(AllocationRow.project_id, Donation.settled_currency, AllocationRow.amount)
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(Donation.status == DonationStatus.DISPUTED)
    )
    both = union_all(waiting, disputed).subquery()
    rows = session.execute(
        select(both.c.project_id, both.c.currency, func.sum(both.c.amount)).group_by(
            both.c.project_id, both.c.currency
        )
    )
    return {(project_id, currency): int(total) for project_id, currency, total in rows}
