"""What went back, or may have to, shortly before the demonstration opened?

A donor's bank asks about a payment and waits for our answer; a large gift was given twice by
mistake, and its refund waits for a second person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving import donations, refund_rows
from offset.giving.models import AllocationRow, Donation, DonationStatus
from offset.giving.ports import CheckoutGateway
from offset.money import Money
from offset.people.access import Actor
from offset.projects.models import Project
from offset.sandbox.stripe.control import Control

_LARGE: Final = Money(64_000, "EUR")
_DISPUTED_BELOW: Final = 6_000
_NEXT_PAID: Final = "P0001"


@dataclass(frozen=True)
class Till:
    """Where the demonstration's donors pay, and how what the processor says is taken in."""

    database: Database
    checkout: CheckoutGateway
    control: Control
    public_url: str
    deliver: Callable[[datetime], None]


def tell(till: Till, clerk: Actor, *, opened: datetime, given: datetime, asked: datetime) -> None:
    """Open the dispute, let the large gift be paid, and prepare its refund."""
    with till.database.reading() as session:
        session_id = _to_dispute(session, opened)
    if session_id is not None:
        till.control.dispute(session=session_id, reason="fraudulent", created=opened)
        till.deliver(opened)
    pledged = till.database.run(donations.pledge, at=given, amount=_LARGE, language="fr")
    page = donations.to_checkout(
        till.database,
        till.checkout,
        pledged,
        title="Contribution to soil projects",
        success_url=f"{till.public_url}/gift/{pledged.token}?paid={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{till.public_url}/contribute",
        at=given,
    )
    till.control.pay(
        page.session_id,
        email="association@demo.example",
        name="Club of hikers (invented)",
        created=given,
    )
    till.deliver(given)
    till.database.run(
        refund_rows.prepare,
        actor=clerk,
        at=asked,
        donation_id=pledged.donation_id,
        amount=_LARGE,
        reason="Paid by card and by transfer: the donor asks for the card payment back.",
    )


def _to_dispute(session: Session, before: datetime) -> str | None:
    """Find the newest small gift by card that a bank could ask about."""
    return session.scalars(
        select(Donation.session_id)
        .where(
            Donation.status == DonationStatus.SUCCEEDED,
            Donation.session_id.is_not(None),
            Donation.settled_at < before,
            Donation.amount < _DISPUTED_BELOW,
            # whose money no payment waits for: a dispute would hold it
            Donation.id.not_in(
                select(AllocationRow.donation_id)
                .join(Project, Project.id == AllocationRow.project_id)
                .where(Project.code == _NEXT_PAID)
            ),
        )
        .order_by(Donation.settled_at.desc(), Donation.id)
        .limit(1)
    ).first()
