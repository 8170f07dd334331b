"""How does the house reach Stripe, read its amounts, and understand its refusals?"""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import stripe

from offset.errors import Conflict, InvalidInput, NotFound, OffsetError, TryLater
from offset.money import Money, exponent

Body = Mapping[str, Any]

_CONNECT_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 20.0
_RETRIES: Final = 2
_NOT_FOUND: Final = 404
# Where Stripe's smallest unit is not that of ISO 4217 (docs.stripe.com/currencies, zero-decimal
# currencies); every other currency we can meet counts as the standard says.
_UNITS: Final[Mapping[str, int]] = {"MGA": 0}
_log = logging.getLogger(__name__)


def connect(
    key: str, base: str, *, http_client: stripe.HTTPClient | None = None
) -> stripe.StripeClient:
    """Build the one client of this process; a retry carries the same idempotency key."""
    # At its finest the package logs whole answers, with donors' names and addresses in them.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=_RETRIES,
        http_client=http_client or transport(),
    )


def transport() -> stripe.HTTPClient:
    """Build a connection pool with patience that fits a person waiting for a page."""
    return stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS))


def from_stripe(amount: int, currency: str) -> Money:
    """Read an amount in Stripe's smallest units.

    Raises
    ------
    InvalidInput
        ``currency_unknown``.
    """
    code = currency.upper()
    places = exponent(code)
    return Money(amount * _factor(code, places), code)


def _factor(code: str, places: int) -> int:
    return int(10 ** (places - _UNITS.get(code, places)))


def to_stripe(amount: Money) -> int:
    """Write an amount in Stripe's smallest units.

    Raises
    ------
    InvalidInput
        ``amount_too_precise`` when Stripe has no such small unit.
    """
    places = exponent(amount.currency)
    units, rest = divmod(amount.minor, _factor(amount.currency, places))
    if rest:
        raise InvalidInput("amount_too_precise", field="amount", text=str(amount), places=0)
    return units


def instant(seconds: int) -> datetime:
    """Read an instant as Stripe writes it."""
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: Any) -> str | None:
    """Return the id of a field that holds an id, a whole object, or nothing."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return None if found is None else str(found)


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Turn Stripe's errors into ours.

    Raises
    ------
    TryLater
        ``processor_unreachable``: no answer, too many requests, a fault on Stripe's side, or a key
        that Stripe refuses; nothing was booked.
    NotFound
        ``processor_object_unknown``.
    Conflict
        ``processor_key_reused``: this attempt was made before with other values.
    InvalidInput
        ``processor_refused`` with the parameter and Stripe's code.
    """
    try:
        yield
    except stripe.StripeError as fault:
        # Its message may quote what a person typed or part of a key: neither belongs in a log.
        _log.warning(
            "stripe: %s status=%s code=%s request=%s",
            type(fault).__name__,
            fault.http_status,
            fault.code,
            fault.request_id,
        )
        raise _ours(fault) from fault


def _ours(fault: stripe.StripeError) -> OffsetError:
    if isinstance(fault, stripe.IdempotencyError):
        return Conflict("processor_key_reused")
    if isinstance(fault, stripe.InvalidRequestError | stripe.CardError):
        if fault.http_status == _NOT_FOUND or fault.code == "resource_missing":
            return NotFound("processor_object_unknown")
        return InvalidInput("processor_refused", param=fault.param, reason=fault.code)
    return TryLater("processor_unreachable", reason=type(fault).__name__)
