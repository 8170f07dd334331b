"""Which months did the desk close before the demonstration opened? All but the last whole one.

Each bank that took no part in the season wrote its monthly fee on a statement; what nobody could
explain was booked as unidentified, and what stood for too long was explained in writing. The last
whole month stays in the middle, for whoever closes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select

from offset.database.session import Database
from offset.ledger import periods as ledger
from offset.ledger.models import PeriodStatus
from offset.money import Money
from offset.people.access import Actor
from offset.sandbox.year.papers import written
from offset.sandbox.year.plan import NUMBERS
from offset.treasury import mappings, month, periods, reconciliation, statements
from offset.treasury.matching import Kind
from offset.treasury.models import BankStatement
from offset.treasury.ports import StatementLine, StatementReader
from offset.treasury.reconciliation import Part

_QUIET: Final = ("B2", "B3", "B4")
_FEE: Final = 350


@dataclass(frozen=True)
class Desk:
    """The books, who reads the banks' files, and who works at the desk."""

    database: Database
    reader: StatementReader
    people: Mapping[str, Actor]


def last_whole(now: datetime) -> date:
    """Return the first day of the last month that is over."""
    return (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)


def tell(desk: Desk, *, now: datetime) -> None:
    """Import what the quiet banks wrote, and close every month but the last whole one."""
    last = last_whole(now)
    with desk.database.reading() as session:
        waiting = sorted(
            one.starts_on
            for one in ledger.months(session)
            if one.status is not PeriodStatus.LOCKED and one.starts_on <= last
        )
    for first in waiting:
        for code in _QUIET:
            _fee(desk, code, ledger.month_of(first)[1], now)
    for first in waiting:
        if first < last:
            _explain(desk, first, now)
            desk.database.run(
                periods.close, actor=desk.people["treasurer"], at=now, starts_on=first
            )


def _fee(desk: Desk, code: str, on: date, now: datetime) -> None:
    """Import the statement of a month in which a bank took its fee and nothing else."""
    with desk.database.reading() as session:
        account = statements.account_by_code(session, code)
        standing = session.scalars(
            select(BankStatement)
            .where(BankStatement.account_id == account.id)
            .order_by(BankStatement.position.desc())
            .limit(1)
        ).one()
        currency, number = account.currency, standing.position + 1
        opening = Money(standing.closing, currency)
        sheet = mappings.sheet(session, code)
    line = StatementLine(
        amount=Money(-_FEE, currency),
        booked_on=on,
        value_on=on,
        bank_reference=f"{code}FEE{on:%Y%m}",
        text="MONTHLY ACCOUNT FEE",
    )
    paper = written(
        code,
        NUMBERS[code],
        number=number,
        opening=opening,
        lines=[line],
        on=on,
    )
    # Imported today: other banks' lines of later days wait already, and nothing is booked ahead.
    desk.database.run(
        reconciliation.import_statement,
        actor=desk.people["clerk"],
        at=now,
        data=paper.data,
        name=paper.name,
        read=desk.reader.read(paper.data, sheet),
    )
    for item in _open(desk, on.replace(day=1), on):
        if item.name.startswith("MONTHLY ACCOUNT FEE"):
            _confirm(desk, item, Kind.BANK_FEE, now)


def _explain(desk: Desk, first: date, now: datetime) -> None:
    """Book what nobody could explain as unidentified, and say why the rest stands."""
    for item in _open(desk, first, now.date()):
        if item.code == "line":
            kind = Kind.UNIDENTIFIED if item.amount.minor > 0 else Kind.BANK_FEE
            _confirm(desk, item, kind, now)
    for item in _open(desk, first, now.date()):
        if item.open:
            desk.database.run(
                periods.explain,
                actor=desk.people["clerk"],
                at=now,
                starts_on=first,
                item=item.key,
                text="Looked at one by one: each waits for its giver or for the bank",
            )


def _open(desk: Desk, first: date, on: date) -> Iterator[month.Item]:
    with desk.database.reading() as session:
        found = month.look(session, first, on=on)
    yield from found.items


def _confirm(desk: Desk, item: month.Item, kind: Kind, at: datetime) -> None:
    if item.line_id is None:
        return
    desk.database.run(
        reconciliation.confirm,
        actor=desk.people["clerk"],
        at=at,
        line_id=item.line_id,
        parts=[Part(kind=kind)],
    )
