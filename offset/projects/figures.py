"""Which figures has a project reported, do they stand, and who looked at them?

A report of figures is never changed. A wrong one is corrected by another that names it, one the
secretariat sent back is handed in anew, and only what the secretariat accepted is public.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import Conflict, InvalidInput, NotFound, Refused, StateRefused
from offset.people.access import Actor, Right, is_other, require
from offset.projects import deadlines, lifecycle
from offset.projects.life_models import (
    DueKind,
    FigureCheck,
    FigureKind,
    FigureOutcome,
    FigureReport,
)
from offset.projects.models import Project

LONGEST_NOTE: Final = 500


@dataclass(frozen=True)
class Waiting:
    """A report of figures that waits for the secretariat."""

    id: uuid.UUID
    project_id: uuid.UUID
    project: str
    kind: FigureKind
    from_on: date
    until_on: date
    handed_in_at: datetime


def check(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    report_id: uuid.UUID,
    accept: bool,
    reason: str = "",
) -> None:
    """Accept the figures of a report, which makes them public, or send them back with a reason.

    Raises
    ------
    Conflict
        ``report_corrected``: another correction of the same report was accepted first.
    Forbidden
        Without the right to moderate.
    InvalidInput
        ``reason_missing`` for figures that go back.
    NotFound
        ``report_unknown``.
    Refused
        ``same_person`` handed it in.
    StateRefused
        ``report_checked`` already.
    """
    require(actor, Right.MODERATE)
    report = session.get(FigureReport, report_id)
    if report is None:
        raise NotFound("report_unknown")
    if not is_other(actor, Right.MODERATE, report.handed_in_by):
        raise Refused("same_person")
    if session.get(FigureCheck, report_id) is not None:
        raise StateRefused("report_checked")
    if not accept and not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    if accept and report.supersedes_id is not None:
        _refuse_second(session, report)
    session.add(
        FigureCheck(
            report_id=report.id,
            outcome=FigureOutcome.ACCEPTED if accept else FigureOutcome.RETURNED,
            reason=reason.strip(),
            checked_at=at,
            checked_by=actor.user_id,
        )
    )
    session.flush()
    project = session.get_one(Project, report.project_id)
    step = "accept_figures" if accept else "return_figures"
    lifecycle.note(session, project, step, actor=actor, at=at, reason=reason.strip() or None)
    if accept and report.kind is FigureKind.ACTIVITY and report.supersedes_id is None:
        deadlines.met(session, project, DueKind.ACTIVITY, subject_id=report.id, at=at)


def waiting(session: Session, actor: Actor) -> tuple[Waiting, ...]:
    """List the reports of figures that wait for the secretariat, the oldest first.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    """
    require(actor, Right.MODERATE)
    rows = session.execute(
        select(FigureReport, Project.title)
        .join(Project, Project.id == FigureReport.project_id)
        .outerjoin(FigureCheck, FigureCheck.report_id == FigureReport.id)
        .where(FigureCheck.report_id.is_(None))
        .order_by(FigureReport.handed_in_at, FigureReport.id)
    )
    return tuple(
        Waiting(
            row.id, row.project_id, title, row.kind, row.from_on, row.until_on, row.handed_in_at
        )
        for row, title in rows
    )


def standing(
    session: Session, project_id: uuid.UUID, kind: FigureKind, *, accepted_only: bool
) -> tuple[FigureReport, ...]:
    """Return the reports that count: not sent back, and not corrected by one that counts.

    ``accepted_only`` leaves out what the secretariat has not looked at yet.
    """
    rows = session.execute(
        select(FigureReport, FigureCheck.outcome)
        .outerjoin(FigureCheck, FigureCheck.report_id == FigureReport.id)
        .where(FigureReport.project_id == project_id, FigureReport.kind == kind)
        .order_by(FigureReport.until_on, FigureReport.id)
    ).all()
    wanted = {FigureOutcome.ACCEPTED} if accepted_only else {FigureOutcome.ACCEPTED, None}
    counted = [row for row, outcome in rows if outcome in wanted]
    replaced = {row.supersedes_id for row in counted}
    return tuple(row for row in counted if row.id not in replaced)


def period(project: Project, from_on: date, until_on: date, *, at: datetime) -> None:
    """Refuse days that make no period of a report.

    Raises
    ------
    InvalidInput
        ``days_out_of_order``, ``day_in_future``, ``two_years``, or ``before_admission`` for days
        in which the project did not exist here.
    """
    if until_on < from_on:
        raise InvalidInput("days_out_of_order", field="until_on")
    if until_on > utc_day(at):
        raise InvalidInput("day_in_future", field="until_on")
    if from_on.year != until_on.year:
        raise InvalidInput("two_years", field="from_on")
    if until_on < min(utc_day(project.created_at), project.starts_on or date.max):
        raise InvalidInput("before_project", field="until_on")


def place(
    session: Session,
    project: Project,
    kind: FigureKind,
    *,
    from_on: date,
    until_on: date,
    supersedes_id: uuid.UUID | None,
    reason: str | None,
) -> Sequence[FigureReport]:
    """Return the other reports that count, once the new one is seen to fit among them.

    Raises
    ------
    Conflict
        ``period_reported``: another report covers some of these days.
    InvalidInput
        ``reason_missing`` for a correction, or a reason without one.
    NotFound
        ``report_unknown``: what it corrects does not count, or is of another project.
    """
    counted = standing(session, project.id, kind, accepted_only=False)
    if (supersedes_id is None) != (not (reason or "").strip()):
        raise InvalidInput("reason_missing", field="reason")
    if supersedes_id is not None and supersedes_id not in {row.id for row in counted}:
        raise NotFound("report_unknown")
    others = [row for row in counted if row.id != supersedes_id]
    for row in others:
        if row.from_on <= until_on and from_on <= row.until_on:
            raise Conflict("period_reported", from_on=row.from_on, until_on=row.until_on)
    return others


def running(project: Project) -> None:
    """Refuse figures for a project that was never admitted.

    Raises
    ------
    StateRefused
        ``project_not_admitted``.
    """
    if project.code is None:
        raise StateRefused("project_not_admitted")


def _refuse_second(session: Session, report: FigureReport) -> None:
    accepted = session.scalar(
        select(FigureReport.id)
        .join(FigureCheck, FigureCheck.report_id == FigureReport.id)
        .where(
            FigureReport.supersedes_id == report.supersedes_id,
            FigureCheck.outcome == FigureOutcome.ACCEPTED,
        )
    )
    if accepted is not None:
        raise Conflict("report_corrected")
