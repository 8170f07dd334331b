"""How does a person learn that something of their account changed? By a mail at once."""

import enum
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.people import outbox
from offset.people.models import User


class What(enum.StrEnum):
    """What changed; the mail has a sentence for each."""

    ROLES_CHANGED = "roles_changed"
    PHONE_RESET = "phone_reset"
    PHONE_RENEWED = "phone_renewed"
    RECOVERY_USED = "recovery_used"


def tell(session: Session, *, user_id: uuid.UUID, what: What, at: datetime) -> None:
    """Send a person the mail about a change, so that a stranger's one is noticed."""
    person = session.get(User, user_id)
    if person is None or not person.email:
        return
    outbox.enqueue(
        session,
        at=at,
        template="account_notice",
        to=person.email,
        language=person.language,
        parameters={"what": what.value, "name": person.name or "", "at": at.isoformat()},
        key=f"account:{uuid7(at)}",
    )
