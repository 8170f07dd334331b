"""How does a test get a draft, an account or a sealed fact?"""

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from offset.ledger import chart, entries
from offset.ledger.entries import BankLine, Draft, Line, Movement
from offset.money import Money, parse_money

ON = date(2026, 11, 14)


def eur(text: str) -> Money:
    """An amount in EUR: ``60.00``."""
    return parse_money(text, "EUR")


def a_movement(number: int = 1, *, kind: str = "charge", on: date = ON) -> Movement:
    """A balance transaction."""
    return Movement(f"txn_{number}", on, kind)


def a_bank_line(number: int = 1, *, on: date = ON, account: str = "Assets:Bank:B1") -> BankLine:
    """A line of a bank statement."""
    return BankLine(f"line-{number}", on, account)


def a_gift(
    number: int = 1,
    *,
    gross: str = "60.00",
    fee: str = "1.15",
    share: str = "3.00",
    on: date = ON,
    fund: str | None = None,
) -> Draft:
    """A settled gift, to the pool unless said."""
    return entries.gift_settled(
        a_movement(number, on=on), gross=eur(gross), fee=eur(fee), share=eur(share), fund=fund
    )


def an_entry(
    *lines: tuple[str, int], key: str = "test:1", on: date = ON, kind: str = "opening"
) -> Draft:
    """Any entry at all, in cents of EUR; nothing says that it balances."""
    return Draft(
        key,
        kind,
        on,
        "test",
        key,
        tuple(Line(account, Money(minor, "EUR")) for account, minor in lines),
    )


def a_project_account(
    session: Session, code: str = "P0001", *, at: datetime, currency: str = "EUR"
) -> uuid.UUID:
    """A project's account; give the project's id."""
    project_id = uuid.uuid5(uuid.NAMESPACE_URL, code)
    chart.open_account(
        session, chart.project(code, currency), at=at, currency=currency, project_id=project_id
    )
    return project_id


def a_bank_account(session: Session, acct: str = "B1", *, at: datetime) -> uuid.UUID:
    """A bank account in EUR."""
    return chart.open_account(session, chart.bank(acct), at=at, currency="EUR")
