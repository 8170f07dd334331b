"""What is this installation for, and does it accept contributions?

The database carries its mode for ever. A demonstration accepts from its first day; everything
else is opened by two people, once nothing required is missing, and closed by either of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, Refused
from offset.people import audit, deputies, settings, users
from offset.people.access import SYSTEM, Actor, Right, require
from offset.people.installation_models import Installation, Mode, OpeningAsk
from offset.people.models import User

__all__ = [
    "Mode",
    "Standing",
    "accepting",
    "ask",
    "close",
    "confirm",
    "mode",
    "prepare",
    "standing",
]

ACCEPTING: Final = "accepting"
_OPEN: Final = {"open": True}
_CLOSED: Final = {"open": False}


@dataclass(frozen=True)
class Standing:
    """Whether contributions are accepted, since when by whom, and who waits for a second person."""

    open: bool
    version: int
    since: datetime | None
    by: str
    asked_by: tuple[str, ...]


def prepare(session: Session, wanted: Mode, *, at: datetime) -> Mode:
    """Write down what this database is for; saying the same again changes nothing.

    Raises
    ------
    Refused
        ``installation_mode``: it was made for something else.
        ``installation_used``: it holds people already, so it is a demonstration or none of ours.
    """
    found = mode(session)
    if found is not None:
        if found is not wanted:
            raise Refused("installation_mode", found=found.value, wanted=wanted.value)
        return found
    if wanted is not Mode.DEMO and session.scalar(select(func.count()).select_from(User)):
        raise Refused("installation_used")
    session.add(Installation(id=1, mode=wanted, made_at=at))
    session.flush()
    if wanted is Mode.DEMO:
        settings.write(session, ACCEPTING, _OPEN, actor=SYSTEM, at=at, reason="a demonstration")
    return wanted


def mode(session: Session) -> Mode | None:
    """Read what this database is for; nothing where nobody has said so yet."""
    return session.scalar(select(Installation.mode))


def standing(session: Session) -> Standing:
    """Read whether contributions are accepted and who asked for it."""
    versions = settings.history(session, ACCEPTING)
    last = versions[-1] if versions else None
    version = last.version if last else 0
    asked = session.scalars(
        select(OpeningAsk.asked_by).where(OpeningAsk.version == version + 1).order_by(OpeningAsk.id)
    ).all()
    people = [*asked, *([last.set_by] if last and last.set_by else [])]
    names = users.names(session, people)
    return Standing(
        open=last is not None and last.value["open"] is True,
        version=version,
        since=last.set_at if last else None,
        by=names.get(last.set_by, "") if last and last.set_by else "",
        asked_by=tuple(names.get(one, "") for one in dict.fromkeys(asked)),
    )


def accepting(session: Session) -> bool:
    """Say whether contributions are accepted."""
    return settings.current(session, ACCEPTING).value["open"] is True


def ask(session: Session, *, actor: Actor, at: datetime, reason: str, red: Collection[str]) -> None:
    """Ask that contributions be accepted; a second person has to agree.

    Raises
    ------
    Forbidden
        Without the right to open the site.
    Refused
        ``not_ready`` while a required line of the ready list is red; ``already_open``.
    InvalidInput
        ``reason_missing``.
    """
    version = _may_open(session, actor, red)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    row = OpeningAsk(
        id=uuid7(at),
        version=version,
        asked_by=actor.user_id,
        asked_at=at,
        reason=reason.strip(),
    )
    session.add(row)
    session.flush()
    deputies.note_act(session, actor=actor, at=at, right=Right.OPEN_SITE, object_id=row.id)
    _note(session, "opening.asked", version, actor=actor, at=at)


def confirm(session: Session, *, actor: Actor, at: datetime, red: Collection[str]) -> None:
    """Agree as the second person: from now on contributions are accepted.

    Raises
    ------
    Forbidden
        Without the right to open the site.
    Refused
        ``not_ready``, ``already_open``, ``opening_not_asked``; ``two_people_needed`` where only
        the same person asked.
    """
    version = _may_open(session, actor, red)
    asked = session.scalars(select(OpeningAsk).where(OpeningAsk.version == version)).all()
    if not asked:
        raise Refused("opening_not_asked")
    right = Right.OPEN_SITE
    if all(
        deputies.both_sides(session, actor=actor, right=right, first=one.asked_by, object_id=one.id)
        for one in asked
    ):
        raise Refused("two_people_needed")
    settings.write(
        session, ACCEPTING, _OPEN, actor=actor, at=at, reason="agreed by a second person"
    )


def close(session: Session, *, actor: Actor, at: datetime, reason: str) -> None:
    """Stop accepting contributions at once; one person is enough.

    Raises
    ------
    Forbidden
        Without the right to open the site.
    Refused
        ``already_closed``.
    InvalidInput
        ``reason_missing``.
    """
    require(actor, Right.OPEN_SITE)
    if not accepting(session):
        raise Refused("already_closed")
    settings.write(session, ACCEPTING, _CLOSED, actor=actor, at=at, reason=reason)


def _may_open(session: Session, actor: Actor, red: Collection[str]) -> int:
    require(actor, Right.OPEN_SITE)
    now = settings.current(session, ACCEPTING)
    if now.value["open"] is True:
        raise Refused("already_open")
    if red:
        raise Refused("not_ready", lines=", ".join(sorted(red)))
    return now.version + 1


def _note(session: Session, action: str, version: int, *, actor: Actor, at: datetime) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="setting",
        object_id=ACCEPTING,
        details={"version": version},
    )
