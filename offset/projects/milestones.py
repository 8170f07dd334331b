"""What does a project plan to reach by when, and what became of it? Public from the first word."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.people.access import Actor, Right
from offset.projects import lifecycle, public_words
from offset.projects.life_models import Milestone, MilestoneStep, MilestoneStepKind
from offset.projects.models import Project
from offset.projects.organisations import own_project

_LONGEST_TITLE: Final = 200
_LONGEST_NOTE: Final = 500
_MOST: Final = 40
_FARTHEST: Final = timedelta(days=40 * 366)
_OPEN: Final = frozenset({None, MilestoneStepKind.MOVED, MilestoneStepKind.REOPENED})


@dataclass(frozen=True)
class MilestoneView:
    """A milestone: when it was first planned, for when now, when it was done, what shows it.

    ``state`` is ``planned``, ``late``, ``done`` or ``dropped``; ``note`` belongs to the last step:
    the evidence of a milestone that is done, the reason of one that moved or was given up.
    """

    id: uuid.UUID
    title: str
    language: str
    first_planned_on: date
    planned_on: date
    done_on: date | None
    state: str
    note: str | None

    @property
    def moved(self) -> bool:
        """Whether the date was changed since it was first written down."""
        return self.planned_on != self.first_planned_on


def plan(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    title: str,
    language: str,
    planned_on: date,
) -> uuid.UUID:
    """Write down what is to be reached by a day; it is public at once.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``title_missing``, ``too_long``, ``language_unknown`` or ``day_unusable``.
    Refused
        ``phrases_found`` or ``too_many_milestones``.
    """
    project = own_project(session, actor, project_id, Right.POST_UPDATE)
    words = public_words.checked(
        title, language, field="title", longest=_LONGEST_TITLE, missing="title_missing"
    )
    _check_day(planned_on, at)
    held = session.scalars(select(Milestone.id).where(Milestone.project_id == project.id)).all()
    if len(held) >= _MOST:
        raise Refused("too_many_milestones", highest=_MOST)
    row = Milestone(
        id=uuid7(at),
        project_id=project.id,
        title=words,
        language=language,
        planned_on=planned_on,
        written_at=at,
        written_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "plan_milestone", actor=actor, at=at)
    return row.id


def move(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    milestone_id: uuid.UUID,
    planned_on: date,
    reason: str,
) -> None:
    """Give a milestone another date, with the reason; the first date stays to be read.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing``, ``too_long`` or ``day_unusable``.
    Refused
        ``phrases_found``.
    StateRefused
        ``milestone_over`` once it is done or given up.
    """
    _check_day(planned_on, at)
    _step(
        session,
        milestone_id,
        MilestoneStepKind.MOVED,
        planned_on,
        reason,
        actor=actor,
        at=at,
        missing="reason_missing",
    )


def done(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    milestone_id: uuid.UUID,
    done_on: date,
    evidence: str,
) -> None:
    """Mark a milestone as reached on a day, with what shows it.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``proof_missing``, ``too_long`` or ``day_in_future``.
    Refused
        ``phrases_found``.
    StateRefused
        ``milestone_over``.
    """
    if done_on > utc_day(at):
        raise InvalidInput("day_in_future", field="done_on")
    _step(
        session,
        milestone_id,
        MilestoneStepKind.DONE,
        done_on,
        evidence,
        actor=actor,
        at=at,
        missing="proof_missing",
    )


def drop(
    session: Session, *, actor: Actor, at: datetime, milestone_id: uuid.UUID, reason: str
) -> None:
    """Give a milestone up, with the reason; it stays to be read.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing`` or ``too_long``.
    Refused
        ``phrases_found``.
    StateRefused
        ``milestone_over``.
    """
    _step(
        session,
        milestone_id,
        MilestoneStepKind.DROPPED,
        utc_day(at),
        reason,
        actor=actor,
        at=at,
        missing="reason_missing",
    )


def reopen(
    session: Session, *, actor: Actor, at: datetime, milestone_id: uuid.UUID, reason: str
) -> None:
    """Take back that a milestone was done or given up, with the reason.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``reason_missing`` or ``too_long``.
    Refused
        ``phrases_found``.
    StateRefused
        ``milestone_open``.
    """
    _step(
        session,
        milestone_id,
        MilestoneStepKind.REOPENED,
        utc_day(at),
        reason,
        actor=actor,
        at=at,
        missing="reason_missing",
    )


def listed(session: Session, project_id: uuid.UUID, *, on: date) -> tuple[MilestoneView, ...]:
    """Return the milestones of a project by the date they are planned for, in one statement."""
    rows = session.execute(
        select(Milestone, MilestoneStep)
        .outerjoin(MilestoneStep, MilestoneStep.milestone_id == Milestone.id)
        .where(Milestone.project_id == project_id)
        .order_by(Milestone.planned_on, Milestone.id, MilestoneStep.recorded_at, MilestoneStep.id)
    ).all()
    told: dict[uuid.UUID, tuple[Milestone, list[MilestoneStep]]] = {}
    for row, step in rows:
        steps = told.setdefault(row.id, (row, []))[1]
        if step is not None:
            steps.append(step)
    views = [_view(row, steps, on) for row, steps in told.values()]
    return tuple(sorted(views, key=lambda one: (one.planned_on, one.title)))


def _view(row: Milestone, steps: list[MilestoneStep], on: date) -> MilestoneView:
    last = steps[-1] if steps else None
    moves = [step.on_day for step in steps if step.kind is MilestoneStepKind.MOVED]
    planned = moves[-1] if moves else row.planned_on
    kind = last.kind if last else None
    if kind is MilestoneStepKind.DONE or kind is MilestoneStepKind.DROPPED:
        state = kind.value
    else:
        state = "late" if on > planned else "planned"
    return MilestoneView(
        id=row.id,
        title=row.title,
        language=row.language,
        first_planned_on=row.planned_on,
        planned_on=planned,
        done_on=last.on_day if last and kind is MilestoneStepKind.DONE else None,
        state=state,
        note=last.note if last else None,
    )


def _step(
    session: Session,
    milestone_id: uuid.UUID,
    kind: MilestoneStepKind,
    on_day: date,
    note: str,
    *,
    actor: Actor,
    at: datetime,
    missing: str,
) -> None:
    row, project = _own(session, actor, milestone_id)
    field = "evidence" if kind is MilestoneStepKind.DONE else "reason"
    words = public_words.checked(
        note, row.language, field=field, longest=_LONGEST_NOTE, missing=missing
    )
    _check_state(session, row.id, kind)
    session.add(
        MilestoneStep(
            id=uuid7(at),
            milestone_id=row.id,
            kind=kind,
            on_day=on_day,
            note=words,
            recorded_at=at,
            recorded_by=actor.user_id,
        )
    )
    session.flush()
    lifecycle.note(session, project, f"milestone_{kind.value}", actor=actor, at=at, reason=words)


def _own(session: Session, actor: Actor, milestone_id: uuid.UUID) -> tuple[Milestone, Project]:
    row = session.get(Milestone, milestone_id)
    if row is None:
        raise NotFound("milestone_unknown")
    return row, own_project(session, actor, row.project_id, Right.POST_UPDATE)


def _check_state(session: Session, milestone_id: uuid.UUID, kind: MilestoneStepKind) -> None:
    last = session.scalars(
        select(MilestoneStep.kind)
        .where(MilestoneStep.milestone_id == milestone_id)
        .order_by(MilestoneStep.recorded_at.desc(), MilestoneStep.id.desc())
        .limit(1)
    ).first()
    is_open = last in _OPEN
    if kind is MilestoneStepKind.REOPENED and is_open:
        raise StateRefused("milestone_open")
    if kind is not MilestoneStepKind.REOPENED and not is_open:
        raise StateRefused("milestone_over")


def _check_day(day: date, at: datetime) -> None:
    """Refuse a day that lies a working life away: a slip of the finger."""
    if abs(day - utc_day(at)) > _FARTHEST:
        raise InvalidInput("day_unusable", field="planned_on")
