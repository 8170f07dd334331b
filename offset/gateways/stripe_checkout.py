"""How does a donor get to Stripe's payment page, and what does Stripe say about it now?

The redirect keeps card data away from us altogether: the page is Stripe's own.
"""

from collections.abc import Mapping
from typing import Final

import stripe
from stripe.params import billing_portal
from stripe.params.checkout import SessionCreateParams

from offset.errors import TryLater
from offset.gateways.stripe_client import Body, from_stripe, id_of, instant, to_stripe, understood
from offset.giving.ports import CheckoutOpened, CheckoutRequest, CheckoutState

# An invoice names its payments only when it is asked.
_EXPANDED: Final = ("invoice.payments",)


class StripeCheckout:
    """The payment pages of one Stripe account, behind the port ``CheckoutGateway``.

    Which ways to pay are offered is decided in Stripe's dashboard, never here.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def open(self, request: CheckoutRequest) -> CheckoutOpened:
        """Open a payment page for one donation.

        Raises
        ------
        TryLater
            ``processor_unreachable``: nothing was charged.
        InvalidInput
            ``processor_refused``.
        Conflict
            ``processor_key_reused``: this attempt was made with other values.
        """
        key = f"donation-{request.donation_id}-checkout-{request.attempt}"
        with understood():
            session = self._client.v1.checkout.sessions.create(
                session_parameters(request), {"idempotency_key": key}
            )
        if session.url is None:
            raise TryLater("processor_unreachable", reason="no address")
        return CheckoutOpened(
            session_id=session.id, url=session.url, expires_at=instant(session.expires_at)
        )

    def state(self, session_id: str) -> CheckoutState:
        """Read the present state of a payment page.

        Raises
        ------
        NotFound
            ``processor_object_unknown``.
        TryLater
            ``processor_unreachable``.
        """
        with understood():
            return session_state(self._client, session_id)

    def manage(self, customer_id: str, *, return_url: str, language: str) -> str:
        """Open Stripe's customer portal and return its address.

        Raises
        ------
        NotFound
            ``processor_object_unknown``.
        TryLater
            ``processor_unreachable``.
        """
        wish: billing_portal.SessionCreateParams = {
            "customer": customer_id,
            "return_url": return_url,
            "locale": language,
        }
        with understood():
            return str(self._client.v1.billing_portal.sessions.create(wish).url)


def session_parameters(request: CheckoutRequest) -> SessionCreateParams:
    """Write what Stripe shall ask of the donor, once or every month."""
    marks = {"donation": request.donation_id}
    parameters: SessionCreateParams = {
        "mode": "payment",
        "submit_type": "donate",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": to_stripe(request.amount),
                    "product_data": {"name": request.title},
                },
            }
        ],
        "client_reference_id": request.donation_id,
        "metadata": marks,
        "locale": request.language,
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
    if request.recurring_id is None:
        parameters["payment_intent_data"] = {"metadata": marks}
    else:
        # Stripe copies the marks of a subscription onto each of its invoices.
        marks |= {"recurring": request.recurring_id}
        del parameters["submit_type"]
        parameters["mode"] = "subscription"
        parameters["line_items"][0]["price_data"]["recurring"] = {"interval": "month"}
        parameters["subscription_data"] = {"metadata": {"recurring": request.recurring_id}}
    if request.email:
        parameters["customer_email"] = request.email
    return parameters


def session_state(client: stripe.StripeClient, session_id: str) -> CheckoutState:
    """Read a Checkout Session with the payment behind it."""
    found = client.v1.checkout.sessions.retrieve(session_id, {"expand": list(_EXPANDED)})
    return read_session(found.to_dict())


def read_session(session: Body) -> CheckoutState:
    """Translate a Checkout Session; a monthly one pays through its first invoice."""
    donor = session.get("customer_details") or {}
    invoice = session.get("invoice")
    behind = paid_by(invoice) if isinstance(invoice, Mapping) else None
    return CheckoutState(
        session_id=session["id"],
        donation_id=session.get("client_reference_id"),
        status=session["status"],
        payment_status=session["payment_status"],
        payment_intent_id=id_of(session.get("payment_intent")) or behind,
        amount=from_stripe(session["amount_total"], session["currency"]),
        email=donor.get("email") or session.get("customer_email"),
        name=donor.get("name"),
        subscription_id=id_of(session.get("subscription")),
        customer_id=id_of(session.get("customer")),
        recurring_id=(session.get("metadata") or {}).get("recurring"),
    )


def paid_by(invoice: Body) -> str | None:
    """Return the payment behind an invoice: the default one, or the only one it has."""
    payments = (invoice.get("payments") or {}).get("data") or ()
    ranked = sorted(payments, key=lambda one: not one.get("is_default"))
    return next((id_of(one["payment"].get("payment_intent")) for one in ranked), None)
