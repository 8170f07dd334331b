"""What does the committee's own work leave behind? Calls, links, questions, counts, letters."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base
from offset.database.types import Document


class AssessmentCall(Base):
    """A call for applications with its two instants. What comes late belongs to the next one."""

    __tablename__ = "assessment_call"
    __table_args__ = (
        UniqueConstraint("name", name="uq_assessment_call_name"),
        CheckConstraint("closes_at > opens_at", name="closes_later"),
        Index("ix_assessment_call_closes_at", "closes_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class CallEntry(Base):
    """One version of an application in the call it was handed in to. Never changed."""

    __tablename__ = "call_entry"
    __table_args__ = (
        Index("ix_call_entry_call_id", "call_id"),
        Index("ix_call_entry_assessment_id", "assessment_id"),
        {"info": {"append_only": True}},
    )

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("application.id"), primary_key=True
    )
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment_call.id"))
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"))
    entered_at: Mapped[datetime]


class MemberProfile(Base):
    """What a member of the committee knows well, and every house that pays or lodges them."""

    __tablename__ = "member_profile"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    expertise: Mapped[Any] = mapped_column(Document)
    affiliations: Mapped[Any] = mapped_column(Document)
    saved_at: Mapped[datetime]
    saved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class AssignmentLink(Base):
    """The secret address in the mail that offers a seat; only its digest is kept."""

    __tablename__ = "assignment_link"

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Handover(Base):
    """A criterion that a reviewer handed on: "not my field". The other seat grades it."""

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("assignment_id", "criterion", name="uq_handover_assignment_id_criterion"),
        CheckConstraint("to_assignment_id <> assignment_id", name="to_somebody_else"),
        Index("ix_handover_to_assignment_id", "to_assignment_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"))
    criterion: Mapped[str]
    to_assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"))
    note: Mapped[str]
    handed_at: Mapped[datetime]


class InquiryRound(Base):
    """The one letter in which the secretariat sends all questions about a version."""

    __tablename__ = "inquiry_round"
    __table_args__ = ({"info": {"append_only": True}},)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"))
    due_on: Mapped[date]
    sent_at: Mapped[datetime]
    sent_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Inquiry(Base):
    """A question of a reviewer to the applicant: collected, sent with the others, answered once."""

    __tablename__ = "inquiry"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_whole"),
        CheckConstraint("answer IS NULL OR round_id IS NOT NULL", name="sent_before_answered"),
        Index("ix_inquiry_application_id", "application_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    criterion: Mapped[str | None]
    text: Mapped[str]
    asked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    round_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("inquiry_round.id"))
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class DecisionRoll(Base):
    """How many members the committee had when it decided, and how many of them stepped aside."""

    __tablename__ = "decision_roll"
    __table_args__ = (
        CheckConstraint("recused >= 0 AND recused <= members", name="recused_are_members"),
        {"info": {"append_only": True}},
    )

    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    members: Mapped[int]
    recused: Mapped[int]


class ThanksLetter(Base):
    """The yearly thanks to a member's institution: how many dossiers, how many minutes."""

    __tablename__ = "thanks_letter"
    __table_args__ = (
        UniqueConstraint("user_id", "year", name="uq_thanks_letter_user_id_year"),
        CheckConstraint("dossiers > 0 AND minutes > 0", name="thanks_for_work"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    year: Mapped[int]
    institution: Mapped[str]
    dossiers: Mapped[int]
    minutes: Mapped[int]
    issued_on: Mapped[date]
    issued_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
