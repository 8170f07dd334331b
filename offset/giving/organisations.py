"""Which organisation gives, as its accountant needs it named?"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput
from offset.giving.models import DonorOrganisation
from offset.people import contributors

_LONGEST: Final = 200
_SHORT: Final = 64
_ADDRESS: Final = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>]{2,}")


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """What an organisation says of itself: name, number, where bills go, its own reference."""

    legal_name: str
    registration: str
    email: str
    purchase_order: str = ""


def checked(told: Organisation) -> Organisation:
    """Return what an organisation said of itself, tidied.

    Raises
    ------
    InvalidInput
        ``organisation_unnamed``, ``organisation_unregistered``, ``email_unreadable``.
    """
    name = " ".join(told.legal_name.split())[:_LONGEST]
    number = " ".join(told.registration.split())[:_SHORT]
    if not name:
        raise InvalidInput("organisation_unnamed", field="legal_name")
    if not number:
        raise InvalidInput("organisation_unregistered", field="registration")
    return Organisation(
        legal_name=name,
        registration=number,
        email=address(told.email),
        purchase_order=" ".join(told.purchase_order.split())[:_SHORT],
    )


def address(text: str) -> str:
    """Return a mail address without what surrounds it.

    Raises
    ------
    InvalidInput
        ``email_unreadable``.
    """
    plain = text.strip()
    if not _ADDRESS.fullmatch(plain):
        raise InvalidInput("email_unreadable", field="email")
    return plain


def billed_to(session: Session, told: Organisation, *, at: datetime) -> uuid.UUID:
    """Keep the billing address, to which the receipt goes; return whose it is."""
    return contributors.keep(session, at=at, email=told.email, name=told.legal_name)


def keep(
    session: Session,
    told: Organisation,
    *,
    at: datetime,
    donation_id: uuid.UUID | None = None,
    bank_pledge_id: uuid.UUID | None = None,
    contributor_id: uuid.UUID,
) -> None:
    """Write down which organisation the contributor with the billing address is."""
    session.add(
        DonorOrganisation(
            id=uuid7(at),
            donation_id=donation_id,
            bank_pledge_id=bank_pledge_id,
            contributor_id=contributor_id,
            legal_name=told.legal_name,
            registration=told.registration,
            purchase_order=told.purchase_order or None,
            recorded_at=at,
        )
    )
    session.flush()


def of_gift(session: Session, donation_id: uuid.UUID) -> DonorOrganisation | None:
    """Return the organisation that gave a gift, if one did."""
    return session.scalars(
        select(DonorOrganisation).where(DonorOrganisation.donation_id == donation_id)
    ).one_or_none()
