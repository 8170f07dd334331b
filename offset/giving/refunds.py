"""Where is money taken from when a gift goes back?

In this order: the secretariat's share pro rata; what of the gift is not allocated; its rows at
projects, as far as they are not paid out; the reserve for the rest. A project's paid money is
never taken back silently. A return by the donor's bank and a lost dispute are sourced by the
job; a refund that somebody made at the processor waits until a person accepts it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import NotFound
from offset.giving import donations, shares
from offset.giving.apportionment import split
from offset.giving.directives import fund_of
from offset.giving.epochs import hold_pool
from offset.giving.models import (
    AllocationRow,
    Dispute,
    Donation,
    DonationStatus,
    Refund,
    RefundKeeping,
    RefundKeepingDecision,
    RefundSource,
    StripeBalanceTransaction,
)
from offset.ledger import balances, chart, entries, journal
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.projects.models import Project

_SOURCED: Final = frozenset({"refund", "charge_failure"})


@dataclass(frozen=True, slots=True)
class Unsourced:
    """Money of a gift that went back and whose source nobody has found yet.

    ``decided`` is false for a refund that somebody made at the processor and nobody accepted.
    """

    cause_id: str
    kind: str  # refund, charge_failure, dispute
    donation_id: uuid.UUID
    amount: Money
    decided: bool = True


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a sum was taken from; the parts add up to it."""

    share: int
    unallocated: int
    projects: Mapping[uuid.UUID, int]
    reserve: int

    @property
    def amount(self) -> int:
        """The whole sum."""
        return self.share + self.unallocated + sum(self.projects.values()) + self.reserve


def find_sources(
    amount: int,
    *,
    gross: int,
    share: int,
    share_taken: int,
    before: int = 0,
    unallocated: int,
    rows: Mapping[uuid.UUID, int],
    held: Mapping[uuid.UUID, int],
) -> Sources:
    """Find where a sum comes from, by the rule at the head of this module.

    Parameters
    ----------
    amount, gross, share
        What goes back, what was given, and the secretariat's share of it.
    share_taken, before
        What earlier refunds took of the share, and what they were in all: the share goes back
        pro rata of everything that did, so that many small refunds take as much as one.
    unallocated
        What of the gift stands in the pool.
    rows, held
        For each project the gift's part, and what the project holds unpaid.
    """
    due = shares.pro_rata(min(before + amount, gross), gross, share)
    from_share = min(max(due - share_taken, 0), amount)
    from_pool = min(unallocated, amount - from_share)
    rest = amount - from_share - from_pool
    caps: dict[uuid.UUID, int | None] = {
        project: min(part, max(0, held[project])) for project, part in rows.items()
    }
    cut = split(rest, rows, caps)
    taken = {project: part for project, part in cut.parts.items() if part}
    return Sources(from_share, from_pool, taken, cut.leftover)


def unsourced(session: Session, *, kinds: frozenset[str] | None = None) -> tuple[Unsourced, ...]:
    """Read what went back and has no source yet, oldest first."""
    net = func.sum(StripeBalanceTransaction.amount)
    cause = StripeBalanceTransaction.source_id
    rows = session.execute(
        select(
            cause,
            func.min(StripeBalanceTransaction.reporting_category),
            Donation.id,
            -net,
            func.min(StripeBalanceTransaction.currency),
            Donation.status,
            Donation.refunded - Donation.sourced,
            Dispute.status,
            Refund.decided_by,
        )
        .join(Donation, Donation.id == StripeBalanceTransaction.donation_id)
        .outerjoin(RefundSource, RefundSource.cause_id == cause)
        .outerjoin(Dispute, Dispute.dispute_id == cause)
        .outerjoin(Refund, Refund.processor_id == cause)
        .where(
            StripeBalanceTransaction.reporting_category.in_(
                ("refund", "refund_failure", "charge_failure", "dispute", "dispute_reversal")
            ),
            cause.is_not(None),
            RefundSource.cause_id.is_(None),
            Donation.refunded > Donation.sourced,
        )
        .group_by(cause, Donation.id, Donation.status, Dispute.status, Refund.decided_by)
        .having(net < 0)
        .order_by(func.min(StripeBalanceTransaction.created_at))
    )
    return tuple(
        Unsourced(
            cause_id or "",
            kind,
            donation_id,
            # What an earlier refund took from the gift and failed to pay out pays this one first.
            Money(min(int(amount), int(owed)), currency),
            decided=kind != "refund" or decided_by is not None,
        )
        for cause_id, kind, donation_id, amount, currency, status, owed, word, decided_by in rows
        if (kinds is None or kind in kinds)
        # An open dispute takes nothing yet.
        and (kind != "dispute" or status is DonationStatus.LOST or word == "lost")
    )


def source_pending(database: Database, *, at: datetime) -> int:
    """Find the sources of returns, lost disputes and decided refunds; return how many there were.

    A refund is sourced when it has left our balance: only then is its amount in our currency known.
    """
    with database.reading() as session:
        waiting = [one for one in unsourced(session) if one.decided]
    for one in waiting:
        database.run(source, one.cause_id, actor=SYSTEM, at=at)
    return len(waiting)


def source(session: Session, cause_id: str, *, actor: Actor, at: datetime) -> Sources:
    """Take what went back from where the gift stands, once for each cause.

    Raises
    ------
    Forbidden
        A refund that nobody decided needs the right to approve refunds; the rest is the job's.
    NotFound
        ``refund_unknown``: nothing went back for good under that id, or its source is found.
    """
    one = next((each for each in unsourced(session) if each.cause_id == cause_id), None)
    if one is None:
        raise NotFound("refund_unknown")
    require(actor, Right.RUN_JOBS if one.decided else Right.APPROVE_REFUND)
    currency = one.amount.currency
    told = session.get_one(Donation, one.donation_id)
    hold_pool(session, currency, at=at, tag=told.fund_tag or told.overflow_tag)
    gift = donations.locked(session, one.donation_id)
    rows, codes = _rows(session, gift)
    balances.lock(session, [chart.project(code, currency) for code in codes.values()])
    sources = find_sources(
        one.amount.minor,
        gross=gift.gross or one.amount.minor,
        share=gift.share or 0,
        share_taken=_share_taken(session, gift),
        before=gift.sourced,
        unallocated=gift.unallocated,
        rows=rows,
        held={
            project: balances.held(session, chart.project(code, currency)).minor
            for project, code in codes.items()
        },
    )
    _post(session, gift, one, sources, codes, at=at)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="refund.sourced",
        object_type="donation",
        object_id=gift.id,
        details={"cause": cause_id, "reserve": sources.reserve},
    )
    return sources


def _rows(session: Session, gift: Donation) -> tuple[dict[uuid.UUID, int], dict[uuid.UUID, str]]:
    """Return what a gift has at each project, and the projects' codes."""
    found = session.execute(
        select(AllocationRow.project_id, Project.code, func.sum(AllocationRow.amount))
        .join(Project, Project.id == AllocationRow.project_id)
        .where(AllocationRow.donation_id == gift.id)
        .group_by(AllocationRow.project_id, Project.code)
        .having(func.sum(AllocationRow.amount) > 0)
    ).all()
    rows = {project: int(total) for project, _, total in found}
    return rows, {project: code or "" for project, code, _ in found}


def _share_taken(session: Session, gift: Donation) -> int:
    taken = session.scalar(
        select(func.coalesce(func.sum(RefundSource.share), 0)).where(
            RefundSource.donation_id == gift.id
        )
    )
    # What a failed refund had taken and its donor left with us is no longer taken.
    back = session.scalar(
        select(func.coalesce(func.sum(RefundKeepingDecision.share), 0))
        .join(RefundKeeping, RefundKeeping.id == RefundKeepingDecision.keeping_id)
        .where(RefundKeeping.donation_id == gift.id)
    )
    return int(taken or 0) - int(back or 0)


def _post(
    session: Session,
    gift: Donation,
    one: Unsourced,
    sources: Sources,
    codes: Mapping[uuid.UUID, str],
    *,
    at: datetime,
) -> None:
    currency = one.amount.currency
    accounts = {
        chart.share(currency): sources.share,
        fund_of(gift, currency): sources.unallocated,
        chart.reserve(currency): sources.reserve,
    } | {
        chart.project(codes[project], currency): part for project, part in sources.projects.items()
    }
    recipe = entries.refund_sourced if one.kind in _SOURCED else entries.dispute_lost
    draft = recipe(
        cause_id=one.cause_id,
        on=utc_day(at),
        sources={code: Money(part, currency) for code, part in accounts.items() if part},
    )

    def rows(entry_id: uuid.UUID) -> None:
        session.add_all(
            AllocationRow(
                id=uuid7(at),
                entry_id=entry_id,
                donation_id=gift.id,
                project_id=project,
                amount=-part,
                created_at=at,
            )
            for project, part in sources.projects.items()
        )

    posted = journal.post(session, draft, at=at, before_postings=rows)
    session.add(
        RefundSource(
            cause_id=one.cause_id,
            donation_id=gift.id,
            entry_id=posted.entry_id,
            currency=currency,
            amount=sources.amount,
            share=sources.share,
            unallocated=sources.unallocated,
            projects=sum(sources.projects.values()),
            reserve=sources.reserve,
            created_at=at,
        )
    )
    gift.unallocated -= sources.unallocated
    gift.sourced += sources.amount
    session.flush()
