"""By which weights and in which runs was money spread, and by whom were they set?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    AllocationRow,
)
from offset.money import Money


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
