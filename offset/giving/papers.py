"""How do receipts become bytes that are kept, sent again, and shown without a name when asked?

Each paper is printed once, outside any transaction, and kept with its hash. Whoever asked to be
forgotten is on the kept original only, which the law of the issuer asks for and a right guards;
the link then serves a second printing that names nobody.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import NotFound, OffsetError
from offset.giving import receipt_facts
from offset.giving.models import (
    AnnualGift,
    AnnualReceipt,
    CancellationNote,
    Donation,
    KeptPaper,
    Receipt,
    ReceiptDocument,
)
from offset.giving.ports import DocumentRenderer
from offset.giving.tax import Giver
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.people.contributors import Contributor
from offset.people.ports import Attachment

NOBODY: Final = Giver(None, None)
# The name on a receipt may be told by a later event than the money.
_NAME_MAY_COME: Final = timedelta(hours=1)
# What receipts that were issued before these were asked for say of them.
_UNSAID: Final[Mapping[str, Any]] = {
    "regime": "NONE",
    "tax": None,
    "wanting": None,
    "replaces": None,
    "refunded": None,
    "manage_path": None,
    "mandate": None,
}


@dataclass(frozen=True)
class Paper:
    """A paper to be printed: which template, in which language, with which facts."""

    owner_id: uuid.UUID
    kind: str
    template: str
    language: str
    facts: Mapping[str, Any]


Reader = Callable[[Session, uuid.UUID], Paper]


def render_pending(
    database: Database, documents: DocumentRenderer, *, at: datetime, limit: int = 50
) -> int:
    """Print what has no bytes yet, outside any transaction, and keep the bytes.

    Without the system's drawing library nothing is printed; the pages still work.
    """
    with database.reading() as session:
        waiting = [
            (reader, owner_id)
            for find, reader in _WAITING
            for owner_id in session.scalars(find(at).limit(limit))
        ][:limit]
    done = 0
    for reader, owner_id in waiting:
        with database.reading() as session:
            paper = reader(session, owner_id)
        try:
            pdf = documents.render(paper.template, paper.language, paper.facts)
        except OffsetError as fault:
            if fault.code == "pdf_unavailable":
                break
            raise
        done += database.run(keep, paper.owner_id, paper.kind, pdf, at=at)
    return done


def keep(session: Session, owner_id: uuid.UUID, kind: str, pdf: bytes, *, at: datetime) -> bool:
    """Keep the bytes of a paper, once; a second printing is thrown away."""
    if _kept(session, owner_id, kind) is not None:
        return False
    sha256 = hashlib.sha256(pdf).hexdigest()
    if kind == "receipt":
        session.add(ReceiptDocument(receipt_id=owner_id, pdf=pdf, sha256=sha256, rendered_at=at))
    else:
        session.add(KeptPaper(owner_id=owner_id, kind=kind, pdf=pdf, sha256=sha256, rendered_at=at))
    session.flush()
    return True


def receipt(session: Session, receipt_id: uuid.UUID) -> Paper:
    """Return a receipt to be printed, with the name as given.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    row = session.get(Receipt, receipt_id)
    if row is None:
        raise NotFound("receipt_unknown")
    giver = receipt_facts.giver_of(session, session.get_one(Donation, row.donation_id))
    return _paper(row, "receipt", giver)


def annual(session: Session, annual_id: uuid.UUID) -> Paper:
    """Return a receipt of a year to be printed, with the name as given.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    row = session.get(AnnualReceipt, annual_id)
    if row is None:
        raise NotFound("receipt_unknown")
    giver = annual_giver(session, row)
    return _paper(row, "annual", giver)


def cancellation(session: Session, note_id: uuid.UUID) -> Paper:
    """Return a note that cancels a receipt; it names nobody.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    row = session.get(CancellationNote, note_id)
    if row is None:
        raise NotFound("receipt_unknown")
    return _paper(row, "cancellation", NOBODY)


def annual_giver(session: Session, row: AnnualReceipt) -> Giver:
    """Say who a receipt of a year is for, as its own contributions tell it."""
    gift = session.scalars(
        select(Donation)
        .join(AnnualGift, AnnualGift.donation_id == Donation.id)
        .where(
            AnnualGift.annual_id == row.id,
            Donation.contributor_id == row.contributor_id,
        )
        .order_by(Donation.settled_at.desc())
    ).first()
    return NOBODY if gift is None else receipt_facts.giver_of(session, gift)


def shown(session: Session, owner_id: uuid.UUID, kind: str, *, erased: bool) -> bytes:
    """Return the bytes that a link serves: the original, or the one that names nobody.

    Raises
    ------
    NotFound
        ``pdf_not_ready``.
    """
    kept = _kept(session, owner_id, _UNNAMED[kind] if erased else kind)
    if kept is None:
        raise NotFound("pdf_not_ready")
    return kept.pdf


def original(
    session: Session, owner_id: uuid.UUID, kind: str, *, actor: Actor, at: datetime
) -> bytes:
    """Hand out the kept original of a giver who was forgotten; the trail says to whom.

    Raises
    ------
    Forbidden
        Without the right to see kept receipts.
    NotFound
        ``pdf_not_ready``.
    """
    require(actor, Right.SEE_KEPT_RECEIPT)
    pdf = shown(session, owner_id, kind, erased=False)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="receipt.original_seen",
        object_type=kind,
        object_id=owner_id,
    )
    return pdf


def attacher(
    documents: DocumentRenderer,
) -> Callable[[Session, Mapping[str, Any]], tuple[Attachment, ...] | None]:
    """Return what gives a mail its papers; None from it means: they are being printed, wait.

    A machine that cannot print lets the mail go without them, since its links work.
    """

    def attach(session: Session, parameters: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
        found = [_attached(session, kind, owner) for kind, owner in parameters.get("papers", ())]
        ready = tuple(one for one in found if one is not None)
        if len(ready) == len(found) or documents.missing() is not None:
            return ready
        return None

    return attach


def _attached(session: Session, kind: str, owner: str) -> Attachment | None:
    owner_id = uuid.UUID(owner)
    kept = _kept(session, owner_id, kind)
    if kept is None:
        return None
    number = _READERS[kind](session, owner_id).facts
    name = number.get("number") or f"{number['cancelled_number']}-x"
    return Attachment(f"{name}.pdf", kept.pdf, "application/pdf")


def _kept(session: Session, owner_id: uuid.UUID, kind: str) -> ReceiptDocument | KeptPaper | None:
    if kind == "receipt":
        return session.get(ReceiptDocument, owner_id)
    return session.get(KeptPaper, (owner_id, kind))


def _paper(row: Receipt | AnnualReceipt | CancellationNote, kind: str, giver: Giver) -> Paper:
    told = {**_UNSAID, **row.facts, "name": giver.name, "address": giver.address}
    return Paper(row.id, kind, kind, row.language, told)


def _unnamed(reader: Reader) -> Reader:
    """Print the same paper again for nobody."""

    def read(session: Session, owner_id: uuid.UUID) -> Paper:
        paper = reader(session, owner_id)
        facts = {**paper.facts, "name": None, "address": None}
        return Paper(owner_id, _UNNAMED[paper.kind], paper.template, paper.language, facts)

    return read


def _receipts_waiting(at: datetime) -> Select[uuid.UUID]:
    return (
        select(Receipt.id)
        .outerjoin(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
        .join(Donation, Donation.id == Receipt.donation_id)
        .where(ReceiptDocument.receipt_id.is_(None), Receipt.cancelled_at.is_(None))
        .where(or_(Donation.contributor_id.is_not(None), Receipt.issued_at <= at - _NAME_MAY_COME))
        .order_by(Receipt.id)
    )


def _annuals_waiting(_at: datetime) -> Select[uuid.UUID]:
    return (
        select(AnnualReceipt.id)
        .outerjoin(KeptPaper, _is(AnnualReceipt.id, "annual"))
        .where(KeptPaper.owner_id.is_(None), AnnualReceipt.cancelled_at.is_(None))
        .order_by(AnnualReceipt.id)
    )


def _notes_waiting(_at: datetime) -> Select[uuid.UUID]:
    return (
        select(CancellationNote.id)
        .outerjoin(KeptPaper, _is(CancellationNote.id, "cancellation"))
        .where(KeptPaper.owner_id.is_(None))
        .order_by(CancellationNote.id)
    )


def _erased_waiting(_at: datetime) -> Select[uuid.UUID]:
    return (
        select(Receipt.id)
        .join(Donation, Donation.id == Receipt.donation_id)
        .join(Contributor, Contributor.id == Donation.contributor_id)
        .join(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
        .outerjoin(KeptPaper, _is(Receipt.id, "unnamed"))
        .where(Contributor.erased_at.is_not(None), KeptPaper.owner_id.is_(None))
        .order_by(Receipt.id)
    )


def _erased_annuals_waiting(_at: datetime) -> Select[uuid.UUID]:
    printed = select(KeptPaper.owner_id).where(_is(AnnualReceipt.id, "annual"))
    return (
        select(AnnualReceipt.id)
        .join(Contributor, Contributor.id == AnnualReceipt.contributor_id)
        .outerjoin(KeptPaper, _is(AnnualReceipt.id, "annual_unnamed"))
        .where(Contributor.erased_at.is_not(None), KeptPaper.owner_id.is_(None))
        .where(printed.correlate(AnnualReceipt).exists())
        .order_by(AnnualReceipt.id)
    )


def _is(owner: Any, kind: str) -> Any:
    return and_(KeptPaper.owner_id == owner, KeptPaper.kind == kind)


_UNNAMED: Final[Mapping[str, str]] = {"receipt": "unnamed", "annual": "annual_unnamed"}
_READERS: Final[Mapping[str, Reader]] = {
    "receipt": receipt,
    "annual": annual,
    "cancellation": cancellation,
}
_WAITING: Final[Iterable[tuple[Callable[[datetime], Select[uuid.UUID]], Reader]]] = (
    (_receipts_waiting, receipt),
    (_annuals_waiting, annual),
    (_notes_waiting, cancellation),
    (_erased_waiting, _unnamed(receipt)),
    (_erased_annuals_waiting, _unnamed(annual)),
)
