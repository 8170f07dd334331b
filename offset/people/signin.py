"""How does somebody prove who they are? A link or a code by mail; a password where allowed.

Every signed-in browser has a row here, so that ending it ends it everywhere at once.
"""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Forbidden
from offset.people import audit, codes, deputies, outbox
from offset.people.access import Actor, Role
from offset.people.device_models import KnownDevice, LoginProof
from offset.people.models import Login, RoleGrant, SignInLink, User

LINK_LIFE: Final = timedelta(minutes=15)
IDLE_LIFE: Final = timedelta(hours=12)
ABSOLUTE_LIFE: Final = timedelta(days=30)
_SEEN_EVERY: Final = timedelta(minutes=5)
_SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": 32}


@dataclass(frozen=True)
class Person:
    """A signed-in person as pages need them."""

    id: uuid.UUID
    name: str
    email: str
    language: str
    roles: frozenset[Role]
    deputises: frozenset[tuple[uuid.UUID, Role]] = frozenset()

    @property
    def actor(self) -> Actor:
        """The same person as rules see them."""
        return Actor(self.id, self.roles, deputises=self.deputises)


def ask_for_link(
    session: Session, *, email: str, language: str, next_path: str, public_url: str, at: datetime
) -> None:
    """Send a sign-in link if the address is known; say nothing either way."""
    user = session.scalar(select(User).where(User.email == tidy(email), User.disabled_at.is_(None)))
    if user is None:
        codes.pretend()
        return
    secret = secrets.token_urlsafe(32)
    link = SignInLink(
        id=uuid7(at),
        secret_hash=_digest(secret),
        user_id=user.id,
        created_at=at,
        expires_at=at + LINK_LIFE,
    )
    session.add(link)
    session.flush()
    code = codes.make(session, user_id=user.id, link_id=link.id, at=at)
    prefix = "" if language == "en" else f"/{language}"
    outbox.enqueue(
        session,
        at=at,
        template="sign_in",
        to=user.email or "",
        language=language,
        parameters={
            "link": f"{public_url}{prefix}/sign-in/{secret}",
            "next": next_path,
            "minutes": int(LINK_LIFE.total_seconds() // 60),
            "code": code,
            "code_minutes": int(codes.LIFE.total_seconds() // 60),
        },
        key=f"sign-in:{link.id}",
    )


def use_link(session: Session, *, secret: str, at: datetime) -> str:
    """Turn a link into a signed-in browser and return the browser's secret.

    Raises
    ------
    Forbidden
        ``link_used_or_old``.
    """
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.secret_hash == _digest(secret), SignInLink.used_at.is_(None))
        .where(SignInLink.expires_at > at)
        .values(used_at=at)
        .returning(SignInLink.user_id)
    ).scalar_one_or_none()
    if used is None:
        raise Forbidden("link_used_or_old")
    return begin(session, used, at)


def use_code(session: Session, *, email: str, code: str, at: datetime) -> str | None:
    """Turn an address and a mailed code into a signed-in browser; None when they do not fit.

    Nothing is raised, so that a wrong try is written down; it reads alike for an unknown address.
    """
    user_id = session.scalar(
        select(User.id).where(User.email == tidy(email), User.disabled_at.is_(None))
    )
    link_id = codes.check(session, user_id=user_id, code=code, at=at)
    if user_id is None or link_id is None:
        return None
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.id == link_id, SignInLink.used_at.is_(None))
        .values(used_at=at)
        .returning(SignInLink.user_id)
    ).scalar_one_or_none()
    return None if used is None else begin(session, used, at)


def use_password(session: Session, *, email: str, password: str, at: datetime) -> str:
    """Turn an address and a password into a signed-in browser.

    Raises
    ------
    Forbidden
        ``sign_in_wrong``, the same for an unknown address and a wrong password.
    """
    user = session.scalar(select(User).where(User.email == tidy(email), User.disabled_at.is_(None)))
    # A hash is computed either way, so that the time does not tell which it was.
    stored = user.password_hash if user and user.password_hash else hash_password("")
    right = check_password(password, stored)
    if user is None or not user.password_hash or not right:
        raise Forbidden("sign_in_wrong")
    return begin(session, user.id, at)


def begin(
    session: Session,
    user_id: uuid.UUID,
    at: datetime,
    *,
    device_id: uuid.UUID | None = None,
    proved: bool = True,
) -> str:
    """Sign a browser in; ``proved`` is false where only a known device vouched for its owner."""
    secret = secrets.token_urlsafe(32)
    login = Login(
        id=uuid7(at), secret_hash=_digest(secret), user_id=user_id, created_at=at, seen_at=at
    )
    session.add(login)
    session.flush()
    session.add(
        LoginProof(login_id=login.id, device_id=device_id, proved_at=at if proved else None)
    )
    audit.record(
        session,
        at=at,
        actor=Actor(user_id),
        action="sign_in.done" if proved else "sign_in.by_device",
        object_type="user",
        object_id=user_id,
    )
    return secret


def person_of(session: Session, *, secret: str, at: datetime) -> Person | None:
    """Return the person behind a browser's secret, or None when it no longer counts."""
    # In the same statement the roles of whoever this person acts for today.
    holder = (RoleGrant.user_id == User.id) | deputies.lends(User.id, on=utc_day(at))
    rows = session.execute(
        select(
            User.id,
            User.name,
            User.email,
            User.language,
            RoleGrant.role,
            RoleGrant.user_id.label("holder_id"),
        )
        .join(Login, Login.user_id == User.id)
        .outerjoin(RoleGrant, holder & RoleGrant.revoked_at.is_(None))
        .where(Login.secret_hash == _digest(secret), Login.ended_at.is_(None))
        .where(Login.seen_at > at - IDLE_LIFE, Login.created_at > at - ABSOLUTE_LIFE)
        .where(User.disabled_at.is_(None))
    ).all()
    if not rows:
        return None
    first = rows[0]
    held = [(row.holder_id, row.role) for row in rows if row.role is not None]
    return Person(
        first.id,
        first.name or "",
        first.email or "",
        first.language,
        frozenset(role for holder_id, role in held if holder_id == first.id),
        frozenset(one for one in held if one[0] != first.id),
    )


def proved_at(session: Session, *, secret: str) -> datetime | None:
    """Say when the person behind a browser last showed a link, code or password on it."""
    return session.scalar(
        select(LoginProof.proved_at)
        .join(Login, Login.id == LoginProof.login_id)
        .where(Login.secret_hash == _digest(secret), Login.ended_at.is_(None))
    )


def seen(session: Session, *, secret: str, at: datetime) -> None:
    """Note that a browser is still in use, at most every few minutes."""
    session.execute(
        update(Login)
        .where(Login.secret_hash == _digest(secret), Login.seen_at < at - _SEEN_EVERY)
        .values(seen_at=at)
    )


def end(session: Session, *, secret: str, at: datetime) -> None:
    """Sign one browser out."""
    session.execute(
        update(Login)
        .where(Login.secret_hash == _digest(secret), Login.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_all(session: Session, *, user_id: uuid.UUID, at: datetime) -> int:
    """Sign every browser of a person out, known devices too; return how many browsers it was."""
    session.execute(
        update(KnownDevice)
        .where(KnownDevice.user_id == user_id, KnownDevice.ended_at.is_(None))
        .values(ended_at=at)
    )
    count = session.scalar(
        select(func.count()).where(Login.user_id == user_id, Login.ended_at.is_(None))
    )
    session.execute(
        update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None)).values(ended_at=at)
    )
    return count or 0


def hash_password(password: str) -> str:
    """Hash a password with scrypt; the parameters travel in the text."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)
    return f"scrypt:{_SCRYPT['n']}:{_SCRYPT['r']}:{_SCRYPT['p']}:{salt.hex()}:{digest.hex()}"


def check_password(password: str, stored: str) -> bool:
    """Say whether a password is the one that was hashed."""
    _, n, r, p, salt, digest = stored.split(":")
    again = hashlib.scrypt(
        password.encode(),
        salt=bytes.fromhex(salt),
        n=int(n),
        r=int(r),
        p=int(p),
        maxmem=_SCRYPT["maxmem"],
        dklen=_SCRYPT["dklen"],
    )
    return hmac.compare_digest(again.hex(), digest)


def tidy(email: str) -> str:
    """Write an address the way it is stored: no spaces around, lower case."""
    return email.strip().lower()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
