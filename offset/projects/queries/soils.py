"""What may a soil gain, what did it gain, and which sentence do the two allow?"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from offset.projects.measurement_models import MeasuredRounds
from offset.projects.models import (
    POSITIVE,
    Application,
    Decision,
    Outcome,
    Project,
    Projection,
    ProjectStatus,
    Verdict,
)
from offset.projects.sampled import DepthRow, depth_rows


@dataclass(frozen=True)
class ProjectionView:
    """The published expectation of a soil [tC/ha/yr], with everything needed to repeat it."""

    id: uuid.UUID
    method: str
    method_version: str
    table_version: str
    policy: str
    policy_version: str
    inputs: Mapping[str, Any]
    years: int
    depth_cm: int
    stock_tc_ha: float | None
    central: float
    p05: float
    p33: float
    p95: float
    p_gain: float
    draws: int
    seed: int
    generator: str
    buffer_pct: float
    buffer_reason: str
    published_at: datetime
    superseded: bool
    reason: str | None

    @property
    def includes_zero(self) -> bool:
        """Whether the 90 % range holds zero, which the page must say."""
        return self.p05 <= 0 <= self.p95


@dataclass(frozen=True)
class OutcomeView:
    """A measured change [tC/ha] with its 95 % interval and verdict."""

    id: uuid.UUID
    method: str
    method_version: str
    baseline_on: date
    sampled_on: date
    years: float
    depth_cm: int
    cores: int
    baseline_tc_ha: float
    change: float
    low: float
    high: float
    conservative: float
    verdict: Verdict
    laboratory: str
    laboratory_method: str
    synthetic: bool
    published_at: datetime
    projection_id: uuid.UUID | None
    superseded: bool
    reason: str | None
    profile: tuple[DepthRow, ...] = ()


@dataclass(frozen=True)
class MeasuredNews:
    """A published outcome together with its project, as feeds name it.

    ``changed_at`` is when it was published, or later superseded.
    """

    slug: str
    project_title: str
    outcome: OutcomeView
    projection: ProjectionView | None
    changed_at: datetime


@dataclass(frozen=True)
class Claim:
    """The facts of the one sentence about a project's soil; the page finds the words.

    ``overlap`` says where the measured interval lies against the projected range for the same
    years: ``below``, ``within`` or ``above``, and None without a projection.
    ``difference_percent`` is there only where the two stand apart.
    """

    verdict: Verdict
    change: float
    low: float
    high: float
    years: float
    sampled_on: date
    projected: float | None
    projected_low: float | None
    projected_high: float | None
    overlap: str | None
    difference_percent: float | None
    synthetic: bool


@dataclass(frozen=True)
class HorizonCounts:
    """Figures of the landing page: what the committee decided, what the soils said."""

    applications: int
    decided: int
    positive: int
    gain: int
    no_change: int
    loss: int
    not_yet: int


def claim(outcomes: Sequence[OutcomeView], projections: Sequence[ProjectionView]) -> Claim | None:
    """Return the facts of the claim sentence from the newest standing outcome, if there is one."""
    standing = [one for one in outcomes if not one.superseded]
    if not standing:
        return None
    return claim_of(max(standing, key=lambda one: (one.sampled_on, one.published_at)), projections)


def claim_of(latest: OutcomeView, projections: Sequence[ProjectionView]) -> Claim:
    """Return the facts of the claim sentence about one outcome."""
    expected = next((one for one in projections if one.id == latest.projection_id), None)
    projected = low = high = difference = None
    overlap: str | None = None
    if expected is not None:
        years = min(latest.years, expected.years)
        projected = round(expected.p33 * years, 4)
        low, high = round(expected.p05 * years, 4), round(expected.p95 * years, 4)
        overlap = _overlap(latest, low, high)
        middle = expected.central * years
        if overlap != "within" and middle:
            difference = round((latest.change - middle) / abs(middle) * 100, 1)
    return Claim(
        verdict=latest.verdict,
        change=latest.change,
        low=latest.low,
        high=latest.high,
        years=latest.years,
        sampled_on=latest.sampled_on,
        projected=projected,
        projected_low=low,
        projected_high=high,
        overlap=overlap,
        difference_percent=difference,
        synthetic=latest.synthetic,
    )


def horizon_counts(session: Session) -> HorizonCounts:
    """Count applications, positive decisions and soil verdicts for the landing page."""
    handed_in = session.scalar(
        select(func.count()).select_from(Application).where(Application.submitted_at.is_not(None))
    )
    decided, positive = session.execute(
        select(
            func.count(), func.sum(case((Decision.outcome.in_(POSITIVE), 1), else_=0))
        ).select_from(Decision)
    ).one()
    public = select(Project.id).where(
        Project.code.is_not(None), Project.status != ProjectStatus.WITHDRAWN
    )
    ids = session.scalars(public).all()
    verdicts = list(latest_verdicts(session, ids).values())
    return HorizonCounts(
        applications=handed_in or 0,
        decided=decided,
        positive=int(positive or 0),
        gain=verdicts.count(Verdict.GAIN),
        no_change=verdicts.count(Verdict.NO_CHANGE),
        loss=verdicts.count(Verdict.LOSS),
        not_yet=len(ids) - len(verdicts),
    )


def not_replaced(table: type[Projection] | type[Outcome]) -> ColumnElement[bool]:
    """Keep only what no later row supersedes."""
    newer = aliased(table)
    return ~select(newer.id).where(newer.supersedes_id == table.id).exists()


def latest_verdicts(
    session: Session, project_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Verdict]:
    """Return the verdict of each project's newest standing outcome."""
    rows = session.execute(
        select(Outcome.project_id, Outcome.verdict)
        .where(Outcome.project_id.in_(project_ids), not_replaced(Outcome))
        .order_by(Outcome.sampled_on, Outcome.published_at)
    )
    return {row.project_id: row.verdict for row in rows}


def projections_of(session: Session, project_id: uuid.UUID) -> tuple[ProjectionView, ...]:
    """Return what was projected for a soil, newest first, superseded ones marked."""
    rows = session.scalars(
        select(Projection)
        .where(Projection.project_id == project_id)
        .order_by(Projection.published_at.desc(), Projection.id.desc())
    ).all()
    replaced = {row.supersedes_id for row in rows}
    return tuple(_projection(row, superseded=row.id in replaced) for row in rows)


def outcomes_of(session: Session, project_id: uuid.UUID) -> tuple[OutcomeView, ...]:
    """Return what was measured in a soil, newest first, superseded ones marked."""
    found = session.execute(
        select(Outcome, MeasuredRounds.profile)
        .outerjoin(MeasuredRounds, MeasuredRounds.measurement_id == Outcome.measurement_id)
        .where(Outcome.project_id == project_id)
        .order_by(Outcome.sampled_on.desc(), Outcome.published_at.desc())
    ).all()
    replaced = {row.supersedes_id for row, _ in found}
    return tuple(
        _outcome(row, depth_rows(profile) if profile else (), superseded=row.id in replaced)
        for row, profile in found
    )


def measured(
    session: Session, *, project_id: uuid.UUID | None = None, limit: int = 50
) -> tuple[MeasuredNews, ...]:
    """Return the newest outcomes of one project or of all, as a feed lists them."""
    newer = aliased(Outcome)
    wanted = [] if project_id is None else [Outcome.project_id == project_id]
    rows = session.execute(
        select(Outcome, Projection, Project.slug, Project.title, newer.published_at)
        .join(Project, Project.id == Outcome.project_id)
        .outerjoin(Projection, Projection.id == Outcome.projection_id)
        .outerjoin(newer, newer.supersedes_id == Outcome.id)
        .where(Project.code.is_not(None), Project.status != ProjectStatus.WITHDRAWN, *wanted)
        .order_by(Outcome.published_at.desc(), Outcome.id.desc())
        .limit(limit)
    )
    return tuple(
        MeasuredNews(
            slug=slug,
            project_title=title,
            outcome=_outcome(row, (), superseded=replaced_at is not None),
            projection=_projection(expected, superseded=False) if expected else None,
            changed_at=replaced_at or row.published_at,
        )
        for row, expected, slug, title, replaced_at in rows
    )


def _projection(row: Projection, *, superseded: bool) -> ProjectionView:
    return ProjectionView(
        id=row.id,
        method=row.method,
        method_version=row.method_version,
        table_version=row.table_version,
        policy=row.policy,
        policy_version=row.policy_version,
        inputs=row.inputs,
        years=row.years,
        depth_cm=row.depth_cm,
        stock_tc_ha=row.stock_tc_ha,
        central=row.central,
        p05=row.p05,
        p33=row.p33,
        p95=row.p95,
        p_gain=row.p_gain,
        draws=row.draws,
        seed=row.seed,
        generator=row.generator,
        buffer_pct=row.buffer_pct,
        buffer_reason=row.buffer_reason,
        published_at=row.published_at,
        superseded=superseded,
        reason=row.reason,
    )


def _outcome(row: Outcome, profile: tuple[DepthRow, ...], *, superseded: bool) -> OutcomeView:
    return OutcomeView(
        id=row.id,
        method=row.method,
        method_version=row.method_version,
        baseline_on=row.baseline_on,
        sampled_on=row.sampled_on,
        years=row.years,
        depth_cm=row.depth_cm,
        cores=row.cores,
        baseline_tc_ha=row.baseline_tc_ha,
        change=row.change,
        low=row.low,
        high=row.high,
        conservative=row.conservative,
        verdict=row.verdict,
        laboratory=row.laboratory,
        laboratory_method=row.laboratory_method,
        synthetic=bool(row.synthetic),
        published_at=row.published_at,
        projection_id=row.projection_id,
        superseded=superseded,
        reason=row.reason,
        profile=profile,
    )


def _overlap(measured: OutcomeView, low: float, high: float) -> str:
    if measured.high < low:
        return "below"
    return "above" if measured.low > high else "within"
