"""What was counted of a month besides the banks, and who was last at each? In one statement."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.giving.models import AllocationEpoch, Donation
from offset.ledger.models import Checkpoint, Entry
from offset.people.models import User
from offset.treasury.models import (
    Disbursement,
    DisbursementDecision,
    Match,
    PaymentOutcome,
    PayoutStatus,
    StripePayout,
)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What was counted of a month besides the banks, with the last person at each."""

    payouts: int
    payouts_read: int
    payouts_oldest: datetime | None
    matched_by: str
    unidentified: int
    gifts: int
    unallocated: int
    unallocated_oldest: datetime | None
    runs_waiting: int
    runs_open: int
    run_by: str
    payments_waiting: int
    payments_oldest: datetime | None
    payments_made: int
    payment_by: str
    checkpoint_at: datetime | None
    newest_entry_at: datetime | None


def count(session: Session, starts_on: date, ends_on: date) -> Counts:
    """Count everything else in one statement."""
    first, end = midnight(starts_on), midnight(ends_on + timedelta(days=1))
    ours = (Donation.settled_at >= first, Donation.settled_at < end)
    wanted = {
        **_payout_counts(first, end),
        **_desk_counts(first, end),
        "matched_by": _last(
            Match.made_by, Match.made_at, Match.made_at.between(first, end + timedelta(days=92))
        ),
        "unidentified": _unidentified(ends_on),
        "gifts": _count(Donation, *ours),
        "unallocated": _count(Donation, Donation.unallocated > 0, *ours),
        "unallocated_oldest": _scalar(
            func.min(Donation.settled_at), Donation.unallocated > 0, *ours
        ),
        "checkpoint_at": select(func.max(Checkpoint.made_at)).scalar_subquery(),
        "newest_entry_at": (
            select(Entry.recorded_at).order_by(Entry.id.desc()).limit(1).scalar_subquery()
        ),
    }
    row = session.execute(select(*(one.label(name) for name, one in wanted.items()))).one()
    return Counts(**{name: _plain(name, value) for name, value in row._mapping.items()})  # noqa: SLF001 - the public name of a row's columns


def _plain(name: str, value: Any) -> Any:
    return value or "" if name.endswith("_by") else value


def _payout_counts(first: datetime, end: datetime) -> dict[str, Any]:
    ours = (StripePayout.created_at >= first, StripePayout.created_at < end)
    told = exists().where(
        PayoutStatus.payout_id == StripePayout.id,
        or_(PayoutStatus.itemised, PayoutStatus.status.in_(("failed", "canceled"))),
    )
    return {
        "payouts": _count(StripePayout, *ours),
        "payouts_read": _count(StripePayout, *ours, told),
        "payouts_oldest": _scalar(func.min(StripePayout.created_at), *ours, ~told),
    }


def _desk_counts(first: datetime, end: datetime) -> dict[str, Any]:
    """Count the runs and the payments, with who approved the last of each."""
    decided = exists().where(DisbursementDecision.disbursement_id == Disbursement.id)
    made = (
        DisbursementDecision.outcome == PaymentOutcome.APPROVED,
        DisbursementDecision.decided_at >= first,
        DisbursementDecision.decided_at < end,
    )
    prepared = Disbursement.prepared_at < end
    shut = AllocationEpoch.closed_at.is_(None)
    return {
        "runs_waiting": _count(AllocationEpoch, AllocationEpoch.opened_at.is_(None), shut),
        "runs_open": _count(AllocationEpoch, AllocationEpoch.opened_at.is_not(None), shut),
        "run_by": _last(
            AllocationEpoch.approved_by,
            AllocationEpoch.opened_at,
            AllocationEpoch.opened_at.is_not(None),
        ),
        "payments_waiting": _count(Disbursement, ~decided, prepared),
        "payments_oldest": _scalar(func.min(Disbursement.prepared_at), ~decided, prepared),
        "payments_made": _count(DisbursementDecision, *made),
        "payment_by": _last(
            DisbursementDecision.approved_by, DisbursementDecision.decided_at, *made
        ),
    }


def _count(table: type[Any], *wanted: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(table).where(*wanted).scalar_subquery()


def _scalar(value: Any, *wanted: ColumnElement[bool]) -> Any:
    return select(value).where(*wanted).scalar_subquery()


def _last(person: Any, at: Any, *wanted: ColumnElement[bool]) -> Any:
    """Name whoever did something last."""
    return (
        select(User.name)
        .join(person.class_, User.id == person)
        .where(*wanted)
        .order_by(at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _unidentified(ends_on: date) -> Any:
    """Count the receipts whose giver nobody found, up to a day."""
    later = aliased(Entry)
    return _count(
        Entry,
        Entry.kind == "unidentified",
        Entry.effective_on <= ends_on,
        Entry.idem_key.not_like("sent_back:%"),
        ~exists().where(
            later.source_type == Entry.source_type,
            later.source_id == Entry.source_id,
            or_(later.kind == "identified", later.idem_key.like("sent_back:%")),
        ),
        ~exists().where(later.reverses_id == Entry.id),
    )


def midnight(day: date) -> datetime:
    """Return the instant at which a day of the books begins."""
    return datetime.combine(day, time(), UTC)
