"""Whom do we pay? The organisation's file: its registration, its people, and how fresh it is."""

import calendar
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.money import Money
from offset.people import audit
from offset.people.access import Actor, Right, may, person, require
from offset.projects import admissions
from offset.projects.models import Organisation, OrganisationMember, Project
from offset.treasury import names, sanctions
from offset.treasury.locks import hold
from offset.treasury.payee_models import (
    GoverningPerson,
    HitDecision,
    HitOutcome,
    OrganisationFile,
    SanctionsList,
    Screening,
    ScreeningCause,
    ScreeningHit,
    ScreeningUse,
    ScreeningUsed,
)

MONTHS: Final = 24
_LONGEST: Final = 200
_MOST_PEOPLE: Final = 60
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_BORN: Final = re.compile(r"(19|20)\d{2}(-\d{2}-\d{2})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Governor:
    """Somebody who governs the organisation: name, office, year or day of birth if known."""

    name: str
    office: str
    born: str = ""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What a register says of an organisation, and where that can be read."""

    legal_name: str
    register: str
    number: str
    town: str
    country: str
    evidence: str
    street: str = ""
    postcode: str = ""
    registered_on: date | None = None
    other_names: tuple[str, ...] = ()


def enter(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    organisation_id: uuid.UUID,
    registration: Registration,
    governors: Sequence[Governor],
) -> uuid.UUID:
    """Enter or renew the file of an organisation, and hold it against the newest list at once.

    Raises
    ------
    Forbidden
        Without the right to know payees; ``own_organisation``: nobody vouches for their own.
    NotFound
        ``organisation_unknown``.
    InvalidInput
        ``legal_name_missing``, ``register_missing``, ``registration_missing``, ``town_missing``,
        ``country_missing``, ``extract_missing``, ``registered_ahead``, ``governors_missing``,
        ``governors_many``, ``office_missing``, ``born_unreadable``, ``too_long``.
    """
    require(actor, Right.KNOW_PAYEES)
    entered_by = person(actor)
    told = _checked(registration, on=utc_day(at))
    people = _people(governors)
    hold(session, f"organisation file {organisation_id}")
    if session.get(Organisation, organisation_id) is None:
        raise NotFound("organisation_unknown")
    if session.get(OrganisationMember, (organisation_id, entered_by)) is not None:
        raise Forbidden("own_organisation")
    earlier = current(session, organisation_id)
    file = OrganisationFile(
        id=uuid7(at),
        organisation_id=organisation_id,
        legal_name=told.legal_name,
        other_names=list(told.other_names),
        register=told.register,
        number=told.number,
        registered_on=told.registered_on,
        street=told.street,
        postcode=told.postcode,
        town=told.town,
        country=told.country,
        evidence=told.evidence,
        entered_at=at,
        entered_by=entered_by,
    )
    session.add(file)
    session.flush()
    session.add_all(
        GoverningPerson(
            id=uuid7(at), file_id=file.id, name=one.name, office=one.office, born=one.born
        )
        for one in people
    )
    session.flush()
    # How many govern it, never who: the trail is read by more people than the file.
    audit.record(
        session,
        at=at,
        actor=actor,
        action="organisation_file.entered" if earlier is None else "organisation_file.renewed",
        object_type="organisation",
        object_id=organisation_id,
        details={"file": str(file.id), "governors": len(people)},
    )
    sanctions.screen(session, file, ScreeningCause.FILE, actor=actor, at=at)
    return file.id


def screen_again(
    session: Session, *, actor: Actor, at: datetime, organisation_id: uuid.UUID
) -> None:
    """Hold an organisation against the newest list once more.

    Raises
    ------
    Forbidden
        Without the right to know payees.
    Refused
        ``organisation_file_missing``, ``sanctions_list_missing``.
    """
    require(actor, Right.KNOW_PAYEES)
    file = current(session, organisation_id)
    if file is None:
        raise Refused("organisation_file_missing")
    if sanctions.screen(session, file, ScreeningCause.BY_HAND, actor=actor, at=at) is None:
        raise Refused("sanctions_list_missing")


def current(session: Session, organisation_id: uuid.UUID) -> OrganisationFile | None:
    """Return the newest file of an organisation, whether it still holds or not."""
    return session.scalar(
        select(OrganisationFile)
        .where(OrganisationFile.organisation_id == organisation_id)
        .order_by(OrganisationFile.id.desc())
        .limit(1)
    )


def holds_until(file: OrganisationFile) -> date:
    """Say on which day a file has to be renewed: 24 months after it was entered."""
    entered = utc_day(file.entered_at)
    year = entered.year + MONTHS // 12
    return entered.replace(
        year=year, day=min(entered.day, calendar.monthrange(year, entered.month)[1])
    )


def require_file(session: Session, project: Project, *, at: datetime) -> OrganisationFile:
    """Return the file of a project's organisation, held against the newest list.

    Hits are not asked after here: an account may be entered while one waits.

    Raises
    ------
    Refused
        ``organisation_file_missing``, ``organisation_file_old``; ``sanctions_list_missing`` or
        ``screening_missing``.
    """
    file = current(session, project.organisation_id)
    if file is None:
        raise Refused("organisation_file_missing")
    if utc_day(at) > holds_until(file):
        raise Refused("organisation_file_old", until=holds_until(file))
    edition = sanctions.newest(session)
    if edition is None:
        raise Refused("sanctions_list_missing")
    screening = sanctions.last_screening(session, project.organisation_id)
    if screening is None or (screening.list_id, screening.file_id) != (edition.id, file.id):
        raise Refused("screening_missing")
    return file


def require_known(session: Session, project: Project, *, at: datetime) -> Screening:
    """Return the screening that lets money go to a project's organisation.

    Raises
    ------
    Refused
        Everything of ``require_file``; ``sanctions_list_old``, ``hit_undecided`` or
        ``hit_confirmed``.
    """
    require_file(session, project, at=at)
    return sanctions.require_clear(session, project.organisation_id, on=utc_day(at))


def note_use(
    session: Session,
    screening: Screening,
    used_for: ScreeningUse,
    object_id: uuid.UUID,
    *,
    at: datetime,
) -> None:
    """Keep which screening allowed an act."""
    session.add(
        ScreeningUsed(
            id=uuid7(at),
            screening_id=screening.id,
            used_for=used_for,
            object_id=object_id,
            used_at=at,
        )
    )
    session.flush()


def admit(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    ceiling: Money,
    reason: str,
) -> uuid.UUID:
    """Admit a project whose organisation is known and on no list.

    Raises
    ------
    Forbidden, NotFound, InvalidInput, Refused
        As ``admissions.admit``; ``organisation_file_missing``, ``organisation_file_old``,
        ``sanctions_list_missing``, ``sanctions_list_old``, ``screening_missing``,
        ``hit_undecided``, ``hit_confirmed``.
    """
    require(actor, Right.ADMIT)
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project_unknown")
    admission_id = admissions.admit(
        session, actor=actor, at=at, project_id=project_id, ceiling=ceiling, reason=reason
    )
    screening = require_known(session, project, at=at)
    note_use(session, screening, ScreeningUse.ADMISSION, admission_id, at=at)
    return admission_id


def governors(session: Session, actor: Actor, file_id: uuid.UUID) -> tuple[Governor, ...]:
    """Return who governs an organisation; nobody without the right gets a name.

    Raises
    ------
    Forbidden
        ``right_missing``.
    """
    require(actor, Right.KNOW_PAYEES)
    rows = session.scalars(
        select(GoverningPerson)
        .where(GoverningPerson.file_id == file_id)
        .order_by(GoverningPerson.id)
    )
    return tuple(Governor(name=row.name, office=row.office, born=row.born) for row in rows)


def explained(file: OrganisationFile, holder: str) -> bool:
    """Say whether an account's holder is the organisation itself, by any of its names."""
    ours = sorted(names.words(holder))
    return any(ours == sorted(names.words(name)) for name in (file.legal_name, *file.other_names))


def checked_on(session: Session, organisation_id: uuid.UUID, *, on: date) -> date | None:
    """Return the day for the public line "organisation checked on"; None when that is not so.

    It is the day of the newest screening, on the newest list, of a file that holds, with no hit
    that stops money. One statement: every project page asks it.
    """
    return _checked_day(session, Organisation.id == organisation_id, on=on)


def checked_project(session: Session, project_id: uuid.UUID, *, on: date) -> date | None:
    """Return the public day on which a project's organisation was checked."""
    whose = select(Project.organisation_id).where(Project.id == project_id).scalar_subquery()
    return _checked_day(session, Organisation.id == whose, on=on)


def _checked_day(session: Session, whose: ColumnElement[bool], *, on: date) -> date | None:
    newest = (
        select(Screening.id)
        .where(Screening.organisation_id == Organisation.id)
        .order_by(Screening.id.desc())
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )
    file = aliased(OrganisationFile)
    newest_file = (
        select(file.id)
        .where(file.organisation_id == Organisation.id)
        .order_by(file.id.desc())
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )
    newest_list = (
        select(SanctionsList.id)
        .order_by(SanctionsList.published_on.desc(), SanctionsList.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    word = (
        select(HitDecision.outcome)
        .where(HitDecision.hit_id == ScreeningHit.hit_id)
        .order_by(HitDecision.id.desc())
        .limit(1)
        .correlate(ScreeningHit)
        .scalar_subquery()
    )
    stops = exists().where(
        ScreeningHit.screening_id == Screening.id,
        word.is_distinct_from(HitOutcome.CLEARED),
    )
    found = session.execute(
        select(Screening.screened_at, OrganisationFile)
        .select_from(Organisation)
        .join(Screening, Screening.id == newest)
        .join(OrganisationFile, OrganisationFile.id == Screening.file_id)
        .where(whose, Screening.file_id == newest_file, Screening.list_id == newest_list, ~stops)
    ).first()
    if found is None or on > holds_until(found.OrganisationFile):
        return None
    return utc_day(found.screened_at)


def sees_people(actor: Actor) -> bool:
    """Say whether somebody may read who governs an organisation."""
    return may(actor, Right.KNOW_PAYEES)


def _checked(told: Registration, *, on: date) -> Registration:
    """Tidy what was typed and name the first thing that is missing."""
    tidy = {
        name: " ".join(str(getattr(told, name)).split())
        for name in ("legal_name", "register", "number", "street", "postcode", "town", "evidence")
    }
    for name, code in (
        ("legal_name", "legal_name_missing"),
        ("register", "register_missing"),
        ("number", "registration_missing"),
        ("town", "town_missing"),
        ("evidence", "extract_missing"),
    ):
        if not tidy[name]:
            raise InvalidInput(code, field=name)
    for name, text in tidy.items():
        if len(text) > _LONGEST:
            raise InvalidInput("too_long", field=name, longest=_LONGEST)
    country = told.country.strip().upper()
    if not _COUNTRY.fullmatch(country):
        raise InvalidInput("country_missing", field="country")
    if told.registered_on is not None and told.registered_on > on:
        raise InvalidInput("registered_ahead", field="registered_on")
    others = dict.fromkeys(" ".join(name.split())[:_LONGEST] for name in told.other_names)
    return Registration(
        **tidy,
        country=country,
        registered_on=told.registered_on,
        other_names=tuple(name for name in others if name),
    )


def _people(governors: Sequence[Governor]) -> tuple[Governor, ...]:
    found = []
    for one in governors:
        name, office, born = (" ".join(part.split()) for part in (one.name, one.office, one.born))
        if not name:
            continue
        if not office:
            raise InvalidInput("office_missing", field="governors", name=name)
        if born and not _BORN.fullmatch(born):
            raise InvalidInput("born_unreadable", field="governors", text=born[:40])
        if max(len(name), len(office)) > _LONGEST:
            raise InvalidInput("too_long", field="governors", longest=_LONGEST)
        found.append(Governor(name=name, office=office, born=born))
    if not found:
        raise InvalidInput("governors_missing", field="governors")
    if len(found) > _MOST_PEOPLE:
        raise InvalidInput("governors_many", field="governors", most=_MOST_PEOPLE)
    return tuple(found)
