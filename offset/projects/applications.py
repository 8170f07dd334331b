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
from offset.errors import InvalidInput, Refused
from offset.people.access import Actor, Right
from offset.projects import (
    application_drafts,
    attachments,
    checks,
    criteria,
    lifecycle,
    overlap,
    questions,
    sites,
)
from offset.projects.application_drafts import CLOSED, latest_assessment, open_draft
from offset.projects.models import (
    Application,
    Assessment,
    AssessmentStatus,
    Attachment,
    OrganisationKind,
    Project,
    ProjectStatus,
)
from offset.projects.organisations import Duty, folded, found, own_organisation, own_project

_LONGEST_SLUG: Final = 60
_MOST_DRAFTS: Final = 20
_DECIDED: Final = frozenset({AssessmentStatus.DECIDED, AssessmentStatus.EXPIRED})


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
    Refused
        ``too_many_drafts`` of one organisation.
    """
    own_organisation(session, actor, organisation_id, Duty.WRITE)
    _bounded(session, organisation_id)
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
    draft = open_draft(session, actor, project_id)
    application = draft.application
    document = questions.merged(application.document, answers)
    if questions.CRITERIA in answers:
        attachments.check_evidence(session, application.id, document)
    application.document = document
    application_drafts.touch(session, application, actor=actor, at=at)
    if draft.project.code is None:
        publish_facts(draft.project, application)
    return left(session, application, at=at)


def left(session: Session, application: Application, *, at: datetime) -> tuple[str, ...]:
    """Name everything that handing in still needs: answers, land, and evidence per criterion.

    Answers stand as ``block.name``, the land as ``sites.none`` or ``sites.area``, criteria as
    ``criteria.2.2``.
    """
    document = application.document
    codes = [one.id for one in checks.criteria_asked(session, at.date())]
    return (
        *questions.missing(document),
        *sites.left(sites.of_application(session, application.id), document),
        *(f"{questions.CRITERIA}.{code}" for code in checks.unanswered(document, codes)),
    )


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
    draft = open_draft(session, actor, project_id, Duty.SPEAK)
    project, assessment, application = draft.project, draft.assessment, draft.application
    adopted = criteria.current(session, at.date())
    absent = left(session, application, at=at)
    if absent:
        raise InvalidInput("application_incomplete", field=absent[0], missing=absent)
    application.modality = application.document["project"]["modality"]
    application.registered_elsewhere = int(application.document["carbon"]["registered_elsewhere"])
    application.content_hash = content_hash(session, application)
    application.submitted_at = at
    application.submitted_by = actor.user_id
    overlap.compare(session, project, application, at=at)
    assessment.criteria_set_id = adopted.id
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
    project = own_project(session, actor, project_id, Right.APPLY, Duty.SPEAK)
    if project.status in CLOSED:
        raise Refused("project_closed", status=project.status.value)
    last = latest_assessment(session, project.id)
    if last.status not in _DECIDED:
        raise Refused("version_pending", status=last.status.value)
    before = session.get_one(Application, last.application_id)
    application, assessment = _version(
        session, project, before.document, before.version + 1, actor=actor, at=at
    )
    attachments.copy(session, before.id, application.id, at=at)
    sites.copy(session, before.id, application.id, at=at)
    lifecycle.note(session, assessment, "begin", actor=actor, at=at)
    return Begun(project.id, application.id, assessment.id, project.slug)


def reopen(session: Session, assessment: Assessment, *, actor: Actor, at: datetime) -> None:
    """Give a returned assessment a fresh draft; the version that was handed in stays as it was."""
    before = session.get_one(Application, assessment.application_id)
    application = _application(
        session, assessment.project_id, before.document, before.version + 1, actor=actor, at=at
    )
    attachments.copy(session, before.id, application.id, at=at)
    sites.copy(session, before.id, application.id, at=at)
    assessment.application_id = application.id
    assessment.criteria_set_id = None


def content_hash(session: Session, application: Application) -> str:
    """Return the SHA-256 of an application's answers, and of the hashes of its files and sites."""
    held = session.execute(
        select(Attachment.name, Attachment.sha256)
        .where(Attachment.application_id == application.id)
        .order_by(Attachment.sha256, Attachment.name)
    )
    land = sites.of_application(session, application.id)
    content = {
        "document": application.document,
        "files": [[name, digest] for name, digest in held],
        "sites": [[site.name, site.sha256] for site in land],
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
    asks = questions.asks_for_money(said)
    project.target_minor = money.get("amount_asked_minor") if asks else None


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


def _bounded(session: Session, organisation_id: uuid.UUID) -> None:
    """Refuse a further draft where an organisation already has many that nobody handed in."""
    drafts = select(func.count()).where(
        Project.organisation_id == organisation_id, Project.status == ProjectStatus.DRAFT
    )
    if (session.scalar(drafts) or 0) >= _MOST_DRAFTS:
        raise Refused("too_many_drafts", highest=_MOST_DRAFTS)


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
