"""What does a project watch besides its carbon, and where does it stand?"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.projects.models import (
    Evidence,
    Family,
    Indicator,
    IndicatorValue,
)


@dataclass(frozen=True)
class IndicatorView:
    """An indicator with its latest value."""

    id: uuid.UUID
    name: str
    language: str
    unit: str
    baseline: float | None
    target: float | None
    latest: float | None
    observed_on: date | None
    evidence: Evidence
    source: str


@dataclass(frozen=True)
class FamilyView:
    """One family of outcomes and its indicators; the three come in fixed order."""

    family: Family
    indicators: tuple[IndicatorView, ...]


def families_of(session: Session, project_id: uuid.UUID) -> tuple[FamilyView, ...]:
    """Return the three families with the latest value of each indicator."""
    latest = (
        select(IndicatorValue.id)
        .where(IndicatorValue.indicator_id == Indicator.id)
        .order_by(IndicatorValue.observed_on.desc(), IndicatorValue.id.desc())
        .limit(1)
        .correlate(Indicator)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Indicator, IndicatorValue)
        .outerjoin(IndicatorValue, IndicatorValue.id == latest)
        .where(Indicator.project_id == project_id, Indicator.retired_at.is_(None))
        .order_by(Indicator.position)
    ).all()
    return tuple(
        FamilyView(
            family,
            tuple(_indicator(one, value) for one, value in rows if one.family is family),
        )
        for family in Family
    )


def _indicator(one: Indicator, value: IndicatorValue | None) -> IndicatorView:
    return IndicatorView(
        id=one.id,
        name=one.name,
        language=one.language,
        unit=one.unit,
        baseline=one.baseline,
        target=one.target,
        latest=value.value if value else None,
        observed_on=value.observed_on if value else None,
        evidence=value.evidence if value else one.evidence,
        source=value.source if value else one.source,
    )
