"""What did a project promise to watch besides carbon, and what has it reported since?"""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound
from offset.people.access import Actor, Right
from offset.projects import lifecycle
from offset.projects.models import Application, Evidence, Family, Indicator, IndicatorValue, Project
from offset.projects.organisations import own_project


def renew(session: Session, project: Project, application: Application, *, at: datetime) -> None:
    """Write the indicators of an admitted version; those it no longer names are retired."""
    wanted = application.document.get("benefits", {}).get("indicators", [])
    held = {
        (row.family, row.name, row.unit): row
        for row in session.scalars(select(Indicator).where(Indicator.project_id == project.id))
    }
    position = max((row.position for row in held.values()), default=0)
    for row in wanted:
        key = (Family(row["family"]), row["name"], row["unit"])
        known = held.pop(key, None)
        if known is not None:
            known.baseline, known.target, known.retired_at = row["baseline"], row["target"], None
            continue
        position += 1
        session.add(
            Indicator(
                id=uuid7(at),
                project_id=project.id,
                family=key[0],
                position=position,
                name=row["name"],
                language=project.language,
                unit=row["unit"],
                baseline=row["baseline"],
                target=row["target"],
                evidence=Evidence(row["evidence"]),
                source=row["source"],
            )
        )
    for dropped in held.values():
        dropped.retired_at = at
    session.flush()


def report(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    indicator_id: uuid.UUID,
    value: float,
    observed_on: date,
    evidence: Evidence,
    source: str,
) -> uuid.UUID:
    """Report a value; an earlier one stays.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``value_unusable``, ``source_missing`` or ``day_in_future``.
    """
    indicator = session.get(Indicator, indicator_id)
    if indicator is None:
        raise NotFound("indicator_unknown")
    project = own_project(session, actor, indicator.project_id, Right.POST_UPDATE)
    if not abs(value) < 1e15:  # noqa: PLR2004 - also refuses NaN; no indicator counts so far
        raise InvalidInput("value_unusable", field="value")
    if not source.strip():
        raise InvalidInput("source_missing", field="source")
    if observed_on > utc_day(at):
        raise InvalidInput("day_in_future", field="observed_on")
    row = IndicatorValue(
        id=uuid7(at),
        indicator_id=indicator.id,
        value=float(value),
        observed_on=observed_on,
        evidence=evidence,
        source=source.strip(),
        recorded_at=at,
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "report_indicator", actor=actor, at=at)
    return row.id
