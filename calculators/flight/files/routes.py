"""Which places does a text such as CDG/DOH/JNB name, whatever stands between them?

Airlines write ``X/`` before a stop where one only changes and ``O/`` where one stays, ``//`` or
ARNK where the traveller goes on without a flight of this ticket.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final

_BETWEEN_CODES: Final = re.compile(r"[\s/\\>,;|+_.:*~=#\-\u2010-\u2015\u2192\u21d2\u279c\u2794]+")
_STRONG: Final = re.compile(
    r"\s*(?:->|=>|[/\\>;|:*~=#_\u2013\u2014\u2192\u21d2\u279c\u2794])\s*|\s+-+\s+|\s+(?:to|à|a)\s+",
    re.IGNORECASE,
)
_GAP: Final = re.compile(r"\s*//+\s*|[\s/,;>\-]*\bARNK\b[\s/,;>\-]*")
_STOP: Final = re.compile(r"(?<![^\W_])[XO]/(?=\s*[^\W\d_])", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z]{3}")
_TO: Final = frozenset({"to", "a", "à"})
_LETTERS: Final = 3


def coded(text: str) -> tuple[str, ...]:
    """Return the codes of a text that holds nothing else, or nothing."""
    pieces = [piece for piece in _BETWEEN_CODES.split(_STOP.sub(" ", text)) if piece]
    inner = [piece for piece in pieces[1:-1] if piece.lower() not in _TO]
    codes = (*pieces[:1], *inner, *pieces[1:][-1:])
    return codes if all(map(_CODE.fullmatch, codes)) else ()


@functools.lru_cache(maxsize=65_536)
def sections(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the places of a routing in their order, cut where no flight goes on.

    Parameters
    ----------
    text : str
        Codes with any separator between them (``/ - > – → , ; . : * ~ = # _`` "to", "à", "a" or
        spaces), or names with one that no name contains (a hyphen between spaces; else commas).

    Returns
    -------
    tuple of tuple of str
        The sections between ``//``, each with one text a place; a text without a separator is one
        place.
    """
    parts = (_stops(part) for part in _GAP.split(text))
    return tuple(part for part in parts if part)


def _stops(text: str) -> tuple[str, ...]:
    if codes := coded(text):
        return codes
    marked = _STOP.sub(">", text).strip()
    named = tuple(piece for piece in _STRONG.split(marked) if piece)
    if len(named) == 1 and "," in text:
        named = tuple(piece.strip() for piece in text.split(",") if piece.strip())
    return named


def triples(text: str) -> tuple[str, ...]:
    """Return a text cut into codes of three letters, CDGDOHJNB, or nothing."""
    bare = text.strip()
    if not bare.isascii() or not bare.isalpha() or len(bare) % _LETTERS or len(bare) <= _LETTERS:
        return ()
    return tuple(bare[at : at + _LETTERS].upper() for at in range(0, len(bare), _LETTERS))


def flown(parts: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, int], ...]:
    """Return the legs within sections of a route; none leads from one section to the next."""
    return tuple(itertools.chain.from_iterable(map(itertools.pairwise, parts)))
