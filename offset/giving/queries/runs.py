"""By which weights and in which runs was money spread, and by whom were they set?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.giving.allocations import Preview
from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    AllocationRow,
    Donation,
)
from offset.ledger import chart
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.projects.models import Project, ProjectStatus


@dataclass(frozen=True)
class PolicyView:
    """A version of the weights, who proposed it and who approved it."""

    id: uuid.UUID
    version: int
    rule: str
    weights: Mapping[uuid.UUID, int]
    reason: str
    proposed_by: uuid.UUID
    proposed_at: datetime
    approved_by: uuid.UUID | None
    approved_at: datetime | None


@dataclass(frozen=True)
class EpochView:
    """An epoch with what it has awarded so far; ``waiting``, ``open`` or ``closed``."""

    id: uuid.UUID
    policy_version: int
    currency: str
    tag: str
    state: str
    weights: Mapping[uuid.UUID, int]
    caps: Mapping[uuid.UUID, Money]
    awarded: Money
    gifts: int
    proposed_by: uuid.UUID
    proposed_at: datetime
    approved_by: uuid.UUID | None
    opened_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None


@dataclass(frozen=True)
class RunRow:
    """What a run gave one project of what it could take: ``by_weight`` or ``cap_reached``."""

    code: str
    slug: str
    title: str
    language: str
    weight: int
    cap: Money
    awarded: Money
    why: str


@dataclass(frozen=True)
class PublicRun:
    """An approved run as everybody may read it: the rule's version, who got what and why."""

    id: uuid.UUID
    policy_version: int
    rule: str
    reason: str
    tag: str
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    renewed: bool
    gifts: int
    awarded: Money
    rows: tuple[RunRow, ...]


@dataclass(frozen=True)
class Change:
    """What a project would get beside what the run before gave it; None where it was not in one.

    ``weight`` and ``before_weight`` are its weights, 0 without one.
    """

    code: str
    title: str
    weight: int
    before_weight: int
    amount: Money | None
    before: Money | None

    @property
    def difference(self) -> Money | None:
        """What it would get more or less; None for a project that is in one run only."""
        if self.amount is None or self.before is None:
            return None
        return self.amount - self.before


@dataclass(frozen=True)
class TakenBack:
    """A withdrawn project: what it still holds of gifts, and what has gone back to how many."""

    code: str
    title: str
    held: Money
    returned: Money
    gifts: int


@dataclass(frozen=True)
class Waiting:
    """What stands in a fund and is allocated to no project yet; no tag is the pool."""

    tag: str
    amount: Money


def policies(session: Session) -> tuple[PolicyView, ...]:
    """Read every version of the weights, newest first."""
    rows = session.scalars(select(AllocationPolicy).order_by(AllocationPolicy.version.desc()))
    return tuple(
        PolicyView(
            id=one.id,
            version=one.version,
            rule=one.rule,
            weights={uuid.UUID(project): weight for project, weight in one.weights.items()},
            reason=one.reason,
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            approved_by=one.approved_by,
            approved_at=one.approved_at,
        )
        for one in rows
    )


def epochs(session: Session, *, limit: int = 20) -> tuple[EpochView, ...]:
    """Read the epochs, newest first, with what each has awarded."""
    rows = session.execute(
        select(
            AllocationEpoch,
            AllocationPolicy.version,
            func.coalesce(func.sum(AllocationRow.amount), 0),
            func.count(func.distinct(AllocationRow.donation_id)),
        )
        .join(AllocationPolicy, AllocationPolicy.id == AllocationEpoch.policy_id)
        .outerjoin(AllocationRow, AllocationRow.epoch_id == AllocationEpoch.id)
        .group_by(AllocationEpoch.id, AllocationPolicy.version)
        .order_by(AllocationEpoch.id.desc())
        .limit(limit)
    )
    return tuple(
        _epoch(one, version, int(total), int(count)) for one, version, total, count in rows
    )


def published(
    session: Session, *, limit: int = 20, currency: str | None = None, tag: str | None = None
) -> tuple[PublicRun, ...]:
    """Read the approved runs, newest first, with what each project got; of one fund if asked."""
    ours = [] if currency is None else [AllocationEpoch.currency == currency]
    ours += [] if tag is None else [AllocationEpoch.tag == tag]
    found = session.execute(
        select(AllocationEpoch, AllocationPolicy)
        .join(AllocationPolicy, AllocationPolicy.id == AllocationEpoch.policy_id)
        .where(AllocationEpoch.opened_at.is_not(None), *ours)
        .order_by(AllocationEpoch.opened_at.desc(), AllocationEpoch.id.desc())
        .limit(limit)
    ).all()
    ids = [epoch.id for epoch, _ in found]
    awarded: dict[tuple[uuid.UUID, uuid.UUID], int] = {}
    for epoch_id, project_id, total in session.execute(
        select(AllocationRow.epoch_id, AllocationRow.project_id, func.sum(AllocationRow.amount))
        .where(AllocationRow.epoch_id.in_(ids))
        .group_by(AllocationRow.epoch_id, AllocationRow.project_id)
    ):
        if epoch_id is not None:
            awarded[epoch_id, project_id] = int(total)
    gifts: dict[uuid.UUID | None, int] = {
        epoch_id: int(count)
        for epoch_id, count in session.execute(
            select(AllocationRow.epoch_id, func.count(func.distinct(AllocationRow.donation_id)))
            .where(AllocationRow.epoch_id.in_(ids))
            .group_by(AllocationRow.epoch_id)
        )
    }
    named = {uuid.UUID(one) for epoch, _ in found for one in epoch.weights}
    projects = {
        one.id: one for one in session.scalars(select(Project).where(Project.id.in_(named)))
    }
    return tuple(
        _published(epoch, policy, awarded, gifts.get(epoch.id, 0), projects)
        for epoch, policy in found
        if epoch.opened_at is not None
    )


def compared(preview: Preview, before: PublicRun) -> tuple[Change, ...]:
    """Hold a run that is looked at against the one before, project by project, by code."""
    now = {row.code: row for row in preview.rows if row.weight}
    then = {row.code: row for row in before.rows}
    changes = []
    for code in sorted(now.keys() | then.keys()):
        new, old = now.get(code), then.get(code)
        changes.append(
            Change(
                code=code,
                title=new.title if new else old.title if old else "",
                weight=new.weight if new else 0,
                before_weight=old.weight if old else 0,
                amount=new.amount if new else None,
                before=old.awarded if old else None,
            )
        )
    return tuple(changes)


def waiting(session: Session) -> tuple[Waiting, ...]:
    """Read what every fund holds that no project got yet, the pool first."""
    rows = session.execute(
        select(Account.code, Account.currency, -func.sum(Posting.amount))
        .join(Posting, Posting.account_id == Account.id)
        .where(Account.code.startswith("Liabilities:Fund:"))
        .group_by(Account.code, Account.currency)
        .having(func.sum(Posting.amount) != 0)
        .order_by(Account.code)
    )
    return tuple(
        Waiting(
            "" if code == chart.pool(currency) else code.split(":")[-2],
            Money(int(held), currency),
        )
        for code, currency, held in rows
    )


def to_take_back(session: Session) -> tuple[TakenBack, ...]:
    """Read the withdrawn projects with what they still hold or gave back, by code."""
    found = session.execute(
        select(Project.id, Project.code, Project.title, Account.currency, func.sum(-Posting.amount))
        .join(Account, Account.project_id == Project.id)
        .join(Posting, Posting.account_id == Account.id)
        .where(Project.status == ProjectStatus.WITHDRAWN)
        .group_by(Project.id, Project.code, Project.title, Account.currency)
        .order_by(Project.code)
    ).all()
    returned = {
        (project_id, currency): (int(total), int(count))
        for project_id, currency, total, count in session.execute(
            select(
                AllocationRow.project_id,
                Donation.settled_currency,
                -func.sum(AllocationRow.amount),
                func.count(func.distinct(AllocationRow.donation_id)),
            )
            .join(Entry, Entry.id == AllocationRow.entry_id)
            .join(Donation, Donation.id == AllocationRow.donation_id)
            .where(Entry.kind == "deallocation")
            .group_by(AllocationRow.project_id, Donation.settled_currency)
        )
    }
    lines = []
    for project_id, code, title, currency, held in found:
        total, count = returned.get((project_id, currency), (0, 0))
        lines.append(
            TakenBack(
                code=code or "",
                title=title,
                held=Money(int(held), currency),
                returned=Money(total, currency),
                gifts=count,
            )
        )
    return tuple(lines)


def _published(
    epoch: AllocationEpoch,
    policy: AllocationPolicy,
    awarded: Mapping[tuple[uuid.UUID, uuid.UUID], int],
    gifts: int,
    projects: Mapping[uuid.UUID, Project],
) -> PublicRun:
    rows = []
    for text, weight in epoch.weights.items():
        one = uuid.UUID(text)
        got, cap = awarded.get((epoch.id, one), 0), epoch.caps[text]
        rows.append(
            RunRow(
                code=projects[one].code or "",
                slug=projects[one].slug,
                title=projects[one].title,
                language=projects[one].language,
                weight=weight,
                cap=Money(cap, epoch.currency),
                awarded=Money(got, epoch.currency),
                why="cap_reached" if got == cap else "by_weight",
            )
        )
    return PublicRun(
        id=epoch.id,
        policy_version=policy.version,
        rule=policy.rule,
        reason=policy.reason,
        tag=epoch.tag,
        opened_at=epoch.opened_at or epoch.proposed_at,
        closed_at=epoch.closed_at,
        close_reason=epoch.close_reason,
        renewed=epoch.renews_id is not None,
        gifts=gifts,
        awarded=Money(sum(row.awarded.minor for row in rows), epoch.currency),
        rows=tuple(sorted(rows, key=lambda row: row.code)),
    )


def _epoch(one: AllocationEpoch, version: int, awarded: int, count: int) -> EpochView:
    state = "closed" if one.closed_at else "open" if one.opened_at else "waiting"
    return EpochView(
        id=one.id,
        policy_version=version,
        currency=one.currency,
        tag=one.tag,
        state=state,
        weights={uuid.UUID(project): weight for project, weight in one.weights.items()},
        caps={uuid.UUID(project): Money(cap, one.currency) for project, cap in one.caps.items()},
        awarded=Money(awarded, one.currency),
        gifts=count,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        approved_by=one.approved_by,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        close_reason=one.close_reason,
    )
