"""Do small gifts wait while somebody tries cards, and does that end by itself?"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, Refused, StateRefused
from offset.giving import donations, guarded
from offset.giving.models import GuardedPeriod, InboxState, ProcessorEvent
from offset.people.access import Role
from offset.people.models import AuditEvent, OutboxMessage
from tests.builders import projects
from tests.builders.giving import money

HOUR = timedelta(hours=1)


def happen(session: Session, failed: int, paid: int, *, at: datetime, made: datetime) -> None:
    for kind in ["charge.failed"] * failed + ["charge.succeeded"] * paid:
        session.add(
            ProcessorEvent(
                event_id=f"evt_{uuid.uuid4().hex}",
                kind=kind,
                livemode=False,
                made_at=made,
                received_at=at,
                payload={},
                state=InboxState.DONE,
                attempts=1,
            )
        )


def pledge(database: Database, amount: str, *, at: datetime) -> None:
    database.run(donations.pledge, at=at, amount=money(amount), language="en")


def periods(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(GuardedPeriod)) or 0)


@pytest.mark.parametrize(
    ("failed", "paid", "waits"),
    [(12, 0, True), (12, 8, True), (12, 9, False), (11, 0, False), (0, 40, False)],
)
def test_a_share_of_refused_cards_from_a_least_number_on(
    database: Database, at: datetime, failed: int, paid: int, *, waits: bool
) -> None:
    database.run(happen, failed, paid, at=at, made=at)
    assert database.run(guarded.watch, at=at) is waits
    assert periods(database) == waits


def test_small_gifts_wait_and_it_ends_by_itself(embedded: Database, at: datetime) -> None:
    clerk = embedded.run(projects.an_actor, Role.CLERK, at=at)
    assert clerk.user_id is not None
    embedded.run(happen, 12, 0, at=at, made=at)
    assert embedded.run(guarded.watch, at=at)
    with pytest.raises(Refused) as waits:
        pledge(embedded, "19.99 EUR", at=at)
    assert waits.value.code == "gifts_guarded"
    pledge(embedded, "20.00 EUR", at=at)
    later = at + timedelta(minutes=20)
    assert embedded.run(guarded.watch, at=later)
    with pytest.raises(Refused):
        pledge(embedded, "5.00 EUR", at=at + timedelta(minutes=75))
    quiet = at + timedelta(minutes=81)
    assert not embedded.run(guarded.watch, at=quiet)
    pledge(embedded, "5.00 EUR", at=quiet)
    with embedded.reading() as session:
        alarms = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "alarm.cards_tried")
        ).all()
        mails = session.scalars(
            select(OutboxMessage.parameters).where(OutboxMessage.template == "guarded")
        ).all()
    assert alarms == [{"failed": 12, "succeeded": 0}]
    assert [one["minimum"] for one in mails] == [2_000]
    assert periods(embedded) == 1


def test_old_events_that_come_late_are_no_sign(embedded: Database, at: datetime) -> None:
    embedded.run(happen, 20, 0, at=at, made=at - 3 * HOUR)
    assert not embedded.run(guarded.watch, at=at)


def test_what_began_is_not_rewritten(embedded: Database, at: datetime) -> None:
    embedded.run(happen, 12, 0, at=at, made=at)
    embedded.run(guarded.watch, at=at)
    with pytest.raises(Exception, match="guarded_period_no_update"):
        embedded.run(rewrite, at=at)


def rewrite(session: Session, *, at: datetime) -> None:
    session.scalars(select(GuardedPeriod)).one().began_at = at + HOUR
    session.flush()


def test_the_desk_ends_it_with_a_reason_and_what_was_counted_begins_no_new_one(
    database: Database, at: datetime
) -> None:
    database.run(happen, 20, 1, at=at, made=at)
    assert database.run(guarded.watch, at=at)
    clerk = database.run(projects.an_actor, Role.CLERK, at=at)
    auditor = database.run(projects.an_actor, Role.AUDITOR, at=at)
    later = at + timedelta(minutes=2)
    with pytest.raises(Forbidden, match="right_missing"):
        database.run(guarded.end, actor=auditor, at=later, reason="over")
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(guarded.end, actor=clerk, at=later, reason=" ")
    database.run(guarded.end, actor=clerk, at=later, reason="A test of ours.")
    with pytest.raises(StateRefused, match="not_guarded"):
        database.run(guarded.end, actor=clerk, at=later, reason="again")
    with database.reading() as session:
        held = guarded.held(session, at=later)
        (past,) = guarded.past(session, at=later)
        trail = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "guard.ended")
        ).all()
    assert held is None
    assert (past.reason, past.until) == ("A test of ours.", later)
    assert trail == [{"reason": "A test of ours."}]
    assert database.run(guarded.watch, at=later) is False
    again = later + timedelta(seconds=30)
    database.run(happen, 12, 0, at=again, made=again)
    assert database.run(guarded.watch, at=later + timedelta(minutes=1))
