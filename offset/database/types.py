"""How does a value of the domain stand in a column, alike on SQLite and PostgreSQL?

SQLite's STRICT tables take only INTEGER, TEXT and BLOB; PostgreSQL gets its native types.
"""

import json
import os
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Date, DateTime, Dialect, Integer, LargeBinary, Text, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

_MILLISECOND_BITS: Final = 48
_VERSION: Final = 7


class _Sequence:
    """Counts the ids of one millisecond, so that what is made later also sorts later."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._last = (-1, 0)

    def next(self, milliseconds: int, noise: int) -> int:
        """Return 12 bits: random for a new millisecond, one more for the same."""
        with self._guard:
            before, count = self._last
            again = milliseconds == before and count < _MOST_A_MILLISECOND
            self._last = (milliseconds, count + 1 if again else noise & (_MOST_A_MILLISECOND >> 1))
            return self._last[1]


_MOST_A_MILLISECOND: Final = 0xFFF
_SEQUENCE: Final = _Sequence()


def uuid7(at: datetime, random: Callable[[int], bytes] = os.urandom) -> uuid.UUID:
    """Make a UUIDv7 (RFC 9562): 48 bits of milliseconds, a counter of 12 bits, 62 random bits.

    Parameters
    ----------
    at
        The aware instant that orders the id.
    random
        Source of random bytes; tests pass their own.
    """
    milliseconds = int(at.timestamp() * 1000) & ((1 << _MILLISECOND_BITS) - 1)
    noise = int.from_bytes(random(10), "big")
    value = milliseconds << 80 | _VERSION << 76 | _SEQUENCE.next(milliseconds, noise >> 68) << 64
    value |= 0b10 << 62 | noise & ((1 << 62) - 1)
    return uuid.UUID(int=value)


class Id(TypeDecorator[uuid.UUID]):
    """A UUID: 16 bytes on SQLite, ``uuid`` on PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> Any:
        """Write a UUID."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> uuid.UUID | None:
        """Read a UUID."""
        if value is None or isinstance(value, uuid.UUID):
            return value
        del dialect
        return uuid.UUID(bytes=bytes(value))


class Minor(TypeDecorator[int]):
    """Whole minor units of a currency, 64 bits."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine; STRICT knows INTEGER, not BIGINT."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Refuse anything but a whole number before the engine sees it."""
        del dialect
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise TypeError("money columns take whole minor units")
        return value


class Day(TypeDecorator[date]):
    """A date of the books: ISO text on SQLite, ``date`` on PostgreSQL."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Write a date; an instant is refused, since its day depends on a zone."""
        if isinstance(value, datetime):
            raise TypeError("a day column takes a date, not an instant")
        if value is None or dialect.name != "sqlite":
            return value
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Read a date."""
        del dialect
        return date.fromisoformat(value) if isinstance(value, str) else value


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant in milliseconds: ISO text with Z on SQLite, ``timestamptz``."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write an instant; one without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant column takes an aware instant")
        value = value.astimezone(UTC)
        value = value.replace(microsecond=value.microsecond // 1000 * 1000)
        return written(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an instant, always in UTC."""
        del dialect
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]  # the driver's value is Any


class Code(TypeDecorator[str]):
    """A short word of the domain: TEXT on both engines."""

    impl = Text
    cache_ok = True


class Document(TypeDecorator[Any]):
    """A JSON document as canonical text, so that both engines store and compare the same bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        del dialect
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the document."""
        del dialect
        return None if value is None else json.loads(value)


def canonical(value: Any) -> str:
    """Write a value as canonical JSON: sorted keys, no spaces, UTF-8 letters as they are."""
    return _CANONICAL.encode(value)


# Made once: an encoder of one's own is made anew at each call of `json.dumps`.
_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def written(at: datetime) -> str:
    """Write an instant as the books print it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
