"""Which codes were mailed, which devices does a person trust, and when was a person last sure?"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base


class SignInCode(Base):
    """Six digits sent in the same mail as a link; the link's end is theirs too.

    Only a salted hash is kept. A wrong code counts against every code that is still open.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_counted"),)

    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sign_in_link.id"), primary_key=True)
    code_hash: Mapped[str]
    expires_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)


class KnownDevice(Base):
    """A phone or computer that its owner asked us to remember for ninety days.

    Its cookie holds a secret whose hash is here; the owner sees the list and may end each one.
    """

    __tablename__ = "known_device"
    __table_args__ = (
        Index("ix_known_device_user_id", "user_id"),
        CheckConstraint("expires_at > created_at", name="expires_later"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginProof(Base):
    """How a signed-in browser came to be: by a link, code or password, or by a known device.

    ``proved_at`` is empty where only the device vouched; what is grave then asks again.
    """

    __tablename__ = "login_proof"

    login_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("login.id"), primary_key=True)
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("known_device.id"))
    proved_at: Mapped[datetime | None]
