"""Which cabin does a word or a fare letter mean?

Fare letters follow the table "Code designators for passenger ticket and baggage check" of IATA
Resolution 728, as listed in ``IATA Codes.md`` of the Open NDC project
(https://github.com/open-ndc/ndc-js-sdk). Airlines deviate from it, so a cabin that came from a
letter is by convention. The letters that the table gives to no cabin (E, G, O, U) are refused
rather than guessed.
"""

from __future__ import annotations

import difflib
from typing import Final

from calculators.errors import NoCabin, UnknownCabin
from calculators.flight.names import fold
from calculators.flight.seats import CABINS

SOURCE: Final = "IATA Resolution 728, code designators for passenger ticket and baggage check"
"""Where the table of letters comes from."""

FARE_LETTERS: Final[dict[str, str]] = {
    "economy": "SYBHKLMNQTVX",
    "premium": "W",
    "business": "JCDIZ",
    "first": "RPFA",
}
"""The booking letters of each cabin, full fares first."""

NO_CABIN: Final = "EGOU"
"""Booking letters that the table gives to no cabin."""

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "economy": (
        "economy", "economy class", "eco", "econ", "coach", "main cabin", "standard", "tourist",
        "economique", "classe economique", "classe eco", "touriste", "economica",
        "clase economica", "turista", "clase turista",
    ),
    "premium": (
        "premium", "premium economy", "premiumeconomy", "econ premium",
        "premium eco", "economy premium", "eco premium",
        "premium economique", "economique premium", "economie premium", "comfort",
        "turista premium", "economica premium", "premium turista",
    ),
    "business": (
        "business", "business class", "biz", "affaire", "affaires",
        "classe affaires", "classe business",
        "ejecutiva", "clase ejecutiva", "negocios", "clase business", "executive",
    ),
    "first": (
        "first", "first class", "premiere", "premiere classe", "1ere", "1ere classe", "1st",
        "primera", "primera clase", "clase primera",
    ),
}  # fmt: skip

_BY_LETTER: Final = {
    letter: CABINS.index(cabin) for cabin in CABINS for letter in FARE_LETTERS[cabin]
}
_BY_WORD: Final = {word: CABINS.index(cabin) for cabin in CABINS for word in _WORDS[cabin]}


def cabin_of(text: str) -> int:
    """Return the index in ``seats.CABINS`` of a cabin word or a fare letter.

    Parameters
    ----------
    text : str
        A word in English, French or Spanish ("Éco", "clase turista"), or a booking letter of the
        published table, also with what follows it in a fare basis ("J", "Y26NR").

    Raises
    ------
    NoCabin
        For the letters of the table that stand for no cabin.
    UnknownCabin
        With the nearest words as suggestions.
    """
    folded = fold(text)
    found = _BY_WORD.get(folded)
    if found is None:
        found = _BY_LETTER.get(_letter(text.strip()))
    if found is None and _letter(text.strip()) in set(NO_CABIN):
        raise NoCabin({"given": text, "letters": ", ".join(NO_CABIN)})
    if found is None:
        raise UnknownCabin({"given": text}, _near(folded))
    return found


def _letter(text: str) -> str:
    """Return the booking letter that a text is, or that a fare basis such as Y26NR begins with."""
    basis = text.isascii() and text.isalnum() and any(c.isdigit() for c in text[1:])
    return text[0].upper() if len(text) == 1 or basis else ""


def _near(folded: str) -> tuple[str, ...]:
    alike = difflib.get_close_matches(folded, _BY_WORD, n=3, cutoff=0.5)
    return tuple(dict.fromkeys(CABINS[_BY_WORD[word]] for word in alike)) or CABINS
