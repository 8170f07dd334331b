"""Is a photo known already, and what was confirmed about it?

A photo is known again by its file (the same bytes) or by its look (128 bits that hardly change
when somebody scales, recompresses, tones or mirrors it). The moderator is shown where it stood.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import InvalidInput, NotFound, Refused
from offset.people import audit
from offset.people.access import Actor, Right, may
from offset.projects.life_models import PhotoRecord, PhotoWithdrawal
from offset.projects.models import Photo, Project, ProjectUpdate
from offset.projects.organisations import own_project
from offset.projects.ports import StoredPhoto

NEAR_BITS: Final = 14
"""Of 128 bits, how many may differ for two photos to look alike; other scenes differ in 40 up."""
_BITS: Final = 128
_LONGEST_REASON: Final = 500
_ROW: Final = 8
# A sheet of one colour has hardly a bit set, and so looks like every other one.
_PLAIN: Final = 10


@dataclass(frozen=True)
class Match:
    """A photo of an update that stood somewhere before: where, and how nearly the same."""

    photo_id: uuid.UUID
    other_update_id: uuid.UUID
    other_title: str
    other_project: str
    same_project: bool
    same_file: bool
    bits: int


def confirm(
    session: Session,
    row: Photo,
    photo: StoredPhoto,
    *,
    actor: Actor,
    at: datetime,
    no_child_faces: bool,
) -> None:
    """Keep what was confirmed of a photo, who confirmed it, and what it is known again by.

    Raises
    ------
    InvalidInput
        ``child_faces_unconfirmed``.
    """
    if not no_child_faces:
        raise InvalidInput("child_faces_unconfirmed", field="no_child_faces")
    session.add(
        PhotoRecord(
            photo_id=row.id,
            project_id=row.project_id,
            update_id=row.update_id,
            sha256=photo.sha256 or photo.key_large,
            look=photo.look,
            no_child_faces=1,
            confirmed_at=at,
            confirmed_by=actor.user_id,
        )
    )
    session.flush()


def take_down(
    session: Session, *, actor: Actor, at: datetime, photo_id: uuid.UUID, reason: str
) -> tuple[str, ...]:
    """Take a published photo down because somebody in it no longer agrees; its hash stays.

    Every update of the project that shows the same file loses it. Returns the keys of the files
    that nothing shows any more, for whoever keeps files to drop once this is committed.

    Raises
    ------
    Forbidden
        Without the right to read updates for the secretariat, or to write the project's own.
    InvalidInput
        ``reason_missing`` or ``too_long``.
    NotFound
        ``photo_unknown``, also for a photo of others.
    """
    photo = session.get(Photo, photo_id)
    if photo is None:
        raise NotFound("photo_unknown")
    if not may(actor, Right.MODERATE):
        own_project(session, actor, photo.project_id, Right.POST_UPDATE)
    said = " ".join(reason.split())
    if not said:
        raise InvalidInput("reason_missing", field="reason")
    if len(said) > _LONGEST_REASON:
        raise InvalidInput("too_long", field="reason", longest=_LONGEST_REASON)
    keys: set[str] = set()
    for row in _same_file(session, photo):
        keys |= {row.key_large, row.key_medium, row.key_small}
        _withdraw(session, row, said, actor=actor, at=at)
    return tuple(sorted(key for key in keys if not _shown(session, key)))


def refuse_withdrawn(session: Session, photo: StoredPhoto) -> None:
    """Refuse a file that was taken down once, whichever project sends it.

    Raises
    ------
    Refused
        ``photo_withdrawn``.
    """
    known = select(PhotoWithdrawal.photo_id).where(
        PhotoWithdrawal.sha256 == (photo.sha256 or photo.key_large)
    )
    if session.scalar(known.limit(1)) is not None:
        raise Refused("photo_withdrawn", field="photo")


def _same_file(session: Session, photo: Photo) -> Sequence[Photo]:
    """Find the photos of a project that were made from one file: a correction repeats them."""
    return session.scalars(
        select(Photo)
        .where(Photo.project_id == photo.project_id, Photo.key_large == photo.key_large)
        .order_by(Photo.id)
    ).all()


def _withdraw(session: Session, row: Photo, reason: str, *, actor: Actor, at: datetime) -> None:
    record = session.get(PhotoRecord, row.id)
    session.add(
        PhotoWithdrawal(
            photo_id=row.id,
            project_id=row.project_id,
            update_id=row.update_id,
            sha256=record.sha256 if record else row.key_large,
            reason=reason,
            at=at,
            withdrawn_by=actor.user_id,
        )
    )
    if record is not None:
        session.delete(record)
        session.flush()
    session.delete(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="photo.withdrawn",
        object_type="project_update",
        object_id=row.update_id,
        details={"photo": str(row.id), "reason": reason},
    )


def _shown(session: Session, key: str) -> bool:
    used = select(Photo.id).where(
        (Photo.key_large == key) | (Photo.key_medium == key) | (Photo.key_small == key)
    )
    return session.scalar(used.limit(1)) is not None


def held(session: Session, update_id: uuid.UUID, photo: StoredPhoto) -> uuid.UUID | None:
    """Return the photo of an update that came from the same file, if there is one."""
    return session.scalar(
        select(PhotoRecord.photo_id).where(
            PhotoRecord.update_id == update_id,
            PhotoRecord.sha256 == (photo.sha256 or photo.key_large),
        )
    )


def matches(
    session: Session, update_id: uuid.UUID, *, but: Iterable[uuid.UUID] = ()
) -> tuple[Match, ...]:
    """Find where the photos of an update stood before, the most alike first.

    ``but`` are updates that may share photos with this one: the version it corrects.
    """
    own = session.scalars(select(PhotoRecord).where(PhotoRecord.update_id == update_id)).all()
    if not own:
        return ()
    left_out = {update_id, *but}
    others = session.execute(
        select(PhotoRecord.photo_id, PhotoRecord.update_id, PhotoRecord.sha256, PhotoRecord.look)
        .where(PhotoRecord.update_id.not_in(left_out))
        .order_by(PhotoRecord.confirmed_at, PhotoRecord.photo_id)
    ).all()
    looks = {row.photo_id: _mirrored_too(row.look) for row in own}
    found = [
        (row, other_id, row.sha256 == sha256, bits)
        for row in own
        for _, other_id, sha256, look in others
        if (bits := 0 if row.sha256 == sha256 else _apart(looks[row.photo_id], look)) <= NEAR_BITS
    ]
    return _told(session, found)


def apart(one: str, other: str) -> int:
    """Count the bits in which two looks differ, mirrored or not; all of them when one is plain."""
    return _apart(_mirrored_too(one), other)


def _apart(ones: Sequence[int], other: str) -> int:
    if not ones or not other:
        return _BITS
    against = int(other, 16)
    return min((one ^ against).bit_count() for one in ones)


def _mirrored_too(look: str) -> tuple[int, ...]:
    """Return a look and that of its mirror image; nothing for a photo with hardly a feature."""
    if not look:
        return ()
    value = int(look, 16)
    if not _PLAIN <= value.bit_count() <= _BITS - _PLAIN:
        return ()
    bits = f"{value:0128b}"
    rows = [bits[place : place + _ROW] for place in range(0, _BITS, _ROW)]
    along = ["".join("10"[int(bit)] for bit in reversed(row)) for row in rows[:_ROW]]
    down = ["".join(reversed(row)) for row in rows[_ROW:]]
    return value, int("".join(along + down), 2)


def _told(
    session: Session, found: Sequence[tuple[PhotoRecord, uuid.UUID, bool, int]]
) -> tuple[Match, ...]:
    """Name the updates and projects in which the photos stood."""
    if not found:
        return ()
    named = {
        update.id: (update.title, title, update.project_id)
        for update, title in session.execute(
            select(ProjectUpdate, Project.title)
            .join(Project, Project.id == ProjectUpdate.project_id)
            .where(ProjectUpdate.id.in_({other_id for _, other_id, _, _ in found}))
        )
    }
    told = [
        Match(
            photo_id=row.photo_id,
            other_update_id=other_id,
            other_title=named[other_id][0],
            other_project=named[other_id][1],
            same_project=named[other_id][2] == row.project_id,
            same_file=same,
            bits=bits,
        )
        for row, other_id, same, bits in found
    ]
    return tuple(sorted(told, key=lambda one: (one.same_project, one.bits, one.other_title)))
