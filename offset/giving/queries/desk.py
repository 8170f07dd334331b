"""What does the secretariat read about gifts, down to their movements?"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.giving.models import (
    Donation,
    DonationEvent,
    DonationStatus,
    InboxState,
    ProcessorEvent,
    StripeBalanceTransaction,
)
from offset.giving.queries.gift_page import GiftPage, Split, ours, page_of, split_of
from offset.money import Money
from offset.people.contributors import Contributor
from offset.projects.models import Project


@dataclass(frozen=True)
class DonationLine:
    """One gift in the desk's list."""

    id: uuid.UUID
    reference: str
    token: str
    created_at: datetime
    status: DonationStatus
    amount: Money
    split: Split | None
    unallocated: Money | None
    refunded: Money | None
    project_title: str | None
    ref: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True)
class EventLine:
    """A state a gift reached."""

    status: DonationStatus
    at: datetime
    cause: str


@dataclass(frozen=True)
class MovementLine:
    """A movement at the processor that belongs to a gift, and its journal entry."""

    id: str
    category: str
    amount: Money
    fee: Money
    net: Money
    created_at: datetime
    source_id: str | None
    entry_id: uuid.UUID


@dataclass(frozen=True)
class DonationDetail:
    """One gift as the desk sees it, down to its movements and entries."""

    line: DonationLine
    page: GiftPage
    events: tuple[EventLine, ...]
    movements: tuple[MovementLine, ...]
    estimate_id: uuid.UUID | None
    session_id: str | None
    charge_id: str | None
    giver_id: uuid.UUID | None


@dataclass(frozen=True)
class InboxLine:
    """An event of the processor that a person must look at, and why."""

    event_id: str
    kind: str
    state: InboxState
    note: str | None
    received_at: datetime
    attempts: int


def donations(
    session: Session,
    *,
    status: DonationStatus | None = None,
    project_id: uuid.UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str | None = None,
    unallocated: bool = False,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> tuple[DonationLine, ...]:
    """List gifts for the desk, newest first; ``before`` is the last id of the page before."""
    wanted: list[ColumnElement[bool]] = []
    if status is not None:
        wanted.append(Donation.status == status)
    if project_id is not None:
        wanted.append(Donation.project_id == project_id)
    if since is not None:
        wanted.append(Donation.created_at >= since)
    if until is not None:
        wanted.append(Donation.created_at < until)
    if text:
        wanted.append(_named(text.strip()))
    if unallocated:
        wanted.append(Donation.unallocated > 0)
    if before is not None:
        wanted.append(Donation.id < before)
    return _lines(session, wanted, limit)


def donation(session: Session, donation_id: uuid.UUID) -> DonationDetail:
    """Read one gift down to its movements.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    lines = _lines(session, [Donation.id == donation_id], 1)
    if not lines:
        raise NotFound("gift_unknown")
    row = session.get_one(Donation, donation_id)
    events = session.scalars(select(DonationEvent).where(DonationEvent.donation_id == donation_id))
    movements = session.scalars(
        select(StripeBalanceTransaction)
        .where(StripeBalanceTransaction.donation_id == donation_id)
        .order_by(StripeBalanceTransaction.created_at, StripeBalanceTransaction.id)
    )
    return DonationDetail(
        line=lines[0],
        page=page_of(session, Donation.id == donation_id),
        events=tuple(
            sorted(
                (EventLine(one.status, one.at, one.cause) for one in events),
                # Two states of one millisecond stand in the order of the table.
                key=lambda one: (one.at, list(DonationStatus).index(one.status)),
            )
        ),
        movements=tuple(_movement(one) for one in movements),
        estimate_id=row.estimate_id,
        session_id=row.session_id,
        charge_id=row.charge_id,
        giver_id=row.contributor_id,
    )


def inbox_to_check(session: Session, *, limit: int = 100) -> tuple[InboxLine, ...]:
    """Read the events a person must look at, newest first."""
    rows = session.scalars(
        select(ProcessorEvent)
        .where(ProcessorEvent.state.in_((InboxState.ALARM, InboxState.UNMATCHED)))
        .order_by(ProcessorEvent.received_at.desc())
        .limit(limit)
    )
    return tuple(
        InboxLine(one.event_id, one.kind, one.state, one.note, one.received_at, one.attempts)
        for one in rows
    )


def _lines(
    session: Session, wanted: Sequence[ColumnElement[bool]], limit: int
) -> tuple[DonationLine, ...]:
    rows = session.execute(
        select(Donation, Project.title, Contributor.name, Contributor.email)
        .outerjoin(Project, Project.id == Donation.project_id)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .where(*wanted)
        .order_by(Donation.id.desc())
        .limit(limit)
    )
    return tuple(
        DonationLine(
            id=row.id,
            reference=row.reference,
            token=row.token,
            created_at=row.created_at,
            status=row.status,
            amount=Money(row.amount, row.currency),
            split=split_of(row),
            unallocated=ours(row, row.unallocated),
            refunded=ours(row, row.refunded) if row.refunded else None,
            project_title=title,
            ref=row.ref,
            name=name,
            email=email,
        )
        for row, title, name, email in rows
    )


def _named(text: str) -> ColumnElement[bool]:
    """Find a gift by its reference, an id at the processor, or the giver's address."""
    return or_(
        Donation.reference == text.upper(),
        Donation.charge_id == text,
        Donation.payment_intent_id == text,
        Contributor.email == text.casefold(),
    )


def _movement(one: StripeBalanceTransaction) -> MovementLine:
    return MovementLine(
        id=one.id,
        category=one.reporting_category,
        amount=Money(one.amount, one.currency),
        fee=Money(one.fee, one.currency),
        net=Money(one.net, one.currency),
        created_at=one.created_at,
        source_id=one.source_id,
        entry_id=one.entry_id,
    )
