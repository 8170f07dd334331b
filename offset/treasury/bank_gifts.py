"""How does a gift settle that came by bank transfer instead of by card?"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import Refused
from offset.giving import directives, donations, shares
from offset.giving.models import Donation, DonationStatus
from offset.giving.references import references_in
from offset.ledger import entries, journal
from offset.money import Money
from offset.treasury.matching import Candidate, gift_candidate


def expected(session: Session, texts: Collection[str]) -> tuple[Candidate, ...]:
    """Return the unpaid gifts whose reference stands in one of these texts."""
    named = {reference for text in texts for reference in references_in(text)}
    if not named:
        return ()
    waiting = session.scalars(
        select(Donation)
        .where(Donation.reference.in_(named), Donation.settled_at.is_(None))
        .order_by(Donation.reference)
    )
    return tuple(
        gift_candidate(
            gift.id,
            Money(gift.amount, gift.currency),
            utc_day(gift.created_at),
            reference=gift.reference,
        )
        for gift in waiting
    )


def settle(
    session: Session,
    donation_id: uuid.UUID,
    *,
    line: entries.BankLine,
    amount: Money,
    at: datetime,
    actor_id: uuid.UUID | None,
) -> uuid.UUID:
    """Book a transfer as the gift it names (R16); no card fee, the share as it was stated.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    Refused
        ``gift_settled`` already; ``match_amount_differs``.
    """
    gift = donations.locked(session, donation_id)
    if gift.settled_at is not None:
        raise Refused("gift_settled", field="kind", reference=gift.reference)
    wanted = Money(gift.amount, gift.currency)
    if amount != wanted:
        raise Refused("match_amount_differs", field="kind", wanted=wanted)
    share = shares.share_of(amount.minor, amount.minor, gift.share_bp)
    draft = entries.bank_gift(
        line,
        amount=amount,
        share=Money(share, amount.currency),
        fund=directives.fund_of(gift, amount.currency),
    )
    posted = journal.post(session, draft, at=at, actor_id=actor_id)
    gift.settled_at = at
    gift.settled_currency = amount.currency
    gift.gross, gift.fee, gift.net = amount.minor, 0, amount.minor
    gift.share = share
    gift.method = "bank_transfer"
    gift.entry_id = posted.entry_id
    gift.unallocated = amount.minor - share
    gift.receipt_due = True
    donations.advance(session, gift, DonationStatus.SUCCEEDED, at=at, cause=f"bank:{line.id}")
    session.flush()
    return posted.entry_id
