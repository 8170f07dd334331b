"""Who gives again and again, and with which card or account?"""

from collections.abc import Mapping
from typing import Any, Final

from offset.sandbox.stripe.desk import ApiFault, Desk, not_offered
from offset.sandbox.stripe.objects import Body, part

_OFFERED: Final = frozenset(
    {
        "email",
        "name",
        "metadata",
        "description",
        "preferred_locales",
        "invoice_settings",
        "expand",
    }
)


def create(desk: Desk, wish: Mapping[str, Any]) -> Body:
    """Create a customer.

    Raises
    ------
    ApiFault
        400 for what the stand-in does not offer.
    """
    _check(wish)
    customer = desk.make(
        "customer",
        balance=0,
        delinquent=False,
        email=wish.get("email") or None,
        invoice_settings=part("customer", "invoice_settings"),
        metadata=dict(wish.get("metadata") or {}),
        name=wish.get("name") or None,
        description=wish.get("description"),
        next_invoice_sequence=1,
        preferred_locales=list(wish.get("preferred_locales") or []),
        tax_exempt="none",
    )
    customer["invoice_prefix"] = customer["id"][-8:].upper()
    desk.shelf.save(customer)
    desk.tell("customer.created", customer)
    return customer


def update(desk: Desk, customer_id: str, wish: Mapping[str, Any]) -> Body:
    """Change a customer.

    Raises
    ------
    ApiFault
        404, or 400 for what the stand-in does not offer.
    """
    _check(wish)
    customer = desk.find("customer", customer_id)
    before = dict(customer)
    plain = ("email", "name", "description", "preferred_locales")
    customer.update({name: wish[name] or None for name in plain if name in wish})
    if "metadata" in wish:
        customer["metadata"] = merged(customer["metadata"], wish["metadata"])
    default = (wish.get("invoice_settings") or {}).get("default_payment_method")
    if default:
        owned(desk, default, customer_id)
        customer["invoice_settings"] = {
            **customer["invoice_settings"],
            "default_payment_method": default,
        }
    desk.shelf.save(customer)
    desk.tell("customer.updated", customer, before=before)
    return customer


def merged(old: Mapping[str, str] | None, new: Mapping[str, str] | str) -> dict[str, str]:
    """Merge metadata as Stripe does: an empty value takes a key away, an empty string all."""
    if not isinstance(new, Mapping):
        return {}
    return {name: value for name, value in {**(old or {}), **new}.items() if value}


def attach(desk: Desk, payment: Body, customer: Body) -> None:
    """Keep a card or an account for later payments of this customer."""
    if payment["customer"] is None:
        payment["customer"] = customer["id"]
        desk.shelf.save(payment)
        desk.tell("payment_method.attached", payment)


def owned(desk: Desk, payment_id: str, customer_id: str) -> Body:
    """Return a payment method of a customer.

    Raises
    ------
    ApiFault
        404; 400 when it belongs to somebody else.
    """
    payment = desk.find("payment_method", payment_id)
    if payment["customer"] != customer_id:
        raise ApiFault(
            400,
            "The payment method must be attached to the customer.",
            param="default_payment_method",
        )
    return payment


def _check(wish: Mapping[str, Any]) -> None:
    for name in wish:
        if name not in _OFFERED:
            raise not_offered(name)
    for name in wish.get("invoice_settings") or {}:
        if name != "default_payment_method":
            raise not_offered(f"invoice_settings[{name}]")
