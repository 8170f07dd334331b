"""What is kept of the ways by which the field reaches us: forms, photos, mails, sheets, helpers?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document

_KEPT = {"info": {"append_only": True}}


class DraftOrigin(enum.StrEnum):
    """By which way a draft came."""

    FORM = "form"
    MAIL = "mail"
    SHEET = "sheet"


class MailOutcome(enum.StrEnum):
    """What became of a mail to the projects' address."""

    DRAFTED = "drafted"
    AUTOMATIC = "automatic"
    ADDRESS_UNKNOWN = "address_unknown"
    SENDER_UNKNOWN = "sender_unknown"
    UNREADABLE = "unreadable"
    TOO_MANY = "too_many"


class SheetKind(enum.StrEnum):
    """What a spreadsheet fills in."""

    APPLICATION = "application"
    UPDATE = "update"


class HelperScope(enum.StrEnum):
    """What a helper may do in the name of an organisation."""

    UPDATES = "updates"
    APPLICATIONS = "applications"
    ALL = "all"


class UpdateDraft(Base):
    """The key of the form, mail or sheet an update came by: the same key twice is one update."""

    __tablename__ = "update_draft"
    __table_args__ = (
        UniqueConstraint("project_id", "key", name="uq_update_draft_project_id_key"),
        CheckConstraint("key <> ''", name="key_written"),
    )

    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"), primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    key: Mapped[str]
    origin: Mapped[DraftOrigin] = mapped_column(enumeration(DraftOrigin))
    made_at: Mapped[datetime]


class ArrivedPhoto(Base):
    """A picture that has arrived for an update, known by the hash of the bytes that were sent.

    It waits here for its words and for the consent of those in it; only then it is a photo.
    """

    __tablename__ = "arrived_photo"
    __table_args__ = (
        UniqueConstraint("update_id", "sha256", name="uq_arrived_photo_update_id_sha256"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"))
    sha256: Mapped[str]
    stored: Mapped[Any] = mapped_column(Document)
    arrived_at: Mapped[datetime]
    arrived_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    # No foreign key: a photo taken out of a draft leaves its arrival, which may be used again.
    photo_id: Mapped[uuid.UUID | None]
    dropped_at: Mapped[datetime | None]


class MailAddress(Base):
    """The secret word in a project's own mail address; a new word ends the one before."""

    __tablename__ = "project_mail_address"
    __table_args__ = (Index("ix_project_mail_address_project_id", "project_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    word: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]


class InboundMail(Base):
    """A mail that came, known by the hash of its Message-ID, and what became of it.

    Neither its sender nor its words are here: of strangers only the count is kept.
    """

    __tablename__ = "inbound_mail"
    __table_args__ = (Index("ix_inbound_mail_project_id", "project_id", "arrived_at"), _KEPT)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    message_hash: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[MailOutcome] = mapped_column(enumeration(MailOutcome))
    arrived_at: Mapped[datetime]
    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"))
    update_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project_update.id"))


class SheetUpload(Base):
    """A spreadsheet that was read and checked; committing it happens once."""

    __tablename__ = "sheet_upload"
    __table_args__ = (
        UniqueConstraint(
            "project_id", "kind", "sha256", "uploaded_by", name="uq_sheet_upload_file"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[SheetKind] = mapped_column(enumeration(SheetKind))
    sha256: Mapped[str]
    answers: Mapped[Any] = mapped_column(Document)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    committed_at: Mapped[datetime | None]
    update_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project_update.id"))


class HelperConsent(Base):
    """An organisation's own word that another may act for it: in what, and until when."""

    __tablename__ = "helper_consent"
    __table_args__ = (
        CheckConstraint("helper_id <> organisation_id", name="two_organisations"),
        CheckConstraint("ends_on >= starts_on", name="ends_later"),
        Index("ix_helper_consent_organisation_id", "organisation_id"),
        Index("ix_helper_consent_helper_id", "helper_id"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    helper_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    scope: Mapped[HelperScope] = mapped_column(enumeration(HelperScope))
    words: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    given_at: Mapped[datetime]
    given_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class HelperRevocation(Base):
    """The end of a consent before its day; it cannot be taken back, only given anew."""

    __tablename__ = "helper_revocation"
    __table_args__ = (_KEPT,)

    consent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("helper_consent.id"), primary_key=True)
    revoked_at: Mapped[datetime]
    revoked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class HelperAct(Base):
    """One thing a helper did in the name of an organisation."""

    __tablename__ = "helper_act"
    __table_args__ = (Index("ix_helper_act_consent_id", "consent_id", "at"), _KEPT)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    consent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("helper_consent.id"))
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    actor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str]
    at: Mapped[datetime]
