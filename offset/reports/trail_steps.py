"""What stands at each step of the way of money: gift, movement, payout, bank line, payment, report?

Each reader takes many things at once and costs one statement, so that the trail of a sample of
five hundred entries costs what the trail of one does. Nobody who gives is named.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving.models import (
    AllocationRow,
    AnnualGift,
    AnnualReceipt,
    Dispute,
    Donation,
    Receipt,
    Refund,
    StripeBalanceTransaction,
)
from offset.money import Money
from offset.projects.models import (
    Admission,
    Decision,
    Outcome,
    Project,
    ProjectUpdate,
)
from offset.treasury.arrival_models import PaymentArrival
from offset.treasury.models import (
    BankFile,
    BankLine,
    BankStatement,
    Disbursement,
    DisbursementDecision,
    Match,
    MatchItem,
    PayoutItem,
    PayoutStatus,
    StripePayout,
    Unmatch,
)

MOST: Final = 1_000
Ids = Collection[uuid.UUID]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing on the way of money: its kind, its id, its name, its day and its amount.

    ``note`` is a code or a few words of the thing itself; ``entry_id`` is how it was booked, and
    ``leads`` names the ids of the things it belongs to.
    """

    kind: str
    id: str
    name: str
    on: date | None = None
    amount: Money | None = None
    note: str = ""
    entry_id: uuid.UUID | None = None
    leads: tuple[str, ...] = ()


def gifts(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read gifts."""
    rows = session.scalars(select(Donation).where(*wanted).order_by(Donation.id).limit(MOST))
    return [
        Step(
            kind="gift",
            id=str(row.id),
            name=row.reference,
            on=utc_day(row.settled_at or row.created_at),
            amount=Money(row.amount, row.currency),
            note=row.status.value,
            entry_id=row.entry_id,
        )
        for row in rows
    ]


def receipts(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read receipts of single gifts; the facts are those of the paper."""
    rows = session.scalars(
        select(Receipt).where(*wanted).order_by(Receipt.year, Receipt.number).limit(MOST)
    )
    return [
        Step(
            kind="receipt",
            id=str(row.id),
            name=f"{row.year}-{row.number:06d}",
            on=row.issued_on,
            amount=_gross(row.facts),
            note="" if row.cancelled_at is None else "cancelled",
            leads=(str(row.donation_id),),
        )
        for row in rows
    ]


def annual_receipts(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read receipts of a year, each with the gifts it lists."""
    rows = session.execute(
        select(AnnualReceipt, AnnualGift.donation_id)
        .join(AnnualGift, AnnualGift.annual_id == AnnualReceipt.id)
        .where(*wanted)
        .order_by(AnnualReceipt.year, AnnualReceipt.number)
        .limit(MOST)
    )
    found: dict[uuid.UUID, tuple[AnnualReceipt, list[str]]] = {}
    for row, donation_id in rows:
        found.setdefault(row.id, (row, []))[1].append(str(donation_id))
    return [
        Step(
            kind="annual",
            id=str(row.id),
            name=f"{row.year}-{row.number:06d}",
            on=row.issued_on,
            note="" if row.cancelled_at is None else "cancelled",
            leads=tuple(listed),
        )
        for row, listed in found.values()
    ]


def movements(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read movements at the processor, with the payout each left by."""
    rows = session.execute(
        select(StripeBalanceTransaction, PayoutItem.payout_id)
        .outerjoin(PayoutItem, PayoutItem.txn_id == StripeBalanceTransaction.id)
        .where(*wanted)
        .order_by(StripeBalanceTransaction.created_at, StripeBalanceTransaction.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="movement",
            id=row.id,
            name=row.id,
            on=utc_day(row.created_at),
            amount=Money(row.net, row.currency),
            note=row.reporting_category,
            entry_id=row.entry_id,
            leads=named(row.donation_id, payout_id),
        )
        for row, payout_id in rows
    ]


def payouts(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read payouts of the processor to our bank."""
    rows = session.scalars(
        select(StripePayout).where(*wanted).order_by(StripePayout.payout_id).limit(MOST)
    )
    return [
        Step(
            kind="payout",
            id=str(row.id),
            name=row.payout_id,
            on=row.arrival_on,
            amount=Money(row.amount, row.currency),
        )
        for row in rows
    ]


def payout_of_movement(session: Session, txn_ids: Collection[str]) -> list[uuid.UUID]:
    """Find the payouts that movements are the sending of."""
    return list(
        session.scalars(
            select(PayoutStatus.payout_id).where(PayoutStatus.movement_id.in_(txn_ids)).distinct()
        )
    )


def lines(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read bank lines with the entries that explain them, each with its statement."""
    rows = session.execute(
        select(BankLine, BankStatement.reference, MatchItem.entry_id, Match.subject_id)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .outerjoin(MatchItem, MatchItem.line_id == BankLine.id)
        .outerjoin(Match, Match.id == MatchItem.match_id)
        .outerjoin(Unmatch, Unmatch.match_id == MatchItem.match_id)
        .where(Unmatch.match_id.is_(None), *wanted)
        .order_by(BankLine.booked_on, BankLine.id)
        .limit(MOST)
    )
    found: dict[uuid.UUID, Step] = {}
    for row, reference, entry_id, subject_id in rows:
        known = found.get(row.id)
        leads = named(row.statement_id, subject_id)
        if known is not None:
            leads = tuple(dict.fromkeys((*known.leads, *leads)))
        found[row.id] = Step(
            kind="line",
            id=str(row.id),
            name=row.bank_reference or f"{reference} {row.number}",
            on=row.booked_on,
            amount=Money(row.amount, row.currency),
            note=row.end_to_end_id or "",
            entry_id=(known.entry_id if known else None) or entry_id,
            leads=leads,
        )
    return list(found.values())


def of_subject(subject_ids: Ids) -> ColumnElement[bool]:
    """Meet the bank lines that are these payouts or payments."""
    return Match.subject_id.in_(subject_ids)


def of_entries(entry_ids: Ids) -> ColumnElement[bool]:
    """Meet the bank lines that these entries explain."""
    return MatchItem.entry_id.in_(entry_ids)


def statements(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read statements with the file each came in."""
    rows = session.execute(
        select(BankStatement, BankFile.name, BankFile.sha256)
        .join(BankFile, BankFile.id == BankStatement.file_id)
        .where(*wanted)
        .order_by(BankStatement.closed_on, BankStatement.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="statement",
            id=str(row.id),
            name=f"{row.reference}, {name}",
            on=row.closed_on,
            amount=Money(row.closing, row.currency),
            note=sha256,
        )
        for row, name, sha256 in rows
    ]


def allocations(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read what gifts gave to projects, each with its decision, admission and run."""
    rows = session.execute(
        select(AllocationRow, Project.code, Donation.settled_currency)
        .join(Project, Project.id == AllocationRow.project_id)
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(*wanted)
        .order_by(AllocationRow.created_at, AllocationRow.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="allocation",
            id=str(row.entry_id),
            name=code or "",
            on=utc_day(row.created_at),
            amount=Money(row.amount, currency or ""),
            entry_id=row.entry_id,
            leads=named(row.project_id, row.decision_id, row.admission_id, row.donation_id),
        )
        for row, code, currency in rows
    ]


def decisions(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read the committee's decisions; reviews stay with the committee."""
    rows = session.execute(
        select(Decision, Project.code)
        .join(Project, Project.id == Decision.project_id)
        .where(*wanted)
        .order_by(Decision.decided_on, Decision.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="decision",
            id=str(row.id),
            name=code or "",
            on=row.decided_on,
            note=row.outcome.value,
            leads=named(row.project_id),
        )
        for row, code in rows
    ]


def admissions(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read the secretariat's admissions, each with its ceiling."""
    rows = session.execute(
        select(Admission, Project.code)
        .join(Project, Project.id == Admission.project_id)
        .where(*wanted)
        .order_by(Admission.admitted_on, Admission.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="admission",
            id=str(row.id),
            name=code or "",
            on=row.admitted_on,
            amount=Money(row.ceiling_minor, row.currency),
            leads=named(row.project_id, row.decision_id),
        )
        for row, code in rows
    ]


def payments(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read payments to projects, each with the decision it rests on."""
    rows = session.execute(
        select(Disbursement, DisbursementDecision)
        .outerjoin(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .where(*wanted)
        .order_by(Disbursement.prepared_at, Disbursement.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="payment",
            id=str(row.id),
            name=row.number,
            on=utc_day(said.decided_at if said else row.prepared_at),
            amount=Money(row.amount, row.currency),
            note=said.outcome.value if said else "prepared",
            entry_id=said.entry_id if said else None,
            leads=named(
                row.project_id,
                said.decision_id if said else None,
                said.admission_id if said else None,
            ),
        )
        for row, said in rows
    ]


def arrivals(session: Session, payment_ids: Ids) -> list[Step]:
    """Read what projects said arrived; the amount is in their own money."""
    rows = session.scalars(
        select(PaymentArrival)
        .where(PaymentArrival.disbursement_id.in_(payment_ids))
        .order_by(PaymentArrival.id)
        .limit(MOST)
    )
    return [
        Step(
            kind="arrival",
            id=str(row.disbursement_id),
            name=row.local_currency,
            on=row.received_on,
            note=f"{row.local_minor / 10**row.local_decimals:.{row.local_decimals}f}",
            leads=named(row.disbursement_id),
        )
        for row in rows
    ]


def projects(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read projects."""
    rows = session.scalars(select(Project).where(*wanted).order_by(Project.code).limit(MOST))
    return [
        Step(
            kind="project",
            id=str(row.id),
            name=f"{row.code or '–'} {row.title}",
            on=utc_day(row.created_at),
            note=row.status.value,
        )
        for row in rows
    ]


def reports(session: Session, project_ids: Ids, since: date | None) -> list[Step]:
    """Read what projects published since a day: updates, and what their soil says."""
    told = session.execute(
        select(ProjectUpdate, Project.slug)
        .join(Project, Project.id == ProjectUpdate.project_id)
        .where(ProjectUpdate.project_id.in_(project_ids), ProjectUpdate.published_at.is_not(None))
        .order_by(ProjectUpdate.published_at, ProjectUpdate.id)
        .limit(MOST)
    )
    measured = session.execute(
        select(Outcome, Project.slug)
        .join(Project, Project.id == Outcome.project_id)
        .where(Outcome.project_id.in_(project_ids))
        .order_by(Outcome.published_at, Outcome.id)
        .limit(MOST)
    )
    found = [
        Step(
            kind="report",
            id=slug,
            name=row.title,
            on=utc_day(row.published_at),
            note=row.kind.value,
            leads=named(row.project_id),
        )
        for row, slug in told
        if row.published_at is not None
    ]
    found += [
        Step(
            kind="outcome",
            id=slug,
            name=row.method,
            on=utc_day(row.published_at),
            note=row.verdict.value,
            leads=named(row.project_id),
        )
        for row, slug in measured
    ]
    return [one for one in found if since is None or (one.on is not None and one.on >= since)]


def refunds(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read what went back, or shall go back, to givers."""
    rows = session.scalars(select(Refund).where(*wanted).order_by(Refund.id).limit(MOST))
    return [
        Step(
            kind="refund",
            id=str(row.id),
            name=row.processor_id or str(row.id),
            on=utc_day(row.prepared_at),
            amount=Money(row.amount, row.currency),
            note=row.state.value,
            leads=named(row.donation_id),
        )
        for row in rows
    ]


def disputes(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read the payments that a giver's bank questions."""
    rows = session.scalars(select(Dispute).where(*wanted).order_by(Dispute.opened_at).limit(MOST))
    return [
        Step(
            kind="dispute",
            id=row.dispute_id,
            name=row.dispute_id,
            on=utc_day(row.opened_at),
            amount=Money(row.amount, row.currency),
            note=row.status,
            leads=named(row.donation_id),
        )
        for row in rows
    ]


def ids(steps: Sequence[Step], kind: str) -> list[uuid.UUID]:
    """Return the ids of the steps of one kind."""
    return [uuid.UUID(one.id) for one in steps if one.kind == kind]


def leads(steps: Iterable[Step]) -> list[uuid.UUID]:
    """Return everything that steps lead to, by id."""
    return list(dict.fromkeys(uuid.UUID(one) for step in steps for one in step.leads))


def named(*found: uuid.UUID | None) -> tuple[str, ...]:
    """Name what a step belongs to; what is missing leads nowhere."""
    return tuple(str(one) for one in found if one is not None)


def _gross(facts: Any) -> Money | None:
    told = facts.get("kept") or facts.get("gross")
    return Money(told["minor"], told["currency"]) if told else None
