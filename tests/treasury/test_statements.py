"""Does a statement enter whole or not at all, and does it say why not?"""

import dataclasses
import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, NotFound, OffsetError
from offset.ledger import balances, chart
from offset.money import Money
from offset.people.access import Actor, Role
from offset.treasury import statements
from offset.treasury.models import BankFile, BankLine, BankStatement
from offset.treasury.ports import Statement
from tests.builders import projects
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_statement

DAY = date(2026, 11, 15)


@pytest.fixture
def clerk(embedded: Database, at: datetime) -> Actor:
    embedded.run(build.a_bank_account, at=at, opening="100.00")
    return embedded.run(projects.an_actor, Role.CLERK, at=at)


def counts(database: Database) -> tuple[int | None, ...]:
    with database.reading() as session:
        tables = (BankFile, BankStatement, BankLine)
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in tables)


def refused(database: Database, *told: Statement, actor: Actor, at: datetime) -> OffsetError:
    before = counts(database)
    with pytest.raises(OffsetError) as caught:
        database.run(build.take_in, *told, actor=actor, at=at)
    assert counts(database) == before
    return caught.value


def test_the_opening_balance_is_booked_once(embedded: Database, at: datetime) -> None:
    embedded.run(build.a_bank_account, at=at, opening="100.00")
    with embedded.reading() as session:
        assert balances.balance(session, chart.bank("B1")) == Money(10_000, "EUR")
        assert statements.account_by_code(session, "B1").number == build.IBAN
        with pytest.raises(NotFound, match="bank_account_unknown"):
            statements.account_by_code(session, "B2")
    with pytest.raises(Conflict, match="bank_account_known"):
        embedded.run(build.a_bank_account, at=at)


def test_only_the_treasurer_or_the_installation_opens_an_account(
    embedded: Database, at: datetime
) -> None:
    told = {
        "at": at,
        "code": "B2",
        "number": "FR76 3000",
        "holder": "x",
        "opened_on": DAY,
        "opening": Money(0, "EUR"),
    }
    clerk = embedded.run(projects.an_actor, Role.CLERK, at=at)
    with pytest.raises(Forbidden):
        embedded.run(statements.register_account, actor=clerk, **told)
    treasurer = embedded.run(projects.an_actor, Role.TREASURER, at=at)
    embedded.run(statements.register_account, actor=treasurer, **told)
    with embedded.reading() as session:
        assert not balances.balance(session, chart.bank("B2"))


def test_a_file_is_stored_with_its_lines(embedded: Database, clerk: Actor, at: datetime) -> None:
    told = a_statement(
        a_line("20.00", "gift", on=DAY), a_line("-3.00", "fee", on=DAY), opening="100.00", on=DAY
    )
    with embedded.reading() as session:
        (planned,) = statements.plan(session, b"x", [told])
    assert (planned.account_code, planned.position) == ("B1", 1)
    assert (planned.money_in, planned.money_out) == (Money(2_000, "EUR"), Money(-300, "EUR"))
    assert counts(embedded) == (0, 0, 0)
    done = embedded.run(build.take_in, told, actor=clerk, at=at)
    assert (done.statements, done.lines) == (1, 2)
    assert counts(embedded) == (1, 1, 2)


def test_two_genuine_bookings_of_one_day_stay_two(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    twice = [a_line("5.00", "gift", on=DAY)] * 2
    embedded.run(build.take_in, a_statement(*twice, opening="100.00", on=DAY), actor=clerk, at=at)
    with embedded.reading() as session:
        assert sorted(session.scalars(select(BankLine.occurrence))) == [1, 2]


def test_two_statements_of_one_file_follow_each_other(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    first = a_statement(a_line("5.00", "gift", on=DAY), opening="100.00", on=DAY)
    second = a_statement(a_line("5.00", "gift", on=DAY), opening="105.00", reference="S-2", on=DAY)
    embedded.run(build.take_in, first, second, actor=clerk, at=at)
    with embedded.reading() as session:
        assert sorted(session.scalars(select(BankStatement.position))) == [1, 2]
        assert sorted(session.scalars(select(BankLine.occurrence))) == [1, 2]


def test_the_same_bytes_are_refused(embedded: Database, clerk: Actor, at: datetime) -> None:
    told = a_statement(opening="100.00", on=DAY)
    embedded.run(build.take_in, told, actor=clerk, at=at)
    fault = refused(embedded, told, actor=clerk, at=at)
    assert (fault.code, fault.parameters["imported_at"]) == ("statement_known", at)


def test_an_account_that_is_not_ours(embedded: Database, clerk: Actor, at: datetime) -> None:
    told = a_statement(opening="100.00", on=DAY, account="DE00123456")
    fault = refused(embedded, told, actor=clerk, at=at)
    assert (fault.code, fault.parameters["account"]) == ("statement_wrong_account", "…3456")


def test_lines_that_do_not_make_the_closing(embedded: Database, clerk: Actor, at: datetime) -> None:
    told = a_statement(a_line("5.00", on=DAY), opening="100.00", closing="105.01", on=DAY)
    fault = refused(embedded, told, actor=clerk, at=at)
    assert fault.code == "statement_unbalanced"
    assert fault.parameters["difference"] == Money(1, "EUR")


def test_a_second_statement_that_fails_refuses_the_first_too(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    good = a_statement(a_line("5.00", on=DAY), opening="100.00", on=DAY)
    bad = a_statement(a_line("5.00", on=DAY), opening="105.00", closing="1.00", on=DAY)
    assert refused(embedded, good, bad, actor=clerk, at=at).code == "statement_unbalanced"


def test_another_currency(embedded: Database, clerk: Actor, at: datetime) -> None:
    told = dataclasses.replace(a_statement(opening="100.00", on=DAY), closing=Money(10_000, "USD"))
    fault = refused(embedded, told, actor=clerk, at=at)
    assert (fault.code, fault.parameters["found"]) == ("statement_currency", "USD")


def test_a_first_statement_must_follow_the_opening(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    fault = refused(embedded, a_statement(opening="99.99", on=DAY), actor=clerk, at=at)
    assert (fault.code, fault.parameters["expected"]) == ("statement_gap", Money(10_000, "EUR"))
    early = a_statement(opening="100.00", on=DAY - timedelta(days=40))
    assert refused(embedded, early, actor=clerk, at=at).code == "statement_too_early"


def test_a_missing_statement_is_a_gap(embedded: Database, clerk: Actor, at: datetime) -> None:
    first = a_statement(a_line("5.00", on=DAY), opening="100.00", on=DAY)
    third = a_statement(a_line("6.00", on=DAY), opening="110.00", reference="S-3", on=DAY)
    embedded.run(build.take_in, first, actor=clerk, at=at)
    assert refused(embedded, third, actor=clerk, at=at).code == "statement_gap"


def test_lines_that_are_there_already_are_an_overlap(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    line = a_line("5.00", "gift", on=DAY, reference="BNK-1")
    embedded.run(build.take_in, a_statement(line, opening="100.00", on=DAY), actor=clerk, at=at)
    again = a_statement(line, opening="105.00", reference="S-2", on=DAY)
    fault = refused(embedded, again, actor=clerk, at=at)
    assert (fault.code, fault.parameters["lines"]) == ("statement_overlap", 1)


def test_an_empty_statement_twice_is_an_overlap(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    told = a_statement(opening="100.00", on=DAY)
    embedded.run(build.take_in, told, actor=clerk, at=at)
    with pytest.raises(OffsetError, match="statement_overlap"):
        embedded.run(build.take_in, told, actor=clerk, at=at, data=b"other bytes")


def test_a_long_statement_is_checked_in_parts(
    embedded: Database, clerk: Actor, at: datetime
) -> None:
    lines = [a_line("1.00", f"gift {n}", on=DAY) for n in range(1_100)]
    told = a_statement(*lines, opening="100.00", on=DAY)
    assert embedded.run(build.take_in, told, actor=clerk, at=at).lines == 1_100
    again = a_statement(*lines, opening="1200.00", reference="S-2", on=DAY)
    assert refused(embedded, again, actor=clerk, at=at).parameters["lines"] == 1_100


def test_an_auditor_imports_nothing(embedded: Database, clerk: Actor, at: datetime) -> None:
    del clerk
    auditor = embedded.run(projects.an_actor, Role.AUDITOR, at=at)
    fault = refused(embedded, a_statement(opening="100.00", on=DAY), actor=auditor, at=at)
    assert isinstance(fault, Forbidden)


def test_two_clerks_with_one_file_import_it_once(database: Database, at: datetime) -> None:
    database.run(build.a_bank_account, at=at, opening="100.00")
    clerk = database.run(projects.an_actor, Role.CLERK, at=at)
    told = a_statement(a_line("5.00", "gift", on=DAY), opening="100.00", on=DAY)
    start, said = threading.Barrier(3), []

    def work() -> None:
        start.wait()
        try:
            database.run(build.take_in, told, actor=clerk, at=at)
            said.append("imported")
        except OffsetError as fault:
            said.append(fault.code)

    clerks = [threading.Thread(target=work) for _ in range(3)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join()
    assert sorted(said) == ["imported", "statement_known", "statement_known"]
    assert counts(database) == (1, 1, 1)


def test_evidence_of_the_bank_never_changes(database: Database, at: datetime) -> None:
    database.run(build.a_bank_account, at=at, opening="100.00")
    clerk = database.run(projects.an_actor, Role.CLERK, at=at)
    told = a_statement(a_line("5.00", "gift", on=DAY), opening="100.00", on=DAY)
    database.run(build.take_in, told, actor=clerk, at=at)
    for statement in (
        "UPDATE bank_line SET amount = 1",
        "DELETE FROM bank_line",
        "UPDATE bank_statement SET closing = 1",
        "DELETE FROM bank_file",
        "UPDATE bank_account SET opening = 1",
    ):
        with pytest.raises(DBAPIError):
            database.run(lambda session, sql=statement: session.connection().exec_driver_sql(sql))
