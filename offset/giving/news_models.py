"""Which news of a project were told to those whose money is there?"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base
from offset.database.types import Document


class News(Base):
    """Something that happened at a project, to be told by mail to the donors whose money is there.

    ``after`` is the last contributor reached, so that a stop in the middle goes on from there.
    """

    __tablename__ = "news"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", name="uq_news_kind"),
        CheckConstraint("mails >= 0", name="mails_not_negative"),
        Index("ix_news_told_at", "told_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    project_id: Mapped[uuid.UUID]
    # what the mail says of it, besides the project
    said: Mapped[Any] = mapped_column(Document)
    happened_at: Mapped[datetime]
    found_at: Mapped[datetime]
    after: Mapped[uuid.UUID | None]
    mails: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
