"""What did a project do in a year, against what it had planned: hectares, people, money?"""

import math
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput
from offset.money import Money
from offset.people.access import Actor, Right
from offset.projects import figures, lifecycle, public_words
from offset.projects.life_models import (
    ActivityPlan,
    FigureKind,
    FigureReport,
    SpendingLine,
)
from offset.projects.models import Project
from offset.projects.organisations import own_project

_FIRST_YEAR: Final = 2000
_YEARS_AHEAD: Final = 40
_MOST: Final = 1_000_000_000


@dataclass(frozen=True)
class Done:
    """What was done: hectares treated, people reached or at work, of them women and the young."""

    hectares: float
    people: int
    women: int | None = None
    youth: int | None = None


@dataclass(frozen=True)
class Labour:
    """Work given freely: hours and days of visitors, never money.

    ``hour_value`` is what an hour would have cost by ``source``; it stands beside the hours and
    enters no sum of money.
    """

    hours: int
    visitor_days: int = 0
    hour_value: Money | None = None
    source: str | None = None


@dataclass(frozen=True)
class LabourView:
    """Hours given freely in one year, and what they would have cost, apart from all money."""

    hours: int
    visitor_days: int
    hour_value: Money | None
    value: Money | None
    source: str | None


@dataclass(frozen=True)
class YearView:
    """One year of a project: planned beside reported, with what shows it."""

    year: int
    planned_hectares: float | None
    planned_people: int | None
    planned_money: Money | None
    plan_reason: str | None
    hectares: float | None
    people: int | None
    women: int | None
    youth: int | None
    spent: Money | None
    labour: LabourView | None
    evidence: tuple[str, ...]


def plan(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    year: int,
    hectares: float,
    people: int,
    money: Money,
    reason: str | None = None,
) -> uuid.UUID:
    """Write what a project plans for a year; a change of plan is a new row with its reason.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``year_unusable``, ``value_unusable``, ``area_above_project``, ``currency_mixed`` or
        ``reason_missing`` for a change.
    Refused
        ``phrases_found``: the reason is public.
    StateRefused
        ``project_not_admitted``.
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    figures.running(project)
    if not _FIRST_YEAR <= year <= utc_day(at).year + _YEARS_AHEAD:
        raise InvalidInput("year_unusable", field="year")
    _check(project, Done(hectares, people))
    if money.currency != project.currency:
        raise InvalidInput("currency_mixed", field="money", one=money.currency)
    if money.minor < 0:
        raise InvalidInput("value_unusable", field="money")
    before = _plan_of(session, project.id, year)
    row = ActivityPlan(
        id=uuid7(at),
        project_id=project.id,
        year=year,
        hectares=float(hectares),
        people=people,
        money_minor=money.minor,
        currency=money.currency,
        supersedes_id=before.id if before else None,
        reason=_words(reason, project, "reason", "reason_missing") if before else None,
        written_at=at,
        written_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "plan_year", actor=actor, at=at, reason=row.reason)
    return row.id


def report(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    from_on: date,
    until_on: date,
    done: Done,
    evidence: str,
    labour: Labour | None = None,
    supersedes_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Report what was done in some days of one year; once accepted it is public.

    Raises
    ------
    Conflict
        ``period_reported``.
    Forbidden, NotFound
    InvalidInput
        ``days_out_of_order``, ``day_in_future``, ``two_years``, ``before_project``,
        ``value_unusable``, ``area_above_project``, ``parts_above_people``, ``proof_missing``,
        ``source_missing``, ``currency_mixed`` or ``reason_missing``.
    Refused
        ``phrases_found``: what shows it is public.
    StateRefused
        ``project_not_admitted``.
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    figures.running(project)
    figures.period(project, from_on, until_on, at=at)
    _check(project, done)
    work = _checked_labour(project, labour)
    shown = _words(evidence, project, "evidence", "proof_missing")
    figures.place(
        session,
        project,
        FigureKind.ACTIVITY,
        from_on=from_on,
        until_on=until_on,
        supersedes_id=supersedes_id,
        reason=reason,
    )
    row = FigureReport(
        id=uuid7(at),
        project_id=project.id,
        kind=FigureKind.ACTIVITY,
        from_on=from_on,
        until_on=until_on,
        currency=project.currency,
        hectares=float(done.hectares),
        people=done.people,
        women=done.women,
        youth=done.youth,
        labour_hours=work.hours if work else None,
        visitor_days=work.visitor_days if work else None,
        labour_hour_minor=work.hour_value.minor if work and work.hour_value else None,
        labour_source=work.source if work else None,
        evidence=shown,
        language=project.language,
        supersedes_id=supersedes_id,
        reason=_words(reason, project, "reason", "reason_missing") if supersedes_id else None,
        handed_in_at=at,
        handed_in_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "report_activity", actor=actor, at=at, reason=row.reason)
    return row.id


def years(
    session: Session, project_id: uuid.UUID, *, accepted_only: bool = True
) -> tuple[YearView, ...]:
    """Return each year of a project, planned beside reported, the newest first."""
    project = session.get_one(Project, project_id)
    plans = {row.year: row for row in _plans(session, project_id)}
    done: dict[int, list[FigureReport]] = {}
    for row in figures.standing(
        session, project_id, FigureKind.ACTIVITY, accepted_only=accepted_only
    ):
        done.setdefault(row.until_on.year, []).append(row)
    spent = _spent(session, project_id, accepted_only=accepted_only)
    every = sorted({*plans, *done, *spent}, reverse=True)
    return tuple(
        _year(project.currency, year, plans.get(year), done.get(year, []), spent.get(year))
        for year in every
    )


def _year(
    currency: str,
    year: int,
    plan_: ActivityPlan | None,
    rows: list[FigureReport],
    spent: int | None,
) -> YearView:
    return YearView(
        year=year,
        planned_hectares=plan_.hectares if plan_ else None,
        planned_people=plan_.people if plan_ else None,
        planned_money=Money(plan_.money_minor, plan_.currency) if plan_ else None,
        plan_reason=plan_.reason if plan_ else None,
        hectares=round(sum(row.hectares or 0 for row in rows), 4) if rows else None,
        # The same people come again, so those of two reports are not added up.
        people=max((row.people or 0 for row in rows), default=None),
        women=max((row.women for row in rows if row.women is not None), default=None),
        youth=max((row.youth for row in rows if row.youth is not None), default=None),
        spent=Money(spent, currency) if spent is not None else None,
        labour=_labour(rows),
        evidence=tuple(row.evidence for row in rows),
    )


def _labour(rows: list[FigureReport]) -> LabourView | None:
    """Add up the hours of a year; their value only where every report gives the same one."""
    given = [row for row in rows if row.labour_hours is not None]
    if not given:
        return None
    hours = sum(row.labour_hours or 0 for row in given)
    [first, *rest] = given
    same = first.labour_hour_minor is not None and all(
        row.labour_hour_minor == first.labour_hour_minor for row in rest
    )
    each = Money(first.labour_hour_minor, first.currency) if same else None  # type: ignore[arg-type] # not None where same
    return LabourView(
        hours=hours,
        visitor_days=sum(row.visitor_days or 0 for row in given),
        hour_value=each,
        value=Money(each.minor * hours, each.currency) if each else None,
        source=first.labour_source if same else None,
    )


def _check(project: Project, done: Done) -> None:
    """Refuse figures that cannot be: negative, endless, or more land than there is."""
    if not (math.isfinite(done.hectares) and 0 <= done.hectares <= _MOST):
        raise InvalidInput("value_unusable", field="hectares")
    if project.area_ha is not None and done.hectares > project.area_ha:
        raise InvalidInput("area_above_project", field="hectares", area=project.area_ha)
    if not 0 <= done.people <= _MOST:
        raise InvalidInput("value_unusable", field="people")
    for field, part in (("women", done.women), ("youth", done.youth)):
        if part is not None and not 0 <= part <= done.people:
            raise InvalidInput("parts_above_people", field=field)


def _checked_labour(project: Project, labour: Labour | None) -> Labour | None:
    if labour is None:
        return None
    if not 0 <= labour.hours <= _MOST or not 0 <= labour.visitor_days <= _MOST:
        raise InvalidInput("value_unusable", field="labour_hours")
    if labour.hour_value is None:
        return Labour(labour.hours, labour.visitor_days)
    if labour.hour_value.currency != project.currency:
        raise InvalidInput("currency_mixed", field="hour_value", one=labour.hour_value.currency)
    if labour.hour_value.minor <= 0:
        raise InvalidInput("amount_not_positive", field="hour_value")
    source = _words(labour.source, project, "labour_source", "source_missing")
    return Labour(labour.hours, labour.visitor_days, labour.hour_value, source)


def _words(text: str | None, project: Project, field: str, missing: str) -> str:
    return public_words.checked(
        text or "", project.language, field=field, longest=figures.LONGEST_NOTE, missing=missing
    )


def _plans(session: Session, project_id: uuid.UUID) -> list[ActivityPlan]:
    """Return the plan that holds for each year."""
    newer = aliased(ActivityPlan)
    return list(
        session.scalars(
            select(ActivityPlan).where(
                ActivityPlan.project_id == project_id,
                ~select(newer.id).where(newer.supersedes_id == ActivityPlan.id).exists(),
            )
        )
    )


def _plan_of(session: Session, project_id: uuid.UUID, year: int) -> ActivityPlan | None:
    return next((row for row in _plans(session, project_id) if row.year == year), None)


def _spent(session: Session, project_id: uuid.UUID, *, accepted_only: bool) -> dict[int, int]:
    counted = figures.standing(
        session, project_id, FigureKind.SPENDING, accepted_only=accepted_only
    )
    sums = {
        report_id: int(total)
        for report_id, total in session.execute(
            select(SpendingLine.report_id, func.sum(SpendingLine.amount_minor))
            .where(SpendingLine.report_id.in_([row.id for row in counted]))
            .group_by(SpendingLine.report_id)
        )
    }
    found: dict[int, int] = {}
    for row in counted:
        found[row.until_on.year] = found.get(row.until_on.year, 0) + sums.get(row.id, 0)
    return found
