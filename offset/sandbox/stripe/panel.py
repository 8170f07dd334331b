"""How is the stand-in told to clear, refuse, dispute, pay out, lose or forge something?

Every act answers JSON to a program and a page to a person; both go through the same table.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from offset.clock import Clock
from offset.config import is_loopback
from offset.sandbox.stripe import (
    checkout,
    clockwork,
    debits,
    disputes,
    invoices,
    movements,
    panel_rows,
    payments,
    payouts,
    portal,
    reading,
    refunds,
    subscriptions,
)
from offset.sandbox.stripe.courier import Courier
from offset.sandbox.stripe.desk import ApiFault, Desk, seconds
from offset.sandbox.stripe.objects import Body
from offset.sandbox.stripe.store import Delivery, Selection

Wish = Mapping[str, Any]

_SEE_OTHER: Final = 303
_FORBIDDEN: Final = 403
_SHOWN: Final = 30
_LISTED: Final = ("charge", "refund", "dispute", "payout", "topup", "subscription", "invoice")
# Faults with a number: how many times; −1 for every time.
COUNTED: Final = (
    "drop",
    "duplicate",
    "forged",
    "stale",
    "version",
    "livemode",
    "late_movement",
    "renewal_declined",
    "refund_pending",
    "fee_returned",
    "api_skip",
    "api_down",
    "api_500",
    "api_500_after",
    "api_429",
    "api_timeout",
    "api_reset",
)
SWITCHES: Final = ("hold", "paused", "reorder", "shuffle", "auto_payout", "strict_balance")
# Figures with what they are when nobody set them.
FIGURES: Final[Mapping[str, int]] = {
    "delay": 0,
    "settlement_days": 2,
    "sepa_days": payments.SEPA_DAYS,
    "return_days": payments.RETURN_DAYS,
    "billing_fee": invoices.BILLING_FEE,
    "api_timeout_seconds": 30,
    "event_days": reading.EVENT_DAYS,
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "after_retries": ("canceled", "unpaid", "past_due"),
    "pending_reason": ("insufficient_funds", "processing", "charge_pending"),
}
# Currency → [other currency, rate]: what the balance is kept in, and what donors are shown.
RATES: Final = ("conversions", "presentment")
TEXTS: Final = ("api_path",)


class Host(Protocol):
    """What the panel needs of the stand-in it belongs to."""

    courier: Courier
    clock: Clock

    def act(self, *, created: int | None = None) -> AbstractContextManager[Desk]:
        """Open a desk for one act."""
        ...


def _host() -> Host:
    found: Host = current_app.extensions["stand_in"]
    return found


# --- reading what is wished -------------------------------------------------------------------


def _text(wish: Wish, name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not value:
        raise ApiFault(400, f"'{name}' is missing", param=name)
    return value


def _whole(wish: Wish, name: str) -> int | None:
    value = wish.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ApiFault(400, f"'{name}' is no whole number: {value!r}", param=name) from None


def _yes(wish: Wish, name: str) -> bool | None:
    value = wish.get(name)
    if value is None or value == "":
        return None
    return value in (True, "true", "on", "1")


def _moment(value: Any, name: str) -> int | None:
    """Read seconds or an ISO instant."""
    if value is None or value == "":
        return None
    text = str(value)
    if text.isdecimal():
        return int(text)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ApiFault(400, f"'{name}' is no instant: {text}", param=name) from None
    return seconds(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def _intent(desk: Desk, wish: Wish) -> Body:
    """Find a PaymentIntent by its own id, its session's, its subscription's or its invoice's."""
    if wish.get("payment_intent"):
        return desk.find("payment_intent", _text(wish, "payment_intent"))
    if wish.get("charge"):
        charge = desk.find("charge", _text(wish, "charge"))
        return desk.find("payment_intent", charge["payment_intent"])
    if wish.get("subscription") or wish.get("invoice"):
        return invoices.intent_of(desk, _invoice(desk, wish))
    session = _text(wish, "session")
    desk.find("checkout.session", session)
    return desk.find("payment_intent", desk.shelf.private(session).get("held_intent", ""))


def _invoice(desk: Desk, wish: Wish) -> Body:
    """Find an invoice by its own id, or the latest one of a subscription."""
    if wish.get("invoice"):
        return desk.find("invoice", _text(wish, "invoice"))
    return desk.find("invoice", _subscription(desk, wish)["latest_invoice"])


def _subscription(desk: Desk, wish: Wish) -> Body:
    """Find a subscription by its own id or its Checkout Session's."""
    if wish.get("subscription"):
        return desk.find("subscription", _text(wish, "subscription"))
    session = desk.find("checkout.session", _text(wish, "session"))
    return desk.find("subscription", session["subscription"] or "")


def _charge(desk: Desk, wish: Wish) -> str:
    """Find a charge by its own id, or as :func:`_intent` finds its payment."""
    if wish.get("charge"):
        return _text(wish, "charge")
    charge = _intent(desk, wish)["latest_charge"]
    if charge is None:
        raise ApiFault(400, "Nothing was charged yet.", param="charge")
    return str(charge)


# --- the acts -------------------------------------------------------------------------------


def _pay(desk: Desk, wish: Wish) -> Body:
    session_id = _text(wish, "session")
    email, name = wish.get("email") or "donor@demo.example", wish.get("name") or None
    card = wish.get("card") or "4242424242424242"
    outcome = checkout.pay_by_card(desk, session_id, card, email=email, name=name)
    recognised = _yes(wish, "recognised")
    if outcome == "authenticate" and recognised is not None:
        outcome = checkout.authenticate(desk, session_id, recognised=recognised)
    return {"outcome": outcome, "session": desk.find("checkout.session", session_id)}


def _pay_sepa(desk: Desk, wish: Wish) -> Body:
    session_id = _text(wish, "session")
    checkout.pay_by_sepa(
        desk,
        session_id,
        wish.get("iban") or "DE89370400440532013000",
        email=wish.get("email") or "donor@demo.example",
        name=wish.get("name") or "Donor",
    )
    return {"outcome": "processing", "session": desk.find("checkout.session", session_id)}


def _clear_sepa(desk: Desk, wish: Wish) -> Body:
    return debits.settle(desk, _intent(desk, wish), fails=_yes(wish, "fails"))


def _expire(desk: Desk, wish: Wish) -> Body:
    return checkout.expire(desk, desk.find("checkout.session", _text(wish, "session")))


def _refund(desk: Desk, wish: Wish) -> Body:
    asked: dict[str, Any] = {"charge": _charge(desk, wish)}
    amount = _whole(wish, "amount")
    if amount is not None:
        asked["amount"] = amount
    return refunds.refund(desk, asked)


def _fail_refund(desk: Desk, wish: Wish) -> Body:
    reason = wish.get("reason") or "expired_or_canceled_card"
    return refunds.fail_refund(desk, _text(wish, "refund"), reason)


def _settle_refund(desk: Desk, wish: Wish) -> Body:
    return refunds.settle_refund(desk, _text(wish, "refund"))


def _cancel_refund(desk: Desk, wish: Wish) -> Body:
    return refunds.cancel_refund(desk, _text(wish, "refund"))


def _dispute(desk: Desk, wish: Wish) -> Body:
    return disputes.dispute(
        desk,
        _charge(desk, wish),
        amount=_whole(wish, "amount"),
        reason=wish.get("reason") or "fraudulent",
        status=wish.get("status") or "needs_response",
    )


def _decide_dispute(desk: Desk, wish: Wish) -> Body:
    return disputes.move(
        desk,
        _text(wish, "dispute"),
        _text(wish, "outcome"),
        fee_back=bool(_yes(wish, "fee_back")),
    )


def _return_debit(desk: Desk, wish: Wish) -> Body:
    return refunds.return_debit(desk, _charge(desk, wish))


def _payout(desk: Desk, wish: Wish) -> Body:
    currency, amount = (wish.get("currency") or "eur").lower(), _whole(wish, "amount")
    arrives = _yes(wish, "arrives") is not False
    if amount is not None:
        return payouts.pay_out_by_hand(desk, amount, currency, arrives=arrives)
    return payouts.pay_out(
        desk,
        currency,
        only_available=bool(_yes(wish, "only_available")),
        arrives=arrives,
        negative=bool(_yes(wish, "negative")),
    )


def _arrive_payout(desk: Desk, wish: Wish) -> Body:
    return payouts.arrive(desk, _text(wish, "payout"))


def _fail_payout(desk: Desk, wish: Wish) -> Body:
    return payouts.fail(desk, _text(wish, "payout"))


def _cancel_payout(desk: Desk, wish: Wish) -> Body:
    return payouts.cancel(desk, _text(wish, "payout"))


def _top_up(desk: Desk, wish: Wish) -> Body:
    currency = (wish.get("currency") or "eur").lower()
    return payouts.top_up(desk, {"amount": _amount(wish), "currency": currency})


def _reverse_topup(desk: Desk, wish: Wish) -> Body:
    return payouts.reverse_topup(desk, _text(wish, "topup"))


def _fee(desk: Desk, wish: Wish) -> Body:
    """Take a fee that belongs to no payment."""
    return movements.charge_fee(
        desk,
        _amount(wish),
        (wish.get("currency") or "eur").lower(),
        wish.get("description") or "Radar - fraud checks",
        kind=wish.get("type") or "stripe_fee",
    )


def _movement(desk: Desk, wish: Wish) -> Body:
    """Write a balance transaction of any kind, also of a category nobody has heard of."""
    return movements.move(
        desk,
        kind=wish.get("type") or "adjustment",
        category=_text(wish, "category"),
        amount=_amount(wish),
        currency=(wish.get("currency") or "eur").lower(),
        source=wish.get("source") or None,
        fee=_whole(wish, "fee") or 0,
        description=wish.get("description") or None,
    )


def _amount(wish: Wish) -> int:
    amount = _whole(wish, "amount")
    if amount is None:
        raise ApiFault(400, "'amount' is missing", param="amount")
    return amount


def _renew(desk: Desk, wish: Wish) -> Body:
    """Let the present period of a subscription end now, whatever the clock says."""
    subscription = _subscription(desk, wish)
    if subscription["status"] in subscriptions.OVER:
        raise ApiFault(400, f"This subscription is {subscription['status']}.")
    invoices.renew(desk, subscription)
    return desk.find("subscription", subscription["id"])


def _retry(desk: Desk, wish: Wish) -> Body:
    """Try the open invoice of a subscription again now."""
    invoice = _invoice(desk, wish)
    invoices.retry(desk, invoice)
    return desk.find("invoice", invoice["id"])


def _use_card(desk: Desk, wish: Wish) -> Body:
    """Let the donor take another card."""
    month, year = _whole(wish, "exp_month") or 12, _whole(wish, "exp_year") or 2034
    card = wish.get("card") or "4242424242424242"
    return portal.use_card(desk, _subscription(desk, wish), card, (month, year))


def _change_amount(desk: Desk, wish: Wish) -> Body:
    return portal.change_amount(desk, _subscription(desk, wish), _amount(wish))


def _pause(desk: Desk, wish: Wish) -> Body:
    resumes = _moment(wish.get("resumes_at"), "resumes_at")
    return portal.pause(desk, _subscription(desk, wish), resumes)


def _resume(desk: Desk, wish: Wish) -> Body:
    return portal.resume(desk, _subscription(desk, wish))


def _cancel(desk: Desk, wish: Wish) -> Body:
    return portal.cancel(desk, _subscription(desk, wish), now=bool(_yes(wish, "now")))


def _settle_late(desk: Desk, _: Wish) -> Body:
    return {"charges": payments.settle_late(desk)}


def _webhook(desk: Desk, wish: Wish) -> Body:
    url = wish.get("url", "")
    if url and not is_loopback(url):
        raise ApiFault(400, "The stand-in sends notices to this machine only.", param="url")
    desk.shelf.set("webhook_url", url)
    if wish.get("secret"):
        desk.shelf.set("webhook_secret", _text(wish, "secret"))
    return {"url": url}


def _faults(desk: Desk, wish: Wish) -> Body:
    for name in wish:
        if name in COUNTED or name in FIGURES:
            desk.shelf.set(name, _whole(wish, name) or 0)
        elif name in SWITCHES:
            desk.shelf.set(name, bool(_yes(wish, name)))
        elif _plain_good(name, wish[name]):
            desk.shelf.set(name, wish[name])
        else:
            raise ApiFault(400, f"There is no fault '{name}'.", param=name)
    return _settings(desk)


def _plain_good(name: str, value: Any) -> bool:
    """Say whether a setting may be kept as it was sent."""
    return (
        value in CHOICES.get(name, ())
        or (name in RATES and isinstance(value, dict))
        or (name in TEXTS and isinstance(value, str))
    )


def _settings(desk: Desk) -> Body:
    read = desk.shelf.setting
    return {
        **{name: read(name, default=0) for name in COUNTED},
        **{name: read(name, default=False) for name in SWITCHES},
        **{name: read(name, default=usual) for name, usual in FIGURES.items()},
        **{name: read(name, default=usual[0]) for name, usual in CHOICES.items()},
        **{name: read(name, default={}) for name in RATES},
        **{name: read(name, default="") for name in TEXTS},
        "webhook_url": read("webhook_url", default=""),
    }


def _release(desk: Desk, _: Wish) -> Body:
    """Let held notices go, and hold no new ones."""
    desk.shelf.set("hold", value=False)
    held = desk.shelf.deliveries("held")
    for one in held:
        desk.shelf.update_delivery(
            one.number, "due", due=desk.sent, tries=one.tries, answer=one.answer
        )
    return {"released": [one.event for one in held]}


def _clock(desk: Desk, wish: Wish) -> Body:
    """Stop the clock at an instant, let time pass, or let it run with the real one again.

    ``at`` jumps: of all that time does, only open pages expire. ``advance`` (seconds) and ``to``
    (an instant) let time pass, and everything that falls due happens, dated at its own moment.
    """
    stopped, to = _moment(wish.get("at"), "at"), _moment(wish.get("to"), "to")
    ahead = _whole(wish, "advance")
    if stopped is not None:
        desk.shelf.set("clock_at", stopped)
        desk.at = stopped
        checkout.expire_due(desk)
    elif to is not None or ahead is not None:
        until = desk.at + (ahead or 0) if to is None else to
        return {"happened": _pass(desk, until), "at": desk.at}
    else:
        desk.shelf.set("clock_at", None)
        desk.shelf.set("clock_ahead", 0)
        desk.at = desk.sent // 1000
    return {"at": desk.at}


def _pass(desk: Desk, until: int) -> int:
    stopped = desk.shelf.setting("clock_at")
    if stopped is not None:
        desk.shelf.set("clock_at", until)
    else:
        ahead = desk.shelf.setting("clock_ahead", default=0)
        desk.shelf.set("clock_ahead", ahead + until - desk.at)
    return clockwork.advance(desk, until)


def _reset(desk: Desk, wish: Wish) -> Body:
    """Forget everything but where the webhook is."""
    kept = {name: desk.shelf.setting(name) for name in ("webhook_url", "webhook_secret")}
    desk.shelf.clear()
    for name, value in kept.items():
        if value is not None:
            desk.shelf.set(name, value)
    if wish.get("seed"):
        desk.shelf.set("seed", _text(wish, "seed"))
    return {}


ACTS: Final[Mapping[str, Callable[[Desk, Wish], Body]]] = {
    "pay": _pay,
    "pay_sepa": _pay_sepa,
    "clear_sepa": _clear_sepa,
    "expire": _expire,
    "refund": _refund,
    "fail_refund": _fail_refund,
    "dispute": _dispute,
    "decide_dispute": _decide_dispute,
    "return_debit": _return_debit,
    "payout": _payout,
    "arrive_payout": _arrive_payout,
    "fail_payout": _fail_payout,
    "settle_refund": _settle_refund,
    "cancel_refund": _cancel_refund,
    "cancel_payout": _cancel_payout,
    "top_up": _top_up,
    "reverse_topup": _reverse_topup,
    "fee": _fee,
    "movement": _movement,
    "settle_late": _settle_late,
    "renew": _renew,
    "retry": _retry,
    "use_card": _use_card,
    "change_amount": _change_amount,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "webhook": _webhook,
    "faults": _faults,
    "release": _release,
    "clock": _clock,
    "reset": _reset,
}


def _events(wish: Wish) -> list[str]:
    found = wish.get("events", [])
    return found.split() if isinstance(found, str) else list(found)


def _instant(wish: Wish) -> datetime:
    found = _moment(wish.get("at"), "at")
    return _host().clock.now() if found is None else datetime.fromtimestamp(found, UTC)


def _redeliver(wish: Wish) -> Body:
    return {"deliveries": [told(one) for one in _host().courier.redeliver(_events(wish))]}


def _deliver(wish: Wish) -> Body:
    sent = _host().courier.deliver_due(whenever=bool(_yes(wish, "whenever")))
    return {"deliveries": [told(one) for one in sent]}


def _collect(wish: Wish) -> Body:
    courier, at = _host().courier, _instant(wish)
    chosen = _events(wish)
    parcels = [courier.parcel(event, at) for event in chosen] if chosen else courier.collect(at)
    return {
        "parcels": [
            {"event": p.event_id, "raw": p.raw.decode(), "signature": p.signature} for p in parcels
        ]
    }


# These speak to the courier, which opens its own transactions.
ERRANDS: Final[Mapping[str, Callable[[Wish], Body]]] = {
    "redeliver": _redeliver,
    "deliver": _deliver,
    "collect": _collect,
}


# --- the door ---------------------------------------------------------------------------------


def blueprint() -> Blueprint:
    """Return the door of the control panel."""
    door = Blueprint("panel", __name__)
    door.add_url_rule("/", "home", lambda: redirect(url_for("panel.show")))
    door.add_url_rule("/control", "show", show, methods=["GET"])
    door.add_url_rule("/control/state", "state", state, methods=["GET"])
    door.add_url_rule("/control/<name>", "act", act, methods=["POST"])
    door.after_request(_harden)
    return door


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        " frame-ancestors 'none'; form-action 'self'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def act(name: str) -> BaseResponse:
    """Do one act, for a program (JSON) or a person (a form)."""
    program = request.is_json
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        return _answer(_FORBIDDEN, {"error": {"message": "not from here"}})
    wish: dict[str, Any] = dict(request.get_json() if program else request.form)
    try:
        body = _done(name, wish)
    except ApiFault as fault:
        if program:
            return _answer(fault.status, {"error": fault.error})
        return redirect(url_for("panel.show", told=str(fault)), _SEE_OTHER)
    if program:
        return _answer(200, body)
    return redirect(url_for("panel.show", told=f"{name}: done {body.get('id', '')}"), _SEE_OTHER)


def _done(name: str, wish: dict[str, Any]) -> Body:
    if name in ERRANDS:
        return ERRANDS[name](wish)
    if name not in ACTS:
        raise ApiFault(404, f"There is no act '{name}'.")
    created = _moment(wish.pop("created", None), "created")
    with _host().act(created=created) as desk, desk.shelf.savepoint():
        return ACTS[name](desk, wish)


def _answer(status: int, body: Body) -> Response:
    response: Response = jsonify(body)
    response.status_code = status
    return response


def told(one: Delivery) -> Body:
    """Return a delivery as the panel tells it."""
    return {
        "event": one.event,
        "state": one.state,
        "tries": one.tries,
        "disguise": one.disguise,
        "answer": one.answer,
    }


def _state(limit: int) -> Body:
    with _host().act() as desk:
        checkout.expire_due(desk)
        shelf = desk.shelf
        deliveries: dict[str, list[Body]] = {}
        for one in shelf.deliveries():
            deliveries.setdefault(one.event, []).append(told(one))
        lists = {f"{kind}s": shelf.select(Selection(kind=kind), limit=limit) for kind in _LISTED}
        return {
            "at": desk.at,
            "settings": _settings(desk),
            "complaints": shelf.complaints(),
            "breaches": shelf.breaches(),
            "calls": shelf.calls(),
            "sessions": shelf.select(Selection(kind="checkout.session"), limit=limit),
            **lists,
            "events": [
                {
                    "id": event["id"],
                    "type": event["type"],
                    "created": event["created"],
                    "object": event["data"]["object"].get("id"),
                    "deliveries": deliveries.get(event["id"], []),
                }
                for event in shelf.select(Selection(kind="event"), limit=limit)
            ],
        }


def state() -> BaseResponse:
    """Tell a program everything: events with their deliveries, newest first."""
    return _answer(200, _state(request.args.get("limit", -1, type=int)))


_TITLES: Final[Mapping[str, str]] = {
    "sessions": "Checkout Sessions",
    "subscriptions": "Subscriptions",
    "invoices": "Invoices",
    "charges": "Charges",
    "refunds": "Refunds",
    "disputes": "Disputes",
    "payouts": "Payouts",
    "topups": "Top-ups",
}


def show() -> str:
    """Show the panel."""
    found = _state(_SHOWN)
    return render_template(
        "panel.html",
        told=request.args.get("told"),
        counted=COUNTED,
        figures=tuple(FIGURES),
        choices=CHOICES,
        rows=panel_rows,
        switches=SWITCHES,
        when=lambda moment: datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        lists=[(title, found[name]) for name, title in _TITLES.items()],
        **found,
    )
