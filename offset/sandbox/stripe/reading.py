"""How does the API find, list, page and expand what the shelf holds?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import stripe.params
import stripe.params.checkout

from offset.sandbox.stripe import checkout, invoices
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body
from offset.sandbox.stripe.store import Selection

_LARGEST_PAGE: Final = 100
_DEEPEST: Final = 4
_DAY: Final = 86_400
EVENT_DAYS: Final = 30
_PAGING: Final = frozenset({"limit", "starting_after", "ending_before", "expand", "created"})


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A kind of object that can be read and listed, with the filters the stand-in offers."""

    kind: str
    retrieve: type
    listing: type | None  # None: Stripe has no list of them
    equal: Mapping[str, str] = field(default_factory=dict)  # parameter → SQL expression


def _body(name: str) -> str:
    return f"json_extract(body, '$.{name}')"


_P = stripe.params
RESOURCES: Final[Mapping[str, Resource]] = {
    "checkout/sessions": Resource(
        kind="checkout.session",
        retrieve=_P.checkout.SessionRetrieveParams,
        listing=_P.checkout.SessionListParams,
        equal={
            "customer": _body("customer"),
            "payment_intent": _body("payment_intent"),
            "status": _body("status"),
            "subscription": _body("subscription"),
        },
    ),
    "payment_intents": Resource(
        kind="payment_intent",
        retrieve=_P.PaymentIntentRetrieveParams,
        listing=_P.PaymentIntentListParams,
        equal={"customer": _body("customer")},
    ),
    "charges": Resource(
        kind="charge",
        retrieve=_P.ChargeRetrieveParams,
        listing=_P.ChargeListParams,
        equal={"customer": _body("customer"), "payment_intent": _body("payment_intent")},
    ),
    "refunds": Resource(
        kind="refund",
        retrieve=_P.RefundRetrieveParams,
        listing=_P.RefundListParams,
        equal={"charge": _body("charge"), "payment_intent": _body("payment_intent")},
    ),
    "balance_transactions": Resource(
        kind="balance_transaction",
        retrieve=_P.BalanceTransactionRetrieveParams,
        listing=_P.BalanceTransactionListParams,
        equal={
            "payout": "json_extract(private, '$.payout')",
            "type": _body("type"),
            "source": _body("source"),
            "currency": _body("currency"),
        },
    ),
    "payouts": Resource(
        kind="payout",
        retrieve=_P.PayoutRetrieveParams,
        listing=_P.PayoutListParams,
        equal={"status": _body("status"), "destination": _body("destination")},
    ),
    "disputes": Resource(
        kind="dispute",
        retrieve=_P.DisputeRetrieveParams,
        listing=_P.DisputeListParams,
        equal={"charge": _body("charge"), "payment_intent": _body("payment_intent")},
    ),
    "customers": Resource(
        kind="customer",
        retrieve=_P.CustomerRetrieveParams,
        listing=_P.CustomerListParams,
        equal={"email": _body("email")},
    ),
    "subscriptions": Resource(
        kind="subscription",
        retrieve=_P.SubscriptionRetrieveParams,
        listing=_P.SubscriptionListParams,
        equal={"customer": _body("customer"), "status": _body("status")},
    ),
    "invoices": Resource(
        kind="invoice",
        retrieve=_P.InvoiceRetrieveParams,
        listing=_P.InvoiceListParams,
        equal={
            "customer": _body("customer"),
            "status": _body("status"),
            "subscription": "json_extract(private, '$.subscription')",
        },
    ),
    "invoice_payments": Resource(
        kind="invoice_payment",
        retrieve=_P.InvoicePaymentRetrieveParams,
        listing=_P.InvoicePaymentListParams,
        equal={
            "invoice": _body("invoice"),
            "status": _body("status"),
            "payment[payment_intent]": _body("payment.payment_intent"),
            "payment[type]": _body("payment.type"),
        },
    ),
    "payment_methods": Resource(
        kind="payment_method",
        retrieve=_P.PaymentMethodRetrieveParams,
        listing=_P.PaymentMethodListParams,
        equal={"customer": _body("customer"), "type": _body("type")},
    ),
    "prices": Resource(
        kind="price",
        retrieve=_P.PriceRetrieveParams,
        listing=_P.PriceListParams,
        equal={"product": _body("product"), "currency": _body("currency")},
    ),
    "products": Resource(
        kind="product",
        retrieve=_P.ProductRetrieveParams,
        listing=_P.ProductListParams,
    ),
    "mandates": Resource(
        kind="mandate",
        retrieve=_P.MandateRetrieveParams,
        listing=None,
    ),
    "topups": Resource(
        kind="topup",
        retrieve=_P.TopupRetrieveParams,
        listing=_P.TopupListParams,
        equal={"status": _body("status")},
    ),
    "events": Resource(
        kind="event",
        retrieve=_P.EventRetrieveParams,
        listing=_P.EventListParams,
        equal={"type": _body("type")},
    ),
}


# Stripe lists subscriptions without the canceled ones, unless a status is named; `all` is all.
_LIVING: Final = (_body("status"), "canceled")
_EVERY: Final = frozenset({("subscription", "status", "all")})


# --- reading ----------------------------------------------------------------------------------


def shown(desk: Desk, body: Body) -> Body:
    """Return an object as of now: what time and deliveries changed by themselves."""
    if body["object"] == "balance_transaction" and body["available_on"] <= desk.at:
        return body | {"status": "available"}
    if body["object"] == "event":
        return body | {"pending_webhooks": desk.shelf.undelivered(body["id"])}
    return body


def retrieve(desk: Desk, resource: Resource, object_id: str) -> Body:
    """Return one object.

    Raises
    ------
    ApiFault
        404 ``resource_missing``.
    """
    body = desk.find(resource.kind, object_id)
    if resource.kind == "checkout.session":
        body = checkout.expire_if_due(desk, body)
    return shown(desk, body)


def listed(desk: Desk, resource: Resource, path: str, wish: Mapping[str, Any]) -> Body:
    """Return one page of a list, newest first.

    Raises
    ------
    ApiFault
        400 for a limit, a cursor or a filter that is not offered.
    """
    selection = _selection(resource, _flat(wish), _oldest(desk))
    limit = wish.get("limit", 10)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise ApiFault(400, f"Invalid limit: {limit}; it goes from 1 to 100.", param="limit")
    after, before = wish.get("starting_after"), wish.get("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and desk.shelf.get(cursor, resource.kind) is None:
            raise ApiFault(400, f"No such object: '{cursor}'", code="resource_missing", param=name)
    found = desk.shelf.select(selection, limit=limit + 1, after=after, before=before)
    page = found[-limit:] if before else found[:limit]
    return {
        "object": "list",
        "data": [shown(desk, body) for body in page],
        "has_more": len(found) > limit,
        "url": f"/v1/{path}",
    }


def _oldest(desk: Desk) -> int | None:
    """Return from when on events are listed; Stripe lists those of the last 30 days."""
    days = int(desk.shelf.setting("event_days", default=EVENT_DAYS))
    return desk.at - days * _DAY if days else None


def _flat(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Write ``{"payment": {"type": …}}`` as ``payment[type]``, as filters are named."""
    flat: dict[str, Any] = {}
    for name, value in wish.items():
        if isinstance(value, Mapping) and name != "created":
            flat |= {f"{name}[{inner}]": found for inner, found in value.items()}
        else:
            flat[name] = value
    return flat


def _selection(resource: Resource, wish: Mapping[str, Any], oldest: int | None = None) -> Selection:
    events = resource.kind == "event"
    offered = {*_PAGING, *resource.equal, *(("types", "delivery_success") if events else ())}
    for name in wish:
        if name not in offered:
            raise not_offered(name)
    created = wish.get("created", {})
    span = dict(created) if isinstance(created, Mapping) else {"gte": created, "lte": created}
    if events and oldest is not None:
        span["gte"] = max(span.get("gte", oldest), oldest)
    success = wish.get("delivery_success")
    return Selection(
        kind=resource.kind,
        equal={
            sql: wish[name]
            for name, sql in resource.equal.items()
            if name in wish and (resource.kind, name, wish[name]) not in _EVERY
        },
        other=None if resource.kind != "subscription" or "status" in wish else _LIVING,
        among=(_body("type"), tuple(wish["types"])) if "types" in wish else None,
        created=span,
        undelivered=None if success is None else not success,
    )


def expanded(desk: Desk, body: Body, wish: Mapping[str, Any]) -> Body:
    """Put whole objects where ``expand`` asks for them.

    Raises
    ------
    ApiFault
        400 for a path that cannot be expanded.
    """
    for path in wish.get("expand", ()):
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise ApiFault(
                400,
                f"You cannot expand more than {_DEEPEST} levels of a property.",
                param="expand",
            )
        _expand(desk, body, steps, path)
    return body


def _expand(desk: Desk, body: Body, steps: list[str], path: str) -> None:
    name, *rest = steps
    on_request = _ON_REQUEST.get((body.get("object", ""), name))
    if on_request is not None:
        body[name] = on_request(desk, body)
    if name not in body:
        raise ApiFault(400, f"This property cannot be expanded ({path}).", param="expand")
    value = body[name]
    if isinstance(value, str):
        body[name] = value = _referred(desk, value, path)
    for inner in value if isinstance(value, list) else [value]:
        if rest and isinstance(inner, dict):
            _expand(desk, inner, rest, path)


def _referred(desk: Desk, object_id: str, path: str) -> Body:
    found = desk.shelf.get(object_id)
    if found is None:
        raise ApiFault(400, f"This property cannot be expanded ({path}).", param="expand")
    return shown(desk, found)


def line_items(desk: Desk, session: Body) -> Body:
    """Return the list of what a session asks money for."""
    return {
        "object": "list",
        "data": checkout.line_items(desk, session),
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def _payments(desk: Desk, invoice: Body) -> Body:
    """Return the list of an invoice's payments; Stripe gives it on request only."""
    return {
        "object": "list",
        "data": invoices.payments_of(desk, invoice),
        "has_more": False,
        "url": f"/v1/invoice_payments?invoice={invoice['id']}",
    }


def _refunds(desk: Desk, charge: Body) -> Body:
    wish = Selection(kind="refund", equal={_body("charge"): charge["id"]})
    return {
        "object": "list",
        "data": desk.shelf.select(wish, limit=10),
        "has_more": False,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }


def _subscriptions(desk: Desk, customer: Body) -> Body:
    wish = Selection(kind="subscription", equal={_body("customer"): customer["id"]}, other=_LIVING)
    return {
        "object": "list",
        "data": desk.shelf.select(wish, limit=10),
        "has_more": False,
        "url": f"/v1/customers/{customer['id']}/subscriptions",
    }


# Lists that Stripe leaves out of an answer unless they are asked for.
_ON_REQUEST: Final[Mapping[tuple[str, str], Callable[[Desk, Body], Body]]] = {
    ("checkout.session", "line_items"): line_items,
    ("invoice", "payments"): _payments,
    ("customer", "subscriptions"): _subscriptions,
    ("charge", "refunds"): _refunds,
}
