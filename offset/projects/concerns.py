"""What does somebody fear about a project, and what came of it? Handled by two people.

Anybody may write, in any language, without a name or an address. Whoever wrote follows the answer
through a link that is shown once. One person of the secretariat proposes the answer, another one
closes; the texts stay inside, how many there are is public.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.people import audit, deputies, outbox
from offset.people.access import RIGHTS, Actor, Right, may, require
from offset.people.models import RoleGrant, User
from offset.people.users import check_address
from offset.projects import lifecycle
from offset.projects.models import Project, ProjectStatus
from offset.projects.public_models import (
    Concern,
    ConcernFinding,
    ConcernNote,
    ConcernStatus,
    ConcernStep,
)

LONGEST: Final = 6_000
_LONGEST_NAME: Final = 120
_MESSAGES: Final = 20
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
_LETTERS: Final = 8
# The same words about the same project within a day are one concern, sent twice.
_TWICE: Final = timedelta(days=1)
_HOLDABLE: Final = frozenset({ProjectStatus.OPEN, ProjectStatus.FUNDED})


@dataclass(frozen=True)
class Raised:
    """What whoever raised a concern takes home: its reference and the secret of its link."""

    reference: str
    secret: str


@dataclass(frozen=True)
class NoteView:
    """One line of a concern's history."""

    at: datetime
    step: ConcernStep
    actor: str
    text: str


@dataclass(frozen=True)
class ConcernLine:
    """A concern in the secretariat's list."""

    id: uuid.UUID
    reference: str
    project_id: uuid.UUID
    project_title: str
    project_slug: str
    project_status: ProjectStatus
    received_at: datetime
    status: ConcernStatus
    finding: ConcernFinding | None
    proposed_by: uuid.UUID | None


@dataclass(frozen=True)
class ConcernFile:
    """A concern as the secretariat handles it."""

    line: ConcernLine
    text: str
    language: str
    name: str | None
    email: str | None
    answer: str | None
    proposer: str
    closer: str
    closed_at: datetime | None
    notes: tuple[NoteView, ...]
    may_hold: bool
    may_close: bool


@dataclass(frozen=True)
class Followed:
    """A concern as its raiser follows it: their own words, and the answer once it stands."""

    reference: str
    project_title: str
    project_slug: str
    text: str
    messages: tuple[NoteView, ...]
    received_at: datetime
    status: ConcernStatus
    finding: ConcernFinding | None
    answer: str | None
    closed_at: datetime | None


def raise_concern(
    session: Session,
    *,
    at: datetime,
    slug: str,
    text: str,
    language: str,
    name: str = "",
    email: str = "",
    random: Callable[[int], str] = secrets.token_urlsafe,
) -> Raised:
    """Take a concern about a public project and tell the secretariat that there is one.

    Raises
    ------
    InvalidInput
        ``text_missing``, ``too_long`` or ``email_unreadable``.
    NotFound
        ``project_unknown``.
    Refused
        ``concern_twice``: the same words within a day.
    """
    project = session.scalar(select(Project).where(Project.slug == slug, Project.code.is_not(None)))
    if project is None:
        raise NotFound("project_unknown", slug=slug)
    said = _said(text)
    told_by = " ".join(name.split()) or None
    if told_by is not None and len(told_by) > _LONGEST_NAME:
        raise InvalidInput("too_long", field="name", longest=_LONGEST_NAME)
    address = check_address(email) if email.strip() else None
    if session.scalar(
        select(Concern.id).where(
            Concern.project_id == project.id,
            Concern.text == said,
            Concern.received_at > at - _TWICE,
        )
    ):
        raise Refused("concern_twice", field="text")
    secret = random(32)
    row = Concern(
        id=uuid7(at),
        project_id=project.id,
        reference=_reference(),
        secret_hash=_digest(secret),
        language=language,
        text=said,
        name=told_by,
        email=address,
        received_at=at,
        status=ConcernStatus.OPEN,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "raise_concern", actor=Actor(None), at=at)
    _tell_desk(session, row, project, at=at)
    if address is not None:
        _tell_raiser(session, row, project, "concern_received", at=at, secret=secret)
    return Raised(row.reference, secret)


def add_message(session: Session, *, at: datetime, secret: str, text: str) -> None:
    """Add something to one's own concern while it is not closed.

    Raises
    ------
    InvalidInput
        ``text_missing`` or ``too_long``.
    NotFound
        ``concern_unknown``.
    Refused
        ``too_many_messages``.
    StateRefused
        ``concern_closed``.
    """
    row = _by_secret(session, secret)
    if row.status is ConcernStatus.CLOSED:
        raise StateRefused("concern_closed")
    said = _said(text)
    sent = session.scalar(
        select(func.count()).where(
            ConcernNote.concern_id == row.id, ConcernNote.step == ConcernStep.MESSAGE
        )
    )
    if (sent or 0) >= _MESSAGES:
        raise Refused("too_many_messages", field="text", highest=_MESSAGES)
    _note(session, row, ConcernStep.MESSAGE, said, actor=Actor(None), at=at)


def followed(session: Session, secret: str) -> Followed:
    """Read one's own concern by the secret of its link.

    Raises
    ------
    NotFound
        ``concern_unknown``.
    """
    row = _by_secret(session, secret)
    project = session.get_one(Project, row.project_id)
    closed = row.status is ConcernStatus.CLOSED
    return Followed(
        reference=row.reference,
        project_title=project.title,
        project_slug=project.slug,
        text=row.text,
        messages=tuple(one for one in _notes(session, row.id) if one.step is ConcernStep.MESSAGE),
        received_at=row.received_at,
        # A proposed answer is the desk's own matter until a second person agrees.
        status=row.status if closed else ConcernStatus.OPEN,
        finding=row.finding if closed else None,
        answer=row.answer if closed else None,
        closed_at=row.closed_at,
    )


def lines(
    session: Session, actor: Actor, *, closed: bool = False, limit: int = 200
) -> tuple[ConcernLine, ...]:
    """List the concerns that wait, oldest first, or those that are closed, newest first.

    Raises
    ------
    Forbidden
        Without the right to handle concerns.
    """
    require(actor, Right.HANDLE_CONCERN)
    state = Concern.status == ConcernStatus.CLOSED
    rows = session.execute(
        select(Concern, Project)
        .join(Project, Project.id == Concern.project_id)
        .where(state if closed else ~state)
        .order_by(Concern.received_at.desc() if closed else Concern.received_at, Concern.id)
        .limit(limit)
    )
    return tuple(_line(row, project) for row, project in rows)


def file(session: Session, actor: Actor, concern_id: uuid.UUID) -> ConcernFile:
    """Read one concern with its history.

    Raises
    ------
    Forbidden
        Without the right to handle concerns.
    NotFound
        ``concern_unknown``.
    """
    require(actor, Right.HANDLE_CONCERN)
    proposer, closer = aliased(User), aliased(User)
    found = session.execute(
        select(Concern, Project, proposer.name, closer.name)
        .join(Project, Project.id == Concern.project_id)
        .outerjoin(proposer, proposer.id == Concern.proposed_by)
        .outerjoin(closer, closer.id == Concern.closed_by)
        .where(Concern.id == concern_id)
    ).first()
    if found is None:
        raise NotFound("concern_unknown")
    row, project, proposed_by, closed_by = found
    return ConcernFile(
        line=_line(row, project),
        text=row.text,
        language=row.language,
        name=row.name,
        email=row.email,
        answer=row.answer,
        proposer=proposed_by or "",
        closer=closed_by or "",
        closed_at=row.closed_at,
        notes=_notes(session, row.id),
        may_hold=project.status in _HOLDABLE and may(actor, Right.ADMIT),
        may_close=row.status is ConcernStatus.PROPOSED
        and not _answered_oneself(session, actor, row),
    )


def note(session: Session, *, actor: Actor, at: datetime, concern_id: uuid.UUID, text: str) -> None:
    """Write down what was found out, for colleagues.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``text_missing`` or ``too_long``.
    StateRefused
        ``concern_closed``.
    """
    row = _handled(session, actor, concern_id)
    _note(session, row, ConcernStep.NOTE, _said(text), actor=actor, at=at)


def hold(
    session: Session, *, actor: Actor, at: datetime, concern_id: uuid.UUID, reason: str
) -> None:
    """Pause the project while a concern is looked into: no new money goes to it.

    Raises
    ------
    Forbidden
        Without the right to handle concerns, or to pause a project.
    InvalidInput
        ``reason_missing``.
    NotFound
        ``concern_unknown``.
    StateRefused
        ``concern_closed``, or ``no_such_step`` from the project's state.
    """
    row = _handled(session, actor, concern_id)
    project = session.get_one(Project, row.project_id)
    lifecycle.take(session, project, "hold", actor=actor, at=at, reason=reason)
    _note(session, row, ConcernStep.HELD, reason.strip(), actor=actor, at=at)


def propose(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    concern_id: uuid.UUID,
    finding: ConcernFinding,
    answer: str,
) -> None:
    """Propose what came of a concern and what its raiser is told; somebody else closes.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``answer_missing`` or ``too_long``.
    StateRefused
        ``concern_closed``, or ``concern_proposed`` already.
    """
    row = _handled(session, actor, concern_id)
    if row.status is not ConcernStatus.OPEN:
        raise StateRefused("concern_proposed")
    said = _said(answer, missing="answer_missing", field="answer")
    row.status = ConcernStatus.PROPOSED
    row.finding = finding
    row.answer = said
    row.proposed_by = actor.user_id
    row.proposed_at = at
    session.flush()
    deputies.note_act(session, actor=actor, at=at, right=Right.HANDLE_CONCERN, object_id=row.id)
    _note(session, row, ConcernStep.PROPOSED, said, actor=actor, at=at)


def send_back(
    session: Session, *, actor: Actor, at: datetime, concern_id: uuid.UUID, reason: str
) -> None:
    """Open a concern again whose proposed answer is not enough.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    StateRefused
        ``concern_closed``, or ``concern_not_proposed``.
    """
    row = _handled(session, actor, concern_id)
    if row.status is not ConcernStatus.PROPOSED:
        raise StateRefused("concern_not_proposed")
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    row.status = ConcernStatus.OPEN
    row.finding = row.answer = row.proposed_by = row.proposed_at = None
    session.flush()
    _note(session, row, ConcernStep.RETURNED, reason.strip(), actor=actor, at=at)


def close(session: Session, *, actor: Actor, at: datetime, concern_id: uuid.UUID) -> None:
    """Close a concern as the second person; its raiser then reads the answer.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``same_person`` proposed the answer.
    StateRefused
        ``concern_closed``, or ``concern_not_proposed``.
    """
    row = _handled(session, actor, concern_id)
    if row.status is not ConcernStatus.PROPOSED:
        raise StateRefused("concern_not_proposed")
    if _answered_oneself(session, actor, row):
        raise Refused("same_person")
    row.status = ConcernStatus.CLOSED
    row.closed_by = actor.user_id
    row.closed_at = at
    session.flush()
    _note(session, row, ConcernStep.CLOSED, "", actor=actor, at=at)
    project = session.get_one(Project, row.project_id)
    lifecycle.note(session, project, "close_concern", actor=actor, at=at)
    if row.email:
        _tell_raiser(session, row, project, "concern_answered", at=at)


def waiting(session: Session) -> int:
    """Count the concerns that wait for somebody."""
    return (
        session.scalar(
            select(func.count()).select_from(Concern).where(Concern.status != ConcernStatus.CLOSED)
        )
        or 0
    )


def erase(session: Session, email: str) -> int:
    """Empty the name and the address of whoever raised concerns; return how many there were."""
    rows = session.scalars(select(Concern).where(Concern.email == email.strip().casefold())).all()
    for row in rows:
        row.name = row.email = None
    session.flush()
    return len(rows)


def _said(text: str, *, missing: str = "text_missing", field: str = "text") -> str:
    said = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not said:
        raise InvalidInput(missing, field=field)
    if len(said) > LONGEST:
        raise InvalidInput("too_long", field=field, longest=LONGEST)
    return said


def _reference() -> str:
    return "C-" + "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _by_secret(session: Session, secret: str) -> Concern:
    row = session.scalar(select(Concern).where(Concern.secret_hash == _digest(secret)))
    if row is None:
        raise NotFound("concern_unknown")
    return row


def _answered_oneself(session: Session, actor: Actor, row: Concern) -> bool:
    """Say whether somebody, or whoever they act for, proposed the answer that waits."""
    right, first = Right.HANDLE_CONCERN, row.proposed_by
    return deputies.both_sides(session, actor=actor, right=right, first=first, object_id=row.id)


def _handled(session: Session, actor: Actor, concern_id: uuid.UUID) -> Concern:
    require(actor, Right.HANDLE_CONCERN)
    row = session.get(Concern, concern_id)
    if row is None:
        raise NotFound("concern_unknown")
    if row.status is ConcernStatus.CLOSED:
        raise StateRefused("concern_closed")
    return row


def _line(row: Concern, project: Project) -> ConcernLine:
    return ConcernLine(
        id=row.id,
        reference=row.reference,
        project_id=project.id,
        project_title=project.title,
        project_slug=project.slug,
        project_status=project.status,
        received_at=row.received_at,
        status=row.status,
        finding=row.finding,
        proposed_by=row.proposed_by,
    )


def _notes(session: Session, concern_id: uuid.UUID) -> tuple[NoteView, ...]:
    rows = session.execute(
        select(ConcernNote, User.name)
        .outerjoin(User, User.id == ConcernNote.actor_id)
        .where(ConcernNote.concern_id == concern_id)
        .order_by(ConcernNote.at, ConcernNote.id)
    )
    return tuple(NoteView(row.at, row.step, name or "", row.text) for row, name in rows)


def _note(
    session: Session, row: Concern, step: ConcernStep, text: str, *, actor: Actor, at: datetime
) -> None:
    session.add(
        ConcernNote(
            id=uuid7(at),
            concern_id=row.id,
            at=at,
            step=step,
            actor_id=actor.user_id,
            text=text,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"concern.{step.value}",
        object_type="concern",
        object_id=row.id,
        details={"reference": row.reference},
    )


def _tell_desk(session: Session, row: Concern, project: Project, *, at: datetime) -> None:
    """Write to whoever may handle it that there is one; its words stay on the page."""
    people = session.execute(
        select(User.id, User.email, User.language)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.role.in_(RIGHTS[Right.HANDLE_CONCERN]),
            RoleGrant.revoked_at.is_(None),
            User.disabled_at.is_(None),
            User.email.is_not(None),
        )
        .distinct()
        .order_by(User.id)
    )
    for user_id, email, language in people:
        outbox.enqueue(
            session,
            at=at,
            template="concern_desk",
            to=email or "",
            language=language,
            parameters={
                "project": project.title,
                "reference": row.reference,
                "path": f"/secretariat/concerns/{row.id}",
            },
            key=f"concern_desk:{row.id}:{user_id}",
        )


def _tell_raiser(
    session: Session,
    row: Concern,
    project: Project,
    template: str,
    *,
    at: datetime,
    secret: str | None = None,
) -> None:
    outbox.enqueue(
        session,
        at=at,
        template=template,
        to=row.email or "",
        language=row.language,
        parameters={
            "project": project.title,
            "project_path": f"/projects/{project.slug}",
            "reference": row.reference,
            **({"path": f"/concerns/{secret}"} if secret else {}),
        },
        key=f"{template}:{row.id}",
    )
