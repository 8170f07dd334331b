"""What did a project say about money that reached it?"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base


class PaymentArrival(Base):
    """A project's own word that a payment arrived: the day, and the amount in its own money.

    Never edited: a correction is another row, and the newest one holds.
    """

    __tablename__ = "payment_arrival"
    __table_args__ = (
        CheckConstraint("local_minor > 0", name="amount_positive"),
        CheckConstraint("local_decimals BETWEEN 0 AND 3", name="decimals_few"),
        Index("ix_payment_arrival_disbursement_id", "disbursement_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    disbursement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("disbursement.id"))
    received_on: Mapped[date]
    local_minor: Mapped[int]
    local_decimals: Mapped[int]
    local_currency: Mapped[str]
    note: Mapped[str]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
