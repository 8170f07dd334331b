"""What does the secretariat say of an update before it is public? Accept, ask again, or reject."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.people.access import Actor, Right, is_other, require
from offset.people.phrases import Hit
from offset.projects import deadlines, lifecycle, photos, updates
from offset.projects.life_models import DueKind, Moderated, UpdateCorrection, UpdateModeration
from offset.projects.models import Photo, Project, ProjectUpdate, UpdateStatus
from offset.projects.photos import Match
from offset.projects.queries import PhotoView, photo_view


@dataclass(frozen=True)
class ModeratedPhoto:
    """A photo before the moderator: who confirmed it, and where it stood before."""

    id: uuid.UUID
    view: PhotoView
    confirmed_at: datetime | None
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Answered:
    """What was said of an update at an earlier reading."""

    outcome: Moderated
    reason: str
    at: datetime


@dataclass(frozen=True)
class UpdateText:
    """An update as it would stand on the public page, with everything the rules marked in it."""

    id: uuid.UUID
    project_id: uuid.UUID
    title: str
    html: str
    language: str
    status: UpdateStatus
    photos: tuple[PhotoView, ...]
    shown: tuple[ModeratedPhoto, ...]
    hits: tuple[Hit, ...]
    answers: tuple[Answered, ...]
    corrects: uuid.UUID | None
    correction_reason: str | None
    corrected_html: str | None

    @property
    def phrases(self) -> tuple[str, ...]:
        """The phrases that the rules refuse."""
        return tuple(hit.phrase for hit in self.hits)

    @property
    def seen_elsewhere(self) -> bool:
        """Whether a photo stood at another project before."""
        return any(not one.same_project for photo in self.shown for one in photo.matches)


def text(session: Session, actor: Actor, update_id: uuid.UUID) -> UpdateText:
    """Read an update for whoever moderates it.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    NotFound
        ``update_unknown``.
    """
    require(actor, Right.MODERATE)
    update = session.get(ProjectUpdate, update_id)
    if update is None:
        raise NotFound("update_unknown")
    correction = session.get(UpdateCorrection, update_id)
    old = session.get(ProjectUpdate, correction.corrects_id) if correction else None
    shown = _photos(session, update_id, old)
    return UpdateText(
        id=update.id,
        project_id=update.project_id,
        title=update.title,
        html=update.html,
        language=update.language,
        status=update.status,
        photos=tuple(one.view for one in shown),
        shown=shown,
        hits=updates.hits(session, update),
        answers=tuple(
            Answered(row.outcome, row.reason, row.moderated_at)
            for row in session.scalars(
                select(UpdateModeration)
                .where(UpdateModeration.update_id == update_id)
                .order_by(UpdateModeration.moderated_at)
            )
        ),
        corrects=old.id if old else None,
        correction_reason=correction.reason if correction else None,
        corrected_html=old.html if old else None,
    )


def publish(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    accepted_reason: str | None = None,
) -> None:
    """Publish an update; the next report is then due a quarter later.

    A correction takes the place of what it corrects and is no report of its own.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    NotFound
        ``update_unknown``.
    Refused
        ``phrases_found`` or ``photos_seen_before`` unless the secretariat accepts them with a
        reason; ``same_person`` for whoever wrote it.
    StateRefused
        ``update_not_submitted``.
    """
    project, update = _submitted(session, actor, update_id)
    corrects = updates.corrects(session, update.id)
    found = updates.hits(session, update)
    seen = photos.matches(session, update.id, but=() if corrects is None else (corrects,))
    reason = (accepted_reason or "").strip()
    _ask_for_reason(found, seen, reason)
    update.status = UpdateStatus.PUBLISHED
    update.published_at = at
    update.moderated_by = actor.user_id
    update.note = reason or None
    session.flush()
    _keep(session, update, Moderated.ACCEPTED, reason, actor=actor, at=at, seen=seen)
    step = "publish_update" if corrects is None else "correct_update"
    lifecycle.note(session, project, step, actor=actor, at=at, reason=reason or None)
    if corrects is None:
        deadlines.met(session, project, DueKind.NARRATIVE, subject_id=update.id, at=at)


def give_back(
    session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID, note: str
) -> None:
    """Return an update to its writer with a question or a reason.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    StateRefused
        ``update_not_submitted``.
    """
    _refuse(session, Moderated.RETURNED, actor=actor, at=at, update_id=update_id, note=note)


def reject(
    session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID, note: str
) -> None:
    """Turn an update down for good, with the reason; its writer may write another one.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    StateRefused
        ``update_not_submitted``.
    """
    _refuse(session, Moderated.REJECTED, actor=actor, at=at, update_id=update_id, note=note)


def _refuse(
    session: Session,
    outcome: Moderated,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    note: str,
) -> None:
    project, update = _submitted(session, actor, update_id)
    reason = note.strip()
    if not reason:
        raise InvalidInput("reason_missing", field="note")
    seen = photos.matches(session, update.id)
    update.status = UpdateStatus.RETURNED
    update.moderated_by = actor.user_id
    update.note = reason
    session.flush()
    _keep(session, update, outcome, reason, actor=actor, at=at, seen=seen)
    step = "return_update" if outcome is Moderated.RETURNED else "reject_update"
    lifecycle.note(session, project, step, actor=actor, at=at, reason=reason)


def _ask_for_reason(found: tuple[Hit, ...], seen: tuple[Match, ...], reason: str) -> None:
    """Refuse to publish what a rule marked unless somebody says why it may stand."""
    elsewhere = sorted({one.other_project for one in seen if not one.same_project})
    if reason:
        return
    if found:
        raise Refused(
            "phrases_found", field="accepted_reason", phrases=tuple(h.phrase for h in found)
        )
    if elsewhere:
        raise Refused("photos_seen_before", field="accepted_reason", projects=", ".join(elsewhere))


def _keep(
    session: Session,
    update: ProjectUpdate,
    outcome: Moderated,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
    seen: tuple[Match, ...],
) -> None:
    marks: Mapping[str, Any] = {
        "phrases": [[hit.rule, hit.phrase] for hit in updates.hits(session, update)],
        "photos": [[str(one.photo_id), str(one.other_update_id), one.bits] for one in seen],
    }
    session.add(
        UpdateModeration(
            id=uuid7(at),
            update_id=update.id,
            outcome=outcome,
            reason=reason,
            marks=marks,
            moderated_at=at,
            moderated_by=actor.user_id,
        )
    )
    session.flush()


def _submitted(
    session: Session, actor: Actor, update_id: uuid.UUID
) -> tuple[Project, ProjectUpdate]:
    require(actor, Right.MODERATE)
    update = session.get(ProjectUpdate, update_id)
    if update is None:
        raise NotFound("update_unknown")
    if not is_other(actor, Right.MODERATE, update.author_id):
        raise Refused("same_person")
    if update.status is not UpdateStatus.SUBMITTED:
        raise StateRefused("update_not_submitted", status=update.status.value)
    return session.get_one(Project, update.project_id), update


def _photos(
    session: Session, update_id: uuid.UUID, old: ProjectUpdate | None
) -> tuple[ModeratedPhoto, ...]:
    seen = photos.matches(session, update_id, but=() if old is None else (old.id,))
    rows = session.scalars(
        select(Photo).where(Photo.update_id == update_id).order_by(Photo.position)
    )
    return tuple(
        ModeratedPhoto(
            row.id,
            photo_view(row),
            row.added_at,
            tuple(one for one in seen if one.photo_id == row.id),
        )
        for row in rows
    )
