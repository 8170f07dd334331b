"""How do soil cores come in? Handed in by a steward, checked, and waiting for publication."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from calculators.soil.refusals import SoilRefused
from calculators.soil.stock_change import Change, Independent, Stratum, change_of
from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, StateRefused
from offset.people.access import Actor, Right, require
from offset.projects import lifecycle
from offset.projects.models import Measurement, MeasurementStatus, Project
from offset.projects.organisations import own_project

_SHALLOWEST_CM: Final = 30


def submit(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    baseline_on: date,
    sampled_on: date,
    depth_cm: int,
    strata: Sequence[Stratum | Independent],
    laboratory: str,
    laboratory_method: str,
    note: str = "",
    synthetic: bool = False,
) -> uuid.UUID:
    """Hand in two rounds of cores, as stocks at equivalent soil mass [tC/ha].

    ``synthetic`` marks invented figures of a demonstration; every page says so.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``days_out_of_order``, ``too_shallow``, ``laboratory_missing``, or what the arithmetic
        refuses (``too_few_pairs``, ``too_few_cores``, ``no_spread``, ``value_impossible``,
        ``no_strata``).
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    if not baseline_on < sampled_on <= utc_day(at):
        raise InvalidInput("days_out_of_order", field="sampled_on")
    if depth_cm < _SHALLOWEST_CM:
        raise InvalidInput("too_shallow", field="depth_cm", lowest=_SHALLOWEST_CM)
    if not laboratory.strip() or not laboratory_method.strip():
        raise InvalidInput("laboratory_missing", field="laboratory")
    compare(strata)
    row = Measurement(
        id=uuid7(at),
        project_id=project.id,
        status=MeasurementStatus.SUBMITTED,
        baseline_on=baseline_on,
        sampled_on=sampled_on,
        depth_cm=depth_cm,
        strata=[_written(stratum) for stratum in strata],
        laboratory=laboratory.strip(),
        laboratory_method=laboratory_method.strip(),
        note=note.strip(),
        synthetic=int(synthetic),
        submitted_at=at,
        submitted_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "submit_measurement", actor=actor, at=at)
    return row.id


def give_back(
    session: Session, *, actor: Actor, at: datetime, measurement_id: uuid.UUID, answer: str
) -> None:
    """Return a measurement to the project with a question.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    StateRefused
        ``measurement_not_submitted``.
    """
    require(actor, Right.MODERATE)
    row = session.get(Measurement, measurement_id)
    if row is None:
        raise NotFound("measurement_unknown")
    if not answer.strip():
        raise InvalidInput("reason_missing", field="answer")
    if row.status is not MeasurementStatus.SUBMITTED:
        raise StateRefused("measurement_not_submitted", status=row.status.value)
    row.status = MeasurementStatus.RETURNED
    row.answer = answer.strip()
    session.flush()
    project = session.get_one(Project, row.project_id)
    lifecycle.note(session, project, "return_measurement", actor=actor, at=at, reason=answer)


def compare(strata: Sequence[Stratum | Independent]) -> Change:
    """Compare the rounds, with the arithmetic's refusals in the words of the house.

    Raises
    ------
    InvalidInput
        With the code of the refusal.
    """
    try:
        return change_of(strata)
    except SoilRefused as refusal:
        raise InvalidInput(refusal.code, field="strata", **refusal.parameters) from refusal


def read_strata(stored: Sequence[Mapping[str, Any]]) -> tuple[Stratum | Independent, ...]:
    """Read strata as they are stored."""
    return tuple(_read(row) for row in stored)


def _written(stratum: Stratum | Independent) -> dict[str, Any]:
    told: dict[str, Any] = {"area_ha": stratum.area_ha}
    if stratum.name:
        told["name"] = stratum.name
    if isinstance(stratum, Independent):
        return {**told, "before": list(stratum.before), "after": list(stratum.after)}
    return {**told, "pairs": [list(pair) for pair in stratum.pairs]}


def _read(row: Mapping[str, Any]) -> Stratum | Independent:
    area, name = float(row["area_ha"]), str(row.get("name", ""))
    if "pairs" in row:
        return Stratum(area, tuple((float(a), float(b)) for a, b in row["pairs"]), name)
    return Independent(
        area, tuple(map(float, row["before"])), tuple(map(float, row["after"])), name
    )
