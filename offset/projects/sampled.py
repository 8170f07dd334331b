"""What was planned, what was measured, and what is not yet measured? For each pair of eyes.

Stewards, the secretariat and committee members without an interest read files and cores; the
public reads days, counts, hashes and positions rounded to ten kilometres.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.errors import NotFound
from offset.people.access import Actor, Right, may, require
from offset.projects import places, recusals
from offset.projects.measurement_models import (
    Design,
    LayerDraft,
    LayerFile,
    MeasuredRounds,
    SamplingRound,
    SamplingStratum,
    SoilCore,
)
from offset.projects.models import (
    Assessment,
    Assignment,
    Measurement,
    MeasurementStatus,
    Outcome,
    Project,
    Verdict,
)
from offset.projects.organisations import Duty, own_project

PLANNED = "planned"
DUE = "due"
MEASURED = "measured"
CALLED_OFF = "called_off"


@dataclass(frozen=True)
class FileView:
    """A committed table of a round; the newest version is the one that counts."""

    id: uuid.UUID
    version: int
    name: str
    size: int
    sha256: str
    key: str
    media_type: str
    laboratory: str
    laboratory_method: str
    layers: int
    cores: int
    first_taken_on: date
    last_taken_on: date
    synthetic: bool
    reason: str | None
    committed_at: datetime


@dataclass(frozen=True)
class RoundView:
    """A round of sampling: its plan, and what came of it."""

    id: uuid.UUID
    project_id: uuid.UUID
    number: int
    baseline_id: uuid.UUID | None
    design: Design
    planned_on: date
    depth_cm: int
    note: str
    called_off_because: str | None
    state: str
    strata: tuple[tuple[str, float, int], ...]
    files: tuple[FileView, ...]

    @property
    def file(self) -> FileView | None:
        """The table that counts."""
        return self.files[0] if self.files else None

    @property
    def area_ha(self) -> float:
        """The land that is sampled [ha]."""
        return sum(area for _name, area, _cores in self.strata)


@dataclass(frozen=True)
class HandedIn:
    """A measurement on its way to the public page."""

    id: uuid.UUID
    project_id: uuid.UUID
    project: str
    slug: str
    status: MeasurementStatus
    baseline_on: date
    sampled_on: date
    depth_cm: int
    strata: tuple[Mapping[str, Any], ...]
    laboratory: str
    laboratory_method: str
    note: str
    synthetic: bool
    submitted_at: datetime
    submitted_by: uuid.UUID | None
    answer: str | None
    files: tuple[FileView, ...]
    profile: Mapping[str, Any]
    round_number: int | None


@dataclass(frozen=True)
class DraftView:
    """A file that was checked and waits to be committed."""

    sha256: str
    key: str
    name: str
    laboratory: str
    laboratory_method: str
    layers: int
    cores: int
    checked_at: datetime


@dataclass(frozen=True)
class StandingOutcome:
    """A published result that nobody has superseded."""

    id: uuid.UUID
    sampled_on: date
    verdict: Verdict
    method: str
    cores: int


@dataclass(frozen=True)
class DepthRow:
    """What a depth of soil held before and later: mean, low and high [g/kg], cores."""

    top_cm: float
    bottom_cm: float
    before: tuple[float, float | None, float | None, int]
    later: tuple[float, float | None, float | None, int] | None


def rounds(
    session: Session, actor: Actor, project_id: uuid.UUID, *, on: date
) -> tuple[RoundView, ...]:
    """List the rounds of a project for somebody who acts for it, earliest first.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not see the project from inside.
    """
    own_project(session, actor, project_id, Right.POST_UPDATE, Duty.SEE)
    return _rounds(session, project_id, on)


def round_of(session: Session, actor: Actor, round_id: uuid.UUID, *, on: date) -> RoundView:
    """Return one round for somebody who acts for its project.

    Raises
    ------
    Forbidden, NotFound
        ``round_unknown``, or for whoever may not see the project from inside.
    """
    project_id = session.scalar(
        select(SamplingRound.project_id).where(SamplingRound.id == round_id)
    )
    if project_id is None:
        raise NotFound("round_unknown")
    return next(one for one in rounds(session, actor, project_id, on=on) if one.id == round_id)


def draft_of(session: Session, round_id: uuid.UUID) -> DraftView | None:
    """Return the file of a round that was checked and may be committed."""
    row = session.get(LayerDraft, round_id)
    if row is None:
        return None
    return DraftView(
        sha256=row.sha256,
        key=row.file_key,
        name=row.name,
        laboratory=row.laboratory,
        laboratory_method=row.laboratory_method,
        layers=row.layers,
        cores=row.cores,
        checked_at=row.checked_at,
    )


def public_rounds(session: Session, project_id: uuid.UUID, *, on: date) -> tuple[RoundView, ...]:
    """List the rounds of a project for everybody, in three statements whatever there is.

    Laboratory, method, days, counts and hashes are public; keys and names of files are not shown.
    """
    return _rounds(session, project_id, on)


def public_places(session: Session, project_id: uuid.UUID) -> tuple[tuple[places.Point, int], ...]:
    """Count the cores of a project's newest files at positions rounded to ten kilometres."""
    newer = aliased(LayerFile)
    rows = session.execute(
        select(SoilCore.latitude, SoilCore.longitude, func.count())
        .join(LayerFile, LayerFile.id == SoilCore.file_id)
        .where(SoilCore.project_id == project_id, SoilCore.latitude.is_not(None))
        .where(
            ~select(newer.id)
            .where(newer.round_id == LayerFile.round_id, newer.version > LayerFile.version)
            .exists()
        )
        .group_by(SoilCore.latitude, SoilCore.longitude)
    )
    found: dict[places.Point, int] = {}
    for latitude, longitude, count in rows:
        if latitude is not None and longitude is not None:
            place = places.rounded((latitude, longitude))
            found[place] = found.get(place, 0) + count
    return tuple(sorted(found.items()))


def profiles(
    session: Session, outcome_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[DepthRow, ...]]:
    """Return what the soil held by depth for published outcomes, in one statement."""
    rows = session.execute(
        select(Outcome.id, MeasuredRounds.profile)
        .join(MeasuredRounds, MeasuredRounds.measurement_id == Outcome.measurement_id)
        .where(Outcome.id.in_(outcome_ids))
    )
    return {outcome_id: depth_rows(told) for outcome_id, told in rows}


def depth_rows(told: Mapping[str, Any]) -> tuple[DepthRow, ...]:
    """Read a profile as a column keeps it."""
    later = {(row[0], row[1]): tuple(row[2:]) for row in told.get("later", ())}
    return tuple(
        DepthRow(top, bottom, tuple(before), later.get((top, bottom)))
        for top, bottom, *before in told.get("before", ())
    )


def waiting(session: Session, actor: Actor) -> tuple[HandedIn, ...]:
    """List measurements for the secretariat, those that wait first; a tied person sees none.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    """
    require(actor, Right.SEE_DESK)
    hidden = recusals.projects_of(session, actor.user_id)
    found = session.scalars(
        select(Measurement)
        .where(Measurement.project_id.not_in(hidden))
        .order_by(Measurement.submitted_at.desc())
        .limit(200)
    ).all()
    order = [MeasurementStatus.SUBMITTED, MeasurementStatus.RETURNED, MeasurementStatus.PUBLISHED]
    listed = _handed_in(session, found)
    return tuple(sorted(listed, key=lambda one: order.index(one.status)))


def handed_in(session: Session, actor: Actor, measurement_id: uuid.UUID) -> HandedIn:
    """Return one measurement for the secretariat.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    NotFound
        ``measurement_unknown``, to whoever is tied to the project too.
    """
    require(actor, Right.SEE_DESK)
    row = session.get(Measurement, measurement_id)
    if row is None:
        raise NotFound("measurement_unknown")
    recusals.refuse(session, actor, row.project_id, "measurement_unknown")
    return _handed_in(session, [row])[0]


def own_measurements(session: Session, actor: Actor, project_id: uuid.UUID) -> tuple[HandedIn, ...]:
    """List the measurements of a project for somebody who acts for it, newest first.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not see the project from inside.
    """
    own_project(session, actor, project_id, Right.POST_UPDATE, Duty.SEE)
    found = session.scalars(
        select(Measurement)
        .where(Measurement.project_id == project_id)
        .order_by(Measurement.submitted_at.desc())
    ).all()
    return _handed_in(session, found)


def standing(session: Session, project_id: uuid.UUID) -> tuple[StandingOutcome, ...]:
    """Return the outcomes of a project that nobody has superseded, newest sampling first."""
    newer = aliased(Outcome)
    rows = session.scalars(
        select(Outcome)
        .where(Outcome.project_id == project_id)
        .where(~select(newer.id).where(newer.supersedes_id == Outcome.id).exists())
        .order_by(Outcome.sampled_on.desc())
    )
    return tuple(
        StandingOutcome(row.id, row.sampled_on, row.verdict, row.method, row.cores) for row in rows
    )


def verdicts(session: Session, project_id: uuid.UUID) -> dict[date, Verdict]:
    """Return what each sampling of a project showed, by its day."""
    return {one.sampled_on: one.verdict for one in standing(session, project_id)}


def file_of(session: Session, actor: Actor, file_id: uuid.UUID) -> FileView:
    """Return a raw file to whoever may read it: its project, the desk, a seat in its assessment.

    Raises
    ------
    NotFound
        ``file_unknown``, to everybody else and to whoever declared an interest.
    """
    row = session.get(LayerFile, file_id)
    if row is None:
        raise NotFound("file_unknown")
    project_id = session.get_one(SamplingRound, row.round_id).project_id
    recusals.refuse(session, actor, project_id, "file_unknown")
    if not _may_read(session, actor, project_id):
        raise NotFound("file_unknown")
    return _file(row)


def committee_files(session: Session, actor: Actor, project_id: uuid.UUID) -> tuple[FileView, ...]:
    """List the raw files of a project for somebody with a seat in its assessment.

    Raises
    ------
    NotFound
        ``project_unknown`` without such a seat, or with a declared interest.
    """
    recusals.refuse(session, actor, project_id, "project_unknown")
    if not _seated(session, actor, project_id):
        raise NotFound("project_unknown")
    rows = session.scalars(
        select(LayerFile)
        .join(SamplingRound, SamplingRound.id == LayerFile.round_id)
        .where(SamplingRound.project_id == project_id)
        .order_by(SamplingRound.number, LayerFile.version.desc())
    )
    return tuple(_file(row) for row in rows)


def _may_read(session: Session, actor: Actor, project_id: uuid.UUID) -> bool:
    if may(actor, Right.SEE_DESK) or _seated(session, actor, project_id):
        return True
    if not may(actor, Right.POST_UPDATE):
        return False
    try:
        own_project(session, actor, project_id, Right.POST_UPDATE, Duty.SEE)
    except NotFound:
        return False
    return True


def _seated(session: Session, actor: Actor, project_id: uuid.UUID) -> bool:
    """Say whether somebody sits in an assessment of the project and declared to have no tie."""
    if not may(actor, Right.SEE_COMMITTEE):
        return False
    seat = session.scalar(
        select(Assignment.id)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .where(Assessment.project_id == project_id, Assignment.user_id == actor.user_id)
        .where(Assignment.removed_at.is_(None), Assignment.declared_at.is_not(None))
        .limit(1)
    )
    return seat is not None


def _rounds(session: Session, project_id: uuid.UUID, on: date) -> tuple[RoundView, ...]:
    rows = session.scalars(
        select(SamplingRound)
        .where(SamplingRound.project_id == project_id)
        .order_by(SamplingRound.number)
    ).all()
    ids = [row.id for row in rows]
    strata = session.scalars(
        select(SamplingStratum)
        .where(SamplingStratum.round_id.in_(ids))
        .order_by(SamplingStratum.position)
    ).all()
    files = session.scalars(
        select(LayerFile).where(LayerFile.round_id.in_(ids)).order_by(LayerFile.version.desc())
    ).all()
    return tuple(_round(row, strata, files, on) for row in rows)


def _round(
    row: SamplingRound,
    strata: Sequence[SamplingStratum],
    files: Sequence[LayerFile],
    on: date,
) -> RoundView:
    held = tuple(_file(one) for one in files if one.round_id == row.id)
    if row.called_off_at is not None:
        state = CALLED_OFF
    elif held:
        state = MEASURED
    else:
        state = DUE if row.planned_on < on else PLANNED
    return RoundView(
        id=row.id,
        project_id=row.project_id,
        number=row.number,
        baseline_id=row.baseline_id,
        design=row.design,
        planned_on=row.planned_on,
        depth_cm=row.depth_cm,
        note=row.note,
        called_off_because=row.called_off_because,
        state=state,
        strata=tuple((s.name, s.area_ha, s.cores) for s in strata if s.round_id == row.id),
        files=held,
    )


def _file(row: LayerFile) -> FileView:
    return FileView(
        id=row.id,
        version=row.version,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        key=row.file_key,
        media_type=row.media_type,
        laboratory=row.laboratory,
        laboratory_method=row.laboratory_method,
        layers=row.layers,
        cores=row.cores,
        first_taken_on=row.first_taken_on,
        last_taken_on=row.last_taken_on,
        synthetic=bool(row.synthetic),
        reason=row.reason,
        committed_at=row.committed_at,
    )


def _handed_in(session: Session, rows: Sequence[Measurement]) -> tuple[HandedIn, ...]:
    projects = {
        one.id: one
        for one in session.scalars(
            select(Project).where(Project.id.in_({row.project_id for row in rows}))
        )
    }
    compared = {
        one.measurement_id: one
        for one in session.scalars(
            select(MeasuredRounds).where(
                MeasuredRounds.measurement_id.in_([row.id for row in rows])
            )
        )
    }
    wanted = {one.baseline_file_id for one in compared.values()}
    wanted |= {one.later_file_id for one in compared.values()}
    files = {
        row.id: (row, number)
        for row, number in session.execute(
            select(LayerFile, SamplingRound.number)
            .join(SamplingRound, SamplingRound.id == LayerFile.round_id)
            .where(LayerFile.id.in_(wanted))
        )
    }
    return tuple(
        _one_handed_in(row, projects[row.project_id], compared.get(row.id), files) for row in rows
    )


def _one_handed_in(
    row: Measurement,
    project: Project,
    told: MeasuredRounds | None,
    files: Mapping[uuid.UUID, tuple[LayerFile, int]],
) -> HandedIn:
    pair = [files[one] for one in (told.baseline_file_id, told.later_file_id)] if told else []
    return HandedIn(
        id=row.id,
        project_id=row.project_id,
        project=project.title,
        slug=project.slug,
        status=row.status,
        baseline_on=row.baseline_on,
        sampled_on=row.sampled_on,
        depth_cm=row.depth_cm,
        strata=tuple(row.strata),
        laboratory=row.laboratory,
        laboratory_method=row.laboratory_method,
        note=row.note,
        synthetic=bool(row.synthetic),
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        answer=row.answer,
        files=tuple(_file(file) for file, _number in pair),
        profile=told.profile if told else {},
        round_number=pair[1][1] if pair else None,
    )
