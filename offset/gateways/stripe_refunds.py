"""How does money go back through Stripe, asked for once however often we ask?"""

from typing import Final

import stripe

from offset.gateways.stripe_client import to_stripe, understood
from offset.gateways.stripe_facts import OURS, PAGE, read_refund
from offset.giving.ports import RefundFacts, RefundRequest

_MOVEMENTS: Final = ("balance_transaction", "failure_balance_transaction")


class StripeRefunds:
    """The refunds of one Stripe account, behind the port ``RefundGateway``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def refund(self, request: RefundRequest) -> RefundFacts:
        """Give a charge back, whole or in part; the key is our row, never the amount.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        InvalidInput
            ``processor_refused``.
        Conflict
            ``processor_key_reused``.
        """
        with understood():
            made = self._client.v1.refunds.create(
                {
                    "charge": request.charge_id,
                    "amount": to_stripe(request.amount),
                    "reason": "requested_by_customer",
                    "metadata": {OURS: request.refund_id},
                    "expand": list(_MOVEMENTS),
                },
                {"idempotency_key": f"refund-{request.refund_id}"},
            )
        return read_refund(made.to_dict())

    def find(self, request: RefundRequest) -> RefundFacts | None:
        """Find a refund of ours by the id in its metadata; Stripe forgets keys after a day.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        with understood():
            listed = self._client.v1.refunds.list(
                {
                    "charge": request.charge_id,
                    "limit": PAGE,
                    "expand": [f"data.{name}" for name in _MOVEMENTS],
                }
            )
            found = [read_refund(one.to_dict()) for one in listed.auto_paging_iter()]
        return next((one for one in found if one.ours == request.refund_id), None)
