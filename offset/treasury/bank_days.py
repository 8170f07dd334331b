"""On which day does the bank carry out what it is told? Days on which the euro's banks are open."""

from collections.abc import Collection
from datetime import date, timedelta

_WEEKEND = 5


def open_day(on: date) -> bool:
    """Say whether the euro's banks settle payments on a day (the calendar of TARGET)."""
    easter = easter_sunday(on.year)
    shut = {
        date(on.year, 1, 1),
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        date(on.year, 5, 1),
        date(on.year, 12, 25),
        date(on.year, 12, 26),
    }
    return on.weekday() < _WEEKEND and on not in shut


def execution_day(on: date, days: Collection[int] = ()) -> date:
    """Return the first open day from a day on; with days of the month, from the next of these.

    A day that a month does not have is its last one.
    """
    day = on
    while days and not _scheduled(day, days):
        day += timedelta(days=1)
    while not open_day(day):
        day += timedelta(days=1)
    return day


def easter_sunday(year: int) -> date:
    """Compute Easter by the anonymous Gregorian algorithm (Nature, 20 April 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _scheduled(day: date, days: Collection[int]) -> bool:
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return day.day in days or (day == last and any(one > last.day for one in days))
