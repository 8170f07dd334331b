"""Does the public line about the bank say what the reconciliation says?"""

from datetime import datetime

from sqlalchemy import select

from offset.database.session import Database
from offset.money import Money
from offset.reports.totals import bank_standings
from offset.treasury import reconciliation
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_statement


def test_the_bank_is_settled_once_every_line_is_explained(embedded: Database, at: datetime) -> None:
    house = embedded.run(build.a_house, at=at, opening="10.00")
    told = a_statement(a_line("5.00", "x", on=at.date()), opening="10.00", on=at.date())
    with embedded.reading() as session:
        (before,) = bank_standings(session)
    assert (before.settled, before.stated) == (True, Money(1_000, "EUR"))
    embedded.run(build.take_in, told, actor=house.clerk, at=at)
    with embedded.reading() as session:
        (open_,) = bank_standings(session)
        line_id = session.scalars(select(BankLine.id)).one()
    assert (open_.settled, open_.open_lines, open_.gap) == (False, 1, Money(0, "EUR"))
    embedded.run(
        reconciliation.confirm,
        actor=house.clerk,
        at=at,
        line_id=line_id,
        parts=[Part(kind=Kind.UNIDENTIFIED)],
    )
    with embedded.reading() as session:
        (done,) = bank_standings(session)
    assert (done.settled, done.account, done.stated) == (True, "B1", Money(1_500, "EUR"))
    assert done.stated_on == at.date()
