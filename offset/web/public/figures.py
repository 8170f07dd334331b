"""Which figures does the estimate page print, and where do they come from?

One calculation a method and nothing stored: the page is a function of the address and of the
settings that hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final

from calculators.errors import FlightError
from calculators.flight.airports import Place
from calculators.flight.datasets import dataset
from calculators.flight.distance import great_circle_points
from calculators.flight.itinerary import DEFAULT, METHOD_IDS, Estimate, estimate
from calculators.flight.methods.figures import MethodInfo
from calculators.flight.non_co2 import NONE, treatments
from calculators.flight.why import Reasons, main_reasons
from offset.giving.shares import (
    Breakdown,
    CardFee,
    Suggestion,
    breakdown,
    limits_in,
    printed_tonnes,
    suggestions,
)
from offset.money import OFFERED, Money
from offset.people.settings import Current
from offset.web.charts import Family, Interval, MethodAxis, method_axis
from offset.web.maps import Track
from offset.web.public import texts
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
KEPT: Final = 512  # trips whose figures are kept in memory
_PRIVATE: Final = "private-jet"


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
class Said:
    """What one published method says about a trip, and what to mention beside it."""

    info: MethodInfo
    kilograms: float
    non_co2_kg: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Treated:
    """Non-CO2 effects by one published relation, and whether the reader chose it."""

    id: str
    kilograms: Interval | None
    bounds: str
    source: str
    chosen: bool


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
    treatments: tuple[Treated, ...]
    burned_kg: float | None
    refined_kg: float | None
    others: tuple[Said, ...]
    axis: MethodAxis


def tonnes(central: float, low: float | None = None, high: float | None = None) -> Tonnes:
    """Round a figure to two significant figures and its range to the same decimals."""
    printed = printed_tonnes(str(central))

    def alike(kilograms: float | None) -> Decimal | None:
        if kilograms is None:
            return None
        return (Decimal(str(kilograms)) / _KG).quantize(printed, rounding=ROUND_HALF_UP)

    return Tonnes(printed, alike(low), alike(high))


@lru_cache(maxsize=KEPT)
def computed(trip: Trip) -> Estimate:
    """Compute a trip by its own method; a pure function of the trip and its data set."""
    return estimate(trip.itinerary(), trip.method, trip.data)


@lru_cache(maxsize=KEPT)
def all_said(trip: Trip) -> tuple[Said, ...]:
    """Compute a trip by every method there is; one that cannot answer it is left out."""
    found: list[Said] = []
    for method in METHOD_IDS:
        try:
            told = estimate(trip.itinerary(), method, trip.data)
        except FlightError:
            continue
        apart = told.non_co2.central_kg if told.non_co2 else None
        found.append(Said(told.method, told.co2e_kg, apart, told.notes))
    return tuple(found)


@lru_cache(maxsize=KEPT)
def compared(trip: Trip, start: str, end: str) -> Reasons:
    """Walk from one method's figure to another's; a pure function of the trip and the two."""
    return main_reasons(trip.itinerary(), end, start, trip.data)


def reasons(trip: Trip) -> Reasons | None:
    """Compare a trip's own method with the one its reader knows, or with the default."""
    first = texts.current(texts.first_family(trip.country))
    other = first if first != trip.method else DEFAULT
    try:
        return compared(trip, trip.method, other)
    except FlightError:
        return None


def sheet(trip: Trip) -> Sheet:
    """Compute a trip by its own method and by those it is compared with."""
    own = computed(trip)
    others = _in_order(trip, [said for said in all_said(trip) if said.info.id != trip.method])
    treated = _treatments(trip, own)
    apart = next((one.kilograms for one in treated if one.chosen), None)
    return Sheet(
        trip=trip,
        estimate=own,
        fuel=tonnes(own.co2e_kg, own.low_kg, own.high_kg),
        non_co2=tonnes(apart.central, apart.low, apart.high) if apart else None,
        treatments=treated,
        burned_kg=_sum([leg.ttw_kg for leg in own.legs], own.travellers),
        refined_kg=_sum([leg.wtt_kg for leg in own.legs], own.travellers),
        others=others,
        axis=_axis(own, apart, others),
    )


def _treatments(trip: Trip, own: Estimate) -> tuple[Treated, ...]:
    """Tell the non-CO2 effects of a trip by every relation there is, as none at the end."""
    if own.non_co2 is None:
        return ()
    data = dataset(trip.data)
    known = treatments(data)
    # The interval is a ratio to the CO2 of the traveller's fuel: one tells them all.
    own_way = own.non_co2
    co2 = own_way.central_kg / known[own_way.treatment].central
    chosen = trip.treatment or own_way.treatment
    as_stored = Interval(own_way.low_kg, own_way.central_kg, own_way.high_kg)
    told = [
        Treated(
            one.id,
            as_stored if one.id == own_way.treatment else Interval(*one.of_co2(co2)),
            one.bounds,
            f"{one.source.title}, {one.source.version}",
            one.id == chosen,
        )
        for one in known.values()
    ]
    return (*told, Treated(NONE, None, "", "", chosen == NONE))


def _in_order(trip: Trip, said: Sequence[Said]) -> tuple[Said, ...]:
    """Put the reader's own publisher first, then the highest, editions of one side by side."""
    first = texts.first_family(trip.country)
    leading: dict[str, float] = {}
    for one in said:
        family = texts.family(one.info.id)
        if family not in leading or texts.is_current(one.info.id):
            leading[family] = one.kilograms

    def rank(one: Said) -> tuple[bool, float, str, bool, int, str]:
        family, info = texts.family(one.info.id), one.info
        current = texts.is_current(info.id)
        return family != first, -leading[family], family, not current, -info.year, info.id

    return tuple(sorted(said, key=rank))


def _axis(own: Estimate, apart: Interval | None, others: Sequence[Said]) -> MethodAxis:
    return method_axis(
        Interval(
            own.co2e_kg if own.low_kg is None else own.low_kg,
            own.co2e_kg,
            own.co2e_kg if own.high_kg is None else own.high_kg,
        ),
        apart,
        _families(own, others),
    )


def _families(own: Estimate, others: Sequence[Said]) -> list[Family]:
    """Group what others say by publisher; a private jet that dwarfs all is in the list only."""
    comparable = max([own.co2e_kg, *(one.kilograms for one in others if one.info.id != _PRIVATE)])
    editions: dict[str, list[tuple[str, float]]] = {}
    for one in others:
        if one.info.id != _PRIVATE or one.kilograms <= comparable:
            editions.setdefault(texts.family(one.info.id), []).append((one.info.id, one.kilograms))
    return [(family, texts.family_name(family), told) for family, told in editions.items()]


def _sum(parts: Sequence[float | None], travellers: int) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) * travellers if len(known) == len(parts) else None


def terms(settings: Mapping[str, Current], currency: str) -> Terms:
    """Read the terms of a contribution from the settings, in a currency we offer."""
    currency = currency if currency in OFFERED else OFFERED[0]
    value: dict[str, Any] = {name: settings[name].value for name in SETTINGS}
    lowest, highest = limits_in(value["amount_limits"], currency)
    return Terms(
        currency=currency,
        rate=Money(value["rate"][currency], currency),
        rate_version=settings["rate"].version,
        share_bp=value["share_bp"],
        fee=CardFee(**value["card_fee_estimate"]),
        minimum=lowest,
        maximum=highest,
        preselected=value["preselected_amount"],
        refund_days=value["refund_days"],
        receiver=value["issuer"]["legal_name"],
        country=value["issuer"]["country"],
    )


def offers(told: Sheet, held: Terms) -> tuple[Offer, ...]:
    """Suggest amounts for a trip, equal ones once, each with its split."""
    apart = next((one.kilograms for one in told.treatments if one.chosen), None)
    made = suggestions(
        str(told.estimate.co2e_kg),
        str(apart.central) if apart else None,
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
