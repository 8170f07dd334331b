"""Is a report asked for in time, is money held when it stays away, and given when it came?"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.people.models import OutboxMessage
from offset.projects import (
    activity,
    assessments,
    deadlines,
    figures,
    moderation,
    reminders,
    updates,
)
from offset.projects.activity import Done
from offset.projects.deadlines import CADENCES, Due
from offset.projects.life_models import DueKind
from offset.projects.models import Project, ProjectEvent
from tests.builders import projects as build
from tests.builders.projects import Staged, Way

QUARTER = timedelta(days=91)


def awaited(database: Database, way: Way, on: date) -> dict[str, Due]:
    """The first open date of each kind."""
    with database.reading() as session:
        found = deadlines.awaited(session, way.project_id, on=on)
    told: dict[str, Due] = {}
    for one in found:
        told.setdefault(one.kind.value, one)
    return told


def published(session: Session, way: Way, at: datetime) -> Any:
    update_id = updates.write(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        title=f"News of {at.date()}",
        body="It rained.",
        language="en",
    )
    updates.submit(session, actor=way.cast.steward, at=at, update_id=update_id)
    moderation.publish(session, actor=way.cast.clerk, at=at, update_id=update_id)
    return update_id


def year_accepted(session: Session, way: Way, at: datetime) -> None:
    report_id = activity.report(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        from_on=date(at.year, 1, 1),
        until_on=at.date(),
        done=Done(10, 4),
        evidence="Lists.",
    )
    figures.check(session, actor=way.cast.clerk, at=at, report_id=report_id, accept=True)


def open_gate(database: Database, way: Way, on: date) -> bool:
    return build.gate_of(database, way, on).open


def mails(database: Database) -> list[tuple[str | None, dict[str, Any]]]:
    with database.reading() as session:
        rows = session.execute(
            select(OutboxMessage.recipient, OutboxMessage.parameters)
            .where(OutboxMessage.template == "report_due")
            .order_by(OutboxMessage.created_at, OutboxMessage.key)
        )
        return [(recipient, told) for recipient, told in rows]


def steps(database: Database, way: Way) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(ProjectEvent.step)
                .where(ProjectEvent.project_id == way.project_id)
                .order_by(ProjectEvent.at, ProjectEvent.id)
            )
        )


def test_the_table_of_cadences_is_the_rule_of_the_notes() -> None:
    assert CADENCES[DueKind.NARRATIVE].days == 91
    assert CADENCES[DueKind.ACTIVITY].months == 12
    assert CADENCES[DueKind.MEASUREMENT].years == (0, 5, 10)
    assert [kind for kind, one in CADENCES.items() if not one.stops_money] == [DueKind.MEASUREMENT]
    assert reminders.MOMENTS == (-14, 0, 14, 30)


def test_an_admission_opens_the_dates(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    told = awaited(embedded, way, at.date())
    assert told["narrative"].due_on == at.date() + QUARTER
    assert told["activity"].due_on == date(2027, 11, 15)
    # The practice began in October 2021: the baseline is owed at once, year 10 is ahead.
    assert told["measurement"].due_on == at.date()
    with embedded.reading() as session:
        every = deadlines.awaited(session, way.project_id, on=at.date())
    assert [one.due_on for one in every if one.kind is DueKind.MEASUREMENT] == [
        at.date(),
        date(2031, 10, 1),
    ]
    embedded.run(lambda session: deadlines.begin(session, project_of(session, way), at=at))
    with embedded.reading() as session:
        assert len(deadlines.awaited(session, way.project_id, on=at.date())) == len(every)


def project_of(session: Session, way: Way) -> Project:
    return session.get_one(Project, way.project_id)


def test_money_stops_when_a_report_stays_away_and_goes_on_when_it_is_accepted(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    last = at.date() + QUARTER + timedelta(days=29)
    assert open_gate(embedded, way, last)
    assert build.gate_of(embedded, way, last + timedelta(days=1)).reasons == ("report_overdue",)
    late = at + QUARTER + timedelta(days=40)
    assert not open_gate(embedded, way, late.date())
    embedded.run(published, way, late)
    assert open_gate(embedded, way, late.date())
    assert steps(embedded, way)[-1] == "report_restored"
    assert awaited(embedded, way, late.date())["narrative"].due_on == late.date() + QUARTER


def test_the_figures_of_the_year_hold_money_back_too(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    for quarter in range(1, 5):
        embedded.run(published, way, at + quarter * QUARTER)
    after = at + timedelta(days=365 + 30)
    assert open_gate(embedded, way, after.date() - timedelta(days=1))
    assert not open_gate(embedded, way, after.date())
    embedded.run(year_accepted, way, after)
    assert open_gate(embedded, way, after.date())
    assert awaited(embedded, way, after.date())["activity"].due_on == date(2028, 11, 15)


def test_a_correction_is_no_report(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    first = embedded.run(published, way, at + QUARTER)
    late = at + 2 * QUARTER + timedelta(days=40)
    correction = embedded.run(
        updates.begin_correction,
        actor=way.cast.steward,
        at=late,
        update_id=first,
        reason="It was in May.",
    )
    embedded.run(updates.submit, actor=way.cast.steward, at=late, update_id=correction)
    embedded.run(moderation.publish, actor=way.cast.clerk, at=late, update_id=correction)
    assert not open_gate(embedded, way, late.date())


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-15, None), (-14, -14), (-1, -14), (0, 0), (13, 0), (14, 14), (29, 14), (30, 30), (400, 30)],
)
def test_four_moments_stand_around_a_date(days: int, expected: int | None) -> None:
    due = date(2026, 6, 1)
    assert reminders.moment(due, due + timedelta(days=days)) == expected


def test_each_moment_is_told_once_to_each_member_in_their_language(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    due = at + QUARTER
    told = []
    for days in (-15, -14, -13, 0, 1, 14, 29, 30, 31, 60):
        reminders.remind(embedded, at=due + timedelta(days=days))
        told.append(len([one for _, one in mails(embedded) if one["kind"] == "narrative"]))
    assert told == [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]
    narrative = [(to, one["days"]) for to, one in mails(embedded) if one["kind"] == "narrative"]
    assert narrative == [("steward@people.example", days) for days in (-14, 0, 14, 30)]
    assert steps(embedded, way).count("report_overdue") == 1


def test_a_job_that_slept_tells_the_latest_moment_only(staged: Staged, at: datetime) -> None:
    embedded, _way = staged("admitted")
    reminders.remind(embedded, at=at + QUARTER + timedelta(days=20))
    told = [one["days"] for _, one in mails(embedded) if one["stops_money"]]
    assert told == [14]


def test_nobody_is_reminded_of_a_project_that_has_ended(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(
        assessments.change_status,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        step="complete",
        reason="Done.",
    )
    assert reminders.remind(embedded, at=at + 2 * QUARTER) == 0


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 120, date(2036, 12, 15)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
    ],
)
def test_months_later(day: date, months: int, expected: date) -> None:
    assert deadlines.later(day, months) == expected
