"""Is the Stripe account set as our books need it, and do its notices reach us?"""

import contextlib
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import stripe

from offset.gateways.stripe_client import understood
from offset.gateways.stripe_facts import READERS
from offset.giving.account_ports import AccountFacts, Endpoint

# Every kind of notice that we book from; Stripe names them in its own list of event types.
WANTED: Final = frozenset(READERS)
_PAGE: Final = 100


class StripeAccount:
    """Our account at Stripe, behind the port ``AccountGateway``."""

    def __init__(self, client: stripe.StripeClient, *, live: bool) -> None:
        self._client = client
        self._live = live

    def facts(self) -> AccountFacts:
        """Read the account and its webhook endpoints.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        with understood():
            account = self._client.v1.accounts.retrieve_current()
            found = self._client.v1.webhook_endpoints.list({"limit": _PAGE})
        settings: Any = account.settings or {}
        payouts = getattr(settings, "payouts", None)
        payments = getattr(settings, "payments", None)
        headers = account.last_response.headers if account.last_response else {}
        return AccountFacts(
            account_id=account.id or "",
            live=self._live,
            takes_payments=bool(account.charges_enabled),
            pays_out=bool(account.payouts_enabled),
            automatic_payouts=payouts is not None and payouts.schedule.interval != "manual",
            descriptor=(payments.statement_descriptor or "") if payments else "",
            methods=_active(account.capabilities),
            api_version=str(headers.get("Stripe-Version", "")),
            wanted_version=stripe.api_version,
            said_at=_instant(headers.get("Date")),
            endpoints=tuple(_endpoint(one) for one in found.data),
            wanted_kinds=WANTED,
        )

    def register(self, url: str) -> str:
        """Register our address for every kind we book, in place of an older registration.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        InvalidInput
            ``processor_refused``.
        """
        with understood():
            old = [
                one.id
                for one in self._client.v1.webhook_endpoints.list({"limit": _PAGE}).data
                if one.url == url
            ]
            wish: Any = {
                "url": url,
                "enabled_events": sorted(WANTED),
                "api_version": stripe.api_version,
            }
            made = self._client.v1.webhook_endpoints.create(wish)
            for endpoint_id in old:
                self._client.v1.webhook_endpoints.delete(endpoint_id)
        return made.secret or ""


def _endpoint(one: stripe.WebhookEndpoint) -> Endpoint:
    return Endpoint(
        endpoint_id=one.id,
        url=one.url,
        enabled=one.status == "enabled",
        api_version=one.api_version,
        kinds=frozenset(one.enabled_events),
    )


def _active(capabilities: Any) -> frozenset[str]:
    """Name what donors can pay with, as far as the account says."""
    told: dict[str, str] = capabilities.to_dict() if capabilities else {}
    return frozenset(
        name.removesuffix("_payments")
        for name, state in told.items()
        if state == "active" and name.endswith("_payments")
    )


def _instant(told: str | None) -> datetime | None:
    with contextlib.suppress(TypeError, ValueError):
        return parsedate_to_datetime(told or "")
    return None
