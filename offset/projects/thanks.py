"""How does the Initiative thank the institution of a member who read for the committee?

Once a year: how many dossiers, and how many hours by our own estimate. No project is named.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.people.models import User
from offset.projects import members
from offset.projects.committee_models import ThanksLetter
from offset.projects.models import Assignment, Decision, Review


@dataclass(frozen=True)
class Work:
    """What a member read in a year, and the letter about it once it is written."""

    user_id: uuid.UUID
    name: str
    institution: str | None
    dossiers: int
    minutes: int
    letter_id: uuid.UUID | None


@dataclass(frozen=True)
class Letter:
    """A letter of thanks as it was written."""

    id: uuid.UUID
    name: str
    institution: str
    language: str
    year: int
    dossiers: int
    minutes: int
    issued_on: date


def of_year(session: Session, actor: Actor, year: int) -> tuple[Work, ...]:
    """List who read for the committee in a year.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    """
    require(actor, Right.SEE_DESK)
    reviews, decisions = _read(session, year)
    written = session.scalars(select(ThanksLetter).where(ThanksLetter.year == year))
    letters = {one.user_id: one.id for one in written}
    people = session.scalars(
        select(User).where(User.id.in_(reviews.keys() | decisions.keys())).order_by(User.name)
    )
    return tuple(
        Work(
            user_id=user.id,
            name=user.name or "",
            institution=user.affiliation,
            dossiers=reviews[user.id] + decisions[user.id],
            minutes=_minutes(reviews[user.id], decisions[user.id]),
            letter_id=letters.get(user.id),
        )
        for user in people
    )


def write(
    session: Session, *, actor: Actor, at: datetime, user_id: uuid.UUID, year: int
) -> uuid.UUID:
    """Write the letter of a year that is over; a second one is the first.

    Raises
    ------
    Forbidden
        Without the right to give seats.
    InvalidInput
        ``year_not_over``.
    NotFound
        ``person_unknown``: nobody who read in that year.
    Refused
        ``institution_missing``.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    if year >= utc_day(at).year:
        raise InvalidInput("year_not_over", field="year")
    work = next((one for one in of_year(session, actor, year) if one.user_id == user_id), None)
    if work is None:
        raise NotFound("person_unknown")
    if work.letter_id is not None:
        return work.letter_id
    if not work.institution:
        raise Refused("institution_missing")
    row = ThanksLetter(
        id=uuid7(at),
        user_id=user_id,
        year=year,
        institution=work.institution,
        dossiers=work.dossiers,
        minutes=work.minutes,
        issued_on=utc_day(at),
        issued_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="thanks.written",
        object_type="thanks_letter",
        object_id=row.id,
        details={"year": year},
    )
    return row.id


def letter(session: Session, actor: Actor, letter_id: uuid.UUID) -> Letter:
    """Read a letter: one's own, or any for the secretariat.

    Raises
    ------
    NotFound
        ``letter_unknown``, also to whoever may not read it.
    """
    row = session.get(ThanksLetter, letter_id)
    if row is None:
        raise NotFound("letter_unknown")
    if row.user_id != actor.user_id:
        require(actor, Right.SEE_DESK)
    user = session.get_one(User, row.user_id)
    return Letter(
        id=row.id,
        name=user.name or "",
        institution=row.institution,
        language=user.language,
        year=row.year,
        dossiers=row.dossiers,
        minutes=row.minutes,
        issued_on=row.issued_on,
    )


def own(session: Session, actor: Actor) -> tuple[tuple[int, uuid.UUID], ...]:
    """List the letters about a member's own years, the latest first.

    Raises
    ------
    Forbidden
        Without a seat on the committee.
    """
    require(actor, Right.SEE_COMMITTEE)
    rows = session.execute(
        select(ThanksLetter.year, ThanksLetter.id)
        .where(ThanksLetter.user_id == actor.user_id)
        .order_by(ThanksLetter.year.desc())
    )
    return tuple((year, letter_id) for year, letter_id in rows)


def _read(session: Session, year: int) -> tuple[Counter[uuid.UUID], Counter[uuid.UUID]]:
    """Count, by person, the reviews handed in and the decisions led in a year."""
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    reviews = Counter(
        session.scalars(
            select(Assignment.user_id)
            .join(Review, Review.assignment_id == Assignment.id)
            .where(Review.submitted_at >= begin, Review.submitted_at < end)
        )
    )
    decisions = Counter(
        session.scalars(
            select(Decision.decided_by).where(
                Decision.decided_on >= begin.date(), Decision.decided_on < end.date()
            )
        )
    )
    return reviews, decisions


def _minutes(reviews: int, decisions: int) -> int:
    return reviews * members.REVIEWING + decisions * (members.READING + members.AGREEING)
