"""Which facts does the public side of a project keep: its face, its followers, concerns raised?"""

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration


class ConcernStatus(enum.StrEnum):
    """Where a concern stands: open, answered by one person, closed by another."""

    OPEN = "open"
    PROPOSED = "proposed"
    CLOSED = "closed"


class ConcernFinding(enum.StrEnum):
    """What came of a concern."""

    UPHELD = "upheld"
    PARTLY = "partly"
    NOT_UPHELD = "not_upheld"
    OUTSIDE = "outside"


class ConcernStep(enum.StrEnum):
    """What one line of a concern's history is."""

    MESSAGE = "message"
    NOTE = "note"
    HELD = "held"
    PROPOSED = "proposed"
    RETURNED = "returned"
    CLOSED = "closed"


class ProjectFace(Base):
    """What the public list looks for in a project: its climate, its goals, the words of its page.

    A copy of what the admitted application says, so that the database can filter and page.
    """

    __tablename__ = "project_face"
    __table_args__ = (Index("ix_project_face_climate", "climate"),)

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    climate: Mapped[str] = mapped_column(default="")
    soil: Mapped[str] = mapped_column(default="")
    # Numbers of the goals between blanks: " 2 13 15 ".
    goals: Mapped[str] = mapped_column(default="")
    # Folded: without accents, case or marks.
    words: Mapped[str] = mapped_column(default="")


class Follower(Base):
    """An address that asked for the news of one project, or of all; leaving deletes the row.

    Nothing is sent before the address is confirmed by a button. The link in each mail is known
    by the hash of its secret.
    """

    __tablename__ = "follower"
    __table_args__ = (
        Index("ix_follower_project_id", "project_id", "confirmed_at"),
        Index("ix_follower_email", "email"),
        CheckConstraint("(confirmed_at IS NULL) = (told_until IS NULL)", name="told_since"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    language: Mapped[str]
    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"))
    secret: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    told_until: Mapped[datetime | None]


class Concern(Base):
    """What somebody fears about a project, in their own words and language, handled by two people.

    Whoever raised it may stay unnamed and follows the answer through a link. How many there are is
    public, what they say is not.
    """

    __tablename__ = "concern"
    __table_args__ = (
        Index("ix_concern_project_id", "project_id", "status"),
        Index("ix_concern_status", "status", "received_at"),
        CheckConstraint("text <> ''", name="text_written"),
        CheckConstraint(
            "(status = 'open') = (proposed_by IS NULL)"
            " AND (proposed_by IS NULL) = (proposed_at IS NULL)"
            " AND (proposed_by IS NULL) = (answer IS NULL)"
            " AND (proposed_by IS NULL) = (finding IS NULL)",
            name="proposed_whole",
        ),
        CheckConstraint(
            "(status = 'closed') = (closed_by IS NOT NULL)"
            " AND (closed_by IS NULL) = (closed_at IS NULL)",
            name="closed_whole",
        ),
        CheckConstraint("closed_by IS NULL OR closed_by <> proposed_by", name="two_people"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    # The language of the page it was written on: the answer's mail is in it.
    language: Mapped[str]
    text: Mapped[str]
    name: Mapped[str | None]
    email: Mapped[str | None]
    received_at: Mapped[datetime]
    status: Mapped[ConcernStatus] = mapped_column(enumeration(ConcernStatus))
    finding: Mapped[ConcernFinding | None] = mapped_column(enumeration(ConcernFinding))
    answer: Mapped[str | None]
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None]


class ConcernNote(Base):
    """One line of a concern's history: a further message of its raiser, or an act of the desk."""

    __tablename__ = "concern_note"
    __table_args__ = (
        Index("ix_concern_note_concern_id", "concern_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    concern_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("concern.id"))
    at: Mapped[datetime]
    step: Mapped[ConcernStep] = mapped_column(enumeration(ConcernStep))
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]
