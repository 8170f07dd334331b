"""What may a monthly donor change alone, on the customer portal?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import customers, invoices, payments, subscriptions
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, part
from offset.sandbox.stripe.store import Selection

_OFFERED: Final = frozenset(
    {"customer", "return_url", "locale", "configuration", "flow_data", "expand"}
)
_FLOWS: Final = frozenset(
    {"payment_method_update", "subscription_cancel", "subscription_pause", "subscription_update"}
)
_LASTS: Final = 3600
_HERE: Final = "bpc_stand_in"


def open_portal(desk: Desk, wish: Mapping[str, Any], *, origin: str) -> Body:
    """Open the portal for one customer.

    Raises
    ------
    ApiFault
        400, with the parameter that is wrong or not offered; 404 for an unknown customer.
    """
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
    if "customer" not in wish:
        raise ApiFault(
            400,
            "Missing required param: customer.",
            code="parameter_missing",
            param="customer",
        )
    customer = desk.find("customer", wish["customer"])
    session = desk.make(
        "billing_portal.session",
        configuration=wish.get("configuration", _HERE),
        customer=customer["id"],
        flow=_flow(desk, customer, wish.get("flow_data")),
        locale=wish.get("locale"),
        return_url=wish.get("return_url"),
    )
    session["url"] = f"{origin}/p/session/{session['id']}"
    desk.shelf.save(session)
    return session


def _flow(desk: Desk, customer: Body, wish: Mapping[str, Any] | None) -> Body | None:
    if wish is None:
        return None
    kind = wish["type"]
    if kind not in _FLOWS or set(wish) - {"type", kind}:
        raise not_offered("flow_data[type]")
    flow = part("billing_portal.session", "flow", type=kind)
    if kind != "payment_method_update":
        named = (wish.get(kind) or {}).get("subscription")
        if named is None:
            raise ApiFault(
                400,
                f"Missing required param: flow_data[{kind}].",
                code="parameter_missing",
                param=f"flow_data[{kind}]",
            )
        found = desk.find("subscription", named)
        if found["customer"] != customer["id"]:
            raise ApiFault(
                400, "This subscription is another customer's.", param=f"flow_data[{kind}]"
            )
        flow[kind] = part("billing_portal.session", "flow", kind, subscription=named)
    return flow


def usable(desk: Desk, session_id: str) -> Body:
    """Return a portal that is still open.

    Raises
    ------
    ApiFault
        404, or 410 when its hour is over.
    """
    session = desk.find("billing_portal.session", session_id)
    if desk.at - session["created"] > _LASTS:
        raise ApiFault(410, "This portal is closed.", code="closed")
    return session


def gifts(desk: Desk, customer: str) -> list[Body]:
    """Return the subscriptions of a customer, newest first."""
    return desk.shelf.select(
        Selection(kind="subscription", equal={"json_extract(body, '$.customer')": customer}),
        limit=-1,
    )


def bills(desk: Desk, customer: str) -> list[Body]:
    """Return the last invoices of a customer."""
    return desk.shelf.select(
        Selection(kind="invoice", equal={"json_extract(body, '$.customer')": customer}), limit=24
    )


# --- what the buttons do ----------------------------------------------------------------------


def mine(desk: Desk, session: Body, subscription_id: str) -> Body:
    """Return a subscription of the portal's own customer.

    Raises
    ------
    ApiFault
        404, also for somebody else's; 400 when it is over.
    """
    subscription = subscriptions.living(desk, subscription_id)
    if subscription["customer"] != session["customer"]:
        raise ApiFault(404, f"No such subscription: '{subscription_id}'", code="resource_missing")
    return subscription


def change_amount(desk: Desk, subscription: Body, amount: int) -> Body:
    """Ask another amount from the next period on.

    A real portal lets donors choose between the prices in its settings only.

    Raises
    ------
    ApiFault
        400 for an amount Stripe refuses.
    """
    item = subscriptions.item_of(subscription)
    price = item["price"]
    rhythm = price["recurring"]
    data = {
        "currency": price["currency"],
        "unit_amount": amount,
        "product": price["product"],
        "recurring": {
            "interval": rhythm["interval"],
            "interval_count": rhythm["interval_count"],
        },
    }
    wish = {
        "items": [{"id": item["id"], "price_data": data, "quantity": 1}],
        "proration_behavior": "none",
    }
    return subscriptions.update(desk, subscription["id"], wish)


def pause(desk: Desk, subscription: Body, resumes_at: int | None = None) -> Body:
    """Collect nothing until the donor resumes, or until a day."""
    wish: Body = {"behavior": "void"}
    if resumes_at is not None:
        wish["resumes_at"] = resumes_at
    return subscriptions.update(desk, subscription["id"], {"pause_collection": wish})


def resume(desk: Desk, subscription: Body) -> Body:
    """Collect again from the next period on, and forget a planned end."""
    wish: Body = {"pause_collection": ""}
    if subscription["cancel_at_period_end"]:
        wish["cancel_at_period_end"] = False
    return subscriptions.update(desk, subscription["id"], wish)


def cancel(desk: Desk, subscription: Body, *, now: bool = False) -> Body:
    """End at the end of the period that is paid for, or now."""
    if now:
        return subscriptions.cancel(desk, subscription["id"], {})
    return subscriptions.update(desk, subscription["id"], {"cancel_at_period_end": True})


def use_card(
    desk: Desk, subscription: Body, number: str, expiry: tuple[int, int] | None = None
) -> Body:
    """Take another card from now on; nothing is charged."""
    customer = desk.find("customer", subscription["customer"])
    billing = {"email": customer["email"], "name": customer["name"]}
    card = payments.card_method(desk, number, billing, *(() if expiry is None else (expiry,)))
    customers.attach(desk, card, customer)
    changed = subscriptions.change(desk, subscription, default_payment_method=card["id"])
    customers.update(
        desk, customer["id"], {"invoice_settings": {"default_payment_method": card["id"]}}
    )
    return changed


def pay_open(desk: Desk, subscription: Body) -> bool:
    """Pay the open invoice of a subscription with its present card."""
    invoice = desk.find("invoice", subscription["latest_invoice"])
    return invoice["status"] == "open" and invoices.collect(desk, invoice)
