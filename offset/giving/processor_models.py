"""Which facts about refunds, disputes and the processor's lists are kept beside the gifts?"""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document


class RefundState(enum.StrEnum):
    """Where a refund stands; ``external`` was made at the processor and waits for a person."""

    PREPARED = "prepared"
    REFUSED = "refused"
    APPROVED = "approved"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXTERNAL = "external"


class Refund(Base):
    """Money that goes back to a donor: ours from the preparation on, or made at the processor.

    The amount is in the donor's currency; what left our balance stands in the books.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(external AND prepared_by IS NULL) OR (NOT external AND prepared_by IS NOT NULL)",
            name="prepared_by_somebody",
        ),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_whole"),
        CheckConstraint(
            "NOT two_people OR decided_by IS NULL OR decided_by <> prepared_by", name="two_people"
        ),
        Index("ix_refund_donation_id", "donation_id"),
        Index("ix_refund_state", "state", "prepared_at"),
        {
            "info": {
                "append_only": True,
                "updatable": frozenset(
                    {
                        "state",
                        "processor_id",
                        "pending_reason",
                        "fault",
                        "decided_by",
                        "decided_at",
                        "note",
                        "changed_at",
                    }
                ),
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"))
    external: Mapped[bool]
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    # Who wrote to confirm that the debit will not be returned as well, and where it is kept.
    confirmation: Mapped[str | None]
    two_people: Mapped[bool]
    prepared_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]
    state: Mapped[RefundState] = mapped_column(enumeration(RefundState))
    processor_id: Mapped[str | None] = mapped_column(unique=True)
    pending_reason: Mapped[str | None]
    fault: Mapped[str | None]
    changed_at: Mapped[datetime]


class Dispute(Base):
    """A payment that the donor's bank questions, as the processor last told of it.

    Until the day in ``evidence_due`` we may answer; afterwards the bank decides alone.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_dispute_donation_id", "donation_id"),
        Index("ix_dispute_closed_at", "closed_at", "evidence_due"),
    )

    dispute_id: Mapped[str] = mapped_column(primary_key=True)
    donation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("donation.id"))
    charge_id: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    status: Mapped[str]
    evidence_due: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ProcessorCursor(Base):
    """How far one of the processor's lists has been read and booked; the next reading begins here.

    ``name`` is events, movements or payouts.
    """

    __tablename__ = "processor_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    reached: Mapped[datetime]
    moved_at: Mapped[datetime]


class ProcessorBalance(Base):
    """What the processor said our balance is, beside what the books said at the same reading.

    ``explained`` lists the movements that the processor counts and the books await.
    """

    __tablename__ = "processor_balance"

    currency: Mapped[str] = mapped_column(primary_key=True)
    available: Mapped[int]
    pending: Mapped[int]
    booked: Mapped[int]
    explained: Mapped[Any] = mapped_column(Document)
    read_at: Mapped[datetime]
