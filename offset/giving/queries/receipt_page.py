"""What does the page of a receipt show?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import NotFound
from offset.giving.models import (
    Donation,
    Receipt,
    ReceiptDocument,
)
from offset.people.contributors import Contributor


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as its page shows it: the frozen facts, and the name while it is kept."""

    receipt_id: uuid.UUID
    token: str
    language: str
    facts: Mapping[str, Any]
    name: str | None
    cancelled_on: date | None
    cancel_reason: str | None
    pdf_sha256: str | None
    gift_token: str


def receipt(session: Session, token: str) -> ReceiptPage:
    """Read the page of a receipt.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    found = session.execute(
        select(Receipt, Donation.token, Contributor.name, ReceiptDocument.sha256)
        .join(Donation, Donation.id == Receipt.donation_id)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .outerjoin(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
        .where(Receipt.token == token)
    ).first()
    if found is None:
        raise NotFound("receipt_unknown")
    row, gift_token, name, sha256 = found
    return ReceiptPage(
        receipt_id=row.id,
        token=row.token,
        language=row.language,
        facts=row.facts,
        name=name,
        cancelled_on=None if row.cancelled_at is None else utc_day(row.cancelled_at),
        cancel_reason=row.cancel_reason,
        pdf_sha256=sha256,
        gift_token=gift_token,
    )


def receipt_pdf(session: Session, token: str) -> bytes:
    """Return the stored PDF of a receipt.

    Raises
    ------
    NotFound
        ``receipt_unknown``, ``pdf_not_ready``.
    """
    page = receipt(session, token)
    kept = session.get(ReceiptDocument, page.receipt_id)
    if kept is None:
        raise NotFound("pdf_not_ready")
    return kept.pdf
