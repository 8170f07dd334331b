"""What time is it? The only reader of the clock in the house."""

from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """Whoever can say the present instant, in UTC."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, cut to milliseconds as the books store it."""
        return milliseconds(datetime.now(UTC))


def milliseconds(at: datetime) -> datetime:
    """Cut an instant to whole milliseconds, the precision of every stored instant."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def utc_day(at: datetime) -> date:
    """Return the UTC date of an aware instant: the date the books use.

    Raises
    ------
    ValueError
        When the instant carries no zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant without a zone has no day")
    return at.astimezone(UTC).date()
