"""What does the secretariat read of an update before it is published?"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people.access import Actor, Right, require
from offset.projects import updates
from offset.projects.models import Photo, ProjectUpdate
from offset.projects.queries import PhotoView, photo_view


@dataclass(frozen=True)
class UpdateText:
    """An update as it would stand on the public page, with the phrases the rules refuse."""

    html: str
    language: str
    photos: tuple[PhotoView, ...]
    phrases: tuple[str, ...]


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
    photos = session.scalars(
        select(Photo).where(Photo.update_id == update_id).order_by(Photo.position)
    )
    return UpdateText(
        html=update.html,
        language=update.language,
        photos=tuple(photo_view(photo) for photo in photos),
        phrases=tuple(hit.phrase for hit in updates.hits(session, update)),
    )
