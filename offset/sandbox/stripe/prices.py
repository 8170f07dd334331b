"""What is asked for, how much, and how often?"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from offset.sandbox.stripe import movements
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, blank, part

_OFFERED: Final = frozenset(
    {
        "currency",
        "unit_amount",
        "product",
        "product_data",
        "recurring",
        "metadata",
        "nickname",
        "expand",
    }
)
_OFFERED_RECURRING: Final = frozenset({"interval", "interval_count"})
_MONTHS: Final = {"month": 1, "year": 12}
_DAYS: Final = {"day": 1, "week": 7}
_YEAR: Final = 12


def create(desk: Desk, wish: Mapping[str, Any], path: str = "") -> Body:
    """Create a price, with its product when one is described.

    Raises
    ------
    ApiFault
        400 for an amount or a currency Stripe refuses, or what the stand-in does not offer.
    """
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(_at(path, name))
    amount, currency = wish.get("unit_amount"), str(wish["currency"]).lower()
    if amount is None:
        raise _needed(_at(path, "unit_amount"))
    movements.check_amount(amount, currency, _at(path, "unit_amount"))
    rhythm = _recurring(wish.get("recurring"), path)
    return desk.make(
        "price",
        active=True,
        currency=currency,
        metadata=dict(wish.get("metadata") or {}),
        nickname=wish.get("nickname"),
        product=_product(desk, wish, path),
        recurring=rhythm,
        type="recurring" if rhythm else "one_time",
        unit_amount=amount,
        unit_amount_decimal=str(amount),
    )


def plan(price: Body) -> Body:
    """Return the older object that a subscription item still carries beside its price."""
    return blank(
        "plan",
        id=price["id"],
        active=True,
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        created=price["created"],
        currency=price["currency"],
        interval=price["recurring"]["interval"],
        interval_count=price["recurring"]["interval_count"],
        metadata={},
        product=price["product"],
    )


def later(anchor: int, recurring: Mapping[str, Any], count: int) -> int:
    """Return the end of the n-th period; the 31st becomes the last day of a shorter month."""
    start = datetime.fromtimestamp(anchor, UTC)
    unit, steps = recurring["interval"], recurring["interval_count"] * count
    if unit in _DAYS:
        return int((start + timedelta(days=_DAYS[unit] * steps)).timestamp())
    years, month = divmod(start.month - 1 + _MONTHS[unit] * steps, _YEAR)
    year = start.year + years
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def _recurring(wish: Mapping[str, Any] | None, path: str) -> Body | None:
    if wish is None:
        return None
    for name in wish:
        if name not in _OFFERED_RECURRING:
            raise not_offered(_at(path, "recurring", name))
    return part(
        "price",
        "recurring",
        interval=wish["interval"],
        interval_count=wish.get("interval_count", 1),
    )


def _product(desk: Desk, wish: Mapping[str, Any], path: str) -> str:
    if "product" in wish:
        return str(desk.find("product", wish["product"])["id"])
    named = wish.get("product_data")
    if named is None:
        raise _needed(_at(path, "product_data"))
    product = desk.make(
        "product",
        active=True,
        description=named.get("description"),
        metadata=dict(named.get("metadata") or {}),
        name=named["name"],
        type="service",
        updated=desk.at,
    )
    return str(product["id"])


def _at(path: str, *names: str) -> str:
    head, *tail = (path, *names) if path else names
    return head + "".join(f"[{name}]" for name in tail)


def _needed(param: str) -> ApiFault:
    return ApiFault(400, f"Missing required param: {param}.", code="parameter_missing", param=param)
