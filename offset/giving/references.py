"""How is a gift named on a bank transfer, so that a slip of the pen is noticed?

``DON-`` and eight characters of an alphabet of 31 without 0, O, 1, I and U; the last is a
checksum modulo the prime 31, which finds every single slip and every swap of neighbours.
"""

import os
import re
from collections.abc import Callable
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
_PREFIX: Final = "DON-"
_LETTERS: Final = 7
_SOUGHT: Final = re.compile(r"D\W*O\W*N\W*((?:[0-9A-Z]\W*){8})")


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
    for match in _SOUGHT.finditer(text.upper()):
        letters = re.sub(r"\W", "", match[1])
        if is_reference(f"{_PREFIX}{letters}"):
            found.append(f"{_PREFIX}{letters}")
    return tuple(dict.fromkeys(found))


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
