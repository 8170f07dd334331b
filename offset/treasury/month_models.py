"""What is kept of a month: what a person explained in writing, and the statement of its closing."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base
from offset.database.types import Document

_EVIDENCE = {"info": {"append_only": True}}


class MonthExplanation(Base):
    """Why something may stay open over a month's end, in a person's words.

    It speaks of one item and the amount it had then; when the amount changes, it holds no more.
    """

    __tablename__ = "month_explanation"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text_given"),
        Index("ix_month_explanation_starts_on", "starts_on"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(ForeignKey("period.starts_on"))
    item: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class MonthStatement(Base):
    """The reconciliation statement of one closing of a month: its facts, and their hash.

    A month that was opened again and closed anew has one more; the earlier ones stay.
    """

    __tablename__ = "month_statement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["starts_on", "n"],
            ["period_closing.starts_on", "period_closing.n"],
            name="fk_month_statement_closing",
        ),
        UniqueConstraint("starts_on", "n", name="uq_month_statement_closing"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    n: Mapped[int]
    facts: Mapped[Any] = mapped_column(Document)
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class MonthPaper(Base):
    """A statement as a file that is kept: PDF in each language, and a workbook.

    It is made once and found again by the hash of its bytes.
    """

    __tablename__ = "month_paper"
    __table_args__ = (
        UniqueConstraint("statement_id", "form", "language", name="uq_month_paper_form"),
        CheckConstraint("form IN ('pdf', 'xlsx')", name="form_known"),
        Index("ix_month_paper_sha256", "sha256"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("month_statement.id"))
    form: Mapped[str]
    language: Mapped[str]
    sha256: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class DigestChoice(Base):
    """Whether somebody of the desk wants the work list by mail; without a row, they do."""

    __tablename__ = "digest_choice"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    wanted: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime]
