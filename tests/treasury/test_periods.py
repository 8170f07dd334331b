"""Is a month closed only when nothing is unexplained, and then for good?"""

from datetime import UTC, date, datetime

import pytest

from offset.database.session import Database
from offset.errors import Forbidden, LedgerRefused, Refused
from offset.ledger import checkpoints, entries, journal
from offset.ledger import periods as ledger
from offset.ledger.models import PeriodStatus
from offset.people.access import SYSTEM, Actor, Role
from offset.treasury import periods, reconciliation
from offset.treasury.matching import Kind
from offset.treasury.reconciliation import Part
from offset.treasury.screen import screen
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_movement, a_statement, eur
from tests.once_built import once_built

OCTOBER = date(2026, 10, 1)
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
END = datetime(2026, 10, 31, 9, tzinfo=UTC)


def in_the_way(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(one.code, one.value) for one in periods.obstacles(session, OCTOBER)]


def test_a_month_closes_when_everything_is_explained(database: Database) -> None:
    house = once_built(database, build.a_house, at=START)
    close = {"actor": house.treasurer, "at": END, "starts_on": OCTOBER}
    assert in_the_way(database) == [("statement_missing", "B1")]
    with pytest.raises(Forbidden):
        database.run(periods.close, **{**close, "actor": house.clerk})
    told = a_statement(a_line("-5.00", "x", on=END.date()), on=END.date())
    database.run(build.take_in, told, actor=house.clerk, at=END)
    assert in_the_way(database) == [("lines_open", "1")]
    with pytest.raises(Refused, match="period_unexplained"):
        database.run(periods.close, **close)
    with database.reading() as session:
        (row,) = screen(session, "B1", on=END.date()).rows
    assert row.line_id is not None
    database.run(
        reconciliation.confirm,
        actor=house.clerk,
        at=END,
        line_id=row.line_id,
        parts=[Part(kind=Kind.BANK_FEE)],
    )
    assert in_the_way(database) == []
    database.run(periods.close, **close)
    with database.reading() as session:
        assert ledger.months(session)[-1].status is PeriodStatus.LOCKED
        assert checkpoints.recent(session, 1)
    with pytest.raises(LedgerRefused):
        database.run(periods.close, **close)
    with pytest.raises(LedgerRefused, match="period_locked"):
        database.run(build.a_gift, 9, "5.00", at=START)


def test_a_closed_month_is_opened_again_by_two_people(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    told = a_statement(on=END.date())
    embedded.run(build.take_in, told, actor=house.clerk, at=END)
    embedded.run(periods.close, actor=house.treasurer, at=END, starts_on=OCTOBER)
    with embedded.reading() as session:
        (closing,) = ledger.closings(session, OCTOBER)
    assert closing.closed_by == house.treasurer.user_id
    assert closing.checklist == {"obstacles": [], "under_way": {}}
    ask = {"at": END, "starts_on": OCTOBER, "reason": "a fee was missed"}
    with pytest.raises(Forbidden):
        embedded.run(periods.ask_reopening, actor=SYSTEM, **ask)
    asked = embedded.run(periods.ask_reopening, actor=house.treasurer, **ask)
    with pytest.raises(Forbidden):
        embedded.run(periods.reopen, actor=house.clerk, at=END, reopening_id=asked)
    nobody = Actor(None, frozenset({Role.APPROVER}))
    with pytest.raises(Forbidden):
        embedded.run(periods.reopen, actor=nobody, at=END, reopening_id=asked)
    with pytest.raises(LedgerRefused, match="same_person"):
        embedded.run(periods.reopen, actor=house.treasurer, at=END, reopening_id=asked)
    embedded.run(periods.reopen, actor=house.approver, at=END, reopening_id=asked)
    with embedded.reading() as session:
        assert ledger.months(session)[-1].status is PeriodStatus.OPEN
    embedded.run(periods.close, actor=house.treasurer, at=END, starts_on=OCTOBER)


def test_a_close_that_was_begun_goes_on(embedded: Database) -> None:
    embedded.run(build.a_bank_account, at=START, opening="5.00")
    house = embedded.run(build.projects.a_cast, at=START)
    embedded.run(
        build.take_in, a_statement(opening="5.00", on=END.date()), actor=house.clerk, at=END
    )
    embedded.run(ledger.begin_close, OCTOBER)
    embedded.run(periods.close, actor=house.treasurer, at=END, starts_on=OCTOBER)


def test_what_is_unknown_or_does_not_agree_stands_in_the_way(embedded: Database) -> None:
    embedded.run(build.a_bank_account, at=START)
    movement = a_movement(1, "7.00", category="surprise", on=START)
    told = entries.Movement(id=movement.id, on=START.date(), kind="surprise")
    embedded.run(journal.post, entries.unknown_kind(told, net=eur("7.00")), at=START)
    assert ("suspense", "-7.00 EUR") in in_the_way(embedded)
