"""What is suggested to a donor, what may be given, and what goes where?

Pure arithmetic in minor units. Amounts follow from the *printed* figures, so that anybody can
redo them by hand.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from offset.errors import InvalidInput
from offset.money import Money, basis_points, exponent

_KG_PER_TONNE: Final = 1000
_FIGURES: Final = 2
_WHOLE: Final = 10_000


class Basis(enum.StrEnum):
    """What a suggested amount rests on."""

    HALF = "half"
    FUEL = "fuel"
    FUEL_AND_NON_CO2 = "fuel_and_non_co2"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An amount to suggest, and the printed tonnes it was computed from."""

    basis: Basis
    tonnes: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Where the cents of a gift go; the three parts sum to the amount given."""

    to_projects: Money
    share: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class CardFee:
    """The card fee as estimated for display; what is booked is what the processor states."""

    basis_points: int
    fixed: int


def printed_tonnes(kilograms: Decimal | int | str) -> Decimal:
    """Return tonnes as the pages print them: two significant figures, half up.

    Raises
    ------
    InvalidInput
        ``estimate_negative``.
    """
    tonnes = Decimal(kilograms) / _KG_PER_TONNE
    if tonnes < 0:
        raise InvalidInput("estimate_negative")
    if not tonnes:
        return Decimal(0)
    last = Decimal(1).scaleb(tonnes.adjusted() - _FIGURES + 1)
    return tonnes.quantize(last, rounding=ROUND_HALF_UP)


def whole_units(tonnes: Decimal, rate_minor: int, currency: str) -> Money:
    """Return printed tonnes × rate in whole units of the currency, half up: 27.50 is 28."""
    one = Decimal(10) ** exponent(currency)
    units = (tonnes * rate_minor / one).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(int(units * one), currency)


def suggestions(
    fuel_kg: Decimal | int | str,
    non_co2_kg: Decimal | int | str | None,
    *,
    rate_minor: int,
    minimum: Money,
) -> tuple[Suggestion, ...]:
    """Suggest half, the fuel's, and the fuel's with the central non-CO2 figure.

    The third is left out where a method states no non-CO2 part of its own. No amount is under
    the minimum.
    """
    fuel = printed_tonnes(fuel_kg)
    bases = [(Basis.HALF, fuel / 2), (Basis.FUEL, fuel)]
    if non_co2_kg is not None:
        bases.append((Basis.FUEL_AND_NON_CO2, fuel + printed_tonnes(non_co2_kg)))
    return tuple(
        Suggestion(basis, tonnes, max(whole_units(tonnes, rate_minor, minimum.currency), minimum))
        for basis, tonnes in bases
    )


def limits_in(limits: Mapping[str, Any], currency: str) -> tuple[Money, Money]:
    """Return the lowest and highest amount in a currency, which may have limits of its own."""
    held = {**limits, **limits.get(currency, {})}
    return Money(held["minimum"], currency), Money(held["maximum"], currency)


def check_amount(amount: Money, limits: Mapping[str, Any]) -> Money:
    """Return the amount when it lies within the limits of the settings.

    Raises
    ------
    InvalidInput
        ``amount_too_small`` or ``amount_too_large``, with the limit.
    """
    lowest, highest = limits_in(limits, amount.currency)
    if amount < lowest:
        raise InvalidInput("amount_too_small", field="amount", limit=lowest)
    if amount > highest:
        raise InvalidInput("amount_too_large", field="amount", limit=highest)
    return amount


def share_of(gross: int, net: int, share_bp: int) -> int:
    """Return the secretariat's share: ⌊gross × share⌋, never more than what is left of the gift."""
    return min(basis_points(gross, share_bp), max(net, 0))


def card_fee(amount: Money, fee: CardFee) -> Money:
    """Estimate the card fee of an amount for display, half up, never more than the amount."""
    part = (amount.minor * fee.basis_points + _WHOLE // 2) // _WHOLE + fee.fixed
    return Money(min(part, amount.minor), amount.currency)


def breakdown(amount: Money, *, share_bp: int, fee: CardFee) -> Breakdown:
    """Estimate where an amount would go if it were paid by a European card today."""
    estimated = card_fee(amount, fee)
    net = amount - estimated
    share = Money(share_of(amount.minor, net.minor, share_bp), amount.currency)
    return Breakdown(net - share, share, estimated)


def with_fee_covered(amount: Money, fee: CardFee) -> Money:
    """Raise an amount so that about the amount itself remains after the card fee.

    ``⌈(amount + fixed) / (1 − rate)⌉``; nothing is ever booked as "covered".
    """
    raised = -((amount.minor + fee.fixed) * _WHOLE // (fee.basis_points - _WHOLE))
    return Money(raised, amount.currency)


def in_twelve_parts(amount: Money, minimum: Money) -> Money:
    """Return a flight's amount in twelve monthly parts, in whole units, at least the minimum."""
    one = 10 ** exponent(amount.currency)
    units = -(-amount.minor // (12 * one))
    return max(Money(units * one, amount.currency), minimum)


def pro_rata(part: int, whole: int, of: int) -> int:
    """Return ⌊of × part / whole⌋: the share that goes back when ``part`` of a gift does."""
    return of * part // whole
