"""Does mail really arrive? One is sent to a person of the house, who answers with one press."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import NotFound
from offset.people import audit, outbox
from offset.people.access import Actor, Right, require
from offset.people.installation_models import MailProbe
from offset.people.models import User

_SECRET_BYTES: Final = 24
# A link that was not pressed by then proves nothing any more.
FRESH: Final = timedelta(days=7)


@dataclass(frozen=True)
class Probe:
    """The newest mail that was sent on trial."""

    sent_at: datetime
    arrived_at: datetime | None


def send(session: Session, *, actor: Actor, at: datetime) -> None:
    """Send a mail on trial to whoever asks for it.

    Raises
    ------
    Forbidden
        Without the right to see the ready list.
    NotFound
        ``person_unknown``: the person has no address.
    """
    require(actor, Right.SEE_READY)
    person = session.get(User, actor.user_id)
    if person is None or not person.email:
        raise NotFound("person_unknown")
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row_id: uuid.UUID = uuid7(at)
    session.add(
        MailProbe(
            id=row_id,
            secret_hash=_digest(secret),
            recipient=person.email,
            sent_by=person.id,
            sent_at=at,
        )
    )
    outbox.enqueue(
        session,
        at=at,
        template="mail_probe",
        to=person.email,
        language=person.language,
        parameters={"path": f"/mail-arrived/{secret}"},
        key=f"probe:{row_id}",
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="mail_probe.sent",
        object_type="mail_probe",
        object_id=row_id,
    )


def arrived(session: Session, secret: str, *, at: datetime) -> None:
    """Note that the mail arrived: somebody pressed the button behind its link.

    Raises
    ------
    NotFound
        ``mail_choice_unknown``: no such link, or too old.
    """
    row = session.scalar(select(MailProbe).where(MailProbe.secret_hash == _digest(secret)))
    if row is None or row.sent_at + FRESH < at:
        raise NotFound("mail_choice_unknown")
    row.arrived_at = row.arrived_at or at


def last(session: Session) -> tuple[Probe | None, Probe | None]:
    """Read the newest probe, and the newest one that arrived."""
    newest = select(MailProbe.sent_at, MailProbe.arrived_at).order_by(MailProbe.sent_at.desc())
    found = session.execute(newest.limit(1)).first()
    came = session.execute(newest.where(MailProbe.arrived_at.is_not(None)).limit(1)).first()
    return (Probe(*found) if found else None), (Probe(*came) if came else None)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
