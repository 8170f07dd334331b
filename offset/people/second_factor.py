"""How does somebody show that the phone in their hand is theirs? A code that lives 30 seconds.

RFC 6238: HMAC-SHA1 of the number of the half minute, six digits. A code counts once, and one
half minute early or late, since phones' clocks differ.
"""

import enum
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from offset.errors import NotFound, Refused
from offset.people import audit, signin
from offset.people.access import SYSTEM, Actor
from offset.people.member_models import RecoveryCode
from offset.people.models import Login, SecondFactor, SecondFactorPass, User

_STEP_SECONDS: Final = 30
_DIGITS: Final = 6
_KEY_BYTES: Final = 20
_DRIFT: Final = (-1, 0, 1)
_TRIES: Final = 5
_PAUSE: Final = timedelta(minutes=5)


class Shown(enum.StrEnum):
    """What came of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True)
class State:
    """Whether a person has a second factor, and whether this browser has shown a code."""

    confirmed: bool
    passed: bool


def state_of(session: Session, *, user_id: uuid.UUID, browser: str) -> State:
    """Read where a person and their browser stand."""
    row = session.execute(
        select(SecondFactor.confirmed_at, SecondFactorPass.passed_at)
        .outerjoin(SecondFactorPass, SecondFactorPass.login_hash == _digest(browser))
        .where(SecondFactor.user_id == user_id)
    ).first()
    if row is None or row.confirmed_at is None:
        return State(confirmed=False, passed=False)
    return State(confirmed=True, passed=row.passed_at is not None)


def begin(session: Session, *, user_id: uuid.UUID, at: datetime) -> bytes:
    """Return the key for the phone; it stays the same until a first code proves it.

    Raises
    ------
    Refused
        ``second_factor_set``: a proven key is never shown again.
    """
    row = session.get(SecondFactor, user_id)
    if row is None:
        row = SecondFactor(
            user_id=user_id,
            shared_key=secrets.token_bytes(_KEY_BYTES),
            created_at=at,
            last_step=0,
            failures=0,
        )
        session.add(row)
        session.flush()
    if row.confirmed_at is not None:
        raise Refused("second_factor_set")
    return row.shared_key


def show(session: Session, *, user_id: uuid.UUID, browser: str, code: str, at: datetime) -> Shown:
    """Take a code; a right one opens this browser, and the first one proves the phone.

    A wrong code is an answer, not an error: its count must be kept.
    """
    row = session.get(SecondFactor, user_id, with_for_update=True)
    if row is None:
        return Shown.WRONG
    if row.failures >= _TRIES and row.failed_at is not None and at < row.failed_at + _PAUSE:
        return Shown.TOO_OFTEN
    step = _matching(row.shared_key, code, at)
    if step is None or step <= row.last_step:
        _note_failure(row, at)
        return Shown.WRONG
    action = "second_factor.passed" if row.confirmed_at else "second_factor.set"
    row.last_step, row.failures = step, 0
    row.confirmed_at = row.confirmed_at or at
    if session.get(SecondFactorPass, _digest(browser)) is None:
        session.add(SecondFactorPass(login_hash=_digest(browser), passed_at=at))
    session.flush()
    audit.record(
        session,
        at=at,
        actor=Actor(user_id),
        action=action,
        object_type="user",
        object_id=user_id,
    )
    return Shown.RIGHT


def forget(
    session: Session, *, email: str, at: datetime, actor: Actor = SYSTEM, reason: str = ""
) -> None:
    """Take the second factor of a lost phone away and sign the person out everywhere.

    Raises
    ------
    NotFound
        ``person_unknown``.
    """
    user_id = session.scalar(select(User.id).where(User.email == signin.tidy(email)))
    if user_id is None:
        raise NotFound("person_unknown")
    signin.end_all(session, user_id=user_id, at=at)
    drop(session, user_id=user_id)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="second_factor.forgotten",
        object_type="user",
        object_id=user_id,
        details={"reason": reason} if reason else None,
    )


def drop(session: Session, *, user_id: uuid.UUID) -> None:
    """Forget the key of a phone, which browsers showed its codes, and the codes on paper."""
    mine = select(Login.secret_hash).where(Login.user_id == user_id)
    session.execute(delete(SecondFactorPass).where(SecondFactorPass.login_hash.in_(mine)))
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def open_browser(session: Session, *, user_id: uuid.UUID, browser: str, at: datetime) -> None:
    """Let this browser in as if its phone had shown a code: a code on paper was right."""
    row = session.get_one(SecondFactor, user_id)
    row.failures = 0
    if session.get(SecondFactorPass, _digest(browser)) is None:
        session.add(SecondFactorPass(login_hash=_digest(browser), passed_at=at))
    session.flush()


def code_of(key: bytes, step: int) -> str:
    """Return the code of one half minute (RFC 4226, section 5.3)."""
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(at: datetime) -> int:
    """Return the number of the half minute of an instant."""
    return int(at.timestamp()) // _STEP_SECONDS


def _matching(key: bytes, code: str, at: datetime) -> int | None:
    typed = "".join(letter for letter in code if letter.isdecimal())
    now = step_of(at)
    found = None
    for drift in _DRIFT:
        # Every candidate is compared, so that time does not tell which one it was.
        if hmac.compare_digest(code_of(key, now + drift).encode(), typed.encode()):
            found = now + drift
    return found


def _note_failure(row: SecondFactor, at: datetime) -> None:
    if row.failed_at is None or at >= row.failed_at + _PAUSE:
        row.failures = 0
    row.failures += 1
    row.failed_at = at


def _digest(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()
