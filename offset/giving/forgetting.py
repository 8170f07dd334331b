"""Who empties what when somebody asks to be forgotten? Every room that holds a name or an address.

Money and acts keep their ids. Someone who gave as a guest has no account: the address alone names
them, and each room looks for it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.giving import erasure
from offset.people import audit, users
from offset.people.access import SYSTEM, Actor, Right, require
from offset.people.models import User
from offset.people.users import Eraser
from offset.projects import concerns, followers

ByAddress = Callable[[Session, str, datetime], int]


@dataclass(frozen=True)
class Forgotten:
    """How much was emptied: rows by room, and whether the address had an account."""

    rows: int
    had_account: bool


def _followers(session: Session, email: str, _at: datetime) -> int:
    return followers.erase(session, email)


def _concerns(session: Session, email: str, _at: datetime) -> int:
    return concerns.erase(session, email)


def _giving(session: Session, email: str, at: datetime) -> int:
    return erasure.erase(session, email, at=at)


# The rooms that know people by their address; a new one is named here and nowhere else. Giving
# comes last, since it also takes the address out of mails that the others may have written.
ROOMS: Final[tuple[ByAddress, ...]] = (_followers, _concerns, _giving)


def erasers() -> tuple[Eraser, ...]:
    """Give each room as what ``users.forget`` calls: by the id of an account."""
    return tuple(_of_account(room) for room in ROOMS)


def forget(session: Session, *, actor: Actor, at: datetime, email: str) -> Forgotten:
    """Empty a person everywhere, by the address they wrote from; acts and money stay.

    Raises
    ------
    Forbidden
        Without the right to forget people; the system itself may.
    InvalidInput
        ``email_unreadable``.
    NotFound
        ``person_unknown``: nothing in the house names this address.
    Refused
        ``staff_not_erased``: somebody with roles hands them back first.
    """
    if actor is not SYSTEM:
        require(actor, Right.FORGET_PERSON)
    address = users.check_address(email)
    account = session.scalar(select(User.id).where(User.email == address))
    if account is not None:
        users.forget(session, user_id=account, erasers=erasers(), at=at)
        done = Forgotten(0, had_account=True)
    else:
        done = Forgotten(sum(room(session, address, at) for room in ROOMS), had_account=False)
        if not done.rows:
            raise NotFound("person_unknown")
    # The trail says that it happened and who did it, never whom: the id of the account, if any.
    audit.record(
        session,
        at=at,
        actor=actor,
        action="person.forgotten",
        object_type="user" if account else "guest",
        object_id=account or "",
        details={"rows": done.rows} if not account else None,
    )
    return done


def _of_account(room: ByAddress) -> Eraser:
    def erase(session: Session, user_id: uuid.UUID, at: datetime) -> None:
        email = session.scalar(select(User.email).where(User.id == user_id))
        if email:
            room(session, email, at)

    return erase
