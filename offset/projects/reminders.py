"""Who is told when a report is due: 14 days before, on the day, 14 days after, and when it stops?

Each of the four moments is acted on once. A job that did not run for a while tells the latest
moment only, never four at once.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.people import outbox
from offset.people.access import SYSTEM
from offset.people.models import User
from offset.projects import deadlines, lifecycle
from offset.projects.deadlines import CADENCES
from offset.projects.life_models import DueNotice, ReportDue
from offset.projects.models import OrganisationMember, Project, ProjectStatus
from offset.projects.queries import GRACE_DAYS

BEFORE: Final = -14
"""A fortnight ahead; then on the day, a fortnight after, and when new money stops."""
MOMENTS: Final = (BEFORE, 0, 14, GRACE_DAYS)
_RUNNING: Final = (ProjectStatus.OPEN, ProjectStatus.FUNDED, ProjectStatus.ON_HOLD)


def remind(database: Database, *, at: datetime) -> int:
    """Tell the people of every project what is due, a transaction each; return how many mails."""
    with database.reading() as session:
        projects = session.scalars(
            select(Project.id)
            .where(Project.status.in_(_RUNNING), Project.report_due_on.is_not(None))
            .order_by(Project.code)
        ).all()
    return sum(database.run(remind_one, project_id, at=at) for project_id in projects)


def remind_one(session: Session, project_id: uuid.UUID, *, at: datetime) -> int:
    """Tell the people of one project what is due, and note when a report stops new money."""
    project = session.get_one(Project, project_id)
    deadlines.begin(session, project, at=at)
    deadlines.answered_by_outcomes(session, project, at=at)
    rows = session.scalars(
        select(ReportDue)
        .where(ReportDue.project_id == project.id, ReportDue.met_at.is_(None))
        .where(ReportDue.due_on <= utc_day(at) - timedelta(days=BEFORE))
        .order_by(ReportDue.due_on, ReportDue.id)
    ).all()
    return sum(_one(session, project, row, at=at) for row in rows)


def moment(due_on: date, on: date) -> int | None:
    """Return the latest of the four moments that a day has reached, as days from the due date.

    The last one is the day on which the gate shuts.
    """
    return max((days for days in MOMENTS if on >= due_on + timedelta(days=days)), default=None)


def _one(session: Session, project: Project, row: ReportDue, *, at: datetime) -> int:
    days = moment(row.due_on, utc_day(at))
    if days is None or session.get(DueNotice, (row.id, days)) is not None:
        return 0
    session.add(DueNotice(due_id=row.id, days=days, at=at))
    session.flush()
    if days == GRACE_DAYS and CADENCES[row.kind].stops_money:
        lifecycle.note(session, project, "report_overdue", actor=SYSTEM, at=at)
    people = session.execute(
        select(User.id, User.email, User.language)
        .join(OrganisationMember, OrganisationMember.user_id == User.id)
        .where(OrganisationMember.organisation_id == project.organisation_id)
        .order_by(User.id)
    ).all()
    for user_id, email, language in people:
        if not email:
            continue
        outbox.enqueue(
            session,
            at=at,
            template="report_due",
            to=email,
            language=language,
            parameters={
                "project": project.title,
                "kind": row.kind.value,
                "days": days,
                "due_on": row.due_on.isoformat(),
                "stops_on": (row.due_on + timedelta(days=GRACE_DAYS)).isoformat(),
                "stops_money": CADENCES[row.kind].stops_money,
                "project_path": f"/steward/projects/{project.id}",
            },
            key=f"report_due:{row.id}:{days}:{user_id}",
        )
    return len(people)
