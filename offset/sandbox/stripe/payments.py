"""What happens when a donor pays: by card at once, by SEPA debit days later?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from offset.sandbox.stripe import movements
from offset.sandbox.stripe.desk import Desk
from offset.sandbox.stripe.objects import Body, part
from offset.sandbox.stripe.store import Selection

# Stripe's published test cards and test IBANs (docs.stripe.com/testing).
PAYING_CARDS: Final = frozenset({"4242424242424242", "5555555555554444"})
LASTING_AUTHENTICATION: Final = frozenset({"4000002500003155", "4000000000003220"})
REPEATED_AUTHENTICATION: Final = frozenset({"4000002760003184"})
AUTHENTICATED_CARDS: Final = LASTING_AUTHENTICATION | REPEATED_AUTHENTICATION
DECLINES: Final[Mapping[str, tuple[str, str]]] = {
    "4000000000009995": ("insufficient_funds", "Your card has insufficient funds."),
    "4000000000000069": ("expired_card", "Your card has expired."),
}
SENTENCES: Final[Mapping[str, str]] = {
    **dict(DECLINES.values()),
    "generic_decline": "Your card was declined.",
    "authentication_required": "Your bank asks you to confirm this payment.",
}
_PLAIN_DECLINE: Final = ("generic_decline", SENTENCES["generic_decline"])
FAILING_IBANS: Final = frozenset({"DE62370400440532013001"})
DISPUTED_IBANS: Final = frozenset({"DE35370400440532013002"})
RETURNED_IBANS: Final = frozenset({"DE08370400440532013003"})  # Stripe only lets it arrive later
_BRANDS: Final = {"4": "visa", "5": "mastercard"}
_FAR: Final = (12, 2034)
_DAY: Final = 86_400
SEPA_DAYS: Final = 6
RETURN_DAYS: Final = 12


def start(
    desk: Desk,
    *,
    amount: int,
    currency: str,
    notes: Mapping[str, Any],
    customer: str | None = None,
    **private: Any,
) -> Body:
    """Create a PaymentIntent for a Checkout Session or an invoice."""
    intent = desk.make(
        "payment_intent",
        private,
        amount=amount,
        currency=currency,
        customer=customer,
        presentment_details=movements.presented(desk, amount, currency),
        status="requires_payment_method",
        capture_method="automatic_async",
        confirmation_method="automatic",
        payment_method_types=["card", *(["sepa_debit"] if currency == "eur" else [])],
        metadata=dict(notes.get("metadata") or {}),
        description=notes.get("description"),
        receipt_email=notes.get("receipt_email"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_stand_in"
    desk.shelf.save(intent)
    desk.tell("payment_intent.created", intent)
    return intent


def _method(
    desk: Desk, kind: str, billing: Mapping[str, Any], private: Mapping[str, Any], **details: Any
) -> Body:
    return desk.make(
        "payment_method",
        private,
        type=kind,
        billing_details=part("payment_method", "billing_details", **billing),
        **{kind: part("payment_method", kind, **details)},
    )


def card_method(
    desk: Desk,
    number: str,
    billing: Mapping[str, Any],
    expiry: tuple[int, int] = _FAR,
) -> Body:
    """Create a card; only its last four digits and how it behaves later are kept."""
    month, year = expiry
    return _method(
        desk,
        "card",
        billing,
        {"declines": _later(number)},
        brand=_BRANDS.get(number[:1], "unknown"),
        country="FR",
        exp_month=month,
        exp_year=year,
        fingerprint=f"card-{number[-4:]}",
        funding="credit",
        last4=number[-4:],
    )


def _later(number: str) -> str | None:
    """Return the code with which a card refuses when its holder is not there."""
    if number in PAYING_CARDS | LASTING_AUTHENTICATION:
        return None
    if number in REPEATED_AUTHENTICATION:
        return "authentication_required"
    return DECLINES.get(number, _PLAIN_DECLINE)[0]


def sepa_method(desk: Desk, iban: str, billing: Mapping[str, Any]) -> Body:
    """Create a bank account for SEPA debits; of its number the last four digits are kept."""
    fates = {"fails": FAILING_IBANS, "disputed": DISPUTED_IBANS, "returned": RETURNED_IBANS}
    return _method(
        desk,
        "sepa_debit",
        billing,
        {"fate": next((fate for fate, ibans in fates.items() if iban in ibans), None)},
        bank_code=iban[4:12],
        branch_code="",
        country=iban[:2],
        fingerprint=f"account-{iban[-4:]}",
        last4=iban[-4:],
    )


def mandate(desk: Desk, payment: Body, *, amount: int | None, currency: str) -> Body:
    """Create the donor's permission to debit: for one amount, or (None) again and again."""
    once = amount is not None
    made = desk.make(
        "mandate",
        payment_method=payment["id"],
        status="active",
        type="single_use" if once else "multi_use",
        single_use=part("mandate", "single_use", amount=amount, currency=currency)
        if once
        else None,
        multi_use=None if once else part("mandate", "multi_use"),
        customer_acceptance=part(
            "mandate",
            "customer_acceptance",
            accepted_at=desk.at,
            type="online",
            online=part("mandate", "customer_acceptance", "online"),
        ),
    )
    made["payment_method_details"] = part(
        "mandate",
        "payment_method_details",
        type="sepa_debit",
        sepa_debit=part(
            "mandate",
            "payment_method_details",
            "sepa_debit",
            reference=made["id"][-16:].upper(),
            url=f"https://stand-in.invalid/mandates/{made['id']}",
        ),
    )
    desk.shelf.save(made)
    desk.shelf.save(payment, mandate=made["id"])
    return made


def refusal(desk: Desk, payment: Body) -> str | None:
    """Say with which code a card refuses now, its holder not being there; None when it pays."""
    if desk.spend("renewal_declined"):
        return "generic_decline"
    today = datetime.fromtimestamp(desk.at, UTC)
    card = payment["card"]
    if (card["exp_year"], card["exp_month"]) < (today.year, today.month):
        return "expired_card"
    found: str | None = desk.shelf.private(payment["id"]).get("declines")
    return found


def decline_later(desk: Desk, intent: Body, payment: Body, code: str) -> None:
    """Let a card be refused when its holder is not there."""
    charge = _charge(desk, intent, payment, status="failed")
    _fail(desk, intent, payment, charge, code=code, sentence=SENTENCES[code])


def decline(desk: Desk, intent: Body, payment: Body, number: str) -> str:
    """Let a card be refused and return the sentence the donor reads."""
    code, sentence = DECLINES.get(number, _PLAIN_DECLINE)
    _fail(
        desk,
        intent,
        payment,
        _charge(desk, intent, payment, status="failed"),
        code=code,
        sentence=sentence,
    )
    return sentence


def refuse_authentication(desk: Desk, intent: Body) -> None:
    """Note that the donor's bank did not recognise the donor; no charge was tried."""
    payment = desk.find("payment_method", intent["payment_method"])
    _last_error(
        intent,
        payment,
        code="payment_intent_authentication_failure",
        message="We could not authenticate your payment method.",
    )
    desk.shelf.save(intent)
    desk.tell("payment_intent.payment_failed", intent)


def require_authentication(desk: Desk, intent: Body, payment: Body) -> None:
    """Send the donor to the bank's 3-D Secure page."""
    intent.update(
        status="requires_action",
        payment_method=payment["id"],
        next_action=part("payment_intent", "next_action", type="use_stripe_sdk"),
    )
    intent["next_action"]["use_stripe_sdk"] = {}
    desk.shelf.save(intent)
    desk.tell("payment_intent.requires_action", intent)


def succeed(desk: Desk, intent: Body, payment: Body) -> Body:
    """Take the money: charge, balance transaction, news."""
    charge = _charge(desk, intent, payment, status="succeeded")
    return _received(desk, intent, payment, charge, movements.card_fee)


def process(desk: Desk, intent: Body, payment: Body) -> Body:
    """Start a SEPA debit: nothing is received yet."""
    charge = _charge(desk, intent, payment, status="pending")
    _announce_debit(desk, charge, payment)
    intent.update(
        status="processing",
        last_payment_error=None,
        latest_charge=charge["id"],
        payment_method=payment["id"],
    )
    desk.shelf.save(intent)
    desk.tell("payment_intent.processing", intent)
    desk.tell("charge.pending", charge)
    return charge


def _announce_debit(desk: Desk, charge: Body, payment: Body) -> None:
    """Note mandate and day of a debit: what a donor must be told before it."""
    clears = desk.at + int(desk.shelf.setting("sepa_days", default=SEPA_DAYS)) * _DAY
    day = datetime.fromtimestamp(clears, UTC).strftime("%Y-%m-%d")
    charge["payment_method_details"]["sepa_debit"].update(
        expected_debit_date=day, mandate=desk.shelf.private(payment["id"]).get("mandate")
    )
    desk.shelf.save(charge, due=clears)


def clear(desk: Desk, intent: Body) -> Body:
    """Let a SEPA debit arrive."""
    charge = desk.find("charge", intent["latest_charge"])
    payment = desk.find("payment_method", charge["payment_method"])
    charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
    returned = desk.shelf.private(payment["id"]).get("fate") == "returned"
    days = int(desk.shelf.setting("return_days", default=RETURN_DAYS))
    desk.shelf.save(charge, due=desk.at + days * _DAY if returned else None)
    return _received(desk, intent, payment, charge, movements.sepa_fee)


def fail(desk: Desk, intent: Body, code: str = "insufficient_funds") -> Body:
    """Let a SEPA debit fail."""
    charge = desk.find("charge", intent["latest_charge"])
    payment = desk.find("payment_method", charge["payment_method"])
    charge.update(status="failed", paid=False)
    desk.shelf.save(charge, due=None)
    sentence = "The customer's bank refused the debit."
    _fail(desk, intent, payment, charge, code=code, sentence=sentence)
    return charge


def settle_late(desk: Desk) -> list[str]:
    """Write the balance transactions that the panel had held back; tell ``charge.updated``."""
    waiting = Selection(kind="charge", equal={"json_extract(private, '$.owes_movement')": 1})
    done = []
    for charge in desk.shelf.every(waiting):
        before = dict(charge)
        fee = movements.card_fee if _kind(charge) == "card" else movements.sepa_fee
        _book(desk, charge, fee)
        desk.shelf.save(charge, owes_movement=None)
        desk.tell("charge.updated", charge, before=before)
        done.append(charge["id"])
    return done


def _kind(charge: Body) -> str:
    return str(charge["payment_method_details"]["type"])


def _charge(desk: Desk, intent: Body, payment: Body, *, status: str) -> Body:
    kind = payment["type"]
    details = part("charge", "payment_method_details", type=kind)
    shared = {
        name: value
        for name, value in payment[kind].items()
        if name in part("charge", "payment_method_details", kind)
    }
    details[kind] = part("charge", "payment_method_details", kind, **shared)
    paid = status == "succeeded"
    return desk.make(
        "charge",
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        billing_details=dict(payment["billing_details"]),
        calculated_statement_descriptor="STAND-IN",
        captured=paid,
        metadata=dict(intent["metadata"]),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=payment["id"],
        payment_method_details=details,
        presentment_details=intent["presentment_details"],
        receipt_email=intent["receipt_email"],
        status=status,
    )


def _received(desk: Desk, intent: Body, payment: Body, charge: Body, fee: Any) -> Body:
    late = desk.spend("late_movement")
    if not late:
        _book(desk, charge, fee)
    desk.shelf.save(charge, owes_movement=1 if late else None)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=payment["id"],
        last_payment_error=None,
        next_action=None,
    )
    desk.shelf.save(intent)
    desk.tell("charge.succeeded", charge)
    desk.tell("payment_intent.succeeded", intent)
    return charge


def _book(desk: Desk, charge: Body, fee: Any) -> None:
    currency, rate = movements.settlement(desk, charge["currency"])
    amount = movements.converted(charge["amount"], rate, charge["currency"], currency)
    movement = movements.move(
        desk,
        kind="charge" if _kind(charge) == "card" else "payment",
        category="charge",
        amount=amount,
        currency=currency,
        rate=rate,
        fee=fee(amount),
        source=charge["id"],
    )
    charge["balance_transaction"] = movement["id"]


def _fail(
    desk: Desk, intent: Body, payment: Body, charge: Body, *, code: str, sentence: str
) -> None:
    charge.update(failure_code=code, failure_message=sentence)
    desk.shelf.save(charge)
    intent["latest_charge"] = charge["id"]
    _last_error(intent, payment, code="card_declined", message=sentence, decline_code=code)
    desk.shelf.save(intent)
    desk.tell("charge.failed", charge)
    desk.tell("payment_intent.payment_failed", intent)


def _last_error(intent: Body, payment: Body, **told: Any) -> None:
    kind = "card_error" if payment["type"] == "card" else "invalid_request_error"
    if kind != "card_error":
        told["code"] = "payment_intent_payment_attempt_failed"
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error={"type": kind, "payment_method": payment, **told},
    )
