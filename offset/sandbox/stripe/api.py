"""What does the API answer? The part of Stripe's ``/v1`` that gifts need, checked both ways."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, Protocol

import stripe
import stripe.params
import stripe.params.billing_portal
import stripe.params.checkout
from flask import Blueprint, Response, current_app, request

from offset.sandbox.stripe import (
    account,
    checkout,
    contract,
    customers,
    disputes,
    forms,
    invoices,
    movements,
    payouts,
    portal,
    prices,
    reading,
    refunds,
    subscriptions,
)
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.objects import Body

_DAY: Final = 86_400
_LONGEST_KEY: Final = 255
_AWAY: Final = 503
_REDO: Final = frozenset({400, 401, 404, 409, 429, _AWAY})  # Stripe stores nothing for these
_BROKEN: Final = 500
# How many seconds a client in the same process would wait for an answer.
PATIENCE: Final = "stand_in.patience"
# What only a faulty client asks, or what this stand-in has yet to learn.
_BREACHES: Final = frozenset(
    {
        "parameter_unknown",
        "parameter_missing",
        "payment_method_types_no_longer_supported",
        "stand_in_not_offered",
    }
)
_P = stripe.params

Wish = Mapping[str, Any]
Act = Callable[[Desk, Wish], Body]


class Host(Protocol):
    """What the API needs of the stand-in it belongs to."""

    secret_key: str

    def act(self) -> AbstractContextManager[Desk]:
        """Open a desk for one act."""
        ...


# --- what can be done -------------------------------------------------------------------------


def _open(desk: Desk, wish: Wish) -> Body:
    return checkout.open_session(desk, wish, origin=request.host_url.rstrip("/"))


def _expire(desk: Desk, _: Wish, session_id: str) -> Body:
    return checkout.expire(desk, desk.find("checkout.session", session_id))


def _items(desk: Desk, _: Wish, session_id: str) -> Body:
    return reading.line_items(desk, desk.find("checkout.session", session_id))


def _refund(desk: Desk, wish: Wish) -> Body:
    return refunds.refund(desk, wish)


def _cancel_refund(desk: Desk, _: Wish, refund_id: str) -> Body:
    return refunds.cancel_refund(desk, refund_id)


def _answer_dispute(desk: Desk, wish: Wish, dispute_id: str) -> Body:
    return disputes.update(desk, dispute_id, wish)


def _close(desk: Desk, _: Wish, dispute_id: str) -> Body:
    return disputes.move(desk, dispute_id, "lost")


def _cancel_payout(desk: Desk, _: Wish, payout_id: str) -> Body:
    return payouts.cancel(desk, payout_id)


def _topup(desk: Desk, wish: Wish) -> Body:
    return payouts.top_up(desk, wish)


def _customer(desk: Desk, wish: Wish) -> Body:
    return customers.create(desk, wish)


def _change_customer(desk: Desk, wish: Wish, customer_id: str) -> Body:
    return customers.update(desk, customer_id, wish)


def _price(desk: Desk, wish: Wish) -> Body:
    return prices.create(desk, wish)


def _change_subscription(desk: Desk, wish: Wish, subscription_id: str) -> Body:
    return subscriptions.update(desk, subscription_id, wish)


def _cancel_subscription(desk: Desk, wish: Wish, subscription_id: str) -> Body:
    return subscriptions.cancel(desk, subscription_id, wish)


def _pay_invoice(desk: Desk, wish: Wish, invoice_id: str) -> Body:
    return invoices.pay(desk, invoice_id, wish)


def _void_invoice(desk: Desk, _: Wish, invoice_id: str) -> Body:
    return invoices.void(desk, desk.find("invoice", invoice_id))


def _portal(desk: Desk, wish: Wish) -> Body:
    return portal.open_portal(desk, wish, origin=request.host_url.rstrip("/"))


def _balance(desk: Desk, _: Wish) -> Body:
    return movements.balance(desk)


def _account(desk: Desk, _: Wish) -> Body:
    return account.account(desk)


def _endpoints(desk: Desk, _: Wish) -> Body:
    return account.endpoints(desk)


def _register(desk: Desk, wish: Wish) -> Body:
    return account.register(desk, wish)


def _remove(desk: Desk, wish: Wish, endpoint_id: str) -> Body:
    return account.remove(desk, wish, endpoint_id)


ACTS: Final[Mapping[tuple[str, str], tuple[type, Callable[..., Body]]]] = {
    ("POST", "checkout/sessions"): (_P.checkout.SessionCreateParams, _open),
    ("POST", "checkout/sessions/*/expire"): (_P.checkout.SessionExpireParams, _expire),
    ("GET", "checkout/sessions/*/line_items"): (_P.checkout.SessionListLineItemsParams, _items),
    ("POST", "refunds"): (_P.RefundCreateParams, _refund),
    ("POST", "refunds/*/cancel"): (_P.RefundCancelParams, _cancel_refund),
    ("POST", "payouts/*/cancel"): (_P.PayoutCancelParams, _cancel_payout),
    ("POST", "topups"): (_P.TopupCreateParams, _topup),
    ("POST", "disputes/*"): (_P.DisputeUpdateParams, _answer_dispute),
    ("POST", "disputes/*/close"): (_P.DisputeCloseParams, _close),
    ("POST", "customers"): (_P.CustomerCreateParams, _customer),
    ("POST", "customers/*"): (_P.CustomerUpdateParams, _change_customer),
    ("POST", "prices"): (_P.PriceCreateParams, _price),
    ("POST", "subscriptions/*"): (_P.SubscriptionUpdateParams, _change_subscription),
    ("DELETE", "subscriptions/*"): (_P.SubscriptionCancelParams, _cancel_subscription),
    ("POST", "invoices/*/pay"): (_P.InvoicePayParams, _pay_invoice),
    ("POST", "invoices/*/void"): (_P.InvoiceVoidInvoiceParams, _void_invoice),
    ("POST", "billing_portal/sessions"): (_P.billing_portal.SessionCreateParams, _portal),
    ("GET", "balance"): (_P.BalanceRetrieveParams, _balance),
    ("GET", "account"): (_P.AccountRetrieveCurrentParams, _account),
    ("GET", "webhook_endpoints"): (_P.WebhookEndpointListParams, _endpoints),
    ("POST", "webhook_endpoints"): (_P.WebhookEndpointCreateParams, _register),
    ("DELETE", "webhook_endpoints/*"): (_P.WebhookEndpointDeleteParams, _remove),
}


def route(method: str, path: str) -> tuple[str, type, Act]:
    """Find what answers an address: its pattern, its parameters, its act.

    Raises
    ------
    ApiFault
        404.
    """
    for (verb, pattern), (parameters, act) in ACTS.items():
        names = _names(pattern, path) if verb == method else None
        if names is not None:
            return pattern, parameters, partial(_do, act, names)
    if method == "GET":
        for place, resource in reading.RESOURCES.items():
            if path == place and resource.listing is not None:
                return place, resource.listing, partial(_list, resource, path)
            if names := _names(f"{place}/*", path):
                return f"{place}/*", resource.retrieve, partial(_one, resource, names[0])
    raise ApiFault(404, f"Unrecognized request URL ({method}: /v1/{path}).")


def _do(act: Callable[..., Body], names: list[str], desk: Desk, wish: Wish) -> Body:
    return act(desk, wish, *names)


def _list(resource: reading.Resource, path: str, desk: Desk, wish: Wish) -> Body:
    return reading.listed(desk, resource, path, wish)


def _one(resource: reading.Resource, object_id: str, desk: Desk, _: Wish) -> Body:
    return reading.retrieve(desk, resource, object_id)


def _names(pattern: str, path: str) -> list[str] | None:
    """Return what stands where a pattern has stars, None when it does not fit."""
    wanted, found = pattern.split("/"), path.split("/")
    if len(wanted) != len(found):
        return None
    pairs = list(zip(wanted, found, strict=True))
    if any(want not in ("*", here) for want, here in pairs):
        return None
    return [here for want, here in pairs if want == "*"]


# --- the door ---------------------------------------------------------------------------------


def blueprint() -> Blueprint:
    """Return the door of the API."""
    api = Blueprint("api", __name__, url_prefix="/v1")
    api.add_url_rule("/<path:path>", view_func=answer, methods=["GET", "POST", "DELETE"])
    return api


def answer(path: str) -> Response:
    """Answer one request of a client library."""
    host: Host = current_app.extensions["stand_in"]
    with host.act() as desk:
        desk.request_id = desk.new_id("request")
        status, body, replayed = _judged(desk, host.secret_key, path)
    if desk.disturbance is not None:
        desk.disturbance()
    response = Response(body, status=status, mimetype="application/json")
    response.headers["Request-Id"] = desk.request_id
    response.headers["Stripe-Version"] = stripe.api_version
    if status == _BROKEN and desk.idempotency_key:
        response.headers["Stripe-Should-Retry"] = "false"  # the same key gives the same 500
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _judged(desk: Desk, secret_key: str, path: str) -> tuple[int, str, bool]:
    """Answer with a status, a body, and whether it is the first answer once more."""
    asked = json.dumps([request.method, path, _sent()])
    try:
        _authorise(secret_key)
        desk.idempotency_key = _key()
        desk.aimed = _aimed(desk, path)
        known = _known(desk, asked)
        if known is not None:
            _disturb(desk)
            return (*known, True)
        status, body = _performed(desk, path, _sent())
    except ApiFault as fault:
        status, body = fault.status, json.dumps({"error": fault.error})
        if fault.error.get("code") in _BREACHES or fault.blamed:
            desk.shelf.blame(f"{request.method} /v1/{path}: {fault.error}")
    desk.shelf.count_call(desk.asked or f"{request.method} /v1/{path}", status)
    if desk.idempotency_key and status not in _REDO:
        desk.shelf.remember(desk.idempotency_key, asked, status, body, created=desk.at)
    return status, body, False


def _sent() -> str:
    """Return the parameters as they were sent: beside the address, or as the body."""
    return (request.get_data() if request.method == "POST" else request.query_string).decode()


def _authorise(secret_key: str) -> None:
    given = request.authorization
    token = given.token if given is not None and given.type == "bearer" else None
    if token is None:
        raise ApiFault(401, "You did not provide an API key.")
    if token != secret_key or not token.startswith("sk_test_"):
        raise ApiFault(401, "Invalid API Key provided.", code="api_key_invalid")


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and len(key) > _LONGEST_KEY:
        raise ApiFault(
            400,
            f"Idempotency keys have at most {_LONGEST_KEY} characters.",
            kind="idempotency_error",
        )
    return key if request.method == "POST" else None


def _known(desk: Desk, asked: str) -> tuple[int, str] | None:
    """Return the first answer to this key; Stripe may forget keys after a day, so this does."""
    if desk.idempotency_key is None:
        return None
    found = desk.shelf.answer(desk.idempotency_key, since=desk.at - _DAY)
    if found is None:
        return None
    first, status, body = found
    if first != asked:
        raise ApiFault(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were"
            " first used with.",
            kind="idempotency_error",
        )
    return status, body


def _performed(desk: Desk, path: str, text: str) -> tuple[int, str]:
    """Do what is asked, disturbed as the panel wishes, and check it on the way in and out."""
    if _strikes(desk, "api_down"):
        desk.disturbance = _hang_up
        return _AWAY, _api_error("The panel asked for this.")
    if _strikes(desk, "api_429"):
        raise ApiFault(429, "Too many requests.", code="rate_limit")
    if _strikes(desk, "api_500"):
        return _BROKEN, _api_error("The panel asked for this.")
    pattern, parameters, act = route(request.method, path)
    desk.asked = f"{request.method} /v1/{pattern}"
    wish = _wish(parameters, text)
    with desk.shelf.savepoint():
        body = reading.expanded(desk, act(desk, wish), wish)
    if desk.kept is not None:
        raise desk.kept
    faults = contract.check_answer(body)
    for fault in faults:
        desk.shelf.complain(f"{request.method} /v1/{path}: {fault}")
    if faults:
        return _BROKEN, _api_error("; ".join(str(fault) for fault in faults))
    if _strikes(desk, "api_500_after"):
        return _BROKEN, _api_error("The panel asked for this; what was asked is done.")
    _disturb(desk)
    return 200, json.dumps(body)


def _aimed(desk: Desk, path: str) -> bool:
    """Say whether the panel's faults are meant for this call: by its path, after some calls."""
    wanted = desk.shelf.setting("api_path", default="")
    return path.startswith(wanted.removeprefix("/v1/")) and not desk.spend("api_skip")


def _strikes(desk: Desk, fault: str) -> bool:
    return desk.aimed and desk.spend(fault)


def _api_error(message: str) -> str:
    return json.dumps({"error": {"type": "api_error", "message": message}})


def _disturb(desk: Desk) -> None:
    """Lose the answer after the act was done: the client cannot know whether it was."""
    if _strikes(desk, "api_timeout"):
        patience = float(desk.shelf.setting("api_timeout_seconds", default=30))
        desk.disturbance = partial(_say_nothing, patience)
    elif _strikes(desk, "api_reset"):
        desk.disturbance = _hang_up


def _say_nothing(seconds: float) -> None:
    """Keep a client waiting; one in this process says how long it would wait, and need not."""
    patience = request.environ.get(PATIENCE)
    if patience is None:
        time.sleep(seconds)
    elif patience < seconds:
        raise TimeoutError("the panel asked for silence")


def _hang_up() -> None:
    raise ConnectionResetError("the panel asked for a broken connection")


def _wish(parameters: type, text: str) -> Wish:
    """Read the parameters of a request.

    Raises
    ------
    ApiFault
        400 with ``param``.
    """
    try:
        decoded = forms.decode(text)
    except ValueError as fault:
        raise ApiFault(400, f"Invalid parameter name: {fault}") from None
    if "payment_method_types" in decoded and parameters is _P.checkout.SessionCreateParams:
        raise ApiFault(
            400,
            "`payment_method_types` is no longer supported; use dynamic payment methods.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    wish: Wish = contract.coerce(parameters, decoded)
    for wrong in contract.check_request(parameters, wish):
        code = {"unknown": "parameter_unknown", "missing": "parameter_missing"}.get(wrong.code)
        refusal = ApiFault(400, f"{wrong.reason}: {wrong.param}", code=code, param=wrong.param)
        refusal.blamed = True
        raise refusal
    return wish
