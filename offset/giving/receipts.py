"""Which receipt does a gift get, under which number, and what happens when money goes back?

Numbers have no gap: they are taken in the receipt's own transaction, by issuer and year. The
facts are frozen then; the PDF is rendered once from them and kept as bytes. A gift that goes
back cancels its receipt; what remains of it gets a new one. Nothing is ever edited.
"""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.giving import annual, cancellations, donations, receipt_facts, tax, wording
from offset.giving.models import CancellationNote, Donation, Receipt, ReceiptChoice
from offset.people import audit, contributors, outbox, settings
from offset.people.access import SYSTEM, Actor, Right, require
from offset.people.contributors import Contributor
from offset.people.issuers import Regime
from offset.people.models import OutboxMessage

TEMPLATE: Final = "receipt"
_LONGEST: Final = 200


@dataclass(frozen=True)
class ReceiptMail:
    """What the mail template ``receipt`` is given; amounts are minor units with a currency.

    ``sentences`` are the approved ones of the gift's own wording version, still unfilled:
    ``thanks`` takes ``amount``, ``split`` takes ``projects``, ``fee``, ``share``, ``follow``
    takes ``link``. Paths begin with ``/`` and carry no language; the door adds the address.
    ``papers`` names what is attached; ``manage_path`` is where a monthly gift is changed or
    stopped; ``address_path`` where a giver completes what a tax receipt needs; ``mandate`` is
    that of a direct debit.
    """

    number: str
    issued_on: str
    reference: str
    amount: dict[str, Any]
    projects: dict[str, Any]
    fee: dict[str, Any]
    share: dict[str, Any]
    refunded: dict[str, Any] | None
    sentences: dict[str, str]
    gift_path: str
    receipt_path: str
    replaces: str | None
    regime: str = Regime.NONE.value
    manage_path: str | None = None
    address_path: str | None = None
    mandate: str | None = None
    papers: list[list[str]] = field(default_factory=list)


def bring_up_to_date(session: Session, donation_id: uuid.UUID, *, at: datetime) -> uuid.UUID | None:
    """Give a gift the receipt it should have now: none, its first, or a replacement.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    InvalidInput
        ``issuer_incomplete``: a tax regime was set past its check.
    """
    gift = donations.locked(session, donation_id)
    if not gift.receipt_due:
        return None
    gift.receipt_due = False
    standing = _standing(session, gift.id)
    if standing is not None:
        return _hold(session, gift, standing, at=at)
    annual.follow(session, gift, at=at)
    if gift.gross is None or not receipt_facts.kept(gift).minor:
        return None
    if gift.receipt_choice is not ReceiptChoice.EACH or annual.covered(session, gift.id):
        _queue_thanks(session, gift, at=at)
        return None
    return issue(session, gift.id, at=at)


def issue(
    session: Session, donation_id: uuid.UUID, *, at: datetime, replaces: Receipt | None = None
) -> uuid.UUID:
    """Issue the receipt of a settled gift and queue its mail.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    Refused
        ``gift_not_settled``.
    InvalidInput
        ``issuer_incomplete``: a tax regime was set past its check; nothing is printed.
    """
    gift = donations.locked(session, donation_id)
    if gift.entry_id is None or gift.settled_at is None:
        raise Refused("gift_not_settled")
    told = receipt_facts.head(session, at=at)
    number = None if replaces is None else replaces.facts["number"]
    facts = receipt_facts.of_gift(session, gift, told, replaces=number)
    row = Receipt(
        id=uuid7(at),
        donation_id=gift.id,
        issuer=told.issuer["legal_name"],
        year=told.day.year,
        number=told.number,
        token=told.token,
        language=gift.language,
        issued_at=at,
        issued_on=told.day,
        facts=facts,
        facts_sha256=receipt_facts.hash_of(facts),
    )
    session.add(row)
    session.flush()
    _trail(session, at, "receipt.issued", row.id, number=told.name)
    note = None
    if replaces is not None:
        note = cancellations.note(session, replaces, replacement=row, at=at)
    _queue_mail(session, gift, row, note, at=at)
    return row.id


def cancel(session: Session, receipt_id: uuid.UUID, *, reason: str, at: datetime) -> None:
    """Cancel a receipt for good and tell its giver; no other takes its place.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    Refused
        ``already_cancelled``.
    """
    row = _found(session, receipt_id)
    cancellations.cancel(session, row, reason=reason, at=at)
    note = cancellations.note(session, row, replacement=None, at=at)
    gift = session.get_one(Donation, row.donation_id)
    cancellations.tell(
        session, note, to=_address(session, gift), gift_path=f"/gift/{gift.token}", at=at
    )


def issue_pending(database: Database, *, at: datetime, limit: int = 200) -> int:
    """Bring the receipts of gifts up to date, one transaction each; return how many."""
    with database.reading() as session:
        due = tuple(
            session.scalars(
                select(Donation.id)
                .where(Donation.receipt_due)
                .order_by(Donation.settled_at)
                .limit(limit)
            )
        )
    for donation_id in due:
        database.run(bring_up_to_date, donation_id, at=at)
    return len(due)


def choose(session: Session, token: str, choice: ReceiptChoice, *, at: datetime) -> None:
    """Keep which receipt a donor wants for a gift; one that is out already stays.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    del at
    gift = donations.found(session, Donation.token == token)
    gift.receipt_choice = choice
    if choice is ReceiptChoice.EACH and gift.settled_at is not None:
        gift.receipt_due = True


def give_address(session: Session, token: str, *, name: str, address: str, at: datetime) -> None:
    """Keep the name and address that a tax receipt needs; it then replaces the plain one.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    InvalidInput
        ``name_missing``, ``address_missing``, ``too_long``.
    StateRefused
        ``address_not_needed``: no receipt of this gift waits for it.
    """
    gift = donations.found(session, Donation.token == token)
    if not wants_address(session, gift):
        raise Refused("address_not_needed")
    told = {"name": name.strip(), "address": address.strip()}
    for key, text in told.items():
        if not text:
            raise InvalidInput(f"{key}_missing", field=key)
        if len(text) > _LONGEST:
            raise InvalidInput("too_long", field=key, longest=_LONGEST)
    if gift.contributor_id is None:
        gift.contributor_id = contributors.keep(session, at=at, email=None, name=None)
    contributors.complete(session, gift.contributor_id, **told)
    gift.receipt_due = True


def wanted_of(session: Session, token: str) -> bool:
    """Say whether a gift behind a link waits for its giver's name and address.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    gift = session.scalars(select(Donation).where(Donation.token == token)).first()
    if gift is None:
        raise NotFound("gift_unknown")
    return wants_address(session, gift)


def wants_address(session: Session, gift: Donation) -> bool:
    """Say whether a gift's receipt could be a tax receipt if its giver were known in full."""
    if gift.settled_at is None or not receipt_facts.kept(gift).minor:
        return False
    issuer = settings.current(session, "issuer").value
    currency = frozenset({receipt_facts.kept(gift).currency})
    giver = receipt_facts.giver_of(session, gift)
    return tax.choose(issuer, giver, currency).wanting is not None


def send_again(session: Session, receipt_id: uuid.UUID, *, actor: Actor, at: datetime) -> str:
    """Send a receipt's mail once more, with the same bytes attached; return to whom.

    Raises
    ------
    Forbidden
        Without the right to send receipts.
    NotFound
        ``receipt_unknown``.
    Refused
        ``already_cancelled``; ``giver_without_address``.
    """
    require(actor, Right.SEND_RECEIPT)
    row = _found(session, receipt_id)
    if row.cancelled_at is not None:
        raise Refused("already_cancelled")
    gift = session.get_one(Donation, row.donation_id)
    to = _address(session, gift)
    if not to:
        raise Refused("giver_without_address")
    first = f"receipt:{row.id}"
    sent = session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.key.startswith(first, autoescape=True))
    )
    _queue_mail(session, gift, row, None, at=at, again=int(sent or 0))
    audit.record(
        session,
        at=at,
        actor=actor,
        action="receipt.sent_again",
        object_type="receipt",
        object_id=row.id,
        details={"number": row.facts["number"]},
    )
    return to


def _hold(session: Session, gift: Donation, standing: Receipt, *, at: datetime) -> uuid.UUID | None:
    """Keep the receipt that stands while it says what is true; else replace it."""
    reason = _outdated(session, gift, standing)
    if reason is None:
        # The giver's address may have come after the receipt; the same mail goes only once.
        _queue_mail(session, gift, standing, None, at=at)
        return standing.id
    if not receipt_facts.kept(gift).minor:
        cancel(session, standing.id, reason=reason, at=at)
        return None
    cancellations.cancel(session, standing, reason=reason, at=at)
    return issue(session, gift.id, at=at, replaces=standing)


def _outdated(session: Session, gift: Donation, standing: Receipt) -> str | None:
    """Say why a receipt no longer holds: money went back, or it may be a tax receipt now."""
    told = standing.facts
    before = told.get("kept") or {
        "minor": told["gross"]["minor"] - (told["refunded"] or {"minor": 0})["minor"]
    }
    if before["minor"] != receipt_facts.kept(gift).minor:
        return gift.status.value
    waits = told.get("wanting") is not None
    return "tax_receipt" if waits and not wants_address(session, gift) else None


def _standing(session: Session, donation_id: uuid.UUID) -> Receipt | None:
    return session.scalars(
        select(Receipt).where(Receipt.donation_id == donation_id, Receipt.cancelled_at.is_(None))
    ).first()


def _found(session: Session, receipt_id: uuid.UUID) -> Receipt:
    row = session.get(Receipt, receipt_id)
    if row is None:
        raise NotFound("receipt_unknown")
    return row


def _address(session: Session, gift: Donation) -> str | None:
    return session.scalar(select(Contributor.email).where(Contributor.id == gift.contributor_id))


def _queue_mail(
    session: Session,
    gift: Donation,
    row: Receipt,
    note: CancellationNote | None,
    *,
    at: datetime,
    again: int = 0,
) -> None:
    email = _address(session, gift)
    if not email:
        return
    facts = row.facts
    told = wording.load(gift.language, gift.wording_version)
    papers = [["receipt", str(row.id)]]
    if note is not None:
        papers.append(["cancellation", str(note.id)])
    mail = ReceiptMail(
        number=facts["number"],
        issued_on=facts["issued_on"],
        reference=gift.reference,
        amount=facts["amount"],
        projects=facts["projects"],
        fee=facts["fee"],
        share=facts["share"],
        refunded=facts["refunded"],
        sentences=told.some(wording.IN_THE_MAIL),
        gift_path=facts["gift_path"],
        receipt_path=facts["receipt_path"],
        replaces=facts.get("replaces"),
        regime=facts.get("regime", Regime.NONE.value),
        manage_path=receipt_facts.manage_path(gift),
        mandate=gift.mandate_id,
        address_path=f"/gift/{gift.token}/address" if facts.get("wanting") else None,
        papers=papers,
    )
    outbox.enqueue(
        session,
        at=at,
        template=TEMPLATE,
        to=email,
        language=gift.language,
        parameters=asdict(mail),
        key=f"receipt:{row.id}:again:{again}" if again else f"receipt:{row.id}",
    )


def _queue_thanks(session: Session, gift: Donation, *, at: datetime) -> None:
    """Thank whoever asked for no receipt now; the mail says when one comes, if one does."""
    email = _address(session, gift)
    if not email:
        return
    facts = receipt_facts.amounts(gift)
    told = wording.load(gift.language, gift.wording_version)
    outbox.enqueue(
        session,
        at=at,
        template="received",
        to=email,
        language=gift.language,
        parameters={
            "reference": gift.reference,
            "amount": facts["amount"],
            "projects": facts["projects"],
            "fee": facts["fee"],
            "share": facts["share"],
            "sentences": told.some(wording.IN_THE_MAIL),
            "choice": gift.receipt_choice.value,
            "year": receipt_facts.paid_on(gift).year,
            "gift_path": f"/gift/{gift.token}",
            "manage_path": receipt_facts.manage_path(gift),
            "mandate": gift.mandate_id,
        },
        key=f"received:{gift.id}",
    )


def _trail(
    session: Session, at: datetime, action: str, receipt_id: uuid.UUID, **details: object
) -> None:
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action=action,
        object_type="receipt",
        object_id=receipt_id,
        details=details,
    )
