"""Which facts about people, their acts and the house's settings are kept?"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document
from offset.people import (
    deputy_models,  # noqa: F401 - the same
    device_models,  # noqa: F401 - its tables are of this metadata
    installation_models,  # noqa: F401 - the same
    member_models,  # noqa: F401 - the same
)
from offset.people.access import Role


class User(Base):
    """Somebody who can sign in: a steward, a scientist, a member of the secretariat, a donor.

    Erasure empties the name and the address; the id stays, since acts name it.
    """

    __tablename__ = "user"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    affiliation: Mapped[str | None]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class RoleGrant(Base):
    """A role given to a person, by whom and when; taking it back ends the grant."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("ix_role_grant_user_id", "user_id"),
        CheckConstraint("granted_by IS NULL OR granted_by <> user_id", name="not_to_oneself"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(enumeration(Role))
    granted_at: Mapped[datetime]
    granted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Login(Base):
    """A signed-in browser. The cookie holds a secret whose hash is here; ending it is final."""

    __tablename__ = "login"
    __table_args__ = (Index("ix_login_user_id", "user_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInLink(Base):
    """A single-use link sent by mail; only the hash of its secret is kept."""

    __tablename__ = "sign_in_link"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEvent(Base):
    """One change of state: who did what to which thing, and when. Never personal data."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_object", "object_type", "object_id"),
        Index("ix_audit_event_at", "at"),
        Index("ix_audit_event_action", "action"),
        Index("ix_audit_event_actor_id", "actor_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    details: Mapped[Any | None] = mapped_column(Document)


class Setting(Base):
    """One version of one setting; the highest version holds, the older ones stay readable."""

    __tablename__ = "setting"
    __table_args__ = (
        UniqueConstraint("name", "version", name="uq_setting_name_version"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    value: Mapped[Any] = mapped_column(Document)
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]


class OutboxMessage(Base):
    """A mail to be sent, written in the same transaction as its cause."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "sent_at", "due_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    recipient: Mapped[str | None]
    language: Mapped[str]
    parameters: Mapped[Any] = mapped_column(Document)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None]


class JobRun(Base):
    """The last run of a job: when it began, when it ended, and what came of it."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    detail: Mapped[str | None]
    holder: Mapped[str | None]


class SecondFactor(Base):
    """The key that a person's phone shares with us; it counts once a first code proved it."""

    __tablename__ = "second_factor"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    shared_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None]


class SecondFactorPass(Base):
    """A signed-in browser that showed a right code; it ends with the browser's sign-in."""

    __tablename__ = "second_factor_pass"

    login_hash: Mapped[bytes] = mapped_column(
        LargeBinary, ForeignKey("login.secret_hash"), primary_key=True
    )
    passed_at: Mapped[datetime]
