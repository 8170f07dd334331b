"""Which phones and computers does a person trust, and what may a trusted one do?

It keeps a steward signed in for ninety days. It never opens the rooms of staff or committee, and
what is grave asks for a link, code or password again.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import NotFound
from offset.people import audit, signin, users
from offset.people.access import STAFF, Actor, Right, require
from offset.people.device_models import KnownDevice, LoginProof
from offset.people.models import Login, User

LIFE: Final = timedelta(days=90)
_LONGEST_LABEL: Final = 80


@dataclass(frozen=True)
class DeviceLine:
    """A device as its owner sees it in the list."""

    id: uuid.UUID
    label: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    here: bool


def remember(session: Session, *, browser: str, label: str, at: datetime) -> str | None:
    """Trust the device of a signed-in browser and return its secret; staff get None."""
    login = session.scalar(
        select(Login).where(Login.secret_hash == _digest(browser), Login.ended_at.is_(None))
    )
    if login is None or users.roles_of(session, login.user_id) & STAFF:
        return None
    secret = secrets.token_urlsafe(32)
    device = KnownDevice(
        id=uuid7(at),
        user_id=login.user_id,
        secret_hash=_digest(secret),
        label=" ".join(label.split())[:_LONGEST_LABEL],
        created_at=at,
        seen_at=at,
        expires_at=at + LIFE,
    )
    session.add(device)
    session.flush()
    session.execute(
        update(LoginProof).where(LoginProof.login_id == login.id).values(device_id=device.id)
    )
    audit.record(
        session,
        at=at,
        actor=Actor(login.user_id),
        action="device.remembered",
        object_type="user",
        object_id=login.user_id,
    )
    return secret


def resume(session: Session, *, secret: str, at: datetime) -> str | None:
    """Sign a browser in because its device is known; None when the device no longer counts."""
    device = session.scalar(
        select(KnownDevice)
        .join(User, User.id == KnownDevice.user_id)
        .where(KnownDevice.secret_hash == _digest(secret), KnownDevice.ended_at.is_(None))
        .where(KnownDevice.expires_at > at, User.disabled_at.is_(None))
    )
    if device is None or users.roles_of(session, device.user_id) & STAFF:
        return None
    device.seen_at = at
    return signin.begin(session, device.user_id, at, device_id=device.id, proved=False)


def listing(
    session: Session, *, user_id: uuid.UUID, at: datetime, secret: str = ""
) -> tuple[DeviceLine, ...]:
    """List the devices a person trusts now, the one used last first."""
    rows = session.scalars(
        select(KnownDevice)
        .where(KnownDevice.user_id == user_id, KnownDevice.ended_at.is_(None))
        .where(KnownDevice.expires_at > at)
        .order_by(KnownDevice.seen_at.desc(), KnownDevice.id.desc())
    )
    here = _digest(secret)
    return tuple(
        DeviceLine(
            row.id, row.label, row.created_at, row.seen_at, row.expires_at, row.secret_hash == here
        )
        for row in rows
    )


def end(session: Session, *, user_id: uuid.UUID, device_id: uuid.UUID, at: datetime) -> None:
    """Trust a device no longer and sign out whatever it signed in.

    Raises
    ------
    NotFound
        ``device_unknown``, also for a device of somebody else.
    """
    device = session.get(KnownDevice, device_id)
    if device is None or device.user_id != user_id:
        raise NotFound("device_unknown")
    _end(session, device, at)


def end_for(
    session: Session, *, actor: Actor, user_id: uuid.UUID, device_id: uuid.UUID, at: datetime
) -> None:
    """Trust a device of somebody else no longer, as an administrator.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    NotFound
        ``device_unknown``, also for a device of another person than the one named.
    """
    require(actor, Right.MANAGE_PEOPLE)
    device = session.get(KnownDevice, device_id)
    if device is None or device.user_id != user_id:
        raise NotFound("device_unknown")
    _end(session, device, at, actor=actor)


def end_here(session: Session, *, secret: str, at: datetime) -> None:
    """Trust this device no longer, when its owner signs out on it."""
    device = session.scalar(select(KnownDevice).where(KnownDevice.secret_hash == _digest(secret)))
    if device is not None:
        _end(session, device, at)


def _end(
    session: Session, device: KnownDevice, at: datetime, *, actor: Actor | None = None
) -> None:
    if device.ended_at is not None:
        return
    device.ended_at = at
    session.execute(
        update(Login)
        .where(Login.ended_at.is_(None))
        .where(Login.id.in_(select(LoginProof.login_id).where(LoginProof.device_id == device.id)))
        .values(ended_at=at)
    )
    audit.record(
        session,
        at=at,
        actor=actor or Actor(device.user_id),
        action="device.ended",
        object_type="user",
        object_id=device.user_id,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
