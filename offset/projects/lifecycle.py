"""Which steps may a project and its assessment take? One table: event, state, who, guard, effect.

Verbs call :func:`take`; nothing else sets a state. The tests read the table. A guard and an effect
are named as ``module.function`` of this room and found when the step is taken, since the modules
that hold them call this one.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, StateRefused
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.projects.models import (
    Assessment,
    AssessmentStatus,
    Project,
    ProjectEvent,
    ProjectStatus,
)


@dataclass(frozen=True)
class Step:
    """One row of the table: event, from where to where, by which right, with a reason or not.

    ``guard`` names what must be true besides, ``effect`` what follows; both may be nothing.
    """

    name: str
    origins: frozenset[enum.StrEnum]
    target: enum.StrEnum
    right: Right
    reasoned: bool = False
    guard: str = ""
    effect: str = ""


def _step(
    name: str,
    origins: Iterable[enum.StrEnum],
    target: enum.StrEnum,
    right: Right,
    *,
    reasoned: bool = False,
    guard: str = "",
    effect: str = "",
) -> Step:
    return Step(name, frozenset(origins), target, right, reasoned, guard, effect)


_P = ProjectStatus
_A = AssessmentStatus

PROJECT_STEPS: Final = (
    _step("submit", [_P.DRAFT], _P.IN_ASSESSMENT, Right.APPLY),
    _step("send_back", [_P.IN_ASSESSMENT], _P.DRAFT, Right.CHECK_ELIGIBILITY, reasoned=True),
    # its own people take what they handed in back, to change it
    _step("take_back", [_P.IN_ASSESSMENT], _P.DRAFT, Right.APPLY),
    # the committee said "revise" or "not aligned": private again until a new version
    _step(
        "turn_down",
        [_P.IN_ASSESSMENT],
        _P.DRAFT,
        Right.DECIDE,
        guard="decisions.guard_negative",
    ),
    # the same, for a project that money already reached
    _step(
        "stop",
        [_P.OPEN, _P.FUNDED],
        _P.ON_HOLD,
        Right.DECIDE,
        guard="decisions.guard_negative",
    ),
    _step(
        "admit",
        [_P.IN_ASSESSMENT, _P.OPEN, _P.FUNDED, _P.ON_HOLD],
        _P.OPEN,
        Right.ADMIT,
        guard="admissions.guard_admit",
        effect="admissions.open_account",
    ),
    _step("fill", [_P.OPEN], _P.FUNDED, Right.RUN_JOBS),
    _step("reopen", [_P.FUNDED], _P.OPEN, Right.RUN_JOBS),
    _step("hold", [_P.OPEN, _P.FUNDED], _P.ON_HOLD, Right.ADMIT, reasoned=True),
    _step("resume", [_P.ON_HOLD], _P.OPEN, Right.ADMIT),
    _step("complete", [_P.OPEN, _P.FUNDED], _P.COMPLETED, Right.ADMIT),
    _step(
        "withdraw",
        [_P.DRAFT, _P.IN_ASSESSMENT, _P.OPEN, _P.FUNDED, _P.ON_HOLD],
        _P.WITHDRAWN,
        Right.APPLY,
        reasoned=True,
    ),
    _step(
        "remove",
        [_P.IN_ASSESSMENT, _P.OPEN, _P.FUNDED, _P.ON_HOLD],
        _P.WITHDRAWN,
        Right.ADMIT,
        reasoned=True,
    ),
)
ASSESSMENT_STEPS: Final = (
    _step(
        "submit",
        [_A.DRAFT],
        _A.SUBMITTED,
        Right.APPLY,
        guard="calls.guard_submit",
        effect="calls.enter",
    ),
    _step(
        "receive",
        [_A.SUBMITTED],
        _A.ELIGIBILITY,
        Right.CHECK_ELIGIBILITY,
        guard="calls.guard_receive",
    ),
    _step("send_back", [_A.ELIGIBILITY], _A.DRAFT, Right.CHECK_ELIGIBILITY, reasoned=True),
    # no later: once reviewers read it, their work is not taken from under them
    _step("take_back", [_A.SUBMITTED, _A.ELIGIBILITY], _A.DRAFT, Right.APPLY),
    _step(
        "open_review",
        [_A.ELIGIBILITY],
        _A.IN_REVIEW,
        Right.ASSIGN_REVIEWERS,
        guard="eligibility.guard_open",
        effect="notices.review_opens",
    ),
    # the house itself notices that the last review is in
    _step(
        "meet",
        [_A.IN_REVIEW],
        _A.CONSENSUS,
        Right.RUN_JOBS,
        guard="seats.guard_meet",
        effect="notices.consensus_opens",
    ),
    # a reviewer left and too few counted reviews remain
    _step(
        "step_back",
        [_A.CONSENSUS],
        _A.IN_REVIEW,
        Right.RUN_JOBS,
        guard="seats.guard_step_back",
    ),
    _step(
        "decide",
        [_A.CONSENSUS],
        _A.DECIDED,
        Right.DECIDE,
        guard="decisions.guard_decide",
        effect="notices.decided",
    ),
    _step(
        "expire",
        [_A.DECIDED],
        _A.EXPIRED,
        Right.RUN_JOBS,
        guard="decisions.guard_expire",
        effect="notices.expired",
    ),
)
STEPS: Final[Mapping[str, tuple[Step, ...]]] = {
    "project": PROJECT_STEPS,
    "assessment": ASSESSMENT_STEPS,
}


def next_state(machine: str, state: enum.StrEnum, name: str, actor: Actor) -> Step:
    """Return the step an actor may take from a state.

    Raises
    ------
    Forbidden
        Without the step's right.
    StateRefused
        ``no_such_step`` from this state.
    """
    for step in STEPS[machine]:
        if step.name == name:
            require(actor, step.right)
            if state in step.origins:
                return step
    raise StateRefused("no_such_step", machine=machine, state=state.value, step=name)


def take(
    session: Session,
    subject: Project | Assessment,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Move a project or an assessment one step and write who, when and why.

    Raises
    ------
    Forbidden
        Without the step's right.
    InvalidInput
        ``reason_missing`` for a step that needs one.
    Refused
        What the step's guard refuses.
    StateRefused
        ``no_such_step`` from the present state.
    """
    machine = "project" if isinstance(subject, Project) else "assessment"
    origin = subject.status
    step = next_state(machine, origin, name, actor)
    if step.reasoned and not (reason or "").strip():
        raise InvalidInput("reason_missing", field="reason")
    _called(step.guard)(session, subject, actor, at)
    if isinstance(subject, Project):
        subject.status = ProjectStatus(step.target)
    else:
        subject.status = AssessmentStatus(step.target)
        subject.changed_at = at
    note(session, subject, name, origin=origin.value, actor=actor, at=at, reason=reason)
    _called(step.effect)(session, subject, actor, at)


def note(
    session: Session,
    subject: Project | Assessment,
    step: str,
    *,
    actor: Actor,
    at: datetime,
    origin: str | None = None,
    reason: str | None = None,
) -> None:
    """Write one line of a project's history and of the audit trail."""
    is_project = isinstance(subject, Project)
    machine = "project" if is_project else "assessment"
    session.add(
        ProjectEvent(
            id=uuid7(at),
            project_id=subject.id if isinstance(subject, Project) else subject.project_id,
            assessment_id=None if is_project else subject.id,
            machine=machine,
            step=step,
            origin=origin,
            target=subject.status.value,
            at=at,
            actor_id=actor.user_id,
            reason=reason,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"{machine}.{step}",
        object_type=machine,
        object_id=subject.id,
        details={"from": origin, "to": subject.status.value},
    )


def _called(name: str) -> Callable[[Session, Any, Actor, datetime], None]:
    """Find a guard or an effect by the name that the table gives it."""
    if not name:
        return _nothing
    module, _, function = name.partition(".")
    found: Callable[[Session, Any, Actor, datetime], None] = getattr(
        import_module(f"offset.projects.{module}"), function
    )
    return found


def _nothing(_session: Session, _subject: Any, _actor: Actor, _at: datetime) -> None:
    """Ask and do nothing."""
