"""When may money reach a project? An act of the secretariat, by another person, up to a ceiling."""

import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.ledger import chart
from offset.money import Money
from offset.people.access import Actor, Right, is_other, require
from offset.projects import (
    applications,
    deadlines,
    decisions,
    faces,
    indicators,
    lifecycle,
    registrations,
    spending,
)
from offset.projects.models import POSITIVE, Admission, Application, Decision, Project
from offset.projects.organisations import Duty, own_project


def admit(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    ceiling: Money,
    reason: str,
) -> uuid.UUID:
    """Let money reach a project up to a ceiling: the secretariat's own decision.

    Raises
    ------
    Forbidden
        Without the right to admit.
    InvalidInput
        ``ceiling_not_positive``, ``currency_mixed`` or ``reason_missing``.
    NotFound
        ``project_unknown``.
    Refused
        ``no_positive_decision``, ``decision_expired``, or ``same_person`` who recorded the
        committee's decision; ``ongoing_no_money`` for a project that seeks none, or
        ``registered_elsewhere`` without a recorded reason.
    """
    require(actor, Right.ADMIT)
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project_unknown")
    if ceiling.minor <= 0:
        raise InvalidInput("ceiling_not_positive", field="ceiling")
    if ceiling.currency != project.currency:
        raise InvalidInput("currency_mixed", field="ceiling", one=ceiling.currency)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    decision = _admissible(session, project, actor, on=utc_day(at))
    admission = Admission(
        id=uuid7(at),
        project_id=project.id,
        decision_id=decision.id,
        ceiling_minor=ceiling.minor,
        currency=ceiling.currency,
        admitted_on=utc_day(at),
        admitted_by=actor.user_id,
        reason=reason.strip(),
        recorded_at=at,
    )
    session.add(admission)
    if project.code is None:
        project.code = _next_code(session)
    _take_over(session, project, decision, at=at)
    lifecycle.take(session, project, "admit", actor=actor, at=at, reason=reason)
    return admission.id


def guard_admit(session: Session, project: Project, actor: Actor, at: datetime) -> None:
    """Refuse the step without the record of it: a ceiling, a decision, another person.

    Raises
    ------
    Refused
        ``no_positive_decision``, ``decision_expired``, ``same_person`` or ``not_admitted``.
    """
    decision = _admissible(session, project, actor, on=utc_day(at))
    held = select(Admission.id).where(
        Admission.decision_id == decision.id, Admission.admitted_by == actor.user_id
    )
    if session.scalar(held.limit(1)) is None:
        raise Refused("not_admitted")


def open_account(session: Session, project: Project, _actor: Actor, at: datetime) -> None:
    """Open the project's account in the books; an account that is open stays as it is."""
    if project.code is None:
        raise Refused("not_admitted")
    chart.open_account(
        session,
        chart.project(project.code, project.currency),
        at=at,
        currency=project.currency,
        project_id=project.id,
    )


def change_status(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, step: str, reason: str
) -> None:
    """Hold, resume, complete or remove a project for the secretariat, or withdraw one's own.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``reason_missing`` or ``step_unknown``.
    """
    if step not in {"hold", "resume", "complete", "remove", "withdraw"}:
        raise InvalidInput("step_unknown", field="step", step=step)
    if step == "withdraw":
        project = own_project(session, actor, project_id, Right.APPLY, Duty.SPEAK)
    else:
        require(actor, Right.ADMIT)
        found = session.get(Project, project_id)
        if found is None:
            raise NotFound("project_unknown")
        project = found
    lifecycle.take(session, project, step, actor=actor, at=at, reason=reason)


def _admissible(session: Session, project: Project, actor: Actor, *, on: date) -> Decision:
    decision = decisions.latest_decision(session, project.id, on)
    if decision is None or decision.outcome not in POSITIVE:
        raise Refused("no_positive_decision")
    if decision.expires_on is None or on > decision.expires_on:
        raise Refused("decision_expired", expires_on=decision.expires_on)
    if actor.user_id is None or not is_other(actor, Right.ADMIT, decision.decided_by):
        raise Refused("same_person")
    registrations.require_admissible(session, decision.application_id)
    return decision


def _take_over(session: Session, project: Project, decision: Decision, *, at: datetime) -> None:
    """Show the admitted version from now on, with its indicators and its first report date."""
    application = session.get_one(Application, decision.application_id)
    applications.publish_facts(project, application)
    indicators.renew(session, project, application, at=at)
    faces.keep(session, project, application)
    spending.renew(session, project, application, at=at)
    deadlines.begin(session, project, at=at)


def _next_code(session: Session) -> str:
    last = session.scalar(select(func.max(Project.code)))
    return f"P{int(last[1:]) + 1 if last else 1:04d}"
