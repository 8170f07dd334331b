"""Which accounts are there, what does each mean, and what must its balance be?

Codes are valid Beancount names; every account holds one currency. The accountant reads the same
table in docs/chart-of-accounts.md, which is generated from here.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import LedgerRefused
from offset.ledger.guards import refusals
from offset.ledger.models import ACCOUNT, Account, Floor
from offset.ledger.writes import insert_missing
from offset.money import EXPONENTS

_TYPES: Final = {
    "Assets": "A",
    "Liabilities": "L",
    "Equity": "E",
    "Income": "I",
    "Expenses": "X",
}
_WORD: Final = r"[A-Z0-9][A-Za-z0-9-]*"


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of account of the chart: its pattern, its name and the state it must be in.

    ``<cur>``, ``<acct>``, ``<tag>``, ``<project>`` and ``<partner>`` stand for one word each.
    """

    pattern: str
    name: str
    meaning: str
    rest: str = ""

    @property
    def floor(self) -> Floor:
        """Whether the account may be spent below zero."""
        return floor_of(self.pattern)

    @property
    def standing(self) -> bool:
        """Whether there is one of it per currency (or restriction), opened when first needed."""
        return not {"<acct>", "<project>", "<partner>"} & set(self.pattern.split(":"))

    def reads(self, code: str) -> bool:
        """Say whether a code is an account of this kind."""
        return re.fullmatch(re.sub(r"<\w+>", _WORD, self.pattern), code) is not None


PLACES: Final = (
    Place(
        "Assets:Stripe:<cur>",
        "Stripe balance",
        "Stripe balance, available and pending",
        "equals Stripe's Balance object",
    ),
    Place("Assets:Bank:<acct>", "Bank account", "a bank account", "equals the bank's statement"),
    Place(
        "Assets:InTransit:Payouts:<cur>",
        "Payouts in transit",
        "clearing: left Stripe, not yet at the bank",
        "0 after the expected delay",
    ),
    Place(
        "Assets:InTransit:Disbursements:<cur>",
        "Disbursements in transit",
        "clearing: ordered for payment, not yet debited by the bank",
        "credit from the order to the bank's debit, then 0",
    ),
    Place(
        "Assets:Receivable:Disputes:<cur>",
        "Disputed payments",
        "withdrawn by Stripe, undecided",
        "0 when no dispute is open",
    ),
    Place(
        "Assets:HeldBy:<partner>:<cur>",
        "Held by a partner",
        "gifts that a partner organisation holds for the fund (reserved, not in use)",
        "equals the partner's statement",
    ),
    Place(
        "Liabilities:Fund:Pool:<cur>",
        "Gifts not yet allocated",
        "net gifts not yet allocated to a project, directed gifts too until their allocation",
        "never below zero credit",
    ),
    Place(
        "Liabilities:Fund:Restricted:<tag>:<cur>",
        "Restricted gifts not yet allocated",
        "the same, for gifts given for a stated purpose",
        "never below zero credit",
    ),
    Place(
        "Liabilities:Project:<project>:<cur>",
        "Allocated to a project",
        "allocated to the project and not yet ordered for payment",
        "never below zero credit",
    ),
    Place(
        "Liabilities:Refunds:<cur>",
        "Refunds",
        "clearing: credited when the source of a refund is found, debited when the money leaves",
        "0 at rest",
    ),
    Place(
        "Liabilities:Unidentified:<cur>",
        "Unidentified receipts",
        "received, giver unknown",
        "0 once every receipt is explained",
    ),
    Place(
        "Equity:RefundReserve:<cur>",
        "Refund reserve",
        "pays what cannot be taken back: parts already paid out, fees that are lost",
        "a debit balance is uncovered and shown in public",
    ),
    Place(
        "Equity:FX:Clearing:<cur>",
        "Currency conversion",
        "both sides of conversions",
        "its value in EUR is the realised result of conversions",
    ),
    Place(
        "Equity:Suspense:<cur>",
        "Suspense",
        "movements of an unknown kind, until a person explains them",
        "must be 0; anything else is an alarm",
    ),
    Place(
        "Equity:Operating:<acct>",
        "Share drawn by the secretariat",
        "the share moved out to the secretariat's operating account",
        "never more in debit than the share that was earned",
    ),
    Place(
        "Equity:Opening:<cur>",
        "Opening balances",
        "the other side of balances brought in when the books were opened",
        "unchanged after the opening",
    ),
    Place(
        "Income:FeePart:<cur>",
        "Part of gifts used by fees",
        "part of gifts consumed by the provider's fee (gross = fund + fee part + share)",
    ),
    Place(
        "Income:Share:<cur>",
        "Share of the secretariat",
        "the secretariat's share of gifts, at the rate stored with each gift",
    ),
    Place("Income:Interest:<cur>", "Interest", "interest paid by our banks"),
    Place("Expenses:Fees:Stripe:<cur>", "Payment fees", "Stripe's fees on payments"),
    Place("Expenses:Fees:Disputes:<cur>", "Dispute fees", "Stripe's fees on disputes"),
    Place("Expenses:Fees:Bank:<cur>", "Bank charges", "charges of our banks"),
    Place(
        "Expenses:Grants:<project>:<cur>",
        "Grants paid",
        "payments to projects as an expense, if the accountant asks for it (reserved, not in use:"
        " a payment settles the liability to the project)",
    ),
)


def stripe(currency: str) -> str:
    """Name the Stripe balance of a currency."""
    return f"Assets:Stripe:{currency}"


def bank(acct: str = "B1") -> str:
    """Name a bank account."""
    return f"Assets:Bank:{acct}"


def payouts_in_transit(currency: str) -> str:
    """Name the clearing account between Stripe and the bank."""
    return f"Assets:InTransit:Payouts:{currency}"


def disbursements_in_transit(currency: str) -> str:
    """Name the clearing account between a payment order and the bank's debit."""
    return f"Assets:InTransit:Disbursements:{currency}"


def disputes(currency: str) -> str:
    """Name what Stripe withdrew for open disputes."""
    return f"Assets:Receivable:Disputes:{currency}"


def pool(currency: str) -> str:
    """Name the gifts not yet allocated."""
    return f"Liabilities:Fund:Pool:{currency}"


def restricted(tag: str, currency: str) -> str:
    """Name the gifts for a stated purpose that are not yet allocated."""
    return f"Liabilities:Fund:Restricted:{tag}:{currency}"


def project(code: str, currency: str) -> str:
    """Name what is allocated to a project."""
    return f"Liabilities:Project:{code}:{currency}"


def refunds(currency: str) -> str:
    """Name the clearing account of refunds."""
    return f"Liabilities:Refunds:{currency}"


def unidentified(currency: str) -> str:
    """Name receipts whose giver is unknown."""
    return f"Liabilities:Unidentified:{currency}"


def reserve(currency: str) -> str:
    """Name the refund reserve."""
    return f"Equity:RefundReserve:{currency}"


def fx(currency: str) -> str:
    """Name the conversion account of a currency."""
    return f"Equity:FX:Clearing:{currency}"


def suspense(currency: str) -> str:
    """Name the account of unexplained movements."""
    return f"Equity:Suspense:{currency}"


def operating(acct: str) -> str:
    """Name the secretariat's operating account, as the place its share was drawn to."""
    return f"Equity:Operating:{acct}"


def opening(currency: str) -> str:
    """Name the other side of opening balances."""
    return f"Equity:Opening:{currency}"


def fee_part(currency: str) -> str:
    """Name the part of gifts that fees consumed."""
    return f"Income:FeePart:{currency}"


def share(currency: str) -> str:
    """Name the secretariat's share of gifts."""
    return f"Income:Share:{currency}"


def interest(currency: str) -> str:
    """Name the interest that our banks pay."""
    return f"Income:Interest:{currency}"


def stripe_fees(currency: str) -> str:
    """Name Stripe's fees on payments."""
    return f"Expenses:Fees:Stripe:{currency}"


def dispute_fees(currency: str) -> str:
    """Name Stripe's fees on disputes."""
    return f"Expenses:Fees:Disputes:{currency}"


def bank_fees(currency: str) -> str:
    """Name the charges of our banks."""
    return f"Expenses:Fees:Bank:{currency}"


def floor_of(code: str) -> Floor:
    """Say whether an account may be spent below zero: funds and projects may not."""
    guarded = code.startswith(("Liabilities:Fund:", "Liabilities:Project:"))
    return Floor.NON_NEGATIVE_CREDIT if guarded else Floor.NONE


def place(code: str) -> Place:
    """Find the kind of account a code names.

    Raises
    ------
    LedgerRefused
        ``account_unknown``.
    """
    for known in PLACES:
        if known.reads(code):
            return known
    raise LedgerRefused("account_unknown", account=code)


def currency_of(code: str) -> str | None:
    """Return the currency that ends a code, or None where the code names no currency."""
    last = code.rpartition(":")[2]
    return last if last in EXPONENTS else None


def open_account(
    session: Session,
    code: str,
    *,
    at: datetime,
    currency: str,
    project_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Open an account of the chart, or return the one that is already open.

    Raises
    ------
    LedgerRefused
        ``account_unknown``: the chart has no such place, or the code names another currency.
        ``currency_mixed``: the account exists in another currency.
    """
    found = _find(session, code)
    if found is None:
        open_missing(session, [(code, currency, project_id)], at=at, on=utc_day(at))
        found = _find(session, code)
    if found is None or found[1] != currency:
        raise LedgerRefused("currency_mixed", account=code, currency=currency)
    return found[0]


def open_missing(
    session: Session,
    wanted: Iterable[tuple[str, str, uuid.UUID | None]],
    *,
    at: datetime,
    on: date,
) -> None:
    """Insert accounts (code, currency, project) that do not exist yet.

    Raises
    ------
    LedgerRefused
        ``account_unknown``.
    """
    rows = []
    for code, currency, project_id in sorted(wanted, key=lambda one: one[0]):
        kind = place(code)
        if currency_of(code) not in {None, currency}:
            raise LedgerRefused("account_unknown", account=code)
        rows.append(
            {
                "id": uuid7(at),
                "code": code,
                "name": f"{kind.name} ({', '.join(_words(kind, code))})",
                "type": _TYPES[code.partition(":")[0]],
                "currency": currency,
                "project_id": project_id,
                "floor": kind.floor.value,
                "opened_on": on,
            }
        )
    with refusals():
        insert_missing(session, ACCOUNT, rows, key="code")


def close_account(session: Session, code: str, *, on: date) -> None:
    """Close an empty account for good; from then on the database refuses postings on it.

    Raises
    ------
    LedgerRefused
        ``account_unknown``, ``account_closed`` or ``account_not_empty``.
    """
    if _find(session, code) is None:
        raise LedgerRefused("account_unknown", account=code)
    with refusals():
        session.execute(ACCOUNT.update().where(ACCOUNT.c.code == code).values(closed_on=on))


def _find(session: Session, code: str) -> tuple[uuid.UUID, str] | None:
    row = session.execute(select(Account.id, Account.currency).where(Account.code == code)).first()
    return None if row is None else (row[0], row[1])


def _words(kind: Place, code: str) -> list[str]:
    pairs = zip(kind.pattern.split(":"), code.split(":"), strict=True)
    return [word for part, word in pairs if part.startswith("<")]
