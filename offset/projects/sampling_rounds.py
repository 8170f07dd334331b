"""When is soil sampled, where and how deep, and against which baseline?

A round is planned with its strata. What was planned stays: a round that no longer holds is called
off with its reason.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from calculators.soil.equivalent_mass import Layer
from calculators.soil.samples import Core
from calculators.soil.stock import fine_earth_density
from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people.access import Actor, Right
from offset.projects import geojson, lifecycle
from offset.projects.application_models import ApplicationSite
from offset.projects.layer_checks import Land
from offset.projects.measurement_models import (
    Design,
    LayerFile,
    SamplingRound,
    SamplingStratum,
    SoilCore,
    SoilLayer,
)
from offset.projects.models import Project, ProjectStatus
from offset.projects.organisations import own_project

SHALLOWEST_CM: Final = 30
DEEPEST_CM: Final = 300
MOST_STRATA: Final = 50
MOST_CORES: Final = 10_000
FEWEST_CORES: Final = 2
LONGEST: Final = 100
_MOST_YEARS: Final = 30
_AREA_SLACK: Final = 1.01


@dataclass(frozen=True)
class Part:
    """A stratum as somebody plans it."""

    name: str
    area_ha: float
    cores: int


def plan(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    planned_on: date,
    depth_cm: int,
    design: Design,
    strata: Sequence[Part] = (),
    baseline_id: uuid.UUID | None = None,
    note: str = "",
) -> uuid.UUID:
    """Plan a sampling; a round with a baseline goes back to the strata of that baseline.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project; ``round_unknown`` for the baseline.
    InvalidInput
        ``too_shallow``, ``depth_beyond``, ``days_out_of_order``, ``day_too_far``, ``too_long``,
        ``strata_missing``, ``stratum_named_twice``, ``stratum_unfit``, ``areas_exceed``.
    Refused
        ``project_closed``; ``baseline_unfit`` for one that has a baseline itself or was called
        off.
    """
    project = _open_project(session, actor, project_id)
    if not SHALLOWEST_CM <= depth_cm <= DEEPEST_CM:
        code = "too_shallow" if depth_cm < SHALLOWEST_CM else "depth_beyond"
        raise InvalidInput(code, field="depth_cm", lowest=SHALLOWEST_CM, highest=DEEPEST_CM)
    if planned_on > utc_day(at) + timedelta(days=366 * _MOST_YEARS):
        raise InvalidInput("day_too_far", field="planned_on")
    if len(note) > LONGEST * 10:
        raise InvalidInput("too_long", field="note", longest=LONGEST * 10)
    baseline = _baseline(session, project, baseline_id, planned_on, depth_cm)
    parts = _parts_of(session, baseline) if baseline else _parts(project, strata)
    numbers = session.scalars(
        select(SamplingRound.number).where(SamplingRound.project_id == project.id)
    ).all()
    row = SamplingRound(
        id=uuid7(at),
        project_id=project.id,
        number=max(numbers, default=-1) + 1,
        baseline_id=baseline.id if baseline else None,
        design=design,
        planned_on=planned_on,
        depth_cm=depth_cm,
        note=note.strip(),
        planned_at=at,
        planned_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    session.add_all(
        SamplingStratum(
            id=uuid7(at),
            round_id=row.id,
            position=position,
            name=part.name,
            area_ha=part.area_ha,
            cores=part.cores,
        )
        for position, part in enumerate(parts, start=1)
    )
    session.flush()
    lifecycle.note(session, project, "plan_sampling", actor=actor, at=at)
    return row.id


def call_off(
    session: Session, *, actor: Actor, at: datetime, round_id: uuid.UUID, reason: str
) -> None:
    """Call a planned round off, for good and with the reason; its number is not used again.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project; ``round_unknown``.
    InvalidInput
        ``reason_missing``.
    Refused
        ``round_taken`` once its cores are there; ``round_called_off`` already.
    """
    row, project = own_round(session, actor, round_id)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    if row.called_off_at is not None:
        raise Refused("round_called_off")
    if current_file(session, row.id) is not None:
        raise Refused("round_taken")
    row.called_off_at, row.called_off_by = at, actor.user_id
    row.called_off_because = reason.strip()[: LONGEST * 10]
    session.flush()
    lifecycle.note(session, project, "call_off_sampling", actor=actor, at=at, reason=reason)


def own_round(session: Session, actor: Actor, round_id: uuid.UUID) -> tuple[SamplingRound, Project]:
    """Return a round of a project that the actor may act for, with its project.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project; ``round_unknown``.
    """
    row = session.get(SamplingRound, round_id)
    if row is None:
        raise NotFound("round_unknown")
    return row, _open_project(session, actor, row.project_id)


def current_file(session: Session, round_id: uuid.UUID) -> LayerFile | None:
    """Return the file of a round that no other has replaced."""
    return session.scalars(
        select(LayerFile)
        .where(LayerFile.round_id == round_id)
        .order_by(LayerFile.version.desc())
        .limit(1)
    ).first()


def cores_of(session: Session, file_id: uuid.UUID) -> tuple[Core, ...]:
    """Read the cores of a file as the arithmetic takes them."""
    rows = session.execute(
        select(SoilCore.id, SoilCore.stratum, SoilCore.name, SoilLayer)
        .join(SoilLayer, SoilLayer.core_id == SoilCore.id)
        .where(SoilCore.file_id == file_id)
        .order_by(SoilCore.stratum, SoilCore.name, SoilLayer.position)
    )
    grouped: dict[uuid.UUID, tuple[str, str, list[Layer]]] = {}
    for core_id, stratum, name, layer in rows:
        density = fine_earth_density(layer.density, layer.basis, layer.stones)
        thickness = layer.bottom_cm - layer.top_cm
        grouped.setdefault(core_id, (stratum, name, []))[2].append(
            Layer(thickness, density, layer.carbon_g_kg)
        )
    return tuple(Core(0, stratum, name, tuple(told)) for stratum, name, told in grouped.values())


def strata_of(session: Session, round_id: uuid.UUID) -> tuple[SamplingStratum, ...]:
    """Return the strata of a round in their order."""
    return tuple(
        session.scalars(
            select(SamplingStratum)
            .where(SamplingStratum.round_id == round_id)
            .order_by(SamplingStratum.position)
        )
    )


def land_of(session: Session, project: Project) -> Land:
    """Return where cores of a project may come from."""
    outlines = session.scalars(
        select(ApplicationSite.outline)
        .where(ApplicationSite.application_id == project.application_id)
        .order_by(ApplicationSite.position)
    ).all()
    middle = (
        (project.latitude, project.longitude)
        if project.latitude is not None and project.longitude is not None
        else None
    )
    return Land(tuple(geojson.kept(one) for one in outlines), middle)


def _open_project(session: Session, actor: Actor, project_id: uuid.UUID) -> Project:
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    if project.status is ProjectStatus.WITHDRAWN:
        raise Refused("project_closed", status=project.status.value)
    return project


def _baseline(
    session: Session,
    project: Project,
    baseline_id: uuid.UUID | None,
    planned_on: date,
    depth_cm: int,
) -> SamplingRound | None:
    if baseline_id is None:
        return None
    row = session.get(SamplingRound, baseline_id)
    if row is None or row.project_id != project.id:
        raise NotFound("round_unknown")
    if row.baseline_id is not None or row.called_off_at is not None:
        raise Refused("baseline_unfit", field="baseline_id")
    if planned_on <= row.planned_on:
        raise InvalidInput("days_out_of_order", field="planned_on")
    if depth_cm > row.depth_cm:
        raise InvalidInput("deeper_than_baseline", field="depth_cm", highest=row.depth_cm)
    return row


def _parts_of(session: Session, baseline: SamplingRound) -> tuple[Part, ...]:
    return tuple(Part(s.name, s.area_ha, s.cores) for s in strata_of(session, baseline.id))


def _parts(project: Project, strata: Sequence[Part]) -> tuple[Part, ...]:
    """Check the strata of a baseline: names, areas, cores, and that they fit into the land."""
    if not strata or len(strata) > MOST_STRATA:
        raise InvalidInput("strata_missing", field="strata", highest=MOST_STRATA)
    tidy = tuple(Part(" ".join(p.name.split()), p.area_ha, p.cores) for p in strata)
    for part in tidy:
        if (
            not 0 < len(part.name) <= LONGEST
            or not 0 < part.area_ha < float("inf")
            or not FEWEST_CORES <= part.cores <= MOST_CORES
        ):
            raise InvalidInput("stratum_unfit", field="strata", name=part.name, fewest=FEWEST_CORES)
    if len({part.name.casefold() for part in tidy}) < len(tidy):
        raise InvalidInput("stratum_named_twice", field="strata")
    whole = sum(part.area_ha for part in tidy)
    if project.area_ha is not None and whole > project.area_ha * _AREA_SLACK:
        raise InvalidInput("areas_exceed", field="strata", strata=whole, project=project.area_ha)
    return tidy
