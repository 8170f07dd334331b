"""What must a project report, by when, and is something late? One table of cadences.

The gate before money and its trigger read one day, ``project.report_due_on``: the earliest open
date of the reports that hold money back. It is written here and nowhere else once a project runs.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.people.access import SYSTEM
from offset.projects import lifecycle
from offset.projects.life_models import DueKind, ReportDue
from offset.projects.models import Outcome, Project
from offset.projects.queries import overdue

REPORT_DAYS: Final = 91
_LEAD: Final = timedelta(days=366)


@dataclass(frozen=True)
class Cadence:
    """How often something is due, and whether new money stops when it is late.

    Parameters
    ----------
    days, months
        How long after the last one was accepted (days), or after it was due (months).
    years
        Years after the start of the practice.
    stops_money
        Laboratories and seasons take their time, so a late sampling is told but stops nothing.
    """

    days: int = 0
    months: int = 0
    years: tuple[int, ...] = ()
    stops_money: bool = True


CADENCES: Final[Mapping[DueKind, Cadence]] = {
    DueKind.NARRATIVE: Cadence(days=REPORT_DAYS),
    DueKind.ACTIVITY: Cadence(months=12),
    DueKind.MEASUREMENT: Cadence(years=(0, 5, 10), stops_money=False),
}
"""A reversal is no date in a table: it is told at once."""


@dataclass(frozen=True)
class Due:
    """A report that is awaited, and whether it is late, or overdue and so holds new money back."""

    id: uuid.UUID
    kind: DueKind
    due_on: date
    late: bool
    overdue: bool


def begin(session: Session, project: Project, *, at: datetime) -> None:
    """Write the first dates of an admitted project; what is there already stays."""
    held = _rows(session, project.id)
    today = utc_day(at)
    first = {
        DueKind.NARRATIVE: [project.report_due_on or today + timedelta(days=REPORT_DAYS)],
        DueKind.ACTIVITY: [later(today, CADENCES[DueKind.ACTIVITY].months)],
        DueKind.MEASUREMENT: _samplings(project.starts_on or today, today),
    }
    for kind, days in first.items():
        if not any(row.kind is kind for row in held):
            for day in days:
                _open(session, project, kind, day, at=at)
    _hold(session, project)


def met(
    session: Session, project: Project, kind: DueKind, *, subject_id: uuid.UUID, at: datetime
) -> None:
    """Note that a report was accepted: the earliest open date is met, the next one opens.

    A project that was overdue takes money again from this moment, unless another report is late.
    One that was never admitted owes nothing.
    """
    if project.report_due_on is None:
        return
    begin(session, project, at=at)
    before = is_overdue(project, utc_day(at))
    row = next((one for one in _open_rows(session, project.id) if one.kind is kind), None)
    following = _next(kind, row.due_on, utc_day(at)) if row else None
    # Two on one day leave the next date where the first one put it.
    if row is not None and following is not None and following != row.due_on:
        row.met_at, row.met_by_id = at, subject_id
        session.flush()
        _open(session, project, kind, following, at=at)
    _hold(session, project)
    if before and not is_overdue(project, utc_day(at)):
        lifecycle.note(session, project, "report_restored", actor=SYSTEM, at=at)


def sampled(
    session: Session, project: Project, *, on: date, subject_id: uuid.UUID, at: datetime
) -> None:
    """Note that soil was sampled and the result accepted: it answers what was due until then."""
    for row in _open_rows(session, project.id):
        if row.kind is DueKind.MEASUREMENT and row.due_on <= on + _LEAD:
            row.met_at, row.met_by_id = at, subject_id
    session.flush()


def answered_by_outcomes(session: Session, project: Project, *, at: datetime) -> None:
    """Note the published outcomes that answer a date of sampling."""
    rows = session.execute(
        select(Outcome.id, Outcome.sampled_on)
        .where(Outcome.project_id == project.id)
        .order_by(Outcome.sampled_on)
    )
    for outcome_id, on in rows:
        sampled(session, project, on=on, subject_id=outcome_id, at=at)


def awaited(session: Session, project_id: uuid.UUID, *, on: date) -> tuple[Due, ...]:
    """Return what a project still has to report, the earliest first."""
    return tuple(
        Due(
            id=row.id,
            kind=row.kind,
            due_on=row.due_on,
            late=on > row.due_on,
            overdue=CADENCES[row.kind].stops_money and overdue(row.due_on, on),
        )
        for row in _open_rows(session, project_id)
    )


def is_overdue(project: Project, on: date) -> bool:
    """Say whether a report is so late that new money stops; a condition, never a stored state."""
    return overdue(project.report_due_on, on)


def later(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    whole = day.month - 1 + months
    year, month = day.year + whole // 12, whole % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _samplings(starts_on: date, today: date) -> list[date]:
    """Return the baseline's date and those of the later rounds that are not over yet."""
    baseline, *rounds = CADENCES[DueKind.MEASUREMENT].years
    ahead = [day for day in (later(starts_on, 12 * years) for years in rounds) if day > today]
    return [max(later(starts_on, 12 * baseline), today), *ahead]


def _next(kind: DueKind, due_on: date, today: date) -> date:
    cadence = CADENCES[kind]
    if cadence.months:
        return later(due_on, cadence.months)
    return max(due_on, today + timedelta(days=cadence.days))


def _open(session: Session, project: Project, kind: DueKind, due_on: date, *, at: datetime) -> None:
    known = select(ReportDue.id).where(
        ReportDue.project_id == project.id, ReportDue.kind == kind, ReportDue.due_on == due_on
    )
    if session.scalar(known) is None:
        session.add(
            ReportDue(id=uuid7(at), project_id=project.id, kind=kind, due_on=due_on, opened_at=at)
        )
        session.flush()


def _hold(session: Session, project: Project) -> None:
    """Write the earliest open date that holds money back to where gate and trigger read it."""
    days = [row.due_on for row in _open_rows(session, project.id) if CADENCES[row.kind].stops_money]
    if days:
        project.report_due_on = min(days)
        session.flush()


def _rows(session: Session, project_id: uuid.UUID) -> list[ReportDue]:
    return list(
        session.scalars(
            select(ReportDue)
            .where(ReportDue.project_id == project_id)
            .order_by(ReportDue.due_on, ReportDue.id)
        )
    )


def _open_rows(session: Session, project_id: uuid.UUID) -> list[ReportDue]:
    return [row for row in _rows(session, project_id) if row.met_at is None]
