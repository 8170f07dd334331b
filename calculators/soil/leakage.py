"""What is left of a change after leakage and a buffer against reversal?

::

    LK_ER = LK × ER / (ER + CR)      LK_CR = LK × CR / (ER + CR)
    net   = ER + CR − LK             buffer = b × CR, of gross removals, before leakage
    conservative = net − buffer

The order is that of VM0042 v2.2 as a secondary source traces it (unverified against its text). The
platform issues nothing: the result is an internal, conservative figure.
"""

from dataclasses import dataclass
from typing import Final

from calculators.soil.refusals import SoilRefused, within

METHOD: Final = "leakage-and-buffer"
VERSION: Final = "1"
USUAL_BUFFER_PERCENT: Final = (10.0, 30.0)
"""Usual range of land-use schemes [%]; unverified. Each project states its own and why."""


@dataclass(frozen=True)
class Account:
    """What was gained, and what is taken off. All in one unit, such as tCO2e.

    Attributes
    ----------
    reductions, removals, leakage : float
        Emission reductions, gross removals, and emissions moved elsewhere.
    leakage_of_reductions, leakage_of_removals : float
        The leakage shared pro rata.
    net : float
        Reductions and removals less leakage.
    buffer : float
        Kept aside against reversal.
    conservative : float
        Net less buffer.
    buffer_reason : str
        Why the buffer is as large as it is.
    """

    reductions: float
    removals: float
    leakage: float
    leakage_of_reductions: float
    leakage_of_removals: float
    net: float
    buffer: float
    conservative: float
    buffer_reason: str


def account(
    reductions: float,
    removals: float,
    leakage: float,
    *,
    buffer_percent: float,
    buffer_reason: str,
) -> Account:
    """Take leakage and a buffer off.

    Parameters
    ----------
    reductions, removals, leakage : float
        At least 0, in one unit.
    buffer_percent : float
        Share of gross removals kept aside [%], 0 to 100.
    buffer_reason : str
        Why.

    Raises
    ------
    SoilRefused
        ``leakage_unshared`` where leakage meets neither reductions nor removals: no split by
        halves is invented; ``bare_buffer`` without a reason; ``value_impossible``.
    """
    for name, value in (("reductions", reductions), ("removals", removals), ("leakage", leakage)):
        within(name, value)
    within("buffer [%]", buffer_percent, most=100)
    if not buffer_reason.strip():
        raise SoilRefused("bare_buffer")
    gained = reductions + removals
    if gained == 0 and leakage > 0:
        raise SoilRefused("leakage_unshared", leakage=leakage)
    share = leakage / gained if gained else 0.0
    net = gained - leakage
    buffer = removals * buffer_percent / 100
    return Account(
        reductions=reductions,
        removals=removals,
        leakage=leakage,
        leakage_of_reductions=share * reductions,
        leakage_of_removals=share * removals,
        net=net,
        buffer=buffer,
        conservative=net - buffer,
        buffer_reason=buffer_reason.strip(),
    )
