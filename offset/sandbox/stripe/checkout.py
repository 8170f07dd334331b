"""How is a Checkout Session opened, paid, expired and closed?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import customers, invoices, movements, payments, prices, subscriptions
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, blank, part
from offset.sandbox.stripe.store import Selection

_HOUR: Final = 3600
_SHORTEST: Final = _HOUR // 2
_LONGEST: Final = 24 * _HOUR
_OFFERED: Final = frozenset(
    {
        "mode",
        "line_items",
        "success_url",
        "cancel_url",
        "locale",
        "customer",
        "customer_creation",
        "customer_email",
        "custom_text",
        "subscription_data",
        "payment_method_collection",
        "client_reference_id",
        "payment_intent_data",
        "metadata",
        "submit_type",
        "expires_at",
        "currency",
        "allowed_payment_method_types",
        "excluded_payment_method_types",
        "ui_mode",
        "expand",
    }
)
_OFFERED_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "payment_intent_data": frozenset({"metadata", "description", "receipt_email"}),
    "subscription_data": frozenset({"metadata", "description"}),
    "custom_text": frozenset({"submit", "after_submit"}),
}
# What belongs to one mode only.
_OF_MODE: Final[Mapping[str, str]] = {
    "payment_intent_data": "payment",
    "customer_creation": "payment",
    "subscription_data": "subscription",
    "payment_method_collection": "subscription",
}
_MODES: Final = frozenset({"payment", "subscription"})


def open_session(desk: Desk, wish: Mapping[str, Any], *, origin: str) -> Body:
    """Open a Checkout Session in payment or in subscription mode.

    Raises
    ------
    ApiFault
        400, with the parameter that is wrong or not offered.
    """
    _check_offered(wish)
    _check(wish)
    _check_end(desk, wish)
    recurring = wish["mode"] == "subscription"
    items = [_line_item(desk, i, item, wish["mode"]) for i, item in enumerate(wish["line_items"])]
    if recurring and len(items) > 1:
        raise not_offered("line_items[1]")
    currency = items[0]["currency"]
    total = sum(item["amount_total"] for item in items)
    movements.check_amount(total, currency, "line_items[0][price_data][unit_amount]")
    ends = wish.get("expires_at", desk.at + _LONGEST)
    session = desk.make(
        "checkout.session",
        {
            "intent": dict(wish.get("payment_intent_data") or {}),
            "subscription": dict(wish.get("subscription_data") or {}),
            "items": items,
            "due": ends,
        },
        amount_subtotal=total,
        amount_total=total,
        automatic_tax=part("checkout.session", "automatic_tax", enabled=False),
        cancel_url=wish.get("cancel_url"),
        client_reference_id=wish.get("client_reference_id"),
        currency=currency,
        customer=wish.get("customer"),
        customer_creation=None if recurring else wish.get("customer_creation", "if_required"),
        customer_email=wish.get("customer_email"),
        expires_at=ends,
        locale=wish.get("locale"),
        metadata=dict(wish.get("metadata") or {}),
        mode=wish["mode"],
        payment_method_collection="always" if recurring else "if_required",
        payment_method_types=_methods(wish, currency),
        payment_status="unpaid",
        presentment_details=movements.presented(desk, total, currency),
        status="open",
        submit_type=wish.get("submit_type"),
        success_url=wish["success_url"],
        total_details=part(
            "checkout.session",
            "total_details",
            amount_discount=0,
            amount_shipping=0,
            amount_tax=0,
        ),
        ui_mode="hosted_page",
    )
    _word(session, wish.get("custom_text") or {})
    session["customer_details"] = _customer(_email(desk, session), None)
    session["url"] = f"{origin}/c/pay/{session['id']}"
    desk.shelf.save(session)
    return session


def _word(session: Body, wish: Mapping[str, Any]) -> None:
    """Keep our own words beside and after the button."""
    for place, told in wish.items():
        words = part("checkout.session", "custom_text", place, message=told["message"])
        session["custom_text"][place] = words


def _email(desk: Desk, session: Body) -> str | None:
    if session["customer"] is None:
        found: str | None = session["customer_email"]
        return found
    known: str | None = desk.find("customer", session["customer"])["email"]
    return known


def line_items(desk: Desk, session: Body) -> list[Body]:
    """Return what a session asks money for."""
    items: list[Body] = desk.shelf.private(session["id"])["items"]
    return items


def _check_offered(wish: Mapping[str, Any]) -> None:
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
        for inner in wish[name] if name in _OFFERED_PARTS else ():
            if inner not in _OFFERED_PARTS[name]:
                raise not_offered(f"{name}[{inner}]")


def _check(wish: Mapping[str, Any]) -> None:
    if wish.get("mode") not in _MODES:
        raise not_offered("mode") if "mode" in wish else _needed("mode")
    if wish.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_offered("ui_mode")
    for name in ("line_items", "success_url"):
        if not wish.get(name):
            raise _needed(name)
    _check_mode(wish, wish["mode"])


def _check_mode(wish: Mapping[str, Any], mode: str) -> None:
    for name, only in _OF_MODE.items():
        if name in wish and mode != only:
            raise ApiFault(400, f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if wish.get("submit_type") == "subscribe" and mode == "payment":
        raise ApiFault(
            400, "`submit_type` cannot be `subscribe` in `payment` mode.", param="submit_type"
        )
    if "customer" in wish and "customer_email" in wish:
        raise ApiFault(
            400,
            "You may only specify one of these parameters: customer, customer_email.",
            param="customer_email",
        )


def _check_end(desk: Desk, wish: Mapping[str, Any]) -> None:
    ends = wish.get("expires_at", desk.at + _LONGEST)
    if not desk.at + _SHORTEST <= ends <= desk.at + _LONGEST:
        raise ApiFault(
            400,
            "The `expires_at` timestamp must be between 30 minutes and 24 hours after"
            " Checkout Session creation.",
            param="expires_at",
        )


def _needed(name: str) -> ApiFault:
    return ApiFault(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def _methods(wish: Mapping[str, Any], currency: str) -> list[str]:
    offered = ["card", *(["sepa_debit"] if currency == "eur" else [])]
    allowed = wish.get("allowed_payment_method_types") or offered
    refused = wish.get("excluded_payment_method_types") or []
    return [method for method in offered if method in allowed and method not in refused]


def _line_item(desk: Desk, place: int, item: Mapping[str, Any], mode: str) -> Body:
    path = f"line_items[{place}]"
    price, quantity = _price(desk, item, path), item.get("quantity", 1)
    if mode == "payment" and price["recurring"]:
        raise ApiFault(
            400,
            "You specified `payment` mode but passed a recurring price.",
            param=f"{path}[price_data][recurring]",
        )
    if mode == "subscription" and not price["recurring"]:
        raise ApiFault(
            400,
            "You must provide at least one recurring price in `subscription` mode.",
            param=f"{path}[price_data][recurring]",
        )
    amount = price["unit_amount"] * quantity
    movements.check_amount(amount, price["currency"], f"{path}[price_data][unit_amount]")
    return blank(
        "item",
        id=desk.new_id("item"),
        amount_total=amount,
        amount_subtotal=amount,
        currency=price["currency"],
        description=desk.find("product", price["product"])["name"],
        quantity=quantity,
        price=price,
    )


def _price(desk: Desk, item: Mapping[str, Any], path: str) -> Body:
    if "price" in item:
        return desk.find("price", item["price"])
    if "price_data" not in item:
        raise _needed(f"{path}[price_data]")
    return prices.create(desk, item["price_data"], f"{path}[price_data]")


def _customer(email: str | None, name: str | None) -> Body | None:
    if email is None:
        return None
    return part("checkout.session", "customer_details", email=email, name=name, tax_exempt="none")


# --- the donor acts ---------------------------------------------------------------------------


def payable(desk: Desk, session_id: str) -> Body:
    """Return a session that still waits for its donor.

    Raises
    ------
    ApiFault
        404, or 410 when it was paid or expired.
    """
    session = expire_if_due(desk, desk.find("checkout.session", session_id))
    if session["status"] != "open":
        raise ApiFault(410, f"This Checkout Session is {session['status']}.", code="closed")
    return session


def pay_by_card(
    desk: Desk,
    session_id: str,
    number: str,
    *,
    email: str,
    name: str | None,
    expiry: tuple[int, int] | None = None,
) -> str:
    """Try a card; return ``paid``, ``authenticate`` or the sentence of the refusal.

    Raises
    ------
    ApiFault
        As :func:`payable`.
    """
    session = payable(desk, session_id)
    intent = _intent(desk, session)
    billing = {"email": email, "name": name}
    payment = payments.card_method(desk, number, billing, *(() if expiry is None else (expiry,)))
    _remember_donor(desk, session, email, name)
    if number in payments.AUTHENTICATED_CARDS:
        payments.require_authentication(desk, intent, payment)
        return "authenticate"
    if number not in payments.PAYING_CARDS:
        return payments.decline(desk, intent, payment, number)
    _take(desk, session, intent, payment)
    return "paid"


def authenticate(desk: Desk, session_id: str, *, recognised: bool) -> str:
    """Come back from the bank's 3-D Secure page; return ``paid`` or ``failed``.

    Raises
    ------
    ApiFault
        As :func:`payable`; 409 when no bank was asked.
    """
    session = payable(desk, session_id)
    intent = _intent(desk, session)
    if intent["status"] != "requires_action":
        raise ApiFault(409, "No authentication is waiting.", code="nothing_to_authenticate")
    if not recognised:
        payments.refuse_authentication(desk, intent)
        return "failed"
    _take(desk, session, intent, desk.find("payment_method", intent["payment_method"]))
    return "paid"


def pay_by_sepa(desk: Desk, session_id: str, iban: str, *, email: str, name: str) -> None:
    """Start a SEPA debit: the form is complete, the money is not there.

    Raises
    ------
    ApiFault
        As :func:`payable`; 400 when the session does not take SEPA debits.
    """
    session = payable(desk, session_id)
    if "sepa_debit" not in session["payment_method_types"]:
        raise ApiFault(400, "SEPA debits are in euro only.", param="payment_method_types")
    intent = _intent(desk, session)
    payment = payments.sepa_method(desk, iban, {"email": email, "name": name})
    once = None if session["mode"] == "subscription" else session["amount_total"]
    payments.mandate(desk, payment, amount=once, currency=session["currency"])
    _remember_donor(desk, session, email, name)
    _take(desk, session, intent, payment)


def _take(desk: Desk, session: Body, intent: Body, payment: Body) -> None:
    """Take the money, or start to; in subscription mode the first invoice is paid with it."""
    _know_customer(desk, session, intent, payment)
    invoice = _subscribe(desk, session, intent, payment)
    if invoice is not None:
        invoices.tried(desk, invoice)
    now = payment["type"] == "card"
    if now:
        payments.succeed(desk, intent, payment)
    else:
        payments.process(desk, intent, payment)
    if invoice is not None and now:
        invoices.paid(desk, invoice)
    elif invoice is not None:
        # Stripe trusts a debit under way: the subscription runs, its first invoice stays open.
        subscriptions.change(desk, invoices.subscription_of(desk, invoice), status="active")
    complete(desk, session, "paid" if now else "unpaid")


def _know_customer(desk: Desk, session: Body, intent: Body, payment: Body) -> None:
    """Make the donor a customer where Stripe does: always for subscriptions, else on demand."""
    wanted = session["mode"] == "subscription" or session["customer_creation"] == "always"
    if session["customer"] is None and not wanted:
        return
    if session["customer"] is None:
        donor = session["customer_details"]
        locale = session["locale"]
        told = {"email": donor["email"], "name": donor["name"]}
        spoken = [] if locale in (None, "auto") else [locale]
        session["customer"] = customers.create(desk, {**told, "preferred_locales": spoken})["id"]
    intent["customer"] = session["customer"]
    if session["mode"] == "subscription":
        intent["setup_future_usage"] = "off_session"
        customers.attach(desk, payment, desk.find("customer", session["customer"]))


def _subscribe(desk: Desk, session: Body, intent: Body, payment: Body) -> Body | None:
    if session["mode"] != "subscription":
        return None
    notes = desk.shelf.private(session["id"])
    (item,) = notes["items"]
    subscription = subscriptions.begin(
        desk,
        desk.find("customer", session["customer"]),
        payment,
        item,
        notes["subscription"],
    )
    intent["description"] = "Subscription creation"
    invoice = invoices.bill(desk, subscription, "subscription_create", intent)
    session.update(subscription=subscription["id"], invoice=invoice["id"])
    return invoice


def complete(desk: Desk, session: Body, payment_status: str) -> None:
    """Close the page after the form was completed."""
    session.update(status="complete", payment_status=payment_status, url=None)
    desk.shelf.save(session, due=None)
    desk.tell("checkout.session.completed", session)


def expire(desk: Desk, session: Body) -> Body:
    """Close the page without a payment.

    Raises
    ------
    ApiFault
        400 when it is closed already.
    """
    if session["status"] != "open":
        raise ApiFault(
            400, f"Only open Checkout Sessions can be expired; this one is {session['status']}."
        )
    session.update(status="expired", url=None)
    desk.shelf.save(session, due=None)
    desk.tell("checkout.session.expired", session)
    return session


def expire_if_due(desk: Desk, session: Body) -> Body:
    """Expire a session whose time is over."""
    over = session["status"] == "open" and session["expires_at"] <= desk.at
    return expire(desk, session) if over else session


def expire_due(desk: Desk) -> None:
    """Expire every session whose time is over."""
    waiting = Selection(kind="checkout.session", equal={"json_extract(body, '$.status')": "open"})
    for session in desk.shelf.every(waiting):
        expire_if_due(desk, session)


def _intent(desk: Desk, session: Body) -> Body:
    held = desk.shelf.private(session["id"]).get("held_intent")
    if held is not None:
        return desk.find("payment_intent", held)
    intent = payments.start(
        desk,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        notes=desk.shelf.private(session["id"])["intent"],
        session=session["id"],
    )
    if session["mode"] == "payment":  # in subscription mode the field stays empty
        session["payment_intent"] = intent["id"]
    desk.shelf.save(session, held_intent=intent["id"])
    return intent


def _remember_donor(desk: Desk, session: Body, email: str, name: str | None) -> None:
    session["customer_details"] = _customer(email, name)
    desk.shelf.save(session)
