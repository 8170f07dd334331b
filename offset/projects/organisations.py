"""Who answers for a project, and may this person act for it?"""

import enum
import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound
from offset.people import audit
from offset.people.access import Actor, Right, may, require
from offset.projects.application_models import OrganisationRole
from offset.projects.models import Organisation, OrganisationKind, OrganisationMember, Project


class Duty(enum.StrEnum):
    """What somebody may do for an organisation."""

    SEE = "see"
    WRITE = "write"
    SPEAK = "speak"
    LEAD = "lead"


# Reading; drafting and telling; handing in, answering and withdrawing; the people themselves.
DUTIES: Final[Mapping[OrganisationRole, frozenset[Duty]]] = {
    OrganisationRole.LEAD: frozenset(Duty),
    OrganisationRole.WRITER: frozenset({Duty.SEE, Duty.WRITE}),
    OrganisationRole.READER: frozenset({Duty.SEE}),
}
OF_HELPERS: Final = frozenset({Duty.SEE, Duty.WRITE, Duty.SPEAK})
"""A helper organisation writes and speaks; it never ends a project nor chooses its people."""
_LONGEST_NAME: Final = 200
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)


def found(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: OrganisationKind,
    country: str | None,
    registration: str | None = None,
) -> uuid.UUID:
    """Write down an organisation and make the steward who names it its first member.

    Raises
    ------
    Conflict
        ``organisation_known``: ask one of its members for access.
    Forbidden
        Without the right to apply.
    InvalidInput
        ``name_missing``, ``too_long`` or ``country_unknown``.
    """
    require(actor, Right.APPLY)
    tidy = " ".join(name.split())
    if not tidy:
        raise InvalidInput("name_missing", field="name")
    if len(tidy) > _LONGEST_NAME:
        raise InvalidInput("too_long", field="name", longest=_LONGEST_NAME)
    if country is not None and not _COUNTRY.fullmatch(country):
        raise InvalidInput("country_unknown", field="country")
    if session.scalar(select(exists().where(Organisation.name == tidy))):
        raise Conflict("organisation_known", field="name", name=tidy)
    organisation = Organisation(
        id=uuid7(at),
        name=tidy,
        kind=kind,
        country=country,
        registration=(registration or "").strip() or None,
        created_at=at,
    )
    session.add(organisation)
    session.flush()
    if actor.user_id is not None:
        join(session, organisation.id, actor.user_id, actor=actor, at=at)
    return organisation.id


def add_member(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    user_id: uuid.UUID,
    role: OrganisationRole = OrganisationRole.LEAD,
) -> None:
    """Let another steward act for an organisation; a member or the secretariat may.

    Raises
    ------
    Forbidden
        ``right_missing``.
    NotFound
        ``organisation_unknown`` to whoever is no member of it.
    """
    if not may(actor, Right.CHECK_ELIGIBILITY):
        own_organisation(session, actor, organisation_id, Duty.LEAD)
    if not is_member(session, user_id, organisation_id):
        join(session, organisation_id, user_id, role=role, actor=actor, at=at)


def is_member(session: Session, user_id: uuid.UUID | None, organisation_id: uuid.UUID) -> bool:
    """Say whether a person belongs to an organisation."""
    if user_id is None:
        return False
    return session.get(OrganisationMember, (organisation_id, user_id)) is not None


def role_of(
    session: Session, user_id: uuid.UUID | None, organisation_id: uuid.UUID
) -> OrganisationRole | None:
    """Return what a person does in an organisation, or nothing for a stranger."""
    if user_id is None:
        return None
    member = session.get(OrganisationMember, (organisation_id, user_id))
    return member.role if member else None


def own_organisation(
    session: Session, actor: Actor, organisation_id: uuid.UUID, duty: Duty
) -> Organisation:
    """Return an organisation the actor may act for.

    Raises
    ------
    Forbidden
        Without the right to apply, or ``organisation_role_lacks`` the duty.
    NotFound
        ``organisation_unknown``: it does not exist, or belongs to others.
    """
    require(actor, Right.APPLY)
    role = role_of(session, actor.user_id, organisation_id)
    if role is None:
        raise NotFound("organisation_unknown")
    _require_duty(role, duty)
    return session.get_one(Organisation, organisation_id)


def own_project(
    session: Session,
    actor: Actor,
    project_id: uuid.UUID,
    right: Right,
    duty: Duty = Duty.WRITE,
) -> Project:
    """Return a project the actor may act for: as a member, or as a helper it consented to.

    Raises
    ------
    Forbidden
        Without the right, or ``organisation_role_lacks`` the duty.
    NotFound
        ``project_unknown``: it does not exist, or belongs to others.
    """
    require(actor, right)
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project_unknown")
    role = role_of(session, actor.user_id, project.organisation_id)
    if role is not None:
        _require_duty(role, duty)
        return project
    if (project.organisation_id, right) not in actor.helps or duty not in OF_HELPERS:
        raise NotFound("project_unknown")
    session.info[audit.ON_BEHALF] = {"on_behalf_of": str(project.organisation_id)}
    return project


def duties_of(
    session: Session, actor: Actor, organisation_id: uuid.UUID, right: Right = Right.APPLY
) -> frozenset[Duty]:
    """Return what an actor may do for an organisation, as a member or as its helper."""
    role = role_of(session, actor.user_id, organisation_id)
    if role is not None:
        return DUTIES[role]
    return OF_HELPERS if (organisation_id, right) in actor.helps else frozenset()


def _require_duty(role: OrganisationRole, duty: Duty) -> None:
    if duty not in DUTIES[role]:
        raise Forbidden("organisation_role_lacks", role=role.value, duty=duty.value)


def folded(name: str) -> str:
    """Fold a name for comparison: no accents, no case, no punctuation."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return " ".join(
        re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    )


def join(
    session: Session,
    organisation_id: uuid.UUID,
    user_id: uuid.UUID,
    *,
    actor: Actor,
    at: datetime,
    role: OrganisationRole = OrganisationRole.LEAD,
) -> None:
    """Make somebody one of an organisation's people; the caller has asked whether this may be."""
    session.add(
        OrganisationMember(
            organisation_id=organisation_id,
            user_id=user_id,
            role=role,
            added_at=at,
            added_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="organisation.member_added",
        object_type="organisation",
        object_id=organisation_id,
        details={"user": str(user_id), "role": role.value},
    )
