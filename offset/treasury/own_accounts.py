"""How does one of our own bank accounts enter the books, from a page and with every check?"""

import re
from datetime import date, datetime
from typing import Final

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import InvalidInput
from offset.money import OFFERED, Money
from offset.people.access import Actor
from offset.treasury import statements
from offset.treasury.models import BankAccount

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]+")
_NUMBER: Final = re.compile(r"[A-Z0-9]{4,34}")


def register(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    number: str,
    holder: str,
    opened_on: date,
    opening: Money,
    reason: str,
) -> str:
    """Begin the books of one of our accounts and return its code: ``B1``, ``B2``, ….

    Raises
    ------
    Forbidden
        Without the right to post by hand.
    InvalidInput
        ``iban_wrong``, ``account_number_wrong``, ``holder_missing``, ``day_in_future``,
        ``currency_not_offered``, ``reason_missing``.
    Conflict
        ``bank_account_known``.
    LedgerRefused
        ``period_locked``: an opening balance on a day whose month is closed.
    """
    tidy = read_number(number)
    if not holder.strip():
        raise InvalidInput("holder_missing", field="holder")
    if opened_on > utc_day(at):
        raise InvalidInput("day_in_future", field="opened_on")
    if opening.currency not in OFFERED:
        raise InvalidInput("currency_not_offered", field="currency", currency=opening.currency)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    code = _next_code(session)
    statements.register_account(
        session,
        actor=actor,
        at=at,
        code=code,
        number=tidy,
        holder=holder,
        opened_on=opened_on,
        opening=opening,
        reason=reason.strip(),
    )
    return code


def read_number(text: str) -> str:
    """Write an account number as bank files do; an IBAN by its check digits.

    Raises
    ------
    InvalidInput
        ``iban_wrong`` or ``account_number_wrong``.
    """
    tidy = re.sub(r"[\s.\-/]", "", text).upper()
    if not _NUMBER.fullmatch(tidy):
        raise InvalidInput("account_number_wrong", field="number")
    if _IBAN.fullmatch(tidy):
        try:
            return str(IBAN(tidy))
        except SchwiftyException:
            raise InvalidInput("iban_wrong", field="number") from None
    return tidy


def _next_code(session: Session) -> str:
    """Return the first of B1, B2, … that no account has; two at once meet at the unique key."""
    taken = set(session.scalars(select(BankAccount.code)))
    number = 1
    while f"B{number}" in taken:
        number += 1
    return f"B{number}"
