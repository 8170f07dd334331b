"""Who may act for an organisation that asked for help, and what did they do in its name?

A cooperative without a computer may let a named organisation send its updates. The consent says
what for and until when; it can be ended at any time, and every act is kept.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.people.models import User
from offset.projects.field_models import HelperAct, HelperConsent, HelperRevocation, HelperScope
from offset.projects.models import Organisation, OrganisationMember, Project, ProjectStatus
from offset.projects.organisations import folded, is_member

SCOPES: Final[Mapping[HelperScope, frozenset[Right]]] = {
    HelperScope.UPDATES: frozenset({Right.POST_UPDATE}),
    HelperScope.APPLICATIONS: frozenset({Right.APPLY}),
    HelperScope.ALL: frozenset({Right.POST_UPDATE, Right.APPLY}),
}
_LONGEST: Final = timedelta(days=2 * 365)
_LONGEST_WORDS: Final = 2000


@dataclass(frozen=True)
class Consent:
    """A consent as the people of both organisations see it."""

    id: uuid.UUID
    organisation_id: uuid.UUID
    organisation: str
    helper: str
    scope: HelperScope
    words: str
    starts_on: date
    ends_on: date
    given_at: datetime
    given_by: str
    revoked_at: datetime | None

    def holds(self, on: date) -> bool:
        """Say whether a helper may act on a day."""
        return self.revoked_at is None and self.starts_on <= on <= self.ends_on


@dataclass(frozen=True)
class Helped:
    """A project of others that one may help with, and in what."""

    id: uuid.UUID
    title: str
    organisation: str
    updates: bool
    running: bool


@dataclass(frozen=True)
class Act:
    """What somebody did on behalf of an organisation that is not their own."""

    at: datetime
    person: str
    helper: str
    organisation: str
    project_id: uuid.UUID
    action: str


def consent(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    helper: str,
    scope: HelperScope,
    ends_on: date,
    words: str,
) -> uuid.UUID:
    """Let a named organisation act for one's own until a day; its members alone may say so.

    Raises
    ------
    Forbidden
        Without the right to apply.
    InvalidInput
        ``helper_unknown``, ``helper_itself``, ``helper_end_unusable`` or ``consent_words_missing``.
    NotFound
        ``organisation_unknown`` to whoever is no member of it.
    Refused
        ``helper_consented`` while an earlier consent of the same scope holds.
    """
    _own(session, actor, organisation_id)
    today = utc_day(at)
    helper_id = _named(session, helper)
    if helper_id == organisation_id:
        raise InvalidInput("helper_itself", field="helper")
    if not today <= ends_on <= today + _LONGEST:
        raise InvalidInput("helper_end_unusable", field="ends_on", latest=today + _LONGEST)
    said = words.replace("\r\n", "\n").strip()[:_LONGEST_WORDS]
    if not said:
        raise InvalidInput("consent_words_missing", field="words")
    for held in _consents(session, HelperConsent.organisation_id == organisation_id):
        if held.scope is scope and held.holds(today) and folded(held.helper) == folded(helper):
            raise Refused("helper_consented", field="helper", ends_on=held.ends_on)
    row = HelperConsent(
        id=uuid7(at),
        organisation_id=organisation_id,
        helper_id=helper_id,
        scope=scope,
        words=said,
        starts_on=today,
        ends_on=ends_on,
        given_at=at,
        given_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="helper.consented",
        object_type="organisation",
        object_id=organisation_id,
        details={"helper": str(helper_id), "scope": scope.value, "ends_on": ends_on.isoformat()},
    )
    return row.id


def revoke(session: Session, *, actor: Actor, at: datetime, consent_id: uuid.UUID) -> None:
    """End a consent now; ending it twice changes nothing.

    Raises
    ------
    Forbidden
        Without the right to apply.
    NotFound
        ``consent_unknown``, also for one that others gave.
    """
    require(actor, Right.APPLY)
    row = session.get(HelperConsent, consent_id)
    if row is None or not is_member(session, actor.user_id, row.organisation_id):
        raise NotFound("consent_unknown")
    if session.get(HelperRevocation, consent_id) is not None:
        return
    session.add(HelperRevocation(consent_id=consent_id, revoked_at=at, revoked_by=actor.user_id))
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="helper.revoked",
        object_type="organisation",
        object_id=row.organisation_id,
        details={"helper": str(row.helper_id)},
    )


def standing(
    session: Session, user_id: uuid.UUID, at: datetime
) -> frozenset[tuple[uuid.UUID, Right]]:
    """Return for whom somebody may act as a helper at a moment, each with one right."""
    rows = session.scalars(_holding(user_id, at))
    return frozenset((row.organisation_id, right) for row in rows for right in SCOPES[row.scope])


def note(
    session: Session, *, actor: Actor, at: datetime, project: Project, right: Right, action: str
) -> None:
    """Keep what a helper did in the name of the project's organisation; members need no note."""
    if actor.user_id is None or is_member(session, actor.user_id, project.organisation_id):
        return
    wanted = [scope for scope, rights in SCOPES.items() if right in rights]
    found = session.scalars(
        _holding(actor.user_id, at)
        .where(HelperConsent.organisation_id == project.organisation_id)
        .where(HelperConsent.scope.in_(wanted))
        .limit(1)
    ).first()
    if found is None:
        # The consent ended between the page and the act.
        raise NotFound("project_unknown")
    session.add(
        HelperAct(
            id=uuid7(at),
            consent_id=found.id,
            project_id=project.id,
            actor_id=actor.user_id,
            action=action,
            at=at,
        )
    )
    session.flush()


def helped(session: Session, actor: Actor) -> tuple[Helped, ...]:
    """List the projects of others that a helper may act for now."""
    held = {organisation for organisation, _ in actor.helps}
    if not held:
        return ()
    rows = session.execute(
        select(Project, Organisation.name)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(Project.organisation_id.in_(held))
        .where(Project.status.not_in([ProjectStatus.WITHDRAWN, ProjectStatus.COMPLETED]))
        .order_by(Project.title, Project.id)
    )
    return tuple(
        Helped(
            row.id,
            row.title,
            name,
            updates=(row.organisation_id, Right.POST_UPDATE) in actor.helps,
            running=row.code is not None,
        )
        for row, name in rows
    )


def given(session: Session, actor: Actor, organisation_id: uuid.UUID) -> tuple[Consent, ...]:
    """List the consents an organisation gave, for its members.

    Raises
    ------
    Forbidden, NotFound
    """
    _own(session, actor, organisation_id)
    return _consents(session, HelperConsent.organisation_id == organisation_id)


def acts(session: Session, organisation_id: uuid.UUID, *, limit: int = 50) -> tuple[Act, ...]:
    """List what helpers did in an organisation's name, the latest first."""
    helper = aliased(Organisation)
    rows = session.execute(
        select(HelperAct, User.name, helper.name, Organisation.name)
        .join(HelperConsent, HelperConsent.id == HelperAct.consent_id)
        .join(User, User.id == HelperAct.actor_id)
        .join(helper, helper.id == HelperConsent.helper_id)
        .join(Organisation, Organisation.id == HelperConsent.organisation_id)
        .where(HelperConsent.organisation_id == organisation_id)
        .order_by(HelperAct.id.desc())
        .limit(limit)
    )
    return tuple(
        Act(row.at, person or "", name, organisation, row.project_id, row.action)
        for row, person, name, organisation in rows
    )


def _holding(user_id: uuid.UUID, at: datetime) -> Select[HelperConsent]:
    today = utc_day(at)
    return (
        select(HelperConsent)
        .join(OrganisationMember, OrganisationMember.organisation_id == HelperConsent.helper_id)
        .where(OrganisationMember.user_id == user_id)
        .where(HelperConsent.starts_on <= today, HelperConsent.ends_on >= today)
        .where(~exists().where(HelperRevocation.consent_id == HelperConsent.id))
        .order_by(HelperConsent.id)
    )


def _own(session: Session, actor: Actor, organisation_id: uuid.UUID) -> None:
    require(actor, Right.APPLY)
    if not is_member(session, actor.user_id, organisation_id):
        raise NotFound("organisation_unknown")


def _named(session: Session, name: str) -> uuid.UUID:
    """Find an organisation by its name as people write it."""
    wanted = folded(name)
    for found_id, found_name in session.execute(select(Organisation.id, Organisation.name)):
        if wanted and folded(found_name) == wanted:
            return found_id
    raise InvalidInput("helper_unknown", field="helper")


def _consents(session: Session, *wanted: ColumnElement[bool]) -> tuple[Consent, ...]:
    helper = aliased(Organisation)
    rows = session.execute(
        select(
            HelperConsent, Organisation.name, helper.name, User.name, HelperRevocation.revoked_at
        )
        .join(Organisation, Organisation.id == HelperConsent.organisation_id)
        .join(helper, helper.id == HelperConsent.helper_id)
        .join(User, User.id == HelperConsent.given_by)
        .outerjoin(HelperRevocation, HelperRevocation.consent_id == HelperConsent.id)
        .where(*wanted)
        .order_by(HelperConsent.id.desc())
    )
    return tuple(
        Consent(
            id=row.id,
            organisation_id=row.organisation_id,
            organisation=organisation,
            helper=helper_name,
            scope=row.scope,
            words=row.words,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            given_at=row.given_at,
            given_by=person or "",
            revoked_at=revoked_at,
        )
        for row, organisation, helper_name, person, revoked_at in rows
    )
