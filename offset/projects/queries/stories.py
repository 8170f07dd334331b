"""What did a project tell, newest first?"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.projects.models import (
    Photo,
    ProjectUpdate,
    UpdateKind,
    UpdateStatus,
)


@dataclass(frozen=True)
class PhotoView:
    """A picture in three sizes with its words."""

    key_large: str
    key_medium: str
    key_small: str
    width: int
    height: int
    alt: str
    language: str
    taken_on: date | None
    credit: str | None


@dataclass(frozen=True)
class UpdateView:
    """A published update."""

    id: uuid.UUID
    kind: UpdateKind
    title: str
    html: str
    language: str
    published_at: datetime
    photos: tuple[PhotoView, ...]


def updates(session: Session, project_id: uuid.UUID, *, limit: int) -> tuple[UpdateView, ...]:
    """Return the latest published updates with their pictures, newest first."""
    latest = (
        select(ProjectUpdate.id)
        .where(
            ProjectUpdate.project_id == project_id, ProjectUpdate.status == UpdateStatus.PUBLISHED
        )
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc())
        .limit(limit)
    )
    rows = session.execute(
        select(ProjectUpdate, Photo)
        .outerjoin(Photo, Photo.update_id == ProjectUpdate.id)
        .where(ProjectUpdate.id.in_(latest.scalar_subquery()))
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc(), Photo.position)
    )
    told: dict[uuid.UUID, tuple[ProjectUpdate, list[PhotoView]]] = {}
    for update, photo in rows:
        pictures = told.setdefault(update.id, (update, []))[1]
        if photo is not None:
            pictures.append(photo_view(photo))
    return tuple(
        UpdateView(
            id=update.id,
            kind=update.kind,
            title=update.title,
            html=update.html,
            language=update.language,
            published_at=update.published_at or update.saved_at,
            photos=tuple(pictures),
        )
        for update, pictures in told.values()
    )


def photo_view(photo: Photo) -> PhotoView:
    """Return a picture as pages show it."""
    return PhotoView(
        key_large=photo.key_large,
        key_medium=photo.key_medium,
        key_small=photo.key_small,
        width=photo.width,
        height=photo.height,
        alt=photo.alt,
        language=photo.language,
        taken_on=photo.taken_on,
        credit=photo.credit,
    )
