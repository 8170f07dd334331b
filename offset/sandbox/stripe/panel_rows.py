"""Which buttons stand beside an object on the control panel?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from offset.sandbox.stripe.disputes import STEPS
from offset.sandbox.stripe.objects import Body
from offset.sandbox.stripe.subscriptions import OVER


@dataclass(frozen=True)
class Button:
    """One act on one object."""

    label: str
    act: str
    when: Callable[[Body], bool]
    more: Mapping[str, str] = field(default_factory=dict)


def _is(*states: str) -> Callable[[Body], bool]:
    return lambda body: body["status"] in states


def _debit_under_way(session: Body) -> bool:
    return (session["status"], session["payment_status"]) == ("complete", "unpaid")


def _debit(charge: Body) -> bool:
    return "sepa_debit" in charge["payment_method_details"]


def _living(subscription: Body) -> bool:
    return subscription["status"] not in OVER


def _stopped(subscription: Body) -> bool:
    return bool(subscription["pause_collection"] or subscription["cancel_at_period_end"])


BUTTONS: Final[Mapping[str, tuple[Button, ...]]] = {
    "checkout.session": (
        Button("Pay by card", "pay", _is("open")),
        Button("Pay by debit", "pay_sepa", _is("open")),
        Button("Expire", "expire", _is("open")),
        Button("Arrives", "clear_sepa", _debit_under_way, {"fails": "false"}),
        Button("Fails", "clear_sepa", _debit_under_way, {"fails": "true"}),
    ),
    "charge": (
        Button("Arrives", "clear_sepa", _is("pending"), {"fails": "false"}),
        Button("Fails", "clear_sepa", _is("pending"), {"fails": "true"}),
        Button("Refund", "refund", lambda c: c["status"] == "succeeded" and not c["refunded"]),
        Button("Dispute", "dispute", lambda c: c["status"] == "succeeded" and not c["disputed"]),
        Button(
            "Inquiry",
            "dispute",
            lambda c: c["status"] == "succeeded" and not c["disputed"],
            {"status": "warning_needs_response"},
        ),
        Button("Comes back", "return_debit", lambda c: c["status"] == "succeeded" and _debit(c)),
    ),
    "refund": (
        Button("Pay now", "settle_refund", _is("pending")),
        Button("Cancel", "cancel_refund", _is("pending")),
        Button("Fails", "fail_refund", _is("pending", "succeeded")),
    ),
    "dispute": tuple(
        Button(
            state.replace("_", " ").capitalize(),
            "decide_dispute",
            lambda dispute, state=state: state in STEPS[dispute["status"]],  # type: ignore[misc] # bound early on purpose
            {"outcome": state},
        )
        for state in STEPS
        if state
    ),
    "payout": (
        Button("Arrives", "arrive_payout", _is("in_transit")),
        Button("Cancel", "cancel_payout", _is("in_transit")),
        Button("Fails", "fail_payout", _is("in_transit", "paid")),
    ),
    "topup": (Button("Reverse", "reverse_topup", _is("succeeded")),),
    "subscription": (
        Button("Renew", "renew", _living),
        Button("Retry", "retry", _is("past_due", "unpaid")),
        Button("Card expires", "use_card", _living, {"exp_month": "1", "exp_year": "2020"}),
        Button("Good card", "use_card", _living),
        Button("Pause", "pause", lambda s: _living(s) and not _stopped(s)),
        Button("Resume", "resume", lambda s: _living(s) and _stopped(s)),
        Button("Stop at the end", "cancel", lambda s: _living(s) and not s["cancel_at_period_end"]),
        Button("Stop now", "cancel", _living, {"now": "true"}),
    ),
    "invoice": (Button("Retry", "retry", _is("open")),),
}


def buttons(body: Body) -> list[Button]:
    """Return what can be done with an object now."""
    return [one for one in BUTTONS.get(body["object"], ()) if one.when(body)]


def wish(body: Body, button: Button) -> dict[str, str]:
    """Return what a button sends: the object under the name acts know its kind by, and more."""
    return {str(body["object"]).removeprefix("checkout."): body["id"], **button.more}


def amount(body: Body) -> str:
    """Return an object's amount as the table shows it."""
    for name in ("amount", "amount_total", "total"):
        if name in body:
            return f"{body[name]} {body['currency']}"
    price = body["items"]["data"][0]["price"]
    return f"{price['unit_amount']} {price['currency']} / {price['recurring']['interval']}"


def state(body: Body) -> str:
    """Return an object's state in a few words."""
    more = ("payment_status", "pending_reason", "failure_code", "reconciliation_status")
    words = [str(body[name]) for name in ("status", *more) if body.get(name)]
    if body.get("pause_collection"):
        words.append("paused")
    if body.get("cancel_at_period_end"):
        words.append("ends with its period")
    return ", ".join(words)
