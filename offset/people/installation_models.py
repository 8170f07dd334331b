"""What does an installation remember of itself: what it is for, and who asked to open it?"""

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration


class Mode(enum.StrEnum):
    """What an installation is for; decided once, when it is made."""

    DEMO = "demo"
    REHEARSAL = "rehearsal"
    LIVE = "live"


class Installation(Base):
    """The one row that says what this database is for; it can be neither changed nor repeated.

    What was made to rehearse never takes real money: a live installation is another database.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        {"info": {"append_only": True}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode] = mapped_column(enumeration(Mode))
    made_at: Mapped[datetime]


class OpeningAsk(Base):
    """One person's wish to accept contributions; it waits for a second person to agree.

    It names the version of the setting ``accepting`` that would say so; any other change of the
    setting in between makes it void.
    """

    __tablename__ = "opening_ask"
    __table_args__ = (
        Index("ix_opening_ask_version", "version"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[str]


class BackupKind(enum.StrEnum):
    """Whether an archive was written, or brought back into an empty place to see that it can."""

    BACKUP = "backup"
    DRILL = "drill"


class BackupRun(Base):
    """One archive that was written, or one that was restored on trial and found whole."""

    __tablename__ = "backup_run"
    __table_args__ = (
        Index("ix_backup_run_kind", "kind", "made_at"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    kind: Mapped[BackupKind] = mapped_column(enumeration(BackupKind))
    archive: Mapped[str]
    size: Mapped[int]
    row_count: Mapped[int]
    checkpoint: Mapped[int | None]
    root: Mapped[str | None]


class MailProbe(Base):
    """A mail that the installation sent to one of its people, to see whether mail arrives.

    It has arrived when that person opens its link; only the hash of the link is kept.
    """

    __tablename__ = "mail_probe"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    recipient: Mapped[str]
    sent_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
