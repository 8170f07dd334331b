"""Which facts about reading, announcing and explaining bank lines are kept beside the lines?"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base
from offset.database.types import Document

_EVIDENCE = {"info": {"append_only": True}}


class BankMapping(Base):
    """How the tables that one bank gives are read: which column is what, and how it writes.

    A change is a new version; files that were read by an older one stay as they are.
    """

    __tablename__ = "bank_mapping"
    __table_args__ = (
        UniqueConstraint("account_id", "version", name="uq_bank_mapping_version"),
        CheckConstraint("version > 0", name="version_positive"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    version: Mapped[int]
    layout: Mapped[Any] = mapped_column(Document)
    saved_at: Mapped[datetime]
    saved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class PendingLine(Base):
    """A movement that the bank announces and has not booked: shown, never counted."""

    __tablename__ = "bank_pending_line"
    __table_args__ = (
        UniqueConstraint("statement_id", "number", name="uq_bank_pending_line_number"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_statement.id"))
    number: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str]
    expected_on: Mapped[date]
    text: Mapped[str]
    counterparty: Mapped[str | None]


class BankNotice(Base):
    """One transaction of a notification (CAMT.054): it tells what a line is made of.

    Nothing is booked from it. A later statement that states only the sum of a batch is cut by it,
    and a line that is here already is explained by its words.
    """

    __tablename__ = "bank_notice"
    __table_args__ = (
        UniqueConstraint("file_id", "number", name="uq_bank_notice_number"),
        Index("ix_bank_notice_account_id", "account_id", "bank_reference"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_file.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    number: Mapped[int]
    # The bank's reference of the whole entry, which its statement repeats.
    bank_reference: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    booked_on: Mapped[date]
    end_to_end_id: Mapped[str | None]
    creditor_reference: Mapped[str | None]
    text: Mapped[str]
    counterparty: Mapped[str | None]
    counterparty_iban: Mapped[str | None]


class BankRule(Base):
    """A rule that the secretary wrote: lines with these words are a charge, or interest.

    It proposes and never books by itself; a change is a new version, the last one holds.
    """

    __tablename__ = "bank_rule"
    __table_args__ = (
        UniqueConstraint("rule_id", "version", name="uq_bank_rule_version"),
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("ceiling > 0", name="ceiling_positive"),
        CheckConstraint("books IN ('bank_fee', 'interest')", name="books_known"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    rule_id: Mapped[uuid.UUID]
    version: Mapped[int]
    name: Mapped[str]
    books: Mapped[str]
    words: Mapped[Any] = mapped_column(Document)
    currency: Mapped[str]
    ceiling: Mapped[int]
    active: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class RuleMatch(Base):
    """Which version of a rule a match was confirmed by."""

    __tablename__ = "bank_rule_match"
    __table_args__ = (_EVIDENCE,)

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id"), primary_key=True)
    rule_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_rule.id"))
