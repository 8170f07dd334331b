"""How does an update grow over a bad connection? Piece by piece, and no piece twice.

A form, a mail or a sheet carries a key: the same key again is the same draft. A picture is known
by the hash of the bytes that were sent: the same file again is the same picture, and one that has
arrived waits for its words instead of being asked for again.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.people import phrases
from offset.people.access import Actor, Right
from offset.people.phrases import Hit
from offset.projects import consents, photos, updates
from offset.projects.field_models import ArrivedPhoto, DraftOrigin, UpdateDraft
from offset.projects.models import (
    OrganisationMember,
    Photo,
    Project,
    ProjectStatus,
    ProjectUpdate,
    UpdateStatus,
)
from offset.projects.organisations import own_project
from offset.projects.ports import StoredPhoto

MOST_PHOTOS: Final = 12
NOTHING_WRITTEN: Final = "…"  # what a draft says when a mail brought photos and no words
_LONGEST_KEY: Final = 80
_DAY: Final = timedelta(days=1)
_EDITABLE: Final = frozenset({UpdateStatus.DRAFT, UpdateStatus.RETURNED})


@dataclass(frozen=True)
class PhotoPart:
    """One picture of a draft: there with its words, or waiting for them."""

    id: uuid.UUID
    key_small: str
    alt: str
    complete: bool


@dataclass(frozen=True)
class Draft:
    """An update before it is handed in, and what is left to do."""

    id: uuid.UUID
    project_id: uuid.UUID
    project: str
    title: str
    body: str
    language: str
    status: UpdateStatus
    origin: DraftOrigin | None
    note: str | None
    saved_at: datetime
    editable: bool
    photos: tuple[PhotoPart, ...]

    @property
    def written(self) -> bool:
        """Whether it says anything yet."""
        return self.body != NOTHING_WRITTEN

    @property
    def waiting(self) -> tuple[PhotoPart, ...]:
        """The pictures that lack their words or the consent."""
        return tuple(photo for photo in self.photos if not photo.complete)

    @property
    def left(self) -> int:
        """How many things are left before it can be handed in."""
        return len(self.waiting) + (not self.written)


def begin(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    key: str,
    title: str,
    body: str,
    language: str,
    origin: DraftOrigin = DraftOrigin.FORM,
) -> uuid.UUID:
    """Begin an update, or return the one that came with the same key, with the newest words.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
        ``form_key_missing``, besides what the words may lack.
    """
    own_project(session, actor, project_id, Right.POST_UPDATE)
    if not key or len(key) > _LONGEST_KEY:
        raise InvalidInput("form_key_missing")
    # Held, so that two posts of one form come one after the other.
    project = session.get_one(Project, project_id, with_for_update=True)
    known = session.scalar(
        select(UpdateDraft.update_id).where(
            UpdateDraft.project_id == project_id, UpdateDraft.key == key
        )
    )
    known = known or _same_words(session, actor, at, project_id, title=title, body=body)
    if known is not None:
        return _again(session, known, actor=actor, at=at, title=title, body=body, language=language)
    update_id = updates.write(
        session,
        actor=actor,
        at=at,
        project_id=project_id,
        title=title,
        body=body,
        language=language,
    )
    session.add(
        UpdateDraft(update_id=update_id, project_id=project_id, key=key, origin=origin, made_at=at)
    )
    session.flush()
    consents.note(
        session, actor=actor, at=at, project=project, right=Right.POST_UPDATE, action="draft.begun"
    )
    return update_id


def reword(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    title: str,
    body: str,
    language: str,
) -> None:
    """Save the words of a draft.

    Raises
    ------
    Forbidden, NotFound, InvalidInput, StateRefused
    """
    updates.rewrite(
        session, actor=actor, at=at, update_id=update_id, title=title, body=body, language=language
    )
    _note(session, actor, at, update_id, "draft.saved")


def receive_photo(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    update_id: uuid.UUID,
    photo: StoredPhoto,
    sha256: str,
) -> uuid.UUID:
    """Take a picture in; the same bytes again are the picture that is already there.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``too_many_photos``, or ``photo_withdrawn`` for a file that was taken down once.
    StateRefused
        ``update_fixed``.
    """
    update = _editable(session, actor, update_id)
    # Held, so that the same file sent twice at once is one picture.
    session.get_one(Project, update.project_id, with_for_update=True)
    rows = session.scalars(select(ArrivedPhoto).where(ArrivedPhoto.update_id == update_id)).all()
    for row in rows:
        if row.sha256 == sha256:
            _revive(session, row)
            return row.id
    if len([row for row in rows if row.dropped_at is None]) >= MOST_PHOTOS:
        raise Refused("too_many_photos", field="photo", highest=MOST_PHOTOS)
    photos.refuse_withdrawn(session, photo)
    row = ArrivedPhoto(
        id=uuid7(at),
        update_id=update_id,
        sha256=sha256,
        stored=asdict(photo),
        arrived_at=at,
        arrived_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    _note(session, actor, at, update_id, "photo.received")
    return row.id


def known_photo(
    session: Session, actor: Actor, update_id: uuid.UUID, sha256: str
) -> uuid.UUID | None:
    """Return the picture that these bytes made before, so that they are not prepared again."""
    _own(session, actor, update_id)
    return session.scalar(
        select(ArrivedPhoto.id).where(
            ArrivedPhoto.update_id == update_id,
            ArrivedPhoto.sha256 == sha256,
            ArrivedPhoto.dropped_at.is_(None),
        )
    )


def describe_photo(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    arrival_id: uuid.UUID,
    alt: str,
    consent: bool,
    no_child_faces: bool,
) -> uuid.UUID:
    """Give a picture its words and the consent of those in it; twice the same is once.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``alt_missing``, ``too_long``, ``consent_missing`` or ``child_faces_unconfirmed``.
    StateRefused
        ``update_fixed``.
    """
    row, _update = _arrival(session, actor, arrival_id)
    held = session.get(Photo, row.photo_id) if row.photo_id is not None else None
    if held is not None:
        if held.alt == " ".join(alt.split()) and consent and no_child_faces:
            return held.id
        updates.remove_photo(session, actor=actor, photo_id=held.id)
    row.photo_id = updates.add_photo(
        session,
        actor=actor,
        at=at,
        update_id=row.update_id,
        photo=StoredPhoto(**row.stored),
        alt=alt,
        consent=consent,
        no_child_faces=no_child_faces,
    )
    session.flush()
    _note(session, actor, at, row.update_id, "photo.described")
    return row.photo_id


def drop_photo(session: Session, *, actor: Actor, at: datetime, arrival_id: uuid.UUID) -> uuid.UUID:
    """Leave a picture out of a draft and return the draft's id.

    Raises
    ------
    Forbidden, NotFound
    StateRefused
        ``update_fixed``.
    """
    row, update = _arrival(session, actor, arrival_id)
    if row.photo_id is not None and session.get(Photo, row.photo_id) is not None:
        updates.remove_photo(session, actor=actor, photo_id=row.photo_id)
    row.photo_id = None
    row.dropped_at = row.dropped_at or at
    session.flush()
    return update.id


def hand_in(session: Session, *, actor: Actor, at: datetime, update_id: uuid.UUID) -> uuid.UUID:
    """Hand a finished draft in and return its project; pressing twice hands it in once.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``draft_unfinished`` while words or a picture's consent are left.
    StateRefused
        ``update_fixed`` for one that was published.
    """
    update = _own(session, actor, update_id)
    if update.status is UpdateStatus.SUBMITTED:
        return update.project_id
    found = draft(session, actor, update_id)
    if found.left:
        raise Refused("draft_unfinished", left=found.left)
    updates.submit(session, actor=actor, at=at, update_id=update_id)
    _note(session, actor, at, update_id, "update.handed_in")
    return update.project_id


def draft(session: Session, actor: Actor, update_id: uuid.UUID) -> Draft:
    """Read a draft, its pictures and what is left, for the people who run its project.

    Raises
    ------
    Forbidden, NotFound
    """
    update = _own(session, actor, update_id)
    project = session.get_one(Project, update.project_id)
    kept = session.get(UpdateDraft, update_id)
    return Draft(
        id=update.id,
        project_id=project.id,
        project=project.title,
        title=update.title,
        body=update.body,
        language=update.language,
        status=update.status,
        origin=kept.origin if kept else None,
        note=update.note,
        saved_at=update.saved_at,
        editable=updates.editable(session, update),
        photos=_photos(session, update_id),
    )


def photo(session: Session, actor: Actor, arrival_id: uuid.UUID) -> tuple[Draft, PhotoPart]:
    """Read one picture of a draft.

    Raises
    ------
    Forbidden, NotFound
    """
    row = session.get(ArrivedPhoto, arrival_id)
    if row is None or row.dropped_at is not None:
        raise NotFound("photo_unknown")
    found = draft(session, actor, row.update_id)
    return found, next(one for one in found.photos if one.id == arrival_id)


def unfinished(session: Session, actor: Actor) -> tuple[Draft, ...]:
    """List the drafts a steward has begun or got back, the latest first."""
    own = select(OrganisationMember.organisation_id).where(
        OrganisationMember.user_id == actor.user_id
    )
    helped = {held for held, right in actor.helps if right is Right.POST_UPDATE}
    rows = session.scalars(
        select(ProjectUpdate.id)
        .join(Project, Project.id == ProjectUpdate.project_id)
        .where(Project.organisation_id.in_(own) | Project.organisation_id.in_(helped))
        .where(ProjectUpdate.status.in_(_EDITABLE))
        .where(Project.status.not_in([ProjectStatus.WITHDRAWN]))
        .order_by(ProjectUpdate.saved_at.desc())
        .limit(20)
    ).all()
    found = (draft(session, actor, one) for one in rows)
    return tuple(one for one in found if one.editable)


def hits(found: Draft) -> tuple[Hit, ...]:
    """Return the words of a draft that the secretariat would ask about."""
    text = "\n".join((found.title, found.body, *(photo.alt for photo in found.photos)))
    return tuple(phrases.scan(text, found.language))


def _same_words(
    session: Session, actor: Actor, at: datetime, project_id: uuid.UUID, *, title: str, body: str
) -> uuid.UUID | None:
    """Find what was typed again into a fresh form because the answer to the first got lost."""
    return session.scalar(
        select(ProjectUpdate.id)
        .where(ProjectUpdate.project_id == project_id, ProjectUpdate.author_id == actor.user_id)
        .where(ProjectUpdate.status == UpdateStatus.DRAFT, ProjectUpdate.created_at > at - _DAY)
        .where(ProjectUpdate.title == " ".join(title.split()))
        .where(ProjectUpdate.body == body.replace("\r\n", "\n").strip())
        .limit(1)
    )


def _again(
    session: Session,
    update_id: uuid.UUID,
    *,
    actor: Actor,
    at: datetime,
    title: str,
    body: str,
    language: str,
) -> uuid.UUID:
    """Take the newest words of a form that was posted again, unless they were handed in."""
    if updates.editable(session, session.get_one(ProjectUpdate, update_id)):
        updates.rewrite(
            session,
            actor=actor,
            at=at,
            update_id=update_id,
            title=title,
            body=body,
            language=language,
        )
    return update_id


def _photos(session: Session, update_id: uuid.UUID) -> tuple[PhotoPart, ...]:
    rows = session.execute(
        select(ArrivedPhoto, Photo.alt)
        .outerjoin(Photo, Photo.id == ArrivedPhoto.photo_id)
        .where(ArrivedPhoto.update_id == update_id, ArrivedPhoto.dropped_at.is_(None))
        .order_by(ArrivedPhoto.id)
    ).all()
    parts = [PhotoPart(row.id, row.stored["key_small"], alt or "", bool(alt)) for row, alt in rows]
    # Photos that came before pictures were received piece by piece.
    mine = {row.photo_id for row, _ in rows}
    older = session.scalars(
        select(Photo).where(Photo.update_id == update_id).order_by(Photo.position)
    )
    parts += [
        PhotoPart(one.id, one.key_small, one.alt, complete=True)
        for one in older
        if one.id not in mine
    ]
    return tuple(parts)


def _revive(session: Session, row: ArrivedPhoto) -> None:
    row.dropped_at = None
    if row.photo_id is not None and session.get(Photo, row.photo_id) is None:
        row.photo_id = None
    session.flush()


def _arrival(
    session: Session, actor: Actor, arrival_id: uuid.UUID
) -> tuple[ArrivedPhoto, ProjectUpdate]:
    row = session.get(ArrivedPhoto, arrival_id)
    if row is None:
        raise NotFound("photo_unknown")
    return row, _editable(session, actor, row.update_id)


def _editable(session: Session, actor: Actor, update_id: uuid.UUID) -> ProjectUpdate:
    update = _own(session, actor, update_id)
    if not updates.editable(session, update):
        raise StateRefused("update_fixed", status=update.status.value)
    return update


def _own(session: Session, actor: Actor, update_id: uuid.UUID) -> ProjectUpdate:
    update = session.get(ProjectUpdate, update_id)
    if update is None:
        raise NotFound("update_unknown")
    own_project(session, actor, update.project_id, Right.POST_UPDATE)
    return update


def _note(session: Session, actor: Actor, at: datetime, update_id: uuid.UUID, action: str) -> None:
    update = session.get_one(ProjectUpdate, update_id)
    project = session.get_one(Project, update.project_id)
    consents.note(
        session, actor=actor, at=at, project=project, right=Right.POST_UPDATE, action=action
    )
