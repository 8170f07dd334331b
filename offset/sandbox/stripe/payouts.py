"""How does the balance leave for our bank, and how does it come back when the bank refuses?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import movements
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, part

_DAY: Final = 86_400
_ARRIVAL_DAYS: Final = 2
_OFFERED_TOPUP: Final = frozenset(
    {"amount", "currency", "description", "metadata", "statement_descriptor", "expand"}
)


def pay_out(
    desk: Desk,
    currency: str,
    *,
    only_available: bool = False,
    arrives: bool = True,
    negative: bool = False,
) -> Body:
    """Make an automatic payout of everything no payout has taken yet.

    Funds that were still pending become available first, unless ``only_available`` asks for what
    a real account would pay today. Without ``arrives`` the payout stays in transit. ``negative``
    lets Stripe take what the balance lacks from our bank.

    Raises
    ------
    ApiFault
        400 when there is nothing to pay out.
    """
    items = movements.unpaid(desk, currency, only_available=only_available)
    total = sum(item["net"] for item in items)
    if total == 0 or (total < 0 and not negative):
        raise ApiFault(400, f"The balance to pay out is {total} {currency}.", code="balance_short")
    payout = _payout(desk, total, currency, automatic=True)
    desk.tell("payout.created", payout)
    for item in items:
        item.update(status="available", available_on=min(item["available_on"], desk.at))
        desk.shelf.save(item, payout=payout["id"])
    _book(desk, payout, payout["id"])
    return arrive(desk, payout["id"]) if arrives else payout


def pay_out_by_hand(desk: Desk, amount: int, currency: str, *, arrives: bool = True) -> Body:
    """Make a payout that a person orders: Stripe never says what it is made of.

    Raises
    ------
    ApiFault
        400 when the balance is smaller.
    """
    held = movements.held(desk, currency)
    if not 0 < amount <= held:
        raise ApiFault(400, f"The balance to pay out is {held} {currency}.", code="balance_short")
    payout = _payout(desk, amount, currency, automatic=False)
    desk.tell("payout.created", payout)
    _book(desk, payout, None)
    return arrive(desk, payout["id"]) if arrives else payout


def _payout(desk: Desk, amount: int, currency: str, *, automatic: bool) -> Body:
    return desk.make(
        "payout",
        amount=amount,
        arrival_date=(desk.at // _DAY + _ARRIVAL_DAYS) * _DAY,
        automatic=automatic,
        currency=currency,
        description="STRIPE PAYOUT",
        destination=desk.new_id("bank_account"),
        metadata={},
        method="standard",
        reconciliation_status="in_progress" if automatic else "not_applicable",
        source_type="card",
        statement_descriptor="STRIPE",
        status="in_transit",
        type="bank_account",
    )


def _book(desk: Desk, payout: Body, taken_by: str | None) -> None:
    movement = movements.move(
        desk,
        kind="payout",
        category="payout",
        amount=-payout["amount"],
        currency=payout["currency"],
        source=payout["id"],
        payout=taken_by,
        description="STRIPE PAYOUT",
    )
    payout["balance_transaction"] = movement["id"]
    desk.shelf.save(payout, due=payout["arrival_date"])


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
    )
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
    desk.shelf.save(payout, due=None)
    desk.tell("payout.paid", payout)
    if payout["automatic"]:
        desk.tell("payout.reconciliation_completed", payout)
    return payout


def fail(desk: Desk, payout_id: str, code: str = "account_closed") -> Body:
    """Let our bank send a payout back, also after it was paid: the funds return to the balance.

    Raises
    ------
    ApiFault
        404; 400 when it failed or was cancelled already.
    """
    payout = _under_way(desk, payout_id, ("paid", "in_transit", "pending"))
    payout.update(
        status="failed",
        failure_code=code,
        failure_message="The bank did not accept the payout.",
    )
    return _come_back(desk, payout, "payout_failure", "payout.failed")


def cancel(desk: Desk, payout_id: str) -> Body:
    """Take a payout back before the bank has it: the funds return to the balance.

    Raises
    ------
    ApiFault
        404; 400 when it is too late.
    """
    payout = _under_way(desk, payout_id, ("in_transit", "pending"))
    payout["status"] = "canceled"
    return _come_back(desk, payout, "payout_cancel", "payout.canceled")


def _under_way(desk: Desk, payout_id: str, states: tuple[str, ...]) -> Body:
    payout = desk.find("payout", payout_id)
    if payout["status"] not in states:
        raise ApiFault(400, f"This payout is {payout['status']}.", code="payout_unexpected_state")
    return payout


def _come_back(desk: Desk, payout: Body, kind: str, news: str) -> Body:
    movement = movements.move(
        desk,
        kind=kind,
        category="payout_reversal",
        amount=payout["amount"],
        currency=payout["currency"],
        source=payout["id"],
    )
    payout["failure_balance_transaction"] = movement["id"]
    desk.shelf.save(payout, due=None)
    desk.tell(news, payout)
    return payout


# --- the way in -------------------------------------------------------------------------------


def top_up(desk: Desk, wish: Mapping[str, Any]) -> Body:
    """Bring money from our bank into the balance.

    Raises
    ------
    ApiFault
        400 for what the stand-in does not offer, or an amount that is none.
    """
    for name in wish:
        if name not in _OFFERED_TOPUP:
            raise not_offered(name)
    amount, currency = wish["amount"], str(wish["currency"]).lower()
    movements.check_amount(amount, currency, "amount")
    topup = desk.make(
        "topup",
        amount=amount,
        currency=currency,
        description=wish.get("description"),
        expected_availability_date=desk.at,
        metadata=dict(wish.get("metadata") or {}),
        statement_descriptor=wish.get("statement_descriptor"),
        status="pending",
    )
    desk.tell("topup.created", topup)
    movement = movements.move(
        desk,
        kind="topup",
        category="topup",
        amount=amount,
        currency=currency,
        source=topup["id"],
        description=wish.get("description"),
    )
    topup.update(status="succeeded", balance_transaction=movement["id"])
    desk.shelf.save(topup)
    desk.tell("topup.succeeded", topup)
    return topup


def reverse_topup(desk: Desk, topup_id: str) -> Body:
    """Let our bank take a top-up back.

    Raises
    ------
    ApiFault
        404; 400 when it was reversed already.
    """
    topup = desk.find("topup", topup_id)
    if topup["status"] != "succeeded":
        raise ApiFault(400, f"This top-up is {topup['status']}.", code="topup_unexpected_state")
    movements.move(
        desk,
        kind="topup_reversal",
        category="topup_reversal",
        amount=-topup["amount"],
        currency=topup["currency"],
        source=topup["id"],
    )
    topup["status"] = "reversed"
    desk.shelf.save(topup)
    desk.tell("topup.reversed", topup)
    return topup


# --- by themselves ----------------------------------------------------------------------------


def pay_out_daily(desk: Desk) -> None:
    """Pay out what is available, in every currency, as an automatic schedule does at midnight."""
    for currency in movements.MINIMUM:
        found = movements.unpaid(desk, currency, only_available=True)
        if sum(item["net"] for item in found) > 0:
            pay_out(desk, currency, only_available=True, arrives=False)


def fall_due(desk: Desk, payout: Body) -> None:
    """Let a payout in transit arrive on its day."""
    arrive(desk, payout["id"])
