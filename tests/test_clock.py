"""Is an instant always aware, and its day the UTC day?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from offset.clock import SystemClock, utc_day


def test_now_is_utc_in_milliseconds() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


def test_day_is_the_utc_day() -> None:
    evening = datetime(2026, 10, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert utc_day(evening) == date(2026, 11, 1)


def test_naive_instant_has_no_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        utc_day(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
