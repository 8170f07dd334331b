"""What happens by itself while time passes, and in which order?

Every object that time will change carries the moment as its private note ``due``.
"""

from collections.abc import Callable, Mapping
from typing import Final

from offset.sandbox.stripe import checkout, debits, disputes, invoices, payouts, refunds
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.objects import Body

_DAY: Final = 86_400
_FARTHEST: Final = 5 * 366 * _DAY

ACTS: Final[Mapping[str, Callable[[Desk, Body], object]]] = {
    "checkout.session": checkout.expire_if_due,
    "charge": debits.fall_due,
    "subscription": invoices.renew,
    "invoice": invoices.retry,
    "payout": payouts.fall_due,
    "refund": refunds.fall_due,
    "dispute": disputes.fall_due,
}


def advance(desk: Desk, until: int) -> int:
    """Let time pass, each thing dated at its own moment; return how many things happened.

    Raises
    ------
    ApiFault
        400 for a way back or too long a way.
    """
    start, count = desk.at, 0
    if not 0 <= until - start <= _FARTHEST:
        raise ApiFault(400, "The clock goes ahead only, five years at most.", param="advance")
    while (found := _next(desk, start, until)) is not None:
        moment, act = found
        desk.at = moment
        act()
        count += 1
    desk.at = until
    return count


def _next(desk: Desk, start: int, until: int) -> tuple[int, Callable[[], object]] | None:
    """Return what comes next; things that were due before the start happen at the start."""
    found = desk.shelf.next_due(until)
    midnight = _midnight(desk, until)
    if midnight is not None and (found is None or midnight < found[0]):
        return midnight, lambda: payouts.pay_out_daily(desk)
    if found is None:
        return None
    moment, body = found
    return max(moment, start, desk.at), lambda: ACTS[body["object"]](desk, body)


def _midnight(desk: Desk, until: int) -> int | None:
    """Return the next midnight when payouts leave by themselves."""
    if not desk.shelf.setting("auto_payout", default=False):
        return None
    midnight = (desk.at // _DAY + 1) * _DAY
    return midnight if midnight <= until else None
