"""How does somebody whose phone is lost get in? By a code on paper, or by an administrator."""

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people import audit, notices, second_factor
from offset.people.access import Actor, Right, require
from offset.people.member_models import RecoveryCode
from offset.people.models import SecondFactor, User

CODES: Final = 8
# Eighty bits, in letters that nobody takes for another: a plain hash is enough to keep them.
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH: Final = 16
_GROUP: Final = 4


def make(session: Session, *, user_id: uuid.UUID, at: datetime) -> tuple[str, ...]:
    """Return new codes for a person to print; the ones of before end.

    Raises
    ------
    Refused
        ``second_factor_needed``: no phone is set up that they could stand for.
    """
    row = session.get(SecondFactor, user_id)
    if row is None or row.confirmed_at is None:
        raise Refused("second_factor_needed")
    forget(session, user_id=user_id)
    codes = tuple(_code() for _ in range(CODES))
    for code in codes:
        session.add(
            RecoveryCode(id=uuid7(at), user_id=user_id, code_hash=_digest(code), made_at=at)
        )
    session.flush()
    _note(session, "recovery_codes.made", user_id, actor=Actor(user_id), at=at)
    return codes


def left(session: Session, *, user_id: uuid.UUID) -> int:
    """Count the codes that still count."""
    return (
        session.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def looks_like_one(text: str) -> bool:
    """Say whether somebody typed a code from paper rather than one from a phone."""
    return len(_tidy(text)) == _LENGTH


def use(session: Session, *, user_id: uuid.UUID, browser: str, code: str, at: datetime) -> bool:
    """Use a code up, once, and let this browser in; say whether it counted. A mail tells of it."""
    wanted = _digest(code)
    rows = session.scalars(
        select(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        .with_for_update()
    ).all()
    match = [row for row in rows if hmac.compare_digest(row.code_hash, wanted)]
    if not match:
        return False
    match[0].used_at = at
    second_factor.open_browser(session, user_id=user_id, browser=browser, at=at)
    _note(session, "recovery_code.used", user_id, actor=Actor(user_id), at=at)
    notices.tell(session, user_id=user_id, what=notices.What.RECOVERY_USED, at=at)
    return True


def forget(session: Session, *, user_id: uuid.UUID) -> None:
    """End every code of a person."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def lost_phone(
    session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, reason: str
) -> None:
    """Take a lost phone's second factor away, for somebody else, with a reason.

    The person is signed out everywhere, told by mail, and sets up a phone at the next sign-in.

    Raises
    ------
    Forbidden
        Without the right to manage people.
    Refused
        ``own_second_factor``: another administrator does it.
    InvalidInput
        ``reason_missing``.
    NotFound
        ``person_unknown``.
    """
    require(actor, Right.MANAGE_PEOPLE)
    if actor.user_id == user_id:
        raise Refused("own_second_factor")
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    person = session.get(User, user_id)
    if person is None or not person.email:
        raise NotFound("person_unknown")
    second_factor.forget(session, email=person.email, at=at, actor=actor, reason=reason.strip())
    notices.tell(session, user_id=user_id, what=notices.What.PHONE_RESET, at=at)


def renew(session: Session, *, user_id: uuid.UUID, browser: str, at: datetime) -> None:
    """Let a person whose browser showed a code set up another phone instead of this one.

    Raises
    ------
    Refused
        ``second_factor_missing``: this browser has shown no code.
    """
    if not second_factor.state_of(session, user_id=user_id, browser=browser).passed:
        raise Refused("second_factor_missing")
    second_factor.drop(session, user_id=user_id)
    _note(session, "second_factor.renewed", user_id, actor=Actor(user_id), at=at)
    notices.tell(session, user_id=user_id, what=notices.What.PHONE_RENEWED, at=at)


def _note(session: Session, action: str, user_id: uuid.UUID, *, actor: Actor, at: datetime) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_type="user", object_id=user_id)


def _code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))


def _tidy(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _digest(code: str) -> bytes:
    return hashlib.sha256(_tidy(code).encode()).digest()
