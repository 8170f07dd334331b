"""What becomes of a SEPA debit under way: does it arrive, fail, come back or get disputed?"""

from offset.sandbox.stripe import disputes, invoices, payments, refunds
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.objects import Body


def settle(desk: Desk, intent: Body, *, fails: bool | None = None) -> Body:
    """Let a debit arrive or fail, as asked, else as its test IBAN says; return its charge.

    Raises
    ------
    ApiFault
        400 when there is no debit under way.
    """
    fate = _fate(desk, intent)
    if fate == "fails" if fails is None else fails:
        charge = payments.fail(desk, intent)
        _tell_failure(desk, intent)
        refunds.follow_charge(desk, charge)
        return charge
    charge = payments.clear(desk, intent)
    _tell_success(desk, intent)
    refunds.follow_charge(desk, charge)
    if fate == "disputed":
        disputes.dispute(desk, charge["id"], reason="debit_not_authorized")
    return charge


def _fate(desk: Desk, intent: Body) -> str | None:
    if intent["status"] != "processing":
        raise ApiFault(
            400,
            f"This PaymentIntent is {intent['status']}, not processing.",
            code="payment_intent_unexpected_state",
        )
    found: str | None = desk.shelf.private(intent["payment_method"]).get("fate")
    return found


def _tell_success(desk: Desk, intent: Body) -> None:
    invoice, session = _of(desk, intent)
    if invoice is not None:
        invoices.paid(desk, invoice)
    if session is not None:
        session["payment_status"] = "paid"
        desk.shelf.save(session)
        desk.tell("checkout.session.async_payment_succeeded", session)


def _tell_failure(desk: Desk, intent: Body) -> None:
    invoice, session = _of(desk, intent)
    if invoice is not None:
        invoices.refused(desk, invoice, "insufficient_funds")
    if session is not None:
        desk.tell("checkout.session.async_payment_failed", session)


def _of(desk: Desk, intent: Body) -> tuple[Body | None, Body | None]:
    """Return the invoice and the Checkout Session a payment was made for."""
    notes = desk.shelf.private(intent["id"])
    return desk.shelf.get(notes.get("invoice", "")), desk.shelf.get(notes.get("session", ""))


def fall_due(desk: Desk, charge: Body) -> None:
    """Do what a bank does by itself after some days: let a debit arrive, or take it back."""
    desk.shelf.save(charge, due=None)
    if charge["status"] == "pending":
        settle(desk, desk.find("payment_intent", charge["payment_intent"]))
    elif charge["status"] == "succeeded" and not charge["disputed"]:
        refunds.return_debit(desk, charge["id"])
