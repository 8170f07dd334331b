"""Which projects does a list show, and what does a card say of each?"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from offset.ledger import balances
from offset.ledger.balances import ProjectTotals
from offset.money import Money
from offset.projects import places
from offset.projects.models import (
    POSITIVE,
    CriteriaSet,
    DecisionOutcome,
    Organisation,
    Project,
    Projection,
    ProjectStatus,
    Verdict,
)
from offset.projects.queries.gates import LISTED, Standing, gate_of, overdue, standings, target_of
from offset.projects.queries.soils import latest_verdicts, not_replaced


@dataclass(frozen=True)
class Card:
    """A project as a list shows it."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    summary: str
    language: str
    organisation: str
    country: str | None
    region: str | None
    position: tuple[float, float] | None
    practice: str | None
    area_ha: float | None
    status: ProjectStatus
    accepts_gifts: bool
    report_overdue: bool
    target: Money
    totals: ProjectTotals
    outcome: DecisionOutcome | None
    decided_on: date | None
    criteria_version: str | None
    p05: float | None
    p33: float | None
    p95: float | None
    p_gain: float | None
    verdict: Verdict | None


def cards(
    session: Session,
    *,
    on: date,
    statuses: Collection[ProjectStatus] = LISTED,
    country: str | None = None,
    practice: str | None = None,
) -> tuple[Card, ...]:
    """Return the projects of the public list, by title."""
    wanted: list[ColumnElement[bool]] = [
        Project.status.in_(statuses),
        Project.code.is_not(None),
    ]
    if country:
        wanted.append(Project.country == country)
    if practice:
        wanted.append(Project.practice == practice)
    found = standings(session, on, *wanted)
    ids = [one.project.id for one in found]
    totals = totals_of(session, [one.project for one in found])
    names = {
        row.id: row.name
        for row in session.execute(
            select(Project.id, Organisation.name)
            .join(Organisation, Organisation.id == Project.organisation_id)
            .where(Project.id.in_(ids))
        )
    }
    versions = {
        row.id: row.version for row in session.execute(select(CriteriaSet.id, CriteriaSet.version))
    }
    projections = {
        row.project_id: row
        for row in session.scalars(
            select(Projection).where(Projection.project_id.in_(ids), not_replaced(Projection))
        )
    }
    verdicts = latest_verdicts(session, ids)
    made = [
        _card(
            one,
            on=on,
            organisation=names[one.project.id],
            totals=totals[one.project.id],
            versions=versions,
            projection=projections.get(one.project.id),
            verdict=verdicts.get(one.project.id),
        )
        for one in found
    ]
    return tuple(sorted(made, key=lambda card: card.title.casefold()))


def _card(
    one: Standing,
    *,
    on: date,
    organisation: str,
    totals: ProjectTotals,
    versions: Mapping[uuid.UUID, str],
    projection: Projection | None,
    verdict: Verdict | None,
) -> Card:
    project, decision = one.project, one.decision
    shown = decision if decision is not None and decision.outcome in POSITIVE else None
    return Card(
        project_id=project.id,
        code=project.code or "",
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        language=project.language,
        organisation=organisation,
        country=project.country,
        region=project.region,
        position=position_of(project),
        practice=project.practice,
        area_ha=project.area_ha,
        status=project.status,
        accepts_gifts=gate_of(one, on).open,
        report_overdue=overdue(project.report_due_on, on),
        target=target_of(project),
        totals=totals,
        outcome=shown.outcome if shown else None,
        decided_on=shown.decided_on if shown else None,
        criteria_version=versions[shown.criteria_set_id] if shown else None,
        p05=projection.p05 if projection else None,
        p33=projection.p33 if projection else None,
        p95=projection.p95 if projection else None,
        p_gain=projection.p_gain if projection else None,
        verdict=verdict,
    )


def totals_of(session: Session, projects: Collection[Project]) -> dict[uuid.UUID, ProjectTotals]:
    """Read what projects were allocated and paid, one statement a currency."""
    found: dict[uuid.UUID, ProjectTotals] = {}
    for currency in sorted({project.currency for project in projects}):
        ids = [project.id for project in projects if project.currency == currency]
        found.update(balances.project_totals(session, ids, currency))
    return found


class _Placed(Protocol):
    """A row with a position."""

    @property
    def latitude(self) -> float | None:
        """Degrees north."""

    @property
    def longitude(self) -> float | None:
        """Degrees east."""


def position_of(project: _Placed) -> places.Point | None:
    """Return where a project is, as far as the public may know."""
    if project.latitude is None or project.longitude is None:
        return None
    return places.rounded((project.latitude, project.longitude))
