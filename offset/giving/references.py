"""How is a gift named on a bank transfer, so that a slip of the pen is noticed?

``DON-`` and eight characters of an alphabet of 31 without 0, O, 1, I and U; the last is a
checksum modulo the prime 31, which finds every single slip and every swap of neighbours.
"""

import os
import re
import unicodedata
from collections.abc import Callable
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
_PREFIX: Final = "DON-"
_LETTERS: Final = 7
# Looked for from every letter on: "don" is a French word, and may stand before a reference.
_SOUGHT: Final = re.compile(r"(?=D[\W_]*O[\W_]*N[\W_]*((?:[0-9A-Z][\W_]*){8}))")
# The prefix as people slip in it, and seven to nine letters; or eight letters alone.
_SLIPPED: Final = re.compile(r"(?=D[\W_]*[O0Q][\W_]*[NM][\W_]*((?:[0-9A-Z][\W_]*){7,9}))")
_BARE: Final = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{4}[ -]?[0-9A-Z]{4}(?![0-9A-Z])")
_BETWEEN: Final = re.compile(r"[\W_]")


def new_reference(random: Callable[[int], bytes] = os.urandom) -> str:
    """Make a reference."""
    number = int.from_bytes(random(8), "big")
    letters = ""
    for _ in range(_LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return f"{_PREFIX}{letters}{_check(letters)}"


def references_in(text: str) -> tuple[str, ...]:
    """Find references in a bank's free text, with or without spaces and hyphens."""
    found = []
    for match in _SOUGHT.finditer(_plain(text)):
        letters = _BETWEEN.sub("", match[1])
        if is_reference(f"{_PREFIX}{letters}"):
            found.append(f"{_PREFIX}{letters}")
    return tuple(dict.fromkeys(found))


def slips_in(text: str) -> frozenset[str]:
    """Return the references that somebody may have meant who made one slip.

    One wrong letter, two neighbours changed over, one letter lost or one too many: the checksum
    leaves at most a handful of readings for each, of which a true one is then looked for.
    """
    meant: set[str] = set()
    plain = _plain(text)
    for found in _SLIPPED.finditer(plain):
        letters = _BETWEEN.sub("", found[1])
        meant |= _readings(letters[: _LETTERS + 1]) | _lost(letters[:_LETTERS])
        if len(letters) > _LETTERS + 1:
            meant |= {letters[:n] + letters[n + 1 :] for n in range(len(letters))}
    meant |= {_BETWEEN.sub("", found) for found in _BARE.findall(plain)}
    right = {f"{_PREFIX}{letters}" for letters in meant if is_reference(f"{_PREFIX}{letters}")}
    return frozenset(right - set(references_in(text)))


def _plain(text: str) -> str:
    """Write a text in capitals, wide letters of other keyboards as ours."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).upper()


def _readings(letters: str) -> set[str]:
    """Return what eight letters may have been: one other letter, or two neighbours swapped."""
    swapped = {
        letters[:n] + letters[n + 1] + letters[n] + letters[n + 2 :]
        for n in range(len(letters) - 1)
    }
    replaced = {
        letters[:n] + letter + letters[n + 1 :] for n in range(len(letters)) for letter in ALPHABET
    }
    return {one for one in swapped | replaced if is_reference(f"{_PREFIX}{one}")}


def _lost(letters: str) -> set[str]:
    """Return what seven letters may have been before one was lost."""
    return {
        letters[:n] + letter + letters[n:]
        for n in range(len(letters) + 1)
        for letter in ALPHABET
        if is_reference(f"{_PREFIX}{letters[:n]}{letter}{letters[n:]}")
    }


def is_reference(text: str) -> bool:
    """Say whether a text is a reference with the right checksum."""
    letters = text.removeprefix(_PREFIX)
    return (
        len(letters) == _LETTERS + 1
        and set(letters) <= set(ALPHABET)
        and letters[-1] == _check(letters[:-1])
    )


def _check(letters: str) -> str:
    weighted = sum(place * ALPHABET.index(letter) for place, letter in enumerate(letters, start=2))
    return ALPHABET[-weighted % len(ALPHABET)]
