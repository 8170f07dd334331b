"""What has become of the object a notice speaks of, in the words of giving and treasury?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import stripe

from offset.gateways.stripe_checkout import paid_by, session_state
from offset.gateways.stripe_client import Body, from_stripe, id_of, instant
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    DisputeFacts,
    Facts,
    InvoiceFacts,
    Moved,
    PayoutFacts,
    RefundFacts,
    SubscriptionFacts,
)

PAGE: Final = 100
# Where our own id of a refund stands in Stripe's metadata.
OURS: Final = "refund"
_MOVEMENT: Final = "balance_transaction"
_RETURNED: Final = "failure_balance_transaction"


# --- translations -----------------------------------------------------------------------------


def read_movement(movement: Body, *, payout_id: str | None = None) -> BalanceTransaction:
    """Translate a balance transaction exactly as it states itself."""
    currency, rate = movement["currency"], movement.get("exchange_rate")
    return BalanceTransaction(
        id=movement["id"],
        reporting_category=movement["reporting_category"],
        type=movement["type"],
        amount=from_stripe(movement["amount"], currency),
        fee=from_stripe(movement["fee"], currency),
        net=from_stripe(movement["net"], currency),
        created=instant(movement["created"]),
        available_on=instant(movement["available_on"]),
        source_id=id_of(movement.get("source")),
        exchange_rate=None if rate is None else str(rate),
        payout_id=payout_id,
    )


def _movements(*found: Any) -> tuple[BalanceTransaction, ...]:
    return tuple(read_movement(movement) for movement in found if isinstance(movement, Mapping))


def read_charge(charge: Body, invoice: InvoiceFacts | None = None) -> ChargeFacts:
    """Translate a charge whose balance transaction is expanded."""
    donor = charge["billing_details"]
    details = charge.get("payment_method_details") or {}
    debit = details.get("sepa_debit") or {}
    return ChargeFacts(
        charge_id=charge["id"],
        payment_intent_id=id_of(charge.get("payment_intent")),
        donation_id=charge["metadata"].get("donation"),
        status=charge["status"],
        presented=from_stripe(charge["amount"], charge["currency"]),
        movement=next(iter(_movements(charge.get(_MOVEMENT))), None),
        method=details.get("type"),
        failure_code=charge.get("failure_code"),
        email=donor.get("email"),
        name=donor.get("name"),
        returned=next(iter(_movements(charge.get(_RETURNED))), None),
        invoice=invoice,
        mandate_id=id_of(debit.get("mandate")),
        # Stripe's own page shows the mandate; its edition is that of the API we pin.
        mandate_text=f"stripe {stripe.api_version}" if debit.get("mandate") else None,
        debit_on=_day(debit.get("expected_debit_date")),
    )


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def read_invoice(invoice: Body) -> InvoiceFacts:
    """Translate an invoice whose payments are expanded."""
    parent = (invoice.get("parent") or {}).get("subscription_details") or {}
    tried = invoice.get("next_payment_attempt")
    return InvoiceFacts(
        invoice_id=invoice["id"],
        status=invoice.get("status") or "draft",
        amount=from_stripe(invoice["total"], invoice["currency"]),
        first=invoice.get("billing_reason") == "subscription_create",
        subscription_id=id_of(parent.get("subscription")),
        recurring_id=(parent.get("metadata") or {}).get("recurring"),
        customer_id=id_of(invoice.get("customer")),
        payment_intent_id=paid_by(invoice),
        attempts=invoice["attempt_count"],
        next_attempt=None if tried is None else instant(tried),
        email=invoice.get("customer_email"),
        name=invoice.get("customer_name"),
    )


def read_subscription(subscription: Body) -> SubscriptionFacts:
    """Translate a subscription; what one period costs stands with its one item."""
    item = subscription["items"]["data"][0]
    over, ends = subscription.get("ended_at"), subscription.get("cancel_at")
    reason = (subscription.get("cancellation_details") or {}).get("reason")
    last = subscription.get("latest_invoice")
    waits = isinstance(last, Mapping) and last.get("status") == "open"
    return SubscriptionFacts(
        subscription_id=subscription["id"],
        recurring_id=subscription["metadata"].get("recurring"),
        customer_id=id_of(subscription.get("customer")),
        status=subscription["status"],
        paused=subscription.get("pause_collection") is not None,
        amount=from_stripe(
            (item["price"].get("unit_amount") or 0) * (item.get("quantity") or 1),
            subscription["currency"],
        ),
        started=instant(subscription["start_date"]),
        next_at=None if over is not None else instant(item["current_period_end"]),
        ends_at=None if ends is None else instant(ends),
        ended=None if over is None else instant(over),
        end_reason=reason,
        unpaid_invoice_id=id_of(last) if waits else None,
    )


def read_refund(refund: Body) -> RefundFacts:
    """Translate a refund whose balance transactions are expanded."""
    return RefundFacts(
        refund_id=refund["id"],
        charge_id=id_of(refund.get("charge")),
        payment_intent_id=id_of(refund.get("payment_intent")),
        status=refund.get("status") or "pending",
        presented=from_stripe(refund["amount"], refund["currency"]),
        movements=_movements(refund.get(_MOVEMENT), refund.get(_RETURNED)),
        ours=(refund.get("metadata") or {}).get(OURS),
        pending_reason=refund.get("pending_reason"),
        failure_reason=refund.get("failure_reason"),
    )


def read_dispute(dispute: Body) -> DisputeFacts:
    """Translate a dispute; it carries its balance transactions itself."""
    due = dispute["evidence_details"].get("due_by")
    return DisputeFacts(
        dispute_id=dispute["id"],
        charge_id=id_of(dispute["charge"]) or "",
        payment_intent_id=id_of(dispute.get("payment_intent")),
        status=dispute["status"],
        presented=from_stripe(dispute["amount"], dispute["currency"]),
        movements=_movements(*dispute["balance_transactions"]),
        evidence_due=None if due is None else instant(due),
    )


def read_payout(payout: Body, items: Sequence[Body] | None) -> PayoutFacts:
    """Translate a payout; ``items`` is None as long as Stripe has not itemised it."""
    own = next(iter(_movements(payout.get(_MOVEMENT))), None)
    trace = payout.get("trace_id") or {}
    return PayoutFacts(
        payout_id=payout["id"],
        status=payout["status"],
        amount=from_stripe(payout["amount"], payout["currency"]),
        created=instant(payout["created"]),
        arrival=instant(payout["arrival_date"]),
        itemised=items is not None,
        descriptor=payout.get("statement_descriptor"),
        trace_id=trace.get("value"),
        movement=own,
        items=tuple(
            read_movement(item, payout_id=payout["id"])
            for item in items or ()
            if own is None or item["id"] != own.id
        ),
        returned=next(iter(_movements(payout.get(_RETURNED))), None),
    )


# --- reading again: one call to the API a notice, a second one for what a payout is made of -----


def _session(client: stripe.StripeClient, subject: Body) -> Facts:
    return session_state(client, subject["id"])


def _charge(client: stripe.StripeClient, subject: Body) -> Facts:
    found = client.v1.charges.retrieve(subject["id"], {"expand": [_MOVEMENT, _RETURNED]})
    charge = found.to_dict()
    return _known(client, read_charge(charge, _month_paid(client, charge)))


def _payment(client: stripe.StripeClient, subject: Body) -> Facts | None:
    return latest_charge(client, subject["id"])


def latest_charge(client: stripe.StripeClient, payment_intent_id: str) -> ChargeFacts | None:
    """Read the latest charge of a payment, or None before there is one."""
    charge = _latest(client, payment_intent_id)
    if charge is None:
        return None
    return _known(client, read_charge(charge, _month_paid(client, charge)))


def _known(client: stripe.StripeClient, facts: ChargeFacts) -> ChargeFacts:
    """Name a debit's mandate as the donor's bank does: by its reference, not by Stripe's id."""
    if facts.mandate_id is None:
        return facts
    mandate = client.v1.mandates.retrieve(facts.mandate_id).to_dict()
    debit = mandate["payment_method_details"].get("sepa_debit") or {}
    return replace(facts, mandate_id=debit.get("reference") or facts.mandate_id)


def _latest(client: stripe.StripeClient, payment_intent_id: str) -> Body | None:
    found = client.v1.payment_intents.retrieve(
        payment_intent_id,
        {"expand": [f"latest_charge.{_MOVEMENT}", f"latest_charge.{_RETURNED}"]},
    )
    charge = found.to_dict().get("latest_charge")
    return charge if isinstance(charge, Mapping) else None


def _month_paid(client: stripe.StripeClient, charge: Body) -> InvoiceFacts | None:
    """Read the invoice that a charge without a mark of ours pays, or None."""
    intent = id_of(charge.get("payment_intent"))
    if intent is None or charge["metadata"].get("donation"):
        return None
    listed = client.v1.invoice_payments.list(
        {
            "payment": {"type": "payment_intent", "payment_intent": intent},
            "limit": 1,
            "expand": ["data.invoice"],
        }
    ).data
    invoice = listed[0].to_dict()["invoice"] if listed else None
    if not isinstance(invoice, Mapping):
        return None
    return replace(read_invoice(invoice), payment_intent_id=intent)


def _invoice(client: stripe.StripeClient, subject: Body) -> Facts:
    """Read a month of a monthly gift with the charge that pays it, once there is one."""
    found = client.v1.invoices.retrieve(subject["id"], {"expand": ["payments"]})
    month = read_invoice(found.to_dict())
    intent = month.payment_intent_id
    charge = None if intent is None else _latest(client, intent)
    return month if charge is None else _known(client, read_charge(charge, month))


def _subscription(client: stripe.StripeClient, subject: Body) -> Facts:
    return read_subscription(client.v1.subscriptions.retrieve(subject["id"]).to_dict())


def _refund(client: stripe.StripeClient, subject: Body) -> Facts:
    found = client.v1.refunds.retrieve(subject["id"], {"expand": [_MOVEMENT, _RETURNED]})
    return read_refund(found.to_dict())


def _refunded_charge(client: stripe.StripeClient, subject: Body) -> Facts | None:
    """Read the latest refund: each earlier one had its own ``refund.created``."""
    found = client.v1.refunds.list(
        {
            "charge": subject["id"],
            "limit": 1,
            "expand": [f"data.{_MOVEMENT}", f"data.{_RETURNED}"],
        }
    ).data
    return read_refund(found[0].to_dict()) if found else None


def _dispute(client: stripe.StripeClient, subject: Body) -> Facts:
    return read_dispute(client.v1.disputes.retrieve(subject["id"]).to_dict())


def _payout(client: stripe.StripeClient, subject: Body) -> Facts:
    found = client.v1.payouts.retrieve(subject["id"], {"expand": [_MOVEMENT, _RETURNED]})
    return itemised(client, found.to_dict())


def itemised(client: stripe.StripeClient, payout: Body) -> PayoutFacts:
    """List what a payout is made of, once Stripe has said so; manual ones it never says."""
    if not payout["automatic"] or payout["reconciliation_status"] != "completed":
        return read_payout(payout, None)
    listed = client.v1.balance_transactions.list({"payout": payout["id"], "limit": PAGE})
    return read_payout(payout, [item.to_dict() for item in listed.auto_paging_iter()])


def moved(movement: Body) -> Moved:
    """Translate a balance transaction whose source is expanded, one read for both.

    Inside its source a movement stands by its id alone: this one is put in its place.
    """
    source = movement.get("source")
    facts = None
    if isinstance(source, Mapping) and source.get("object") in _SOURCES:
        here = dict(source)
        for name in (_MOVEMENT, _RETURNED):
            if here.get(name) == movement["id"]:
                here[name] = {**movement, "source": source["id"]}
        facts = _SOURCES[source["object"]](here)
    return Moved(movement=read_movement(movement), source=facts)


_SOURCES: Final[Mapping[str, Callable[[Body], Facts]]] = {
    "charge": read_charge,
    "refund": read_refund,
    "dispute": read_dispute,
}
# How an object is read again by its id alone; the prefixes are Stripe's.
BY_PREFIX: Final[Mapping[str, Callable[[stripe.StripeClient, Body], Facts | None]]] = {
    "cs_": _session,
    "ch_": _charge,
    "py_": _charge,
    "pi_": _payment,
    "re_": _refund,
    "pyr_": _refund,
    "du_": _dispute,
    "dp_": _dispute,
    "po_": _payout,
    "in_": _invoice,
    "sub_": _subscription,
}


# Each name stands in the package's own list of event types; any other kind has no facts.
READERS: Final[Mapping[str, Callable[[stripe.StripeClient, Body], Facts | None]]] = {
    **dict.fromkeys(
        (
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        ),
        _session,
    ),
    **dict.fromkeys(
        ("charge.pending", "charge.succeeded", "charge.updated", "charge.failed"),
        _charge,
    ),
    **dict.fromkeys(
        ("payment_intent.processing", "payment_intent.succeeded", "payment_intent.payment_failed"),
        _payment,
    ),
    **dict.fromkeys(
        ("invoice.paid", "invoice.payment_failed", "invoice.voided"),
        _invoice,
    ),
    **dict.fromkeys(
        (
            "customer.subscription.created",
            "customer.subscription.updated",
            "customer.subscription.paused",
            "customer.subscription.resumed",
            "customer.subscription.deleted",
        ),
        _subscription,
    ),
    **dict.fromkeys(
        ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"),
        _refund,
    ),
    "charge.refunded": _refunded_charge,
    **dict.fromkeys(
        (
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
            "charge.dispute.closed",
        ),
        _dispute,
    ),
    **dict.fromkeys(
        (
            "payout.created",
            "payout.updated",
            "payout.paid",
            "payout.failed",
            "payout.canceled",
            "payout.reconciliation_completed",
        ),
        _payout,
    ),
}
