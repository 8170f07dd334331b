"""What did a project tell, newest first?"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, select
from sqlalchemy.orm import Session, aliased

from offset.database.types import written
from offset.errors import InvalidInput, NotFound
from offset.projects.life_models import UpdateCorrection
from offset.projects.models import (
    Photo,
    Project,
    ProjectStatus,
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
    """A published update. One that was corrected stays, and leads to its new version."""

    id: uuid.UUID
    kind: UpdateKind
    title: str
    html: str
    language: str
    published_at: datetime
    photos: tuple[PhotoView, ...]
    corrects: uuid.UUID | None = None
    correction_reason: str | None = None
    corrected_by: uuid.UUID | None = None

    @property
    def key(self) -> str:
        """The place of the update in the list: where the next page starts."""
        return f"{written(self.published_at)}~{self.id}"


@dataclass(frozen=True)
class _Marks:
    """What an update corrects, why, and by which one it was corrected itself."""

    corrects: uuid.UUID | None
    reason: str | None
    corrected_by: uuid.UUID | None


@dataclass(frozen=True)
class Told:
    """An update together with the project it is about, as feeds and mails name it."""

    project_id: uuid.UUID
    slug: str
    project_title: str
    project_language: str
    update: UpdateView


@dataclass(frozen=True)
class UpdatesPage:
    """A page of updates; ``next_key`` is None on the last one."""

    updates: tuple[UpdateView, ...]
    next_key: str | None


def updates(session: Session, project_id: uuid.UUID, *, limit: int) -> tuple[UpdateView, ...]:
    """Return the latest published updates with their pictures, newest first."""
    return updates_page(session, project_id, limit=limit).updates


def updates_page(
    session: Session, project_id: uuid.UUID, *, limit: int, after: str | None = None
) -> UpdatesPage:
    """Return a page of published updates, newest first, from one key on, in one statement.

    Raises
    ------
    InvalidInput
        ``page_key_unreadable``.
    """
    wanted = [ProjectUpdate.project_id == project_id]
    if after:
        published_at, update_id = _read_key(after)
        wanted.append(
            (ProjectUpdate.published_at < published_at)
            | ((ProjectUpdate.published_at == published_at) & (ProjectUpdate.id < update_id))
        )
    found = [one.update for one in _told(session, wanted, limit + 1)]
    shown = tuple(found[:limit])
    more = len(found) > limit
    return UpdatesPage(shown, shown[-1].key if more else None)


def update(session: Session, slug: str, update_id: uuid.UUID) -> Told:
    """Return one published update of a public project.

    Raises
    ------
    NotFound
        ``update_unknown``.
    """
    found = _told(session, [ProjectUpdate.id == update_id, Project.slug == slug], 1)
    if not found:
        raise NotFound("update_unknown")
    return found[0]


def latest(
    session: Session, *, project_id: uuid.UUID | None = None, limit: int = 50
) -> tuple[Told, ...]:
    """Return the newest updates of one project or of all, as a feed lists them."""
    wanted = [] if project_id is None else [ProjectUpdate.project_id == project_id]
    return _told(session, wanted, limit)


def _told(session: Session, wanted: Sequence[ColumnElement[bool]], limit: int) -> tuple[Told, ...]:
    """Read updates of projects that the public may see, with their pictures, in one statement."""
    newest = (
        select(ProjectUpdate.id)
        .join(Project, Project.id == ProjectUpdate.project_id)
        .where(
            ProjectUpdate.status == UpdateStatus.PUBLISHED,
            Project.code.is_not(None),
            Project.status != ProjectStatus.WITHDRAWN,
            *wanted,
        )
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc())
        .limit(limit)
    )
    rows = session.execute(
        select(
            ProjectUpdate,
            Photo,
            Project.slug,
            Project.title,
            Project.language,
            UpdateCorrection.corrects_id,
            UpdateCorrection.reason,
            _newer_version(),
        )
        .join(Project, Project.id == ProjectUpdate.project_id)
        .outerjoin(UpdateCorrection, UpdateCorrection.update_id == ProjectUpdate.id)
        .outerjoin(Photo, Photo.update_id == ProjectUpdate.id)
        .where(ProjectUpdate.id.in_(newest.scalar_subquery()))
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc(), Photo.position)
    )
    found: dict[uuid.UUID, tuple[ProjectUpdate, tuple[str, str, str], _Marks, list[PhotoView]]]
    found = {}
    for row, photo, slug, title, language, corrects, why, newer in rows:
        marks = _Marks(corrects, why, newer)
        pictures = found.setdefault(row.id, (row, (slug, title, language), marks, []))[3]
        if photo is not None:
            pictures.append(photo_view(photo))
    return tuple(
        Told(row.project_id, *of, _view(row, marks, tuple(pictures)))
        for row, of, marks, pictures in found.values()
    )


def _newer_version() -> ScalarSelect[uuid.UUID]:
    """Select the published update that corrects the one at hand."""
    link, newer = aliased(UpdateCorrection), aliased(ProjectUpdate)
    return (
        select(link.update_id)
        .join(newer, newer.id == link.update_id)
        .where(link.corrects_id == ProjectUpdate.id, newer.status == UpdateStatus.PUBLISHED)
        .limit(1)
        .correlate(ProjectUpdate)
        .scalar_subquery()
    )


def _view(row: ProjectUpdate, marks: _Marks, photos: tuple[PhotoView, ...]) -> UpdateView:
    return UpdateView(
        corrects=marks.corrects,
        correction_reason=marks.reason,
        corrected_by=marks.corrected_by,
        id=row.id,
        kind=row.kind,
        title=row.title,
        html=row.html,
        language=row.language,
        published_at=row.published_at or row.saved_at,
        photos=photos,
    )


def _read_key(key: str) -> tuple[datetime, uuid.UUID]:
    told, _, update_id = key.partition("~")
    try:
        at, found = datetime.fromisoformat(told), uuid.UUID(update_id)
    except ValueError:
        at, found = datetime.min, uuid.UUID(int=0)  # noqa: DTZ901 - stands for what is no instant
    if at.tzinfo is None:
        raise InvalidInput("page_unreadable", field="after", key=key[:80])
    return at, found


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
