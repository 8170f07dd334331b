"""What becomes of a gift whose bank line was mistaken for it?

The entry is reversed by whoever undoes the match; here the gift follows: its parts leave the
projects again (R21), it counts as given back whole, and its receipt is cancelled. A pledge waits
for its money as before; the next line that names it makes a gift of its own.
"""

import uuid
from datetime import date, datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Refused
from offset.giving import donations, pledges
from offset.giving.directives import fund_of
from offset.giving.models import AllocationRow, Donation, DonationStatus
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.people import audit
from offset.people.access import Actor
from offset.projects.models import Project


def undo(
    session: Session, entry_id: uuid.UUID, *, on: date, actor: Actor, at: datetime, reason: str
) -> None:
    """Undo what a bank line settled; ``entry_id`` is the entry of the gift.

    Raises
    ------
    Refused
        ``gift_moved``: it was refunded since.
    LedgerRefused
        ``floor_breached``: a project was already ordered its part.
    """
    found = session.scalar(select(Donation.id).where(Donation.entry_id == entry_id))
    if found is None:
        raise Refused("gift_moved")
    gift = donations.locked(session, found)
    if gift.refunded or gift.sourced or gift.settled_currency is None or gift.gross is None:
        raise Refused("gift_moved")
    gross = Money(gift.gross, gift.settled_currency)
    _leave_projects(session, gift, on=on, at=at)
    gift.refunded = gift.sourced = gross.minor
    gift.unallocated = 0
    # Whoever looks after receipts cancels the one that is out and writes the note.
    gift.receipt_due = True
    donations.advance(session, gift, DonationStatus.REFUNDED, at=at, cause=f"undone:{entry_id}")
    session.flush()
    if gift.bank_pledge_id is not None:
        pledges.part_undone(session, gift.bank_pledge_id, amount=gross, at=at)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="donation.undone",
        object_type="donation",
        object_id=gift.id,
        details={"reason": reason, "amount": str(gross)},
    )


def _leave_projects(session: Session, gift: Donation, *, on: date, at: datetime) -> None:
    currency = gift.settled_currency or gift.currency
    rows = session.execute(
        select(Project, func.sum(AllocationRow.amount), func.count())
        .join(AllocationRow, AllocationRow.project_id == Project.id)
        .where(AllocationRow.donation_id == gift.id)
        .group_by(Project.id)
        .having(func.sum(AllocationRow.amount) > 0)
        .order_by(Project.code)
    ).all()
    for project, standing, count in rows:
        draft = entries.deallocation(
            project=chart.project(project.code or "", currency),
            donation_id=str(gift.id),
            on=on,
            amount=Money(int(standing), currency),
            fund=fund_of(gift, currency),
            part=int(count) + 1,
        )
        row = AllocationRow(
            id=uuid7(at),
            donation_id=gift.id,
            project_id=project.id,
            amount=-int(standing),
            created_at=at,
        )
        journal.post(session, draft, at=at, before_postings=partial(_add, session, row))


def _add(session: Session, row: AllocationRow, entry_id: uuid.UUID) -> None:
    row.entry_id = entry_id
    session.add(row)
