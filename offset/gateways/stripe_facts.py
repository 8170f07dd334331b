"""What has become of the object a notice speaks of, in the words of giving and treasury?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import stripe

from offset.gateways.stripe_checkout import read_session
from offset.gateways.stripe_client import Body, from_stripe, id_of, instant
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    DisputeFacts,
    Facts,
    PayoutFacts,
    RefundFacts,
)

PAGE: Final = 100
_MOVEMENT: Final = "balance_transaction"


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


def read_charge(charge: Body) -> ChargeFacts:
    """Translate a charge whose balance transaction is expanded."""
    donor = charge["billing_details"]
    return ChargeFacts(
        charge_id=charge["id"],
        payment_intent_id=id_of(charge.get("payment_intent")),
        donation_id=charge["metadata"].get("donation"),
        status=charge["status"],
        presented=from_stripe(charge["amount"], charge["currency"]),
        movement=next(iter(_movements(charge.get(_MOVEMENT))), None),
        method=(charge.get("payment_method_details") or {}).get("type"),
        failure_code=charge.get("failure_code"),
        email=donor.get("email"),
        name=donor.get("name"),
    )


def read_refund(refund: Body) -> RefundFacts:
    """Translate a refund whose balance transactions are expanded."""
    return RefundFacts(
        refund_id=refund["id"],
        charge_id=id_of(refund.get("charge")),
        payment_intent_id=id_of(refund.get("payment_intent")),
        status=refund.get("status") or "pending",
        presented=from_stripe(refund["amount"], refund["currency"]),
        movements=_movements(refund.get(_MOVEMENT), refund.get("failure_balance_transaction")),
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
    )


# --- reading again: one call to the API a notice, a second one for what a payout is made of -----


def _session(client: stripe.StripeClient, subject: Body) -> Facts:
    return read_session(client.v1.checkout.sessions.retrieve(subject["id"]).to_dict())


def _charge(client: stripe.StripeClient, subject: Body) -> Facts:
    found = client.v1.charges.retrieve(subject["id"], {"expand": [_MOVEMENT]})
    return read_charge(found.to_dict())


def _payment(client: stripe.StripeClient, subject: Body) -> Facts | None:
    return latest_charge(client, subject["id"])


def latest_charge(client: stripe.StripeClient, payment_intent_id: str) -> ChargeFacts | None:
    """Read the latest charge of a payment, or None before there is one."""
    found = client.v1.payment_intents.retrieve(
        payment_intent_id, {"expand": ["latest_charge.balance_transaction"]}
    )
    charge = found.to_dict().get("latest_charge")
    return read_charge(charge) if isinstance(charge, Mapping) else None


def _refund(client: stripe.StripeClient, subject: Body) -> Facts:
    found = client.v1.refunds.retrieve(
        subject["id"], {"expand": [_MOVEMENT, "failure_balance_transaction"]}
    )
    return read_refund(found.to_dict())


def _refunded_charge(client: stripe.StripeClient, subject: Body) -> Facts | None:
    """Read the latest refund: each earlier one had its own ``refund.created``."""
    found = client.v1.refunds.list(
        {
            "charge": subject["id"],
            "limit": 1,
            "expand": ["data.balance_transaction", "data.failure_balance_transaction"],
        }
    ).data
    return read_refund(found[0].to_dict()) if found else None


def _dispute(client: stripe.StripeClient, subject: Body) -> Facts:
    return read_dispute(client.v1.disputes.retrieve(subject["id"]).to_dict())


def _payout(client: stripe.StripeClient, subject: Body) -> Facts:
    found = client.v1.payouts.retrieve(subject["id"], {"expand": [_MOVEMENT]})
    return itemised(client, found.to_dict())


def itemised(client: stripe.StripeClient, payout: Body) -> PayoutFacts:
    """List what a payout is made of, once Stripe has said so; manual ones it never says."""
    if not payout["automatic"] or payout["reconciliation_status"] != "completed":
        return read_payout(payout, None)
    listed = client.v1.balance_transactions.list({"payout": payout["id"], "limit": PAGE})
    return read_payout(payout, [item.to_dict() for item in listed.auto_paging_iter()])


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
