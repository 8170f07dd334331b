"""Which facts does a receipt freeze about its issuer, its giver and its gift?

None of them names a person: names and addresses stand with the contributor and are put on the
paper when it is printed.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from offset.database.types import canonical
from offset.errors import Refused
from offset.giving import numbers, shares, tax, wording
from offset.giving.models import Donation, DonationStatus
from offset.giving.promise_models import DonorOrganisation
from offset.giving.tax import Giver
from offset.ledger.models import EntrySeal
from offset.money import Money
from offset.people import settings
from offset.people.contributors import Contributor

PARIS: Final = ZoneInfo("Europe/Paris")
NO_LONGER_A_GIFT: Final = frozenset({DonationStatus.REFUNDED, DonationStatus.LOST})


@dataclass(frozen=True)
class Head:
    """What every numbered paper begins with: its number, its link, its day, its issuer."""

    day: date
    number: int
    token: str
    issuer: Mapping[str, Any]
    issuer_version: int

    @property
    def name(self) -> str:
        """The number as it is printed."""
        return f"{self.day.year}-{self.number:06d}"

    def told(self) -> dict[str, Any]:
        """Write it down."""
        return {
            "number": self.name,
            "issued_on": self.day.isoformat(),
            "time_zone": PARIS.key,
            "issuer": dict(self.issuer),
            "issuer_version": self.issuer_version,
        }


def head(session: Session, *, at: datetime) -> Head:
    """Take the next number for the issuer that holds today."""
    issuer = settings.current(session, "issuer")
    day = paris_day(at)
    return Head(
        day=day,
        number=numbers.take(session, issuer.value["legal_name"], day.year),
        token=secrets.token_urlsafe(24),
        issuer=issuer.value,
        issuer_version=issuer.version,
    )


def paris_day(at: datetime) -> date:
    """Return the day a receipt prints for an instant."""
    return at.astimezone(PARIS).date()


def hash_of(facts: Mapping[str, Any]) -> str:
    """Hash facts as canonical JSON."""
    return hashlib.sha256(canonical(dict(facts)).encode()).hexdigest()


def giver_of(session: Session, gift: Donation) -> Giver:
    """Say what is known of who gave: an organisation by its legal name, else the person."""
    organisation = session.scalar(
        select(DonorOrganisation.legal_name).where(
            or_(
                DonorOrganisation.donation_id == gift.id,
                DonorOrganisation.bank_pledge_id == gift.bank_pledge_id,
            )
        )
    )
    row = None if gift.contributor_id is None else session.get(Contributor, gift.contributor_id)
    if row is None or row.erased_at is not None:
        return Giver(None, None, organisation is not None)
    return Giver(organisation or row.name, row.address, organisation is not None)


def kept(gift: Donation) -> Money:
    """Return what of a settled gift was not given back.

    Raises
    ------
    Refused
        ``gift_not_settled``.
    """
    if gift.settled_currency is None or gift.gross is None:
        raise Refused("gift_not_settled")
    left = 0 if gift.status in NO_LONGER_A_GIFT else max(0, gift.gross - gift.refunded)
    return Money(left, gift.settled_currency)


def proof(session: Session, gift: Donation) -> dict[str, str]:
    """Return what proves a gift in the books: its entry, the salt and the leaf."""
    seal = session.execute(
        select(EntrySeal.hash, EntrySeal.salt).where(EntrySeal.entry_id == gift.entry_id)
    ).one()
    return {
        "entry_id": str(gift.entry_id),
        "salt": bytes(seal.salt).hex(),
        "leaf_hash": bytes(seal.hash).hex(),
    }


def minor(value: Money) -> dict[str, Any]:
    """Write an amount as the facts keep it."""
    return {"minor": value.minor, "currency": value.currency}


def paid_on(gift: Donation) -> date:
    """Return the day the money arrived: a debit counts when it cleared, not when it was asked."""
    return paris_day(gift.settled_at or gift.created_at)


def of_gift(
    session: Session, gift: Donation, told: Head, *, replaces: str | None
) -> dict[str, Any]:
    """Freeze the facts of one gift's receipt."""
    sentences = wording.load(gift.language, gift.wording_version)
    left = kept(gift)
    choice = tax.choose(told.issuer, giver_of(session, gift), frozenset({left.currency}))
    keys = (*wording.ON_THE_RECEIPT, *(("refunded",) if gift.refunded else ()))
    return {
        **told.told(),
        "paid_on": paid_on(gift).isoformat(),
        "language": gift.language,
        "wording_version": gift.wording_version,
        "sentences": sentences.some(keys),
        "reference": gift.reference,
        "payment_reference": gift.charge_id,
        "method": gift.method,
        "exchange_rate": gift.exchange_rate,
        **amounts(gift),
        "kept": minor(left),
        **proof(session, gift),
        "gift_path": f"/gift/{gift.token}",
        "receipt_path": f"/receipts/{told.token}",
        "manage_path": manage_path(gift),
        "mandate": gift.mandate_id,
        "replaces": replaces,
        "regime": choice.regime.value,
        "wanting": None if choice.wanting is None else choice.wanting.value,
        "tax": tax.mentions(
            choice,
            tax.Told(
                issuer=told.issuer,
                number=told.name,
                kept=(left,),
                paid_on=paid_on(gift),
                year=paid_on(gift).year,
                issued_on=told.day,
            ),
        ),
    }


def manage_path(gift: Donation) -> str | None:
    """Return where a monthly gift is changed or stopped, without an account."""
    return None if gift.recurring_gift_id is None else f"/gift/{gift.token}/manage"


def amounts(gift: Donation) -> dict[str, Any]:
    """Return a settled gift's amounts: as given, and as it was split in the books' currency.

    Raises
    ------
    Refused
        ``gift_not_settled``.
    """
    if gift.settled_currency is None or gift.gross is None or gift.net is None:
        raise Refused("gift_not_settled")
    currency = gift.settled_currency
    share = gift.share or 0

    def ours(value: int) -> dict[str, Any]:
        return {"minor": value, "currency": currency}

    return {
        "amount": {"minor": gift.amount, "currency": gift.currency},
        "gross": ours(gift.gross),
        "fee": ours(gift.fee or 0),
        "share": ours(share),
        "projects": ours(gift.net - share),
        "refunded": ours(gift.refunded) if gift.refunded else None,
        "refunded_share": ours(shares.pro_rata(gift.refunded, gift.gross, share)),
    }
