"""How does a donor get to Stripe's payment page, and what does Stripe say about it now?

The redirect keeps card data away from us altogether: the page is Stripe's own.
"""

import stripe
from stripe.params.checkout import SessionCreateParams

from offset.errors import TryLater
from offset.gateways.stripe_client import Body, from_stripe, id_of, instant, to_stripe, understood
from offset.giving.ports import CheckoutOpened, CheckoutRequest, CheckoutState


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
            return read_session(self._client.v1.checkout.sessions.retrieve(session_id).to_dict())


def session_parameters(request: CheckoutRequest) -> SessionCreateParams:
    """Write what Stripe shall ask of the donor."""
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
        "payment_intent_data": {"metadata": {"donation": request.donation_id}},
        "locale": request.language,
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
    if request.email:
        parameters["customer_email"] = request.email
    return parameters


def read_session(session: Body) -> CheckoutState:
    """Translate a Checkout Session."""
    donor = session.get("customer_details") or {}
    return CheckoutState(
        session_id=session["id"],
        donation_id=session.get("client_reference_id"),
        status=session["status"],
        payment_status=session["payment_status"],
        payment_intent_id=id_of(session.get("payment_intent")),
        amount=from_stripe(session["amount_total"], session["currency"]),
        email=donor.get("email") or session.get("customer_email"),
        name=donor.get("name"),
    )
