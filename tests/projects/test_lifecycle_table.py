"""Is the one table of steps held in full: every state, every event, every role, every guard?

Each row is walked through :func:`lifecycle.take` itself, with the guards and effects that it
names, so that a name that leads nowhere is found as well.
"""

import enum
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import OffsetError
from offset.people.access import RIGHTS, SYSTEM, Actor, Role
from offset.projects import lifecycle
from offset.projects.lifecycle import STEPS
from offset.projects.models import (
    Assessment,
    AssessmentStatus,
    Project,
    ProjectEvent,
    ProjectStatus,
)
from tests.builders.projects import Staged, Way

STATES: dict[str, tuple[enum.StrEnum, ...]] = {
    "project": tuple(ProjectStatus),
    "assessment": tuple(AssessmentStatus),
}
# what each guarded step needs besides its state; the stage lacks it, so the guard refuses
REFUSED = {
    "submit": {"calls_closed"},
    "receive": {"call_not_open"},
    "open_review": {"seats_missing", "not_eligible"},
    "meet": {"reviews_missing"},
    "step_back": {"reviews_complete"},
    "decide": {"decision_missing"},
    "expire": {"decision_holds"},
    "turn_down": {"decision_missing"},
    "stop": {"decision_missing"},
    "admit": {"no_positive_decision", "same_person", "decision_expired", "not_admitted"},
}


class UndoneError(Exception):
    """Ends a try, so that nothing of it stays."""


def subject_of(session: Session, machine: str, way: Way) -> Project | Assessment:
    if machine == "project":
        return session.get_one(Project, way.project_id)
    return session.get_one(Assessment, way.assessment_id)


def taken(
    session: Session,
    subject: Project | Assessment,
    state: enum.StrEnum,
    step: lifecycle.Step,
    said: dict[str, Any],
) -> str:
    """Try one event in one state, undo it, and return the code of the refusal or nothing."""
    savepoint = session.begin_nested()
    try:
        subject.status = state  # type: ignore[assignment]  # each machine has its own states
        session.flush()
        before = events_in(session)
        lifecycle.take(session, subject, step.name, reason="Because.", **said)
        assert subject.status == step.target
        assert events_in(session) == before + 1
    except OffsetError as refusal:
        return refusal.code
    else:
        return ""
    finally:
        savepoint.rollback()


def expected(role: Role, state: enum.StrEnum, step: lifecycle.Step) -> set[str]:
    """What the table says of an event in a state by a role."""
    if role not in RIGHTS[step.right]:
        return {"right_missing"}
    if state not in step.origins:
        return {"no_such_step"}
    return REFUSED.get(step.name, set()) | {""}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("machine", STEPS)
def test_every_event_in_every_state_by_every_role(
    staged: Staged, at: datetime, machine: str, role: Role
) -> None:
    embedded, way = staged("in_review")
    actor = SYSTEM if role is Role.SYSTEM else Actor(way.cast.clerk.user_id, frozenset({role}))

    def walk(session: Session) -> None:
        session.get_one(Project, way.project_id).code = "P0009"
        subject = subject_of(session, machine, way)
        for state in STATES[machine]:
            for step in STEPS[machine]:
                found = taken(session, subject, state, step, {"actor": actor, "at": at})
                assert found in expected(role, state, step), (state, step.name)
        raise UndoneError

    with pytest.raises(UndoneError):
        embedded.run(walk)


def test_every_guard_and_effect_of_the_table_is_there() -> None:
    named = [
        name
        for steps in STEPS.values()
        for step in steps
        for name in (step.guard, step.effect)
        if name
    ]
    assert len(named) > 10
    for name in named:
        assert callable(lifecycle._called(name)), name  # noqa: SLF001 - the table's own reader
    assert {step.name for steps in STEPS.values() for step in steps if step.guard} <= set(REFUSED)


def test_a_step_that_the_guard_refuses_leaves_no_trace(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")

    def meet(session: Session) -> None:
        lifecycle.take(
            session, session.get_one(Assessment, way.assessment_id), "meet", actor=SYSTEM, at=at
        )

    before = events(embedded)
    with pytest.raises(OffsetError, match="reviews_missing"):
        embedded.run(meet)
    assert events(embedded) == before
    with embedded.reading() as session:
        assert session.get_one(Assessment, way.assessment_id).status.value == "in_review"


def events(database: Database) -> int:
    with database.reading() as session:
        return events_in(session)


def events_in(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ProjectEvent)) or 0


def test_the_page_about_projects_tells_the_same_table() -> None:
    told = (Path(__file__).parents[2] / "docs" / "projects.md").read_text("utf-8").splitlines()
    rows = [
        "| "
        + " | ".join(
            (
                f"`{step.name}`",
                ", ".join(f"`{state.value}`" for state in sorted(step.origins, key=str)),
                f"`{step.target.value}`",
                f"`{step.right.value}`",
                "yes" if step.reasoned else "",
                f"`{step.guard}`" if step.guard else "",
            )
        )
        + " |"
        for steps in STEPS.values()
        for step in steps
    ]
    heads = [n for n, line in enumerate(told) if line.startswith("| step |")]
    tables = [
        told[n + 2 : n + 2 + len(steps)] for n, steps in zip(heads, STEPS.values(), strict=True)
    ]
    assert [line for table in tables for line in table] == rows
