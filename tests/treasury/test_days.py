"""Are days that cannot be, and notices about batches, taken for what they are?"""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import OffsetError
from offset.people.access import Actor, Role
from offset.treasury import statements
from offset.treasury.models import BankLine, BankNotice, BankStatement
from offset.treasury.ports import Statement
from tests.builders import projects
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_statement, eur

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
DAY = AT.date()


@pytest.fixture
def clerk(embedded: Database) -> Actor:
    embedded.run(build.a_bank_account, at=AT - timedelta(days=30), opening="100.00")
    return embedded.run(projects.an_actor, Role.CLERK, at=AT)


def take(database: Database, clerk: Actor, *told: Statement) -> statements.Imported:
    return database.run(build.take_in, *told, actor=clerk, at=AT)


def refused(database: Database, clerk: Actor, *told: Statement) -> OffsetError:
    with pytest.raises(OffsetError) as caught:
        take(database, clerk, *told)
    with database.reading() as session:
        assert session.scalars(select(BankLine)).all() == []
    return caught.value


def of_days(opened: date, closed: date, *booked: date) -> Statement:
    lines = [a_line("1.00", f"gift {n}", on=day) for n, day in enumerate(booked)]
    told = a_statement(*lines, opening="100.00", on=closed)
    return dataclasses.replace(told, opened_on=opened)


@pytest.mark.parametrize(
    ("opened", "closed", "booked"),
    [
        (1, 0, ()),  # opens after it closes
        (0, 0, (1,)),  # books after it closes
    ],
)
def test_days_that_cannot_be(
    embedded: Database, clerk: Actor, opened: int, closed: int, booked: tuple[int, ...]
) -> None:
    days = [DAY + timedelta(days=shift) for shift in (opened, closed, *booked)]
    fault = refused(embedded, clerk, of_days(*days))
    assert fault.code == "statement_dates"
    assert fault.parameters["later"] > fault.parameters["earlier"]  # type: ignore[operator] # days


def test_a_bank_may_date_over_a_long_weekend_and_book_for_the_day_before(
    embedded: Database, clerk: Actor
) -> None:
    monday = DAY + timedelta(days=5)
    take(embedded, clerk, of_days(DAY, monday, monday, DAY - timedelta(days=3)))
    with embedded.reading() as session:
        assert {line.booked_on for line in session.scalars(select(BankLine))} == {
            monday,
            DAY - timedelta(days=3),
        }


def test_days_out_of_order_in_one_statement_keep_their_place(
    embedded: Database, clerk: Actor
) -> None:
    first = DAY - timedelta(days=2)
    take(embedded, clerk, of_days(first, DAY, DAY, first, DAY))
    with embedded.reading() as session:
        days = session.scalars(select(BankLine.booked_on).order_by(BankLine.number)).all()
    assert days == [DAY, first, DAY]


def test_statements_out_of_order_in_one_file_are_put_in_order(
    embedded: Database, clerk: Actor
) -> None:
    days = [DAY - timedelta(days=shift) for shift in (2, 1, 0)]
    openings = ("100.00", "105.00", "110.00")
    told = [
        a_statement(a_line("5.00", "x", on=day), opening=opening, reference=f"S-{n}", on=day)
        for n, (day, opening) in enumerate(zip(days, openings, strict=True))
    ]
    take(embedded, clerk, told[2], told[0], told[1])
    with embedded.reading() as session:
        kept = session.scalars(
            select(BankStatement.reference).order_by(BankStatement.position)
        ).all()
    assert kept == ["S-0", "S-1", "S-2"]


def test_statements_of_one_day_go_by_their_numbers_or_as_they_stand(
    embedded: Database, clerk: Actor
) -> None:
    del clerk

    def one(opening: str, sequence: int | None) -> Statement:
        told = a_statement(
            a_line("5.00", "x", on=DAY), opening=opening, reference=f"S-{opening}", on=DAY
        )
        return dataclasses.replace(told, sequence=sequence)

    for told in (
        (one("105.00", 8), one("100.00", 7)),
        (one("100.00", 7), one("105.00", None)),
        (one("100.00", None), one("105.00", 7)),
        (one("100.00", None), one("105.00", None)),
    ):
        with embedded.reading() as session:
            planned = statements.plan(session, b"x", told)
        assert [each.statement.opening for each in planned] == [eur("100.00"), eur("105.00")]


@pytest.mark.parametrize("booked", [(), (6,)])
def test_a_statement_of_days_to_come_is_refused(
    embedded: Database, clerk: Actor, booked: tuple[int, ...]
) -> None:
    days = [DAY + timedelta(days=shift) for shift in (0, 6, *booked)]
    assert refused(embedded, clerk, of_days(*days)).code == "statement_ahead"


def test_a_file_of_earlier_days_than_the_last_is_refused(embedded: Database, clerk: Actor) -> None:
    take(embedded, clerk, a_statement(opening="100.00", on=DAY))
    late = a_statement(opening="100.00", reference="S-0", on=DAY - timedelta(days=1))
    assert refused(embedded, clerk, late).code == "statement_too_early"


def test_a_number_that_is_left_out_is_pointed_at(embedded: Database, clerk: Actor) -> None:
    first = dataclasses.replace(a_statement(opening="100.00", on=DAY), sequence=4)
    take(embedded, clerk, first)
    for sequence, warnings in ((5, ()), (6, ("sequence_jump",)), (None, ())):
        after = dataclasses.replace(
            a_statement(opening="100.00", reference="S-2", on=DAY), sequence=sequence
        )
        with embedded.reading() as session:
            (planned,) = statements.plan(session, b"other", [after])
        assert planned.warnings == warnings


def a_notice(*parts: tuple[str, str], batch: str = "BATCH-1", reference: str = "N-1") -> Statement:
    lines = [
        dataclasses.replace(
            a_line(amount, text, on=DAY, reference=f"{batch}/{n}", end_to_end=f"E2E-{n}"),
            counterparty=f"Giver {n}",
        )
        for n, (amount, text) in enumerate(parts, start=1)
    ]
    told = a_statement(*lines, closing="0.00", reference=reference, on=DAY)
    return dataclasses.replace(told, notice=True)


PARTS = (("30.00", "DON-2345678"), ("20.00", "DON-2345679"))


def a_batch(amount: str = "50.00") -> Statement:
    line = a_line(amount, "REMISE 2 VIREMENTS", on=DAY, reference="BATCH-1")
    return a_statement(line, a_line("1.00", "alone", on=DAY), opening="100.00", on=DAY)


def test_a_notice_books_nothing_and_cuts_the_batch_that_follows(
    embedded: Database, clerk: Actor
) -> None:
    done = take(embedded, clerk, a_notice(*PARTS))
    assert (done.statements, done.lines, done.notices) == (0, 0, 2)
    with embedded.reading() as session:
        assert session.scalars(select(BankLine)).all() == []
        assert {one.bank_reference for one in session.scalars(select(BankNotice))} == {"BATCH-1"}
    assert take(embedded, clerk, a_batch()).lines == 3
    with embedded.reading() as session:
        lines = session.scalars(select(BankLine).order_by(BankLine.number)).all()
        told = [
            (one.amount, one.text, one.bank_reference, one.end_to_end_id, one.counterparty)
            for one in lines
        ]
    assert told == [
        (3_000, "DON-2345678", "BATCH-1/1", "E2E-1", "Giver 1"),
        (2_000, "DON-2345679", "BATCH-1/2", "E2E-2", "Giver 2"),
        (100, "alone", None, None, None),
    ]


def test_a_notice_that_tells_another_sum_or_one_part_cuts_nothing(
    embedded: Database, clerk: Actor
) -> None:
    take(embedded, clerk, a_notice(*PARTS), a_notice(("9.00", "x"), batch="OTHER", reference="N"))
    nine = a_line("9.00", "one part", on=DAY, reference="OTHER")
    told = a_statement(
        a_line("50.01", "REMISE", on=DAY, reference="BATCH-1"), nine, opening="100.00", on=DAY
    )
    assert take(embedded, clerk, told).lines == 2
    with embedded.reading() as session:
        texts = {line.text for line in session.scalars(select(BankLine))}
    assert texts == {"REMISE", "one part"}


def test_a_notice_told_again_adds_nothing(embedded: Database, clerk: Actor) -> None:
    take(embedded, clerk, a_notice(*PARTS))
    again = a_notice(*PARTS, reference="N-2")
    fault = refused(embedded, clerk, again)
    assert (fault.code, fault.parameters["lines"]) == ("statement_overlap", 2)
    # In one file too; what is new beside it is kept.
    fresh = a_notice(("7.00", "x"), ("8.00", "y"), batch="BATCH-2", reference="N-3")
    more = dataclasses.replace(fresh, lines=(*again.lines, *fresh.lines))
    assert take(embedded, clerk, more).notices == 2


def test_the_same_notice_twice_in_one_file(embedded: Database, clerk: Actor) -> None:
    fault = refused(embedded, clerk, a_notice(*PARTS), a_notice(*PARTS, reference="N-2"))
    assert fault.code == "statement_overlap"


def test_a_batch_cut_once_is_not_taken_in_a_second_time(embedded: Database, clerk: Actor) -> None:
    take(embedded, clerk, a_notice(*PARTS))
    take(embedded, clerk, a_batch())
    again = dataclasses.replace(
        a_batch(), reference="S-2", opening=eur("151.00"), closing=eur("202.00")
    )
    with pytest.raises(OffsetError, match="statement_overlap"):
        take(embedded, clerk, again)


def test_a_notice_whose_parts_have_no_name_says_so(embedded: Database, clerk: Actor) -> None:
    told = a_notice(*PARTS)
    bare = tuple(dataclasses.replace(line, bank_reference=None) for line in told.lines)
    fault = refused(embedded, clerk, dataclasses.replace(told, lines=bare))
    assert fault.code == "statement_notice_unnamed"


def test_a_second_page_has_the_name_of_the_first(embedded: Database, clerk: Actor) -> None:
    def page(amount: str, opening: str, text: str) -> Statement:
        return a_statement(a_line(amount, text, on=DAY), opening=opening, reference="P", on=DAY)

    take(embedded, clerk, page("5.00", "100.00", "a"))
    take(embedded, clerk, page("6.00", "105.00", "b"))
    still = a_statement(opening="111.00", reference="P", on=DAY)
    with pytest.raises(OffsetError, match="statement_overlap"):
        take(embedded, clerk, still)
