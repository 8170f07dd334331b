"""Which receipt does a gift get, under which number, and what happens when money goes back?

Numbers have no gap: they are taken in the receipt's own transaction, by issuer and year. The
facts are frozen then; the PDF is rendered once from them and kept as bytes. A gift that goes
back cancels its receipt; what remains of it gets a new one. Nothing is ever edited.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import canonical, uuid7
from offset.errors import NotFound, OffsetError, Refused
from offset.giving import donations, shares, wording
from offset.giving.models import (
    Donation,
    DonationStatus,
    Receipt,
    ReceiptCounter,
    ReceiptDocument,
)
from offset.giving.ports import DocumentRenderer
from offset.ledger.models import EntrySeal
from offset.people import audit, outbox, settings
from offset.people.access import SYSTEM
from offset.people.contributors import Contributor

PARIS: Final = ZoneInfo("Europe/Paris")
TEMPLATE: Final = "receipt"
# The name on a receipt may be told by a later event than the money.
_NAME_MAY_COME: Final = timedelta(hours=1)
_NO_LONGER_A_GIFT: Final = frozenset({DonationStatus.REFUNDED, DonationStatus.LOST})


@dataclass(frozen=True)
class ReceiptMail:
    """What the mail template ``receipt`` is given; amounts are minor units with a currency.

    ``sentences`` are the approved ones of the gift's own wording version, still unfilled:
    ``thanks`` takes ``amount``, ``split`` takes ``projects``, ``fee``, ``share``, ``follow``
    takes ``link``. Paths begin with ``/`` and carry no language; the door adds the address.
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
    replaces: bool


def bring_up_to_date(session: Session, donation_id: uuid.UUID, *, at: datetime) -> uuid.UUID | None:
    """Give a gift the receipt it should have now: none, its first, or a replacement.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    gift = donations.locked(session, donation_id)
    if not gift.receipt_due:
        return None
    gift.receipt_due = False
    standing = _standing(session, gift.id)
    if standing is not None and gift.refunded:
        cancel(session, standing.id, reason=gift.status.value, at=at)
    elif standing is not None:
        # The giver's address may have come after the receipt; the same mail goes only once.
        _queue_mail(session, gift, standing, replaces=False, at=at)
        return standing.id
    if gift.gross is None or gift.status in _NO_LONGER_A_GIFT or gift.refunded >= gift.gross:
        return None
    return issue(session, gift.id, at=at, replaces=standing is not None)


def issue(
    session: Session, donation_id: uuid.UUID, *, at: datetime, replaces: bool = False
) -> uuid.UUID:
    """Issue the receipt of a settled gift and queue its mail.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    Refused
        ``gift_not_settled``; ``regime_not_ready`` when a tax regime is set that has no text.
    """
    gift = donations.locked(session, donation_id)
    if gift.entry_id is None or gift.settled_at is None:
        raise Refused("gift_not_settled")
    issuer = settings.current(session, "issuer").value
    if issuer["regime"] != "NONE":
        raise Refused("regime_not_ready", regime=issuer["regime"])
    day = at.astimezone(PARIS).date()
    number = _next_number(session, issuer["legal_name"], day.year)
    token = secrets.token_urlsafe(24)
    facts = _facts(session, gift, issuer, day=day, number=number, token=token)
    row = Receipt(
        id=uuid7(at),
        donation_id=gift.id,
        issuer=issuer["legal_name"],
        year=day.year,
        number=number,
        token=token,
        language=gift.language,
        issued_at=at,
        issued_on=day,
        facts=facts,
        facts_sha256=hashlib.sha256(canonical(facts).encode()).hexdigest(),
    )
    session.add(row)
    session.flush()
    _trail(session, at, "receipt.issued", row.id, number=facts["number"])
    _queue_mail(session, gift, row, replaces=replaces, at=at)
    return row.id


def cancel(session: Session, receipt_id: uuid.UUID, *, reason: str, at: datetime) -> None:
    """Cancel a receipt for good; its number stays taken and its page says so.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    Refused
        ``already_cancelled``.
    """
    row = session.get(Receipt, receipt_id)
    if row is None:
        raise NotFound("receipt_unknown")
    if row.cancelled_at is not None:
        raise Refused("already_cancelled")
    row.cancelled_at, row.cancel_reason = at, reason
    session.flush()
    _trail(session, at, "receipt.cancelled", row.id, reason=reason)


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


def render_pending(
    database: Database, documents: DocumentRenderer, *, at: datetime, limit: int = 50
) -> int:
    """Render the PDF of receipts that have none, outside any transaction, and keep the bytes.

    Without the system's drawing library nothing is rendered; the receipt's page still works.
    """
    with database.reading() as session:
        waiting = tuple(
            session.scalars(
                select(Receipt.id)
                .outerjoin(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
                .join(Donation, Donation.id == Receipt.donation_id)
                .where(ReceiptDocument.receipt_id.is_(None), Receipt.cancelled_at.is_(None))
                .where(
                    or_(
                        Donation.contributor_id.is_not(None),
                        Receipt.issued_at <= at - _NAME_MAY_COME,
                    )
                )
                .order_by(Receipt.id)
                .limit(limit)
            )
        )
    done = 0
    for receipt_id in waiting:
        with database.reading() as session:
            language, facts = to_print(session, receipt_id)
        try:
            pdf = documents.render(TEMPLATE, language, facts)
        except OffsetError as fault:
            if fault.code == "pdf_unavailable":
                break
            raise
        done += database.run(keep_pdf, receipt_id, pdf, at=at)
    return done


def to_print(session: Session, receipt_id: uuid.UUID) -> tuple[str, Mapping[str, Any]]:
    """Return a receipt's language and facts, with the name as given.

    The name is kept only with the contributor, never in the frozen facts.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    found = session.execute(
        select(Receipt, Contributor.name)
        .join(Donation, Donation.id == Receipt.donation_id)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .where(Receipt.id == receipt_id)
    ).first()
    if found is None:
        raise NotFound("receipt_unknown")
    receipt, name = found
    return receipt.language, {**receipt.facts, "name": name}


def keep_pdf(session: Session, receipt_id: uuid.UUID, pdf: bytes, *, at: datetime) -> bool:
    """Keep the PDF of a receipt, once; a second rendering is thrown away."""
    if session.get(ReceiptDocument, receipt_id) is not None:
        return False
    session.add(
        ReceiptDocument(
            receipt_id=receipt_id,
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            rendered_at=at,
        )
    )
    session.flush()
    return True


def _standing(session: Session, donation_id: uuid.UUID) -> Receipt | None:
    return session.scalars(
        select(Receipt).where(Receipt.donation_id == donation_id, Receipt.cancelled_at.is_(None))
    ).first()


def _next_number(session: Session, issuer: str, year: int) -> int:
    """Take the next number; whoever takes one meanwhile waits until this one is committed."""
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = upsert(ReceiptCounter).values(issuer=issuer, year=year, last=1)
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["issuer", "year"], set_={"last": ReceiptCounter.last + 1}
        ).returning(ReceiptCounter.last)
    )
    return int(taken or 0)


def _facts(
    session: Session,
    gift: Donation,
    issuer: Mapping[str, Any],
    *,
    day: date,
    number: int,
    token: str,
) -> dict[str, Any]:
    told = wording.load(gift.language, gift.wording_version)
    seal = session.execute(
        select(EntrySeal.hash, EntrySeal.salt).where(EntrySeal.entry_id == gift.entry_id)
    ).one()
    keys = (*wording.ON_THE_RECEIPT, *(("refunded",) if gift.refunded else ()))
    paid_on = (gift.settled_at or gift.created_at).astimezone(PARIS).date()
    return {
        "number": f"{day.year}-{number:06d}",
        "issued_on": day.isoformat(),
        "paid_on": paid_on.isoformat(),
        "time_zone": PARIS.key,
        "issuer": dict(issuer),
        "language": gift.language,
        "wording_version": gift.wording_version,
        "sentences": told.some(keys),
        "reference": gift.reference,
        "payment_reference": gift.charge_id,
        "method": gift.method,
        "exchange_rate": gift.exchange_rate,
        **amounts(gift),
        "entry_id": str(gift.entry_id),
        "salt": bytes(seal.salt).hex(),
        "leaf_hash": bytes(seal.hash).hex(),
        "gift_path": f"/gift/{gift.token}",
        "receipt_path": f"/receipts/{token}",
    }


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

    def ours(minor: int) -> dict[str, Any]:
        return {"minor": minor, "currency": currency}

    return {
        "amount": {"minor": gift.amount, "currency": gift.currency},
        "gross": ours(gift.gross),
        "fee": ours(gift.fee or 0),
        "share": ours(share),
        "projects": ours(gift.net - share),
        "refunded": ours(gift.refunded) if gift.refunded else None,
        "refunded_share": ours(shares.pro_rata(gift.refunded, gift.gross, share)),
    }


def _queue_mail(
    session: Session, gift: Donation, row: Receipt, *, replaces: bool, at: datetime
) -> None:
    email = session.scalar(select(Contributor.email).where(Contributor.id == gift.contributor_id))
    if not email:
        return
    facts = row.facts
    told = wording.load(gift.language, gift.wording_version)
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
        replaces=replaces,
    )
    outbox.enqueue(
        session,
        at=at,
        template=TEMPLATE,
        to=email,
        language=gift.language,
        parameters=asdict(mail),
        key=f"receipt:{row.id}",
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
