"""Does money reach a project only when all of the assessment's conditions hold?

Each of the six conditions is tried twice: the gate that verbs ask, and a posting that asks
nobody, which the database itself must refuse on both engines.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import LedgerRefused, Refused
from offset.ledger import chart, entries, journal
from offset.ledger.entries import Line
from offset.money import Money
from offset.people.access import Actor, Role
from offset.projects import assessments, funding, moderation, queries, updates
from offset.projects.assessments import Condition
from offset.projects.criteria import Score
from offset.projects.models import Admission, Decision, DecisionOutcome, Project
from tests.builders import money
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built

ACCOUNT = "Liabilities:Project:P0001:EUR"
Change = Callable[[Session, Way, datetime], None]


def go(
    database: Database,
    way: Way,
    *,
    at: datetime,
    on: date,
    account: str = ACCOUNT,
    decision_id: uuid.UUID | None = None,
    admission_id: uuid.UUID | None = None,
    row_minor: int | None = None,
) -> journal.Posted:
    """Allocate 10.00 EUR by hand, past every verb, on the day itself where that lies ahead."""
    at = max(at, datetime.combine(on, at.timetz()))

    def post(session: Session) -> journal.Posted:
        money.fill_pool(session, 1_000, at=at, on=on)
        return money.allocate(
            session,
            at=at,
            on=on,
            project_id=way.project_id,
            account=account,
            minor=1_000,
            decision_id=decision_id or way.decision_id,
            admission_id=admission_id or way.admission_id,
            row_minor=row_minor,
        )

    return database.run(post)


def refused(database: Database, way: Way, **said: object) -> None:
    with pytest.raises(LedgerRefused) as refusal:
        go(database, way, **said)  # type: ignore[arg-type]  # passed through
    assert refusal.value.code == "gate_closed"


def test_an_open_gate_lets_money_in_and_out(gated: Database, at: datetime) -> None:
    way = build.a_project(gated, at=at)
    assert build.gate_of(gated, way, at.date()).open
    go(gated, way, at=at, on=at.date())
    gated.run(money.order_payment, at=at, on=at.date(), account=ACCOUNT, minor=400)
    with gated.reading() as session:
        totals = queries.page(session, way.slug, on=at.date()).totals
    assert (totals.allocated, totals.ordered) == (Money(1_000, "EUR"), Money(400, "EUR"))


# 1. the last decision is positive


def test_without_a_decision_nothing_may_come(gated: Database, at: datetime) -> None:
    way = once_built(gated, build.in_review, at=at)
    assert build.gate_of(gated, way, at.date()).reasons == ("not_assessed", "not_open")
    other = once_built(gated, build.admitted, at=at, slug="another", cast=way.cast)
    account = chart.project("P0009", "EUR")
    gated.run(chart.open_account, account, at=at, currency="EUR", project_id=way.project_id)
    refused(
        gated,
        way,
        at=at,
        on=at.date(),
        account=account,
        decision_id=other.decision_id,
        admission_id=other.admission_id,
    )


@pytest.mark.parametrize("outcome", [DecisionOutcome.REVISE, DecisionOutcome.NOT_ALIGNED])
def test_a_later_negative_decision_closes_the_gate(
    gated: Database, at: datetime, outcome: DecisionOutcome
) -> None:
    way = build.a_project(gated, at=at)
    later = at + timedelta(days=30)
    assert gated.run(build.assessed_again, way, later, outcome) != way.decision_id
    gate = build.gate_of(gated, way, later.date())
    assert gate.reasons == ("not_positive", "on_hold")
    assert not gate.may_pay
    gated.run(set_status, way, "open")
    refused(gated, way, at=later, on=later.date())
    # what was allowed on the day before still is
    assert "not_positive" not in build.gate_of(gated, way, at.date()).reasons


def set_status(session: Session, way: Way, status: str) -> None:
    session.execute(
        text("UPDATE project SET status = :status WHERE slug = :slug"),
        {"status": status, "slug": way.slug},
    )


# 2. and unexpired on that day


def test_an_expired_decision_closes_the_gate(gated: Database, at: datetime) -> None:
    way = build.a_project(gated, at=at)
    with gated.reading() as session:
        expires = session.get_one(Decision, way.decision_id).expires_on
    assert expires == date(2029, 11, 15)
    assert "expired" not in build.gate_of(gated, way, expires).reasons
    day_after = expires + timedelta(days=1)
    gate = build.gate_of(gated, way, day_after)
    assert gate.reasons == ("expired", "report_overdue")
    assert not gate.may_pay
    go(gated, way, at=at, on=at.date())
    gated.run(never_overdue, way)
    refused(gated, way, at=at, on=day_after)
    with pytest.raises(LedgerRefused, match="gate_closed"):
        gated.run(
            money.order_payment,
            at=at.replace(year=2029),
            on=day_after,
            account=ACCOUNT,
            minor=1,
        )
    with pytest.raises(Refused, match="decision_expired"):
        gated.run(admit_again, way, at.replace(year=2029, month=11, day=16))


def never_overdue(session: Session, way: Way) -> None:
    session.get_one(Project, way.project_id).report_due_on = None


def admit_again(session: Session, way: Way, at: datetime) -> uuid.UUID:
    return assessments.admit(
        session,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        ceiling=Money(10_000, "EUR"),
        reason="A second tranche.",
    )


def test_money_is_not_booked_before_the_day_of_its_decision(gated: Database, at: datetime) -> None:
    way = build.a_project(gated, at=at)
    before = at.date() - timedelta(days=1)
    assert build.gate_of(gated, way, before).reasons == ("not_assessed",)
    refused(gated, way, at=at, on=before)


# 3. every safeguard is met, or met under conditions that are closed; 4. no condition is open


@pytest.mark.parametrize("criterion", ["1.2", None])
def test_an_open_condition_closes_the_gate_until_it_is_closed(
    gated: Database, at: datetime, criterion: str | None
) -> None:
    given = build.scores(c1_2=Score("met_with_conditions")) if criterion else build.scores()
    way = gated.run(
        build.admitted, at=at, given=given, conditions=[Condition("Show the leases.", criterion)]
    )
    gate = build.gate_of(gated, way, at.date())
    assert gate.reasons == ("conditions_open",)
    assert not gate.may_pay
    refused(gated, way, at=at, on=at.date())
    later = at + timedelta(days=3)
    gated.run(close_all, way, later)
    assert build.gate_of(gated, way, at.date()).reasons == ("conditions_open",)
    refused(gated, way, at=later, on=at.date())
    assert build.gate_of(gated, way, later.date()).open
    go(gated, way, at=later, on=later.date())


def close_all(session: Session, way: Way, at: datetime) -> None:
    page = queries.page(session, way.slug, on=at.date())
    assert page.assessment is not None
    for one in page.assessment.conditions:
        assessments.close_condition(
            session,
            actor=way.cast.clerk,
            at=at,
            condition_id=one.id,
            evidence="Leases seen.",
        )


def test_no_positive_decision_without_its_safeguards(gated: Database, at: datetime) -> None:
    given = build.scores(c1_1=Score("not_met"))
    with pytest.raises(Refused, match="outcome_not_open"):
        once_built(gated, build.decided, at=at, given=given)
    once_built(gated, build.decided, at=at)
    for broken in (
        "safeguards = 'not_met'",
        "carbon_grade = 0",
        "carbon_evidence = 'asserted'",
        "reviews = 1",
        "expires_on = NULL",
    ):
        with pytest.raises(DBAPIError, match="ck_decision_positive"):
            gated.run(copy_decision, broken, at)


def copy_decision(session: Session, changed: str, at: datetime) -> None:
    """A raw row like the decision of the project, with one column other."""
    column, _, value = changed.partition(" = ")
    names = [c.name for c in Decision.__table__.columns if c.name not in {"id", column}]
    listed = ", ".join(names)
    new = uuid7(at)
    key = new.bytes if session.get_bind().dialect.name == "sqlite" else new
    session.execute(
        text(
            f"INSERT INTO decision (id, {column}, {listed}) SELECT :id, {value}, {listed}"  # noqa: S608 - words of this test
            " FROM decision"
        ),
        {"id": key},
    )


# 5. the secretariat's own decision, by another person


def test_without_an_admission_nothing_may_come(gated: Database, at: datetime) -> None:
    way = once_built(gated, build.decided, at=at)
    assert build.gate_of(gated, way, at.date()).reasons == ("not_admitted", "not_open")
    other = once_built(gated, build.admitted, at=at, slug="another", cast=way.cast)
    account = chart.project("P0009", "EUR")
    gated.run(chart.open_account, account, at=at, currency="EUR", project_id=way.project_id)
    gated.run(set_code, way)
    refused(gated, way, at=at, on=at.date(), account=account, admission_id=other.admission_id)


def set_code(session: Session, way: Way) -> None:
    project = session.get_one(Project, way.project_id)
    project.code = "P0009"
    session.flush()
    set_status(session, way, "open")


def test_who_recorded_the_decision_does_not_admit(gated: Database, at: datetime) -> None:
    way = once_built(gated, build.decided, at=at)
    both = Actor(way.cast.rapporteur.user_id, frozenset({Role.RAPPORTEUR, Role.TREASURER}))
    with pytest.raises(Refused, match="same_person"):
        gated.run(
            assessments.admit,
            actor=both,
            at=at,
            project_id=way.project_id,
            ceiling=Money(1, "EUR"),
            reason="By the same hand.",
        )
    with pytest.raises(DBAPIError, match="same_person"):
        gated.run(raw_admission, way, at, by=way.cast.rapporteur)


@pytest.mark.parametrize("outcome", [DecisionOutcome.REVISE, DecisionOutcome.NOT_ALIGNED])
def test_what_was_not_assessed_positively_is_not_admitted(
    gated: Database, at: datetime, outcome: DecisionOutcome
) -> None:
    way = once_built(gated, build.decided, at=at, outcome=outcome)
    with pytest.raises(Refused, match="no_positive_decision"):
        gated.run(admit_again, way, at)
    with pytest.raises(DBAPIError, match="no_positive_decision"):
        gated.run(raw_admission, way, at, by=way.cast.treasurer)


def raw_admission(session: Session, way: Way, at: datetime, *, by: Actor) -> None:
    assert way.decision_id is not None
    assert by.user_id is not None
    session.add(
        Admission(
            id=uuid7(at),
            project_id=way.project_id,
            decision_id=way.decision_id,
            ceiling_minor=1,
            currency="EUR",
            admitted_on=at.date(),
            admitted_by=by.user_id,
            reason="",
            recorded_at=at,
        )
    )
    session.flush()


# 6. the project takes money at all


@pytest.mark.parametrize("step", ["hold", "remove", "complete"])
def test_a_project_that_stands_still_takes_no_new_money(
    gated: Database, at: datetime, step: str
) -> None:
    way = build.a_project(gated, at=at)
    go(gated, way, at=at, on=at.date())
    gated.run(
        assessments.change_status,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        step=step,
        reason="As agreed with the holder.",
    )
    reason = {"hold": "on_hold", "remove": "withdrawn", "complete": "completed"}[step]
    gate = build.gate_of(gated, way, at.date())
    assert gate.reasons == (reason,)
    assert gate.may_pay
    refused(gated, way, at=at, on=at.date())
    # what is there already may still be paid
    gated.run(money.order_payment, at=at, on=at.date(), account=ACCOUNT, minor=1)


def test_an_overdue_report_stops_new_money_until_one_is_published(
    gated: Database, at: datetime
) -> None:
    way = build.a_project(gated, at=at)
    last_day = at.date() + timedelta(days=assessments.REPORT_DAYS + queries.GRACE_DAYS - 1)
    assert build.gate_of(gated, way, last_day).open
    go(gated, way, at=at, on=last_day)
    late = last_day + timedelta(days=1)
    gate = build.gate_of(gated, way, late)
    assert gate.reasons == ("report_overdue",)
    assert gate.may_pay
    refused(gated, way, at=at, on=late)
    gated.run(publish_one, way, at + timedelta(days=120))
    assert build.gate_of(gated, way, late).open
    go(gated, way, at=at, on=late)


def publish_one(session: Session, way: Way, at: datetime) -> None:
    update_id = updates.write(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        title="The cover is up",
        body="All sixty farms have sown.",
        language="en",
    )
    updates.submit(session, actor=way.cast.steward, at=at, update_id=update_id)
    moderation.publish(session, actor=way.cast.clerk, at=at, update_id=update_id)


# what the books say besides


def test_the_rows_of_an_allocation_sum_to_what_is_booked(gated: Database, at: datetime) -> None:
    way = build.a_project(gated, at=at)
    with pytest.raises(LedgerRefused) as refusal:
        go(gated, way, at=at, on=at.date(), row_minor=999)
    assert refusal.value.code == "rows_differ"


def test_a_credit_without_any_row_is_refused(gated: Database, at: datetime) -> None:
    way = build.a_project(gated, at=at)

    def post(session: Session) -> None:
        money.fill_pool(session, 1_000, at=at, on=at.date())
        draft = entries.allocation(
            epoch="by-hand",
            donation_id="none",
            on=at.date(),
            shares={ACCOUNT: Money(1_000, "EUR")},
        )
        journal.post(session, draft, at=at)

    assert build.gate_of(gated, way, at.date()).open
    with pytest.raises(LedgerRefused, match="gate_closed"):
        gated.run(post)


def test_a_payment_is_undone_whatever_became_of_the_project(gated: Database, at: datetime) -> None:
    way = build.a_project(gated, at=at)
    go(gated, way, at=at, on=at.date())
    ordered = gated.run(money.order_payment, at=at, on=at.date(), account=ACCOUNT, minor=300)
    gated.run(set_status, way, "withdrawn")

    def undo(session: Session) -> None:
        transit = chart.disbursements_in_transit("EUR")
        draft = entries.reversal(
            entry_id=ordered.entry_id,
            on=at.date(),
            source_type="disbursement",
            source_id="1",
            lines=(Line(ACCOUNT, Money(300, "EUR")), Line(transit, Money(-300, "EUR"))),
            reason="The bank sent it back.",
        )
        journal.post(session, draft, at=at)

    gated.run(undo)
    with gated.reading() as session:
        assert queries.page(session, way.slug, on=at.date()).totals.ordered == Money(0, "EUR")


def test_the_gate_says_which_project_it_does_not_know(gated: Database, at: datetime) -> None:
    with gated.reading() as session:
        gate = queries.gate(session, uuid7(at), at.date())
    assert gate.reasons == ("project_unknown",)
    assert not gate.may_pay


def test_funded_follows_the_ledger(gated: Database, at: datetime) -> None:
    way = once_built(gated, build.admitted, at=at, ceiling="10.00")
    assert gated.run(funding.refresh, at=at) == 0
    go(gated, way, at=at, on=at.date())
    assert gated.run(funding.refresh, at=at) == 1
    with gated.reading() as session:
        assert session.get_one(Project, way.project_id).status.value == "funded"
    gated.run(admit_again, way, at)
    with gated.reading() as session:
        assert session.get_one(Project, way.project_id).status.value == "open"


def test_what_is_not_assessed_any_more_stays_as_it_is(gated: Database, at: datetime) -> None:
    way = once_built(gated, build.decided, at=at)
    gated.run(set_code, way)
    assert gated.run(funding.refresh, at=at) == 0
