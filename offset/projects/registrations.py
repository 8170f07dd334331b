"""Is carbon of this land registered or sold elsewhere, and what follows for an admission?

The answer is public. "Yes" bars the admission until the secretariat records a reason, which is
public too; the database holds both rules as well, by triggers on admissions.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from offset.errors import InvalidInput, NotFound, Refused
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.projects.application_models import RegistrationReason
from offset.projects.models import Application

LONGEST: Final = 2_000
_LANGUAGES: Final = frozenset({"en", "fr", "es"})


@dataclass(frozen=True)
class Registration:
    """What is said in public about registration elsewhere.

    ``elsewhere`` is None where it was never asked; ``reason`` says why the project could be
    admitted all the same.
    """

    elsewhere: bool | None
    where: str
    reason: str | None
    recorded_at: datetime | None


def of_application(session: Session, application_id: uuid.UUID) -> Registration:
    """Read what an application version says, and the secretariat's reason."""
    application = session.get_one(Application, application_id)
    carbon = application.document.get("carbon", {})
    told = session.get(RegistrationReason, application_id)
    return Registration(
        elsewhere=carbon.get("registered_elsewhere"),
        where=str(carbon.get("registered_where", "")),
        reason=told.reason if told else None,
        recorded_at=told.recorded_at if told else None,
    )


def explain(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    application_id: uuid.UUID,
    reason: str,
    language: str = "en",
) -> None:
    """Record why a project may be admitted although its carbon is registered elsewhere.

    Raises
    ------
    Forbidden
        Without the right to admit.
    InvalidInput
        ``reason_missing``, ``too_long`` or ``language_unknown``.
    NotFound
        ``application_unknown``.
    Refused
        ``nothing_registered`` elsewhere, or ``reason_recorded`` already.
    """
    require(actor, Right.ADMIT)
    application = session.get(Application, application_id)
    if application is None or application.submitted_at is None:
        raise NotFound("application_unknown")
    said = reason.replace("\r\n", "\n").strip()
    _usable(said, language)
    if not application.registered_elsewhere:
        raise Refused("nothing_registered")
    if session.get(RegistrationReason, application_id) is not None:
        raise Refused("reason_recorded")
    session.add(
        RegistrationReason(
            application_id=application_id,
            reason=said,
            language=language,
            recorded_at=at,
            recorded_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="application.registration_explained",
        object_type="application",
        object_id=application_id,
    )


def require_admissible(session: Session, application_id: uuid.UUID) -> None:
    """Refuse the admission of a version that asks for no money, or whose carbon is sold elsewhere.

    Raises
    ------
    Refused
        ``ongoing_no_money``, or ``registered_elsewhere`` without a recorded reason.
    """
    application = session.get_one(Application, application_id)
    if application.modality == "ongoing":
        raise Refused("ongoing_no_money")
    if application.registered_elsewhere and session.get(RegistrationReason, application_id) is None:
        raise Refused("registered_elsewhere")


def _usable(said: str, language: str) -> None:
    if not said:
        raise InvalidInput("reason_missing", field="reason")
    if len(said) > LONGEST:
        raise InvalidInput("too_long", field="reason", longest=LONGEST)
    if language not in _LANGUAGES:
        raise InvalidInput("language_unknown", field="language")
