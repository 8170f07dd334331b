from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stripe

from offset.errors import Conflict, InvalidInput, NotFound, OffsetError, TryLater
from offset.gateways import stripe_client
from offset.money import Money
from tests.builders.stripe import Account, a_live_account, a_request, an_account
from tests.fakes import FrozenClock


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


@pytest.mark.parametrize(
    ("units", "money"),
    [
        (2500, Money(2500, "EUR")),
        (500, Money(500, "JPY")),
        (1000, Money(1000, "KWD")),
        (500, Money(50_000, "MGA")),
        (-1, Money(-1, "USD")),
        (0, Money(0, "CHF")),
    ],
)
def test_amounts_cross_in_their_smallest_unit(units: int, money: Money) -> None:
    assert stripe_client.from_stripe(units, money.currency.lower()) == money
    assert stripe_client.to_stripe(money) == units


def test_an_amount_stripe_cannot_write_is_refused() -> None:
    with pytest.raises(InvalidInput, match="amount_too_precise"):
        stripe_client.to_stripe(Money(50_001, "MGA"))


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(InvalidInput, match="currency_unknown"):
        stripe_client.from_stripe(1, "xxx")


def test_instants_are_utc() -> None:
    assert stripe_client.instant(0) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("value", "found"), [("a", "a"), ({"id": "a"}, "a"), (None, None)])
def test_a_reference_is_an_id_or_a_whole_object(value: object, found: str | None) -> None:
    assert stripe_client.id_of(value) == found


def test_the_client_speaks_the_pinned_version(account: Account) -> None:
    answer = account.client.v1.balance.retrieve().last_response
    assert answer is not None
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive" == stripe.api_version


@pytest.mark.parametrize(
    ("fault", "ours"),
    [
        (stripe.RateLimitError("slow", http_status=429), TryLater("processor_unreachable")),
        (stripe.APIError("broken", http_status=500), TryLater("processor_unreachable")),
        (stripe.APIConnectionError("away"), TryLater("processor_unreachable")),
        (stripe.AuthenticationError("key", http_status=401), TryLater("processor_unreachable")),
        (stripe.IdempotencyError("key", http_status=400), Conflict("processor_key_reused")),
        (
            stripe.InvalidRequestError("no", "id", code="resource_missing", http_status=404),
            NotFound("processor_object_unknown"),
        ),
        (
            stripe.InvalidRequestError("no", "amount", code="x", http_status=400),
            InvalidInput("processor_refused", param="amount", reason="x"),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_their_refusals_become_ours(fault: stripe.StripeError, ours: OffsetError) -> None:
    with pytest.raises(type(ours), match=ours.code) as told, stripe_client.understood():
        raise fault
    assert dict(ours.parameters).items() <= dict(told.value.parameters).items()


def test_a_log_never_quotes_them(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TryLater), stripe_client.understood():
        raise stripe.AuthenticationError("Invalid API Key provided: sk_test_secret")
    assert "AuthenticationError" in caplog.text
    assert "sk_test_secret" not in caplog.text


def test_a_wrong_key_is_not_our_donors_fault(account: Account) -> None:
    account.client._requestor._options.api_key = "sk_test_other"  # noqa: SLF001 - a key that was revoked meanwhile
    with pytest.raises(TryLater, match="AuthenticationError"):
        account.checkout.open(a_request())


def test_the_pool_of_connections_reaches_a_live_server(tmp_path: Path, clock: FrozenClock) -> None:
    with a_live_account(tmp_path, clock) as live:
        assert live.opened().url.startswith(f"{live.url}/c/pay/cs_test_")
