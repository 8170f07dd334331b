"""How does a donor's bank take a payment back, for now or for good?

An inquiry (``warning_…``) moves no money. A dispute takes the amount and a fee at once; won, the
amount comes back. Not checked against a live account: what `prevented` and appeals do.
"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import movements, refunds
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, part

_DAY: Final = 86_400
EVIDENCE_DAYS: Final = 7
# Where a dispute can go from each state; the first states are where one begins.
STEPS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"needs_response", "warning_needs_response", "prevented"}),
    "warning_needs_response": frozenset(
        {"warning_under_review", "warning_closed", "needs_response"}
    ),
    "warning_under_review": frozenset({"warning_closed", "needs_response"}),
    "warning_closed": frozenset(),
    "needs_response": frozenset({"under_review", "won", "lost"}),
    "under_review": frozenset({"won", "lost"}),
    "lost": frozenset({"appeal_needs_response"}),
    "appeal_needs_response": frozenset({"appeal_under_review", "lost"}),
    "appeal_under_review": frozenset({"won", "lost"}),
    "won": frozenset(),
    "prevented": frozenset(),
}
_ENDS: Final = frozenset({"won", "lost", "warning_closed", "prevented"})
_WAITING: Final = frozenset({"needs_response", "warning_needs_response", "appeal_needs_response"})
_OFFERED: Final = frozenset({"evidence", "submit", "metadata", "expand"})


def dispute(
    desk: Desk,
    charge_id: str,
    *,
    amount: int | None = None,
    reason: str = "fraudulent",
    status: str = "needs_response",
) -> Body:
    """Let a donor's bank ask about a charge, or take it back for now with the fee.

    Raises
    ------
    ApiFault
        400 when the charge cannot be disputed, or for a state in which no dispute begins.
    """
    charge = desk.find("charge", charge_id)
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise ApiFault(400, "This charge cannot be disputed.", code="charge_not_disputable")
    if status not in STEPS[""]:
        raise ApiFault(400, f"No dispute begins as '{status}'.", param="status")
    amount = charge["amount"] if amount is None else amount
    if not 0 < amount <= charge["amount"]:
        raise ApiFault(400, f"The dispute of {amount} exceeds the charge.", param="amount")
    due = desk.at + EVIDENCE_DAYS * _DAY if status in _WAITING else None
    opened = desk.make(
        "dispute",
        {"due": due},
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        evidence_details=part(
            "dispute",
            "evidence_details",
            due_by=due,
            has_evidence=False,
            past_due=False,
            submission_count=0,
        ),
        is_charge_refundable=status == "warning_needs_response",
        payment_intent=charge["payment_intent"],
        payment_method_details=_method(charge),
        reason=reason,
        status=status,
    )
    desk.tell("charge.dispute.created", opened)
    if status == "needs_response":
        _withdraw(desk, opened)
    elif status == "prevented":
        desk.tell("charge.dispute.closed", opened)
    return opened


def _method(charge: Body) -> Body | None:
    card = charge["payment_method_details"].get("card")
    if card is None:
        return None
    details = part("dispute", "payment_method_details", type="card")
    details["card"] = part(
        "dispute",
        "payment_method_details",
        "card",
        brand=card["brand"],
        case_type="chargeback",
        network=card["brand"],
    )
    return details


def _withdraw(desk: Desk, opened: Body) -> None:
    charge = desk.find("charge", opened["charge"])
    movement = refunds.back(
        desk,
        charge,
        -opened["amount"],
        "adjustment",
        opened["id"],
        category="dispute",
        fee=movements.DISPUTE_FEE,
        fee_text="Dispute fee",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    opened["balance_transactions"] = [*opened["balance_transactions"], movement]
    desk.shelf.save(opened)
    charge["disputed"] = True
    desk.shelf.save(charge)
    desk.tell("charge.dispute.funds_withdrawn", opened)


def _reinstate(desk: Desk, opened: Body, *, fee_back: bool) -> None:
    movement = refunds.back(
        desk,
        desk.find("charge", opened["charge"]),
        opened["amount"],
        "adjustment",
        opened["id"],
        category="dispute_reversal",
        fee=-movements.DISPUTE_FEE if fee_back else 0,
        fee_text="Dispute fee",
        description=f"Chargeback reversal for {opened['charge']}",
    )
    opened["balance_transactions"] = [*opened["balance_transactions"], movement]


def move(desk: Desk, dispute_id: str, status: str, *, fee_back: bool = False) -> Body:
    """Let a dispute take one step.

    Raises
    ------
    ApiFault
        404; 400 for a step there is not.
    """
    opened = desk.find("dispute", dispute_id)
    if status not in STEPS[opened["status"]]:
        raise ApiFault(
            400,
            f"A dispute that is {opened['status']} does not become '{status}'.",
            code="dispute_closed",
            param="outcome",
        )
    before = dict(opened)
    due = desk.at + EVIDENCE_DAYS * _DAY if status in _WAITING else None
    opened.update(status=status, is_charge_refundable=status.startswith("warning_"))
    opened["evidence_details"] = {
        **opened["evidence_details"],
        "due_by": due or opened["evidence_details"]["due_by"],
    }
    if status == "won":
        _reinstate(desk, opened, fee_back=fee_back)
    desk.shelf.save(opened, due=due)
    _tell(desk, opened, before)
    return opened


def _tell(desk: Desk, opened: Body, before: Body) -> None:
    if opened["status"] == "won":
        desk.tell("charge.dispute.funds_reinstated", opened, before=before)
    if opened["status"] in _ENDS:
        desk.tell("charge.dispute.closed", opened, before=before)
        return
    desk.tell("charge.dispute.updated", opened, before=before)
    if opened["status"] == "needs_response":
        _withdraw(desk, opened)


def update(desk: Desk, dispute_id: str, wish: Mapping[str, Any]) -> Body:
    """Take evidence, as the API is asked to; submitted, the bank reviews it.

    Raises
    ------
    ApiFault
        404; 400 when it is decided, or for what the stand-in does not offer.
    """
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
    opened = desk.find("dispute", dispute_id)
    if opened["status"] not in _WAITING:
        raise ApiFault(400, f"This dispute is {opened['status']}.", code="dispute_closed")
    opened["evidence"] = {**opened["evidence"], **(wish.get("evidence") or {})}
    opened["metadata"] = {**opened["metadata"], **(wish.get("metadata") or {})}
    submitted = wish.get("submit", True)
    details = opened["evidence_details"]
    opened["evidence_details"] = {
        **details,
        "has_evidence": True,
        "submission_count": details["submission_count"] + submitted,
    }
    desk.shelf.save(opened)
    if not submitted:
        desk.tell("charge.dispute.updated", opened)
        return opened
    review = opened["status"].replace("needs_response", "under_review")
    return move(desk, dispute_id, review)


def fall_due(desk: Desk, opened: Body) -> None:
    """Let the day for evidence pass: what was not answered is lost."""
    opened["evidence_details"] = {**opened["evidence_details"], "past_due": True}
    desk.shelf.save(opened, due=None)
    silent = "warning_closed" if opened["status"].startswith("warning_") else "lost"
    move(desk, opened["id"], silent)
