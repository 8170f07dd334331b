"""What becomes of the gifts at a project that is withdrawn?

What was not ordered for payment goes back, gift by gift, to the fund each gift came from, and
from there where its donor said. Payments went to the oldest gifts first, so the newest get theirs
back first. What was paid stays with the project, with a public note. Donors are told.
"""

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.database.types import uuid7
from offset.giving import donations, epochs
from offset.giving.directives import fund_of
from offset.giving.models import AllocationRow, Donation
from offset.ledger import balances, chart, entries, journal
from offset.ledger.models import Entry
from offset.money import Money
from offset.people import audit, outbox
from offset.people.access import SYSTEM
from offset.people.contributors import Contributor
from offset.projects.models import Project, ProjectStatus

_AT_ONCE: Final = 50
"""How many gifts are taken back in one transaction."""


def take_back_pending(database: Database, *, at: datetime) -> int:
    """Take back what withdrawn projects still hold of gifts; return how many gifts it was of."""
    with database.reading() as session:
        waiting = withdrawn(session)
    done = 0
    for project_id, currency in waiting:
        while taken := database.run(take_back, project_id, currency, at=at):
            done += taken
    return done


def withdrawn(session: Session) -> tuple[tuple[uuid.UUID, str], ...]:
    """Find the withdrawn projects that hold money of gifts, and in which currency."""
    rows = session.execute(
        select(Project.id, Project.code, Donation.settled_currency)
        .join(AllocationRow, AllocationRow.project_id == Project.id)
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(Project.status == ProjectStatus.WITHDRAWN)
        .group_by(Project.id, Project.code, Donation.settled_currency)
        .having(func.sum(AllocationRow.amount) > 0)
        .order_by(Project.code, Donation.settled_currency)
    )
    return tuple(
        (project_id, currency)
        for project_id, code, currency in rows
        if code and currency and balances.held(session, chart.project(code, currency))
    )


def take_back(
    session: Session, project_id: uuid.UUID, currency: str, *, at: datetime, limit: int = _AT_ONCE
) -> int:
    """Return what a withdrawn project holds to the newest gifts; say to how many.

    Every open run that weighed the project closes.
    """
    epochs.hold_pool(session, currency, at=at)
    project = session.get_one(Project, project_id, populate_existing=True)
    if project.status is not ProjectStatus.WITHDRAWN:
        return 0
    account = chart.project(project.code or "", currency)
    balances.lock(session, [account])
    held = balances.held(session, account).minor
    done = 0
    for donation_id, standing in _newest(session, project_id, currency, limit):
        amount = min(standing, held)
        if not amount:
            break
        _one(session, project, donation_id, Money(amount, currency), at=at)
        held -= amount
        done += 1
    epochs.close_changed(session, currency, at=at)
    return done


def _newest(
    session: Session, project_id: uuid.UUID, currency: str, limit: int
) -> list[tuple[uuid.UUID, int]]:
    """Return the gifts that have a part at a project, the last to arrive first."""
    rows = session.execute(
        select(AllocationRow.donation_id, func.sum(AllocationRow.amount))
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(AllocationRow.project_id == project_id, Donation.settled_currency == currency)
        .group_by(AllocationRow.donation_id)
        .having(func.sum(AllocationRow.amount) > 0)
        .order_by(func.min(AllocationRow.created_at).desc(), AllocationRow.donation_id.desc())
        .limit(limit)
    )
    return [(donation_id, int(total)) for donation_id, total in rows]


def _one(
    session: Session, project: Project, donation_id: uuid.UUID, amount: Money, *, at: datetime
) -> None:
    """Book one gift's part back (R21) with its negative row, and tell the donor."""
    gift = donations.locked(session, donation_id)
    code = chart.project(project.code or "", amount.currency)
    chart.open_account(session, fund_of(gift, amount.currency), at=at, currency=amount.currency)
    draft = entries.deallocation(
        project=code,
        donation_id=str(gift.id),
        on=utc_day(at),
        amount=amount,
        fund=fund_of(gift, amount.currency),
        part=_parts(session, gift.id, project.id) + 1,
    )

    def row(entry_id: uuid.UUID) -> None:
        session.add(
            AllocationRow(
                id=uuid7(at),
                entry_id=entry_id,
                donation_id=gift.id,
                project_id=project.id,
                amount=-amount.minor,
                created_at=at,
            )
        )

    posted = journal.post(session, draft, at=at, before_postings=row)
    gift.unallocated += amount.minor
    session.flush()
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action="allocation.taken_back",
        object_type="donation",
        object_id=gift.id,
        details={"project": project.code, "amount": str(amount)},
    )
    _tell(session, gift, project, amount, posted.entry_id, at=at)


def _parts(session: Session, donation_id: uuid.UUID, project_id: uuid.UUID) -> int:
    """Count how often something of a gift was taken back from a project by a withdrawal."""
    found = session.scalar(
        select(func.count())
        .select_from(AllocationRow)
        .join(Entry, Entry.id == AllocationRow.entry_id)
        .where(
            AllocationRow.donation_id == donation_id,
            AllocationRow.project_id == project_id,
            Entry.kind == "deallocation",
        )
    )
    return int(found or 0)


def _tell(
    session: Session,
    gift: Donation,
    project: Project,
    amount: Money,
    entry_id: uuid.UUID,
    *,
    at: datetime,
) -> None:
    """Write the mail to a donor who left an address."""
    giver = session.get(Contributor, gift.contributor_id) if gift.contributor_id else None
    if giver is None or giver.email is None:
        return
    outbox.enqueue(
        session,
        at=at,
        template="taken_back",
        to=giver.email,
        language=gift.language,
        parameters={
            "project": project.title,
            "amount": {"minor": amount.minor, "currency": amount.currency},
            "gift_path": f"/gift/{gift.token}",
            "reference": gift.reference,
        },
        key=f"taken_back:{entry_id}",
    )
