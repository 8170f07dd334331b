"""Who hears by mail to which projects their money went? Each donor, once for what moved together.

It is news, so whoever said stop is not written to; what was told, or kept silent, is not told
again. What was allocated long before it is found is no news any more.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving.letters import told
from offset.giving.models import AllocationRow, AllocationTold, Contributor, Donation
from offset.ledger.models import Entry
from offset.money import Money
from offset.people import mail_choices, outbox
from offset.projects.models import Project

WINDOW: Final = timedelta(days=14)
# A gift may be spread by several entries in a row: they are told together.
SETTLES: Final = timedelta(minutes=10)
_AT_ONCE: Final = 100


def tell_pending(database: Database, *, at: datetime) -> int:
    """Write the mails about what was allocated, some gifts a transaction; return how many."""
    mails = 0
    while (wrote := database.run(tell_some, at=at)) is not None:
        mails += wrote
    return mails


def tell_some(session: Session, *, at: datetime, limit: int = _AT_ONCE) -> int | None:
    """Tell the donors of the next gifts; None when nothing is left to tell."""
    gifts = _waiting(session, at, limit)
    if not gifts:
        return None
    rows = _rows(session, gifts, at)
    mails = sum(_tell(session, gift, rows.get(gift, ()), at=at) for gift in gifts)
    entries = {entry for parts in rows.values() for entry, _, _ in parts}
    session.execute(
        insert(AllocationTold), [{"entry_id": one, "told_at": at} for one in sorted(entries)]
    )
    return mails


def _waiting(session: Session, at: datetime, limit: int) -> Sequence[uuid.UUID]:
    """Find gifts with allocations that nobody was told of, in the order in which they happened."""
    return session.scalars(
        select(AllocationRow.donation_id)
        .where(*_untold(at))
        .group_by(AllocationRow.donation_id)
        .order_by(func.min(AllocationRow.created_at), AllocationRow.donation_id)
        .limit(limit)
    ).all()


def _untold(at: datetime) -> tuple[Any, ...]:
    known = select(AllocationTold.entry_id).where(AllocationTold.entry_id == AllocationRow.entry_id)
    allocation = select(Entry.id).where(
        Entry.id == AllocationRow.entry_id, Entry.kind == "allocation"
    )
    return (
        AllocationRow.amount > 0,
        AllocationRow.created_at > at - WINDOW,
        AllocationRow.created_at <= at - SETTLES,
        allocation.exists(),
        ~known.exists(),
    )


_Part = tuple[uuid.UUID, Project, int]


def _rows(
    session: Session, gifts: Sequence[uuid.UUID], at: datetime
) -> Mapping[uuid.UUID, tuple[_Part, ...]]:
    found: dict[uuid.UUID, tuple[_Part, ...]] = {}
    rows = session.execute(
        select(AllocationRow, Project)
        .join(Project, Project.id == AllocationRow.project_id)
        .where(AllocationRow.donation_id.in_(gifts), *_untold(at))
        .order_by(AllocationRow.created_at, Project.code, AllocationRow.id)
    )
    for row, project in rows:
        part = (row.entry_id, project, row.amount)
        found[row.donation_id] = (*found.get(row.donation_id, ()), part)
    return found


def _tell(session: Session, donation_id: uuid.UUID, parts: Sequence[_Part], *, at: datetime) -> int:
    gift = session.get_one(Donation, donation_id)
    giver = session.get(Contributor, gift.contributor_id) if gift.contributor_id else None
    if giver is None or not giver.email or mail_choices.stopped(session, [giver.email]):
        return 0
    currency = gift.settled_currency or gift.currency
    choice = mail_choices.kept(session, giver.email, at=at)
    outbox.enqueue(
        session,
        at=at,
        template="allocated",
        to=giver.email,
        language=gift.language,
        parameters={
            "amount": told(Money(sum(amount for _, _, amount in parts), currency)),
            "parts": [
                {
                    "project": project.title,
                    "path": f"/projects/{project.slug}",
                    "amount": told(Money(amount, currency)),
                }
                for project, amount in _summed(parts)
            ],
            "left": told(Money(gift.unallocated, currency)) if gift.unallocated else None,
            "gift_path": f"/gift/{gift.token}",
            "runs_path": "/allocation",
            "reference": gift.reference,
            "leave_path": f"/news/{choice.token}",
            "unsubscribe_path": f"/news/{choice.token}/stop",
        },
        key=f"allocated:{donation_id}:{parts[-1][0]}",
    )
    return 1


def _summed(parts: Sequence[_Part]) -> list[tuple[Project, int]]:
    sums: dict[uuid.UUID, int] = {}
    projects = {project.id: project for _, project, _ in parts}
    for _, project, amount in parts:
        sums[project.id] = sums.get(project.id, 0) + amount
    return [(projects[one], total) for one, total in sums.items()]
