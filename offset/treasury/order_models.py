"""How was the bank told to pay: which file, which sheet, with which payments, at which rate?"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base

_EVIDENCE = {"info": {"append_only": True}}


class PaymentFile(Base):
    """A file of credit transfers for our bank: one an account and day, kept byte for byte."""

    __tablename__ = "payment_file"
    __table_args__ = (
        UniqueConstraint("account_id", "made_on", name="uq_payment_file_account_day"),
        CheckConstraint("payments > 0 AND total > 0", name="pays_something"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    message_id: Mapped[str] = mapped_column(unique=True)
    made_on: Mapped[date]
    execute_on: Mapped[date]
    payments: Mapped[int]
    total: Mapped[int]
    currency: Mapped[str]
    sha256: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class PaymentFileItem(Base):
    """A payment in a file; no payment stands in two files, or in a file and on a sheet."""

    __tablename__ = "payment_file_item"
    __table_args__ = (Index("ix_payment_file_item_file_id", "file_id"), _EVIDENCE)

    disbursement_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("disbursement.id"), primary_key=True
    )
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_file.id"))


class PaymentOrder(Base):
    """A payment to a country without SEPA: the rate that was agreed, with whom and by whom."""

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("amount_abroad > 0", name="amount_positive"),
        CheckConstraint("agreed_with <> ''", name="agreed_with_told"),
        _EVIDENCE,
    )

    disbursement_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("disbursement.id"), primary_key=True
    )
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    currency_abroad: Mapped[str]
    rate: Mapped[str]
    amount_abroad: Mapped[int]
    agreed_on: Mapped[date]
    agreed_with: Mapped[str]
    sheet: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
