"""When has a project all that it may receive? The ledger says so; a job follows it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.ledger import balances
from offset.people.access import SYSTEM
from offset.projects import lifecycle, queries
from offset.projects.models import Project, ProjectStatus


def refresh(session: Session, *, at: datetime) -> int:
    """Mark projects as funded once nothing more may come, or open again, and count the changes.

    What may come is the smaller of target and ceiling. A project whose gate is shut for another
    reason stays as it is.
    """
    changed = 0
    rows = session.scalars(select(Project).where(Project.status.in_(queries.LISTED)))
    for project in rows.all():
        gate = queries.gate(session, project.id, utc_day(at))
        if gate.ceiling is None or project.target_minor is None:
            continue
        totals = balances.project_totals(session, [project.id], project.currency)
        cap = min(project.target_minor, gate.ceiling.minor)
        full = totals[project.id].allocated.minor >= cap
        if full != (project.status is ProjectStatus.FUNDED):
            lifecycle.take(session, project, "fill" if full else "reopen", actor=SYSTEM, at=at)
            changed += 1
    return changed
