"""How does a gift settle that came by bank transfer instead of by card?"""

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import Refused
from offset.giving import directives, donations, pledges, shares
from offset.giving.models import Donation, DonationStatus
from offset.giving.references import references_in
from offset.ledger import entries, journal
from offset.money import Money
from offset.treasury.matching import Candidate, Line, gift_candidate


def expected(session: Session, lines: Collection[Line]) -> tuple[Candidate, ...]:
    """Return the unpaid gifts and the pledges whose reference stands in one of these lines.

    A pledge may be paid in parts, so each line that names it is expected with its own amount.
    """
    named = {reference for line in lines for reference in references_in(line.text)}
    if not named:
        return ()
    return (*_gifts(session, named), *_parts(session, named, lines))


def _parts(
    session: Session, named: Collection[str], lines: Collection[Line]
) -> Iterator[Candidate]:
    known = {one.reference: one for one in pledges.named(session, named)}
    seen = set()
    for line in lines:
        for reference in references_in(line.text):
            pledge = known.get(reference)
            if pledge is None or (pledge.id, line.amount) in seen:
                continue
            seen.add((pledge.id, line.amount))
            if line.amount.minor > 0 and line.amount.currency == pledge.currency:
                # A part may come long after the promise: it is expected when it comes.
                yield gift_candidate(pledge.id, line.amount, line.booked_on, reference=reference)


def _gifts(session: Session, named: Collection[str]) -> tuple[Candidate, ...]:
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

    ``donation_id`` may be that of a pledge: then the line is one of its parts, a gift of its own.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    Refused
        ``gift_settled`` already; ``match_amount_differs``; ``pledge_currency``.
    """
    gift = pledges.part(session, donation_id, amount=amount, line_id=line.id, at=at)
    if gift is None:
        gift = _announced(session, donation_id, amount)
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


def _announced(session: Session, donation_id: uuid.UUID, amount: Money) -> Donation:
    """Return the one gift that a transfer names, if it is that amount and not there yet."""
    gift = donations.locked(session, donation_id)
    if gift.settled_at is not None:
        raise Refused("gift_settled", field="kind", reference=gift.reference)
    wanted = Money(gift.amount, gift.currency)
    if amount != wanted:
        raise Refused("match_amount_differs", field="kind", wanted=wanted)
    return gift
