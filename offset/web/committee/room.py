"""Where do the pages of the committee hang, and how is a seat opened on one?"""

import uuid
from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from offset.errors import NotFound
from offset.projects import dossiers
from offset.projects.checks import Checks
from offset.projects.models import AssessmentStatus, Seat
from offset.web.language import page
from offset.web.security import current_actor
from offset.web.wiring import now, services

R = TypeVar("R")

blueprint: Final = Blueprint("committee", __name__, url_prefix="/committee")


def act(verb: Callable[..., R], **told: Any) -> R:
    """Run one verb as the member who is signed in, now."""
    return services().database.run(verb, actor=current_actor(), at=now(), **told)


def to_seat(assignment_id: uuid.UUID, part: str = "") -> ResponseReturnValue:
    """Send the browser to a seat, or to a part of its page."""
    return redirect(page(f"/committee/seats/{assignment_id}{part}"), code=303)


def dossier(assignment_id: uuid.UUID) -> dossiers.Dossier:
    """Read the dossier of a seat of one's own."""
    with services().database.reading() as session:
        return dossiers.dossier(session, current_actor(), assignment_id)


def checked(assignment_id: uuid.UUID) -> Checks:
    """Compute what the platform itself finds about the application of a seat."""
    with services().database.reading() as session:
        return dossiers.checked(session, current_actor(), assignment_id)


def opened(assignment_id: uuid.UUID) -> dossiers.Dossier:
    """Return a dossier that a declaration opened.

    Raises
    ------
    NotFound
        ``assignment_unknown`` before the declaration: nothing is there yet.
    """
    seen = dossier(assignment_id)
    if not seen.declared:
        raise NotFound("assignment_unknown")
    return seen


def leads(seen: dossiers.Dossier) -> bool:
    """Say whether this seat leads a consensus that is under way."""
    return seen.seat is Seat.RAPPORTEUR and seen.line.assessment is AssessmentStatus.CONSENSUS


def reviews(seen: dossiers.Dossier) -> bool:
    """Say whether this seat still has a review to write."""
    in_review = seen.line.assessment is AssessmentStatus.IN_REVIEW
    return seen.seat is Seat.REVIEWER and in_review and not seen.submitted
