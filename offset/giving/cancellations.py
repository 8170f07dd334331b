"""How is a receipt cancelled so that both sides hold a paper that says so?

The receipt keeps its number and its bytes. A note names its number and, where there is one, the
number that takes its place; it is sent with the new receipt, or by itself.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Refused
from offset.giving import receipt_facts, wording
from offset.giving.models import AnnualReceipt, CancellationNote, Receipt
from offset.people import audit, outbox
from offset.people.access import SYSTEM

Numbered = Receipt | AnnualReceipt


def cancel(session: Session, row: Numbered, *, reason: str, at: datetime) -> None:
    """Cancel a receipt for good; its number stays taken and its page says so.

    Raises
    ------
    Refused
        ``already_cancelled``.
    """
    if row.cancelled_at is not None:
        raise Refused("already_cancelled")
    row.cancelled_at, row.cancel_reason = at, reason
    session.flush()
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action="receipt.cancelled",
        object_type=row.__tablename__,
        object_id=row.id,
        details={"reason": reason},
    )


def note(
    session: Session, row: Numbered, *, replacement: Numbered | None, at: datetime
) -> CancellationNote:
    """Write the note that cancels a receipt and names the one in its place, if any."""
    told = wording.load(row.language)
    key = "not_replaced" if replacement is None else "replaced_by"
    facts: dict[str, Any] = {
        "cancelled_number": row.facts["number"],
        "cancelled_issued_on": row.facts["issued_on"],
        "cancelled_sha256": row.facts_sha256,
        "issued_on": receipt_facts.paris_day(at).isoformat(),
        "issuer": row.facts["issuer"],
        "language": row.language,
        "wording_version": told.version,
        "sentences": told.some(("cancels", key, "paris_time")),
        "replacement_number": None if replacement is None else replacement.facts["number"],
        "replacement_issued_on": None if replacement is None else replacement.facts["issued_on"],
        "replacement_path": None if replacement is None else replacement.facts["receipt_path"],
        "receipt_path": row.facts["receipt_path"],
        "reference": row.facts.get("reference"),
    }
    written = CancellationNote(
        id=uuid7(at),
        receipt_id=row.id if isinstance(row, Receipt) else None,
        annual_id=row.id if isinstance(row, AnnualReceipt) else None,
        language=row.language,
        facts=facts,
        facts_sha256=receipt_facts.hash_of(facts),
        made_at=at,
    )
    session.add(written)
    session.flush()
    return written


def tell(
    session: Session, written: CancellationNote, *, to: str | None, gift_path: str, at: datetime
) -> None:
    """Queue the mail that brings a note whose receipt nothing replaces."""
    if not to:
        return
    note_id: uuid.UUID = written.id
    outbox.enqueue(
        session,
        at=at,
        template="receipt_cancelled",
        to=to,
        language=written.language,
        parameters={
            "number": written.facts["cancelled_number"],
            "issued_on": written.facts["cancelled_issued_on"],
            "sentences": written.facts["sentences"],
            "receipt_path": written.facts["receipt_path"],
            "gift_path": gift_path,
            "papers": [["cancellation", str(note_id)]],
        },
        key=f"cancellation:{note_id}",
    )
