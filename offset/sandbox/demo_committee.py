"""What is the committee of the demonstration doing just now? Calls, a review half written."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.people.access import Actor, Role
from offset.people.models import User
from offset.projects import calls, dossiers, inquiries, members, reviews, thanks
from offset.projects.criteria import Score
from offset.projects.models import AssessmentStatus, Evidence, Seat

_KNOWS: Final = {
    "reviewer": ("soil_carbon", "measurement", "biochar"),
    "reviewer2": ("agronomy", "economics"),
    "reviewer3": ("grazing", "biodiversity"),
    "rapporteur": ("soil_carbon", "land_rights", "society"),
}
_CALLS: Final = (("Sixth call", -120, -45), ("Seventh call", -20, 40), ("Eighth call", 160, 230))
_BEGUN: Final = {
    "1.1": Score("met", None, "The commitment is signed and the channel is open."),
    "1.2": Score("met", None, "Leases of all fields seen."),
    "2.1": Score("1", Evidence.LITERATURE, "The practice is well described for such soils."),
    "2.2": Score("1", None, "Ask how the feedstock is measured before grading the evidence."),
}


def load(session: Session, *, at: datetime) -> None:
    """Announce calls, note what members know, and begin one review without finishing it."""
    clerk = _person(session, "clerk", Role.CLERK)
    for name, first, last in _CALLS:
        calls.announce(
            session,
            actor=clerk,
            at=at,
            name=name,
            opens_at=at + timedelta(days=first),
            closes_at=at + timedelta(days=last),
        )
    for name, fields in _KNOWS.items():
        role = Role.RAPPORTEUR if name == "rapporteur" else Role.STC_MEMBER
        member = _person(session, name, role)
        if member.user_id is not None:
            members.save_profile(
                session,
                actor=member,
                at=at,
                user_id=member.user_id,
                expertise=fields,
                affiliations=(),
            )
    _begin_reviews(session, at=at)
    _thank(session, clerk, at=at)


def _begin_reviews(session: Session, *, at: datetime) -> None:
    asked = {
        "reviewer": ("How is the carbon content of the feedstock measured?", "2.2"),
        "reviewer2": ("Who pays for the spreading once the project has ended?", "3.3"),
    }
    for name, (text, criterion) in asked.items():
        member = _person(session, name, Role.STC_MEMBER)
        for seat in dossiers.invitations(session, member):
            if seat.seat is not Seat.REVIEWER or seat.submitted:
                continue
            if seat.line.assessment is not AssessmentStatus.IN_REVIEW or not seat.declared:
                continue
            said: dict[str, Any] = {"actor": member, "at": at - timedelta(days=2)}
            inquiries.ask(
                session, **said, assignment_id=seat.assignment_id, text=text, criterion=criterion
            )
            for one, score in _BEGUN.items() if name == "reviewer" else ():
                reviews.jot(
                    session, **said, assignment_id=seat.assignment_id, criterion=one, score=score
                )


def _thank(session: Session, clerk: Actor, *, at: datetime) -> None:
    """Write last year's letters; somebody whose institution is not noted gets none."""
    year = at.year - 1
    for one in thanks.of_year(session, clerk, year):
        if one.institution:
            thanks.write(session, actor=clerk, at=at, user_id=one.user_id, year=year)


def _person(session: Session, name: str, role: Role) -> Actor:
    user_id = session.scalars(select(User.id).where(User.email == f"{name}@demo.example")).one()
    return Actor(user_id, frozenset({role}))
