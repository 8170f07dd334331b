"""Does the bank agree with the books, in public words: matched to which day, with which gap?"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.money import Money
from offset.treasury import screen
from offset.treasury.models import BankAccount, BankLine
from offset.treasury.queries import matched_by_line


@dataclass(frozen=True)
class BankStanding:
    """One of our bank accounts beside its newest statement; no number of it is public."""

    account: str
    stated_on: date | None
    stated: Money
    gap: Money
    open_lines: int

    @property
    def settled(self) -> bool:
        """Whether every line is explained and nothing is missing."""
        return not self.gap and not self.open_lines


def bank_standings(session: Session) -> tuple[BankStanding, ...]:
    """Return how each bank account agrees with the books."""
    matched = matched_by_line()
    rows = session.execute(
        select(BankLine.account_id, func.count())
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(BankLine.amount != func.coalesce(matched.c.total, 0))
        .group_by(BankLine.account_id)
    )
    waiting = {account_id: int(count) for account_id, count in rows}
    found = []
    for account in session.scalars(select(BankAccount).order_by(BankAccount.code)):
        identity = screen.bank_identity(session, account)
        found.append(
            BankStanding(
                account=account.code,
                stated_on=identity.stated_on,
                stated=identity.stated,
                gap=identity.gap,
                open_lines=waiting.get(account.id, 0),
            )
        )
    return tuple(found)
