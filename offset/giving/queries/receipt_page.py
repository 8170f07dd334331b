"""What do the pages of receipts show?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import NotFound
from offset.giving import papers, receipt_facts
from offset.giving.models import (
    AnnualReceipt,
    CancellationNote,
    Donation,
    KeptPaper,
    Receipt,
    ReceiptDocument,
)
from offset.people.contributors import Contributor


@dataclass(frozen=True)
class Cancelled:
    """The note that cancels a receipt, and the receipt in its place, if there is one."""

    note_id: uuid.UUID
    facts: Mapping[str, Any]
    replacement_path: str | None


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as its page shows it: the frozen facts, and the name while it is kept.

    ``pdf_sha256`` belongs to the file that the link serves, if it is printed.
    """

    receipt_id: uuid.UUID
    token: str
    language: str
    facts: Mapping[str, Any]
    name: str | None
    address: str | None
    cancelled_on: date | None
    cancel_reason: str | None
    pdf_sha256: str | None
    gift_token: str
    erased: bool
    cancelled: Cancelled | None


@dataclass(frozen=True)
class AnnualPage:
    """A receipt of a year as its page shows it."""

    annual_id: uuid.UUID
    token: str
    language: str
    facts: Mapping[str, Any]
    name: str | None
    address: str | None
    cancelled_on: date | None
    pdf_sha256: str | None
    erased: bool
    cancelled: Cancelled | None


def receipt(session: Session, token: str) -> ReceiptPage:
    """Read the page of a receipt.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    found = session.execute(
        select(Receipt, Donation, Contributor.erased_at, ReceiptDocument.sha256, KeptPaper.sha256)
        .join(Donation, Donation.id == Receipt.donation_id)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .outerjoin(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
        .outerjoin(KeptPaper, (KeptPaper.owner_id == Receipt.id) & (KeptPaper.kind == "unnamed"))
        .where(Receipt.token == token)
    ).first()
    if found is None:
        raise NotFound("receipt_unknown")
    row, gift, erased_at, sha256, unnamed = found
    giver = receipt_facts.giver_of(session, gift)
    return ReceiptPage(
        receipt_id=row.id,
        token=row.token,
        language=row.language,
        facts=row.facts,
        name=giver.name,
        address=giver.address,
        cancelled_on=None if row.cancelled_at is None else utc_day(row.cancelled_at),
        cancel_reason=row.cancel_reason,
        pdf_sha256=unnamed if erased_at is not None else sha256,
        gift_token=gift.token,
        erased=erased_at is not None,
        cancelled=None if row.cancelled_at is None else _cancelled(session, row),
    )


def annual(session: Session, token: str) -> AnnualPage:
    """Read the page of a receipt of a year.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    found = session.execute(
        select(AnnualReceipt, Contributor.erased_at)
        .join(Contributor, Contributor.id == AnnualReceipt.contributor_id)
        .where(AnnualReceipt.token == token)
    ).first()
    if found is None:
        raise NotFound("receipt_unknown")
    row, erased_at = found
    giver = papers.annual_giver(session, row)
    kind = "annual" if erased_at is None else "annual_unnamed"
    kept = session.get(KeptPaper, (row.id, kind))
    return AnnualPage(
        annual_id=row.id,
        token=row.token,
        language=row.language,
        facts=row.facts,
        name=giver.name,
        address=giver.address,
        cancelled_on=None if row.cancelled_at is None else utc_day(row.cancelled_at),
        pdf_sha256=None if kept is None else kept.sha256,
        erased=erased_at is not None,
        cancelled=None if row.cancelled_at is None else _cancelled(session, row),
    )


def receipt_pdf(session: Session, token: str) -> bytes:
    """Return the stored PDF of a receipt, without the name of whoever was forgotten.

    Raises
    ------
    NotFound
        ``receipt_unknown``, ``pdf_not_ready``.
    """
    page = receipt(session, token)
    return papers.shown(session, page.receipt_id, "receipt", erased=page.erased)


def annual_pdf(session: Session, token: str) -> bytes:
    """Return the stored PDF of a receipt of a year.

    Raises
    ------
    NotFound
        ``receipt_unknown``, ``pdf_not_ready``.
    """
    page = annual(session, token)
    return papers.shown(session, page.annual_id, "annual", erased=page.erased)


def cancellation_pdf(session: Session, cancelled: Cancelled | None) -> bytes:
    """Return the stored PDF of the note that cancels a receipt.

    Raises
    ------
    NotFound
        ``receipt_unknown``: it stands. ``pdf_not_ready``.
    """
    if cancelled is None:
        raise NotFound("receipt_unknown")
    return papers.shown(session, cancelled.note_id, "cancellation", erased=False)


def gift_of_receipt(session: Session, receipt_id: uuid.UUID) -> uuid.UUID:
    """Return the gift a receipt is for.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    row = session.get(Receipt, receipt_id)
    if row is None:
        raise NotFound("receipt_unknown")
    return row.donation_id


def _cancelled(session: Session, row: Receipt | AnnualReceipt) -> Cancelled | None:
    """Find a receipt's note; receipts that were cancelled before notes were written have none."""
    mine = (
        CancellationNote.receipt_id == row.id
        if isinstance(row, Receipt)
        else CancellationNote.annual_id == row.id
    )
    note = session.scalars(select(CancellationNote).where(mine)).first()
    if note is None:
        return None
    return Cancelled(note.id, note.facts, note.facts["replacement_path"])
