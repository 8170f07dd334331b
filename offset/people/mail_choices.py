"""Who wants no more news by mail? Said by the link in any of them, without an account."""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from offset.database.base import Base
from offset.database.types import uuid7
from offset.errors import NotFound

_TOKEN_BYTES: Final = 24


class MailChoice(Base):
    """An address that news were sent to, with the secret of its links and whether it said stop.

    Receipts and whatever else a gift obliges us to send ask nobody and go on.
    """

    __tablename__ = "mail_choice"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Choice:
    """Whether the address behind a link gets news; the page never shows the address."""

    stopped: bool


def stopped(session: Session, emails: Collection[str]) -> frozenset[str]:
    """Return those of some addresses that said stop."""
    return frozenset(
        email
        for email in session.scalars(
            select(MailChoice.email).where(
                MailChoice.email.in_(emails), MailChoice.stopped_at.is_not(None)
            )
        )
        if email is not None
    )


def kept(session: Session, email: str, *, at: datetime) -> MailChoice:
    """Return the row of an address, whose secret stands in its links; made with its first news."""
    held = session.scalars(select(MailChoice).where(MailChoice.email == email)).first()
    if held is not None:
        return held
    row = MailChoice(
        id=uuid7(at),
        email=email,
        token=secrets.token_urlsafe(_TOKEN_BYTES),
        created_at=at,
        stopped_at=None,
    )
    session.add(row)
    session.flush()
    return row


def choice(session: Session, token: str) -> Choice:
    """Read the choice behind a link.

    Raises
    ------
    NotFound
        ``mail_choice_unknown``.
    """
    return Choice(_row(session, token).stopped_at is not None)


def choose(session: Session, *, token: str, news: bool, at: datetime) -> None:
    """Stop the news to the address behind a link, or let them come again.

    Raises
    ------
    NotFound
        ``mail_choice_unknown``.
    """
    row = _row(session, token)
    if news:
        row.stopped_at = None
    elif row.stopped_at is None:
        row.stopped_at = at
    session.flush()


def erase(session: Session, email: str) -> None:
    """Forget an address; its links lead nowhere from then on."""
    session.execute(
        update(MailChoice)
        .where(MailChoice.email == email)
        .values(email=None, token=secrets.token_urlsafe(_TOKEN_BYTES))
    )


def _row(session: Session, token: str) -> MailChoice:
    row = session.scalars(select(MailChoice).where(MailChoice.token == token)).first()
    if row is None:
        raise NotFound("mail_choice_unknown")
    return row
