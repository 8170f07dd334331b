"""How does a project tell of itself? Written by a steward, read by the secretariat, published."""

import uuid
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused, StateRefused
from offset.people import phrases
from offset.people.access import Actor, Right
from offset.people.phrases import Hit
from offset.projects import lifecycle, markdown, photos, public_words
from offset.projects.life_models import Moderated, PhotoRecord, UpdateCorrection, UpdateModeration
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
    _, update = _own_draft(session, actor, update_id)
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
    no_child_faces: bool,
    taken_on: date | None = None,
    credit: str | None = None,
) -> uuid.UUID:
    """Add a picture, with words for those who do not see it and the consent of those in it.

    The same file twice in one update is one photo: the second time gives the first one's id.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``alt_missing``, ``too_long``, ``consent_missing`` or ``child_faces_unconfirmed``.
    Refused
        ``too_many_photos``, or ``photo_withdrawn`` for a file that was taken down once.
    StateRefused
        ``update_fixed``.
    """
    project, update = _own_draft(session, actor, update_id)
    words = " ".join(alt.split())
    if not words:
        raise InvalidInput("alt_missing", field="alt")
    if len(words) > _LONGEST_ALT:
        raise InvalidInput("too_long", field="alt", longest=_LONGEST_ALT)
    if not consent:
        raise InvalidInput("consent_missing", field="consent")
    known = photos.held(session, update.id, photo)
    if known is not None:
        return known
    photos.refuse_withdrawn(session, photo)
    held = session.scalar(select(func.count()).where(Photo.update_id == update.id)) or 0
    if held >= _PHOTOS:
        raise Refused("too_many_photos", field="photo", highest=_PHOTOS)
    row = Photo(
        id=uuid7(at),
        project_id=project.id,
        update_id=update.id,
        position=_next_place(session, update.id),
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
    photos.confirm(session, row, photo, actor=actor, at=at, no_child_faces=no_child_faces)
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
    _own_draft(session, actor, photo.update_id)
    session.execute(delete(PhotoRecord).where(PhotoRecord.photo_id == photo.id))
    session.delete(photo)
    session.flush()


def submit(
    session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID
) -> tuple[Hit, ...]:
    """Hand an update in and return what the phrase scan found, so that its writer may mend it.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``script_in_text`` with its row; the draft stays as it is.
    StateRefused
        ``update_fixed``.
    """
    project, update = _own_draft(session, actor, update_id)
    markdown.refuse_active(update.title, field="title")
    markdown.refuse_active(update.body, field="body")
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
    no_child_faces: bool = False,
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
            session,
            actor=actor,
            at=at,
            update_id=update_id,
            photo=photo,
            alt=alt,
            consent=consent,
            no_child_faces=no_child_faces,
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
    no_child_faces: bool = False,
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
            session,
            actor=actor,
            at=at,
            update_id=update_id,
            photo=photo,
            alt=alt,
            consent=consent,
            no_child_faces=no_child_faces,
        )
    submit(session, actor=actor, at=at, update_id=update_id)


def begin_correction(
    session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID, reason: str
) -> uuid.UUID:
    """Begin a new version of a published update, as a draft with the same text and photos.

    The published one stays where it is; once the new version is published, it is marked as
    corrected and leads to it. Correcting is no new report: no due date moves.

    Raises
    ------
    Forbidden, NotFound
    Conflict
        ``correction_begun``: another correction of it is under way or published already.
    InvalidInput
        ``reason_missing``, ``too_long``.
    Refused
        ``phrases_found``: the reason is public.
    StateRefused
        ``update_not_published``.
    """
    _, old = _own(session, actor, update_id)
    if old.status is not UpdateStatus.PUBLISHED:
        raise StateRefused("update_not_published", status=old.status.value)
    told = public_words.checked(
        reason, old.language, field="reason", longest=_LONGEST_ALT, missing="reason_missing"
    )
    _refuse_second_correction(session, old.id)
    new = ProjectUpdate(
        id=uuid7(at),
        project_id=old.project_id,
        kind=old.kind,
        status=UpdateStatus.DRAFT,
        created_at=at,
        author_id=actor.user_id,
    )
    _fill(new, title=old.title, body=old.body, language=old.language, at=at)
    session.add(new)
    session.flush()
    session.add(
        UpdateCorrection(
            update_id=new.id,
            corrects_id=old.id,
            reason=told,
            begun_at=at,
            begun_by=actor.user_id,
        )
    )
    _copy_photos(session, old.id, new.id, at=at)
    return new.id


def corrects(session: Session, update_id: uuid.UUID) -> uuid.UUID | None:
    """Return the update that this one is a new version of, if it is one."""
    return session.scalar(
        select(UpdateCorrection.corrects_id).where(UpdateCorrection.update_id == update_id)
    )


def editable(session: Session, update: ProjectUpdate) -> bool:
    """Say whether its writer may still change an update: a draft, or sent back with a question."""
    return update.status in _EDITABLE and not is_rejected(session, update.id)


def is_rejected(session: Session, update_id: uuid.UUID) -> bool:
    """Say whether the secretariat turned an update down for good."""
    return (
        session.scalar(
            select(UpdateModeration.id).where(
                UpdateModeration.update_id == update_id,
                UpdateModeration.outcome == Moderated.REJECTED,
            )
        )
        is not None
    )


def hits(session: Session, update: ProjectUpdate) -> tuple[Hit, ...]:
    """Return what the phrase rules refuse in an update's title, text and picture words."""
    words = session.scalars(select(Photo.alt).where(Photo.update_id == update.id)).all()
    credits_ = session.scalars(
        select(Photo.credit).where(Photo.update_id == update.id, Photo.credit.is_not(None))
    ).all()
    text = "\n".join((update.title, update.body, *words, *(str(one) for one in credits_)))
    return tuple(phrases.scan(text, update.language))


def _refuse_second_correction(session: Session, update_id: uuid.UUID) -> None:
    others = session.scalars(
        select(ProjectUpdate)
        .join(UpdateCorrection, UpdateCorrection.update_id == ProjectUpdate.id)
        .where(UpdateCorrection.corrects_id == update_id)
    )
    for other in others:
        if not is_rejected(session, other.id):
            raise Conflict("correction_begun")


def _copy_photos(session: Session, old_id: uuid.UUID, new_id: uuid.UUID, *, at: datetime) -> None:
    """Carry the photos of the old version over, with what was confirmed about them."""
    rows = session.execute(
        select(Photo, PhotoRecord)
        .outerjoin(PhotoRecord, PhotoRecord.photo_id == Photo.id)
        .where(Photo.update_id == old_id)
        .order_by(Photo.position)
    ).all()
    for photo, record in rows:
        made = Photo(**{**_columns(photo), "id": uuid7(at), "update_id": new_id})
        session.add(made)
        session.flush()
        if record is not None:
            session.add(
                PhotoRecord(**{**_columns(record), "photo_id": made.id, "update_id": new_id})
            )
    session.flush()


def _columns(row: Photo | PhotoRecord) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _next_place(session: Session, update_id: uuid.UUID) -> int:
    last = session.scalar(select(func.max(Photo.position)).where(Photo.update_id == update_id))
    return (last or 0) + 1


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


def _own_draft(
    session: Session, actor: Actor, update_id: uuid.UUID
) -> tuple[Project, ProjectUpdate]:
    """Return an update that its writer may still change, with its project."""
    project, update = _own(session, actor, update_id)
    if not editable(session, update):
        raise StateRefused("update_fixed", status=update.status.value)
    return project, update
