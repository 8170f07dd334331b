"""Where did the money of one project come from and go to? Each run and payment, with its entry."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from offset.database.types import Day, Id, Instant
from offset.giving.models import AllocationRow
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money

PAYMENTS: Final = 12
_RUN, _PAYMENT = 0, 1


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
    """Read the runs and the newest payments of a project, in one statement."""
    rows = session.execute(
        union_all(_runs(project_id, known_at), _payments(project_id, currency, known_at))
    ).all()
    runs = [
        RunShare(
            run_id=row.id,
            amount=Money(int(row.amount), currency),
            gifts=int(row.gifts),
            first_on=row.first_at.date(),
            last_on=row.last_at.date(),
            back=bool(row.back),
        )
        for row in sorted(
            (one for one in rows if one.kind == _RUN), key=lambda one: one.last_at, reverse=True
        )
    ]
    payments = [
        Paid(
            entry_id=row.id,
            amount=Money(int(row.amount), currency),
            ordered_on=row.ordered_on,
            sent_entry_id=row.sent_id,
            sent_on=row.sent_on,
            returned_entry_id=row.returned_id,
            returned_on=row.returned_on,
        )
        for row in sorted(
            (one for one in rows if one.kind == _PAYMENT),
            key=lambda one: (one.ordered_on, one.id),
            reverse=True,
        )
    ]
    return Trail(tuple(runs), tuple(payments))


def _runs(project_id: uuid.UUID, known_at: datetime | None) -> Select[Any]:
    back = AllocationRow.amount < 0
    wanted = (
        select(
            literal(_RUN).label("kind"),
            AllocationRow.epoch_id.label("id"),
            func.sum(AllocationRow.amount).label("amount"),
            func.count().label("gifts"),
            func.min(AllocationRow.created_at, type_=Instant()).label("first_at"),
            func.max(AllocationRow.created_at, type_=Instant()).label("last_at"),
            case((back, 1), else_=0).label("back"),
            cast(null(), Day()).label("ordered_on"),
            cast(null(), Id()).label("sent_id"),
            cast(null(), Day()).label("sent_on"),
            cast(null(), Id()).label("returned_id"),
            cast(null(), Day()).label("returned_on"),
        )
        .where(AllocationRow.project_id == project_id)
        .group_by(AllocationRow.epoch_id, back)
    )
    return wanted if known_at is None else wanted.where(AllocationRow.created_at <= known_at)


def _payments(project_id: uuid.UUID, currency: str, known_at: datetime | None) -> Select[Any]:
    sent, returned, undone = aliased(Entry), aliased(Entry), aliased(Entry)
    restored = aliased(Entry)

    def known(entry: type[Entry]) -> ColumnElement[bool]:
        return true() if known_at is None else entry.recorded_at <= known_at

    def holds(entry: type[Entry]) -> ColumnElement[bool]:
        """Say that a match was not taken back, as far as was known."""
        back = aliased(Entry)
        return ~exists().where(back.reverses_id == entry.id, known(back))

    wanted = (
        select(
            literal(_PAYMENT).label("kind"),
            Entry.id.label("id"),
            Posting.amount.label("amount"),
            cast(null(), Integer).label("gifts"),
            cast(null(), Instant()).label("first_at"),
            cast(null(), Instant()).label("last_at"),
            cast(null(), Integer).label("back"),
            Entry.effective_on.label("ordered_on"),
            sent.id.label("sent_id"),
            sent.effective_on.label("sent_on"),
            returned.id.label("returned_id"),
            returned.effective_on.label("returned_on"),
        )
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(undone, (undone.reverses_id == Entry.id) & known(undone))
        .outerjoin(
            sent,
            (sent.source_type == Entry.source_type)
            & (sent.source_id == Entry.source_id)
            & (sent.kind == "disbursement_sent")
            & known(sent)
            & holds(sent),
        )
        .outerjoin(
            returned,
            (returned.source_type == Entry.source_type)
            & (returned.source_id == Entry.source_id)
            & (returned.kind == "disbursement_returned")
            & known(returned)
            & holds(returned),
        )
        .where(
            Account.project_id == project_id,
            Account.currency == currency,
            Entry.kind == "disbursement_order",
            Posting.amount > 0,
            # an order that was called off is no payment; one that came back is told as such
            undone.id.is_(None)
            | returned.id.is_not(None)
            | exists().where(
                restored.source_type == Entry.source_type,
                restored.source_id == Entry.source_id,
                restored.kind == "disbursement_restored",
                known(restored),
                holds(restored),
            ),
            known(Entry),
        )
        .order_by(Entry.effective_on.desc(), Entry.id.desc())
        .limit(PAYMENTS)
    )
    # an order and a limit of its own need a select around it
    return select(wanted.subquery())
