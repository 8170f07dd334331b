"""What may a soil gain, and what did it gain? Published once; corrected by superseding only."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from calculators.soil import (
    biochar,
    literature,
    plausibility,
    simulation,
    stock_change,
    tables,
    tier1,
)
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import Spread
from calculators.soil.stock_change import Independent, Stratum
from calculators.soil.tables import Factor
from offset.database.types import canonical, uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.ledger import checkpoints
from offset.people.access import Actor, Right, is_other, require
from offset.projects import lifecycle, measurements
from offset.projects.measurement_models import LayerFile, MeasuredRounds, SoilCore
from offset.projects.models import (
    Application,
    Measurement,
    MeasurementStatus,
    Outcome,
    Project,
    Projection,
    Verdict,
)

_DIGITS: Final = 6
_DAYS_A_YEAR: Final = 365.25


@dataclass(frozen=True)
class Estimate:
    """A projection before anybody publishes it, with every figure it rests on."""

    method: str
    method_version: str
    table_version: str
    inputs: Mapping[str, Any]
    stock_tc_ha: float | None
    rate: Spread
    factors: tuple[Factor, ...]
    plausibility: str


def estimate(document: Mapping[str, Any], *, seed: int) -> Estimate:
    """Compute what an application may expect of its soil, by the method it names.

    Raises
    ------
    InvalidInput
        ``no_method`` for an application without one, or what the method refuses (``wet_soil``,
        ``no_default``, ``land_mixed``, ``source_missing`` …).
    """
    try:
        found = _compute(document, seed)
    except SoilRefused as refusal:
        raise InvalidInput(refusal.code, field="carbon.method", **refusal.parameters) from refusal
    except KeyError as absent:
        raise InvalidInput("answer_missing", field=f"carbon.{absent.args[0]}") from absent
    return found


def project_carbon(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    seed: int,
    evidence: str | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Compute and publish the projection of a project's present application version.

    A second one needs a reason and supersedes the first.

    Raises
    ------
    Forbidden
        Without the right to check eligibility.
    InvalidInput
        What the method refuses, or ``reason_missing`` for a correction.
    NotFound
        ``project_unknown``.
    Refused
        ``rate_blocked`` above 5 tC/ha/yr; ``evidence_needed`` above 1 without any;
        ``soil_sampled`` once a core of the project is here: a promise comes before it is kept.
    """
    require(actor, Right.CHECK_ELIGIBILITY)
    project = session.get(Project, project_id)
    if project is None or project.application_id is None:
        raise NotFound("project_unknown")
    sampled = first_sampled_on(session, project.id)
    if sampled is not None:
        raise Refused("soil_sampled", day=sampled)
    application = session.get_one(Application, project.application_id)
    found = estimate(application.document, seed=seed)
    shown = (evidence or "").strip() or None
    _believable(found, shown)
    before = current_projection(session, project.id)
    if (before is None) != (not (reason or "").strip()):
        raise InvalidInput("reason_missing", field="reason")
    carbon = application.document["carbon"]
    row = Projection(
        id=uuid7(at),
        project_id=project.id,
        application_id=application.id,
        method=found.method,
        method_version=found.method_version,
        table_version=found.table_version,
        policy=simulation.POLICY,
        policy_version=simulation.POLICY_VERSION,
        inputs={
            **found.inputs,
            "factors": [[f.name, f.value, f.sd, f.unit, f.source] for f in found.factors],
        },
        years=int(application.document["practice"]["years"]),
        depth_cm=tier1.DEPTH_CM,
        stock_tc_ha=found.stock_tc_ha,
        central=found.rate.central,
        mean=found.rate.mean,
        sd=found.rate.sd,
        p05=found.rate.p05,
        p33=found.rate.p33,
        p50=found.rate.p50,
        p95=found.rate.p95,
        p_gain=found.rate.p_gain,
        draws=found.rate.draws,
        seed=seed,
        generator=simulation.GENERATOR,
        buffer_pct=carbon["buffer_pct"],
        buffer_reason=carbon["buffer_reason"],
        plausibility=found.plausibility,
        evidence=shown,
        published_at=at,
        published_by=actor.user_id,
        supersedes_id=before.id if before else None,
        reason=(reason or "").strip() or None,
    )
    session.add(row)
    session.flush()
    _seal_projection(session, row, at=at)
    lifecycle.note(session, project, "publish_projection", actor=actor, at=at, reason=row.reason)
    return row.id


def publish_measurement(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    measurement_id: uuid.UUID,
    supersedes_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Publish what a measurement shows: a gain, a loss, or that no change was detected.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    InvalidInput
        ``reason_missing`` for a correction, or what the arithmetic refuses.
    NotFound
        ``measurement_unknown`` or ``outcome_unknown``.
    Refused
        ``same_person`` handed it in; ``outcome_superseded`` already; ``outcome_stands`` for the
        same sampling, which this one must then name as superseded.
    StateRefused
        ``measurement_not_submitted``.
    """
    require(actor, Right.MODERATE)
    row = session.get(Measurement, measurement_id)
    if row is None:
        raise NotFound("measurement_unknown")
    if row.status is not MeasurementStatus.SUBMITTED:
        raise StateRefused("measurement_not_submitted", status=row.status.value)
    if not is_other(actor, Right.MODERATE, row.submitted_by):
        raise Refused("same_person")
    if (supersedes_id is None) != (not (reason or "").strip()):
        raise InvalidInput("reason_missing", field="reason")
    if supersedes_id is not None:
        _replaceable(session, row.project_id, supersedes_id)
    elif standing_outcome(session, row) is not None:
        raise Refused("outcome_stands", field="supersedes_id")
    outcome = _outcome(session, row, actor=actor, at=at, supersedes_id=supersedes_id, reason=reason)
    session.add(outcome)
    row.status = MeasurementStatus.PUBLISHED
    session.flush()
    _seal_outcome(session, outcome, row, at=at)
    project = session.get_one(Project, row.project_id)
    lifecycle.note(session, project, "publish_outcome", actor=actor, at=at, reason=outcome.reason)
    return outcome.id


def first_sampled_on(session: Session, project_id: uuid.UUID) -> date | None:
    """Return the day of the first core that is here of a project, if there is one."""
    days = [
        session.scalar(
            select(func.min(SoilCore.taken_on)).where(SoilCore.project_id == project_id)
        ),
        session.scalar(
            select(func.min(Measurement.sampled_on)).where(Measurement.project_id == project_id)
        ),
    ]
    return min((day for day in days if day is not None), default=None)


def standing_of(session: Session, measurement_id: uuid.UUID) -> uuid.UUID | None:
    """Return the standing outcome that publishing a measurement would have to replace."""
    row = session.get(Measurement, measurement_id)
    if row is None or row.status is MeasurementStatus.PUBLISHED:
        return None
    found = standing_outcome(session, row)
    return found.id if found else None


def standing_outcome(session: Session, row: Measurement) -> Outcome | None:
    """Return the outcome of the same sampling that nobody has superseded.

    The same sampling is the same round; for cores that came without a round, the same day.
    """
    newer = aliased(Outcome)
    standing = session.scalars(
        select(Outcome)
        .where(Outcome.project_id == row.project_id)
        .where(~select(newer.id).where(newer.supersedes_id == Outcome.id).exists())
    ).all()
    mine = _round_of(session, row.id)
    for one in standing:
        theirs = _round_of(session, one.measurement_id)
        if theirs == mine if theirs and mine else one.sampled_on == row.sampled_on:
            return one
    return None


def _round_of(session: Session, measurement_id: uuid.UUID) -> uuid.UUID | None:
    return session.scalar(
        select(LayerFile.round_id)
        .join(MeasuredRounds, MeasuredRounds.later_file_id == LayerFile.id)
        .where(MeasuredRounds.measurement_id == measurement_id)
    )


def current_projection(session: Session, project_id: uuid.UUID) -> Projection | None:
    """Return the projection that nobody has superseded."""
    replaced = select(Projection.supersedes_id).where(
        Projection.project_id == project_id, Projection.supersedes_id.is_not(None)
    )
    return session.scalars(
        select(Projection).where(
            Projection.project_id == project_id, Projection.id.not_in(replaced)
        )
    ).first()


def _compute(document: Mapping[str, Any], seed: int) -> Estimate:
    carbon, land = document.get("carbon", {}), document.get("land", {})
    method = carbon.get("method")
    if method == "biochar":
        inputs = {name: carbon[name] for name in ("biochar_t_ha", "feedstock", "temperature")}
        rate, factors = biochar.project(*inputs.values(), seed=seed)
        names = (biochar.METHOD, biochar.VERSION, biochar.SOURCE)
    elif method == "literature":
        inputs = {name: carbon[name] for name in ("literature_rate", "literature_sd", "literature")}
        rate, factors = literature.project(*inputs.values(), seed=seed)
        names = (literature.METHOD, literature.VERSION, str(carbon["literature"]))
    elif method == "tier1":
        return _tier1(land, carbon, seed)
    else:
        raise SoilRefused("no_method")
    return Estimate(
        method=names[0],
        method_version=names[1],
        table_version=names[2],
        inputs=inputs,
        stock_tc_ha=None,
        rate=rate,
        factors=factors,
        plausibility=plausibility.judge(rate.central),
    )


def _tier1(land: Mapping[str, Any], carbon: Mapping[str, Any], seed: int) -> Estimate:
    if land.get("wet_or_organic", False) or land["soil"] == "organic_or_wet":
        raise SoilRefused("wet_soil", soil=land["soil"])
    question = tier1.Question(
        soil=land["soil"],
        climate=land["climate"],
        baseline=_management(carbon, "baseline"),
        project=_management(carbon, "project"),
        agroforestry=carbon.get("agroforestry"),
    )
    answer = tier1.project(question, seed=seed)
    return Estimate(
        method=answer.method,
        method_version=tier1.VERSION,
        table_version=tables.version(),
        inputs={
            "soil": question.soil,
            "climate": question.climate,
            "baseline": list(question.baseline.named()),
            "project": list(question.project.named()),
            "agroforestry": question.agroforestry,
        },
        stock_tc_ha=round(answer.stock_baseline, _DIGITS),
        rate=answer.rate,
        factors=answer.factors,
        plausibility=plausibility.judge(answer.rate.central),
    )


def _management(carbon: Mapping[str, Any], side: str) -> tier1.Management:
    return tier1.Management(
        land_use=carbon.get(f"{side}_land_use"),
        management=carbon.get(f"{side}_management"),
        carbon_input=carbon.get(f"{side}_carbon_input"),
    )


def _believable(found: Estimate, evidence: str | None) -> None:
    if found.plausibility == plausibility.BLOCKED:
        raise Refused("rate_blocked", rate=found.rate.central)
    if found.plausibility == plausibility.EVIDENCE_NEEDED and evidence is None:
        raise Refused("evidence_needed", field="evidence", rate=found.rate.central)


def _outcome(
    session: Session,
    row: Measurement,
    *,
    actor: Actor,
    at: datetime,
    supersedes_id: uuid.UUID | None,
    reason: str | None,
) -> Outcome:
    strata = measurements.read_strata(row.strata)
    change = measurements.compare(strata)
    projection = current_projection(session, row.project_id)
    low, high = round(change.low, _DIGITS), round(change.high, _DIGITS)
    return Outcome(
        id=uuid7(at),
        project_id=row.project_id,
        measurement_id=row.id,
        projection_id=projection.id if projection else None,
        method=_method(strata),
        method_version=stock_change.VERSION,
        policy=stock_change.POLICY,
        policy_version=stock_change.POLICY_VERSION,
        baseline_on=row.baseline_on,
        sampled_on=row.sampled_on,
        years=round((row.sampled_on - row.baseline_on).days / _DAYS_A_YEAR, 2),
        depth_cm=row.depth_cm,
        cores=change.cores,
        strata=len(strata),
        baseline_tc_ha=round(change.baseline, _DIGITS),
        change=round(change.change, _DIGITS),
        standard_error=round(change.standard_error, _DIGITS),
        degrees=change.degrees,
        low=low,
        high=high,
        conservative=round(change.conservative, _DIGITS),
        verdict=Verdict(stock_change.verdict(low, high)),
        laboratory=row.laboratory,
        laboratory_method=row.laboratory_method,
        synthetic=row.synthetic,
        published_at=at,
        published_by=actor.user_id,
        supersedes_id=supersedes_id,
        reason=(reason or "").strip() or None,
    )


def _method(strata: Sequence[Stratum | Independent]) -> str:
    apart = any(isinstance(one, Independent) for one in strata)
    return stock_change.METHOD_UNPAIRED if apart else stock_change.METHOD


def _replaceable(session: Session, project_id: uuid.UUID, outcome_id: uuid.UUID) -> None:
    before = session.get(Outcome, outcome_id)
    if before is None or before.project_id != project_id:
        raise NotFound("outcome_unknown")
    if session.scalar(select(Outcome.id).where(Outcome.supersedes_id == outcome_id)) is not None:
        raise Refused("outcome_superseded")


def _seal_projection(session: Session, row: Projection, *, at: datetime) -> None:
    checkpoints.seal_fact(
        session,
        kind="projection",
        fact_id=row.id,
        content={
            "project": str(row.project_id),
            "method": [row.method, row.method_version, row.table_version],
            "policy": [row.policy, row.policy_version],
            "inputs": hashlib.sha256(canonical(row.inputs).encode()).hexdigest(),
            "years": row.years,
            "rate_tc_ha_yr": {
                name: f"{getattr(row, name):.4f}" for name in ("central", "p05", "p33", "p95")
            },
            "p_gain": f"{row.p_gain:.4f}",
            "simulation": [row.generator, row.draws, row.seed],
            "supersedes": str(row.supersedes_id) if row.supersedes_id else None,
        },
        at=at,
    )


def _files(session: Session, measurement_id: uuid.UUID) -> list[str]:
    """Return the hashes of the files that a measurement compares: baseline, later round."""
    told = session.get(MeasuredRounds, measurement_id)
    if told is None:
        return []
    return [
        session.get_one(LayerFile, one).sha256
        for one in (told.baseline_file_id, told.later_file_id)
    ]


def _seal_outcome(session: Session, row: Outcome, measured: Measurement, *, at: datetime) -> None:
    checkpoints.seal_fact(
        session,
        kind="outcome",
        fact_id=row.id,
        content={
            "project": str(row.project_id),
            "projection": str(row.projection_id) if row.projection_id else None,
            "method": [row.method, row.method_version],
            "cores": hashlib.sha256(canonical(measured.strata).encode()).hexdigest(),
            "files": _files(session, measured.id),
            "baseline_on": row.baseline_on.isoformat(),
            "sampled_on": row.sampled_on.isoformat(),
            "change_tc_ha": {
                name: f"{getattr(row, name):.4f}" for name in ("change", "low", "high")
            },
            "verdict": row.verdict.value,
            "synthetic": bool(row.synthetic),
            "supersedes": str(row.supersedes_id) if row.supersedes_id else None,
        },
        at=at,
    )
