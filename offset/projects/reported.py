"""What stands in a report of figures, and what became of it? For its project and the desk."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.money import Money
from offset.people.access import Actor, Right, require
from offset.projects.life_models import (
    BudgetLine,
    FigureCheck,
    FigureKind,
    FigureOutcome,
    FigureReport,
    SpendingLine,
)
from offset.projects.models import Project
from offset.projects.organisations import own_project


@dataclass(frozen=True)
class Spent:
    """What a report says of one budget line."""

    line_id: uuid.UUID
    label: str
    language: str
    amount: Money


@dataclass(frozen=True)
class ReportView:
    """A report as it was handed in; ``state`` is ``waiting``, ``accepted`` or ``returned``."""

    id: uuid.UUID
    project_id: uuid.UUID
    project: str
    kind: FigureKind
    from_on: date
    until_on: date
    hectares: float | None
    people: int | None
    women: int | None
    youth: int | None
    labour_hours: int | None
    visitor_days: int | None
    hour_value: Money | None
    labour_source: str | None
    spent: tuple[Spent, ...]
    total: Money
    evidence: str
    above_reason: str | None
    supersedes_id: uuid.UUID | None
    reason: str | None
    state: str
    answer: str | None
    handed_in_at: datetime


def one(session: Session, actor: Actor, report_id: uuid.UUID) -> ReportView:
    """Read a report for the secretariat.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    NotFound
        ``report_unknown``.
    """
    require(actor, Right.MODERATE)
    found = _read(session, FigureReport.id == report_id)
    if not found:
        raise NotFound("report_unknown")
    return found[0]


def own(
    session: Session, actor: Actor, project_id: uuid.UUID, kind: FigureKind
) -> tuple[ReportView, ...]:
    """Read what a project handed in, the latest first, for the people who run it.

    Raises
    ------
    Forbidden, NotFound
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    found = _read(session, FigureReport.project_id == project.id, FigureReport.kind == kind)
    return tuple(reversed(found))


def _read(session: Session, *wanted: ColumnElement[bool]) -> Sequence[ReportView]:
    rows = session.execute(
        select(FigureReport, Project.title, FigureCheck)
        .join(Project, Project.id == FigureReport.project_id)
        .outerjoin(FigureCheck, FigureCheck.report_id == FigureReport.id)
        .where(*wanted)
        .order_by(FigureReport.handed_in_at, FigureReport.id)
    ).all()
    spent = _spent(session, [row.id for row, _, _ in rows])
    return [_view(row, title, check, spent.get(row.id, ())) for row, title, check in rows]


def _view(
    row: FigureReport, title: str, check: FigureCheck | None, spent: Iterable[Spent]
) -> ReportView:
    lines = tuple(spent)
    each = row.labour_hour_minor
    return ReportView(
        id=row.id,
        project_id=row.project_id,
        project=title,
        kind=row.kind,
        from_on=row.from_on,
        until_on=row.until_on,
        hectares=row.hectares,
        people=row.people,
        women=row.women,
        youth=row.youth,
        labour_hours=row.labour_hours,
        visitor_days=row.visitor_days,
        hour_value=Money(each, row.currency) if each is not None else None,
        labour_source=row.labour_source,
        spent=lines,
        total=Money(sum(one.amount.minor for one in lines), row.currency),
        evidence=row.evidence,
        above_reason=row.above_reason,
        supersedes_id=row.supersedes_id,
        reason=row.reason,
        state=_state(check),
        answer=check.reason if check else None,
        handed_in_at=row.handed_in_at,
    )


def _state(check: FigureCheck | None) -> str:
    if check is None:
        return "waiting"
    return "accepted" if check.outcome is FigureOutcome.ACCEPTED else "returned"


def _spent(session: Session, report_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Spent]]:
    rows = session.execute(
        select(SpendingLine, BudgetLine)
        .join(BudgetLine, BudgetLine.id == SpendingLine.line_id)
        .where(SpendingLine.report_id.in_(report_ids))
        .order_by(BudgetLine.position, BudgetLine.id)
    )
    found: dict[uuid.UUID, list[Spent]] = {}
    for spent, line in rows:
        found.setdefault(spent.report_id, []).append(
            Spent(line.id, line.label, line.language, Money(spent.amount_minor, line.currency))
        )
    return found
