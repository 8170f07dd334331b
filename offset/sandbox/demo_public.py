"""Who follows the demonstration's projects, and which concerns were raised about them?

Everything goes through the verbs that readers and the secretariat use, dated before the start.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.people.access import Actor
from offset.projects import concerns, followers
from offset.projects.public_models import Concern, ConcernFinding, Follower

# project, days before the start, language of the page, words, finding, answer
_RAISED: Final = (
    (
        "laikipia-grazing",
        41,
        "en",
        (
            "Our neighbours say that the herders from the north were not asked before the plots"
            " were closed. Please look into it."
        ),
        ConcernFinding.PARTLY,
        (
            "We spoke with both sides. The northern herders were told by radio but not asked. A"
            " meeting with them is now a fixed part of the plan for each dry season."
        ),
    ),
    (
        "laikipia-grazing",
        6,
        "fr",
        "Les clôtures du point d’eau nord sont fermées la nuit. Qui en a la clé ?",
        None,
        "",
    ),
    (
        "altiplano-camp",
        19,
        "es",
        "En el campamento trabajan voluntarios sin agua a la sombra a mediodía.",
        ConcernFinding.UPHELD,
        "Desde esta semana hay agua y sombra en cada parcela, y una pausa de dos horas.",
    ),
)
_FOLLOWED: Final = ("laikipia-grazing", None)


def tell(session: Session, *, people: Mapping[str, Actor], start: datetime, email: str) -> None:
    """Raise the concerns, answer most of them by two people, and let a donor follow."""
    for slug, days, language, words, finding, answer in _RAISED:
        at = start - timedelta(days=days)
        raised = concerns.raise_concern(session, at=at, slug=slug, text=words, language=language)
        row_id = session.scalars(
            select(Concern.id).where(Concern.reference == raised.reference)
        ).one()
        if finding is None:
            continue
        concerns.propose(
            session,
            actor=people["clerk"],
            at=at + timedelta(days=3),
            concern_id=row_id,
            finding=finding,
            answer=answer,
        )
        concerns.close(
            session, actor=people["treasurer"], at=at + timedelta(days=5), concern_id=row_id
        )
    for followed in _FOLLOWED:
        at = start - timedelta(days=30)
        followers.ask(session, at=at, email=email, language="en", slug=followed)
        held = session.scalars(select(Follower.secret).where(Follower.confirmed_at.is_(None))).one()
        followers.confirm(session, at=start - timedelta(days=1), secret=held)
