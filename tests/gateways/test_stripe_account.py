"""Does the account answer what the ready list asks, and can our address be registered?"""

from pathlib import Path

import pytest

from offset.errors import InvalidInput
from offset.gateways.stripe_account import WANTED, StripeAccount
from tests.builders.stripe import an_account
from tests.fakes import FrozenClock

HERE = "http://127.0.0.1:8000/webhooks/stripe"


def test_the_account_is_read_and_our_address_registered_once(
    tmp_path: Path, clock: FrozenClock
) -> None:
    with an_account(tmp_path, clock) as stripe:
        gateway = StripeAccount(stripe.client, live=False)
        before = gateway.facts()
        assert (before.live, before.takes_payments, before.pays_out) == (False, True, True)
        assert before.automatic_payouts
        assert before.methods == {"card", "sepa_debit"}
        assert before.descriptor
        assert before.api_version == before.wanted_version
        assert before.endpoints == ()
        first = gateway.register(HERE)
        second = gateway.register(HERE)
        assert first.startswith("whsec_")
        assert first != second
        [endpoint] = gateway.facts().endpoints
        assert (endpoint.url, endpoint.enabled) == (HERE, True)
        assert endpoint.lacks(WANTED) == frozenset()
        assert endpoint.api_version == before.wanted_version


def test_notices_of_the_stand_in_stay_on_this_machine(tmp_path: Path, clock: FrozenClock) -> None:
    with an_account(tmp_path, clock) as stripe:
        gateway = StripeAccount(stripe.client, live=False)
        with pytest.raises(InvalidInput, match="processor_refused"):
            gateway.register("https://example.org/webhooks/stripe")
