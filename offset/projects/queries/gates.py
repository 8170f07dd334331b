"""May money go to a project on a day, and which projects may receive any?"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from offset.money import Money
from offset.projects.models import (
    POSITIVE,
    Admission,
    Decision,
    DecisionCondition,
    Project,
    ProjectStatus,
    Safeguard,
)

GRACE_DAYS: Final = 30

"""How long after its date a report may still come before new money stops."""


LISTED: Final = frozenset({ProjectStatus.OPEN, ProjectStatus.FUNDED})


_ALLOCATION_ONLY: Final = frozenset(
    {"on_hold", "withdrawn", "completed", "not_open", "report_overdue"}
)


@dataclass(frozen=True)
class Gate:
    """Whether money may go to a project on a day, and if not, why not, in fixed words.

    Reasons: ``project_unknown``, ``not_assessed``, ``not_positive``, ``expired``, ``safeguards``,
    ``conditions_open``, ``not_admitted``, ``on_hold``, ``withdrawn``, ``completed``,
    ``not_open``, ``report_overdue``. The last five stop new allocations only.
    """

    open: bool
    reasons: tuple[str, ...]
    decision_id: uuid.UUID | None = None
    admission_id: uuid.UUID | None = None
    ceiling: Money | None = None

    @property
    def may_pay(self) -> bool:
        """Whether money already allocated may go out: the assessment and admission hold."""
        return not set(self.reasons) - _ALLOCATION_ONLY


@dataclass(frozen=True)
class Fundable:
    """A project that may receive money today, with the two decisions that allow it."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    target: Money
    ceiling: Money
    decision_id: uuid.UUID
    admission_id: uuid.UUID
    country: str | None = None
    practice: str | None = None


@dataclass(frozen=True)
class Standing:
    """A project with its last decision, the admission under it and its open conditions."""

    project: Project
    decision: Decision | None
    admission: Admission | None
    open_conditions: int


def gate(session: Session, project_id: uuid.UUID, on: date) -> Gate:
    """Say whether money may go to a project on a day; allocation and payment both ask."""
    found = standings(session, on, Project.id == project_id)
    if not found:
        return Gate(open=False, reasons=("project_unknown",))
    return gate_of(found[0], on)


def fundable(session: Session, on: date) -> tuple[Fundable, ...]:
    """Return every project that may receive money on a day, by code."""
    found: list[Fundable] = []
    for one in _standings(session.execute(_listed(), {"on": on}).all()):
        project, decision, admission = one.project, one.decision, one.admission
        if decision is None or admission is None or not gate_of(one, on).open:
            continue
        found.append(
            Fundable(
                project_id=project.id,
                code=project.code or "",
                slug=project.slug,
                title=project.title,
                target=target_of(project),
                ceiling=Money(admission.ceiling_minor, admission.currency),
                decision_id=decision.id,
                admission_id=admission.id,
                country=project.country,
                practice=project.practice,
            )
        )
    return tuple(sorted(found, key=lambda one: one.code))


def overdue(due_on: date | None, on: date) -> bool:
    """Say whether a report is so late that new money stops: from the thirtieth day on."""
    return due_on is not None and on >= due_on + timedelta(days=GRACE_DAYS)


def latest_decision_id(
    on: date | ColumnElement[date], *wanted: ColumnElement[bool]
) -> ScalarSelect[uuid.UUID]:
    """Return the id of a project's last decision by a day, correlated to the project's row."""
    return (
        select(Decision.id)
        .where(Decision.project_id == Project.id, Decision.decided_on <= on, *wanted)
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def standing_statement(
    on: date | ColumnElement[date], *wanted: ColumnElement[bool]
) -> Select[Any, Any, Any, Any]:
    """Select projects with their last decision, the admission under it and open conditions."""
    last_admission = (
        select(Admission.id)
        .where(Admission.decision_id == Decision.id, Admission.admitted_on <= on)
        .order_by(Admission.admitted_on.desc(), Admission.recorded_at.desc(), Admission.id.desc())
        .limit(1)
        .correlate(Decision)
        .scalar_subquery()
    )
    open_conditions = (
        select(func.count())
        .select_from(DecisionCondition)
        .where(
            DecisionCondition.decision_id == Decision.id,
            (DecisionCondition.closed_on.is_(None)) | (DecisionCondition.closed_on > on),
        )
        .correlate(Decision)
        .scalar_subquery()
    )
    return (
        select(Project, Decision, Admission, open_conditions)
        .outerjoin(Decision, Decision.id == latest_decision_id(on))
        .outerjoin(Admission, Admission.id == last_admission)
        .where(*wanted)
    )


def standings(session: Session, on: date, *wanted: ColumnElement[bool]) -> tuple[Standing, ...]:
    """Read projects with their last decision, the admission under it and open conditions."""
    return _standings(session.execute(standing_statement(on, *wanted)).all())


def _standings(rows: Sequence[Row[Any, Any, Any, Any]]) -> tuple[Standing, ...]:
    return tuple(
        Standing(project, decision, admission, count if decision is not None else 0)
        for project, decision, admission, count in rows
    )


@cache
def _listed() -> Select[Any, Any, Any, Any]:
    """Build the statement once: every allocation asks it, and building takes longest."""
    day: BindParameter[date] = bindparam("on", type_=Decision.decided_on.type)
    return standing_statement(day, Project.status.in_(LISTED))


def gate_of(one: Standing, on: date) -> Gate:
    """Say of a project that was read whether money may go to it."""
    reasons = [*_assessed(one, on), *_ready(one.project, on)]
    decision, admission = one.decision, one.admission
    return Gate(
        open=not reasons,
        reasons=tuple(reasons),
        decision_id=decision.id if decision else None,
        admission_id=admission.id if admission else None,
        ceiling=Money(admission.ceiling_minor, admission.currency) if admission else None,
    )


def _assessed(one: Standing, on: date) -> list[str]:
    """Name what the committee's decision and the secretariat's admission lack."""
    decision = one.decision
    if decision is None:
        return ["not_assessed"]
    if decision.outcome not in POSITIVE:
        return ["not_positive"]
    reasons = []
    if decision.expires_on is None or on > decision.expires_on:
        reasons.append("expired")
    if decision.safeguards not in {Safeguard.MET, Safeguard.MET_WITH_CONDITIONS}:
        reasons.append("safeguards")
    if one.open_conditions:
        reasons.append("conditions_open")
    if one.admission is None or one.admission.admitted_by == decision.decided_by:
        reasons.append("not_admitted")
    return reasons


def _ready(project: Project, on: date) -> list[str]:
    """Name what keeps new money from a project in its present state."""
    reasons = []
    if project.status not in LISTED:
        final = {ProjectStatus.ON_HOLD, ProjectStatus.WITHDRAWN, ProjectStatus.COMPLETED}
        reasons.append(project.status.value if project.status in final else "not_open")
    if overdue(project.report_due_on, on):
        reasons.append("report_overdue")
    return reasons


def target_of(project: Project) -> Money:
    """Return what a project asks for."""
    return Money(project.target_minor or 0, project.currency)
