"""Where is a person signed in, since when, and how does one of these places end?"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.people.device_models import LoginProof
from offset.people.member_models import LoginBrowser
from offset.people.models import Login, SecondFactorPass
from offset.people.signin import ABSOLUTE_LIFE, IDLE_LIFE

_LONGEST_LABEL: Final = 80


@dataclass(frozen=True)
class LoginLine:
    """A browser that is signed in, as its owner or an administrator sees it."""

    id: uuid.UUID
    label: str
    created_at: datetime
    seen_at: datetime
    by_device: bool
    code_shown: bool
    here: bool


def describe(session: Session, *, secret: str, label: str) -> None:
    """Write down what a browser that just signed in calls itself."""
    login_id = session.scalar(select(Login.id).where(Login.secret_hash == _digest(secret)))
    if login_id is not None and session.get(LoginBrowser, login_id) is None:
        text = " ".join(label.split())[:_LONGEST_LABEL]
        session.add(LoginBrowser(login_id=login_id, label=text))


def listing(
    session: Session, *, user_id: uuid.UUID, at: datetime, secret: str = ""
) -> tuple[LoginLine, ...]:
    """List where a person is signed in now, the place used last first."""
    rows = session.execute(
        select(Login, LoginBrowser.label, LoginProof.proved_at, SecondFactorPass.passed_at)
        .outerjoin(LoginBrowser, LoginBrowser.login_id == Login.id)
        .outerjoin(LoginProof, LoginProof.login_id == Login.id)
        .outerjoin(SecondFactorPass, SecondFactorPass.login_hash == Login.secret_hash)
        .where(Login.user_id == user_id, Login.ended_at.is_(None))
        .where(Login.seen_at > at - IDLE_LIFE, Login.created_at > at - ABSOLUTE_LIFE)
        .order_by(Login.seen_at.desc(), Login.id.desc())
    )
    here = _digest(secret)
    return tuple(
        LoginLine(
            login.id,
            label or "",
            login.created_at,
            login.seen_at,
            proved is None,
            passed is not None,
            login.secret_hash == here,
        )
        for login, label, proved, passed in rows
    )


def end(
    session: Session, *, actor: Actor, user_id: uuid.UUID, login_id: uuid.UUID, at: datetime
) -> None:
    """Sign one browser of a person out: one's own, or anybody's for an administrator.

    Raises
    ------
    Forbidden
        Somebody else's, without the right to manage people.
    NotFound
        ``login_unknown``, also for a browser of another person than the one named.
    """
    if actor.user_id != user_id:
        require(actor, Right.MANAGE_PEOPLE)
    row = session.get(Login, login_id)
    if row is None or row.user_id != user_id:
        raise NotFound("login_unknown")
    if row.ended_at is None:
        row.ended_at = at
        _note(session, user_id, 1, actor=actor, at=at)


def end_others(session: Session, *, actor: Actor, secret: str, at: datetime) -> int:
    """Sign a person out everywhere but in this browser; return how many places it was."""
    ended = session.scalars(
        update(Login)
        .where(Login.user_id == actor.user_id, Login.ended_at.is_(None))
        .where(Login.secret_hash != _digest(secret))
        .values(ended_at=at)
        .returning(Login.id)
    ).all()
    if ended and actor.user_id is not None:
        _note(session, actor.user_id, len(ended), actor=actor, at=at)
    return len(ended)


def _note(session: Session, user_id: uuid.UUID, count: int, *, actor: Actor, at: datetime) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action="login.ended",
        object_type="user",
        object_id=user_id,
        details={"browsers": count},
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
