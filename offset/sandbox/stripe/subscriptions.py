"""How does a monthly gift begin, change, pause and end?"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from offset.sandbox.stripe import customers, prices
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, blank, part

_OFFERED: Final = frozenset(
    {
        "cancel_at_period_end",
        "cancellation_details",
        "default_payment_method",
        "description",
        "items",
        "metadata",
        "pause_collection",
        "proration_behavior",
        "expand",
    }
)
_OFFERED_ITEM: Final = frozenset({"id", "price", "price_data", "quantity"})
OVER: Final = frozenset({"canceled", "incomplete_expired"})


def begin(
    desk: Desk, customer: Body, payment: Body, wanted: Body, notes: Mapping[str, Any]
) -> Body:
    """Create a subscription that waits for its first payment."""
    price = wanted["price"]
    ends = prices.later(desk.at, price["recurring"], 1)
    subscription = desk.make(
        "subscription",
        {"period": 0, "due": ends},
        billing_cycle_anchor=desk.at,
        billing_mode=part("subscription", "billing_mode", type="flexible"),
        cancel_at_period_end=False,
        collection_method="charge_automatically",
        currency=price["currency"],
        customer=customer["id"],
        default_payment_method=payment["id"],
        description=notes.get("description"),
        metadata=dict(notes.get("metadata") or {}),
        payment_settings=part(
            "subscription", "payment_settings", save_default_payment_method="off"
        ),
        start_date=desk.at,
        status="incomplete",
    )
    item = _item(desk, subscription, price, wanted["quantity"], ends=ends)
    subscription["items"] = {
        "object": "list",
        "data": [item],
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={subscription['id']}",
    }
    desk.shelf.save(subscription)
    desk.tell("customer.subscription.created", subscription)
    return subscription


def _item(desk: Desk, subscription: Body, price: Body, quantity: int, *, ends: int) -> Body:
    return blank(
        "subscription_item",
        id=desk.new_id("subscription_item"),
        created=desk.at,
        current_period_start=desk.at,
        current_period_end=ends,
        plan=prices.plan(price),
        price=price,
        quantity=quantity,
        subscription=subscription["id"],
    )


def item_of(subscription: Body) -> Body:
    """Return the one item of a subscription."""
    item: Body = subscription["items"]["data"][0]
    return item


def amount_of(subscription: Body) -> int:
    """Return what one period costs."""
    item = item_of(subscription)
    return int(item["price"]["unit_amount"] * item["quantity"])


def change(desk: Desk, subscription: Body, **values: Any) -> Body:
    """Write changed fields and tell of them."""
    before = dict(subscription)
    subscription.update(values)
    if subscription != before:
        desk.shelf.save(subscription, due=next_due(subscription))
        desk.tell("customer.subscription.updated", subscription, before=before)
    return subscription


def update(desk: Desk, subscription_id: str, wish: Mapping[str, Any]) -> Body:
    """Change a subscription as the API is asked to.

    Raises
    ------
    ApiFault
        404; 400 when it is over, or for what the stand-in does not offer.
    """
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
    subscription = living(desk, subscription_id)
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in wish:
            values |= read(desk, subscription, wish[name])
    if "items" in wish and wish.get("proration_behavior") != "none":
        raise not_offered("proration_behavior")  # Stripe would bill the difference at once
    return change(desk, subscription, **values)


def living(desk: Desk, subscription_id: str) -> Body:
    """Return a subscription that is not over.

    Raises
    ------
    ApiFault
        404; 400 when it is over.
    """
    subscription = desk.find("subscription", subscription_id)
    if subscription["status"] in OVER:
        raise ApiFault(
            400,
            f"This subscription is {subscription['status']} and cannot be changed.",
            code="resource_missing",
            param="id",
        )
    return subscription


# --- what may be changed ----------------------------------------------------------------------


def _metadata(_: Desk, subscription: Body, wish: Any) -> Body:
    return {"metadata": customers.merged(subscription["metadata"], wish)}


def _description(_: Desk, __: Body, wish: Any) -> Body:
    return {"description": wish or None}


def _payment_method(desk: Desk, subscription: Body, wish: str) -> Body:
    customers.owned(desk, wish, subscription["customer"])
    return {"default_payment_method": wish}


def _ending(desk: Desk, subscription: Body, wish: bool) -> Body:  # noqa: FBT001 - a reader's shape
    end = item_of(subscription)["current_period_end"]
    return {
        "cancel_at_period_end": wish,
        "cancel_at": end if wish else None,
        "canceled_at": desk.at if wish else None,
        "cancellation_details": part(
            "subscription",
            "cancellation_details",
            reason="cancellation_requested" if wish else None,
        ),
    }


def _reason(_: Desk, subscription: Body, wish: Mapping[str, Any]) -> Body:
    held = subscription["cancellation_details"] or part("subscription", "cancellation_details")
    return {"cancellation_details": {**held, **{k: v or None for k, v in wish.items()}}}


def _pause(_: Desk, __: Body, wish: Any) -> Body:
    if not wish:
        return {"pause_collection": None}
    return {"pause_collection": part("subscription", "pause_collection", **wish)}


def _items(desk: Desk, subscription: Body, wish: list[Mapping[str, Any]]) -> Body:
    held = item_of(subscription)
    if len(wish) != 1 or wish[0].get("id") != held["id"]:
        raise not_offered("items")
    for name in wish[0]:
        if name not in _OFFERED_ITEM:
            raise not_offered(f"items[0][{name}]")
    price = _price(desk, held, wish[0])
    if (
        price["recurring"] != held["price"]["recurring"]
        or price["currency"] != subscription["currency"]
    ):
        raise not_offered("items[0][price_data][recurring]")
    quantity = wish[0].get("quantity", held["quantity"])
    item = {**held, "price": price, "plan": prices.plan(price), "quantity": quantity}
    return {"items": {**subscription["items"], "data": [item]}}


def _price(desk: Desk, held: Body, wish: Mapping[str, Any]) -> Body:
    if "price" in wish:
        return desk.find("price", wish["price"])
    if "price_data" in wish:
        return prices.create(desk, wish["price_data"], "items[0][price_data]")
    price: Body = held["price"]
    return price


_READERS: Final[Mapping[str, Callable[[Desk, Body, Any], Body]]] = {
    "metadata": _metadata,
    "description": _description,
    "default_payment_method": _payment_method,
    "cancel_at_period_end": _ending,
    "cancellation_details": _reason,
    "pause_collection": _pause,
    "items": _items,
}


# --- the end ----------------------------------------------------------------------------------


def cancel(desk: Desk, subscription_id: str, wish: Mapping[str, Any]) -> Body:
    """End a subscription at once.

    Raises
    ------
    ApiFault
        404; 400 when it is over, or for what the stand-in does not offer.
    """
    for name in wish:
        if name not in ("cancellation_details", "expand"):
            raise not_offered(name)
    subscription = living(desk, subscription_id)
    details = _reason(desk, subscription, wish.get("cancellation_details") or {})
    subscription.update(details)
    return end(desk, subscription, "cancellation_requested")


def end(desk: Desk, subscription: Body, reason: str) -> Body:
    """End a subscription; its reason is kept."""
    held = subscription["cancellation_details"] or part("subscription", "cancellation_details")
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or desk.at,
        cancellation_details={**held, "reason": held["reason"] or reason},
        ended_at=desk.at,
        pause_collection=None,
    )
    desk.shelf.save(subscription, due=None)
    _stop_collecting(desk, desk.find("invoice", subscription["latest_invoice"]))
    desk.tell("customer.subscription.deleted", subscription)
    return subscription


def _stop_collecting(desk: Desk, invoice: Body) -> None:
    """Try an open invoice no more; it stays open for whoever wants to pay it."""
    if invoice["status"] == "open":
        invoice.update(auto_advance=False, next_payment_attempt=None)
        desk.shelf.save(invoice, due=None)


def turn(desk: Desk, subscription: Body) -> None:
    """Open the next period."""
    count = desk.shelf.private(subscription["id"])["period"] + 1
    held = item_of(subscription)
    rhythm = held["price"]["recurring"]
    anchor = subscription["billing_cycle_anchor"]
    item = {
        **held,
        "current_period_start": held["current_period_end"],
        "current_period_end": prices.later(anchor, rhythm, count + 1),
    }
    change(desk, subscription, items={**subscription["items"], "data": [item]})
    desk.shelf.save(subscription, period=count)


def next_due(subscription: Body) -> int:
    """Return when time does something to a subscription by itself."""
    ends: int = item_of(subscription)["current_period_end"]
    pause = subscription["pause_collection"]
    resumes = pause["resumes_at"] if pause else None
    return ends if resumes is None else min(ends, resumes)
