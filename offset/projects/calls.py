"""To which call does an application belong, and what happens to one that comes late?

While no call was ever opened, applications are taken at any time. Otherwise one that is handed in
belongs to the call that is open; between calls it goes to the next; after the last it is refused.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.projects.committee_models import AssessmentCall, CallEntry
from offset.projects.models import Assessment

_LONGEST: Final = 120


@dataclass(frozen=True)
class Call:
    """A call as pages show it: its two instants, and how many applications it holds."""

    id: uuid.UUID
    name: str
    opens_at: datetime
    closes_at: datetime
    entries: int = 0

    def stands(self, at: datetime) -> str:
        """Say ``planned``, ``open`` or ``closed``."""
        if at < self.opens_at:
            return "planned"
        return "open" if at < self.closes_at else "closed"


def announce(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
) -> uuid.UUID:
    """Write a call down with the instants at which it opens and closes.

    Raises
    ------
    Conflict
        ``call_known`` by that name.
    Forbidden
        Without the right to give seats.
    InvalidInput
        ``name_missing``, ``too_long`` or ``closes_before_opening``.
    Refused
        ``calls_overlap`` with another call.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    tidy = _named(name)
    _ordered(opens_at, closes_at)
    if session.scalar(select(AssessmentCall.id).where(AssessmentCall.name == tidy)):
        raise Conflict("call_known", field="name", name=tidy)
    _refuse_overlap(session, opens_at, closes_at)
    call = AssessmentCall(
        id=uuid7(at),
        name=tidy,
        opens_at=opens_at,
        closes_at=closes_at,
        created_at=at,
        created_by=actor.user_id,
    )
    session.add(call)
    session.flush()
    _audited(session, "call.announced", call, actor=actor, at=at)
    return call.id


def extend(
    session: Session, *, actor: Actor, at: datetime, call_id: uuid.UUID, closes_at: datetime
) -> None:
    """Let a call close later; it never closes earlier than was announced.

    Raises
    ------
    Forbidden, NotFound
    Refused
        ``call_shortened`` or ``calls_overlap``.
    """
    require(actor, Right.ASSIGN_REVIEWERS)
    call = session.get(AssessmentCall, call_id)
    if call is None:
        raise NotFound("call_unknown")
    if closes_at < call.closes_at:
        raise Refused("call_shortened", field="closes_at")
    _refuse_overlap(session, call.opens_at, closes_at, but=call.id)
    call.closes_at = closes_at
    session.flush()
    _audited(session, "call.extended", call, actor=actor, at=at)


def listed(session: Session) -> tuple[Call, ...]:
    """List the calls, the latest first, with the applications in each."""
    rows = session.execute(
        select(AssessmentCall, func.count(CallEntry.application_id))
        .outerjoin(CallEntry, CallEntry.call_id == AssessmentCall.id)
        .group_by(AssessmentCall.id)
        .order_by(AssessmentCall.opens_at.desc())
    )
    return tuple(Call(c.id, c.name, c.opens_at, c.closes_at, count) for c, count in rows)


def for_submission(session: Session, at: datetime) -> Call | None:
    """Return the call that an application handed in now would belong to; None without any call.

    Raises
    ------
    Refused
        ``calls_closed``: every call is over and none is planned.
    """
    found = session.scalars(
        select(AssessmentCall)
        .where(AssessmentCall.closes_at > at)
        .order_by(AssessmentCall.opens_at)
        .limit(1)
    ).first()
    if found is not None:
        return Call(found.id, found.name, found.opens_at, found.closes_at)
    if session.scalar(select(func.count()).select_from(AssessmentCall)):
        raise Refused("calls_closed")
    return None


def of_application(session: Session, application_id: uuid.UUID) -> Call | None:
    """Return the call that a version was handed in to."""
    found = session.scalars(
        select(AssessmentCall)
        .join(CallEntry, CallEntry.call_id == AssessmentCall.id)
        .where(CallEntry.application_id == application_id)
    ).first()
    return Call(found.id, found.name, found.opens_at, found.closes_at) if found else None


# the guards and the effect of two steps; lifecycle names them


def guard_submit(session: Session, _assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Refuse an application that comes after the last call.

    Raises
    ------
    Refused
        ``calls_closed``.
    """
    for_submission(session, at)


def enter(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Write down to which call an application belongs."""
    call = for_submission(session, at)
    if call is not None:
        session.add(
            CallEntry(
                application_id=assessment.application_id,
                call_id=call.id,
                assessment_id=assessment.id,
                entered_at=at,
            )
        )
        session.flush()


def guard_receive(session: Session, assessment: Assessment, _actor: Actor, at: datetime) -> None:
    """Refuse to take in what belongs to a call that is not open yet.

    Raises
    ------
    Refused
        ``call_not_open``.
    """
    call = of_application(session, assessment.application_id)
    if call is not None and at < call.opens_at:
        raise Refused("call_not_open", name=call.name, opens_at=call.opens_at)


def _named(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise InvalidInput("name_missing", field="name")
    if len(tidy) > _LONGEST:
        raise InvalidInput("too_long", field="name", longest=_LONGEST)
    return tidy


def _ordered(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= opens_at:
        raise InvalidInput("closes_before_opening", field="closes_on")


def _refuse_overlap(
    session: Session, opens_at: datetime, closes_at: datetime, *, but: uuid.UUID | None = None
) -> None:
    others = select(AssessmentCall.id).where(
        AssessmentCall.opens_at < closes_at, AssessmentCall.closes_at > opens_at
    )
    if any(found != but for found in session.scalars(others)):
        raise Refused("calls_overlap", field="opens_on")


def _audited(
    session: Session, action: str, call: AssessmentCall, *, actor: Actor, at: datetime
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="call",
        object_id=call.id,
        details={"name": call.name, "closes_at": call.closes_at.isoformat()},
    )
