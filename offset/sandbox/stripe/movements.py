"""How does each act change the balance, and what does the stand-in take as its fee?

Card 1.5 % + 0.25, SEPA debit 0.35, dispute 20.00: the list prices that the tests expect. The
product never computes them; it reads the balance transaction.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.objects import Body, part
from offset.sandbox.stripe.store import Selection

# The smallest amounts Stripe takes (docs.stripe.com/currencies, minimum charge amounts).
MINIMUM: Final[Mapping[str, int]] = {
    "eur": 50,
    "usd": 50,
    "gbp": 30,
    "chf": 50,
    "cad": 50,
    "aud": 50,
    "dkk": 250,
    "nok": 300,
    "sek": 300,
    "pln": 200,
    "jpy": 50,
    "krw": 500,
}
HIGHEST: Final = 99_999_999
# Currencies without a smaller unit (docs.stripe.com/currencies, zero-decimal currencies).
ZERO_DECIMAL: Final = frozenset({"jpy", "krw"})
_CENTS: Final = 2
DISPUTE_FEE: Final = 2000
_DAY: Final = 86_400


def card_fee(amount: int) -> int:
    """Return 1.5 %, rounded half up, and 25 cents."""
    return (amount * 15 + 500) // 1000 + 25


def sepa_fee(_amount: int) -> int:
    """Return 35 cents."""
    return 35


def check_amount(amount: int, currency: str, param: str) -> None:
    """Refuse an amount or a currency as the API does.

    Raises
    ------
    ApiFault
        400.
    """
    if currency not in MINIMUM:
        known = ", ".join(sorted(MINIMUM))
        raise ApiFault(
            400,
            f"Invalid currency: {currency}. The stand-in knows: {known}",
            param="currency",
            code="currency_not_supported",
        )
    if amount < MINIMUM[currency]:
        raise ApiFault(
            400,
            "The amount is below the smallest charge in this currency:"
            f" {MINIMUM[currency]} {currency}",
            code="amount_too_small",
            param=param,
        )
    if amount > HIGHEST:
        raise ApiFault(
            400, f"Amount must be no more than {HIGHEST}", code="amount_too_large", param=param
        )


def settlement(desk: Desk, currency: str) -> tuple[str, Decimal | None]:
    """Return the currency our balance is kept in for a donor's currency, and the rate."""
    found = desk.shelf.setting("conversions", default={}).get(currency)
    return (found[0], Decimal(found[1])) if found else (currency, None)


def places(currency: str) -> int:
    """Return how many decimals a currency's smallest unit stands for."""
    return 0 if currency in ZERO_DECIMAL else _CENTS


def converted(amount: int, rate: Decimal | None, one: str, other: str) -> int:
    """Turn smallest units of one currency into those of another, half up.

    The rate is for whole units: 500 JPY at 0.0062 are 3.10 EUR.
    """
    if rate is None:
        return amount
    found = (amount * rate).scaleb(places(other) - places(one))
    return int(found.quantize(Decimal(1), ROUND_HALF_UP))


def presented(desk: Desk, amount: int, currency: str) -> Body | None:
    """Return what the donor saw, where Stripe shows prices in the donor's own currency."""
    found = desk.shelf.setting("presentment", default={}).get(currency)
    if not found:
        return None
    shown, rate = found[0], Decimal(found[1])
    return part(
        "charge",
        "presentment_details",
        presentment_amount=converted(amount, rate, currency, shown),
        presentment_currency=shown,
    )


def share_of(shown: Body | None, amount: int, charge: Body) -> Body | None:
    """Return the part of what a donor saw that belongs to a refund."""
    if shown is None:
        return None
    whole = Decimal(shown["presentment_amount"])
    part_of_it = (whole * amount / charge["amount"]).quantize(Decimal(1), ROUND_HALF_UP)
    return {**shown, "presentment_amount": int(part_of_it)}


def move(
    desk: Desk,
    *,
    kind: str,
    category: str,
    amount: int,
    currency: str,
    source: str | None,
    fee: int = 0,
    fee_text: str = "Stripe processing fees",
    rate: Decimal | None = None,
    description: str | None = None,
    payout: str | None = None,
) -> Body:
    """Write one balance transaction; ``amount`` is already in the balance's currency."""
    days = int(desk.shelf.setting("settlement_days", default=2))
    immediate = amount < 0 or payout is not None
    detail = part(
        "balance_transaction",
        "fee_details",
        amount=fee,
        currency=currency,
        description=fee_text,
        type="stripe_fee",
    )
    notes = {"payout": payout} if payout else {}
    return desk.make(
        "balance_transaction",
        notes,
        amount=amount,
        available_on=desk.at if immediate else desk.at + days * _DAY,
        balance_type="payments",
        currency=currency,
        description=description,
        exchange_rate=None if rate is None else float(rate),
        fee=fee,
        fee_details=[detail] if fee else [],
        net=amount - fee,
        reporting_category=category,
        source=source,
        status="available" if immediate else "pending",
        type=kind,
    )


def charge_fee(desk: Desk, fee: int, currency: str, text: str, kind: str = "stripe_fee") -> Body:
    """Take a fee that belongs to no payment: Billing, fraud checks, tax on fees."""
    return move(
        desk,
        kind=kind,
        category="fee",
        amount=-fee,
        currency=currency,
        source=None,
        description=text,
    )


def unpaid(desk: Desk, currency: str, *, only_available: bool = False) -> list[Body]:
    """Return what no payout has taken yet, oldest first."""
    found = desk.shelf.every(
        Selection(
            kind="balance_transaction",
            equal={
                "json_extract(private, '$.payout')": None,
                "json_extract(body, '$.currency')": currency,
            },
        )
    )
    return [m for m in found if not only_available or m["available_on"] <= desk.at]


def held(desk: Desk, currency: str) -> int:
    """Return what the balance holds in a currency, available or not."""
    sums = desk.shelf.sums(desk.at)
    return sum(net for (code, _), net in sums.items() if code == currency)


def balance(desk: Desk) -> Body:
    """Return the Balance object: what is available and what is still pending, per currency."""
    groups: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for (currency, group), net in desk.shelf.sums(desk.at).items():
        groups[group][currency] = net
    listed = {
        name: [
            part("balance", name, amount=amount, currency=currency, source_types={"card": amount})
            for currency, amount in sorted(sums.items())
        ]
        or [part("balance", name, amount=0, currency="eur", source_types={"card": 0})]
        for name, sums in groups.items()
    }
    return {"object": "balance", "livemode": False, **listed}
