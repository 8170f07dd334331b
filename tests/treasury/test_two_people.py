"""Is a deputy, and whoever they act for, one side of every act of two people?"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from offset.database.session import Database
from offset.errors import OffsetError
from offset.giving import epochs, kept_refunds, refund_rows, refunds
from offset.ledger import balances, chart
from offset.people import installation, settings, users
from offset.people.access import SYSTEM, Actor, Role
from offset.projects import concerns
from offset.projects.public_models import Concern, ConcernFinding
from offset.reports import ready_lists
from offset.reports.rows import Span
from offset.treasury import manual_entries, periods, receipts_apart, reconciliation, unidentified
from offset.treasury.manual_entries import Wanted
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine, ManualRecipe
from offset.treasury.receipts_apart import Search
from offset.treasury.reconciliation import Part
from tests.builders import projects
from tests.builders import treasury as build
from tests.builders.giving import a_donation, deliver
from tests.builders.treasury import House, a_line, a_statement, eur
from tests.fakes_giving import FakeProcessor

OCTOBER = date(2026, 10, 1)
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class Desk:
    """A house whose treasurer is away, and who acts in the treasurer's name."""

    database: Database
    house: House

    def run(self, verb: Callable[..., Any], *told: Any, actor: Actor, **named: Any) -> Any:
        return self.database.run(verb, *told, actor=actor, at=NOW, **named)

    def standing(self) -> Actor:
        """Somebody else who stands in for the treasurer and has no such right of their own."""
        away = self.house.treasurer.user_id
        assert away is not None
        held = frozenset({Role.AUDITOR})
        mail = f"{uuid.uuid4()}@example.org"
        told: dict[str, Any] = {"at": START, "email": mail, "name": "other", "roles": held}
        other = self.database.run(users.invite, actor=SYSTEM, **told)
        return Actor(other, held, deputises=frozenset({(away, Role.TREASURER)}))


@pytest.fixture
def desk(embedded: Database) -> Desk:
    return Desk(embedded, embedded.run(build.a_house, at=START, opening="500.00"))


def an_entry(desk: Desk, by: Actor) -> Callable[..., Any]:
    wanted = Wanted(
        recipe=ManualRecipe.SHARE_DRAWN,
        on=NOW.date(),
        reason="share",
        amount=eur("40.00"),
        source="Assets:Bank:B1",
    )
    made = desk.run(manual_entries.prepare, actor=by, wanted=wanted)
    return lambda who: desk.run(manual_entries.approve, actor=who, manual_entry_id=made)


def a_return(desk: Desk, by: Actor) -> Callable[..., Any]:
    with desk.database.reading() as session:
        held = balances.balance(session, chart.bank("B1"))
    told = a_statement(a_line("500.00", on=NOW.date()), opening=str(held.decimal()), on=NOW.date())
    desk.database.run(build.take_in, told, actor=desk.house.clerk, at=NOW)
    with desk.database.reading() as session:
        (line,) = session.query(BankLine.id).one()
    part = Part(kind=Kind.UNIDENTIFIED)
    desk.run(reconciliation.confirm, actor=desk.house.clerk, line_id=line, parts=[part])
    with desk.database.reading() as session:
        (receipt,) = receipts_apart.listed(session, Search(), on=NOW.date()).receipts
    back = {"entry_id": receipt.entry_id, "reason": "not ours"}
    made = desk.run(unidentified.send_back, actor=by, **back)
    return lambda who: desk.run(unidentified.approve_return, actor=who, answer_id=made)


def weights(desk: Desk, by: Actor) -> Callable[..., Any]:
    told = {"weights": {desk.house.way.project_id: 1}, "reason": "Needs."}
    made = desk.run(epochs.propose_policy, actor=by, **told)
    return lambda who: desk.run(epochs.approve_policy, made, actor=who)


def a_run(desk: Desk, by: Actor) -> Callable[..., Any]:
    weights(desk, desk.house.clerk)(desk.house.approver)
    made = desk.run(epochs.propose_epoch, actor=by)
    return lambda who: desk.run(epochs.approve_epoch, made, actor=who)


def a_refund(desk: Desk, by: Actor) -> Callable[..., Any]:
    given = a_donation(desk.database, FakeProcessor(START), at=START, amount="600.00 EUR")
    told = {"donation_id": given.id, "amount": eur("600.00"), "reason": "Asked by mail."}
    made = desk.run(refund_rows.prepare, actor=by, **told)
    return lambda who: desk.run(refund_rows.approve, actor=who, refund_id=made)


def a_keeping(desk: Desk, by: Actor) -> Callable[..., Any]:
    processor, database = FakeProcessor(START), desk.database
    given = a_donation(database, processor, at=START, amount="600.00 EUR")
    deliver(database, processor, processor.refund(given.charge_id, 60_000), at=START)
    cause = f"re_{given.charge_id}_1"
    database.run(refunds.source, cause, actor=desk.house.approver, at=START)
    deliver(database, processor, processor.refund_fails(cause), at=START)
    with database.reading() as session:
        (line,) = refund_rows.lines(session)
    made = desk.run(kept_refunds.prepare, actor=by, refund_id=line.id, reason="She wrote so.")
    return lambda who: desk.run(kept_refunds.approve, actor=who, keeping_id=made)


def a_reopening(desk: Desk, by: Actor) -> Callable[..., Any]:
    end = date(2026, 10, 31)
    told = a_statement(on=end, opening="500.00")
    desk.database.run(build.take_in, told, actor=desk.house.clerk, at=NOW)
    desk.run(periods.close, actor=desk.house.treasurer, starts_on=OCTOBER)
    made = desk.run(periods.ask_reopening, actor=by, starts_on=OCTOBER, reason="a fee was missed")
    return lambda who: desk.run(periods.reopen, actor=who, reopening_id=made)


def an_opening(desk: Desk, by: Actor) -> Callable[..., Any]:
    closed = {"open": False}
    desk.run(settings.write, "accepting", closed, actor=SYSTEM, reason="not yet")
    desk.run(installation.ask, actor=by, reason="we start", red=())
    return lambda who: desk.run(installation.confirm, actor=who, red=())


def a_concern(desk: Desk, by: Actor) -> Callable[..., Any]:
    said, slug = "Gates stand open.", desk.house.way.slug
    desk.database.run(concerns.raise_concern, at=NOW, slug=slug, text=said, language="en")
    with desk.database.reading() as session:
        (found,) = session.query(Concern.id).one()
    answer = {"finding": ConcernFinding.PARTLY, "answer": "Two gates are mended."}
    desk.run(concerns.propose, actor=by, concern_id=found, **answer)
    return lambda who: desk.run(concerns.close, actor=who, concern_id=found)


@pytest.mark.parametrize(
    ("begin", "code", "act"),
    [
        (an_entry, "same_person", "entry_by_hand"),
        (a_return, "same_person", "return_to_giver"),
        (weights, "second_person_needed", "allocation_rule"),
        (a_run, "second_person_needed", "allocation_run"),
        (a_refund, "second_person_needed", "refund"),
        (a_keeping, "second_person_needed", "refund_kept"),
        (a_reopening, "same_person", "month_reopened"),
        (an_opening, "two_people_needed", "site_opened"),
        (a_concern, "same_person", "concern_closed"),
    ],
)
def test_the_absent_and_their_deputies_are_one_side(
    desk: Desk, begin: Callable[..., Callable[..., Any]], code: str, act: str
) -> None:
    finish = begin(desk, desk.standing())
    # The person who was away, and whoever acts for that person next.
    for same in (desk.house.treasurer, desk.standing()):
        with pytest.raises(OffsetError) as caught:
            finish(same)
        assert caught.value.code == code
    second = desk.house.approver
    if begin is an_opening:
        second = desk.database.run(projects.an_actor, Role.ADMINISTRATOR, at=START)
    finish(second)
    # The auditor's list of such acts names it, with two different people.
    with desk.database.reading() as session:
        table = ready_lists.READY["two-people"]
        found = list(table.rows(session, Span(OCTOBER, date(2026, 12, 31))))
    assert any(row[0] == act and row[-1] == "yes" for row in found)


def test_a_second_deputy_for_somebody_else_is_a_second_person(desk: Desk) -> None:
    finish = an_entry(desk, desk.standing())
    other = desk.standing()
    approver = desk.house.approver.user_id
    assert approver is not None
    both = replace(other, deputises=other.deputises | {(approver, Role.APPROVER)})
    assert isinstance(finish(both), uuid.UUID)
