"""Which money waits for a person: disputes, lines, months, payments, refunds, runs, entries?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving import kept_refunds
from offset.giving.disputes import CLOSED, NEEDS_ANSWER
from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    Dispute,
    Donation,
    ProcessorEvent,
    RecurringGift,
    RecurringStatus,
    Refund,
    RefundState,
)
from offset.ledger.models import (
    Period,
    PeriodReopening,
    PeriodReopeningApproval,
    PeriodStatus,
)
from offset.money import Money
from offset.treasury import notices, receipts_apart, suspense
from offset.treasury.models import (
    BankAccount,
    BankLine,
    Disbursement,
    DisbursementDecision,
    ManualEntry,
    ManualEntryDecision,
    PaymentOutcome,
)
from offset.treasury.open_items import still_open
from offset.treasury.order_models import PaymentFileItem, PaymentOrder
from offset.treasury.queries import matched_by_line
from offset.treasury.unidentified_models import UnidentifiedAnswer, UnidentifiedDecision
from offset.treasury.work import Work, rows

UNMATCHED_DAYS: Final = 7
MONTH_LATE_DAYS: Final = 10


def disputes(session: Session, _at: datetime) -> Iterable[Work]:
    """Disputes whose answer is due."""
    wanted = (
        select(Dispute)
        .where(Dispute.status.in_(NEEDS_ANSWER), Dispute.status.not_in(CLOSED))
        .order_by(Dispute.evidence_due.is_(None), Dispute.evidence_due, Dispute.dispute_id)
    )
    for (row,) in rows(session, wanted):
        yield Work(
            name=row.dispute_id,
            since=utc_day(row.opened_at),
            due=utc_day(row.evidence_due) if row.evidence_due else None,
            path="/secretariat/disputes",
            amount=Money(row.amount, row.currency),
        )


def lines(session: Session, at: datetime) -> Iterable[Work]:
    """Bank lines that nobody explained for more than a week."""
    matched = matched_by_line()
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    wanted = (
        select(BankAccount.code, BankLine.booked_on, BankLine.currency, rest)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(rest != 0, BankLine.booked_on < utc_day(at) - timedelta(days=UNMATCHED_DAYS))
        .order_by(BankLine.booked_on, BankLine.id)
    )
    # The bank's text may name a giver, and the list goes out by mail: the account names the line.
    for code, booked_on, currency, left in rows(session, wanted):
        yield Work(
            name=code,
            since=booked_on,
            path="/secretariat/reconciliation?show=old",
            amount=Money(int(left), currency),
        )


def months(session: Session, at: datetime) -> Iterable[Work]:
    """Months that are over and not closed."""
    late = utc_day(at) - timedelta(days=MONTH_LATE_DAYS)
    wanted = (
        select(Period.starts_on, Period.ends_on)
        .where(Period.status != PeriodStatus.LOCKED.value, Period.ends_on < late)
        .order_by(Period.starts_on)
    )
    for starts_on, ends_on in rows(session, wanted):
        month = f"{starts_on:%Y-%m}"
        yield Work(name=month, since=ends_on, path=f"/secretariat/periods/{month}")


def renewals(session: Session, _at: datetime) -> Iterable[Work]:
    """Monthly gifts whose renewal failed."""
    wanted = (
        select(RecurringGift)
        .where(RecurringGift.status == RecurringStatus.PAST_DUE)
        .order_by(RecurringGift.changed_at, RecurringGift.id)
    )
    for (row,) in rows(session, wanted):
        yield Work(
            name=row.reference,
            since=utc_day(row.changed_at),
            path=f"/secretariat/gifts?text={row.reference}",
            amount=Money(row.amount, row.currency),
        )


def payments(session: Session, _at: datetime) -> Iterable[Work]:
    """Payments that wait for a second person."""
    decided = exists().where(DisbursementDecision.disbursement_id == Disbursement.id)
    wanted = select(Disbursement).where(~decided).order_by(Disbursement.prepared_at)
    for (row,) in rows(session, wanted):
        yield Work(
            name=row.number,
            since=utc_day(row.prepared_at),
            path=f"/secretariat/disbursements/{row.id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by,
        )


def refunds(session: Session, _at: datetime) -> Iterable[Work]:
    """Refunds that wait for a second person, or to be accepted; failed ones that are kept too."""
    wanted = (
        select(Refund, Donation.reference)
        .join(Donation, Donation.id == Refund.donation_id)
        .where(
            Refund.decided_by.is_(None),
            Refund.state.in_((RefundState.PREPARED, RefundState.EXTERNAL)),
        )
        .order_by(Refund.prepared_at, Refund.id)
    )
    for row, reference in rows(session, wanted):
        yield Work(
            name=reference,
            since=utc_day(row.prepared_at),
            path=f"/secretariat/refunds/{row.id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by if row.two_people else None,
        )
    for kept, refund, reference in rows(session, kept_refunds.waiting()):
        yield Work(
            name=reference,
            since=utc_day(kept.prepared_at),
            path=f"/secretariat/refunds/{refund.id}",
            amount=Money(refund.amount, refund.currency),
            own=kept.prepared_by if kept.two_people else None,
        )


def owed(session: Session, _at: datetime) -> Iterable[Work]:
    """Refunds that failed: the donor is paid another way, or leaves it with us."""
    for row, reference in rows(session, kept_refunds.unanswered()):
        yield Work(
            name=reference,
            since=utc_day(row.changed_at),
            path=f"/secretariat/refunds/{row.id}",
            amount=Money(row.amount, row.currency),
        )


def runs(session: Session, _at: datetime) -> Iterable[Work]:
    """Allocation runs and weights that wait for a second person."""
    wanted = (
        select(AllocationEpoch)
        .where(AllocationEpoch.opened_at.is_(None), AllocationEpoch.closed_at.is_(None))
        .order_by(AllocationEpoch.proposed_at)
    )
    for (row,) in rows(session, wanted):
        yield Work(
            name=f"{row.tag or 'pool'} {row.currency}",
            since=utc_day(row.proposed_at),
            path="/secretariat/allocation",
            own=row.proposed_by,
        )
    policies = (
        select(AllocationPolicy)
        .where(AllocationPolicy.approved_by.is_(None))
        .where(AllocationPolicy.version > _standing_version())
        .order_by(AllocationPolicy.version)
    )
    for (row,) in rows(session, policies):
        yield Work(
            name=f"v{row.version}: {row.reason}",
            since=utc_day(row.proposed_at),
            path="/secretariat/allocation",
            own=row.proposed_by,
        )


def _standing_version() -> ColumnElement[int]:
    return (
        select(func.coalesce(func.max(AllocationPolicy.version), 0))
        .where(AllocationPolicy.approved_by.is_not(None))
        .correlate(None)
        .scalar_subquery()
    )


def entries(session: Session, _at: datetime) -> Iterable[Work]:
    """Entries by hand that wait for a second person."""
    decided = exists().where(ManualEntryDecision.manual_entry_id == ManualEntry.id)
    wanted = select(ManualEntry).where(~decided).order_by(ManualEntry.prepared_at)
    for (row,) in rows(session, wanted):
        yield Work(
            name=row.reason,
            since=utc_day(row.prepared_at),
            path=f"/secretariat/entries/{row.id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by if row.two_people else None,
        )


def reopenings(session: Session, _at: datetime) -> Iterable[Work]:
    """Months that somebody asked to open again."""
    answered = exists().where(PeriodReopeningApproval.reopening_id == PeriodReopening.id)
    locked = exists().where(
        Period.starts_on == PeriodReopening.starts_on, Period.status == PeriodStatus.LOCKED.value
    )
    wanted = select(PeriodReopening).where(~answered, locked).order_by(PeriodReopening.asked_at)
    for (row,) in rows(session, wanted):
        yield Work(
            name=f"{row.starts_on:%Y-%m}: {row.reason}",
            since=utc_day(row.asked_at),
            path="/secretariat/periods",
            own=row.asked_by,
        )


def returns(session: Session, _at: datetime) -> Iterable[Work]:
    """Money of unknown givers whose return waits for a second person."""
    decided = exists().where(UnidentifiedDecision.answer_id == UnidentifiedAnswer.id)
    wanted = select(UnidentifiedAnswer).where(~decided).order_by(UnidentifiedAnswer.prepared_at)
    for (row,) in rows(session, wanted):
        yield Work(
            name=row.effective_on.isoformat(),
            since=utc_day(row.prepared_at),
            path=f"/secretariat/unidentified/{row.entry_id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by if row.two_people else None,
        )


def apart(session: Session, at: datetime) -> Iterable[Work]:
    """Money of unknown givers that stands for more than a week; no giver is named."""
    before = utc_day(at) - timedelta(days=UNMATCHED_DAYS)
    for row in rows(session, receipts_apart.waiting(before=before)):
        yield Work(
            name=row.effective_on.isoformat(),
            since=row.effective_on,
            path=f"/secretariat/unidentified/{row.entry_id}",
            amount=Money(int(row.rest), row.currency),
        )


def unexplained(session: Session, at: datetime) -> Iterable[Work]:
    """Notices of the processor that wait for a person, and movements that no rule explains."""
    wanted = (
        select(ProcessorEvent.event_id, ProcessorEvent.kind, ProcessorEvent.received_at)
        .where(*notices.waits())
        .order_by(ProcessorEvent.received_at, ProcessorEvent.event_id)
    )
    for _event_id, kind, received_at in rows(session, wanted):
        yield Work(name=kind, since=utc_day(received_at), path="/secretariat/notices")
    for one in suspense.nobodys(session, on=utc_day(at)):
        yield Work(
            name=one.category,
            since=one.on,
            path="/secretariat/notices#unexplained",
            amount=one.rest,
        )


def unsent(session: Session, _at: datetime) -> Iterable[Work]:
    """Payments that were approved and not yet given to the bank."""
    told = (
        exists().where(PaymentFileItem.disbursement_id == Disbursement.id),
        exists().where(PaymentOrder.disbursement_id == Disbursement.id),
    )
    wanted = (
        select(Disbursement, DisbursementDecision.decided_at)
        .join(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .where(DisbursementDecision.outcome == PaymentOutcome.APPROVED)
        .where(*(~one for one in told), still_open(Disbursement.id))
        .order_by(DisbursementDecision.decided_at, Disbursement.id)
    )
    for row, decided_at in rows(session, wanted):
        yield Work(
            name=row.number,
            since=utc_day(decided_at),
            path="/secretariat/bank-orders",
            amount=Money(row.amount, row.currency),
        )
