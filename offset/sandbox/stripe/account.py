"""What is the account like, and where do its notices go? What a ready list asks of Stripe."""

from collections.abc import Mapping
from typing import Any, Final

from offset.config import is_loopback
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.objects import Body, blank, part

_ID: Final = "acct_stand_in"
DESCRIPTOR: Final = "SOIL GIFTS"


def account(desk: Desk) -> Body:
    """Return the account; the control panel sets whether payouts are automatic."""
    manual = desk.shelf.setting("manual_payouts", default=False)
    descriptor = desk.shelf.setting("descriptor", default=DESCRIPTOR)
    schedule = part("account", "settings", "payouts", "schedule")
    schedule |= {"interval": "manual" if manual else "daily", "delay_days": 2}
    payouts = part("account", "settings", "payouts") | {"schedule": schedule}
    payments = part("account", "settings", "payments") | {"statement_descriptor": descriptor}
    settings = part("account", "settings") | {"payouts": payouts, "payments": payments}
    return blank(
        "account",
        id=_ID,
        charges_enabled=True,
        payouts_enabled=True,
        details_submitted=True,
        country="FR",
        default_currency="eur",
        capabilities={"card_payments": "active", "sepa_debit_payments": "active"},
        settings=settings,
        type="standard",
    )


def endpoints(desk: Desk) -> Body:
    """List the one address that notices go to, where there is one."""
    return {
        "object": "list",
        "url": "/v1/webhook_endpoints",
        "has_more": False,
        "data": [_told(desk)] if desk.shelf.setting("webhook_url") else [],
    }


def register(desk: Desk, wish: Mapping[str, Any]) -> Body:
    """Send notices to another address; its secret is told here and never again.

    Raises
    ------
    ApiFault
        400 for an address that is not on this machine.
    """
    url = str(wish.get("url", ""))
    if not is_loopback(url):
        raise ApiFault(400, "The stand-in sends notices to this machine only.", param="url")
    number = int(desk.shelf.setting("webhook_number", default=0)) + 1
    secret = f"whsec_{desk.new_id('webhook_endpoint').removeprefix('we_')}"
    for name, value in (
        ("webhook_url", url),
        ("webhook_secret", secret),
        ("webhook_kinds", list(wish.get("enabled_events") or [])),
        ("webhook_version", wish.get("api_version")),
        ("webhook_number", number),
    ):
        desk.shelf.set(name, value)
    return _told(desk) | {"secret": secret}


def remove(desk: Desk, _: Mapping[str, Any], endpoint_id: str) -> Body:
    """Forget an address; one that was replaced is forgotten already."""
    if endpoint_id == _told(desk)["id"]:
        desk.shelf.set("webhook_url", "")
    return blank(
        "webhook_endpoint", id=endpoint_id, status="disabled", created=desk.at, deleted=True
    )


def _told(desk: Desk) -> Body:
    number = int(desk.shelf.setting("webhook_number", default=0))
    return blank(
        "webhook_endpoint",
        id=f"we_{number:024d}",
        url=desk.shelf.setting("webhook_url", default=""),
        status="enabled",
        # before anybody registered: what the demonstration set by hand sends everything
        enabled_events=desk.shelf.setting("webhook_kinds", default=["*"]),
        api_version=desk.shelf.setting("webhook_version"),
        created=desk.at,
        livemode=False,
    )
