"""How does the desk help a giver: look, correct a name or an address, send a mail again?

Each look and each correction is on the trail with who and when, never with what was read.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from offset.errors import InvalidInput, NotFound, Refused
from offset.giving import cancellations, donations, receipts
from offset.giving.models import Contributor, Donation, Receipt
from offset.giving.queries import donor_page
from offset.giving.queries.donor_page import DonorPage
from offset.people import audit, outbox, users
from offset.people.access import Actor, Right, require
from offset.people.models import OutboxMessage
from offset.people.outbox import GivenUp

LONGEST: Final = 200
_LONGEST_ADDRESS: Final = 500


def look(
    session: Session, *, actor: Actor, at: datetime, contributor_id: uuid.UUID, why: str = ""
) -> DonorPage:
    """Read everything about a giver, and write down that somebody did.

    Raises
    ------
    Forbidden
        Without the right to see who gave.
    InvalidInput
        ``too_long``: the reason.
    NotFound
        ``donor_unknown``.
    """
    require(actor, Right.SEE_DONORS)
    told = _text(why, "why", LONGEST)
    # Written first, so that the page shows this look too.
    if session.get(Contributor, contributor_id) is None:
        raise NotFound("donor_unknown")
    seen(session, actor=actor, at=at, contributor_id=contributor_id, why=told)
    session.flush()
    return donor_page.donor(session, contributor_id)


def seen(
    session: Session, *, actor: Actor, at: datetime, contributor_id: uuid.UUID, why: str = ""
) -> None:
    """Write down that somebody looked at a person."""
    audit.record(
        session,
        at=at,
        actor=actor,
        action="person.seen",
        object_type="contributor",
        object_id=contributor_id,
        details={"why": why} if why else None,
    )


def found(session: Session, *, actor: Actor, at: datetime, contributor_ids: Sequence[str]) -> None:
    """Write down that a search named people.

    Raises
    ------
    Forbidden
        Without the right to see who gave.
    """
    require(actor, Right.SEE_DONORS)
    for one in contributor_ids:
        audit.record(
            session,
            at=at,
            actor=actor,
            action="person.sought",
            object_type="contributor",
            object_id=one,
        )


def correct(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    contributor_id: uuid.UUID,
    name: str,
    address: str,
    email: str,
    reason: str,
) -> int:
    """Correct what is printed of a giver; standing receipts of their gifts are replaced.

    A receipt is never edited: the one that stands is cancelled, and its replacement, with the next
    number, goes out with the note. Where only the mail address was wrong, the same paper holds and
    is not replaced. Returns how many receipts were.

    Raises
    ------
    Forbidden
        Without the right to see who gave.
    InvalidInput
        ``reason_missing``, ``too_long``, ``email_unreadable``; ``nothing_changed``.
    NotFound
        ``donor_unknown``.
    Refused
        ``donor_forgotten``: whoever asked to be forgotten is not written down again.
    """
    require(actor, Right.SEE_DONORS)
    row = session.get(Contributor, contributor_id)
    if row is None:
        raise NotFound("donor_unknown")
    if row.erased_at is not None:
        raise Refused("donor_forgotten")
    why = _text(reason, "reason", LONGEST)
    if not why:
        raise InvalidInput("reason_missing", field="reason")
    told = {
        "name": _text(name, "name", LONGEST) or None,
        "address": _text(address, "address", _LONGEST_ADDRESS, lines=True) or None,
        "email": users.check_address(email) if email.strip() else None,
    }
    changed = sorted(field for field, value in told.items() if value != getattr(row, field))
    if not changed:
        raise InvalidInput("nothing_changed", field="name")
    for field in changed:
        setattr(row, field, told[field])
    session.flush()
    replaced = 0 if changed == ["email"] else _replace(session, contributor_id, at=at)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="donor.corrected",
        object_type="contributor",
        object_id=contributor_id,
        details={"fields": changed, "receipts": replaced, "reason": why},
    )
    return replaced


def undelivered(session: Session, *, actor: Actor) -> tuple[GivenUp, ...]:
    """List the mails that were given up.

    Raises
    ------
    Forbidden
        Without the right to see who gave.
    """
    require(actor, Right.SEE_DONORS)
    return outbox.given_up(session)


def mail_again(
    session: Session, *, actor: Actor, at: datetime, message_id: uuid.UUID, email: str
) -> None:
    """Send a mail that was given up to a right address, which is the giver's from now on.

    Raises
    ------
    Forbidden
        Without the right to see who gave.
    InvalidInput
        ``email_unreadable``.
    NotFound
        ``mail_unknown``.
    Refused
        ``mail_not_given_up``.
    """
    require(actor, Right.SEE_DONORS)
    to = users.check_address(email)
    before = outbox.try_again(session, message_id, to=to, at=at)
    if before != to:
        session.execute(update(Contributor).where(Contributor.email == before).values(email=to))
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.recipient == before, OutboxMessage.sent_at.is_(None))
            .values(recipient=to, attempts=0, due_at=at)
        )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="mail.tried_again",
        object_type="mail",
        object_id=message_id,
        details={"address_changed": before != to},
    )


def _replace(session: Session, contributor_id: uuid.UUID, *, at: datetime) -> int:
    """Give each gift whose receipt stands a new one; return how many."""
    held = session.execute(
        select(Receipt.id, Receipt.donation_id)
        .join(Donation, Donation.id == Receipt.donation_id)
        .where(Donation.contributor_id == contributor_id, Receipt.cancelled_at.is_(None))
        .order_by(Receipt.id)
    ).all()
    for receipt_id, donation_id in held:
        gift = donations.locked(session, donation_id)
        standing = session.get_one(Receipt, receipt_id)
        cancellations.cancel(session, standing, reason="corrected", at=at)
        receipts.issue(session, gift.id, at=at, replaces=standing)
    return len(held)


def _text(text: str, field: str, longest: int, *, lines: bool = False) -> str:
    kept = text.replace("\r\n", "\n").replace("\x00", "").strip()
    said = kept if lines else " ".join(kept.split())
    if len(said) > longest:
        raise InvalidInput("too_long", field=field, longest=longest)
    return said
