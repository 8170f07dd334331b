"""What stands on the paper of a pledge by bank transfer: to whom, how much, under which words?

One paper for a person's transfer and an organisation's pledge letter: reference, account, sum,
what has arrived and what is open, and the text of the square code that a bank's app reads.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import InvalidInput, NotFound
from offset.giving import receipt_facts
from offset.giving.models import Donation
from offset.giving.promise_models import BankPledge, BankPledgeStatus, DonorOrganisation
from offset.money import Money
from offset.people.contributors import Contributor

TEMPLATE: Final = "transfer"
# European Payments Council, EPC069-12 version 2: at most so many bytes, a receiver's name and a
# text of so many letters, and sums of this range.
_MOST_BYTES: Final = 331
_NAME_LETTERS: Final = 70
_TEXT_LETTERS: Final = 140
_MOST_CENTS: Final = 99_999_999_999
_PAYABLE: Final = frozenset(
    {BankPledgeStatus.OPEN, BankPledgeStatus.PARTLY_PAID, BankPledgeStatus.EXPIRED}
)


@dataclass(frozen=True)
class Account:
    """Where a transfer goes."""

    holder: str
    iban: str
    bic: str

    @property
    def grouped(self) -> str:
        """The IBAN in groups of four, as people copy it."""
        plain = self.iban.replace(" ", "")
        return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


@dataclass(frozen=True)
class Organisation:
    """Who gives, when an organisation does."""

    legal_name: str
    registration: str
    purchase_order: str | None


@dataclass(frozen=True)
class Part:
    """One transfer that arrived for a pledge, and the gift it became."""

    arrived_on: date
    amount: Money
    gift_token: str


@dataclass(frozen=True)
class PledgePaper:
    """Everything a pledge's page and letter show."""

    pledge_id: uuid.UUID
    token: str
    reference: str
    status: BankPledgeStatus
    language: str
    made_on: date
    expires_on: date
    amount: Money
    received: Money
    account: Account
    organisation: Organisation | None
    name: str | None
    parts: tuple[Part, ...]
    sentences: Mapping[str, str]

    @property
    def open(self) -> Money:
        """What has not arrived."""
        return Money(max(0, self.amount.minor - self.received.minor), self.amount.currency)

    @property
    def payable(self) -> bool:
        """Whether anything is still expected."""
        return self.status in _PAYABLE and self.open.minor > 0

    @property
    def code(self) -> str | None:
        """The text of the square code for what is open; None where the standard has no code."""
        if not self.payable or self.amount.currency != "EUR":
            return None
        return epc(self.account, self.open, self.reference)

    def facts(self) -> dict[str, Any]:
        """Write it down for the printer."""
        return {
            "reference": self.reference,
            "made_on": self.made_on.isoformat(),
            "expires_on": self.expires_on.isoformat(),
            "amount": receipt_facts.minor(self.amount),
            "received": receipt_facts.minor(self.received),
            "open": receipt_facts.minor(self.open),
            "payable": self.payable,
            "holder": self.account.holder,
            "iban": self.account.grouped,
            "bic": self.account.bic,
            "code": self.code,
            "organisation": None
            if self.organisation is None
            else {
                "legal_name": self.organisation.legal_name,
                "registration": self.organisation.registration,
                "purchase_order": self.organisation.purchase_order,
            },
            "name": self.name,
            "parts": [
                {
                    "arrived_on": one.arrived_on.isoformat(),
                    "amount": receipt_facts.minor(one.amount),
                }
                for one in self.parts
            ],
            "sentences": dict(self.sentences),
            "pledge_path": f"/pledge/{self.token}",
        }


def epc(account: Account, amount: Money, reference: str) -> str:
    """Write the text of a square code that fills in a transfer in a bank's app.

    Raises
    ------
    InvalidInput
        ``transfer_code_impossible``: no euro, a sum out of range, a name or text too long.

    Notes
    -----
    Source: European Payments Council, EPC069-12, Quick Response Code: Guidelines to enable data
    capture for the initiation of a SEPA credit transfer, version 2.
    """
    lines = (
        "BCD",
        "002",
        "1",
        "SCT",
        account.bic.replace(" ", ""),
        account.holder,
        account.iban.replace(" ", ""),
        f"EUR{amount.decimal()}",
        "",
        "",
        reference,
    )
    text = "\n".join(lines)
    possible = (
        amount.currency == "EUR"
        and 0 < amount.minor <= _MOST_CENTS
        and 0 < len(account.holder) <= _NAME_LETTERS
        and len(reference) <= _TEXT_LETTERS
        and not any(mark in account.holder + reference for mark in "\r\n")
        and len(text.encode()) <= _MOST_BYTES
    )
    if not possible:
        raise InvalidInput("transfer_code_impossible")
    return text


def of_pledge(session: Session, token: str) -> PledgePaper:
    """Read the paper of a pledge behind its link.

    Raises
    ------
    NotFound
        ``pledge_unknown``.
    """
    row = session.scalars(select(BankPledge).where(BankPledge.token == token)).first()
    if row is None:
        raise NotFound("pledge_unknown")
    giver = None if row.contributor_id is None else session.get(Contributor, row.contributor_id)
    organisation = session.scalars(
        select(DonorOrganisation).where(DonorOrganisation.bank_pledge_id == row.id)
    ).first()
    arrived = session.scalars(
        select(Donation)
        .where(Donation.bank_pledge_id == row.id, Donation.settled_at.is_not(None))
        .order_by(Donation.settled_at, Donation.id)
    )
    return PledgePaper(
        pledge_id=row.id,
        token=row.token,
        reference=row.reference,
        status=row.status,
        language=row.language,
        made_on=_day(row.created_at),
        expires_on=row.expires_on,
        amount=Money(row.amount, row.currency),
        received=Money(row.received, row.currency),
        account=Account(row.account["holder"], row.account["iban"], row.account["bic"]),
        organisation=None
        if organisation is None
        else Organisation(
            organisation.legal_name, organisation.registration, organisation.purchase_order
        ),
        name=None if giver is None else giver.name,
        parts=tuple(
            Part(
                receipt_facts.paid_on(one),
                Money(one.gross or 0, one.settled_currency or one.currency),
                one.token,
            )
            for one in arrived
        ),
        sentences=row.terms["sentences"],
    )


def _day(at: datetime) -> date:
    return receipt_facts.paris_day(at)
