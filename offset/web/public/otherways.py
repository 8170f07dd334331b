"""What would the same trip emit in another cabin, without its stops, over land; how much is that?

Everything is a pure function of a trip and its data set, computed once and kept.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from flask_babel import lazy_gettext as _l  # the name that extraction looks for

from calculators.flight import alternatives
from calculators.flight.alternatives import AirportsOwn, ByLand, CabinFigure, Direct
from calculators.flight.equivalents import Equivalent, equivalents
from offset.web.public.figures import KEPT, computed
from offset.web.public.trips import Trip

MODES: Final = {
    "rail": _l("By train"),
    "coach": _l("By coach"),
    "car": _l("By car"),
}
LAND_NOTES: Final = {
    "shortest_way": _l("the shortest way over land: tracks and roads are longer"),
    "british_factor": _l("a British average, used where no factor of the country is at hand"),
    "whole_vehicle": _l("the whole vehicle, whoever sits in it"),
}
EQUIVALENTS: Final = {
    "car_km": _l("as much as driving %(amount)s km in an average British car"),
    "heated_square_metres": _l(
        "as much as heating %(amount)s m² of a French home with gas for a year"
    ),
}
SUMS: Final = {
    "car_km": _l("Kilometres in an average British car"),
    "heated_square_metres": _l("Square metres of a French home heated with gas for a year"),
}


@dataclass(frozen=True)
class OtherWays:
    """The trip done otherwise, and things of the size of its figure."""

    cabins: tuple[CabinFigure, ...]
    direct: Direct | None
    land: ByLand | None
    airports: AirportsOwn
    equivalents: tuple[Equivalent, ...]


@lru_cache(maxsize=KEPT)
def other_ways(trip: Trip) -> OtherWays:
    """Compute what stands beside an estimate for comparison."""
    itinerary = trip.itinerary()
    # Neither airports nor ways over land ask for the aircraft, which may be a private jet's.
    bare = replace(itinerary, legs=tuple(replace(leg, aircraft=None) for leg in itinerary.legs))
    return OtherWays(
        cabins=alternatives.other_cabins(itinerary, trip.method, trip.data),
        direct=alternatives.direct(itinerary, trip.method, trip.data),
        land=alternatives.by_land(bare, trip.data),
        airports=alternatives.airports_own(bare, trip.data),
        equivalents=equivalents(computed(trip).co2e_kg, trip.data),
    )
