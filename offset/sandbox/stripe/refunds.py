"""How does money go back to a donor: refunded by us, or taken back by the donor's bank?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import movements
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, part

_OFFERED: Final = frozenset({"charge", "payment_intent", "amount", "reason", "metadata", "expand"})
_DAY: Final = 86_400
_EVIDENCE_DAYS: Final = 7
OUTCOMES: Final = frozenset({"won", "lost"})


def refund(desk: Desk, wish: Mapping[str, Any]) -> Body:
    """Give a charge back, whole or in part.

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
        metadata=dict(wish.get("metadata") or {}),
        payment_intent=charge["payment_intent"],
        reason=wish.get("reason"),
        status="succeeded",
    )
    card = charge["payment_method_details"]["type"] == "card"
    movement = _back(desk, charge, -amount, "refund" if card else "payment_refund", given["id"])
    given["balance_transaction"] = movement["id"]
    given["destination_details"] = _destination(card=card)
    desk.shelf.save(given)
    _count(desk, charge, amount)
    desk.tell("refund.created", given)
    desk.tell("charge.refunded", charge)
    return given


def fail_refund(desk: Desk, refund_id: str) -> Body:
    """Let a refund come back, because the donor's account is closed."""
    given = desk.find("refund", refund_id)
    if given["status"] != "succeeded":
        raise ApiFault(400, f"This refund is {given['status']}.", code="refund_unexpected_state")
    charge = desk.find("charge", given["charge"])
    movement = _back(desk, charge, given["amount"], "refund_failure", given["id"])
    before = dict(given)
    given.update(
        status="failed",
        failure_reason="expired_or_canceled_card",
        failure_balance_transaction=movement["id"],
    )
    desk.shelf.save(given)
    _count(desk, charge, -given["amount"])
    desk.tell("refund.updated", given, before=before)
    desk.tell("refund.failed", given)
    return given


def dispute(desk: Desk, charge_id: str, *, amount: int | None = None, reason: str) -> Body:
    """Let a donor's bank take a charge back for now, with the fee.

    Raises
    ------
    ApiFault
        400 when the charge cannot be disputed.
    """
    charge = desk.find("charge", charge_id)
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise ApiFault(400, "This charge cannot be disputed.", code="charge_not_disputable")
    amount = charge["amount"] if amount is None else amount
    opened = desk.make(
        "dispute",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        evidence_details=part(
            "dispute",
            "evidence_details",
            due_by=desk.at + _EVIDENCE_DAYS * _DAY,
            has_evidence=False,
            past_due=False,
            submission_count=0,
        ),
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    desk.tell("charge.dispute.created", opened)
    movement = _back(
        desk,
        charge,
        -amount,
        "adjustment",
        opened["id"],
        category="dispute",
        fee=movements.DISPUTE_FEE,
        fee_text="Dispute fee",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    opened["balance_transactions"] = [movement]
    desk.shelf.save(opened)
    charge["disputed"] = True
    desk.shelf.save(charge)
    desk.tell("charge.dispute.funds_withdrawn", opened)
    return opened


def decide(desk: Desk, dispute_id: str, outcome: str) -> Body:
    """Let the donor's bank decide a dispute for us (``won``) or against us (``lost``).

    Raises
    ------
    ApiFault
        400 for another word, or when it is decided already.
    """
    opened = desk.find("dispute", dispute_id)
    if outcome not in OUTCOMES:
        raise ApiFault(400, "A dispute ends won or lost.", param="outcome")
    if opened["status"] in OUTCOMES:
        raise ApiFault(400, f"This dispute is {opened['status']}.", code="dispute_closed")
    before = dict(opened)
    opened["status"] = outcome
    if outcome == "won":
        movement = _back(
            desk,
            desk.find("charge", opened["charge"]),
            opened["amount"],
            "adjustment",
            opened["id"],
            category="dispute_reversal",
            description=f"Chargeback reversal for {opened['charge']}",
        )
        opened["balance_transactions"] = [*opened["balance_transactions"], movement]
    desk.shelf.save(opened)
    if outcome == "won":
        desk.tell("charge.dispute.funds_reinstated", opened, before=before)
    desk.tell("charge.dispute.closed", opened, before=before)
    return opened


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
    movement = _back(
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
    if intent["status"] != "succeeded":
        raise ApiFault(
            400,
            "This PaymentIntent does not have a successful charge to refund.",
            code="resource_missing",
            param="payment_intent",
        )
    return desk.find("charge", intent["latest_charge"])


def _refundable(charge: Body, wished: int | None) -> int:
    if charge["status"] != "succeeded":
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


def _back(
    desk: Desk,
    charge: Body,
    amount: int,
    kind: str,
    source: str,
    *,
    category: str | None = None,
    **more: Any,
) -> Body:
    currency, rate = movements.settlement(desk, charge["currency"])
    return movements.move(
        desk,
        kind=kind,
        category=category or kind.removeprefix("payment_"),
        amount=movements.converted(amount, rate),
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
