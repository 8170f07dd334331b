"""How does an empty Stripe object look, and which names do objects carry?

Objects are built from the package's own annotations: every promised field is there, nullable ones
are null, an enum starts with its first value. What a stand-in forgets can so not be missing.
"""

import hashlib
import json
import typing
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from stripe import ListObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

from offset.sandbox.stripe import contract

Body = dict[str, Any]

PREFIXES: Final[Mapping[str, str]] = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "charge": "ch_",
    "refund": "re_",
    "balance_transaction": "txn_",
    "payout": "po_",
    "dispute": "du_",
    "event": "evt_",
    "customer": "cus_",
    "item": "li_",
    "price": "price_",
    "product": "prod_",
    "request": "req_",
    "bank_account": "ba_",
    "mandate": "mandate_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "invoice": "in_",
    "line_item": "il_",
    "invoice_payment": "inpay_",
    "topup": "tu_",
    "webhook_endpoint": "we_",
    "billing_portal.session": "bps_",
    "billing_portal.configuration": "bpc_",
}
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 24
# Stripe leaves these out of an answer unless they are asked for with `expand`.
_ON_REQUEST: Final = frozenset({("checkout.session", "line_items"), ("charge", "refunds")})
# Groups of fifty payment methods: Stripe leaves out those that are not meant.
_LEAN: Final = frozenset({"payment_method_details", "payment_method_options"})
_PLAIN: Final[Mapping[Any, Any]] = {str: "", int: 0, bool: False, float: 0.0, Decimal: "0"}


def make_id(kind: str, number: int, seed: str) -> str:
    """Make the id of the n-th object of a kind; the same seed gives the same ids again."""
    digest = int.from_bytes(hashlib.sha256(f"{seed}:{kind}:{number}".encode()).digest())
    letters = []
    for _ in range(_LENGTH):
        digest, rest = divmod(digest, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return PREFIXES[kind] + "".join(letters)


def blank(kind: str, **values: Any) -> Body:
    """Build an object of a kind with every promised field, then fill in what is known.

    Raises
    ------
    TypeError
        When a value is given for a field that the object does not have.
    """
    owner: type = get_object_class("V1", kind)
    body: Body = json.loads(_template(kind))
    unknown = set(values) - set(contract.fields(owner)) - {"object"}
    if unknown:
        raise TypeError(f"{kind} has no {', '.join(sorted(unknown))}")
    return body | values


@cache
def _template(kind: str) -> str:
    """Build once, read often: reading gives every object its own nested groups."""
    return json.dumps(_blank(get_object_class("V1", kind)) | {"object": kind})


def part(kind: str, *names: str, **values: Any) -> Body:
    """Build a nested group, such as ``part("charge", "payment_method_details", "card")``."""
    lean: Body = json.loads(_part_template(kind, names))
    return lean | values


@cache
def _part_template(kind: str, names: tuple[str, ...]) -> str:
    owner: Any = get_object_class("V1", kind)
    for name in names:
        owner = next(o for o in _reach(contract.fields(owner)[name]) if contract.is_resource(o))
    return json.dumps(
        {
            name: value
            for name, value in _blank(owner).items()
            if value is not None or names[-1] not in _LEAN
        }
    )


def _reach(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, looking into a list."""
    return tuple(
        inner
        for member in contract.options(kind)
        for inner in (typing.get_args(member) if typing.get_origin(member) is list else (member,))
    )


def _blank(owner: type) -> Body:
    name = contract.object_name(owner)
    return {
        field: _empty(field, kind)
        for field, kind in contract.fields(owner).items()
        if (name, field) not in _ON_REQUEST
    }


def _empty(field: str, kind: Any) -> Any:
    if contract.may_be_absent(kind):
        return None
    first = contract.options(kind)[0]
    origin = typing.get_origin(first) or first
    if origin is list:
        return []
    if origin is ListObject:
        return {"object": "list", "data": [], "has_more": False, "url": ""}
    if origin is UntypedStripeObject or origin is dict:
        return {}
    if isinstance(origin, type) and issubclass(origin, StripeObject):
        return {n: v for n, v in _blank(origin).items() if v is not None or field not in _LEAN}
    literals = typing.get_args(first)
    return literals[0] if literals else _PLAIN[origin]
