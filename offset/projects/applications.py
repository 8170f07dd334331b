"""How does a project holder ask to be assessed? Draft, save, hand in, begin a new version."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import canonical, uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people.access import Actor, Right, require
from offset.projects import criteria, lifecycle, questions
from offset.projects.models import (
    Application,
    Assessment,
    AssessmentStatus,
    Attachment,
    OrganisationKind,
    Project,
    ProjectStatus,
)
from offset.projects.organisations import folded, found, is_member, own_project

_LONGEST_SLUG: Final = 60
_ATTACHMENTS: Final = 40
_ATTACHMENT_BYTES: Final = 20_000_000
_MEDIA_TYPES: Final = frozenset({"application/pdf", "text/csv", "image/webp"})


@dataclass(frozen=True)
class Begun:
    """A new draft: the project, its first application version and the assessment it waits for."""

    project_id: uuid.UUID
    application_id: uuid.UUID
    assessment_id: uuid.UUID
    slug: str


def begin(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    title: str,
    language: str,
    currency: str = "EUR",
    slug: str | None = None,
) -> Begun:
    """Open a draft for one of the steward's organisations.

    Raises
    ------
    Forbidden
        Without the right to apply.
    InvalidInput
        ``title_missing``, ``slug_unusable``, or an unusable answer.
    NotFound
        ``organisation_unknown`` to whoever is no member of it.
    """
    require(actor, Right.APPLY)
    if not is_member(session, actor.user_id, organisation_id):
        raise NotFound("organisation_unknown")
    answers = {"project": {"title": title, "language": language}, "money": {"currency": currency}}
    document = questions.merged({}, answers)
    if "title" not in document["project"]:
        raise InvalidInput("title_missing", field="title")
    project = Project(
        id=uuid7(at),
        organisation_id=organisation_id,
        slug=_free_slug(session, slug or title, chosen=slug is not None),
        status=ProjectStatus.DRAFT,
        title=title,
        language=language,
        currency=currency,
        created_at=at,
        created_by=actor.user_id,
    )
    session.add(project)
    session.flush()
    application, assessment = _version(session, project, document, 1, actor=actor, at=at)
    project.application_id = application.id
    publish_facts(project, application)
    lifecycle.note(session, project, "begin", actor=actor, at=at)
    return Begun(project.id, application.id, assessment.id, project.slug)


def begin_with_organisation(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: OrganisationKind,
    title: str,
    language: str,
) -> Begun:
    """Write a new organisation down and open its first draft, together or not at all.

    Raises
    ------
    Conflict, Forbidden, InvalidInput, NotFound
    """
    organisation_id = found(session, actor=actor, at=at, name=name, kind=kind, country=None)
    return begin(
        session,
        actor=actor,
        at=at,
        organisation_id=organisation_id,
        title=title,
        language=language,
    )


def save(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    answers: Mapping[str, Mapping[str, Any]],
) -> tuple[str, ...]:
    """Lay answers over the draft and return the names of what submitting still needs.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``question_unknown`` or ``answer_unusable``.
    Refused
        ``no_draft``: the present version is handed in.
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    _, application = _draft(session, project)
    application.document = questions.merged(application.document, answers)
    application.saved_at = at
    application.saved_by = actor.user_id
    if project.code is None:
        publish_facts(project, application)
    return questions.missing(application.document)


def attach(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    name: str,
    media_type: str,
    size: int,
    sha256: str,
    file_key: str,
) -> uuid.UUID:
    """Add a stored file to the draft.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``file_type_refused`` or ``file_too_large``.
    Refused
        ``no_draft`` or ``too_many_files``.
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    _, application = _draft(session, project)
    if media_type not in _MEDIA_TYPES:
        raise InvalidInput("file_type_refused", field="file", media_type=media_type)
    if not 0 < size <= _ATTACHMENT_BYTES:
        raise InvalidInput("file_too_large", field="file", highest=_ATTACHMENT_BYTES)
    held = session.scalar(select(func.count()).where(Attachment.application_id == application.id))
    if (held or 0) >= _ATTACHMENTS:
        raise Refused("too_many_files", highest=_ATTACHMENTS)
    attachment = Attachment(
        id=uuid7(at),
        application_id=application.id,
        name=" ".join(name.split())[:200] or "file",
        media_type=media_type,
        size=size,
        sha256=sha256,
        file_key=file_key,
        added_at=at,
        added_by=actor.user_id,
    )
    session.add(attachment)
    session.flush()
    return attachment.id


def submit(session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID) -> str:
    """Hand the draft in: freeze it under the criteria of the day and return its hash.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``application_incomplete`` with what is missing.
    Refused
        ``no_draft``, ``no_criteria`` or ``project_closed``.
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    assessment, application = _draft(session, project)
    if project.status in {ProjectStatus.COMPLETED, ProjectStatus.WITHDRAWN}:
        raise Refused("project_closed", status=project.status.value)
    absent = questions.missing(application.document)
    if absent:
        raise InvalidInput("application_incomplete", field=absent[0], missing=absent)
    application.content_hash = content_hash(session, application)
    application.submitted_at = at
    application.submitted_by = actor.user_id
    assessment.criteria_set_id = criteria.current(session, at.date()).id
    lifecycle.take(session, assessment, "submit", actor=actor, at=at)
    if project.status is ProjectStatus.DRAFT:
        lifecycle.take(session, project, "submit", actor=actor, at=at)
    return application.content_hash


def begin_version(session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID) -> Begun:
    """Open the next version as a copy of the last one; the old one and its decision stay.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    Refused
        ``version_pending`` while another version is not decided; ``project_closed``.
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    if project.status in {ProjectStatus.COMPLETED, ProjectStatus.WITHDRAWN}:
        raise Refused("project_closed", status=project.status.value)
    last = latest_assessment(session, project.id)
    if last.status not in {AssessmentStatus.DECIDED, AssessmentStatus.EXPIRED}:
        raise Refused("version_pending", status=last.status.value)
    before = session.get_one(Application, last.application_id)
    application, assessment = _version(
        session, project, before.document, before.version + 1, actor=actor, at=at
    )
    _copy_attachments(session, before.id, application.id, at=at)
    lifecycle.note(session, assessment, "begin", actor=actor, at=at)
    return Begun(project.id, application.id, assessment.id, project.slug)


def reopen(session: Session, assessment: Assessment, *, actor: Actor, at: datetime) -> None:
    """Give a returned assessment a fresh draft; the version that was handed in stays as it was."""
    before = session.get_one(Application, assessment.application_id)
    application = _application(
        session, assessment.project_id, before.document, before.version + 1, actor=actor, at=at
    )
    _copy_attachments(session, before.id, application.id, at=at)
    assessment.application_id = application.id
    assessment.criteria_set_id = None


def latest_assessment(session: Session, project_id: uuid.UUID) -> Assessment:
    """Return the assessment of a project's newest version.

    Raises
    ------
    NotFound
        ``assessment_unknown``.
    """
    found = session.scalars(
        select(Assessment)
        .join(Application, Application.id == Assessment.application_id)
        .where(Assessment.project_id == project_id)
        .order_by(Application.version.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFound("assessment_unknown")
    return found


def content_hash(session: Session, application: Application) -> str:
    """Return the SHA-256 of an application's answers and of the hashes of its files."""
    held = session.execute(
        select(Attachment.name, Attachment.sha256)
        .where(Attachment.application_id == application.id)
        .order_by(Attachment.sha256, Attachment.name)
    )
    content = {
        "document": application.document,
        "files": [[name, digest] for name, digest in held],
        "version": application.version,
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def publish_facts(project: Project, application: Application) -> None:
    """Copy what lists and pages show from an application version to its project."""
    said = application.document
    about, land = said.get("project", {}), said.get("land", {})
    practice, money = said.get("practice", {}), said.get("money", {})
    starts = practice.get("starts_on")
    project.application_id = application.id
    project.title = about.get("title", project.title)
    project.summary = about.get("summary", "")
    project.language = about.get("language", project.language)
    project.country = about.get("country")
    project.region = about.get("region")
    project.area_ha = land.get("area_ha")
    project.latitude = land.get("latitude")
    project.longitude = land.get("longitude")
    project.practice = practice.get("practice")
    project.starts_on = date.fromisoformat(starts) if starts else None
    project.currency = money.get("currency", project.currency)
    project.target_minor = money.get("amount_asked_minor")


def _draft(session: Session, project: Project) -> tuple[Assessment, Application]:
    assessment = latest_assessment(session, project.id)
    if assessment.status is not AssessmentStatus.DRAFT:
        raise Refused("no_draft", status=assessment.status.value)
    return assessment, session.get_one(Application, assessment.application_id)


def _version(
    session: Session,
    project: Project,
    document: Mapping[str, Any],
    version: int,
    *,
    actor: Actor,
    at: datetime,
) -> tuple[Application, Assessment]:
    application = _application(session, project.id, document, version, actor=actor, at=at)
    assessment = Assessment(
        id=uuid7(at),
        project_id=project.id,
        application_id=application.id,
        status=AssessmentStatus.DRAFT,
        created_at=at,
        changed_at=at,
    )
    session.add(assessment)
    session.flush()
    return application, assessment


def _application(
    session: Session,
    project_id: uuid.UUID,
    document: Mapping[str, Any],
    version: int,
    *,
    actor: Actor,
    at: datetime,
) -> Application:
    application = Application(
        id=uuid7(at),
        project_id=project_id,
        version=version,
        document=dict(document),
        created_at=at,
        saved_at=at,
        saved_by=actor.user_id,
    )
    session.add(application)
    session.flush()
    return application


def _copy_attachments(
    session: Session, before: uuid.UUID, after: uuid.UUID, *, at: datetime
) -> None:
    for held in session.scalars(select(Attachment).where(Attachment.application_id == before)):
        session.add(
            Attachment(
                id=uuid7(at),
                application_id=after,
                name=held.name,
                media_type=held.media_type,
                size=held.size,
                sha256=held.sha256,
                file_key=held.file_key,
                added_at=held.added_at,
                added_by=held.added_by,
            )
        )
    session.flush()


def _free_slug(session: Session, wish: str, *, chosen: bool) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", folded(wish))[:_LONGEST_SLUG].strip("-") or "project"
    if chosen and stem != wish:
        raise InvalidInput("slug_unusable", field="slug", nearest=stem)
    taken = set(session.scalars(select(Project.slug).where(Project.slug.startswith(stem))))
    if stem not in taken:
        return stem
    if chosen:
        raise InvalidInput("slug_taken", field="slug")
    return next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)
