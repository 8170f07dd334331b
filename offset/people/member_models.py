"""Who was asked to join the house, and what helps somebody whose phone is lost?"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base
from offset.database.types import Document


class Invitation(Base):
    """Somebody whom an administrator asked to take certain roles; a mailed link says yes.

    Nothing is granted before. Name and address go when it was accepted or withdrawn.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_email", "email"),
        CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        CheckConstraint("expires_at > sent_at", name="expires_later"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    name: Mapped[str | None]
    language: Mapped[str]
    roles: Mapped[Any] = mapped_column(Document)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class RecoveryCode(Base):
    """A code on paper that stands once for a phone that is not at hand; only its hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_user_id", "user_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginBrowser(Base):
    """What a signed-in browser calls itself, so that its owner knows it again in a list."""

    __tablename__ = "login_browser"

    login_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("login.id"), primary_key=True)
    label: Mapped[str]
