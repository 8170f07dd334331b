"""What does the bank announce and has not booked yet? Shown apart, never counted, never booked."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from offset.money import Money
from offset.treasury.models import BankAccount, BankStatement, PendingLine

_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Announced:
    """A movement that the last statement of an account announces."""

    account: str
    statement: str
    stated_on: date
    expected_on: date
    amount: Money
    text: str
    counterparty: str


def listed(session: Session) -> tuple[Announced, ...]:
    """Return what the last statement of each account announces, in the order of the days.

    What an earlier statement announced was booked since, or will never be: the bank tells it
    again as long as it waits.
    """
    later = aliased(BankStatement)
    newer = exists().where(
        later.account_id == BankStatement.account_id, later.position > BankStatement.position
    )
    rows = session.execute(
        select(PendingLine, BankStatement.reference, BankStatement.closed_on, BankAccount.code)
        .join(BankStatement, BankStatement.id == PendingLine.statement_id)
        .join(BankAccount, BankAccount.id == BankStatement.account_id)
        .where(~newer)
        .order_by(PendingLine.expected_on, BankAccount.code, PendingLine.number)
        .limit(_SHOWN)
    )
    return tuple(
        Announced(
            account=code,
            statement=reference,
            stated_on=closed_on,
            expected_on=row.expected_on,
            amount=Money(row.amount, row.currency),
            text=row.text,
            counterparty=row.counterparty or "",
        )
        for row, reference, closed_on, code in rows
    )
