"""Who asked for a project's news by mail? Confirmed by a button, left by one press.

No link acts when it is only opened: mail scanners open links. What is kept is the address, the
language and what is followed; leaving deletes it.
"""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import NotFound, Refused
from offset.people import outbox
from offset.people.users import check_address
from offset.projects.models import Outcome, Project, ProjectStatus, ProjectUpdate, UpdateStatus
from offset.projects.public_models import Follower

UNCONFIRMED: Final = timedelta(days=7)
"""How long an address waits for its button before it is forgotten."""

_BATCH: Final = 200
_AGAIN: Final = timedelta(minutes=10)
_MOST: Final = 100


@dataclass(frozen=True)
class Following:
    """What a link of a mail is about; ``title`` is None for all projects."""

    email: str
    title: str | None
    slug: str | None
    language: str
    confirmed: bool


@dataclass(frozen=True)
class _News:
    """Something to tell: an update or what a measurement said."""

    at: datetime
    kind: str
    id: uuid.UUID
    project_id: uuid.UUID
    title: str
    language: str


def ask(
    session: Session,
    *,
    at: datetime,
    email: str,
    language: str,
    slug: str | None = None,
    random: Callable[[int], str] = secrets.token_urlsafe,
) -> None:
    """Send a mail with a button to an address that wants to follow; nothing else is sent yet.

    Whether the address follows already is told by mail alone, never on the page.

    Raises
    ------
    InvalidInput
        ``email_unreadable``.
    NotFound
        ``project_unknown``.
    Refused
        ``too_many_followed``.
    """
    address = check_address(email)
    project = _public(session, slug) if slug else None
    held = session.scalars(select(Follower).where(Follower.email == address)).all()
    wanted = project.id if project else None
    row = next((one for one in held if one.project_id == wanted), None)
    if row is None:
        if len(held) >= _MOST:
            raise Refused("too_many_followed", highest=_MOST)
        row = Follower(
            id=uuid7(at),
            email=address,
            language=language,
            project_id=wanted,
            secret=random(32),
            asked_at=at,
        )
        session.add(row)
    elif row.confirmed_at is None and row.asked_at > at - _AGAIN:
        return  # the mail is under way: a second press sends no second one
    row.asked_at = at
    session.flush()
    outbox.enqueue(
        session,
        at=at,
        template="follow_confirm",
        to=address,
        language=language,
        parameters={
            "project": project.title if project else None,
            "path": f"/follow/{row.secret}",
            "days": UNCONFIRMED.days,
            "already": row.confirmed_at is not None,
        },
        key=f"follow_confirm:{row.id}:{at.isoformat()}",
    )


def following(session: Session, secret: str) -> Following:
    """Read what a link is about, without changing anything.

    Raises
    ------
    NotFound
        ``follow_unknown``: never asked, or left again.
    """
    row = _by_secret(session, secret)
    project = session.get(Project, row.project_id) if row.project_id else None
    return Following(
        email=row.email,
        title=project.title if project else None,
        slug=project.slug if project else None,
        language=row.language,
        confirmed=row.confirmed_at is not None,
    )


def confirm(session: Session, *, at: datetime, secret: str) -> None:
    """Begin to follow; pressing twice changes nothing.

    Raises
    ------
    NotFound
        ``follow_unknown``.
    """
    row = _by_secret(session, secret)
    if row.confirmed_at is None:
        row.confirmed_at = row.told_until = at
        session.flush()


def leave(session: Session, *, secret: str) -> bool:
    """Stop following: the address is deleted. Leaving twice is no fault."""
    row = session.scalar(select(Follower).where(Follower.secret == secret))
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def tell(database: Database, *, at: datetime) -> int:
    """Write the mails of what was published since each follower was last told; return how many.

    A few hundred a transaction, each with its own key: a run that stops is taken up by the next.
    """
    told = 0
    while True:
        wrote, more = database.run(_tell_some, at=at)
        told += wrote
        if not more:
            return told


def forget(session: Session, *, at: datetime) -> int:
    """Delete addresses that never pressed the button, and return how many."""
    found = session.scalars(
        select(Follower.id).where(
            Follower.confirmed_at.is_(None), Follower.asked_at < at - UNCONFIRMED
        )
    ).all()
    session.execute(delete(Follower).where(Follower.id.in_(found)))
    return len(found)


def erase(session: Session, email: str) -> int:
    """Delete whatever an address follows, and return how many there were."""
    address = email.strip().casefold()
    found = session.scalars(select(Follower.id).where(Follower.email == address)).all()
    session.execute(delete(Follower).where(Follower.id.in_(found)))
    return len(found)


def counted(session: Session, project_id: uuid.UUID) -> int:
    """Count who follows a project."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Follower)
            .where(Follower.project_id == project_id, Follower.confirmed_at.is_not(None))
        )
        or 0
    )


def _tell_some(session: Session, *, at: datetime) -> tuple[int, bool]:
    """Tell the followers who were told least recently; say whether others still wait."""
    oldest = session.scalar(
        select(func.min(Follower.told_until)).where(Follower.confirmed_at.is_not(None))
    )
    if oldest is None:
        return 0, False
    news = _news(session, since=oldest, until=at)
    if not news:
        return 0, False
    last = max(one.at for one in news)
    rows = session.scalars(
        select(Follower)
        .where(Follower.confirmed_at.is_not(None), Follower.told_until < last)
        .order_by(Follower.told_until, Follower.id)
        .limit(_BATCH + 1)
    ).all()
    names = {
        project.id: project
        for project in session.scalars(
            select(Project).where(Project.id.in_({one.project_id for one in news}))
        )
    }
    wrote = 0
    for row in rows[:_BATCH]:
        since = row.told_until or at
        for one in news:
            if one.at > since and row.project_id in {None, one.project_id}:
                _write(session, row, one, names[one.project_id], at=at)
                wrote += 1
        row.told_until = last
    session.flush()
    return wrote, len(rows) > _BATCH


def _news(session: Session, *, since: datetime, until: datetime) -> list[_News]:
    """Read what was published in public projects in a stretch of time, oldest first."""
    public = (Project.code.is_not(None), Project.status != ProjectStatus.WITHDRAWN)
    updates = session.execute(
        select(ProjectUpdate)
        .join(Project, Project.id == ProjectUpdate.project_id)
        .where(
            *public,
            ProjectUpdate.status == UpdateStatus.PUBLISHED,
            ProjectUpdate.published_at > since,
            ProjectUpdate.published_at <= until,
        )
    ).scalars()
    outcomes = session.execute(
        select(Outcome)
        .join(Project, Project.id == Outcome.project_id)
        .where(*public, Outcome.published_at > since, Outcome.published_at <= until)
    ).scalars()
    found = [
        _News(one.published_at or until, "update", one.id, one.project_id, one.title, one.language)
        for one in updates
    ]
    found += [
        _News(one.published_at, "measurement", one.id, one.project_id, one.verdict.value, "")
        for one in outcomes
    ]
    return sorted(found, key=lambda one: (one.at, one.id))


def _write(session: Session, row: Follower, one: _News, project: Project, *, at: datetime) -> None:
    page = f"/projects/{project.slug}"
    parameters: dict[str, Any] = {
        "project": project.title,
        "kind": one.kind,
        "title": one.title,
        "all": row.project_id is None,
        "path": f"{page}/updates/{one.id}" if one.kind == "update" else f"{page}#outcomes-heading",
        "leave_path": f"/follow/{row.secret}",
        "unsubscribe_path": f"/follow/{row.secret}/leave",
    }
    outbox.enqueue(
        session,
        at=at,
        template="follow_news",
        to=row.email,
        language=row.language,
        parameters=parameters,
        key=f"follow_news:{one.id}:{row.id}",
    )


def _public(session: Session, slug: str) -> Project:
    found = session.scalar(
        select(Project).where(
            Project.slug == slug,
            Project.code.is_not(None),
            Project.status != ProjectStatus.WITHDRAWN,
        )
    )
    if found is None:
        raise NotFound("project_unknown", slug=slug)
    return found


def _by_secret(session: Session, secret: str) -> Follower:
    row = session.scalar(select(Follower).where(Follower.secret == secret))
    if row is None:
        raise NotFound("follow_unknown")
    return row
