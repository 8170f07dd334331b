"""Who gave, as far as they told us? The only place that holds a donor's name and address.

A donation refers to a contributor by id; erasing the row leaves every cent of the books valid.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from offset.database.base import Base
from offset.database.types import uuid7
from offset.people import mail_choices, signin, users


class Contributor(Base):
    """What a giver wrote on the payment page of one gift: an address and a name, if any.

    Guests stay guests: rows are not merged, since nobody has proved that an address is theirs.
    """

    __tablename__ = "contributor"
    __table_args__ = (Index("ix_contributor_email", "email"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    name: Mapped[str | None]
    # Asked only where a tax receipt needs it.
    address: Mapped[str | None]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


# Built once: making a statement anew costs more than saying it.
_NEW: Final = insert(Contributor)


def keep(session: Session, *, at: datetime, email: str | None, name: str | None) -> uuid.UUID:
    """Write down what a giver told the processor."""
    return keep_many(session, [(email, name)], at=at)[0]


def keep_many(
    session: Session, told: Sequence[tuple[str | None, str | None]], *, at: datetime
) -> list[uuid.UUID]:
    """Write down addresses and names of several givers in one statement."""
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(at),
            "email": _folded(email),
            "name": (name or "").strip() or None,
            "created_at": at,
        }
        for email, name in told
    ]
    if rows:
        # At once, not when the session flushes: the gifts that name them may be written first.
        session.connection().execute(_NEW, rows)
    return [row["id"] for row in rows]


def complete(session: Session, contributor_id: uuid.UUID, *, name: str, address: str) -> None:
    """Write down what a tax receipt needs of a giver."""
    session.execute(
        update(Contributor)
        .where(Contributor.id == contributor_id)
        .values(name=name.strip(), address=address.strip())
    )


def by_address(session: Session, email: str) -> tuple[uuid.UUID, ...]:
    """Find the contributors who gave this address, oldest first."""
    return tuple(
        session.scalars(
            select(Contributor.id)
            .where(Contributor.email == _folded(email))
            .order_by(Contributor.id)
        )
    )


def erase(session: Session, email: str, *, at: datetime) -> int:
    """Empty every contributor with this address and return how many there were."""
    if folded := _folded(email):
        mail_choices.erase(session, folded)
    found = by_address(session, email)
    if found:
        session.execute(
            update(Contributor)
            .where(Contributor.id.in_(found))
            .values(email=None, name=None, address=None, erased_at=at)
        )
    return len(found)


def ask_for_link(
    session: Session, *, email: str, language: str, next_path: str, public_url: str, at: datetime
) -> None:
    """Send a sign-in link to anybody we know: staff, stewards, and whoever gave as a guest.

    A guest becomes a person without roles here; the link proves that the address is theirs.
    """
    if by_address(session, email):
        users.enrol(session, at=at, email=email, name="", language=language)
    signin.ask_for_link(
        session,
        email=email,
        language=language,
        next_path=next_path,
        public_url=public_url,
        at=at,
    )


def _folded(email: str | None) -> str | None:
    return (email or "").strip().casefold() or None
