"""Which promises about soil can be scored, and how many measured values did our ranges hold?

A value counts when its projection was sealed before the cores were taken that it is held against.
Every standing outcome of a project that was ever public is looked at, withdrawn projects too: what
is left out is counted and said.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from calculators.soil import calibration
from calculators.soil.calibration import Score
from offset.clock import utc_day
from offset.projects.measurement_models import MeasuredRounds
from offset.projects.models import Application, Outcome, Project, Projection, Verdict

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Promise:
    """A measured change held against the range that was sealed before [tC/ha]."""

    outcome_id: uuid.UUID
    slug: str
    title: str
    language: str
    method: str
    climate: str
    years: float
    sealed_on: date
    sampled_on: date
    low: float
    high: float
    change: float
    measured_low: float
    measured_high: float
    verdict: Verdict
    place: str
    synthetic: bool


@dataclass(frozen=True)
class Group:
    """How often the ranges of one method, or in one climate, held."""

    key: str
    score: Score
    below: int
    above: int


@dataclass(frozen=True)
class Scored:
    """All promises that can be scored, and what cannot."""

    promises: tuple[Promise, ...]
    whole: Group
    by_method: tuple[Group, ...]
    by_climate: tuple[Group, ...]
    projects: int
    late: int
    without: int
    not_measured: int

    @property
    def synthetic(self) -> int:
        """How many of the values were invented for a demonstration."""
        return sum(one.synthetic for one in self.promises)


def scored(session: Session) -> Scored:
    """Score every promise, in two statements."""
    newer = aliased(Outcome)
    rows = session.execute(
        select(
            Outcome,
            Project.id.label("project_id"),
            Project.slug,
            Project.title,
            Project.language,
            Projection,
            Application.document,
            MeasuredRounds.first_taken_on,
        )
        .join(Project, Project.id == Outcome.project_id)
        .outerjoin(Projection, Projection.id == Outcome.projection_id)
        .outerjoin(Application, Application.id == Projection.application_id)
        .outerjoin(MeasuredRounds, MeasuredRounds.measurement_id == Outcome.measurement_id)
        .where(Project.code.is_not(None))
        .where(~select(newer.id).where(newer.supersedes_id == Outcome.id).exists())
        .order_by(Outcome.sampled_on.desc(), Outcome.id)
    ).all()
    promises = tuple(_promise(row) for row in rows if _in_time(row))
    measured = {row.project_id for row in rows}
    public = session.scalar(
        select(func.count()).select_from(Project).where(Project.code.is_not(None))
    )
    return Scored(
        promises=promises,
        whole=_group("", promises),
        by_method=_groups(promises, lambda one: one.method),
        by_climate=_groups(promises, lambda one: one.climate),
        projects=len({one.slug for one in promises}),
        late=sum(row.Projection is not None and not _in_time(row) for row in rows),
        without=sum(row.Projection is None for row in rows),
        not_measured=(public or 0) - len(measured),
    )


def document(told: Scored) -> dict[str, Any]:
    """Return the same as plain values, for programs."""
    return {
        "promised_share": calibration.PROMISED,
        "method": f"{calibration.METHOD} {calibration.VERSION}",
        "all": told.whole.score.as_json(),
        "by_method": {one.key: one.score.as_json() for one in told.by_method},
        "by_climate": {one.key: one.score.as_json() for one in told.by_climate},
        "projection_sealed_too_late": told.late,
        "no_projection": told.without,
        "projects_not_yet_measured": told.not_measured,
        "values": [
            {
                "project": one.slug,
                "projection_method": one.method,
                "climate": one.climate,
                "years": one.years,
                "projection_sealed_on": one.sealed_on.isoformat(),
                "sampled_on": one.sampled_on.isoformat(),
                "projected_tc_ha": {"low": one.low, "high": one.high, "coverage": 0.90},
                "measured_tc_ha": {
                    "change": one.change,
                    "low": one.measured_low,
                    "high": one.measured_high,
                    "coverage": 0.95,
                },
                "verdict": one.verdict.value,
                "place": one.place,
                "synthetic": one.synthetic,
            }
            for one in told.promises
        ],
    }


def _in_time(row: Row[Any]) -> bool:
    """Say whether a projection was sealed before the day of the first core it is held against."""
    if row.Projection is None:
        return False
    first: date = row.first_taken_on or row.Outcome.sampled_on
    return utc_day(row.Projection.published_at) < first


def _promise(row: Row[Any]) -> Promise:
    outcome: Outcome = row.Outcome
    projection: Projection = row.Projection
    years = min(outcome.years, projection.years)
    low, high = round(projection.p05 * years, 4), round(projection.p95 * years, 4)
    land = (row.document or {}).get("land", {})
    return Promise(
        outcome_id=outcome.id,
        slug=row.slug,
        title=row.title,
        language=row.language,
        method=projection.method,
        climate=str(projection.inputs.get("climate") or land.get("climate") or UNKNOWN),
        years=outcome.years,
        sealed_on=utc_day(projection.published_at),
        sampled_on=outcome.sampled_on,
        low=low,
        high=high,
        change=outcome.change,
        measured_low=outcome.low,
        measured_high=outcome.high,
        verdict=outcome.verdict,
        place=calibration.place(outcome.change, low, high),
        synthetic=bool(outcome.synthetic),
    )


def _groups(promises: Iterable[Promise], key: Callable[[Promise], str]) -> tuple[Group, ...]:
    held: dict[str, list[Promise]] = {}
    for one in promises:
        held.setdefault(key(one), []).append(one)
    return tuple(_group(name, told) for name, told in sorted(held.items()))


def _group(key: str, promises: Sequence[Promise]) -> Group:
    places = [one.place for one in promises]
    inside = places.count(calibration.WITHIN)
    return Group(
        key,
        calibration.score(inside, len(places)),
        places.count(calibration.BELOW),
        places.count(calibration.ABOVE),
    )
