"""Does each gift reach the projects by the rule, within every cap, under two people?"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.giving import allocations, epochs, queries
from offset.giving.models import AllocationRow, Donation, Overflow
from offset.ledger import checkpoints, verify
from offset.money import Money
from offset.people.access import Actor, Role
from offset.projects import assessments
from tests.builders.giving import (
    a_donation,
    a_pledge,
    a_policy,
    allocate,
    an_epoch,
    an_open_gift,
    books,
    deliver,
    money,
    row_of,
    two_people,
)
from tests.builders.projects import Way, a_cast, admitted
from tests.fakes_giving import FakeProcessor
from tests.once_built import once_built


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def two_projects(
    database: Database, at: datetime, ceilings: tuple[str, str] = ("51000.00", "51000.00")
) -> tuple[Way, Way]:
    cast = database.run(a_cast, at=at)
    first, second = (
        once_built(database, admitted, at=at, slug=slug, ceiling=ceiling, cast=cast)
        for slug, ceiling in zip(("green-bridges", "sahel-parkland"), ceilings, strict=True)
    )
    return first, second


def rows_of(database: Database, donation_id: uuid.UUID) -> dict[uuid.UUID, int]:
    with database.reading() as session:
        found = session.execute(
            select(AllocationRow.project_id, func.sum(AllocationRow.amount))
            .where(AllocationRow.donation_id == donation_id)
            .group_by(AllocationRow.project_id)
        )
        return {project: int(total) for project, total in found}


def sums_hold(database: Database) -> None:
    """Rows and what is left of each gift sum to its net; the pool is what gifts have left."""
    with database.reading() as session:
        for gift in session.scalars(select(Donation).where(Donation.settled_at.is_not(None))):
            rows = session.scalar(
                select(func.coalesce(func.sum(AllocationRow.amount), 0)).where(
                    AllocationRow.donation_id == gift.id
                )
            )
            assert gift.net is not None
            assert gift.share is not None
            assert int(rows or 0) + gift.unallocated == gift.net - gift.share
        left = session.scalar(select(func.sum(Donation.unallocated)))
    assert -books(database).get("Liabilities:Fund:Pool:EUR", 0) == int(left or 0)
    assert verify.verify(database).faults == ()


def test_a_directed_gift_reaches_its_project_at_once(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    given = a_donation(database, processor, at=at, amount="60.00 EUR", project_id=way.project_id)
    assert rows_of(database, given.id) == {way.project_id: 5585}
    assert books(database)["Liabilities:Project:P0001:EUR"] == -5585
    sums_hold(database)


def test_the_rest_of_a_directed_gift_follows_the_donors_word(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(embedded, at, ("20.00", "51000.00"))
    two = two_people(embedded, at=at)
    an_epoch(embedded, two, {second.project_id: 1}, at=at)
    pool = a_donation(embedded, processor, at=at, amount="60.00 EUR", project_id=first.project_id)
    wait = a_donation(
        embedded,
        processor,
        at=at,
        amount="60.00 EUR",
        project_id=first.project_id,
        overflow=Overflow.WAIT,
    )
    assert rows_of(embedded, pool.id) == {first.project_id: 2000, second.project_id: 3585}
    assert rows_of(embedded, wait.id) == {}
    assert row_of(embedded, wait.id).unallocated == 5585
    sums_hold(embedded)


def test_pooled_gifts_wait_for_an_epoch_and_then_follow_the_weights(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(embedded, at)
    gifts = [a_donation(embedded, processor, at=at, amount="25.00 EUR") for _ in range(3)]
    assert allocations.allocate_pending(embedded, at=at) == 0
    two = two_people(embedded, at=at)
    an_epoch(embedded, two, {first.project_id: 3, second.project_id: 1}, at=at)
    assert allocations.allocate_pending(embedded, at=at) == 3
    assert allocations.allocate_pending(embedded, at=at) == 0
    totals = [sum(rows_of(embedded, one.id).values()) for one in gifts]
    assert totals == [2312, 2312, 2312]
    found = books(embedded)
    assert found["Liabilities:Project:P0001:EUR"] == -5202
    assert found["Liabilities:Project:P0002:EUR"] == -1734
    sums_hold(embedded)
    with embedded.reading() as session:
        run = queries.last_run(session)
        (epoch,) = queries.epochs(session)
    assert run == queries.LastRun(at.date(), Money(6936, "EUR"), 2)
    assert (epoch.state, epoch.awarded, epoch.gifts) == ("open", Money(6936, "EUR"), 3)


def test_full_caps_leave_the_rest_in_the_pool_and_a_new_epoch_goes_on(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(embedded, at, ("10.00", "20.00"))
    two = two_people(embedded, at=at)
    weights = {first.project_id: 1, second.project_id: 1}
    an_epoch(embedded, two, weights, at=at)
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR")
    assert rows_of(embedded, given.id) == {first.project_id: 1000, second.project_id: 2000}
    assert row_of(embedded, given.id).unallocated == 2585
    assert allocate(embedded, given, at=at).parts == ()
    sums_hold(embedded)


def test_caps_are_shared_with_directed_gifts_and_the_epoch_renews_itself(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    """The epoch opened with room for 50.00; a directed gift took 23.12 of it meanwhile."""
    first, second = two_projects(embedded, at, ("50.00", "51000.00"))
    two = two_people(embedded, at=at)
    an_epoch(embedded, two, {first.project_id: 9, second.project_id: 1}, at=at)
    a_donation(embedded, processor, at=at, amount="25.00 EUR", project_id=first.project_id)
    later = at + timedelta(minutes=1)
    given = a_donation(embedded, processor, at=later, amount="60.00 EUR")
    assert rows_of(embedded, given.id) == {first.project_id: 2688, second.project_id: 2897}
    with embedded.reading() as session:
        new, old = queries.epochs(session)
    assert (old.state, old.close_reason) == ("closed", "caps_shared")
    assert (new.state, new.awarded) == ("open", Money(5585, "EUR"))
    sums_hold(embedded)


def test_a_changed_portfolio_closes_the_epoch_until_two_people_open_the_next(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(embedded, at)
    two = two_people(embedded, at=at)
    weights = {first.project_id: 1, second.project_id: 1}
    an_epoch(embedded, two, weights, at=at)
    embedded.run(hold, first, at=at)
    given = a_donation(embedded, processor, at=at)
    assert rows_of(embedded, given.id) == {}
    with embedded.reading() as session:
        assert epochs.open_epoch(session, "EUR") is None
    epoch_id = embedded.run(epochs.propose_epoch, actor=two.clerk, at=at)
    embedded.run(epochs.approve_epoch, epoch_id, actor=two.approver, at=at)
    assert allocations.allocate_pending(embedded, at=at) == 1
    assert rows_of(embedded, given.id) == {second.project_id: 2312}


def test_a_gift_to_a_project_that_was_stopped_meanwhile_goes_where_the_donor_said(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(database, at)
    given = an_open_gift(
        database, processor, at=at, amount="60.00 EUR", project_id=first.project_id
    )
    database.run(hold, first, at=at)
    two = two_people(database, at=at)
    an_epoch(database, two, {second.project_id: 1}, at=at)
    for sent in processor.pay(given.session_id):
        deliver(database, processor, sent, at=at)
    assert rows_of(database, given.id) == {second.project_id: 5585}
    sums_hold(database)


def test_a_gift_with_an_unsourced_refund_stays_still(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, _ = two_projects(embedded, at)
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 100), at=at)
    two = two_people(embedded, at=at)
    an_epoch(embedded, two, {first.project_id: 1}, at=at)
    assert allocations.allocate_pending(embedded, at=at) == 0
    assert allocate(embedded, given, at=at).parts == ()


def test_gifts_that_must_wait_hold_up_nobody_behind_them(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    """A gift waits for a full project; with one gift a run, the one behind it still goes."""
    first, second = two_projects(embedded, at, ("1.00", "51000.00"))
    for _ in range(2):
        a_donation(
            embedded,
            processor,
            at=at,
            project_id=first.project_id,
            overflow=Overflow.WAIT,
        )
    pool = a_donation(embedded, processor, at=at + timedelta(seconds=1))
    an_epoch(embedded, two_people(embedded, at=at), {second.project_id: 1}, at=at)
    assert allocations.allocate_pending(embedded, at=at, limit=1) == 1
    assert rows_of(embedded, pool.id) == {second.project_id: 2312}
    assert allocations.allocate_pending(embedded, at=at, limit=1) == 0


def test_a_full_epoch_holds_up_no_directed_gift(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(embedded, at, ("10.00", "1.00"))
    an_epoch(embedded, two_people(embedded, at=at), {first.project_id: 1}, at=at)
    a_donation(embedded, processor, at=at)
    late = a_donation(
        embedded,
        processor,
        at=at + timedelta(seconds=1),
        project_id=second.project_id,
        overflow=Overflow.WAIT,
    )
    assert allocations.allocate_pending(embedded, at=at, limit=1) == 0
    embedded.run(widen, second, at=at)
    assert allocations.allocate_pending(embedded, at=at, limit=1) == 1
    assert rows_of(embedded, late.id) == {second.project_id: 2312}


def test_a_pledge_has_nothing_to_allocate(embedded: Database, at: datetime) -> None:
    pledged = a_pledge(embedded, at=at)
    found = embedded.run(allocations.allocate_one, pledged.donation_id, at=at)
    assert found == allocations.Allocated((), None)
    with pytest.raises(NotFound, match="gift_unknown"):
        embedded.run(allocations.allocate_one, uuid.uuid4(), at=at)


def test_a_waiting_gift_goes_on_when_its_project_has_room_again(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, _ = two_projects(embedded, at, ("20.00", "51000.00"))
    given = a_donation(
        embedded,
        processor,
        at=at,
        amount="60.00 EUR",
        project_id=first.project_id,
        overflow=Overflow.WAIT,
    )
    assert rows_of(embedded, given.id) == {first.project_id: 2000}
    embedded.run(widen, first, at=at)
    allocate(embedded, given, at=at)
    assert rows_of(embedded, given.id) == {first.project_id: 5585}
    sums_hold(embedded)


def test_the_preview_does_nothing_and_says_why(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first, second = two_projects(embedded, at, ("10.00", "51000.00"))
    a_donation(embedded, processor, at=at, amount="60.00 EUR")
    a_donation(
        embedded,
        processor,
        at=at,
        amount="60.00 EUR",
        project_id=second.project_id,
        overflow=Overflow.WAIT,
    )
    with embedded.reading() as session:
        none = allocations.preview(session, at=at)
    assert {row.why for row in none.rows} == {"no_weight"}
    assert (none.policy_version, none.leftover) == (None, Money(5585, "EUR"))
    two = two_people(embedded, at=at)
    a_policy(embedded, two, {first.project_id: 1, second.project_id: 1}, at=at)
    before = books(embedded)
    with embedded.reading() as session:
        found = allocations.preview(session, at=at)
    assert books(embedded) == before
    assert (found.waiting, found.leftover, found.policy_version) == (
        Money(5585, "EUR"),
        Money(0, "EUR"),
        1,
    )
    assert [(row.code, row.amount.minor, row.room.minor, row.why) for row in found.rows] == [
        ("P0001", 1000, 0, "cap_reached"),
        ("P0002", 4585, 5_100_000 - 5585 - 4585, "by_weight"),
    ]


def test_the_preview_counts_what_is_directed_and_fits(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    """Two gifts of 23.12 to a project with 10.00 of room: 10.00 fits, what may go on goes on."""
    first, second = two_projects(embedded, at, ("0.01", "51000.00"))
    for overflow in (Overflow.WAIT, Overflow.POOL):
        a_donation(
            embedded,
            processor,
            at=at,
            amount="25.00 EUR",
            project_id=first.project_id,
            overflow=overflow,
        )
    embedded.run(widen, first, at=at, ceiling="10.01")
    two = two_people(embedded, at=at)
    a_policy(embedded, two, {second.project_id: 1}, at=at)
    with embedded.reading() as session:
        found = allocations.preview(session, at=at)
    assert [row.directed.minor for row in found.rows] == [1000, 0]
    assert found.waiting == Money(2312, "EUR")


def test_weights_take_two_people(embedded: Database, at: datetime) -> None:
    first, _ = two_projects(embedded, at)
    two = two_people(embedded, at=at)
    weights = {first.project_id: 1}
    policy_id = embedded.run(
        epochs.propose_policy, actor=two.clerk, at=at, weights=weights, reason="Needs."
    )
    both = Actor(two.clerk.user_id, frozenset({Role.CLERK, Role.TREASURER}))
    with embedded.reading() as session:
        assert epochs.standing_policy(session) is None
    with pytest.raises(Refused, match="second_person_needed"):
        embedded.run(epochs.approve_policy, policy_id, actor=both, at=at)
    with pytest.raises(Forbidden):
        embedded.run(epochs.approve_policy, policy_id, actor=two.clerk, at=at)
    embedded.run(epochs.approve_policy, policy_id, actor=two.approver, at=at)
    with pytest.raises(Refused, match="already_approved"):
        embedded.run(epochs.approve_policy, policy_id, actor=two.approver, at=at)
    with pytest.raises(NotFound, match="policy_unknown"):
        embedded.run(epochs.approve_policy, uuid.uuid4(), actor=two.approver, at=at)
    embedded.run(checkpoints.take, at=at)
    with embedded.reading() as session:
        assert checkpoints.inclusion(session, "policy", policy_id) is not None
        (view,) = queries.policies(session)
    assert (view.version, view.weights, view.approved_by) == (1, weights, two.approver.user_id)


@pytest.mark.parametrize(
    ("weight", "reason", "code"),
    [(None, "Needs.", "weights_missing"), (0, "Needs.", "not_positive"), (1, " ", "reason")],
)
def test_weights_are_positive_and_explained(
    embedded: Database, at: datetime, weight: int | None, reason: str, code: str
) -> None:
    two = two_people(embedded, at=at)
    weights = {} if weight is None else {uuid.uuid4(): weight}
    with pytest.raises(InvalidInput, match=code):
        embedded.run(epochs.propose_policy, actor=two.clerk, at=at, weights=weights, reason=reason)


def test_nobody_is_no_person(embedded: Database, at: datetime) -> None:
    ghost = Actor(None, frozenset({Role.CLERK}))
    with pytest.raises(Refused, match="person_needed"):
        embedded.run(
            epochs.propose_policy, actor=ghost, at=at, weights={uuid.uuid4(): 1}, reason="Needs."
        )


def test_epochs_take_two_people_and_the_present_portfolio(embedded: Database, at: datetime) -> None:
    first, second = two_projects(embedded, at)
    two = two_people(embedded, at=at)
    with pytest.raises(Refused, match="policy_missing"):
        embedded.run(epochs.propose_epoch, actor=two.clerk, at=at)
    a_policy(embedded, two, {first.project_id: 1, second.project_id: 2}, at=at)
    with pytest.raises(Refused, match="nothing_to_fund"):
        embedded.run(epochs.propose_epoch, actor=two.clerk, at=at, currency="USD")
    epoch_id = embedded.run(epochs.propose_epoch, actor=two.clerk, at=at)
    both = Actor(two.clerk.user_id, frozenset({Role.TREASURER}))
    with pytest.raises(Refused, match="second_person_needed"):
        embedded.run(epochs.approve_epoch, epoch_id, actor=both, at=at)
    with pytest.raises(NotFound, match="epoch_unknown"):
        embedded.run(epochs.approve_epoch, uuid.uuid4(), actor=two.approver, at=at)
    embedded.run(hold, first, at=at)
    with pytest.raises(Refused, match="epoch_stale"):
        embedded.run(epochs.approve_epoch, epoch_id, actor=two.approver, at=at)


def test_a_newer_policy_makes_a_waiting_epoch_stale_and_a_new_epoch_ends_the_old(
    embedded: Database, at: datetime
) -> None:
    first, _ = two_projects(embedded, at)
    two = two_people(embedded, at=at)
    old = an_epoch(embedded, two, {first.project_id: 1}, at=at)
    waiting = embedded.run(epochs.propose_epoch, actor=two.clerk, at=at)
    a_policy(embedded, two, {first.project_id: 2}, at=at)
    with pytest.raises(Refused, match="epoch_stale"):
        embedded.run(epochs.approve_epoch, waiting, actor=two.approver, at=at)
    new = embedded.run(epochs.propose_epoch, actor=two.clerk, at=at)
    embedded.run(epochs.approve_epoch, new, actor=two.approver, at=at)
    with pytest.raises(Refused, match="already_approved"):
        embedded.run(epochs.approve_epoch, new, actor=two.approver, at=at)
    with embedded.reading() as session:
        states = {one.id: (one.state, one.close_reason) for one in queries.epochs(session)}
    assert states[old] == ("closed", "policy_changed")
    assert states[new] == ("open", None)
    assert states[waiting] == ("waiting", None)


def test_the_database_itself_wants_two_people(database: Database, at: datetime) -> None:
    first, _ = two_projects(database, at)
    two = two_people(database, at=at)
    policy_id = database.run(
        epochs.propose_policy,
        actor=two.clerk,
        at=at,
        weights={first.project_id: 1},
        reason="Needs.",
    )
    with (
        pytest.raises(DBAPIError, match="allocation_policy_two_people"),
        database.engine.execution_options(writes=True).begin() as connection,
    ):
        connection.execute(
            text("UPDATE allocation_policy SET approved_by = proposed_by, approved_at = :at"),
            {"at": at.isoformat() if database.name == "sqlite" else at},
        )
    del policy_id


def test_rows_and_settled_amounts_are_final_in_the_database(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = once_built(database, admitted, at=at)
    a_donation(database, processor, at=at, project_id=way.project_id)
    for statement in (
        "UPDATE allocation_row SET amount = 1",
        "DELETE FROM allocation_row",
        "UPDATE donation SET gross = 1",
        "UPDATE donation SET amount = 1",
        "DELETE FROM donation",
        "UPDATE stripe_balance_txn SET net = 1",
        "DELETE FROM donation_event",
        "UPDATE processor_event SET kind = 'x'",
        "UPDATE receipt SET number = 9",
        "DELETE FROM receipt",
        "UPDATE receipt_counter SET last = 7",
        "DELETE FROM receipt_counter",
    ):
        with (
            pytest.raises(DBAPIError),
            database.engine.execution_options(writes=True).begin() as connection,
        ):
            connection.execute(text(statement))


def test_an_epoch_whose_rows_contradict_the_rule_stops(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    """Somebody moved an epoch's weights by force: the run refuses instead of going on."""
    first, second = two_projects(embedded, at)
    two = two_people(embedded, at=at)
    epoch_id = an_epoch(embedded, two, {first.project_id: 1, second.project_id: 1}, at=at)
    a_donation(embedded, processor, at=at)
    embedded.run(forge, epoch_id, first.project_id, at=at)
    given = a_donation(embedded, processor, at=at)
    with pytest.raises(Refused, match="epoch_inconsistent"):
        allocate(embedded, given, at=at)


def hold(session: Session, way: Way, *, at: datetime) -> None:
    assessments.change_status(
        session,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        step="hold",
        reason="A report is missing.",
    )


def widen(session: Session, way: Way, *, at: datetime, ceiling: str = "51000.00") -> None:
    assessments.admit(
        session,
        actor=way.cast.treasurer,
        at=at + timedelta(seconds=1),
        project_id=way.project_id,
        ceiling=money(f"{ceiling} EUR"),
        reason="A wider budget.",
    )


def forge(session: Session, epoch_id: uuid.UUID, project_id: uuid.UUID, *, at: datetime) -> None:
    """A row that no entry of the epoch explains."""
    real = session.scalars(select(AllocationRow).limit(1)).one()
    session.add(
        AllocationRow(
            id=uuid.uuid4(),
            entry_id=real.entry_id,
            donation_id=real.donation_id,
            project_id=project_id,
            epoch_id=epoch_id,
            amount=700,
            decision_id=real.decision_id,
            admission_id=real.admission_id,
            created_at=at,
        )
    )
