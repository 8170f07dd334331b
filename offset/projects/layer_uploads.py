"""How does a laboratory's table come in? Checked first, keeping nothing; then committed whole.

What is committed is exactly what was checked, named by the hash of its bytes. Whatever was
committed stays: another table of the round takes the place of the first with a reason.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from calculators.soil.profile import Depth
from calculators.soil.samples import Core
from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.people.access import Actor
from offset.projects import deadlines, layer_checks, layer_files, lifecycle, measurements
from offset.projects.layer_checks import Baseline, Notice, Plan, Report
from offset.projects.measurement_models import (
    LayerDraft,
    LayerFile,
    MeasuredRounds,
    SamplingRound,
    SoilCore,
    SoilLayer,
)
from offset.projects.models import Application, Project, Projection
from offset.projects.sampling_rounds import (
    LONGEST,
    cores_of,
    current_file,
    land_of,
    own_round,
    strata_of,
)

# a baseline is taken in the year before the practice begins, at the earliest
BEFORE_START: Final = timedelta(days=366)
_BATCH: Final = 5_000
_DIGITS: Final = 9
_PROJECTED: Final = frozenset({"tier1", "biochar", "literature"})


@dataclass(frozen=True)
class Wording:
    """Who analysed the samples, and how."""

    laboratory: str
    method: str


def check(
    session: Session, *, actor: Actor, at: datetime, round_id: uuid.UUID, data: bytes
) -> Report:
    """Say what is wrong with a table of a round, or what it would say; nothing is kept.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project; ``round_unknown``.
    Refused
        ``round_called_off``, ``baseline_not_taken``, ``projection_missing``, ``file_of_round``
        for bytes that another round of the project holds.
    """
    row, project = own_round(session, actor, round_id)
    _may_hold(session, row, project, layer_files.sha256(data))
    report = layer_checks.check(data, _plan_of(session, row, project, at))
    if not report.clean or row.baseline_id is None:
        return report
    return _with_score(session, report, project)


def keep_checked(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    round_id: uuid.UUID,
    report: Report,
    file_key: str,
    name: str,
    wording: Wording,
) -> None:
    """Remember a file that was found clean, so that exactly it can be committed.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project; ``round_unknown``.
    InvalidInput
        ``laboratory_missing``, ``method_missing``, ``too_long``, or ``file_faulty``.
    """
    row, _project = own_round(session, actor, round_id)
    told = _wording(wording)
    if report.samples is None or not report.clean:
        raise InvalidInput("file_faulty", field="file")
    session.merge(
        LayerDraft(
            round_id=row.id,
            sha256=report.sha256,
            file_key=file_key,
            name=" ".join(name.split())[:LONGEST] or "layers",
            laboratory=told.laboratory,
            laboratory_method=told.method,
            layers=report.samples.rows,
            cores=len(report.samples.cores),
            checked_at=at,
            checked_by=actor.user_id,
        )
    )
    session.flush()


def commit(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    round_id: uuid.UUID,
    sha256: str,
    data: bytes,
    reason: str = "",
    synthetic: bool = False,
) -> uuid.UUID:
    """Commit the file that was checked, named by its hash; with a baseline it is handed in too.

    The bytes are checked once more: what held at the check must hold now. Either all of it is
    stored or nothing.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project; ``round_unknown``; ``draft_unknown`` when no
        file of that hash was checked for the round.
    Conflict
        ``round_has_file`` when the round holds a file and no reason is given.
    InvalidInput
        ``file_differs`` from what was checked; ``file_faulty``.
    Refused
        As `check`.
    """
    row, project = own_round(session, actor, round_id)
    draft = session.get(LayerDraft, row.id)
    if draft is None or draft.sha256 != sha256:
        raise NotFound("draft_unknown")
    if layer_files.sha256(data) != sha256:
        raise InvalidInput("file_differs", field="file")
    before = current_file(session, row.id)
    if before is not None and not reason.strip():
        raise Conflict("round_has_file", field="reason")
    report = check(session, actor=actor, at=at, round_id=round_id, data=data)
    if not report.clean:
        raise InvalidInput("file_faulty", field="file", count=len(report.faults) + report.more)
    held = _file(draft, report, before)
    held.id, held.committed_at, held.committed_by = uuid7(at), at, actor.user_id
    held.reason = reason.strip()[: LONGEST * 10] if before else None
    held.size, held.synthetic = len(data), int(synthetic)
    session.add(held)
    session.flush()
    _store_cores(session, report, project.id, held.id, at)
    session.delete(draft)
    session.flush()
    lifecycle.note(
        session, project, "commit_layers", actor=actor, at=at, reason=reason.strip() or None
    )
    if row.baseline_id is None:
        # nothing is computed from a baseline alone, so its table answers the sampling that was due
        deadlines.sampled(session, project, on=held.last_taken_on, subject_id=held.id, at=at)
    else:
        _hand_in(session, row, report, held, actor=actor, at=at)
    return held.id


# --- checking -------------------------------------------------------------------------------------


def _wording(told: Wording) -> Wording:
    tidy = Wording(" ".join(told.laboratory.split()), " ".join(told.method.split()))
    if not tidy.laboratory:
        raise InvalidInput("laboratory_missing", field="laboratory")
    if not tidy.method:
        raise InvalidInput("method_missing", field="laboratory_method")
    for text, field in ((tidy.laboratory, "laboratory"), (tidy.method, "laboratory_method")):
        if len(text) > LONGEST:
            raise InvalidInput("too_long", field=field, longest=LONGEST)
    return tidy


def _may_hold(session: Session, row: SamplingRound, project: Project, digest: str) -> None:
    """Refuse a table that this round cannot take now."""
    if row.called_off_at is not None:
        raise Refused("round_called_off")
    if row.baseline_id is not None and current_file(session, row.baseline_id) is None:
        raise Refused("baseline_not_taken")
    application = (
        session.get(Application, project.application_id) if project.application_id else None
    )
    method = application.document.get("carbon", {}).get("method") if application else None
    if method in _PROJECTED and _sealed_on(session, project.id) is None:
        raise Refused("projection_missing")
    same = session.scalar(
        select(SamplingRound.number)
        .join(LayerFile, LayerFile.round_id == SamplingRound.id)
        .where(LayerFile.sha256 == digest, SamplingRound.project_id == project.id)
        .limit(1)
    )
    if same is not None:
        raise Refused("file_of_round", field="file", number=same)


def _sealed_on(session: Session, project_id: uuid.UUID) -> date | None:
    """Return the day on which the first projection of a project was sealed."""
    first = session.scalar(
        select(Projection.published_at)
        .where(Projection.project_id == project_id)
        .order_by(Projection.published_at)
        .limit(1)
    )
    return utc_day(first) if first else None


def _plan_of(session: Session, row: SamplingRound, project: Project, at: datetime) -> Plan:
    strata = strata_of(session, row.id)
    earliest = project.starts_on - BEFORE_START if project.starts_on else None
    return Plan(
        number=row.number,
        areas={one.name: one.area_ha for one in strata},
        cores={one.name: one.cores for one in strata},
        depth_cm=row.depth_cm,
        design=row.design,
        today=utc_day(at),
        earliest=earliest,
        land=land_of(session, project),
        baseline=_taken_baseline(session, row),
    )


def _taken_baseline(session: Session, row: SamplingRound) -> Baseline | None:
    held = current_file(session, row.baseline_id) if row.baseline_id else None
    if held is None:
        return None
    return Baseline(
        cores=cores_of(session, held.id),
        last_taken_on=held.last_taken_on,
        laboratory=held.laboratory,
        laboratory_method=held.laboratory_method,
    )


def _with_score(session: Session, report: Report, project: Project) -> Report:
    """Add the notice that a result will not be counted, where the promise came too late."""
    sealed = _sealed_on(session, project.id)
    if sealed is not None and report.first_taken_on is not None and sealed < report.first_taken_on:
        return report
    told: Mapping[str, object] = {"sealed": sealed} if sealed else {}
    notice = Notice("not_scored" if sealed else "no_projection", told)
    return replace(report, notices=(*report.notices, notice))


# --- committing -----------------------------------------------------------------------------------


def _file(draft: LayerDraft, report: Report, before: LayerFile | None) -> LayerFile:
    """Begin the row of a file from what was checked."""
    if report.samples is None:
        raise InvalidInput("file_faulty", field="file")
    return LayerFile(
        round_id=draft.round_id,
        version=before.version + 1 if before else 1,
        name=draft.name,
        media_type=layer_files.MEDIA_TYPES[draft.file_key.rpartition(".")[2]],
        sha256=report.sha256,
        file_key=draft.file_key,
        laboratory=draft.laboratory,
        laboratory_method=draft.laboratory_method,
        units=dict(report.samples.units),
        layers=report.samples.rows,
        cores=len(report.samples.cores),
        first_taken_on=report.first_taken_on,
        last_taken_on=report.last_taken_on,
    )


def _store_cores(
    session: Session, report: Report, project_id: uuid.UUID, file_id: uuid.UUID, at: datetime
) -> None:
    """Write cores and layers in batches, so that no statement grows with the file."""
    cores: Sequence[Core] = report.samples.cores if report.samples else ()
    for start in range(0, len(cores), _BATCH):
        batch = cores[start : start + _BATCH]
        ids = [uuid7(at) for _ in batch]
        session.execute(
            insert(SoilCore),
            [
                {
                    "id": id_,
                    "project_id": project_id,
                    "file_id": file_id,
                    "stratum": core.stratum,
                    "name": core.name,
                    "taken_on": core.taken_on,
                    "latitude": core.rows[0].latitude,
                    "longitude": core.rows[0].longitude,
                }
                for id_, core in zip(ids, batch, strict=True)
            ],
        )
        session.execute(
            insert(SoilLayer),
            [
                {
                    "core_id": id_,
                    "position": position,
                    "file_row": layer.number,
                    "top_cm": layer.top,
                    "bottom_cm": layer.bottom,
                    "carbon_g_kg": round(layer.carbon, _DIGITS),
                    "density": round(layer.density, _DIGITS),
                    "basis": layer.basis,
                    "stones": round(layer.stones, _DIGITS),
                }
                for id_, core in zip(ids, batch, strict=True)
                for position, layer in enumerate(core.rows, start=1)
            ],
        )


def _hand_in(
    session: Session,
    row: SamplingRound,
    report: Report,
    held: LayerFile,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Hand in what two rounds say; the secretariat reads it before it is public."""
    baseline = current_file(session, row.baseline_id) if row.baseline_id else None
    if baseline is None or report.preview is None:
        raise Refused("baseline_not_taken")
    measurement_id = measurements.submit(
        session,
        actor=actor,
        at=at,
        project_id=row.project_id,
        baseline_on=baseline.last_taken_on,
        sampled_on=held.last_taken_on,
        depth_cm=row.depth_cm,
        strata=report.preview.compared,
        laboratory=held.laboratory,
        laboratory_method=held.laboratory_method,
        note=row.note,
        synthetic=bool(held.synthetic),
    )
    session.add(
        MeasuredRounds(
            measurement_id=measurement_id,
            baseline_file_id=baseline.id,
            later_file_id=held.id,
            design=row.design,
            first_taken_on=held.first_taken_on,
            profile={
                "before": _depths(report.preview.baseline_profile),
                "later": _depths(report.preview.profile),
            },
        )
    )
    session.flush()


def _depths(told: Sequence[Depth]) -> list[list[float | int | None]]:
    return [[d.top_cm, d.bottom_cm, d.mean, d.low, d.high, d.cores] for d in told]
