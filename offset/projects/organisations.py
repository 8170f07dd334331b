"""Who answers for a project, and may this person act for it?"""

import re
import unicodedata
import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound
from offset.people import audit
from offset.people.access import Actor, Right, may, require
from offset.projects.models import Organisation, OrganisationKind, OrganisationMember, Project

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
        _join(session, organisation.id, actor.user_id, actor=actor, at=at)
    return organisation.id


def add_member(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    user_id: uuid.UUID,
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
        require(actor, Right.APPLY)
        if not is_member(session, actor.user_id, organisation_id):
            raise NotFound("organisation_unknown")
    if not is_member(session, user_id, organisation_id):
        _join(session, organisation_id, user_id, actor=actor, at=at)


def is_member(session: Session, user_id: uuid.UUID | None, organisation_id: uuid.UUID) -> bool:
    """Say whether a person belongs to an organisation."""
    if user_id is None:
        return False
    return session.get(OrganisationMember, (organisation_id, user_id)) is not None


def own_project(session: Session, actor: Actor, project_id: uuid.UUID, right: Right) -> Project:
    """Return a project the actor may act for: as a member, or as a helper it consented to.

    Raises
    ------
    Forbidden
        Without the right.
    NotFound
        ``project_unknown``: it does not exist, or belongs to others.
    """
    require(actor, right)
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project_unknown")
    if not is_member(session, actor.user_id, project.organisation_id):
        if (project.organisation_id, right) not in actor.helps:
            raise NotFound("project_unknown")
        session.info[audit.ON_BEHALF] = {"on_behalf_of": str(project.organisation_id)}
    return project


def folded(name: str) -> str:
    """Fold a name for comparison: no accents, no case, no punctuation."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return " ".join(
        re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    )


def _join(
    session: Session, organisation_id: uuid.UUID, user_id: uuid.UUID, *, actor: Actor, at: datetime
) -> None:
    session.add(
        OrganisationMember(
            organisation_id=organisation_id, user_id=user_id, added_at=at, added_by=actor.user_id
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
        details={"user": str(user_id)},
    )
