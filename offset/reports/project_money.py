"""Where did the money of one project come from and go to? Each run and payment, with its entry."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.giving.models import AllocationRow
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money

PAYMENTS: Final = 12


@dataclass(frozen=True)
class RunShare:
    """What one allocation run brought; gifts for this project by name have no run.

    ``back`` marks what was taken out again, such as the share of a refunded gift.
    """

    run_id: uuid.UUID | None
    amount: Money
    gifts: int
    first_on: date
    last_on: date
    back: bool


@dataclass(frozen=True)
class Paid:
    """A payment to the project: ordered, then seen to leave the bank, or come back."""

    entry_id: uuid.UUID
    amount: Money
    ordered_on: date
    sent_entry_id: uuid.UUID | None
    sent_on: date | None
    returned_entry_id: uuid.UUID | None
    returned_on: date | None


@dataclass(frozen=True)
class Trail:
    """The way of the money of one project, newest first."""

    runs: tuple[RunShare, ...]
    payments: tuple[Paid, ...]


def trail(
    session: Session, project_id: uuid.UUID, currency: str, *, known_at: datetime | None = None
) -> Trail:
    """Read the runs and the newest payments of a project, in two statements."""
    return Trail(
        _runs(session, project_id, currency, known_at),
        _payments(session, project_id, currency, known_at),
    )


def _runs(
    session: Session, project_id: uuid.UUID, currency: str, known_at: datetime | None
) -> tuple[RunShare, ...]:
    back = AllocationRow.amount < 0
    wanted = (
        select(
            AllocationRow.epoch_id,
            func.sum(AllocationRow.amount),
            func.count(),
            func.min(AllocationRow.created_at),
            func.max(AllocationRow.created_at),
            back,
        )
        .where(AllocationRow.project_id == project_id)
        .group_by(AllocationRow.epoch_id, back)
        .order_by(func.max(AllocationRow.created_at).desc())
    )
    if known_at is not None:
        wanted = wanted.where(AllocationRow.created_at <= known_at)
    return tuple(
        RunShare(run_id, Money(int(amount), currency), gifts, first.date(), last.date(), bool(out))
        for run_id, amount, gifts, first, last, out in session.execute(wanted)
    )


def _payments(
    session: Session, project_id: uuid.UUID, currency: str, known_at: datetime | None
) -> tuple[Paid, ...]:
    sent, returned, undone = aliased(Entry), aliased(Entry), aliased(Entry)
    wanted = (
        select(
            Entry.id,
            Posting.amount,
            Entry.effective_on,
            sent.id,
            sent.effective_on,
            returned.id,
            returned.effective_on,
        )
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(undone, undone.reverses_id == Entry.id)
        .outerjoin(
            sent,
            (sent.source_type == Entry.source_type)
            & (sent.source_id == Entry.source_id)
            & (sent.kind == "disbursement_sent"),
        )
        .outerjoin(
            returned,
            (returned.source_type == Entry.source_type)
            & (returned.source_id == Entry.source_id)
            & (returned.kind == "disbursement_returned"),
        )
        .where(
            Account.project_id == project_id,
            Account.currency == currency,
            Entry.kind == "disbursement_order",
            Posting.amount > 0,
            undone.id.is_(None),
        )
        .order_by(Entry.effective_on.desc(), Entry.id.desc())
        .limit(PAYMENTS)
    )
    if known_at is not None:
        wanted = wanted.where(Entry.recorded_at <= known_at)
    rows = session.execute(wanted).all()
    return tuple(
        Paid(
            entry_id=row[0],
            amount=Money(int(row[1]), currency),
            ordered_on=row[2],
            sent_entry_id=row[3],
            sent_on=row[4],
            returned_entry_id=row[5],
            returned_on=row[6],
        )
        for row in rows
    )
