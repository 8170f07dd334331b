"""How is a Checkout Session opened, paid, expired and closed?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import movements, payments
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
        "customer_email",
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
_OFFERED_INTENT: Final = frozenset({"metadata", "description", "receipt_email"})


def open_session(desk: Desk, wish: Mapping[str, Any], *, origin: str) -> Body:
    """Open a Checkout Session in payment mode.

    Raises
    ------
    ApiFault
        400, with the parameter that is wrong or not offered.
    """
    _check_offered(wish)
    _check(wish)
    _check_end(desk, wish)
    items = [_line_item(desk, i, item) for i, item in enumerate(wish["line_items"])]
    currency = items[0]["currency"]
    total = sum(item["amount_total"] for item in items)
    movements.check_amount(total, currency, "line_items[0][price_data][unit_amount]")
    session = desk.make(
        "checkout.session",
        {"intent": dict(wish.get("payment_intent_data") or {}), "items": items},
        amount_subtotal=total,
        amount_total=total,
        automatic_tax=part("checkout.session", "automatic_tax", enabled=False),
        cancel_url=wish.get("cancel_url"),
        client_reference_id=wish.get("client_reference_id"),
        currency=currency,
        customer_creation="if_required",
        customer_details=_customer(wish.get("customer_email"), None),
        customer_email=wish.get("customer_email"),
        expires_at=wish.get("expires_at", desk.at + _LONGEST),
        locale=wish.get("locale"),
        metadata=dict(wish.get("metadata") or {}),
        mode="payment",
        payment_method_types=_methods(wish, currency),
        payment_status="unpaid",
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
    session["url"] = f"{origin}/c/pay/{session['id']}"
    desk.shelf.save(session)
    return session


def line_items(desk: Desk, session: Body) -> list[Body]:
    """Return what a session asks money for."""
    items: list[Body] = desk.shelf.private(session["id"])["items"]
    return items


def _check_offered(wish: Mapping[str, Any]) -> None:
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
    for name in wish.get("payment_intent_data", {}):
        if name not in _OFFERED_INTENT:
            raise not_offered(f"payment_intent_data[{name}]")


def _check(wish: Mapping[str, Any]) -> None:
    if wish.get("mode") != "payment":
        raise not_offered("mode") if "mode" in wish else _needed("mode")
    if wish.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_offered("ui_mode")
    for name in ("line_items", "success_url"):
        if not wish.get(name):
            raise _needed(name)
    if wish.get("submit_type") == "subscribe":
        raise ApiFault(
            400, "`submit_type` cannot be `subscribe` in `payment` mode.", param="submit_type"
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


def _line_item(desk: Desk, place: int, item: Mapping[str, Any]) -> Body:
    path = f"line_items[{place}]"
    price = item.get("price_data")
    if price is None:
        raise not_offered(f"{path}[price]") if "price" in item else _needed(f"{path}[price_data]")
    named = price.get("product_data")
    amount = price.get("unit_amount")
    if named is None or amount is None:
        raise _needed(f"{path}[price_data][{'product_data' if named is None else 'unit_amount'}]")
    if "recurring" in price:
        raise ApiFault(
            400,
            "You specified `payment` mode but passed a recurring price.",
            param=f"{path}[price_data][recurring]",
        )
    currency, quantity = str(price["currency"]).lower(), item.get("quantity", 1)
    movements.check_amount(amount * quantity, currency, f"{path}[price_data][unit_amount]")
    return blank(
        "item",
        id=desk.new_id("item"),
        amount_total=amount * quantity,
        amount_subtotal=amount * quantity,
        currency=currency,
        description=named["name"],
        quantity=quantity,
        price=None,
    )


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


def pay_by_card(desk: Desk, session_id: str, number: str, *, email: str, name: str | None) -> str:
    """Try a card; return ``paid``, ``authenticate`` or the sentence of the refusal.

    Raises
    ------
    ApiFault
        As :func:`payable`.
    """
    session = payable(desk, session_id)
    intent = _intent(desk, session)
    payment = payments.card_method(desk, number, {"email": email, "name": name})
    _remember_donor(desk, session, email, name)
    if number in payments.AUTHENTICATED_CARDS:
        payments.require_authentication(desk, intent, payment)
        return "authenticate"
    if number not in payments.PAYING_CARDS:
        return payments.decline(desk, intent, payment, number)
    payments.succeed(desk, intent, payment)
    complete(desk, session, "paid")
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
    payments.succeed(desk, intent, desk.find("payment_method", intent["payment_method"]))
    complete(desk, session, "paid")
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
    _remember_donor(desk, session, email, name)
    payments.process(desk, intent, payment)
    desk.shelf.save(session, fails=iban in payments.FAILING_IBANS)
    complete(desk, session, "unpaid")


def clear_sepa(desk: Desk, session_id: str, *, fails: bool | None = None) -> Body:
    """Let a SEPA debit arrive or fail, as asked, else as its test IBAN says.

    Raises
    ------
    ApiFault
        When there is no debit under way.
    """
    session = desk.find("checkout.session", session_id)
    intent = desk.find("payment_intent", session["payment_intent"] or "")
    if desk.shelf.private(session_id).get("fails") if fails is None else fails:
        charge = payments.fail(desk, intent)
        desk.tell("checkout.session.async_payment_failed", session)
        return charge
    charge = payments.clear(desk, intent)
    session["payment_status"] = "paid"
    desk.shelf.save(session)
    desk.tell("checkout.session.async_payment_succeeded", session)
    return charge


def complete(desk: Desk, session: Body, payment_status: str) -> None:
    """Close the page after the form was completed."""
    session.update(status="complete", payment_status=payment_status, url=None)
    desk.shelf.save(session)
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
    desk.shelf.save(session)
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
    if session["payment_intent"] is not None:
        return desk.find("payment_intent", session["payment_intent"])
    intent = payments.start(
        desk,
        amount=session["amount_total"],
        currency=session["currency"],
        notes=desk.shelf.private(session["id"])["intent"],
    )
    session["payment_intent"] = intent["id"]
    return intent


def _remember_donor(desk: Desk, session: Body, email: str, name: str | None) -> None:
    session["customer_details"] = _customer(email, name)
    desk.shelf.save(session)
