"""What was the money used for, line by line of the budget, against what was paid to the project?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.ledger import balances
from offset.money import Money
from offset.people.access import Actor, Right
from offset.projects import figures, lifecycle, public_words
from offset.projects.life_models import BudgetLine, FigureKind, FigureReport, SpendingLine
from offset.projects.models import Application, Project
from offset.projects.organisations import own_project

_MOST_LINES: Final = 60


@dataclass(frozen=True)
class LineView:
    """A budget line: what was planned for it, and what the project says it spent."""

    id: uuid.UUID
    label: str
    language: str
    planned: Money
    spent: Money
    retired: bool

    @property
    def above_plan(self) -> bool:
        """Whether more was spent than planned; told, not refused."""
        return self.spent.minor > self.planned.minor


@dataclass(frozen=True)
class Use:
    """The use of a project's money: line by line, what was paid to it, and what is unspent.

    ``above_reasons`` say why more was spent than paid, where that was so.
    """

    lines: tuple[LineView, ...]
    paid: Money
    spent: Money
    until_on: date | None
    above_reasons: tuple[str, ...]

    @property
    def unspent(self) -> Money:
        """What was paid and not reported as spent yet; nothing below zero."""
        return Money(max(0, self.paid.minor - self.spent.minor), self.paid.currency)


def renew(session: Session, project: Project, application: Application, *, at: datetime) -> None:
    """Write the budget lines of an admitted version; those of an earlier one are retired.

    An application without lines has one: the whole of what it asks for, with an empty label.
    """
    held = session.scalars(
        select(BudgetLine).where(
            BudgetLine.project_id == project.id, BudgetLine.retired_at.is_(None)
        )
    ).all()
    if any(row.application_id == application.id for row in held):
        return
    for row in held:
        row.retired_at = at
    money = application.document.get("money", {})
    told = [(str(one["label"]), int(one["amount_minor"])) for one in money.get("budget") or ()]
    for position, (label, minor) in enumerate(told or [("", project.target_minor or 0)], start=1):
        session.add(
            BudgetLine(
                id=uuid7(at),
                project_id=project.id,
                application_id=application.id,
                position=position,
                label=label,
                language=project.language,
                amount_minor=minor,
                currency=project.currency,
            )
        )
    session.flush()


def report(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    from_on: date,
    until_on: date,
    amounts: Mapping[uuid.UUID, Money],
    evidence: str,
    above_reason: str | None = None,
    supersedes_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Report what was spent in some days of one year, by budget line.

    All that a project reports as spent is at most what was paid to it; more needs a reason, which
    is public.

    Raises
    ------
    Conflict
        ``period_reported``.
    Forbidden, NotFound
        Also ``budget_line_unknown``.
    InvalidInput
        ``days_out_of_order``, ``day_in_future``, ``two_years``, ``before_project``,
        ``amount_missing``, ``amount_not_positive``, ``currency_mixed``, ``proof_missing`` or
        ``reason_missing``.
    Refused
        ``spent_above_paid`` without a reason; ``phrases_found``.
    StateRefused
        ``project_not_admitted``.
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    figures.running(project)
    figures.period(project, from_on, until_on, at=at)
    _check_amounts(session, project, amounts)
    shown = _words(evidence, project, "evidence", missing="proof_missing")
    others = figures.place(
        session,
        project,
        FigureKind.SPENDING,
        from_on=from_on,
        until_on=until_on,
        supersedes_id=supersedes_id,
        reason=reason,
    )
    before = _sum(session, [row.id for row in others])
    total = Money(before + sum(one.minor for one in amounts.values()), project.currency)
    row = FigureReport(
        id=uuid7(at),
        project_id=project.id,
        kind=FigureKind.SPENDING,
        from_on=from_on,
        until_on=until_on,
        currency=project.currency,
        evidence=shown,
        above_reason=_above(session, project, total, above_reason),
        language=project.language,
        supersedes_id=supersedes_id,
        reason=_words(reason, project, "reason") if supersedes_id is not None else None,
        handed_in_at=at,
        handed_in_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    for line_id, amount in amounts.items():
        session.add(SpendingLine(report_id=row.id, line_id=line_id, amount_minor=amount.minor))
    session.flush()
    lifecycle.note(session, project, "report_spending", actor=actor, at=at, reason=reason)
    return row.id


def use(session: Session, project_id: uuid.UUID, *, accepted_only: bool = True) -> Use:
    """Return the use of a project's money; in public only what the secretariat accepted."""
    project = session.get_one(Project, project_id)
    counted = figures.standing(
        session, project_id, FigureKind.SPENDING, accepted_only=accepted_only
    )
    spent = _by_line(session, [row.id for row in counted])
    rows = session.scalars(
        select(BudgetLine)
        .where(BudgetLine.project_id == project_id)
        .order_by(BudgetLine.retired_at.is_not(None), BudgetLine.id)
    ).all()
    currency = project.currency
    return Use(
        lines=tuple(
            LineView(
                row.id,
                row.label,
                row.language,
                Money(row.amount_minor, currency),
                Money(spent.get(row.id, 0), currency),
                row.retired_at is not None,
            )
            for row in rows
            if row.retired_at is None or spent.get(row.id)
        ),
        paid=paid(session, project),
        spent=Money(sum(spent.values()), currency),
        until_on=max((row.until_on for row in counted), default=None),
        above_reasons=tuple(row.above_reason for row in counted if row.above_reason),
    )


def paid(session: Session, project: Project) -> Money:
    """Return what left our bank for a project, as the books have it."""
    return balances.project_totals(session, [project.id], project.currency)[project.id].paid


def _check_amounts(session: Session, project: Project, amounts: Mapping[uuid.UUID, Money]) -> None:
    if not amounts or len(amounts) > _MOST_LINES:
        raise InvalidInput("amount_missing", field="amounts")
    known = set(
        session.scalars(
            select(BudgetLine.id).where(
                BudgetLine.project_id == project.id, BudgetLine.retired_at.is_(None)
            )
        )
    )
    for line_id, amount in amounts.items():
        if line_id not in known:
            raise NotFound("budget_line_unknown")
        if amount.currency != project.currency:
            raise InvalidInput("currency_mixed", field="amounts", one=amount.currency)
        if amount.minor <= 0:
            raise InvalidInput("amount_not_positive", field="amounts")


def _above(session: Session, project: Project, total: Money, reason: str | None) -> str | None:
    there = paid(session, project)
    if total.minor <= there.minor:
        return None
    if not (reason or "").strip():
        raise Refused("spent_above_paid", field="above_reason", spent=total, paid=there)
    return _words(reason, project, "above_reason")


def _words(
    text: str | None, project: Project, field: str, *, missing: str = "reason_missing"
) -> str:
    return public_words.checked(
        text or "", project.language, field=field, longest=figures.LONGEST_NOTE, missing=missing
    )


def _sum(session: Session, report_ids: list[uuid.UUID]) -> int:
    return sum(_by_line(session, report_ids).values())


def _by_line(session: Session, report_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    rows = session.execute(
        select(SpendingLine.line_id, func.sum(SpendingLine.amount_minor))
        .where(SpendingLine.report_id.in_(report_ids))
        .group_by(SpendingLine.line_id)
    )
    return {line_id: int(total) for line_id, total in rows}
