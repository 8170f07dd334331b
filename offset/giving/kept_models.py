"""Which refunds that failed did their donors leave with us, who said so, and where did it go?"""

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base

_KEPT: Final = {"info": {"append_only": True}}


class RefundKeeping(Base):
    """Somebody of the desk writes down that a donor leaves us what a failed refund gave back.

    From the settable amount on it waits for a second person; nothing is booked before.
    """

    __tablename__ = "refund_keeping"
    __table_args__ = (
        UniqueConstraint("id", "prepared_by", "two_people", name="uq_refund_keeping_prepared"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    refund_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("refund.id"), index=True)
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"), index=True)
    reason: Mapped[str]
    two_people: Mapped[bool] = mapped_column(Boolean)
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class RefundKeepingDecision(Base):
    """The word that books it or refuses it: how much went back to the share, fund and reserve."""

    __tablename__ = "refund_keeping_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["keeping_id", "prepared_by", "two_people"],
            ["refund_keeping.id", "refund_keeping.prepared_by", "refund_keeping.two_people"],
            name="fk_refund_keeping_decision_prepared",
        ),
        CheckConstraint("NOT two_people OR decided_by <> prepared_by", name="two_people"),
        CheckConstraint("approved = (entry_id IS NOT NULL)", name="approved_is_booked"),
        CheckConstraint("approved OR trim(reason) <> ''", name="refused_has_reason"),
        CheckConstraint(
            "share >= 0 AND fund >= 0 AND reserve >= 0 AND approved = (share + fund + reserve > 0)",
            name="parts_of_what_is_booked",
        ),
        _KEPT,
    )

    keeping_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    prepared_by: Mapped[uuid.UUID]
    two_people: Mapped[bool] = mapped_column(Boolean)
    approved: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str]
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"), unique=True)
    share: Mapped[int]
    fund: Mapped[int]
    reserve: Mapped[int]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
