"""How much may be moved by hand: what no gift waits in, what was earned and not drawn?"""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.errors import Refused
from offset.giving.models import Donation
from offset.ledger import balances, chart
from offset.money import Money

POOL: Final = "Liabilities:Fund:Pool:"
RESTRICTED: Final = "Liabilities:Fund:Restricted:"


def free_of_gifts(session: Session, fund: str, currency: str) -> Money:
    """Return what a fund holds beyond the gifts that wait in it."""
    code = fund.removeprefix(RESTRICTED) if fund.startswith(RESTRICTED) else ""
    tag = code.rpartition(":")[0]
    waiting = session.scalar(
        select(func.coalesce(func.sum(Donation.unallocated), 0)).where(
            Donation.settled_currency == currency,
            Donation.fund_tag == tag,
            Donation.unallocated > 0,
        )
    )
    return balances.held(session, fund) - Money(int(waiting or 0), currency)


def undrawn_share(session: Session, currency: str) -> Money:
    """Return the share that was earned and neither drawn nor put into the reserve."""
    drawn = balances.balance(session, chart.operating(currency))
    return balances.held(session, chart.share(currency)) - drawn


def within(amount: Money, free: Money) -> None:
    """Hold an amount against what is free.

    Raises
    ------
    Refused
        ``amount_above_balance``.
    """
    if amount > free:
        raise Refused("amount_above_balance", field="amount", available=free)
