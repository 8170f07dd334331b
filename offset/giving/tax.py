"""Which tax law does a receipt follow, and what must it say for it?

Only a regime whose issuer and donor are known as its law asks for is printed; everything else
is a plain receipt for a payment, which says that it is no tax receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from offset.giving import wording
from offset.money import Money
from offset.people import issuers
from offset.people.issuers import Regime

# A French receipt of this model names a person and states euros.
_ADDRESS_NEEDED: Final = frozenset({Regime.FR_200})
_CURRENCY: Final[Mapping[Regime, str]] = {Regime.FR_200: "EUR"}


@dataclass(frozen=True)
class Giver:
    """What is known of who gave, for as long as it is kept."""

    name: str | None
    address: str | None
    organisation: bool = False


@dataclass(frozen=True)
class Choice:
    """The regime a receipt follows, and the one it could follow if the donor were known."""

    regime: Regime
    wanting: Regime | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the mentions speak of; ``paid_on`` is None where contributions are listed beside."""

    issuer: Mapping[str, Any]
    number: str
    kept: tuple[Money, ...]
    paid_on: date | None
    year: int
    issued_on: date


def choose(issuer: Mapping[str, Any], giver: Giver, currencies: frozenset[str]) -> Choice:
    """Choose the regime of a receipt.

    Raises
    ------
    InvalidInput
        ``issuer_incomplete``: the setting was written past its check; nothing taxable is printed.
    """
    regime = issuers.regime_of(issuer)
    if regime is Regime.NONE:
        return Choice(Regime.NONE)
    issuers.check(issuer)
    needed = _CURRENCY.get(regime)
    if needed is not None and (currencies != {needed} or giver.organisation):
        return Choice(Regime.NONE)
    if regime in _ADDRESS_NEEDED and not (giver.name and giver.address):
        return Choice(Regime.NONE, wanting=regime)
    return Choice(regime)


def mentions(choice: Choice, about: Told) -> dict[str, Any] | None:
    """Write down the mentions of a receipt's regime; None for a plain receipt."""
    if choice.regime is Regime.NONE:
        return None
    told = wording.mentions(choice.regime.value)
    write = _french if choice.regime is Regime.FR_200 else _american
    return {
        "regime": choice.regime.value,
        "language": told.language,
        "mentions_version": told.version,
        "mentions_sha256": told.sha256,
        **write(told.texts, about),
    }


def _french(texts: Mapping[str, str], about: Told) -> dict[str, Any]:
    issuer, paid_on = about.issuer, about.paid_on
    identity = (
        [texts["siren"], issuer["siren"]]
        if issuer.get("siren")
        else [texts["rna"], issuer.get("rna")]
    )
    paid = [[texts["dated"], f"{paid_on:%d/%m/%Y}"]] if paid_on else []
    return {
        "title": texts["title"],
        "head": [texts["form"], texts["articles"]],
        "issuer_title": texts["organisation"],
        "issuer_rows": [
            [texts["order"], about.number],
            [texts["name"], issuer["legal_name"]],
            identity,
            [texts["address"], f"{issuer['address']}, {issuer['country']}"],
            [texts["object"], issuer["object"]],
        ],
        "donor_title": texts["donor"],
        "donor_rows": [texts["name"], texts["address"]],
        "received": texts["received"],
        "sum": texts["amount"].format(amount=about.kept[0].decimal().replace(".", ",")),
        "gift_rows": [
            *paid,
            [texts["form_of_gift"], texts["form_value"]],
            [texts["nature"], texts["nature_value"]],
            [texts["mode"], texts["mode_value"]],
        ],
        "closing": [
            texts["certifies"].format(article=issuer["article"]),
            texts["nothing"],
            *([] if paid_on else [texts["annual"].format(year=about.year)]),
        ],
        "signature": [
            texts["signed"],
            f"{about.issued_on:%d/%m/%Y}, {issuer['signatory']}, {issuer['signatory_role']}",
        ],
    }


def _american(texts: Mapping[str, str], about: Told) -> dict[str, Any]:
    issuer, paid_on = about.issuer, about.paid_on
    amount = " + ".join(f"{one.currency} {one.decimal()}" for one in about.kept)
    name = issuer["legal_name"]
    received = (
        texts["received"].format(organisation=name, amount=amount, day=_american_day(paid_on))
        if paid_on
        else texts["annual"].format(organisation=name, amount=amount, year=about.year)
    )
    signatory = ", ".join(
        str(issuer[one]) for one in ("signatory", "signatory_role") if issuer.get(one)
    )
    return {
        "title": texts["title"],
        "head": [about.number],
        "issuer_title": texts["organisation"],
        "issuer_rows": [
            [texts["organisation"], f"{name}, {issuer['address']}, {issuer['country']}"],
            [texts["ein"], issuer["ein"]],
        ],
        "donor_title": "",
        "donor_rows": [],
        "received": received,
        "sum": "",
        "gift_rows": [],
        "closing": [texts["status"].format(organisation=name), texts["nothing"], texts["keep"]],
        "signature": [texts["signed"], signatory] if signatory else [],
    }


def _american_day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
