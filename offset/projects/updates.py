"""How does a project tell of itself? Written by a steward, read by the secretariat, published."""

import uuid
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.people import phrases
from offset.people.access import Actor, Right, require
from offset.people.phrases import Hit
from offset.projects import lifecycle, markdown
from offset.projects.assessments import REPORT_DAYS
from offset.projects.models import Photo, Project, ProjectUpdate, UpdateKind, UpdateStatus
from offset.projects.organisations import own_project
from offset.projects.ports import StoredPhoto
from offset.projects.questions import LANGUAGES

_LONGEST_TITLE: Final = 160
_LONGEST_BODY: Final = 20_000
_LONGEST_ALT: Final = 300
_PHOTOS: Final = 12
_EDITABLE: Final = frozenset({UpdateStatus.DRAFT, UpdateStatus.RETURNED})


def write(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    title: str,
    body: str,
    language: str,
    kind: UpdateKind = UpdateKind.FIELD,
) -> uuid.UUID:
    """Begin an update as a draft.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``title_missing``, ``body_missing``, ``too_long`` or ``language_unknown``.
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    update = ProjectUpdate(
        id=uuid7(at),
        project_id=project.id,
        kind=kind,
        status=UpdateStatus.DRAFT,
        created_at=at,
        author_id=actor.user_id,
    )
    _fill(update, title=title, body=body, language=language, at=at)
    session.add(update)
    session.flush()
    return update.id


def rewrite(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    title: str,
    body: str,
    language: str,
) -> None:
    """Change a draft, or an update the secretariat returned.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
    StateRefused
        ``update_fixed`` once it is submitted or published.
    """
    _, update = _own(session, actor, update_id)
    if update.status not in _EDITABLE:
        raise StateRefused("update_fixed", status=update.status.value)
    _fill(update, title=title, body=body, language=language, at=at)
    session.flush()


def add_photo(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    photo: StoredPhoto,
    alt: str,
    consent: bool,
    taken_on: date | None = None,
    credit: str | None = None,
) -> uuid.UUID:
    """Add a picture, with words for those who do not see it and the consent of those in it.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``alt_missing``, ``too_long`` or ``consent_missing``.
    Refused
        ``too_many_photos``.
    StateRefused
        ``update_fixed``.
    """
    project, update = _own(session, actor, update_id)
    if update.status not in _EDITABLE:
        raise StateRefused("update_fixed", status=update.status.value)
    words = " ".join(alt.split())
    if not words:
        raise InvalidInput("alt_missing", field="alt")
    if len(words) > _LONGEST_ALT:
        raise InvalidInput("too_long", field="alt", longest=_LONGEST_ALT)
    if not consent:
        raise InvalidInput("consent_missing", field="consent")
    held = session.scalar(select(func.count()).where(Photo.update_id == update.id)) or 0
    if held >= _PHOTOS:
        raise Refused("too_many_photos", field="photo", highest=_PHOTOS)
    row = Photo(
        id=uuid7(at),
        project_id=project.id,
        update_id=update.id,
        position=held + 1,
        key_large=photo.key_large,
        key_medium=photo.key_medium,
        key_small=photo.key_small,
        width=photo.width,
        height=photo.height,
        alt=words,
        language=update.language,
        consent=1,
        taken_on=taken_on,
        credit=(credit or "").strip() or None,
        added_at=at,
        added_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row.id


def remove_photo(session: Session, *, actor: Actor, photo_id: uuid.UUID) -> None:
    """Take a picture out of a draft.

    Raises
    ------
    Forbidden, NotFound
    StateRefused
        ``update_fixed``.
    """
    photo = session.get(Photo, photo_id)
    if photo is None:
        raise NotFound("photo_unknown")
    _, update = _own(session, actor, photo.update_id)
    if update.status not in _EDITABLE:
        raise StateRefused("update_fixed", status=update.status.value)
    session.delete(photo)
    session.flush()


def submit(
    session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID
) -> tuple[Hit, ...]:
    """Hand an update in and return what the phrase scan found, so that its writer may mend it.

    Raises
    ------
    Forbidden, NotFound
    StateRefused
        ``update_fixed``.
    """
    project, update = _own(session, actor, update_id)
    if update.status not in _EDITABLE:
        raise StateRefused("update_fixed", status=update.status.value)
    update.status = UpdateStatus.SUBMITTED
    update.submitted_at = at
    session.flush()
    lifecycle.note(session, project, "submit_update", actor=actor, at=at)
    return hits(session, update)


def tell(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    title: str,
    body: str,
    language: str,
    photo: StoredPhoto | None = None,
    alt: str = "",
    consent: bool = False,
) -> uuid.UUID:
    """Write an update with its picture and hand it in, together or not at all.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
    """
    update_id = write(
        session,
        actor=actor,
        at=at,
        project_id=project_id,
        title=title,
        body=body,
        language=language,
    )
    if photo is not None:
        add_photo(
            session, actor=actor, at=at, update_id=update_id, photo=photo, alt=alt, consent=consent
        )
    submit(session, actor=actor, at=at, update_id=update_id)
    return update_id


def tell_again(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    title: str,
    body: str,
    language: str,
    photo: StoredPhoto | None = None,
    alt: str = "",
    consent: bool = False,
) -> None:
    """Mend an update that came back and hand it in again, together or not at all.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
    Refused
        ``too_many_photos``.
    StateRefused
        ``update_fixed``.
    """
    rewrite(
        session,
        actor=actor,
        at=at,
        update_id=update_id,
        title=title,
        body=body,
        language=language,
    )
    if photo is not None:
        add_photo(
            session, actor=actor, at=at, update_id=update_id, photo=photo, alt=alt, consent=consent
        )
    submit(session, actor=actor, at=at, update_id=update_id)


def publish(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    accepted_reason: str | None = None,
) -> None:
    """Publish an update; the next report is then due a quarter later.

    Raises
    ------
    Forbidden
        Without the right to moderate.
    NotFound
        ``update_unknown``.
    Refused
        ``phrases_found`` unless the secretariat accepts them with a reason.
    StateRefused
        ``update_not_submitted``.
    """
    project, update = _submitted(session, actor, update_id)
    found = hits(session, update)
    reason = (accepted_reason or "").strip()
    if found and not reason:
        raise Refused(
            "phrases_found", field="accepted_reason", phrases=tuple(h.phrase for h in found)
        )
    update.status = UpdateStatus.PUBLISHED
    update.published_at = at
    update.moderated_by = actor.user_id
    update.note = reason or None
    due = utc_day(at) + timedelta(days=REPORT_DAYS)
    if project.report_due_on is not None:
        project.report_due_on = max(project.report_due_on, due)
    session.flush()
    lifecycle.note(session, project, "publish_update", actor=actor, at=at, reason=reason or None)


def give_back(
    session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID, note: str
) -> None:
    """Return an update to its writer with a reason.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``.
    StateRefused
        ``update_not_submitted``.
    """
    project, update = _submitted(session, actor, update_id)
    if not note.strip():
        raise InvalidInput("reason_missing", field="note")
    update.status = UpdateStatus.RETURNED
    update.moderated_by = actor.user_id
    update.note = note.strip()
    session.flush()
    lifecycle.note(session, project, "return_update", actor=actor, at=at, reason=note)


def hits(session: Session, update: ProjectUpdate) -> tuple[Hit, ...]:
    """Return what the phrase rules refuse in an update's title, text and picture words."""
    words = session.scalars(select(Photo.alt).where(Photo.update_id == update.id)).all()
    text = "\n".join((update.title, update.body, *words))
    return tuple(phrases.scan(text, update.language))


def _fill(update: ProjectUpdate, *, title: str, body: str, language: str, at: datetime) -> None:
    heading = " ".join(title.split())
    text = body.replace("\r\n", "\n").strip()
    if not heading:
        raise InvalidInput("title_missing", field="title")
    if not text:
        raise InvalidInput("body_missing", field="body")
    for field, value, longest in (
        ("title", heading, _LONGEST_TITLE),
        ("body", text, _LONGEST_BODY),
    ):
        if len(value) > longest:
            raise InvalidInput("too_long", field=field, longest=longest)
    if language not in LANGUAGES:
        raise InvalidInput("language_unknown", field="language", language=language)
    update.title = heading
    update.body = text
    update.html = markdown.rendered(text)
    update.language = language
    update.saved_at = at


def _own(session: Session, actor: Actor, update_id: uuid.UUID) -> tuple[Project, ProjectUpdate]:
    update = session.get(ProjectUpdate, update_id)
    if update is None:
        raise NotFound("update_unknown")
    return own_project(session, actor, update.project_id, Right.POST_UPDATE), update


def _submitted(
    session: Session, actor: Actor, update_id: uuid.UUID
) -> tuple[Project, ProjectUpdate]:
    require(actor, Right.MODERATE)
    update = session.get(ProjectUpdate, update_id)
    if update is None:
        raise NotFound("update_unknown")
    if update.status is not UpdateStatus.SUBMITTED:
        raise StateRefused("update_not_submitted", status=update.status.value)
    return session.get_one(Project, update.project_id), update
