"""How much does Stripe say it holds for us, currency by currency?"""

from collections.abc import Iterable, Mapping

import stripe

from offset.gateways.stripe_client import from_stripe, understood
from offset.giving.ports import AccountBalance
from offset.money import Money


class StripeBalance:
    """The balance of one Stripe account, behind the port ``BalanceReader``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def balances(self) -> Mapping[str, AccountBalance]:
        """Read what is available and what is pending.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        with understood():
            told = self._client.v1.balance.retrieve()
        available = _sums((one.amount, one.currency) for one in told.available)
        pending = _sums((one.amount, one.currency) for one in told.pending)
        return {
            code: AccountBalance(
                available=available.get(code, Money(0, code)),
                pending=pending.get(code, Money(0, code)),
            )
            for code in sorted({*available, *pending})
        }


def _sums(rows: Iterable[tuple[int, str]]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for amount, currency in rows:
        told = from_stripe(amount, currency)
        found[told.currency] = found.get(told.currency, Money(0, told.currency)) + told
    return found
