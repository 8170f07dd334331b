"""Do projects and assessments take only the steps of their tables, each by its own right?"""

import enum
import itertools
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from offset.errors import Forbidden, InvalidInput, StateRefused
from offset.people.access import RIGHTS, SYSTEM, Actor, Role
from offset.people.models import AuditEvent
from offset.projects import lifecycle
from offset.projects.lifecycle import STEPS, Step
from offset.projects.models import AssessmentStatus, Project, ProjectEvent, ProjectStatus
from tests.builders.projects import Staged

STATES: dict[str, tuple[enum.StrEnum, ...]] = {
    "project": tuple(ProjectStatus),
    "assessment": tuple(AssessmentStatus),
}
EVERY = [
    (machine, state, step)
    for machine, states in STATES.items()
    for state, step in itertools.product(states, STEPS[machine])
]


@pytest.mark.parametrize("role", Role)
def test_every_step_of_the_tables_with_every_role(role: Role) -> None:
    actor = Actor(None, frozenset({role}))
    for machine, state, step in EVERY:
        if role not in RIGHTS[step.right]:
            with pytest.raises(Forbidden):
                lifecycle.next_state(machine, state, step.name, actor)
        elif state not in step.origins:
            with pytest.raises(StateRefused, match="no_such_step"):
                lifecycle.next_state(machine, state, step.name, actor)
        else:
            assert lifecycle.next_state(machine, state, step.name, actor) is step


def test_each_step_has_one_row() -> None:
    for steps in STEPS.values():
        assert len({step.name for step in steps}) == len(steps)


def test_nobody_of_the_committee_admits_and_nobody_of_the_desk_decides() -> None:
    by_name = {step.name: step for steps in STEPS.values() for step in steps}
    committee = {Role.STC_MEMBER, Role.RAPPORTEUR}
    assert not RIGHTS[by_name["admit"].right] & committee
    assert RIGHTS[by_name["decide"].right] == {Role.RAPPORTEUR}


def test_a_step_that_is_in_no_table_is_refused() -> None:
    with pytest.raises(StateRefused):
        lifecycle.next_state("project", ProjectStatus.DRAFT, "publish", SYSTEM)


@pytest.mark.parametrize("machine", STATES)
def test_final_states_are_final_and_every_other_is_left(machine: str) -> None:
    origins = {state for step in STEPS[machine] for state in step.origins}
    final = {
        "project": {ProjectStatus.COMPLETED, ProjectStatus.WITHDRAWN},
        "assessment": {AssessmentStatus.EXPIRED},
    }[machine]
    assert set(STATES[machine]) - origins == final


@given(st.lists(st.sampled_from(STEPS["project"]), max_size=40))
def test_a_walk_never_leaves_the_table(walk: list[Step]) -> None:
    state: enum.StrEnum = ProjectStatus.DRAFT
    everybody = Actor(None, frozenset(Role))
    seen_open = False
    for step in walk:
        try:
            taken = lifecycle.next_state("project", state, step.name, everybody)
        except StateRefused:
            continue
        # money is never open without an admission on the way
        seen_open = seen_open or step.name == "admit"
        state = taken.target
        assert state in ProjectStatus
        assert seen_open or state not in {ProjectStatus.OPEN, ProjectStatus.FUNDED}


def test_a_step_leaves_its_event_and_its_audit_line(staged: Staged) -> None:
    embedded, way = staged("in_review")
    with embedded.reading() as session:
        events = session.scalars(
            select(ProjectEvent)
            .where(ProjectEvent.project_id == way.project_id)
            .order_by(ProjectEvent.id)
        ).all()
        audited = session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_type == "assessment")
        ).all()
        session.expunge_all()
    moved = [
        (e.machine, e.step, e.origin, e.target) for e in events if e.origin not in {None, e.target}
    ]
    # all at one instant here, so their order is not told
    assert sorted(moved) == [
        ("assessment", "open_review", "eligibility", "in_review"),
        ("assessment", "receive", "submitted", "eligibility"),
        ("assessment", "submit", "draft", "submitted"),
        ("project", "submit", "draft", "in_assessment"),
    ]
    assert {"assessment.submit", "assessment.receive", "assessment.open_review"} <= set(audited)


def test_a_step_that_needs_a_reason_asks_for_it(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    with embedded.reading() as session:
        project = session.get_one(Project, way.project_id)
        with pytest.raises(InvalidInput, match="reason_missing"):
            lifecycle.take(session, project, "hold", actor=way.cast.treasurer, at=at, reason=" ")
        assert project.status is ProjectStatus.OPEN
        session.expunge_all()
