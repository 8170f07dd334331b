"""What is one thing that waits for a person at the desk, and who may do it?"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select
from sqlalchemy.orm import Session

from offset.money import Money
from offset.people.access import Right

_EVERY: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Work:
    """One thing that waits: what, since when, until when, and where it is done.

    ``own`` is whoever prepared it and may not be the second person.
    """

    name: str
    since: date | None
    path: str
    due: date | None = None
    amount: Money | None = None
    own: uuid.UUID | None = None

    def age(self, on: date) -> int:
        """Return for how many days it has waited."""
        return 0 if self.since is None else max((on - self.since).days, 0)

    def days_left(self, on: date) -> int | None:
        """Return how many days are left; below zero it is late."""
        return None if self.due is None else (self.due - on).days


@dataclass(frozen=True)
class Kind:
    """A kind of work: who may do it, where its list is, and how it is found."""

    key: str
    right: Right
    path: str
    find: Callable[[Session, datetime], Iterable[Work]]


def rows(session: Session, wanted: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """Read what waits, never without an end."""
    return session.execute(wanted.limit(_EVERY)).all()
