"""What do tests of monthly gifts start from? A page in subscription mode, and a paid one."""

from typing import Any

from tests.builders.stripe import Account

MONTHLY: dict[str, Any] = {
    "mode": "subscription",
    "line_items": [
        {
            "quantity": 1,
            "price_data": {
                "currency": "eur",
                "unit_amount": 1000,
                "recurring": {"interval": "month"},
                "product_data": {"name": "Monthly contribution"},
            },
        }
    ],
    "success_url": "http://127.0.0.1:9/paid?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1:9/cancelled",
}


def a_monthly_page(account: Account, **more: Any) -> str:
    """A Checkout Session for a monthly gift of 10.00 EUR; return its id."""
    wish: Any = {"subscription_data": {"metadata": {"donation": "D-1"}}, **MONTHLY, **more}
    return account.client.v1.checkout.sessions.create(wish).id


def a_monthly_gift(account: Account, **more: Any) -> str:
    """A monthly gift whose first month is paid by card; return its subscription's id."""
    session = a_monthly_page(account, **more)
    assert account.control.pay(session, email="ada@example.org", name="Ada") == "paid"
    return str(account.client.v1.checkout.sessions.retrieve(session).subscription)
