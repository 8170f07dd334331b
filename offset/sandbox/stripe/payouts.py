"""How does the balance leave for our bank, and how does it come back when the bank refuses?"""

from typing import Final

from offset.sandbox.stripe import movements
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.objects import Body, part

_DAY: Final = 86_400
_ARRIVAL_DAYS: Final = 2


def pay_out(
    desk: Desk, currency: str, *, only_available: bool = False, arrives: bool = True
) -> Body:
    """Make an automatic payout of everything no payout has taken yet.

    Funds that were still pending become available first, unless ``only_available`` asks for what
    a real account would pay today. Without ``arrives`` the payout stays in transit.

    Raises
    ------
    ApiFault
        400 when there is nothing to pay out.
    """
    items = movements.unpaid(desk, currency, only_available=only_available)
    total = sum(item["net"] for item in items)
    if total <= 0:
        raise ApiFault(400, f"The balance to pay out is {total} {currency}.", code="balance_short")
    payout = desk.make(
        "payout",
        amount=total,
        arrival_date=(desk.at // _DAY + _ARRIVAL_DAYS) * _DAY,
        automatic=True,
        currency=currency,
        description="STRIPE PAYOUT",
        destination=desk.new_id("bank_account"),
        method="standard",
        reconciliation_status="in_progress",
        source_type="card",
        statement_descriptor="STRIPE",
        status="in_transit",
        type="bank_account",
    )
    desk.tell("payout.created", payout)
    for item in items:
        item.update(status="available", available_on=min(item["available_on"], desk.at))
        desk.shelf.save(item, payout=payout["id"])
    movement = movements.move(
        desk,
        kind="payout",
        category="payout",
        amount=-total,
        currency=currency,
        source=payout["id"],
        payout=payout["id"],
        description="STRIPE PAYOUT",
    )
    payout["balance_transaction"] = movement["id"]
    desk.shelf.save(payout, due=payout["arrival_date"])
    return arrive(desk, payout["id"]) if arrives else payout


def arrive(desk: Desk, payout_id: str) -> Body:
    """Let a payout reach the bank and be itemised.

    Raises
    ------
    ApiFault
        400 when it is not in transit.
    """
    payout = desk.find("payout", payout_id)
    if payout["status"] != "in_transit":
        raise ApiFault(400, f"This payout is {payout['status']}.", code="payout_unexpected_state")
    payout.update(
        status="paid",
        trace_id=part("payout", "trace_id", status="supported", value=payout["id"][-12:].upper()),
        reconciliation_status="completed",
    )
    desk.shelf.save(payout, due=None)
    desk.tell("payout.paid", payout)
    desk.tell("payout.reconciliation_completed", payout)
    return payout


def fail(desk: Desk, payout_id: str) -> Body:
    """Let our bank send a payout back: the funds return to the balance.

    Raises
    ------
    ApiFault
        400 when it failed already.
    """
    payout = desk.find("payout", payout_id)
    if payout["status"] != "paid":
        raise ApiFault(400, f"This payout is {payout['status']}.", code="payout_unexpected_state")
    movement = movements.move(
        desk,
        kind="payout_failure",
        category="payout_reversal",
        amount=payout["amount"],
        currency=payout["currency"],
        source=payout["id"],
    )
    payout.update(
        status="failed",
        failure_balance_transaction=movement["id"],
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
    )
    desk.shelf.save(payout)
    desk.tell("payout.failed", payout)
    return payout


def pay_out_daily(desk: Desk) -> None:
    """Pay out what is available, in every currency, as an automatic schedule does at midnight."""
    for currency in movements.MINIMUM:
        found = movements.unpaid(desk, currency, only_available=True)
        if sum(item["net"] for item in found) > 0:
            pay_out(desk, currency, only_available=True, arrives=False)


def fall_due(desk: Desk, payout: Body) -> None:
    """Let a payout in transit arrive on its day."""
    desk.shelf.save(payout, due=None)
    if payout["status"] == "in_transit":
        arrive(desk, payout["id"])
