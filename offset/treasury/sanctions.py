"""Is somebody we would pay on the EU list of sanctions? The machine compares, people decide.

Each edition of the list that comes in is held against every organisation that has a file: its
names, the people who govern it and whoever holds its accounts. A name that is like a listed one
is a hit; a hit that nobody decided, or that somebody confirmed, stops money.
"""

import hashlib
import json
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.people import audit, deputies
from offset.people.access import Actor, Right, person, require
from offset.projects.models import Project
from offset.treasury import names
from offset.treasury.locks import hold
from offset.treasury.models import Beneficiary, BeneficiaryCheck, CheckOutcome
from offset.treasury.payee_models import (
    GoverningPerson,
    HitDecision,
    HitOutcome,
    HitSubject,
    OrganisationFile,
    SanctionsHit,
    SanctionsList,
    Screening,
    ScreeningCause,
    ScreeningHit,
)
from offset.treasury.payee_ports import Edition, Listed

LEAST: Final = 85  # percent from which two names are shown to a person
LIST_DAYS: Final = 30
"""Age of the newest list beyond which nobody is paid on it: the list changes every few weeks."""
_AHEAD: Final = timedelta(days=1)
_LONGEST_REASON: Final = 1_000


@dataclass(frozen=True)
class Subject:
    """A name of ours to be compared."""

    subject: HitSubject
    name: str
    person_id: uuid.UUID | None = None


class _Compared:
    """An edition of the list, ready to be compared with."""

    def __init__(self, edition: SanctionsList) -> None:
        self.id = edition.id
        self.entries = tuple(_unpacked(edition.names))
        self.index = names.NameIndex(
            (place, name) for place, one in enumerate(self.entries) for name in one.names
        )


def take_in(
    session: Session, *, actor: Actor, at: datetime, data: bytes, name: str, edition: Edition
) -> uuid.UUID:
    """Keep a new edition of the list and hold it against every organisation that has a file.

    Raises
    ------
    Forbidden
        Without the right to know payees.
    Conflict
        ``sanctions_known``: the same file came before.
    InvalidInput
        ``sanctions_older`` than the newest one here; ``sanctions_ahead`` of today.
    """
    require(actor, Right.KNOW_PAYEES)
    digest = hashlib.sha256(data).hexdigest()
    hold(session, "sanctions list")
    if session.scalar(select(SanctionsList.id).where(SanctionsList.sha256 == digest)) is not None:
        raise Conflict("sanctions_known")
    if edition.published_on > utc_day(at) + _AHEAD:
        raise InvalidInput("sanctions_ahead", field="file", on=edition.published_on)
    last = newest(session)
    if last is not None and edition.published_on < last.published_on:
        raise InvalidInput("sanctions_older", field="file", on=last.published_on)
    row = SanctionsList(
        id=uuid7(at),
        published_on=edition.published_on,
        sha256=digest,
        file_name=name[:200],
        form=edition.form,
        entities=len(edition.entries),
        names_count=sum(len(one.names) for one in edition.entries),
        names=_packed(edition.entries),
        uploaded_at=at,
        uploaded_by=person(actor),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="sanctions_list.taken_in",
        object_type="sanctions_list",
        object_id=row.id,
        details={"published_on": edition.published_on.isoformat(), "sha256": digest},
    )
    compared = _Compared(row)
    for file in _newest_files(session):
        _compare(session, file, compared, ScreeningCause.LIST, actor=actor, at=at)
    return row.id


def newest(session: Session) -> SanctionsList | None:
    """Return the newest edition of the list."""
    return session.scalar(
        select(SanctionsList)
        .order_by(SanctionsList.published_on.desc(), SanctionsList.id.desc())
        .limit(1)
    )


def screen(
    session: Session,
    file: OrganisationFile,
    cause: ScreeningCause,
    *,
    actor: Actor,
    at: datetime,
) -> uuid.UUID | None:
    """Hold one organisation against the newest edition; None while there is no list at all."""
    edition = newest(session)
    if edition is None:
        return None
    return _compare(session, file, _Compared(edition), cause, actor=actor, at=at)


def decide(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    hit_id: uuid.UUID,
    outcome: HitOutcome,
    reason: str,
) -> None:
    """Say of a hit whether it is somebody else, or the one who is listed, and why.

    Raises
    ------
    Forbidden
        Without the right to know payees; ``same_person`` for whoever would change their own word.
    NotFound
        ``hit_unknown``.
    InvalidInput
        ``reason_missing``, ``too_long``.
    Conflict
        ``hit_decided``: that word stands already.
    """
    require(actor, Right.KNOW_PAYEES)
    decided_by = person(actor)
    said = reason.replace("\r\n", "\n").strip()
    if not said:
        raise InvalidInput("reason_missing", field="reason")
    if len(said) > _LONGEST_REASON:
        raise InvalidInput("too_long", field="reason", longest=_LONGEST_REASON)
    hold(session, f"hit {hit_id}")
    hit = session.get(SanctionsHit, hit_id)
    if hit is None:
        raise NotFound("hit_unknown")
    last = word_on(session, hit_id)
    if last is not None and last.outcome is outcome:
        raise Conflict("hit_decided")
    if last is not None:
        right, first = Right.KNOW_PAYEES, last.decided_by
        deputies.require_second(session, actor=actor, right=right, first=first, object_id=last.id)
    word = HitDecision(
        id=uuid7(at),
        hit_id=hit_id,
        outcome=outcome,
        reason=said,
        decided_at=at,
        decided_by=decided_by,
    )
    session.add(word)
    session.flush()
    deputies.note_act(session, actor=actor, at=at, right=Right.KNOW_PAYEES, object_id=word.id)
    # No name and no reason here: the trail is read by more people than a hit.
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"sanctions_hit.{outcome.value}",
        object_type="sanctions_hit",
        object_id=hit_id,
        details={"organisation": str(hit.organisation_id)},
    )


def word_on(session: Session, hit_id: uuid.UUID) -> HitDecision | None:
    """Return the decision that holds on a hit."""
    return session.scalar(
        select(HitDecision)
        .where(HitDecision.hit_id == hit_id)
        .order_by(HitDecision.id.desc())
        .limit(1)
    )


def last_screening(session: Session, organisation_id: uuid.UUID) -> Screening | None:
    """Return the newest screening of an organisation."""
    return session.scalar(
        select(Screening)
        .where(Screening.organisation_id == organisation_id)
        .order_by(Screening.id.desc())
        .limit(1)
    )


def require_clear(session: Session, organisation_id: uuid.UUID, *, on: date) -> Screening:
    """Return the screening on a list of these days, when nothing in it stops money.

    Raises
    ------
    Refused
        ``sanctions_list_missing``, ``sanctions_list_old``; ``screening_missing`` on the newest
        list; ``hit_undecided`` or ``hit_confirmed``.
    """
    edition = newest(session)
    if edition is None:
        raise Refused("sanctions_list_missing")
    if (on - edition.published_on).days > LIST_DAYS:
        raise Refused("sanctions_list_old", on=edition.published_on, most=LIST_DAYS)
    screening = last_screening(session, organisation_id)
    if screening is None or screening.list_id != edition.id:
        raise Refused("screening_missing")
    words = [word_on(session, hit) for hit in _hits_of(session, screening.id)]
    if any(word is not None and word.outcome is HitOutcome.CONFIRMED for word in words):
        raise Refused("hit_confirmed")
    if any(word is None for word in words):
        raise Refused("hit_undecided")
    return screening


def _hits_of(session: Session, screening_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
    return tuple(
        session.scalars(
            select(ScreeningHit.hit_id).where(ScreeningHit.screening_id == screening_id)
        )
    )


def _newest_files(session: Session) -> tuple[OrganisationFile, ...]:
    rows = session.scalars(select(OrganisationFile).order_by(OrganisationFile.id))
    return tuple({row.organisation_id: row for row in rows}.values())


def _compare(
    session: Session,
    file: OrganisationFile,
    compared: _Compared,
    cause: ScreeningCause,
    *,
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Compare every name of an organisation with an edition and keep what is alike."""
    subjects = _subjects(session, file)
    screening = Screening(
        id=uuid7(at),
        organisation_id=file.organisation_id,
        file_id=file.id,
        list_id=compared.id,
        cause=cause,
        names_compared=len(subjects),
        screened_at=at,
        screened_by=actor.user_id,
    )
    session.add(screening)
    session.flush()
    found = {
        _hit(session, file, subject, compared.entries[place], scored, at=at)
        for subject in subjects
        for place, scored in compared.index.like(subject.name, least=LEAST).items()
    }
    session.add_all(ScreeningHit(screening_id=screening.id, hit_id=hit) for hit in sorted(found))
    session.flush()
    return screening.id


def _subjects(session: Session, file: OrganisationFile) -> tuple[Subject, ...]:
    """Name everybody to compare: the organisation, those who govern it, who holds its accounts."""
    own = dict.fromkeys((file.legal_name, *file.other_names))
    people = session.scalars(
        select(GoverningPerson)
        .where(GoverningPerson.file_id == file.id, GoverningPerson.name != "")
        .order_by(GoverningPerson.id)
    )
    holders = session.scalars(
        select(Beneficiary.holder)
        .join(Project, Project.id == Beneficiary.project_id)
        .outerjoin(BeneficiaryCheck, BeneficiaryCheck.beneficiary_id == Beneficiary.id)
        .where(Project.organisation_id == file.organisation_id)
        .where(
            BeneficiaryCheck.outcome.is_(None) | (BeneficiaryCheck.outcome == CheckOutcome.VERIFIED)
        )
        .order_by(Beneficiary.id)
    )
    return (
        *(Subject(HitSubject.ORGANISATION, name) for name in own),
        *(Subject(HitSubject.PERSON, one.name, one.id) for one in people),
        *(Subject(HitSubject.HOLDER, name) for name in dict.fromkeys(holders) if name not in own),
    )


def _hit(
    session: Session,
    file: OrganisationFile,
    subject: Subject,
    listed: Listed,
    scored: names.Scored,
    *,
    at: datetime,
) -> uuid.UUID:
    """Return the hit of a pair, made when it is met for the first time."""
    told = (
        str(file.organisation_id),
        subject.subject.value,
        " ".join(names.words(subject.name)),
        listed.ref,
    )
    fingerprint = hashlib.sha256("\n".join(told).encode()).hexdigest()
    known = session.scalar(select(SanctionsHit.id).where(SanctionsHit.fingerprint == fingerprint))
    if known is not None:
        return known
    hit = SanctionsHit(
        id=uuid7(at),
        organisation_id=file.organisation_id,
        fingerprint=fingerprint,
        subject=subject.subject,
        person_id=subject.person_id,
        our_name="" if subject.person_id else subject.name,
        listed_ref=listed.ref,
        listed_name=_nearest(subject.name, listed),
        listed_kind=listed.kind,
        listed_born=listed.born,
        score=scored.score,
        why=scored.why.value,
        found_at=at,
    )
    session.add(hit)
    session.flush()
    return hit.id


def _nearest(name: str, listed: Listed) -> str:
    """Return the alias that is most like our name."""
    ours = names.words(name)

    def score(alias: str) -> int:
        found = names.alike(ours, names.words(alias))
        return found.score if found else 0

    return max(listed.names, key=score)


def _packed(entries: tuple[Listed, ...]) -> bytes:
    told = [[one.ref, one.kind, list(one.names), one.born] for one in entries]
    return zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def _unpacked(data: bytes) -> Iterator[Listed]:
    for ref, kind, known, born in json.loads(zlib.decompress(data)):
        yield Listed(ref=ref, kind=kind, names=tuple(known), born=born)
