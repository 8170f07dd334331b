"""What do stewards, the committee and the secretariat see of projects in their own rooms?

Each read asks first whether this person may see it; what is refused looks like what is absent.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.ledger import balances
from offset.ledger.balances import ProjectTotals
from offset.people.access import Actor, Right, may, require
from offset.people.models import User
from offset.projects import (
    applications,
    calls,
    criteria,
    information,
    inquiries,
    members,
    questions,
    recusals,
)
from offset.projects.models import (
    Admission,
    Application,
    Assessment,
    AssessmentStatus,
    Assignment,
    Attachment,
    Decision,
    DecisionCondition,
    Organisation,
    OrganisationMember,
    Photo,
    Project,
    ProjectEvent,
    ProjectStatus,
    ProjectUpdate,
    Recommendation,
    Review,
    Seat,
    UpdateKind,
    UpdateStatus,
)
from offset.projects.organisations import Duty, duties_of, own_project

_NEWEST: Final = 50


@dataclass(frozen=True)
class OrganisationLine:
    """An organisation a steward acts for."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True)
class ProjectLine:
    """A project in a list: its name, who runs it, and where it and its assessment stand."""

    id: uuid.UUID
    slug: str
    code: str | None
    title: str
    organisation: str
    status: ProjectStatus
    assessment_id: uuid.UUID
    assessment: AssessmentStatus
    report_due_on: date | None
    changed_at: datetime


@dataclass(frozen=True)
class File:
    """A file handed in with an application."""

    id: uuid.UUID
    name: str
    media_type: str
    size: int
    sha256: str
    key: str


@dataclass(frozen=True)
class UpdateLine:
    """An update as its author and the moderator see it."""

    id: uuid.UUID
    project_id: uuid.UUID
    project: str
    kind: UpdateKind
    status: UpdateStatus
    title: str
    saved_at: datetime
    note: str | None


@dataclass(frozen=True)
class OwnUpdate:
    """An update before its writer: the text as typed, and the words of its pictures."""

    line: UpdateLine
    body: str
    language: str
    photos: tuple[str, ...]
    editable: bool


@dataclass(frozen=True)
class DecisionLine:
    """What the committee decided, with what it asks for."""

    id: uuid.UUID
    version: int
    outcome: str
    summary: str
    decided_on: date
    expires_on: date | None
    criteria_version: str
    conditions: tuple[tuple[uuid.UUID, str, date | None], ...]
    recommendations: tuple[tuple[uuid.UUID, str, str | None], ...]


@dataclass(frozen=True)
class StewardProject:
    """A project as the people who run it see it."""

    line: ProjectLine
    version: int
    document: questions.Blocks
    missing: tuple[str, ...]
    editable: bool
    returned_because: str | None
    files: tuple[File, ...]
    updates: tuple[UpdateLine, ...]
    decision: DecisionLine | None
    money: ProjectTotals | None
    application_id: uuid.UUID
    organisation_id: uuid.UUID
    duties: frozenset[Duty]
    asked: tuple[information.Asked, ...]


@dataclass(frozen=True)
class SeatLine:
    """Somebody's seat in an assessment."""

    id: uuid.UUID
    user_id: uuid.UUID
    name: str
    seat: Seat
    declared: bool
    interest: bool
    removed: bool
    submitted: bool


@dataclass(frozen=True)
class AssessmentFile:
    """An assessment as the secretariat handles it: no scores, only who sits and what is due."""

    line: ProjectLine
    version: int
    document: questions.Blocks
    files: tuple[File, ...]
    seats: tuple[SeatLine, ...]
    candidates: tuple[members.Candidate, ...]
    decision: DecisionLine | None
    inquiries: tuple[inquiries.Asked, ...]
    call: str | None
    admitted: bool
    application_id: uuid.UUID


def organisations(session: Session, actor: Actor) -> tuple[OrganisationLine, ...]:
    """List the organisations a steward acts for.

    Raises
    ------
    Forbidden
        Without the right to apply.
    """
    require(actor, Right.APPLY)
    rows = session.execute(
        select(Organisation.id, Organisation.name)
        .join(OrganisationMember, OrganisationMember.organisation_id == Organisation.id)
        .where(OrganisationMember.user_id == actor.user_id)
        .order_by(Organisation.name)
    )
    return tuple(OrganisationLine(*row) for row in rows)


def own_projects(session: Session, actor: Actor) -> tuple[ProjectLine, ...]:
    """List the projects of a steward's organisations, the latest change first.

    Raises
    ------
    Forbidden
        Without the right to apply.
    """
    require(actor, Right.APPLY)
    own = select(OrganisationMember.organisation_id).where(
        OrganisationMember.user_id == actor.user_id
    )
    return _lines(session, Project.organisation_id.in_(own))


def desk_projects(session: Session, actor: Actor) -> tuple[ProjectLine, ...]:
    """List every project for the secretariat, except drafts nobody handed in.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    """
    require(actor, Right.SEE_DESK)
    return _lines(
        session,
        Assessment.status != AssessmentStatus.DRAFT,
        Project.id.not_in(recusals.projects_of(session, actor.user_id)),
    )


def steward_project(session: Session, actor: Actor, project_id: uuid.UUID) -> StewardProject:
    """Read one project for the people who run it.

    Raises
    ------
    Forbidden, NotFound
    """
    project = own_project(session, actor, project_id, Right.APPLY, Duty.SEE)
    duties = duties_of(session, actor, project.organisation_id)
    [line] = _lines(session, Project.id == project_id)
    assessment = session.get_one(Assessment, line.assessment_id)
    application = session.get_one(Application, assessment.application_id)
    return StewardProject(
        line=line,
        version=application.version,
        document=application.document,
        missing=applications.left(session, application, at=application.saved_at),
        editable=Duty.WRITE in duties
        and line.assessment is AssessmentStatus.DRAFT
        and line.status not in {ProjectStatus.COMPLETED, ProjectStatus.WITHDRAWN},
        returned_because=_returned_because(session, line),
        files=files_of(session, application.id),
        updates=_updates(session, ProjectUpdate.project_id == project_id),
        decision=_decision(session, project_id),
        money=_money(session, line),
        application_id=application.id,
        organisation_id=project.organisation_id,
        duties=duties,
        asked=information.of_assessment(session, assessment.id),
    )


def own_update(session: Session, actor: Actor, update_id: uuid.UUID) -> OwnUpdate:
    """Read an update for the people who run its project.

    Raises
    ------
    Forbidden
        Without the right to post updates.
    NotFound
        ``update_unknown``, also for an update of others.
    """
    require(actor, Right.POST_UPDATE)
    row = session.get(ProjectUpdate, update_id)
    if row is None:
        raise NotFound("update_unknown")
    own_project(session, actor, row.project_id, Right.POST_UPDATE)
    [line] = _updates(session, ProjectUpdate.id == update_id)
    photos = session.scalars(
        select(Photo.alt).where(Photo.update_id == update_id).order_by(Photo.position)
    )
    return OwnUpdate(
        line=line,
        body=row.body,
        language=row.language,
        photos=tuple(photos),
        editable=row.status in {UpdateStatus.DRAFT, UpdateStatus.RETURNED},
    )


def awaiting_moderation(session: Session, actor: Actor) -> tuple[UpdateLine, ...]:
    """List the updates that wait for the secretariat.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    """
    require(actor, Right.MODERATE)
    return _updates(session, ProjectUpdate.status == UpdateStatus.SUBMITTED)


def assessment_file(session: Session, actor: Actor, assessment_id: uuid.UUID) -> AssessmentFile:
    """Read an assessment for the secretariat, without a single score.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    NotFound
        ``assessment_unknown``.
    """
    require(actor, Right.SEE_DESK)
    found = assessment_lines(session, Assessment.id == assessment_id)
    if not found or found[0].assessment is AssessmentStatus.DRAFT:
        raise NotFound("assessment_unknown")
    [line] = found
    recusals.refuse(session, actor, line.id, "assessment_unknown")
    assessment = session.get_one(Assessment, assessment_id)
    application = session.get_one(Application, assessment.application_id)
    decided = _decision(session, line.id)
    call = calls.of_application(session, application.id)
    return AssessmentFile(
        line=line,
        version=application.version,
        document=application.document,
        files=files_of(session, application.id),
        seats=_seats(session, assessment_id),
        candidates=members.candidates(session) if may(actor, Right.ASSIGN_REVIEWERS) else (),
        application_id=application.id,
        decision=decided,
        inquiries=tuple(inquiries.for_desk(session, actor, application.id)),
        call=call.name if call else None,
        admitted=decided is not None and _is_admitted(session, decided.id),
    )


def attachment(session: Session, actor: Actor, attachment_id: uuid.UUID) -> File:
    """Return a file to whoever may read its application: its steward, a seat, the secretariat.

    Raises
    ------
    NotFound
        ``file_unknown``, also to whoever may not read it.
    """
    row = session.execute(
        select(Attachment, Application)
        .join(Application, Application.id == Attachment.application_id)
        .where(Attachment.id == attachment_id)
    ).first()
    if row is None or not _may_read(session, actor, row.Application):
        raise NotFound("file_unknown")
    return _file(row.Attachment)


def _is_admitted(session: Session, decision_id: uuid.UUID) -> bool:
    held = select(Admission.id).where(Admission.decision_id == decision_id)
    return session.scalar(held.limit(1)) is not None


def _may_read(session: Session, actor: Actor, application: Application) -> bool:
    """Ask who may read one version: a draft is its holder's alone, and nobody tied reads any."""
    member = (
        select(OrganisationMember.user_id)
        .join(Project, Project.organisation_id == OrganisationMember.organisation_id)
        .where(Project.id == application.project_id, OrganisationMember.user_id == actor.user_id)
    )
    if session.execute(member).first() is not None:
        return True
    if application.project_id in recusals.projects_of(session, actor.user_id):
        return False
    if application.submitted_at is not None and may(actor, Right.SEE_DESK):
        return True
    seated = (
        select(Assignment.user_id)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .where(Assessment.application_id == application.id, Assignment.user_id == actor.user_id)
        .where(Assignment.removed_at.is_(None), Assignment.declared_at.is_not(None))
    )
    return session.execute(seated).first() is not None


def _lines(session: Session, *wanted: Any) -> tuple[ProjectLine, ...]:
    """List projects with the assessment of their newest version, the latest change first."""
    newest: dict[uuid.UUID, ProjectLine] = {}
    for line in assessment_lines(session, *wanted):
        newest.setdefault(line.id, line)
    return tuple(sorted(newest.values(), key=lambda line: line.changed_at, reverse=True))


def assessment_lines(session: Session, *wanted: Any) -> tuple[ProjectLine, ...]:
    """List assessments with their projects, the newest first."""
    rows: Iterable[Any] = session.execute(
        select(
            Project.id,
            Project.slug,
            Project.code,
            Project.title,
            Organisation.name,
            Project.status,
            Assessment.id,
            Assessment.status,
            Project.report_due_on,
            Assessment.changed_at,
        )
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Assessment, Assessment.project_id == Project.id)
        .where(*wanted)
        .order_by(Assessment.id.desc())
    )
    return tuple(ProjectLine(*row) for row in rows)


def _money(session: Session, line: ProjectLine) -> ProjectTotals | None:
    """Say what the ledger holds of a project; before its admission it has no account."""
    if line.code is None:
        return None
    currency = session.get_one(Project, line.id).currency
    return balances.project_totals(session, [line.id], currency)[line.id]


def _returned_because(session: Session, line: ProjectLine) -> str | None:
    if line.assessment is not AssessmentStatus.DRAFT:
        return None
    return session.scalar(
        select(ProjectEvent.reason)
        .where(ProjectEvent.assessment_id == line.assessment_id, ProjectEvent.step == "send_back")
        .order_by(ProjectEvent.id.desc())
        .limit(1)
    )


def files_of(session: Session, application_id: uuid.UUID) -> tuple[File, ...]:
    """List the files of a version."""
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.application_id == application_id)
        .order_by(Attachment.added_at, Attachment.id)
    )
    return tuple(_file(row) for row in rows)


def _file(row: Attachment) -> File:
    return File(row.id, row.name, row.media_type, row.size, row.sha256, row.file_key)


def _updates(session: Session, *wanted: Any) -> tuple[UpdateLine, ...]:
    rows = session.execute(
        select(ProjectUpdate, Project.title)
        .join(Project, Project.id == ProjectUpdate.project_id)
        .where(*wanted)
        .order_by(ProjectUpdate.saved_at.desc())
        .limit(_NEWEST)
    )
    return tuple(
        UpdateLine(u.id, u.project_id, title, u.kind, u.status, u.title, u.saved_at, u.note)
        for u, title in rows
    )


def _decision(session: Session, project_id: uuid.UUID) -> DecisionLine | None:
    found = session.scalars(
        select(Decision)
        .where(Decision.project_id == project_id)
        .order_by(Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    conditions = session.scalars(
        select(DecisionCondition)
        .where(DecisionCondition.decision_id == found.id)
        .order_by(DecisionCondition.id)
    )
    advice = session.scalars(
        select(Recommendation)
        .where(Recommendation.decision_id == found.id)
        .order_by(Recommendation.position)
    )
    return DecisionLine(
        id=found.id,
        version=session.get_one(Application, found.application_id).version,
        outcome=found.outcome.value,
        summary=found.summary,
        decided_on=found.decided_on,
        expires_on=found.expires_on,
        criteria_version=criteria.get(session, found.criteria_set_id).version,
        conditions=tuple((c.id, c.text, c.closed_on) for c in conditions),
        recommendations=tuple((r.id, r.text, r.answer) for r in advice),
    )


def _seats(session: Session, assessment_id: uuid.UUID) -> tuple[SeatLine, ...]:
    rows = session.execute(
        select(Assignment, User.name, Review.submitted_at)
        .join(User, User.id == Assignment.user_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.assessment_id == assessment_id)
        .order_by(Assignment.assigned_at)
    )
    return tuple(
        SeatLine(
            id=seat.id,
            user_id=seat.user_id,
            name=name or "",
            seat=seat.seat,
            declared=seat.declared_at is not None,
            interest=seat.declared_interest is not None,
            removed=seat.removed_at is not None,
            submitted=submitted_at is not None,
        )
        for seat, name, submitted_at in rows
    )
