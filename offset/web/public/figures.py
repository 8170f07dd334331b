"""Which figures does the estimate page print, and where do they come from?

One calculation a method and nothing stored: the page is a function of the address and of the
settings that hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from calculators.flight.airports import Place
from calculators.flight.distance import great_circle_points
from calculators.flight.itinerary import Estimate, estimate
from calculators.flight.methods.figures import MethodInfo
from offset.giving.shares import (
    Breakdown,
    CardFee,
    Suggestion,
    breakdown,
    printed_tonnes,
    suggestions,
)
from offset.money import OFFERED, Money
from offset.people.settings import Current
from offset.web.charts import EstimateAxis, Interval, estimate_axis
from offset.web.maps import Track
from offset.web.public.texts import METHODS, compared
from offset.web.public.trips import Trip

SETTINGS: Final = (
    "rate",
    "share_bp",
    "amount_limits",
    "preselected_amount",
    "card_fee_estimate",
    "refund_days",
    "issuer",
)
_KG: Final = 1000


@dataclass(frozen=True)
class Tonnes:
    """A figure in tonnes as it is printed: the central value and its range, equally precise."""

    central: Decimal
    low: Decimal | None
    high: Decimal | None

    @property
    def places(self) -> int:
        """How many decimals are printed."""
        return max(0, -int(self.central.as_tuple().exponent))


@dataclass(frozen=True)
class Other:
    """What another published method says about the same trip."""

    info: MethodInfo
    kilograms: float


@dataclass(frozen=True)
class Terms:
    """What holds for contributions at this moment: rate, share, fee, limits, receiver."""

    currency: str
    rate: Money
    rate_version: int
    share_bp: int
    fee: CardFee
    minimum: Money
    maximum: Money
    preselected: str
    refund_days: int
    receiver: str
    country: str

    def split(self, amount: Money) -> Breakdown:
        """Say where the cents of an amount would go."""
        return breakdown(amount, share_bp=self.share_bp, fee=self.fee)


@dataclass(frozen=True)
class Offer:
    """A suggested amount, its reason, its split, and whether it is chosen at first."""

    suggestion: Suggestion
    split: Breakdown
    chosen: bool


@dataclass(frozen=True)
class Sheet:
    """Everything the estimate page prints about a trip and its emissions."""

    trip: Trip
    estimate: Estimate
    fuel: Tonnes
    non_co2: Tonnes | None
    burned_kg: float | None
    refined_kg: float | None
    others: tuple[Other, ...]
    axis: EstimateAxis


def tonnes(central: float, low: float | None = None, high: float | None = None) -> Tonnes:
    """Round a figure to two significant figures and its range to the same decimals."""
    printed = printed_tonnes(str(central))

    def alike(kilograms: float | None) -> Decimal | None:
        if kilograms is None:
            return None
        return (Decimal(str(kilograms)) / _KG).quantize(printed, rounding=ROUND_HALF_UP)

    return Tonnes(printed, alike(low), alike(high))


def sheet(trip: Trip) -> Sheet:
    """Compute a trip by its own method and by those it is compared with."""
    own = estimate(trip.itinerary(), trip.method, trip.data)
    others = tuple(
        Other(told.method, told.co2e_kg)
        for told in (
            estimate(trip.itinerary(), method, trip.data) for method in compared(trip.method)
        )
    )
    apart = own.non_co2
    return Sheet(
        trip=trip,
        estimate=own,
        fuel=tonnes(own.co2e_kg, own.low_kg, own.high_kg),
        non_co2=tonnes(apart.central_kg, apart.low_kg, apart.high_kg) if apart else None,
        burned_kg=_sum([leg.ttw_kg for leg in own.legs], own.travellers),
        refined_kg=_sum([leg.wtt_kg for leg in own.legs], own.travellers),
        others=others,
        axis=_axis(own, others),
    )


def _axis(own: Estimate, others: Sequence[Other]) -> EstimateAxis:
    apart = own.non_co2
    return estimate_axis(
        Interval(
            own.co2e_kg if own.low_kg is None else own.low_kg,
            own.co2e_kg,
            own.co2e_kg if own.high_kg is None else own.high_kg,
        ),
        Interval(apart.low_kg, apart.central_kg, apart.high_kg) if apart else None,
        [(other.info.id, METHODS[other.info.id][0], other.kilograms) for other in others],
    )


def _sum(parts: Sequence[float | None], travellers: int) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) * travellers if len(known) == len(parts) else None


def terms(settings: Mapping[str, Current], currency: str) -> Terms:
    """Read the terms of a contribution from the settings, in a currency we offer."""
    currency = currency if currency in OFFERED else OFFERED[0]
    value: dict[str, Any] = {name: settings[name].value for name in SETTINGS}
    return Terms(
        currency=currency,
        rate=Money(value["rate"][currency], currency),
        rate_version=settings["rate"].version,
        share_bp=value["share_bp"],
        fee=CardFee(**value["card_fee_estimate"]),
        minimum=Money(value["amount_limits"]["minimum"], currency),
        maximum=Money(value["amount_limits"]["maximum"], currency),
        preselected=value["preselected_amount"],
        refund_days=value["refund_days"],
        receiver=value["issuer"]["legal_name"],
        country=value["issuer"]["country"],
    )


def offers(told: Sheet, held: Terms) -> tuple[Offer, ...]:
    """Suggest amounts for a trip, equal ones once, each with its split."""
    apart = told.estimate.non_co2
    made = suggestions(
        str(told.estimate.co2e_kg),
        str(apart.central_kg) if apart else None,
        rate_minor=held.rate.minor,
        minimum=held.minimum,
    )
    # On a short hop all three may be the minimum: an amount is offered once.
    distinct = {one.amount.minor: one for one in made}.values()
    wanted = next((one for one in made if one.basis.value == held.preselected), made[0])
    return tuple(
        Offer(one, held.split(one.amount), one.amount == wanted.amount) for one in distinct
    )


def tracks(trip: Trip) -> tuple[Track, ...]:
    """Return the legs as lines on a map."""
    return tuple(Track(_label(a), _label(b), great_circle_points(a, b)) for a, b in trip.legs)


def _label(place: Place) -> str:
    return f"{place.city} {place.code}" if place.city else place.code
