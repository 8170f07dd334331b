"""Who issues receipts, under which tax law, and is everything known that this law asks for?

The issuer is a versioned setting; a receipt keeps the version it was made from. A regime whose
mentions are not all there is refused when it is set, so nothing half taxable is ever printed.
"""

import enum
import re
from collections.abc import Mapping
from typing import Any, Final

from offset.errors import InvalidInput


class Regime(enum.StrEnum):
    """Which law a receipt follows; none is a plain receipt for a payment."""

    NONE = "NONE"
    FR_200 = "FR_200"
    US_501C3 = "US_501C3"


# What a regime's receipt must say of its issuer; of several names in one line one is enough.
REQUIRED: Final[Mapping[Regime, tuple[tuple[str, ...], ...]]] = {
    Regime.NONE: (("legal_name",), ("country",)),
    Regime.FR_200: (
        ("legal_name",),
        ("country",),
        ("address",),
        ("siren", "rna"),
        ("object",),
        ("article",),
        ("signatory",),
        ("signatory_role",),
    ),
    Regime.US_501C3: (("legal_name",), ("country",), ("address",), ("ein",)),
}
FIELDS: Final = frozenset(
    {name for needed in REQUIRED.values() for names in needed for name in names} | {"regime"}
)
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "siren": re.compile(r"\d{3} ?\d{3} ?\d{3}"),
    "rna": re.compile(r"W\d{9}"),
    "ein": re.compile(r"\d{2}-\d{7}"),
    "article": re.compile(r"200|238 bis|200 et 238 bis"),
}


def check(value: Mapping[str, Any]) -> None:
    """Refuse an issuer that is unknown in kind, incomplete for its regime, or misspelt.

    Raises
    ------
    InvalidInput
        ``regime_unknown``; ``issuer_incomplete`` with the fields that are missing;
        ``issuer_field_wrong`` with the field.
    """
    regime = regime_of(value)
    missing = lacking(value)
    if missing:
        raise InvalidInput(
            "issuer_incomplete", field="issuer", regime=regime.value, missing=", ".join(missing)
        )
    for name, shape in _SHAPES.items():
        text = str(value.get(name) or "")
        if text and not shape.fullmatch(text):
            raise InvalidInput("issuer_field_wrong", field="issuer", name=name)
    if value.get("siren") and not _siren_adds_up(str(value["siren"])):
        raise InvalidInput("issuer_field_wrong", field="issuer", name="siren")


def regime_of(value: Mapping[str, Any]) -> Regime:
    """Read the regime of an issuer.

    Raises
    ------
    InvalidInput
        ``regime_unknown``.
    """
    try:
        return Regime(value.get("regime", Regime.NONE.value))
    except ValueError:
        raise InvalidInput("regime_unknown", field="issuer", regime=value["regime"]) from None


def lacking(value: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what an issuer's regime asks for and nobody has filled in."""
    return tuple(
        " / ".join(names)
        for names in REQUIRED[regime_of(value)]
        if not any(str(value.get(name) or "").strip() for name in names)
    )


def _siren_adds_up(text: str) -> bool:
    """Check the key of Luhn that every SIREN carries."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [digit * (1 + place % 2) for place, digit in enumerate(digits)]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0  # noqa: PLR2004 - Luhn
