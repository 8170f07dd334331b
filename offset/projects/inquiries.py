"""What does the committee want to know from the applicant? Collected, sent once, answered.

Reviewers write their questions down while they read. The secretariat sends all of them in one
letter; the answers are shown to every seat. Nobody learns who asked.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people.access import Actor, Right, require
from offset.projects import criteria, lifecycle, notices, seats
from offset.projects.committee_models import Inquiry, InquiryRound
from offset.projects.models import Application, Assessment, AssessmentStatus, Assignment
from offset.projects.organisations import own_project

ANSWER_DAYS: Final = 21
"""How many days an applicant has unless the secretariat says another day."""
_LONGEST: Final = 2_000
_LONGEST_ANSWER: Final = 10_000
_MOST: Final = 20
_OPEN: Final = frozenset({AssessmentStatus.IN_REVIEW, AssessmentStatus.CONSENSUS})


@dataclass(frozen=True)
class Asked:
    """A question as rooms show it; ``own`` marks those of whoever looks."""

    id: uuid.UUID
    criterion: str | None
    text: str
    own: bool
    sent: bool
    due_on: date | None
    answer: str | None
    answered_at: datetime | None


def ask(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assignment_id: uuid.UUID,
    text: str,
    criterion: str | None = None,
) -> uuid.UUID:
    """Write a question down; it waits for those of the others.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``question_missing``, ``too_long`` or ``criterion_unknown``.
    Refused
        ``declaration_missing``, ``review_closed``, ``questions_sent`` or ``too_many_questions``.
    """
    assignment, assessment = _seat(session, actor, assignment_id)
    known = criteria.get(session, assessment.criteria_set_id)
    if criterion is not None and criterion not in {one.id for one in known.criteria}:
        raise InvalidInput("criterion_unknown", field="criterion")
    words = _written(text, "question_missing", _LONGEST, "text")
    if _round(session, assessment.application_id) is not None:
        raise Refused("questions_sent")
    if len(_waiting(session, assessment.application_id)) >= _MOST:
        raise Refused("too_many_questions", highest=_MOST)
    row = Inquiry(
        id=uuid7(at),
        assignment_id=assignment.id,
        application_id=assessment.application_id,
        criterion=criterion,
        text=words,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, assessment, "ask", actor=actor, at=at)
    return row.id


def withdraw(session: Session, *, actor: Actor, at: datetime, inquiry_id: uuid.UUID) -> None:
    """Take an own question back before it is sent.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``questions_sent``.
    """
    row = session.get(Inquiry, inquiry_id)
    if row is None or row.withdrawn_at is not None:
        raise NotFound("question_unknown")
    seats.own_seat(session, actor, row.assignment_id)
    if row.round_id is not None:
        raise Refused("questions_sent")
    row.withdrawn_at = at
    session.flush()


def send(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    assessment_id: uuid.UUID,
    due_on: date | None = None,
) -> uuid.UUID:
    """Send every collected question to the applicant in one letter, once a version.

    Raises
    ------
    Forbidden
        Without the right to give seats.
    InvalidInput
        ``due_in_the_past``.
    NotFound
        ``assessment_unknown``.
    Refused
        ``questions_sent`` already, ``no_questions``, or ``review_closed``.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    assessment = seats.assessment_of(session, assessment_id)
    if assessment.status not in _OPEN:
        raise Refused("review_closed", status=assessment.status.value)
    if _round(session, assessment.application_id) is not None:
        raise Refused("questions_sent")
    collected = _waiting(session, assessment.application_id)
    if not collected:
        raise Refused("no_questions")
    day = due_on or utc_day(at) + timedelta(days=ANSWER_DAYS)
    if day <= utc_day(at):
        raise InvalidInput("due_in_the_past", field="due_on")
    sent = InquiryRound(
        id=uuid7(at),
        application_id=assessment.application_id,
        assessment_id=assessment.id,
        due_on=day,
        sent_at=at,
        sent_by=actor.user_id,
    )
    session.add(sent)
    session.flush()
    for row in collected:
        row.round_id = sent.id
    session.flush()
    lifecycle.note(session, assessment, "send_questions", actor=actor, at=at)
    notices.questions_sent(session, sent, count=len(collected), at=at)
    return sent.id


def answer(
    session: Session, *, actor: Actor, at: datetime, inquiry_id: uuid.UUID, text: str
) -> None:
    """Answer one question in the project's name, once, while the committee is at work.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``answer_missing`` or ``too_long``.
    Refused
        ``question_answered`` or ``review_closed``.
    """
    row = session.get(Inquiry, inquiry_id)
    if row is None or row.round_id is None:
        raise NotFound("question_unknown")
    application = session.get_one(Application, row.application_id)
    own_project(session, actor, application.project_id, Right.APPLY)
    assessment = _assessment_of(session, application.id)
    if assessment is None or assessment.status not in _OPEN:
        raise Refused("review_closed")
    if row.answer is not None:
        raise Refused("question_answered")
    row.answer = _written(text, "answer_missing", _LONGEST_ANSWER, "answer")
    row.answered_at = at
    row.answered_by = actor.user_id
    session.flush()
    lifecycle.note(session, assessment, "answer_question", actor=actor, at=at)


def for_seat(
    session: Session, assignment: Assignment, application_id: uuid.UUID
) -> Sequence[Asked]:
    """List what a seat may read: its own questions, and all of them once they are sent."""
    rows = _rows(session, application_id)
    return [
        _asked(session, row, own=row.assignment_id == assignment.id)
        for row in rows
        if row.assignment_id == assignment.id or row.round_id is not None
    ]


def for_desk(session: Session, actor: Actor, application_id: uuid.UUID) -> Sequence[Asked]:
    """List every question for the secretariat, also those that are not sent yet.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    """
    require(actor, Right.SEE_DESK)
    return [_asked(session, row) for row in _rows(session, application_id)]


def for_holder(session: Session, actor: Actor, project_id: uuid.UUID) -> Sequence[Asked]:
    """List the questions that were sent to the people of a project, the newest version first.

    Raises
    ------
    Forbidden, NotFound
    """
    own_project(session, actor, project_id, Right.APPLY)
    rows = session.scalars(
        select(Inquiry)
        .join(Application, Application.id == Inquiry.application_id)
        .where(Application.project_id == project_id, Inquiry.round_id.is_not(None))
        .order_by(Application.version.desc(), Inquiry.asked_at, Inquiry.id)
    )
    return [_asked(session, row) for row in rows]


def _seat(
    session: Session, actor: Actor, assignment_id: uuid.UUID
) -> tuple[Assignment, Assessment]:
    assignment = seats.own_seat(session, actor, assignment_id)
    if assignment.declared_at is None:
        raise Refused("declaration_missing")
    assessment = seats.assessment_of(session, assignment.assessment_id)
    if assessment.status is not AssessmentStatus.IN_REVIEW:
        raise Refused("review_closed", status=assessment.status.value)
    return assignment, assessment


def _assessment_of(session: Session, application_id: uuid.UUID) -> Assessment | None:
    return session.scalars(
        select(Assessment).where(Assessment.application_id == application_id)
    ).first()


def _round(session: Session, application_id: uuid.UUID) -> InquiryRound | None:
    return session.scalars(
        select(InquiryRound).where(InquiryRound.application_id == application_id)
    ).first()


def _rows(session: Session, application_id: uuid.UUID) -> Sequence[Inquiry]:
    """Read a version's questions but those taken back, and those of who stepped aside."""
    return session.scalars(
        select(Inquiry)
        .join(Assignment, Assignment.id == Inquiry.assignment_id)
        .where(Inquiry.application_id == application_id, Inquiry.withdrawn_at.is_(None))
        .where(Assignment.declared_interest.is_(None))
        .order_by(Inquiry.asked_at, Inquiry.id)
    ).all()


def _waiting(session: Session, application_id: uuid.UUID) -> Sequence[Inquiry]:
    return [row for row in _rows(session, application_id) if row.round_id is None]


def _asked(session: Session, row: Inquiry, *, own: bool = False) -> Asked:
    sent = session.get(InquiryRound, row.round_id) if row.round_id else None
    return Asked(
        id=row.id,
        criterion=row.criterion,
        text=row.text,
        own=own,
        sent=sent is not None,
        due_on=sent.due_on if sent else None,
        answer=row.answer,
        answered_at=row.answered_at,
    )


def _written(text: str, code: str, longest: int, field: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise InvalidInput(code, field=field)
    if len(words) > longest:
        raise InvalidInput("too_long", field=field, longest=longest)
    return words
