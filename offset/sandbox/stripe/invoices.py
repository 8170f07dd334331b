"""How is one period of a monthly gift billed, paid, refused, tried again and given up?

Stripe keeps a renewal's invoice as a draft for about an hour; the stand-in finalises it at once.
"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe import customers, movements, payments, subscriptions
from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, blank, part
from offset.sandbox.stripe.store import Selection

_DAY: Final = 86_400
RETRY_DAYS: Final = (3, 5, 7)
_TEXTS: Final = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
}
_PAUSED: Final = {"keep_as_draft": "draft", "void": "void", "mark_uncollectible": "uncollectible"}
BILLING_FEE: Final = 70  # of 10,000: what Billing takes of each paid invoice


# --- the bill ---------------------------------------------------------------------------------


def bill(desk: Desk, subscription: Body, reason: str, intent: Body | None = None) -> Body:
    """Write and finalise the invoice of the present period, with its open payment."""
    invoice = _draft(desk, subscription, reason)
    desk.tell("invoice.created", invoice)
    subscription["latest_invoice"] = invoice["id"]
    desk.shelf.save(subscription)
    if subscription["pause_collection"]:
        return _shelve(desk, invoice, subscription["pause_collection"]["behavior"])
    _finalise(desk, invoice)
    if intent is None:
        intent = payments.start(
            desk,
            amount=invoice["total"],
            currency=invoice["currency"],
            customer=invoice["customer"],
            notes={"description": _TEXTS[reason]},
        )
    desk.shelf.save(intent, invoice=invoice["id"])
    desk.make(
        "invoice_payment",
        amount_requested=invoice["total"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment=part(
            "invoice_payment", "payment", type="payment_intent", payment_intent=intent["id"]
        ),
        status="open",
        status_transitions=part("invoice_payment", "status_transitions"),
    )
    return invoice


def _draft(desk: Desk, subscription: Body, reason: str) -> Body:
    customer = desk.find("customer", subscription["customer"])
    amount = subscriptions.amount_of(subscription)
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    desk.shelf.save(customer)
    invoice = desk.make(
        "invoice",
        {"subscription": subscription["id"]},
        account_country="FR",
        account_name="Stand-in",
        amount_due=amount,
        amount_remaining=amount,
        auto_advance=True,
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=subscription["currency"],
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_tax_exempt="none",
        effective_at=desk.at,
        metadata={},
        parent=part(
            "invoice",
            "parent",
            type="subscription_details",
            subscription_details=part(
                "invoice",
                "parent",
                "subscription_details",
                metadata=dict(subscription["metadata"]),
                subscription=subscription["id"],
            ),
        ),
        number=f"{customer['invoice_prefix']}-{number:04}",
        period_end=desk.at,
        period_start=desk.at,
        status="draft",
        subtotal=amount,
        subtotal_excluding_tax=amount,
        total=amount,
        total_excluding_tax=amount,
    )
    invoice["lines"] = {
        "object": "list",
        "data": [_line(desk, invoice, subscription)],
        "has_more": False,
        "url": f"/v1/invoices/{invoice['id']}/lines",
    }
    desk.shelf.save(invoice)
    return invoice


def _line(desk: Desk, invoice: Body, subscription: Body) -> Body:
    item = subscriptions.item_of(subscription)
    price = item["price"]
    name = desk.find("product", price["product"])["name"]
    return blank(
        "line_item",
        id=desk.new_id("line_item"),
        amount=invoice["total"],
        currency=invoice["currency"],
        description=f"{item['quantity']} × {name}",
        discountable=True,
        invoice=invoice["id"],
        metadata=dict(subscription["metadata"]),
        parent=part(
            "line_item",
            "parent",
            type="subscription_item_details",
            subscription_item_details=part(
                "line_item",
                "parent",
                "subscription_item_details",
                subscription=subscription["id"],
                subscription_item=item["id"],
            ),
        ),
        period={"start": item["current_period_start"], "end": item["current_period_end"]},
        pricing=part(
            "line_item",
            "pricing",
            price_details=part(
                "line_item",
                "pricing",
                "price_details",
                price=price["id"],
                product=price["product"],
            ),
            unit_amount_decimal=price["unit_amount_decimal"],
        ),
        quantity=item["quantity"],
        subtotal=invoice["total"],
    )


def _finalise(desk: Desk, invoice: Body) -> None:
    invoice.update(status="open")
    invoice["status_transitions"]["finalized_at"] = desk.at
    desk.shelf.save(invoice)
    desk.tell("invoice.finalized", invoice)


def _shelve(desk: Desk, invoice: Body, behaviour: str) -> Body:
    """Collect nothing while a subscription is paused."""
    status = _PAUSED[behaviour]
    invoice.update(auto_advance=False)
    if status == "draft":
        desk.shelf.save(invoice)
        return invoice
    _finalise(desk, invoice)
    return void(desk, invoice) if status == "void" else _give_up(desk, invoice)


def void(desk: Desk, invoice: Body) -> Body:
    """Declare that an invoice asks nothing any more.

    Raises
    ------
    ApiFault
        400 when it is paid or void.
    """
    if invoice["status"] not in ("open", "uncollectible"):
        raise ApiFault(400, f"You can only void open invoices; this one is {invoice['status']}.")
    invoice.update(status="void", next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = desk.at
    desk.shelf.save(invoice, due=None)
    desk.tell("invoice.voided", invoice)
    return invoice


def _give_up(desk: Desk, invoice: Body) -> Body:
    invoice.update(status="uncollectible")
    invoice["status_transitions"]["marked_uncollectible_at"] = desk.at
    desk.shelf.save(invoice, due=None)
    desk.tell("invoice.marked_uncollectible", invoice)
    return invoice


# --- its payment ------------------------------------------------------------------------------


def payments_of(desk: Desk, invoice: Body) -> list[Body]:
    """Return the payments of an invoice."""
    return desk.shelf.every(
        Selection(kind="invoice_payment", equal={"json_extract(body, '$.invoice')": invoice["id"]})
    )


def intent_of(desk: Desk, invoice: Body) -> Body:
    """Return the PaymentIntent of an invoice.

    Raises
    ------
    ApiFault
        400 when it has none.
    """
    found = payments_of(desk, invoice)
    if not found:
        raise ApiFault(400, "This invoice asks for no payment.", code="invoice_not_payable")
    return desk.find("payment_intent", found[-1]["payment"]["payment_intent"])


def subscription_of(desk: Desk, invoice: Body) -> Body:
    """Return the subscription that an invoice bills."""
    return desk.find("subscription", invoice["parent"]["subscription_details"]["subscription"])


def collect(desk: Desk, invoice: Body) -> bool:
    """Try to take an open invoice from the donor's card or account, the donor not being there."""
    subscription = subscription_of(desk, invoice)
    payment = desk.find("payment_method", subscription["default_payment_method"])
    intent = intent_of(desk, invoice)
    tried(desk, invoice)
    if payment["type"] == "sepa_debit":
        payments.process(desk, intent, payment)
        return False
    code = payments.refusal(desk, payment)
    if code is not None:
        payments.decline_later(desk, intent, payment, code)
        refused(desk, invoice, code)
        return False
    payments.succeed(desk, intent, payment)
    paid(desk, invoice)
    return True


def tried(desk: Desk, invoice: Body) -> None:
    """Count a try to take an invoice."""
    invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
    desk.shelf.save(invoice, due=None)


def paid(desk: Desk, invoice: Body) -> None:
    """Write an invoice off as paid, and let its subscription be active again."""
    if invoice["status"] != "open":
        return
    invoice.update(
        status="paid",
        amount_paid=invoice["total"],
        amount_remaining=0,
        auto_advance=False,
        next_payment_attempt=None,
    )
    invoice["status_transitions"]["paid_at"] = desk.at
    desk.shelf.save(invoice, due=None)
    for one in payments_of(desk, invoice)[-1:]:
        one.update(status="paid", amount_paid=invoice["total"])
        one["status_transitions"]["paid_at"] = desk.at
        desk.shelf.save(one)
        desk.tell("invoice_payment.paid", one)
    desk.tell("invoice.paid", invoice)
    desk.tell("invoice.payment_succeeded", invoice)
    _take_fee(desk, invoice)
    subscription = subscription_of(desk, invoice)
    if subscription["status"] not in subscriptions.OVER:
        subscriptions.change(desk, subscription, status="active")


def _take_fee(desk: Desk, invoice: Body) -> None:
    """Take the percentage of Billing: a movement of its own that names no payment."""
    rate = int(desk.shelf.setting("billing_fee", default=BILLING_FEE))
    currency, factor = movements.settlement(desk, invoice["currency"])
    fee = (
        movements.converted(invoice["total"], factor, invoice["currency"], currency) * rate + 5000
    ) // 10_000
    if fee:
        movements.charge_fee(desk, fee, currency, "Billing - Usage Fee")


def refused(desk: Desk, invoice: Body, code: str) -> None:
    """Plan the next try, or end as the account's settings say after the last one."""
    subscription = subscription_of(desk, invoice)
    over = subscription["status"] in subscriptions.OVER
    tries = invoice["attempt_count"]
    ahead = RETRY_DAYS[tries - 1] if tries <= len(RETRY_DAYS) and not over else None
    again = None if ahead is None else desk.at + ahead * _DAY
    invoice.update(next_payment_attempt=again)
    desk.shelf.save(invoice, due=again)
    desk.tell("invoice.payment_failed", invoice)
    if code == "authentication_required":
        desk.tell("invoice.payment_action_required", invoice)
    if again is not None:
        subscriptions.change(desk, subscription, status="past_due")
    if again is not None or over:
        return
    outcome = desk.shelf.setting("after_retries", default="canceled")
    if outcome == "canceled":
        subscriptions.end(desk, subscription, "payment_failed")
    else:
        subscriptions.change(desk, subscription, status=outcome)


def pay(desk: Desk, invoice_id: str, wish: Mapping[str, Any]) -> Body:
    """Try to take an open invoice now, as the API is asked to.

    Raises
    ------
    ApiFault
        404; 400 when it is not open; 402 when the card refuses.
    """
    for name in wish:
        if name not in ("payment_method", "expand"):
            raise not_offered(name)
    invoice = desk.find("invoice", invoice_id)
    if invoice["status"] != "open":
        raise ApiFault(400, f"Invoice is {invoice['status']}.", code="invoice_not_editable")
    if "payment_method" in wish:
        subscription = subscription_of(desk, invoice)
        customers.owned(desk, wish["payment_method"], invoice["customer"])
        subscriptions.change(desk, subscription, default_payment_method=wish["payment_method"])
    if intent_of(desk, invoice)["status"] == "processing":
        raise ApiFault(400, "A payment of this invoice is under way.", code="invoice_not_editable")
    if not collect(desk, invoice):
        error = intent_of(desk, invoice)["last_payment_error"]
        if error is not None:
            desk.kept = ApiFault(
                402,
                error["message"],
                kind="card_error",
                code=error["code"],
                decline_code=error.get("decline_code"),
            )
    return desk.find("invoice", invoice_id)


# --- the renewal ------------------------------------------------------------------------------


def renew(desk: Desk, subscription: Body) -> None:
    """Do what falls due: resume, end, or bill the next period."""
    pause = subscription["pause_collection"]
    if pause and pause["resumes_at"] and pause["resumes_at"] <= desk.at:
        subscriptions.change(desk, subscription, pause_collection=None)
        return
    if subscription["cancel_at_period_end"]:
        subscriptions.end(desk, subscription, "cancellation_requested")
        return
    subscriptions.turn(desk, subscription)
    if subscription["status"] == "unpaid":
        return  # Stripe keeps drafts; nothing is collected
    invoice = bill(desk, subscription, "subscription_cycle")
    if invoice["status"] == "open":
        collect(desk, invoice)


def retry(desk: Desk, invoice: Body) -> None:
    """Try an open invoice once more."""
    if invoice["status"] == "open":
        collect(desk, invoice)
