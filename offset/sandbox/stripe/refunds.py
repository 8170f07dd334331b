"""How does money go back to a donor: refunded by us, or because the bank returns a debit?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import movements
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, part
from offset.sandbox.stripe.store import Selection

_OFFERED: Final = frozenset({"charge", "payment_intent", "amount", "reason", "metadata", "expand"})
_DAY: Final = 86_400
_PROCESSING_DAYS: Final = 5


def refund(desk: Desk, wish: Mapping[str, Any]) -> Body:
    """Give a charge back, whole or in part, now or when it becomes possible.

    Raises
    ------
    ApiFault
        400 for more than is left, for a charge that never succeeded or is disputed.
    """
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
    charge = _charge_of(desk, wish)
    amount = _refundable(charge, wish.get("amount"))
    given = desk.make(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        metadata=dict(wish.get("metadata") or {}),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        presentment_details=movements.share_of(charge["presentment_details"], amount, charge),
        reason=wish.get("reason"),
        status="pending",
    )
    _count(desk, charge, amount)
    waits = _waits(desk, charge, amount)
    if waits is None:
        _pay_back(desk, given, charge)
    else:
        _wait(desk, given, charge, waits)
    desk.tell("refund.created", given)
    desk.tell("charge.refunded", charge)
    if given["status"] == "failed":
        _uncount(desk, given, charge)
        desk.tell("refund.failed", given)
    return given


def _waits(desk: Desk, charge: Body, amount: int) -> str | None:
    """Say why a refund cannot be paid at once; None when it can."""
    if charge["status"] == "pending":
        return "charge_pending"
    if desk.spend("refund_pending"):
        return str(desk.shelf.setting("pending_reason", default="insufficient_funds"))
    strict = desk.shelf.setting("strict_balance", default=False)
    return "insufficient_funds" if strict and _short(desk, charge, amount) else None


def _short(desk: Desk, charge: Body, amount: int) -> bool:
    currency, rate = movements.settlement(desk, charge["currency"])
    held = movements.held(desk, currency)
    return held < movements.converted(amount, rate, charge["currency"], currency)


def _wait(desk: Desk, given: Body, charge: Body, reason: str) -> None:
    """Card refunds wait for the balance; refunds of other methods fail (Stripe, Refunds)."""
    if reason == "insufficient_funds" and _kind(charge) != "card":
        given.update(status="failed", failure_reason="insufficient_funds")
        desk.shelf.save(given)
        return
    given["pending_reason"] = reason
    days = _PROCESSING_DAYS if reason == "processing" else 1
    waits_for_charge = reason == "charge_pending"
    desk.shelf.save(given, due=None if waits_for_charge else desk.at + days * _DAY)


def _kind(charge: Body) -> str:
    return str(charge["payment_method_details"]["type"])


def _pay_back(desk: Desk, given: Body, charge: Body) -> None:
    card = _kind(charge) == "card"
    kind = "refund" if card else "payment_refund"
    movement = back(
        desk,
        charge,
        -given["amount"],
        kind,
        given["id"],
        fee=-_fee_share(desk, charge, given["amount"]) if desk.spend("fee_returned") else 0,
    )
    given.update(
        balance_transaction=movement["id"],
        destination_details=_destination(card=card),
        pending_reason=None,
        status="succeeded",
    )
    desk.shelf.save(given, due=None)


def _fee_share(desk: Desk, charge: Body, amount: int) -> int:
    """Return the part of the charge's fee that belongs to an amount, as old accounts get back."""
    fee: int = desk.find("balance_transaction", charge["balance_transaction"])["fee"]
    return fee * amount // int(charge["amount"])


def settle_refund(desk: Desk, refund_id: str) -> Body:
    """Pay a waiting refund now.

    Raises
    ------
    ApiFault
        404; 400 when it does not wait.
    """
    given = _waiting(desk, refund_id)
    before = dict(given)
    _pay_back(desk, given, desk.find("charge", given["charge"]))
    desk.tell("refund.updated", given, before=before)
    return given


def _waiting(desk: Desk, refund_id: str) -> Body:
    given = desk.find("refund", refund_id)
    if given["status"] != "pending":
        raise ApiFault(400, f"This refund is {given['status']}.", code="refund_unexpected_state")
    return given


def cancel_refund(desk: Desk, refund_id: str) -> Body:
    """Take a waiting refund back.

    Raises
    ------
    ApiFault
        404; 400 when it does not wait.
    """
    given = _waiting(desk, refund_id)
    before = dict(given)
    given.update(status="canceled", pending_reason=None)
    desk.shelf.save(given, due=None)
    _uncount(desk, given, desk.find("charge", given["charge"]))
    desk.tell("refund.updated", given, before=before)
    return given


def fall_due(desk: Desk, given: Body) -> None:
    """Try a waiting refund again, each day until the balance allows it."""
    desk.shelf.save(given, due=None)
    charge = desk.find("charge", given["charge"])
    if given["pending_reason"] == "insufficient_funds" and _short(desk, charge, given["amount"]):
        desk.shelf.save(given, due=desk.at + _DAY)
    else:
        settle_refund(desk, given["id"])


def follow_charge(desk: Desk, charge: Body) -> None:
    """Pay or take back the refunds that waited for a debit."""
    waiting = Selection(
        kind="refund",
        equal={
            "json_extract(body, '$.charge')": charge["id"],
            "json_extract(body, '$.pending_reason')": "charge_pending",
        },
    )
    for given in desk.shelf.every(waiting):
        if charge["status"] == "succeeded":
            settle_refund(desk, given["id"])
        else:
            cancel_refund(desk, given["id"])


def fail_refund(desk: Desk, refund_id: str, reason: str = "expired_or_canceled_card") -> Body:
    """Let a refund come back, because the donor's account is closed.

    Raises
    ------
    ApiFault
        404; 400 when it failed or was cancelled before.
    """
    given = desk.find("refund", refund_id)
    if given["status"] not in ("succeeded", "pending"):
        raise ApiFault(400, f"This refund is {given['status']}.", code="refund_unexpected_state")
    charge = desk.find("charge", given["charge"])
    before = dict(given)
    if given["status"] == "succeeded":
        movement = back(desk, charge, given["amount"], "refund_failure", given["id"])
        given["failure_balance_transaction"] = movement["id"]
    given.update(status="failed", failure_reason=reason, pending_reason=None)
    desk.shelf.save(given, due=None)
    _uncount(desk, given, charge)
    desk.tell("refund.updated", given, before=before)
    desk.tell("refund.failed", given)
    return given


def _uncount(desk: Desk, given: Body, charge: Body) -> None:
    _count(desk, charge, -given["amount"])


def return_debit(desk: Desk, charge_id: str) -> Body:
    """Let a bank return a SEPA debit that had arrived.

    Raises
    ------
    ApiFault
        400 when the charge is no arrived SEPA debit.
    """
    charge = desk.find("charge", charge_id)
    sepa = charge["payment_method_details"]["type"] == "sepa_debit"
    if not sepa or charge["status"] != "succeeded" or charge["failure_balance_transaction"]:
        raise ApiFault(400, "Only an arrived SEPA debit can be returned.", code="not_returnable")
    movement = back(
        desk,
        charge,
        -charge["amount"],
        "payment_failure_refund",
        charge["id"],
        category="charge_failure",
    )
    charge.update(
        status="failed",
        paid=False,
        failure_balance_transaction=movement["id"],
        failure_code="debit_disputed",
        failure_message="The customer's bank returned the debit.",
    )
    desk.shelf.save(charge)
    desk.tell("charge.failed", charge)
    return charge


def _charge_of(desk: Desk, wish: Mapping[str, Any]) -> Body:
    if "charge" in wish:
        return desk.find("charge", wish["charge"])
    if "payment_intent" not in wish:
        raise ApiFault(
            400,
            "One of the following params should be provided: payment_intent or charge.",
            code="parameter_missing",
        )
    intent = desk.find("payment_intent", wish["payment_intent"])
    if intent["status"] not in ("succeeded", "processing"):
        raise ApiFault(
            400,
            "This PaymentIntent does not have a successful charge to refund.",
            code="resource_missing",
            param="payment_intent",
        )
    return desk.find("charge", intent["latest_charge"])


def _refundable(charge: Body, wished: int | None) -> int:
    if charge["status"] == "failed":
        raise ApiFault(400, f"Charge {charge['id']} is {charge['status']}.", param="charge")
    if charge["disputed"]:
        raise ApiFault(400, f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiFault(
            400,
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    amount = left if wished is None else wished
    if not 0 < amount <= left:
        raise ApiFault(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            param="amount",
        )
    return amount


def back(
    desk: Desk,
    charge: Body,
    amount: int,
    kind: str,
    source: str,
    *,
    category: str | None = None,
    **more: Any,
) -> Body:
    """Move a charge's money: back to the donor, or back to us."""
    currency, rate = movements.settlement(desk, charge["currency"])
    return movements.move(
        desk,
        kind=kind,
        category=category or kind.removeprefix("payment_"),
        amount=movements.converted(amount, rate, charge["currency"], currency),
        currency=currency,
        rate=rate,
        source=source,
        **more,
    )


def _count(desk: Desk, charge: Body, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    desk.shelf.save(charge)


def _destination(*, card: bool) -> Body:
    kind = "card" if card else "sepa_bank_transfer"
    details = part("refund", "destination_details", type=kind)
    if card:
        details["card"] = part("refund", "destination_details", "card", type="refund")
    return {name: value for name, value in details.items() if value is not None}
