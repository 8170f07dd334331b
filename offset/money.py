"""How is an amount of money written, parsed and cut without losing a cent?

Amounts are integers of the currency's smallest unit; no float ever touches them.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from offset.errors import InvalidInput

# Exponents: ISO 4217, table of 2026. Only currencies the platform can meet are listed.
EXPONENTS: Final[Mapping[str, int]] = {
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    "CAD": 2,
    "AUD": 2,
    "SEK": 2,
    "NOK": 2,
    "DKK": 2,
    "PLN": 2,
    "MXN": 2,
    "MAD": 2,
    "KES": 2,
    "ZMW": 2,
    "JPY": 0,
    "KRW": 0,
    "XOF": 0,
    "XAF": 0,
    "MGA": 2,
    "TND": 3,
    "KWD": 3,
}
OFFERED: Final = ("EUR", "USD", "GBP", "CHF")
_MAX_DIGITS: Final = 15
_SIGNS: Final = frozenset("€$£")
# How people name a currency beside an amount, the longest first.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "EUR": ("EUROS", "EURO", "€"),
    "USD": ("US$", "$"),
    "GBP": ("£",),
    "CHF": ("SFR.", "FR.", "SFR", "FR"),
    "CAD": ("CA$", "$"),
    "AUD": ("A$", "$"),
    "MXN": ("MX$", "$"),
}
_GROUPED: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)
# Apostrophes of every kind and the Arabic mark group; wide and Arabic marks are ours.
_MARKS: Final = str.maketrans(
    {
        **dict.fromkeys("'\u2019\u2018\u02bc\u00b4\u066c", " "),
        "\u066b": ".",
        "\uff0e": ".",
        "\uff0c": ",",
        "\u060c": ",",
    }
)


def exponent(currency: str) -> int:
    """Return how many decimals a currency has.

    Raises
    ------
    InvalidInput
        ``currency_unknown``.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise InvalidInput("currency_unknown", field="currency", currency=currency) from None


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """An amount: integer minor units and a currency.

    Adding or comparing two currencies is an error, never a conversion.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money is counted in whole minor units")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise InvalidInput("currency_mixed", one=self.currency, other=other.currency)
        return other.minor

    def decimal(self) -> str:
        """Write the amount with its decimals and a point: ``1234.50``."""
        places = exponent(self.currency)
        sign = "-" if self.minor < 0 else ""
        digits = str(abs(self.minor)).rjust(places + 1, "0")
        return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def basis_points(minor: int, points: int) -> int:
    """Return ⌊minor × points / 10,000⌋, the rule of every share."""
    return minor * points // 10_000


def split(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Cut a total by weights with largest remainders, so that the parts sum to the whole.

    Ties go to the earlier weight.

    Raises
    ------
    ValueError
        When a weight is negative or all are zero, or the total is negative.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("a split needs a non-negative total and a positive weight")
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


def parse_money(text: str, currency: str, *, field: str = "amount") -> Money:
    """Read an amount as people write it: ``1 234,50``, ``1,234.50``, ``1.234,50``, ``60``.

    The last of ``.`` and ``,`` is the decimal mark when at most the currency's decimals follow
    it; otherwise it groups thousands. Spaces of every kind and apostrophes group thousands, and
    nothing else: ``12 34`` is no amount. Digits of any script are read, with the Arabic marks; so
    is the Swiss dash for no decimals, and the currency's own name or sign.

    Raises
    ------
    InvalidInput
        ``amount_unreadable``, ``amount_too_precise``, or ``amount_other_currency``: what was
        written names another currency than the amount is in.
    """
    places = exponent(currency)
    bare = _unnamed(_latin(text), currency, field)
    cleaned = re.sub(r"[.,][-\u2013\u2014]+$", "", bare)
    if " " in cleaned:
        cleaned = cleaned.replace(" ", "") if _GROUPED.fullmatch(cleaned) else ""
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", cleaned, flags=re.ASCII):
        raise InvalidInput("amount_unreadable", field=field, text=text[:40])
    whole, decimals = _parts(cleaned, places, text, field)
    if len(whole) + places > _MAX_DIGITS:
        raise InvalidInput("amount_unreadable", field=field, text=text[:40])
    return Money(int(whole + decimals.ljust(places, "0")), currency)


def _latin(text: str) -> str:
    """Write digits of any script with ours, marks of other keyboards too, and groups by a space.

    What only says in which direction a text runs is left out.
    """
    seen = (one for one in text if unicodedata.category(one) != "Cf")
    told = "".join(str(unicodedata.decimal(one, one)) for one in seen).translate(_MARKS)
    return " ".join(told.split()).upper()


def _unnamed(told: str, currency: str, field: str) -> str:
    """Take the currency's own name off, before or behind; another's is a fault."""
    for name in (*_NAMES.get(currency, ()), currency):
        for bare in (told.removeprefix(name), told.removesuffix(name)):
            if bare != told:
                return bare.strip()
    named = re.fullmatch(r"([A-Z€$£]{1,4})? ?[^A-Z€$£]+ ?([A-Z€$£]{1,4})?", told)
    for one in named.groups() if named else ():
        if one in EXPONENTS or one in _SIGNS:
            raise InvalidInput("amount_other_currency", field=field, named=one, currency=currency)
    return told


def _parts(cleaned: str, places: int, text: str, field: str) -> tuple[str, str]:
    """Cut the digits into whole and decimals, or refuse a writing that could mean two amounts."""
    marks = [i for i, letter in enumerate(cleaned) if letter in ".,"]
    if not marks:
        return cleaned, ""
    tail = cleaned[marks[-1] + 1 :]
    last = cleaned[marks[-1]]
    repeated = cleaned.count(last) > 1
    if repeated or (len(tail) == 3 and places != 3 and _groups(cleaned[: marks[-1]], last)):  # noqa: PLR2004 - thousands come in threes
        groups = re.split(r"[.,]", cleaned)
        if any(len(group) != 3 for group in groups[1:]):  # noqa: PLR2004 - same
            raise InvalidInput("amount_unreadable", field=field, text=text[:40])
        return "".join(groups), ""
    if len(tail) > places:
        raise InvalidInput("amount_too_precise", field=field, text=text[:40], places=places)
    first, *thousands = re.split(r"[.,]", cleaned[: marks[-1]])
    if any(len(group) != 3 for group in thousands):  # noqa: PLR2004 - thousands come in threes
        raise InvalidInput("amount_unreadable", field=field, text=text[:40])
    return first + "".join(thousands), tail


def _groups(before: str, last: str) -> bool:
    """Say whether the mark before three digits groups thousands: it does when no other stands."""
    return not any(mark in before for mark in ".," if mark != last)
