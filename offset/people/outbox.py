"""How does a mail leave without ever undoing what it tells of? Written first, sent later."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import NotFound, OffsetError, Refused
from offset.people.models import OutboxMessage
from offset.people.ports import Attachment, Mail, Mailer

_ATTEMPTS: Final = 12
_LONGEST_WAIT_MINUTES: Final = 240
# A file that is not made by then is left out: the mail's links lead to the same.
_WAIT_FOR_FILES: Final = timedelta(hours=1)

Attach = Callable[[Session, Mapping[str, Any]], tuple[Attachment, ...] | None]
"""Gives a mail its files; None while they are being made."""


def enqueue(
    session: Session,
    *,
    at: datetime,
    template: str,
    to: str,
    language: str,
    parameters: Mapping[str, object],
    key: str,
) -> None:
    """Write a mail into the outbox; the same key twice is one mail."""
    if known(session, key):
        return
    session.add(
        OutboxMessage(
            id=uuid7(at),
            key=key,
            template=template,
            recipient=to,
            language=language,
            parameters=dict(parameters),
            created_at=at,
            due_at=at,
            attempts=0,
        )
    )
    session.flush()


def known(session: Session, key: str) -> bool:
    """Say whether a mail with this key was written before."""
    return session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def no_files(_session: Session, _parameters: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Give a mail no files."""
    return ()


def deliver(
    database: Database,
    mailer: Mailer,
    *,
    at: datetime,
    limit: int = 100,
    attach: Attach = no_files,
) -> int:
    """Send what is due, one transaction a mail, and return how many left.

    A mail that fails waits longer each time; its fault is kept for the desk to see. A mail whose
    files are being made waits for them, but not for long.
    """
    with database.reading() as session:
        due = tuple(
            session.scalars(
                select(OutboxMessage.id)
                .where(OutboxMessage.sent_at.is_(None), OutboxMessage.due_at <= at)
                .where(OutboxMessage.attempts < _ATTEMPTS, OutboxMessage.recipient.is_not(None))
                .order_by(OutboxMessage.due_at)
                .limit(limit)
            )
        )
    return sum(_send_one(database, mailer, message_id, at, attach) for message_id in due)


@dataclass(frozen=True)
class Standing:
    """How many mails wait and since when, and how many were given up."""

    waiting: int
    oldest: datetime | None
    given_up: int


def standing(session: Session) -> Standing:
    """Count what has not left."""
    gone = OutboxMessage.attempts >= _ATTEMPTS
    waiting, oldest, given_up = session.execute(
        select(
            func.count().filter(~gone),
            func.min(OutboxMessage.created_at).filter(~gone),
            func.count().filter(gone),
        ).where(OutboxMessage.sent_at.is_(None), OutboxMessage.recipient.is_not(None))
    ).one()
    return Standing(waiting, oldest, given_up)


@dataclass(frozen=True)
class GivenUp:
    """A mail that could not be delivered: to whom, what it is, since when, and why."""

    id: uuid.UUID
    template: str
    recipient: str
    created_at: datetime
    attempts: int
    fault: str


def given_up(session: Session, *, limit: int = 100) -> tuple[GivenUp, ...]:
    """List the mails that were given up, newest first."""
    rows = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.recipient.is_not(None),
            OutboxMessage.attempts >= _ATTEMPTS,
        )
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id)
        .limit(limit)
    )
    return tuple(
        GivenUp(
            row.id, row.template, row.recipient or "", row.created_at, row.attempts, row.fault or ""
        )
        for row in rows
    )


def try_again(session: Session, message_id: uuid.UUID, *, to: str, at: datetime) -> str:
    """Send a mail that was given up to another address, or to the same; return the old one.

    Raises
    ------
    NotFound
        ``mail_unknown``.
    Refused
        ``mail_not_given_up``: it is sent, is being tried, or its giver was forgotten.
    """
    row = session.get(OutboxMessage, message_id)
    if row is None:
        raise NotFound("mail_unknown")
    if row.sent_at is not None or row.recipient is None or row.attempts < _ATTEMPTS:
        raise Refused("mail_not_given_up")
    before = row.recipient
    row.recipient, row.attempts, row.due_at, row.fault = to, 0, at, None
    session.flush()
    return before


def _send_one(
    database: Database, mailer: Mailer, message_id: object, at: datetime, attach: Attach
) -> int:
    with database.reading() as session:
        row = session.get(OutboxMessage, message_id)
        if row is None or row.sent_at is not None or row.recipient is None:
            return 0
        files = attach(session, row.parameters)
        if files is None and at < row.created_at + _WAIT_FOR_FILES:
            return 0
        mail = Mail(row.key, row.template, row.recipient, row.language, row.parameters, files or ())
    fault: str | None = None
    try:
        mailer.send(mail)
    except OffsetError as problem:
        fault = problem.code
    database.run(_note, message_id, at=at, fault=fault)
    return 0 if fault else 1


def _note(session: Session, message_id: object, *, at: datetime, fault: str | None) -> None:
    row = session.get_one(OutboxMessage, message_id)
    row.attempts += 1
    row.fault = fault
    if fault is None:
        row.sent_at = at
    else:
        row.due_at = at + timedelta(minutes=min(2**row.attempts, _LONGEST_WAIT_MINUTES))
