"""Which facts are kept about money of unknown givers, notices that wait, and likely matches?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document

_EVIDENCE = {"info": {"append_only": True}}


class AnswerKind(enum.StrEnum):
    """What money of an unknown giver turned out to be: a gift, or nothing of ours."""

    IDENTIFIED = "identified"
    SENT_BACK = "sent_back"


class UnidentifiedAnswer(Base):
    """What a person says a receipt of an unknown giver is, or a part of it.

    ``entry_id`` is the entry that set the money apart. Nothing is booked before the decision.
    """

    __tablename__ = "unidentified_answer"
    __table_args__ = (
        UniqueConstraint("id", "prepared_by", "two_people", name="uq_unidentified_answer_prepared"),
        Index("ix_unidentified_answer_entry_id", "entry_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
        CheckConstraint("kind <> 'identified' OR NOT two_people", name="identified_by_one"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"))
    kind: Mapped[AnswerKind] = mapped_column(enumeration(AnswerKind))
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    effective_on: Mapped[date]
    two_people: Mapped[bool] = mapped_column(Boolean)
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class UnidentifiedDecision(Base):
    """The word that books an answer or refuses it, by a second person where it must be."""

    __tablename__ = "unidentified_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["answer_id", "prepared_by", "two_people"],
            [
                "unidentified_answer.id",
                "unidentified_answer.prepared_by",
                "unidentified_answer.two_people",
            ],
            name="fk_unidentified_decision_prepared",
        ),
        CheckConstraint("NOT two_people OR decided_by <> prepared_by", name="two_people"),
        CheckConstraint("approved = (entry_id IS NOT NULL)", name="approved_is_booked"),
        CheckConstraint("approved OR trim(reason) <> ''", name="refused_has_reason"),
        CheckConstraint("donation_id IS NULL OR approved", name="gift_is_booked"),
        _EVIDENCE,
    )

    answer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    prepared_by: Mapped[uuid.UUID]
    two_people: Mapped[bool] = mapped_column(Boolean)
    approved: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str]
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"), unique=True)
    donation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("donation.id"))
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class UnidentifiedUndone(Base):
    """Somebody took an answer back, and why; the money stands apart again."""

    __tablename__ = "unidentified_undone"
    __table_args__ = (CheckConstraint("trim(reason) <> ''", name="has_reason"), _EVIDENCE)

    answer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("unidentified_decision.answer_id"), primary_key=True
    )
    reversal_entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"), unique=True)
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class UnidentifiedNote(Base):
    """What a colleague wrote beside money of an unknown giver. Added, never changed."""

    __tablename__ = "unidentified_note"
    __table_args__ = (
        Index("ix_unidentified_note_entry_id", "entry_id"),
        CheckConstraint("trim(text) <> ''", name="has_text"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"))
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class NoticeNote(Base):
    """What a person found out about a notice of the processor that could not be booked.

    One that ``explains`` takes the notice off the list of what waits for a person.
    """

    __tablename__ = "processor_notice_note"
    __table_args__ = (
        Index("ix_processor_notice_note_event_id", "event_id"),
        CheckConstraint("trim(text) <> ''", name="has_text"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("processor_event.event_id"))
    explains: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class LineSuggestion(Base):
    """What matching last said about an open bank line, so that a page need not ask it again.

    Derived, and written anew whenever something changed; nothing is booked by it.
    """

    __tablename__ = "bank_line_suggestion"
    __table_args__ = (Index("ix_bank_line_suggestion_account_id", "account_id", "state"),)

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_line.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    # certain, suggested or to_check, and the kind of the best proposal: what filters ask for.
    state: Mapped[str]
    kind: Mapped[str]
    candidate_id: Mapped[uuid.UUID | None]
    # Proposals, and what only several explain: as offset.treasury.suggestions writes them.
    told: Mapped[Any] = mapped_column(Document)


class SuggestionStamp(Base):
    """What the books and the bank had said when the suggestions of an account were written."""

    __tablename__ = "bank_suggestion_stamp"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"), primary_key=True)
    stamp: Mapped[str]
    written_at: Mapped[datetime]
