"""Is money refused in every state but the open one, through the verbs and by raw SQL alike?

One project that may receive money is broken in every way the assessment's rules know, one at a
time, and mended again. Each time the verb that allocates gives nothing, the verb that prepares a
payment refuses where it must, and the bare statements are refused by the database itself.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import OffsetError
from offset.giving import allocations
from offset.giving.models import Overflow
from offset.ledger import chart, guards
from offset.ledger.models import Account
from offset.money import Money
from offset.projects import applications, assessments
from offset.projects.assessments import Condition
from offset.projects.criteria import Score
from offset.projects.models import Assessment, DecisionOutcome, Project, ProjectStatus
from offset.treasury import disbursements
from tests.builders import giving as gifts
from tests.builders import money
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.fakes_giving import FakeProcessor
from tests.ledger.raw import insert

Break = Callable[[Session, Way, datetime], datetime]


class MendedError(Exception):
    """Ends a case, so that nothing of it stays."""


@dataclass(frozen=True)
class Case:
    """A way in which the gate shuts, and whether it also stops what was allocated already."""

    name: str
    break_it: Break
    stops_payments: bool


def status(name: str) -> Break:
    def set_it(session: Session, way: Way, at: datetime) -> datetime:
        session.execute(
            text("UPDATE project SET status = :status WHERE slug = :slug"),
            {"status": name, "slug": way.slug},
        )
        session.expire_all()
        return at

    return set_it


def decided_otherwise(outcome: DecisionOutcome) -> Break:
    def decide(session: Session, way: Way, at: datetime) -> datetime:
        later = at + timedelta(days=1)
        build.assessed_again(session, way, later, outcome)
        return status("open")(session, way, later)

    return decide


def decided_with_a_condition(criterion: str | None) -> Break:
    def decide(session: Session, way: Way, at: datetime) -> datetime:
        later = at + timedelta(days=1)
        begun = applications.begin_version(
            session, actor=way.cast.steward, at=later, project_id=way.project_id
        )
        given = build.scores(c1_2=Score("met_with_conditions")) if criterion else build.scores()
        again = build.reviewed(
            session, at=later, way=build.with_assessment(way, begun.assessment_id), given=given
        )
        assessments.decide(
            session,
            actor=way.cast.rapporteur,
            at=later,
            assessment_id=again.assessment_id,
            summary="Sound, once the leases are shown.",
            conditions=[Condition("Show the leases.", criterion)],
        )
        assessments.admit(
            session,
            actor=way.cast.treasurer,
            at=later,
            project_id=way.project_id,
            ceiling=Money(5_100_000, "EUR"),
            reason="Once the condition is closed.",
        )
        return later

    return decide


def decided_and_not_admitted(session: Session, way: Way, at: datetime) -> datetime:
    later = at + timedelta(days=1)
    build.assessed_again(session, way, later, DecisionOutcome.POSITIVE)
    return later


def expired(session: Session, way: Way, at: datetime) -> datetime:
    session.get_one(Project, way.project_id).report_due_on = None
    session.flush()
    return at.replace(year=at.year + 3) + timedelta(days=1)


def overdue(session: Session, way: Way, at: datetime) -> datetime:
    session.get_one(Project, way.project_id).report_due_on = at.date() - timedelta(days=30)
    session.flush()
    return at


CASES = (
    Case("1 revise", decided_otherwise(DecisionOutcome.REVISE), stops_payments=True),
    Case("1 not aligned", decided_otherwise(DecisionOutcome.NOT_ALIGNED), stops_payments=True),
    Case("2 expired", expired, stops_payments=True),
    Case("3 a safeguard's condition", decided_with_a_condition("1.2"), stops_payments=True),
    Case("4 another condition", decided_with_a_condition(None), stops_payments=True),
    Case("5 not admitted", decided_and_not_admitted, stops_payments=True),
    Case("6 report overdue", overdue, stops_payments=False),
    *(
        Case(f"6 {one.value}", status(one.value), stops_payments=False)
        for one in ProjectStatus
        if one is not ProjectStatus.OPEN and one is not ProjectStatus.FUNDED
    ),
)


def by_verb(session: Session, gift: uuid.UUID, at: datetime) -> int:
    """What the verb allocates of a gift that chose the project, in minor units."""
    return sum(part.amount.minor for part in allocations.allocate_one(session, gift, at=at).parts)


def payment_refused(session: Session, way: Way, at: datetime) -> str:
    """What the verb that prepares a payment says, whether an account is known or not."""
    with pytest.raises(OffsetError) as refusal:
        disbursements.prepare(
            session,
            actor=way.cast.clerk,
            at=at,
            project_id=way.project_id,
            amount=Money(2_500, "EUR"),
            purpose="Seeds",
        )
    return refusal.value.code


def by_sql(database: Database, session: Session, way: Way, gift: uuid.UUID, at: datetime) -> str:
    """What the database says to bare statements that allocate to the project; "nothing" if open."""
    entry_id, row_id = uuid7(at), uuid7(at)
    account = session.query(Account).filter_by(code=chart.project("P0001", "EUR")).one().id
    decision, admission = way.decision_id, way.admission_id
    statements = (
        insert(
            database,
            "entry",
            id=entry_id,
            idem_key=f"raw:{entry_id}",
            idem_hash=b"\0",
            kind="allocation",
            effective_on=at.date(),
            recorded_at=at,
            source_type="test",
            source_id="raw",
        ),
        insert(
            database,
            "allocation_row",
            id=row_id,
            entry_id=entry_id,
            donation_id=gift,
            project_id=way.project_id,
            amount=1_000,
            decision_id=decision,
            admission_id=admission,
            created_at=at,
        ),
        insert(
            database,
            "posting",
            entry_id=entry_id,
            line=1,
            account_id=account,
            currency="EUR",
            amount=-1_000,
        ),
    )
    savepoint = session.begin_nested()
    try:
        for statement in statements:
            session.connection().exec_driver_sql(statement)
    except DBAPIError as fault:
        savepoint.rollback()
        refusal = guards.refusal_of(fault)
        return refusal.code if refusal else str(fault.orig)
    savepoint.rollback()
    return "nothing"


def prepared(database: Database, at: datetime) -> tuple[Way, uuid.UUID]:
    """A project that may receive money, and a settled gift for it that waits."""
    way, processor = build.a_project(database, at=at), FakeProcessor(at)
    given = gifts.an_open_gift(
        database, processor, at=at, project_id=way.project_id, overflow=Overflow.WAIT
    )
    database.run(status("on_hold"), way, at)
    for sent in processor.pay(given.session_id):
        gifts.deliver(database, processor, sent, at=at)
    database.run(status("open"), way, at)
    return way, given.id


def test_an_allocation_is_refused_in_every_other_state(database: Database, at: datetime) -> None:
    way, gift = prepared(database, at)

    def tried(session: Session, case: Case) -> None:
        when = case.break_it(session, way, at)
        # a gift of that day opens its month in the books
        money.fill_pool(session, 1, at=when, on=when.date())
        assert by_sql(database, session, way, gift, when) == "gate_closed", case.name
        if case.stops_payments:
            assert payment_refused(session, way, when) == "gate_closed", case.name
        assert by_verb(session, gift, when) == 0, case.name
        raise MendedError

    def open_one(session: Session) -> None:
        assert by_sql(database, session, way, gift, at) == "nothing"
        assert payment_refused(session, way, at) == "payee_missing"
        assert by_verb(session, gift, at) > 0
        raise MendedError

    for case in CASES:
        with pytest.raises(MendedError):
            database.run(tried, case)
    # the same gift, the same statements: nothing was in the way but the state
    with pytest.raises(MendedError):
        database.run(open_one)


def test_a_project_that_was_never_decided_on_gets_nothing(database: Database, at: datetime) -> None:
    """The committee's answer is missing altogether; the fantasy claim was turned down."""
    first, gift = prepared(database, at)

    def tried(session: Session) -> None:
        way = build.in_review(session, at=at, slug="another", cast=first.cast)
        account = chart.project("P0009", "EUR")
        chart.open_account(session, account, at=at, currency="EUR", project_id=way.project_id)
        session.get_one(Project, way.project_id).code = "P0009"
        status("open")(session, way, at)
        with pytest.raises(OffsetError, match="gate_closed"), session.begin_nested():
            money.allocate(
                session,
                at=at,
                on=at.date(),
                project_id=way.project_id,
                account=account,
                minor=1_000,
                decision_id=first.decision_id,
                admission_id=first.admission_id,
            )
        with pytest.raises(OffsetError, match="no_positive_decision"):
            assessments.admit(
                session,
                actor=way.cast.treasurer,
                at=at,
                project_id=way.project_id,
                ceiling=Money(1, "EUR"),
                reason="Nobody decided.",
            )
        assert session.get_one(Assessment, way.assessment_id).status.value == "in_review"
        raise MendedError

    with pytest.raises(MendedError):
        database.run(tried)
    assert gift
