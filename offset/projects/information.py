"""What does the secretariat still need to know of an application, and what was answered?

Asked between handing in and the decision; the version that was handed in stays as it is. An
answer may carry one document. Whoever reads the application reads both.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.people import outbox
from offset.people.access import Actor, Right, require
from offset.people.models import User
from offset.projects import attachments, lifecycle
from offset.projects.application_models import InformationRequest, OrganisationRole
from offset.projects.models import Assessment, AssessmentStatus, OrganisationMember, Project
from offset.projects.organisations import Duty, own_project

DAYS: Final = 21
_LONGEST_DAYS: Final = 365
_LONGEST: Final = 5_000
_MOST_OPEN: Final = 10
_UNDECIDED: Final = frozenset(
    {
        AssessmentStatus.SUBMITTED,
        AssessmentStatus.ELIGIBILITY,
        AssessmentStatus.IN_REVIEW,
        AssessmentStatus.CONSENSUS,
    }
)


@dataclass(frozen=True)
class AnswerPaper:
    """The document that came with an answer; it was read and kept before."""

    name: str
    key: str
    sha256: str
    size: int
    pages: int


@dataclass(frozen=True)
class Asked:
    """A question of the secretariat with its answer, once there is one."""

    id: uuid.UUID
    question: str
    due_on: date
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    paper: AnswerPaper | None


def ask(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    question: str,
    days: int = DAYS,
) -> uuid.UUID:
    """Ask the people of a project for something, and write to those who may answer.

    Raises
    ------
    Forbidden
        Without the right to check eligibility.
    InvalidInput
        ``question_missing``, ``too_long`` or ``days_unusable``.
    NotFound
        ``assessment_unknown``.
    Refused
        ``too_many_questions`` open at once.
    StateRefused
        ``not_in_assessment``: a draft, or decided.
    """
    require(actor, Right.CHECK_ELIGIBILITY)
    assessment = session.get(Assessment, assessment_id)
    if assessment is None:
        raise NotFound("assessment_unknown")
    if assessment.status not in _UNDECIDED:
        raise StateRefused("not_in_assessment", status=assessment.status.value)
    said = _said(question, "question")
    if not 1 <= days <= _LONGEST_DAYS:
        raise InvalidInput("days_unusable", field="days", highest=_LONGEST_DAYS)
    waiting = session.scalar(
        select(func.count()).where(
            InformationRequest.assessment_id == assessment_id,
            InformationRequest.answered_at.is_(None),
        )
    )
    if (waiting or 0) >= _MOST_OPEN:
        raise Refused("too_many_questions", highest=_MOST_OPEN)
    row = InformationRequest(
        id=uuid7(at),
        project_id=assessment.project_id,
        assessment_id=assessment_id,
        question=said,
        due_on=utc_day(at) + timedelta(days=days),
        asked_at=at,
        asked_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    project = session.get_one(Project, assessment.project_id)
    _write(session, project, row, at=at)
    lifecycle.note(session, assessment, "ask_for_information", actor=actor, at=at)
    return row.id


def answer(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    request_id: uuid.UUID,
    text: str,
    paper: AnswerPaper | None = None,
) -> None:
    """Answer a question of the secretariat, once.

    Raises
    ------
    Forbidden
        ``organisation_role_lacks``: speaking for the project.
    InvalidInput
        ``answer_missing`` or ``too_long``.
    NotFound
        ``question_gone``, also for a question to others.
    Refused
        ``question_answered`` already.
    """
    row = session.get(InformationRequest, request_id)
    if row is None:
        raise NotFound("question_gone")
    own_project(session, actor, row.project_id, Right.APPLY, Duty.SPEAK)
    if row.answered_at is not None:
        raise Refused("question_answered")
    row.answer = _said(text, "answer")
    row.answered_at = at
    row.answered_by = actor.user_id
    if paper is not None:
        row.paper_name = attachments.tidy_name(paper.name)
        row.paper_key = paper.key
        row.paper_sha256 = paper.sha256
        row.paper_size = paper.size
        row.paper_pages = paper.pages
    session.flush()
    assessment = session.get_one(Assessment, row.assessment_id)
    lifecycle.note(session, assessment, "answer_information", actor=actor, at=at)


def of_assessment(session: Session, assessment_id: uuid.UUID) -> tuple[Asked, ...]:
    """List what was asked about an application and answered, the oldest first."""
    rows = session.scalars(
        select(InformationRequest)
        .where(InformationRequest.assessment_id == assessment_id)
        .order_by(InformationRequest.asked_at, InformationRequest.id)
    )
    return tuple(_asked(row) for row in rows)


def own(session: Session, actor: Actor, request_id: uuid.UUID) -> tuple[Project, Asked]:
    """Read a question for the people it was put to.

    Raises
    ------
    Forbidden, NotFound
        ``question_gone``, also for a question to others.
    """
    row = session.get(InformationRequest, request_id)
    if row is None:
        raise NotFound("question_gone")
    return own_project(session, actor, row.project_id, Right.APPLY, Duty.SEE), _asked(row)


def _asked(row: InformationRequest) -> Asked:
    paper = None
    if row.paper_key and row.paper_sha256:
        told: dict[str, Any] = {
            "name": row.paper_name or "",
            "size": row.paper_size or 0,
            "pages": row.paper_pages or 0,
        }
        paper = AnswerPaper(key=row.paper_key, sha256=row.paper_sha256, **told)
    return Asked(row.id, row.question, row.due_on, row.asked_at, row.answer, row.answered_at, paper)


def _said(text: str, field: str) -> str:
    said = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not said:
        raise InvalidInput(f"{field}_missing", field=field)
    if len(said) > _LONGEST:
        raise InvalidInput("too_long", field=field, longest=_LONGEST)
    return said


def _write(session: Session, project: Project, row: InformationRequest, *, at: datetime) -> None:
    """Write to everybody who may answer, each in their own language."""
    people = session.scalars(
        select(User)
        .join(OrganisationMember, OrganisationMember.user_id == User.id)
        .where(
            OrganisationMember.organisation_id == project.organisation_id,
            OrganisationMember.role == OrganisationRole.LEAD,
            User.disabled_at.is_(None),
            User.email.is_not(None),
        )
    )
    for one in people:
        outbox.enqueue(
            session,
            at=at,
            template="information_asked",
            to=one.email or "",
            language=one.language,
            parameters={
                "project": project.title,
                "question": row.question,
                "due_on": row.due_on.isoformat(),
                "path": f"/steward/requests/{row.id}",
            },
            key=f"information:{row.id}:{one.id}",
        )
