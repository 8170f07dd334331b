"""What was each project's money planned for, and what was it used for, line by line?

The plan is the admitted budget; the use is what the project reported and the secretariat accepted;
beside both stands what the bank paid. Two statements, however many projects there are.
"""

import uuid
from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.projects.life_models import (
    BudgetLine,
    FigureCheck,
    FigureKind,
    FigureOutcome,
    FigureReport,
    SpendingLine,
)
from offset.projects.models import Project
from offset.reports.listings import NUMBER, Column, Listing, Row, amount
from offset.reports.payments_sent import sent_by_project
from offset.reports.rows import Span


def _rows(session: Session, span: Span) -> Iterator[Row]:
    spent = _spent(session, span)
    paid = sent_by_project(session, span.until)
    rows = session.execute(
        select(BudgetLine, Project.code, Project.title)
        .join(Project, Project.id == BudgetLine.project_id)
        .order_by(Project.code, Project.id, BudgetLine.position, BudgetLine.id)
    )
    for line, code, title in rows:
        used = spent.get(line.id, 0)
        if line.retired_at is not None and not used:
            continue
        out = sum(minor for _, minor in paid.get((line.project_id, line.currency), ()))
        yield (
            str(line.project_id), code or "", title, line.label, line.currency,
            amount(line.amount_minor, line.currency), amount(used, line.currency),
            amount(line.amount_minor - used, line.currency), amount(out, line.currency),
        )  # fmt: skip


def _spent(session: Session, span: Span) -> dict[uuid.UUID, int]:
    """Sum what accepted reports say of each budget line; a corrected report does not count."""
    newer, looked = aliased(FigureReport), aliased(FigureCheck)
    replaced = (
        select(newer.id)
        .join(looked, looked.report_id == newer.id)
        .where(newer.supersedes_id == FigureReport.id, looked.outcome == FigureOutcome.ACCEPTED)
    )
    rows = session.execute(
        select(SpendingLine.line_id, func.sum(SpendingLine.amount_minor))
        .join(FigureReport, FigureReport.id == SpendingLine.report_id)
        .join(FigureCheck, FigureCheck.report_id == FigureReport.id)
        .where(
            FigureReport.kind == FigureKind.SPENDING,
            FigureCheck.outcome == FigureOutcome.ACCEPTED,
            FigureReport.until_on <= span.until,
            ~replaced.exists(),
        )
        .group_by(SpendingLine.line_id)
    )
    return {line_id: int(total) for line_id, total in rows}


BUDGETS: Final = Listing(
    "budgets",
    (
        Column("project_id", "project"),
        Column("project"),
        Column("title"),
        Column("budget_line"),
        Column("currency"),
        Column("planned", NUMBER),
        Column("spent", NUMBER),
        Column("left", NUMBER),
        Column("paid_to_project", NUMBER),
    ),
    _rows,
)
