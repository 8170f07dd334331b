"""What does a monthly donor see on the stand-in's customer portal, and what does each button do?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from babel.dates import format_date
from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from offset.sandbox.stripe import pages, payments, portal, subscriptions
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.movements import MINIMUM, ZERO_DECIMAL
from offset.sandbox.stripe.objects import Body
from offset.sandbox.stripe.words import WORDS, language

_SEE_OTHER: Final = 303
_NOT_FOUND: Final = 404
_GONE: Final = 410
_AMOUNT: Final = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?", re.ASCII)
# Accepted when it is kept, refused when it is charged (docs.stripe.com/testing).
FAILS_LATER: Final = "4000000000000341"
_KEPT: Final = payments.PAYING_CARDS | payments.AUTHENTICATED_CARDS | {FAILS_LATER}
_FLOWS: Final[Mapping[str, frozenset[str]]] = {
    "payment_method_update": frozenset({"card"}),
    "subscription_cancel": frozenset({"cancel", "resume"}),
    "subscription_pause": frozenset({"pause", "resume"}),
    "subscription_update": frozenset({"amount"}),
}
_ALL: Final = frozenset({"amount", "pause", "resume", "cancel", "card", "pay"})

Fault = tuple[str, str]  # the field, the key of the sentence


def blueprint() -> Blueprint:
    """Return the door for donors who give regularly."""
    door = Blueprint("portal", __name__)
    door.add_url_rule("/p/session/<session_id>", "show", show, methods=["GET"])
    door.add_url_rule("/p/session/<session_id>/<gift>/<name>", "act", act, methods=["POST"])
    door.after_request(pages.harden)
    return door


def _host() -> pages.Host:
    found: pages.Host = current_app.extensions["stand_in"]
    return found


def show(session_id: str) -> BaseResponse:
    """Show the portal."""
    done = request.args.get("done", "")
    return _page(session_id, done=f"done_{done}" if done in _ALL else None)


def act(session_id: str, gift: str, name: str) -> BaseResponse:
    """Do what one button says, then show the portal again."""
    if name not in _DOINGS:
        return _closed(_NOT_FOUND, None)
    fault: Fault | None
    try:
        with _host().act() as desk:
            session = portal.usable(desk, session_id)
            fault = _done(desk, session, portal.mine(desk, session, gift), name)
    except ApiFault as refusal:
        if refusal.status not in {_NOT_FOUND, _GONE}:
            return redirect(url_for("portal.show", session_id=session_id), _SEE_OTHER)
        return _closed(refusal.status, None)
    if fault is not None:
        return _page(session_id, fault=fault, wrong=gift)
    return redirect(url_for("portal.show", session_id=session_id, done=name), _SEE_OTHER)


def _done(desk: Desk, session: Body, gift: Body, name: str) -> Fault | None:
    """Do what a button says, if the page offers it now: it may have been open for a while.

    Raises
    ------
    ApiFault
        409.
    """
    if name not in _offered(session, gift, desk.find("invoice", gift["latest_invoice"])):
        raise ApiFault(409, f"'{name}' is not offered now.", code="not_offered_now")
    return _DOINGS[name](desk, gift)


# --- the buttons ------------------------------------------------------------------------------


def _amount(desk: Desk, gift: Body) -> Fault | None:
    minor = read_amount(request.form.get("amount", ""), gift["currency"])
    if minor is None or minor < MINIMUM[gift["currency"]]:
        return "amount", "amount_wrong"
    portal.change_amount(desk, gift, minor)
    return None


def read_amount(text: str, currency: str) -> int | None:
    """Read an amount in any of the page's languages, in smallest units."""
    found = _AMOUNT.fullmatch(re.sub(r"[\s\u00a0\u202f]", "", text))
    if found is None:
        return None
    if currency in ZERO_DECIMAL:
        return None if found[2] else int(found[1])
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def _card(desk: Desk, gift: Body) -> Fault | None:
    typed = pages.Typed.read(request.form)
    known = {"email": "donor@stand-in.invalid"}
    faults = pages.Typed(**{**vars(typed), **known}).faults("card", desk.at)
    for name, key in faults.items():
        return name, key
    if typed.number not in _KEPT:
        return "number", "declined"
    portal.use_card(desk, gift, typed.number, pages.month_and_year(typed.expiry))
    return None


def _pay(desk: Desk, gift: Body) -> Fault | None:
    return None if portal.pay_open(desk, gift) else ("pay", "not_paid")


def _pause(desk: Desk, gift: Body) -> None:
    portal.pause(desk, gift)


def _resume(desk: Desk, gift: Body) -> None:
    portal.resume(desk, gift)


def _cancel(desk: Desk, gift: Body) -> None:
    portal.cancel(desk, gift)


_DOINGS: Final[Mapping[str, Callable[[Desk, Body], Fault | None]]] = {
    "amount": _amount,
    "card": _card,
    "pay": _pay,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}


# --- the page ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gift:
    """One regular contribution as the page tells it."""

    id: str
    title: str
    price: str
    state: str
    lines: tuple[str, ...]
    acts: frozenset[str]
    owed: str
    least: str
    ends: str


def _page(
    session_id: str,
    *,
    done: str | None = None,
    fault: Fault | None = None,
    wrong: str | None = None,
) -> BaseResponse:
    try:
        with _host().act() as desk:
            session = portal.usable(desk, session_id)
            tongue = language(session["locale"], request.accept_languages)
            gifts = [_told(desk, session, one, tongue) for one in _chosen(desk, session)]
            bills = [_bill(one, tongue) for one in portal.bills(desk, session["customer"])]
    except ApiFault as refusal:
        return _closed(refusal.status, None)
    words = WORDS[tongue]
    least = next((gift.least for gift in gifts if gift.id == wrong), "")
    return make_response(
        render_template(
            "portal.html",
            language=tongue,
            words=words,
            session=session,
            gifts=gifts,
            bills=bills if session["flow"] is None else [],
            done=words[done] if done else None,
            wrong=wrong,
            fault=(fault[0], words[fault[1]].format(least=least)) if fault else None,
        )
    )


def _chosen(desk: Desk, session: Body) -> list[Body]:
    """Return all subscriptions, or the one a flow is about."""
    flow = session["flow"]
    found = portal.gifts(desk, session["customer"])
    named = (flow or {}).get((flow or {}).get("type") or "") or {}
    only = named.get("subscription")
    return [one for one in found if only is None or one["id"] == only]


def _told(desk: Desk, session: Body, gift: Body, tongue: str) -> Gift:
    item = subscriptions.item_of(gift)
    amount = pages.amount_text(subscriptions.amount_of(gift), gift["currency"], tongue)
    invoice = desk.find("invoice", gift["latest_invoice"])
    over = gift["status"] in subscriptions.OVER
    ends = _day(item["current_period_end"], tongue)
    return Gift(
        id=gift["id"],
        title=desk.find("product", item["price"]["product"])["name"],
        price=pages.each(amount, item["price"]["recurring"], tongue),
        state=_state(gift, invoice, tongue),
        lines=() if over else tuple(_lines(desk, gift, ends, tongue)),
        acts=frozenset() if over else _offered(session, gift, invoice),
        owed=pages.amount_text(invoice["amount_remaining"], gift["currency"], tongue),
        least=pages.amount_text(MINIMUM[gift["currency"]], gift["currency"], tongue),
        ends=ends,
    )


def _state(gift: Body, invoice: Body, tongue: str) -> str:
    words, status = WORDS[tongue], gift["status"]
    pause = gift["pause_collection"]
    for applies, key, moment in (
        (status in subscriptions.OVER, "state_over", gift["ended_at"]),
        (gift["cancel_at_period_end"], "state_ending", gift["cancel_at"]),
        (pause and pause["resumes_at"], "state_paused_until", pause and pause["resumes_at"]),
        (pause, "state_paused", None),
        (invoice["next_payment_attempt"], "state_past_due", invoice["next_payment_attempt"]),
        (status in ("unpaid", "past_due"), "state_unpaid", None),
    ):
        if applies:
            return words[key].format(day=_day(moment, tongue))
    return words["state_active"]


def _lines(desk: Desk, gift: Body, ends: str, tongue: str) -> list[str]:
    words = WORDS[tongue]
    payment = desk.find("payment_method", gift["default_payment_method"])
    goes_on = not gift["cancel_at_period_end"] and not gift["pause_collection"]
    lines = [words["next_day"].format(day=ends)] if goes_on else []
    if payment["type"] == "card":
        card = payment["card"]
        until = f"{card['exp_month']:02}/{card['exp_year']}"
        return [*lines, words["by_card"].format(last4=card["last4"], until=until)]
    return [*lines, words["by_account"].format(last4=payment["sepa_debit"]["last4"])]


def _offered(session: Body, gift: Body, invoice: Body) -> frozenset[str]:
    """Say which buttons make sense now, within what the flow allows."""
    stopped = gift["cancel_at_period_end"] or gift["pause_collection"] is not None
    sense = {"amount", "card"} | ({"resume"} if stopped else {"pause"})
    if not gift["cancel_at_period_end"]:
        sense.add("cancel")
    if invoice["status"] == "open" and gift["status"] != "active":
        sense.add("pay")
    flow = session["flow"]
    return frozenset(sense & (_ALL if flow is None else _FLOWS[flow["type"]]))


def _bill(invoice: Body, tongue: str) -> tuple[str, str, str]:
    return (
        _day(invoice["created"], tongue),
        pages.amount_text(invoice["total"], invoice["currency"], tongue),
        WORDS[tongue][f"bill_{invoice['status']}"],
    )


def _day(moment: int | None, tongue: str) -> str:
    if moment is None:
        return ""
    return format_date(datetime.fromtimestamp(moment, UTC).date(), "long", locale=tongue)


def _closed(status: int, locale: str | None) -> BaseResponse:
    tongue = language(locale, request.accept_languages)
    nobody: Mapping[str, Any] = {"cancel_url": None}
    page = render_template(
        "closed.html",
        language=tongue,
        words=WORDS[tongue],
        session=nobody,
        key="unknown" if status == _NOT_FOUND else "portal_closed",
    )
    response = make_response(page)
    response.status_code = status if status == _NOT_FOUND else _GONE
    return response
