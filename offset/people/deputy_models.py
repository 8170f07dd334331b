"""Who is away between which days, and who acts for them?"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base


class Absence(Base):
    """Days on which a member of the desk is away; taken back, it stays readable."""

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_user_id", "user_id"),
        CheckConstraint("ends_on >= starts_on", name="ends_later"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    taken_back_at: Mapped[datetime | None]


class DeputyGrant(Base):
    """One person acts for another between two days, with the roles the other holds at the desk.

    It may end early; it is never given by either of the two.
    """

    __tablename__ = "deputy_grant"
    __table_args__ = (
        Index("ix_deputy_grant_deputy_id", "deputy_id"),
        CheckConstraint("ends_on >= starts_on", name="ends_later"),
        CheckConstraint("deputy_id <> absent_id", name="two_people"),
        CheckConstraint(
            "granted_by <> deputy_id AND granted_by <> absent_id", name="by_somebody_else"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    absent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    deputy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class DeputyAct(Base):
    """An act that somebody did with the rights of a person who was away."""

    __tablename__ = "deputy_act"
    __table_args__ = (
        Index("ix_deputy_act_object_id", "object_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    object_id: Mapped[uuid.UUID]
    right: Mapped[str]
    absent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    deputy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    acted_at: Mapped[datetime]
