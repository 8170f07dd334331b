"""Which number does a cell mean: 1 234,5 or 1,234.5?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

DECIMALS: Final = (".", ",")
"""What may stand before the decimals."""

_SPACES: Final = re.compile(r"[\s'\u2019]+")  # also between thousands: 1 234, 1'234
_GROUPED: Final = re.compile(r"[-+]?\d{1,3}(?:[.,]\d{3})+")
_PLAIN: Final = re.compile(r"[-+]?\d+(?:\.\d*)?|[-+]?\.\d+")
_UNIT: Final = re.compile(r"\s*km$", re.IGNORECASE)
_MINUS: Final = str.maketrans({"\u2212": "-", "\u2013": "-"})


def _bare(text: str) -> str:
    return _SPACES.sub("", _UNIT.sub("", text.strip())).translate(_MINUS)


def _mark_of(text: str) -> str:
    """Return the decimal mark that a number shows beyond doubt, or nothing."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return ""
    both = "." in text and "," in text
    doubtful = _GROUPED.fullmatch(text) and not both
    return "" if doubtful else text[last]


def tell_decimal(texts: Iterable[str], delimiter: str) -> str:
    """Return the decimal mark of a file.

    Parameters
    ----------
    texts : iterable of str
        Numbers of its first rows.
    delimiter : str
        What stands between its cells: a semicolon is what a spreadsheet writes where the comma
        is the decimal mark, and decides when the numbers themselves do not.
    """
    marks = [_mark_of(_bare(text)) for text in texts]
    commas, points = marks.count(","), marks.count(".")
    if commas == points:
        return "," if delimiter == ";" else "."
    return "," if commas > points else "."


def number(text: str, decimal: str) -> float | None:
    """Return the number that a text means, or None when it is none.

    Parameters
    ----------
    text : str
        Digits, also with spaces, apostrophes or the other mark between thousands, and "km".
    decimal : str
        What stands before the decimals.
    """
    bare = _bare(text)
    other = "." if decimal == "," else ","
    head, mark, tail = bare.partition(decimal)
    if other in head and not _GROUPED.fullmatch(head):
        return None
    plain = head.replace(other, "") + ("." if mark else "") + tail
    return float(plain) if _PLAIN.fullmatch(plain) else None
