"""What did the demonstration learn of whom it pays? One likeness is decided, one waits."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.people import deputies
from offset.people.access import Actor
from offset.projects.models import Project
from offset.sandbox import known
from offset.treasury import organisation_files, payee_queries, sanctions
from offset.treasury.organisation_files import Governor
from offset.treasury.payee_models import HitOutcome


def tell(session: Session, *, people: Mapping[str, Actor], at: datetime) -> None:
    """Know two more organisations whose people are like listed ones, and get the newest list."""
    clerk, treasurer = people["clerk"], people["treasurer"]
    first, second = [*_unknown(session), None, None][:2]
    if first is not None:
        known.know(
            session,
            actor=clerk,
            at=at - timedelta(days=6),
            project_id=first,
            governors=(
                Governor(name="Ahmadou Exemplaire", office="President", born="1983"),
                Governor(name="Basile Imagined", office="Treasurer"),
            ),
        )
        _clear(session, first, actor=treasurer, at=at - timedelta(days=5))
    # After everything else of the story, so that what waits for an approval is held against it.
    newest = at - timedelta(hours=1)
    known.a_list(session, actor=clerk, at=newest, on=newest.date())
    if second is not None:
        known.know(
            session,
            actor=clerk,
            at=at - timedelta(days=1),
            project_id=second,
            governors=(
                Governor(name="Otto Invented", office="Chair", born="1979"),
                Governor(name="Carla Imagined", office="Treasurer"),
            ),
        )
    away = (at + timedelta(days=23)).date()
    for name in ("treasurer", "approver"):
        user_id = people[name].user_id
        if user_id is not None:
            deputies.note_absence(
                session,
                actor=people[name],
                at=at,
                user_id=user_id,
                starts_on=away,
                ends_on=away + timedelta(days=4),
            )


def _unknown(session: Session) -> list[uuid.UUID | None]:
    """List the admitted projects whose organisation has no file yet, by code."""
    rows = session.scalars(select(Project).where(Project.code.is_not(None)).order_by(Project.code))
    return [
        one.id for one in rows if organisation_files.current(session, one.organisation_id) is None
    ]


def _clear(session: Session, project_id: uuid.UUID, *, actor: Actor, at: datetime) -> None:
    project = session.get_one(Project, project_id)
    seen = payee_queries.organisation(session, actor, project.organisation_id, on=at.date())
    for hit in seen.hits:
        sanctions.decide(
            session,
            actor=actor,
            at=at,
            hit_id=hit.id,
            outcome=HitOutcome.CLEARED,
            reason="Born 1983 by the register; the one listed was born in 1949.",
        )
