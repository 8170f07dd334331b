"""What else happened to a project: files, notices, losses, samplings planned; what was spent?

Small things of many kinds are read in one statement, so that a page costs the same whatever it
has gathered.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Float, Integer, Select, Text, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import Day, Instant
from offset.money import Money
from offset.projects.life_models import (
    BudgetLine,
    FigureCheck,
    FigureKind,
    FigureOutcome,
    FigureReport,
    ProjectNotice,
    Reversal,
    SpendingLine,
)
from offset.projects.measurement_models import LayerFile, SamplingRound
from offset.projects.models import Attachment


@dataclass(frozen=True)
class PublicFile:
    """A file handed in with the application: when, what kind, and the hash of its bytes.

    Its name may name a person and its content may be a contract: neither is public.
    """

    media_type: str
    size: int
    sha256: str
    added_on: date


@dataclass(frozen=True)
class Notice:
    """What was said in public when a project was paused, resumed, completed or withdrawn."""

    step: str
    told: str
    language: str
    on: date


@dataclass(frozen=True)
class Lost:
    """Carbon that the soil held and is losing again: when, on how much land, why."""

    on: date
    area_ha: float
    cause: str
    told: str
    language: str
    corrected: bool


@dataclass(frozen=True)
class PlannedRound:
    """A sampling as planned; ``done`` when its laboratory table was committed."""

    number: int
    planned_on: date
    depth_cm: int
    done: bool
    called_off_because: str | None


@dataclass(frozen=True)
class Happened:
    """The small things of one project, each kind in its order."""

    files: tuple[PublicFile, ...]
    notices: tuple[Notice, ...]
    reversals: tuple[Lost, ...]
    rounds: tuple[PlannedRound, ...]


@dataclass(frozen=True)
class BudgetView:
    """One line of the budget: planned, and reported as spent and accepted by the secretariat."""

    label: str
    language: str
    planned: Money
    spent: Money


@dataclass(frozen=True)
class Spending:
    """What a project reported as spent, by the lines of its budget."""

    lines: tuple[BudgetView, ...]
    total: Money
    until_on: date | None


def happened(session: Session, project_id: uuid.UUID, application_id: uuid.UUID | None) -> Happened:
    """Read files, notices, losses and planned samplings in one statement."""
    rows: Any = session.execute(
        union_all(
            _files(application_id), _notices(project_id), _lost(project_id), _rounds(project_id)
        )
    ).all()
    return Happened(
        files=tuple(
            PublicFile(row.title, row.number, row.note, utc_day(row.at))
            for row in sorted((one for one in rows if one.kind == "file"), key=lambda one: one.at)
        ),
        notices=tuple(
            Notice(row.title, row.note, row.language, utc_day(row.at))
            for row in sorted((one for one in rows if one.kind == "notice"), key=lambda one: one.at)
        ),
        reversals=tuple(
            Lost(row.day, row.share, row.title, row.note, row.language, bool(row.number))
            for row in sorted(
                (one for one in rows if one.kind == "lost"), key=lambda one: one.day, reverse=True
            )
        ),
        rounds=tuple(
            PlannedRound(row.number, row.day, int(row.share), bool(row.title), row.note)
            for row in sorted(
                (one for one in rows if one.kind == "round"), key=lambda one: one.number
            )
        ),
    )


def spending(session: Session, project_id: uuid.UUID, currency: str) -> Spending:
    """Read the use of a project's money as the secretariat accepted it, in one statement."""
    newer, accepted = aliased(FigureReport), aliased(FigureCheck)
    replaced = (
        select(newer.id)
        .join(accepted, accepted.report_id == newer.id)
        .where(newer.supersedes_id == FigureReport.id, accepted.outcome == FigureOutcome.ACCEPTED)
        .exists()
    )
    spent = (
        select(
            SpendingLine.line_id.label("line_id"),
            func.sum(SpendingLine.amount_minor).label("amount"),
            func.max(FigureReport.until_on).label("until_on"),
        )
        .join(FigureReport, FigureReport.id == SpendingLine.report_id)
        .join(FigureCheck, FigureCheck.report_id == FigureReport.id)
        .where(
            FigureReport.project_id == project_id,
            FigureReport.kind == FigureKind.SPENDING,
            FigureCheck.outcome == FigureOutcome.ACCEPTED,
            ~replaced,
        )
        .group_by(SpendingLine.line_id)
        .subquery()
    )
    rows = session.execute(
        select(BudgetLine, spent.c.amount, spent.c.until_on)
        .outerjoin(spent, spent.c.line_id == BudgetLine.id)
        .where(
            BudgetLine.project_id == project_id,
            BudgetLine.retired_at.is_(None) | spent.c.amount.is_not(None),
        )
        .order_by(BudgetLine.retired_at.is_not(None), BudgetLine.position, BudgetLine.id)
    ).all()
    lines = tuple(
        BudgetView(
            row.label,
            row.language,
            Money(row.amount_minor, currency),
            Money(int(amount or 0), currency),
        )
        for row, amount, _ in rows
    )
    return Spending(
        lines=lines,
        total=Money(sum(one.spent.minor for one in lines), currency),
        until_on=max((until for _, _, until in rows if until is not None), default=None),
    )


def _row(kind: str, **told: Any) -> Select[Any]:
    """Select one kind of thing under the names that all kinds share."""
    shapes: dict[str, Any] = {
        "id": None,
        "at": Instant(),
        "day": Day(),
        "title": Text(),
        "language": Text(),
        "note": Text(),
        "number": Integer(),
        "share": Float(),
    }
    found: Select[Any] = select(
        literal(kind).label("kind"),
        *(told.get(name, cast(null(), shape)).label(name) for name, shape in shapes.items()),
    )
    return found


def _files(application_id: uuid.UUID | None) -> Select[Any]:
    return _row(
        "file",
        id=Attachment.id,
        at=Attachment.added_at,
        title=Attachment.media_type,
        note=Attachment.sha256,
        number=Attachment.size,
    ).where(Attachment.application_id == application_id)


def _notices(project_id: uuid.UUID) -> Select[Any]:
    return _row(
        "notice",
        id=ProjectNotice.id,
        at=ProjectNotice.at,
        title=ProjectNotice.step,
        language=ProjectNotice.language,
        note=ProjectNotice.told,
    ).where(ProjectNotice.project_id == project_id)


def _lost(project_id: uuid.UUID) -> Select[Any]:
    newer = aliased(Reversal)
    corrected = select(func.count(newer.id)).where(newer.supersedes_id == Reversal.id)
    return _row(
        "lost",
        id=Reversal.id,
        day=Reversal.happened_on,
        title=cast(Reversal.cause, Text),
        language=Reversal.language,
        note=Reversal.told,
        number=corrected.correlate(Reversal).scalar_subquery(),
        share=Reversal.area_ha,
    ).where(Reversal.project_id == project_id)


def _rounds(project_id: uuid.UUID) -> Select[Any]:
    table = select(func.max(LayerFile.sha256)).where(LayerFile.round_id == SamplingRound.id)
    return _row(
        "round",
        id=SamplingRound.id,
        day=SamplingRound.planned_on,
        title=table.correlate(SamplingRound).scalar_subquery(),
        note=SamplingRound.called_off_because,
        number=SamplingRound.number,
        share=cast(SamplingRound.depth_cm, Float),
    ).where(SamplingRound.project_id == project_id)
