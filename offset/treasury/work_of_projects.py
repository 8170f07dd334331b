"""What of a project waits for the secretariat: applications, decisions, reports, concerns?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.projects.life_models import FigureCheck, FigureReport, ReportDue
from offset.projects.models import (
    POSITIVE,
    Admission,
    Assessment,
    AssessmentStatus,
    Decision,
    Measurement,
    MeasurementStatus,
    Project,
    ProjectStatus,
    ProjectUpdate,
    UpdateStatus,
)
from offset.projects.public_models import Concern, ConcernStatus
from offset.treasury.work import Work, rows

EXPIRING_DAYS: Final = 90
REPORTING: Final = (ProjectStatus.OPEN, ProjectStatus.FUNDED, ProjectStatus.ON_HOLD)


def reports(session: Session, at: datetime) -> Iterable[Work]:
    """Find the reports of projects that are overdue."""
    on = utc_day(at)
    wanted = (
        select(ReportDue.due_on, ReportDue.kind, Project.code, Project.title)
        .join(Project, Project.id == ReportDue.project_id)
        .where(ReportDue.met_at.is_(None), ReportDue.due_on < on)
        .where(Project.status.in_(REPORTING))
        .order_by(ReportDue.due_on, Project.code)
    )
    for due_on, _kind, code, title in rows(session, wanted):
        name = f"{code or ''} {title}".strip()
        yield Work(name=name, since=due_on, due=due_on, path="/secretariat/projects")


def applications(session: Session, _at: datetime) -> Iterable[Work]:
    """Applications that were handed in and not taken up."""
    wanted = (
        select(Assessment.id, Assessment.changed_at, Project.title)
        .join(Project, Project.id == Assessment.project_id)
        .where(Assessment.status.in_((AssessmentStatus.SUBMITTED, AssessmentStatus.ELIGIBILITY)))
        .order_by(Assessment.changed_at, Assessment.id)
    )
    for assessment_id, changed_at, title in rows(session, wanted):
        path = f"/secretariat/projects/{assessment_id}"
        yield Work(name=title, since=utc_day(changed_at), path=path)


def expiring(session: Session, at: datetime) -> Iterable[Work]:
    """Decisions that run out soon and were not applied for again."""
    on = utc_day(at)
    newer = exists().where(
        Assessment.project_id == Project.id,
        Assessment.status.in_((AssessmentStatus.SUBMITTED, AssessmentStatus.ELIGIBILITY)),
    )
    wanted = (
        select(Decision.expires_on, Decision.assessment_id, Project.code, Project.title)
        .join(Project, Project.id == Decision.project_id)
        .where(Decision.expires_on.between(on, on + timedelta(days=EXPIRING_DAYS)))
        .where(Project.status.in_(REPORTING), ~newer)
        .order_by(Decision.expires_on, Decision.id)
    )
    for expires_on, assessment_id, code, title in rows(session, wanted):
        yield Work(
            name=f"{code or ''} {title}".strip(),
            since=None,
            due=expires_on,
            path=f"/secretariat/projects/{assessment_id}",
        )


def concerns(session: Session, _at: datetime) -> Iterable[Work]:
    """Concerns that are not closed."""
    wanted = (
        select(Concern.id, Concern.reference, Concern.received_at, Concern.proposed_by)
        .where(Concern.status != ConcernStatus.CLOSED)
        .order_by(Concern.received_at, Concern.id)
    )
    for concern_id, reference, received_at, proposed_by in rows(session, wanted):
        yield Work(
            name=reference,
            since=utc_day(received_at),
            path=f"/secretariat/concerns/{concern_id}",
            own=proposed_by,
        )


def measurements(session: Session, _at: datetime) -> Iterable[Work]:
    """Measurements that wait to be published."""
    wanted = (
        select(Measurement.id, Measurement.submitted_at, Project.title)
        .join(Project, Project.id == Measurement.project_id)
        .where(Measurement.status == MeasurementStatus.SUBMITTED)
        .order_by(Measurement.submitted_at, Measurement.id)
    )
    for measurement_id, submitted_at, title in rows(session, wanted):
        path = f"/secretariat/measurements/{measurement_id}"
        yield Work(name=title, since=utc_day(submitted_at), path=path)


def updates(session: Session, _at: datetime) -> Iterable[Work]:
    """Find the updates that wait to be read."""
    wanted = (
        select(ProjectUpdate.id, ProjectUpdate.submitted_at, ProjectUpdate.title)
        .where(ProjectUpdate.status == UpdateStatus.SUBMITTED)
        .order_by(ProjectUpdate.submitted_at, ProjectUpdate.id)
    )
    for update_id, submitted_at, title in rows(session, wanted):
        since = utc_day(submitted_at) if submitted_at else None
        yield Work(name=title, since=since, path=f"/secretariat/updates/{update_id}")


def admissions(session: Session, at: datetime) -> Iterable[Work]:
    """Positive decisions that hold and wait for the secretariat's own act, the admission."""
    admitted = exists().where(Admission.decision_id == Decision.id)
    later = aliased(Decision)
    newer = exists().where(later.project_id == Decision.project_id, later.id > Decision.id)
    wanted = (
        select(Decision.assessment_id, Decision.decided_on, Decision.expires_on, Project.title)
        .join(Project, Project.id == Decision.project_id)
        .where(Decision.outcome.in_(POSITIVE), Decision.expires_on >= utc_day(at), ~admitted)
        .where(Project.status.in_((ProjectStatus.IN_ASSESSMENT, *REPORTING)), ~newer)
        .order_by(Decision.decided_on, Decision.id)
    )
    for assessment_id, decided_on, expires_on, title in rows(session, wanted):
        path = f"/secretariat/projects/{assessment_id}"
        yield Work(name=title, since=decided_on, due=expires_on, path=path)


def figures(session: Session, _at: datetime) -> Iterable[Work]:
    """Figures of activity and of spending that wait to be checked."""
    checked = exists().where(FigureCheck.report_id == FigureReport.id)
    wanted = (
        select(FigureReport.id, FigureReport.handed_in_at, Project.code, Project.title)
        .join(Project, Project.id == FigureReport.project_id)
        .where(~checked)
        .order_by(FigureReport.handed_in_at, FigureReport.id)
    )
    for report_id, handed_in_at, code, title in rows(session, wanted):
        name = f"{code or ''} {title}".strip()
        since = utc_day(handed_in_at)
        yield Work(name=name, since=since, path=f"/secretariat/figures/{report_id}")
