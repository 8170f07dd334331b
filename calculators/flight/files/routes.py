"""Which places does a text such as CDG/DOH/JNB name, whatever stands between them?"""

from __future__ import annotations

import re
from typing import Final

_BETWEEN_CODES: Final = re.compile(r"[\s/\\>,;|+_\-\u2010-\u2015\u2192\u21d2\u279c\u2794]+")
_STRONG: Final = re.compile(
    r"\s*(?:->|=>|[/\\>;|\u2013\u2014\u2192\u21d2\u279c\u2794])\s*|\s+-+\s+"
)
_CODE: Final = re.compile(r"[A-Za-z]{3}")


def stops(text: str) -> tuple[str, ...]:
    """Return the places of a routing in their order.

    Parameters
    ----------
    text : str
        Codes with any separator between them (``/ - > – → , ;`` or spaces), or names with one that
        no name contains (``/ > – → ;`` or a hyphen between spaces; else commas).

    Returns
    -------
    tuple[str, ...]
        One text a place; a text without a separator is one place.
    """
    pieces = tuple(piece for piece in _BETWEEN_CODES.split(text) if piece)
    if all(_CODE.fullmatch(piece) for piece in pieces):
        return pieces
    named = tuple(piece for piece in _STRONG.split(text.strip()) if piece)
    if len(named) == 1 and "," in text:
        named = tuple(piece.strip() for piece in text.split(",") if piece.strip())
    return named
