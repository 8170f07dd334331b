"""Is this the six-digit code that went out with the link? A few tries, for ten minutes."""

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from offset.people.device_models import SignInCode
from offset.people.models import SignInLink

LIFE: Final = timedelta(minutes=10)
TRIES: Final = 5
DIGITS: Final = 6
# Six digits are few: however often codes are asked for, a day of guessing ends here.
_FAILURES_A_DAY: Final = 20
_DAY: Final = timedelta(hours=24)
_HOUR: Final = timedelta(hours=1)
_CODES_AN_HOUR: Final = 6
_SCRYPT: Final = {"n": 2**10, "r": 8, "p": 1, "dklen": 32}


def make(session: Session, *, user_id: uuid.UUID, link_id: uuid.UUID, at: datetime) -> str | None:
    """Write a code down for a link and return it; None when there were too many this hour."""
    made = session.scalar(
        select(func.count())
        .select_from(SignInCode)
        .join(SignInLink, SignInLink.id == SignInCode.link_id)
        .where(SignInLink.user_id == user_id, SignInLink.created_at > at - _HOUR)
    )
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    hashed = _hashed(code, secrets.token_bytes(16))
    if (made or 0) >= _CODES_AN_HOUR:
        return None
    session.add(SignInCode(link_id=link_id, code_hash=hashed, expires_at=at + LIFE, failures=0))
    return code


def pretend() -> None:
    """Take the time that making a code takes, for an address nobody knows."""
    _hashed("000000", secrets.token_bytes(16))


def check(
    session: Session, *, user_id: uuid.UUID | None, code: str, at: datetime
) -> uuid.UUID | None:
    """Return the link that a right code belongs to; a wrong one counts against all that are open.

    It takes the same time whoever asks, so that the clock tells nothing.
    """
    typed = "".join(letter for letter in code if not letter.isspace() and letter != "-")[:DIGITS]
    known = _open(session, user_id, at) if user_id is not None else []
    spare = _hashed("", bytes(16))
    found: uuid.UUID | None = None
    for place in range(_CODES_AN_HOUR):
        row = known[place] if place < len(known) else None
        if _matches(typed, row.code_hash if row else spare) and row is not None:
            found = row.link_id
    if found is None and known:
        session.execute(
            update(SignInCode)
            .where(SignInCode.link_id.in_([row.link_id for row in known]))
            .values(failures=SignInCode.failures + 1)
        )
    return found


def _open(session: Session, user_id: uuid.UUID, at: datetime) -> list[SignInCode]:
    """Return the codes that still count, held until this transaction ends."""
    rows = session.scalars(
        select(SignInCode)
        .join(SignInLink, SignInLink.id == SignInCode.link_id)
        .where(SignInLink.user_id == user_id, SignInLink.created_at > at - _DAY)
        .with_for_update(of=SignInCode)
        .execution_options(populate_existing=True)
    ).all()
    if sum(row.failures for row in rows) >= _FAILURES_A_DAY:
        return []
    used = set(
        session.scalars(
            select(SignInLink.id).where(
                SignInLink.user_id == user_id, SignInLink.used_at.is_not(None)
            )
        )
    )
    return [
        row
        for row in rows
        if row.expires_at > at and row.failures < TRIES and row.link_id not in used
    ][:_CODES_AN_HOUR]


def _matches(code: str, stored: str) -> bool:
    salt, _, _digest = stored.partition(":")
    return hmac.compare_digest(_hashed(code, bytes.fromhex(salt)), stored)


def _hashed(code: str, salt: bytes) -> str:
    return f"{salt.hex()}:{hashlib.scrypt(code.encode(), salt=salt, **_SCRYPT).hex()}"
