"""Which day does a cell mean: 31/12/2025, 12/31/2025, 2025-12-31 or 46022?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from calculators.flight.names import fold

ORDERS: Final = ("dmy", "mdy", "iso")
"""Orders of day, month and year between slashes or points; a year in front is always ISO."""

_ISO: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[T ].*)?")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")
_SERIAL_ZERO: Final = date(1899, 12, 30)  # day 0 of spreadsheets since 1 March 1900
_WORDED: Final = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er)?(?: de| of)? ([a-z]+)(?: de| del)? (\d{4})"
)
_WORDED_US: Final = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_MONTH_NAMES: Final = (
    ("january", "janvier", "enero"),
    ("february", "fevrier", "febrero"),
    ("march", "mars", "marzo"),
    ("april", "avril", "abril"),
    ("may", "mai", "mayo"),
    ("june", "juin", "junio"),
    ("july", "juillet", "julio"),
    ("august", "aout", "agosto"),
    ("september", "septembre", "septiembre", "setiembre", "sept"),
    ("october", "octobre", "octubre"),
    ("november", "novembre", "noviembre"),
    ("december", "decembre", "diciembre"),
)
_SHORT: Final = 3  # letters of a shortened month
_MONTHS: Final = 12
_CENTURY: Final = 2000


def tell_order(texts: Iterable[str]) -> str:
    """Return the order of day and month: what one date of the file proves, else day first."""
    found = [match for text in texts if (match := _YEAR_LAST.fullmatch(text.strip()))]
    if any(int(match[1]) > _MONTHS for match in found):
        return "dmy"
    return "mdy" if any(int(match[2]) > _MONTHS for match in found) else "dmy"


def day(text: str, order: str) -> date | None:
    """Return the day that a text means, or None when it is none.

    Parameters
    ----------
    text : str
        ISO, day and month before or after each other, with two or four digits of the year, or the
        day number of a spreadsheet.
    order : str
        One of `ORDERS`.
    """
    bare = text.strip()
    try:
        if match := _ISO.fullmatch(bare) or _YEAR_FIRST.fullmatch(bare):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if _SERIAL.fullmatch(bare):
            return _SERIAL_ZERO + timedelta(days=int(float(bare)))
        return _year_last(bare, order)
    except ValueError:
        return None


def _year_last(bare: str, order: str) -> date | None:
    match = _YEAR_LAST.fullmatch(bare)
    if match is None:
        return _worded(fold(bare))
    if order == "iso":
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    month, number = (first, second) if order == "mdy" else (second, first)
    return date(year + _CENTURY if year < 100 else year, month, number)  # noqa: PLR2004 - two digits


def _worded(folded: str) -> date | None:
    """Return the day of 31 décembre 2024, 31-Dec-2024 or December 31, 2024."""
    if match := _WORDED.fullmatch(folded):
        number, word, year = match.groups()
    elif match := _WORDED_US.fullmatch(folded):
        word, number, year = match.groups()
    else:
        return None
    month = _month(word)
    return date(int(year), month, int(number)) if month else None


def _month(word: str) -> int:
    """Return the number of a month that a word of three letters or more begins, 0 for none."""
    found = [
        at
        for at, names in enumerate(_MONTH_NAMES, start=1)
        if len(word) >= _SHORT and any(name.startswith(word) for name in names)
    ]
    return found[0] if len(found) == 1 else 0
