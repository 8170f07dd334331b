"""What does the desk read about the organisations we pay, the list and the likenesses found?"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import NotFound
from offset.people import users
from offset.people.access import Actor
from offset.projects import recusals
from offset.projects.models import Organisation, Project
from offset.treasury import organisation_files, sanctions
from offset.treasury.organisation_files import Governor, Registration
from offset.treasury.payee_models import (
    GoverningPerson,
    HitDecision,
    HitOutcome,
    HitSubject,
    OrganisationFile,
    SanctionsHit,
    SanctionsList,
    Screening,
    ScreeningHit,
)


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a person said about a hit."""

    outcome: HitOutcome
    reason: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class HitView:
    """A likeness that the newest screening found, with every word on it, the newest first.

    ``our_name`` is empty for a person where whoever reads may not know them.
    """

    id: uuid.UUID
    subject: HitSubject
    our_name: str
    listed_ref: str
    listed_name: str
    listed_kind: str
    listed_born: str
    score: int
    why: str
    found_at: datetime
    said: tuple[Word, ...]

    @property
    def outcome(self) -> HitOutcome | None:
        """The word that holds; None while nobody has decided."""
        return self.said[0].outcome if self.said else None


@dataclass(frozen=True, kw_only=True)
class KnownLine:
    """An organisation in the list: its file, the last check, and what waits."""

    id: uuid.UUID
    name: str
    codes: tuple[str, ...]
    holds_until: date | None
    screened_on: date | None
    checked_on: date | None
    undecided: int
    confirmed: int


@dataclass(frozen=True, kw_only=True)
class KnownPage:
    """Everything about one organisation that we pay or may pay."""

    line: KnownLine
    file: Registration | None
    entered_at: datetime | None
    entered_by: str
    governors: tuple[Governor, ...]
    governors_hidden: bool
    hits: tuple[HitView, ...]
    list_on: date | None


@dataclass(frozen=True, kw_only=True)
class ListView:
    """An edition of the sanctions list."""

    id: uuid.UUID
    published_on: date
    form: str
    sha256: str
    entities: int
    names_count: int
    uploaded_at: datetime
    uploaded_by: str

    def age(self, on: date) -> int:
        """Return how many days old the edition is."""
        return (on - self.published_on).days


def known(session: Session, actor: Actor, *, on: date) -> tuple[KnownLine, ...]:
    """List the organisations with a project in the house, those first that hold something up.

    An organisation with a project in which the actor declared an interest is left out.
    """
    rows = session.execute(
        select(Organisation.id, Organisation.name, Project.code)
        .join(Project, Project.organisation_id == Organisation.id)
        .where(Organisation.id.not_in(_stepped_aside_from(session, actor)))
        .order_by(Organisation.name, Project.code)
    )
    names: dict[uuid.UUID, tuple[str, list[str]]] = {}
    for organisation_id, name, code in rows:
        names.setdefault(organisation_id, (name, []))[1].extend([code] if code else [])
    lines = [_line(session, key, name, codes, on=on) for key, (name, codes) in names.items()]
    return tuple(sorted(lines, key=lambda one: (not (one.undecided or one.confirmed), one.name)))


def organisation(
    session: Session, actor: Actor, organisation_id: uuid.UUID, *, on: date
) -> KnownPage:
    """Return one organisation; the names of its people only for those with the right.

    Raises
    ------
    NotFound
        ``organisation_unknown``.
    """
    row = session.get(Organisation, organisation_id)
    if row is None or row.id in _stepped_aside_from(session, actor):
        raise NotFound("organisation_unknown")
    codes = session.scalars(
        select(Project.code)
        .where(Project.organisation_id == organisation_id, Project.code.is_not(None))
        .order_by(Project.code)
    )
    file = organisation_files.current(session, organisation_id)
    sees = organisation_files.sees_people(actor)
    edition = sanctions.newest(session)
    return KnownPage(
        line=_line(session, row.id, row.name, [code for code in codes if code], on=on),
        file=_registration(file) if file else None,
        entered_at=file.entered_at if file else None,
        entered_by=users.names(session, {file.entered_by})[file.entered_by] if file else "",
        governors=organisation_files.governors(session, actor, file.id) if file and sees else (),
        governors_hidden=not sees,
        hits=_hits(session, organisation_id, sees=sees),
        list_on=edition.published_on if edition else None,
    )


def _stepped_aside_from(session: Session, actor: Actor) -> frozenset[uuid.UUID]:
    """Return the organisations of the projects in which the actor declared an interest."""
    projects = recusals.projects_of(session, actor.user_id)
    if not projects:
        return frozenset()
    return frozenset(
        session.scalars(select(Project.organisation_id).where(Project.id.in_(projects)))
    )


def _registration(file: OrganisationFile) -> Registration:
    return Registration(
        legal_name=file.legal_name,
        other_names=tuple(file.other_names),
        register=file.register,
        number=file.number,
        registered_on=file.registered_on,
        street=file.street,
        postcode=file.postcode,
        town=file.town,
        country=file.country,
        evidence=file.evidence,
    )


def lists(session: Session, *, limit: int = 10) -> tuple[ListView, ...]:
    """Return the newest editions of the list."""
    rows = session.scalars(
        select(SanctionsList)
        .order_by(SanctionsList.published_on.desc(), SanctionsList.id.desc())
        .limit(limit)
    ).all()
    names = users.names(session, {row.uploaded_by for row in rows})
    return tuple(
        ListView(
            id=row.id,
            published_on=row.published_on,
            form=row.form,
            sha256=row.sha256,
            entities=row.entities,
            names_count=row.names_count,
            uploaded_at=row.uploaded_at,
            uploaded_by=names.get(row.uploaded_by, ""),
        )
        for row in rows
    )


def undecided(session: Session) -> int:
    """Count the organisations where a likeness waits for somebody."""
    rows = session.scalars(select(Screening.organisation_id).distinct())
    return sum(
        any(one.outcome is None for one in _hits(session, organisation_id, sees=False))
        for organisation_id in rows
    )


def _line(
    session: Session, organisation_id: uuid.UUID, name: str, codes: list[str], *, on: date
) -> KnownLine:
    file = organisation_files.current(session, organisation_id)
    screening = sanctions.last_screening(session, organisation_id)
    outcomes = [one.outcome for one in _hits(session, organisation_id, sees=False)]
    return KnownLine(
        id=organisation_id,
        name=name,
        codes=tuple(codes),
        holds_until=organisation_files.holds_until(file) if file else None,
        screened_on=utc_day(screening.screened_at) if screening else None,
        checked_on=organisation_files.checked_on(session, organisation_id, on=on),
        undecided=outcomes.count(None),
        confirmed=outcomes.count(HitOutcome.CONFIRMED),
    )


def _hits(session: Session, organisation_id: uuid.UUID, *, sees: bool) -> tuple[HitView, ...]:
    screening = sanctions.last_screening(session, organisation_id)
    if screening is None:
        return ()
    rows = session.execute(
        select(SanctionsHit, GoverningPerson.name)
        .join(ScreeningHit, ScreeningHit.hit_id == SanctionsHit.id)
        .outerjoin(GoverningPerson, GoverningPerson.id == SanctionsHit.person_id)
        .where(ScreeningHit.screening_id == screening.id)
        .order_by(SanctionsHit.score.desc(), SanctionsHit.id)
    ).all()
    return tuple(
        HitView(
            id=row.id,
            subject=row.subject,
            our_name=(person if sees else "") if row.person_id else row.our_name,
            listed_ref=row.listed_ref,
            listed_name=row.listed_name if sees or not row.person_id else "",
            listed_kind=row.listed_kind,
            listed_born=row.listed_born if sees or not row.person_id else "",
            score=row.score,
            why=row.why,
            found_at=row.found_at,
            said=_said(session, row.id),
        )
        for row, person in rows
    )


def _said(session: Session, hit_id: uuid.UUID) -> tuple[Word, ...]:
    rows = session.scalars(
        select(HitDecision).where(HitDecision.hit_id == hit_id).order_by(HitDecision.id.desc())
    ).all()
    names = users.names(session, {row.decided_by for row in rows})
    return tuple(
        Word(
            outcome=row.outcome,
            reason=row.reason,
            decided_at=row.decided_at,
            decided_by=names.get(row.decided_by, ""),
        )
        for row in rows
    )
