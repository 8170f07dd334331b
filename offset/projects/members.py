"""Whom may the secretariat ask to read an application, and how much does each already carry?

What a member knows well and every house that pays or lodges them stand in a profile. Minutes are
an estimate for planning; nobody is measured.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import InvalidInput, NotFound
from offset.people import audit, users
from offset.people.access import Actor, Right, Role, may, require
from offset.people.models import RoleGrant, User
from offset.projects.committee_models import MemberProfile
from offset.projects.models import Assessment, AssessmentStatus, Assignment, Review, Seat
from offset.projects.organisations import folded

COMMITTEE: Final = frozenset({Role.STC_MEMBER, Role.RAPPORTEUR})
FIELDS: Final = (
    "soil_carbon",
    "agronomy",
    "agroforestry",
    "grazing",
    "biochar",
    "wetlands",
    "water",
    "biodiversity",
    "climate",
    "economics",
    "land_rights",
    "society",
    "measurement",
)
"""Fields that a member may know well; labels live with the pages."""

DECLARING: Final = 2
"""Minutes to declare whether something ties one to a project."""
READING: Final = 12
"""Minutes to read the two pages at the top of a dossier."""
GRADING: Final = 2
"""Minutes to read the answer to one criterion and to grade it."""
AGREEING: Final = 25
"""Minutes to lead thirteen criteria to agreed grades and to record the decision."""
_CRITERIA: Final = 13
REVIEWING: Final = READING + GRADING * _CRITERIA
"""Minutes for one review: within the forty that a month may ask for."""
_WORKING: Final = frozenset(
    {AssessmentStatus.ELIGIBILITY, AssessmentStatus.IN_REVIEW, AssessmentStatus.CONSENSUS}
)
_LONGEST: Final = 200
_MOST: Final = 12


@dataclass(frozen=True)
class Profile:
    """What a member knows well, and where they belong."""

    user_id: uuid.UUID
    name: str
    affiliation: str | None
    expertise: tuple[str, ...]
    affiliations: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be given a seat, with the work they already carry."""

    user_id: uuid.UUID
    name: str
    affiliation: str | None
    roles: frozenset[Role]
    open_seats: int
    minutes: int = 0
    expertise: tuple[str, ...] = ()


def save_profile(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    user_id: uuid.UUID,
    expertise: Collection[str],
    affiliations: Collection[str],
) -> None:
    """Write down what a member knows and where they belong: one's own, or for the secretariat.

    Raises
    ------
    Forbidden
        For somebody else's profile without the right to give seats.
    InvalidInput
        ``expertise_unknown``, ``too_long`` or ``too_many``.
    NotFound
        ``person_unknown``: nobody of the committee.
    """
    if user_id != actor.user_id:
        require(actor, Right.ASSIGN_REVIEWERS)
    else:
        require(actor, Right.SEE_COMMITTEE)
    if not COMMITTEE & users.roles_of(session, user_id):
        raise NotFound("person_unknown")
    if set(expertise) - set(FIELDS):
        raise InvalidInput("expertise_unknown", field="expertise")
    tidy = [" ".join(name.split()) for name in affiliations]
    if any(len(name) > _LONGEST for name in tidy):
        raise InvalidInput("too_long", field="affiliations", longest=_LONGEST)
    if len(tidy) > _MOST:
        raise InvalidInput("too_many", field="affiliations", highest=_MOST)
    session.merge(
        MemberProfile(
            user_id=user_id,
            expertise=[name for name in FIELDS if name in expertise],
            affiliations=[name for name in tidy if name],
            saved_at=at,
            saved_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="member.profile_saved",
        object_type="user",
        object_id=user_id,
    )


def profile(session: Session, actor: Actor, user_id: uuid.UUID) -> Profile:
    """Read a member's profile: one's own, or any for the secretariat.

    Raises
    ------
    Forbidden
        Without a right to it.
    NotFound
        ``person_unknown``.
    """
    if user_id != actor.user_id or not may(actor, Right.SEE_COMMITTEE):
        require(actor, Right.SEE_DESK)
    user = session.get(User, user_id)
    if user is None or not COMMITTEE & users.roles_of(session, user_id):
        raise NotFound("person_unknown")
    held = session.get(MemberProfile, user_id)
    return Profile(
        user_id=user_id,
        name=user.name or "",
        affiliation=user.affiliation,
        expertise=tuple(held.expertise) if held else (),
        affiliations=tuple(held.affiliations) if held else (),
    )


def belongs_to(session: Session, user_id: uuid.UUID) -> frozenset[str]:
    """Return every affiliation of a person, folded for comparison."""
    own = session.scalar(select(User.affiliation).where(User.id == user_id))
    held = session.get(MemberProfile, user_id)
    names = [own or "", *(held.affiliations if held else ())]
    return frozenset(folded(name) for name in names if folded(name))


def candidates(session: Session) -> tuple[Candidate, ...]:
    """List everybody who may be given a seat, with the seats and minutes each already carries."""
    rows = session.execute(
        select(User.id, User.name, User.affiliation, RoleGrant.role, MemberProfile.expertise)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .outerjoin(MemberProfile, MemberProfile.user_id == User.id)
        .where(RoleGrant.role.in_(COMMITTEE))
        .where(RoleGrant.revoked_at.is_(None), User.disabled_at.is_(None))
        .order_by(User.name, User.id)
    ).all()
    carried = _carried(session)
    people: dict[uuid.UUID, Candidate] = {}
    for user_id, name, affiliation, role, expertise in rows:
        before = people[user_id].roles if user_id in people else frozenset()
        held, minutes = carried.get(user_id, (0, 0))
        people[user_id] = Candidate(
            user_id,
            name or "",
            affiliation,
            before | {role},
            held,
            minutes,
            tuple(expertise or ()),
        )
    return tuple(people.values())


def minutes(seat: Seat, status: AssessmentStatus, *, declared: bool, submitted: bool) -> int:
    """Estimate how many minutes a seat still asks of its holder now."""
    still = 0 if declared else DECLARING
    match seat, status:
        case Seat.REVIEWER, AssessmentStatus.IN_REVIEW if not submitted:
            return still + REVIEWING
        case Seat.RAPPORTEUR, AssessmentStatus.CONSENSUS:
            return still + READING + AGREEING
        case _:
            return still


def _carried(session: Session) -> Mapping[uuid.UUID, tuple[int, int]]:
    """Count, by person, the seats that are open and the minutes they will ask for in all."""
    rows = session.execute(
        select(Assignment.user_id, Assignment.seat, Review.submitted_at)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.removed_at.is_(None), Assessment.status.in_(_WORKING))
    )
    found: dict[uuid.UUID, tuple[int, int]] = {}
    for user_id, seat, submitted_at in rows:
        held, asked = found.get(user_id, (0, 0))
        work = READING + AGREEING if seat is Seat.RAPPORTEUR else REVIEWING
        found[user_id] = (held + 1, asked + (0 if submitted_at else work))
    return found
